package closing

import (
	"context"
	"slices"

	"github.com/throughline/throughline/behaviour"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// behaviour watches how customers buy, month by month, up to the end of the period.
func (c *Closer) behaviour(ctx context.Context, ledger Ledger, state State, o Order) (any, error) {
	first, held := state.First["orders"]
	switch {
	case c.Settings.Basis == "subscriptions" || !held:
		return evidence.Locked{Refused: "subscriptions accrue by day, so there are no days on which customers bought", UnlockedBy: "orders, and statement_basis: orders or both"}, nil
	case c.Settings.Orders == "by quantity":
		return evidence.Locked{Refused: "a line stands for several orders, so the days on which customers bought are not known", UnlockedBy: "orders as they came, counted by order id or by day"}, nil
	}
	if kept, dropped := state.Kept["orders"]; dropped {
		first = max(first, kept)
	}
	in := behaviour.Input{Period: o.Named.Period, Currency: c.Settings.Currency}
	in.Mix = slices.Contains(state.Mapped["orders"], "product")
	if lock := c.behaviourMonths(&in, o, first); lock != nil {
		return *lock, nil
	}
	c.Progress("watch how customers buy up to " + o.Named.Text)
	var err error
	if in.Tally, err = ledger.Behaviour(ctx, in.Question); err != nil {
		return nil, err
	}
	return in.State()
}

// behaviourMonths are the last whole months that end with the period, of the company's own calendar where the period is.
func (c *Closer) behaviourMonths(in *behaviour.Input, o Order, first calendar.Day) *evidence.Locked {
	kind, end := calendar.Months, o.Named.End
	if o.Named.Kind.Fiscal() {
		kind = calendar.FiscalPeriods
	}
	if first >= end {
		return &evidence.Locked{Refused: "there are no orders before the period’s end", UnlockedBy: "orders with a customer id"}
	}
	spans, err := c.Settings.Calendar.Split(kind, calendar.Period{Start: max(first, end.AddMonths(-behaviour.MostMonths-1)), End: end})
	if err != nil {
		return &evidence.Locked{Refused: err.Error(), UnlockedBy: "a calendar file that reaches as far back as the books"}
	}
	// The books may begin within the first of them, and it would seem a bad month.
	spans = slices.DeleteFunc(spans, func(s calendar.Named) bool { return s.Start < first })
	if len(spans) == 0 && max(first, end.AddMonths(-1)) == first {
		return &evidence.Locked{Refused: "the books begin within the last month of the period, so they hold no whole month", UnlockedBy: "a close of a later period"}
	}
	if len(spans) == 0 || spans[len(spans)-1].End != end {
		return &evidence.Locked{Refused: "the period does not end with a whole month of the books", UnlockedBy: "a close of a month, quarter or year"}
	}
	year := 0
	for _, s := range spans[max(0, len(spans)-behaviour.MostMonths):] {
		in.Months, in.Names = append(in.Months, s.Period), append(in.Names, s.Text)
		if s.Start > end.AddMonths(-12)-14 { // a fiscal year may have a week more
			year++
		}
	}
	in.Year = max(12, year)
	return nil
}
