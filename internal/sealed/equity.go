package sealed

import (
	"encoding/json"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/engine"
)

// Equity is what the customer base is worth.
type Equity struct {
	Locked
	Customers int64          `json:"customers"`
	LastDay   calendar.Day   `json:"last_day"`
	Model     EquityModel    `json:"model"`
	Spend     EquityModel    `json:"spend"`
	Terms     EquityTerms    `json:"terms"`
	Base      EquityPart     `json:"base"`
	Groups    []EquityGroups `json:"groups"`
	Top       []EquityShare  `json:"concentration"`
	Change    []EquityMove   `json:"change"`
	New       int64          `json:"new_customers"`
	Lost      int64          `json:"lost_customers"`
	ToCome    EquityToCome   `json:"to_come"`
	Quiet     EquityQuiet    `json:"quiet"`
	Check     *EquityCheck   `json:"check"`
}

// EquityModel is a fitted model, or why there is none.
type EquityModel struct {
	evidence.Refusal
	Name        string            `json:"name"`
	Customers   float64           `json:"customers"`
	Parameters  []EquityParameter `json:"parameters"`
	Correlation evidence.Figure   `json:"correlation_with_frequency"`
}

// EquityParameter is a parameter with its standard error.
type EquityParameter struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	SE    float64 `json:"se"`
}

// EquityTerms are what value rests on beside behaviour.
type EquityTerms struct {
	Discount *float64        `json:"discount_rate"`
	Margin   evidence.Figure `json:"margin"`
	Margins  []EquityMargin  `json:"margins"`
	Returns  evidence.Figure `json:"returns"`
}

// EquityMargin is the margin of a segment.
type EquityMargin struct {
	Name   string          `json:"name"`
	Rest   bool            `json:"all_others"`
	Margin evidence.Figure `json:"margin"`
}

// EquityPart is a part of the base, or the whole.
type EquityPart struct {
	Name      string          `json:"name"`
	Rest      bool            `json:"all_others"`
	Customers int64           `json:"customers"`
	Alive     evidence.Figure `json:"alive"`
	Purchases evidence.Figure `json:"purchases_next_year"`
	Revenue   evidence.Figure `json:"revenue_next_year"`
	Value     evidence.Figure `json:"value"`
}

// EquityGroups are the parts of one dimension.
type EquityGroups struct {
	Name   string       `json:"name"`
	Groups []EquityPart `json:"groups"`
}

// EquityShare is how much of the value the most valuable customers have.
type EquityShare struct {
	Name  string          `json:"name"`
	Share evidence.Figure `json:"share"`
}

// EquityMove is a line of the change of value.
type EquityMove struct {
	Name  string          `json:"name"`
	Value evidence.Figure `json:"value"`
}

// EquityToCome are the customers of the next years.
type EquityToCome struct {
	Years    int             `json:"years"`
	Arrivals evidence.Figure `json:"arrivals"`
	Each     evidence.Figure `json:"each"`
	Value    evidence.Figure `json:"value"`
	CostEach evidence.Figure `json:"cost_each"`
	After    evidence.Figure `json:"value_after_cost"`
}

// EquityQuiet are the customers who bought twice or more and are likelier gone than not.
type EquityQuiet struct {
	Customers int64           `json:"customers"`
	AtStake   evidence.Figure `json:"at_stake"`
}

// EquityCheck is the hold-out.
type EquityCheck struct {
	HeldOut     calendar.Period  `json:"held_out"`
	Of          string           `json:"of"` // revenue or purchases
	Missed      float64          `json:"missed"`
	NaiveMissed float64          `json:"naive_missed"`
	Purchases   EquityError      `json:"error_of_purchases"`
	Revenue     *EquityError     `json:"error_of_revenue"`
	Total       EquityForecast   `json:"total"`
	Cohorts     []EquityForecast `json:"cohorts"`
	Tenths      []EquityForecast `json:"tenths"`
	Parts       []EquityForecast `json:"parts"`
}

// EquityError is by how much cohorts were missed on average, its standard error, and how many cohorts of equal weight tell it.
type EquityError struct {
	Mean    float64 `json:"mean"`
	SE      float64 `json:"se"`
	Cohorts float64 `json:"cohorts_of_equal_weight"`
}

// EquityForecast is what was foretold beside what came.
type EquityForecast struct {
	Name              string   `json:"name"`
	Customers         int64    `json:"customers"`
	PurchasesForetold float64  `json:"purchases_foretold"`
	Purchases         int64    `json:"purchases"`
	PurchasesNaive    *int64   `json:"purchases_naive"`
	RevenueForetold   *float64 `json:"revenue_foretold"`
	Revenue           *float64 `json:"revenue"`
	RevenueNaive      *float64 `json:"revenue_naive"`
}

// Labels are how the parts are called where they are shown: by their names in the books, or by the words for those of which there is
// none, each unlike the others.
func (g EquityGroups) Labels(notKnown, others string) []string {
	var names []string
	for _, p := range g.Groups {
		if p.Name != "" && !p.Rest {
			names = append(names, p.Name)
		}
	}
	shown, said := Labels(names, []string{notKnown, others})
	out := make([]string, 0, len(g.Groups))
	for _, p := range g.Groups {
		switch {
		case p.Rest:
			out = append(out, said[1])
		case p.Name == "":
			out = append(out, said[0])
		default:
			out, shown = append(out, shown[0]), shown[1:]
		}
	}
	return out
}

// Open tells whether there is an equity statement with figures.
func (e *Equity) Open() bool { return e != nil && e.Refused == "" }

// NaiveBetter tells whether the naive forecast came nearer than the model.
func (c *EquityCheck) NaiveBetter() bool { return c != nil && c.NaiveMissed < c.Missed }

// Models are the fitted models as they answer about one customer; ok is false where the document has none.
func (e *Equity) Models() (life clv.ParetoNBD, spend clv.GammaGamma, priced, ok bool) {
	if !e.Open() {
		return life, spend, false, false
	}
	p := values(e.Model.Parameters)
	life = clv.ParetoNBD{R: p["r"], Alpha: p["alpha"], S: p["s"], Beta: p["beta"]}
	s := values(e.Spend.Parameters)
	spend = clv.GammaGamma{P: s["p"], Q: s["q"], Gamma: s["gamma"]}
	return life, spend, len(s) > 0, len(p) == 4
}

func values(of []EquityParameter) map[string]float64 {
	out := map[string]float64{}
	for _, p := range of {
		out[p.Name] = p.Value
	}
	return out
}

// MarginOf is the margin of a segment; the whole's for one that is not named.
func (t EquityTerms) MarginOf(segment string) *big.Rat {
	for _, m := range t.Margins {
		if e, ok := m.Margin.Estimate(); ok && m.Name == segment && !m.Rest {
			return e.Value
		}
	}
	if e, ok := t.Margin.Estimate(); ok {
		return e.Value
	}
	return nil
}

// UnmarshalJSON reads a model or its refusal.
func (m *EquityModel) UnmarshalJSON(data []byte) error {
	var is struct {
		Refused     string            `json:"refused"`
		Need        string            `json:"need"`
		Name        string            `json:"name"`
		Customers   float64           `json:"customers"`
		Parameters  []EquityParameter `json:"parameters"`
		Correlation json.RawMessage   `json:"correlation_with_frequency"`
	}
	if err := json.Unmarshal(data, &is); err != nil {
		return err
	}
	*m = EquityModel{Refusal: evidence.Refusal{Reason: is.Refused, Need: is.Need}, Name: is.Name, Customers: is.Customers, Parameters: is.Parameters}
	if is.Correlation == nil {
		return nil
	}
	return json.Unmarshal(is.Correlation, &m.Correlation)
}

func worth(of func(*Equity) (evidence.Figure, bool)) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		f, ok := of(d.Equity)
		return Value{Figure: f}, ok && f.Err() == nil
	}
}

func always(of func(*Equity) evidence.Figure) func(*Document, Block) (Value, bool) {
	return worth(func(e *Equity) (evidence.Figure, bool) { return of(e), true })
}

func movedBy(name string) func(*Document, Block) (Value, bool) {
	return worth(func(e *Equity) (evidence.Figure, bool) {
		for _, m := range e.Change {
			if m.Name == name {
				return m.Value, true
			}
		}
		return evidence.Figure{}, false
	})
}

func topOf(name string) func(*Document, Block) (Value, bool) {
	return worth(func(e *Equity) (evidence.Figure, bool) {
		for _, t := range e.Top {
			if t.Name == name {
				return t.Share, true
			}
		}
		return evidence.Figure{}, false
	})
}

const (
	pareto  = "Schmittlein, Morrison & Colombo, Counting your customers, Management Science 33(1), 1987"
	dert    = "Fader, Hardie & Lee, RFM and CLV: using iso-value curves for customer base analysis, Journal of Marketing Research 42(4), 2005"
	spendBy = "Colombo & Jiang, Journal of Interactive Marketing 13(3), 1999; Fader & Hardie, note 025 (2013)"
	ce      = "Blattberg & Deighton, Harvard Business Review, July 1996; Rust, Lemon & Zeithaml, Journal of Marketing 68(1), 2004"
)

// equityDefinitions are the figures of what the base is worth.
var equityDefinitions = []Definition{
	{
		Name: "base.value", Label: "What today’s customers are worth", Unit: Expected, Source: dert,
		Meaning: "What all purchases that are still to come from everyone who ever bought are worth today: margin × expected spend × expected purchases, those of later years counted for less.",
		Formula: "Σ margin × returns × E[spend] × discounted expected purchases", value: always(func(e *Equity) evidence.Figure { return e.Base.Value }),
	},
	{
		Name: "base.alive", Label: "Likely customers still", Unit: Foretold, Source: pareto,
		Meaning: "How many of everyone who ever bought are likely to be customers still, each counted by the probability that they are.",
		Formula: "Σ P(alive)", value: always(func(e *Equity) evidence.Figure { return e.Base.Alive }),
	},
	{
		Name: "base.purchases_next_year", Label: "Their purchases in the next year", Unit: Foretold, Source: pareto,
		Meaning: "On how many days they are expected to buy in the twelve months after the period. A purchase is a day on which a customer’s lines come to more than nothing.",
		Formula: "Σ E[purchases within 365.25 days]", value: always(func(e *Equity) evidence.Figure { return e.Base.Purchases }),
	},
	{
		Name: "base.revenue_next_year", Label: "Their revenue in the next year", Unit: Expected, Source: spendBy,
		Meaning: "What they are expected to spend in the twelve months after the period, net of what comes back, not discounted.",
		Formula: "Σ returns × E[spend] × E[purchases within 365.25 days]", value: always(func(e *Equity) evidence.Figure { return e.Base.Revenue }),
	},
	{
		Name: "terms.margin", Label: "Margin of the value", Unit: Share, On: Rows, Source: ours,
		Meaning: "What the lines of the last twelve months earned of each unit of revenue, over all segments. Each segment’s value is counted at its own.",
		Formula: "gross profit ÷ revenue of the lines whose profit is known", value: always(func(e *Equity) evidence.Figure { return e.Terms.Margin }),
	},
	{
		Name: "terms.returns", Label: "What is left after returns", Unit: Share, Source: ours,
		Meaning: "Net revenue of the last twelve months as a share of what was bought on days of purchase. What comes back on other days lowers the value of all alike.",
		Formula: "Σ r ÷ Σ r of the days of purchase", value: always(func(e *Equity) evidence.Figure { return e.Terms.Returns }),
	},
	{
		Name: "concentration.top_1.share", Label: "Held by the most valuable 1%", Unit: Share, Source: dert,
		Meaning: "How much of the value lies with the most valuable hundredth of everyone who ever bought.", value: topOf("top_1"),
	},
	{
		Name: "concentration.top_10.share", Label: "Held by the most valuable 10%", Unit: Share, Source: dert,
		Meaning: "How much of the value lies with the most valuable tenth of everyone who ever bought.", value: topOf("top_10"),
	},
	{
		Name: "concentration.top_20.share", Label: "Held by the most valuable 20%", Unit: Share, Source: dert,
		Meaning: "How much of the value lies with the most valuable fifth of everyone who ever bought.", value: topOf("top_20"),
	},
	{
		Name: "change.opening.value", Label: "Worth when the period opened", Unit: Expected, Source: ours,
		Meaning: "What everyone who had bought by then was worth, by a model of what was known then and the margin of the year before.", value: movedBy("opening"),
	},
	{
		Name: "change.new.value", Label: "New customers", Unit: Expected, Source: ours,
		Meaning: "What those are worth at the end who first bought in the period.", value: movedBy("new"),
	},
	{
		Name: "change.lost.value", Label: "Gone quiet", Unit: Expected, Source: ours,
		Meaning: "How the value of those fell who were likelier customers than not when the period opened, and at its end no longer are.",
		Formula: "Σ change of value of customers whose P(alive) fell below ½", value: movedBy("lost"),
	},
	{
		Name: "change.behaviour.value", Label: "Behaviour of the others", Unit: Expected, Source: ours,
		Meaning: "How the value of all other customers changed: by what they bought, how much they spent, and the purchases that lay ahead and now lie behind.", value: movedBy("behaviour"),
	},
	{
		Name: "change.margin.value", Label: "Margin and returns", Unit: Expected, Source: ours,
		Meaning: "What the opening base is worth at the margin and returns of the last twelve months, less what it was worth at those of the twelve months before the opening.", value: movedBy("margin"),
	},
	{
		Name: "change.model.value", Label: "The model itself", Unit: Expected, Source: ours,
		Meaning: "What the opening base is worth by the model fitted to what is known at the end, less what it was worth by the model fitted to what was known at the opening. Nobody bought more or less for it.", value: movedBy("model"),
	},
	{
		Name: "change.closing.value", Label: "Worth at the end", Unit: Expected, Source: ours,
		Meaning: "What everyone who ever bought is worth at the end of the period.",
		Formula: "opening + new + gone quiet + behaviour + margin + model", value: movedBy("closing"),
		work: work("{change.opening.value} + {change.new.value} + {change.lost.value} + {change.behaviour.value} + {change.margin.value} + {change.model.value}"),
	},
	{
		Name: "quiet.at_stake", Label: "At stake with those gone quiet", Unit: Expected, Source: pareto, Behind: engine.Quiet,
		Meaning: "What is as good as lost with customers who bought twice or more and are likelier gone than not: what they would be worth were they certainly customers still, less what they are worth.",
		Formula: "Σ value ÷ P(alive) × (1 − P(alive)) over those with P(alive) < ½", value: always(func(e *Equity) evidence.Figure { return e.Quiet.AtStake }),
	},
	{
		Name: "to_come.arrivals", Label: "New customers a year", Unit: Foretold, Source: ours,
		Meaning: "How many customers come in a year if as many come as in the last twelve months. How wide the interval is says how much the years before differed.", value: always(func(e *Equity) evidence.Figure { return e.ToCome.Arrivals }),
	},
	{
		Name: "to_come.each", Label: "Worth of one new customer", Unit: Expected, Source: dert,
		Meaning: "What a new customer is worth on the day of the first purchase: that purchase and all that are expected to follow, before what it cost to win them.", value: always(func(e *Equity) evidence.Figure { return e.ToCome.Each }),
	},
	{
		Name: "to_come.value", Label: "What customers to come are worth", Unit: Expected, Source: ce,
		Meaning: "What the new customers of the next five years are worth today if as many come each year as in the last, before what it costs to win them. It is no part of what today’s customers are worth.",
		Formula: "Σ arrivals × worth of one ÷ (1 + discount rate)^year, over five years", value: always(func(e *Equity) evidence.Figure { return e.ToCome.Value }),
	},
	{
		Name: "to_come.cost_each", Label: "Cost of winning one of them", Unit: Worth, Source: ours,
		Meaning: "What a new customer of the last twelve months cost to win, as the statement of profit has it. It is taken to stay as it was, and is that of the average customer, not of one more.",
		Formula: "costs of kind acquire ÷ new customers", value: always(func(e *Equity) evidence.Figure { return e.ToCome.CostEach }),
	},
	{
		Name: "to_come.value_after_cost", Label: "What they are worth after that cost", Unit: Expected, Source: ce,
		Meaning: "What the new customers of the next five years are worth today, each after what winning one costs. Below nothing they cost more than they bring.",
		Formula: "Σ arrivals × (worth of one − cost of winning one) ÷ (1 + discount rate)^year, over five years", value: always(func(e *Equity) evidence.Figure { return e.ToCome.After }),
	},
}

// EquityDimensions are what the groups of each dimension are called, by name.
var EquityDimensions = map[string]string{"segment": "Segment", "entity": "Brand or legal entity", "acquisition": "How they came", "cohort": "Year of the first purchase"}
