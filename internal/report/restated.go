package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// mostMoved is how many moved lines are printed.
const mostMoved = 20

// restated prints what a restatement moved: the books, then line by line.
func (d *document) restated(p *page) {
	r := d.Restatement
	if r == nil {
		return
	}
	p.title("RESTATEMENT OF SEAL " + short(r.Of))
	p.hang("", "Sealed first on "+moment(r.At)+". Since then the books changed:", 0)
	for _, c := range r.Books {
		p.hang("  -", changed(c), 4)
	}
	rows, folded := d.moves()
	if len(rows) > 0 {
		p.print("")
		p.grid([]string{"What moved", "before", "after", "change"}, rows)
	}
	if folded > 0 {
		p.print("and %s more; the whole list is in the document (--json)", plainCount(int64(folded)))
	}
}

func changed(c sealed.Change) string {
	if c.What != "" {
		return clean(c.What)
	}
	text := clean(c.Book) + " " + clean(c.Month) + ": " + plainCount(c.After)
	switch {
	case c.After == 1:
		text += " row"
	default:
		text += " rows"
	}
	if c.Before == c.After {
		return text + ", as before, with other content"
	}
	return text + ", before " + plainCount(c.Before)
}

// moves are the lines that moved, those of the bridge first; folded counts
// those that are left out: beyond the most, of cohorts, of methods, and the
// ends of figures that moved as their value did.
func (d *document) moves() (rows [][]string, folded int) {
	by := map[string]sealed.Moved{}
	for _, m := range d.Restatement.Lines {
		by[m.Line] = m
	}
	kept := slices.DeleteFunc(slices.Clone(d.Restatement.Lines), func(m sealed.Moved) bool { return aside(m, by) })
	slices.SortStableFunc(kept, func(a, b sealed.Moved) int { return cmp.Compare(rank(a.Line), rank(b.Line)) })
	for _, m := range kept[:min(len(kept), mostMoved)] {
		rows = append(rows, d.move(m))
	}
	return rows, len(d.Restatement.Lines) - len(rows)
}

// aside reports whether a moved line says nothing that a person needs here.
func aside(m sealed.Moved, by map[string]sealed.Moved) bool {
	if strings.HasPrefix(m.Line, "cohorts.") || strings.HasSuffix(m.Line, ".method") || strings.HasSuffix(m.Line, ".n") {
		return true
	}
	stem, ok := strings.CutSuffix(m.Line, ".low")
	if !ok {
		if stem, ok = strings.CutSuffix(m.Line, ".high"); !ok {
			return false
		}
	}
	rate, bounds := strings.CutSuffix(stem, "_bounds")
	same := []string{rate + ".value"}
	if bounds {
		same = append(same, rate+strings.TrimPrefix(m.Line, stem))
	}
	return slices.ContainsFunc(same, func(line string) bool {
		v, ok := by[line]
		return ok && v.Before == m.Before && v.After == m.After
	})
}

// blockOf takes a line's name apart: the column's words, the block, the rest.
func blockOf(path string) (column, block, rest string) {
	if after, ok := strings.CutPrefix(path, "customer_trailing_year."); ok {
		column, path = "Trailing year: ", after
	} else if after, ok := strings.CutPrefix(path, "customer."); ok {
		path = after
	} else {
		return "", "", path
	}
	block, rest, _ = strings.Cut(path, ".")
	return column, block, rest
}

func rank(path string) int {
	_, block, _ := blockOf(path)
	for i, name := range []string{"revenue", "customers"} {
		if block == name {
			return i
		}
	}
	switch block {
	case "coverage":
		return 4
	case "active_revenue":
		return 3
	case "":
		return 5
	}
	return 2
}

// move is a moved line in words: what, before, after, change. What the
// statement subtracts is sealed.Subtracted here too.
func (d *document) move(m sealed.Moved) []string {
	column, block, rest := blockOf(m.Line)
	off := slices.Contains(sealed.Subtracted, rest)
	switch block {
	case "revenue":
		return movedAmount(column+"revenue bridge: "+worded(revenueLines, rest), m, d.places(), off)
	case "active_revenue":
		return movedAmount(column+worded(activeLines, rest), m, d.places(), false)
	case "customers":
		return movedAmount(column+"customers: "+worded(customerLines, rest), m, 0, off)
	case "coverage":
		if strings.HasPrefix(rest, "revenue") {
			return movedAmount(column+"coverage, revenue: "+worded(coverageAmounts, rest), m, d.places(), false)
		}
		if account, ok := strings.CutPrefix(rest, "reconciliation."); ok {
			_, part, _ := strings.Cut(account, ".")
			return movedAmount(column+"reconciliation: "+worded(accountLines, part), m, d.places(), explains(part))
		}
		return movedAmount(column+"coverage, lines: "+worded(coverageCounts, rest), m, 0, false)
	}
	for _, l := range rateLines {
		if l.key == block {
			return movedRate(column+l.label, rest, m)
		}
	}
	return []string{clean(m.Line), clean(known(m.Before)), clean(known(m.After)), ""}
}

// worded is a line's label within a sentence; bare, without its explanation.
func worded(lines []line, key string) string {
	for _, l := range lines {
		if l.key == key {
			return lower(l.label)
		}
	}
	return clean(key)
}

// known replaces what the document prints for a value that is not there.
func known(text string) string {
	if text == "" || text == "<nil>" {
		return "none"
	}
	return text
}

func movedAmount(label string, m sealed.Moved, places int, off bool) []string {
	show := func(text string) string {
		a, err := money.Parse(text)
		if err != nil {
			return clean(known(text)) + " "
		}
		if off {
			a = a.Neg()
		}
		return amount(a, places)
	}
	change := ""
	if m.Change != "" {
		change = show(m.Change)
	}
	return []string{upper(label), show(m.Before), show(m.After), change}
}

func movedRate(label, part string, m sealed.Moved) []string {
	switch part {
	case "low":
		label += ", low end"
	case "high":
		label += ", high end"
	case "value", "":
	default:
		return []string{label + ", " + clean(part), clean(known(m.Before)), clean(known(m.After)), ""}
	}
	before, ok := rational(m.Before)
	after, also := rational(m.After)
	show := func(text string) string {
		if r, ok := rational(text); ok {
			return percent(r)
		}
		return clean(known(text))
	}
	change := ""
	if ok && also {
		change = points(after.Sub(after, before))
	}
	return []string{label, show(m.Before), show(m.After), change}
}

// grid prints rows of texts, the first column to the left and wrapped, the
// others to the right; what is long takes lines of its own.
func (p *page) grid(heads []string, rows [][]string) {
	const most = 22
	sizes := make([]int, len(heads))
	for _, r := range append([][]string{heads}, rows...) {
		for i, text := range r[1:] {
			if width(text) <= most {
				sizes[i+1] = max(sizes[i+1], width(text)+2)
			}
		}
	}
	room := p.width
	for _, n := range sizes[1:] {
		room -= n
	}
	for i, r := range append([][]string{heads}, rows...) {
		labels := wrap(r[0], room)
		long := slices.ContainsFunc(r[1:], func(text string) bool { return width(text) > most })
		for _, l := range labels[:len(labels)-1] {
			p.print("%s", l)
		}
		text := left(labels[len(labels)-1], room)
		if long {
			p.print("%s", text)
			p.hang("  before:", strings.TrimSpace(r[1]), 11)
			p.hang("  after:", strings.TrimSpace(r[2]), 11)
			continue
		}
		for j, value := range r[1:] {
			if i == 0 {
				value += " "
			}
			text += right(value, sizes[j+1])
		}
		p.print("%s", text)
		if i == 0 {
			p.print("%s", strings.Repeat("-", p.width))
		}
	}
}
