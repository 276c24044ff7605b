package duckdb

import (
	"context"
	"database/sql"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

var _ workforce.Ledger = (*Ledger)(nil)

// Workforce answers workforce.Ledger. Texts that are equal are held once.
func (l *Ledger) Workforce(ctx context.Context, until calendar.Day) (workforce.Books, error) {
	b := workforce.Books{Currency: money.Currency(l.home)}
	words := words{map[string]string{}, map[string]*money.Amount{}, map[int64]*calendar.Day{}}
	if err := l.people(ctx, until, words, &b); err != nil {
		return b, err
	}
	return b, l.trained(ctx, until, words, &b)
}

func (l *Ledger) people(ctx context.Context, until calendar.Day, in words, b *workforce.Books) error {
	query, err := l.bookRows("people", "people_rows.sql", l.from.People, until, [][2]string{
		{"hired_on", "DATE"}, {"left_on", "DATE"}, {"exit_kind", "VARCHAR"}, {"team", "VARCHAR"}, {"manager_id", "VARCHAR"}, {"location", "VARCHAR"}, {"entity", "VARCHAR"},
		{"annual_cost", "DECIMAL(18,6)"}, {"employer", "VARCHAR"}, {"kind", "VARCHAR"}, {"opened_on", "DATE"}, {"offered_on", "DATE"}, {"offer", "VARCHAR"},
		{"offered_cost", "DECIMAL(18,6)"}, {"offered_training", "DECIMAL(18,6)"},
	})
	if err != nil || query == "" {
		return err
	}
	b.People = make([]workforce.Row, 0, counted(l.from.People))
	// Once, and not a row: what a row is scanned into is kept by nobody.
	var from, hired, left, opened, offered sql.NullInt64
	var person, department, role, exit, team, manager, location, entity, employer, kind, offer sql.NullString
	var cost, offeredCost, hours sql.NullString
	return l.e.each(ctx, query, func(r *sql.Rows) error {
		if err := r.Scan(&person, &from, &department, &role, &hired, &left, &exit, &team, &manager, &location, &entity, &cost, &employer, &kind, &opened, &offered, &offer, &offeredCost, &hours); err != nil {
			return err
		}
		b.People = append(b.People, workforce.Row{Person: in.one(person), From: calendar.Day(from.Int64), Department: in.one(department), Role: in.one(role), Hired: in.day(hired), Left: in.day(left), Exit: in.one(exit),
			Team: in.one(team), Manager: in.one(manager), Location: in.one(location), Entity: in.one(entity), AnnualCost: in.amount(cost), Employer: in.one(employer), Kind: in.one(kind),
			Opened: in.day(opened), Offered: in.day(offered), Offer: in.one(offer), OfferedCost: in.amount(offeredCost), OfferedTraining: in.amount(hours)})
		return nil
	})
}

func (l *Ledger) trained(ctx context.Context, until calendar.Day, in words, b *workforce.Books) error {
	query, err := l.bookRows("trainings", "training_rows.sql", l.from.Trainings, until, [][2]string{
		{"hours", "DECIMAL(18,6)"}, {"direct_cost", "DECIMAL(18,6)"}, {"score", "DECIMAL(18,6)"}, {"passed", "BOOLEAN"}, {"kind", "VARCHAR"}, {"stage", "VARCHAR"},
	})
	if err != nil || query == "" {
		return err
	}
	b.Records = make([]workforce.Record, 0, counted(l.from.Trainings))
	var id, person, course, kind, stage sql.NullString
	var completed int64
	var hours, direct, score sql.NullString
	var passed sql.NullBool
	truth := map[bool]*bool{false: new(bool), true: new(bool)}
	*truth[true] = true
	return l.e.each(ctx, query, func(r *sql.Rows) error {
		if err := r.Scan(&id, &person, &course, &completed, &hours, &direct, &score, &passed, &kind, &stage); err != nil {
			return err
		}
		x := workforce.Record{ID: id.String, Person: in.one(person), Course: in.one(course), Completed: calendar.Day(completed), Hours: in.amount(hours), Direct: in.amount(direct), Score: in.amount(score), Kind: in.one(kind), Stage: in.one(stage)}
		if passed.Valid {
			x.Passed = truth[passed.Bool]
		}
		b.Records = append(b.Records, x)
		return nil
	})
}

// bookRows is a question of a book's rows, empty where there are none.
func (l *Ledger) bookRows(book, name string, parts []engine.Part, until calendar.Day, columns [][2]string) (string, error) {
	if len(parts) == 0 {
		return "", nil
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		switch {
		case !l.has[book][c[0]]:
			list[i] = "NULL"
		case c[1] == "DATE":
			list[i] = "datediff('day', DATE '1970-01-01', " + quoted(c[0]) + ")"
		case c[1] == "DECIMAL(18,6)":
			list[i] = "CAST(CAST(" + quoted(c[0]) + " AS DECIMAL(18,6)) AS VARCHAR)"
		default:
			list[i] = quoted(c[0])
		}
	}
	return question(name, map[string]any{"Files": l.e.files(paths(parts)), "Columns": join(list), "Until": date(until)})
}

// words holds each text, amount and day once: there are few of each, and many rows.
type words struct {
	texts   map[string]string
	amounts map[string]*money.Amount
	days    map[int64]*calendar.Day
}

func (w words) one(text sql.NullString) string {
	if !text.Valid {
		return ""
	}
	if held, ok := w.texts[text.String]; ok {
		return held
	}
	w.texts[text.String] = text.String
	return text.String
}

// amount is an exact number, nil where there is none.
func (w words) amount(text sql.NullString) *money.Amount {
	if !text.Valid {
		return nil
	}
	held, ok := w.amounts[text.String]
	if !ok {
		a := amount(text.String)
		held = &a
		w.amounts[text.String] = held
	}
	return held
}

// day is a day, nil where there is none.
func (w words) day(n sql.NullInt64) *calendar.Day {
	if !n.Valid {
		return nil
	}
	held, ok := w.days[n.Int64]
	if !ok {
		held = dayOf(n)
		w.days[n.Int64] = held
	}
	return held
}
