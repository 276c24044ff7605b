package books

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/throughline/throughline/internal/books/workbook"
	"github.com/throughline/throughline/internal/snapshot"
)

// place is what one source is read from: a file, or one of the sheets that a
// mapping names of a workbook.
type place struct {
	path  string
	sheet string // empty: the file is one source
}

// beside parts a file's name from its sheet's in the name of a source.
const beside = "#"

// called is the name of a source.
func (c *Config) called(p place) string {
	if p.sheet == "" {
		return c.name(p.path)
	}
	return c.name(p.path) + beside + p.sheet
}

// at is the mapping as it reads one source.
func (m Mapping) at(p place) Mapping {
	m.Source.Sheets = nil
	if p.sheet != "" {
		m.Source.Sheet = p.sheet
	}
	return m
}

// places lists the sources of a mapping: its files, and of a workbook the
// sheets that `source.sheets` names, each of them. A sheet that no workbook has
// is a source that cannot be read, and so are the sheets of a workbook that has
// none of them: whoever opens one says which sheets there are.
func (c *Config) places(book string, m Mapping) (out []place, missing, err error) {
	files, missing, err := c.files(book, m)
	if err != nil {
		return nil, nil, err
	}
	found := map[string]bool{}
	first := -1 // the place of the first workbook that can be looked into
	for _, path := range files {
		if len(m.Source.Sheets) == 0 || !workbook.Claims(path) {
			out = append(out, place{path: path})
			continue
		}
		listed, err := workbook.List(path)
		n := len(out)
		if err == nil && first < 0 {
			first = n
		}
		for _, l := range listed {
			if l.Table && slices.ContainsFunc(m.Source.Sheets, func(s string) bool { return sameSheet(s, l.Name) }) {
				found[foldSheet(l.Name)] = true
				out = append(out, place{path, l.Name})
			}
		}
		if len(out) == n {
			out = append(out, place{path, m.Source.Sheets[0]})
		}
	}
	if first >= 0 {
		for _, s := range m.Source.Sheets {
			if !found[foldSheet(s)] && !slices.Contains(out, place{out[first].path, s}) {
				out = append(out, place{out[first].path, s})
			}
		}
	}
	return out, missing, nil
}

// Sheets are told apart as Excel does: not by the case of letters.
func foldSheet(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func sameSheet(a, b string) bool { return foldSheet(a) == foldSheet(b) }

// fileOf is the file of a source, without its sheet.
func fileOf(s snapshot.Source) string { return strings.TrimSuffix(s.Path, beside+sheetOf(s)) }

// sheetOf is the sheet of a source of several of one workbook; empty: none.
func sheetOf(s snapshot.Source) string {
	var state State
	if err := json.Unmarshal([]byte(s.State), &state); err != nil {
		return ""
	}
	return state.Sheet
}

// OtherSheets tells whether the mapping names sheets and none of these.
func (o SourceOptions) OtherSheets(than []string) bool {
	named := o.named()
	return len(named) > 0 && !slices.ContainsFunc(named, func(s string) bool {
		return slices.ContainsFunc(than, func(t string) bool { return sameSheet(s, t) })
	})
}

// Reads tells whether the mapping names a sheet.
func (o SourceOptions) Reads(sheet string) bool {
	return slices.ContainsFunc(o.named(), func(s string) bool { return sameSheet(s, sheet) })
}

// named are the sheets that the mapping names.
func (o SourceOptions) named() []string {
	if o.Sheet != "" {
		return []string{o.Sheet}
	}
	return o.Sheets
}

// checkSheets refuses names of sheets that contradict each other.
func (o SourceOptions) checkSheets() error {
	if o.Sheet != "" && len(o.Sheets) > 0 {
		return fmt.Errorf("source: sheet and sheets are both given; name all sheets in sheets")
	}
	for i, name := range o.Sheets {
		if strings.TrimSpace(name) == "" {
			return fmt.Errorf("source: sheets: one of the names is empty")
		}
		if slices.ContainsFunc(o.Sheets[:i], func(s string) bool { return sameSheet(s, name) }) {
			return fmt.Errorf("source: sheets: %q is named twice", name)
		}
	}
	if o.HeaderRow > 0 && o.Header != nil && !*o.Header {
		return fmt.Errorf("source: header_row names the row of the header, and header: false says that there is none")
	}
	if o.HeaderRow < 0 || o.HeaderRow > maxHeaderRow {
		return fmt.Errorf("source: header_row: %d is no row of a sheet from 1 to %d", o.HeaderRow, maxHeaderRow)
	}
	return nil
}

// maxHeaderRow is how far down a sheet its header may stand.
const maxHeaderRow = 1000

// saysNothing refuses keys of a source that are written and say nothing: no
// sheets, or the row before the first. Without a word they would be read as
// if they were not there.
func (c *Config) saysNothing(data []byte) error {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil // which the reading of it has taken
	}
	for name, m := range c.Books {
		sources := []string{"$.books." + name + ".source"}
		for i := range m.Join {
			sources = append(sources, fmt.Sprintf("$.books.%s.join[%d].source", name, i))
		}
		for _, source := range sources {
			if line := lineOf(file, source+".sheets", func(text string) bool { return text == "[]" || text == "null" || text == "" }); line > 0 {
				return &Refusal{Where: fmt.Sprintf("%s:%d", c.path, line), What: "source.sheets names no sheet", Do: "name at least one, or leave the key out to read the first visible sheet"}
			}
			if line := lineOf(file, source+".header_row", func(text string) bool { return text == "0" || text == "null" || text == "" }); line > 0 {
				return &Refusal{Where: fmt.Sprintf("%s:%d", c.path, line), What: "source.header_row names no row: the first row of a sheet is 1", Do: "write the number that the sheet shows beside the row, or leave the key out to have it found"}
			}
		}
	}
	return nil
}

// lineOf is the line of a key whose value is such; 0 where it is not there.
func lineOf(file *ast.File, key string, such func(text string) bool) int {
	path, err := yaml.PathString(key)
	if err != nil {
		return 0
	}
	node, err := path.FilterFile(file)
	if err != nil || node == nil || !such(strings.TrimSpace(node.String())) {
		return 0
	}
	return node.GetToken().Position.Line
}
