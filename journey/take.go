package journey

import "slices"

// Take puts another map's things into this one: what has the same key (a name set aside: the same name) is replaced, what is not
// there yet is added, last of its like where it does not say its order. What the other map does not have stays, or goes when whole is set. Nothing is checked: Check says what is
// wrong with the map then.
func (m *Map) Take(other Map, whole bool) {
	if whole {
		*m = other
		m.order()
		return
	}
	take(&m.Brands, other.Brands, func(b Brand) string { return b.Key })
	take(&m.Standards, other.Standards, func(s Standard) string { return s.Key })
	take(&m.Journeys, last(m.Journeys, other.Journeys, func(j *Journey) (string, *int) { return j.Key, &j.Order }), func(j Journey) string { return j.Key })
	take(&m.Departments, last(m.Departments, other.Departments, func(d *Department) (string, *int) { return d.Key, &d.Order }), func(d Department) string { return d.Key })
	take(&m.Touchpoints, last(m.Touchpoints, other.Touchpoints, func(t *Touchpoint) (string, *int) { return t.Key, &t.Order }), func(t Touchpoint) string { return t.Key })
	take(&m.Roles, other.Roles, func(r Role) string { return r.Key })
	take(&m.Aside, other.Aside, func(a Aside) string { return Fold(a.Name) })
	m.order()
}

// last are things of which those that say no order stand where they stand, or behind all that are there. Where none of these has a number, none is needed.
func last[T any](there, from []T, order func(*T) (string, *int)) []T {
	most, at := 0, map[string]int{}
	for i := range there {
		key, n := order(&there[i])
		most, at[key] = max(most, *n), *n
	}
	from = slices.Clone(from)
	for i := range from {
		key, n := order(&from[i])
		if was, ok := at[key]; *n == 0 && ok {
			*n = was
		} else if *n == 0 && most > 0 {
			most++
			*n = most
		}
	}
	return from
}

func take[T any](into *[]T, from []T, key func(T) string) {
	at := make(map[string]int, len(*into))
	for i, x := range *into {
		at[key(x)] = i
	}
	for _, x := range from {
		if i, ok := at[key(x)]; ok {
			(*into)[i] = x
			continue
		}
		*into = append(*into, x)
	}
}
