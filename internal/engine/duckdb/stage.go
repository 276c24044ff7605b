package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// staging is one load on its way through temporary tables.
type staging struct {
	e      *Engine
	load   engine.Load
	source *rowSource  // of text; nil for Parquet
	name   string      // __line, __file, the book's columns, __month, __rounded, __bad, __raw
	keyed  string      // the same with dense keys in place of ids
	forget *forgetting // nil when nobody is forgotten
	found  []engine.Staged
}

// Stage reads sources into rows of their book, writes the good ones as parts
// below each source's folder and hands every refused row to refuse, source by
// source in the order of lines. Nothing it writes counts until the manifest
// says so.
func (e *Engine) Stage(ctx context.Context, l engine.Load, refuse func(engine.Refused) error) ([]engine.Staged, error) {
	s := &staging{e: e, load: l, name: e.fresh("staged"), keyed: e.fresh("keyed"), found: make([]engine.Staged, len(l.Sources))}
	defer s.drop()
	var err error
	if s.forget, err = e.forgets(l.Memory); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{
		s.read,
		s.judgeKeys,
		s.key,
		func(ctx context.Context) error { return s.refused(ctx, refuse) },
		s.count,
		s.write,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return s.found, nil
}

// direct tells whether the source can be read again and again, so that its
// typed rows need not be held.
func (s *staging) direct() bool { return s.load.Sources[0].Rows == nil && len(s.load.Key) == 0 }

func (s *staging) drop() {
	kind := "TABLE"
	if s.direct() {
		kind = "VIEW"
	}
	// What was never made is no error worth telling.
	_ = s.e.exec(context.Background(), "DROP "+kind+" IF EXISTS "+s.name)
	_ = s.e.exec(context.Background(), "DROP TABLE IF EXISTS "+s.keyed)
}

// read sets the mapping up over the source: as a view over Parquet, in one
// pass into a table where the source is text or rows have to be compared.
func (s *staging) read(ctx context.Context) error {
	tables := make([]engine.Table, len(s.load.Sources))
	for i, src := range s.load.Sources {
		tables[i] = src.Table
	}
	from, source, err := s.e.relation(tables...)
	if err != nil {
		return err
	}
	s.source = source
	rows := "SELECT s.* FROM " + from + " s"
	for i, j := range s.load.Joins {
		if rows, err = s.join(ctx, rows, i, j); err != nil {
			return err
		}
	}
	query, err := s.mapping(rows)
	if err != nil {
		return err
	}
	if s.direct() {
		return s.e.exec(ctx, "CREATE TEMP VIEW "+s.name+" AS "+query)
	}
	err = s.e.exec(ctx, "CREATE TEMP TABLE "+s.name+" AS "+query)
	if source != nil && source.err != nil {
		return source.err
	}
	return err
}

// join adds a joined file's columns, prefixed j1_, j2_, … Its key must not
// repeat, or lines would be multiplied.
func (s *staging) join(ctx context.Context, rows string, i int, j engine.Join) (string, error) {
	from, source, err := s.e.relation(j.Table)
	if err != nil {
		return "", err
	}
	name := s.e.fresh("joined")
	err = s.e.exec(ctx, "CREATE TEMP TABLE "+name+" AS SELECT * FROM "+from)
	if source != nil && source.err != nil {
		return "", source.err
	}
	if err != nil {
		return "", err
	}
	var key string
	var times int64
	err = s.e.each(ctx, fmt.Sprintf("SELECT CAST(%[1]s AS VARCHAR), count(*) FROM %[2]s j WHERE %[1]s IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1", j.Right, name),
		func(r *sql.Rows) error { return r.Scan(&key, &times) })
	if err != nil {
		return "", err
	}
	if times > 1 {
		return "", fmt.Errorf("join %s: %q stands %d times; a joined file needs one row each, or lines would count more than once", j.Name, key, times)
	}
	var columns []string
	for _, c := range j.Columns {
		own := strings.TrimPrefix(c.SQL, "s.")
		plain := quoted(strings.TrimPrefix(strings.Trim(own, `"`), fmt.Sprintf("j%d_", i+1)))
		columns = append(columns, "j."+plain+" AS "+own)
	}
	return fmt.Sprintf("SELECT s.*, %s FROM (%s) s LEFT JOIN %s j ON %s = %s", strings.Join(columns, ", "), rows, name, j.Left, j.Right), nil
}

// mapping is the query that types each column, judges each row and keeps the
// raw text of what it refuses. The three levels keep every expression
// computed once.
func (s *staging) mapping(rows string) (string, error) {
	typed := []string{"s.*"}
	outer := []string{"s." + lineColumn, "s." + fileColumn}
	var verdict, raw, rounded []string
	for i, f := range s.load.Fields {
		value, err := typedSQL(f)
		var taxRounded string
		if err == nil && f.Tax != nil {
			value, taxRounded, err = net(f, value)
		}
		if err != nil {
			return "", &engine.Misfit{Column: f.Column.Name, Cause: err}
		}
		v := fmt.Sprintf("__v%d", i)
		typed = append(typed, value+" AS "+v)
		outer = append(outer, fmt.Sprintf("s.%s AS %s", v, quoted(f.Column.Name)))
		empty := "NULL"
		if f.Column.Required {
			empty = fmt.Sprint(1 + 2*i)
		}
		// One CASE in another: whether the source said anything is asked only
		// of the rows without a value.
		verdict = append(verdict, fmt.Sprintf("CASE WHEN s.%s IS NULL THEN CASE WHEN %s THEN %d ELSE %s END END", v, f.Source.Given(), 2+2*i, empty))
		raw = append(raw, fmt.Sprintf("WHEN %d THEN %s", 2+2*i, f.Source.Raw()))
		if f.Column.Type == fact.Money {
			r, err := f.Source.Rounded()
			if err != nil {
				return "", &engine.Misfit{Column: f.Column.Name, Cause: err}
			}
			rounded = append(rounded, "("+r+")")
			if f.Tax != nil && f.Tax.Whole {
				rounded = append(rounded, taxRounded)
			}
		}
	}
	middle := fmt.Sprintf("SELECT s.*, CAST(coalesce(%s) AS UTINYINT) AS __bad FROM (SELECT %s FROM (%s) s%s) s",
		strings.Join(verdict, ", "), strings.Join(typed, ", "), rows, where(s.load.Where))
	outer = append(outer, "s.__bad AS __bad",
		"CASE s.__bad "+strings.Join(raw, " ")+" END AS __raw",
		"coalesce("+orFalse(rounded)+", FALSE) AS __rounded",
		s.monthOf()+" AS __month")
	return "SELECT " + strings.Join(outer, ", ") + " FROM (" + middle + ") s", nil
}

func where(condition string) string {
	if condition == "" {
		return ""
	}
	return " WHERE (" + condition + ")"
}

func orFalse(terms []string) string {
	if len(terms) == 0 {
		return "FALSE"
	}
	return strings.Join(terms, " OR ")
}

// monthOf counts a row's month in months since year 0, as calendar.Month does.
func (s *staging) monthOf() string {
	for i, f := range s.load.Fields {
		if f.Column.Name == s.load.Book.Time {
			v := fmt.Sprintf("s.__v%d", i)
			return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN -1 ELSE CAST(year(%[1]s) * 12 + month(%[1]s) - 1 AS INTEGER) END", v)
		}
	}
	return "-1"
}

// typedSQL renders a field's value in the type that the parts store.
func typedSQL(f engine.Field) (string, error) {
	switch f.Column.Type {
	case fact.Money, fact.Number:
		if c, ok := f.Source.Bare(); ok && narrow(c.Native) {
			return "CAST(" + c.SQL + " AS DECIMAL(18,6))", nil
		}
		n, err := f.Source.Kept()
		return "TRY_CAST(" + n + " AS DECIMAL(18,6))", err
	case fact.Rate:
		return rateSQL(f)
	case fact.Day:
		return f.Source.Date()
	case fact.Instant:
		return f.Source.Timestamp()
	case fact.Truth:
		return f.Source.Boolean()
	case fact.Choice:
		t, err := f.Source.Text()
		var options []string
		for _, c := range f.Column.Choices {
			options = append(options, literal(c))
		}
		return fmt.Sprintf("CASE WHEN lower(%[1]s) IN (%[2]s) THEN lower(%[1]s) END", t, strings.Join(options, ", ")), err
	case fact.Currency:
		t, err := f.Source.Text()
		return fmt.Sprintf("CASE WHEN regexp_full_match(upper(%[1]s), '[A-Z]{3}') THEN upper(%[1]s) END", t), err
	case fact.PeriodKey:
		t, err := f.Source.Text()
		return fmt.Sprintf("CASE WHEN regexp_full_match(%[1]s, %[2]s) THEN %[1]s END", t, literal(periodForm)), err
	default:
		return f.Source.Text()
	}
}

// periodForm is how a period's name is written; whether the company's calendar
// has it, whoever reads it asks. See calendar.Parse.
const periodForm = `(FY)?[1-9][0-9]{3}|[1-9][0-9]{3}-(Q[1-4]|0[1-9]|1[0-2]|W[0-5][0-9])|FY[1-9][0-9]{3}-(Q[1-4]|P[01][0-9])|[1-9][0-9]{3}-[01][0-9]-[0-3][0-9]\.\.[1-9][0-9]{3}-[01][0-9]-[0-3][0-9]`

// narrow tells whether every value of a stored type is an amount: at most six
// places, and at most twelve digits before them.
func narrow(native string) bool {
	var width, scale int
	n, err := fmt.Sscanf(native, "DECIMAL(%d,%d)", &width, &scale)
	return err == nil && n == 2 && scale <= 6 && width-scale <= 12
}

// rateSQL reads a rate with ten places, four more than expressions keep: from
// the text itself when that is a plain decimal near the number that was read.
func rateSQL(f engine.Field) (string, error) {
	number, err := f.Source.Number()
	if err != nil {
		return "", err
	}
	text, err := f.Source.Text()
	if err != nil {
		return "", err
	}
	exact := "TRY_CAST(replace(" + text + ", ',', '.') AS DECIMAL(18,10))"
	return fmt.Sprintf("CASE WHEN (%[1]s) > 0 OR %[2]s > 0 THEN CASE WHEN abs(%[2]s - (%[1]s)) <= 0.000001 THEN %[2]s ELSE TRY_CAST(%[1]s AS DECIMAL(18,10)) END END", number, exact), nil
}

// count adds up what the load found, source by source.
func (s *staging) count(ctx context.Context) error {
	query := fmt.Sprintf(`SELECT __file, count(*) FILTER (__bad IS NULL), count(*) FILTER (__bad IS NOT NULL AND __bad <> %d),
		count(*) FILTER (__bad = %d), count(*) FILTER (__bad IS NULL AND __rounded) FROM %s GROUP BY 1`, verdictRepeated, verdictRepeated, s.keyed)
	err := s.e.each(ctx, query, func(r *sql.Rows) error {
		var file int
		var n engine.Staged
		err := r.Scan(&file, &n.Rows, &n.Refused, &n.Repeated, &n.Rounded)
		n.NewKeys = s.found[file].NewKeys
		s.found[file] = n
		return err
	})
	if err != nil || s.load.Where == "" {
		return err
	}
	for i, src := range s.load.Sources {
		total := int64(0)
		if s.source != nil {
			total = s.source.count
		} else if err := s.e.one(ctx, "SELECT CAST(sum(num_rows) AS BIGINT) FROM parquet_file_metadata("+literal(src.Parquet)+")", &total); err != nil {
			return err
		}
		if src.Most > 0 {
			total = min(total, src.Most)
		}
		s.found[i].Skipped = total - s.found[i].Rows - s.found[i].Refused - s.found[i].Repeated
	}
	return nil
}

// refers lists the fields whose ids are replaced by dense keys.
func (s *staging) refers() []engine.Field {
	return slices.DeleteFunc(slices.Clone(s.load.Fields), func(f engine.Field) bool { return f.Column.Refers == "" })
}

// KeyColumn is the stored name of an id column's dense key.
func KeyColumn(id string) string { return strings.TrimSuffix(id, "_id") + "_key" }

// micros reads a DECIMAL(…,6) as text into millionths.
func micros(text string) *big.Int {
	n, ok := new(big.Int).SetString(strings.Replace(text, ".", "", 1), 10)
	if !ok {
		return nil
	}
	return n
}
