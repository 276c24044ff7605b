// Package xlsx writes workbooks (ECMA-376) row by row: texts, exact decimals, counts, rates, days and times, each with a
// number format. It owns how a value becomes a cell and that no text becomes a formula; it does not own which figures
// stand in a workbook, and it reads none (internal/books/workbook does).
//
// A text is always an inline string, whatever it begins with, so that no spreadsheet takes it for a formula. A number is
// stored as the double nearest to it. A spreadsheet keeps fifteen significant digits; a decimal with more is not put
// into a cell of numbers but written as text, exactly.
//
// The invariant: memory does not grow with the rows of a sheet, and no cell holds another value than it was given, but for
// a text longer than a cell can hold, which ends with … and is counted.
package xlsx

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Bounds of the format.
const (
	MaxRows = 1_048_576 // of a sheet, its head among them
	maxText = excelize.TotalCellChars
	digits  = 15 // significant ones that a double holds for certain
)

// Cell is one value with its format.
type Cell struct {
	text   string
	format string // of a number; empty: a text
	serial float64
	bold   bool
}

// Text is a text, never a formula.
func Text(text string) Cell { return Cell{text: text} }

// Head is a text in bold.
func Head(text string) Cell { return Cell{text: text, bold: true} }

// Decimal is a plain decimal with so many places shown: as a number where a double holds all its digits, and otherwise as
// the text of them. An empty one is an empty cell.
func Decimal(text string, places int) Cell {
	format := "#,##0"
	if places > 0 {
		format += "." + strings.Repeat("0", places)
	}
	return number(text, format+";-"+format)
}

// Plain is a decimal shown with the places that it has.
func Plain(text string) Cell { return number(text, "General") }

// Rate is a share, shown as a percentage with one decimal.
func Rate(text string) Cell { return number(text, "0.0%") }

func number(text, format string) Cell {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(x, 0) || !Holds(text) {
		return Text(text)
	}
	return Cell{format: format, serial: x}
}

// Holds tells whether a cell of numbers holds every digit of a decimal.
func Holds(decimal string) bool {
	plain := strings.TrimLeft(decimal, "-+")
	if strings.Contains(plain, ".") {
		plain = strings.TrimRight(plain, "0")
	}
	plain = strings.Replace(plain, ".", "", 1)
	return plain != "" && strings.Trim(plain, "0123456789") == "" && len(strings.Trim(plain, "0")) <= digits
}

// epoch is the day 0 of the system of 1900 for all days since its March.
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// Day is a date without a time.
func Day(year int, month time.Month, day int) Cell {
	return Cell{format: "yyyy-mm-dd", serial: serial(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))}
}

// Moment is a date with its time as its clock shows it, to the second.
func Moment(t time.Time) Cell {
	t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	return Cell{format: "yyyy-mm-dd hh:mm:ss", serial: serial(t)}
}

// serial counts days; before March 1900 a spreadsheet has another day than the calendar, which the books' years hardly reach.
func serial(t time.Time) float64 { return float64(t.Unix()-epoch.Unix()) / 86400 }

// Book is a workbook that is being written.
type Book struct {
	file   *excelize.File
	sheet  *Sheet
	sheets int
	styles map[Cell]int
	// Cut counts texts that were longer than a cell holds.
	Cut int64
}

// New begins a workbook. It must be closed.
func New() *Book { return &Book{file: excelize.NewFile(), styles: map[Cell]int{}} }

// Close drops what was held aside.
func (b *Book) Close() error { return b.file.Close() }

// Sheet is one that is being written; the one before it is finished then.
type Sheet struct {
	book *Book
	to   *excelize.StreamWriter
	row  int
	held []any
}

// Sheet begins a sheet with columns of the given widths, in characters; frozen is how many rows at its top stay in sight.
func (b *Book) Sheet(name string, frozen int, widths ...float64) (*Sheet, error) {
	if err := b.finish(); err != nil {
		return nil, err
	}
	var err error
	if b.sheets == 0 {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return nil, fmt.Errorf("write the sheet %s: %w", name, err)
	}
	b.sheets++
	to, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, fmt.Errorf("write the sheet %s: %w", name, err)
	}
	for i, w := range widths {
		if err := to.SetColWidth(i+1, i+1, w); err != nil {
			return nil, fmt.Errorf("write the sheet %s: %w", name, err)
		}
	}
	if frozen > 0 {
		panes := excelize.Panes{Freeze: true, YSplit: frozen, TopLeftCell: "A" + strconv.Itoa(frozen+1), ActivePane: "bottomLeft"}
		if err := to.SetPanes(&panes); err != nil {
			return nil, fmt.Errorf("write the sheet %s: %w", name, err)
		}
	}
	b.sheet = &Sheet{book: b, to: to}
	return b.sheet, nil
}

func (b *Book) finish() error {
	if b.sheet == nil {
		return nil
	}
	err := b.sheet.to.Flush()
	b.sheet = nil
	return err
}

// ErrFull says that a sheet has no room for another row.
var ErrFull = errors.New("a sheet holds 1,048,576 rows")

// Row adds a row.
func (s *Sheet) Row(cells ...Cell) error {
	if s.row == MaxRows {
		return ErrFull
	}
	s.row++
	s.held = s.held[:0]
	for _, c := range cells {
		v, err := s.book.value(c)
		if err != nil {
			return err
		}
		s.held = append(s.held, v)
	}
	at, err := excelize.CoordinatesToCellName(1, s.row)
	if err != nil {
		return err
	}
	return s.to.SetRow(at, s.held)
}

// value is a cell as the library takes it. A value of its type string is written as an inline string.
func (b *Book) value(c Cell) (any, error) {
	if c.format == "" && c.text == "" {
		return nil, nil
	}
	style, err := b.style(c)
	if err != nil {
		return nil, err
	}
	if c.format != "" {
		return excelize.Cell{StyleID: style, Value: c.serial}, nil
	}
	return excelize.Cell{StyleID: style, Value: b.fitting(c.text)}, nil
}

// fitting cuts a text that is longer than a cell holds, in the units of UTF-16 that the limit is counted in.
func (b *Book) fitting(text string) string {
	if len(text) <= maxText {
		return text
	}
	units, cut := 0, 0
	for i, r := range text {
		if units < maxText {
			cut = i
		}
		if units++; r > 0xFFFF {
			units++
		}
	}
	if units <= maxText {
		return text
	}
	b.Cut++
	return text[:cut] + "…"
}

// style finds or makes the style of a cell's format.
func (b *Book) style(c Cell) (int, error) {
	key := Cell{format: c.format, bold: c.bold}
	if id, ok := b.styles[key]; ok {
		return id, nil
	}
	style := &excelize.Style{Font: &excelize.Font{Bold: c.bold}}
	switch {
	case c.format == "":
		style.NumFmt = 49 // text, so that a cell that is edited stays one
	case c.format != "General":
		style.CustomNumFmt = &c.format
	}
	id, err := b.file.NewStyle(style)
	if err != nil {
		return 0, fmt.Errorf("write a workbook: %w", err)
	}
	b.styles[key] = id
	return id, nil
}

// WriteTo finishes the workbook.
func (b *Book) WriteTo(w io.Writer) (int64, error) {
	if err := b.finish(); err != nil {
		return 0, fmt.Errorf("write a workbook: %w", err)
	}
	n, err := b.file.WriteTo(w)
	if err != nil {
		return n, fmt.Errorf("write a workbook: %w", err)
	}
	return n, nil
}
