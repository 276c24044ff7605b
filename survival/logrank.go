package survival

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// LogRankTest compares the curves of groups. The groups are in rising order of their codes.
type LogRankTest struct {
	Test
	Groups []GroupEvents
}

// GroupEvents are the events of a group, and how many it would have had if all groups were alike.
type GroupEvents struct {
	Group              int
	N                  float64
	Observed, Expected float64
}

// LogRank tests whether the groups have one and the same survival (Mantel 1966), within strata when there are any: observed less
// expected events with their hypergeometric variance. Groups that nobody could leave by an event (expected 0) are not counted in
// the degrees of freedom. Rows may begin late; there are at most 500 groups. Weights must be repeats: the variance is one of counts.
func LogRank(s Spells, group, stratum []int) (LogRankTest, error) {
	if len(group) != len(s.Stop) {
		return LogRankTest{}, fmt.Errorf("columns of unequal length: %d rows, %d groups", len(s.Stop), len(group))
	}
	if s.Weighting == Sampling {
		return LogRankTest{}, refuse("weights that are repeats, or a Cox model with robust errors", "log-rank test: sampling weights are not counts")
	}
	o, err := order(s, stratum)
	if err != nil {
		return LogRankTest{}, err
	}
	codes := make([]int, len(o.row))
	for i, r := range o.row {
		codes[i] = group[r]
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	of := make([]int, len(o.row))
	index := map[int]int{}
	t := LogRankTest{Groups: make([]GroupEvents, len(codes))}
	for g, c := range codes {
		index[c] = g
		t.Groups[g].Group = c
	}
	for i, r := range o.row {
		of[i] = index[group[r]]
		t.Groups[of[i]].N += o.weight[i]
	}
	if len(codes) < 2 {
		return t, refuse("two groups or more", "log-rank test: all rows are of one group")
	}
	if len(codes) > mostGroups {
		return t, refuse("fewer, larger groups", "log-rank test: %d groups, at most %d", len(codes), mostGroups)
	}
	if o.events == 0 {
		return t, refuse("rows with the event", "log-rank test: no row has the event")
	}
	variance := tallyGroups(o, of, t.Groups)
	return t, t.judge(variance)
}

// mostGroups bounds the work, which is the square of it at every event.
const mostGroups = 500

// tallyGroups adds up observed and expected events and gives the covariance of their difference.
func tallyGroups(o *ordered, of []int, groups []GroupEvents) *mat.SymDense {
	k := len(groups)
	variance := mat.NewSymDense(k, nil)
	atRisk, events := make([]float64, k), make([]float64, k)
	for _, st := range o.strata {
		clear(atRisk)
		total, gone := 0.0, st.from
		for _, m := range o.moments[st.momentsFrom:st.momentTo] {
			for i := m.from; i < m.to; i++ {
				atRisk[of[i]] += o.weight[i]
				total += o.weight[i]
			}
			for ; o.leave != nil && gone < st.to && o.start[o.leave[gone]] >= m.time; gone++ {
				i := o.leave[gone]
				atRisk[of[i]] -= o.weight[i]
				total -= o.weight[i]
			}
			clear(events)
			d := 0.0
			for i := m.deaths; i < m.to; i++ {
				events[of[i]] += o.weight[i]
				d += o.weight[i]
			}
			spread := 0.0
			if total > 1 {
				spread = d * (total - d) / (total - 1)
			}
			for a := range groups {
				share := atRisk[a] / total
				groups[a].Observed += events[a]
				groups[a].Expected += d * share
				if share == 0 || spread == 0 {
					continue
				}
				variance.SetSym(a, a, variance.At(a, a)+spread*share*(1-share))
				for b := range a {
					variance.SetSym(a, b, variance.At(a, b)-spread*share*atRisk[b]/total)
				}
			}
		}
	}
	return variance
}

// judge makes the statistic of the differences, leaving out one group, whose difference follows from the others.
func (t *LogRankTest) judge(variance *mat.SymDense) error {
	var free []int
	for g, e := range t.Groups {
		if e.Expected > 0 && variance.At(g, g) > 0 {
			free = append(free, g)
		}
	}
	if len(free) < 2 {
		return refuse("events while rows of two groups are at risk", "log-rank test: at no event were rows of two groups at risk")
	}
	free = free[1:]
	u := mat.NewVecDense(len(free), nil)
	v := mat.NewSymDense(len(free), nil)
	for a, g := range free {
		u.SetVec(a, t.Groups[g].Observed-t.Groups[g].Expected)
		for b := 0; b <= a; b++ {
			v.SetSym(a, b, variance.At(g, free[b]))
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(v) {
		return refuse("groups that are at risk together", "log-rank test: some groups are never at risk at the time of an event of another")
	}
	var x mat.VecDense
	if err := chol.SolveVecTo(&x, u); err != nil {
		return refuse("groups that are at risk together", "log-rank test: some groups are hardly ever at risk at the time of an event of another")
	}
	t.Test = chiSquared(mat.Dot(u, &x), len(free))
	return nil
}
