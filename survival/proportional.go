package survival

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Transform is the scale of time on which effects may drift.
type Transform string

// The four transforms: one less the Kaplan–Meier curve of all rows just before the time (robust against a few late events), the rank, the
// time itself, its logarithm.
const (
	KM       Transform = "km"
	Rank     Transform = "rank"
	Identity Transform = "identity"
	LogTime  Transform = "log"
)

// Proportionality tests whether coefficients stay the same over time: one test a covariate, and one of all.
type Proportionality struct {
	Transform  Transform
	Covariates []CovariateTest // in the order of the covariates
	Global     Test
}

// CovariateTest is the test of one covariate.
type CovariateTest struct {
	Covariate string
	Test
}

// Classic is the test of Grambsch & Therneau (1994) by the correlation of scaled Schoenfeld residuals with time, with the average
// variance in place of each event's own: what R's survival before 3.0 and many books print. Rank counts the times of events. Where
// errors are robust, so is the variance.
func (f *Fit) Classic(transform Transform) (Proportionality, error) {
	d, err := f.drift(transform, true)
	if err != nil {
		return Proportionality{}, err
	}
	p := len(f.beta)
	v := f.covariance
	if f.robust != nil {
		v = f.robust
	}
	var scaledU mat.VecDense
	u := mat.NewVecDense(p, d.u)
	scaledU.MulVec(v, u)
	out := Proportionality{Transform: transform}
	for a, c := range f.spec.Covariates {
		s := scaledU.AtVec(a)
		out.Covariates = append(out.Covariates, CovariateTest{c.Name, chiSquared(d.events*s*s/(v.At(a, a)*d.spread), 1)})
	}
	out.Global = chiSquared(d.events*mat.Dot(u, &scaledU)/d.spread, p)
	return out, nil
}

// Proportional is the exact score test for adding covariate × transformed time to the model: what R's survival from 3.0 on calls cox.zph.
// Rank counts all rows, and so depends on how time was cut into pieces.
func (f *Fit) Proportional(transform Transform) (Proportionality, error) {
	d, err := f.drift(transform, false)
	if err != nil {
		return Proportionality{}, err
	}
	left, err := d.left()
	if err != nil {
		return Proportionality{}, err
	}
	p := len(f.beta)
	out := Proportionality{Transform: transform}
	for a, c := range f.spec.Covariates {
		out.Covariates = append(out.Covariates, CovariateTest{c.Name, chiSquared(d.u[a]*d.u[a]/left.At(a, a), 1)})
	}
	var chol mat.Cholesky
	u, x := mat.NewVecDense(p, d.u), mat.NewVecDense(p, nil)
	if !chol.Factorize(left) || chol.SolveVecTo(x, u) != nil {
		return Proportionality{}, tooFewTimes(p)
	}
	out.Global = chiSquared(mat.Dot(u, x), p)
	return out, nil
}

func tooFewTimes(p int) error {
	return refuse("events at more times, or fewer covariates", "proportionality: the times of events are too few for %d covariates", p)
}

// left is what the scores of the products vary by when the coefficients are fitted: I22 − I21 I11⁻¹ I12.
func (d *drift) left() (*mat.SymDense, error) {
	p := len(d.u)
	var chol mat.Cholesky
	whole := func(a, b int) float64 {
		switch {
		case a < p:
			return d.i11.At(a, b)
		case b < p:
			return d.i12.At(a-p, b)
		}
		return d.i22.At(a-p, b-p)
	}
	size := func(a int) float64 {
		if a < p {
			return d.i11.At(a, a)
		}
		return d.i11.At(a-p, a-p) * d.spread / d.events // what its information would be, were it the same at all events
	}
	if _, bad := factor(2*p, whole, size, few); bad >= 0 || !chol.Factorize(d.i11) {
		return nil, tooFewTimes(p)
	}
	var solved, lost mat.Dense
	if err := chol.SolveTo(&solved, d.i12); err != nil {
		return nil, tooFewTimes(p)
	}
	lost.Mul(d.i12.T(), &solved)
	left := mat.NewSymDense(p, nil)
	for a := range p {
		for b := 0; b <= a; b++ {
			left.SetSym(a, b, d.i22.At(a, b)-(lost.At(a, b)+lost.At(b, a))/2)
		}
	}
	return left, nil
}

// few is the share of a product's information that the others must leave: below it only rounding is left, as with fewer times than covariates.
const few = 1e-8

// drift are the sums of both tests, g the transformed time less its mean over events.
type drift struct {
	u             []float64 // Σ g(x − x̄)
	events        float64
	spread        float64 // Σ g² over events
	i11, i22, i12 *mat.SymDense
}

func (f *Fit) drift(transform Transform, classic bool) (drift, error) {
	s, o, p := f.sweep, f.sweep.o, len(f.beta)
	d := drift{u: make([]float64, p)}
	g, err := f.transformed(transform, classic)
	if err != nil {
		return d, err
	}
	if err := d.centre(o, g); err != nil {
		return d, err
	}
	n := p * (p + 1) / 2
	v, i11, i12, i22 := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	j := 0
	s.run(f.beta, true, func(m *moment, t *ties) {
		at := g[j]
		j++
		for a, r := range s.r1 {
			residual := -(t.a0*r + t.a1*s.d1[a])
			for i := m.deaths; i < m.to; i++ {
				residual += o.weight[i] * s.x[int(i)*p+a]
			}
			d.u[a] += at * residual
		}
		clear(v)
		s.inform(t, v)
		for k, x := range v {
			i11[k] += x
			i12[k] += at * x
			i22[k] += at * at * x
		}
	})
	d.i11, d.i12, d.i22 = symmetric(p, i11), symmetric(p, i12), symmetric(p, i22)
	return d, nil
}

// centre takes the mean over events from g, and refuses a g that is the same at all of them.
func (d *drift) centre(o *ordered, g []float64) error {
	weights := make([]float64, len(g))
	mean, largest := 0.0, 0.0
	for j, m := range o.moments {
		weights[j] = float64(m.to - m.deaths)
		if o.repeats {
			weights[j] = floats.Sum(o.weight[m.deaths:m.to])
		}
		d.events += weights[j]
		mean += weights[j] * g[j]
		largest = max(largest, math.Abs(g[j]))
	}
	mean /= d.events
	for j := range g {
		g[j] -= mean
		d.spread += weights[j] * g[j] * g[j]
	}
	if d.spread <= 1e-20*d.events*largest*largest {
		return refuse("events at two times or more", "proportionality: all events are at one time")
	}
	return nil
}

// symmetric is the matrix of a lower triangle.
func symmetric(p int, lower []float64) *mat.SymDense {
	out := mat.NewSymDense(p, nil)
	k := 0
	for a := range p {
		for b := 0; b <= a; b++ {
			out.SetSym(a, b, lower[k])
			k++
		}
	}
	return out
}

// transformed gives the transform of the time of every moment.
func (f *Fit) transformed(transform Transform, classic bool) ([]float64, error) {
	o := f.sweep.o
	g := make([]float64, len(o.moments))
	of := func(t float64) float64 { return t }
	switch transform {
	case Identity:
	case LogTime:
		for _, m := range o.moments {
			if m.time <= 0 {
				return nil, refuse("times above 0, or another transform", "proportionality by the logarithm of time: an event is at the time %v", m.time)
			}
		}
		of = math.Log
	case KM:
		s := f.spec.Spells
		if s.Weighting == Sampling {
			s.Weight, s.Weighting = nil, Repeats // R's: the curve of rows as they are
		}
		c, err := KaplanMeier(s, Log, 0.95)
		if err != nil {
			return nil, err
		}
		of = func(t float64) float64 {
			k := sort.Search(len(c.Points), func(i int) bool { return c.Points[i].Time >= t })
			if k == 0 {
				return 0
			}
			return 1 - c.Points[k-1].Survival
		}
	case Rank:
		of = ranks(o, classic)
	default:
		return nil, fmt.Errorf("transform %q is none of km, rank, identity, log", transform)
	}
	for j, m := range o.moments {
		g[j] = of(m.time)
	}
	return g, nil
}

// ranks gives the mean rank of a time among those of the rows, or only of those with the event.
func ranks(o *ordered, events bool) func(float64) float64 {
	counts := map[float64]float64{}
	var times []float64
	for k, t := range o.stop {
		if events && !o.event[k] {
			continue
		}
		if _, ok := counts[t]; !ok {
			times = append(times, t)
		}
		if o.repeats {
			counts[t] += o.weight[k]
		} else {
			counts[t]++
		}
	}
	sort.Float64s(times)
	rank := make(map[float64]float64, len(times))
	below := 0.0
	for _, t := range times {
		rank[t] = below + (counts[t]+1)/2
		below += counts[t]
	}
	return func(t float64) float64 { return rank[t] }
}
