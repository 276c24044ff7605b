package expr

import (
	"strings"
	"testing"
)

// retail is a source of text, as every CSV file is.
var retail = []Column{
	{Name: "Invoice", SQL: `s."Invoice"`},
	{Name: "Quantity", SQL: `s."Quantity"`},
	{Name: "Price", SQL: `s."Price"`},
	{Name: "Customer ID", SQL: `s."Customer ID"`},
	{Name: "InvoiceDate", SQL: `s."InvoiceDate"`},
	{Name: "country", SQL: `s."country"`},
	{Name: "c.name", SQL: `s."c.name"`},
	{Name: `odd "one"`, SQL: `s."odd ""one"""`},
	{Name: "status", SQL: `s."status"`},
	{Name: "STATUS", SQL: `s."STATUS"`},
	{Name: "1 + 2", SQL: `s."1 + 2"`},
	{Name: "end", SQL: `s."end"`},
	{Name: "paid", SQL: `s."paid"`, Type: Boolean},
	{Name: "cents", SQL: `s."cents"`, Type: Number, Native: "BIGINT"},
	{Name: "share", SQL: `s."share"`, Type: Number, Native: "DOUBLE"},
	{Name: "when", SQL: `s."when"`, Type: Timestamp, Native: "TIMESTAMP WITH TIME ZONE"},
	{Name: "day", SQL: `s."day"`, Type: Date},
}

func TestCompilePrintsWhatItUnderstood(t *testing.T) {
	for _, c := range []struct{ text, print, columns string }{
		{"Quantity * Price", `"Quantity" * "Price"`, "Quantity,Price"},
		{"Customer ID", `"Customer ID"`, "Customer ID"},
		{"  customer id ", `"Customer ID"`, "Customer ID"},
		{`"Customer ID"`, `"Customer ID"`, "Customer ID"},
		{"1 + 2", `"1 + 2"`, "1 + 2"},
		{"1 + 3", `1 + 3`, ""},
		{"(1 + 2)", `(1 + 2)`, ""}, // the bare print is a column's name
		{"end", `"end"`, "end"},
		{"c.name || ''", `"c.name" || ''`, "c.name"},
		{`"odd ""one""" || 'it''s'`, `"odd ""one""" || 'it''s'`, `odd "one"`},
		{"STATUS", `"STATUS"`, "STATUS"},
		{"CASE WHEN status = 'R' THEN -Quantity ELSE Quantity END", `CASE WHEN "status" = 'R' THEN -"Quantity" ELSE "Quantity" END`,
			"status,Quantity"},
		{"case country when 'UK' then 1 else 2 end", `CASE ("country") WHEN 'UK' THEN 1 ELSE 2 END`, "country"},
		{"1 + 2 * 3 - 4", `(1 + (2 * 3)) - 4`, ""},
		{"NOT paid AND Quantity > 0 OR Price IS NOT NULL", `((NOT "paid") AND ("Quantity" > 0)) OR ("Price" IS NOT NULL)`,
			"paid,Quantity,Price"},
		{"country in ('UK', 'IE')", `"country" IN ('UK', 'IE')`, "country"},
		{"country NOT IN ('UK')", `"country" NOT IN ('UK')`, "country"},
		{"Quantity NOT BETWEEN 1 AND 2 AND TRUE", `("Quantity" NOT BETWEEN 1 AND 2) AND TRUE`, "Quantity"},
		{"Invoice NOT LIKE 'C%'", `"Invoice" NOT LIKE 'C%'`, "Invoice"},
		{"substring(Invoice, 1, 4)", `substr("Invoice", 1, 4)`, "Invoice"},
		{"Invoice::date", `CAST("Invoice" AS DATE)`, "Invoice"},
		{"-Quantity::varchar", `-CAST("Quantity" AS TEXT)`, "Quantity"},
		{"CAST(Price AS decimal)", `CAST("Price" AS NUMBER)`, "Price"},
		{"InvoiceDate::date >= DATE '2010-01-01'", `CAST("InvoiceDate" AS DATE) >= DATE '2010-01-01'`, "InvoiceDate"},
		{"strptime(InvoiceDate, '%d.%m.%Y')", `strptime("InvoiceDate", '%d.%m.%Y')`, "InvoiceDate"},
		{"- - 1", `-(-1)`, ""},
		{"+.5 + 007.", `0.5 + 7`, ""},
		{"Price != 1", `"Price" <> 1`, "Price"},
		{"left(country, 2) || right(country, 1)", `left("country", 2) || right("country", 1)`, "country"},
		{"'-- not a comment; /* nor */ this'", `'-- not a comment; /* nor */ this'`, ""},
		{"paid = 'yes'", `"paid" = 'yes'`, "paid"},
		{"cents > '1e2'", `"cents" > '1e2'`, "cents"},
		{"day < '2010-02-28'", `"day" < '2010-02-28'`, "day"},
	} {
		e, err := Compile(c.text, retail, Dialect{})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if e.String() != c.print {
			t.Errorf("%s prints %s, want %s", c.text, e, c.print)
		}
		if got := strings.Join(e.Columns(), ","); got != c.columns {
			t.Errorf("%s uses %s, want %s", c.text, got, c.columns)
		}
		if again, err := Compile(e.String(), retail, Dialect{}); err != nil || again.String() != e.String() {
			t.Errorf("%s: its print compiles to %v, %v", c.text, again, err)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	deep := strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300)
	for text, want := range map[string]string{
		"":                                      "is empty",
		"  ":                                    "is empty",
		"Quantity * Prise":                      `column 12: no column "Prise"; the source has Invoice, Quantity, Price, Customer ID`,
		"Quantity * Prices":                     `did you mean "Price"?`,
		"Customer ID || 'x'":                    `column 1: a name with spaces inside a formula needs double quotes: "Customer ID"`,
		"'x' || customer id":                    `needs double quotes: "Customer ID"`,
		"Status":                                `"Status" could be any of the columns "status", "STATUS"`,
		"read_text('/etc/passwd')":              "there is no function read_text; allowed are abs, add_months, coalesce, concat",
		"getenv('HOME')":                        "no function getenv",
		"query('SELECT 1')":                     "no function query",
		"pg_sleep(1)":                           "no function pg_sleep",
		"current_setting('x')":                  "no function",
		"random()":                              "no function",
		"now()":                                 "no function",
		"main.lower(country)":                   "no function main.lower",
		"(SELECT 1)":                            "SELECT has no place here",
		"lower(SELECT 1)":                       "SELECT has no place here",
		"country IN (SELECT 1)":                 "SELECT has no place here",
		`"country" || (FROM t)`:                 "FROM has no place here",
		"current_date":                          "no column",
		"x; DROP TABLE y":                       "without ';'",
		"country; DROP TABLE y":                 "without ';'",
		"country -- c":                          "comments",
		"1--1":                                  "comments",
		"country /* c */":                       "comments",
		"/* */":                                 "comments",
		"$1":                                    "parameters",
		"?":                                     "parameters",
		"$$text$$":                              "parameters",
		"$tag$text$tag$":                        "parameters",
		"U&'\\0041'":                            "no meaning",
		"E'\\n'":                                `no column "E"`,
		"X'41'":                                 `no column "X"`,
		"country E'a'":                          "expected an operator",
		"'a' 'b'":                               "expected an operator",
		"'a":                                    "never closed",
		`"country`:                              "never closed",
		"'a''":                                  "never closed",
		"'a\x00b'":                              "control character",
		"country\x00":                           "no meaning",
		"'\xff'":                                "UTF-8",
		"country || \u2018x\u2019":              "write ' around text",
		"\u201ccountry\u201d":                   "around a column's name",
		"Quantity \u2212 1":                     "write - for minus",
		"Quantity \u00d7 Price":                 "write * for times",
		"country\uff1b":                         "no meaning",
		"\u200bcountry":                         "no meaning",
		"country\u00a0= 'x'":                    "no meaning",
		"\\country":                             "no meaning",
		"*":                                     "expected a column",
		"count(*)":                              "no function count",
		"c.*":                                   "no meaning",
		`"c"."name"`:                            "no meaning",
		"s.country":                             `no column "s.country"`,
		"Quantity[1]":                           "lists",
		"{'a': 1}":                              "structures",
		"lower(x -> x)":                         "no column",
		"lower()":                               "expected a column",
		"lower(country, country)":               "lower takes 1 arguments, here are 2",
		"Quantity %2":                           "remainder",
		"1e5":                                   "a number is written in digits",
		"1_000":                                 "a number is written in digits",
		"1.2.3":                                 "a number is written in digits",
		"0x10":                                  "a number is written in digits",
		"123456789012345678901":                 "at most 20 digits",
		"1 2":                                   "expected an operator",
		"CASE END":                              "column 6: expected a column",
		"CASE WHEN paid THEN 1":                 "expected END",
		"CAST(1 AS BLOB)":                       "there is no type",
		"CAST(1 AS DECIMAL(38,2))":              "numbers are exact without a size",
		"1::double":                             "allowed are BOOLEAN, DATE, DECIMAL",
		"1 < 2 < 3":                             "do not chain",
		"country = NULL":                        "write IS NULL",
		"country = ''":                          "a blank text is NULL here",
		"country IN ('UK', NULL)":               "write IS NULL",
		"country LIKE Invoice":                  "LIKE takes a pattern in quotes",
		"country LIKE '%a%a%a%a%a%a%a%a%'":      "at most 8",
		"paid + 1":                              "is yes/no, not a number; write CASE WHEN",
		"day + 1":                               `column 1: "day" is a date, not a number`,
		"cents > 'abc'":                         "column 9: 'abc' is not a number",
		"day > '2010-13-01'":                    "'2010-13-01' is not a date",
		"day > cents":                           "is a number, but",
		"cents::date":                           "write strptime",
		"DATE '2010-02-30'":                     "is not a date like '2010-12-31'",
		"DATE '1066-10-14'":                     "is not a date like '2010-12-31'",
		"TIMESTAMP '2010-01-01'":                `no column "TIMESTAMP"`,
		"CASE WHEN paid THEN 1 ELSE 'many' END": "'many' is not a number",
		"paid AND day":                          "is a date, not yes/no",
		"round(Price, Quantity)":                "whole number from 0 to 6",
		"round(Price, 7)":                       "whole number from 0 to 6",
		"split_part(country, '-', 0)":           "must be a whole number",
		"replace(country, 'a', country)":        "in quotes",
		"strptime(country, status)":             "in quotes",
		"strptime(country, '%Q')":               `holds "%Q"`,
		"strptime(country, '%')":                "holds",
		"strptime(country, '%-Y')":              "holds",
		deep:                                    "inside each other",
		strings.Repeat("-", 1):                  "expected a column",
		strings.Repeat("- ", 70) + "1":          "nested 71 deep",
		strings.Repeat("1 + ", 600) + "1":       "more than 500 parts",
		strings.Repeat("x", 5000):               "at most 4096",
		"replace(replace(replace(country,'a','" + strings.Repeat("b", 11) + "'),'b','" + strings.Repeat("c", 11) + "'),'c','" +
			strings.Repeat("d", 11) + "')": "1000 times longer",
	} {
		e, err := Compile(text, retail, Dialect{})
		switch {
		case err == nil:
			t.Errorf("%.60q compiles to %s", text, e)
		case !strings.HasPrefix(err.Error(), `expression "`):
			t.Errorf("%.60q: the error does not name the expression: %v", text, err)
		case !strings.Contains(err.Error(), want):
			t.Errorf("%.60q: %v\n\twant it to say: %s", text, err, want)
		}
	}
}

func TestAnErrorNamesPlaceAndNeighbours(t *testing.T) {
	columns := []Column{{Name: "Invoice"}, {Name: "Quantity"}, {Name: "Price"}}
	_, err := Compile("Quantity * Prise", columns, Dialect{})
	want := `expression "Quantity * Prise": column 12: no column "Prise"; the source has Invoice, Quantity, Price; did you mean "Price"?`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestReadingsThatCannotBeAreRefused(t *testing.T) {
	for text, ask := range map[string]func(*Expr) (string, error){
		"paid":      (*Expr).Number,
		"day":       (*Expr).Rounded,
		"cents":     (*Expr).Timestamp,
		"cents * 2": (*Expr).Date,
		"day = day": (*Expr).Date,
		"when":      (*Expr).Boolean,
		"'twelve'":  (*Expr).Number,
		"'soon'":    (*Expr).Date,
		"'maybe'":   (*Expr).Boolean,
		nested(14):  (*Expr).Number, // doubles at each step: the SQL would be of megabytes
	} {
		e, err := Compile(text, retail, Dialect{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if sql, err := ask(e); err == nil {
			t.Errorf("%.80s is read as %.200s", text, sql)
		}
	}
}

func nested(depth int) string {
	s := "Price"
	for range depth {
		s = "nullif(lower(abs(" + s + ")), Price)"
	}
	return s
}

func TestDialectsAreChecked(t *testing.T) {
	for _, d := range []Dialect{{Decimal: "::"}, {Decimal: "5"}, {Thousands: "-"}, {Decimal: ",", Thousands: ","}, {Thousands: "."},
		{TimeZone: "Europe/London'"}, {DateFormat: []string{"%d.%m.%Y", "%Q"}}, {DateFormat: []string{""}}} {
		if _, err := Compile("Price", retail, d); err == nil {
			t.Errorf("%+v is accepted", d)
		}
	}
}

func TestGivenAndRawNameTheColumns(t *testing.T) {
	columns := []Column{{Name: "it's", SQL: `s."it's"`}, {Name: "n", SQL: "s.n", Type: Number, Native: "DOUBLE"}}
	for text, want := range map[string][2]string{
		"'EUR'": {"TRUE", `'''EUR'''`},
		"it's":  {`(COALESCE(trim(s."it's") <> '', FALSE))`, `CAST(s."it's" AS VARCHAR)`},
		`n * "it's"`: {`(COALESCE(NOT isnan(s.n), FALSE) OR COALESCE(trim(s."it's") <> '', FALSE))`,
			`concat('n=', CAST(s.n AS VARCHAR), ', it''s=', CAST(s."it's" AS VARCHAR))`},
	} {
		e, err := Compile(text, columns, Dialect{})
		if err != nil {
			t.Fatal(err)
		}
		if e.Given() != want[0] || e.Raw() != want[1] {
			t.Errorf("%s: given %s, raw %s", text, e.Given(), e.Raw())
		}
	}
}
