package expr

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// vocabulary is every word that rendered SQL may hold outside of literals and quoted names. It is kept by hand, apart from
// the renderer, on purpose.
var vocabulary = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`s CASE WHEN THEN ELSE END AND OR NOT IS NULL IN LIKE TRUE FALSE CAST TRY_CAST TRY AS AT TIME ZONE
		DECIMAL VARCHAR HUGEINT INTEGER DOUBLE FLOAT DATE TIMESTAMP TIMESTAMPTZ BOOLEAN COALESCE NULLIF trim ltrim rtrim lower upper
		substr left right length replace split_part concat abs greatest least coalesce isnan regexp_extract regexp_matches
		regexp_full_match regexp_replace try_strptime list_value suffix strlen to_months trunc year`) {
		words[w] = true
	}
	return words
}()

var (
	quotedText = regexp.MustCompile(`'(''|[^'])*'|"(""|[^"])*"`)
	lexeme     = regexp.MustCompile(`[\pL_][\pL\pN_]*|[0-9.]+(e[0-9]+)?`)
	allowed    = regexp.MustCompile(`^[-\s(),.+*/%=<>|]*$`)
)

// foreign returns what in a SQL text is not of the vocabulary.
func foreign(sql string) string {
	rest := quotedText.ReplaceAllString(sql, " ")
	if strings.Contains(rest, "--") || strings.Contains(rest, "/*") {
		return "a comment"
	}
	for _, w := range lexeme.FindAllString(rest, -1) {
		if c := w[0]; c != '.' && (c < '0' || c > '9') && !vocabulary[w] {
			return w
		}
	}
	if rest = lexeme.ReplaceAllString(rest, " "); !allowed.MatchString(rest) {
		return rest
	}
	return ""
}

func TestTheCheckerOfVocabularyBites(t *testing.T) {
	for _, sql := range []string{"s.x", "getenv('HOME')", "trim('a'); DROP", "1 -- 2", "1 /* 2", "$1", "x", `'a' 'b' ?`, `"a" 'b`, "a[1]"} {
		if foreign(sql) == "" {
			t.Errorf("%s passes", sql)
		}
	}
	if f := foreign(`COALESCE(trim(s."it's; --"), 'getenv()', 1e9)`); f != "" {
		t.Errorf("refused for %s", f)
	}
}

var readings = []func(*Expr) (string, error){(*Expr).Number, (*Expr).Kept, (*Expr).Rounded, (*Expr).Text, (*Expr).Timestamp, (*Expr).Date,
	(*Expr).Boolean, given, raw}

// all renders every reading; a refused one counts by its reason without the expression's text.
func all(e *Expr) []string {
	var out []string
	for _, ask := range readings {
		sql, err := ask(e)
		if err != nil {
			sql = "refused"
		}
		out = append(out, sql)
	}
	return out
}

var dialects = []Dialect{{}, {Decimal: ",", Thousands: "'", TimeZone: "Europe/London", DateFormat: []string{"%d.%m.%Y", "%d.%m.%Y %z"}}}

// FuzzCompile holds three claims about any text: compiling does not panic; the canonical print compiles to the same SQL;
// and the SQL speaks only the vocabulary.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{"Quantity * Price", "Customer ID", "CASE WHEN status = 'R' THEN -cents ELSE Price / 3 END", "coalesce(country, 'x')",
		"lower(country) || '-' || c.name", "cents / 100", "trim(substr(Invoice, 1, 4))", "strptime(InvoiceDate, '%d.%m.%Y')", "CAST(Price AS DATE)",
		"Price IS NOT NULL AND country IN ('UK','IE')", "NOT paid OR Quantity NOT BETWEEN 1 AND 2", "when::text LIKE '2%'", `"odd ""one""" || 'it''s'`,
		"read_text('/etc/passwd')", "(SELECT 1)", "x; DROP TABLE y", `"a" || (FROM t)`, "x -- c", "/* */", "$1", "U&'\\0041'", "E'\\''", "$$a$$", "'a\x00b'",
		"- - - 1", "1 + 2", "(((1)))", "DATE '2010-01-01' = day", "CASE country WHEN 'a' THEN 1 END", "round(share, 2) + '1e3'", "replace(country, '''', '\"')"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { holds(t, text, retail) })
}

// holds checks the claims of FuzzCompile, and says whether the text compiled.
func holds(t *testing.T, text string, columns []Column) (compiled bool) {
	t.Helper()
	for _, d := range dialects {
		e, err := Compile(text, columns, d)
		if err != nil {
			continue
		}
		compiled = true
		sqls := all(e)
		for _, sql := range sqls {
			if bad := foreign(sql); sql != "refused" && bad != "" {
				t.Fatalf("%q speaks of %q in\n%s", text, bad, sql)
			}
		}
		again, err := Compile(e.String(), columns, d)
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, e, err)
		}
		for i, sql := range all(again) {
			if sql != sqls[i] {
				t.Fatalf("%q prints as %q, which means another thing:\n%s\n%s", text, e, sqls[i], sql)
			}
		}
	}
	return compiled
}

// The fuzzer finds odd texts; this finds odd meanings.
func TestRandomSentencesPrintAndSpeakTheVocabulary(t *testing.T) {
	random := rand.New(rand.NewPCG(2010, 2011))
	compiled := 0
	for range 1000 {
		if holds(t, sentence(random, 3), awkward) {
			compiled++
		}
	}
	if compiled < 250 {
		t.Errorf("only %d of 1000 random sentences compile", compiled)
	}
}

// awkward are the columns of TestNoExpressionFailsAQuery and of sentence.
var awkward = []Column{{Name: "a", SQL: `s."a"`}, {Name: "b", SQL: `s."b"`}, {Name: "i", SQL: `s."i"`, Type: Number, Native: "BIGINT"},
	{Name: "d", SQL: `s."d"`, Type: Number, Native: "DECIMAL(38,10)"}, {Name: "f", SQL: `s."f"`, Type: Number, Native: "DOUBLE"},
	{Name: "h", SQL: `s."h"`, Type: Number, Native: "HUGEINT"}, {Name: "flag", SQL: `s."flag"`, Type: Boolean},
	{Name: "day", SQL: `s."day"`, Type: Date}, {Name: "at", SQL: `s."at"`, Type: Timestamp, Native: "TIMESTAMP"},
	{Name: "tz", SQL: `s."tz"`, Type: Timestamp, Native: "TIMESTAMP WITH TIME ZONE"}}

// TestNoExpressionFailsAQuery runs random expressions over rows of awkward values: everything that compiles and renders
// must be SQL that the engine accepts and that no row breaks.
func TestNoExpressionFailsAQuery(t *testing.T) {
	db := engine(t)
	row(t, db, "a: ''", "b: ''", "i: CAST(0 AS BIGINT)", "d: CAST(0 AS DECIMAL(38,10))", "f: CAST(0 AS DOUBLE)", "h: CAST(0 AS HUGEINT)", "flag: TRUE",
		"day: DATE '2000-01-01'", "at: TIMESTAMP '2000-01-01'", "tz: TIMESTAMPTZ '2000-01-01 00:00:00+00'")
	if _, err := db.Exec(`INSERT INTO s VALUES
		('1', '-2.5', 1, 1, 1, 1, FALSE, 'infinity', 'infinity', 'infinity'),
		('99999999999999999999999999999999', '1e99', 9223372036854775807, 9999999999999999999999999999.9999999999, 1e308,
			170141183460469231731687303715884105727, TRUE, '-infinity', '-infinity', '-infinity'),
		('-99999999999999999999999999999999.999999', '0', -9223372036854775808, -9999999999999999999999999999.9999999999, 'nan',
			-170141183460469231731687303715884105727, TRUE, '290000-01-01', '0001-01-01', '0001-01-01 00:00:00+00'),
		('2010-07-01T07:45:00Z', '1.2345678e-9', -1, 0.0000000001, '-inf', -1, NULL, '1900-01-01', '2199-12-31', '2199-12-31 23:59:59+00'),
		('ß٥ 💶', '2200-12-31 23:59:59.999999999-15', 0, 0, -0.0, 0, NULL, NULL, NULL, NULL),
		(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(2011, 12))
	ran, refused := 0, map[string]int{}
	for ran < 600 {
		text := sentence(random, 4)
		e, err := Compile(text, awkward, dialects[random.IntN(2)])
		if err != nil {
			refused[err.Error()]++
			continue
		}
		for _, sql := range all(e) {
			if sql == "refused" || len(sql) > 50_000 {
				continue
			}
			ran++
			if _, err := db.Exec("CREATE OR REPLACE TEMP TABLE result AS SELECT " + sql + " AS x FROM s"); err != nil {
				t.Fatalf("%s: %v\n%s", text, err, sql)
			}
		}
	}
	t.Logf("%d queries, %d texts refused", ran, len(refused))
}

// sentence writes a random expression, often one that makes sense.
func sentence(r *rand.Rand, depth int) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	if depth == 0 || r.IntN(6) == 0 {
		return pick("a", "b", "i", "d", "f", "h", "flag", "day", "at", "tz", "0", "1", "100", "3", "0.000001", "99999999999999999999", "'12'", "'x'", "''",
			"'2010-07-01'", "TRUE", "NULL", "DATE '2010-12-31'")
	}
	x := func() string { return sentence(r, depth-1) }
	number := func() string {
		if depth > 1 && r.IntN(2) == 0 {
			return "(" + x() + pick(" + ", " - ", " * ", " / ") + x() + ")"
		}
		return pick("a", "b", "i", "d", "f", "h", "7", "length(a)", "abs(b)", "round(d, 2)", "CAST(a AS INTEGER)")
	}
	switch r.IntN(16) {
	case 0, 1, 2, 3:
		return "(" + number() + pick(" + ", " - ", " * ", " / ") + number() + ")"
	case 4:
		return "(-" + number() + ")"
	case 5:
		return "(" + x() + pick(" = ", " <> ", " < ", " >= ") + x() + ")"
	case 6:
		return "(" + x() + pick(" AND ", " OR ", " || ") + x() + ")"
	case 7:
		return "(" + x() + pick(" IS NULL", " IS NOT NULL", " LIKE '%1_'", " NOT LIKE 'x'") + ")"
	case 8:
		return fmt.Sprintf("(%s BETWEEN %s AND %s)", x(), x(), x())
	case 9:
		return fmt.Sprintf("(%s IN (%s, %s))", x(), x(), x())
	case 10:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", x(), x(), x())
	case 11:
		return fmt.Sprintf("CASE %s WHEN %s THEN %s END", x(), x(), number())
	case 12:
		return pick("coalesce", "nullif", "greatest", "least", "concat") + "(" + x() + ", " + x() + ")"
	case 13:
		return fmt.Sprintf("CAST(%s AS %s)", x(), pick("TEXT", "NUMBER", "INTEGER", "DATE", "TIMESTAMP", "BOOLEAN"))
	case 14:
		return pick("lower", "upper", "trim", "ltrim", "rtrim", "length", "abs", "round") + "(" + x() + ")"
	}
	return pick("substr("+x()+", "+number()+", "+number()+")", "left("+x()+", "+number()+")", "right("+x()+", "+number()+")",
		"split_part("+x()+", '-', 2)", "replace("+x()+", 'a', 'bc')", "strptime("+x()+", '%Y-%m-%d')", "add_months("+x()+", "+x()+")", "trim("+x()+", "+x()+")")
}
