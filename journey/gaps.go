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
	unlived := c.words(m, day)
	c.EmptyStages = append(c.EmptyStages, unlived...) // of the map itself they are a gap
	for _, t := range m.Touchpoints {
		if !t.Open(day) {
			continue
		}
		it := Item{t.Key, t.Name}
		put(&c.WithoutDepartment, it, t.Department(day) == "")
		put(&c.WithoutOwner, it, t.Owner(day) == "")
		put(&c.WithoutStandard, it, !slices.ContainsFunc(m.Standards, func(s Standard) bool { return s.Binds(t.Key, day) }))
	}
	var noCustomers []Item
	rest, _ := m.Rest(day)
	for i := range m.Brands {
		b := &m.Brands[i]
		put(&noCustomers, Item{b.Key, b.Name}, len(b.Entities) == 0 && before(day, b.Retired) && b != rest)
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
		{"brands_without_customers", "brands without customers: they name no entities, and another has all that no brand names", noCustomers},
	} {
		if len(g.Items) > 0 {
			out = append(out, g)
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
