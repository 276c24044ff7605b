package journey

import (
	"slices"

	"github.com/throughline/throughline/calendar"
)

// RenameDepartment gives a department another name from now on; the books' names for it stay.
func (m *Map) RenameDepartment(key, name string) error {
	d, ok := m.Department(key)
	if !ok {
		return refuse("there is no department %s", key)
	}
	d.KnownAs, d.Name = slices.Clone(d.names()), name
	return nil
}

func (d *Department) end(from calendar.Day, into ...string) {
	d.KnownAs = ended(d.names(), from)
	d.Nameless = len(d.KnownAs) == 0
	d.Retired, d.Into = &from, into
}

// MergeDepartments makes one department of several from a day on: it holds their touchpoints and does their steps from then on, and
// roles belong to it. Nothing is changed when it is refused.
func (m *Map) MergeDepartments(keys []string, into string, from calendar.Day) error {
	gone, err := m.departmentLives().merges(keys, into, from)
	if err != nil {
		return err
	}
	target, _ := m.Department(into)
	for _, key := range gone {
		d, _ := m.Department(key)
		target.KnownAs = gained(target.names(), d.names(), from)
		target.Nameless = target.Nameless && len(target.KnownAs) == 0
		d.end(from, into)
		for i := range m.Touchpoints {
			m.Touchpoints[i].moved(key, into, from)
		}
		m.belong(key, from, func(*Role) string { return into })
	}
	return nil
}

// DepartmentPart is one of the departments that another is split into, with the touchpoints and roles of the old one that it takes.
type DepartmentPart struct {
	Department
	Touchpoints []string
	Roles       []string
}

// SplitDepartment makes several departments of one from a day on. The first takes the touchpoints, steps and roles of the old one
// that no other names. The new ones are known by their own names from that day on where they say no others. Nothing is changed when it
// is refused.
func (m *Map) SplitDepartment(key string, parts []DepartmentPart, from calendar.Day) error {
	if err := m.departmentLives().ends(key, from); err != nil {
		return err
	}
	d, _ := m.Department(key)
	if len(parts) < 2 {
		return refuse("%s is split into %d; a split makes two or more", d.Name, len(parts))
	}
	if err := m.taken(key, parts, from); err != nil {
		return err
	}
	old := *d
	var into []string
	touchpoints, roles := map[string]string{}, map[string]string{}
	for _, p := range parts {
		p.Key = KeyFor(p.Name, func(k string) bool { _, ok := m.Department(k); return ok })
		p.KnownAs = begun(p.KnownAs, p.Nameless, p.Name, from)
		p.Contractor = p.Contractor || old.Contractor
		if p.Since == nil {
			p.Since = &from
		}
		if p.Order == 0 {
			p.Order = old.Order
		}
		for _, t := range p.Touchpoints {
			touchpoints[t] = p.Key
		}
		for _, r := range p.Roles {
			roles[r] = p.Key
		}
		m.Departments, into = append(m.Departments, p.Department), append(into, p.Key)
	}
	d, _ = m.Department(key) // the list may lie elsewhere now
	d.end(from, into...)
	for i := range m.Touchpoints {
		t := &m.Touchpoints[i]
		t.moved(key, named(touchpoints, t.Key, into[0]), from)
	}
	m.belong(key, from, func(r *Role) string { return named(roles, r.Key, into[0]) })
	m.order()
	return nil
}

func named(by map[string]string, key, otherwise string) string {
	if x, ok := by[key]; ok {
		return x
	}
	return otherwise
}

// taken refuses parts that take what the department does not have, or what another takes too.
func (m *Map) taken(key string, parts []DepartmentPart, from calendar.Day) error {
	seen := map[string]bool{}
	for _, p := range parts {
		for _, t := range p.Touchpoints {
			at, ok := m.Touchpoint(t)
			if !ok || !slices.ContainsFunc(at.Departments, func(h Held) bool { return h.By == key }) || !before(from, at.Retired) {
				return refuse("%s takes the touchpoint %s, which %s does not hold", p.Name, t, key)
			}
			if seen["touchpoint "+t] {
				return refuse("two take the touchpoint %s", t)
			}
			seen["touchpoint "+t] = true
		}
		for _, r := range p.Roles {
			at, ok := m.Role(r)
			if !ok || at.Department != key {
				return refuse("%s takes the role %s, which does not belong to %s", p.Name, r, key)
			}
			if seen["role "+r] {
				return refuse("two take the role %s", r)
			}
			seen["role "+r] = true
		}
	}
	return nil
}

// moved hands what one department holds of the touchpoint to another from a day on; what others hold, now or as foreseen, stays.
func (t *Touchpoint) moved(key, into string, from calendar.Day) {
	if !before(from, t.Retired) {
		return
	}
	for i := range t.Steps {
		if t.Steps[i].Department == key {
			t.Steps = slices.Clone(t.Steps)
			t.Steps[i].Department = into
		}
	}
	holds := at(t.Departments, from) == key
	var trail []Held
	for _, h := range t.Departments {
		if holds && h.From != nil && *h.From > from {
			trail, holds = append(trail, Held{into, &from}), false
		}
		if h.From != nil && *h.From >= from && h.By == key {
			h.By = into
			if *h.From == from {
				holds = false
			}
		}
		trail = append(trail, h)
	}
	if holds {
		trail = append(trail, Held{into, &from})
	}
	t.Departments = slices.CompactFunc(trail, func(a, b Held) bool { return a.By == b.By })
}

// belong leads roles of a department to another from a day on. Until then they belong where they did.
func (m *Map) belong(key string, from calendar.Day, to func(*Role) string) {
	for i := range m.Roles {
		r := &m.Roles[i]
		if !before(from, r.Retired) {
			continue
		}
		var was []Belonged
		add := func(b Belonged) {
			if b.Department == key && from < b.Until {
				if len(was) == 0 || was[len(was)-1].Until < from {
					was = append(was, Belonged{key, from})
				}
				b.Department = to(r)
			}
			was = append(was, b)
		}
		for _, b := range r.Was {
			add(b)
		}
		if r.Department == key {
			if len(was) == 0 || was[len(was)-1].Until < from {
				was = append(was, Belonged{key, from})
			}
			r.Department = to(r)
		}
		r.Was = was
	}
}

// RetireDepartment ends a department from a day on. It refuses while the department holds a touchpoint then, or later.
func (m *Map) RetireDepartment(key string, from calendar.Day) error {
	if err := m.departmentLives().ends(key, from); err != nil {
		return err
	}
	d, _ := m.Department(key)
	for _, t := range m.Touchpoints {
		later := slices.ContainsFunc(t.Departments, func(h Held) bool { return h.By == key && h.From != nil && *h.From >= from })
		if before(from, t.Retired) && (later || t.Department(from) == key) {
			return refuse("%s holds the touchpoint %s on %s or later; hand it to another department first, or merge the departments", d.Name, t.Name, from)
		}
	}
	d.end(from)
	return nil
}
