package journey

import (
	"slices"

	"github.com/throughline/throughline/calendar"
)

// RoleOf is the role of somebody whom the book people gives a department and a role in words: one of the same words and department,
// otherwise one of the same words.
func (m *Map) RoleOf(department, role string, on calendar.Day) (*Role, bool) {
	var any *Role
	for i := range m.Roles {
		r := &m.Roles[i]
		if !before(on, r.Retired) || !r.called(role) {
			continue
		}
		if d, ok := m.Department(r.In(on)); ok && d.called(department, on) {
			return r, true
		}
		if any == nil && r.In(on) == "" {
			any = r
		}
	}
	return any, any != nil
}

// DepartmentOf is the department that the books call by a name on a day.
func (m *Map) DepartmentOf(name string, on calendar.Day) (*Department, bool) {
	for i := range m.Departments {
		if d := &m.Departments[i]; d.Open(on) && d.called(name, on) {
			return d, true
		}
	}
	return nil, false
}

// In is the department to which the role belongs on a day.
func (r *Role) In(on calendar.Day) string {
	for _, b := range r.Was {
		if on < b.Until {
			return b.Department
		}
	}
	return r.Department
}

// called tells whether the book people means this role.
func (r *Role) called(name string) bool {
	if len(r.KnownAs) == 0 {
		return Same(r.Name, name)
	}
	return hasName(r.KnownAs, name)
}

// called tells whether the books mean this department on a day.
func (d *Department) called(name string, on calendar.Day) bool {
	return slices.ContainsFunc(d.names(), func(k Known) bool { return Same(k.Name, name) && k.covers(on) })
}

// Sight is a role's line to the customer on a day: the touchpoints that it reaches, those that follow from them by hand-off, and the
// stages and promises that these serve.
type Sight struct {
	Reaches []*Touchpoint // that are still touchpoints
	Through []*Touchpoint // to which these hand on, without those that it reaches itself
	Stages  []Stage
	Brands  []*Brand // whose standards bind what it reaches
}

// Sight follows a role to the customer.
func (m *Map) Sight(r *Role, on calendar.Day) Sight {
	var s Sight
	add := func(list *[]*Touchpoint, key string) {
		t, ok := m.Touchpoint(key)
		if ok && t.Open(on) && !slices.Contains(s.Reaches, t) && !slices.Contains(s.Through, t) {
			*list = append(*list, t)
		}
	}
	for _, key := range r.Touchpoints {
		add(&s.Reaches, key)
	}
	for _, t := range slices.Clone(s.Reaches) {
		for _, h := range t.HandsTo {
			add(&s.Through, h.To)
		}
	}
	for _, t := range s.Reaches {
		j, ok := m.Journey(t.Journey)
		if !ok {
			continue
		}
		if st, ok := j.Stage(t.Stage); ok && !slices.Contains(s.Stages, *st) {
			s.Stages = append(s.Stages, *st)
		}
		for i := range m.Standards {
			b, ok := m.Brand(m.Standards[i].Brand)
			if ok && m.Standards[i].Binds(t.Key, on) && !slices.Contains(s.Brands, b) {
				s.Brands = append(s.Brands, b)
			}
		}
	}
	if len(s.Brands) == 0 && len(m.Brands) == 1 {
		s.Brands = []*Brand{&m.Brands[0]}
	}
	return s
}

// StandardsOf are the standards that bind a touchpoint on a day, by brand.
func (m *Map) StandardsOf(touchpoint string, on calendar.Day) []*Standard {
	var out []*Standard
	for i := range m.Standards {
		if m.Standards[i].Binds(touchpoint, on) {
			out = append(out, &m.Standards[i])
		}
	}
	return out
}

// Reach are the roles that reach a touchpoint on a day.
func (m *Map) Reach(touchpoint string, on calendar.Day) []*Role {
	var out []*Role
	for i := range m.Roles {
		if before(on, m.Roles[i].Retired) && slices.Contains(m.Roles[i].Touchpoints, touchpoint) {
			out = append(out, &m.Roles[i])
		}
	}
	return out
}
