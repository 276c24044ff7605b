// Package workbook reads the rows of one sheet of an Office Open XML workbook (.xlsx, .xlsm; ISO/IEC 29500, transitional
// and strict) as cells of text, in the shapes that internal/books/text gives rows of text files. It owns the way from the
// parts of the zip file to cells: which sheet, shared texts, numbers as decimals, date formats as ISO 8601, stored results
// of formulas. It does not own what a cell means, computes no formula and writes nothing. A sheet is read as a stream, so
// memory grows with the workbook's table of shared texts and the longest row, not with the number of rows. Invariant:
// every row of the sheet that is not blank is given once or refused once, under its own number in the sheet, in increasing
// order; a torn or damaged part is an error, never an end.
package workbook

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/throughline/throughline/internal/books/text"
)

// Options say what cannot be detected. The zero value reads the first visible sheet and expects a header.
type Options struct {
	Sheet   string   // its name; "" is the first visible one
	Header  *bool    // nil: there is one unless Names are given; true with Names: the header is skipped and Names stand
	Names   []string // the columns of a sheet without a header
	Decimal string   // the sign with which numbers are written out; "" is "."
	// HeaderRow is the row of the sheet that names the columns, counted from 1; what stands above it is left out. 0: the
	// first row that is not blank.
	HeaderRow int
	// FindHeader gives, of a sheet's first rows, the place of the one that names the columns, where HeaderRow is 0; nil:
	// the first that is not blank.
	FindHeader func(rows []text.Row) int
}

// A Reader reads the rows of one sheet. It is not safe for concurrent use, except for Bytes.
type Reader struct {
	name     string
	file     *counter
	sheet    *sheet
	columns  []string
	standard string // what a row may not have more cells than
	waiting  []held
	cells    []string
	ended    error
}

// held is a row that was looked at before it was asked for.
type held struct {
	row text.Row
	err error // a *text.Refused, or what ends the reading
}

// sampled is how many rows tell the number of columns where no header does.
const sampled = 100

// Claims says by its first bytes whether a file is this package's to read or to refuse: a zip file, or the container of
// old and of encrypted workbooks.
func Claims(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close() // only read from
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	return strings.HasPrefix(string(head[:n]), zipMagic) || string(head[:n]) == oleMagic
}

const (
	zipMagic = "PK\x03\x04"
	oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)

// counter counts the bytes read of a file.
type counter struct {
	*os.File
	count atomic.Int64
}

func (c *counter) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.File.ReadAt(p, at)
	c.count.Add(int64(n))
	return n, err
}

// Open opens a sheet of the workbook at path and settles its columns. Errors begin with the path.
func Open(path string, o Options) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, problem(path, "cannot be opened", err)
	}
	r := &Reader{name: path, file: &counter{File: f}}
	if err := r.open(o); err != nil {
		return nil, errors.Join(named(path, err), r.Close())
	}
	return r, nil
}

// Listed is a sheet as the workbook lists it.
type Listed struct {
	Name   string
	Hidden bool
	Table  bool // of cells; not a chart or a macro
}

// List lists the sheets of a workbook in their order.
func List(path string) ([]Listed, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, problem(path, "cannot be opened", err)
	}
	defer f.Close() // only read from
	parts, err := openArchive(&counter{File: f})
	if err != nil {
		return nil, named(path, err)
	}
	b, err := readBook(parts)
	if err != nil {
		return nil, named(path, err)
	}
	out := make([]Listed, len(b.sheets))
	for i, s := range b.sheets {
		out[i] = Listed{s.name, s.hidden, s.table}
	}
	return out, nil
}

// Sheets names the sheets of cells in their order, the hidden ones last.
func Sheets(path string) ([]string, error) {
	listed, err := List(path)
	if err != nil {
		return nil, err
	}
	var shown, hidden []string
	for _, s := range listed {
		switch {
		case !s.Table:
		case s.Hidden:
			hidden = append(hidden, s.Name)
		default:
			shown = append(shown, s.Name)
		}
	}
	return append(shown, hidden...), nil
}

func (r *Reader) open(o Options) error {
	parts, err := openArchive(r.file)
	if err != nil {
		return err
	}
	book, err := readBook(parts)
	if err != nil {
		return err
	}
	chosen, err := book.choose(o.Sheet)
	if err != nil {
		return err
	}
	if o.HeaderRow == 0 && o.FindHeader != nil && (o.Header == nil && len(o.Names) == 0 || o.Header != nil && *o.Header) {
		if r.sheet, err = book.open(parts, chosen, o.Decimal); err != nil {
			return err
		}
		rows := r.sheet.head()
		if i := o.FindHeader(rows); i > 0 {
			o.HeaderRow = int(rows[i].Line)
		}
	}
	if r.sheet, err = book.open(parts, chosen, o.Decimal); err != nil {
		return err
	}
	return r.settle(o, book)
}

// headRows are how many rows a header is looked for among.
const headRows = 40

// head reads the first rows that are not blank, without those that cannot be read.
func (s *sheet) head() (rows []text.Row) {
	for len(rows) < headRows {
		row, err := s.next()
		var refused *text.Refused
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			return rows // whoever reads the rows is told
		}
		rows = append(rows, text.Row{Line: row.Line, Cells: slices.Clone(row.Cells)})
	}
	return rows
}

// settle names the columns.
func (r *Reader) settle(o Options, book *book) error {
	header := len(o.Names) == 0
	if o.Header != nil {
		header = *o.Header
	}
	if header {
		row, err := r.header(o.HeaderRow)
		if err == io.EOF {
			return r.sheet.empty(book)
		}
		if err != nil {
			return err
		}
		r.columns = text.UniqueNames(withoutTail(row.Cells))
		r.standard = "the header has"
		r.sheet.top = row.Line
	}
	switch {
	case len(o.Names) > 0:
		r.columns = text.UniqueNames(o.Names)
		r.standard = "names lists"
	case !header:
		widest, err := r.look(book)
		if err != nil {
			return err
		}
		r.columns = text.UniqueNames(make([]string, widest))
		r.standard = "the first rows have"
	}
	r.sheet.names = r.columns
	return nil
}

// header is the row that names the columns: the one of that number, or the first that is not blank where it is 0.
func (r *Reader) header(line int) (text.Row, error) {
	for {
		row, err := r.sheet.next()
		var refused *text.Refused
		switch {
		case errors.As(err, &refused) && refused.Line < int64(line):
			continue
		case err == io.EOF && line > 0 && r.sheet.line > 0:
			return row, fmt.Errorf("%s ends before row %d, which source.header_row says names the columns", r.sheet.what, line)
		case err == io.EOF:
			return row, err
		case err != nil:
			return row, fmt.Errorf("the header on %w", err)
		case row.Line > int64(line) && line > 0:
			return row, fmt.Errorf("row %d of %s is blank, and source.header_row says that it names the columns", line, r.sheet.what)
		case row.Line == int64(line) || line == 0:
			return row, nil
		}
	}
}

// look holds the first rows and tells the most columns that one of them has.
func (r *Reader) look(book *book) (widest int, err error) {
	for len(r.waiting) < sampled {
		row, err := r.sheet.next()
		var refused *text.Refused
		if err != nil && !errors.As(err, &refused) {
			if err == io.EOF && len(r.waiting) == 0 {
				return 0, r.sheet.empty(book)
			}
			r.waiting = append(r.waiting, held{err: err})
			break
		}
		widest = max(widest, len(withoutTail(row.Cells)))
		row.Cells = slices.Clone(row.Cells)
		r.waiting = append(r.waiting, held{row, err})
	}
	if widest == 0 {
		return 0, errors.New("no row at the beginning of the sheet can be read")
	}
	return widest, nil
}

// Columns are the names of the columns: the header's cells from column A on, trimmed; a blank one is "column 3" by its
// place, a repeated one gets " 1", " 2" and so on.
func (r *Reader) Columns() []string { return slices.Clone(r.columns) }

// Sheet is the name of the sheet that is read.
func (r *Reader) Sheet() string { return r.sheet.name }

// Merged is how many ranges of merged cells below the header cover more than one row: their value stands in the first of
// them only. They are listed after the rows, so this is known once Next has given io.EOF.
func (r *Reader) Merged() int { return r.sheet.merged }

// Next gives the next row that is not blank, with its number in the sheet. The error is io.EOF at the end, a
// *text.Refused for a row that cannot be read (reading goes on after it), and any other error ends the reading for good.
// Cells is used again by the next call, the strings in it may be kept.
func (r *Reader) Next() (text.Row, error) {
	if r.ended != nil {
		return text.Row{}, r.ended
	}
	row, err := r.take()
	if err != nil {
		var refused *text.Refused
		if errors.As(err, &refused) {
			return text.Row{}, refused
		}
		r.ended = err
		if err != io.EOF {
			r.ended = named(r.name, err)
		}
		return text.Row{}, r.ended
	}
	cells := withoutTail(row.Cells)
	if want := len(r.columns); len(cells) > want {
		return text.Row{}, &text.Refused{Line: row.Line, Value: excerpt(cells[len(cells)-1]),
			Reason: fmt.Sprintf("has something in column %s, %s %s", letters(len(cells)), r.standard, columnCount(want))}
	}
	r.cells = append(r.cells[:0], cells...)
	for len(r.cells) < len(r.columns) {
		r.cells = append(r.cells, "") // a sheet does not store blanks
	}
	return text.Row{Line: row.Line, Cells: r.cells}, nil
}

func (r *Reader) take() (text.Row, error) {
	if len(r.waiting) == 0 {
		return r.sheet.next()
	}
	first := r.waiting[0]
	r.waiting = r.waiting[1:]
	return first.row, first.err
}

// Bytes is how much of the file has been taken in; for progress, from any goroutine.
func (r *Reader) Bytes() int64 { return r.file.count.Load() }

// Close closes the file.
func (r *Reader) Close() error {
	if err := r.file.Close(); err != nil {
		return problem(r.name, "cannot be closed", err)
	}
	return nil
}

// withoutTail cuts the blank cells at the end of a row.
func withoutTail(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

func columnCount(n int) string {
	if n == 1 {
		return "1 column"
	}
	return strconv.Itoa(n) + " columns"
}

// letters is a column as a sheet calls it: 1 is A, 27 is AA.
func letters(column int) string {
	name := ""
	for ; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

// sourceError is an error of a whole file in our words; the cause stays for errors.Is but is not printed.
type sourceError struct {
	name, reason string
	cause        error
}

func (e *sourceError) Error() string { return strings.TrimPrefix(e.name+": ", ": ") + e.reason }
func (e *sourceError) Unwrap() error { return e.cause }

func problem(name, reason string, cause error) error {
	return &sourceError{name: name, reason: reason, cause: cause}
}

// named puts the path before an error.
func named(path string, err error) error { return problem(path, err.Error(), err) }

// damaged says in our words why a part cannot be read.
func damaged(what string, err error) error {
	var told *sourceError
	switch {
	case errors.As(err, &told):
		return err
	case errors.Is(err, zip.ErrAlgorithm):
		return problem("", what+" is packed in a way that is not read; save the workbook again", err)
	case errors.Is(err, zip.ErrChecksum):
		return problem("", what+" is damaged: its checksum is wrong; export it again", err)
	}
	return problem("", what+" is torn or damaged; export it again", err)
}

// excerpt is the beginning of a cell on one line.
func excerpt(cell string) string {
	cell = strings.Join(strings.Fields(cell), " ")
	if runes := []rune(cell); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return cell
}
