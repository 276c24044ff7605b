package books

import (
	"reflect"
	"strings"
)

// Clash is a key that two people changed differently; an empty value is none.
type Clash struct {
	Key          string // "books.orders.columns.amount"
	Yours, Their string
}

// Merge brings what yours changed since base into theirs; the lines carry the
// note. Where both changed the same key differently it returns the clashes and
// no text.
func Merge(path, note string, base, yours, theirs []byte) ([]byte, []Clash, error) {
	var configs [3]*Config
	for i, text := range [][]byte{base, yours, theirs} {
		var err error
		if configs[i], err = ParseDraft(path, text); err != nil {
			return nil, nil, err
		}
	}
	was, mine, their := configs[0].said(), configs[1].said(), configs[2].said()
	var clashes []Clash
	var take []string
	for _, key := range differences(was, mine) {
		before, had := was[key]
		now, has := their[key]
		after, have := mine[key]
		switch {
		case now == after && has == have:
		case now == before && has == had:
			take = append(take, key)
		default:
			clashes = append(clashes, Clash{Key: key, Yours: after, Their: now})
		}
	}
	if len(clashes) > 0 {
		return nil, clashes, nil
	}
	text, err := Edit(path, theirs, note, func(c *Config) error {
		for _, key := range take {
			c.take(configs[1], key)
		}
		for name := range c.Books {
			if _, kept := configs[1].Books[name]; !kept && reflect.DeepEqual(c.Books[name], Mapping{}) {
				delete(c.Books, name)
			}
		}
		return nil
	})
	return text, nil, err
}

// Changed lists the keys that two texts say differently, with both values.
func Changed(path string, from, to []byte) ([]Clash, error) {
	a, err := ParseDraft(path, from)
	if err != nil {
		return nil, err
	}
	b, err := ParseDraft(path, to)
	if err != nil {
		return nil, err
	}
	was, is := a.said(), b.said()
	var out []Clash
	for _, key := range differences(was, is) {
		if strings.Count(key, ".") == 1 && strings.HasPrefix(key, "books.") {
			continue // its keys are listed
		}
		out = append(out, Clash{Key: key, Yours: was[key], Their: is[key]})
	}
	return out, nil
}

// take copies what other says under a key.
func (c *Config) take(other *Config, key string) {
	parts := strings.SplitN(key, ".", 4)
	switch parts[0] {
	case "company":
		c.Company = other.Company
	case "engine":
		c.Engine = other.Engine
	case "settings":
		byTag(&c.Settings, parts[1]).Set(byTag(&other.Settings, parts[1]))
	case "books":
		c.takeMapping(other, parts[1:])
	}
}

func (c *Config) takeMapping(other *Config, path []string) {
	mine, from := c.Books[path[0]], other.Books[path[0]]
	switch {
	case len(path) == 1: // the book itself, whose keys follow
	case path[1] == "columns":
		columns := map[string]string{}
		for k, v := range mine.Columns {
			columns[k] = v
		}
		delete(columns, path[2])
		if text, ok := from.Columns[path[2]]; ok {
			columns[path[2]] = text
		}
		if mine.Columns = columns; len(columns) == 0 {
			mine.Columns = nil
		}
	case path[1] == "source" && len(path) == 3:
		byTag(&mine.Source, path[2]).Set(byTag(&from.Source, path[2]))
	default:
		byTag(&mine, path[1]).Set(byTag(&from, path[1]))
	}
	c.Books[path[0]] = mine
}

// byTag is the field of a struct that a key of YAML fills.
func byTag(of any, tag string) reflect.Value {
	v := reflect.ValueOf(of).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("yaml") == tag {
			return v.Field(i)
		}
	}
	panic("no key " + tag) // said lists no other
}
