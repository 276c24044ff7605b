package report

import (
	"fmt"
	"strings"
)

// The widths of a page: labels, and the columns of one statement or two.
const (
	widest     = 96 // of any page, in runes
	oneColumn  = 80
	labelWidth = 34 // beside two columns
	labelAlone = 46 // beside one
	leastLabel = 16
	valueWidth = 16
	shareWidth = 10
	markWidth  = 5 // " [12]"
	headKeys   = 16
	noteIndent = 5
)

// cell is what stands in one column of a row: a value, the share that it is of
// something, or, without a value, a rate in the place of both.
type cell struct {
	value, share, mark string
}

// rules are the lines above and below a row of figures.
type rules int

const (
	noRules rules = iota
	sumAbove
	totalBelow // with a sum above
)

type row struct {
	label string
	cells []cell
	rules rules
}

// table is a section of figures; units head the values and shares.
type table struct {
	title       string
	value, unit string
	rows        []row
	after       []string // sentences below
	notes       []string // numbered, as the marks of the cells
}

// page is a text that grows line by line.
type page struct {
	strings.Builder
	columns []string // the heads of the statements' columns
	headed  bool     // whether they must be printed
	width   int
	value   int // width of the values
}

func newPage(columns []string) *page {
	p := &page{columns: columns, headed: len(columns) > 1, width: widest, value: valueWidth}
	if len(columns) < 2 {
		p.width = oneColumn
	}
	return p
}

func (p *page) print(format string, args ...any) {
	p.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// hang prints a text behind a key, its further lines indented as the first.
func (p *page) hang(key, text string, indent int) {
	for i, l := range wrap(text, p.width-indent) {
		if i > 0 {
			key = ""
		}
		p.print("%s%s", left(key, indent), l)
	}
}

func (p *page) title(text string) {
	p.print("")
	for _, l := range wrap(text, p.width) {
		p.print("%s", l)
	}
	p.print("%s", strings.Repeat("-", p.width))
}

// fit widens the values' column so that the longest amount stands whole.
func (p *page) fit(tables []table) {
	for _, t := range tables {
		for _, r := range t.rows {
			for _, c := range r.cells {
				p.value = max(p.value, width(c.value)+1)
			}
		}
	}
}

// labels is the room that the columns leave.
func (p *page) labels() int {
	if len(p.columns) < 2 {
		return max(labelAlone-(p.value-valueWidth), leastLabel)
	}
	return max(labelWidth-len(p.columns)*(p.value-valueWidth), leastLabel)
}

func (p *page) table(t table) {
	p.print("")
	p.heads(t)
	p.print("%s", strings.Repeat("-", p.width))
	for _, r := range t.rows {
		p.row(r)
	}
	for _, text := range t.after {
		p.hang("", text, 0)
	}
	for i, text := range t.notes {
		p.hang(mark(i), text, noteIndent)
	}
}

// heads prints a section's title with the heads of its columns and their units.
func (p *page) heads(t table) {
	titles := wrap(t.title, p.labels()-1)
	for _, l := range titles[:len(titles)-1] {
		p.print("%s", l)
	}
	first := left(titles[len(titles)-1], p.labels())
	units := first
	if p.headed {
		for _, c := range p.columns {
			first += right(c, p.value+shareWidth) + strings.Repeat(" ", markWidth)
		}
		p.print("%s", first)
		units = left("", p.labels())
	}
	for range max(len(p.columns), 1) {
		units += right(t.value+" ", p.value) + right(t.unit, shareWidth) + strings.Repeat(" ", markWidth)
	}
	if !p.headed || strings.TrimSpace(units) != "" {
		p.print("%s", units)
	}
}

func (p *page) row(r row) {
	if r.rules != noRules {
		p.rule("-", r.cells)
	}
	indent := r.label[:len(r.label)-len(strings.TrimLeft(r.label, " "))]
	labels := wrap(r.label, p.labels()-len(indent)-1)
	last := len(labels) - 1
	for _, l := range labels[:last] {
		p.print("%s%s", indent, l)
		indent += "  "
	}
	text := left(indent+labels[last], p.labels())
	for _, c := range r.cells {
		if c.value == "" {
			text += right(c.share, p.value+shareWidth)
		} else {
			text += right(c.value, p.value) + right(c.share, shareWidth)
		}
		text += left(" "+c.mark, markWidth)
	}
	p.print("%s", text)
	if r.rules == totalBelow {
		p.rule("=", r.cells)
	}
}

func (p *page) rule(of string, cells []cell) {
	text := left("", p.labels())
	for _, c := range cells {
		value := ""
		if c.value != "" {
			value = strings.Repeat(of, max(valueWidth, p.value)-2) + " "
		}
		text += right(value, p.value) + strings.Repeat(" ", shareWidth+markWidth)
	}
	p.print("%s", text)
}

func mark(i int) string { return fmt.Sprintf("[%d]", i+1) }
