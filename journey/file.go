package journey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Format is what a file of a map says that it is.
const Format = "throughline journey 1"

// file is a map as it is exported.
type file struct {
	Format string `json:"format"`
	Map
}

// Write writes the map as indented JSON with a final newline.
func (m *Map) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(file{Format, m.filled()})
}

// filled has lists where it has none, so that a reader sees which there are.
func (m *Map) filled() Map {
	out := *m
	out.Brands, out.Standards, out.Journeys = append([]Brand{}, m.Brands...), append([]Standard{}, m.Standards...), append([]Journey{}, m.Journeys...)
	out.Departments, out.Touchpoints = append([]Department{}, m.Departments...), append([]Touchpoint{}, m.Touchpoints...)
	out.Roles, out.Aside = append([]Role{}, m.Roles...), append([]Aside{}, m.Aside...)
	return out
}

// MostBytes is the largest file that Read takes.
const MostBytes = 32 << 20

// Misread is what a file of a map does not allow, with where. Lines and columns are counted from 1; 0: of no single one.
type Misread struct {
	Line   int
	Column string // of a table, by its head
	What   string
}

func (e *Misread) Error() string {
	switch {
	case e.Line == 0:
		return e.What
	case e.Column == "":
		return fmt.Sprintf("line %d: %s", e.Line, e.What)
	}
	return fmt.Sprintf("line %d, column %s: %s", e.Line, e.Column, e.What)
}

// limited reads a file that is not too large.
func limited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MostBytes {
		return nil, &Misread{What: fmt.Sprintf("the file has more than %d bytes", MostBytes)}
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// Read reads what Write wrote. A name that no map has, a second document and a file of another format are refused with the line, as
// a [Misread]. Journeys, departments and touchpoints none of which says its order stand in the order of the file. The map is not
// checked: Check says what is wrong with it.
func Read(r io.Reader) (Map, error) {
	var m Map
	data, err := limited(r)
	if err != nil {
		return m, err
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return m, misread(data, syntax.Offset-1, "this is no JSON: %s", syntax)
		}
		return m, misread(data, 0, "this is no JSON: %s", err)
	}
	if err := m.lists(data); err != nil {
		return Map{}, err
	}
	m.place()
	m.order()
	return m, nil
}

// lists reads the lists of a map, each once.
func (m *Map) lists(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return misread(data, 0, "a map is an object in braces")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return misread(data, d.InputOffset(), "%s", err)
		}
		name, at := fmt.Sprint(token), d.InputOffset()
		if seen[name] {
			return misread(data, at, "%q stands twice", name)
		}
		seen[name] = true
		var body json.RawMessage
		if err := d.Decode(&body); err != nil {
			return misread(data, at, "%s", err)
		}
		if err := m.list(data, name, body, d.InputOffset()-int64(len(body))); err != nil {
			return err
		}
	}
	if !seen["format"] {
		return misread(data, 0, "it does not say that it is a map (\"format\": %q)", Format)
	}
	return nil
}

// list reads one of them; start is where its value begins.
func (m *Map) list(data []byte, name string, body json.RawMessage, start int64) error {
	switch name {
	case "format":
		var format string
		if err := json.Unmarshal(body, &format); err != nil || format != Format {
			return misread(data, start, "format %s is not %q", clipped(string(body)), Format)
		}
		return nil
	case "brands":
		return elements(data, name, body, start, &m.Brands)
	case "standards":
		return elements(data, name, body, start, &m.Standards)
	case "journeys":
		return elements(data, name, body, start, &m.Journeys)
	case "departments":
		return elements(data, name, body, start, &m.Departments)
	case "touchpoints":
		return elements(data, name, body, start, &m.Touchpoints)
	case "roles":
		return elements(data, name, body, start, &m.Roles)
	case "aside":
		return elements(data, name, body, start, &m.Aside)
	}
	return misread(data, start, "a map has no %q; it has brands, standards, journeys, departments, touchpoints, roles, aside", clipped(name))
}

// elements reads a list one by one, so that what is wrong is told with its line.
func elements[T any](data []byte, name string, body json.RawMessage, start int64, into *[]T) error {
	if string(body) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return misread(data, start, "%s is a list in brackets", name)
	}
	for n := 1; d.More(); n++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return misread(data, start+d.InputOffset(), "%s", err)
		}
		at := start + d.InputOffset() - int64(len(raw))
		strict := json.NewDecoder(bytes.NewReader(raw))
		strict.DisallowUnknownFields()
		var x T
		if err := strict.Decode(&x); err != nil {
			offset, what := fault(raw, err)
			return misread(data, at+offset, "%s, number %d: %s", name, n, what)
		}
		*into = append(*into, x)
	}
	return nil
}

// fault is where in a value what is wrong stands, and what it is, in words.
func fault(raw []byte, err error) (int64, string) {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		where := ""
		if kind.Field != "" {
			where = " of " + kind.Field
		}
		return max(kind.Offset-1, 0), fmt.Sprintf("the value%s is a %s, and not what stands there in a map", where, kind.Value)
	}
	if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		var name string
		if json.Unmarshal([]byte(quoted), &name) != nil {
			name = strings.Trim(quoted, `"`)
		}
		return keyAt(raw, name), fmt.Sprintf("there is no %q in it; leave it out, or mend its spelling", clipped(name))
	}
	return dateAt(raw, err.Error()), strings.TrimPrefix(err.Error(), "json: ")
}

// keyAt is where a name first stands as the key of an object.
func keyAt(raw []byte, name string) int64 {
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := d.Token()
		if err != nil {
			return 0
		}
		at := d.InputOffset()
		if s, ok := token.(string); ok && s == name && bytes.HasPrefix(bytes.TrimLeft(raw[at:], " \t\r\n"), []byte(":")) {
			return at - 1
		}
	}
}

// dateAt is where the first text stands that a message quotes: a day that is none.
func dateAt(raw []byte, message string) int64 {
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := d.Token()
		if err != nil {
			return 0
		}
		if s, ok := token.(string); ok && strings.Contains(message, fmt.Sprintf("%q", s)) {
			return d.InputOffset() - 1
		}
	}
}

func misread(data []byte, offset int64, what string, args ...any) error {
	offset = min(max(offset, 0), int64(len(data)))
	return &Misread{Line: 1 + bytes.Count(data[:offset], []byte("\n")), What: fmt.Sprintf(what, args...)}
}

// place numbers lists of which nobody says an order as they stand.
func (m *Map) place() {
	renumber(m.Journeys, func(j *Journey) *int { return &j.Order })
	renumber(m.Departments, func(d *Department) *int { return &d.Order })
	renumber(m.Touchpoints, func(t *Touchpoint) *int { return &t.Order })
}

func renumber[T any](list []T, order func(*T) *int) {
	for i := range list {
		if *order(&list[i]) != 0 {
			return
		}
	}
	if len(list) < 2 {
		return
	}
	for i := range list {
		*order(&list[i]) = i + 1
	}
}
