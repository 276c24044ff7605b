package sealed

import (
	"errors"
	"fmt"
	"slices"
)

// GroupCohorts are the cohorts of the groups of one dimension: segments, entities or ways of coming.
type GroupCohorts struct {
	Locked
	Name  string      `json:"name"`
	Of    string      `json:"of"` // customers, each in one group; or lines, by which a customer may be in several
	Kinds []GroupGrid `json:"spans"`
}

// GroupGrid is the cohorts of each group by spans of one kind.
type GroupGrid struct {
	Locked
	Name   string      `json:"name"` // month, quarter, year or fiscal ones
	Spans  []string    `json:"spans"`
	Groups []GroupRows `json:"groups"`
}

// GroupRows are the cohorts of one group, the largest group first.
type GroupRows struct {
	Name   string      `json:"name"` // empty: not known
	Others bool        `json:"all_others"`
	Rows   []CohortRow `json:"cohorts"`
}

// ByLine tells whether a customer may be in several of the groups.
func (g GroupCohorts) ByLine() bool { return g.Of == "lines" }

// Kind are the groups by spans of one kind; nil where there are none.
func (g GroupCohorts) Kind(name string) *GroupGrid {
	if i := slices.IndexFunc(g.Kinds, func(k GroupGrid) bool { return k.Name == name && k.Refused == "" && len(k.Groups) > 0 }); i >= 0 {
		return &g.Kinds[i]
	}
	return nil
}

// Group is one of the groups, by its name.
func (g GroupGrid) Group(name string) *GroupRows {
	if i := slices.IndexFunc(g.Groups, func(r GroupRows) bool { return r.Name == name }); i >= 0 {
		return &g.Groups[i]
	}
	return nil
}

// Lately is the cohorts of all customers by spans of a kind, as far as they began in the spans that groups have.
func (v *BaseViews) Lately(kind string, spans []string) CohortGrid {
	for _, g := range v.Grids {
		if g.Name == kind {
			rows := slices.DeleteFunc(slices.Clone(g.Rows), func(r CohortRow) bool { return !slices.Contains(spans, r.Name) })
			return CohortGrid{Name: kind, Spans: spans, Rows: rows}
		}
	}
	return CohortGrid{Name: kind}
}

// Grid is the cohorts of one of the groups.
func (g GroupGrid) Grid(r GroupRows) CohortGrid {
	return CohortGrid{Name: g.Name, Spans: g.Spans, Rows: r.Rows}
}

// Grid is the cohorts of one of the groups by spans of one kind. By lines a cohort is of the first purchase anywhere, and who
// is active in a group may have begun in another, so its customers are told of all who began.
func (g GroupCohorts) Grid(k *GroupGrid, r GroupRows, v *BaseViews) CohortGrid {
	grid := k.Grid(r)
	if g.ByLine() {
		all := v.Lately(k.Name, k.Spans)
		grid.whole = &all
	}
	return grid
}

// Size is of how many customers the counts of a cohort are told: those who were active in the span of their first purchase.
func (g CohortGrid) Size(r CohortRow) int64 {
	if g.whole != nil {
		at := slices.IndexFunc(g.whole.Rows, func(all CohortRow) bool { return all.Name == r.Name })
		if at < 0 {
			return 0
		}
		r = g.whole.Rows[at]
	}
	if len(r.Active) == 0 {
		return 0
	}
	return r.Active[0]
}

// Alive are a group's customers at each age, over the cohorts whose first span is shown: how many of those who began and
// have reached the age were active at it. By lines those who began are all customers.
type Alive struct {
	Began, Active int64
}

// Ages are those of a grid, by age: the cohorts together, each as far as it has come.
func (g CohortGrid) Ages() []Alive {
	out := make([]Alive, len(g.Spans))
	if g.whole != nil { // a cohort of which nobody bought here counts too
		for age, all := range g.whole.Ages() {
			out[age].Began = all.Began
		}
	}
	for _, r := range g.Begun() {
		for age, n := range r.Active[:min(len(r.Active), len(out))] {
			if out[age].Active += n; g.whole == nil {
				out[age].Began += r.Active[0]
			}
		}
	}
	for len(out) > 0 && out[len(out)-1].Began == 0 {
		out = out[:len(out)-1]
	}
	return out
}

// Begun are the cohorts whose first span is shown and had somebody active; by lines, anywhere.
func (g CohortGrid) Begun() []CohortRow {
	return slices.DeleteFunc(slices.Clone(g.Rows), func(r CohortRow) bool {
		return r.Name == Before || g.Size(r) == 0
	})
}

// check refuses cohorts whose lists do not go together, which no close makes.
func (g CohortGrid) check() error {
	for _, r := range g.Rows {
		n := len(r.Active)
		if n > len(g.Spans) || len(r.Orders) != n || len(r.Revenue) != n || len(r.Profit) != n {
			return fmt.Errorf("the cohort %q has %d counts, %d orders, %d amounts and %d profits in %d spans", r.Name, n, len(r.Orders), len(r.Revenue), len(r.Profit), len(g.Spans))
		}
	}
	return nil
}

// checkCohorts does so for those of all and of each group.
func (d *Document) checkCohorts() error {
	var errs []error
	if d.Views != nil {
		for _, g := range d.Views.Grids {
			errs = append(errs, g.check())
		}
	}
	for _, dimension := range d.GroupCohorts {
		for _, k := range dimension.Kinds {
			for _, r := range k.Groups {
				errs = append(errs, k.Grid(r).check())
			}
		}
	}
	return errors.Join(errs...)
}
