package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/books"
)

// published are the figures of a data set's facts.json that a statement
// covers, of the sets that have no oracle of their own.
type published struct {
	DataRows   int64              `json:"data_rows"`
	LongRows   int64              `json:"long_rows"`
	Rows       map[string]int64   `json:"rows"`
	Households int64              `json:"households"`
	Customers  int64              `json:"customers"`
	Unique     int64              `json:"customers_unique"`
	WithItems  int64              `json:"orders_with_items"`
	Cohorts    map[string]int64   `json:"cohorts"`
	Totals     map[string]float64 `json:"totals"`
	Sales      float64            `json:"sales_value"`
	Payments   float64            `json:"payment_total"`

	Year    []publishedPeriod `json:"by_year"`
	Quarter []publishedPeriod `json:"by_quarter"`
	Check   map[string]any    `json:"published_check"`

	Churned         int64            `json:"churned"`
	ChurnRate       float64          `json:"churn_rate"`
	Charges         float64          `json:"monthly_charges_total"`
	ChargesChurned  float64          `json:"monthly_charges_churned"`
	RevenueChurn    float64          `json:"revenue_churn"`
	BlankTotals     int64            `json:"blank_total_charges"`
	Donors          int64            `json:"donors"`
	Gave            map[string]int64 `json:"gave_by_year"`
	GaveBoth        map[string]int64 `json:"gave_both_this_and_previous"`
	NeverAgain      int64            `json:"never_gave_again_after_1995"`
	NeverAgain96_01 int64            `json:"never_gave_again_1996_2001"`
}

// publishedPeriod takes the names of both ways in which the facts are written.
type publishedPeriod struct {
	Period, Year      string
	Customers         int64
	Active            int64 `json:"active_customers"`
	New               int64 `json:"new_customers"`
	NewByLabel        int64 `json:"new_customers_by_cohort_label"`
	Revenue           float64
	Spend             float64
	Transactions      int64
	Orders            *int64
	Profit            float64
	FromNew           *float64 `json:"revenue_from_new_customers"`
	SpendFromNew      *float64 `json:"spend_from_new"`
	RepeatShare       *float64 `json:"repeat_revenue_share_any_earlier"`
	RepeatSpend       *float64 `json:"repeat_spend_share"`
	Kept              *int64   `json:"customers_of_previous_period_still_buying"`
	ActiveBoth        *int64   `json:"active_in_both"`
	CustomerRetention *float64 `json:"customer_retention"`
	Retention         *float64
	NRR               *float64
	NRRAnyEarlier     *float64 `json:"nrr_any_earlier"`
	RevenueGrowth     *float64 `json:"revenue_growth"`
	Growth            *float64
}

// settled brings both ways of writing to one.
func (p publishedPeriod) settled() publishedPeriod {
	p.Period += p.Year
	p.Customers += p.Active
	p.New += p.NewByLabel
	p.Revenue += p.Spend
	p.FromNew = firstOf(p.FromNew, p.SpendFromNew)
	p.RepeatShare = firstOf(p.RepeatShare, p.RepeatSpend)
	p.Kept = firstOf(p.Kept, p.ActiveBoth)
	p.CustomerRetention = firstOf(p.CustomerRetention, p.Retention)
	p.RevenueGrowth = firstOf(p.RevenueGrowth, p.Growth)
	return p
}

func firstOf[V any](a, b *V) *V {
	if a != nil {
		return a
	}
	return b
}

func publishedFacts(t *testing.T, set string) published {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dataFolder(t), set, "facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var f published
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// printed holds a figure to one that was published with so many decimals;
// halves went either way.
func printed(t testing.TB, what string, got *big.Rat, want float64, places int) {
	t.Helper()
	g, _ := got.Float64()
	if unit := math.Pow10(-places); math.Abs(g-want) > unit/2+1e-9*math.Abs(want) {
		t.Errorf("%s: %s, want %.*f", what, got.FloatString(places+2), places, want)
	}
}

// chain closes one period after another, each against the one before, by any
// line, as the facts count, and holds it to what was published. named gives
// the period's name for --period.
func (e example) chain(before string, periods []publishedPeriod, named func(string) string) {
	t := e.t
	var opening *publishedPeriod
	for _, raw := range periods {
		p := raw.settled()
		where := e.name + " " + p.Period
		doc := e.closed(named(p.Period), before, "--active", "any-line")
		c := doc.Customer
		before = named(p.Period)
		counts := map[string][2]int64{"closing": {c.Customers["closing"], p.Customers}, "new": {c.newCustomers(), p.New}}
		if p.Orders != nil {
			counts["orders"] = [2]int64{doc.Views.Slices[1].Orders, *p.Orders}
		}
		printed(t, where+" revenue", c.Revenue["current"].rat(), p.Revenue, 2)
		printed(t, where+" revenue of new customers", c.newRevenue(), *p.FromNew, 2)
		repeat := new(big.Rat).Sub(c.Revenue["current"].rat(), c.newRevenue())
		printed(t, where+" repeat share", new(big.Rat).Quo(repeat, c.Revenue["current"].rat()), *p.RepeatShare, 6)
		if opening != nil {
			counts["retained"] = [2]int64{c.Customers["retained"], *p.Kept}
			counts["opening"] = [2]int64{c.Customers["opening"], opening.Customers}
			counts["lost"] = [2]int64{c.Customers["lost"], opening.Customers - *p.Kept}
			printed(t, where+" retention", big.NewRat(c.Customers["retained"], c.Customers["opening"]), *p.CustomerRetention, 6)
			printed(t, where+" net retention", decimal(c.NetRetention.Value).rat(), *p.NRR, 6)
			printed(t, where+" growth", decimal(c.Growth.Value).rat(), *p.RevenueGrowth, 6)
			printed(t, where+" net retention of any earlier", new(big.Rat).Quo(repeat, c.Revenue["prior"].rat()), *p.NRRAnyEarlier, 6)
		}
		for _, what := range slices.Sorted(maps.Keys(counts)) {
			if pair := counts[what]; pair[0] != pair[1] {
				t.Errorf("%s: %s %d, want %d", where, what, pair[0], pair[1])
			}
		}
		opening = &p
	}
}

// rows is what an import read and refused of each book.
func (e example) rows() map[string][2]int64 {
	e.t.Helper()
	var report struct {
		Books []struct {
			Book          string
			Rows, Refused int64
		}
	}
	if err := json.Unmarshal([]byte(done(e.t, e.args("check", "--json")...)), &report); err != nil {
		e.t.Fatal(err)
	}
	out := map[string][2]int64{}
	for _, b := range report.Books {
		out[b.Book] = [2]int64{b.Rows, b.Refused}
	}
	return out
}

func (e example) holds(book string, rows, refused int64) {
	e.t.Helper()
	if got := e.rows()[book]; got != [2]int64{rows, refused} {
		e.t.Errorf("%s: %s has %d rows and %d refused ones, want %d and %d", e.name, book, got[0], got[1], rows, refused)
	}
}

// TestMadrigalMeetsTheCustomerBaseAudit: the companion of Fader, Hardie & Ross
// (2022), chapter 3, and the facts computed of the same files.
func TestMadrigalMeetsTheCustomerBaseAudit(t *testing.T) {
	f := publishedFacts(t, "madrigal")
	exampleCopies(t)
	e := openExample(t, "madrigal")
	e.holds("orders", f.LongRows, 0)
	e.holds("customers", f.Customers, 0)
	e.chain("2015", f.Year, func(p string) string { return p })
	c := e.closed("2019", "2018", "--active", "any-line").Customer
	for name, want := range map[string]string{"opening": "active_2018", "closing": "active_2019", "retained": "active_both", "lost": "only_2018"} {
		if got := float64(c.Customers[name]); got != f.Check[want] {
			t.Errorf("published %s: %v, want %v", want, got, f.Check[want])
		}
	}
	if got := float64(c.newCustomers() + c.Customers["returning"]); got != f.Check["only_2019"] {
		t.Errorf("published only_2019: %v, want %v", got, f.Check["only_2019"])
	}
	// The first view of the base: customers, transactions, spend and profit of each year.
	for _, raw := range f.Year {
		y := raw.settled()
		if y.Period == "2016" {
			continue // of which there is no year before in the books
		}
		v := e.closed(y.Period, fmt.Sprint(number(t, json.Number(y.Period))-1), "--active", "any-line").Views
		if len(v.Slices) != 2 {
			t.Fatalf("%s: no views", y.Period)
		}
		s := v.Slices[1]
		if s.Customers != y.Customers || s.Orders != y.Transactions {
			t.Errorf("%s: %d customers and %d transactions, want %d and %d", y.Period, s.Customers, s.Orders, y.Customers, y.Transactions)
		}
		printed(t, "spend of "+y.Period, s.Revenue.Rat(), y.Spend, 2)
		printed(t, "profit of "+y.Period, s.Profit.Rat(), y.Profit, 2)
	}
	// Its segment is a customer's cohort. By segment the cohorts of a year hold those of whom the year is, and nobody else.
	told := 0
	for _, g := range e.closed("2019", "2018", "--active", "any-line").grouped("segment", "year") {
		year, _, ok := strings.Cut(strings.TrimPrefix(g.Name, "y"), "_q")
		if !ok || g.Others {
			continue
		}
		told++
		if len(g.Cohorts) != 1 || g.Cohorts[0].Name != year || g.Cohorts[0].Active[0] != f.Cohorts[g.Name] {
			t.Errorf("by segment %s: cohorts %+v, want %d customers of %s", g.Name, g.Cohorts, f.Cohorts[g.Name], year)
		}
	}
	if told != 6 { // and who came before 2016 is the seventh
		t.Errorf("cohorts of %d quarters are told", told)
	}
	// Each cohort's label is the quarter of the first purchase.
	for label, want := range f.Cohorts {
		if year, part, ok := strings.Cut(label[1:], "_q"); ok {
			q := quarter{number(t, json.Number(year)), number(t, json.Number(part))}
			if c := e.closed(q.name(), q.before().name(), "--active", "any-line").Customer; c.newCustomers() != want {
				t.Errorf("cohort %s: %d new customers, want %d", label, c.newCustomers(), want)
			}
		}
	}
	if rest := e.all("2016-01-01..2020-01-01"); rest.Customers["returning"] != f.Cohorts["pre_y2016"] {
		t.Errorf("cohort pre_y2016: %d customers from before, want %d", rest.Customers["returning"], f.Cohorts["pre_y2016"])
	} else {
		printed(t, "total spend", rest.Revenue["current"].rat(), f.Totals["spend"], 2)
	}
}

type quarter struct{ year, part float64 }

func (q quarter) name() string { return fmt.Sprintf("%v-Q%v", q.year, q.part) }

func (q quarter) before() quarter {
	if q.part == 1 {
		return quarter{q.year - 1, 4}
	}
	return quarter{q.year, q.part - 1}
}

// all closes a stretch of years against the year before it.
func (e example) all(period string) customerBlock {
	start := period[:4]
	before := fmt.Sprintf("%v-01-01..%s-01-01", number(e.t, json.Number(start))-1, start)
	return e.closed(period, before, "--active", "any-line").Customer
}

func TestOlistMeetsItsFacts(t *testing.T) {
	f := publishedFacts(t, "olist_sample")
	exampleCopies(t)
	e := openExample(t, "olist_sample")
	e.holds("orders", f.Rows["order_payments"], 0)
	e.holds("answers", f.Rows["order_reviews"], 0)
	e.chain("2015", f.Year, func(p string) string { return p })
	c := e.all("2016-01-01..2019-01-01")
	printed(t, "payments", c.Revenue["current"].rat(), f.Payments, 2)
	if c.Customers["closing"] != f.Unique {
		t.Errorf("customers: %d, want %d", c.Customers["closing"], f.Unique)
	}
	items := e
	items.books = "items.yaml"
	items.holds("orders", f.Rows["order_items"], 0)
}

func TestCompleteJourneyMeetsItsFacts(t *testing.T) {
	f := publishedFacts(t, "completejourney_sample")
	exampleCopies(t)
	e := openExample(t, "completejourney_sample")
	e.holds("orders", f.DataRows, 0)
	e.chain("2016-Q4", f.Quarter, func(p string) string { return p[:4] + "-" + p[4:] })
	c := e.all("2017-01-01..2018-01-01")
	printed(t, "sales", c.Revenue["current"].rat(), f.Sales, 2)
	if c.Customers["closing"] != f.Households {
		t.Errorf("households: %d, want %d", c.Customers["closing"], f.Households)
	}
}

// TestTelcoMeetsItsFacts: the company is fictional.
func TestTelcoMeetsItsFacts(t *testing.T) {
	f := publishedFacts(t, "telco_churn_ibm")
	exampleCopies(t)
	e := openExample(t, "telco_churn_ibm")
	e.holds("subscriptions", f.DataRows, 0)
	c := e.closed("2019-10", "2019-09").Customer
	if c.Customers["opening"] != f.DataRows || c.Customers["lost"] != f.Churned || c.newCustomers() != 0 {
		t.Errorf("customers %v, want %d of which %d lost", c.Customers, f.DataRows, f.Churned)
	}
	printed(t, "churn", big.NewRat(c.Customers["lost"], c.Customers["opening"]), f.ChurnRate, 6)
	printed(t, "monthly charges", c.Revenue["prior"].rat(), f.Charges, 2)
	printed(t, "monthly charges lost", c.Revenue["lost"].rat(), f.ChargesChurned, 2)
	gross := decimal(c.GrossRetention.Value).rat()
	printed(t, "revenue churn", gross.Sub(big.NewRat(1, 1), gross), f.RevenueChurn, 6)
	billed := e
	billed.books = "billed.yaml"
	billed.holds("orders", f.DataRows-f.BlankTotals, f.BlankTotals)
}

func TestDonationsMeetTheirFacts(t *testing.T) {
	f := publishedFacts(t, "donations_1995_cohort")
	exampleCopies(t)
	e := openExample(t, "donations_1995_cohort")
	e.holds("customers", f.Donors, 0)
	gifts := int64(0)
	for _, n := range f.Gave {
		gifts += n
	}
	e.holds("orders", gifts, 0)
	for year, gave := range f.Gave {
		before := fmt.Sprint(number(t, json.Number(year)) - 1)
		c := e.closed(year, before).Customer
		if c.Customers["closing"] != gave || c.Customers["retained"] != f.GaveBoth[year] {
			t.Errorf("%s: %d gave and %d of them the year before, want %d and %d", year, c.Customers["closing"], c.Customers["retained"], gave, f.GaveBoth[year])
		}
		printed(t, year+" gifts", c.Revenue["current"].rat(), float64(gave), 2)
		// Each gave as much as anybody, so that no money is lost but with a donor.
		if n := f.GaveBoth[year]; year != "1995" {
			printed(t, year+" net retention", decimal(c.NetRetention.Value).rat(), float64(n)/float64(f.Gave[before]), 9)
		}
	}
	for end, never := range map[string]int64{"2007": f.NeverAgain, "2002": f.NeverAgain96_01} {
		c := e.closed("1996-01-01.."+end+"-01-01", "1995").Customer
		if c.Customers["lost"] != never {
			t.Errorf("never gave again before %s: %d, want %d", end, c.Customers["lost"], never)
		}
	}
}

// TestExamplesSayWhatTheyAre: each example has a page that says what the set
// is, its licence and what its figures do not mean; a fictional company says
// so wherever its name shows.
func TestExamplesSayWhatTheyAre(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join("..", "..", "examples", "*"))
	if err != nil || len(folders) < 8 {
		t.Fatalf("examples: %v, %v", folders, err)
	}
	for _, folder := range folders {
		text, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, part := range []string{"## What it is", "## Licence", "## What the figures mean", "## Run it"} {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s: README.md has no part %q", folder, part)
			}
		}
		configs, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range configs {
			c, err := books.ReadConfig(path)
			if err != nil {
				t.Error(err)
			} else if !strings.Contains(c.Company, "public data set") && !strings.Contains(c.Company, "FICTIONAL") {
				t.Errorf("%s: the company's name %q does not say that it is a public data set or fictional", path, c.Company)
			}
		}
	}
}
