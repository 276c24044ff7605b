package journey

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/throughline/throughline/calendar"
)

// Nowhere is what the column known_as says of a touchpoint that the books do not name.
const Nowhere = "(none)"

// TouchpointColumns are those of a table of touchpoints, RoleColumns those of a table of roles. Several things in a cell are parted
// by |, the parts of one by :, and a | or : that is meant itself is written \| or \:.
var (
	TouchpointColumns = []string{
		"key", "name", "about", "journey", "stage", "department", "contractor", "department_since", "owner", "owner_since", "known_as", "front", "back",
		"hands_to", "retired", "why", "became",
	}
	RoleColumns = []string{"key", "name", "department", "known_as", "does", "so_that", "notices", "touchpoints", "may", "retired"}
)

// WriteTouchpoints writes the touchpoints as CSV, a row each: who holds them is told as of a day. What a spreadsheet would take for a
// formula gets an apostrophe, which [Map.MergeTable] takes away again.
func (m *Map) WriteTouchpoints(w io.Writer, on calendar.Day) error {
	rows := make([][]string, 0, len(m.Touchpoints))
	for i := range m.Touchpoints {
		rows = append(rows, m.touchpointCells(&m.Touchpoints[i], on))
	}
	return writeTable(w, TouchpointColumns, rows)
}

// WriteRoles writes the roles as CSV, a row each.
func (m *Map) WriteRoles(w io.Writer) error {
	rows := make([][]string, 0, len(m.Roles))
	for i := range m.Roles {
		rows = append(rows, m.roleCells(&m.Roles[i]))
	}
	return writeTable(w, RoleColumns, rows)
}

func writeTable(w io.Writer, columns []string, rows [][]string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(columns); err != nil {
		return err
	}
	for _, row := range rows {
		for i := range row {
			row[i] = guard(lines.Replace(row[i]))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// touchpointCells are in the order of TouchpointColumns.
func (m *Map) touchpointCells(t *Touchpoint, on calendar.Day) []string {
	journey, stage := t.Journey, t.Stage
	if j, ok := m.Journey(t.Journey); ok {
		journey = label(m.Journeys, journeyName, j.Key)
		stage = label(j.Stages, stageName, t.Stage)
	}
	department, contractor := t.Department(on), ""
	if d, ok := m.Department(department); ok {
		contractor = map[bool]string{true: "yes", false: "no"}[d.Contractor]
		department = label(m.Departments, departmentName, department)
	}
	known := make([]string, 0, len(t.KnownAs))
	for _, k := range t.KnownAs {
		known = append(known, knownCell(k))
	}
	if t.Nameless {
		known = []string{Nowhere}
	}
	hands := make([][]string, 0, len(t.HandsTo))
	for _, h := range t.HandsTo {
		hands = append(hands, []string{label(m.Touchpoints, touchpointName, h.To), h.What})
	}
	return []string{
		t.Key, t.Name, t.About, journey, stage, department, contractor, dayCell(sinceWhen(t.Departments, on)), t.Owner(on), dayCell(sinceWhen(t.Owners, on)),
		joinList(known), m.stepCells(t, Front), m.stepCells(t, Back), joinParts(hands), dayCell(t.Retired), t.Why, joinList(t.Into),
	}
}

// stepCells are the steps of one side; those of another department than the touchpoint's say so in square brackets.
func (m *Map) stepCells(t *Touchpoint, side string) string {
	var out []string
	for _, s := range t.Steps {
		if s.Side != side {
			continue
		}
		text := s.Text
		if s.Department != "" {
			text = "[" + label(m.Departments, departmentName, s.Department) + "] " + text
		} else if strings.HasPrefix(text, "[") {
			text = "[] " + text
		}
		out = append(out, text)
	}
	return joinList(out)
}

// roleCells are in the order of RoleColumns.
func (m *Map) roleCells(r *Role) []string {
	var reaches []string
	for _, key := range r.Touchpoints {
		reaches = append(reaches, label(m.Touchpoints, touchpointName, key))
	}
	may := make([][]string, 0, len(r.May))
	for _, a := range r.May {
		may = append(may, []string{a.Means, a.UpTo, a.Within})
	}
	department := r.Department
	if department != "" {
		department = label(m.Departments, departmentName, department)
	}
	return []string{
		r.Key, r.Name, department, joinList(r.KnownAs), r.Does, r.SoThat, r.Notices, joinList(reaches), joinParts(may), dayCell(r.Retired),
	}
}

// What tells the things of a map apart.
func journeyName(j *Journey) (key, name string)       { return j.Key, j.Name }
func stageName(s *Stage) (key, name string)           { return s.Key, s.Name }
func departmentName(d *Department) (key, name string) { return d.Key, d.Name }
func touchpointName(t *Touchpoint) (key, name string) { return t.Key, t.Name }

// resolve is the key of what a cell names, by its key or else by the name that only it has; "" when there is none, or more than one.
func resolve[T any](list []T, of func(*T) (key, name string), text string) (found string, several bool) {
	for i := range list {
		if key, _ := of(&list[i]); key == text {
			return key, false
		}
	}
	for i := range list {
		if key, name := of(&list[i]); Same(name, text) {
			if found != "" {
				return "", true
			}
			found = key
		}
	}
	return found, false
}

// label is what a person reads for a key: the name where it leads back to it, otherwise the key.
func label[T any](list []T, of func(*T) (key, name string), key string) string {
	for i := range list {
		if k, name := of(&list[i]); k == key {
			if name == strings.TrimSpace(name) && !strings.ContainsAny(name, "[]\r\n") {
				if back, _ := resolve(list, of, name); back == key {
					return name
				}
			}
		}
	}
	return key
}

// sinceWhen is from when on somebody holds something who does on a day.
func sinceWhen(trail []Held, on calendar.Day) *calendar.Day {
	var from *calendar.Day
	for _, h := range trail {
		if h.From == nil || *h.From <= on {
			from = h.From
		}
	}
	return from
}

func dayCell(d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// knownCell is a name of the books, with its days behind it where it has any, or where it looks as if it had.
func knownCell(k Known) string {
	if k.From == nil && k.Until == nil && k.Name != Nowhere && !spans.MatchString(k.Name) {
		return k.Name
	}
	return k.Name + " (" + dayCell(k.From) + ".." + dayCell(k.Until) + ")"
}

// joinList writes several things into one cell.
func joinList(list []string) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = strings.NewReplacer(`\`, `\\`, `|`, `\|`).Replace(x)
	}
	return strings.Join(out, " | ")
}

// joinParts writes several things of several parts into one cell; parts that are empty at the end are left out.
func joinParts(list [][]string) string {
	out := make([]string, len(list))
	for i, parts := range list {
		for len(parts) > 1 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
		escaped := make([]string, len(parts))
		for j, x := range parts {
			escaped[j] = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `:`, `\:`).Replace(x)
		}
		out[i] = strings.Join(escaped, " : ")
	}
	return strings.Join(out, " | ")
}

// splitCell reads what joinList wrote, and with colons what joinParts wrote.
func splitCell(cell string, colons bool) [][]string {
	if strings.TrimSpace(cell) == "" {
		return nil
	}
	out := [][]string{{""}}
	add := func(r rune) {
		parts := out[len(out)-1]
		parts[len(parts)-1] += string(r)
	}
	escaped := false
	for _, r := range cell {
		switch {
		case escaped:
			if r != '\\' && r != '|' && (r != ':' || !colons) {
				add('\\')
			}
			add(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '|':
			out = append(out, []string{""})
		case r == ':' && colons:
			out[len(out)-1] = append(out[len(out)-1], "")
		default:
			add(r)
		}
	}
	if escaped {
		add('\\')
	}
	for _, parts := range out {
		for j := range parts {
			parts[j] = strings.TrimSpace(parts[j])
		}
	}
	return out
}

// splitList reads what joinList wrote; things that are empty are left out.
func splitList(cell string) []string {
	var out []string
	for _, parts := range splitCell(cell, false) {
		if parts[0] != "" {
			out = append(out, parts[0])
		}
	}
	return out
}

// formulas begin what a spreadsheet would compute: OWASP, "CSV Injection". The full-width signs are taken for the plain ones in some
// locales.
const formulas = "=+-@＝＋－＠\t\r\n"

// lines end alike in a table, whoever wrote it.
var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// guard keeps a spreadsheet from taking a text for a formula, so that unguard gives the text back.
func guard(text string) string {
	if looksComputed(text) {
		return "'" + text
	}
	return text
}

// unguard undoes guard, and what a person who knows the apostrophe typed.
func unguard(text string) string {
	if rest, ok := strings.CutPrefix(text, "'"); ok && looksComputed(rest) {
		return rest
	}
	return text
}

// looksComputed tells whether a text begins as a formula does, behind any apostrophes.
func looksComputed(text string) bool {
	return strings.IndexFunc(strings.TrimLeft(text, "'"), func(r rune) bool { return strings.ContainsRune(formulas, r) }) == 0
}
