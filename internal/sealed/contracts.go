package sealed

import (
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Contracts is what the customers are worth who run under a contract: those of the book of subscriptions.
type Contracts struct {
	Locked
	LastDay    calendar.Day      `json:"last_day"`
	Customers  int64             `json:"customers"`
	Monthly    float64           `json:"monthly"` // what they pay a month, in the document's currency
	Renewals   []ContractRenewal `json:"renewals"`
	Terms      ContractTerms     `json:"terms"`
	Base       ContractPart      `json:"base"`
	Groups     []ContractGroups  `json:"groups"`
	Change     []EquityMove      `json:"change"`
	New        int64             `json:"new_customers"`
	Lost       int64             `json:"lost_customers"`
	Unjudged   ContractUnjudged  `json:"unjudged"`
	WithOrders evidence.Figure   `json:"with_orders"`
	Check      *ContractCheck    `json:"check"`
}

// ContractRenewal are the customers whose contracts renew every so many months, with the model of who does.
type ContractRenewal struct {
	Name      string              `json:"name"` // monthly, quarterly or annual
	Months    int                 `json:"months"`
	Customers int64               `json:"customers"`
	Monthly   float64             `json:"monthly"`
	Model     ContractModel       `json:"model"`
	Retention []ContractRetention `json:"retention"`
}

// ContractModel is a fitted model, or why there is none.
type ContractModel struct {
	Locked
	Name       string            `json:"name"` // sbg, bdw or constant
	Contracts  float64           `json:"contracts"`
	Left       float64           `json:"left"`
	Parameters []EquityParameter `json:"parameters"`
	Likelihood float64           `json:"log_likelihood"`
}

// ContractRetention is the share that renews at the renewal of that number, of those who are there.
type ContractRetention struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"`
}

// ContractTerms are what value rests on beside who renews.
type ContractTerms struct {
	Discount *float64        `json:"discount_rate"`
	Margin   evidence.Figure `json:"margin"`
	Margins  []EquityMargin  `json:"margins"`
}

// ContractPart is a part of those under contract, or all of them.
type ContractPart struct {
	Name      string          `json:"name"`
	Rest      bool            `json:"all_others"`
	Customers int64           `json:"customers"`
	Monthly   float64         `json:"monthly"`
	Stay      evidence.Figure `json:"stay"`
	Revenue   evidence.Figure `json:"revenue_next_year"`
	Value     evidence.Figure `json:"value"`
}

// ContractGroups are the parts of one dimension.
type ContractGroups struct {
	Name   string         `json:"name"`
	Groups []ContractPart `json:"groups"`
}

// ContractUnjudged are the customers of kinds of renewal of which too few have left for a model.
type ContractUnjudged struct {
	Customers int64   `json:"customers"`
	Monthly   float64 `json:"monthly"`
}

// ContractCheck is the hold-out.
type ContractCheck struct {
	HeldOut     calendar.Period    `json:"held_out"`
	Missed      float64            `json:"missed"`
	NaiveMissed *float64           `json:"naive_missed"`
	Customers   EquityError        `json:"error_of_customers"`
	Revenue     *EquityError       `json:"error_of_revenue"`
	Total       ContractForecast   `json:"total"`
	Cohorts     []ContractForecast `json:"cohorts"`
	Tenths      []ContractForecast `json:"tenths"`
	Parts       []ContractForecast `json:"parts"`
}

// ContractForecast is what was foretold of those under contract at the cut beside what came. Parts tell of customers alone.
type ContractForecast struct {
	Name            string   `json:"name"`
	Customers       int64    `json:"customers"`
	StayForetold    float64  `json:"stay_foretold"`
	Stayed          int64    `json:"stayed"`
	MonthlyForetold *float64 `json:"monthly_foretold"`
	Monthly         *float64 `json:"monthly"`
	MonthlyNaive    *float64 `json:"monthly_naive"`
}

// Open tells whether there is a statement of contracts with figures.
func (c *Contracts) Open() bool { return c != nil && c.Refused == "" }

// NaiveBetter tells whether there is a naive forecast and it came nearer than the model.
func (c *ContractCheck) NaiveBetter() bool {
	return c != nil && c.NaiveMissed != nil && *c.NaiveMissed < c.Missed
}

// ContractLeft is what share of those who begin is left after a renewal, and what would be left were each renewal like the first.
type ContractLeft struct{ Share, AsFirst float64 }

// Left is what is left after each renewal of Retention: the product of the shares that the document holds.
func (r ContractRenewal) Left() []ContractLeft {
	out := make([]ContractLeft, len(r.Retention))
	at := ContractLeft{1, 1}
	for i, x := range r.Retention {
		at.Share *= x.Share
		at.AsFirst *= r.Retention[0].Share
		out[i] = at
	}
	return out
}

// Labels are how the parts are called where they are shown, as those of EquityGroups are.
func (g ContractGroups) Labels(notKnown, others string) []string {
	like := EquityGroups{Name: g.Name}
	for _, p := range g.Groups {
		like.Groups = append(like.Groups, EquityPart{Name: p.Name, Rest: p.Rest})
	}
	return like.Labels(notKnown, others)
}

func contracted(of func(*Contracts) evidence.Figure) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		f := of(d.Contracts)
		return Value{Figure: f}, f.Err() == nil
	}
}

func contractsMoved(name string) func(*Document, Block) (Value, bool) {
	return contracted(func(c *Contracts) evidence.Figure {
		for _, m := range c.Change {
			if m.Name == name {
				return m.Value
			}
		}
		return evidence.Figure{}
	})
}

func contractsCount(of func(*Contracts) int64) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) { return Value{Count: of(d.Contracts)}, true }
}

// contractsMoney is an amount that the document holds as a number.
func contractsMoney(of func(*Contracts) float64) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		a, err := money.Parse(strconv.FormatFloat(of(d.Contracts), 'f', money.Scale, 64))
		return Value{Amount: a}, err == nil
	}
}

const (
	renewing    = "Fader & Hardie, How to project customer retention, Journal of Interactive Marketing 21(1), 2007; Fader, Hardie, Liu, Davin & Steenburgh, Journal of Interactive Marketing 43, 2018"
	residual    = "Fader & Hardie, Customer-base valuation in a contractual setting, Marketing Science 29(1), 2010"
	ofContracts = "Σ margin × monthly amount × months paid, discounted"
)

// contractsDefinitions are the figures of what customers under contract are worth.
var contractsDefinitions = []Definition{
	{
		Name: "base.value", Label: "What customers under contract are worth", Unit: Expected, Source: residual,
		Meaning: "What everybody who is under contract on the period’s last day is still to pay is worth today: margin × what they pay a month, for as long as they are expected to renew, later months counted for less. Who has stayed long is likelier to renew than who has just come.",
		Formula: ofContracts, value: contracted(func(c *Contracts) evidence.Figure { return c.Base.Value }),
	},
	{
		Name: "base.customers", Label: "Under contract", Unit: Customers, Source: ours,
		Meaning: "Customers with a paying subscription on the period’s last day.", value: contractsCount(func(c *Contracts) int64 { return c.Base.Customers }),
	},
	{
		Name: "base.monthly", Label: "What they pay a month", Unit: Money, Source: ours,
		Meaning: "What the subscriptions that run on the period’s last day come to in a month.", value: contractsMoney(func(c *Contracts) float64 { return c.Base.Monthly }),
	},
	{
		Name: "base.stay", Label: "There in a year", Unit: Foretold, Source: renewing,
		Meaning: "How many of those under contract today are expected to be so still in a year, each counted by the probability that they renew each time until then.",
		Formula: "Σ P(renews each time within a year), given who is there today", value: contracted(func(c *Contracts) evidence.Figure { return c.Base.Stay }),
	},
	{
		Name: "base.revenue_next_year", Label: "What they will pay in the next year", Unit: Expected, Source: residual,
		Meaning: "What those under contract today are expected to pay in the twelve months after the period at what they pay now, not discounted. New customers are not in it.",
		Formula: "Σ monthly amount × months expected to be paid within a year", value: contracted(func(c *Contracts) evidence.Figure { return c.Base.Revenue }),
	},
	{
		Name: "with_orders", Label: "Worth of orders and contracts together", Unit: Expected, Source: ours,
		Meaning: "What everyone who ever bought is worth by their orders, and what customers under contract are worth by their contracts. The two are told by different books.",
		Formula: "worth of the base by orders + worth under contract", value: contracted(func(c *Contracts) evidence.Figure { return c.WithOrders }),
	},
	{
		Name: "terms.margin", Label: "Margin of the contracts", Unit: Share, On: Rows, Source: ours,
		Meaning: "What is earned of each unit that customers under contract pay, over all segments. Each segment’s value is counted at its own.",
		Formula: "gross profit ÷ revenue whose profit is known", value: contracted(func(c *Contracts) evidence.Figure { return c.Terms.Margin }),
	},
	{
		Name: "change.opening.value", Label: "Worth when the period opened", Unit: Expected, Source: ours,
		Meaning: "What those were worth who were under contract then, by a model of what was known then and the margin of the year before.", value: contractsMoved("opening"),
	},
	{
		Name: "change.new.value", Label: "New under contract", Unit: Expected, Source: ours,
		Meaning: "What those are worth at the end who were not under contract when the period opened.", value: contractsMoved("new"),
	},
	{
		Name: "change.lost.value", Label: "Left", Unit: Expected, Source: ours,
		Meaning: "What those were worth at the opening whose contracts ended in the period.", Formula: "− Σ value at the opening of who is under contract no longer", value: contractsMoved("lost"),
	},
	{
		Name: "change.behaviour.value", Label: "Those who stayed", Unit: Expected, Source: ours,
		Meaning: "How the value of those changed who were under contract at both ends: by what they pay, and because who has renewed once more is likelier to renew again.", value: contractsMoved("behaviour"),
	},
	{
		Name: "change.margin.value", Label: "Margin", Unit: Expected, Source: ours,
		Meaning: "What those of the opening are worth at the margin of the last twelve months, less what they were worth at that of the twelve months before the opening.", value: contractsMoved("margin"),
	},
	{
		Name: "change.model.value", Label: "The model itself", Unit: Expected, Source: ours,
		Meaning: "What those of the opening are worth by the model fitted to what is known at the end, less what they were worth by the model fitted to what was known at the opening. Nobody renewed more or less for it.", value: contractsMoved("model"),
	},
	{
		Name: "change.closing.value", Label: "Worth at the end", Unit: Expected, Source: ours,
		Meaning: "What everybody is worth who is under contract at the end of the period.",
		Formula: "opening + new + left + stayed + margin + model", value: contractsMoved("closing"),
		work: work("{change.opening.value} + {change.new.value} + {change.lost.value} + {change.behaviour.value} + {change.margin.value} + {change.model.value}"),
	},
	{
		Name: "unjudged.customers", Label: "Not judged", Unit: Customers, Source: ours,
		Meaning: "Customers under contract whose kind of renewal has had too few who left for a model. They are among those under contract and in what is paid a month, and in no figure that is foretold.",
		value:   contractsCount(func(c *Contracts) int64 { return c.Unjudged.Customers }),
	},
	{
		Name: "unjudged.monthly", Label: "What those not judged pay a month", Unit: Money, Source: ours,
		Meaning: "What customers pay a month whose kind of renewal has had too few who left for a model.", value: contractsMoney(func(c *Contracts) float64 { return c.Unjudged.Monthly }),
	},
}

// ContractsDimensions are what the groups of each dimension are called, by name.
var ContractsDimensions = map[string]string{"segment": "Segment", "entity": "Brand or legal entity", "acquisition": "How they came", "cohort": "Year in which the contract began", "renewal": "How often they renew"}
