package behaviour

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Line is a line of an order; Customer is the one that stands.
type Line struct {
	Customer, Segment, Product string // empty: not known
	Day                        calendar.Day
	Amount                     money.Amount
}

// Count is the second method against which an engine's answers are held: one customer at a time, over lines in memory. Lines
// of one customer have one segment.
func Count(lines []Line, q Question) Tally {
	m := memory{q: q, spent: map[string]map[calendar.Day]money.Amount{}, segment: map[string]string{}}
	sold := map[string]money.Amount{}
	for _, l := range lines {
		if l.Amount.Sign() <= 0 || !q.span().Contains(l.Day) {
			continue
		}
		if m.spent[l.Customer] == nil {
			m.spent[l.Customer] = map[calendar.Day]money.Amount{}
		}
		m.spent[l.Customer][l.Day] = m.spent[l.Customer][l.Day].Add(l.Amount)
		m.segment[l.Customer] = l.Segment
		sold[l.Product] = sold[l.Product].Add(l.Amount)
		m.lines = append(m.lines, l)
	}
	visits := map[string]money.Amount{}
	for customer, days := range m.spent {
		of := m.segment[customer]
		visits[of] = visits[of].Add(money.FromMicros(int64(len(days))))
	}
	m.t.Segments = largest(visits, MostSegments)
	if q.Mix {
		m.t.Products = largest(sold, MostProducts)
		m.sales()
	}
	m.cells()
	return m.t
}

type memory struct {
	q       Question
	lines   []Line
	spent   map[string]map[calendar.Day]money.Amount
	segment map[string]string
	t       Tally
}

// largest are the names with most, of those that have a name.
func largest(of map[string]money.Amount, most int) []string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(of)), func(name string) bool { return name == "" })
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(of[b].Cmp(of[a]), cmp.Compare(a, b)) })
	return names[:min(most, len(names))]
}

func (m *memory) month(d calendar.Day) int {
	return slices.IndexFunc(m.q.Months, func(p calendar.Period) bool { return p.Contains(d) })
}

func (m *memory) cells() {
	cells := map[[2]int]Cell{}
	add := func(month int, customer string, c Cell) {
		at := [2]int{month, slices.Index(m.t.Segments, m.segment[customer])}
		if at[0] < 0 {
			return
		}
		was := cells[at]
		cells[at] = Cell{at[0], at[1], was.Visits + c.Visits, was.Buyers + c.Buyers, was.Logs + c.Logs, was.Followed + c.Followed, was.Waits + c.Waits, was.Returned + c.Returned}
	}
	for customer, spent := range m.spent {
		days := slices.Sorted(maps.Keys(spent))
		for i, d := range days {
			visit, wait := Cell{Visits: 1, Logs: logged(spent[d])}, Cell{Followed: 1, Waits: Follow}
			if i == 0 || m.month(days[i-1]) != m.month(d) {
				visit.Buyers = 1
			}
			if i+1 < len(days) && days[i+1]-d <= Follow {
				wait.Waits, wait.Returned = int64(days[i+1]-d), 1
			}
			add(m.month(d), customer, visit)
			add(m.month(d+Follow), customer, wait)
		}
	}
	m.t.Cells = slices.Collect(maps.Values(cells))
	m.t.sort()
}

// logged is the logarithm of an amount above zero in millionths.
func logged(a money.Amount) int64 {
	x, _ := a.Rat().Float64()
	return int64(math.Round(math.Log(x) * 1e6))
}

func (m *memory) sales() {
	sales := map[[3]int]Sale{}
	for _, l := range m.lines {
		at := [3]int{m.month(l.Day), slices.Index(m.t.Segments, l.Segment), slices.Index(m.t.Products, l.Product)}
		sales[at] = Sale{at[0], at[1], at[2], sales[at].Lines + 1, sales[at].Revenue.Add(l.Amount)}
	}
	m.t.Sales = slices.Collect(maps.Values(sales))
	m.t.sort()
}

// sort puts cells and sales in the order of their places.
func (t *Tally) sort() {
	slices.SortFunc(t.Cells, func(a, b Cell) int { return cmp.Or(a.Month-b.Month, a.Segment-b.Segment) })
	slices.SortFunc(t.Sales, func(a, b Sale) int { return cmp.Or(a.Month-b.Month, a.Segment-b.Segment, a.Product-b.Product) })
}
