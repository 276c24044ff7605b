package regress

import (
	"math"
	"slices"
	"strings"
)

// A Counted is a Poisson fit of a panel.
type Counted struct {
	Likely
	Units, Times int // with an outcome above 0; Times 0 where time is not used
	Dropped      int // rows left out, because their unit or time has nothing but zeros
}

// Poisson is Poisson pseudo-maximum likelihood with fixed effects: of an outcome
// of 0 or more whose logarithm of the mean is linear, zeros included, whatever its
// distribution (Santos Silva & Tenreyro, Review of Economics and Statistics 88(4),
// 2006), by iteratively reweighted least squares within the effects (Correia,
// Guimarães & Zylkin, Stata J. 20(1), 2020). Classic errors believe the variance to
// be the mean; HC0 and the clustered ones do not. Rows of a unit or time that has
// nothing but zeros say nothing and are left out. Covariates that are at work only
// where the outcome is 0 have no estimate and are refused by name.
func Poisson(p Panel, kind Effects, o Options) (*Counted, error) {
	t, err := p.checked()
	if err != nil {
		return nil, err
	}
	if len(t.x) == 0 {
		return nil, refuse("there is no covariate")
	}
	for i, y := range t.y {
		if y < 0 {
			return nil, &Refusal{Row: i, Why: "the outcome is below 0, which a Poisson mean cannot be"}
		}
	}
	rows := len(t.y)
	t, e, err := p.counting(t, kind)
	if err != nil {
		return nil, err
	}
	taken := e.parameters()
	df := t.n - taken - float64(len(t.x))
	if df < 0.5 {
		return nil, refuse("%s with an outcome above 0 in their unit and time are too few for %g parameters", rowsFor(t.n), taken+float64(len(t.x)))
	}
	m := newPoisson(t, e)
	if err := m.climb(); err != nil {
		return nil, err
	}
	bare := *t
	bare.names, bare.x = nil, nil
	null := newPoisson(&bare, e)
	if err := null.climb(); err != nil {
		return nil, err
	}
	l, err := m.finish(o, df)
	if err != nil {
		return nil, err
	}
	l.Null = null.logLikelihood()
	return &Counted{Likely: *l, Units: e.units, Times: e.times, Dropped: rows - len(t.y)}, nil
}

// counting leaves out units and times of zeros, until none is left.
func (p Panel) counting(t *table, kind Effects) (*table, *effects, error) {
	for {
		e, err := p.effects(t, kind)
		if err != nil {
			return nil, nil, err
		}
		units, times := make([]float64, e.units), make([]float64, e.times)
		for i, y := range t.y {
			units[e.unit[i]] += y
			if e.times > 0 {
				times[e.time[i]] += y
			}
		}
		var keep []int
		for i := range t.y {
			if units[e.unit[i]] > 0 && (e.times == 0 || times[e.time[i]] > 0) {
				keep = append(keep, i)
			}
		}
		switch len(keep) {
		case 0:
			return nil, nil, refuse("the outcome is 0 in every row")
		case len(t.y):
			return t, e, nil
		}
		t = t.only(keep)
	}
}

// poisson climbs the pseudo-likelihood.
type poisson struct {
	*table
	*effects
	eta, mu []float64
	beta    []float64
	basis   *basis // of the covariates within the effects, under the last weights
	line    *line
	steps   int
}

func newPoisson(t *table, e *effects) *poisson {
	m := &poisson{table: t, effects: e, eta: make([]float64, len(t.y)), mu: make([]float64, len(t.y)), beta: make([]float64, len(t.x))}
	mean := 0.0
	for i, y := range t.y {
		mean += t.weight(i) * y / t.n
	}
	for i, y := range t.y {
		m.mu[i] = (y + mean) / 2
		m.eta[i] = math.Log(m.mu[i])
	}
	return m
}

func (m *poisson) climb() error {
	value := math.Inf(-1)
	working := make([]float64, len(m.y))
	for m.steps = 1; m.steps <= mostSteps; m.steps++ {
		for i, mu := range m.mu {
			// The first step also brings the start into the space of effects and covariates.
			working[i] = (m.y[i] - mu) / mu
			if m.steps == 1 {
				working[i] += m.eta[i]
			}
		}
		change, move, err := m.newton(working)
		if err != nil {
			return err
		}
		from := m.eta
		if m.steps == 1 {
			from = make([]float64, len(m.y))
		}
		if value, err = m.step(from, change, move, value); err != nil {
			return err
		}
		largest := 0.0
		for _, c := range change {
			largest = math.Max(largest, math.Abs(c))
		}
		if m.steps > 1 && largest < 1e-9 {
			return nil
		}
		if err := m.separated(change, move, largest); err != nil {
			return err
		}
	}
	return refuse("the Poisson fit did not converge in %d steps", mostSteps)
}

// newton is the change of the predictor and the move of the coefficients that
// least squares within the effects give.
func (m *poisson) newton(working []float64) (change, move []float64, err error) {
	weight := func(i int) float64 { return m.weight(i) * math.Max(m.mu[i], tiny*tiny) }
	column := *m.table
	column.y = working
	inner, before, err := column.without(m.effects, weight)
	if err != nil {
		return nil, nil, err
	}
	if m.basis, err = newBasis(inner, false, before); err != nil {
		return nil, nil, err
	}
	if m.line, err = m.basis.fit(func(i int) float64 { return inner.y[i] }, weight); err != nil {
		return nil, nil, err
	}
	change = make([]float64, len(m.y))
	row := make([]float64, m.basis.p)
	for i := range change {
		change[i] = working[i] - (inner.y[i] - m.basis.eta(m.line.gamma, i, row))
	}
	_, move, _ = m.basis.coefficients(m.line.gamma, square(m.basis.p))
	return change, move, nil
}

// step goes along the change, half as far until the likelihood does not fall.
func (m *poisson) step(from, change, move []float64, value float64) (float64, error) {
	next, mu := make([]float64, len(from)), make([]float64, len(from))
	for length := 1.0; length > 1e-10; length /= 2 {
		for i, eta := range from {
			next[i] = eta + length*change[i]
			mu[i] = math.Exp(next[i])
		}
		got := m.likelihoodOf(next, mu)
		if math.IsNaN(got) || math.IsInf(got, 0) || got < value-1e-11*math.Abs(value) {
			if m.steps == 1 {
				break
			}
			continue
		}
		for j, b := range move {
			m.beta[j] += length * b
		}
		m.eta, m.mu = next, mu
		return got, nil
	}
	return value, refuse("the Poisson fit did not converge")
}

func (m *poisson) logLikelihood() float64 { return m.likelihoodOf(m.eta, m.mu) }

func (m *poisson) likelihoodOf(eta, mu []float64) float64 {
	sum := 0.0
	for i, y := range m.y {
		g, _ := math.Lgamma(y + 1)
		term := -mu[i] - g
		if y > 0 {
			term += y * eta[i]
		}
		sum += m.weight(i) * term
	}
	return sum
}

// separated refuses when, long after a fit that exists has settled, steps go on
// that leave every row above 0 where it is and only lower rows of 0.
func (m *poisson) separated(change, move []float64, largest float64) error {
	if m.steps < 15 || largest < 0.1 {
		return nil
	}
	for i, c := range change {
		if m.y[i] > 0 && math.Abs(c) > 1e-5*largest || c > 1e-5*largest {
			return nil
		}
	}
	var names []string
	most := 0.0
	for j, b := range move {
		most = math.Max(most, math.Abs(b)*m.basis.scale[j])
	}
	for j, b := range move {
		if math.Abs(b)*m.basis.scale[j] > 1e-3*most {
			names = append(names, m.names[j])
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return refuse("the effects alone tell some rows of outcome 0 from the rest, so that no estimate exists (separation)")
	}
	return refuseCovariate(names[0], "%s tells rows of outcome 0 from the rest, so that no estimate exists (separation); leave it out, or those rows", strings.Join(names, " with "))
}

func (m *poisson) finish(o Options, df float64) (*Likely, error) {
	groups, clusters, err := o.clusters(m.table)
	if err != nil {
		return nil, err
	}
	s := spreadOf{options: o, groups: groups, clusters: clusters, sigma2: 1, n: m.n, k: m.n - df,
		score: func(i int) float64 { return m.y[i] - m.mu[i] }}
	if o.Errors.Clustered() {
		s.k = float64(m.basis.p) + max(1, m.apart(groups))
	}
	names, _, covariance := m.basis.coefficients(m.line.gamma, m.basis.covariance(m.line.inverse, s))
	return &Likely{Fit: Fit{Names: names, Coefficients: m.beta, Covariance: covariance, Errors: o.Errors, N: m.n, DF: math.Inf(1), Clusters: clusters,
		RSS: math.NaN(), TSS: math.NaN(), R2: math.NaN(), AdjustedR2: math.NaN(), Sigma: math.NaN()},
		LogLikelihood: m.logLikelihood(), Iterations: m.steps, Fitted: m.mu, Used: m.rows}, nil
}
