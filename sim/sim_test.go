package sim

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"gonum.org/v1/gonum/mathext"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

// small is a world that is quick to write and has everything in it.
func small() World {
	w := Default()
	w.Customers, w.Arrivals.PerMonth, w.Late = 800, 60, 0.05
	return w
}

func write(t *testing.T, w World) (string, Truth) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "company")
	truth, err := w.Write(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, truth
}

// contents reads every file under a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// rows reads a CSV file as one map a row.
func rows(t *testing.T, dir string, names ...string) []map[string]string {
	t.Helper()
	var out []map[string]string
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records[1:] {
			row := map[string]string{}
			for i, column := range records[0] {
				row[column] = r[i]
			}
			out = append(out, row)
		}
	}
	return out
}

func orders(t *testing.T, dir string) []map[string]string {
	names, err := filepath.Glob(filepath.Join(dir, "orders-*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	if _, err := os.Stat(filepath.Join(dir, lateFile)); err == nil {
		names = append(names, lateFile)
	}
	return rows(t, dir, names...)
}

// home reads a money column of a line in the company's currency, by the rates
// book: exactly, because the world's rates leave six decimals at most.
func home(t *testing.T, dir string) func(l map[string]string, column string) money.Amount {
	t.Helper()
	daily := map[string]*big.Rat{}
	for _, r := range rows(t, dir, "rates.csv") {
		rate, ok := new(big.Rat).SetString(r["rate"])
		if !ok {
			t.Fatalf("%v has no rate", r)
		}
		daily[r["date"]+r["from"]] = rate
	}
	return func(l map[string]string, column string) money.Amount {
		a, err := money.Parse(l[column])
		if err != nil {
			t.Fatal(err)
		}
		rate, ok := daily[l["ordered_at"][:10]+l["currency"]]
		if !ok {
			return a
		}
		millionths := new(big.Rat).Mul(a.Rat(), rate)
		millionths.Mul(millionths, big.NewRat(1_000_000, 1))
		if !millionths.IsInt() {
			t.Fatalf("%v does not convert exactly", l)
		}
		return money.FromBig(millionths.Num())
	}
}

func TestSameSeedWritesTheSameBytesAndAnotherSeedOthers(t *testing.T) {
	dirA, truthA := write(t, small())
	dirB, truthB := write(t, small())
	a, b := contents(t, dirA), contents(t, dirB)
	if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(truthA, truthB) {
		t.Error("the same world wrote different files")
	}
	var names []string
	for name := range a {
		names = append(names, name)
	}
	if want := slices.Sorted(slices.Values(truthA.Files)); !slices.Equal(slices.Sorted(slices.Values(names)), want) {
		t.Errorf("the folder holds %v and the truth names %v", names, want)
	}
	other := small()
	other.Seed++
	dirC, _ := write(t, other)
	c := contents(t, dirC)
	for _, name := range []string{customersFile, "orders-2024.csv", "orders-2026.csv", controlsFile, truthFile} {
		if a[name] == c[name] {
			t.Errorf("%s is the same with another seed", name)
		}
	}
}

// histories are the lines of each identified customer without ids, as
// "time product quantity amount", keyed by customer.
func histories(lines []map[string]string) map[string]string {
	found := map[string]string{}
	for _, l := range lines {
		if id := l["customer_id"]; id != "" {
			found[id] += strings.Join([]string{l["ordered_at"], l["product"], l["quantity"], l["amount"]}, " ") + "\n"
		}
	}
	return found
}

func TestMoreCustomersDoNotChangeTheOthers(t *testing.T) {
	w := small()
	w.Merged, w.Excluded, w.Late = 0, 0, 0
	w.Referrals.Rate, w.Referrals.Contagion = 0, 1 // what else may hang on others is tried in TestOnlyTheReferredHangOnOthers
	dirA, _ := write(t, w)
	more := w
	more.Customers += 500
	dirB, _ := write(t, more)
	a, b := histories(orders(t, dirA)), histories(orders(t, dirB))
	for id, lines := range a {
		n, err := strconv.Atoi(strings.TrimPrefix(id, "customer-"))
		if err != nil {
			t.Fatal(err)
		}
		if int64(n) > w.Customers {
			n += 500
		}
		if b[string(appendCustomer(nil, uint32(n)))] != lines {
			t.Fatalf("%s bought other things among more customers", id)
		}
	}
	shifted := w
	shifted.Unidentified = 0.5
	dirC, _ := write(t, shifted)
	if !reflect.DeepEqual(histories(orders(t, dirC)), a) {
		t.Error("more unidentified buyers changed what the identified bought")
	}
}

// within five standard errors of a binomial share.
func binomial(t *testing.T, what string, k, n int64, share float64) {
	t.Helper()
	got, se := float64(k)/float64(n), math.Sqrt(share*(1-share)/float64(n))
	if math.Abs(got-share) > 5*se+1e-12 {
		t.Errorf("%s: %d of %d is %.4f, want %.4f ± %.4f", what, k, n, got, share, 5*se)
	}
}

func TestSharesMatchTheirParameters(t *testing.T) {
	w := Default()
	w.Customers, w.Late, w.Arrivals.PerMonth, w.Referrals.Rate = 2000, 0.05, 200, 0
	dir, truth := write(t, w)
	var arrived, ofEarned int64
	for _, m := range truth.Months {
		for i, via := range vias {
			arrived += m.Arrived[via]
			if earned(i) {
				ofEarned += m.Arrived[via]
			}
		}
	}
	binomial(t, "earned arrivals", ofEarned, arrived, w.Origins.Referral+w.Origins.Reputation)
	for i, via := range vias {
		var n int64
		for _, m := range truth.Months {
			n += m.Arrived[via]
		}
		binomial(t, "arrivals by "+via, n, arrived, w.Origins.shares()[i])
	}
	how := map[string]int64{}
	var people int64
	for _, c := range rows(t, dir, customersFile)[:w.Customers] {
		how[c["acquired_how"]]++
		people++
		if (c["acquired_via"] == "") != (c["acquired_how"] == "") {
			t.Fatalf("%v has an origin without how, or how without one", c)
		}
	}
	for i, share := range w.Known.shares() {
		key := knowns[i]
		if key == "nobody" {
			key = ""
		}
		binomial(t, "known "+knowns[i], how[key], people, share)
	}
	// Walk-ins have no returns, so their share is of the orders sold. Lines
	// of one order come together; hence by order, not by line.
	sold, strangers := map[string]bool{}, map[string]bool{}
	var early, back, lates, all int64
	returnable := (w.End - returnDays - 1).String()
	for _, l := range orders(t, dir) {
		all++
		if l["exported_on"] != "" {
			lates++
		}
		switch {
		case strings.HasPrefix(l["quantity"], "-"):
			back++
		case l["customer_id"] == "":
			strangers[l["order_id"]], sold[l["order_id"]] = true, true
		default:
			sold[l["order_id"]] = true
			if l["ordered_at"] < returnable {
				early++
			}
		}
	}
	binomial(t, "unidentified orders", int64(len(strangers)), int64(len(sold)), w.Unidentified)
	binomial(t, "late lines", lates, all, w.Late)
	if share := float64(back) / float64(early); share < w.Returns*0.95 || share > w.Returns*1.1 {
		t.Errorf("%d returns of %d lines", back, early)
	}
	if truth.Lines.Lines != all || truth.Lines.Returned != back || truth.Lines.Late != lates {
		t.Errorf("the truth counts %+v; the files hold %d lines, %d returned, %d late", truth.Lines, all, back, lates)
	}
}

// Equation 9 of Fader, Hardie & Lee (2005); design formulas, section 3.
func expectedPurchases(p Purchases, t float64) float64 {
	return (p.A + p.B - 1) / (p.A - 1) *
		(1 - math.Pow(p.Alpha/(p.Alpha+t), p.R)*mathext.Hypergeo(p.R, p.B, p.A+p.B-1, t/(p.Alpha+t)))
}

func TestRepeatPurchasesMeetBGNBDMeans(t *testing.T) {
	const n = 100_000
	for _, p := range []Purchases{{R: 0.8, Alpha: 40, A: 0.7, B: 6}, {R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426}, {R: 2, Alpha: 90, A: 1.8, B: 9}} {
		p.Model = BGNBD
		draws, l := newStream(), newLiving(p, 0.5)
		ages := []float64{30, 180, 365, 1000}
		sum, squares := make([]float64, len(ages)), make([]float64, len(ages))
		var times []float64
		for i := range int64(n) {
			draws.begin(7, ofLife, who{kind: initial, index: i})
			v := l.draw(draws, 0, 100)
			times, _ = v.purchases(draws, BGNBD, plain{}, trend{}, 0, v.born+1000, times[:0])
			for k, age := range ages {
				x := 0.0
				for _, at := range times[1:] {
					if at < v.born+age {
						x++
					}
				}
				sum[k] += x
				squares[k] += x * x
			}
		}
		for k, age := range ages {
			mean := sum[k] / n
			se := math.Sqrt((squares[k]/n - mean*mean) / n)
			if want := expectedPurchases(p, age); math.Abs(mean-want) > 4*se {
				t.Errorf("%+v: E[X(%g)] is %.4f ± %.4f in the simulation and %.4f by the formula", p, age, mean, se, want)
			}
		}
	}
}

func TestSpendLevelsHaveTheStatedCorrelationWithRates(t *testing.T) {
	const n, frequency = 50_000, -0.4
	draws, l := newStream(), newLiving(Default().Purchases, frequency)
	var x, y, xx, yy, xy float64
	for i := range int64(n) {
		draws.begin(3, ofLife, who{kind: initial, index: i})
		v := l.draw(draws, 0, 1)
		a, b := math.Log(v.rate), v.level
		x, y, xx, yy, xy = x+a, y+b, xx+a*a, yy+b*b, xy+a*b
	}
	got := (xy - x*y/n) / math.Sqrt((xx-x*x/n)*(yy-y*y/n))
	if math.Abs(got-frequency) > 0.03 {
		t.Errorf("correlation %.3f, want %.3f", got, frequency)
	}
	if mean, variance := y/n, yy/n-y*y/n/n; math.Abs(mean) > 0.03 || math.Abs(variance-1) > 0.05 {
		t.Errorf("spend levels have mean %.3f and variance %.3f, want 0 and 1", mean, variance)
	}
}

func TestOrderValuesAreLognormal(t *testing.T) {
	w := Default()
	w.Prices.Listed = false
	shop, draws := newShop(w), newStream()
	var sum, squares, counted float64
	const n = 40_000
	for i := range int64(n) {
		draws.begin(1, ofBasket, who{kind: initial, index: i})
		var value int64
		for _, l := range shop.fill(draws, line{}, buyer{level: draws.normal()}, nil) {
			value += l.amount()
			counted++
		}
		z := math.Log(float64(value) / 4200)
		sum, squares = sum+z, squares+z*z
	}
	mean := sum / n
	if sd := math.Sqrt(squares/n - mean*mean); math.Abs(mean) > 5*w.Spend.Sigma/math.Sqrt(n) || math.Abs(sd-w.Spend.Sigma) > 0.015 {
		t.Errorf("log order value over the median has mean %.4f and deviation %.4f, want 0 and %.1f", mean, sd, w.Spend.Sigma)
	}
	if per := counted / n; math.Abs(per-w.LinesPerOrder) > 0.03 {
		t.Errorf("%.3f lines an order, want %g", per, w.LinesPerOrder)
	}
}

func TestParetoMakesTheStatedTail(t *testing.T) {
	w := Default()
	w.Prices.Listed = false
	w.Spend.Sigma, w.Spend.ParetoShare, w.Spend.ParetoShape = 0, 0.5, 2
	shop, draws := newShop(w), newStream()
	var above int64
	const n = 40_000
	for i := range int64(n) {
		draws.begin(1, ofBasket, who{kind: initial, index: i})
		var value int64
		for _, l := range shop.fill(draws, line{}, buyer{}, nil) {
			value += l.amount()
		}
		if value > 3*4200 {
			above++
		}
	}
	binomial(t, "orders above three medians", above, n, 0.5/9) // P(X > 3) = 3^−2
}

func TestSeasonPeaksWhereItSaysAndKeepsTheYear(t *testing.T) {
	s := Season{Amplitude: 0.4, Peak: 12}
	start := calendar.DayOf(2024, 1, 1)
	c := newClock(start, calendar.DayOf(2028, 1, 1), s)
	if span := c.at(calendar.DayOf(2028, 1, 1)) - c.at(start); math.Abs(span-1461) > 1 {
		t.Errorf("four years are %.2f days of season's time", span)
	}
	if w := s.weight(calendar.DayOf(2025, 12, 15)); math.Abs(w-1.4) > 1e-12 {
		t.Errorf("the peak weighs %g", w)
	}
	for d := start; d < start+1461; d += 13 {
		if got, gone := c.day(c.at(d) + 0.25); got != d || gone <= 0 || gone >= 1 {
			t.Fatalf("season's time of %s leads to %s, %g", d, got, gone)
		}
	}
}

func TestLinesSumToTheControlsExceptTheStatedDifference(t *testing.T) {
	w := small()
	dir, truth := write(t, w)
	sums := map[string]money.Amount{}
	total := money.Amount{}
	at := home(t, dir)
	for _, l := range orders(t, dir) {
		foreign, err := money.Parse(l["amount"])
		if err != nil {
			t.Fatal(err)
		}
		a := at(l, "amount")
		sums[l["ordered_at"][:7]] = sums[l["ordered_at"][:7]].Add(a)
		total = total.Add(a)
		price, _ := money.Parse(l["unit_price"])
		quantity, _ := money.Parse(l["quantity"])
		if product := new(big.Rat).Mul(price.Rat(), quantity.Rat()); product.Cmp(foreign.Rat()) != 0 {
			t.Fatalf("%v: quantity × unit price is not the amount", l)
		}
	}
	if !total.Equal(truth.Lines.Revenue) {
		t.Errorf("lines come to %s and the truth says %s", total, truth.Lines.Revenue)
	}
	controls := slices.DeleteFunc(rows(t, dir, controlsFile), func(r map[string]string) bool { return r["account"] != accountRevenue })
	if len(controls) != w.months() {
		t.Errorf("%d controls for %d months", len(controls), w.months())
	}
	for _, c := range controls {
		ledger, err := money.Parse(c["amount"])
		if err != nil {
			t.Fatal(err)
		}
		want := money.Amount{}
		if c["period"] == "2026-08" {
			want = money.FromMicros(1_250_000_000)
		}
		if difference := ledger.Sub(sums[c["period"]]); !difference.Equal(want) {
			t.Errorf("%s: the ledger differs by %s, want %s", c["period"], difference, want)
		}
	}
}

func TestEveryRowFitsTheShapesOfTheBooks(t *testing.T) {
	w := small()
	dir, _ := write(t, w)
	var config struct {
		Company string
		Books   map[string]struct {
			From    string
			Columns map[string]string
		}
	}
	text := contents(t, dir)[booksFile]
	if len(fact.Books) != 15 {
		t.Fatalf("%d books", len(fact.Books))
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	if config.Company != w.Company || !strings.HasPrefix(text, "# Simulated company: no row here is real") {
		t.Errorf("books.yaml begins %.80q", text)
	}
	for _, book := range fact.Books {
		if _, ok := config.Books[book.Name]; !ok {
			t.Errorf("books.yaml does not map %s", book.Name)
		}
	}
	for name, mapping := range config.Books {
		book, ok := fact.Find(name)
		if !ok {
			t.Fatalf("there is no book %s", name)
		}
		var mapped []string
		for column := range mapping.Columns {
			mapped = append(mapped, column)
		}
		if err := book.CheckMapping(mapped); err != nil {
			t.Error(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, mapping.From))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: from %s names no file (%v)", name, mapping.From, err)
		}
		if name == "orders" {
			files = append(files, filepath.Join(dir, lateFile))
		}
		seen := map[string]bool{}
		for _, file := range files {
			base, _ := filepath.Rel(dir, file)
			for _, row := range rows(t, dir, base) {
				fits(t, book, mapping.Columns, row)
				key := ""
				for _, column := range book.Key {
					key += row[mapping.Columns[column]] + "\x00"
				}
				if key != "" && seen[key] {
					t.Fatalf("%s: %q stands twice", name, key)
				}
				seen[key] = true
			}
		}
		if len(seen) == 0 {
			t.Errorf("%s has no row", name)
		}
	}
}

func fits(t *testing.T, book fact.Book, columns, row map[string]string) {
	t.Helper()
	for name, source := range columns {
		c, _ := book.Column(name)
		value, ok := row[source]
		if !ok || c.Required && value == "" {
			t.Fatalf("%s: %v lacks %s", book.Name, row, name)
		}
		if value == "" {
			continue
		}
		var err error
		switch c.Type {
		case fact.Money, fact.Number:
			_, err = money.Parse(value)
		case fact.Day:
			_, err = calendar.ParseDay(value)
		case fact.Instant:
			_, err = calendar.ParseDay(strings.Fields(value)[0])
			if len(value) != len("2006-01-02 15:04:05") {
				err = errors.New("not a local time")
			}
		case fact.Truth:
			if value != "yes" && value != "no" {
				err = errors.New("neither yes nor no")
			}
		case fact.Currency:
			_, err = money.ParseCurrency(value)
		case fact.Rate:
			if _, ok := new(big.Rat).SetString(value); !ok {
				err = errors.New("not a rate")
			}
		case fact.Choice:
			if !slices.Contains(c.Choices, value) {
				err = errors.New("not one of the choices")
			}
		case fact.PeriodKey:
			_, err = calendar.ParseMonth(value)
		}
		if err != nil {
			t.Fatalf("%s: %s %q: %v", book.Name, name, value, err)
		}
	}
}

func TestLinesAreByDateAndInTheFileOfTheirYear(t *testing.T) {
	dir, _ := write(t, small())
	for _, year := range []string{"2024", "2025", "2026"} {
		last := year
		for _, l := range rows(t, dir, "orders-"+year+".csv") {
			if l["ordered_at"] < last || l["ordered_at"][:4] != year {
				t.Fatalf("orders-%s.csv: %s after %s", year, l["ordered_at"], last)
			}
			last = l["ordered_at"]
		}
	}
	for _, l := range rows(t, dir, lateFile) {
		month, err := calendar.ParseMonth(l["ordered_at"][:7])
		if err != nil || (month+2).First().String() != l["exported_on"] {
			t.Fatalf("%v was not exported one month late", l)
		}
	}
}

// The truth is tallied while lines are drawn; package growth tallies the same
// lines from the files by its own code. Origins apart, which files do not
// hold, both must come to the same.
func TestTruthIsWhatTheCustomerStatementFinds(t *testing.T) {
	dir, truth := write(t, small())
	standing := map[string]string{}
	for _, l := range rows(t, dir, linksFile) {
		standing[l["old_id"]] = l["new_id"]
	}
	if int64(len(standing)) != truth.Customers.Merged || len(standing) != 12 {
		t.Errorf("%d links, %d merged", len(standing), truth.Customers.Merged)
	}
	resolve := func(id string) string {
		if to, ok := standing[id]; ok {
			return to
		}
		return id
	}
	profiles, out := map[string]growth.Profile{}, map[string]bool{}
	for _, c := range rows(t, dir, customersFile) {
		day, err := calendar.ParseDay(c["acquired_on"])
		if err != nil {
			t.Fatal(err)
		}
		id := resolve(c["customer_id"])
		if known, ok := profiles[id]; ok && *known.AcquiredOn < day {
			day = *known.AcquiredOn
		}
		profiles[id] = growth.Profile{AcquiredOn: &day}
		out[id] = c["excluded"] != ""
	}
	var lines []growth.Line
	at := home(t, dir)
	for _, l := range orders(t, dir) {
		id := resolve(l["customer_id"])
		if id == "" || out[id] {
			continue
		}
		day, err := calendar.ParseDay(l["ordered_at"][:10])
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, growth.Line{Customer: id, Day: day, Amount: at(l, "amount")})
	}
	last := truth.Months[len(truth.Months)-1]
	for _, pair := range []struct {
		months int
		found  *Comparison
	}{{1, last.OfMonth}, {12, last.OfYear}} {
		end := last.Month + 1
		span := func(end calendar.Month) calendar.Period {
			return calendar.Period{Start: (end - calendar.Month(pair.months)).First(), End: end.First()}
		}
		w := growth.Windows{Period: span(end), Compared: span(end - 12)}
		got := map[growth.State]growth.Cell{}
		for _, c := range growth.Tally(lines, profiles, w, growth.Net) {
			if c.State == growth.NewBefore {
				c.State = growth.New
			}
			sum := got[c.State]
			sum.Customers += c.Customers
			sum.Prior, sum.Current, sum.Kept = sum.Prior.Add(c.Prior), sum.Current.Add(c.Current), sum.Kept.Add(c.Kept)
			got[c.State] = sum
		}
		retained, lost, fresh, back := got[growth.Retained], got[growth.Lost], got[growth.New], got[growth.Returning]
		f, a0 := pair.found, retained.Prior.Add(lost.Prior)
		if retained.Customers != f.Retained || lost.Customers != f.Lost || fresh.Customers != f.NewEarned+f.NewBought || back.Customers != f.Returning {
			t.Errorf("%d months: the statement counts %d, %d, %d, %d; the truth is %+v", pair.months,
				retained.Customers, lost.Customers, fresh.Customers, back.Customers, f)
		}
		if !a0.Equal(f.ActivePrior) || !fresh.Current.Equal(f.RevenueNewEarned.Add(f.RevenueNewBought)) || !back.Current.Equal(f.RevenueReturning) {
			t.Errorf("%d months: revenue differs from the truth %+v", pair.months, f)
		}
		if r := ratio(retained.Current.Add(lost.Current).Rat(), a0.Rat()); r != f.NetRetention {
			t.Errorf("%d months: net retention %s, the truth is %s", pair.months, r, f.NetRetention)
		}
		if r := ratio(retained.Kept.Add(lost.Kept).Rat(), a0.Rat()); r != f.GrossRetention {
			t.Errorf("%d months: gross retention %s, the truth is %s", pair.months, r, f.GrossRetention)
		}
	}
}

func TestReferralsFollowHappiness(t *testing.T) {
	w := small()
	w.Referrals.Rate = 0.05
	_, truth := write(t, w)
	if c := truth.Customers; c.Referred == 0 || c.ByHappy != c.Referred {
		t.Errorf("%d of %d referrals by the happy", c.ByHappy, c.Referred)
	}
	w.ReferralsFollowHappiness = false
	dir, truth := write(t, w)
	if c := truth.Customers; c.ByHappy == c.Referred || c.ByHappy == 0 {
		t.Errorf("%d of %d referrals by the happy, though anyone refers", c.ByHappy, c.Referred)
	}
	came := map[string]string{}
	for _, c := range rows(t, dir, customersFile) {
		came[c["customer_id"]] = c["acquired_on"]
	}
	for _, c := range rows(t, dir, customersFile) {
		if by := c["referred_by"]; by != "" && (came[by] == "" || came[by] >= c["acquired_on"] || c["acquired_via"] != "referral") {
			t.Fatalf("%v was referred by one who came on %q", c, came[by])
		}
	}
}

func TestTruthIsReadBackAsWritten(t *testing.T) {
	dir, truth := write(t, small())
	var read Truth
	if err := json.Unmarshal([]byte(contents(t, dir)[truthFile]), &read); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(read)
	if err != nil {
		t.Fatal(err)
	}
	if first, _ := json.Marshal(truth); !bytes.Equal(first, again) {
		t.Error("truth.json does not hold the truth returned")
	}
	if !strings.Contains(read.Simulated, "Simulated") {
		t.Errorf("the truth does not say that it is simulated: %q", read.Simulated)
	}
}

func TestWorldAsUsedReadsBackAsTheWorld(t *testing.T) {
	w := small()
	w.Company = `Simulated "Quotes: & Sons" # 2`
	dir, _ := write(t, w)
	read, err := Read(strings.NewReader(contents(t, dir)[worldFile]))
	if err != nil || !reflect.DeepEqual(read, w) {
		t.Errorf("world.yaml reads as %+v (%v)", read, err)
	}
}

func TestCurrenciesKeepTheirPlaces(t *testing.T) {
	for currency, median := range map[money.Currency]int64{"JPY": 5000, "BHD": 12} {
		w := small()
		w.Currency, w.Spend.Median, w.Customers, w.Arrivals.PerMonth = currency, money.FromMicros(median*1_000_000), 50, 2
		w.Merged = 0
		dir, _ := write(t, w)
		for _, l := range orders(t, dir) {
			_, decimals, _ := strings.Cut(l["amount"], ".")
			if len(decimals) != money.Currency(l["currency"]).Places() {
				t.Fatalf("%s: amount %s", currency, l["amount"])
			}
		}
	}
}

func TestACancelledSimulationLeavesNoUnfinishedFiles(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	w := Default()
	_, err := w.Write(ctx, dir, func(done, _ int64) {
		if done > 100 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v", err)
	}
	for name := range contents(t, dir) {
		if name != worldFile {
			t.Errorf("%s was left", name)
		}
	}
	if _, err := small().Write(t.Context(), dir, nil); err != nil {
		t.Errorf("the folder cannot be used again: %v", err)
	}
}

func TestProgressEndsAtItsTotal(t *testing.T) {
	var last, total int64
	_, err := small().Write(t.Context(), t.TempDir(), func(done, of int64) {
		if done < last || done > of {
			t.Errorf("progress went from %d to %d of %d", last, done, of)
		}
		last, total = done, of
	})
	if err != nil || last != total || total == 0 {
		t.Errorf("progress ended at %d of %d (%v)", last, total, err)
	}
}

func BenchmarkDefault(b *testing.B) {
	for b.Loop() {
		truth, err := Default().Write(b.Context(), b.TempDir(), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(truth.Lines.Lines), "lines")
	}
}
