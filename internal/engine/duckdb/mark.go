package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/throughline/throughline/internal/engine"
)

// Mark finds who somebody is, as far as a view knows: a customer by an id,
// with every id that links lead to or from, or an employee by a person id. It
// returns engine.ErrUnknown when no row names the id.
func (e *Engine) Mark(ctx context.Context, v engine.View, subject engine.Subject, id string) (engine.Marked, error) {
	m := engine.Marked{Subject: subject, IDs: []string{id}}
	if subject == engine.APerson {
		return m, e.knownPerson(ctx, v, id)
	}
	if err := e.linked(ctx, v, id, &m); err != nil {
		return m, err
	}
	return m, e.identity(ctx, v, &m)
}

// knownPerson looks for a person id in every column that may hold one.
func (e *Engine) knownPerson(ctx context.Context, v engine.View, id string) error {
	for _, book := range slices.Sorted(maps.Keys(v.Books)) {
		for _, column := range slices.Sorted(maps.Keys(namedIDs[book])) {
			if namedIDs[book][column] != engine.APerson {
				continue
			}
			has, err := e.stores(ctx, v.Books[book], column)
			if err != nil {
				return err
			}
			if !has {
				continue
			}
			n := 0
			if err := e.one(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s = %s", e.table(v.Books[book]), quoted(column), literal(id)), &n); err != nil || n > 0 {
				return err
			}
		}
	}
	return engine.ErrUnknown
}

// table reads parts together.
func (e *Engine) table(parts []engine.Part) string {
	return "read_parquet(" + e.files(paths(parts)) + ", union_by_name = true)"
}

// stores tells whether a book's parts store a column.
func (e *Engine) stores(ctx context.Context, parts []engine.Part, column string) (bool, error) {
	if len(parts) == 0 {
		return false, nil
	}
	columns, err := e.columns(ctx, parts[0].Path)
	return slices.ContainsFunc(columns, func(c storedColumn) bool { return c.name == column }), err
}

// linked finds all ids of a customer, whenever they were linked: every id that
// can be reached over links, in either direction.
func (e *Engine) linked(ctx context.Context, v engine.View, id string, m *engine.Marked) error {
	if len(v.Keys) == 0 {
		return engine.ErrUnknown
	}
	links := "(SELECT CAST(NULL AS INTEGER) AS old_key, CAST(NULL AS INTEGER) AS new_key WHERE FALSE)"
	if parts := v.Books["customer_links"]; len(parts) > 0 {
		links = e.table(parts)
	}
	m.IDs = nil
	query := fmt.Sprintf(`WITH RECURSIVE keys AS (SELECT id, key FROM read_parquet(%s)),
		edge AS (SELECT old_key AS a, new_key AS b FROM %s UNION ALL SELECT new_key, old_key FROM %[2]s),
		reached AS (SELECT key FROM keys WHERE id = %s UNION SELECT e.b FROM reached r JOIN edge e ON e.a = r.key)
		SELECT k.id, k.key FROM keys k JOIN reached r ON r.key = k.key ORDER BY k.id <> %[3]s, k.key`, e.files(paths(v.Keys)), links, literal(id))
	err := e.each(ctx, query, func(r *sql.Rows) error {
		var id string
		var key engine.Key
		err := r.Scan(&id, &key)
		m.IDs, m.Keys = append(m.IDs, id), append(m.Keys, key)
		return err
	})
	if err == nil && len(m.IDs) == 0 {
		return engine.ErrUnknown
	}
	return err
}

// identity adds names and addresses, those that others have too apart.
func (e *Engine) identity(ctx context.Context, v engine.View, m *engine.Marked) error {
	for _, c := range []struct {
		column string
		into   *[]string
	}{{"name", &m.Names}, {"email", &m.Emails}} {
		parts := v.Books["customers"]
		has, err := e.stores(ctx, parts, c.column)
		if err != nil || !has {
			return err
		}
		query := fmt.Sprintf(`WITH own AS (SELECT DISTINCT %[1]s AS text FROM %[2]s WHERE customer_key IN (%[3]s) AND %[1]s IS NOT NULL)
			SELECT text, EXISTS (SELECT 1 FROM %[2]s o WHERE o.customer_key NOT IN (%[3]s) AND strip_accents(lower(o.%[1]s)) = strip_accents(lower(own.text))) FROM own ORDER BY text`,
			c.column, e.table(parts), keyList(m.Keys))
		err = e.each(ctx, query, func(r *sql.Rows) error {
			var text string
			var shared bool
			if err := r.Scan(&text, &shared); err != nil {
				return err
			}
			if shared {
				m.Shared = append(m.Shared, text)
				return nil
			}
			*c.into = append(*c.into, text)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
