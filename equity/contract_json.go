package equity

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

type pledgedJSON struct {
	Customers int64           `json:"customers"`
	Monthly   number          `json:"monthly"`
	Stay      evidence.Figure `json:"stay"`
	Revenue   evidence.Figure `json:"revenue_next_year"`
	Value     evidence.Figure `json:"value"`
}

func (f ContractFigures) json() pledgedJSON {
	return pledgedJSON{f.Customers, number(f.Monthly), f.Stay, f.Revenue, f.Value}
}

type renewedJSON struct {
	Name      string  `json:"name"`
	Customers int64   `json:"customers"`
	Foretold  number  `json:"stay_foretold"`
	Stayed    int64   `json:"stayed"`
	Monthly   *number `json:"monthly_foretold,omitempty"`
	Paid      *number `json:"monthly,omitempty"`
	Naive     *number `json:"monthly_naive,omitempty"`
}

func (c ContractCheck) row(f Forecast, money bool) renewedJSON {
	out := renewedJSON{Name: f.Name, Customers: f.Customers, Foretold: number(f.Purchases), Stayed: f.Bought}
	if money {
		of := [...]number{number(f.Revenue), number(f.Brought), number(f.NaiveRevenue)}
		out.Monthly, out.Paid = &of[0], &of[1]
		if c.Naive {
			out.Naive = &of[2]
		}
	}
	return out
}

// MarshalJSON writes the check.
func (c ContractCheck) MarshalJSON() ([]byte, error) {
	out := struct {
		Period  calendar.Period `json:"held_out"`
		Missed  number          `json:"missed"`
		Naive   *number         `json:"naive_missed,omitempty"`
		Left    errorJSON       `json:"error_of_customers"`
		Money   errorJSON       `json:"error_of_revenue"`
		Total   renewedJSON     `json:"total"`
		Cohorts []renewedJSON   `json:"cohorts"`
		Tenths  []renewedJSON   `json:"tenths"`
		Parts   []renewedJSON   `json:"parts"`
	}{Period: calendar.Period{Start: c.Cut, End: c.Until}, Missed: number(c.Missed), Left: c.Purchases.json(), Money: c.Revenue.json(), Total: c.row(c.Total, true), Cohorts: []renewedJSON{}, Tenths: []renewedJSON{}}
	if c.Naive {
		n := number(c.NaiveMissed)
		out.Naive = &n
	}
	out.Total.Name = "all"
	for _, f := range c.Cohorts {
		out.Cohorts = append(out.Cohorts, c.row(f, true))
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

type kindJSON struct {
	Name      string      `json:"name"`
	Months    int         `json:"months"`
	Customers int64       `json:"customers"`
	Monthly   number      `json:"monthly"`
	Model     any         `json:"model"`
	Retention []shareJSON `json:"retention"`
}

type shareJSON struct {
	Name  string `json:"name"`
	Share number `json:"share"`
}

func (k Kind) json() kindJSON {
	out := kindJSON{Name: renewalNames[k.Months], Months: k.Months, Customers: k.Customers, Monthly: number(k.Monthly), Retention: []shareJSON{}}
	if k.Model == nil {
		out.Model = evidence.Locked{Refused: k.Lacks.Reason, UnlockedBy: k.Lacks.Need}
		return out
	}
	out.Model = struct {
		Name       string          `json:"name"`
		Contracts  number          `json:"contracts"`
		Left       number          `json:"left"`
		Parameters []parameterJSON `json:"parameters"`
		Likelihood number          `json:"log_likelihood"`
	}{k.Model.Name, number(k.Model.Contracts), number(k.Model.Left), parametersOf(k.Model.Names, k.Model.Values, func(i int) float64 { return k.Model.SE[i] }), number(k.Model.LogLikelihood)}
	for i, r := range k.Retention {
		out.Retention = append(out.Retention, shareJSON{strconv.Itoa(i + 1), number(r)})
	}
	return out
}

type pledgedPartJSON struct {
	Name string `json:"name"`
	Rest bool   `json:"all_others,omitempty"`
	pledgedJSON
}

type unjudgedJSON struct {
	Customers int64  `json:"customers"`
	Monthly   number `json:"monthly"`
}

// MarshalJSON writes the statement.
func (s ContractStatement) MarshalJSON() ([]byte, error) {
	if err := s.Err(); err != nil {
		return nil, err
	}
	type groups struct {
		Name   Dimension         `json:"name"`
		Groups []pledgedPartJSON `json:"groups"`
	}
	type movement struct {
		Name  string          `json:"name"`
		Value evidence.Figure `json:"value"`
	}
	out := struct {
		Until     string          `json:"last_day"`
		Customers int64           `json:"customers"`
		Monthly   number          `json:"monthly"`
		Renewals  []kindJSON      `json:"renewals"`
		Terms     any             `json:"terms"`
		Base      pledgedJSON     `json:"base"`
		Groups    []groups        `json:"groups"`
		Change    []movement      `json:"change"`
		Came      int64           `json:"new_customers"`
		Went      int64           `json:"lost_customers"`
		Unjudged  unjudgedJSON    `json:"unjudged"`
		Both      evidence.Figure `json:"with_orders"`
		Check     ContractCheck   `json:"check"`
	}{
		Until: (s.Until - 1).String(), Customers: s.Customers, Monthly: number(s.Monthly), Terms: s.terms(), Base: s.Base.json(), Groups: []groups{}, Came: s.Came, Went: s.Went,
		Unjudged: unjudgedJSON{s.Unjudged.Customers, number(s.Unjudged.Monthly)}, Both: s.WithOrders, Check: s.Check,
	}
	for _, k := range s.Kinds {
		out.Renewals = append(out.Renewals, k.json())
	}
	for _, d := range ContractDimensions {
		if len(s.Parts[d]) == 0 {
			continue
		}
		g := groups{Name: d}
		for _, p := range s.Parts[d] {
			g.Groups = append(g.Groups, pledgedPartJSON{p.Name, p.Rest, p.json()})
		}
		out.Groups = append(out.Groups, g)
	}
	for _, m := range s.Change {
		out.Change = append(out.Change, movement{m.Name, m.Figure})
	}
	return json.Marshal(out)
}

func (s ContractStatement) terms() any {
	out := struct {
		Discount *number         `json:"discount_rate"`
		Margin   evidence.Figure `json:"margin"`
		Margins  []marginJSON    `json:"margins"`
	}{Margin: s.Terms.Margin, Margins: s.Terms.margins()}
	if s.Discount != nil {
		d := number(*s.Discount)
		out.Discount = &d
	}
	return out
}

// Err tells whether a figure of the statement is none.
func (s ContractStatement) Err() error {
	figures := []evidence.Figure{s.Base.Stay, s.Base.Revenue, s.Base.Value, s.WithOrders}
	for _, parts := range s.Parts {
		for _, p := range parts {
			figures = append(figures, p.Stay, p.Revenue, p.Value)
		}
	}
	for _, m := range s.Change {
		figures = append(figures, m.Figure)
	}
	var errs []error
	for _, f := range figures {
		errs = append(errs, f.Err())
	}
	return errors.Join(errs...)
}
