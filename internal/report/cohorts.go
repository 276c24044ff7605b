package report

import (
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/sealed"
)

// mostSpans is how many spans the triangle shows.
const mostSpans = 12

// triangle prints the customers active in each span by the span in which they
// first bought. Its columns sum to the active customers of the span.
func (d *document) triangle(p *page) {
	c := d.Cohorts
	if c == nil {
		return
	}
	if c.Refused != "" {
		p.title("COHORTS")
		p.lock(c.Locked)
		return
	}
	if len(c.Spans) == 0 || len(c.Rows) == 0 {
		return
	}
	spans, rows, first, size := fit(c, widest)
	if len(spans) == 0 {
		return
	}
	title := "COHORTS: CUSTOMERS ACTIVE, BY FIRST PURCHASE"
	if len(spans) < len(c.Spans) {
		title += " (last " + plainCount(int64(len(spans))) + " spans)"
	}
	p.title(title)
	p.print("%s", spanHeads(spans, first, size))
	dotted := false
	for _, r := range rows {
		text := left(r.name, first)
		for i, n := range r.active {
			value := ""
			switch {
			case n != nil:
				value = plainCount(*n)
			case i >= r.from:
				value, dotted = ".", true
			}
			text += right(value, size)
		}
		p.print("%s", text)
	}
	if dotted {
		p.hang("", "A dot: the cohort has no line in the span.", 0)
	}
}

// fit is as much of the triangle's end as the columns of a page hold: the
// names' width and that of a cell.
func fit(c *sealed.Cohorts, columns int) (spans []string, rows []cohort, first, size int) {
	for n := min(mostSpans, len(c.Spans)); n > 0; n-- {
		spans, rows = last(c, n)
		first, size = firstSize(rows), cellSize(spans, rows)
		if first+n*size <= columns {
			return spans, rows, first, size
		}
	}
	return nil, nil, 0, 0
}

// cohort is one row: a nil cell is not in the document.
type cohort struct {
	name   string
	from   int // index of the span of first purchase; 0 for those before
	active []*int64
}

// last are the last n spans and their cohorts; earlier cohorts are summed into
// one, and the sum of all comes last.
func last(c *sealed.Cohorts, n int) (spans []string, rows []cohort) {
	spans = c.Spans[max(len(c.Spans)-n, 0):]
	before := cohort{name: "before", active: make([]*int64, len(spans))}
	total := cohort{name: "all", active: make([]*int64, len(spans))}
	for _, r := range c.Rows {
		at := slices.Index(spans, r.First)
		row := cohort{name: clean(r.First), from: max(at, 0), active: make([]*int64, len(spans))}
		for _, age := range r.Ages {
			i := slices.Index(spans, age.Span)
			if i < 0 || age.Active == nil || i < at && *age.Active == 0 {
				continue
			}
			for _, into := range []*cohort{&row, &total} {
				into.add(i, *age.Active)
			}
			if at < 0 {
				before.add(i, *age.Active)
			}
		}
		if at >= 0 {
			rows = append(rows, row)
		}
	}
	if slices.ContainsFunc(before.active, func(n *int64) bool { return n != nil }) {
		rows = slices.Insert(rows, 0, before)
	}
	return spans, append(rows, total)
}

func (c *cohort) add(i int, n int64) {
	if c.active[i] == nil {
		c.active[i] = new(int64)
	}
	*c.active[i] += n
}

func cellSize(spans []string, rows []cohort) int {
	size := 6
	for _, s := range spans {
		year, part := spanName(s)
		size = max(size, width(year)+1, width(part)+1)
	}
	for _, r := range rows {
		for _, n := range r.active {
			if n != nil {
				size = max(size, width(plainCount(*n))+1)
			}
		}
	}
	return size
}

func firstSize(rows []cohort) int {
	size := 0
	for _, r := range rows {
		size = max(size, width(r.name))
	}
	return size + 1
}

// spanHeads are two lines, the year where it changes and the part of it.
func spanHeads(spans []string, first, size int) string {
	years, parts, last := left("", first), left("", first), ""
	for _, s := range spans {
		year, part := spanName(s)
		shown := year
		if year == last {
			shown = ""
		}
		years, parts, last = years+right(shown, size), parts+right(part, size), year
	}
	if strings.TrimSpace(years) == "" {
		return parts
	}
	return strings.TrimRight(years, " ") + "\n" + parts
}

// spanName takes "2018-03" apart into 2018 and Mar, "FY2018-Q3" into FY2018
// and Q3; a year is all its name.
func spanName(span string) (year, part string) {
	span = clean(span)
	year, part, found := strings.Cut(span, "-")
	if !found {
		return "", span
	}
	if month, err := time.Parse("01", part); err == nil && len(part) == 2 {
		part = month.Format("Jan")
	}
	return year, part
}
