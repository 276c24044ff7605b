package journey

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
)

// Call lets a name of the books lead to a touchpoint from a day on; nil: always. The names that it has already stay. A name that was set
// aside is so no more.
func (m *Map) Call(key, name string, from *calendar.Day) error {
	name = strings.TrimSpace(name)
	t, ok := m.Touchpoint(key)
	switch {
	case !ok:
		return refuse("there is no touchpoint %s", key)
	case name == "":
		return refuse("a row that names nothing leads nowhere; map the book's column touchpoint")
	case t.Retired != nil && (from == nil || *from >= *t.Retired):
		return refuse("%s is no touchpoint any more since %s", t.Name, *t.Retired)
	}
	t.KnownAs, t.Nameless = append(slices.Clone(t.names()), Known{Name: name, From: from, Until: t.Retired}), false
	m.Aside = slices.DeleteFunc(m.Aside, func(a Aside) bool { return Same(a.Name, name) })
	return nil
}

// SetAside says that a name of the books belongs to no touchpoint, and why.
func (m *Map) SetAside(name, why string) error {
	name = strings.TrimSpace(name)
	if name == "" {
		return refuse("a row that names nothing cannot be set aside; map the book's column touchpoint")
	}
	for i := range m.Touchpoints {
		for _, k := range m.Touchpoints[i].names() {
			if Same(k.Name, name) && k.Until == nil {
				return refuse("%q leads to %s; take it away there first", name, m.Touchpoints[i].Name)
			}
		}
	}
	m.Aside = slices.DeleteFunc(m.Aside, func(a Aside) bool { return Same(a.Name, name) })
	m.Aside = append(m.Aside, Aside{Name: name, Why: strings.TrimSpace(why)})
	return nil
}

// Gaps are what a map itself lacks on a day, whatever the books hold.
type Gaps struct {
	WithoutTouchpoint []*Department // that do not say why no customer meets them
	WithoutDepartment []*Touchpoint
	WithoutOwner      []*Touchpoint
	WithoutStandard   []*Touchpoint
	RolesWithoutLine  []*Role
}

// Gaps lists them in the order of the map.
func (m *Map) Gaps(on calendar.Day) Gaps {
	var g Gaps
	held, open := map[string]bool{}, map[string]bool{}
	bound := map[string]bool{}
	for _, s := range m.Standards {
		for _, key := range s.Touchpoints {
			bound[key] = bound[key] || s.Binds(key, on)
		}
	}
	for i := range m.Touchpoints {
		t := &m.Touchpoints[i]
		if !t.Open(on) {
			continue
		}
		held[t.Department(on)], open[t.Key] = true, true
		if t.Department(on) == "" {
			g.WithoutDepartment = append(g.WithoutDepartment, t)
		}
		if t.Owner(on) == "" {
			g.WithoutOwner = append(g.WithoutOwner, t)
		}
		if !bound[t.Key] {
			g.WithoutStandard = append(g.WithoutStandard, t)
		}
	}
	for i := range m.Departments {
		if d := &m.Departments[i]; d.Open(on) && d.Apart == "" && !held[d.Key] {
			g.WithoutTouchpoint = append(g.WithoutTouchpoint, d)
		}
	}
	for i := range m.Roles {
		if r := &m.Roles[i]; before(on, r.Retired) && !slices.ContainsFunc(r.Touchpoints, func(k string) bool { return open[k] }) {
			g.RolesWithoutLine = append(g.RolesWithoutLine, r)
		}
	}
	return g
}
