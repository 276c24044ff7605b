package books

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/books/text"
	"github.com/throughline/throughline/internal/books/workbook"
)

// Bounds of what a proposal looks at of a workbook.
const (
	maxSheets   = 60 // of a workbook
	headerAmong = 40 // rows among which the header is looked for
)

// lookWorkbook opens every visible sheet of a workbook far enough to know its
// columns, and says of the others why they are left.
func (p *Proposer) lookWorkbook(ctx context.Context, f found) (out []found, left []Looked, err error) {
	listed, err := workbook.List(f.path)
	if err != nil {
		return nil, nil, err
	}
	f.format = "xlsx"
	for _, l := range listed {
		if l.Table {
			f.tables = append(f.tables, l.Name)
		}
	}
	shown := slices.ContainsFunc(listed, func(l workbook.Listed) bool { return l.Table && !l.Hidden })
	leave := func(sheet, why string) {
		left = append(left, Looked{Files: []string{f.rel}, Sheets: []string{sheet}, Note: why})
	}
	first, opened := true, 0
	for _, l := range listed {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if opened++; opened > maxSheets {
			leave(l.Name, fmt.Sprintf("not looked at: the workbook has more than %d sheets", maxSheets))
			continue
		}
		switch {
		case !l.Table:
			leave(l.Name, "not read: a chart or a macro, not cells")
			continue
		case l.Hidden && (shown || !first):
			leave(l.Name, "not read: the sheet is hidden; source.sheet names it where its rows are wanted")
			continue
		}
		s := f
		s.sheet, s.first = l.Name, first
		first = false
		switch err := s.openSheet(); {
		case errors.Is(err, workbook.ErrEmpty):
			leave(l.Name, "has no rows")
		case err != nil && len(f.tables) == 1:
			return nil, left, err
		case err != nil:
			leave(l.Name, "cannot be read: "+oneLine(reason(err, f.path), 160))
		default:
			out = append(out, s)
		}
	}
	return out, left, nil
}

// openSheet finds a sheet's header and its columns.
func (f *found) openSheet() error {
	rows, err := firstOfSheet(f.path, f.sheet)
	if err != nil {
		return err
	}
	i := headerOf(rows)
	if i > 0 {
		f.headerRow = int(rows[i].Line)
		for _, r := range rows[:i] {
			f.above = append(f.above, oneLine(strings.TrimSpace(strings.Join(strings.Fields(strings.Join(r.Cells, " ")), " ")), 40))
		}
	}
	r, err := workbook.Open(f.path, workbook.Options{Sheet: f.sheet, HeaderRow: f.headerRow})
	if err != nil {
		return err
	}
	defer r.Close() // only read from
	f.columns = asText(r.Columns())
	return nil
}

// firstOfSheet reads the first rows that are not blank, whatever they are.
func firstOfSheet(path, sheet string) (rows []text.Row, err error) {
	no := false
	r, err := workbook.Open(path, workbook.Options{Sheet: sheet, Header: &no})
	if err != nil {
		return nil, err
	}
	defer r.Close() // only read from
	for len(rows) < headerAmong {
		row, err := r.Next()
		var torn *text.Refused
		switch {
		case errors.As(err, &torn):
			continue
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, err
		}
		rows = append(rows, text.Row{Line: row.Line, Cells: slices.Clone(row.Cells)})
	}
	return rows, nil
}

// headerOf is the place of the row that names the columns: the first, unless
// what stands there is a title. A title fills few of the columns that the rows
// below it fill; and no row with a number or a date in it is a header that
// something stands above.
func headerOf(rows []text.Row) int {
	widths := make([]int, len(rows))
	for i, r := range rows {
		widths[i] = filled(r.Cells)
	}
	if len(rows) < 3 {
		return 0
	}
	half := slices.Clone(widths)
	slices.Sort(half)
	need := max(2, (half[len(half)/2]*3+4)/5)
	i := slices.IndexFunc(widths, func(n int) bool { return n >= need })
	if i <= 0 || i == len(rows)-1 || slices.ContainsFunc(rows[i].Cells, isValue) {
		return 0
	}
	return i
}

func filled(cells []string) (n int) {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// isValue tells whether a cell is a number or a date rather than a name.
func isValue(cell string) bool {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return false
	}
	_, numeral := readNumeral(cell)
	_, dated := readMoment(cell)
	return numeral || dated
}

// is tells whether two are the same table.
func (f found) is(other found) bool { return f.path == other.path && f.sheet == other.sheet }

// label names a table for people: the file, and of a workbook of several sheets
// its sheet.
func (f found) label() string {
	if len(f.tables) < 2 {
		return f.rel
	}
	return f.rel + ", sheet " + strconv.Quote(f.sheet)
}

// tabs are the sheets that a group reads of one of its workbooks.
func (g *group) tabs(path string) (out []string) {
	for _, f := range g.files {
		if f.path == path {
			out = append(out, f.sheet)
		}
	}
	return out
}

// settleSheets works out how books.yaml says which sheets a group is. Workbooks
// in which a sheet of that name is another table are given back.
func (g *group) settleSheets() (left []Looked) {
	if g.files[0].format != "xlsx" {
		return nil
	}
	if len(g.files) > 1 || len(g.files[0].tables) == 1 {
		if !slices.ContainsFunc(g.files, func(f found) bool { return !f.first }) {
			return nil // the first visible sheet of each, whatever it is called
		}
	}
	var kept []found
	for i, f := range g.files {
		if i > 0 && f.path == g.files[i-1].path {
			continue
		}
		tabs := g.tabs(f.path)
		names := slices.Clone(g.sheets)
		for _, t := range tabs {
			if !slices.ContainsFunc(names, func(s string) bool { return sameSheet(s, t) }) {
				names = append(names, t)
			}
		}
		clash := ""
		for _, of := range append(slices.Clone(kept), f) {
			for _, t := range of.tables {
				if slices.ContainsFunc(names, func(s string) bool { return sameSheet(s, t) }) && !slices.Contains(g.tabs(of.path), t) {
					clash = t
				}
			}
		}
		if clash != "" {
			left = append(left, Looked{Files: []string{f.rel}, Sheets: tabs, Of: len(f.columns), Note: fmt.Sprintf("has the columns of %s, but the sheet %q is another table there, and a book names its sheets once for all its files", g.files[0].label(), clash)})
			continue
		}
		g.sheets = names
		for _, x := range g.files {
			if x.path == f.path {
				kept = append(kept, x)
			}
		}
	}
	g.files = kept
	return left
}

// selection is how a mapping says which sheets a group is.
func (g *group) selection() (o SourceOptions) {
	switch len(g.sheets) {
	case 0:
	case 1:
		o.Sheet = g.sheets[0]
	default:
		o.Sheets = g.sheets
	}
	o.HeaderRow = g.files[0].headerRow
	if slices.ContainsFunc(g.files, func(f found) bool { return f.headerRow != o.HeaderRow }) {
		o.HeaderRow = 0 // each sheet's is found by itself
	}
	return o
}
