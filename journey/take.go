package journey

// Take puts another map's things into this one: what has the same key (a name set aside: the same name) is replaced, what is not
// there yet is added. What the other map does not have stays, or goes when whole is set. Nothing is checked: Check says what is
// wrong with the map then.
func (m *Map) Take(other Map, whole bool) {
	if whole {
		*m = other
		m.order()
		return
	}
	take(&m.Brands, other.Brands, func(b Brand) string { return b.Key })
	take(&m.Standards, other.Standards, func(s Standard) string { return s.Key })
	take(&m.Journeys, other.Journeys, func(j Journey) string { return j.Key })
	take(&m.Departments, other.Departments, func(d Department) string { return d.Key })
	take(&m.Touchpoints, other.Touchpoints, func(t Touchpoint) string { return t.Key })
	take(&m.Roles, other.Roles, func(r Role) string { return r.Key })
	take(&m.Aside, other.Aside, func(a Aside) string { return Fold(a.Name) })
	m.order()
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
