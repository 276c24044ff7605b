package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

// example is the books of a public data set, imported once for all tests.
type example struct {
	t     testing.TB
	name  string
	books string // empty: books.yaml
}

var exampleData struct {
	sync.Mutex
	dir string
}

func openExample(t testing.TB, name string) example {
	t.Helper()
	data := dataFolder(t)
	if err := os.Setenv("THROUGHLINE_DATA", data); err != nil {
		t.Fatal(err)
	}
	return example{t: t, name: name}
}

// exampleCopies makes the folder in which the copies of the examples' books
// live for as long as the test that asks first.
func exampleCopies(t *testing.T) {
	exampleData.Lock()
	defer exampleData.Unlock()
	if exampleData.dir == "" {
		exampleData.dir = t.TempDir()
		t.Cleanup(func() { exampleData.dir = "" })
	}
}

func (e example) args(verb string, more ...string) []string {
	file := "books.yaml"
	if e.books != "" {
		file = e.books
	}
	return append([]string{verb, "--books", filepath.Join("..", "..", "examples", e.name, file), "--data", filepath.Join(exampleData.dir, e.name, file)}, more...)
}

func (e example) closed(period, compare string, more ...string) document {
	e.t.Helper()
	args := e.args("close", "--json", "--period", period)
	if compare != "" {
		args = append(args, "--compare", compare)
	}
	return read(e.t, done(e.t, append(args, more...)...))
}

// independent is one file of oracles/statements.
type independent struct {
	Period, Compared calendarPeriod
	Coverage         struct {
		Lines             int64
		LinesIdentified   int64 `json:"lines_identified"`
		Revenue           decimal
		RevenueIdentified decimal `json:"revenue_identified"`
	}
	Customers      map[string]int64
	Revenue        map[string]decimal
	Active         map[string]decimal              `json:"active_revenue"`
	Growth         json.Number                     `json:"growth_rate"`
	NetRetention   json.Number                     `json:"net_revenue_retention"`
	GrossRetention json.Number                     `json:"gross_revenue_retention"`
	EarnedGrowth   struct{ Low, High json.Number } `json:"earned_growth_rate"`
}

func (o *independent) UnmarshalJSON(data []byte) error {
	type plain independent
	if err := json.Unmarshal(data, (*plain)(o)); err != nil {
		return err
	}
	var windows struct {
		Compared calendarPeriod `json:"compared_with"`
	}
	err := json.Unmarshal(data, &windows)
	o.Compared = windows.Compared
	return err
}

// TestStatementsMatchOracles holds the close to the statements that an
// independent program made of the same files: oracles/statements.
func TestStatementsMatchOracles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(oracleFolder(t), "statements", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no oracles: %v", err)
	}
	exampleCopies(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var o independent
			if err := json.Unmarshal(data, &o); err != nil {
				t.Fatal(err)
			}
			set := regexp.MustCompile(`^(.*_(?:full|y1|2019))_(.*)$`).FindStringSubmatch(name)
			e := openExample(t, set[1])
			d := e.closed(set[2], o.Compared.Start.String()+".."+o.Compared.End.String())
			checkOracle(t, d, o)
			checkExact(t, e, d.Customer, o)
			if o.yearEarlier() {
				checkOracle(t, e.closed(set[2], ""), o) // the default comparison
			}
		})
	}
}

// yearEarlier tells whether the comparison is the usual one.
func (o independent) yearEarlier() bool {
	p, q := o.Period.Start.String(), o.Compared.Start.String()
	year, err := strconv.Atoi(q[:4])
	return err == nil && p == fmt.Sprint(year+1)+q[4:]
}

func checkOracle(t *testing.T, d document, o independent) {
	t.Helper()
	c := d.Customer
	for name, want := range o.Customers {
		got := c.Customers[name]
		if name == "new" {
			got = c.newCustomers()
		}
		if got != want {
			t.Errorf("customers %s: %d, want %d", name, got, want)
		}
	}
	for name, want := range o.Revenue {
		got := c.Revenue[name]
		if name == "new" {
			got = decimal(c.newRevenue().FloatString(6))
		}
		same(t, "revenue "+name, got, want)
	}
	for name, want := range o.Active {
		same(t, "active revenue "+name, c.Active[name], want)
	}
	for name, want := range map[string]int64{"lines": o.Coverage.Lines, "lines_identified": o.Coverage.LinesIdentified} {
		if got := int64(c.Coverage[name].(float64)); got != want {
			t.Errorf("coverage %s: %d, want %d", name, got, want)
		}
	}
	same(t, "coverage revenue", decimal(c.Coverage["revenue"].(string)), o.Coverage.Revenue)
	same(t, "coverage revenue_identified", decimal(c.Coverage["revenue_identified"].(string)), o.Coverage.RevenueIdentified)
	for _, x := range []struct {
		name string
		got  json.Number
		want json.Number
	}{
		{"growth_rate", c.Growth.Value, o.Growth},
		{"net_revenue_retention", c.NetRetention.Value, o.NetRetention},
		{"gross_revenue_retention", c.GrossRetention.Value, o.GrossRetention},
		{"earned_growth_rate low", c.EarnedGrowth.Low, o.EarnedGrowth.Low},
		{"earned_growth_rate high", c.EarnedGrowth.High, o.EarnedGrowth.High},
	} {
		if digits(t, string(x.got), 12) != digits(t, string(x.want), 12) {
			t.Errorf("%s: %s, want %s", x.name, x.got, x.want)
		}
	}
}

func same(t *testing.T, name string, got, want decimal) {
	t.Helper()
	if got.rat().Cmp(want.rat()) != 0 {
		t.Errorf("%s: %s, want %s", name, got, want)
	}
}

// checkExact asks the engine again, past the printing, and holds the exact
// rationals to the oracle within 1e-12; growth also comes of the printed money.
func checkExact(t *testing.T, e example, c customerBlock, o independent) {
	t.Helper()
	growth := new(big.Rat).Quo(c.Revenue["current"].rat(), c.Revenue["prior"].rat())
	near(t, "growth_rate of the printed money", growth.Sub(growth, big.NewRat(1, 1)), o.Growth)
	s := e.statement(windows(o))
	for _, x := range []struct {
		name  string
		exact evidence.Figure
		want  json.Number
	}{
		{"growth_rate", s.Growth, o.Growth}, {"net_revenue_retention", s.NetRetention, o.NetRetention}, {"gross_revenue_retention", s.GrossRetention, o.GrossRetention},
	} {
		estimate, ok := x.exact.Estimate()
		if !ok {
			t.Fatalf("%s: refused", x.name)
		}
		near(t, x.name, estimate.Value, x.want)
	}
	bounds, _ := s.EarnedGrowthBounds.Estimate()
	near(t, "earned_growth_rate low", bounds.Low, o.EarnedGrowth.Low)
	near(t, "earned_growth_rate high", bounds.High, o.EarnedGrowth.High)
}

func windows(o independent) growth.Windows {
	return growth.Windows{Period: calendar.Period(o.Period), Compared: calendar.Period(o.Compared)}
}

// statement is the customer statement with its figures as exact rationals.
func (e example) statement(w growth.Windows) growth.Statement {
	e.t.Helper()
	var s growth.Statement
	args := e.args("")
	a := &app{out: io.Discard, err: io.Discard, books: args[2], data: args[4], now: time.Now}
	ctx := context.Background()
	err := a.with(ctx, func(co *company) error {
		return co.office.Brought(ctx, nil, func(closer *closing.Closer) error {
			ledger, err := closer.Books.Ledger(ctx, w.Period.End)
			if err != nil {
				return err
			}
			in := growth.Input{Windows: w, Currency: closer.Settings.Currency}
			if in.Cells, in.Exchange, err = ledger.Tally(ctx, w, growth.Net); err != nil {
				return err
			}
			if in.Coverage, err = ledger.Coverage(ctx, w); err != nil {
				return err
			}
			s, err = in.State()
			return err
		})
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

// near holds an exact value to an oracle's within 1e-12 of the larger of it
// and one.
func near(t *testing.T, name string, exact *big.Rat, want json.Number) {
	t.Helper()
	w, _ := new(big.Rat).SetString(string(want))
	d := new(big.Rat).Sub(exact, w)
	limit := new(big.Rat).Abs(w)
	if limit.Cmp(big.NewRat(1, 1)) < 0 {
		limit.SetInt64(1)
	}
	limit.Mul(limit, big.NewRat(1, 1_000_000_000_000))
	if d.Abs(d).Cmp(limit) > 0 {
		t.Errorf("%s: %s, want %s", name, exact.FloatString(15), want)
	}
}

// facts is the part of a data set's facts.json that chains periods.
type facts struct {
	Period    string
	Customers int64
	Revenue   float64
	Kept      *int64   `json:"customers_of_previous_period_still_buying"`
	NRR       *float64 `json:"nrr"`
	Growth    *float64 `json:"revenue_growth"`
}

// TestNetRetentionMatchesPublishedFactsByAnyLine follows the chains of
// facts.json, whose customers are "active" by any line at all, to the six
// decimals that it prints.
func TestNetRetentionMatchesPublishedFactsByAnyLine(t *testing.T) {
	data := dataFolder(t)
	exampleCopies(t)
	quarter := regexp.MustCompile(`^(\d{4})(Q\d)$`)
	name := func(p string) string {
		switch p {
		case "FY2010H1":
			return "2009-12-01..2010-06-01"
		case "FY2010H2":
			return "2010-06-01..2010-12-01"
		}
		return quarter.ReplaceAllString(p, "$1-$2")
	}
	n := 0
	for _, set := range []string{"cdnow_full", "ledger_2016_2019", "online_retail_y1"} {
		text, err := os.ReadFile(filepath.Join(data, set, "facts.json"))
		if err != nil {
			t.Fatal(err)
		}
		var all struct {
			Year    []facts `json:"by_year"`
			Quarter []facts `json:"by_quarter"`
			Month   []facts `json:"known_customers_by_month"`
			Half    []facts `json:"known_customers_by_half_dec_to_may_jun_to_nov"`
		}
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		e := openExample(t, set)
		for _, chain := range [][]facts{all.Year, all.Quarter, all.Month, all.Half} {
			for i := 1; i < len(chain); i++ {
				before, now := chain[i-1], chain[i]
				d := e.closed(name(now.Period), name(before.Period), "--active", "any-line")
				c := d.Customer
				where := set + " " + now.Period
				n++
				if got := fmt.Sprintf("%.6f", number(t, c.NetRetention.Value)); got != fmt.Sprintf("%.6f", *now.NRR) {
					t.Errorf("%s: net retention %s, want %.6f", where, got, *now.NRR)
				}
				if got := fmt.Sprintf("%.6f", number(t, c.Growth.Value)); got != fmt.Sprintf("%.6f", *now.Growth) {
					t.Errorf("%s: growth %s, want %.6f", where, got, *now.Growth)
				}
				for what, pair := range map[string][2]int64{
					"retained": {c.Customers["retained"], *now.Kept},
					"opening":  {c.Customers["opening"], before.Customers},
					"closing":  {c.Customers["closing"], now.Customers},
				} {
					if pair[0] != pair[1] {
						t.Errorf("%s: %s %d, want %d", where, what, pair[0], pair[1])
					}
				}
				if got := number(t, json.Number(c.Revenue["current"])); math.Abs(got-now.Revenue) > 0.0050001 { // two decimals, halves either way
					t.Errorf("%s: revenue %v, want %.2f", where, got, now.Revenue)
				}
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d periods were followed", n)
	}
}

func number(t testing.TB, n json.Number) float64 {
	t.Helper()
	x, err := n.Float64()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestOnlineRetailClosesEveryMonth closes each month against the one before
// and against a year earlier, and holds each to package growth's own tally of
// the file, read here by encoding/csv.
func TestOnlineRetailClosesEveryMonth(t *testing.T) {
	if !thorough() {
		t.Skip("tried by THROUGHLINE_THOROUGH=1")
	}
	lines := onlineRetail(t)
	exampleCopies(t)
	e := openExample(t, "online_retail_y1")
	month := func(y, m int) calendar.Period {
		start, _ := calendar.ParseDay(fmt.Sprintf("%04d-%02d-01", y, m))
		if m++; m > 12 {
			y, m = y+1, 1
		}
		end, _ := calendar.ParseDay(fmt.Sprintf("%04d-%02d-01", y, m))
		return calendar.Period{Start: start, End: end}
	}
	for m := 1; m <= 12; m++ {
		before := month(2009, 12)
		if m > 1 {
			before = month(2010, m-1)
		}
		label := fmt.Sprintf("2010-%02d", m)
		d := e.closed(label, before.Start.String()+".."+before.End.String())
		checkTally(t, label, d.Customer, lines, growth.Windows{Period: month(2010, m), Compared: before})
		if d.Trailing != nil {
			t.Errorf("%s: against a comparison of the user's own there is no trailing year", label)
		}
		// A year earlier only December has lines: elsewhere there is a statement,
		// but no rate.
		d = e.closed(label, "")
		checkTally(t, label+" a year earlier", d.Customer, lines, growth.Windows{Period: month(2010, m), Compared: month(2009, m)})
		if has := d.Customer.NetRetention.Refused == ""; has != (m == 12) {
			t.Errorf("%s: net retention %+v", label, d.Customer.NetRetention)
		}
		if d.Trailing == nil {
			t.Errorf("%s: no trailing year", label)
		} else if d.Trailing.NetRetention.Refused == "" && m != 12 {
			t.Errorf("%s: the trailing year has a net retention without a year before it", label)
		}
	}
}

// checkTally holds a printed statement to one made in memory.
func checkTally(t *testing.T, label string, c customerBlock, lines []growth.Line, w growth.Windows) {
	t.Helper()
	in := growth.Input{Windows: w, Currency: "GBP", Cells: growth.Tally(lines, nil, w, growth.Net)}
	for _, l := range lines {
		if w.Period.Contains(l.Day) {
			in.Coverage.RevenueIdentified = in.Coverage.RevenueIdentified.Add(l.Amount)
		}
	}
	s, err := in.State()
	if err != nil {
		t.Fatalf("%s: %v", label, err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var want customerBlock
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	c.Coverage, want.Coverage = nil, nil
	if got, want := fmt.Sprintf("%+v", c), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("%s:\n got %s\nwant %s", label, got, want)
	}
}

// onlineRetail reads the identified lines of the file without any of the
// program's own parsers.
func onlineRetail(t *testing.T) []growth.Line {
	t.Helper()
	f, err := os.Open(filepath.Join(dataFolder(t), "online_retail_y1", "online_retail_2009_2010.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	var lines []growth.Line
	for _, row := range rows[1:] {
		id := row[at["Customer ID"]]
		if id == "" {
			continue
		}
		day, err := calendar.ParseDay(row[at["InvoiceDate"]][:10])
		if err != nil {
			t.Fatal(err)
		}
		quantity, _ := new(big.Rat).SetString(row[at["Quantity"]])
		price, _ := new(big.Rat).SetString(row[at["Price"]])
		amount, err := money.Parse(quantity.Mul(quantity, price).FloatString(6))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, growth.Line{Customer: id, Day: day, Amount: amount})
	}
	return lines
}
