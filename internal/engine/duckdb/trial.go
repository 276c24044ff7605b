package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// Try types and judges the rows of one source as Stage does, hands the refused
// ones to refuse, and returns the counts with the first good rows. It gives no
// keys, writes no part and keeps nothing.
func (e *Engine) Try(ctx context.Context, l engine.Load, sample int, refuse func(engine.Refused) error) (engine.Tried, error) {
	s := &staging{e: e, load: l, name: e.fresh("tried"), found: make([]engine.Staged, len(l.Sources))}
	s.keyed = s.name // rows are looked at with their ids
	defer s.drop()
	tried := engine.Tried{}
	for _, step := range []func(context.Context) error{
		s.read,
		s.judgeKeys,
		func(ctx context.Context) error { return s.refused(ctx, refuse) },
		s.count,
		func(ctx context.Context) error { return s.extent(ctx, &tried) },
		func(ctx context.Context) error { return s.sample(ctx, sample, &tried) },
	} {
		if err := step(ctx); err != nil {
			return engine.Tried{}, err
		}
	}
	tried.Staged = s.found[0]
	return tried, nil
}

// extent tells the days and the amount of the good rows.
func (s *staging) extent(ctx context.Context, into *engine.Tried) error {
	first, last, amount := "NULL", "NULL", "NULL"
	for _, f := range s.load.Fields {
		name := quoted(f.Column.Name)
		switch {
		case f.Column.Name == s.load.Book.Time:
			first, last = "min("+dayNumber(name)+")", "max("+dayNumber(name)+")"
		case f.Column.Type == fact.Money && strings.HasSuffix(f.Column.Name, "amount"):
			amount = "CAST(sum(" + name + ") AS VARCHAR)"
		}
	}
	var from, to sql.NullInt64
	var sum sql.NullString
	if err := s.e.one(ctx, fmt.Sprintf("SELECT %s, %s, %s FROM %s WHERE __bad IS NULL", first, last, amount, s.name), &from, &to, &sum); err != nil {
		return err
	}
	into.First, into.Last = dayOf(from), dayOf(to)
	if sum.Valid {
		into.Amount = micros(sum.String)
	} else if amount != "NULL" {
		into.Amount = new(big.Int)
	}
	return nil
}

// sample reads the first good rows in the order of the file.
func (s *staging) sample(ctx context.Context, most int, into *engine.Tried) error {
	var texts []string
	for _, f := range s.load.Fields {
		into.Columns = append(into.Columns, f.Column.Name)
		texts = append(texts, "coalesce(CAST("+quoted(f.Column.Name)+" AS VARCHAR), '')")
	}
	query := fmt.Sprintf("SELECT __line, %s FROM %s WHERE __bad IS NULL ORDER BY __line LIMIT %d", strings.Join(texts, ", "), s.name, most)
	return s.e.each(ctx, query, func(r *sql.Rows) error {
		row := engine.TriedRow{Cells: make([]string, len(texts))}
		values := []any{&row.Line}
		for i := range row.Cells {
			values = append(values, &row.Cells[i])
		}
		if err := r.Scan(values...); err != nil {
			return err
		}
		into.Sample = append(into.Sample, row)
		return nil
	})
}
