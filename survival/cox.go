package survival

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Covariate is a named column of numbers.
type Covariate struct {
	Name   string
	Values []float64
}

// Ties says how events at one and the same time are taken.
type Ties int

// Efron's approximation is R's default and close to exact; Breslow's is simpler and pulls coefficients towards 0 where many are tied.
const (
	Efron Ties = iota
	Breslow
)

// Cox is a model of proportional hazards: the hazard of a row is that of its stratum times exp(Σ coefficient·covariate).
type Cox struct {
	Spells
	Covariates []Covariate
	Stratum    []int // nil: one baseline hazard for all
	Ties       Ties
	// Robust asks for standard errors that hold when the model is not quite true (Lin & Wei 1989): each row is on its own, or all rows of
	// a Cluster together (a customer's pieces of time, a firm's people). A Cluster asks for them by itself.
	Robust  bool
	Cluster []int
}

// Fit is a fitted model.
type Fit struct {
	Coefficients []Coefficient // in the order of the covariates
	N, Events    int64         // rows, and those with the event; sums of weights when they are repeats
	Clusters     int           // 0 when errors are not clustered

	LogLikelihoodNull, LogLikelihood float64
	// Three tests that all coefficients are 0. Wald's is by the robust errors when there are any.
	LikelihoodRatio, Wald, Score Test
	Iterations                   int

	spec       Cox
	sweep      *sweep
	beta       []float64 // of the covariates less center, over scale
	center     []float64
	scale      []float64
	covariance *mat.SymDense // of beta, from the information
	robust     *mat.SymDense // of beta; nil unless asked for
}

// Coefficient is the change of the log hazard by one unit of a covariate. RobustSE is NaN unless robust errors were asked for.
type Coefficient struct {
	Covariate           string
	Value, SE, RobustSE float64
}

// HazardRatio is exp of the coefficient with its interval of the level, such as 0.95, by the robust error when there is one.
func (c Coefficient) HazardRatio(level float64) (ratio, low, high float64, err error) {
	z, err := normal(level)
	if err != nil {
		return 0, 0, 0, err
	}
	se := c.StandardError()
	return math.Exp(c.Value), math.Exp(c.Value - z*se), math.Exp(c.Value + z*se), nil
}

// StandardError is the robust error when there is one, else the model's.
func (c Coefficient) StandardError() float64 {
	if math.IsNaN(c.RobustSE) {
		return c.SE
	}
	return c.RobustSE
}

// P is the chance of a coefficient as far from 0 when its covariate does nothing (two-sided, by the normal).
func (c Coefficient) P() float64 {
	return math.Erfc(math.Abs(c.Value) / c.StandardError() / math.Sqrt2) // 1 − Φ has no digits left far out
}

// Fit maximises the partial likelihood by Newton's method from 0. It refuses what has no answer: no events, fewer events than
// covariates, a covariate that is constant or follows from others, and coefficients that run to infinity.
func (c Cox) Fit() (*Fit, error) {
	o, f, err := c.prepare()
	if err != nil {
		return nil, err
	}
	null := f.sweep.evaluate(make([]float64, len(f.beta)))
	if err := f.estimable(null); err != nil {
		return nil, err
	}
	best, err := f.climb(null)
	if err != nil {
		return nil, err
	}
	f.N, f.Events = int64(o.n), int64(o.events)
	f.LogLikelihoodNull, f.LogLikelihood = null.value, best.value
	p := len(f.beta)
	f.LikelihoodRatio = chiSquared(2*max(0, best.value-null.value), p)
	delta, _, ok := solve(null)
	if !ok {
		return nil, f.infinite(f.beta)
	}
	f.Score = chiSquared(dot(null.score, delta), p)
	_, chol, ok := solve(best)
	if !ok {
		return nil, f.infinite(f.beta)
	}
	f.covariance = mat.NewSymDense(p, nil)
	if err := chol.InverseTo(f.covariance); err != nil {
		return nil, f.infinite(f.beta)
	}
	if err := f.errors(); err != nil {
		return nil, err
	}
	return f, nil
}

// errors finds the robust errors when they are asked for, the coefficients in their own units, and Wald's test.
func (f *Fit) errors() error {
	p := len(f.beta)
	robust := f.spec.Robust || f.spec.Cluster != nil || f.spec.Weighting == Sampling
	v := f.covariance
	if robust {
		var err error
		if f.robust, err = f.sandwich(); err != nil {
			return err
		}
		v = f.robust
	}
	for a, covariate := range f.spec.Covariates {
		c := Coefficient{Covariate: covariate.Name, Value: f.beta[a] / f.scale[a], SE: math.Sqrt(f.covariance.At(a, a)) / f.scale[a], RobustSE: math.NaN()}
		if robust {
			c.RobustSE = math.Sqrt(f.robust.At(a, a)) / f.scale[a]
		}
		f.Coefficients = append(f.Coefficients, c)
	}
	var chol mat.Cholesky
	b, x := mat.NewVecDense(p, f.beta), mat.NewVecDense(p, nil)
	if _, bad := factor(p, v.At, func(a int) float64 { return v.At(a, a) }, 1e-12); bad >= 0 || !chol.Factorize(v) || chol.SolveVecTo(x, b) != nil {
		f.Wald = Test{Statistic: math.NaN(), DF: p, P: math.NaN()} // fewer clusters than covariates
		return nil
	}
	f.Wald = chiSquared(mat.Dot(b, x), p)
	return nil
}

// Covariance is that of the coefficients, robust when robust errors were asked for.
func (f *Fit) Covariance() *mat.SymDense {
	v := f.covariance
	if f.robust != nil {
		v = f.robust
	}
	p := len(f.beta)
	out := mat.NewSymDense(p, nil)
	for a := range p {
		for b := 0; b <= a; b++ {
			out.SetSym(a, b, v.At(a, b)/(f.scale[a]*f.scale[b]))
		}
	}
	return out
}

// tooMany are the steps of Efron's ties at one time beyond which the work would not end.
const tooMany = 10_000_000

// prepare orders the rows and centres and scales the covariates.
func (c Cox) prepare() (*ordered, *Fit, error) {
	if len(c.Covariates) == 0 {
		return nil, nil, refuse("a covariate", "no covariates")
	}
	if err := c.readable(); err != nil {
		return nil, nil, err
	}
	o, err := order(c.Spells, c.Stratum)
	if err != nil {
		return nil, nil, err
	}
	p := len(c.Covariates)
	switch {
	case o.events == 0:
		return nil, nil, refuse("rows with the event", "no row has the event")
	case o.events < float64(p):
		return nil, nil, refuse("more events, or fewer covariates", "%v events for %d covariates", o.events, p)
	}
	for _, m := range o.moments {
		sum := 0.0
		for i := m.deaths; i < m.to; i++ {
			sum += o.weight[i]
		}
		if o.repeats && c.Ties == Efron && sum > tooMany {
			return nil, nil, refuse("ties by Breslow, or finer times", "%v events at the one time %v", sum, m.time)
		}
	}
	f := &Fit{spec: c, beta: make([]float64, p), center: make([]float64, p), scale: make([]float64, p)}
	x, err := f.moderated(o)
	if err != nil {
		return nil, nil, err
	}
	f.sweep = newSweep(o, p, x, c.Ties == Breslow)
	return o, f, nil
}

// moderated gives the covariates less their centres, over their scales, in the order of the rows.
func (f *Fit) moderated(o *ordered) ([]float64, error) {
	covariates, n, p := f.spec.Covariates, len(f.spec.Stop), len(f.beta)
	position := make([]int32, n) // of each of the caller's rows in the order; −1 for those of weight 0
	for i := range position {
		position[i] = -1
	}
	used := make([]bool, n) // whether it is at risk at an event
	for _, st := range o.strata {
		for k := st.from; k < st.to; k++ {
			position[o.row[k]] = k
			used[o.row[k]] = st.momentTo > st.momentsFrom && k < o.moments[st.momentTo-1].to
		}
	}
	for a, covariate := range covariates {
		f.center[a], f.scale[a] = moderate(covariate.Values, used)
		if f.scale[a] == 0 {
			return nil, refuse("rows that differ in it, or leave it out", "covariate %s: it is %v in every row that is at risk at an event", covariate.Name, f.center[a])
		}
	}
	x := make([]float64, len(o.row)*p)
	for i, k := range position {
		if k < 0 {
			continue
		}
		row := x[int(k)*p : int(k)*p+p]
		for a := range row {
			row[a] = (covariates[a].Values[i] - f.center[a]) / f.scale[a]
		}
	}
	return x, nil
}

// readable finds the first covariate or cluster that cannot be used.
func (c Cox) readable() error {
	seen := map[string]bool{}
	for _, covariate := range c.Covariates {
		switch {
		case len(covariate.Values) != len(c.Stop):
			return refuse("a value in every row", "covariate %s: %d values for %d rows", covariate.Name, len(covariate.Values), len(c.Stop))
		case seen[covariate.Name]:
			return refuse("one name for each", "covariate %s: there are two of the name", covariate.Name)
		}
		seen[covariate.Name] = true
		for i, v := range covariate.Values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return refuse("a number in every row; leave out rows without", "covariate %s: row %d: %v is not a number", covariate.Name, i+1, v)
			}
		}
	}
	switch {
	case c.Cluster != nil && len(c.Cluster) != len(c.Stop):
		return refuse("a cluster for every row", "%d clusters for %d rows", len(c.Cluster), len(c.Stop))
	case c.Robust && c.Cluster == nil && c.Start != nil:
		return refuse("a Cluster that says which rows are of one subject", "robust errors: rows with a start may be pieces of one subject")
	}
	return nil
}

// moderate gives a centre that outliers do not move, the median of about two thousand rows, and the root mean square distance from it, over
// the rows that are used. Both only keep the arithmetic exact: no result depends on them.
func moderate(values []float64, used []bool) (center, scale float64) {
	step := max(1, len(values)/2000)
	var some []float64
	for i := 0; i < len(values) || len(some) == 0; i += step {
		if i >= len(values) {
			i, step = 0, 1 // none of the few was used
		}
		if used[i] {
			some = append(some, values[i])
		}
	}
	slices.Sort(some)
	center = some[len(some)/2]
	largest, n := 0.0, 0.0
	for i, v := range values {
		if used[i] {
			largest = max(largest, math.Abs(v-center))
			n++
		}
	}
	if largest == 0 {
		return center, 0
	}
	squares := 0.0
	for i, v := range values {
		if used[i] {
			d := (v - center) / largest
			squares += d * d
		}
	}
	return center, largest * math.Sqrt(squares/n)
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// names lists covariates as one says them.
func names(of []string) string {
	if len(of) < 2 {
		return strings.Join(of, "")
	}
	return strings.Join(of[:len(of)-1], ", ") + " and " + of[len(of)-1]
}
