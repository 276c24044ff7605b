package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

var testVeil = engine.NewVeil([]byte("a secret of sixteen bytes or more"))

var seesAll = engine.Seer{Identified: true, Veil: testVeil}

// openReader starts a reader over a stager's folder.
func openReader(t *testing.T, s *stager) *Reader {
	t.Helper()
	r, err := OpenReader(t.Context(), ReaderOptions{Dir: s.e.dir, Threads: 1, Connections: 2, MemoryLimit: "300MB", BuildMemory: "300MB"})
	if err != nil {
		t.Fatal(err)
	}
	r.cut = 3 // small worlds have files enough to be told apart
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// viewOf is the view of a ledger's parts.
func viewOf(from engine.Ledger) engine.View {
	v := engine.View{Books: map[string][]engine.Part{}}
	for book, parts := range map[string][]engine.Part{"orders": from.Orders, "customers": from.Customers, "customer_links": from.Links, "rates": from.Rates, "subscriptions": from.Subscriptions} {
		if len(parts) > 0 {
			v.Books[book] = parts
		}
	}
	for _, k := range from.Keys {
		v.Keys = append(v.Keys, engine.Part{Path: k})
	}
	return v
}

// stake is one unit behind a line, by the second method.
type stake struct {
	unit           string
	r0, r1, amount money.Amount
}

// behind works the lines out in Go, one customer at a time, by the words of
// the definitions.
func (x world) behind(active growth.Active) map[engine.Line][]stake {
	p := x.plain()
	type history struct {
		r0, r1   money.Amount
		in0, in1 bool
		first    *calendar.Day
	}
	all := map[string]*history{}
	for _, l := range p.lines {
		h := all[l.Customer]
		if h == nil {
			h = &history{}
			all[l.Customer] = h
		}
		if (l.Amount.Sign() > 0 || active == growth.AnyLine) && (h.first == nil || l.Day < *h.first) {
			h.first = &l.Day
		}
		if x.w.Compared.Contains(l.Day) {
			h.r0, h.in0 = h.r0.Add(l.Amount), true
		}
		if x.w.Period.Contains(l.Day) {
			h.r1, h.in1 = h.r1.Add(l.Amount), true
		}
	}
	out := map[engine.Line][]stake{}
	for unit, h := range all {
		if !h.in0 && !h.in1 {
			continue
		}
		a0, a1 := h.r0.Sign() > 0, h.r1.Sign() > 0
		if active == growth.AnyLine {
			a0, a1 = h.in0, h.in1
		}
		add := func(line engine.Line, amount money.Amount) {
			out[line] = append(out[line], stake{unit, h.r0, h.r1, amount})
		}
		first := h.first
		if on := p.profiles[unit].AcquiredOn; on != nil && (first == nil || *on < *first) {
			first = on
		}
		if a0 {
			add(engine.Opening, h.r0)
		}
		if a1 {
			add(engine.Closing, h.r1)
		}
		switch {
		case a0 && a1:
			add(engine.Retained, h.r1)
			if h.r1.Cmp(h.r0) < 0 {
				add(engine.Contraction, h.r0.Sub(h.r1))
			}
			if h.r1.Cmp(h.r0) > 0 {
				add(engine.Expansion, h.r1.Sub(h.r0))
			}
		case a0:
			add(engine.Lost, h.r0)
		case a1 && first != nil && *first >= x.w.Compared.End:
			add(engine.NewCustomers, h.r1)
			if *first < x.w.Period.Start {
				add(engine.NewSince, h.r1)
			}
			switch p.profiles[unit].Origin.Via {
			case "referral", "reputation":
				add(engine.NewEarned, h.r1)
			case "paid", "sales", "partner":
				add(engine.NewBought, h.r1)
			default:
				add(engine.NewUnattributed, h.r1)
			}
		case a1:
			add(engine.Returning, h.r1)
		}
		var other money.Amount
		if !a1 {
			other = other.Add(h.r1)
		}
		if !a0 {
			other = other.Sub(h.r0)
		}
		for line, amount := range map[engine.Line]money.Amount{engine.Other: other, engine.Prior: h.r0, engine.Current: h.r1} {
			if !amount.IsZero() {
				add(line, amount)
			}
		}
	}
	return out
}

// TestBehindEveryLineOfRandomLedgers holds the customers behind each line to
// the definitions worked out in Go, and their sums to the statement.
func TestBehindEveryLineOfRandomLedgers(t *testing.T) {
	checks(t, 15)
	s := openStager(t)
	r := openReader(t, s)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawWorld(t)
		active := rapid.SampledFrom([]growth.Active{growth.Net, growth.Net, growth.AnyLine}).Draw(t, "active")
		ledger, err := s.ledger(ctx, x, 1)
		if err != nil {
			t.Fatalf("%v\n%s", err, x)
		}
		statement, _, err := x.stated(active)
		if err != nil {
			t.Fatal(err)
		}
		of := engine.Statement{Ledger: ledger.from, Period: x.w.Period, Compared: x.w.Compared, Active: string(active)}
		want := x.behind(active)
		for _, line := range engine.Lines {
			if line == engine.Excluded || line == engine.Unidentified {
				continue
			}
			got, sum := pagesOf(t, r, engine.Behind{Of: of, Line: line, Names: viewOf(ledger.from), Limit: 3, Seer: seesAll})
			if g, w := listed(got), listed(want[line]); g != w {
				t.Fatalf("behind %s by %s\n got %s\nwant %s\n%s", line, active, g, w, x)
			}
			if figure, known := figureOf(statement, line); known && !figure.Equal(sum) {
				t.Fatalf("behind %s stand %s, and the statement says %s\n%s", line, sum, figure, x)
			}
			if n, known := countOf(statement, line); known && n != int64(len(got)) {
				t.Fatalf("behind %s stand %d customers, and the statement counts %d\n%s", line, len(got), n, x)
			}
		}
		coverageBehind(t, r, of, viewOf(ledger.from), x)
	})
}

// coverageBehind holds the coverage lines to the statement's coverage.
func coverageBehind(t *rapid.T, r *Reader, of engine.Statement, names engine.View, x world) {
	c := x.plain().coverage
	for line, want := range map[engine.Line]struct {
		lines int64
		sum   money.Amount
	}{engine.Excluded: {c.LinesExcluded, c.RevenueExcluded}, engine.Unidentified: {c.LinesUnidentified, c.RevenueUnidentified}} {
		got, err := r.Behind(context.Background(), engine.Behind{Of: of, Line: line, Names: names, Seer: seesAll})
		if err != nil {
			t.Fatal(err)
		}
		if x.basis == "orders" && got.Lines != want.lines || !got.Sum.Equal(want.sum) {
			t.Fatalf("behind %s: %d lines of %s, want %d of %s\n%s", line, got.Lines, got.Sum, want.lines, want.sum, x)
		}
		var sum money.Amount
		for _, row := range got.Rows {
			sum = sum.Add(row.Stake)
		}
		if line == engine.Excluded && !sum.Equal(want.sum) {
			t.Fatalf("the excluded customers come to %s, want %s\n%s", sum, want.sum, x)
		}
	}
}

// pagesOf reads all pages of a line.
func pagesOf(t *rapid.T, r *Reader, ask engine.Behind) (out []stake, sum money.Amount) {
	for {
		got, err := r.Behind(context.Background(), ask)
		if err != nil {
			t.Fatalf("behind %s: %v", ask.Line, err)
		}
		for _, row := range got.Rows {
			if row.Rank != int64(len(out)+1) {
				t.Fatalf("behind %s: rank %d at place %d", ask.Line, row.Rank, len(out)+1)
			}
			name := row.Group
			switch {
			case row.Customer != nil && ask.Of.Grain == "entity":
				name = row.Customer.Identity.ID + " of " + row.Entity
			case row.Customer != nil:
				name = row.Customer.Identity.ID
			default:
				name = "account " + name
			}
			if len(out) > 0 && out[len(out)-1].amount.Abs().Cmp(row.Stake.Abs()) < 0 {
				t.Fatalf("behind %s: a larger stake after a smaller one", ask.Line)
			}
			out = append(out, stake{name, row.Prior, row.Current, row.Stake})
			sum = sum.Add(row.Stake)
		}
		if got.Next == "" {
			if int64(len(out)) != got.Units || !sum.Equal(got.Sum) {
				t.Fatalf("behind %s: %d units of %s said, %d of %s listed", ask.Line, got.Units, got.Sum, len(out), sum)
			}
			return out, sum
		}
		ask.After = got.Next
	}
}

func listed(all []stake) string {
	var lines []string
	for _, s := range all {
		lines = append(lines, fmt.Sprintf("%s: %s %s %s", s.unit, s.r0, s.r1, s.amount))
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

// figureOf is the revenue that the statement prints for a line.
func figureOf(s growth.Statement, line engine.Line) (money.Amount, bool) {
	b := s.Revenue
	figure, ok := map[engine.Line]money.Amount{
		engine.Opening: s.ActivePrior, engine.Lost: b.Lost, engine.Contraction: b.Contraction, engine.Expansion: b.Expansion, engine.Returning: b.Returning,
		engine.NewEarned: b.NewEarned, engine.NewBought: b.NewBought, engine.NewUnattributed: b.NewUnattributed, engine.NewCustomers: b.New(),
		engine.Closing: s.ActiveCurrent, engine.Other: b.Other, engine.Prior: b.Prior, engine.Current: b.Current,
	}[line]
	return figure, ok
}

// countOf is how many customers the statement counts on a line.
func countOf(s growth.Statement, line engine.Line) (int64, bool) {
	c := s.Customers
	n, ok := map[engine.Line]int64{
		engine.Opening: c.Opening, engine.Lost: c.Lost, engine.Retained: c.Retained, engine.Returning: c.Returning, engine.NewEarned: c.NewEarned,
		engine.NewBought: c.NewBought, engine.NewUnattributed: c.NewUnattributed, engine.NewCustomers: c.New(), engine.NewSince: c.NewSinceComparison, engine.Closing: c.Closing,
	}[line]
	return n, ok
}

// TestQuestionBehindALineCanBeAskedAgain: what is shown as the question is the
// question: asked again in the data folder, it gives the customers behind the
// line.
func TestQuestionBehindALineCanBeAskedAgain(t *testing.T) {
	s := openStager(t)
	r := openReader(t, s)
	x := world{grain: "account", basis: "orders", w: growth.Windows{Compared: calendar.Period{Start: dayOne, End: dayOne + 30}, Period: calendar.Period{Start: dayOne + 30, End: dayOne + 60}}}
	for i, id := range []string{"a", "b", "c", "d", "e"} {
		x.lines = append(x.lines, worldLine{customer: id, day: dayOne + calendar.Day(i), amount: money.FromMicros(int64(i+1) * 1_000_000), id: id}, worldLine{customer: id, day: dayOne + 40, amount: money.FromMicros(int64(i%2) * 1_000_000), id: id + "2"})
	}
	x.customers = []worldCustomer{{id: "a", account: "one"}, {id: "c", account: "one"}, {id: "e", excluded: "test"}}
	x.links = []worldLink{{from: "b", to: "a"}}
	ledger, err := s.ledger(t.Context(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	of := engine.Statement{Ledger: ledger.from, Period: x.w.Period, Compared: x.w.Compared, Active: "net"}
	q, err := r.Question(t.Context(), of, engine.Contraction)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), Options{Dir: s.e.dir, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, i := range slices.Backward(q.Inputs) {
		query := strings.ReplaceAll(i.SQL, "'parts/", "'"+s.e.dir+"/parts/")
		if err := other.exec(t.Context(), "CREATE TEMP VIEW "+quoted(i.Name)+" AS "+query); err != nil {
			t.Fatalf("%s: %v\n%s", i.Name, err, i.SQL)
		}
	}
	var units int
	var sum string
	if err := other.one(t.Context(), "SELECT count(*), CAST(sum(stake) AS VARCHAR) FROM ("+q.SQL+")", &units, &sum); err != nil {
		t.Fatalf("%v\n%s", err, q.SQL)
	}
	// Account one is a, b and c: 1 + 2 + 3 before and 0 + 1 + 0 now, 5 less. d is 4 before and 1 now, 3 less.
	if units != 2 || !amount(sum).Equal(money.FromMicros(8_000_000)) {
		t.Errorf("asked again: %d customers of %s", units, sum)
	}
	page, err := r.Behind(t.Context(), engine.Behind{Of: of, Line: engine.Contraction, Names: viewOf(of.Ledger), Seer: engine.Seer{Veil: testVeil}})
	if err != nil || page.Units != 2 || !page.Sum.Equal(amount(sum)) || page.Rows[0].Group != testVeil.Group("one") || page.Rows[1].Customer.Identity != nil {
		t.Errorf("behind the line: %+v, %v", page, err)
	}
}
