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
