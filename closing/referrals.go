package closing

import (
	"context"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/referral"
)

// referrals adds who brought whom, of the period and of the twelve months that end with it, and loss along their ties.
func (c *Closer) referrals(ctx context.Context, ledger Ledger, state State, o Order, w growth.Windows, doc *document) error {
	if !slices.Contains(state.Mapped["customers"], "referred_by") {
		doc.Referrals = evidence.Locked{Refused: "the books do not tell who brought whom", UnlockedBy: "customers with referred_by, the id of the customer who brought each"}
		return nil
	}
	c.Progress("compute the referrals of " + o.Named.Text)
	s, err := c.brought(ctx, ledger, w, o.Active)
	if err != nil {
		return err
	}
	if s.Named() == 0 {
		// Noughts would say that nobody brings anybody; the books only do not tell.
		doc.Referrals = evidence.Locked{
			Refused:    "nobody who came by " + (w.Period.End - 1).String() + " names who brought them: referred_by is empty in every one of their rows",
			UnlockedBy: "customers with referred_by filled, the id of the customer who brought each",
		}
		return nil
	}
	if s.Losses, err = c.losses(ctx, ledger, state, o, w); err != nil {
		return err
	}
	doc.Referrals = s
	trailing, ok := doc.Trailing.(trailingBlock)
	if !ok {
		return nil
	}
	year, err := c.brought(ctx, ledger, trailing.Windows, o.Active)
	if err != nil {
		return err
	}
	doc.ReferralsTrailing = year
	return nil
}

func (c *Closer) brought(ctx context.Context, ledger Ledger, w growth.Windows, active growth.Active) (referral.Statement, error) {
	windows := referral.Windows{Period: w.Period, Compared: w.Compared}
	t, err := ledger.Referrals(ctx, windows, active == growth.AnyLine)
	if err != nil {
		return referral.Statement{}, err
	}
	return referral.State(windows, t, c.Settings.Currency)
}

// losses looks at loss along ties over three windows: years for a month or a quarter, in which most customers do not buy.
func (c *Closer) losses(ctx context.Context, ledger Ledger, state State, o Order, w growth.Windows) (any, error) {
	last, before := w.Period, w.Compared
	p, q, trailing, err := c.Settings.Calendar.TrailingYear(o.Named)
	if err != nil {
		return evidence.Locked{Refused: err.Error(), UnlockedBy: "a calendar file that reaches a year further back"}, nil
	}
	if trailing {
		last, before = p, q
	}
	if before.End != last.Start {
		before = windowBefore(last)
	}
	spans := referral.Spans{windowBefore(before), before, last}
	if gone := c.outlived(state, growth.Windows{Period: last, Compared: spans[0]}); gone != nil {
		return evidence.Locked{Refused: gone.What, UnlockedBy: "a later period, all of whose rows are kept"}, nil
	}
	faced, err := ledger.Spreading(ctx, spans, o.Active == growth.AnyLine)
	if err != nil {
		return nil, err
	}
	for _, book := range []string{"answers", "interactions"} {
		if kept, dropped := state.Kept[book]; dropped && kept > spans[1].Start {
			faced.Voiced = false // who complained is no longer known for all
		}
	}
	return faced.Losses(spans), nil
}

// windowBefore is the window of the same length before another; before a year, the year before.
func windowBefore(p calendar.Period) calendar.Period {
	if p.Start.AddMonths(12) == p.End {
		return calendar.Period{Start: p.Start.AddMonths(-12), End: p.Start}
	}
	return calendar.Period{Start: p.Start - (p.End - p.Start), End: p.Start}
}
