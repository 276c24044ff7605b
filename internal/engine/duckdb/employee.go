package duckdb

import (
	"context"
	"database/sql"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
)

// Employee is the work that a person does on a day; ok is false when the books do not know them then.
func (r *Reader) Employee(ctx context.Context, view engine.View, person string, on calendar.Day) (p engine.Post, ok bool, err error) {
	parts := view.Books["people"]
	if len(parts) == 0 || person == "" {
		return p, false, nil
	}
	err = r.with(ctx, func(e *Engine) error {
		hired, left, real, err := e.employed(ctx, parts)
		if err != nil {
			return err
		}
		query, err := question("employee.sql", map[string]any{"Files": e.files(paths(parts)), "Hired": hired, "Left": left, "Real": real, "Person": literal(person), "Until": date(on + 1)})
		if err != nil {
			return err
		}
		return e.each(ctx, query, func(rows *sql.Rows) error {
			var since int64
			var begins, gone sql.NullInt64
			if err := rows.Scan(&p.Department, &p.Role, &since, &gone, &begins); err != nil {
				return err
			}
			if begins.Valid && calendar.Day(begins.Int64) > on {
				day := calendar.Day(begins.Int64)
				p.Begins = &day
			}
			ok, p.Since = true, calendar.Day(since)
			if gone.Valid && calendar.Day(gone.Int64) < on {
				day := calendar.Day(gone.Int64)
				p.Left = &day
			}
			return nil
		})
	})
	return p, ok, err
}

// employed are SQL of the days on which somebody was hired and left, and of whether a row is of somebody employed, where any of the parts says so.
func (e *Engine) employed(ctx context.Context, parts []engine.Part) (hired, left, real string, err error) {
	hired, left, real = "NULL", "NULL", "TRUE"
	for _, p := range parts {
		columns, err := e.columns(ctx, p.Path)
		if err != nil {
			return "", "", "", err
		}
		for _, c := range columns {
			switch c.name {
			case "hired_on":
				hired = "datediff('day', DATE '1970-01-01', hired_on)"
			case "left_on":
				left = "datediff('day', DATE '1970-01-01', left_on)"
			case "kind":
				real = notSought
			}
		}
	}
	return hired, left, real, nil
}

// notSought is SQL of a row of people that is not a candidate's.
const notSought = "kind IS DISTINCT FROM 'candidate'"
