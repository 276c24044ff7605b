package office

import (
	"context"
	"errors"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
)

// Check brings the books up to date and says what is in them, what looks wrong
// and whether a close would be refused.
func (o *Office) Check(ctx context.Context, heard Heard) (found *books.Checked, report books.Report, err error) {
	err = o.act(ctx, func(c Company, e Engine) error {
		if report, err = o.bring(ctx, c, e, Wanted{}, heard); err != nil {
			return err
		}
		closer, err := o.closerNow(ctx, c, report.Snapshot, e, heard)
		if err != nil {
			return err
		}
		held := &books.Held{Config: c.Config, Snapshot: report.Snapshot, Engine: e, Dir: o.Dir}
		if heard == nil {
			heard = func(string, int64, int64) {}
		}
		found, err = Examine(ctx, closer, &books.Check{Held: held, Inspector: e, Today: calendar.DayIn(o.Now(), c.Location()), Progress: heard})
		return err
	})
	return found, report, err
}

// Examine has our copy of the books checked, and asks the close itself what it
// would refuse.
func Examine(ctx context.Context, closer *closing.Closer, check *books.Check) (*books.Checked, error) {
	found, err := check.Run(ctx)
	if err != nil {
		return nil, err
	}
	until := found.Today + 1
	for _, b := range found.Books {
		if b.LastDay != nil {
			until = max(until, *b.LastDay+1)
		}
	}
	list, err := closer.Refusals(ctx, until)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		found.Refusals = append(found.Refusals, books.Advice{What: r.What, Do: r.Do, Kind: r.Kind, Book: r.Book})
	}
	if len(list) == 0 {
		if err := answerable(ctx, check.Held, found); err != nil {
			return nil, err
		}
	}
	found.Allowed = len(found.Refusals) == 0
	return found, nil
}

// answerable tries the statement's simplest question on the last month that
// could be closed: rings of links or missing rates show there.
func answerable(ctx context.Context, held *books.Held, found *books.Checked) error {
	month, ok := lastMonth(found)
	if !ok {
		return nil
	}
	w := growth.Windows{
		Period:   calendar.Period{Start: month.First(), End: month.Next().First()},
		Compared: calendar.Period{Start: (month - 12).First(), End: (month - 11).First()},
	}
	ledger, err := held.Ledger(ctx, w.Period.End)
	if err == nil {
		_, err = ledger.Coverage(ctx, w)
	}
	var cannot *engine.Unanswerable
	if errors.As(err, &cannot) {
		found.Refusals = append(found.Refusals, books.Advice{What: cannot.What, Do: cannot.Do, Kind: cannot.Kind})
		return nil
	}
	return err
}

// lastMonth is the last month that the lines fill: the one before that of the
// newest line, unless that line stands on its month's last day.
func lastMonth(found *books.Checked) (calendar.Month, bool) {
	i := slices.IndexFunc(found.Books, func(b books.CheckedBook) bool {
		return (b.Book == "orders" || b.Book == "subscriptions") && b.LastDay != nil
	})
	if i < 0 {
		return 0, false
	}
	b := found.Books[i]
	newest := min(*b.LastDay, found.Today)
	month := calendar.MonthOf(newest)
	if newest+1 != month.Next().First() && month > calendar.MonthOf(*b.FirstDay) {
		month--
	}
	return month, true
}

// NextClose proposes what to close first: the last month that the lines fill,
// its year where they stand by quarter, and beside it the month before where
// there is no year to compare with. Nothing is proposed where there are no
// lines.
func NextClose(found *books.Checked) (next Order, ok bool) {
	month, ok := lastMonth(found)
	if !ok {
		return Order{}, false
	}
	i := slices.IndexFunc(found.Books, func(b books.CheckedBook) bool { return b.FirstDay != nil && b.Book == "orders" })
	if i < 0 {
		return Order{Period: month.String()}, true
	}
	lines := found.Books[i]
	if slices.Contains(lines.Missing, month.String()) { // rows by quarter
		return Order{Period: lines.LastDay.String()[:4]}, true
	}
	next = Order{Period: month.String()}
	if first := calendar.MonthOf(*lines.FirstDay); first > month-12 && first < month {
		next.Compare = (month - 1).String()
	}
	return next, true
}
