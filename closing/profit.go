package closing

import (
	"context"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/profit"
)

// mostProfitMonths is how many months of a period the payback is looked for.
const mostProfitMonths = 60

// profits adds the statement of profit of the period, and of the twelve months
// that end with a month or quarter.
func (c *Closer) profits(ctx context.Context, ledger Ledger, state State, o Order, doc *document) error {
	if !c.margins(state) && len(state.Prints["costs"]) == 0 {
		doc.Profit = evidence.Locked{
			Refused:    "no line has a cost, no margin is stated, and there is no costs book",
			UnlockedBy: "cost of orders or margin in settings, for gross profit; costs, for what it takes to serve and to win customers",
		}
		return nil
	}
	c.Progress("compute the profit of " + o.Named.Text)
	p, err := c.profitOf(ctx, ledger, state, o, o.Named.Period)
	if err != nil {
		return err
	}
	doc.Profit = p
	if trailing, ok := doc.Trailing.(trailingBlock); ok {
		c.Progress("compute the profit of the twelve months up to " + o.Named.Text)
		p, err := c.profitOf(ctx, ledger, state, o, trailing.Period)
		if err != nil {
			return err
		}
		doc.ProfitTrailing = p
	}
	return nil
}

// margins tells whether anything says what a line earned.
func (c *Closer) margins(state State) bool {
	return len(c.Settings.Margins) > 0 || slices.Contains(state.Mapped["orders"], "cost") && c.Settings.Basis != "subscriptions"
}

func (c *Closer) profitOf(ctx context.Context, ledger Ledger, state State, o Order, p calendar.Period) (profit.Statement, error) {
	in := profit.Input{
		Period: p, Months: c.wholeMonths(o, p), AnyLine: o.Active == growth.AnyLine, Currency: c.Settings.Currency, Earned: c.Settings.AcquireEarned,
		Named:      c.named,
		NoContacts: c.noContacts(state, p),
	}
	if len(state.Prints["costs"]) == 0 {
		in.NoCosts = &evidence.Refusal{Reason: "there is no costs book", Need: "costs: what departments spend, by period and kind"}
	}
	return in.State(ctx, ledger)
}

// named is the period of a name, in the company's calendar.
func (c *Closer) named(name string) (calendar.Period, error) {
	named, err := c.Settings.Calendar.Parse(name)
	return named.Period, err
}

// wholeMonths are the months that make the period, of the company's own
// calendar where the period is; none when they do not make it.
func (c *Closer) wholeMonths(o Order, p calendar.Period) []calendar.Period {
	kind := calendar.Months
	if o.Named.Kind.Fiscal() {
		kind = calendar.FiscalPeriods
	}
	months, err := c.Settings.Calendar.Split(kind, p)
	if err != nil || len(months) == 0 || len(months) > mostProfitMonths || months[0].Start != p.Start || months[len(months)-1].End != p.End {
		return nil
	}
	out := make([]calendar.Period, len(months))
	for i, m := range months {
		out[i] = m.Period
	}
	return out
}

// noContacts says why contacts cannot be led to customers.
func (c *Closer) noContacts(state State, p calendar.Period) *evidence.Refusal {
	kept, dropped := state.Kept["interactions"]
	switch {
	case dropped && p.Start < kept:
		return &evidence.Refusal{Reason: NoLonger("interactions", kept), Need: "a later period, all of whose interactions are kept"}
	case len(state.Prints["interactions"]) == 0:
		return &evidence.Refusal{Reason: "there is no interactions book, so no cost to serve can be led to a customer", Need: "interactions: each time a customer was served"}
	case !slices.Contains(state.Mapped["interactions"], "customer_key"):
		return &evidence.Refusal{Reason: "interactions has no customer_id, so no cost to serve can be led to a customer", Need: "customer_id of interactions"}
	case c.Settings.Grain == "entity":
		return &evidence.Refusal{Reason: "a contact does not say which brand or legal entity it was about, so by entity no cost to serve can be led to a customer", Need: "grain: customer in settings"}
	}
	return nil
}
