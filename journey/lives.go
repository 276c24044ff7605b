package journey

import (
	"slices"

	"github.com/throughline/throughline/calendar"
)

// life is what a touchpoint or department is called, and how it ended.
type life struct {
	key, name string
	retired   *calendar.Day
	into      []string
}

// lives are those of all touchpoints, or departments (kind).
type lives struct {
	kind string
	list []life
}

func (m *Map) touchpointLives() lives {
	l := lives{kind: "touchpoint"}
	for _, t := range m.Touchpoints {
		l.list = append(l.list, life{t.Key, t.Name, t.Retired, t.Into})
	}
	return l
}

func (m *Map) departmentLives() lives {
	l := lives{kind: "department"}
	for _, d := range m.Departments {
		l.list = append(l.list, life{d.Key, d.Name, d.Retired, d.Into})
	}
	return l
}

// open is one that has no end yet.
func (l lives) open(key string) (life, error) {
	i := slices.IndexFunc(l.list, func(x life) bool { return x.key == key })
	switch {
	case i < 0:
		return life{}, refuse("there is no %s %s", l.kind, key)
	case l.list[i].retired != nil:
		return life{}, refuse("%s is no %s any more since %s", l.list[i].name, l.kind, *l.list[i].retired)
	}
	return l.list[i], nil
}

// ends tells why one cannot end on a day: it is not there, has an end, or had not begun before.
func (l lives) ends(key string, on calendar.Day) error {
	x, err := l.open(key)
	if err != nil {
		return err
	}
	for _, b := range l.list {
		if slices.Contains(b.into, key) && b.retired != nil && *b.retired >= on {
			return refuse("%s became %s on %s, so that this cannot end on %s; name a later day", b.name, x.name, *b.retired, on)
		}
	}
	return nil
}

// merges lists which of some become one from a day on, each once, or tells why they cannot.
func (l lives) merges(keys []string, into string, on calendar.Day) ([]string, error) {
	x, err := l.open(into)
	if err != nil {
		return nil, err
	}
	for _, b := range l.list {
		if len(b.into) > 1 && slices.Contains(b.into, into) && b.retired != nil && *b.retired > on {
			return nil, refuse("%s begins on %s; name that day or a later one", x.name, *b.retired)
		}
	}
	gone := replaced(keys, into, nil)
	if len(gone) == 0 {
		return nil, refuse("nothing is named that would become %s", into)
	}
	for _, key := range gone {
		if err := l.ends(key, on); err != nil {
			return nil, err
		}
	}
	return gone, nil
}
