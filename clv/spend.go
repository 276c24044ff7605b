package clv

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/likelihood"
)

// Spend is what the spend model knows of a customer: how many repeat purchases (x ≥ 1) and their mean (z̄ > 0), in any unit of
// money, the same for all.
type Spend struct {
	Purchases int64
	Mean      float64
}

func (s Spend) check() error {
	switch {
	case s.Purchases < 1:
		return fmt.Errorf("%d purchases: the spend of a customer rests on 1 or more", s.Purchases)
	case !(s.Mean > 0) || math.IsInf(s.Mean, 1):
		return fmt.Errorf("a mean spend of %v, which is not above 0", s.Mean)
	}
	return nil
}

// Spends are the sufficient statistics of the spend model, and of the test whether spend depends on frequency. For each number
// of purchases they hold the exact sum of ln z̄ and, of ln(x z̄), either every distinct value or, where there are many, weights
// on a grid: each customer is spread over the six nearest nodes so that any polynomial of degree five keeps its sum. They do
// not depend on the order in which customers came. They are made by [GatherSpend] and never change.
type Spends struct {
	customers, purchases float64
	by                   []spendsOf // by number of purchases
	moments              pairMoments
}

// spendsOf are the customers with x purchases: totals are places of ln(x z̄), with weights.
type spendsOf struct {
	x, customers, logMean float64
	totals, weights       []float64
	gridded               bool
}

const (
	gridStep = 1.0 / 128 // of ln spend
	gridFrom = 8192      // distinct values from which the grid is used
	// gridSlack bounds what a customer's spreading changes in ln(γ + x z̄): the error of interpolation at six even nodes is at most
	// max|f⁽⁶⁾|·(½·1½·2½)²·h⁶/6!, and the sixth derivative of ln(γ + e^y) by y is that of a logistic function, at most ¼.
	gridSlack = 0.25 * 3.515625 / 720 * gridStep * gridStep * gridStep * gridStep * gridStep * gridStep
)

// spent is a customer's place with its weight.
type spent struct {
	Spend
	customers float64
}

// GatherSpend counts customers by purchases and mean spend. The second value of the sequence is how many customers the row stands
// for; rows with 0 are left out. A row that is not one is an error that names it, counted from 1.
func GatherSpend(rows iter.Seq2[Spend, float64]) (*Spends, error) {
	var all []spent
	row := 0
	for s, n := range rows {
		row++
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("spend %d: %w", row, err)
		}
		if !(n >= 0) || math.IsInf(n, 1) {
			return nil, fmt.Errorf("spend %d: a weight of %v", row, n)
		}
		if n > 0 {
			all = append(all, spent{s, n})
		}
	}
	slices.SortFunc(all, func(a, b spent) int {
		return cmp.Or(cmp.Compare(a.Purchases, b.Purchases), cmp.Compare(a.Mean, b.Mean), cmp.Compare(a.customers, b.customers))
	})
	out := &Spends{}
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Purchases == all[0].Purchases {
			n++
		}
		out.take(all[:n])
		all = all[n:]
	}
	return out, nil
}

// EachSpend gives every customer a weight of 1.
func EachSpend(customers []Spend) iter.Seq2[Spend, float64] {
	return func(yield func(Spend, float64) bool) {
		for _, s := range customers {
			if !yield(s, 1) {
				return
			}
		}
	}
}

// take adds the customers with one number of purchases, sorted by spend.
func (s *Spends) take(rows []spent) {
	of := spendsOf{x: float64(rows[0].Purchases)}
	for _, r := range rows {
		y := math.Log(of.x * r.Mean)
		of.customers += r.customers
		of.logMean += r.customers * math.Log(r.Mean)
		if n := len(of.totals); n > 0 && of.totals[n-1] == y {
			of.weights[n-1] += r.customers
		} else {
			of.totals, of.weights = append(of.totals, y), append(of.weights, r.customers)
		}
		s.moments.add(of.x, r.Mean, r.customers)
	}
	if len(of.totals) >= gridFrom {
		of.spread()
	}
	s.customers += of.customers
	s.purchases += of.customers * of.x
	s.by = append(s.by, of)
}

// spread moves the weights to the nodes of the grid.
func (of *spendsOf) spread() {
	first := math.Floor(of.totals[0]/gridStep) - 2
	last := math.Floor(of.totals[len(of.totals)-1]/gridStep) + 3
	if last-first >= float64(len(of.totals)) {
		return
	}
	grid := make([]float64, int(last-first)+1)
	for i, y := range of.totals {
		node := math.Floor(y / gridStep)
		u := y/gridStep - node
		for j := range 6 { // Lagrange's weights at the nodes −2 … 3 about u
			w := 1.0
			for k := range 6 {
				if k != j {
					w *= (u - float64(k-2)) / float64(j-k)
				}
			}
			grid[int(node-first)+j-2] += of.weights[i] * w
		}
	}
	of.totals, of.weights, of.gridded = nil, nil, true
	for i, w := range grid {
		if w != 0 {
			of.totals, of.weights = append(of.totals, (first+float64(i))*gridStep), append(of.weights, w)
		}
	}
}

// Customers is how many customers there are.
func (s *Spends) Customers() float64 { return s.customers }

// GammaGamma is the model of spend: a purchase costs a customer Gamma(P, rate ν), with ν ~ Gamma(Q, rate Gamma)
// over customers, and does not depend on how often they buy. Gamma is in the unit of money of the spends.
//
// Colombo & Jiang, Journal of Interactive Marketing 13(3), 1999; Fader & Hardie, note 025, 2013.
type GammaGamma struct{ P, Q, Gamma float64 }

// Mean is what a purchase costs on average over customers: Pγ/(Q−1), and NaN unless Q > 1, where there is none.
func (m GammaGamma) Mean() float64 {
	if !positive(m.P, m.Q, m.Gamma) || m.Q <= 1 {
		return math.NaN()
	}
	return m.P * m.Gamma / (m.Q - 1)
}

// Expected is the mean spend of a purchase of a customer of whom s is known: P(γ+x z̄)/(Px+Q−1). Of a customer without repeat
// purchases, Spend{}, it is [GammaGamma.Mean].
func (m GammaGamma) Expected(s Spend) float64 {
	if s == (Spend{}) {
		return m.Mean()
	}
	x := float64(s.Purchases)
	if !positive(m.P, m.Q, m.Gamma) || s.check() != nil || m.P*x+m.Q <= 1 {
		return math.NaN()
	}
	return m.P * (m.Gamma + x*s.Mean) / (m.P*x + m.Q - 1)
}

// LogLikelihood is the logarithm of the density of a mean spend.
func (m GammaGamma) LogLikelihood(s Spend) float64 {
	if !positive(m.P, m.Q, m.Gamma) || s.check() != nil {
		return math.NaN()
	}
	x := float64(s.Purchases)
	px := m.P * x
	// Written in z̄ x/(γ + z̄ x), which keeps its places where px is large.
	return -lnBeta(px, m.Q) - math.Log(s.Mean) - px*math.Log1p(m.Gamma/(x*s.Mean)) - m.Q*math.Log1p(x*s.Mean/m.Gamma)
}

// SpendFit is a fitted spend model with the test of what it assumes. GridError bounds what the grid changes in the log-likelihood
// at the fit; it is 0 where every distinct spend was kept.
type SpendFit struct {
	Fit[GammaGamma]
	Independence Independence
	GridError    float64
}

// FitGammaGamma fits the model by maximum likelihood. The error is a [likelihood.Refusal] when there are too few customers, or
// the likelihood has no maximum inside: purchases of a customer that do not differ, customers that do not. The fit stands whatever the
// test of independence says; what a value may rest on is [Independence.Err].
func FitGammaGamma(s *Spends) (SpendFit, error) {
	if s.customers < leastRepeaters {
		return SpendFit{}, likelihood.Refusal{Cause: TooFew, Refusal: evidence.Refusal{
			Reason: fmt.Sprintf("gamma-gamma: %.4g repeat customers, need %d", s.customers, leastRepeaters),
			Need:   fmt.Sprintf("%d customers who bought again", leastRepeaters)}}
	}
	unit := s.moments.meanY
	const alike, constant = "customers do not differ in what they spend", "purchases of a customer do not differ"
	found, err := likelihood.Maximise(likelihood.Problem{
		Parameters: []likelihood.Parameter{{Name: "p", Low: 1e-4, High: 1e6, AtHigh: constant}, {Name: "q", Low: 1e-4, High: 1e5, AtHigh: alike},
			{Name: "gamma", Unit: unit, Low: 1e-9, High: 1e9, AtHigh: alike, AtLow: "customers differ without measure in what they spend"}},
		Observations:  s.customers,
		LogLikelihood: s.at,
		Starts:        [][]float64{{2, 3, unit}, {0.5, 2, 2 * unit}, {20, 3, 0.1 * unit}},
	})
	if err != nil {
		return SpendFit{}, named("gamma-gamma", err)
	}
	p := found.Values
	fit := SpendFit{Fit: Fit[GammaGamma]{GammaGamma{p[0], p[1], p[2]}, found}, Independence: s.moments.independence(s.customers)}
	for _, of := range s.by {
		if of.gridded {
			fit.GridError += of.customers * (p[0]*of.x + p[1]) * gridSlack
		}
	}
	return fit, nil
}

// at is Σ lnΓ(px+q) − lnΓ(px) − lnΓ(q) + q lnγ + (px−1) ln z̄ + px ln x − (px+q) ln(γ+x z̄), with y = ln(x z̄) and
// softplus(y − ln γ) = ln(γ+x z̄) − ln γ.
func (s *Spends) at(p, gradient []float64) float64 {
	shape, q, gamma := p[0], p[1], p[2]
	clear(gradient)
	value, lnGamma := 0.0, math.Log(gamma)
	for i := range s.by {
		of := &s.by[i]
		px := shape * of.x
		var plus, share float64 // Σ w·ln(1 + x z̄/γ), Σ w·x z̄/(γ + x z̄)
		for j, y := range of.totals {
			e := math.Exp(-math.Abs(y - lnGamma))
			w, l, part := of.weights[j], math.Log1p(e), e/(1+e)
			if y > lnGamma {
				l, part = l+y-lnGamma, 1/(1+e)
			}
			plus += w * l
			share += w * part
		}
		total := of.logMean + of.customers*(math.Log(of.x)-lnGamma) // Σ w·ln(x z̄/γ)
		value += px*total - of.logMean - (px+q)*plus - of.customers*lnBeta(px, q)
		gradient[0] += of.x * (total - plus + of.customers*risingSlope(px, q))
		gradient[1] += of.customers*risingSlope(q, px) - plus
		gradient[2] += (-px*of.customers + (px+q)*share) / gamma
	}
	return value
}

// pairMoments are those of frequency and spend together, by the updating formulas of Welford (1962).
type pairMoments struct{ n, meanX, meanY, xx, yy, xy float64 }

func (m *pairMoments) add(x, y, w float64) {
	m.n += w
	dx, dy := x-m.meanX, y-m.meanY
	m.meanX += dx * w / m.n
	m.meanY += dy * w / m.n
	m.xx += w * dx * (x - m.meanX)
	m.yy += w * dy * (y - m.meanY)
	m.xy += w * dx * (y - m.meanY)
}

// Independence tests whether spend depends on frequency, which the gamma-gamma model assumes it does not: Pearson's correlation
// of the number of purchases and their mean, with Student's t. Under the model the mean of z̄ does not depend on x, while its
// ranks and logarithms do, so that rank tests would reject it wrongly. Low and High are Fisher's 95% interval.
type Independence struct {
	Correlation, Low, High float64
	Statistic, DF, P       float64
	refused                string
}

// dependent is the correlation, to either side, from which spend counts as depending on frequency: one per cent of its variance.
const dependent = 0.1

func (m pairMoments) independence(n float64) Independence {
	if n <= 3 || !(m.xx > 0) || !(m.yy > 0) {
		return Independence{Correlation: math.NaN(), Low: math.NaN(), High: math.NaN(), Statistic: math.NaN(), DF: n - 2, P: math.NaN(),
			refused: "spend and frequency: one of them does not vary, so that their dependence cannot be tested"}
	}
	r := math.Max(-1, math.Min(1, m.xy/math.Sqrt(m.xx*m.yy)))
	i := Independence{Correlation: r, DF: n - 2, Statistic: r * math.Sqrt((n-2)/(1-r*r))}
	i.P = 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 2}.CDF(-math.Abs(i.Statistic))
	half := distuv.UnitNormal.Quantile(0.975) / math.Sqrt(n-3)
	i.Low, i.High = math.Tanh(math.Atanh(r)-half), math.Tanh(math.Atanh(r)+half)
	return i
}

// Err refuses a value that would rest on independence where the whole interval of the correlation lies beyond ±0.1. Below that,
// a correlation is significant in any large base and moves a total little; it is for a reader to see beside the value.
func (i Independence) Err() error {
	switch {
	case i.refused != "":
		return evidence.Refusal{Reason: i.refused, Need: "customers who differ in both"}
	case i.Low > dependent || i.High < -dependent:
		return evidence.Refusal{Reason: fmt.Sprintf("spend depends on frequency: correlation %.2f (%.2f to %.2f)", i.Correlation, i.Low, i.High),
			Need: "groups of customers within which it does not, each with a model of its own"}
	}
	return nil
}
