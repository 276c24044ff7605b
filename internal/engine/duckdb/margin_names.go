package duckdb

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/profit"
)

var _ profit.Names = (*Ledger)(nil)

// namesIn is a column in which names are looked for.
type namesIn struct {
	Column, Files string
	Before        string // which rows count; empty: all
}

// UnusedMargins answers profit.Names.
func (l *Ledger) UnusedMargins(ctx context.Context, until calendar.Day) ([]string, error) {
	var names []string
	for name := range l.from.Margins {
		if name != "default" {
			names = append(names, name)
		}
	}
	var in []namesIn
	if l.has["orders"]["product"] && l.from.Basis != "subscriptions" {
		in = append(in, namesIn{"product", l.e.files(paths(l.from.Orders)), "ordered_at < " + date(until)})
	}
	if l.has["subscriptions"]["plan"] && l.from.Basis != "orders" {
		in = append(in, namesIn{"plan", l.e.files(paths(l.from.Subscriptions)), "started_on < " + date(until)})
	}
	if l.has["customers"]["segment"] {
		in = append(in, namesIn{"segment", l.e.files(paths(l.from.Customers)), ""})
	}
	return l.e.unusedNames(ctx, names, in)
}

// UnusedNames lists which names stand in no column of the given books, in
// order.
func (e *Engine) UnusedNames(ctx context.Context, names []string, columns []engine.TextColumn) ([]string, error) {
	var in []namesIn
	for _, c := range columns {
		stored, err := e.columns(ctx, c.Parts[0].Path) // the parts of a mapping store the same columns
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(stored, func(s storedColumn) bool { return s.name == c.Name }) {
			in = append(in, namesIn{c.Name, e.files(paths(c.Parts)), ""})
		}
	}
	return e.unusedNames(ctx, names, in)
}

func (e *Engine) unusedNames(ctx context.Context, names []string, in []namesIn) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	var texts []string
	for _, name := range names {
		texts = append(texts, literal(name))
	}
	query, err := question("margin_names.sql", map[string]any{"Sources": in, "Names": strings.Join(texts, ", ")})
	if err != nil {
		return nil, err
	}
	stands := map[string]bool{}
	err = e.each(ctx, query, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		stands[name] = true
		return err
	})
	return slices.DeleteFunc(names, func(name string) bool { return stands[name] }), err
}
