package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
)

// A column takes the cells of one column of a file, one a row.
type column interface {
	asked() ask
	// take appends a cell's value; known is false when the cell is blank, and
	// then the column's mark for the unknown is appended.
	take(cell string) (known bool, err error)
	// cut shortens the column to n rows.
	cut(n int)
}

// ask says which column is wanted and what a blank cell in it means.
type ask struct {
	flag  string // that named it, without hyphens
	name  string // in the file
	blank blank
}

func (a ask) asked() ask { return a }

// blank is what a blank cell does.
type blank int

const (
	blankRefused blank = iota // the file is refused
	blankLeftOut              // the row is left out, and counted
	blankKept                 // the row stays, with the column's mark for the unknown
)

// isBlank tells an unknown value, as spreadsheets, R, Python and SQL write it.
// Only in numbers and days: a text "NA" may be somebody's name.
func isBlank(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "na", "n/a", "nan", "null", "none", ".":
		return true
	}
	return false
}

// numbers are cells as numbers; a blank is NaN, which no known cell is. True
// and false are 1 and 0.
type numbers struct {
	ask
	values []float64
}

func (c *numbers) cut(n int) { c.values = c.values[:n] }

func (c *numbers) take(cell string) (bool, error) {
	x, known, err := readNumber(cell)
	c.values = append(c.values, x)
	return known, err
}

// readNumber reads a finite decimal number with a point.
func readNumber(cell string) (x float64, known bool, err error) {
	cell = strings.TrimSpace(cell)
	if isBlank(cell) {
		return math.NaN(), false, nil
	}
	switch strings.ToLower(cell) {
	case "true":
		return 1, true, nil
	case "false":
		return 0, true, nil
	}
	if strings.Trim(cell, "+-.0123456789eE") != "" {
		return 0, false, fmt.Errorf("%q is not a number (written with a point and without separators, as in 1234.5)", cell)
	}
	x, err = strconv.ParseFloat(cell, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, false, fmt.Errorf("%q is too large for a number", cell)
	case err != nil:
		return 0, false, fmt.Errorf("%q is not a number (written with a point and without separators, as in 1234.5)", cell)
	}
	return x, true, nil
}

// labels are cells as names: of units, groups, customers. Each is a code into
// names, which stand in the order of first appearance; a blank is -1.
type labels struct {
	ask
	codes []int32
	names []string
	index map[string]int32
	same  func(cell string) string // how a cell is told from others, where that is not how it is written
}

func (c *labels) cut(n int) { c.codes = c.codes[:n] }

func (c *labels) take(cell string) (bool, error) {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		c.codes = append(c.codes, -1)
		return false, nil
	}
	key := cell
	if c.same != nil {
		key = c.same(cell)
	}
	code, ok := c.index[key]
	if !ok {
		if c.index == nil {
			c.index = map[string]int32{}
		}
		code = int32(len(c.names))
		c.index[strings.Clone(key)], c.names = code, append(c.names, strings.Clone(cell)) // a cell keeps its whole line alive
	}
	c.codes = append(c.codes, code)
	return true, nil
}

// optional adds a column of names where its flag names one; else it is nil.
func optional(out []column, a ask) (*labels, []column) {
	if a.name == "" {
		return nil, out
	}
	c := &labels{ask: a}
	return c, append(out, c)
}

// ints are the codes as regressions take them.
func (c *labels) ints() []int {
	out := make([]int, len(c.codes))
	for i, code := range c.codes {
		out[i] = int(code)
	}
	return out
}

// noDay marks a blank in days.
const noDay = calendar.Day(math.MinInt32)

// days are cells as days; the time of day is left away, as it is written.
type days struct {
	ask
	values []calendar.Day
}

func (c *days) cut(n int) { c.values = c.values[:n] }

func (c *days) take(cell string) (bool, error) {
	cell = strings.TrimSpace(cell)
	if isBlank(cell) {
		c.values = append(c.values, noDay)
		return false, nil
	}
	day, err := readDay(cell)
	c.values = append(c.values, day)
	return true, err
}

// readDay reads 2024-05-01, 20240501 and either with a time after it.
func readDay(cell string) (calendar.Day, error) {
	text, digits := cell, strings.Trim(cell, "0123456789") == ""
	switch {
	case digits && len(cell) == 8:
		text = cell[:4] + "-" + cell[4:6] + "-" + cell[6:]
	case len(cell) > 10 && (cell[10] == 'T' || cell[10] == ' '):
		text = cell[:10]
	}
	day, err := calendar.ParseDay(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a day (written as 2024-05-01)", cell)
	}
	return day, nil
}

// moments are cells as places in time: numbers (a year, a week's number), days,
// or months such as 2024-05, all of one kind. Order and distance are those of
// at: the number, the day's or the month's number. A blank is NaN.
type moments struct {
	ask
	at   []float64
	kind momentKind
	text labels // as they stand in the file
}

// momentKind is how a file writes time.
type momentKind int

const (
	unknownMoment momentKind = iota
	numberMoment
	dayMoment
	monthMoment
)

func (k momentKind) String() string {
	return [...]string{"nothing", "a number", "a day", "a month"}[k]
}

func (c *moments) cut(n int) {
	c.at = c.at[:n]
	c.text.cut(n)
}

func (c *moments) take(cell string) (bool, error) {
	cell = strings.TrimSpace(cell)
	if isBlank(cell) {
		cell = ""
	}
	known, err := c.text.take(cell)
	if !known || err != nil {
		c.at = append(c.at, math.NaN())
		return false, err
	}
	at, kind, err := readMoment(cell)
	if err == nil && c.kind != unknownMoment && kind != c.kind {
		err = fmt.Errorf("%q is %s, but the rows before have %s", cell, kind, c.kind)
	}
	c.at, c.kind = append(c.at, at), kind
	return true, err
}

// label is how row i writes its time.
func (c *moments) label(i int) string { return c.text.names[c.text.codes[i]] }

// oneTime tells times apart: 1 and 1.0, and 2024-05-01 and 2024-05-01 00:00, are the same one; a time of another kind, such as
// "spring", is what it is called.
func oneTime(cell string) string {
	at, kind, err := readMoment(cell)
	if err != nil {
		return cell
	}
	return kind.String() + " " + strconv.FormatFloat(at, 'g', -1, 64)
}

func readMoment(cell string) (float64, momentKind, error) {
	if x, known, err := readNumber(cell); err == nil && known {
		return x, numberMoment, nil
	}
	if month, err := calendar.ParseMonth(cell); err == nil {
		return float64(month), monthMoment, nil
	}
	if day, err := readDay(cell); err == nil {
		part, err := timeOfDay(cell)
		return float64(day) + part, dayMoment, err
	}
	return 0, unknownMoment, fmt.Errorf("%q is neither a number, nor a day (2024-05-01), nor a month (2024-05)", cell)
}

// timeOfDay is the part of the day that has passed at a time after the day; where an offset is written, in UTC, so that times of
// different offsets stand in their order.
func timeOfDay(cell string) (float64, error) {
	day, after, ok := strings.Cut(strings.Replace(cell, "T", " ", 1), " ")
	if !ok {
		return 0, nil
	}
	for _, form := range []string{"15:04:05", "15:04", "15:04:05Z07:00", "15:04:05Z07", "15:04Z07:00"} {
		if t, err := time.Parse(form, after); err == nil {
			return t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)).Hours() / 24, nil
		}
	}
	return 0, fmt.Errorf("%q has no time after the day %s (written as 14:30 or 14:30:00)", cell, day)
}
