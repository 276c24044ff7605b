package journey

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/calendar"
)

// spans is how the days of a name stand behind it.
var spans = regexp.MustCompile(`(?s)^(.*) \(([^()]*)\.\.([^()]*)\)$`)

// row is one of a table, by its columns.
type row struct {
	line  int
	cells map[string]string
	lines map[string]int
}

// MergeTable reads a table of touchpoints or of roles, as its columns say, into the map by their keys: what is not there yet is made,
// with the journeys, stages and departments that it names; what has no row stays as it is, and so does what has no column. A key that is left out
// is made of the name. A name that is edited is a renaming; another holder holds from the day of the column since, or from the day on. It
// refuses with line, column and value, as a [Misread], and then changes nothing.
func (m *Map) MergeTable(r io.Reader, on calendar.Day) error {
	data, err := limited(r)
	if err != nil {
		return err
	}
	columns, rows, err := readTable(data)
	if err != nil {
		return err
	}
	pieces, err := m.Pieces()
	if err != nil {
		return err
	}
	work, err := Assemble(pieces) // shares nothing with the map
	if err != nil {
		return err
	}
	t := &merging{m: &work, on: on, columns: columns, contractor: map[string]int{}}
	roles, err := work.ofRoles(columns, rows)
	if err != nil {
		return err
	}
	if roles {
		err = t.roles(rows)
	} else {
		err = t.touchpoints(rows)
	}
	if err != nil {
		return err
	}
	work.order()
	*m = work
	return nil
}

// ofRoles tells whether a table is of roles, and not of touchpoints: by a column that only they have. Where every column is of both, it is when all its keys are
// theirs; when all are touchpoints' too, nothing tells.
func (m *Map) ofRoles(columns []string, rows []row) (bool, error) {
	if roles := only(columns, RoleColumns, TouchpointColumns); roles || only(columns, TouchpointColumns, RoleColumns) {
		return roles, nil
	}
	all := func(there func(key string) bool) bool {
		return len(rows) > 0 && !slices.ContainsFunc(rows, func(x row) bool { return !there(x.cells["key"]) })
	}
	touchpoints, roles := all(func(key string) bool { _, ok := m.Touchpoint(key); return ok }), all(func(key string) bool { _, ok := m.Role(key); return ok })
	if touchpoints && roles {
		return false, &Misread{Line: 1, What: fmt.Sprintf("these columns (%s) are of touchpoints and of roles, and so are the keys; add one that only touchpoints have, such as owner, or only roles, such as does, filled as an export has it", strings.Join(columns, ", "))}
	}
	return roles, nil
}

// only tells whether a column is of one table and not of the other.
func only(columns, of, other []string) bool {
	return slices.ContainsFunc(columns, func(c string) bool { return slices.Contains(of, c) && !slices.Contains(other, c) })
}

func readTable(data []byte) (columns []string, rows []row, err error) {
	if !utf8.Valid(data) {
		at := 0
		for at < len(data) {
			r, n := utf8.DecodeRune(data[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return nil, nil, misread(data, int64(at), "the file is not UTF-8; save it as “CSV UTF-8”")
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.Comma, in.FieldsPerRecord = delimiter(data), -1
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, &Misread{Line: 1, What: "the file is empty; its first line names the columns: " + strings.Join(TouchpointColumns, ", ")}
	}
	if err != nil {
		return nil, nil, unread(err)
	}
	if columns, err = heads(head); err != nil {
		return nil, nil, err
	}
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return columns, rows, nil
		}
		if err != nil {
			return nil, nil, unread(err)
		}
		x := row{cells: map[string]string{}, lines: map[string]int{}}
		x.line, _ = in.FieldPos(0)
		filled := false
		for i, cell := range cells {
			cell = strings.TrimSpace(unguard(lines.Replace(cell)))
			filled = filled || cell != ""
			if i >= len(columns) || columns[i] == "" {
				if cell != "" {
					return nil, nil, &Misread{Line: x.line, What: fmt.Sprintf("%q stands in a column that has no head", clipped(cell))}
				}
				continue
			}
			x.cells[columns[i]] = cell
			x.lines[columns[i]], _ = in.FieldPos(i)
		}
		if filled {
			rows = append(rows, x)
		}
	}
}

// delimiter is what parts the heads: a spreadsheet writes the one of its country.
func delimiter(data []byte) rune {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	for _, r := range []rune{',', ';', '\t'} {
		if bytes.ContainsRune(line, r) {
			return r
		}
	}
	return ','
}

func unread(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &Misread{Line: max(parse.StartLine, 1), What: fmt.Sprintf("this is no CSV: %s", parse.Err)}
	}
	return err
}

func heads(head []string) ([]string, error) {
	columns := make([]string, len(head))
	for i, h := range head {
		columns[i] = strings.ReplaceAll(Fold(unguard(h)), " ", "_")
		if columns[i] != "" && slices.Index(columns, columns[i]) != i {
			return nil, &Misread{Line: 1, Column: columns[i], What: "it stands twice"}
		}
	}
	roles := only(columns, RoleColumns, TouchpointColumns)
	for _, c := range columns {
		if known := map[bool][]string{true: RoleColumns, false: TouchpointColumns}[roles]; c != "" && !slices.Contains(known, c) {
			return nil, &Misread{Line: 1, Column: clipped(c), What: "there is no such column; those of touchpoints are " + strings.Join(TouchpointColumns, ", ") + ", and those of roles " + strings.Join(RoleColumns, ", ")}
		}
	}
	if !slices.Contains(columns, "key") && !slices.Contains(columns, "name") {
		return nil, &Misread{Line: 1, What: "there is neither a column key nor a column name"}
	}
	return columns, nil
}

// refuse says what is wrong with a cell.
func (x row) refuse(column, what string, args ...any) error {
	return &Misread{Line: max(x.lines[column], x.line), Column: column, What: fmt.Sprintf("%q: ", clipped(x.cells[column])) + fmt.Sprintf(what, args...)}
}

// day reads a cell of one; nil: it is empty.
func (x row) day(column string) (*calendar.Day, error) {
	if x.cells[column] == "" {
		return nil, nil
	}
	d, err := calendar.ParseDay(x.cells[column])
	if err != nil {
		return nil, x.refuse(column, "a day is written as 2026-03-31")
	}
	return &d, nil
}

// known reads the names of the books.
func (x row) known() (list []Known, nameless bool, err error) {
	cell := x.cells["known_as"]
	if cell == Nowhere {
		return nil, true, nil
	}
	for _, name := range splitList(cell) {
		k := Known{Name: name}
		if at := spans.FindStringSubmatch(name); at != nil {
			k.Name = at[1]
			for i, into := range []**calendar.Day{&k.From, &k.Until} {
				if text := strings.TrimSpace(at[2+i]); text != "" {
					d, err := calendar.ParseDay(text)
					if err != nil {
						return nil, false, x.refuse("known_as", "the days of a name stand behind it as (2025-01-01..2026-01-01), and either may be left out")
					}
					*into = &d
				}
			}
		}
		list = append(list, k)
	}
	return list, false, nil
}
