package books

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/throughline/throughline/fact"
)

// Edit changes a books.yaml so that it says what change makes of it, and
// leaves every other line as somebody wrote it. Changed lines carry the note
// as a comment. The result is read again, and it is refused unless it says
// exactly what was wanted.
func Edit(path string, text []byte, note string, change func(*Config) error) ([]byte, error) {
	before, err := ParseDraft(path, text)
	if err != nil {
		return nil, err
	}
	after, err := ParseDraft(path, text)
	if err != nil {
		return nil, err
	}
	if after.Books == nil {
		after.Books = map[string]Mapping{}
	}
	if err := change(after); err != nil {
		return nil, err
	}
	if err := after.checkDraft(); err != nil {
		return nil, err
	}
	e := newEditor(text, note)
	e.apply(before, after)
	out := e.text()
	again, err := ParseDraft(path, out)
	if err != nil || len(differences(again.said(), after.said())) > 0 {
		return nil, &Refusal{Where: path, What: "is written in a form that cannot be changed here without losing something of it", Do: "change it with a text editor; docs/books.md lists every key"}
	}
	return out, nil
}

// said is what a books.yaml says, key by key ("settings.currency",
// "books.orders.columns.amount"), each value as YAML on one line.
func (c *Config) said() map[string]string {
	out := map[string]string{"company": yamlValue(c.Company), "engine": yamlValue(c.Engine)}
	eachKey(reflect.ValueOf(c.Settings), "settings.", out)
	for name, m := range c.Books {
		at := "books." + name + "."
		out[strings.TrimSuffix(at, ".")] = "" // a book without a key is a book
		for column, text := range m.Columns {
			out[at+"columns."+column] = yamlValue(text)
		}
		m.Columns = nil
		eachKey(reflect.ValueOf(m.Source), at+"source.", out)
		m.Source = SourceOptions{}
		eachKey(reflect.ValueOf(m), at, out)
	}
	maps.DeleteFunc(out, func(key, value string) bool { return value == "" && strings.Count(key, ".") != 1 })
	return out
}

// eachKey lists the keys of a struct that say something.
func eachKey(v reflect.Value, prefix string, out map[string]string) {
	for i := range v.NumField() {
		tag, ok := v.Type().Field(i).Tag.Lookup("yaml")
		if !ok {
			continue
		}
		if text := yamlValue(v.Field(i).Interface()); text != "" {
			out[prefix+tag] = text
		}
	}
}

// yamlValue writes a value as YAML on one line; empty where it says nothing.
func yamlValue(v any) string {
	switch v := v.(type) {
	case string:
		if v == "" {
			return ""
		}
		return yamlText(v)
	case int:
		if v == 0 {
			return ""
		}
		return fmt.Sprint(v)
	case *bool:
		if v == nil {
			return ""
		}
		return fmt.Sprint(*v)
	case *Decimal:
		if v == nil {
			return ""
		}
		return decimalText(&v.Rat)
	case List:
		return yamlList(v)
	case []string:
		if len(v) == 0 {
			return ""
		}
		return namesList(v)
	case map[string]string:
		return yamlMap(v)
	case *Tax:
		if v == nil {
			return ""
		}
		return v.yaml()
	case *Unpivot:
		if v == nil {
			return ""
		}
		return v.yaml()
	case []JoinMapping:
		var all []string
		for _, j := range v {
			all = append(all, j.yaml())
		}
		if len(all) == 0 {
			return ""
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	return ""
}

// decimalText writes a decimal of a setting without needless noughts.
func decimalText(r *big.Rat) string {
	text := r.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func yamlList(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return yamlText(items[0])
	}
	texts := make([]string, len(items))
	for i, x := range items {
		texts[i] = yamlText(x)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func yamlMap(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, yamlText(k)+": "+yamlText(m[k]))
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (j JoinMapping) yaml() string {
	parts := []string{"from: " + yamlText(j.From), "on: " + yamlText(j.On)}
	if source := j.Source.yaml(); source != "" {
		parts = append(parts, "source: "+source)
	}
	if len(j.Names) > 0 {
		parts = append(parts, "names: "+namesList(j.Names))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// namesList is a list even of one.
func namesList(names []string) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = yamlText(n)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func (o SourceOptions) yaml() string {
	said := map[string]string{}
	eachKey(reflect.ValueOf(o), "", said)
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(said)) {
		parts = append(parts, k+": "+said[k])
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// differences lists the keys that say something else, in the order in which
// they are written.
func differences(a, b map[string]string) []string {
	var keys []string
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			keys = append(keys, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, inWriting)
	return keys
}

// inWriting orders keys as a proposal writes them.
func inWriting(a, b string) int {
	if x, y := written(a), written(b); x != y {
		return x - y
	}
	return strings.Compare(a, b)
}

var (
	topKeys      = []string{"company", "settings", "books", "engine"}
	settingKeys  = []string{"currency", "timezone", "fiscal_year_starts", "fiscal_year_named", "calendar", "calendar_file", "week_starts", "refused_threshold"}
	mappingKeys  = []string{"from", "source", "names", "join", "where", "columns", "dates", "overlaps", "tax"}
	columnPlaces = 100
)

// written is a key's place in a books.yaml.
func written(key string) int {
	parts := strings.SplitN(key, ".", 4)
	at := slices.Index(topKeys, parts[0]) * 10_000_000
	switch {
	case parts[0] == "settings" && len(parts) > 1:
		at += max(slices.Index(settingKeys, parts[1]), -1) + 100*btoi(!slices.Contains(settingKeys, parts[1]))
	case parts[0] == "books" && len(parts) > 1:
		i := slices.IndexFunc(fact.Books, func(b fact.Book) bool { return b.Name == parts[1] })
		at += (i + 1) * 100_000
		if len(parts) > 2 {
			at += (slices.Index(mappingKeys, parts[2]) + 1) * 1000
		}
		if len(parts) > 3 && i >= 0 {
			at += slices.Index(fact.Books[i].Names(), parts[3]) + columnPlaces
		}
	}
	return at
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
