package regress

import (
	"cmp"
	"slices"
)

// ranked numbers the distinct values in their order.
func ranked(values []float64) map[float64]int {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	order := map[float64]int{}
	for _, v := range slices.Compact(sorted) {
		order[v] = len(order)
	}
	return order
}

// FirstDifferences is least squares of changes on changes, between rows of a unit
// at neighbouring times of the panel; a unit's row without such a neighbour is left
// out (Wooldridge, Econometric Analysis of Cross Section and Panel Data, 10.6). The
// constant is a trend common to all. Two rows of a unit at one time are
// refused, and so are weights, which changes do not have.
func FirstDifferences(p Panel, o Options) (*Fit, error) {
	if p.Weights != nil {
		return nil, refuse("first differences take no weights")
	}
	t, err := p.checked()
	if err != nil {
		return nil, err
	}
	e, err := p.effects(t, TwoWay)
	if err != nil {
		return nil, err
	}
	at, err := timeCodes(p.Time)
	if err != nil {
		return nil, err
	}
	var from, to []int
	rows := make([]int, len(t.y))
	for i := range rows {
		rows[i] = i
	}
	slices.SortFunc(rows, func(i, j int) int { return cmp.Or(cmp.Compare(e.unit[i], e.unit[j]), cmp.Compare(at[i], at[j])) })
	for k, i := range rows[1:] {
		before := rows[k]
		switch {
		case e.unit[i] != e.unit[before]:
		case at[i] == at[before]:
			return nil, &Refusal{Row: max(i, before), Why: "its unit has another row at the same time"}
		case at[i] == at[before]+1:
			from, to = append(from, before), append(to, i)
		}
	}
	if len(to) == 0 {
		return nil, refuse("no unit has rows at two neighbouring times")
	}
	d := Design{Names: p.Names, Outcome: change(t.y, from, to), NoIntercept: p.NoIntercept}
	for _, column := range t.x {
		d.Covariates = append(d.Covariates, change(column, from, to))
	}
	o.Cluster = pick(o.Cluster, to)
	return OLS(d, o)
}

// change is the difference between rows.
func change(column []float64, from, to []int) []float64 {
	out := make([]float64, len(to))
	for k := range to {
		out[k] = column[to[k]] - column[from[k]]
	}
	return out
}
