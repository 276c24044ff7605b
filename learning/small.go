package learning

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/money"
)

// Small is the name under which groups stand together of which each has fewer people than the minimum.
const Small = "groups too small to be told apart"

// LeftBy is what was written off by kind of exit: voluntary, involuntary, other or unknown; NotTold is of kinds of too few people.
type LeftBy struct {
	Kind   string
	Amount money.Amount
}

// NotTold is the kind of those of whom too few left to say why.
const NotTold = "not_told"

// least is the smallest group of which something is told.
func (in *Input) least() int {
	if in.MinimumGroup <= 0 {
		return 5
	}
	return in.MinimumGroup
}

// dimension is one way in which what people carry is told apart.
type dimension int

const (
	byDepartment dimension = iota
	byCourse
	byEntity
	dimensions
)

// member is a group of a dimension, of one section.
type member struct {
	of         dimension
	contractor bool
	name       string
}

// counts are the people of each group in the period.
type counts map[member]map[string]bool

func (c counts) add(at seat, course, person string) {
	for of, name := range [dimensions]string{at.department, course, at.entity} {
		m := member{dimension(of), at.contractor, name}
		if c[m] == nil {
			c[m] = map[string]bool{}
		}
		c[m][person] = true
	}
}

// small are the groups that are not told apart: those of fewer people than the minimum, and as many of the next larger as it takes for those
// that stand together to be as many as the minimum.
func (in *Input) small(c counts) map[member]bool {
	out := map[member]bool{}
	for of := range dimensions {
		for _, contractor := range []bool{false, true} {
			var groups []member
			for m := range c {
				if m.of == of && m.contractor == contractor {
					groups = append(groups, m)
				}
			}
			slices.SortFunc(groups, func(a, b member) int { return cmp.Or(len(c[a])-len(c[b]), cmp.Compare(a.name, b.name)) })
			together := map[string]bool{}
			for _, m := range groups {
				if len(c[m]) >= in.least() && (len(together) == 0 || len(together) >= in.least()) {
					break
				}
				out[m] = true
				for who := range c[m] {
					together[who] = true
				}
			}
		}
	}
	return out
}

// together renames the small groups of everything that a tally tells.
func (t *tally) together(small map[member]bool) {
	if len(small) == 0 {
		return
	}
	named := func(of dimension, contractor bool, name string) string {
		if small[member{of, contractor, name}] {
			return Small
		}
		return name
	}
	at := func(s seat) seat {
		return seat{s.contractor, named(byDepartment, s.contractor, s.department), named(byEntity, s.contractor, s.entity)}
	}
	cells, lines, open := map[cell]*roll{}, map[entry]*units{}, map[line]*units{}
	for c, r := range t.cells {
		k := cell{at(c.seat), named(byCourse, c.contractor, c.course), c.cohort}
		if cells[k] == nil {
			cells[k] = &roll{}
		}
		cells[k].add(*r, &t.failed)
	}
	for e, u := range t.lines {
		e.course = named(byCourse, e.from.contractor, e.course)
		e.from, e.to = at(e.from), at(e.to)
		if lines[e] == nil {
			lines[e] = new(units)
		}
		plus(lines[e], *u, &t.failed)
	}
	for l, u := range t.open {
		k := line{l.contractor, named(byDepartment, l.contractor, l.department), named(byCourse, l.contractor, l.course)}
		if open[k] == nil {
			open[k] = new(units)
		}
		plus(open[k], *u, &t.failed)
	}
	t.cells, t.lines, t.open = cells, lines, open
}

// leftBy is what was written off by kind of exit. Kinds of too few people stand together, with as many more as it takes.
func (in *Input) leftBy(t *tally) []LeftBy {
	var kinds []string
	for kind := range t.left {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int { return cmp.Or(len(t.leavers[a])-len(t.leavers[b]), cmp.Compare(a, b)) })
	var out []LeftBy
	var hidden units
	people := 0
	for _, kind := range kinds {
		if n := len(t.leavers[kind]); n < in.least() || people > 0 && people < in.least() {
			hidden, people = hidden+*t.left[kind], people+n
			continue
		}
		out = append(out, LeftBy{kind, in.scale.amount(*t.left[kind])})
	}
	slices.SortFunc(out, func(a, b LeftBy) int { return cmp.Compare(a.Kind, b.Kind) })
	if people > 0 {
		out = append(out, LeftBy{NotTold, in.scale.amount(hidden)})
	}
	return out
}
