package journey

import (
	"cmp"
	"context"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
)

// stood is a customer when a period ends.
type stood struct {
	came    *calendar.Day
	days    map[calendar.Day]*big.Rat // what was bought
	running bool
	at      map[string]bool // touchpoints that were passed
}

// After answers [Ledger].
func (b Books) After(_ context.Context, q After) ([]Stratum, error) {
	if len(b.Contacts) == 0 {
		return nil, nil
	}
	q.Spans = []calendar.Period{q.Passed}
	m := b.open(q.Question)
	all := m.stood(q)
	sizes := map[string]int{}
	for unit := range all {
		sizes[m.first(unit, func(c Customer) string { return c.Segment })]++
	}
	delete(sizes, "")
	large := make([]string, 0, len(sizes))
	for name := range sizes {
		large = append(large, name)
	}
	slices.SortFunc(large, func(a, b string) int { return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b)) })
	large = large[:min(MostSegments, len(large))]
	type key struct{ touchpoint, name string }
	found, revenue := map[key]*Stratum{}, map[key]*big.Rat{}
	for unit, s := range all {
		alike := s.alike(q.Passed.End)
		alike.Brand = m.brand(unit)
		if segment := m.first(unit, func(c Customer) string { return c.Segment }); slices.Contains(large, segment) {
			alike.Segment = segment
		}
		net := s.net(q.Next)
		s.at[""] = true
		for touchpoint := range s.at {
			k := key{touchpoint, alike.String()}
			if found[k] == nil {
				found[k], revenue[k] = &Stratum{Touchpoint: touchpoint, Name: k.name}, new(big.Rat)
			}
			found[k].Customers++
			if q.Subscribed && s.running || !q.Subscribed && net.Sign() > 0 {
				found[k].Again++
			}
			revenue[k].Add(revenue[k], net)
		}
	}
	var out []Stratum
	for k, s := range found {
		s.Revenue = revenue[k].FloatString(6)
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Stratum) int {
		return cmp.Or(cmp.Compare(a.Touchpoint, b.Touchpoint), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

// stood are those who were customers when the time of passing ended.
func (m *memory) stood(q After) map[string]*stood {
	all := map[string]*stood{}
	of := func(id string) *stood {
		unit, ok := m.unit(id)
		if !ok || unit == "" {
			return &stood{days: map[calendar.Day]*big.Rat{}, at: map[string]bool{}} // nobody's
		}
		if all[unit] == nil {
			all[unit] = &stood{days: map[calendar.Day]*big.Rat{}, at: map[string]bool{}}
		}
		return all[unit]
	}
	for _, c := range m.Customers {
		if c.AcquiredOn != nil {
			of(c.ID).come(*c.AcquiredOn)
		}
	}
	for _, o := range m.Orders {
		s := of(o.Customer)
		if o.Amount.Sign() > 0 {
			s.come(o.Day)
		}
		if s.days[o.Day] == nil {
			s.days[o.Day] = new(big.Rat)
		}
		s.days[o.Day].Add(s.days[o.Day], o.Amount)
	}
	for _, x := range m.Subscriptions {
		if x.Started < q.Next.End && (x.Ended == nil || *x.Ended >= q.Next.End) {
			of(x.Customer).running = true
		}
	}
	for _, c := range m.Contacts {
		if q.Passed.Contains(c.Day) {
			if touchpoint := m.lead(c.Touchpoint, c.Day); touchpoint != "" {
				of(c.Customer).at[touchpoint] = true
			}
		}
	}
	for unit, s := range all {
		if s.came == nil || *s.came >= q.Passed.End {
			delete(all, unit)
		}
	}
	return all
}

func (s *stood) come(day calendar.Day) {
	if s.came == nil || day < *s.came {
		s.came = &day
	}
}

func (s *stood) net(p calendar.Period) *big.Rat {
	sum := new(big.Rat)
	for day, r := range s.days {
		if p.Contains(day) {
			sum.Add(sum, r)
		}
	}
	return sum
}

// alike places a customer in the bands.
func (s *stood) alike(end calendar.Day) Alike {
	n, last := 0, calendar.Day(0)
	for day, r := range s.days {
		if day < end && r.Sign() > 0 {
			n, last = n+1, max(last, day)
		}
	}
	place := func(ends []int, x int) int {
		for i, end := range ends {
			if x <= end {
				return i
			}
		}
		return len(ends)
	}
	a := Alike{Tenure: place(Tenures, int(end-1-*s.came)), Purchases: place(Purchases, n), Since: len(Since) + 1}
	if n > 0 {
		a.Since = place(Since, int(end-1-last))
	}
	return a
}
