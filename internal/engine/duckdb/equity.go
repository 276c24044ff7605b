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

// livedNames are the largest groups.
func (l *Ledger) livedNames(ctx context.Context, column string) ([]string, error) {
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
	var first sql.NullString
	if err := l.e.one(ctx, "SELECT count(*), CAST(min(first) AS VARCHAR) FROM history", &f.Customers, &first); err != nil || !first.Valid {
		return f, err
	}
	began, err := calendar.ParseDay(first.String)
	if err != nil {
		return f, err
	}
	for i := range f.Sold {
		var net, sold string
		if err := l.e.one(ctx, fmt.Sprintf("SELECT CAST(sum(net%[1]d) AS VARCHAR), CAST(sum(sold%[1]d) AS VARCHAR) FROM history", i), &net, &sold); err != nil {
			return f, err
		}
		f.Sold[i] = equity.Sold{Net: amount(net), Bought: amount(sold)}
		if i >= len(f.Earned) {
			continue
		}
		if f.Earned[i], err = l.livedEarned(ctx, i); err != nil {
			return f, err
		}
	}
	f.Arrived, err = l.arrived(ctx, q, began)
	return f, err
}

// livedEarned sums a year's revenue and profit by segment, those without any left out.
func (l *Ledger) livedEarned(ctx context.Context, year int) (out []equity.Earned, err error) {
	query := fmt.Sprintf(`SELECT %[2]s AS segment, CAST(sum(net%[1]d) AS VARCHAR), CAST(sum(k%[1]d) AS VARCHAR), CAST(sum(g%[1]d) AS VARCHAR)
		FROM history h LEFT JOIN origin o ON o.unit = h.unit GROUP BY 1 ORDER BY 1`, year, among(l.lived.segment, l.lived.segments))
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var e equity.Earned
		var sums [3]string
		err := r.Scan(&e.Segment, &sums[0], &sums[1], &sums[2])
		e.Revenue, e.Known, e.Profit = amount(sums[0]), amount(sums[1]), amount(sums[2])
		out = append(out, e)
		return err
	})
	return out, err
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
