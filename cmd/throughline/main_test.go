package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// called is what one command line came to.
type called struct {
	code     int
	out, err string
}

// call runs a command line in this process.
func call(t testing.TB, args ...string) called {
	t.Helper()
	var out, errOut bytes.Buffer
	code := run(context.Background(), args, &out, &errOut)
	return called{code, out.String(), errOut.String()}
}

// done runs a command line that must succeed and returns its output.
func done(t testing.TB, args ...string) string {
	t.Helper()
	c := call(t, args...)
	if c.code != exitDone {
		t.Fatalf("throughline %s: exit %d\n%s", strings.Join(args, " "), c.code, c.err)
	}
	return c.out
}

// refused runs a command line that must be refused without a word on standard
// output, and returns what it said.
func refused(t testing.TB, args ...string) string {
	t.Helper()
	c := call(t, args...)
	if c.code != exitRefused {
		t.Fatalf("throughline %s: exit %d, want %d\n%s%s", strings.Join(args, " "), c.code, exitRefused, c.out, c.err)
	}
	if c.out != "" {
		t.Errorf("throughline %s: was refused, but printed\n%s", strings.Join(args, " "), c.out)
	}
	return c.err
}

// company is a company in a folder of its own.
type testCompany struct {
	t   testing.TB
	dir string
}

// newCompany writes books.yaml and files into a fresh folder.
func newCompany(t testing.TB, booksYAML string, files map[string]string) testCompany {
	t.Helper()
	c := testCompany{t, t.TempDir()}
	c.write("books.yaml", booksYAML)
	for name, content := range files {
		c.write(name, content)
	}
	return c
}

func (c testCompany) path(name string) string { return filepath.Join(c.dir, name) }

func (c testCompany) write(name, content string) {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Dir(c.path(name)), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(c.path(name), []byte(content), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c testCompany) args(verb string, more ...string) []string {
	return append([]string{verb, "--books", c.path("books.yaml")}, more...)
}

func (c testCompany) done(verb string, more ...string) string {
	c.t.Helper()
	return done(c.t, c.args(verb, more...)...)
}

func (c testCompany) refused(verb string, more ...string) string {
	c.t.Helper()
	return refused(c.t, c.args(verb, more...)...)
}

// closed closes a period and reads the document.
func (c testCompany) closed(more ...string) document {
	c.t.Helper()
	return read(c.t, c.done("close", append([]string{"--json"}, more...)...))
}

// document is a close as people's scripts see it.
type document struct {
	Period, Compared calendarPeriod
	Sealed           *struct {
		At, Snapshot, Fingerprint string
		Restates                  *string
	}
	Warnings []struct{ Code, Text string }
	Customer customerBlock
	Trailing *customerBlock `json:"customer_trailing_year"`
	Views    struct {
		Slices []struct {
			Name            string
			Customers       int64
			Orders          int64
			Revenue, Profit money.Amount
		}
	}
	Groups []struct {
		Name  string
		Spans []struct {
			Name   string
			Groups []cohortGroup
		}
	} `json:"cohorts_by_group"`
}

// cohortGroup is a group with its cohorts.
type cohortGroup struct {
	Name    string
	Others  bool `json:"all_others"`
	Cohorts []struct {
		Name   string
		Active []int64
	}
}

// grouped are the groups of a dimension by spans of a kind.
func (d document) grouped(dimension, kind string) []cohortGroup {
	for _, of := range d.Groups {
		for _, s := range of.Spans {
			if of.Name == dimension && s.Name == kind {
				return s.Groups
			}
		}
	}
	return nil
}

type calendarPeriod struct{ Start, End calendar.Day }

type customerBlock struct {
	Coverage  map[string]any
	Customers map[string]int64
	Revenue   map[string]decimal
	Active    map[string]decimal `json:"active_revenue"`

	Growth         figure `json:"growth_rate"`
	NetRetention   figure `json:"net_revenue_retention"`
	GrossRetention figure `json:"gross_revenue_retention"`
	EarnedNew      figure `json:"earned_new_customers"`
	EarnedGrowth   figure `json:"earned_growth_rate"`
	EarnedShare    figure `json:"earned_growth_ratio"`
}

// new sums what is said of new customers, which the oracles keep together.
func (b customerBlock) newCustomers() int64 {
	return b.Customers["new_earned"] + b.Customers["new_bought"] + b.Customers["new_unattributed"]
}

func (b customerBlock) newRevenue() *big.Rat {
	sum := new(big.Rat)
	for _, name := range []string{"new_earned", "new_bought", "new_unattributed"} {
		sum.Add(sum, b.Revenue[name].rat())
	}
	return sum
}

// figure keeps the digits as they were printed.
type figure struct {
	Value, Low, High json.Number
	Kind, Refused    string
	N                int64
}

// decimal is exact decimal text.
type decimal string

func (d decimal) rat() *big.Rat {
	r, ok := new(big.Rat).SetString(string(d))
	if !ok {
		panic("not a decimal: " + string(d))
	}
	return r
}

func read(t testing.TB, text string) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return d
}

// digits prints a rate with so many significant digits.
func digits(t testing.TB, text string, n int) string {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatFloat(x, 'e', n-1, 64)
}

// folder finds a folder of reference material, or skips the test.
func folder(t testing.TB, variable, usual string) string {
	t.Helper()
	dir := os.Getenv(variable)
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", usual)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s does not exist; set %s to the folder of %s", dir, variable, usual)
	}
	return dir
}

func dataFolder(t testing.TB) string { return folder(t, "THROUGHLINE_DATA", "data") }

func oracleFolder(t testing.TB) string { return folder(t, "THROUGHLINE_ORACLES", "oracles") }
