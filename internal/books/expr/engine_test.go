package expr

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
)

// source is one row of a real table; each column is "name: SQL of its value". Columns are typed as the engine says.
type source struct {
	db      *sql.DB
	columns []Column
}

func engine(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	// Another zone than any dialect's: nothing may depend on the session's.
	for _, set := range []string{"SET TimeZone = 'Asia/Tokyo'", "SET threads = 1"} {
		if _, err := db.Exec(set); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func row(t testing.TB, db *sql.DB, values ...string) source {
	t.Helper()
	var selected []string
	for _, v := range values {
		name, value, _ := strings.Cut(v, ": ")
		selected = append(selected, value+` AS "`+name+`"`)
	}
	if _, err := db.Exec("CREATE OR REPLACE TEMP TABLE s AS SELECT " + strings.Join(selected, ", ")); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 's' ORDER BY column_index")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	s := source{db: db}
	for rows.Next() {
		var c Column
		if err := rows.Scan(&c.Name, &c.Native); err != nil {
			t.Fatal(err)
		}
		c.SQL, c.Type = `s."`+c.Name+`"`, Number
		switch {
		case c.Native == "VARCHAR":
			c.Type = Text
		case c.Native == "BOOLEAN":
			c.Type = Boolean
		case c.Native == "DATE":
			c.Type = Date
		case strings.HasPrefix(c.Native, "TIMESTAMP"):
			c.Type = Timestamp
		}
		s.columns = append(s.columns, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask compiles text, renders one reading of it, and evaluates it in the engine; ∅ is NULL.
func (s source) ask(t testing.TB, text string, d Dialect, reading func(*Expr) (string, error)) string {
	t.Helper()
	e, err := Compile(text, s.columns, d)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := reading(e)
	if err != nil {
		t.Fatal(err)
	}
	var got sql.NullString
	if err := s.db.QueryRow("SELECT CAST((" + rendered + ") AS VARCHAR) FROM s").Scan(&got); err != nil {
		t.Fatalf("%s: %v\n%s", text, err, rendered)
	}
	if !got.Valid {
		return "∅"
	}
	return got.String
}

func TestTextIsReadAsAnExactNumber(t *testing.T) {
	db := engine(t)
	comma := Dialect{Decimal: ",", Thousands: "."}
	english := Dialect{Thousands: ","}
	swiss := Dialect{Thousands: "'"}
	for _, c := range []struct {
		text         string
		d            Dialect
		want, excess string
	}{
		{"12.34", Dialect{}, "12.340000", "false"},
		{"  -7 ", Dialect{}, "-7.000000", "false"},
		{"+.5", Dialect{}, "0.500000", "false"},
		{"5.", Dialect{}, "5.000000", "false"},
		{"1e3", Dialect{}, "1000.000000", "false"},
		{"1.25E-2", Dialect{}, "0.012500", "false"},
		{"0.1234565", Dialect{}, "0.123457", "true"},
		{"-0.1234565", Dialect{}, "-0.123457", "true"},
		{"0.12345649999999999999999999", Dialect{}, "0.123456", "true"},
		{"0.1234560000000000", Dialect{}, "0.123456", "false"},
		{"0.0000004", Dialect{}, "0.000000", "true"},
		{"1e-6", Dialect{}, "0.000001", "false"},
		{"1e-7", Dialect{}, "0.000000", "true"},
		{"1200e-8", Dialect{}, "0.000012", "false"},
		{"1234567e-7", Dialect{}, "0.123457", "true"},
		{"0.00e-9", Dialect{}, "0.000000", "false"},
		{"12345678901.0000000001e0", Dialect{}, "12345678901.000000", "true"},
		{"123.4567890e1", Dialect{}, "1234.567890", "false"},
		{"99999999999999999999999999999999.5", Dialect{}, "99999999999999999999999999999999.500000", "false"}, // 32 digits
		{"999999999999.999999", Dialect{}, "999999999999.999999", "false"},                                    // DECIMAL(18,6)'s last
		{"1000000000000.000001", Dialect{}, "1000000000000.000001", "false"},
		{"100000000000000000000000000000000", Dialect{}, "∅", "false"}, // 33 digits
		{strings.Repeat("9", 60), Dialect{}, "∅", "false"},
		{"1e99", Dialect{}, "∅", "false"},
		{"NaN", Dialect{}, "∅", "false"}, {"inf", Dialect{}, "∅", "false"}, {"-Infinity", Dialect{}, "∅", "false"},
		{"1_000", Dialect{}, "∅", "false"}, {"1 000", Dialect{}, "∅", "false"}, {"6,9O", Dialect{}, "∅", "false"},
		{"6,90", Dialect{}, "∅", "false"}, {"0x10", Dialect{}, "∅", "false"}, {"1e100", Dialect{}, "∅", "false"},
		{"--1", Dialect{}, "∅", "false"}, {".", Dialect{}, "∅", "false"}, {"e5", Dialect{}, "∅", "false"},
		{"5\n", Dialect{}, "∅", "false"}, {"٥", Dialect{}, "∅", "false"}, {"(5)", Dialect{}, "∅", "false"},
		{"£5", Dialect{}, "∅", "false"}, {"", Dialect{}, "∅", "false"}, {"   ", Dialect{}, "∅", "false"},
		{"1.234,56", comma, "1234.560000", "false"},
		{"-1.234.567,1234567", comma, "-1234567.123457", "true"},
		{"12,5", comma, "12.500000", "false"},
		{"12.50", comma, "∅", "false"}, // a point of thousands before two digits
		{"1,234.5", english, "1234.500000", "false"},
		{"1,23,456.5", english, "123456.500000", "false"}, // lakh
		{"12,50", english, "∅", "false"},                  // not 1250
		{"1234567.5", english, "1234567.500000", "false"},
		{",123", english, "∅", "false"}, {"1,,234", english, "∅", "false"}, {"1234,567", english, "∅", "false"},
		{"1'234.5", swiss, "1234.500000", "false"}, {"1’234.5", swiss, "1234.500000", "false"},
		{"1 234\u202f567,5", Dialect{Decimal: ",", Thousands: " "}, "1234567.500000", "false"},
	} {
		s := row(t, db, "a: "+quote(c.text))
		if got := s.ask(t, "a", c.d, (*Expr).Number); got != c.want {
			t.Errorf("%.50q is read as %s, want %s", c.text, got, c.want)
		}
		if got := s.ask(t, "a", c.d, (*Expr).Rounded); got != c.excess {
			t.Errorf("%.50q is rounded: %s, want %s", c.text, got, c.excess)
		}
	}
}

// Expected values are computed by hand.
func TestArithmeticIsExact(t *testing.T) {
	s := row(t, engine(t), "q: '12'", "p: '6.95'", "six: '1.000001'", "big: '99999999999999999999999999999999'", "bad: 'x'", "zero: '0'",
		"cents: CAST(12345 AS BIGINT)", "d2: CAST(10.25 AS DECIMAL(18,2))", "d8: CAST(0.12345678 AS DECIMAL(18,8))",
		"d14: CAST(0.12345678901234 AS DECIMAL(38,14))", "f: CAST(0.1 AS DOUBLE)", "h: CAST('170141183460469231731687303715884105727' AS HUGEINT)",
		"n: CAST(NULL AS BIGINT)", "seven: '7'", "neg: '-7'", "m: '-2.5'")
	for _, c := range []struct{ text, want, rounded string }{
		{"q * p", "83.400000000000", "false"},
		{"six * six", "1.000002000001", "true"}, // twelve places
		{"six * six * six", "1.000003000002", "true"},
		{"q * p * 2", "166.800000000000", "false"},
		{"q * p * p", "579.630000000000", "false"},
		{"q * p * (1 - '0.1')", "75.060000000000", "false"},
		{"big * big", "∅", "false"}, {"big * big + big * big", "∅", "false"}, {"(big / 7 * big) / (big / 7 * big)", "∅", "false"}, {"big + big", "∅", "false"}, {"big * 1", "99999999999999999999999999999999.000000", "false"},
		{"coalesce(big * big, 5)", "5.000000000000", "false"},
		{"bad * p", "∅", "false"}, {"n + 1", "∅", "false"},
		{"cents / 100", "123.45", "false"}, {"cents / -100", "-123.45", "false"}, {"cents / 8", "1543.125", "false"},
		{"cents / 0.5", "24690", "false"},
		{"p / 100", "0.06950000", "false"}, {"six / 100", "0.01000001", "true"},
		{"cents / 3", "4115.000000", "false"}, {"cents / 7", "1763.571429", "true"}, {"-cents / 7", "-1763.571429", "true"},
		{"1 / 3", "0.333333", "true"}, {"2 / 3", "0.666667", "true"}, {"-2 / 3", "-0.666667", "true"}, {"2 / -3", "-0.666667", "true"},
		{"1 / 128", "0.007813", "true"},   // 0.0078125: half away from zero
		{"-1 / 128", "-0.007813", "true"}, // and so for negatives
		{"0.000001 / 2", "0.0000005", "true"},
		{"p / zero", "∅", "false"}, {"p / 0", "∅", "false"}, {"p / bad", "∅", "false"}, {"zero / p", "0.000000", "false"},
		{"seven / m", "-2.800000", "false"}, {"neg / m", "2.800000", "false"}, {"(q * p) / p", "12.000000", "false"},
		{"(q * p) / 100", "0.834000", "false"}, {"1 / (1 / (1 / q))", "0.083333", "true"},
		{"10000000000000 / seven", "1428571428571.428571", "true"},
		{"d2 * cents", "126536.25", "false"}, {"d2 + cents", "12355.25", "false"}, {"d2 - p", "3.300000", "false"},
		{"d8", "0.12345678", "true"}, {"d8 * 100", "12.34567800", "false"}, {"d14", "0.123456789012", "true"},
		{"f", "0.100000", "false"}, {"f * 3", "0.300000", "false"}, {"h", "∅", "false"}, {"cents", "12345", "false"}, {"d2", "10.25", "false"},
		{"abs(neg)", "7.000000", "false"}, {"-neg", "7.000000", "false"}, {"- - neg", "-7.000000", "false"}, {"-n", "∅", "false"},
		{"round(m)", "-3", "false"}, {"round(p, 1)", "7.0", "false"}, {"round(six * six, 6)", "1.000002", "false"},
		{"CAST(m AS INTEGER)", "-3", "false"}, {"p::number", "6.950000", "false"},
		{"greatest(q, 3, p)", "12.000000", "false"}, {"least(cents, d2)", "10.25", "false"}, {"nullif(zero, 0)", "∅", "false"},
		{"coalesce(bad, 7)", "7.000000", "false"}, {"length(p)", "4", "false"},
		{"CASE WHEN q > 9 THEN -p ELSE six * six END", "-6.950000000000", "false"},
		{"CASE WHEN q < 9 THEN -p ELSE six * six END", "1.000002000001", "true"},
		{"CASE WHEN q < 9 THEN p / 3 END", "∅", "false"}, {"CASE WHEN q > 9 THEN p / 3 END", "2.316667", "true"},
		{"coalesce(p, six * six * six)", "6.950000000000", "false"}, {"coalesce(bad * 2, p / 3)", "2.316667", "true"},
		{"NULL + 1", "∅", "false"}, {"coalesce(NULL, NULL) * 2", "∅", "false"}, {"CASE WHEN TRUE THEN NULL END + 1", "∅", "false"},
		{"'12' + 1", "13.000000", "false"}, {"replace('1 234', ' ', '') * 1", "1234.000000", "false"},
	} {
		if got := s.ask(t, c.text, Dialect{}, (*Expr).Number); got != c.want {
			t.Errorf("%s = %s, want %s", c.text, got, c.want)
		}
		if got := s.ask(t, c.text, Dialect{}, (*Expr).Rounded); got != c.rounded {
			t.Errorf("%s is rounded: %s, want %s", c.text, got, c.rounded)
		}
	}
}

func TestTheBooksKeepSixPlaces(t *testing.T) {
	s := row(t, engine(t), "six: '1.000001'", "half: '0.001'", "cents: CAST(-12345 AS BIGINT)", "big: '9999999999999.123456'",
		"d: CAST('9999999999999999999999999999.9999999999' AS DECIMAL(38,10))")
	for text, want := range map[string]string{
		"six * six": "1.000002", "half * half * 0.5": "0.000001", "-half * half * 0.5": "-0.000001", "cents / 100": "-123.450000", "cents": "-12345.000000",
		"half * 0.0005": "0.000001", "half * half * 0.49": "0.000000", "big * half * 1000": "9999999999999.123456", // past 64 bits
		"big * 1.00001": "10000099999999.123447", // exactly 10000099999999.12344723456
		"d":             "10000000000000000000000000000.000000",
	} {
		if got := s.ask(t, text, Dialect{}, (*Expr).Kept); got != want {
			t.Errorf("%s is kept as %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{"d": "true", "big * 1.00001": "true", "big * half * 1000": "false"} {
		if got := s.ask(t, text, Dialect{}, (*Expr).Rounded); got != want {
			t.Errorf("%s is rounded: %s, want %s", text, got, want)
		}
	}
}

func TestFloatingColumnsAreReadByTheirShortestDecimals(t *testing.T) {
	db := engine(t)
	for _, c := range []struct{ value, number, rounded, text, given string }{
		{"CAST(0.1 AS DOUBLE)", "0.100000", "false", "0.1", "true"},
		{"CAST(0.1 AS DOUBLE) + CAST(0.2 AS DOUBLE)", "0.300000", "true", "0.30000000000000004", "true"},
		{"CAST(1234.56 AS FLOAT)", "1234.560000", "false", "1234.56", "true"},
		{"CAST(17850 AS DOUBLE)", "17850.000000", "false", "17850", "true"},
		{"CAST(12345678901.35 AS DOUBLE)", "12345678901.350000", "false", "12345678901.35", "true"},
		{"CAST(123456789012345.67 AS DOUBLE)", "123456789012345.670000", "false", "123456789012345.67", "true"},
		{"CAST(-999999999.123457 AS DOUBLE)", "-999999999.123457", "false", "-999999999.123457", "true"},
		{"CAST(1e20 AS DOUBLE)", "100000000000000000000.000000", "false", "1e+20", "true"},
		{"CAST(1e-7 AS DOUBLE)", "0.000000", "true", "1e-07", "true"},
		{"CAST('NaN' AS DOUBLE)", "∅", "false", "∅", "false"},
		{"CAST('NaN' AS FLOAT)", "∅", "false", "∅", "false"},
		{"CAST('inf' AS DOUBLE)", "∅", "false", "inf", "true"},
		{"CAST('-inf' AS FLOAT)", "∅", "false", "-inf", "true"},
		{"CAST(1e300 AS DOUBLE)", "∅", "false", "1e+300", "true"},
		{"CAST(NULL AS DOUBLE)", "∅", "false", "∅", "false"},
	} {
		s := row(t, db, "x: "+c.value)
		got := []string{s.ask(t, "x", Dialect{}, (*Expr).Number), s.ask(t, "x", Dialect{}, (*Expr).Rounded),
			s.ask(t, "x", Dialect{}, (*Expr).Text), s.ask(t, "x", Dialect{}, given)}
		if want := []string{c.number, c.rounded, c.text, c.given}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: number, rounded, text, given are %q, want %q", c.value, got, want)
		}
	}
}

func given(e *Expr) (string, error) { return e.Given(), nil }
func raw(e *Expr) (string, error)   { return e.Raw(), nil }

func TestTextAndYesNo(t *testing.T) {
	s := row(t, engine(t), "Name: '  Ann '", "last: 'O''Hara'", "blank: ' '", "none: CAST(NULL AS VARCHAR)", "code: 'UK-0042-x'", "q: '12'",
		"yes: 'Yes'", "no: 'f'", "maybe: 'maybe'", "id: CAST(17850 AS BIGINT)", "d2: CAST(1.50 AS DECIMAL(9,2))", "flag: TRUE",
		"day: DATE '2010-12-01'", "at: TIMESTAMP '2010-12-01 07:45:00'", "one: CAST(1 AS INTEGER)", "u: CAST('9f3e6c1e-0b1a-4c59-8a33-0123456789ab' AS UUID)")
	s.columns[len(s.columns)-1].Type = Text
	for text, want := range map[string]string{
		"name": "Ann", "blank": "∅", "none": "∅", "'  '": "∅", "lower(name) || '-' || last": "ann-O'Hara", "name || blank": "∅",
		"concat(name, blank, 'x')": "Annx", "coalesce(blank, none, last)": "O'Hara", "upper(last)": "O'HARA",
		"substr(code, 4, 4)": "0042", "substring(code, 4)": "0042-x", "left(code, 2)": "UK", "right(code, 1)": "x", "left(code, q)": "UK-0042-x",
		"split_part(code, '-', 2)": "0042", "split_part(code, '-', -1)": "x", "replace(code, '-', '')": "UK0042x", "trim(code, 'Ux')": "K-0042-",
		"ltrim('  a')": "a", "rtrim('ax', 'x')": "a", "trim('')": "∅", "id": "17850", "d2": "1.50", "id || ''": "17850", "d2 * 2": "3",
		"q / 8": "1.5", "1.50 || ''": "1.50", "upper(id + 1)": "17851", "flag": "true", "day": "2010-12-01", "at": "2010-12-01 07:45:00",
		"nullif(name, 'Ann')": "∅", "nullif(code, 'x')": "UK-0042-x", "greatest(name, last)": "O'Hara", "least('b', 'a')": "a",
		"CASE code WHEN 'x' THEN 'X' WHEN 'UK-0042-x' THEN 'Y' END": "Y", "CASE WHEN maybe THEN 'a' ELSE 'b' END": "b",
		"CASE WHEN yes THEN 'a' ELSE 'b' END": "a", "CAST(q AS TEXT)": "12", "NULL": "∅", "concat(NULL, 'a')": "a", "NULL || 'a'": "∅",
		"u": "9f3e6c1e-0b1a-4c59-8a33-0123456789ab", "'; DROP TABLE s; --'": "; DROP TABLE s; --", "'''\\'": `'\`,
	} {
		if got := s.ask(t, text, Dialect{}, (*Expr).Text); got != want {
			t.Errorf("%s says %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"yes": "true", "no": "false", "maybe": "∅", "blank": "∅", "flag": "true", "one": "true", "one - 1": "false", "q": "∅", "'y'": "true", "NULL": "∅",
		"flag AND yes": "true", "flag AND maybe": "∅", "no OR flag": "true", "NOT no": "true", "flag = 'no'": "false", "yes = TRUE": "true",
		"q > 9": "true", "q > '9'": "false", "q < '9'": "true", "id > '9'": "true", "id = '17850.0'": "true", "q = 12.0": "true", "q BETWEEN 11 AND '13'": "true",
		"q NOT BETWEEN 11 AND 13": "false", "q IN (1, 12)": "true", "q NOT IN ('1', '12')": "false", "name = 'Ann'": "true", "name <> ''": "true",
		"blank <> ''": "∅", "blank IS NULL": "true", "none IS NOT NULL": "false", "name IS NOT NULL": "true", "id IS NULL": "false",
		"CAST(name AS NUMBER) IS NULL": "true", "(blank || name) IS NULL": "true", "code LIKE 'UK-%'": "true", "code NOT LIKE 'UK_'": "true",
		"id LIKE '178%'": "true", "day = '2010-12-01'": "true", "day = at": "false", "at >= day": "true", "at > '2010-12-01 07:44'": "true",
		"at < '2010-12-01'": "false", "name > last": "false", "NULL IS NULL": "true", "coalesce(NULL) IS NULL": "true", "none = none": "∅",
		"CASE WHEN flag THEN day ELSE at END = at": "false", "length(name) = 3": "true",
	} {
		if got := s.ask(t, text, Dialect{}, (*Expr).Boolean); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{"name": "true", "blank": "false", "none || blank": "false", "none || name": "true", "1": "true", "id": "true"} {
		if got := s.ask(t, text, Dialect{}, given); got != want {
			t.Errorf("%s is given: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{"name": "  Ann ", "none": "∅", "q * none * name": "q=12, none=, Name=  Ann ", "1 + 1": "1 + 1", "id": "17850"} {
		if got := s.ask(t, text, Dialect{}, raw); got != want {
			t.Errorf("%s raw is %q, want %q", text, got, want)
		}
	}
}

func TestTextIsReadAsALocalTime(t *testing.T) {
	db := engine(t)
	london := Dialect{TimeZone: "Europe/London"}
	german := Dialect{TimeZone: "Europe/London", DateFormat: []string{"%d.%m.%Y", "%d.%m.%Y %H:%M"}}
	zone := Dialect{TimeZone: "Europe/London", DateFormat: []string{"%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M %z"}}
	for _, c := range []struct {
		text string
		d    Dialect
		want string
	}{
		{"2010-12-01", london, "2010-12-01 00:00:00"},
		{" 2010-12-01 07:45 ", london, "2010-12-01 07:45:00"},
		{"2010-12-01T07:45:00.123", london, "2010-12-01 07:45:00.123"},
		{"2010-12-01T07:45:59.123456789", london, "2010-12-01 07:45:59.123456"},
		{"2010-07-01T07:45:00Z", london, "2010-07-01 08:45:00"}, // summer time
		{"2010-12-01T07:45:00Z", london, "2010-12-01 07:45:00"},
		{"2010-07-01T07:45Z", london, "2010-07-01 08:45:00"},
		{"2010-07-01 07:45:00+02", london, "2010-07-01 06:45:00"},
		{"2010-07-01T07:45:00.5+02:30", london, "2010-07-01 06:15:00.5"},
		{"2010-07-01T07:45-0500", london, "2010-07-01 13:45:00"},
		{"2010-12-31T23:30:00-01:00", Dialect{}, "2011-01-01 00:30:00"}, // UTC by default
		{"2010-02-30", london, "∅"}, {"2010-2-3", london, "∅"}, {"20101201", london, "∅"}, {"01/12/2010", london, "∅"}, {"2010-12-01 7:45", london, "∅"},
		{"2010-12-01 24:00", london, "∅"}, {"2010-12-01T07:45:60", london, "∅"}, {"2010-12-01 07:45:00+99", london, "∅"}, {"2010-12-01Z", london, "∅"},
		{"2010-12-01 (BC)", london, "∅"}, {"infinity", london, "∅"}, {"epoch", london, "∅"}, {"now", london, "∅"}, {"", london, "∅"},
		{"1899-12-31", london, "∅"}, {"1900-01-01", london, "1900-01-01 00:00:00"}, {"2199-12-31 23:59:59", london, "2199-12-31 23:59:59"}, {"2200-01-01", london, "∅"},
		{"2199-12-31T23:30:00-05:00", london, "∅"},
		{"01.12.2010", german, "2010-12-01 00:00:00"}, {" 1.2.2010 07:45", german, "2010-02-01 07:45:00"},
		{"01.12.2010x", german, "∅"}, {"2010-12-01", german, "∅"}, {"31.02.2010", german, "∅"}, {"01.12.10", german, "∅"}, {"01.12.9999", german, "∅"}, {"", german, "∅"},
		{"01/07/2010 07:45", zone, "2010-07-01 07:45:00"}, {"01/07/2010 07:45 +0000", zone, "2010-07-01 08:45:00"},
	} {
		s := row(t, db, "d: "+quote(c.text))
		if got := s.ask(t, "d", c.d, (*Expr).Timestamp); got != c.want {
			t.Errorf("%q is read as %s, want %s", c.text, got, c.want)
		}
		day, _, _ := strings.Cut(c.want, " ")
		if got := s.ask(t, "d", c.d, (*Expr).Date); got != day {
			t.Errorf("%q has the date %s, want %s", c.text, got, day)
		}
	}
	us := row(t, db, "d: '7/1/2010 8:26'", "e: '2010-07-01'")
	for text, want := range map[string]string{"strptime(d, '%m/%d/%Y %H:%M')": "2010-07-01 08:26:00", "strptime(e, '%m/%d/%Y')": "∅",
		"CAST(e AS DATE)": "2010-07-01 00:00:00", "coalesce(strptime(d, '%Y'), DATE '2011-01-01')": "2011-01-01 00:00:00",
		"CASE WHEN CAST(e AS DATE) >= '2010-07-01' THEN e END": "2010-07-01 00:00:00", "'2010-01-01 10:00'": "2010-01-01 10:00:00",
		"strptime(split_part(d, ' ', 1) || ' +0000', '%m/%d/%Y %z')": "2010-07-01 01:00:00"} {
		if got := us.ask(t, text, london, (*Expr).Timestamp); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// The expected days are of the calendar, counted by hand.
func TestAddMonthsKeepsTheDayWhereTheMonthHasIt(t *testing.T) {
	db := engine(t)
	s := row(t, db, "d: '2019-09-30'", "n: '34'", "leap: '2020-02-29'", "half: '1.5'", "word: 'x'", "huge: '99999999999'")
	for text, want := range map[string]string{
		"add_months(DATE '2019-09-01', -n)": "2016-11-01", "add_months(d, 5)": "2020-02-29", "add_months(d, 17)": "2021-02-28", "add_months(d, 0)": "2019-09-30",
		"add_months(leap, 12)": "2021-02-28", "add_months(leap, -48)": "2016-02-29", "add_months(d, half)": "∅", "add_months(d, word)": "∅",
		"add_months(word, 1)": "∅", "add_months(d, huge)": "∅", "add_months(d, 12 * 181)": "∅", "add_months(d, -12 * 120)": "∅", "add_months(NULL, 1)": "∅",
	} {
		if got := s.ask(t, text, Dialect{}, (*Expr).Date); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// A NULL that the author wrote is meant; one that comes of what nobody thought of is not.
func TestACaseSaysNothingOnlyWhereItsAuthorWroteNull(t *testing.T) {
	db := engine(t)
	s := row(t, db, "yes: 'Yes'", "no: 'No'", "other: 'maybe'", "zero: '0'", "four: '4'", "word: 'x'", "blank: ' '")
	for text, want := range map[string]string{
		"CASE no WHEN 'Yes' THEN 1 WHEN 'No' THEN NULL END":                     "false",
		"CASE yes WHEN 'Yes' THEN 1 WHEN 'No' THEN NULL END":                    "true",
		"CASE other WHEN 'Yes' THEN 1 WHEN 'No' THEN NULL END":                  "true",
		"CASE other WHEN 'Yes' THEN 1 ELSE NULL END":                            "false",
		"CASE no WHEN 'Yes' THEN 1 END":                                         "true",
		"CASE blank WHEN 'Yes' THEN 1 ELSE NULL END":                            "false",
		"CASE WHEN zero > 0 THEN four / zero ELSE NULL END":                     "false",
		"CASE WHEN four > 0 THEN word / four ELSE NULL END":                     "true",
		"CASE WHEN word > 0 THEN four / word ELSE NULL END":                     "true",
		"CASE WHEN four > 0 THEN CASE no WHEN 'No' THEN NULL END ELSE 1 END":    "false",
		"CASE WHEN four > 0 THEN CASE other WHEN 'No' THEN NULL END ELSE 1 END": "true",
		"CASE WHEN blank > 0 THEN 1 WHEN four = 5 THEN 2 ELSE NULL END":         "false",
	} {
		if got := s.ask(t, text, Dialect{}, given); got != want {
			t.Errorf("%s says something: %s, want %s", text, got, want)
		}
	}
}

func TestTypedTimesBecomeLocal(t *testing.T) {
	db := engine(t)
	for _, c := range []struct{ value, want string }{
		{"TIMESTAMP '2010-07-01 07:45:00'", "2010-07-01 07:45:00"},
		{"TIMESTAMPTZ '2010-07-01 07:45:00+00'", "2010-07-01 08:45:00"},
		{"TIMESTAMP_NS '2010-07-01 07:45:00.123456789'", "2010-07-01 07:45:00.123456"},
		{"TIMESTAMP_S '2010-07-01 07:45:00'", "2010-07-01 07:45:00"},
		{"TIMESTAMP_MS '2010-07-01 07:45:00.5'", "2010-07-01 07:45:00.5"},
		{"DATE '2010-07-01'", "2010-07-01 00:00:00"},
		{"DATE '1899-12-31'", "∅"}, {"DATE '2200-01-01'", "∅"}, {"DATE 'infinity'", "∅"}, {"TIMESTAMP '1850-01-01'", "∅"}, {"TIMESTAMP 'infinity'", "∅"},
		{"TIMESTAMPTZ '-infinity'", "∅"}, {"TIMESTAMPTZ '2300-01-01 00:00:00+00'", "∅"}, {"CAST(NULL AS TIMESTAMPTZ)", "∅"},
	} {
		s := row(t, db, "d: "+c.value)
		if got := s.ask(t, "d", Dialect{TimeZone: "Europe/London"}, (*Expr).Timestamp); got != c.want {
			t.Errorf("%s is %s, want %s", c.value, got, c.want)
		}
		day, _, _ := strings.Cut(c.want, " ")
		if got := s.ask(t, "d", Dialect{TimeZone: "Europe/London"}, (*Expr).Date); got != day {
			t.Errorf("%s has the date %s, want %s", c.value, got, day)
		}
	}
}

// Every format specifier that is let through is one the engine reads, alone and beside others.
func TestFormatSpecifiersAreTheEngines(t *testing.T) {
	s := row(t, engine(t), "d: 'x'")
	for _, c := range specifiers {
		s.ask(t, "d", Dialect{DateFormat: []string{"%" + string(c), "%Y %" + string(c) + " %d"}}, (*Expr).Timestamp)
	}
	for _, c := range unpadded {
		s.ask(t, "d", Dialect{DateFormat: []string{"%-" + string(c), "%Y%-" + string(c)}}, (*Expr).Timestamp)
	}
}
