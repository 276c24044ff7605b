package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
)

// Sample reads the first rows of a Parquet file as text, NULL as empty.
func (e *Engine) Sample(ctx context.Context, path string, rows int) ([][]string, error) {
	var out [][]string
	query := fmt.Sprintf("SELECT coalesce(CAST(COLUMNS(*) AS VARCHAR), '') FROM (SELECT * FROM read_parquet(%s) LIMIT %d)", literal(path), rows)
	err := e.each(ctx, query, func(r *sql.Rows) error {
		names, err := r.Columns()
		if err != nil {
			return err
		}
		row, into := make([]string, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		out = append(out, row)
		return r.Scan(into...)
	})
	return out, err
}

// inspection is one inspection under way.
type inspection struct {
	e     *Engine
	from  engine.Inspection
	has   map[string]bool
	found engine.Inspected
}

// Inspect answers what is unusual about a book, by bounded statistics.
func (e *Engine) Inspect(ctx context.Context, from engine.Inspection) (engine.Inspected, error) {
	i := &inspection{e: e, from: from, has: map[string]bool{}, found: engine.Inspected{Tallies: map[string][]engine.Valued{}}}
	for _, step := range []func(context.Context) error{i.open, i.coverage, i.customers, i.placeholders, i.days, i.values} {
		if err := step(ctx); err != nil {
			return engine.Inspected{}, err
		}
	}
	return i.found, nil
}

// open makes the view that the questions read.
func (i *inspection) open(ctx context.Context) error {
	if len(i.from.Parts) == 0 {
		return errors.New("inspect: a book without parts") // the caller leaves such books out
	}
	// The parts of a mapping store the same columns.
	columns, err := i.e.columns(ctx, i.from.Parts[0].Path)
	if err != nil {
		return err
	}
	for _, c := range columns {
		i.has[c.name] = true
		i.found.Columns = append(i.found.Columns, c.name)
	}
	column := func(name, native, as string) string {
		if name != "" && i.has[name] {
			return "CAST(" + quoted(name) + " AS " + native + ") AS " + as
		}
		return "CAST(NULL AS " + native + ") AS " + as
	}
	return i.e.exec(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP VIEW inspected AS SELECT %s, %s, %s FROM read_parquet(%s, union_by_name = true)",
		column("customer_key", "INTEGER", "customer_key"), column(i.from.Book.Time, "TIMESTAMP", "moment"), column(i.money(), "DECIMAL(18,6)", "amount"),
		i.e.files(paths(i.from.Parts))))
}

// money is the book's column of amounts.
func (i *inspection) money() string {
	for _, name := range []string{"amount", "monthly_amount"} {
		if i.has[name] {
			return name
		}
	}
	return ""
}

// sum is an exact sum, where the book has amounts.
func (i *inspection) sum(text string) *big.Int {
	if i.money() == "" {
		return nil
	}
	return micros(sixPlaces(text))
}

func (i *inspection) ask(ctx context.Context, name string, scan func(*sql.Rows) error) error {
	values := map[string]any{"Today": date(i.from.Today), "Keys": i.e.files(i.from.Keys), "Parts": i.e.files(paths(i.from.Parts))}
	query, err := question(name, values)
	if err != nil {
		return err
	}
	return i.e.each(ctx, query, scan)
}

func (i *inspection) coverage(ctx context.Context) error {
	return i.ask(ctx, "inspect_coverage.sql", func(r *sql.Rows) error {
		var identified bool
		var rows, future, clocked int64
		var sum string
		var last sql.NullInt64
		if err := r.Scan(&identified, &rows, &sum, &future, &last, &clocked); err != nil {
			return err
		}
		side := &i.found.Unidentified
		if identified {
			side = &i.found.Identified
		}
		*side = engine.Side{Rows: rows, Amount: i.sum(sum)}
		i.found.Clocked += clocked
		i.found.Future.Rows += future
		if last.Valid {
			i.found.Future.Day = max(i.found.Future.Day, calendar.Day(last.Int64))
		}
		return nil
	})
}

func (i *inspection) customers(ctx context.Context) error {
	if !i.has["customer_key"] || len(i.from.Keys) == 0 {
		return nil
	}
	var largest, rows sql.NullInt64
	var total sql.NullString
	err := i.ask(ctx, "inspect_customers.sql", func(r *sql.Rows) error {
		var negative string
		err := r.Scan(&i.found.Customers, &i.found.NegativeOnly.Rows, &negative, &largest, &rows, &total)
		i.found.NegativeOnly.Amount = i.sum(negative)
		return err
	})
	if err != nil || i.money() == "" || !largest.Valid || !total.Valid {
		return err
	}
	named := engine.Named{Rows: rows.Int64, Amount: i.sum(total.String)}
	i.found.Largest = &named
	return i.e.one(ctx, fmt.Sprintf("SELECT min(id) FROM read_parquet(%s) WHERE key = %d", i.e.files(i.from.Keys), largest.Int64), &named.ID)
}

func (i *inspection) placeholders(ctx context.Context) error {
	if !i.has["customer_key"] || len(i.from.Keys) == 0 {
		return nil
	}
	return i.ask(ctx, "inspect_placeholders.sql", func(r *sql.Rows) error {
		var n engine.Named
		var sum string
		err := r.Scan(&n.ID, &n.Rows, &sum)
		n.Amount = i.sum(sum)
		i.found.Placeholders = append(i.found.Placeholders, n)
		return err
	})
}

func (i *inspection) days(ctx context.Context) error {
	if !i.has[i.from.Book.Time] {
		return nil
	}
	return i.ask(ctx, "inspect_days.sql", func(r *sql.Rows) error {
		var median sql.NullFloat64
		var day, n sql.NullInt64
		if err := r.Scan(&median, &i.found.Days, &day, &n); err != nil {
			return err
		}
		i.found.Median = median.Float64
		if n.Valid {
			i.found.Crowded = append(i.found.Crowded, engine.Crowded{Day: calendar.Day(day.Int64), Rows: n.Int64})
		}
		return nil
	})
}

func (i *inspection) values(ctx context.Context) error {
	for _, name := range i.from.Tally {
		if !i.has[name] {
			continue
		}
		query, err := question("inspect_values.sql", map[string]any{"Column": quoted(name), "Parts": i.e.files(paths(i.from.Parts))})
		if err != nil {
			return err
		}
		err = i.e.each(ctx, query, func(r *sql.Rows) error {
			var v engine.Valued
			err := r.Scan(&v.Value, &v.Rows)
			i.found.Tallies[name] = append(i.found.Tallies[name], v)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Repeats counts the rows of one source that stand in it more than once,
// beyond the first of each.
func (e *Engine) Repeats(ctx context.Context, parts []engine.Part) (int64, error) {
	if len(parts) == 0 {
		return 0, nil
	}
	columns, err := e.columns(ctx, parts[0].Path)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, c := range columns {
		names = append(names, quoted(c.name))
	}
	query, err := question("inspect_repeats.sql", map[string]any{"Parts": e.files(paths(parts)), "Columns": strings.Join(names, ", ")})
	if err != nil {
		return 0, err
	}
	var n int64
	err = e.one(ctx, query, &n)
	return n, err
}

// Identities looks at the customer ids of all books together; the parts must
// store a customer_key.
func (e *Engine) Identities(ctx context.Context, parts []engine.Part, keys []string) (engine.Identities, error) {
	var found engine.Identities
	if len(parts) == 0 || len(keys) == 0 {
		return found, nil
	}
	if err := e.exec(ctx, "CREATE OR REPLACE TEMP VIEW held AS SELECT DISTINCT customer_key AS key FROM read_parquet("+e.files(paths(parts))+", union_by_name = true)"); err != nil {
		return found, err
	}
	query, err := question("inspect_ids.sql", map[string]any{"Keys": e.files(keys)})
	if err != nil {
		return found, err
	}
	err = e.each(ctx, query, func(r *sql.Rows) error {
		var one, other sql.NullString
		err := r.Scan(&found.IDs, &found.Floats, &found.FloatOf, &found.Twins, &one, &other)
		if one.Valid {
			found.TwinsLike = append(found.TwinsLike, [2]string{one.String, other.String})
		}
		return err
	})
	return found, err
}
