package equity

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// number prints a float as figures are printed.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	r := evidence.Float(float64(n))
	if r == nil {
		return []byte("null"), nil
	}
	return []byte(money.FormatRate(r)), nil
}

type parameterJSON struct {
	Name  string `json:"name"`
	Value number `json:"value"`
	SE    number `json:"se"`
}

func parametersOf(names []string, values []float64, se func(int) float64) []parameterJSON {
	var out []parameterJSON
	for i, name := range names {
		out = append(out, parameterJSON{name, number(values[i]), number(se(i))})
	}
	return out
}

type figuresJSON struct {
	Customers int64           `json:"customers"`
	Alive     evidence.Figure `json:"alive"`
	Purchases evidence.Figure `json:"purchases_next_year"`
	Revenue   evidence.Figure `json:"revenue_next_year"`
	Value     evidence.Figure `json:"value"`
}

func (f Figures) json() figuresJSON {
	return figuresJSON(f)
}

type partJSON struct {
	Name string `json:"name"`
	Rest bool   `json:"all_others,omitempty"`
	figuresJSON
}

type forecastJSON struct {
	Name      string  `json:"name"`
	Customers int64   `json:"customers"`
	Purchases number  `json:"purchases_foretold"`
	Bought    int64   `json:"purchases"`
	Naive     *int64  `json:"purchases_naive,omitempty"`
	Revenue   *number `json:"revenue_foretold,omitempty"`
	Brought   *number `json:"revenue,omitempty"`
	NaiveR    *number `json:"revenue_naive,omitempty"`
}

func (c Check) row(f Forecast, whole bool) forecastJSON {
	out := forecastJSON{Name: f.Name, Customers: f.Customers, Purchases: number(f.Purchases), Bought: f.Bought}
	if !whole {
		return out
	}
	out.Naive = &f.NaivePurchases
	if c.priced {
		of := [...]number{number(f.Revenue), number(f.Brought), number(f.NaiveRevenue)}
		out.Revenue, out.Brought, out.NaiveR = &of[0], &of[1], &of[2]
	}
	return out
}

type errorJSON struct {
	Mean    number `json:"mean"`
	SE      number `json:"se"`
	Cohorts number `json:"cohorts_of_equal_weight"`
}

func (e Error) json() errorJSON { return errorJSON{number(e.Mean), number(e.SE), number(e.Cohorts)} }

// MarshalJSON writes the check.
func (c Check) MarshalJSON() ([]byte, error) {
	type block struct {
		Period calendar.Period `json:"held_out"`
		Of     string          `json:"of"`
		Missed number          `json:"missed"`
		Naive  number          `json:"naive_missed"`
		Bought errorJSON       `json:"error_of_purchases"`
		Money  *errorJSON      `json:"error_of_revenue,omitempty"`
		Total  forecastJSON    `json:"total"`
		Years  []forecastJSON  `json:"cohorts"`
		Tenths []forecastJSON  `json:"tenths"`
		Parts  []forecastJSON  `json:"parts"`
	}
	out := block{Period: calendar.Period{Start: c.Cut, End: c.Until}, Of: "purchases", Missed: number(c.Missed), Naive: number(c.NaiveMissed), Bought: c.Purchases.json()}
	if c.priced {
		of := c.Revenue.json()
		out.Of, out.Money = "revenue", &of
	}
	out.Total = c.row(c.Total, true)
	out.Total.Name = "all"
	for _, f := range c.Cohorts {
		out.Years = append(out.Years, c.row(f, true))
	}
	for _, f := range c.Tenths {
		f.Name = strconv.Itoa(f.place + 1)
		out.Tenths = append(out.Tenths, c.row(f, true))
	}
	for _, f := range c.Parts {
		out.Parts = append(out.Parts, c.row(f, false))
	}
	return json.Marshal(out)
}

// MarshalJSON writes the statement.
func (s Statement) MarshalJSON() ([]byte, error) {
	if err := s.Err(); err != nil {
		return nil, err
	}
	type groups struct {
		Name   Dimension  `json:"name"`
		Groups []partJSON `json:"groups"`
	}
	type share struct {
		Name  string          `json:"name"`
		Share evidence.Figure `json:"share"`
	}
	type movement struct {
		Name  string          `json:"name"`
		Value evidence.Figure `json:"value"`
	}
	type quiet struct {
		Customers int64           `json:"customers"`
		AtStake   evidence.Figure `json:"at_stake"`
	}
	type toCome struct {
		Years    int             `json:"years"`
		Arrivals evidence.Figure `json:"arrivals"`
		Each     evidence.Figure `json:"each"`
		Value    evidence.Figure `json:"value"`
		Cost     evidence.Figure `json:"cost_each"`
		After    evidence.Figure `json:"value_after_cost"`
	}
	out := struct {
		Until     string      `json:"last_day"`
		Began     string      `json:"books_begin"`
		Customers int64       `json:"customers"`
		Model     any         `json:"model"`
		Spend     any         `json:"spend"`
		Terms     any         `json:"terms"`
		Base      figuresJSON `json:"base"`
		Groups    []groups    `json:"groups"`
		Top       []share     `json:"concentration"`
		Change    []movement  `json:"change"`
		New       int64       `json:"new_customers"`
		Lost      int64       `json:"lost_customers"`
		Quiet     quiet       `json:"quiet"`
		ToCome    toCome      `json:"to_come"`
		Check     Check       `json:"check"`
	}{
		Until: (s.Input.Until - 1).String(), Began: s.Began.String(), Customers: s.Customers, Model: s.Models.life(), Spend: s.Models.spend(), Terms: s.terms(),
		Base: s.Base.json(), Groups: []groups{}, New: s.Moved.NewCustomers, Lost: s.Moved.LostCustomers, Check: s.Check,
		Quiet: quiet{s.Quiet.Customers, s.Quiet.AtStake}, ToCome: toCome{s.ToCome.Years, s.ToCome.Arrivals, s.ToCome.Each, s.ToCome.Value, s.ToCome.CostEach, s.ToCome.AfterCost},
	}
	for _, d := range Dimensions {
		if len(s.Parts[d]) == 0 {
			continue
		}
		g := groups{Name: d}
		for _, p := range s.Parts[d] {
			g.Groups = append(g.Groups, partJSON{p.Name, p.Rest, p.json()})
		}
		out.Groups = append(out.Groups, g)
	}
	for _, t := range s.Top {
		out.Top = append(out.Top, share(t))
	}
	for _, m := range s.Change {
		out.Change = append(out.Change, movement{m.Name, m.Figure})
	}
	return json.Marshal(out)
}

func (m Models) life() any {
	return struct {
		Name       string          `json:"name"`
		Unit       string          `json:"unit"`
		Customers  number          `json:"customers"`
		Parameters []parameterJSON `json:"parameters"`
		Likelihood number          `json:"log_likelihood"`
	}{"pareto-nbd", "day", number(m.Life.Observations), parametersOf(m.Life.Names, m.Life.Values, m.Life.SE), number(m.Life.LogLikelihood)}
}

func (m Models) spend() any {
	if m.Spend == nil {
		return m.Lacks
	}
	return struct {
		Name        string          `json:"name"`
		Customers   number          `json:"customers"`
		Parameters  []parameterJSON `json:"parameters"`
		Likelihood  number          `json:"log_likelihood"`
		Correlation evidence.Figure `json:"correlation_with_frequency"`
	}{"gamma-gamma", number(m.Spend.Observations), parametersOf(m.Spend.Names, m.Spend.Values, m.Spend.SE), number(m.Spend.LogLikelihood), m.correlation()}
}

func (m Models) correlation() evidence.Figure {
	i := m.Spend.Independence
	if math.IsNaN(i.Correlation) || math.IsNaN(i.Low) || math.IsNaN(i.High) {
		return evidence.Refuse("spend or frequency does not differ", "customers who differ")
	}
	return evidence.Confidence(evidence.Float(i.Correlation), evidence.Float(i.Low), evidence.Float(i.High), 0.95, int64(m.Spend.Observations), "Pearson's correlation of the number of purchases and their mean")
}

type marginJSON struct {
	Name   string          `json:"name"`
	Rest   bool            `json:"all_others,omitempty"`
	Margin evidence.Figure `json:"margin"`
}

func (t Terms) margins() []marginJSON {
	out := []marginJSON{}
	for _, m := range t.Margins {
		out = append(out, marginJSON(m))
	}
	return out
}

func (s Statement) terms() any {
	out := struct {
		Discount *number         `json:"discount_rate"`
		Margin   evidence.Figure `json:"margin"`
		Margins  []marginJSON    `json:"margins"`
		Returns  evidence.Figure `json:"returns"`
	}{Margin: s.Terms.Margin, Margins: s.Terms.margins(), Returns: s.Terms.Returns}
	if s.Discount != nil {
		d := number(*s.Discount)
		out.Discount = &d
	}
	return out
}
