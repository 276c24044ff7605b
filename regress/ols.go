package regress

import "math"

// OLS is ordinary least squares. It refuses fewer rows than one more than the
// parameters, and an outcome that does not vary.
func OLS(d Design, o Options) (*Fit, error) {
	t, err := d.checked()
	if err != nil {
		return nil, err
	}
	return leastSquares(t, !d.NoIntercept, o, within{})
}

// within is what effects have taken out of a table before it is fitted; the
// zero value is nothing.
type within struct {
	taken  float64                    // parameters
	before []float64                  // lengths of the covariates until then
	apart  func(groups []int) float64 // parameters of the effects that do not lie inside the clusters
}

func leastSquares(t *table, constant bool, o Options, w within) (*Fit, error) {
	k := float64(len(t.x))
	if constant {
		k++
	}
	df := t.n - w.taken - k
	if df < 0.5 {
		return nil, refuse("%s are too few for %g parameters", rowsFor(t.n), w.taken+k)
	}
	if k == 0 {
		return nil, refuse("there is no covariate")
	}
	b, err := newBasis(t, constant, w.before)
	if err != nil {
		return nil, err
	}
	centre, length, largest, err := t.spread(t.y, constant)
	if err != nil {
		return nil, err
	}
	if length <= minute || length <= still*largest*math.Sqrt(t.n) {
		return nil, refuse("the outcome does not vary")
	}
	y := func(i int) float64 { return (t.y[i] - centre) / length }
	l, err := b.fit(y, t.weight)
	if err != nil {
		return nil, err
	}
	return b.finish(l, y, centre, length, o, df, w)
}

// finish makes a Fit of a line whose outcome was y = (outcome − centre)/length.
func (b *basis) finish(l *line, y func(int) float64, centre, length float64, o Options, df float64, w within) (*Fit, error) {
	groups, clusters, err := o.clusters(b.table)
	if err != nil {
		return nil, err
	}
	row := make([]float64, b.p)
	s := spreadOf{options: o, groups: groups, clusters: clusters, sigma2: l.rss / df, n: b.n, k: b.n - df,
		score: func(i int) float64 { return y(i) - b.eta(l.gamma, i, row) }}
	if w.apart != nil && o.Errors.Clustered() {
		s.k = float64(b.p) + max(1, w.apart(groups))
	}
	names, coefficients, covariance := b.coefficients(l.gamma, b.covariance(l.inverse, s))
	f := &Fit{Names: names, Coefficients: coefficients, Covariance: scaled(covariance, length*length), Errors: o.Errors, N: b.n, DF: df, Clusters: clusters,
		RSS: l.rss * length * length, TSS: length * length}
	for i := range coefficients {
		coefficients[i] *= length
	}
	total := df + float64(b.p)
	if b.constant {
		coefficients[0] += centre
		total--
	}
	f.R2 = 1 - l.rss
	f.AdjustedR2 = 1 - l.rss/df*total
	f.Sigma = math.Sqrt(f.RSS / df)
	return f, nil
}
