package office

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books"
)

// Retain drops the rows that are older than the settings keep them, and says
// how many. It is called after every import, because an import reads what the
// sources still hold.
func (o *Office) Retain(ctx context.Context, heard Heard) (out books.Retained, err error) {
	from, err := o.keptFrom(ctx)
	if err != nil || len(from) == 0 {
		return out, err
	}
	err = o.act(ctx, func(_ Company, e Engine) error {
		out, err = o.retain(ctx, e, from, heard)
		return err
	})
	return out, err
}

// retained drops what an import brought that is too old, and has the report
// say so and name what is left.
func (o *Office) retained(ctx context.Context, e Engine, heard Heard, report *books.Report) error {
	from, err := o.keptFrom(ctx)
	if err != nil || len(from) == 0 {
		return err
	}
	report.Retained, err = o.retain(ctx, e, from, heard)
	if err != nil || !report.Retained.Any() {
		return err
	}
	report.Snapshot, err = o.Store.Snapshot(ctx, report.Snapshot.ID)
	return err
}

// retain drops rows and forgets what the last check quoted of them.
func (o *Office) retain(ctx context.Context, e Engine, from map[string]calendar.Month, heard Heard) (books.Retained, error) {
	x := &books.Retainer{Manifest: o.People, Engine: e, Dir: o.Dir, Now: o.Now, Latest: o.Store.Latest, Progress: heard, Derived: o.ForgetDerived}
	out, err := x.Retain(ctx, from)
	if err != nil || !out.Any() {
		return out, err
	}
	for _, line := range out.Lines() {
		o.warned(heard)(line)
	}
	return out, o.ForgetExamined()
}

// keptFrom is the first month that is kept of each book that is not kept for
// good.
func (o *Office) keptFrom(ctx context.Context) (map[string]calendar.Month, error) {
	if o.People == nil {
		return nil, nil
	}
	r, err := o.Retention(ctx)
	if err != nil || len(r.Months) == 0 {
		return nil, err
	}
	c, err := o.Company(ctx)
	if err != nil {
		return nil, err
	}
	from := map[string]calendar.Month{}
	for book, months := range r.Months {
		if _, known := fact.Find(book); known && books.Lasting(book) == "" {
			from[book] = calendar.MonthOf(calendar.DayIn(o.Now(), c.Location())) - calendar.Month(months)
		}
	}
	return from, nil
}
