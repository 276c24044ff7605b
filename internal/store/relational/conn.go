package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// conn speaks to the database, inside a transaction or not. Statements are
// written with ? for every argument.
type conn struct {
	over Querier
	d    *Dialect
}

func (c conn) bind(query string) string {
	if !c.d.Numbered {
		return query
	}
	var out strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		out.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

// exec runs a statement and tells how many rows it changed.
func (c conn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	args, err := kept(args)
	if err != nil {
		return 0, err
	}
	r, err := c.over.ExecContext(ctx, c.bind(query), args...)
	if err != nil {
		return 0, Fault(err)
	}
	n, err := r.RowsAffected()
	return n, Fault(err)
}

// run is exec for when the number does not matter.
func (c conn) run(ctx context.Context, query string, args ...any) error {
	_, err := c.exec(ctx, query, args...)
	return err
}

// insert adds a row and returns the number that it was given.
func (c conn) insert(ctx context.Context, query string, args ...any) (id int64, err error) {
	_, err = c.one(ctx, query+" RETURNING id", args...).into(&id)
	return id, err
}

// scanner puts the columns of one row where they belong.
type scanner func(into ...any) error

// one is the answer to a question that has at most one row.
func (c conn) one(ctx context.Context, query string, args ...any) answer {
	args, err := kept(args)
	if err != nil {
		return answer{err: err}
	}
	return answer{row: c.over.QueryRowContext(ctx, c.bind(query), args...)}
}

type answer struct {
	row *sql.Row
	err error // why it was not asked
}

// into scans the row and tells whether there was one.
func (a answer) into(dest ...any) (bool, error) {
	if a.err != nil {
		return false, a.err
	}
	err := a.row.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, Fault(err)
}

// each hands every row of a query to do.
func (c conn) each(ctx context.Context, do func(scanner) error, query string, args ...any) (err error) {
	if args, err = kept(args); err != nil {
		return err
	}
	rows, err := c.over.QueryContext(ctx, c.bind(query), args...)
	if err != nil {
		return Fault(err)
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = Fault(closeErr)
		}
	}()
	for rows.Next() {
		if err := do(func(into ...any) error { return Fault(rows.Scan(into...)) }); err != nil {
			return err
		}
	}
	return Fault(rows.Err())
}

// all gathers what read makes of every row.
func all[T any](ctx context.Context, c conn, read func(scanner) (T, error), query string, args ...any) ([]T, error) {
	var out []T
	err := c.each(ctx, func(scan scanner) error {
		x, err := read(scan)
		out = append(out, x)
		return err
	}, query, args...)
	return out, err
}

// first is what read makes of the first row, and whether there was one.
func first[T any](ctx context.Context, c conn, read func(scanner) (T, error), query string, args ...any) (got T, found bool, err error) {
	list, err := all(ctx, c, read, query, args...)
	if err != nil || len(list) == 0 {
		return got, false, err
	}
	return list[0], true, nil
}

// alone keeps other writers of a table out until the transaction ends.
func (c conn) alone(ctx context.Context, table string) error {
	if c.d.Alone == "" {
		return nil
	}
	return c.run(ctx, fmt.Sprintf(c.d.Alone, table))
}

// stamped is a time that is kept: as RFC 3339 in UTC with nine digits, so that
// texts sort as times do; the zero time is the empty text.
type stamped time.Time

// text refuses a year that has not four digits: it would be written, and no
// table that holds it could be read again.
func (s stamped) text() (string, error) {
	t := time.Time(s).UTC()
	if t.IsZero() {
		return "", nil
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return "", fmt.Errorf("a time in the year %d cannot be kept; only years from 1 to 9999 can", t.Year())
	}
	return t.Format("2006-01-02T15:04:05.000000000Z07:00"), nil
}

// kept are arguments as the database keeps them.
func kept(args []any) ([]any, error) {
	out := slices.Clone(args)
	for i, a := range out {
		s, ok := a.(stamped)
		if !ok {
			continue
		}
		text, err := s.text()
		if err != nil {
			return nil, err
		}
		out[i] = text
	}
	return out, nil
}

// moment reads what stamped wrote, also with fewer digits, as it was once.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}

// moments reads several at once.
func moments(texts []string, into ...*time.Time) error {
	for i, text := range texts {
		t, err := moment(text)
		if err != nil {
			return err
		}
		*into[i] = t
	}
	return nil
}

// marks is ?, ?, ? for n arguments.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// tuples is (?, ?), (?, ?) for n rows of two columns.
func tuples(n, columns int) string {
	return strings.TrimSuffix(strings.Repeat("("+marks(columns)+"), ", n), ", ")
}
