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

// Verdicts over a staged row. A row's own faults are 1 + 2·field (required
// and empty) and 2 + 2·field (given but unreadable).
const (
	verdictRepeated = 254 // same natural key, same content, earlier in the file
	verdictClash    = 255 // same natural key, other content, earlier in the file
)

// staging is one load on its way through temporary tables.
type staging struct {
	e      *Engine
	load   engine.Load
	source *rowSource // of text; nil for Parquet
	name   string     // __line, __file, the book's columns, __month, __rounded, __bad, __raw
	keyed  string     // the same with dense keys in place of ids
	found  []engine.Staged
}

// Stage reads sources into rows of their book, writes the good ones as parts
// below each source's folder and hands every refused row to refuse, source by
// source in the order of lines. Nothing it writes counts until the manifest
// says so.
func (e *Engine) Stage(ctx context.Context, l engine.Load, refuse func(engine.Refused) error) ([]engine.Staged, error) {
	s := &staging{e: e, load: l, name: e.fresh("staged"), keyed: e.fresh("keyed"), found: make([]engine.Staged, len(l.Sources))}
	defer s.drop()
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
		if err != nil {
			return "", err
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
				return "", err
			}
			rounded = append(rounded, "("+r+")")
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
	default:
		return f.Source.Text()
	}
}

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

// judgeKeys finds rows whose natural key stands earlier in the same file: the
// same content is one row said twice; other content is a refusal, because
// nothing says which of the two is right.
func (s *staging) judgeKeys(ctx context.Context) error {
	if len(s.load.Key) == 0 {
		return nil
	}
	key := columnList(s.load.Key)
	present := quoted(s.load.Key[0]) + " IS NOT NULL AND __bad IS NULL"
	again := s.e.fresh("again")
	if err := s.e.exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT hash(%s) AS h FROM %s WHERE %s GROUP BY 1 HAVING count(*) > 1", again, key, s.name, present)); err != nil {
		return err
	}
	var names []string
	for _, f := range s.load.Fields {
		names = append(names, f.Column.Name)
	}
	content := columnList(names)
	update := fmt.Sprintf(`UPDATE %[1]s SET __bad = v.verdict FROM (
		SELECT __line, CASE WHEN hash(%[4]s) = first_value(hash(%[4]s)) OVER w THEN %[5]d ELSE %[6]d END AS verdict, row_number() OVER w AS nth
		FROM %[1]s WHERE %[3]s AND hash(%[2]s) IN (SELECT h FROM %[7]s)
		WINDOW w AS (PARTITION BY %[2]s ORDER BY __line)) v
		WHERE v.__line = %[1]s.__line AND v.nth > 1`, s.name, key, present, content, verdictRepeated, verdictClash, again)
	if err := s.e.exec(ctx, update); err != nil {
		return err
	}
	return s.e.exec(ctx, "DROP TABLE "+again)
}

func columnList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoted(n)
	}
	return strings.Join(out, ", ")
}

// refused hands on every row with a verdict, with the day and amount that
// could be read, so that coverage can say what they would have been.
func (s *staging) refused(ctx context.Context, refuse func(engine.Refused) error) error {
	day, amount := "NULL", "NULL"
	for _, f := range s.load.Fields {
		switch f.Column.Name {
		case s.load.Book.Time:
			day = "datediff('day', DATE '1970-01-01', CAST(" + quoted(f.Column.Name) + " AS DATE))"
		case "amount":
			amount = "CAST(amount AS VARCHAR)"
		}
	}
	query := fmt.Sprintf("SELECT __file, __line, CAST(__bad AS INTEGER), __raw, %s, %s FROM %s WHERE __bad IS NOT NULL AND __bad <> %d ORDER BY __file, __line",
		day, amount, s.keyed, verdictRepeated)
	return s.e.each(ctx, query, func(r *sql.Rows) error {
		var line int64
		var bad, file int
		var raw, money sql.NullString
		var days sql.NullInt64
		if err := r.Scan(&file, &line, &bad, &raw, &days, &money); err != nil {
			return err
		}
		refusal := s.reason(bad, raw.String)
		refusal.Source, refusal.Line = file, line
		refusal.Day = dayOf(days)
		if money.Valid {
			refusal.Amount = micros(money.String)
		}
		return refuse(refusal)
	})
}

// reason says in words what a verdict means.
func (s *staging) reason(bad int, raw string) engine.Refused {
	if bad == verdictClash {
		return engine.Refused{
			Column: strings.Join(s.load.Key, ", "),
			Reason: "this " + strings.Join(s.load.Key, " and ") + " stands earlier in the file with other content; it is not what identifies a row",
		}
	}
	f := s.load.Fields[(bad-1)/2]
	r := engine.Refused{Column: f.Column.Name, From: f.Source.String(), Value: raw}
	if bad%2 == 1 {
		r.Reason = "is required and empty"
		return r
	}
	switch f.Column.Type {
	case fact.Money, fact.Number:
		r.Reason = numberReason(raw)
	case fact.Rate:
		r.Reason = "is not a rate above zero"
	case fact.Day, fact.Instant:
		r.Reason = "is not a date that the mapping can read"
	case fact.Truth:
		r.Reason = "is not yes or no"
	case fact.Choice:
		r.Reason = "is not one of " + strings.Join(f.Column.Choices, ", ")
	case fact.Currency:
		r.Reason = "is not a currency code of three letters"
	default:
		r.Reason = "cannot be read as " + f.Column.Type.String()
	}
	return r
}

// numberReason tells a number that is too large from text that is none.
func numberReason(raw string) string {
	digits := 0
	for _, r := range strings.TrimSpace(raw) {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '.':
			if digits > 12 {
				return "is too large; amounts stay below 1,000,000,000,000"
			}
			return "is not a number"
		case r != '-' && r != '+':
			return "is not a number"
		}
	}
	if digits > 12 {
		return "is too large; amounts stay below 1,000,000,000,000"
	}
	return "is not a number"
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
