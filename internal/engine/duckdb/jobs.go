package duckdb

import (
	"context"
	"database/sql"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

var _ journey.People = (*Ledger)(nil)

// Jobs answers journey.People.
func (l *Ledger) Jobs(ctx context.Context, on calendar.Day) (out []journey.Job, err error) {
	if len(l.from.People) == 0 {
		return nil, nil
	}
	known := func(column, sql, otherwise string) string {
		if l.has["people"][column] {
			return sql
		}
		return otherwise
	}
	query, err := question("jobs.sql", map[string]any{
		"Files": l.e.files(paths(l.from.People)), "On": date(on),
		"Real": known("kind", notSought, "TRUE"), "Hired": known("hired_on", "hired_on", "CAST(NULL AS DATE)"), "Left": known("left_on", "left_on", "CAST(NULL AS DATE)"),
	})
	if err != nil {
		return nil, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var j journey.Job
		if err := r.Scan(&j.Department, &j.Role, &j.People); err != nil {
			return err
		}
		out = append(out, j)
		return nil
	})
	return out, err
}
