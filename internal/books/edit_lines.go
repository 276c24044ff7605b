package books

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/throughline/throughline/fact"
)

// editor changes single keys of a books.yaml line by line. It knows blocks of
// keys by their indentation; what it cannot find its way in, Edit refuses
// because the result does not say what was wanted.
type editor struct {
	lines []string
	note  string
}

func newEditor(text []byte, note string) *editor {
	e := &editor{note: oneLine(note, 300)}
	if len(text) > 0 {
		e.lines = strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	}
	return e
}

func (e *editor) text() []byte { return []byte(strings.Join(e.lines, "\n") + "\n") }

// apply changes every key that says something else.
func (e *editor) apply(before, after *Config) {
	was, is := before.said(), after.said()
	for _, key := range differences(was, is) {
		path := strings.Split(key, ".")
		_, had := before.Books[path[min(1, len(path)-1)]]
		_, has := after.Books[path[min(1, len(path)-1)]]
		switch {
		case path[0] == "books" && !has:
			e.remove(path[:2])
		case path[0] == "books" && !had:
			if len(path) == 2 {
				e.add([]string{"books"}, after.bookLines(path[1]))
			}
		case path[0] == "books" && len(path) == 2:
		case is[key] == "":
			e.remove(path)
		default:
			e.set(path, is[key])
			if path[0] == "books" && path[len(path)-1] == "tax" {
				e.dropGross(path[1])
			}
		}
	}
}

// bookLines writes a book's mapping as lines below `books:`.
func (c *Config) bookLines(name string) []string {
	m := c.Books[name]
	lines := []string{name + ":"}
	say := func(key, value string) {
		if value != "" {
			lines = append(lines, "  "+key+": "+value)
		}
	}
	say("from", yamlList(m.From))
	say("source", m.Source.yaml())
	if len(m.Names) > 0 {
		say("names", namesList(m.Names))
	}
	say("join", yamlValue(m.Join))
	say("where", yamlValue(m.Where))
	if len(m.Columns) > 0 {
		lines = append(lines, "  columns:")
	}
	book, _ := fact.Find(name)
	for _, column := range book.Names() {
		say("  "+column, yamlValue(m.Columns[column]))
	}
	say("dates", yamlList(m.Dates))
	say("overlaps", yamlValue(m.Overlaps))
	say("tax", yamlValue(m.Tax))
	return lines
}

// block is the lines of a key and what stands below it.
type block struct {
	from, to int // the key's line, and the one after the last of it
	indent   int
}

var keyLine = regexp.MustCompile(`^( *)("[^"]*"|'[^']*'|[A-Za-z_][A-Za-z0-9_-]*) *:( .*|\t.*)?$`)

// indentOf is a line's indentation; content is false for blank lines and
// comments.
func indentOf(line string) (indent int, content bool) {
	rest := strings.TrimLeft(line, " ")
	rest = strings.TrimRight(rest, "\r\t ")
	return len(line) - len(strings.TrimLeft(line, " ")), rest != "" && !strings.HasPrefix(rest, "#")
}

// find looks a key up; within is where its container stands when it is not
// there itself.
func (e *editor) find(path []string) (found block, ok bool) {
	at := block{from: -1, to: len(e.lines), indent: -2}
	for i, key := range path {
		b, ok := e.child(at, key)
		if !ok {
			return block{}, false
		}
		if i == len(path)-1 {
			return b, true
		}
		at = b
	}
	return block{}, false
}

// child finds a key among those directly below a block.
func (e *editor) child(of block, key string) (block, bool) {
	indent, some := e.below(of)
	if !some {
		return block{}, false
	}
	for i := of.from + 1; i < of.to; i++ {
		at, content := indentOf(e.lines[i])
		if !content || at != indent {
			continue
		}
		m := keyLine.FindStringSubmatch(strings.TrimRight(e.lines[i], "\r"))
		if m != nil && strings.Trim(m[2], `"'`) == key {
			return block{i, e.end(i, of.to, indent), indent}, true
		}
	}
	return block{}, false
}

// below is the indentation of the keys directly below a block.
func (e *editor) below(of block) (indent int, some bool) {
	for i := of.from + 1; i < of.to; i++ {
		at, content := indentOf(e.lines[i])
		if line := strings.TrimSpace(e.lines[i]); content && line != "---" && !strings.HasPrefix(line, "%") {
			return at, at > of.indent
		}
	}
	return 0, false
}

// end is the line after a key's last: the next content of no deeper
// indentation, but for the dashes of a list at the key's own.
func (e *editor) end(from, to, indent int) int {
	last := from
	for i := from + 1; i < to; i++ {
		at, content := indentOf(e.lines[i])
		dash := at == indent && strings.HasPrefix(strings.TrimSpace(e.lines[i]), "-") && !strings.HasPrefix(strings.TrimSpace(e.lines[i]), "---")
		switch {
		case content && at <= indent && !dash:
			return last + 1
		case content, at > indent && strings.TrimSpace(e.lines[i]) != "":
			last = i
		}
	}
	return last + 1
}

// remove takes a key away, and its container when nothing is left in it.
func (e *editor) remove(path []string) {
	b, ok := e.open(path)
	if !ok {
		return
	}
	e.lines = slices.Delete(e.lines, b.from, b.to)
	if len(path) < 2 {
		return
	}
	if parent, ok := e.find(path[:len(path)-1]); ok {
		if _, some := e.below(parent); !some {
			e.lines = slices.Delete(e.lines, parent.from, parent.from+1)
		}
	}
}

// open finds a key, spreading its containers over lines where they stand on
// one.
func (e *editor) open(path []string) (block, bool) {
	for i := 1; i < len(path); i++ {
		container, ok := e.find(path[:i])
		if !ok {
			return block{}, false
		}
		e.spread(container)
	}
	return e.find(path)
}

// set writes a key's value.
func (e *editor) set(path []string, value string) {
	if b, ok := e.open(path); ok {
		line := fmt.Sprintf("%s%s: %s%s", strings.Repeat(" ", b.indent), path[len(path)-1], value, e.comment())
		e.lines = slices.Replace(e.lines, b.from, b.to, line)
		return
	}
	e.add(path[:len(path)-1], []string{path[len(path)-1] + ": " + value + e.comment()})
}

func (e *editor) comment() string {
	if e.note == "" {
		return ""
	}
	return " # " + e.note
}

// add writes lines at the end of a container, which is made where it is not
// there; the first line of the whole is the key.
func (e *editor) add(container, lines []string) {
	at := block{from: -1, to: e.end(-1, len(e.lines), -2), indent: -2}
	if len(container) > 0 {
		var ok bool
		if at, ok = e.open(container); !ok {
			e.add(container[:len(container)-1], []string{container[len(container)-1] + ":"})
			at, _ = e.open(container)
		}
		e.spread(at)
		at, _ = e.find(container)
	}
	indent, some := e.below(at)
	if !some {
		indent = at.indent + 2
	}
	if len(container) == 1 && container[0] == "books" || len(container) == 0 {
		lines = slices.Clone(lines)
		lines[0] += e.newNote(lines[0])
	}
	for i, line := range lines {
		lines[i] = strings.Repeat(" ", indent) + line
	}
	e.lines = slices.Insert(e.lines, at.to, lines...)
}

// newNote is the note on a new book's first line.
func (e *editor) newNote(line string) string {
	if strings.Contains(line, " #") || !strings.HasSuffix(line, ":") {
		return ""
	}
	if line == "books:" || line == "settings:" {
		return ""
	}
	return e.comment()
}

// spread writes a container that stands on one line, as {a: b}, over several.
// An empty one loses its value.
func (e *editor) spread(b block) {
	head, tail, _ := strings.Cut(strings.Join(e.lines[b.from:b.to], "\n"), ":")
	body := strings.TrimSpace(tail)
	if body == "" || strings.HasPrefix(body, "#") || !strings.HasPrefix(body, "{") && !slices.Contains([]string{"null", "~"}, body) {
		return
	}
	var items yaml.MapSlice
	if err := yaml.Unmarshal([]byte(tail), &items); err != nil {
		return // Edit will refuse
	}
	lines := []string{head + ":"}
	for _, item := range items {
		lines = append(lines, strings.Repeat(" ", b.indent+2)+yamlText(fmt.Sprint(item.Key))+": "+flow(item.Value))
	}
	e.lines = slices.Replace(e.lines, b.from, b.to, lines...)
}

// flow writes any value on one line.
func flow(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return yamlText(v)
	case yaml.MapSlice:
		var parts []string
		for _, item := range v {
			parts = append(parts, yamlText(fmt.Sprint(item.Key))+": "+flow(item.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case map[string]any:
		var items yaml.MapSlice
		for k, x := range v {
			items = append(items, yaml.MapItem{Key: k, Value: x})
		}
		slices.SortFunc(items, func(a, b yaml.MapItem) int { return strings.Compare(fmt.Sprint(a.Key), fmt.Sprint(b.Key)) })
		return flow(items)
	case []any:
		texts := make([]string, len(v))
		for i, x := range v {
			texts[i] = flow(x)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	}
	return fmt.Sprint(v)
}
