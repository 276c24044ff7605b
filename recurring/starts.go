package recurring

import (
	"slices"
	"strings"
)

// starts are the cohorts of the path's spans.
func (in Input) starts() []Start {
	cuts := in.Cuts()
	var out []Start
	for i, p := range in.Path {
		if p.Start < in.Tally.From {
			continue
		}
		c := Start{Name: in.Names[i]}
		for j := i; j < len(in.Path); j++ {
			age := Age{Span: in.Names[j]}
			for _, k := range in.Tally.Stocks {
				if k.First == i && cuts[k.Cut] == in.Path[j].End {
					age.Subscriptions, age.MRR = age.Subscriptions+k.Subscriptions, age.MRR.Add(k.MRR)
				}
			}
			c.Ages = append(c.Ages, age)
		}
		if slices.ContainsFunc(c.Ages, func(a Age) bool { return a.Subscriptions > 0 }) {
			out = append(out, c)
		}
	}
	return out
}

// sortPlans puts the largest first, the rest last.
func sortPlans(plans []PlanLine) {
	slices.SortFunc(plans, func(a, b PlanLine) int {
		switch {
		case a.Rest != b.Rest && a.Rest:
			return 1
		case a.Rest != b.Rest:
			return -1
		}
		if c := b.Closing.Cmp(a.Closing); c != 0 {
			return c
		}
		if c := b.Opening.Cmp(a.Opening); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}
