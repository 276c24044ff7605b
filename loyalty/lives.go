package loyalty

import (
	"cmp"
	"context"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Lives answers [Ledger], customer by customer; each segment is named.
func (b Books) Lives(_ context.Context, w Windows, q Question, visit func(Life) error) error {
	m := b.open()
	all, _ := m.people(w)
	known := m.known()
	days := map[string]map[calendar.Day]money.Amount{}
	for _, l := range m.Lines {
		unit, ok := m.unit(l.Customer)
		if !ok || l.Day >= w.Period.End {
			continue
		}
		if days[unit] == nil {
			days[unit] = map[calendar.Day]money.Amount{}
		}
		days[unit][l.Day] = days[unit][l.Day].Add(l.Amount)
	}
	var out []Life
	for unit, p := range all {
		did, ok := p.behaviour(w.AnyLine)
		said, answered := p.now[q]
		l, bought := lived(days[unit], w.Period.End)
		if !ok || did == Apart || !answered || !bought {
			continue
		}
		l.Behaviour, l.Grade, l.Segment, l.Together = did, said.grade, known[unit][Segment].name, 1
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Life) int {
		return cmp.Or(cmp.Compare(a.Repeats, b.Repeats), cmp.Compare(a.Last, b.Last), cmp.Compare(a.Age, b.Age), cmp.Compare(a.Mean, b.Mean), cmp.Compare(a.Segment, b.Segment),
			cmp.Compare(a.Behaviour, b.Behaviour), cmp.Compare(a.Grade, b.Grade))
	})
	for _, l := range out {
		if err := visit(l); err != nil {
			return err
		}
	}
	return nil
}

// lived is the history of somebody whose lines came to so much by day.
func lived(days map[calendar.Day]money.Amount, until calendar.Day) (l Life, ok bool) {
	var on []calendar.Day
	var later money.Amount
	for d, sum := range days {
		if sum.Sign() > 0 {
			on = append(on, d)
			later = later.Add(sum)
		}
	}
	if len(on) == 0 {
		return l, false
	}
	slices.Sort(on)
	first := on[0]
	l.Repeats, l.Last, l.Age = int64(len(on)-1), float64(on[len(on)-1]-first), float64(until-1-first)
	if l.Repeats > 0 {
		sum, _ := later.Sub(days[first]).Rat().Float64()
		l.Mean = sum / float64(l.Repeats)
	}
	return l, true
}
