package workforce

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/survival"
)

func (r *spells) append(o spells) {
	r.Start, r.Stop, r.Event = append(r.Start, o.Start...), append(r.Stop, o.Stop...), append(r.Event, o.Event...)
	r.cluster, r.person, r.stratum = append(r.cluster, o.cluster...), append(r.person, o.person...), append(r.stratum, o.stratum...)
}

// contrast tests whether groups stay alike, and holds the hazard of each to that of the reference.
func (w *world) contrast(c *Comparison, rows spells, group []int, reference int) {
	shown, events := map[int]bool{}, rows.events()
	for _, g := range group {
		shown[g] = true
	}
	why := oneGroup
	if len(shown) > 1 && w.has.left {
		why = fewLeft
	}
	if !w.has.left {
		why = noLeft
	}
	c.P = refuse(why)
	for i := range c.Groups {
		c.Groups[i].Hazard = refuse(why)
		if c.Groups[i].Hidden {
			c.Groups[i].Hazard = evidence.Refuse(hiddenWhy, hiddenNeed)
		}
	}
	if len(shown) < 2 || events < max(perCovariate, perGroup*len(shown)) {
		return
	}
	c.Reference = c.Groups[reference].Name
	if test, err := survival.LogRank(rows.Spells, group, rows.stratum); err == nil {
		c.p, c.tested = test.P, true
		c.P = evidence.Exact(evidence.Float(test.P), int64(events), "log-rank test (Mantel 1966) of whether all groups shown leave alike at the same length of stay"+within(rows))
	} else {
		c.P = refuse(refusalOf(err))
	}
	w.hazards(c, rows, group, reference)
}

// hazards fits the model of one hazard ratio a group. A group with too few leavers has its own, which is not told, so that the reference stays
// what it is called; one that nobody left is not in the model.
func (w *world) hazards(c *Comparison, rows spells, group []int, reference int) {
	left := make([]int, len(c.Groups))
	for i, g := range group {
		if rows.Event[i] {
			left[g]++
		}
	}
	if left[reference] < perCovariate {
		return
	}
	own := modelled(left, reference, len(rows.Stop))
	rows, group = rows.only(func(i int) bool { return own[group[i]] || group[i] == reference }, group)
	model := survival.Cox{Spells: rows.Spells, Stratum: rows.stratum}
	words := clustered(&model, rows, group) + within(rows)
	for g := range c.Groups {
		if own[g] {
			x := make([]float64, len(group))
			for i := range group {
				if group[i] == g {
					x[i] = 1
				}
			}
			model.Covariates = append(model.Covariates, survival.Covariate{Name: fmt.Sprint(g), Values: x})
		}
	}
	c.Groups[reference].Hazard = refuse(noReference)
	if len(model.Covariates) == 0 {
		return
	}
	fit, err := model.Fit()
	for g := range c.Groups {
		switch {
		case g == reference || c.Groups[g].Hidden || left[g] < perCovariate:
		case !own[g]:
			c.Groups[g].Hazard = refuse(oneOfMany)
		case err != nil:
			c.Groups[g].Hazard = refuse(refusalOf(err))
		default:
			c.Groups[g].Hazard = hazard(fit, fmt.Sprint(g), w.peopleOf(c.Groups[g].Name, c.Name), words)
		}
	}
}

// within says in words whether people are compared within roles.
func within(r spells) string {
	for _, s := range r.stratum {
		if s != 0 {
			return ", within each role"
		}
	}
	return ""
}

// mostCells bounds rows × groups of a model. In a company of 50,000 people it leaves a dozen groups, in one of 10,000 all forty.
const mostCells = 1_500_000

var oneOfMany = evidence.Refusal{Reason: "in a company of this size hazards are held to each other only of the groups that most people left", Need: "fewer groups"}

// modelled are the groups with a hazard of their own: those that somebody left, and of them only so many of most leavers that the model stays
// within its bound.
func modelled(left []int, reference, rows int) map[int]bool {
	var order []int
	for g, n := range left {
		if n > 0 && g != reference {
			order = append(order, g)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return left[b] - left[a] })
	own := map[int]bool{}
	for i, g := range order {
		own[g] = i < max(5, mostCells/rows)
	}
	return own
}

// only are some of the rows.
func (r *spells) only(keep func(i int) bool, group []int) (spells, []int) {
	var out spells
	var of []int
	for i := range r.Stop {
		if keep(i) {
			out.Start, out.Stop, out.Event = append(out.Start, r.Start[i]), append(out.Stop, r.Stop[i]), append(out.Event, r.Event[i])
			out.cluster, out.person, out.stratum = append(out.cluster, r.cluster[i]), append(out.person, r.person[i]), append(out.stratum, r.stratum[i])
			of = append(of, group[i])
		}
	}
	return out, of
}

func (w *world) peopleOf(name, dimension string) int64 {
	for k, d := range dimensionNames {
		if d == dimension {
			if g, ok := w.code[k][name]; ok {
				return w.size[ever][w.place(k, g)]
			}
			return w.size[ever][w.place(k, w.rest[k])]
		}
	}
	return 0
}

// clustered asks a model for robust errors, and says of what. A group needs some clusters of its own: with few, the spread between them is hardly
// seen and its error is much too small (MacKinnon & Webb, Journal of Applied Econometrics 32, 2017). Group is nil when no groups are compared.
func clustered(model *survival.Cox, rows spells, group []int) string {
	type own struct{ group, cluster int }
	all, of, seen := map[int]bool{}, map[int]int{}, map[own]bool{}
	for i, c := range rows.cluster {
		all[c] = true
		if group != nil && !seen[own{group[i], c}] {
			seen[own{group[i], c}] = true
			of[group[i]]++
		}
	}
	enough := len(all) >= fewClusters
	for _, n := range of {
		enough = enough && n >= fewClusters
	}
	if !enough {
		model.Cluster = rows.person
		return coxWords + " clustered by person; there are too few managers or teams to cluster by"
	}
	model.Cluster = rows.cluster
	return coxWords + " clustered by the manager, or else the team or the person, at the beginning of the stay"
}

// hazard is a hazard ratio as a figure of n people.
func hazard(fit *survival.Fit, covariate string, n int64, words string) evidence.Figure {
	for _, c := range fit.Coefficients {
		if c.Covariate != covariate {
			continue
		}
		ratio, low, high, err := c.HazardRatio(level)
		if err != nil {
			return refuse(refusalOf(err))
		}
		return evidence.Confidence(evidence.Float(ratio), evidence.Float(low), evidence.Float(high), level, n, words)
	}
	return evidence.Refuse("the model has no such group", "a report of this as a fault")
}

// adjust makes of the chances of all comparisons those that count that all were looked at (Benjamini & Hochberg, JRSS B 57, 1995).
func adjust(all []*Comparison) {
	var tested []*Comparison
	for _, c := range all {
		c.Adjusted = c.P
		if c.tested {
			tested = append(tested, c)
		}
	}
	slices.SortStableFunc(tested, func(a, b *Comparison) int {
		switch {
		case a.p < b.p:
			return -1
		case a.p > b.p:
			return 1
		}
		return 0
	})
	least := 1.0
	for i := len(tested) - 1; i >= 0; i-- {
		least = min(least, tested[i].p*float64(len(tested))/float64(i+1))
		e, _ := tested[i].P.Estimate()
		tested[i].Adjusted = evidence.Exact(evidence.Float(least), e.N, fmt.Sprintf("adjusted for %d comparisons (Benjamini & Hochberg 1995)", len(tested)))
	}
}
