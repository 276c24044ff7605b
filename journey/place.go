package journey

import (
	"slices"

	"github.com/throughline/throughline/calendar"
)

// step is how far apart things are numbered, so that one can be put between two others without numbering these anew.
const step = 10

// placed numbers one thing among its like: orders are the numbers of the others in their order, i is where the one goes (0: first).
// It gives the one's number, and new numbers for all others when there is no room; otherwise none.
func placed(orders []int, i int) (int, []int) {
	switch {
	case len(orders) == 0:
		return step, nil
	case i == len(orders) && slices.IsSorted(orders):
		return orders[i-1] + step, nil
	case i == 0 && orders[0] > 1 && slices.IsSorted(orders):
		return orders[0] / 2, nil
	case i > 0 && i < len(orders) && orders[i]-orders[i-1] > 1:
		return orders[i-1] + (orders[i]-orders[i-1])/2, nil
	}
	anew := make([]int, len(orders))
	for k := range orders {
		anew[k] = (k + 1) * step
		if k >= i {
			anew[k] += step
		}
	}
	return (i + 1) * step, anew
}

// put places one among others of its like, before another or, when that is empty, last.
func put[T any](all []*T, key, before string, of func(*T) (string, *int)) {
	var one *int
	var others []*int
	i := -1
	for _, x := range all {
		k, order := of(x)
		if k == key {
			one = order
			continue
		}
		if k == before && before != "" {
			i = len(others)
		}
		others = append(others, order)
	}
	if one == nil {
		return
	}
	if i < 0 {
		i = len(others)
	}
	orders := make([]int, len(others))
	for k, o := range others {
		orders[k] = *o
	}
	number, anew := placed(orders, i)
	*one = number
	for k := range anew {
		*others[k] = anew[k]
	}
}

// Place puts a touchpoint into a stage of a journey, before another touchpoint of that stage, or last when before is empty. Others
// of the stage are numbered anew only where there is no room between two of them.
func (m *Map) Place(key, journey, stage, before string) error {
	t, ok := m.Touchpoint(key)
	if !ok {
		return refuse("there is no touchpoint %s", key)
	}
	j, ok := m.Journey(journey)
	if !ok {
		return refuse("there is no journey %s", journey)
	}
	if _, ok := j.Stage(stage); !ok {
		return refuse("the journey %s has no stage %s", j.Name, stage)
	}
	if o, ok := m.Touchpoint(before); before != "" && (!ok || before == key || o.Journey != journey || o.Stage != stage) {
		return refuse("%s is no other touchpoint of that stage to stand before", before)
	}
	t.Journey, t.Stage = journey, stage
	var like []*Touchpoint
	for i := range m.Touchpoints {
		if o := &m.Touchpoints[i]; o.Journey == journey && o.Stage == stage {
			like = append(like, o)
		}
	}
	put(like, key, before, func(t *Touchpoint) (string, *int) { return t.Key, &t.Order })
	m.order()
	return nil
}

// PlaceJourney puts a journey before another one, or last.
func (m *Map) PlaceJourney(key, before string) {
	put(pointers(m.Journeys), key, before, func(j *Journey) (string, *int) { return j.Key, &j.Order })
	m.order()
}

// PlaceDepartment puts a department before another one, or last.
func (m *Map) PlaceDepartment(key, before string) {
	put(pointers(m.Departments), key, before, func(d *Department) (string, *int) { return d.Key, &d.Order })
	m.order()
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// SplitDepartment makes several departments of one from a day on. The new ones are given with their names; to says by the key of
// each touchpoint that the one holds which of them (counted from 0) has it from then on; the first has all others, and the roles.
func (m *Map) SplitDepartment(key string, parts []Department, to map[string]int, from calendar.Day) error {
	d, ok := m.Department(key)
	if !ok || !d.Open(from) {
		return refuse("there is no department %s on %s", key, from)
	}
	if len(parts) < 2 {
		return refuse("%s is split into %d; a split makes two or more", d.Name, len(parts))
	}
	contractor, order := d.Contractor, d.Order
	d.KnownAs, d.Retired = ended(d.names(), from), &from
	var made []string
	for _, p := range parts {
		p.Key = KeyFor(p.Name, func(k string) bool { _, ok := m.Department(k); return ok })
		p.Contractor, p.Order = contractor, order
		p.KnownAs = slices.Clone(p.KnownAs)
		if len(p.KnownAs) == 0 {
			p.KnownAs = []Known{{Name: p.Name}}
		}
		for i := range p.KnownAs {
			if p.KnownAs[i].From == nil {
				p.KnownAs[i].From = &from
			}
		}
		m.Departments = append(m.Departments, p)
		made = append(made, p.Key)
	}
	d, _ = m.Department(key)
	d.Into = made
	for i := range m.Touchpoints {
		t := &m.Touchpoints[i]
		if n := to[t.Key]; n > 0 && n < len(made) && t.Open(from) && t.Department(from) == key {
			t.Departments = hand(t.Departments, made[n], from)
		}
	}
	m.move(key, made[0], from)
	m.order()
	return nil
}
