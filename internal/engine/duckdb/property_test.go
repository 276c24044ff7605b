package duckdb

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

var slow = flag.Bool("slow", false, "check properties on a thousand random ledgers instead of a hundred")

// dayOne is the first day of every random world: the worlds cross a turn of the
// year and the end of a leap February.
var dayOne = calendar.DayOf(2019, 12, 10)

func drawDay(t *rapid.T, label string) calendar.Day {
	return dayOne + calendar.Day(rapid.IntRange(0, 110).Draw(t, label))
}

func maybe[V any](t *rapid.T, label string, draw func(*rapid.T, string) V) *V {
	if !rapid.Bool().Draw(t, "has "+label) {
		return nil
	}
	v := draw(t, label)
	return &v
}

// drawAmount draws sales, returns and zeros of up to six places.
func drawAmount(t *rapid.T, label string) money.Amount {
	unit := rapid.SampledFrom([]int64{10_000, 1_000_000, 1, 100_000_000}).Draw(t, label+" unit")
	return money.FromMicros(unit * rapid.Int64Range(-400, 1000).Draw(t, label))
}

var ids = []string{"a", "b", "c", "d", "e", "f", "g", "h"}

func drawWindows(t *rapid.T) growth.Windows {
	q := dayOne + calendar.Day(rapid.IntRange(0, 40).Draw(t, "comparison starts"))
	qEnd := q + calendar.Day(rapid.IntRange(1, 35).Draw(t, "comparison days"))
	p := qEnd + calendar.Day(max(0, rapid.IntRange(-20, 15).Draw(t, "gap")))
	return growth.Windows{Compared: calendar.Period{Start: q, End: qEnd}, Period: calendar.Period{Start: p, End: p + calendar.Day(rapid.IntRange(1, 40).Draw(t, "period days"))}}
}

func drawWorld(t *rapid.T) world {
	x := world{w: drawWindows(t), basis: "orders"}
	x.grain = rapid.SampledFrom([]string{"customer", "customer", "account", "entity"}).Draw(t, "grain")
	x.basis = rapid.SampledFrom([]string{"orders", "orders", "orders", "subscriptions", "both"}).Draw(t, "basis")
	x.returnsAtSale = x.basis == "orders" && rapid.IntRange(0, 4).Draw(t, "returns at the sale") == 0
	foreign := rapid.IntRange(0, 3).Draw(t, "foreign") == 0
	for i := range rapid.IntRange(0, 30).Draw(t, "lines") {
		x.lines = append(x.lines, drawLine(t, x, i, foreign))
	}
	if rapid.Bool().Draw(t, "customers known") {
		x.customers = rapid.SliceOfNDistinct(rapid.Custom(drawCustomer), 0, 8, func(c worldCustomer) string { return c.id }).Draw(t, "customers")
	}
	if rapid.IntRange(0, 2).Draw(t, "linked") == 0 {
		for i := range len(ids) - 1 {
			if rapid.IntRange(0, 3).Draw(t, "link") == 0 { // only upwards, so no ring
				x.links = append(x.links, worldLink{ids[i], ids[rapid.IntRange(i+1, len(ids)-1).Draw(t, "to")], maybe(t, "since", drawDay)})
			}
		}
	}
	if foreign {
		for _, currency := range []string{"USD", "GBP"} {
			for d := dayOne; d < dayOne+120; d += calendar.Day(rapid.IntRange(5, 10).Draw(t, "days to the next rate")) {
				x.rates = append(x.rates, worldRate{d, currency, fmt.Sprintf("%d.%010d", rapid.IntRange(0, 2).Draw(t, "rate"), rapid.Int64Range(5_000_000_000, 9_999_999_999).Draw(t, "places"))})
			}
		}
	}
	if x.basis != "orders" {
		for i := range rapid.IntRange(0, 4).Draw(t, "subscriptions") {
			s := drawSub(t, i, foreign)
			if !slices.ContainsFunc(x.subs, func(other worldSub) bool { return other.id == s.id && other.start == s.start }) {
				x.subs = append(x.subs, s)
			}
		}
	}
	drawWorth(t, &x)
	return x
}

func drawLine(t *rapid.T, x world, i int, foreign bool) worldLine {
	l := worldLine{
		id: fmt.Sprintf("l%d", i), customer: rapid.SampledFrom(append([]string{"", "1234"}, ids...)).Draw(t, "customer"),
		day: drawDay(t, "day"), clock: rapid.SampledFrom([]string{"", " 00:00:00", " 23:59:59"}).Draw(t, "clock"), amount: drawAmount(t, "amount"),
	}
	if x.grain == "entity" {
		l.entity = rapid.SampledFrom([]string{"", "north", "south's"}).Draw(t, "entity")
	}
	if foreign {
		l.currency = rapid.SampledFrom([]string{"", home, "USD", "GBP"}).Draw(t, "currency")
	}
	if x.returnsAtSale && len(x.lines) > 0 && rapid.IntRange(0, 3).Draw(t, "a return") == 0 {
		sale := x.lines[rapid.IntRange(0, len(x.lines)-1).Draw(t, "sale")]
		if sale.returned == "" && sale.amount.Sign() > 0 {
			l.customer, l.currency, l.entity, l.returned = sale.customer, sale.currency, sale.entity, sale.id
			l.day, l.amount = max(l.day, sale.day), sale.amount.Neg()
		}
	}
	return l
}

func drawCustomer(t *rapid.T) worldCustomer {
	return worldCustomer{
		id: rapid.SampledFrom(ids).Draw(t, "id"), account: rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "account"),
		entity: rapid.SampledFrom([]string{"", "", "north"}).Draw(t, "entity"), acquired: maybe(t, "acquired", drawAcquired),
		via:      rapid.SampledFrom([]string{"", "referral", "reputation", "paid", "sales", "partner", "unknown"}).Draw(t, "via"),
		how:      rapid.SampledFrom([]string{"", "asked", "tracked", "declared", "inferred"}).Draw(t, "how"),
		excluded: rapid.SampledFrom([]string{"", "", "", "", "", "", "test", "staff"}).Draw(t, "excluded"),
	}
}

// drawAcquired also draws days long before the first line, and few enough for
// several customers to share one.
func drawAcquired(t *rapid.T, label string) calendar.Day {
	return dayOne + calendar.Day(10*rapid.IntRange(-5, 11).Draw(t, label))
}

func drawSub(t *rapid.T, i int, foreign bool) worldSub {
	s := worldSub{id: fmt.Sprintf("s%d", rapid.IntRange(0, i).Draw(t, "subscription")), customer: rapid.SampledFrom(ids).Draw(t, "subscriber"), start: drawDay(t, "started"), monthly: drawAmount(t, "monthly")}
	if s.monthly.Abs().Cmp(money.FromMicros(1000)) < 0 {
		s.monthly = money.FromMicros(9_990_001) // every day of a paid subscription comes to something
	}
	s.end = maybe(t, "ended", func(t *rapid.T, label string) calendar.Day {
		return s.start + calendar.Day(rapid.IntRange(0, 80).Draw(t, label))
	})
	if foreign {
		s.currency = rapid.SampledFrom([]string{"", "USD"}).Draw(t, "currency")
	}
	return s
}

// given tells whether the command line says how many random worlds to try.
var given = sync.OnceValue(func() bool {
	found := false
	flag.Visit(func(f *flag.Flag) { found = found || f.Name == "rapid.checks" })
	return found
})

// checks is how many random worlds a property tries, unless the command line
// says otherwise.
func checks(t *testing.T, n int) {
	t.Helper()
	switch {
	case *slow:
		n *= 10
	case os.Getenv("THROUGHLINE_THOROUGH") == "":
		n = max(2, n/3)
	}
	if given() {
		return
	}
	if err := setChecks(n); err != nil {
		t.Fatal(err)
	}
}

func setChecks(n int) error { return flag.Set("rapid.checks", fmt.Sprint(n)) }

// TestStatementOfRandomLedgers holds what the engine answers, from text rows
// through parts to the statement, to the definitions worked out in Go, and
// both to what must be true of every statement. Two halves use two cores.
func TestStatementOfRandomLedgers(t *testing.T) {
	checks(t, 50)
	for half := range 2 {
		t.Run(fmt.Sprint(half), func(t *testing.T) {
			t.Parallel()
			s := openStager(t)
			rapid.Check(t, func(t *rapid.T) { statementHolds(t, s) })
		})
	}
}

func statementHolds(t *rapid.T, s *stager) {
	ctx := context.Background()
	x := drawWorld(t)
	active := rapid.SampledFrom([]growth.Active{growth.Net, growth.Net, growth.AnyLine}).Draw(t, "active")
	got, found, err := s.asked(ctx, x, active, 1, x.spans())
	if err != nil {
		t.Fatalf("%v\n%s", err, x)
	}
	want, wanted, err := x.stated(active)
	if err != nil {
		t.Fatalf("second method: %v\n%s", err, x)
	}
	if x.basis != "orders" {
		// How many lines an accrual is cut into is the engine's own choice.
		for _, c := range []*growth.Coverage{&got.Coverage, &want.Coverage} {
			c.Lines, c.LinesIdentified, c.LinesUnidentified, c.LinesExcluded = 0, 0, 0, 0
		}
	}
	if g, w := printed(t, got), printed(t, want); g != w {
		t.Fatalf("statement by %s\n got %s\nwant %s\n%s", active, g, w, x)
	}
	if fmt.Sprintf("%+v", got.Coverage) != fmt.Sprintf("%+v", want.Coverage) {
		t.Fatalf("coverage\n got %+v\nwant %+v\n%s", got.Coverage, want.Coverage, x)
	}
	if g, w := found.comparable(x.basis != "orders"), wanted.comparable(x.basis != "orders"); g != w {
		t.Fatalf("the base by %s\n got %s\nwant %s\n%s", active, g, w, x)
	}
	holds(t, x, got, active)
	variant(t, s, x, got, active)
}

func printed(t *rapid.T, s growth.Statement) string {
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// holds checks the identities that every statement must have.
func holds(t *rapid.T, x world, s growth.Statement, active growth.Active) {
	b, c := s.Revenue, s.Customers
	sum := money.Sum(b.Prior, b.Lost.Neg(), b.Contraction.Neg(), b.Expansion, b.Returning, b.NewEarned, b.NewBought, b.NewUnattributed, b.Other)
	if !sum.Equal(b.Current) {
		t.Fatalf("the bridge comes to %s, not %s\n%s", sum, b.Current, x)
	}
	if c.Opening-c.Lost+c.Returning+c.NewEarned+c.NewBought+c.NewUnattributed != c.Closing || c.Opening-c.Lost != c.Retained {
		t.Fatalf("the roll-forward does not roll: %+v\n%s", c, x)
	}
	if c.NewSinceComparison > c.New() {
		t.Fatalf("more new since the comparison than new: %+v\n%s", c, x)
	}
	nrr, ok := s.NetRetention.Estimate()
	if refused := s.ActivePrior.Sign() <= 0; refused == ok {
		t.Fatalf("A0 is %s, and net retention refused: %t\n%s", s.ActivePrior, !ok, x)
	}
	if !ok {
		return
	}
	if grr, _ := s.GrossRetention.Estimate(); active == growth.Net && (grr.Value.Sign() < 0 || grr.Value.Cmp(big.NewRat(1, 1)) > 0) {
		t.Fatalf("gross retention is %s\n%s", grr.Value, x)
	}
	// Printed identity: R1/A0 = NRR + (new + returning)/A0 + idle/A0.
	var idle money.Amount
	p := x.plain()
	for _, cell := range growth.Tally(p.lines, p.profiles, x.w, active) {
		if cell.State == growth.Idle {
			idle = idle.Add(cell.Current)
		}
	}
	right := money.Sum(b.New(), b.Returning, idle).Rat()
	right.Quo(right, s.ActivePrior.Rat())
	right.Add(right, nrr.Value)
	if left := new(big.Rat).Quo(b.Current.Rat(), s.ActivePrior.Rat()); left.Cmp(right) != 0 {
		t.Fatalf("R1/A0 is %s, and the identity comes to %s\n%s", left.FloatString(12), right.FloatString(12), x)
	}
}

// variant changes the world in one way and checks that the statement follows.
func variant(t *rapid.T, s *stager, x world, before growth.Statement, active growth.Active) {
	y := x.clone()
	sources := 1
	change := rapid.SampledFrom([]string{"none", "none", "permute", "permute", "scale", "unidentified", "merge"}).Draw(t, "variant")
	check := func(after growth.Statement) bool { return printed(t, after) == printed(t, before) }
	switch change {
	case "none":
		return
	case "permute":
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		r.Shuffle(len(y.lines), func(i, j int) { y.lines[i], y.lines[j] = y.lines[j], y.lines[i] })
		r.Shuffle(len(y.customers), func(i, j int) { y.customers[i], y.customers[j] = y.customers[j], y.customers[i] })
		r.Shuffle(len(y.links), func(i, j int) { y.links[i], y.links[j] = y.links[j], y.links[i] })
		r.Shuffle(len(y.rates), func(i, j int) { y.rates[i], y.rates[j] = y.rates[j], y.rates[i] })
		sources = rapid.IntRange(1, 3).Draw(t, "sources")
	case "scale":
		if len(y.rates) > 0 || len(y.subs) > 0 {
			return // conversion and accrual round to six places
		}
		k := rapid.IntRange(1, 5).Draw(t, "k")
		for i := range y.lines {
			y.lines[i].amount = timesTen(y.lines[i].amount, k)
		}
		check = func(after growth.Statement) bool { return scaled(t, before, after, k) }
	case "unidentified":
		line := worldLine{id: "extra", day: x.w.Period.Start, amount: drawAmount(t, "extra")}
		if x.basis == "subscriptions" {
			return
		}
		y.lines = append(y.lines, line)
		check = func(after growth.Statement) bool {
			moved := after.Coverage
			if after.Coverage.Lines != before.Coverage.Lines+1 && x.basis == "orders" {
				return false
			}
			if !moved.RevenueUnidentified.Equal(before.Coverage.RevenueUnidentified.Add(line.amount)) || !moved.Revenue.Equal(before.Coverage.Revenue.Add(line.amount)) {
				return false
			}
			after.Coverage = before.Coverage
			return printed(t, after) == printed(t, before)
		}
	case "merge":
		var ok bool
		if x, y, ok = merged(t, x); !ok {
			return
		}
		linked, _, err := s.asked(context.Background(), x, active, 1, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, x)
		}
		before = linked
	}
	after, _, err := s.asked(context.Background(), y, active, sources, nil)
	if err != nil {
		t.Fatalf("%s: %v\n%s", change, err, y)
	}
	if x.basis != "orders" {
		for _, c := range []*growth.Coverage{&after.Coverage, &before.Coverage} {
			c.Lines, c.LinesIdentified, c.LinesUnidentified, c.LinesExcluded = 0, 0, 0, 0
		}
	}
	if !check(after) {
		t.Fatalf("%s, by %s:\nafter  %s\nbefore %s\n%s\nchanged to\n%s", change, active, printed(t, after), printed(t, before), x, y)
	}
}

// merged links one customer to another in one world and renames its lines in
// the other: the two must be the same company.
func merged(t *rapid.T, x world) (linked, union world, ok bool) {
	from, to := "a", "h" // h is never linked on
	for _, l := range x.links {
		if l.from == from || l.to == from {
			return x, x, false
		}
	}
	linked, union = x.clone(), x.clone()
	known := func(c worldCustomer) bool { return c.id == from || c.id == to }
	linked.customers = slices.DeleteFunc(linked.customers, known)
	union.customers = slices.DeleteFunc(union.customers, known)
	// What is known of one of them is then known of both.
	about := rapid.Custom(drawCustomer).Draw(t, "about the two")
	about.id = from
	linked.customers = append(linked.customers, about)
	about.id = to
	union.customers = append(union.customers, about)
	linked.links = append(linked.links, worldLink{from: from, to: to})
	for i := range union.lines {
		if union.lines[i].customer == from {
			union.lines[i].customer = to
		}
	}
	for i := range union.subs {
		if union.subs[i].customer == from {
			union.subs[i].customer = to
		}
	}
	return linked, union, true
}

func timesTen(a money.Amount, k int) money.Amount {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(k)), nil)
	return money.FromBig(ten.Mul(ten, a.Big()))
}

// scaled tells whether money grew by 10^k and nothing else moved.
func scaled(t *rapid.T, before, after growth.Statement, k int) bool {
	var b, a any
	for _, x := range []struct {
		statement growth.Statement
		into      *any
	}{{before, &b}, {after, &a}} {
		d := json.NewDecoder(strings.NewReader(printed(t, x.statement)))
		d.UseNumber()
		if err := d.Decode(x.into); err != nil {
			t.Fatal(err)
		}
	}
	return scaledValue(b, a, k)
}

func scaledValue(b, a any, k int) bool {
	switch b := b.(type) {
	case map[string]any:
		after, ok := a.(map[string]any)
		if !ok || len(after) != len(b) {
			return false
		}
		for name := range b {
			if !scaledValue(b[name], after[name], k) {
				return false
			}
		}
		return true
	case string:
		after, _ := a.(string)
		x, errX := money.Parse(b)
		y, errY := money.Parse(after)
		if errX != nil || errY != nil {
			return b == after
		}
		return timesTen(x, k).Equal(y)
	default:
		return fmt.Sprint(b) == fmt.Sprint(a)
	}
}
