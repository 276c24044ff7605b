package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// Named answers journey.Ledger.
func (l *Ledger) Named(ctx context.Context, q journey.Question) ([]journey.Named, error) {
	if len(q.Spans) == 0 {
		return nil, nil
	}
	p, err := l.parting(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []journey.Named
	for _, b := range []struct {
		book, time string
		parts      []engine.Part
	}{
		{"interactions", "started_at", l.from.Interactions}, {"answers", "answered_at", l.from.Answers}, {"remarks", "received_at", l.from.Remarks},
		{"orders", "ordered_at", l.from.Orders}, {"measures", "", l.from.Measures}, {"costs", "", l.from.Costs},
	} {
		if len(b.parts) == 0 {
			continue
		}
		columns := []column{{"touchpoint", "VARCHAR"}, {"customer_key", "INTEGER"}}
		rows := ""
		if b.time != "" {
			rows = l.during(b.book, b.time, b.parts, q.Spans, columns)
		} else if rows, err = l.periodRows(ctx, b.book, b.parts, q, columns[:1]); err != nil {
			return nil, err
		}
		if rows == "" {
			continue
		}
		named, err := l.called(ctx, p, b.book, rows, b.time != "")
		if err != nil {
			return nil, err
		}
		out = append(out, named...)
	}
	return out, nil
}

// called counts the names in the rows of one book.
func (l *Ledger) called(ctx context.Context, p parting, book, rows string, customers bool) ([]journey.Named, error) {
	noted := "SELECT span, moment, touchpoint, CAST(NULL AS BIGINT) AS unit FROM (" + rows + ")"
	if customers {
		unit, join, included := l.whose()
		noted = fmt.Sprintf("SELECT x.span, x.moment, x.touchpoint, %s AS unit FROM (%s) x%s WHERE TRUE%s", unit, rows, join, included)
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW noted AS "+noted); err != nil {
		return nil, err
	}
	calls, err := question("touchpoint_calls.sql", map[string]any{"Folded": foldedSQL("touchpoint"), "Most": journey.MostNames})
	if err != nil {
		return nil, err
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE called AS "+calls); err != nil {
		return nil, err
	}
	query, err := question("touchpoint_names.sql", nil)
	if err != nil {
		return nil, err
	}
	var out []journey.Named
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		n := journey.Named{Book: book}
		var touchpoint int
		err := r.Scan(&n.Span, &n.Name, &n.Others, &touchpoint, &n.Rows, &n.Customers)
		n.Touchpoint = p.touchpoints[touchpoint]
		out = append(out, n)
		return err
	})
	slices.SortFunc(out, func(a, b journey.Named) int {
		return cmp.Or(cmp.Compare(a.Span, b.Span), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Others, b.Others), cmp.Compare(a.Touchpoint, b.Touchpoint))
	})
	return out, err
}

// periodRows is a query of a book's rows whose period lies in a span, in the place of a moment the period's first day, and as end the first after it; empty: none.
func (l *Ledger) periodRows(ctx context.Context, book string, parts []engine.Part, q journey.Question, columns []column) (string, error) {
	if len(parts) == 0 || q.Period == nil {
		return "", nil
	}
	files := "read_parquet(" + l.e.files(paths(parts)) + ", union_by_name = true)"
	var rows []string
	err := l.e.each(ctx, "SELECT DISTINCT period FROM "+files+" ORDER BY 1", func(r *sql.Rows) error {
		var name string
		if err := r.Scan(&name); err != nil {
			return err
		}
		period, err := q.Period(name)
		if err != nil {
			return nil // who reads costs and measures for their own sake says what is wrong with them
		}
		for i, s := range q.Spans {
			if s.Start <= period.Start && period.End <= s.End {
				rows = append(rows, fmt.Sprintf("(%s, %d, %s, %s)", literal(name), i, date(period.Start), date(period.End)))
			}
		}
		return nil
	})
	if err != nil || len(rows) == 0 {
		return "", err
	}
	table := "named_period_" + book
	if err := l.e.small(ctx, table, `period VARCHAR, span INTEGER, moment DATE, "end" DATE`, rows); err != nil {
		return "", err
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = l.column(book, c.name, c.native)
	}
	return fmt.Sprintf("SELECT n.span, n.moment, n.\"end\", x.* EXCLUDE (period) FROM (SELECT period, %s FROM %s) x JOIN %s n ON n.period = x.period", join(list), files, table), nil
}

// Measured answers journey.Ledger.
func (l *Ledger) Measured(ctx context.Context, q journey.Question) ([]journey.Measured, error) {
	if len(q.Spans) == 0 || !l.has["measures"]["touchpoint"] {
		return nil, nil
	}
	p, err := l.parting(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := l.periodRows(ctx, "measures", l.from.Measures, q, []column{{"touchpoint", "VARCHAR"}, {"measure", "VARCHAR"}, {"value", "DECIMAL(18,6)"}, {"n", "DECIMAL(18,6)"}})
	if err != nil || rows == "" {
		return nil, err
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW figure AS SELECT span, moment, \"end\", touchpoint, measure, "+inMillionths("value")+" AS value, "+inMillionths("n")+" AS n FROM ("+rows+")"); err != nil {
		return nil, err
	}
	query, err := question("touchpoint_measures.sql", map[string]any{"Measure": foldedSQL("f.measure"), "Folded": foldedSQL("f.touchpoint")})
	if err != nil {
		return nil, err
	}
	var out []journey.Measured
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var m journey.Measured
		var touchpoint int
		var weighted bool
		var sum, n, high, low string
		if err := r.Scan(&m.Span, &touchpoint, &m.Measure, &m.Values, &sum, &weighted, &n, &high, &low, &m.Shared); err != nil {
			return err
		}
		m.Touchpoint = p.touchpoints[touchpoint]
		m.Mean = new(big.Rat).Quo(millionths(whole(sum)), big.NewRat(m.Values, 1))
		if weighted {
			m.N = millionths(whole(n))
			product := new(big.Int).Lsh(whole(high), 32)
			m.Mean = new(big.Rat).Quo(squaredMillionths(product.Add(product, whole(low))), m.N)
		}
		out = append(out, m)
		return nil
	})
	slices.SortFunc(out, func(a, b journey.Measured) int {
		return cmp.Or(cmp.Compare(a.Span, b.Span), cmp.Compare(a.Touchpoint, b.Touchpoint), cmp.Compare(a.Measure, b.Measure))
	})
	return out, err
}
