package base

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
)

// Cut is how customers are cut into cohorts and spans. Both lists of spans are
// ordered and do not overlap.
type Cut struct {
	Firsts, Spans []calendar.Period
	AnyLine       bool
	// Groups are the names of those whose cohorts are asked for beside the
	// cohorts of all, as Group names them; all others of a dimension are one.
	Groups map[Dimension][]string
}

// Cell is one cohort in one span: of all customers, or of a group. A cohort is
// of first purchases anywhere; by the entities of lines its cell holds what it
// bought there.
type Cell struct {
	First     int       // index among the spans of first purchase; −1: before them all
	Span      int       // index among the spans of activity
	Dimension Dimension `json:",omitempty"` // empty: of all
	Group     int       `json:",omitempty"` // index among the names asked of the dimension, or Rest
	Sums                // Customers are those active in the span
}

// Rest is the group of all others.
const Rest = -1

// mostCohorts is how many groups of a dimension have cohorts, with all others.
// Each costs a document as much as the cohorts of all.
const mostCohorts = 8

// Told are the groups of a dimension whose cohorts are told, the largest first
// as in Parts; none where fewer than two groups are active. The smaller ones,
// and those active in neither window, are all others, under the name that
// others has.
func (v Views) Told(d Dimension) (names []string, others string) {
	var groups []Group
	for _, p := range v.Parts {
		if p.Dimension == d {
			groups = append(groups, p.Group)
		}
	}
	if len(groups) < 2 {
		return nil, ""
	}
	groups = groups[:told(len(groups), mostCohorts)]
	for _, g := range groups {
		names = append(names, g.Name)
	}
	return names, othersBeside(groups)
}

// ByLine tells whether the groups of a dimension are of lines, so that a
// customer may be in several.
func (v Views) ByLine(d Dimension) bool {
	return slices.ContainsFunc(v.Parts, func(p Part) bool { return p.Dimension == d && p.ByLine })
}

// Divided holds that in each cohort and span the cells of a dimension's groups
// come to that of all. By lines a customer may be active in several groups, and
// an order lie in several: only revenue, profit and lines come to all.
func Divided(cells []Cell, d Dimension, byLine bool) error {
	type place struct{ first, span int }
	all, parts := map[place]Sums{}, map[place]Sums{}
	for _, c := range cells {
		at := place{c.First, c.Span}
		switch c.Dimension {
		case "":
			all[at] = all[at].Add(c.Sums)
		case d:
			parts[at] = parts[at].Add(c.Sums)
		}
	}
	for at, sum := range all {
		part := parts[at]
		if byLine {
			part.Customers, part.Orders = sum.Customers, sum.Orders
		}
		if !same(part, sum) {
			return fmt.Errorf("customer base: by %s cohort %d comes to %+v in span %d, and not to %+v", d, at.first, part, at.span, sum)
		}
	}
	for at := range parts {
		if _, ok := all[at]; !ok {
			return fmt.Errorf("customer base: by %s cohort %d has somebody in span %d, and all together have nobody", d, at.first, at.span)
		}
	}
	return nil
}
