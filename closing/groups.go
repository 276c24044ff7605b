package closing

import (
	"slices"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// groupBlock is the cohorts of the groups of one dimension, by spans of each
// kind.
type groupBlock struct {
	Name  base.Dimension `json:"name"`
	Of    string         `json:"of"` // customers, each in one group; or lines, by which a customer may be in several
	Kinds []any          `json:"spans"`
}

// groupGrid is a gridBlock of each group. Its spans are the last of those of
// all.
type groupGrid struct {
	Name   calendar.Kind `json:"name"`
	Spans  []string      `json:"spans"`
	Groups []groupRows   `json:"groups"`
}

type groupRows struct {
	Name   string    `json:"name"` // empty: not known
	Others bool      `json:"all_others,omitempty"`
	Rows   []gridRow `json:"cohorts"`
}

// toldGroups are the groups of the views whose cohorts are asked for, by name:
// the same groups in another order are the same question.
func toldGroups(v base.Views) map[base.Dimension][]string {
	out := map[base.Dimension][]string{}
	for _, d := range base.Dimensions {
		if names, _ := v.Told(d); names != nil {
			out[d] = slices.Sorted(slices.Values(names))
		}
	}
	return out
}

// groupCohorts are the cohorts of each dimension's groups.
func (c *Closer) groupCohorts(o Order, v base.Views, grids gridder) ([]any, error) {
	var out []any
	for _, d := range base.Dimensions {
		if lacks := c.ungrouped(v, d); lacks != nil {
			out = append(out, namedLock{string(d), lacks.Refused, lacks.UnlockedBy})
			continue
		}
		block := groupBlock{Name: d, Of: "customers", Kinds: []any{}}
		if v.ByLine(d) {
			block.Of = "lines"
		}
		for _, kind := range gridKinds(o.Named.Kind) {
			g, err := grids(kind)
			if err != nil {
				return nil, err
			}
			if g.locked != nil {
				block.Kinds = append(block.Kinds, namedLock{string(kind), g.locked.Refused, g.locked.UnlockedBy})
				continue
			}
			if err := base.Divided(g.groups, d, v.ByLine(d)); err != nil {
				return nil, err
			}
			block.Kinds = append(block.Kinds, groupGrid{Name: kind, Spans: names(g.lately), Groups: c.groupRows(g, v, d)})
		}
		out = append(out, block)
	}
	return out, nil
}

// groupRows are a grid's groups, the largest first as in the views, and all
// others where anybody of them is in it.
func (c *Closer) groupRows(g grid, v base.Views, d base.Dimension) []groupRows {
	told, others := v.Told(d)
	asked := toldGroups(v)[d]
	spans := names(g.lately)
	var out []groupRows
	add := func(name string, group int) {
		var cells []base.Cell
		for _, cell := range g.groups {
			if cell.Dimension == d && cell.Group == group {
				cells = append(cells, cell)
			}
		}
		if group != base.Rest || len(cells) > 0 {
			out = append(out, groupRows{Name: name, Others: group == base.Rest, Rows: c.gridRows(cells, spans)})
		}
	}
	for _, name := range told {
		add(name, slices.Index(asked, name))
	}
	add(others, base.Rest)
	return out
}

// ungrouped says why there are no groups of a dimension to tell cohorts of;
// nil: there are.
func (c *Closer) ungrouped(v base.Views, d base.Dimension) *evidence.Locked {
	if names, _ := v.Told(d); names != nil {
		return nil
	}
	entity := "entity of orders or of customers"
	if c.Settings.Basis == "subscriptions" {
		entity = "entity of customers"
	}
	words := map[base.Dimension]struct{ one, column string }{
		base.Segment: {"segment", "segment of customers"}, base.Entity: {"brand or legal entity", entity}, base.Acquisition: {"way of coming", "acquired_via of customers"},
	}[d]
	at := slices.IndexFunc(v.Parts, func(p base.Part) bool { return p.Dimension == d })
	switch {
	case at >= 0 && v.Parts[at].Name == "":
		return &evidence.Locked{Refused: "the " + words.one + " of no customer of the two periods is known", UnlockedBy: words.column}
	case at >= 0:
		return &evidence.Locked{Refused: "all customers of the two periods are of one " + words.one, UnlockedBy: words.column + ", with more than one of them"}
	case v.Slices[base.Compared].Customers+v.Slices[base.Current].Customers == 0:
		return &evidence.Locked{Refused: "nobody was active in either of the two periods, so there are no groups of them", UnlockedBy: "a close of a period with lines of customers"}
	}
	return &evidence.Locked{Refused: "the books do not say a customer's " + words.one, UnlockedBy: words.column}
}
