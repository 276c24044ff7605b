package equity

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/likelihood"
)

// tenures are the models by months between renewals; lacks says why a kind has none.
type tenures struct {
	of    map[int]tenure
	lacks map[int]evidence.Refusal
}

// seen are the contracts of each kind as they were known at a midnight. Those that began before the first end in the books are known only because
// they were still there then.
func seen(endings []Ending, first, at calendar.Day) map[int][]clv.Seen {
	type cell struct{ months, from, to int }
	type counts struct {
		all  float64
		lost map[int]float64
	}
	cells := map[cell]*counts{}
	for _, e := range endings {
		if e.Began >= at {
			continue
		}
		c := cell{months: e.Months, to: Passed(e.Began, at-1, e.Months)}
		if e.Began < first {
			c.from = Passed(e.Began, first-1, e.Months)
		}
		if c.to <= c.from {
			continue // no renewal has come yet
		}
		k := cells[c]
		if k == nil {
			k = &counts{lost: map[int]float64{}}
			cells[c] = k
		}
		k.all += float64(e.Together)
		if e.Lost > 0 && e.Lost <= c.to {
			k.lost[e.Lost] += float64(e.Together)
		}
	}
	order := make([]cell, 0, len(cells))
	for c := range cells {
		order = append(order, c)
	}
	slices.SortFunc(order, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.months, b.months), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	out := map[int][]clv.Seen{}
	for _, c := range order {
		k := cells[c]
		cohort := clv.Cohort{k.all}
		for t := c.from + 1; t <= c.to; t++ {
			cohort = append(cohort, cohort[len(cohort)-1]-k.lost[t])
		}
		out[c.months] = append(out[c.months], clv.Seen{At: c.from, Cohort: cohort})
	}
	return out
}

// fitTenures fits each kind.
func fitTenures(endings []Ending, first, at calendar.Day) (tenures, error) {
	out := tenures{of: map[int]tenure{}, lacks: map[int]evidence.Refusal{}}
	known := seen(endings, first, at)
	for _, months := range Renewals {
		t, err := fitTenure(known[months])
		var lacks likelihood.Refusal
		switch {
		case errors.As(err, &lacks):
			out.lacks[months] = lacks.Refusal
		case err != nil:
			return out, err
		default:
			out.of[months] = t
		}
	}
	return out, nil
}

// Chi-squared at 95 %, by degrees of freedom.
var chiSquared = [...]float64{0, 3.841458820694124, 5.991464547107979}

// fitTenure is the simplest model that the data do not gainsay at 5 %: one churn for all, churn that differs between customers (sBG), or that
// changes with time too (BdW).
func fitTenure(cohorts []clv.Seen) (tenure, error) {
	var out tenure
	sbg, err := clv.FitSBGSeen(cohorts...)
	var lacks likelihood.Refusal
	switch {
	case errors.As(err, &lacks) && lacks.Cause == clv.TooFew:
		lacks.Refusal = tooFew(cohorts)
		return out, lacks
	case errors.As(err, &lacks): // they do not differ enough to tell how
		out = constant(cohorts)
	case err != nil:
		return out, err
	default:
		out = tenureOf("sbg", sbg.Fit, sbgDues)
		if simple := constant(cohorts); 2*(sbg.LogLikelihood-simple.LogLikelihood) < chiSquared[1] {
			out = simple
		}
	}
	if bdw, err := clv.FitBdWSeen(cohorts...); err == nil && 2*(bdw.LogLikelihood-out.LogLikelihood) >= chiSquared[3-len(out.Values)] {
		out = tenureOf("bdw", bdw.Fit, bdwDues)
	}
	for _, c := range cohorts {
		out.Contracts += c.Cohort[0]
		out.Left += c.Cohort[0] - c.Cohort[len(c.Cohort)-1]
	}
	return out, nil
}

// tooFew is a refusal in the words of contracts.
func tooFew(cohorts []clv.Seen) evidence.Refusal {
	left := 0.0
	for _, c := range cohorts {
		left += c.Cohort[0] - c.Cohort[len(c.Cohort)-1]
	}
	if left < leastEnded {
		return evidence.Refusal{Reason: fmt.Sprintf("%.0f have ended at a renewal that the books tell of, which is too few to tell how long they last", left), Need: fmt.Sprintf("%d that ended", leastEnded)}
	}
	return evidence.Refusal{Reason: "all that ended did so at the same renewal, which does not tell how long they last", Need: "contracts that ended at two renewals or more"}
}

// leastEnded is what clv asks for.
const leastEnded = 30

func tenureOf(name string, f likelihood.Fit, of func([]float64, float64) dues) tenure {
	t := tenure{Name: name, Names: f.Names, Values: f.Values, LogLikelihood: f.LogLikelihood, dues: of}
	t.log = make([][]float64, len(f.Values))
	for i := range t.log {
		t.SE = append(t.SE, f.SE(i))
		t.log[i] = make([]float64, len(f.Values))
		for k := range t.log[i] {
			t.log[i][k] = f.Covariance.At(i, k) / (f.Values[i] * f.Values[k])
		}
	}
	return t
}

// constant is one churn for all: the share that leaves at a renewal, with the standard error of a binomial share.
func constant(cohorts []clv.Seen) tenure {
	var lost, faced float64
	for _, c := range cohorts {
		for t := 1; t < len(c.Cohort); t++ {
			lost, faced = lost+c.Cohort[t-1]-c.Cohort[t], faced+c.Cohort[t-1]
		}
	}
	churn := lost / faced
	variance := churn * (1 - churn) / faced
	t := tenure{Name: "constant", Names: []string{"churn"}, Values: []float64{churn}, SE: []float64{math.Sqrt(variance)}, log: [][]float64{{variance / (churn * churn)}}}
	t.LogLikelihood = lost * math.Log(churn)
	if stayed := faced - lost; stayed > 0 {
		t.LogLikelihood += stayed * math.Log1p(-churn)
	}
	t.dues = func(v []float64, discount float64) dues {
		keep := 1 - math.Min(1, v[0])
		return dues{func(_, k int) float64 { return math.Pow(keep, float64(k)) }, func(int) float64 { return keep / (1 - keep/(1+discount)) }}
	}
	return t
}

// moved are the values with one of them multiplied.
func (t tenure) moved(parameter int, by float64) []float64 {
	v := slices.Clone(t.Values)
	v[parameter] *= by
	return v
}
