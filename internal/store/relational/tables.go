package relational

import (
	"context"
	"slices"
	"strings"
)

// table is one that the store consists of.
type table struct {
	name     string
	numbered bool // the database numbers its rows, in a column id
	once     bool // a number that was given is never given again, also when its row is gone
}

// tables lists all, those that others refer to first.
var tables = []table{
	{name: "snapshot"},
	{name: "source", numbered: true},
	{name: "part", numbered: true},
	{name: "overlap", numbered: true},
	{name: "rule"},
	{name: "seal", numbered: true},
	{name: "review", numbered: true},
	{name: "cohort_column"},
	{name: "company"},
	{name: "change", numbered: true, once: true},
	{name: "document", numbered: true, once: true},
	{name: "item", numbered: true, once: true},
	{name: "upload", numbered: true, once: true},
	{name: "schedule", numbered: true, once: true},
	{name: "run", numbered: true, once: true},
	{name: "erasure", numbered: true, once: true},
	{name: "submission"},
	{name: "forgotten", numbered: true, once: true},
	{name: "users", numbered: true, once: true},
	{name: "password"},
	{name: "passkey"},
	{name: "identity"},
	{name: "device", numbered: true, once: true},
	{name: "session", numbered: true, once: true},
	{name: "link"},
	{name: "token", numbered: true, once: true},
	{name: "tally"},
	{name: "audit"},
}

// columns lists a table's columns by name, and those of its primary key; none
// when the table is not there, as in a store with an older schema.
func (c conn) columns(ctx context.Context, t table) (names, key []string, err error) {
	places := map[int64]string{}
	err = c.each(ctx, func(scan scanner) error {
		var name string
		var place int64
		if err := scan(&name, &place); err != nil {
			return err
		}
		names = append(names, name)
		if place > 0 {
			places[place] = name
		}
		return nil
	}, c.d.Columns, t.name)
	for n := int64(1); places[n] != ""; n++ {
		key = append(key, places[n])
	}
	slices.Sort(names)
	return names, key, err
}

// rows hands every row of a table to do, in the order of the key, with the
// values in the order of the columns.
func (c conn) rows(ctx context.Context, t table, names, key []string, do func(values []any) error) error {
	values := make([]any, len(names))
	into := make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	return c.each(ctx, func(scan scanner) error {
		if err := scan(into...); err != nil {
			return err
		}
		return do(values)
	}, "SELECT "+strings.Join(names, ", ")+" FROM "+t.name+" ORDER BY "+strings.Join(key, ", "))
}
