package loyalty

import (
	"cmp"
	"context"
	"slices"

	"github.com/throughline/throughline/calendar"
)

// Held answers [Ledger], of books that have every column.
func (b Books) Held(_ context.Context, w Windows, q Question) ([]Level, error) {
	m := b.open()
	all, _ := m.people(w)
	known := m.known()
	running := m.running(w.Period.End)
	counts := map[Level]*Level{}
	for unit, p := range all {
		did, ok := p.behaviour(w.AnyLine)
		s, answered := p.now[q]
		if !ok || did != Stays || !answered {
			continue
		}
		names := map[Dimension][]string{
			Segment: {known[unit][Segment].name}, Entity: {known[unit][Entity].name}, Acquisition: {known[unit][Acquisition].name}, Touchpoint: {s.answer.Touchpoint},
			Plan: running[unit][Plan], Billing: running[unit][Billing],
		}
		for _, d := range Dimensions {
			if len(names[d]) == 0 {
				names[d] = []string{""}
			}
			for _, name := range names[d] {
				key := Level{Dimension: d, Name: name}
				if counts[key] == nil {
					counts[key] = &Level{Dimension: d, Name: name}
				}
				counts[key].Loyal++
				if s.grade == Unsatisfied {
					counts[key].Captive++
				}
			}
		}
	}
	var out []Level
	for _, d := range Dimensions {
		var of []Level
		for _, l := range counts {
			if l.Dimension == d {
				of = append(of, *l)
			}
		}
		out = append(out, fold(of)...)
	}
	return out, nil
}

// fold keeps the levels that are shown and puts the others together.
func fold(levels []Level) (out []Level) {
	slices.SortFunc(levels, func(a, b Level) int { return cmp.Or(cmp.Compare(b.Loyal, a.Loyal), cmp.Compare(a.Name, b.Name)) })
	var rest *Level
	shown := 0
	for _, l := range levels {
		switch {
		case l.Name == "":
			out = append(out, l)
		case l.Loyal >= LeastLoyal && shown < MostLevels:
			shown++
			out = append(out, l)
		default:
			if rest == nil {
				rest = &Level{Dimension: l.Dimension, Rest: true}
			}
			rest.Loyal, rest.Captive = rest.Loyal+l.Loyal, rest.Captive+l.Captive
		}
	}
	if rest != nil {
		out = append(out, *rest)
	}
	return out
}

// told is what one row of customers says, with the day on which that customer came.
type told struct {
	name string
	day  calendar.Day
}

// known is what the books know of a unit: of several customers what the one who came first tells among those who tell it, and
// of two who came on the same day the first by name.
func (m *memory) known() map[string]map[Dimension]told {
	out := map[string]map[Dimension]told{}
	for _, c := range m.Customers {
		unit, ok := m.unit(c.ID)
		if !ok {
			continue
		}
		if out[unit] == nil {
			out[unit] = map[Dimension]told{}
		}
		via := c.Via
		if via == "unknown" {
			via = ""
		}
		day := calendar.Day(1 << 30)
		if c.AcquiredOn != nil {
			day = *c.AcquiredOn
		}
		for d, name := range map[Dimension]string{Segment: c.Segment, Entity: c.Entity, Acquisition: via} {
			now := out[unit][d]
			if name != "" && (now.name == "" || cmp.Or(cmp.Compare(day, now.day), cmp.Compare(name, now.name)) < 0) {
				out[unit][d] = told{name, day}
			}
		}
	}
	return out
}

// running are the plans, and the ways of billing, of each unit's subscriptions that run on the day before the period's end.
func (m *memory) running(end calendar.Day) map[string]map[Dimension][]string {
	out := map[string]map[Dimension][]string{}
	for _, s := range m.Subscriptions {
		until := calendar.Day(1 << 30)
		if s.Ended != nil {
			until = *s.Ended
		}
		for _, next := range m.Subscriptions {
			if next.ID == s.ID && next.Started > s.Started {
				until = min(until, next.Started)
			}
		}
		unit, ok := m.unit(s.Customer)
		if !ok || s.Started >= end || until < end {
			continue
		}
		if out[unit] == nil {
			out[unit] = map[Dimension][]string{}
		}
		for d, name := range map[Dimension]string{Plan: s.Plan, Billing: s.Billed} {
			if !slices.Contains(out[unit][d], name) {
				out[unit][d] = append(out[unit][d], name)
			}
		}
	}
	return out
}
