package duckdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/loyalty"
)

var _ loyalty.Ledger = (*Ledger)(nil)

// scalePattern is a scale in figures, as loyalty reads it, in lower letters.
const scalePattern = `(\d{1,4}) *(?:-|–|to) *(\d{1,4})`

// Loyalty answers loyalty.Ledger. What it made of the same windows before stands.
func (l *Ledger) Loyalty(ctx context.Context, w loyalty.Windows) (loyalty.Tally, error) {
	var t loyalty.Tally
	if err := l.attitudes(ctx, w); err != nil {
		return t, err
	}
	query, err := question("loyalty_table.sql", nil)
	if err != nil {
		return t, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var part, prior, current string
		var q loyalty.Question
		var a, b, c, n int64
		if err := r.Scan(&part, &q, &a, &b, &c, &n, &prior, &current); err != nil {
			return err
		}
		sums := loyalty.Sums{Customers: n, Prior: amount(prior), Current: amount(current)}
		switch part {
		case "base":
			t.Base[a] = sums
		case "cell":
			t.Cells = append(t.Cells, loyalty.Cell{Question: q, Behaviour: loyalty.Behaviour(a), Grade: loyalty.Grade(b), Before: loyalty.Grade(c), Sums: sums})
		case "heard":
			t.Heard = append(t.Heard, loyalty.Heard{Question: q, Answers: n, Nameless: a, Unread: b})
		default:
			return fmt.Errorf("loyalty: unknown part %q", part)
		}
		return nil
	})
	return t, err
}

// attitudes makes given, graded and stayed, unless they are those of the same windows already.
func (l *Ledger) attitudes(ctx context.Context, w loyalty.Windows) error {
	if l.attitude == w {
		return nil
	}
	l.attitude = loyalty.Windows{}
	both := growth.Windows{Period: w.Period, Compared: w.Compared}
	if err := l.prepare(ctx, spans(both), active(w.AnyLine)); err != nil {
		return err
	}
	span := w.Answers()
	values := bounds(both, active(w.AnyLine))
	values["Start"], values["End"], values["Scale"] = date(span.Start), date(span.End), scalePattern
	values["Unit"], values["Join"], values["Included"] = l.unitOf()
	values["Answers"] = l.answers(span)
	for _, made := range []struct{ what, question string }{
		{"VIEW given", "loyalty_given.sql"}, {"TABLE graded", "loyalty_graded.sql"}, {"TABLE stayed", "loyalty_stayed.sql"},
	} {
		query, err := question(made.question, values)
		if err != nil {
			return err
		}
		if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP "+made.what+" AS "+query); err != nil {
			return err
		}
	}
	l.attitude = w
	return nil
}

// answers is a query of the answers that may lie in a span, none where the book does not tell whose they are and what they say.
func (l *Ledger) answers(span calendar.Period) string {
	parts := within(l.from.Answers, []calendar.Period{span}, false)
	if len(parts) == 0 || !l.has["answers"]["customer_key"] || !l.has["answers"]["score"] {
		return "SELECT CAST(NULL AS INTEGER) AS customer_key, CAST(NULL AS TIMESTAMP) AS answered_at, '' AS question, CAST(NULL AS DECIMAL(18,6)) AS score, '' AS scale, '' AS touchpoint WHERE FALSE"
	}
	return fmt.Sprintf("SELECT customer_key, answered_at, question, score, %s, %s FROM read_parquet(%s, union_by_name = true)",
		l.column("answers", "scale", "VARCHAR"), l.column("answers", "touchpoint", "VARCHAR"), l.e.files(paths(parts)))
}

// unitOf is the unit of a row x with a customer_key, what joins it, and the condition that it is not excluded.
func (l *Ledger) unitOf() (unit, join, included string) {
	if !l.units {
		return "CAST(x.customer_key AS BIGINT)", "", ""
	}
	return "coalesce(u.unit, CAST(x.customer_key AS BIGINT))", " LEFT JOIN unit u ON u.customer_key = x.customer_key", " AND u.excluded IS NULL"
}

// Held answers loyalty.Ledger. An entity is the customer's own.
func (l *Ledger) Held(ctx context.Context, w loyalty.Windows, q loyalty.Question) ([]loyalty.Level, error) {
	if err := l.attitudes(ctx, w); err != nil {
		return nil, err
	}
	of := []map[string]string{}
	for _, d := range loyalty.Dimensions {
		switch {
		case d == loyalty.Touchpoint && l.has["answers"]["touchpoint"]:
			of = append(of, map[string]string{"Name": string(d), "Column": "l.touchpoint"})
		case d == loyalty.Acquisition && l.has["customers"]["acquired_via"]:
			of = append(of, map[string]string{"Name": string(d), "Column": "nullif(o.via, 'unknown')"})
		case (d == loyalty.Segment || d == loyalty.Entity) && l.has["customers"][string(d)]:
			of = append(of, map[string]string{"Name": string(d), "Column": "o." + string(d)})
		}
	}
	billed, err := l.running(ctx, w.Period)
	if err != nil || len(of)+len(billed) == 0 {
		return nil, err
	}
	query, err := question("loyalty_held.sql", map[string]any{"Question": literal(string(q)), "Dimensions": of, "Billed": billed, "Least": loyalty.LeastLoyal, "Most": loyalty.MostLevels})
	if err != nil {
		return nil, err
	}
	var out []loyalty.Level
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var x loyalty.Level
		err := r.Scan(&x.Dimension, &x.Name, &x.Rest, &x.Loyal, &x.Captive)
		out = append(out, x)
		return err
	})
	return out, err
}

// running makes running of the subscriptions, where there are any, and tells which of its columns the book has.
func (l *Ledger) running(ctx context.Context, p calendar.Period) (of []map[string]string, err error) {
	for _, d := range []struct {
		name   loyalty.Dimension
		column string
	}{{loyalty.Plan, "plan"}, {loyalty.Billing, "billed"}} {
		if l.has["subscriptions"][d.column] {
			of = append(of, map[string]string{"Name": string(d.name), "Column": "r." + d.column})
		}
	}
	if len(of) == 0 {
		return nil, nil
	}
	values := map[string]any{
		"Files": l.e.files(paths(l.from.Subscriptions)), "PEnd": date(p.End),
		"Columns": join([]string{l.column("subscriptions", "ended_on", "DATE"), l.column("subscriptions", "plan", "VARCHAR"), l.column("subscriptions", "billed", "VARCHAR")}),
	}
	values["Unit"], values["Join"], values["Included"] = l.unitOf()
	query, err := question("loyalty_running.sql", values)
	if err != nil {
		return nil, err
	}
	return of, l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW running AS "+query)
}
