package equity

import (
	"cmp"
	"context"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/money"
)

// Line is a line of revenue. Profit is nil where it is not known.
type Line struct {
	Customer, Entity string
	Day              calendar.Day
	Amount           money.Amount
	Profit           *money.Amount
}

// Known is what the books say of a customer.
type Known struct{ Segment, Entity, Via string }

// Memory answers the questions from rows in memory, customer by customer and day by day. It is the second method for what an engine answers.
// ByLine: a customer's entity is that of the lines of their first purchase, the first by name where there are several.
type Memory struct {
	Lines  []Line
	Of     map[string]Known
	ByLine bool
}

// bought is one customer by day.
type bought struct {
	id    string
	days  []calendar.Day // with a purchase
	sums  []money.Amount // of these days
	every map[calendar.Day]money.Amount
	first string // the entity of the first purchase
}

func (m Memory) customers(until calendar.Day) []bought {
	type key struct {
		id  string
		day calendar.Day
	}
	sums, entities := map[key]money.Amount{}, map[key]string{}
	for _, l := range m.Lines {
		if l.Day >= until {
			continue
		}
		k := key{l.Customer, l.Day}
		sums[k] = sums[k].Add(l.Amount)
		if e, ok := entities[k]; l.Entity != "" && (!ok || l.Entity < e) {
			entities[k] = l.Entity
		}
	}
	of := map[string]*bought{}
	for k, sum := range sums {
		b := of[k.id]
		if b == nil {
			b = &bought{id: k.id, every: map[calendar.Day]money.Amount{}}
			of[k.id] = b
		}
		b.every[k.day] = sum
		if sum.Sign() > 0 {
			b.days = append(b.days, k.day)
		}
	}
	var out []bought
	for _, b := range of {
		if len(b.days) == 0 {
			continue
		}
		slices.Sort(b.days)
		for _, d := range b.days {
			b.sums = append(b.sums, b.every[d])
		}
		b.first = entities[key{b.id, b.days[0]}]
		out = append(out, *b)
	}
	slices.SortFunc(out, func(a, b bought) int { return cmp.Compare(a.id, b.id) })
	return out
}

// at is the history before a midnight; ok is false for who had not bought.
func (b bought) at(until calendar.Day) (h clv.History, mean float64, ok bool) {
	h, mean, n := Lived(b.every, until)
	return h, mean, n > 0
}

// Lived is the history before a midnight of a customer whose lines came to so much by day, the mean of the repeat purchases, and how many
// purchases there were with the first; none: there is no history.
func Lived(days map[calendar.Day]money.Amount, until calendar.Day) (h clv.History, mean float64, purchases int64) {
	var first, last calendar.Day
	var sum money.Amount
	for d, a := range days {
		if d >= until || a.Sign() <= 0 {
			continue
		}
		if purchases == 0 || d < first {
			first = d
		}
		if purchases == 0 || d > last {
			last = d
		}
		sum = sum.Add(a)
		purchases++
	}
	if purchases == 0 {
		return h, 0, 0
	}
	h = clv.History{Repeats: purchases - 1, Last: float64(last - first), Age: float64(until - 1 - first)}
	if h.Repeats > 0 {
		mean, _ = new(big.Rat).Quo(sum.Sub(days[first]).Rat(), new(big.Rat).SetInt64(h.Repeats)).Float64()
	}
	return h, mean, purchases
}

func yearOf(d calendar.Day) int {
	year, _, _ := d.Date()
	return year
}

// in counts purchases in a window and sums its revenue.
func (b bought) in(p calendar.Period) (n int64, net money.Amount) {
	for d, sum := range b.every {
		if p.Contains(d) {
			net = net.Add(sum)
			if sum.Sign() > 0 {
				n++
			}
		}
	}
	return n, net
}

// names are the largest groups, the first by name of equal ones.
func names(of []string) []string {
	n := map[string]int{}
	for _, name := range of {
		n[name]++
	}
	out := make([]string, 0, len(n))
	for name := range n {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	return out[:min(len(out), MostNames)]
}

func (m Memory) entity(b bought) string {
	if m.ByLine {
		return b.first
	}
	return m.Of[b.id].Entity
}

// Holdings answers [Ledger].
func (m Memory) Holdings(_ context.Context, q Question) (Facts, error) {
	all := m.customers(q.Until)
	f := Facts{Customers: int64(len(all))}
	var segments, entities []string
	for _, b := range all {
		segments, entities = append(segments, m.Of[b.id].Segment), append(entities, m.entity(b))
	}
	f.Segments, f.Entities = names(segments), names(entities)
	arrived := map[int]Arrived{}
	for _, b := range all {
		back := 0
		for Year(q.Until.AddMonths(-12*back)).Start > b.days[0] {
			back++
		}
		a := arrived[back]
		arrived[back] = Arrived{back, a.Customers + 1, a.First.Add(b.sums[0])}
	}
	for _, a := range arrived {
		f.Arrived = append(f.Arrived, a)
	}
	slices.SortFunc(f.Arrived, func(a, b Arrived) int { return cmp.Compare(a.Back, b.Back) })
	for i, end := range []calendar.Day{q.Opened, q.Until, q.Cut} {
		year := Year(end)
		for _, b := range all {
			for d, sum := range b.every {
				if year.Contains(d) {
					f.Sold[i].Net = f.Sold[i].Net.Add(sum)
					if sum.Sign() > 0 {
						f.Sold[i].Bought = f.Sold[i].Bought.Add(sum)
					}
				}
			}
		}
		if i < len(f.Earned) {
			f.Earned[i] = m.earned(all, f.Segments, year)
		}
	}
	return f, nil
}

func (m Memory) earned(all []bought, segments []string, year calendar.Period) []Earned {
	counts := map[string]bool{}
	for _, b := range all {
		counts[b.id] = true
	}
	of := map[int]Earned{}
	for _, l := range m.Lines {
		if !year.Contains(l.Day) || !counts[l.Customer] {
			continue
		}
		at := slices.Index(segments, m.Of[l.Customer].Segment)
		e := of[at]
		e.Segment, e.Revenue = at, e.Revenue.Add(l.Amount)
		if l.Profit != nil {
			e.Known, e.Profit = e.Known.Add(l.Amount), e.Profit.Add(*l.Profit)
		}
		of[at] = e
	}
	out := make([]Earned, 0, len(of))
	for _, e := range of {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Earned) int { return cmp.Compare(a.Segment, b.Segment) })
	return out
}

// Histories answers [Ledger].
func (m Memory) Histories(ctx context.Context, q Question, visit func(Customer) error) error {
	f, err := m.Holdings(ctx, q)
	if err != nil {
		return err
	}
	for _, b := range m.customers(q.Until) {
		c := Customer{Segment: slices.Index(f.Segments, m.Of[b.id].Segment), Entity: slices.Index(f.Entities, m.entity(b)), Via: m.Of[b.id].Via, Year: yearOf(b.days[0]), Together: 1}
		c.History, c.Mean, _ = b.at(q.Until)
		if h, mean, ok := b.at(q.Opened); ok {
			c.Known, c.Was, c.WasMean = true, h, mean
		}
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}

// HeldOut answers [Ledger].
func (m Memory) HeldOut(_ context.Context, q Question, visit func(HeldOut) error) error {
	for _, b := range m.customers(q.Until) {
		h, mean, ok := b.at(q.Cut)
		if !ok {
			continue
		}
		held := HeldOut{Month: calendar.MonthOf(b.days[0]), History: h, Mean: mean, Together: 1}
		for i, p := range q.Quarters() {
			held.After[i], _ = b.in(p)
		}
		_, after := b.in(calendar.Period{Start: q.Cut, End: q.Until})
		before := money.Amount{}
		held.Before, before = b.in(q.Lead())
		if q.Lead().Contains(b.days[0]) {
			held.Before, before = held.Before-1, before.Sub(b.sums[0])
		}
		held.Revenue, _ = after.Rat().Float64()
		held.RevenueBefore, _ = before.Rat().Float64()
		if err := visit(held); err != nil {
			return err
		}
	}
	return nil
}
