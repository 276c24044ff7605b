package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// Overlaps looks for rows of identical content in different sources. Only
// months in which the days of two sources meet are looked into.
//
// A row in which the column unless has a value is known by it and left out.
func (e *Engine) Overlaps(ctx context.Context, parts []engine.Ordered, unless string) ([]engine.Overlap, error) {
	months := map[calendar.Month][]engine.Ordered{}
	for _, p := range parts {
		months[p.Month] = append(months[p.Month], p)
	}
	var found []engine.Overlap
	for month, those := range months {
		if !meet(those) {
			continue
		}
		more, err := e.overlapsIn(ctx, month, those, unless)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, func(a, b engine.Overlap) int {
		if a.Month != b.Month {
			return int(a.Month - b.Month)
		}
		return (a.A-b.A)*1000000 + a.B - b.B
	})
	return found, nil
}

// meet tells whether days of two different sources coincide.
func meet(parts []engine.Ordered) bool {
	for i, a := range parts {
		for _, b := range parts[i+1:] {
			if a.Source != b.Source && a.First <= b.Last && b.First <= a.Last {
				return true
			}
		}
	}
	return false
}

func (e *Engine) overlapsIn(ctx context.Context, month calendar.Month, parts []engine.Ordered, unless string) ([]engine.Overlap, error) {
	columns, err := e.columns(ctx, parts[0].Path)
	if err != nil {
		return nil, err
	}
	day := "0"
	for _, c := range columns {
		if c.native == "DATE" || c.native == "TIMESTAMP" {
			day = dayNumber(quoted(c.name))
			break
		}
	}
	var names []string
	for _, c := range columns {
		names = append(names, quoted(c.name))
	}
	condition := ""
	if slices.Contains(names, quoted(unless)) {
		condition = " WHERE " + quoted(unless) + " IS NULL"
	}
	query := fmt.Sprintf(`WITH counted AS (
			SELECT source, hash(%[1]s) AS h1, hash('again', %[1]s) AS h2, count(*) AS n, min(%[2]s) AS day FROM (%[3]s)%[4]s GROUP BY 1, 2, 3)
		SELECT a.source, b.source, CAST(sum(least(a.n, b.n)) AS BIGINT), min(a.day), max(a.day)
		FROM counted a JOIN counted b ON a.h1 = b.h1 AND a.h2 = b.h2 AND a.source < b.source
		GROUP BY 1, 2 ORDER BY 1, 2`, strings.Join(names, ", "), day, e.union(parts, false), condition)
	var found []engine.Overlap
	err = e.each(ctx, query, func(r *sql.Rows) error {
		o := engine.Overlap{Month: month}
		if err := r.Scan(&o.A, &o.B, &o.Rows, &o.First, &o.Last); err != nil {
			return err
		}
		found = append(found, o)
		return nil
	})
	return found, err
}

// union reads parts together, each with its source's place and, when asked,
// its row number.
func (e *Engine) union(parts []engine.Ordered, numbered bool) string {
	number := ""
	if numbered {
		number = ", file_row_number AS __row"
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = fmt.Sprintf("SELECT *%s, %d AS source, %d AS month FROM read_parquet(%s, file_row_number = %t)",
			strings.Replace(number, ", file_row_number AS __row", " RENAME (file_row_number AS __row)", 1), p.Source, p.Month, e.files([]string{p.Path}), numbered)
	}
	return strings.Join(texts, " UNION ALL BY NAME ")
}

type storedColumn struct{ name, native string }

// columns lists what a part stores.
func (e *Engine) columns(ctx context.Context, path string) ([]storedColumn, error) {
	var out []storedColumn
	err := e.each(ctx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet("+e.files([]string{path})+"))", func(r *sql.Rows) error {
		var c storedColumn
		if err := r.Scan(&c.name, &c.native); err != nil {
			return err
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

// Merge writes each month that holds rows of several sources as one part.
func (e *Engine) Merge(ctx context.Context, m engine.Merge, folder string) ([]engine.Part, error) {
	all := e.fresh("merging")
	if err := e.exec(ctx, "CREATE TEMP TABLE "+all+" AS SELECT *, FALSE AS lost FROM ("+e.union(m.Parts, true)+")"); err != nil {
		return nil, err
	}
	defer func() { _ = e.exec(context.Background(), "DROP TABLE "+all) }()
	for _, update := range losers(m, all) {
		if err := e.exec(ctx, update); err != nil {
			return nil, err
		}
	}
	var months []calendar.Month
	err := e.each(ctx, "SELECT DISTINCT month FROM "+all+" WHERE lost ORDER BY 1", func(r *sql.Rows) error {
		var month int
		err := r.Scan(&month)
		months = append(months, calendar.Month(month))
		return err
	})
	if err != nil {
		return nil, err
	}
	var parts []engine.Part
	for _, month := range months {
		p, err := e.mergeMonth(ctx, m, all, month, folder)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// losers marks the rows that do not stand.
func losers(m engine.Merge, all string) (updates []string) {
	unkeyed := "TRUE"
	if len(m.Key) > 0 {
		key := columnList(storedNames(m.Book, m.Key))
		first := quoted(storedNames(m.Book, m.Key[:1])[0])
		unkeyed = first + " IS NULL"
		updates = append(updates, fmt.Sprintf(`UPDATE %[1]s SET lost = TRUE FROM (
			SELECT source AS s, month AS mo, __row AS r, max(source) OVER (PARTITION BY %[2]s) AS winner FROM %[1]s WHERE %[3]s IS NOT NULL) v
			WHERE v.s < v.winner AND v.s = source AND v.mo = month AND v.r = __row`, all, key, first))
	}
	if !m.Once {
		return updates
	}
	var names []string
	for _, c := range m.Columns {
		names = append(names, stored(c))
	}
	// The k-th occurrence in one source is the same row as the k-th in another.
	return append(updates, fmt.Sprintf(`UPDATE %[1]s SET lost = TRUE FROM (
		SELECT s, mo, r, min(s) OVER (PARTITION BY %[2]s, k) AS winner FROM (
			SELECT *, source AS s, month AS mo, __row AS r, row_number() OVER (PARTITION BY source, %[2]s ORDER BY __row) AS k FROM %[1]s WHERE %[3]s)) v
		WHERE v.s > v.winner AND v.s = source AND v.mo = month AND v.r = __row`, all, columnList(names), unkeyed))
}

// stored is the name of a column in the parts.
func stored(c fact.Column) string {
	if c.Refers != "" {
		return KeyColumn(c.Name)
	}
	return c.Name
}

func storedNames(b fact.Book, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		c, _ := b.Column(n)
		out[i] = stored(c)
	}
	return out
}

// mergeMonth writes what stands of a month and fingerprints it as an import
// of the same rows would.
func (e *Engine) mergeMonth(ctx context.Context, m engine.Merge, all string, month calendar.Month, folder string) (engine.Part, error) {
	var names, canonical, joins []string
	fields := map[string]int{}
	order := ""
	for i, c := range m.Columns {
		name := stored(c)
		names = append(names, quoted(name))
		fields[name] = c.Field
		text := "s." + quoted(name)
		if c.Refers != "" {
			text = fmt.Sprintf("CASE WHEN d%d.id IS NOT NULL THEN hash(d%d.id) END", i, i)
			joins = append(joins, fmt.Sprintf("LEFT JOIN read_parquet(%s) d%d ON d%d.key = s.%s", e.files(m.Keys), i, i, quoted(name)))
			if order == "" {
				order = " ORDER BY " + quoted(name)
			}
		}
		canonical = append(canonical, text)
	}
	first, last := "NULL", "NULL"
	if c, ok := m.Book.Column(m.Book.Time); ok && slices.Contains(names, quoted(c.Name)) {
		day := dayNumber("s." + quoted(c.Name))
		first, last = "min("+day+")", "max("+day+")"
	}
	var rows int64
	var h1, h2 string
	var from, to sql.NullInt64
	high, low := rowHashes(canonical)
	query := fmt.Sprintf(`SELECT count(*), coalesce(CAST(sum(CAST(%s AS HUGEINT)) AS VARCHAR), '0'), coalesce(CAST(sum(CAST(%s AS HUGEINT)) AS VARCHAR), '0'), %s, %s
		FROM %s s %s WHERE s.month = %d AND NOT s.lost`, high, low, first, last, all, strings.Join(joins, " "), month)
	if err := e.one(ctx, query, &rows, &h1, &h2, &from, &to); err != nil {
		return engine.Part{}, err
	}
	p, err := e.writePart(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE month = %d AND NOT lost%s", strings.Join(names, ", "), all, month, order),
		filepath.Join(folder, monthFile(month)), fields)
	if err != nil {
		return engine.Part{}, err
	}
	p.Month, p.Rows, p.Fingerprint = month, rows, fingerprint(rows, h1, h2)
	if from.Valid {
		p.First, p.Last = calendar.Day(from.Int64), calendar.Day(to.Int64)
	}
	return p, nil
}

// Firsts writes each customer's first line and first positive line as far as
// they are earlier than known says. It returns nil where no customer is named.
func (e *Engine) Firsts(ctx context.Context, f engine.Firsts) (*engine.Part, error) {
	columns, err := e.columns(ctx, f.Lines[0])
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(columns, func(c storedColumn) bool { return c.name == "customer_key" }) {
		return nil, nil
	}
	table := e.fresh("firsts")
	query := fmt.Sprintf(`SELECT customer_key, min(CAST(ordered_at AS DATE)) AS first_line,
		min(CASE WHEN amount > 0 THEN CAST(ordered_at AS DATE) END) AS first_positive
		FROM read_parquet(%s) WHERE customer_key IS NOT NULL GROUP BY 1`, e.files(f.Lines))
	if len(f.Dropped) > 0 {
		until := date(f.Until)
		query = fmt.Sprintf(`SELECT customer_key, min(first_line) AS first_line, min(first_positive) AS first_positive FROM (%s UNION ALL
			SELECT customer_key, first_line, CASE WHEN first_positive < %s THEN first_positive END FROM read_parquet(%s) WHERE first_line < %[2]s) GROUP BY 1`,
			query, until, e.files(f.Dropped))
	}
	if err := e.exec(ctx, "CREATE TEMP TABLE "+table+" AS "+query); err != nil {
		return nil, err
	}
	defer func() { _ = e.exec(context.Background(), "DROP TABLE "+table) }()
	query = "SELECT * FROM " + table
	if len(f.Known) > 0 {
		query = fmt.Sprintf(`SELECT n.* FROM %[1]s n LEFT JOIN (
			SELECT customer_key, min(first_line) AS first_line, min(first_positive) AS first_positive
			FROM read_parquet(%[2]s) WHERE customer_key IN (SELECT customer_key FROM %[1]s) GROUP BY 1) k USING (customer_key)
			WHERE k.customer_key IS NULL OR n.first_line < k.first_line OR n.first_positive < k.first_positive
				OR (k.first_positive IS NULL AND n.first_positive IS NOT NULL)`, table, e.files(f.Known))
	}
	p, err := e.writePart(ctx, query+" ORDER BY customer_key", filepath.Join(f.Folder, "firsts.parquet"),
		map[string]int{"customer_key": 1, "first_line": 2, "first_positive": 3})
	if err != nil {
		return nil, err
	}
	p.Month = engine.Undated
	return &p, syncFolder(filepath.Join(e.dir, f.Folder))
}
