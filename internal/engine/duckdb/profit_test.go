package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/profit"
)

// firm is a small company whose books also say what things cost: a world's
// books, with what each line cost and of what product it is, who was served,
// and what departments spent.
type firm struct {
	world
	costs    []string // of the lines; empty: not known
	products []string
	segments map[string]string // of the customers
	visits   []firmVisit
	spent    []firmCost
	margins  map[string]string
	months   []calendar.Period
	anyLine  bool
}

type firmVisit struct {
	customer, touchpoint, seconds string
	day                           calendar.Day
}

type firmCost struct {
	period                       calendar.Period
	department, kind, touchpoint string
	amount                       string
	currency                     string
}

func drawFirm(t *rapid.T) firm {
	f := firm{world: drawWorld(t), segments: map[string]string{}, anyLine: rapid.IntRange(0, 3).Draw(t, "any line") == 0}
	f.basis, f.subs, f.returnsAtSale = "orders", nil, false
	if f.grain == "entity" {
		f.grain = "account"
	}
	// Mostly everything is there, so that most firms come to a whole statement.
	if rapid.IntRange(0, 5).Draw(t, "long") > 0 {
		f.w.Period = calendar.Period{Start: dayOne + 20, End: dayOne + 95}
		for range rapid.SampledFrom([]int{12, 25}).Draw(t, "more lines") {
			f.lines = append(f.lines, drawLine(t, f.world, len(f.lines), len(f.rates) > 0))
		}
	}
	known := rapid.IntRange(0, 3).Draw(t, "costs on lines")
	for i := range f.lines {
		f.lines[i].entity, f.lines[i].returned = "", ""
		cost := ""
		if known > 0 && (known == 3 || rapid.Bool().Draw(t, "costed")) {
			cost = drawAmount(t, "cost").Text(0)
		}
		f.costs, f.products = append(f.costs, cost), append(f.products, rapid.SampledFrom([]string{"", "tea", "o'clock"}).Draw(t, "product"))
	}
	for _, c := range f.customers {
		f.segments[c.id] = rapid.SampledFrom([]string{"", "north", "south"}).Draw(t, "segment")
	}
	f.margins = map[string]string{}
	for _, name := range []string{"tea", "o'clock", "north", "default"} {
		if rapid.Bool().Draw(t, "margin "+name) || name == "default" && rapid.IntRange(0, 3).Draw(t, "a default") > 0 {
			f.margins[name] = rapid.SampledFrom([]string{"0.35", "-0.1", "1", "0.333333"}).Draw(t, "margin")
		}
	}
	f.months = f.tiles(t)
	places := []string{"phone", "shop", "o'web"}
	timed := map[string]bool{}
	for _, p := range places {
		timed[p] = rapid.Bool().Draw(t, "timed")
	}
	for range rapid.SampledFrom([]int{20, 40, 60, 0}).Draw(t, "visits") {
		v := firmVisit{customer: rapid.SampledFrom(append([]string{""}, ids...)).Draw(t, "caller"), touchpoint: rapid.SampledFrom(places).Draw(t, "touchpoint"), day: drawDay(t, "called")}
		if timed[v.touchpoint] || rapid.Bool().Draw(t, "measured") {
			v.seconds = rapid.SampledFrom([]string{"0", "12.5", "300", "0.000001", "86400", "61.123456", "1000000.5"}).Draw(t, "seconds")
			if !timed[v.touchpoint] && rapid.IntRange(0, 9).Draw(t, "broken clock") == 0 {
				v.seconds = "-3"
			}
		}
		f.visits = append(f.visits, v)
	}
	f.spend(t, places)
	return f
}

// tiles cut the period into pieces.
func (f firm) tiles(t *rapid.T) []calendar.Period {
	p := f.w.Period
	days := []calendar.Day{p.Start, p.End}
	for range rapid.IntRange(0, 3).Draw(t, "cuts") {
		days = append(days, p.Start+calendar.Day(rapid.IntRange(0, int(p.End-p.Start)).Draw(t, "cut")))
	}
	slices.Sort(days)
	days = slices.Compact(days)
	var out []calendar.Period
	for i := range days[1:] {
		out = append(out, calendar.Period{Start: days[i], End: days[i+1]})
	}
	return out
}

// spend draws what departments spent: mostly so that the period is covered.
func (f *firm) spend(t *rapid.T, places []string) {
	for _, kind := range []string{"serve", "acquire", "train"} {
		together := f.tiles(t) // or else a department may have overlapping periods
		for range rapid.SampledFrom([]int{1, 3, 6, 0}).Draw(t, kind+" lines") {
			tiles := together
			if rapid.IntRange(0, 9).Draw(t, "apart") == 7 {
				tiles = f.tiles(t)
			}
			if rapid.IntRange(0, 19).Draw(t, "gap") == 13 {
				tiles = tiles[1:]
			}
			department := rapid.SampledFrom([]string{"one", "two"}).Draw(t, "department")
			touchpoint := rapid.SampledFrom(append([]string{"", "nowhere"}, places...)).Draw(t, "spent at")
			for _, p := range tiles {
				c := firmCost{period: p, department: department, kind: kind, touchpoint: touchpoint, amount: drawAmount(t, "spent").Text(0)}
				if len(f.rates) > 0 {
					c.currency = rapid.SampledFrom([]string{"", home, "USD"}).Draw(t, "currency")
				}
				if rapid.IntRange(0, 60).Draw(t, "straddles") == 37 {
					c.period.End += 3
				}
				f.spent = append(f.spent, c)
			}
		}
	}
}

func (f firm) tables() map[string]*cells {
	orders := f.orders()
	costs := slices.Index(orders.names, "cost")
	for i := range orders.rows {
		orders.rows[i][4], orders.rows[i][costs] = f.products[i], f.costs[i]
	}
	customers := f.customerRows()
	segment := slices.Index(customers.names, "segment")
	for i, c := range f.customers {
		customers.rows[i][segment] = f.segments[c.id]
	}
	visits := &cells{names: []string{"interaction_id", "started_at", "touchpoint", "customer_id", "handle_seconds"}}
	for i, v := range f.visits {
		visits.rows = append(visits.rows, []string{fmt.Sprint("i", i), v.day.String(), v.touchpoint, v.customer, v.seconds})
	}
	spent := &cells{names: []string{"period", "department", "kind", "amount", "touchpoint", "currency"}}
	for _, c := range f.spent {
		spent.rows = append(spent.rows, []string{c.period.String(), c.department, c.kind, c.amount, c.touchpoint, c.currency})
	}
	return map[string]*cells{"orders": orders, "customers": customers, "customer_links": f.linkRows(), "rates": f.rateRows(), "interactions": visits, "costs": spent}
}

// open stages a firm's books.
func (f firm) open(ctx context.Context, s *stager) (*Ledger, error) {
	from := engine.Ledger{Currency: home, Grain: f.grain, Basis: "orders", AsOf: f.w.Period.End, Margins: map[string]money.Amount{}}
	for name, share := range f.margins {
		margin, err := money.Parse(share)
		if err != nil {
			return nil, err
		}
		from.Margins[name] = margin
	}
	tables := f.tables()
	var err error
	for _, b := range []struct {
		name string
		into *[]engine.Part
	}{
		{"orders", &from.Orders}, {"customers", &from.Customers}, {"customer_links", &from.Links}, {"rates", &from.Rates}, {"interactions", &from.Interactions}, {"costs", &from.Costs},
	} {
		if *b.into, from.Keys, err = s.book(ctx, b.name, from.Keys, tables[b.name]); err != nil {
			return nil, err
		}
	}
	if len(from.Orders) > 0 {
		part, err := s.e.Firsts(ctx, engine.Firsts{Lines: paths(from.Orders), Folder: s.folder()})
		if err != nil {
			return nil, err
		}
		if part != nil {
			from.Firsts = []string{part.Path}
		}
	}
	return s.e.Ledger(ctx, from)
}

// rows are the firm's books by the definitions, without the engine.
func (f firm) rows() profit.Rows {
	u, p := f.units(), f.plain()
	r := profit.Rows{Known: map[string]profit.Origin{}}
	for id, known := range p.profiles {
		r.Known[id] = profit.Origin{AcquiredOn: known.AcquiredOn, Via: known.Origin.Via}
	}
	segments := f.segmentOf(u)
	for i, l := range f.lines {
		if l.customer == "" || u.excluded[u.stand(l.customer)] {
			continue
		}
		line := profit.Line{Customer: u.of(l.customer, ""), Day: l.day, Amount: f.convert(l.amount, l.currency, l.day)}
		f.earn(&line, i, segments[u.of(l.customer, "")])
		r.Lines = append(r.Lines, line)
	}
	for _, v := range f.visits {
		visit := profit.Visit{Who: "identified", Touchpoint: v.touchpoint, Day: v.day}
		switch {
		case v.customer == "":
			visit.Who = "unidentified"
		case u.excluded[u.stand(v.customer)]:
			visit.Who = "excluded"
		default:
			visit.Customer = u.of(v.customer, "")
		}
		if v.seconds != "" {
			visit.Seconds = parsed(v.seconds).Big()
		}
		r.Visits = append(r.Visits, visit)
	}
	// What says the same of itself is summed before it is converted.
	sums, rows := map[firmCost]money.Amount{}, map[firmCost]int64{}
	for _, c := range f.spent {
		key := c
		key.amount = ""
		sums[key], rows[key] = sums[key].Add(parsed(c.amount)), rows[key]+1
	}
	for c, sum := range sums {
		c.amount = sum.Text(0)
		r.Spent = append(r.Spent, f.homeward(c, rows[firmCost{c.period, c.department, c.kind, c.touchpoint, "", c.currency}]))
	}
	return r
}

func parsed(text string) money.Amount {
	a, err := money.Parse(text)
	if err != nil {
		panic(err)
	}
	return a
}

// earn says what a line earned, and how that is known.
func (f firm) earn(line *profit.Line, i int, segment string) {
	at := func(name string) bool {
		margin, ok := f.margins[name]
		if ok {
			earned := roundHalfAway(new(big.Rat).Mul(line.Amount.Rat(), parsed(margin).Rat()))
			line.Profit, line.By = &earned, "margin "+name
		}
		return ok
	}
	switch product := f.products[i]; {
	case f.costs[i] != "":
		earned := line.Amount.Sub(f.convert(parsed(f.costs[i]), f.lines[i].currency, f.lines[i].day))
		line.Profit, line.By = &earned, "cost"
	case product != "" && at(product):
	case segment == "north" && at(segment):
	default:
		at("default")
	}
}

// segmentOf is each unit's segment: that of the one who came first among those
// with one.
func (f firm) segmentOf(u units) map[string]string {
	type known struct{ on, segment string }
	first := map[string]known{}
	for _, c := range f.customers {
		segment := f.segments[c.id]
		if segment == "" || u.excluded[u.stand(c.id)] {
			continue
		}
		on := "9999-12-31"
		if c.acquired != nil {
			on = c.acquired.String()
		}
		unit := u.of(c.id, "")
		if k, ok := first[unit]; !ok || on+segment < k.on+k.segment {
			first[unit] = known{on, segment}
		}
	}
	out := map[string]string{}
	for unit, k := range first {
		out[unit] = k.segment
	}
	return out
}

// homeward is a cost at the rate of the last day of its period that has one.
func (f firm) homeward(c firmCost, rows int64) profit.Cost {
	out := profit.Cost{Named: c.period.String(), Period: c.period, Department: c.department, Kind: c.kind, Touchpoint: c.touchpoint, Amount: parsed(c.amount), Rows: rows}
	if c.currency == "" || c.currency == home {
		return out
	}
	last := c.period.End - 1
	var best *worldRate
	for _, r := range f.rates {
		if r.from == c.currency && r.day <= last && r.day >= min(c.period.Start, last-10) && (best == nil || r.day > best.day) {
			best = &r
		}
	}
	if best == nil {
		out.Fault = fmt.Sprintf("those in %s of %s have no rate to %s in the rates book", c.currency, out.Named, home)
		return out
	}
	rate, _ := new(big.Rat).SetString(best.rate)
	out.Amount = roundHalfAway(rate.Mul(rate, out.Amount.Rat()))
	return out
}

func (f firm) input() profit.Input {
	cal, err := calendar.New(calendar.Settings{})
	if err != nil {
		panic(err)
	}
	in := profit.Input{Period: f.w.Period, Months: f.months, AnyLine: f.anyLine, Currency: home, Earned: []string{"two", "shop"}, Named: func(name string) (calendar.Period, error) {
		named, err := cal.Parse(name)
		return named.Period, err
	}}
	if len(f.visits) == 0 {
		in.NoContacts = &evidence.Refusal{Reason: "no contacts", Need: "contacts"}
	}
	return in
}

func (f firm) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, grain %s, margins %v, months %v\n", f.w.Period, f.grain, f.margins, f.months)
	tables := f.tables()
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if c := tables[name]; len(c.rows) > 0 {
			fmt.Fprintln(&b, name, strings.Join(c.names, ","))
			for _, row := range c.rows {
				fmt.Fprintln(&b, strings.Join(row, ","))
			}
		}
	}
	return b.String()
}

// TestProfitOfRandomFirms holds what the engine answers to the definitions
// worked out in Go, and both to the identities of profit.
func TestProfitOfRandomFirms(t *testing.T) {
	checks(t, 60)
	for half := range 2 {
		t.Run(fmt.Sprint(half), func(t *testing.T) {
			t.Parallel()
			s, seen := openStager(t), map[string]int{}
			rapid.Check(t, func(t *rapid.T) { profitHolds(t, s, seen) })
			t.Logf("figures that were no refusals: %v", seen)
		})
	}
}

func profitHolds(t *rapid.T, s *stager, seen map[string]int) {
	ctx := context.Background()
	f := drawFirm(t)
	ledger, err := f.open(ctx, s)
	if err != nil {
		t.Fatalf("%v\n%s", err, f)
	}
	got, err := f.input().State(ctx, ledger)
	if err != nil {
		t.Fatalf("%v\n%s", err, f)
	}
	want, err := f.input().State(ctx, f.rows())
	if err != nil {
		t.Fatalf("second method: %v\n%s", err, f)
	}
	unused, err := ledger.UnusedMargins(ctx, f.w.Period.End)
	if own := f.unusedMargins(); err != nil || !slices.Equal(unused, own) {
		t.Fatalf("margins that nothing has: %q, want %q: %v\n%s", unused, own, err, f)
	}
	g, errG := json.Marshal(got)
	w, errW := json.Marshal(want)
	if errG != nil || errW != nil {
		t.Fatal(errG, errW)
	}
	if string(g) != string(w) {
		t.Fatalf("profit\n got %s\nwant %s\n%s", g, w, f)
	}
	for name, figure := range map[string]evidence.Figure{"gross": got.GrossProfit, "serve": got.CostToServe, "assigned": got.CostAssigned, "profit": got.Profit, "won": got.CostPerBought, "peak": got.Peak} {
		if _, ok := figure.Estimate(); ok {
			seen[name]++
		}
	}
	profitIdentities(t, f, got)
}

// profitIdentities checks what must be true of every statement of profit, with
// fractions of the rows alone.
func profitIdentities(t *rapid.T, f firm, s profit.Statement) {
	if s.Split == nil {
		return
	}
	serve, _ := s.CostToServe.Estimate()
	if s.Split.Total().Rat().Cmp(serve.Value) != 0 {
		t.Fatalf("serve costs of %s are led to %s\n%s", serve.Value, s.Split.Total(), f)
	}
	var assigned money.Amount
	for _, x := range s.Touchpoints {
		assigned = assigned.Add(x.Assigned)
	}
	if !assigned.Equal(s.Split.Customers) {
		t.Fatalf("touchpoints lead %s to customers, not %s\n%s", assigned, s.Split.Customers, f)
	}
	// The exact cost led to customers, from the rows.
	r := f.rows()
	exact := new(big.Rat)
	for _, c := range r.Spent {
		if c.Kind != "serve" || c.Touchpoint == "" || c.Period.Start < f.w.Period.Start || c.Period.End > f.w.Period.End {
			continue
		}
		all, ours := new(big.Rat), new(big.Rat)
		driver := slices.IndexFunc(s.Touchpoints, func(x profit.Touchpoint) bool { return x.Name == c.Touchpoint })
		for _, v := range r.Visits {
			if v.Touchpoint != c.Touchpoint || !c.Period.Contains(v.Day) {
				continue
			}
			units := big.NewRat(1, 1)
			if s.Touchpoints[driver].Driver == profit.Seconds {
				units = new(big.Rat).SetInt(v.Seconds)
			}
			if all.Add(all, units); v.Who == "identified" {
				ours.Add(ours, units)
			}
		}
		if all.Sign() != 0 {
			exact.Add(exact, new(big.Rat).Mul(c.Amount.Rat(), ours.Quo(ours, all)))
		}
	}
	if off := exact.Sub(exact, s.Split.Customers.Rat()); off.Abs(off).Cmp(big.NewRat(1, 1_000_000)) > 0 {
		t.Fatalf("customers cost %s, which is off by %s\n%s", s.Split.Customers, off.FloatString(9), f)
	}
	if e, ok := s.Profit.Estimate(); ok {
		last := s.Curve[len(s.Curve)-1]
		if last.Profit.Rat().Cmp(e.Value) != 0 || last.Customers != s.Customers {
			t.Fatalf("the curve ends at %s of %d, not %s of %d\n%s", last.Profit, last.Customers, e.Value, s.Customers, f)
		}
		var deciles money.Amount
		for _, d := range s.Deciles {
			deciles = deciles.Add(d.Profit)
		}
		if len(s.Deciles) > 0 && deciles.Rat().Cmp(e.Value) != 0 {
			t.Fatalf("deciles come to %s, not %s\n%s", deciles, e.Value, f)
		}
	}
}

// TestLongHandlingTimesAreSummedExactly: by hand, the sums of the seconds in millionths, which at a price of one each are
// what the customers cost.
func TestLongHandlingTimesAreSummedExactly(t *testing.T) {
	f := firm{world: world{grain: "customer"}, visits: []firmVisit{{"a", "phone", "1000000", dayOne}, {"b", "phone", "999999999999.000001", dayOne}}}
	f.w.Period = calendar.Period{Start: dayOne, End: dayOne + 1}
	spans := []calendar.Period{f.w.Period}
	l, err := f.open(t.Context(), openStager(t))
	if err != nil {
		t.Fatal(err)
	}
	contacts, err := l.Contacts(t.Context(), spans)
	if err != nil {
		t.Fatal(err)
	}
	if len(contacts.Cells) != 1 || contacts.Cells[0].Seconds.String() != "1000000999999000001" {
		t.Errorf("%+v", contacts.Cells)
	}
	hundredths, err := l.Ranking(t.Context(), profit.Question{Period: f.w.Period, Spans: spans, Prices: []profit.Price{{Touchpoint: "phone", PerContact: new(big.Int), PerMicrosec: big.NewInt(1)}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(hundredths) != 2 || hundredths[0].Profit.String() != "-1000000000000" || hundredths[1].Profit.String() != "-999999999999000001" {
		t.Errorf("%+v", hundredths)
	}
}
