package books

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/books/text"
)

// Unpivot turns a wide source long: each of some columns becomes a row of its
// own, which holds the column's name and its value beside all other columns.
// A table of a column a year becomes one of a row a year.
type Unpivot struct {
	Columns List   `yaml:"columns"` // names, or patterns with * and ?
	Name    string `yaml:"name"`    // the new column of the names
	Value   string `yaml:"value"`   // the new column of the values
}

// check refuses an unpivoting that says too little.
func (u *Unpivot) check() error {
	switch {
	case len(u.Columns) == 0:
		return fmt.Errorf("source: unpivot: columns is missing; name the columns that become rows, such as [\"20*\"]")
	case u.Name == "" || u.Value == "":
		return fmt.Errorf("source: unpivot: name and value are needed: what the new columns of the old names and of their values are called")
	case strings.EqualFold(u.Name, u.Value):
		return fmt.Errorf("source: unpivot: name and value are both %q", u.Name)
	}
	for _, c := range u.Columns {
		if _, err := path.Match(fold(c), ""); err != nil {
			return fmt.Errorf("source: unpivot: columns: %q is not a pattern", c)
		}
	}
	return nil
}

func (u *Unpivot) yaml() string {
	return "{columns: " + namesList(u.Columns) + ", name: " + yamlText(u.Name) + ", value: " + yamlText(u.Value) + "}"
}

// fold brings a column's name to how patterns meet it: blanks around it and
// the case of its letters do not count, and no part of it is a folder.
func fold(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "/", "\x00")
}

// unpivoted reads each row of a wide source as one row for each column that
// turns. Rows that come of one have its line.
type unpivoted struct {
	rowReader
	columns []string
	kept    []int // columns that stay
	turned  []int // columns that become rows
	names   []string
	row     text.Row
	next    int // the turned column that comes next
	cells   []string
}

func newUnpivoted(r rowReader, file string, u *Unpivot) (*unpivoted, error) {
	if err := u.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	p := &unpivoted{rowReader: r, names: r.Columns()}
	for i, name := range p.names {
		if u.takes(name) {
			p.turned = append(p.turned, i)
			continue
		}
		p.kept = append(p.kept, i)
		p.columns = append(p.columns, name)
	}
	for _, pattern := range u.Columns {
		if !slices.ContainsFunc(p.turned, func(i int) bool { return matches(pattern, p.names[i]) }) {
			return nil, fmt.Errorf("%s: source: unpivot: no column is called %q; there are %s", file, pattern, firstNames(p.names))
		}
	}
	for _, name := range []string{u.Name, u.Value} {
		if slices.ContainsFunc(p.columns, func(c string) bool { return fold(c) == fold(name) }) {
			return nil, fmt.Errorf("%s: source: unpivot: a column is called %q already; call the new one otherwise", file, name)
		}
	}
	p.columns = append(p.columns, u.Name, u.Value)
	p.next = len(p.turned)
	return p, nil
}

func (u *Unpivot) takes(name string) bool {
	return slices.ContainsFunc(u.Columns, func(p string) bool { return matches(p, name) })
}

// matches lets a pattern that is a column's very name be that column.
func matches(pattern, name string) bool {
	if fold(pattern) == fold(name) {
		return true
	}
	ok, err := path.Match(fold(pattern), fold(name))
	return err == nil && ok
}

// firstNames lists names, the first twelve of many.
func firstNames(names []string) string {
	if len(names) > 12 {
		return strings.Join(names[:12], ", ") + fmt.Sprintf(" and %d more", len(names)-12)
	}
	return strings.Join(names, ", ")
}

func (p *unpivoted) Columns() []string { return p.columns }

func (p *unpivoted) Next() (text.Row, error) {
	if p.next == len(p.turned) {
		row, err := p.rowReader.Next()
		if err != nil {
			return row, err
		}
		p.row, p.next = row, 0
	}
	i := p.turned[p.next]
	p.next++
	p.cells = p.cells[:0]
	for _, k := range p.kept {
		p.cells = append(p.cells, p.row.Cells[k])
	}
	p.cells = append(p.cells, strings.TrimSpace(p.names[i]), p.row.Cells[i])
	return text.Row{Line: p.row.Line, Cells: p.cells}, nil
}
