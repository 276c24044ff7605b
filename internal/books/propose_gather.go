package books

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/internal/books/expr"
)

// gather brings groups together that one mapping reads: what it reads must
// stand in each, in whatever order, and what it leaves may differ. The larger
// group gives the mapping.
func (p *Proposer) gather(ctx context.Context, groups []*group) ([]*group, error) {
	fits := map[*group]*proposed{}
	for _, g := range groups {
		if g.header && g.wide() == "" {
			fits[g] = g.fitting()
		}
	}
	order := slices.Clone(groups)
	slices.SortStableFunc(order, func(a, b *group) int { return int(min(max(b.size()-a.size(), -1), 1)) })
	gone := map[*group]bool{}
	for i, a := range order {
		if gone[a] || fits[a] == nil {
			continue
		}
		with := *a
		with.files = slices.Clone(a.files)
		var joined []*group
		for _, b := range order[i+1:] {
			if !gone[b] && fits[b] != nil && fits[a].reads(b) && fits[b].alike(fits[a]) {
				with.files = append(with.files, b.files...)
				joined = append(joined, b)
			}
		}
		if len(joined) == 0 {
			continue
		}
		with.columns, with.rows, with.merged = nil, 0, 0
		if err := p.take(ctx, &with); err != nil {
			return nil, within(a.files[0].rel, err)
		}
		m := with.fitting()
		if m == nil || m.book.Name != fits[a].book.Name || slices.ContainsFunc(joined, func(b *group) bool { return !m.reads(b) }) {
			continue // together they look like something else: each is judged by itself
		}
		*a = with
		for _, b := range joined {
			gone[b] = true
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return gone[g] }), nil
}

// fitting is the book that a group fits best, without a mark on the group.
func (g *group) fitting() *proposed {
	m, _ := g.best()
	for _, c := range g.columns {
		c.need = mostOf
	}
	return m
}

// reads tells whether the columns that a mapping reads stand in a group.
func (m *proposed) reads(g *group) bool {
	a, b := m.group.files[0], g.files[0]
	return a.format == b.format && m.group.header == g.header && len(m.lacks(g)) == 0
}

// lacks names the columns that a mapping reads and a group does not have, or
// has as another kind.
func (m *proposed) lacks(g *group) (names []string) {
	for _, guess := range m.columns {
		for _, c := range guess.uses {
			if i := placeOf(g.files[0].columns, c.name); (i < 0 || g.files[0].columns[i].Native != c.source.Native) && !slices.Contains(names, c.name) {
				names = append(names, c.name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// alike tells whether two mappings are of one book and take the same columns
// for its own, as far as the other has them.
func (m *proposed) alike(other *proposed) bool {
	if m.book.Name != other.book.Name {
		return false
	}
	for name, g := range other.columns {
		own, ok := m.columns[name]
		if !ok || !slices.EqualFunc(own.uses, g.uses, func(a, b *column) bool { return strings.EqualFold(a.name, b.name) }) {
			return false
		}
	}
	return true
}

// placeOf finds a column as an expression does: of that very name, else of it
// in another letter case.
func placeOf(columns []expr.Column, name string) int {
	if i := slices.IndexFunc(columns, func(c expr.Column) bool { return c.Name == name }); i >= 0 {
		return i
	}
	return slices.IndexFunc(columns, func(c expr.Column) bool { return strings.EqualFold(c.Name, name) })
}

// arrange puts rows of one of the group's files in the order of the group's
// columns.
func (g *group) arrange(f found) func(cells []string) []string {
	if !g.header || slices.EqualFunc(f.columns, g.files[0].columns, sameColumn) {
		return func(cells []string) []string { return cells }
	}
	places := make([]int, len(g.columns))
	for i, c := range g.columns {
		places[i] = placeOf(f.columns, c.source.Name)
	}
	out := make([]string, len(places))
	return func(cells []string) []string {
		for i, at := range places {
			out[i] = ""
			if at >= 0 {
				out[i] = cells[at]
			}
		}
		return out
	}
}

// sumWords are in the names of sheets that sum the others.
var sumWords = strings.Fields("total totals subtotal summary sum sums overview summe summen gesamt gesamtsumme übersicht zusammenfassung")

// sums tells whether a sheet is by its name a sum of others.
func (f found) sums() bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(f.sheet), func(r rune) bool { return !unicode.IsLetter(r) }), func(word string) bool {
		return slices.Contains(sumWords, word)
	})
}

// leaveSums takes sheets out that by their names sum the group's others: what
// they hold would be counted twice.
func (g *group) leaveSums() (left []Looked) {
	if !slices.ContainsFunc(g.files, func(f found) bool { return !f.sums() }) {
		return nil
	}
	g.files = slices.DeleteFunc(slices.Clone(g.files), func(f found) bool {
		if !f.sums() || len(f.tables) < 2 {
			return false
		}
		left = append(left, Looked{Files: []string{f.rel}, Sheets: []string{f.sheet}, Of: len(f.columns),
			Note: "by its name it sums the other sheets, whose rows would be counted twice; add it to source.sheets if its rows are others"})
		return true
	})
	return left
}

// other says in what a group differs from the one that a book is read from.
func (g *group) other(chosen *proposed) string {
	f, c := g.files[0], chosen.group.files[0]
	switch lacks := chosen.lacks(g); {
	case f.format != c.format:
		return fmt.Sprintf("is of another format than %s, and a book has one mapping", c.label())
	case len(lacks) > 0:
		return fmt.Sprintf("lacks %s, which is read from %s, and a book has one mapping", namesOf(lacks), c.label())
	}
	return fmt.Sprintf("other columns of it are read than of %s, and a book has one mapping", c.label())
}
