package journey

import "slices"

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

// settle places one among others of its like, before another or, when that is empty, last.
func settle[T any](all []*T, key, before string, of func(*T) (string, *int)) {
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
	settle(like, key, before, func(t *Touchpoint) (string, *int) { return t.Key, &t.Order })
	m.order()
	return nil
}

// PlaceJourney puts a journey before another one, or last.
func (m *Map) PlaceJourney(key, before string) {
	settle(pointers(m.Journeys), key, before, func(j *Journey) (string, *int) { return j.Key, &j.Order })
	m.order()
}

// PlaceDepartment puts a department before another one, or last.
func (m *Map) PlaceDepartment(key, before string) {
	settle(pointers(m.Departments), key, before, func(d *Department) (string, *int) { return d.Key, &d.Order })
	m.order()
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}
