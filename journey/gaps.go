package journey

import (
	"slices"

	"github.com/throughline/throughline/calendar"
)

// Gap is what a map leaves open: things of one kind that lack something.
type Gap struct {
	Name  string `json:"name"`  // as the coverage of a statement names it
	Lacks string `json:"lacks"` // in words
	Items []Item `json:"items"`
}

// Lacks lists what the map leaves open on a day in words, by the map alone: a [Coverage] tells what the books leave open beside it. None: nothing.
func (m *Map) Lacks(day calendar.Day) []Gap {
	var c Coverage
	c.words(m, day)
	for _, t := range m.Touchpoints {
		if !t.Open(day) {
			continue
		}
		it := Item{t.Key, t.Name}
		put(&c.WithoutDepartment, it, t.Department(day) == "")
		put(&c.WithoutOwner, it, t.Owner(day) == "")
		put(&c.WithoutStandard, it, !slices.ContainsFunc(m.Standards, func(s Standard) bool { return s.Binds(t.Key, day) }))
	}
	var out []Gap
	for _, g := range []Gap{
		{"departments_without_touchpoint", "departments that no customer meets, and that do not say why (apart)", c.WithoutTouchpoint},
		{"without_department", "touchpoints that no department holds", c.WithoutDepartment},
		{"without_owner", "touchpoints that nobody owns", c.WithoutOwner},
		{"without_standard", "touchpoints without a standard", c.WithoutStandard},
		{"standards_without_touchpoint", "standards that bind no touchpoint", c.Unbound},
		{"stages_without_touchpoint", "stages without a touchpoint", c.EmptyStages},
		{"roles_without_line", "roles that reach no touchpoint", c.RolesWithoutLine},
	} {
		if len(g.Items) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// Add takes the things of another map into this one: what has the same key is replaced, what is new is added, all else stays.
func (m *Map) Add(from Map) {
	m.Brands = joinedBy(m.Brands, from.Brands, func(b Brand) string { return b.Key })
	m.Standards = joinedBy(m.Standards, from.Standards, func(s Standard) string { return s.Key })
	m.Journeys = joinedBy(m.Journeys, from.Journeys, func(j Journey) string { return j.Key })
	m.Departments = joinedBy(m.Departments, from.Departments, func(d Department) string { return d.Key })
	m.Touchpoints = joinedBy(m.Touchpoints, from.Touchpoints, func(t Touchpoint) string { return t.Key })
	m.Roles = joinedBy(m.Roles, from.Roles, func(r Role) string { return r.Key })
	m.Aside = joinedBy(m.Aside, from.Aside, func(a Aside) string { return Fold(a.Name) })
	m.order()
}

func joinedBy[T any](list, more []T, key func(T) string) []T {
	out := slices.Clone(list)
	for _, x := range more {
		if i := slices.IndexFunc(out, func(o T) bool { return key(o) == key(x) }); i >= 0 {
			out[i] = x
		} else {
			out = append(out, x)
		}
	}
	return out
}

// Changed counts the pieces in which two maps differ, by kind.
func Changed(before, after *Map) (map[string]int, error) {
	type name struct{ kind, key string }
	was, err := before.Pieces()
	if err != nil {
		return nil, err
	}
	is, err := after.Pieces()
	if err != nil {
		return nil, err
	}
	bodies := map[name]string{}
	for _, p := range was {
		bodies[name{p.Kind, p.Key}] = string(p.Body)
	}
	out := map[string]int{}
	for _, p := range is {
		if bodies[name{p.Kind, p.Key}] != string(p.Body) {
			out[p.Kind]++
		}
		delete(bodies, name{p.Kind, p.Key})
	}
	for gone := range bodies {
		out[gone.kind]++
	}
	return out, nil
}
