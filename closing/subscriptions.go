package closing

import (
	"context"
	"errors"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/recurring"
)

// pathMonths is how many spans the path of recurring revenue has.
const pathMonths = 24

// subscriptions is the statement of the subscription trade, whatever the
// basis of the customer statement, or why the books do not allow it.
func (c *Closer) subscriptions(ctx context.Context, ledger Ledger, state State, o Order) (any, error) {
	first, held := state.First["subscriptions"]
	if !held {
		return evidence.Locked{Refused: "there are no subscriptions", UnlockedBy: "the book subscriptions: subscription_id, customer_id, started_on, monthly_amount"}, nil
	}
	c.Progress("compute recurring revenue of " + o.Named.Text)
	q := recurring.Question{Windows: []calendar.Period{o.Named.Period}}
	if o.Compared == nil {
		if year, _, ok, err := c.Settings.Calendar.TrailingYear(o.Named); err == nil && ok {
			q.Windows = append(q.Windows, year)
		}
	}
	names := c.path(&q, o, first)
	tally, err := ledger.Recurring(ctx, q)
	var lack *recurring.Lack
	if errors.As(err, &lack) {
		return evidence.Locked{Refused: lack.Reason, UnlockedBy: lack.Need}, nil
	}
	if err != nil {
		return nil, err
	}
	return recurring.Input{Question: q, Names: names, Currency: c.Settings.Currency, Tally: tally}.State()
}

// path asks for the last whole months, or fiscal periods where the period is
// one of a fiscal year, that end with the period, and names them.
func (c *Closer) path(q *recurring.Question, o Order, first calendar.Day) (names []string) {
	kind := calendar.Months
	if o.Named.Kind.Fiscal() {
		kind = calendar.FiscalPeriods
	}
	from := max(first, o.Named.End.AddMonths(-pathMonths-1))
	if from >= o.Named.End {
		return nil
	}
	spans, err := c.Settings.Calendar.Split(kind, calendar.Period{Start: from, End: o.Named.End})
	if err != nil {
		return nil // a calendar file that does not reach as far back has no path
	}
	if n := len(spans); n > 0 && spans[n-1].End > o.Named.End {
		spans = spans[:n-1]
	}
	for _, s := range spans[max(0, len(spans)-pathMonths):] {
		q.Path, names = append(q.Path, s.Period), append(names, s.Text)
	}
	return names
}
