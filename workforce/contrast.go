package workforce

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/survival"
)

func (r *spells) append(o spells) {
	r.Start, r.Stop, r.Event = append(r.Start, o.Start...), append(r.Stop, o.Stop...), append(r.Event, o.Event...)
	r.cluster, r.person, r.stratum = append(r.cluster, o.cluster...), append(r.person, o.person...), append(r.stratum, o.stratum...)
}

// contrast tests whether groups stay alike, and holds the hazards of the groups to each other.
func (w *world) contrast(c *Comparison, rows spells, group []int) {
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
	if test, err := survival.LogRank(rows.Spells, group, rows.stratum); err == nil {
		c.p, c.tested = test.P, true
		c.P = evidence.Exact(evidence.Float(test.P), int64(events), "log-rank test (Mantel 1966) of whether all groups shown leave alike at the same length of stay"+within(rows))
	} else {
		c.P = refuse(refusalOf(err))
	}
	w.hazards(c, rows, group, len(shown))
}

// hazards fits the model of one hazard a group. Of two groups the second is held to the first. Of more, each is held to the average of all that are
// in the model, weighted by their time under observation: any one of them as the reference would be chosen for something that goes with leaving
// (a group that people keep leaving has had the most people, one that they stay in the most time), and make all others look better or worse.
func (w *world) hazards(c *Comparison, rows spells, group []int, shown int) {
	left := make([]int, len(c.Groups))
	for i, g := range group {
		if rows.Event[i] {
			left[g]++
		}
	}
	own := modelled(left, len(rows.Stop))
	if len(own) < 2 {
		return
	}
	rows, group = rows.only(func(i int) bool { return own[group[i]] }, group)
	time, total := make([]float64, len(c.Groups)), 0.0
	for i, g := range group {
		time[g] += rows.Stop[i] - rows.Start[i]
		total += rows.Stop[i] - rows.Start[i]
	}
	model := survival.Cox{Spells: rows.Spells, Stratum: rows.stratum}
	words := clustered(&model, rows, group) + within(rows)
	first, of := indicators(&model, group, own)
	fit, err := model.Fit()
	if shown == 2 {
		c.Reference = c.Groups[first].Name
		if left[first] < perCovariate {
			return
		}
	} else {
		c.Reference = averageGroup
	}
	for g := range c.Groups {
		switch {
		case c.Groups[g].Hidden || left[g] < perCovariate:
		case !own[g]:
			c.Groups[g].Hazard = refuse(oneOfMany)
		case shown == 2 && g == first:
			c.Groups[g].Hazard = refuse(noReference)
		case err != nil:
			c.Groups[g].Hazard = refuse(refusalOf(err))
		case shown == 2:
			c.Groups[g].Hazard = hazard(fit, fmt.Sprint(g), w.peopleOf(c.Groups[g].Name, c.Name), words)
		default:
			c.Groups[g].Hazard = againstAverage(fit, of, g, time, total, w.peopleOf(c.Groups[g].Name, c.Name), words)
		}
	}
}

// indicators gives a model a covariate for each group but the first, from which they are measured.
func indicators(model *survival.Cox, group []int, own map[int]bool) (first int, of []int) {
	of = slices.Sorted(maps.Keys(own))
	for _, g := range of[1:] {
		x := make([]float64, len(group))
		for i := range group {
			if group[i] == g {
				x[i] = 1
			}
		}
		model.Covariates = append(model.Covariates, survival.Covariate{Name: fmt.Sprint(g), Values: x})
	}
	return of[0], of[1:]
}

const averageGroup = "the average of the groups"

// againstAverage is exp(b_g − Σ w_k b_k) with the weights w of time, and its error by the delta method, which is exact for the logarithm.
func againstAverage(fit *survival.Fit, of []int, g int, time []float64, total float64, n int64, words string) evidence.Figure {
	contrast := make([]float64, len(of))
	for i, k := range of {
		contrast[i] = -time[k] / total
		if k == g {
			contrast[i]++
		}
	}
	covariance := fit.Covariance()
	log, variance := 0.0, 0.0
	for i, a := range contrast {
		log += float64(a * fit.Coefficients[i].Value)
		for j, b := range contrast {
			variance += float64(float64(a*b) * covariance.At(i, j))
		}
	}
	half := z975 * math.Sqrt(math.Max(0, variance))
	return evidence.Confidence(evidence.Float(math.Exp(log)), evidence.Float(math.Exp(log-half)), evidence.Float(math.Exp(log+half)), level, n,
		words+"; against the average of the groups’ log hazards, by time under observation")
}

// mostCells bounds rows × groups of a model. In a company of 50,000 people it leaves a dozen groups, in one of 10,000 all forty.
const mostCells = 1_500_000

var oneOfMany = evidence.Refusal{Reason: "in a company of this size hazards are held to each other only of the groups that most people left", Need: "fewer groups"}

// modelled are the groups with a hazard of their own: those that somebody left, and of them only so many of most leavers that the model stays
// within its bound.
func modelled(left []int, rows int) map[int]bool {
	var order []int
	for g, n := range left {
		if n > 0 {
			order = append(order, g)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return left[b] - left[a] })
	own := map[int]bool{}
	for _, g := range order[:min(len(order), max(6, mostCells/max(1, rows)))] {
		own[g] = true
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

// within says in words whether people are compared within roles.
func within(r spells) string {
	for _, s := range r.stratum {
		if s != 0 {
			return ", within each role"
		}
	}
	return ""
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
