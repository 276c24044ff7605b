package clv

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/likelihood"
)

// Cohort is how many customers under contract are left at the end of each period: Cohort[0] have begun, Cohort[t] are left after
// t renewals. It never rises. Cohorts of different length are fitted together.
type Cohort []float64

func (c Cohort) check() error {
	if len(c) < 2 {
		return fmt.Errorf("%d periods: a cohort has its size and at least one period after it", len(c))
	}
	for t, n := range c {
		switch {
		case !(n >= 0) || math.IsInf(n, 1):
			return fmt.Errorf("period %d: %v customers", t, n)
		case t > 0 && n > c[t-1]:
			return fmt.Errorf("period %d: %v customers are left of %v", t, n, c[t-1])
		}
	}
	return nil
}

// Seen is a cohort that the books tell of only from its At-th renewal on: Cohort[0] are those who were there after At renewals. Who left
// before is not known, and is not taken for nobody: the likelihood is that of those who got so far (left truncation).
type Seen struct {
	At int
	Cohort
}

func whole(cohorts []Cohort) []Seen {
	seen := make([]Seen, len(cohorts))
	for i, c := range cohorts {
		seen[i].Cohort = c
	}
	return seen
}

// contracts are the sufficient statistics of cohorts: how many left at their t-th renewal, how many were still there after t, and how many
// were first seen then.
type contracts struct {
	lost, there, entered []float64
	customers, leavers   float64
}

func summarised(cohorts []Seen) (contracts, error) {
	var c contracts
	longest := 0
	for i, cohort := range cohorts {
		if err := cohort.check(); err != nil {
			return c, fmt.Errorf("cohort %d: %w", i+1, err)
		}
		if cohort.At < 0 {
			return c, fmt.Errorf("cohort %d: seen from renewal %d on", i+1, cohort.At)
		}
		longest = max(longest, cohort.At+len(cohort.Cohort))
	}
	c.lost, c.there, c.entered = make([]float64, longest), make([]float64, longest), make([]float64, longest)
	for _, seen := range cohorts {
		at, cohort := seen.At, seen.Cohort
		end := len(cohort) - 1
		for t := 1; t <= end; t++ {
			c.lost[at+t] += cohort[t-1] - cohort[t]
		}
		c.there[at+end] += cohort[end]
		c.entered[at] += cohort[0]
		c.customers += cohort[0]
		c.leavers += cohort[0] - cohort[end]
	}
	return c, nil
}

// leastLeavers is how many customers must have left for a churn model.
const leastLeavers = 30

func (c contracts) enough(model string, periods int) error {
	seen := 0
	for t := range c.lost {
		if c.lost[t] > 0 {
			seen++
		}
	}
	switch {
	case c.leavers < leastLeavers:
		return likelihood.Refusal{Cause: TooFew, Refusal: evidence.Refusal{Reason: fmt.Sprintf("%s: %.4g customers have left, need %d", model, c.leavers, leastLeavers),
			Need: fmt.Sprintf("cohorts that have lost %d customers", leastLeavers)}}
	case seen < periods:
		return likelihood.Refusal{Cause: TooFew, Refusal: evidence.Refusal{Reason: fmt.Sprintf("%s: losses in %d periods, need %d", model, seen, periods),
			Need: fmt.Sprintf("cohorts with losses in %d periods", periods)}}
	}
	return nil
}

// SBG is the shifted beta-geometric model: a customer does not renew with a probability θ ~ Beta(Alpha, Beta) that never
// changes for them. Retention of a cohort rises nevertheless, since those with a high θ leave first.
//
// Fader & Hardie, Journal of Interactive Marketing 21(1), 2007.
type SBG struct{ Alpha, Beta float64 }

// BdW is the beta-discrete-Weibull model: as [SBG] with chances to leave that also change with time for each customer, rising
// for C above 1. C = 1 is the SBG.
//
// Fader, Hardie, Liu, Davin & Steenburgh, Journal of Interactive Marketing 43, 2018.
type BdW struct{ Alpha, Beta, C float64 }

// Survival is the share of a cohort that is left after t renewals, t ≥ 0.
func (m SBG) Survival(t float64) float64 { return BdW{m.Alpha, m.Beta, 1}.Survival(t) }

// Retention is the share that renews at the t-th renewal, t ≥ 1, of those who are there: (β+t−1)/(α+β+t−1).
func (m SBG) Retention(t float64) float64 {
	if !positive(m.Alpha, m.Beta) || !(t >= 1) {
		return math.NaN()
	}
	return (m.Beta + t - 1) / (m.Alpha + m.Beta + t - 1)
}

// Survival is the share of a cohort that is left after t renewals, t ≥ 0: B(α, β+t^c)/B(α, β).
func (m BdW) Survival(t float64) float64 {
	if !positive(m.Alpha, m.Beta, m.C) || !(t >= 0) {
		return math.NaN()
	}
	return math.Exp(m.lnSurvival(t))
}

func (m BdW) lnSurvival(t float64) float64 {
	w := math.Pow(t, m.C)
	if math.IsInf(w, 1) {
		return math.Inf(-1)
	}
	return lnStay(m.Alpha, m.Beta, w)
}

// lnStay is ln B(α, β+w)/B(α, β), of two equal differences the one whose terms are small.
func lnStay(alpha, beta, w float64) float64 {
	if w < alpha {
		return rising(beta, w) - rising(alpha+beta, w)
	}
	return rising(beta, alpha) - rising(beta+w, alpha)
}

// Retention is the share that renews at the t-th renewal, t ≥ 1, of those who are there.
func (m BdW) Retention(t float64) float64 {
	if !positive(m.Alpha, m.Beta, m.C) || !(t >= 1) {
		return math.NaN()
	}
	return math.Exp(m.lnSurvival(t) - m.lnSurvival(t-1))
}

// Discounted is the number of periods that a new customer pays for, the first at once, each discounted at the rate discount a
// period (DEL): Σ_{t≥0} S(t)/(1+d)^t = 2F1(1, β; α+β; 1/(1+d)). NaN unless discount > 0.
func (m SBG) Discounted(discount float64) float64 {
	if !positive(m.Alpha, m.Beta, discount) {
		return math.NaN()
	}
	return geometricMean(m.Alpha, m.Beta, math.Log1p(discount))
}

// Residual is the number of periods that a customer who has renewed renewals times will pay for from their next renewal on,
// just before it is decided (DERL with n = renewals+1): (β+n−1)/(α+β+n−1)·2F1(1, β+n; α+β+n; 1/(1+d)). The published example
// counts the first purchase as n = 1. Equation 6 of Fader & Hardie, Marketing Science 29(1), 2010.
func (m SBG) Residual(renewals int, discount float64) float64 {
	if !positive(m.Alpha, m.Beta, discount) || renewals < 0 {
		return math.NaN()
	}
	b := m.Beta + float64(renewals)
	return b / (m.Alpha + b) * geometricMean(m.Alpha, b+1, math.Log1p(discount))
}

// Discounted is as for [SBG], by summing; NaN unless discount ≥ 1e-5.
func (m BdW) Discounted(discount float64) float64 { return m.from(0, discount) }

// Residual is as for [SBG], by summing S(t)/S(n−1); NaN unless discount ≥ 1e-5.
func (m BdW) Residual(renewals int, discount float64) float64 {
	if renewals < 0 {
		return math.NaN()
	}
	next := renewals + 1
	return m.Retention(float64(next)) * m.from(next, discount)
}

// from sums S(t)/S(start) discounted to start.
func (m BdW) from(start int, discount float64) float64 {
	if !positive(m.Alpha, m.Beta, m.C) || !(discount >= 1e-5) || math.IsInf(discount, 1) {
		return math.NaN()
	}
	first, delta, sum := m.lnSurvival(float64(start)), math.Log1p(discount), 0.0
	for j := 0.0; ; j++ {
		term := math.Exp(m.lnSurvival(float64(start)+j) - first - j*delta)
		sum += term
		if term < 1e-17*sum*-math.Expm1(-delta) {
			return sum
		}
	}
}

const churnIsOne = "one churn rate describes everybody, or it rises with time"

// FitSBG fits the model to cohorts by maximum likelihood. The error is a [likelihood.Refusal] when too few left, or the
// likelihood has no maximum inside, and another when a cohort is not one.
func FitSBG(cohorts ...Cohort) (Fit[SBG], error) { return FitSBGSeen(whole(cohorts)...) }

// FitSBGSeen is [FitSBG] of cohorts that are seen from some renewal on.
func FitSBGSeen(cohorts ...Seen) (Fit[SBG], error) {
	c, err := summarised(cohorts)
	if err != nil {
		return Fit[SBG]{}, fmt.Errorf("sBG: %w", err)
	}
	if err := c.enough("sBG", 2); err != nil {
		return Fit[SBG]{}, err
	}
	found, err := likelihood.Maximise(likelihood.Problem{
		Parameters:    []likelihood.Parameter{{Name: "alpha", Low: 1e-5, High: 1e5, AtHigh: churnIsOne}, {Name: "beta", Low: 1e-5, High: 1e5, AtHigh: churnIsOne}},
		Observations:  c.customers,
		LogLikelihood: func(p, gradient []float64) float64 { return c.at(p[0], p[1], 1, gradient) },
		Starts:        [][]float64{{1, 2}, {0.3, 0.6}, {3, 20}},
	})
	if err != nil {
		return Fit[SBG]{}, named("sBG", err)
	}
	return Fit[SBG]{SBG{found.Values[0], found.Values[1]}, found}, nil
}

// FitBdW fits the model to cohorts by maximum likelihood; it needs losses in three periods. Errors are as for [FitSBG].
func FitBdW(cohorts ...Cohort) (Fit[BdW], error) { return FitBdWSeen(whole(cohorts)...) }

// FitBdWSeen is [FitBdW] of cohorts that are seen from some renewal on.
func FitBdWSeen(cohorts ...Seen) (Fit[BdW], error) {
	c, err := summarised(cohorts)
	if err != nil {
		return Fit[BdW]{}, fmt.Errorf("BdW: %w", err)
	}
	if err := c.enough("BdW", 3); err != nil {
		return Fit[BdW]{}, err
	}
	found, err := likelihood.Maximise(likelihood.Problem{
		Parameters: []likelihood.Parameter{{Name: "alpha", Low: 1e-5, High: 1e5, AtHigh: "customers do not differ"},
			{Name: "beta", Low: 1e-5, High: 1e5, AtHigh: "customers do not differ"}, {Name: "c", Low: 1e-2, High: 30}},
		Observations:  c.customers,
		LogLikelihood: func(p, gradient []float64) float64 { return c.at(p[0], p[1], p[2], gradient) },
		Starts:        [][]float64{{1, 2, 1}, {0.3, 1.5, 1.5}, {2, 8, 0.8}},
	})
	if err != nil {
		return Fit[BdW]{}, named("BdW", err)
	}
	p := found.Values
	return Fit[BdW]{BdW{p[0], p[1], p[2]}, found}, nil
}

// at is Σ lost_t ln P(t) + Σ (there_t − entered_t) ln S(t), P(t) = S(t−1) − S(t), with its derivatives by α, β and c.
func (c contracts) at(alpha, beta, shape float64, gradient []float64) float64 {
	m := BdW{alpha, beta, shape}
	value := 0.0
	clear(gradient)
	var before, slopesBefore = 0.0, [3]float64{}
	for t := 1; t < len(c.lost); t++ {
		ln, slopes := m.slopes(float64(t))
		if n := c.lost[t]; n > 0 {
			gap := ln - before
			value += n * (before + math.Log(-math.Expm1(gap)))
			// ∂ ln P = (∂ ln S(t−1) − (S(t)/S(t−1)) ∂ ln S(t)) / (1 − S(t)/S(t−1))
			kept, left := math.Exp(gap), -math.Expm1(gap)
			for j := range gradient {
				gradient[j] += n * (slopesBefore[j] - kept*slopes[j]) / left
			}
		}
		if n := c.there[t] - c.entered[t]; n != 0 {
			value += n * ln
			for j := range gradient {
				gradient[j] += n * slopes[j]
			}
		}
		before, slopesBefore = ln, slopes
	}
	return value
}

// slopes are ln S(t), t ≥ 1, and its derivatives by α, β and c.
func (m BdW) slopes(t float64) (ln float64, by [3]float64) {
	w := math.Pow(t, m.C)
	all := risingSlope(m.Alpha+m.Beta, w)
	// ψ(β+w) − ψ(α+β+w), by which w enters.
	byW := -risingSlope(m.Beta+w, m.Alpha)
	return lnStay(m.Alpha, m.Beta, w), [3]float64{-all, risingSlope(m.Beta, w) - all, byW * w * math.Log(t)}
}
