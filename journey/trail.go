package journey

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
)

// at is who holds something on a day; "" when nobody does yet.
func at(trail []Held, day calendar.Day) string {
	by := ""
	for _, h := range trail {
		if h.From == nil || *h.From <= day {
			by = h.By
		}
	}
	return by
}

// Owner is who owns the touchpoint on a day; empty: nobody.
func (t Touchpoint) Owner(day calendar.Day) string { return at(t.Owners, day) }

// Department is the key of the department that holds the touchpoint on a day; empty: none.
func (t Touchpoint) Department(day calendar.Day) string { return at(t.Departments, day) }

// Open tells whether the touchpoint is one on a day.
func (t Touchpoint) Open(day calendar.Day) bool {
	return (t.Since == nil || *t.Since <= day) && before(day, t.Retired)
}

// Over tells whether the touchpoint has ended by a day.
func (t Touchpoint) Over(day calendar.Day) bool { return !before(day, t.Retired) }

// Open tells whether the department is one on a day.
func (d Department) Open(day calendar.Day) bool {
	return (d.Since == nil || *d.Since <= day) && before(day, d.Retired)
}

// Binds tells whether the standard holds for a touchpoint on a day.
func (s Standard) Binds(touchpoint string, day calendar.Day) bool {
	return (s.From == nil || *s.From <= day) && before(day, s.Until) && slices.Contains(s.Touchpoints, touchpoint)
}

// covers tells whether the name stands for something on a day.
func (k Known) covers(day calendar.Day) bool {
	return (k.From == nil || *k.From <= day) && before(day, k.Until)
}

// overlaps tells whether two names can meet on a day.
func (k Known) overlaps(o Known) bool {
	return Same(k.Name, o.Name) && starts(k.From, o.Until) && starts(o.From, k.Until)
}

func starts(from, until *calendar.Day) bool { return from == nil || until == nil || *from < *until }

func before(day calendar.Day, end *calendar.Day) bool { return end == nil || day < *end }

// Same tells whether two names of the books are one: whatever their case and outer spaces.
func Same(a, b string) bool { return Fold(a) == Fold(b) }

// Fold is a name as it is compared.
func Fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
