package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/throughline/throughline/behaviour"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
)

var _ behaviour.Ledger = (*Ledger)(nil)

// Behaviour answers behaviour.Ledger: one pass over the lines for the days on which customers bought, and where products are
// asked for, one for which are the largest and one for what they came to.
func (l *Ledger) Behaviour(ctx context.Context, q behaviour.Question) (t behaviour.Tally, err error) {
	if len(q.Months) == 0 {
		return t, nil
	}
	span := over(q.Months)
	if err := l.prepare(ctx, []calendar.Period{span}, growth.Net); err != nil {
		return t, err
	}
	values := within1(span)
	values["Follow"] = behaviour.Follow
	visits, err := question("behaviour_visits.sql", values)
	if err != nil {
		return t, err
	}
	if err := l.e.exec(ctx, visits); err != nil {
		return t, err
	}
	defer func() {
		err = closing(err, func() error { return l.e.exec(context.WithoutCancel(ctx), "DROP TABLE visited") })
	}()
	if err := l.monthDays(ctx, q.Months); err != nil {
		return t, err
	}
	if t.Segments, err = l.belongs(ctx); err != nil {
		return t, err
	}
	if t.Cells, err = l.behaved(ctx, values); err != nil || !q.Mix {
		return t, err
	}
	if t.Products, err = l.productPlaces(ctx, values); err != nil {
		return t, err
	}
	t.Sales, err = l.soldBy(ctx, values)
	return t, err
}

// monthDays makes the small table of the days of the months: month_day (day, month, first_day).
func (l *Ledger) monthDays(ctx context.Context, months []calendar.Period) error {
	var rows []string
	for i, m := range months {
		rows = append(rows, fmt.Sprintf("(%d, %s, %s)", i, date(m.Start), date(m.End)))
	}
	return l.e.exec(ctx, `CREATE OR REPLACE TEMP TABLE month_day AS
		SELECT CAST(unnest(generate_series(a, b - 1, INTERVAL 1 DAY)) AS DATE) AS day, month, a AS first_day FROM (VALUES `+strings.Join(rows, ", ")+`) AS m (month, a, b)`)
}

// belongs makes the table of who is in one of the largest segments, and names these.
func (l *Ledger) belongs(ctx context.Context) ([]string, error) {
	names, err := l.named(ctx, fmt.Sprintf(`SELECT o.segment FROM visited v JOIN origin o ON o.unit = v.unit WHERE coalesce(o.segment, '') <> ''
		GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %d`, behaviour.MostSegments))
	if err != nil {
		return nil, err
	}
	return names, l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW belongs AS SELECT o.unit, p.place AS segment FROM origin o JOIN ("+places(names)+") p ON p.name = o.segment")
}

// productPlaces makes the small table of the products with the highest revenue, and names these.
func (l *Ledger) productPlaces(ctx context.Context, values map[string]any) ([]string, error) {
	names, err := l.named(ctx, fmt.Sprintf(`SELECT product FROM line WHERE ordered_at >= %s AND ordered_at < %s AND amount > 0 AND purchase IS NOT NULL AND coalesce(product, '') <> ''
		GROUP BY 1 ORDER BY sum(amount) DESC, 1 LIMIT %d`, values["Start"], values["End"], behaviour.MostProducts))
	if err != nil {
		return nil, err
	}
	return names, l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE product_place AS SELECT name AS product, place FROM ("+places(names)+")")
}

// places is a query of names with their places in a list.
func places(names []string) string {
	if len(names) == 0 {
		return "SELECT CAST(NULL AS VARCHAR) AS name, CAST(NULL AS INTEGER) AS place WHERE FALSE"
	}
	rows := make([]string, len(names))
	for i, name := range names {
		rows[i] = fmt.Sprintf("(%s, %d)", literal(name), i)
	}
	return "SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") AS x (name, place)"
}

func (l *Ledger) named(ctx context.Context, query string) (names []string, err error) {
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

func (l *Ledger) behaved(ctx context.Context, values map[string]any) (out []behaviour.Cell, err error) {
	query, err := question("behaviour_cells.sql", values)
	if err != nil {
		return nil, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var c behaviour.Cell
		err := r.Scan(&c.Month, &c.Segment, &c.Visits, &c.Buyers, &c.Logs, &c.Followed, &c.Waits, &c.Returned)
		out = append(out, c)
		return err
	})
	return out, err
}

func (l *Ledger) soldBy(ctx context.Context, values map[string]any) (out []behaviour.Sale, err error) {
	query, err := question("behaviour_sales.sql", values)
	if err != nil {
		return nil, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var s behaviour.Sale
		var sum string
		err := r.Scan(&s.Month, &s.Segment, &s.Product, &s.Lines, &sum)
		if err == nil {
			s.Revenue = amount(sum)
			out = append(out, s)
		}
		return err
	})
	return out, err
}
