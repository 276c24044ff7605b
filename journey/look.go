package journey

import "github.com/throughline/throughline/calendar"

// Touchpoint is one by its key.
func (m *Map) Touchpoint(key string) (*Touchpoint, bool) {
	return by(m.Touchpoints, key, func(t *Touchpoint) string { return t.Key })
}

// Department is one by its key.
func (m *Map) Department(key string) (*Department, bool) {
	return by(m.Departments, key, func(d *Department) string { return d.Key })
}

// Journey is one by its key.
func (m *Map) Journey(key string) (*Journey, bool) {
	return by(m.Journeys, key, func(j *Journey) string { return j.Key })
}

// Standard is one by its key.
func (m *Map) Standard(key string) (*Standard, bool) {
	return by(m.Standards, key, func(s *Standard) string { return s.Key })
}

// Brand is one by its key.
func (m *Map) Brand(key string) (*Brand, bool) {
	return by(m.Brands, key, func(b *Brand) string { return b.Key })
}

// Role is one by its key.
func (m *Map) Role(key string) (*Role, bool) {
	return by(m.Roles, key, func(r *Role) string { return r.Key })
}

// Stage is one of a journey by its key.
func (j *Journey) Stage(key string) (*Stage, bool) {
	return by(j.Stages, key, func(s *Stage) string { return s.Key })
}

func by[T any](list []T, key string, of func(*T) string) (*T, bool) {
	for i := range list {
		if of(&list[i]) == key {
			return &list[i], true
		}
	}
	return nil, false
}

// Place leads a name of the books to a touchpoint on the days from From up to and without Until.
type Place struct {
	Name       string // as Fold has it
	From       *calendar.Day
	Until      *calendar.Day
	Touchpoint string
}

// Places lists where every name of the books leads.
func (m *Map) Places() []Place {
	var out []Place
	for _, t := range m.Touchpoints {
		for _, k := range t.names() {
			out = append(out, Place{Fold(k.Name), k.From, k.Until, t.Key})
		}
	}
	return out
}

// names are those of the books: its own while none is given.
func (t *Touchpoint) names() []Known { return names(t.KnownAs, t.Nameless, t.Name, t.Retired) }

func names(known []Known, nameless bool, own string, retired *calendar.Day) []Known {
	if len(known) > 0 || nameless {
		return known
	}
	return []Known{{Name: own, Until: retired}}
}

// Lead is the touchpoint of a name of the books on a day.
func (m *Map) Lead(name string, day calendar.Day) (*Touchpoint, bool) {
	for i := range m.Touchpoints {
		for _, k := range m.Touchpoints[i].names() {
			if Same(k.Name, name) && k.covers(day) {
				return &m.Touchpoints[i], true
			}
		}
	}
	return nil, false
}

// LeadDepartment is the department of a name of the books on a day.
func (m *Map) LeadDepartment(name string, day calendar.Day) (*Department, bool) {
	for i := range m.Departments {
		for _, k := range m.Departments[i].names() {
			if Same(k.Name, name) && k.covers(day) {
				return &m.Departments[i], true
			}
		}
	}
	return nil, false
}

// Rest is the brand that has all that no other has, on a day: the one without entities. Of several the one that ends first has it until then, and its
// successor from then on.
func (m *Map) Rest(day calendar.Day) (*Brand, bool) {
	var rest *Brand
	for i := range m.Brands {
		b := &m.Brands[i]
		if len(b.Entities) == 0 && before(day, b.Retired) && (rest == nil || b.Retired != nil && before(*b.Retired, rest.Retired)) {
			rest = b
		}
	}
	return rest, rest != nil
}
