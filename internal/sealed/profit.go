package sealed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// ProfitLines are the figures of a block of profit, in the order in which they are shown.
var ProfitLines = []string{
	"gross_profit", "cost_to_serve", "cost_assigned", "cost_assigned_share", "profit", "profit_per_customer",
	"peak", "peak_customers", "losing_customers", "losses", "losses_share",
	"acquisition_cost", "acquisition_cost_per_new", "acquisition_cost_per_bought", "acquisition_cost_per_earned", "payback_months",
}

// Profit is what customers left after what serving them took. Its Statement holds the figures, as Rates.
type Profit struct {
	Statement
	N           int64 // customers with a line or a contact; 0 where their profits are refused
	New         map[string]int64
	Known       []KnownProfit
	Serve       []NamedAmount
	Touchpoints []ServedAt
	Deciles     []ProfitGroup
	Curve       []ProfitPoint
	Costs       []NamedAmount
}

// NamedAmount is an amount under a name, or why it is not known.
type NamedAmount struct {
	Name    string        `json:"name"`
	Amount  *money.Amount `json:"amount"`
	Missing string        `json:"missing"`
	Refused string        `json:"refused"`
	Need    string        `json:"need"`
}

// KnownProfit are lines whose profit is known in one way.
type KnownProfit struct {
	Name    string        `json:"name"`
	Lines   int64         `json:"lines"`
	Revenue money.Amount  `json:"revenue"`
	Profit  *money.Amount `json:"gross_profit"`
}

// ServedAt is what serving at one touchpoint cost.
type ServedAt struct {
	Name      string        `json:"name"`
	Cost      *money.Amount `json:"cost"`
	Driver    string        `json:"driver"`
	Units     json.Number   `json:"units"`
	Rate      *string       `json:"cost_per_unit"`
	Contacts  int64         `json:"contacts"`
	Untimed   int64         `json:"contacts_without_time"`
	Customers int64         `json:"customers"`
	Assigned  money.Amount  `json:"assigned"`
	Idle      money.Amount  `json:"without_contacts"`
}

// ProfitGroup is a tenth of the customers.
type ProfitGroup struct {
	Name      string       `json:"name"`
	Customers int64        `json:"customers"`
	Revenue   money.Amount `json:"revenue"`
	Gross     money.Amount `json:"gross_profit"`
	Cost      money.Amount `json:"cost_to_serve"`
	Profit    money.Amount `json:"profit"`
	Least     money.Amount `json:"least"`
	Most      money.Amount `json:"most"`
}

// ProfitPoint is a place on the whale curve.
type ProfitPoint struct {
	Name      string       `json:"name"`
	Customers int64        `json:"customers"`
	Profit    money.Amount `json:"profit"`
	Share     *json.Number `json:"share"`
}

// UnmarshalJSON reads the figures that have a name here and leaves the others.
func (p *Profit) UnmarshalJSON(data []byte) error {
	var blocks map[string]json.RawMessage
	if err := json.Unmarshal(data, &blocks); err != nil {
		return err
	}
	var lists struct {
		Locked
		Period      *calendar.Period `json:"period"`
		N           int64            `json:"customers"`
		New         map[string]int64 `json:"new_customers"`
		Known       []KnownProfit    `json:"known"`
		Serve       []NamedAmount    `json:"serve"`
		Touchpoints []ServedAt       `json:"touchpoints"`
		Deciles     []ProfitGroup    `json:"deciles"`
		Curve       []ProfitPoint    `json:"curve"`
		Costs       []NamedAmount    `json:"costs"`
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&lists); err != nil {
		return fmt.Errorf("profit: %w", err)
	}
	rates, err := named[evidence.Figure](blocks, ProfitLines)
	if err != nil {
		return fmt.Errorf("profit: %w", err)
	}
	*p = Profit{
		Statement: Statement{Locked: lists.Locked, Period: lists.Period, Rates: rates},
		N:         lists.N, New: lists.New, Known: lists.Known, Serve: lists.Serve, Touchpoints: lists.Touchpoints, Deciles: lists.Deciles, Curve: lists.Curve, Costs: lists.Costs,
	}
	if !p.Open() {
		return nil
	}
	if p.Period == nil {
		return errors.New("profit: it names no period")
	}
	return nil
}

// ProfitBlock is a block of profit; nil where there is none.
func (d *Document) ProfitBlock(b Block) *Profit {
	if b == ProfitTrailing {
		return d.ProfitTrailing
	}
	return d.Profit
}

const (
	driven = "Kaplan & Anderson, Time-Driven Activity-Based Costing, Harvard Business Review 82(11), November 2004"
	whale  = "Kaplan & Narayanan, Measuring and Managing Customer Profitability, Journal of Cost Management 15(5), September–October 2001; Cooper & Kaplan, Profit Priorities from Activity-Based Costing, Harvard Business Review 69(3), May–June 1991"
)

// profitDefinitions are the figures of profit.
var profitDefinitions = []Definition{
	{
		Name: "gross_profit", Label: "Gross profit", value: rate("gross_profit"), Unit: Worth, On: Lines, Source: ours,
		Meaning: "What the lines of identified customers brought, less what was sold cost: the cost on the line, or else its share by a stated margin.",
		Formula: "Σ (amount − cost), or amount × margin where the line has no cost",
	},
	{
		Name: "cost_to_serve", Label: "Cost to serve", value: rate("cost_to_serve"), Unit: Worth, On: Rows, Source: driven,
		Meaning: "What departments spent in the period on serving, by the costs book, whoever was served.",
		Formula: "Σ costs of kind serve",
	},
	{
		Name: "cost_assigned", Label: "Cost to serve, led to customers", value: rate("cost_assigned"), Unit: Worth, On: Contacts, Source: driven,
		Meaning: "The part of the cost to serve that was spent on identified customers. A touchpoint's cost over the time, or the contacts, that it spent gives a rate; a customer costs the rate times their own.",
		Formula: "Σ over touchpoints and periods of cost ÷ driver × own driver",
	},
	{
		Name: "cost_assigned_share", Label: "Share of the cost to serve led to customers", value: rate("cost_assigned_share"), Unit: Share, On: Contacts, Source: ours,
		Meaning: "How much of the cost to serve could be led to customers. The rest was spent on callers without an id and on excluded ones, or lies where nobody called.",
		Formula: "cost led to customers ÷ cost to serve", work: work("{cost_assigned} ÷ {cost_to_serve}"),
	},
	{
		Name: "profit", Label: "Profit after cost to serve", value: rate("profit"), Unit: Worth, Source: whale,
		Meaning: "What customers left after what serving them took.",
		Formula: "gross profit − cost led to customers", work: work("{gross_profit} − {cost_assigned}"),
	},
	{
		Name: "profit_per_customer", Label: "Profit per customer", value: rate("profit_per_customer"), Unit: Worth, Source: whale,
		Meaning: "The same for one customer on average, of all with a line or a contact in the period.",
		Formula: "profit ÷ customers",
	},
	{
		Name: "peak", Label: "Peak of the whale curve", value: rate("peak"), Unit: Share, Source: whale,
		Meaning: "What the customers who bring profit bring together, as a share of all profit. What lies above 100% is lost again with the others.",
		Formula: "Σ profit of customers with profit above zero ÷ profit",
	},
	{
		Name: "peak_customers", Label: "Customers who bring profit", value: rate("peak_customers"), Unit: Share, Source: whale,
		Meaning: "The share of customers at the peak of the curve: those whose profit is above zero.",
		Formula: "customers with profit above zero ÷ customers",
	},
	{
		Name: "losing_customers", Label: "Customers who cost more than they bring", value: rate("losing_customers"), Unit: Share, Source: whale,
		Meaning: "The share of customers whose profit is below zero.",
		Formula: "customers with profit below zero ÷ customers",
	},
	{
		Name: "losses", Label: "What they take", value: rate("losses"), Unit: Worth, Source: whale,
		Meaning: "What customers with profit below zero took together.",
		Formula: "Σ profit of customers with profit below zero",
	},
	{
		Name: "losses_share", Label: "What they take, as a share of profit", value: rate("losses_share"), Unit: Share, Source: whale,
		Meaning: "The same as a share of all profit.",
		Formula: "Σ profit of customers with profit below zero ÷ profit", work: work("{losses} ÷ {profit}"),
	},
	{
		Name: "acquisition_cost", Label: "Cost to win customers", value: rate("acquisition_cost"), Unit: Worth, On: Rows, Source: ours,
		Meaning: "What departments spent in the period on winning customers, by the costs book.",
		Formula: "Σ costs of kind acquire",
	},
	{
		Name: "acquisition_cost_per_new", Label: "Cost to win a customer", value: rate("acquisition_cost_per_new"), Unit: Worth, Source: ours,
		Meaning: "The same for one new customer, whoever they came by.",
		Formula: "costs of kind acquire ÷ new customers",
	},
	{
		Name: "acquisition_cost_per_bought", Label: "Cost to win a bought customer", value: rate("acquisition_cost_per_bought"), Unit: Worth, Source: ours,
		Meaning: "What promotion, sales and partners cost for one new customer who came by them. Who came by referral or reputation does not make it cheaper. Where origins are unknown these are bounds.",
		Formula: "costs of kind acquire, without those of acquire_earned, ÷ bought new customers",
	},
	{
		Name: "acquisition_cost_per_earned", Label: "Cost to win an earned customer", value: rate("acquisition_cost_per_earned"), Unit: Worth, Source: ours,
		Meaning: "What referral and reputation programmes cost for one new customer who came by word of mouth.",
		Formula: "costs of kind acquire of acquire_earned ÷ earned new customers",
	},
	{
		Name: "payback_months", Label: "Months until a bought customer is paid back", value: rate("payback_months"), Unit: Spell, Source: ours,
		Meaning: "The first month since the first purchase by whose end new customers, on average, have brought as much gross profit as a bought one cost. Only those who have been here that long are counted.",
		Formula: "first age at which mean cumulative gross profit ≥ cost to win a bought customer",
	},
}
