package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
)

var _ equity.Ledger = (*Ledger)(nil)

// lived is the question whose histories are in the table history, with the groups that are named.
type lived struct {
	q                  equity.Question
	made               bool
	segments, entities []string
	segment, entity    string // what a customer's group is, in SQL
}

// live makes the table history, unless it is that of the same question already. What subscriptions accrue is no purchase, so the lines are
// those of orders whatever the statement rests on.
func (l *Ledger) live(ctx context.Context, q equity.Question) error {
	if l.lived.made && l.lived.q == q {
		return nil
	}
	l.lived, l.audited = lived{q: q}, base.Windows{} // the views of lines are made anew
	orders := *l
	orders.from.Basis = "orders"
	whole := []calendar.Period{{Start: calendar.DayOf(1, 1, 1), End: q.Until}}
	if err := orders.prepare(ctx, whole, growth.Net); err != nil {
		var lacks *engine.Unanswerable
		if errors.As(err, &lacks) { // of lines that may lie before everything that the close needs
			return evidence.Refusal{Reason: lacks.What, Need: lacks.Do}
		}
		return err
	}
	_, byLine := orders.dimensions()
	values := l.livedValues(q)
	values["ByLine"] = byLine
	query, err := question("history.sql", values)
	if err != nil {
		return err
	}
	if err := l.e.exec(ctx, query); err != nil {
		return err
	}
	l.lived.segment, l.lived.entity = "''", "''"
	if l.has["customers"]["segment"] {
		l.lived.segment = "coalesce(o.segment, '')"
	}
	switch {
	case byLine:
		l.lived.entity = "h.entity"
	case l.has["customers"]["entity"]:
		l.lived.entity = "coalesce(o.entity, '')"
	}
	if l.lived.segments, err = l.livedNames(ctx, l.lived.segment); err != nil {
		return err
	}
	if l.lived.entities, err = l.livedNames(ctx, l.lived.entity); err != nil {
		return err
	}
	l.lived.made = true
	return nil
}

func (l *Ledger) livedValues(q equity.Question) map[string]any {
	var parts []map[string]string
	for _, p := range q.Quarters() {
		parts = append(parts, map[string]string{"Start": date(p.Start), "End": date(p.End)})
	}
	var years []string
	for _, end := range []calendar.Day{q.Opened, q.Until, q.Cut} {
		years = append(years, inSpans("day", []calendar.Period{equity.Year(end)}))
	}
	return map[string]any{"Until": date(q.Until), "Opened": date(q.Opened), "Cut": date(q.Cut), "Lead": date(q.Lead().Start), "Quarters": parts, "Years": years}
}

// livedNames are the largest groups. Where the books do not tell, all are in one without a name.
func (l *Ledger) livedNames(ctx context.Context, column string) ([]string, error) {
	if column == "''" {
		return []string{""}, nil
	}
	var names []string
	err := l.e.each(ctx, fmt.Sprintf("SELECT %s AS name FROM history h LEFT JOIN origin o ON o.unit = h.unit GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %d", column, equity.MostNames), func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

// Holdings answers equity.Ledger.
func (l *Ledger) Holdings(ctx context.Context, q equity.Question) (f equity.Facts, err error) {
	if err := l.live(ctx, q); err != nil {
		return f, err
	}
	f.Segments, f.Entities = l.lived.segments, l.lived.entities
	began, err := l.livedSums(ctx, &f)
	if err != nil || f.Customers == 0 {
		return equity.Facts{}, err
	}
	f.Arrived, err = l.arrived(ctx, q, began)
	return f, err
}

// livedSums adds up what the years brought, by segment and of all, in one pass, and tells the first day on which somebody bought.
func (l *Ledger) livedSums(ctx context.Context, f *equity.Facts) (began calendar.Day, err error) {
	columns := among(l.lived.segment, l.lived.segments) + " AS segment, count(*), CAST(min(first) AS VARCHAR)"
	for i := range f.Sold {
		columns += fmt.Sprintf(", CAST(sum(net%[1]d) AS VARCHAR), CAST(sum(sold%[1]d) AS VARCHAR), CAST(sum(k%[1]d) AS VARCHAR), CAST(sum(g%[1]d) AS VARCHAR)", i)
	}
	err = l.e.each(ctx, "SELECT "+columns+" FROM history h LEFT JOIN origin o ON o.unit = h.unit GROUP BY 1 ORDER BY 1", func(r *sql.Rows) error {
		var segment int
		var customers int64
		var first string
		var sums [len(f.Sold)][4]string
		into := []any{&segment, &customers, &first}
		for i := range sums {
			into = append(into, &sums[i][0], &sums[i][1], &sums[i][2], &sums[i][3])
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		day, err := calendar.ParseDay(first)
		if err != nil {
			return err
		}
		if f.Customers == 0 || day < began {
			began = day
		}
		f.Customers += customers
		for i, s := range sums {
			f.Sold[i].Net, f.Sold[i].Bought = f.Sold[i].Net.Add(amount(s[0])), f.Sold[i].Bought.Add(amount(s[1]))
			if i < len(f.Earned) {
				f.Earned[i] = append(f.Earned[i], equity.Earned{Segment: segment, Revenue: amount(s[0]), Known: amount(s[2]), Profit: amount(s[3])})
			}
		}
		return nil
	})
	return began, err
}

func (l *Ledger) arrived(ctx context.Context, q equity.Question, began calendar.Day) (out []equity.Arrived, err error) {
	back := "CASE"
	for n := 0; ; n++ {
		start := equity.Year(q.Until.AddMonths(-12 * n)).Start
		back += fmt.Sprintf(" WHEN first >= %s THEN %d", date(start), n)
		if start <= began {
			break
		}
	}
	err = l.e.each(ctx, "SELECT "+back+" END AS back, count(*), CAST(sum(f) AS VARCHAR) FROM history GROUP BY 1 ORDER BY 1", func(r *sql.Rows) error {
		var a equity.Arrived
		var sum string
		err := r.Scan(&a.Back, &a.Customers, &sum)
		a.First = amount(sum)
		out = append(out, a)
		return err
	})
	return out, err
}

// Histories answers equity.Ledger.
func (l *Ledger) Histories(ctx context.Context, q equity.Question, visit func(equity.Customer) error) error {
	if err := l.live(ctx, q); err != nil {
		return err
	}
	values := l.livedValues(q)
	values["Segment"], values["Entity"] = among(l.lived.segment, l.lived.segments), among(l.lived.entity, l.lived.entities)
	query, err := question("histories.sql", values)
	if err != nil {
		return err
	}
	return l.e.each(ctx, query, func(r *sql.Rows) error {
		var c equity.Customer
		if err := r.Scan(&c.Repeats, &c.Last, &c.Age, &c.Mean, &c.Segment, &c.Entity, &c.Via, &c.Year, &c.Known, &c.Was.Repeats, &c.Was.Last, &c.Was.Age, &c.WasMean, &c.Together); err != nil {
			return err
		}
		return visit(c)
	})
}

// HeldOut answers equity.Ledger.
func (l *Ledger) HeldOut(ctx context.Context, q equity.Question, visit func(equity.HeldOut) error) error {
	if err := l.live(ctx, q); err != nil {
		return err
	}
	query, err := question("held_out.sql", l.livedValues(q))
	if err != nil {
		return err
	}
	return l.e.each(ctx, query, func(r *sql.Rows) error {
		var h equity.HeldOut
		into := []any{&h.Repeats, &h.Last, &h.Age, &h.Mean, &h.Month, &h.Together}
		for i := range h.After {
			into = append(into, &h.After[i])
		}
		if err := r.Scan(append(into, &h.Revenue, &h.Before, &h.RevenueBefore)...); err != nil {
			return err
		}
		return visit(h)
	})
}
