package journey

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
)

// Refused is a change that the map does not allow.
type Refused struct{ Why string }

func (r *Refused) Error() string { return r.Why }

func refuse(format string, args ...any) error { return &Refused{fmt.Sprintf(format, args...)} }

// Rename gives a touchpoint another name from now on. The names by which the books know it stay, so nothing that was counted
// moves.
func (m *Map) Rename(key, name string) error {
	t, ok := m.Touchpoint(key)
	if !ok {
		return refuse("there is no touchpoint %s", key)
	}
	t.KnownAs = slices.Clone(t.names())
	t.Name = name
	return nil
}

// Hand gives a touchpoint to an owner and a department from a day on. What was before that day stays; a later change that was
// foreseen is replaced.
func (t *Touchpoint) Hand(owner, department string, from calendar.Day) {
	t.Owners = hand(t.Owners, owner, from)
	t.Departments = hand(t.Departments, department, from)
}

func hand(trail []Held, by string, from calendar.Day) []Held {
	if len(trail) == 0 {
		if by == "" {
			return nil
		}
		return []Held{{By: by}} // the first that anybody says is as far back as anybody knows
	}
	if at(trail, from) == by {
		return trail
	}
	kept := slices.DeleteFunc(slices.Clone(trail), func(h Held) bool { return h.From != nil && *h.From >= from })
	if at(kept, from) == by && len(kept) > 0 {
		return kept
	}
	return append(kept, Held{By: by, From: &from})
}

// Retire ends a touchpoint: from a day on it is no more. Its names lead nowhere from then on.
func (m *Map) Retire(key string, from calendar.Day, why string) error {
	t, err := m.open(key, from)
	if err != nil {
		return err
	}
	t.KnownAs = ended(t.names(), from)
	t.Retired, t.Why = &from, why
	return nil
}

// open is a touchpoint that is one on a day.
func (m *Map) open(key string, from calendar.Day) (*Touchpoint, error) {
	t, ok := m.Touchpoint(key)
	if !ok {
		return nil, refuse("there is no touchpoint %s", key)
	}
	if !t.Open(from) {
		return nil, refuse("%s is no touchpoint any more since %s", t.Name, *t.Retired)
	}
	return t, nil
}

// ended are names that stand for nothing from a day on.
func ended(known []Known, from calendar.Day) []Known {
	var out []Known
	for _, k := range known {
		if k.From != nil && *k.From >= from {
			continue // it would never have stood for anything
		}
		if k.covers(from) {
			k.Until = &from
		}
		out = append(out, k)
	}
	return out
}

// Merge makes one touchpoint of several from a day on: what the books name as any of them is the one's from then on. Standards that
// bound one of them go on for the one only where it had them already; roles that reached one reach the one.
func (m *Map) Merge(keys []string, into string, from calendar.Day) error {
	target, err := m.open(into, from)
	if err != nil {
		return err
	}
	gained := slices.Clone(target.names())
	for _, key := range keys {
		if key == into {
			continue
		}
		t, err := m.open(key, from)
		if err != nil {
			return err
		}
		for _, k := range t.names() {
			if k.covers(from) {
				gained = append(gained, Known{Name: k.Name, From: &from, Until: k.Until})
			}
		}
		t.KnownAs = ended(t.names(), from)
		t.Retired, t.Into, t.Why = &from, []string{into}, ""
		m.lead(key, into)
	}
	target.KnownAs = gained
	return nil
}

// lead makes what pointed to one touchpoint point to others too or instead: roles reach them, hand-offs go to them.
func (m *Map) lead(key string, into ...string) {
	for i := range m.Roles {
		if slices.Contains(m.Roles[i].Touchpoints, key) {
			m.Roles[i].Touchpoints = replaced(m.Roles[i].Touchpoints, key, into, "")
		}
	}
	for i := range m.Touchpoints {
		t := &m.Touchpoints[i]
		var out []HandOff
		for _, h := range t.HandsTo {
			if h.To != key {
				out = append(out, h)
				continue
			}
			for _, to := range into {
				if to != t.Key && !slices.ContainsFunc(t.HandsTo, func(o HandOff) bool { return o.To == to }) && !slices.ContainsFunc(out, func(o HandOff) bool { return o.To == to }) {
					out = append(out, HandOff{To: to, What: h.What})
				}
			}
		}
		t.HandsTo = out
	}
}

func replaced(list []string, key string, by []string, without string) []string {
	var out []string
	for _, x := range list {
		for _, y := range map[bool][]string{true: by, false: {x}}[x == key] {
			if y != without && !slices.Contains(out, y) {
				out = append(out, y)
			}
		}
	}
	return out
}

// Split makes several touchpoints of one from a day on. The new ones are given whole, with the names by which the books know them
// from then on; owner, department, journey and stage that they leave empty are those of the one that ends.
func (m *Map) Split(key string, parts []Touchpoint, from calendar.Day) error {
	t, err := m.open(key, from)
	if err != nil {
		return err
	}
	if len(parts) < 2 {
		return refuse("%s is split into %d; a split makes two or more", t.Name, len(parts))
	}
	old := *t
	t.KnownAs, t.Retired, t.Why = ended(t.names(), from), &from, ""
	for _, p := range parts {
		if p.Journey == "" {
			p.Journey, p.Stage = old.Journey, old.Stage
		}
		p.Key = KeyFor(p.Name, func(k string) bool { _, ok := m.Touchpoint(k); return ok })
		if len(p.KnownAs) == 0 {
			p.KnownAs = []Known{{Name: p.Name}}
		}
		for i := range p.KnownAs {
			if p.KnownAs[i].From == nil {
				p.KnownAs[i].From = &from
			}
		}
		if len(p.Owners) == 0 {
			p.Owners = since(old.Owner(from), from)
		}
		if len(p.Departments) == 0 {
			p.Departments = since(old.Department(from), from)
		}
		m.Touchpoints = append(m.Touchpoints, p)
		t, _ = m.Touchpoint(key)
		t.Into = append(t.Into, p.Key)
	}
	m.lead(key, t.Into...)
	return nil
}

func since(by string, from calendar.Day) []Held {
	if by == "" {
		return nil
	}
	return []Held{{By: by, From: &from}}
}

// RenameDepartment gives a department another name from now on; the books' names for it stay.
func (m *Map) RenameDepartment(key, name string) error {
	d, ok := m.Department(key)
	if !ok {
		return refuse("there is no department %s", key)
	}
	d.KnownAs = slices.Clone(d.names())
	d.Name = name
	return nil
}

// MergeDepartments makes one department of several from a day on: it holds their touchpoints from then on, and roles belong to it.
func (m *Map) MergeDepartments(gone []string, into string, from calendar.Day) error {
	target, ok := m.Department(into)
	if !ok || !target.Open(from) {
		return refuse("there is no department %s on %s", into, from)
	}
	gained := slices.Clone(target.names())
	for _, key := range gone {
		d, ok := m.Department(key)
		if !ok || !d.Open(from) {
			return refuse("there is no department %s on %s", key, from)
		}
		if key == into {
			continue
		}
		for _, k := range d.names() {
			if k.covers(from) {
				gained = append(gained, Known{Name: k.Name, From: &from, Until: k.Until})
			}
		}
		d.KnownAs = ended(d.names(), from)
		d.Retired, d.Into = &from, []string{into}
		m.move(key, into, from)
	}
	target.KnownAs = gained
	return nil
}

// move hands what one department holds to another from a day on.
func (m *Map) move(key, into string, from calendar.Day) {
	for i := range m.Touchpoints {
		t := &m.Touchpoints[i]
		if t.Open(from) && t.Department(from) == key {
			t.Departments = hand(t.Departments, into, from)
		}
	}
	for i := range m.Roles {
		if m.Roles[i].Department == key {
			m.Roles[i].Department = into
		}
	}
}

// RetireDepartment ends a department from a day on. It refuses while the department holds a touchpoint then.
func (m *Map) RetireDepartment(key string, from calendar.Day) error {
	d, ok := m.Department(key)
	if !ok || !d.Open(from) {
		return refuse("there is no department %s on %s", key, from)
	}
	for _, t := range m.Touchpoints {
		if t.Open(from) && t.Department(from) == key {
			return refuse("%s holds the touchpoint %s on %s; hand it to another department first, or merge the departments", d.Name, t.Name, from)
		}
	}
	d.KnownAs = ended(d.names(), from)
	d.Retired = &from
	return nil
}

// Before lists the touchpoints that became one, by key.
func (m *Map) Before(key string) []string {
	var out []string
	for _, t := range m.Touchpoints {
		if slices.Contains(t.Into, key) {
			out = append(out, t.Key)
		}
	}
	return out
}
