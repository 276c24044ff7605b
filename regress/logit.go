package regress

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Likely is a fit by maximum likelihood or pseudo-likelihood. Its tests rest on
// large samples (DF is +Inf).
type Likely struct {
	Fit
	LogLikelihood float64
	Null          float64 // log-likelihood with the constant, or the effects, alone
	Iterations    int
	Fitted        []float64 // probabilities, or means, of the rows used
	// Used are the rows of the design that were used; nil: all. Rows of weight 0 are not, nor those that effects explain alone.
	Used []int

	marginal map[string]float64
	discrete map[string]float64
}

// PseudoR2 is McFadden's 1 − LogLikelihood/Null.
func (l *Likely) PseudoR2() float64 { return 1 - l.LogLikelihood/l.Null }

// MarginalEffect is the mean over the rows of the probability's derivative by a
// covariate of a logit.
func (l *Likely) MarginalEffect(name string) (float64, bool) {
	v, ok := l.marginal[name]
	return v, ok
}

// DiscreteEffect is the mean over the rows of the probability at 1 less that at 0
// of a covariate of a logit that has no other values; false for others.
func (l *Likely) DiscreteEffect(name string) (float64, bool) {
	v, ok := l.discrete[name]
	return v, ok
}

// Logit is logistic regression of an outcome of 0 and 1, by iteratively
// reweighted least squares, each by QR, with halved steps (McCullagh & Nelder,
// Generalized Linear Models, 2nd ed., 4.4). Classic errors are the inverse of the
// information. When a combination of covariates tells the outcomes apart, wholly or
// but for ties, no estimate exists (Albert & Anderson, Biometrika 71(1), 1984): then
// the covariates that do it are refused by name, once such a combination has been
// found and held against every row.
func Logit(d Design, o Options) (*Likely, error) {
	t, err := d.checked()
	if err != nil {
		return nil, err
	}
	ones, err := t.ones()
	if err != nil {
		return nil, err
	}
	if len(t.x) == 0 {
		return nil, refuse("there is no covariate")
	}
	b, err := newBasis(t, !d.NoIntercept, nil)
	if err != nil {
		return nil, err
	}
	if t.n-float64(b.p) < 0.5 {
		return nil, refuse("%s are too few for %d parameters", rowsFor(t.n), b.p)
	}
	m := &logit{basis: b, eta: make([]float64, len(t.y)), trial: make([]float64, len(t.y)), row: make([]float64, b.p)}
	if err := m.climb(); err != nil {
		return nil, err
	}
	return m.finish(o, ones/t.n)
}

// ones is the weight of the rows of outcome 1.
func (t *table) ones() (float64, error) {
	sum := 0.0
	for i, y := range t.y {
		if y != 0 && y != 1 {
			return 0, &Refusal{Row: i, Why: fmt.Sprintf("the outcome is %v; a logit takes 0 and 1", y)}
		}
		sum += t.weight(i) * y
	}
	if sum == 0 || sum == t.n {
		return 0, refuse("the outcome is %v in every row", t.y[0])
	}
	return sum, nil
}

// logit climbs the likelihood in the coordinates of its basis.
type logit struct {
	*basis
	gamma      []float64
	eta, trial []float64
	row        []float64
	inverse    [][]float64
	value      float64
	steps      int
}

// mostSteps of Newton; five to ten are usual.
const mostSteps = 100

func (m *logit) climb() error {
	m.gamma = make([]float64, m.p)
	m.value = m.logLikelihood(m.eta)
	for m.steps = 1; m.steps <= mostSteps; m.steps++ {
		// In steps from here rather than whole lines, so that nothing cancels.
		l, err := m.fit(m.working, m.information)
		if err != nil {
			return m.degenerate(err)
		}
		m.inverse = l.inverse
		largest := m.predict(l.gamma, m.trial)
		if err := m.separated(l.gamma, largest); err != nil {
			return err
		}
		if err := m.step(l.gamma); err != nil {
			return err
		}
		if largest < 1e-10 {
			return nil
		}
	}
	return refuse("the logit did not converge in %d steps", mostSteps)
}

// working is the residual of row i over its information: what a step explains.
func (m *logit) working(i int) float64 {
	p := logistic(m.eta[i])
	return (m.y[i] - p) / math.Max(p*(1-p), tiny)
}

// tiny keeps the information of a row above 0.
const tiny = 1e-14

func (m *logit) information(i int) float64 {
	p := logistic(m.eta[i])
	return m.weight(i) * math.Max(p*(1-p), tiny)
}

func logistic(eta float64) float64 {
	if eta >= 0 {
		return 1 / (1 + math.Exp(-eta))
	}
	e := math.Exp(eta)
	return e / (1 + e)
}

// predict writes the predictor of a direction and gives its largest size.
func (m *logit) predict(direction, into []float64) float64 {
	largest := 0.0
	for i := range into {
		into[i] = m.basis.eta(direction, i, m.row)
		largest = math.Max(largest, math.Abs(into[i]))
	}
	return largest
}

func (m *logit) logLikelihood(eta []float64) float64 {
	sum := 0.0
	for i, x := range eta {
		// ln(1+e^x) without overflow
		sum += m.weight(i) * (m.y[i]*x - math.Max(x, 0) - math.Log1p(math.Exp(-math.Abs(x))))
	}
	return sum
}

// step goes along a direction, half as far until the likelihood does not fall.
func (m *logit) step(direction []float64) error {
	next := make([]float64, len(m.eta))
	for length := 1.0; length > 1e-10; length /= 2 {
		for i, d := range m.trial {
			next[i] = m.eta[i] + length*d
		}
		value := m.logLikelihood(next)
		if value < m.value-1e-12*math.Abs(m.value) {
			continue
		}
		for j, d := range direction {
			m.gamma[j] += length * d
		}
		m.eta, m.value = next, value
		return nil
	}
	return refuse("the logit did not converge")
}

// separated refuses when the direction of a step tells all outcomes apart: then
// the likelihood rises along it for ever. Steps towards an estimate that exists
// shrink; these do not.
func (m *logit) separated(direction []float64, largest float64) error {
	if largest < 0.1 || !m.apart(direction) {
		return nil
	}
	// The fewest of its covariates that do it are to blame: those that move the
	// predictor least are taken out first.
	blamed := slices.Clone(direction)
	first := m.p - len(m.x)
	order := make([]int, len(m.x))
	for j := range order {
		order[j] = first + j
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(direction[a]), math.Abs(direction[b])) })
	for _, j := range order {
		kept := blamed[j]
		if blamed[j] = 0; !m.parts(blamed) {
			blamed[j] = kept
		}
	}
	var names []string
	for j, name := range m.names {
		if blamed[first+j] != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	which, verb := "covariate "+strings.Join(names, " and "), "tells"
	if len(names) > 1 {
		which, verb = "covariates "+strings.Join(names, " and "), "together tell"
	}
	return refuseCovariate(names[0], "%s %s the outcomes 0 and 1 apart, so that no estimate exists (separation); leave one out or gather rows where it does not", which, verb)
}

// apart holds a direction against every row: it must raise no 0 and lower no 1,
// but for what rounding and the last steps have left, measured by the terms of
// the row's own sum.
func (m *logit) apart(direction []float64) bool {
	for i := range m.y {
		m.basis.row(i, m.row)
		sum, size := 0.0, 0.0
		for j, g := range direction {
			sum += g * m.row[j]
			size += math.Abs(g * m.row[j])
		}
		if (2*m.y[i]-1)*sum < -1e-6*size {
			return false
		}
	}
	return true
}

// parts tells whether the covariates of a direction part the outcomes, with ties
// or without, wherever the constant puts the line.
func (m *logit) parts(direction []float64) bool {
	first := m.p - len(m.x)
	top, bottom, low, high := math.Inf(-1), math.Inf(1), math.Inf(1), math.Inf(-1)
	size := 0.0
	for i, y := range m.y {
		m.basis.row(i, m.row)
		d := dot(direction[first:], m.row[first:])
		size = math.Max(size, math.Abs(d))
		if low, high = math.Min(low, d), math.Max(high, d); y == 0 {
			top = math.Max(top, d)
		} else {
			bottom = math.Min(bottom, d)
		}
	}
	if !m.constant && (top > 1e-9*size || bottom < -1e-9*size) {
		return false
	}
	return high-low > 1e-9*size && top <= bottom+1e-9*size
}

// degenerate explains a step that could not be solved: at the start a combination
// of covariates, later rows that are all but certain.
func (m *logit) degenerate(err error) error {
	if m.steps == 1 {
		return err
	}
	return refuse("the logit did not converge: the fitted probabilities went to 0 and 1 (separation)")
}

func (m *logit) finish(o Options, share float64) (*Likely, error) {
	groups, clusters, err := o.clusters(m.table)
	if err != nil {
		return nil, err
	}
	names, coefficients, covariance := m.coefficients(m.gamma, m.covariance(m.inverse, spreadOf{options: o, groups: groups, clusters: clusters, sigma2: 1,
		n: m.n, k: float64(m.p), score: func(i int) float64 { return m.y[i] - logistic(m.eta[i]) }}))
	l := &Likely{Fit: Fit{Names: names, Coefficients: coefficients, Covariance: covariance, Errors: o.Errors, N: m.n, DF: math.Inf(1), Clusters: clusters,
		RSS: math.NaN(), TSS: math.NaN(), R2: math.NaN(), AdjustedR2: math.NaN(), Sigma: math.NaN()},
		LogLikelihood: m.value, Iterations: m.steps, Used: m.rows}
	l.Null = m.n * (share*math.Log(share) + (1-share)*math.Log(1-share))
	if !m.constant {
		l.Null = -m.n * math.Ln2
	}
	for _, eta := range m.eta {
		l.Fitted = append(l.Fitted, logistic(eta))
	}
	m.effects(l)
	return l, nil
}

// effects are the mean effects on the probability.
func (m *logit) effects(l *Likely) {
	l.marginal, l.discrete = map[string]float64{}, map[string]float64{}
	for j, name := range m.names {
		b, _, _ := l.Coefficient(name)
		slope, jump, binary := 0.0, 0.0, true
		for i, eta := range m.eta {
			p, x := l.Fitted[i], m.x[j][i]
			slope += m.weight(i) * p * (1 - p) * b / m.n
			binary = binary && (x == 0 || x == 1)
			jump += m.weight(i) * (logistic(eta+b*(1-x)) - logistic(eta-b*x)) / m.n
		}
		l.marginal[name] = slope
		if binary {
			l.discrete[name] = jump
		}
	}
}
