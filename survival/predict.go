package survival

import (
	"math"
)

// Hazard is a cumulative hazard from the beginning up to and with Time.
type Hazard struct {
	Time, Cumulative, SE float64
}

// Hazard is the cumulative hazard of a row with the covariates x, in their order, in a stratum (0 when there are no strata), at every
// time with events: Breslow's estimate, or with Efron's ties his increments; x = 0 gives the baseline. The error holds both the
// uncertainty of the baseline and that of the coefficients.
func (f *Fit) Hazard(x []float64, stratum int) ([]Hazard, error) {
	q, err := f.at(x, stratum)
	if err != nil {
		return nil, err
	}
	return f.rise(q, x), nil
}

// Survival is the curve of such a row, exp(−cumulative hazard), with its interval of the level. AtRisk and Events are of its stratum.
func (f *Fit) Survival(x []float64, stratum int, kind Interval, level float64) (*Curve, error) {
	z, err := normal(level)
	if err != nil {
		return nil, err
	}
	q, err := f.at(x, stratum)
	if err != nil {
		return nil, err
	}
	o := f.sweep.o
	c := &Curve{Kind: kind, Level: level, z: z, predicted: true, uncounted: true, origin: min(0, o.first), end: o.stop[q.from]}
	for k := q.from; k < q.to; k++ {
		count := 1.0
		if o.repeats {
			count = o.weight[k]
		}
		c.N += count
		if o.event[k] {
			c.Events += count
		}
	}
	atRisk := f.atRisk(q)
	for i, h := range f.rise(q, x) {
		j := len(q.time) - 1 - i
		p := Point{Time: h.Time, AtRisk: atRisk[j], Events: q.weight[j], Survival: math.Exp(-h.Cumulative)}
		c.bound(&p, h.SE)
		c.Points = append(c.Points, p)
	}
	return c, nil
}

// at finds the path of a stratum.
func (f *Fit) at(x []float64, stratum int) (*path, error) {
	if len(x) != len(f.beta) {
		return nil, refuse("a value for every covariate", "%d values for %d covariates", len(x), len(f.beta))
	}
	for a, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, refuse("a number", "covariate %s: %v is not a number", f.spec.Covariates[a].Name, v)
		}
	}
	paths := f.paths()
	for i := range paths {
		if q := &paths[i]; q.code == stratum {
			if len(q.time) == 0 {
				return nil, refuse("rows of the stratum with the event", "stratum %d: no row has the event", stratum)
			}
			return q, nil
		}
	}
	return nil, refuse("rows of the stratum", "stratum %d: there are no rows", stratum)
}

// rise is the cumulative hazard by rising time.
func (f *Fit) rise(q *path, x []float64) []Hazard {
	p := len(f.beta)
	z := make([]float64, p)
	for a, v := range x {
		z[a] = (v - f.center[a]) / f.scale[a]
	}
	v := f.covariance
	if f.robust != nil {
		v = f.robust
	}
	eta := dot(z, f.beta)
	away := make([]float64, p)
	var out []Hazard
	for j := len(q.time) - 1; j >= 0; j-- {
		for a := range p {
			away[a] = z[a]*q.hazard[j] - q.mean[j*p+a]
		}
		spread := q.variance[j]
		for a := range p {
			for b := range p {
				spread += away[a] * away[b] * v.At(a, b)
			}
		}
		out = append(out, Hazard{Time: q.time[j], Cumulative: scaled(q.hazard[j], eta), SE: scaled(math.Sqrt(spread), eta)})
	}
	return out
}

// scaled is h·exp(eta) without overflow on the way.
func scaled(h, eta float64) float64 {
	if h == 0 {
		return 0
	}
	return math.Exp(math.Log(h) + eta)
}

// atRisk counts who is at risk at each time of a path.
func (f *Fit) atRisk(q *path) []float64 {
	o := f.sweep.o
	out := make([]float64, 0, len(q.time))
	sum, gone := 0.0, q.from
	for _, m := range o.moments[q.momentsFrom:q.momentTo] {
		for k := m.from; k < m.to; k++ {
			sum += o.weight[k]
		}
		for ; o.leave != nil && gone < q.to && o.start[o.leave[gone]] >= m.time; gone++ {
			sum -= o.weight[o.leave[gone]]
		}
		out = append(out, sum)
	}
	return out
}
