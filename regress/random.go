package regress

import (
	"errors"
	"math"
	"slices"
)

// Random is least squares with random unit effects by Swamy & Arora,
// Econometrica 40(2), 1972, in the form of Baltagi & Chang, J. Econometrics 62(2),
// 1994, where units have different numbers of rows. Theta holds the smallest and
// the largest θ_i = 1 − √(σ²_e/(σ²_e + T_i σ²_u)); at 0 there are no unit effects.
// It assumes that the effects have nothing to do with the covariates; Within does not.
func Random(p Panel, o Options) (*PanelFit, error) {
	t, err := p.checked()
	if err != nil {
		return nil, err
	}
	e, err := p.effects(t, Unit)
	if err != nil {
		return nil, err
	}
	sigmaE, err := e.withinVariance(t)
	if err != nil {
		return nil, err
	}
	sigmaU, err := e.betweenVariance(t, sigmaE)
	if err != nil {
		return nil, err
	}
	length := make([]float64, e.units)
	for i, u := range e.unit {
		length[u] += t.weight(i)
	}
	theta := make([]float64, e.units)
	for u, rows := range length {
		theta[u] = 1 - math.Sqrt(sigmaE/(sigmaE+rows*sigmaU))
	}
	f, err := leastSquares(e.quasi(t, theta), false, o, within{})
	if err != nil {
		return nil, err
	}
	return &PanelFit{Fit: *f, Units: e.units, Single: e.singles(t), SigmaUnit: math.Sqrt(sigmaU), SigmaError: math.Sqrt(sigmaE),
		Theta: [2]float64{slices.Min(theta), slices.Max(theta)}}, nil
}

// withinVariance is σ²_e of the within fit, of those covariates that vary there.
func (e *effects) withinVariance(t *table) (float64, error) {
	inner, before, err := t.without(e, t.weight)
	if err != nil {
		return 0, err
	}
	inner.names = slices.Clone(t.names)
	f, err := dropping(inner, func() (*Fit, error) {
		return leastSquares(inner, false, Options{}, within{taken: float64(e.units), before: before})
	}, func(j int) { before = slices.Delete(slices.Clone(before), j, j+1) })
	if err != nil {
		return 0, err
	}
	if f.RSS <= 1e-24*f.TSS { // no more than rounding
		return 0, refuse("the covariates explain the outcome within units exactly, so that nothing is left to weigh random effects against")
	}
	return f.RSS / f.DF, nil
}

// dropping fits again without each covariate that is refused.
func dropping(t *table, fit func() (*Fit, error), drop func(j int)) (*Fit, error) {
	for {
		f, err := fit()
		var told *Refusal
		if err == nil || !errors.As(err, &told) || told.Covariate == "" {
			return f, err
		}
		j := slices.Index(t.names, told.Covariate)
		t.names = slices.Delete(slices.Clone(t.names), j, j+1)
		t.x = slices.Delete(slices.Clone(t.x), j, j+1)
		drop(j)
	}
}

// betweenVariance is σ²_u: of the units' means, each as often as it has rows,
// (SSR − (n−K)σ²_e)/(N − tr((X'PX)⁻¹X'ZZ'X)), and 0 where that is negative.
func (e *effects) betweenVariance(t *table, sigmaE float64) (float64, error) {
	m := e.means(t)
	rows := m.w
	if len(rows) <= 1 {
		return 0, refuse("random effects need at least 2 units")
	}
	f, err := dropping(m, func() (*Fit, error) {
		if len(m.x) == 0 {
			return &Fit{}, nil
		}
		return leastSquares(m, true, Options{}, within{})
	}, func(int) {})
	if err != nil {
		return 0, err
	}
	b, err := newBasis(m, true, nil)
	if err != nil {
		return 0, err
	}
	l, err := b.fit(func(u int) float64 { return m.y[u] }, m.weight)
	if err != nil {
		return 0, err
	}
	if float64(e.units)-float64(b.p) < 0.5 {
		return 0, refuse("%d units are too few for %d parameters between them", e.units, b.p)
	}
	squares := square(b.p)
	row := make([]float64, b.p)
	for u, n := range rows {
		b.row(u, row)
		outer(squares, row, n*n)
	}
	trace := 0.0
	inside := product(product(l.inverse, l.inverse, true), squares, false)
	for j := range b.p {
		trace += inside[j][j]
	}
	rss := l.rss
	if len(m.x) > 0 {
		rss = f.RSS
	}
	return math.Max(0, (rss-float64(e.units-b.p)*sigmaE)/(t.n-trace)), nil
}

// means are the units' means, with their rows as weights.
func (e *effects) means(t *table) *table {
	out := &table{names: t.names, y: make([]float64, e.units), w: make([]float64, e.units), whole: e.units, n: t.n}
	for i, u := range e.unit {
		out.w[u] += t.weight(i)
	}
	mean := func(column []float64) []float64 {
		sum := make([]float64, e.units)
		for i, u := range e.unit {
			sum[u] += t.weight(i) * column[i]
		}
		for u := range sum {
			sum[u] /= out.w[u]
		}
		return sum
	}
	out.y = mean(t.y)
	for _, column := range t.x {
		out.x = append(out.x, mean(column))
	}
	return out
}

// quasi takes θ times the unit's mean out of every column, the constant's too.
func (e *effects) quasi(t *table, theta []float64) *table {
	m := e.means(t)
	less := func(column, mean []float64) []float64 {
		out := make([]float64, len(column))
		for i, u := range e.unit {
			out[i] = column[i] - theta[u]*mean[u]
		}
		return out
	}
	out := *t
	ones := make([]float64, len(t.y))
	for i, u := range e.unit {
		ones[i] = 1 - theta[u]
	}
	out.names, out.x, out.y = append([]string{Intercept}, t.names...), [][]float64{ones}, less(t.y, m.y)
	for j, column := range t.x {
		out.x = append(out.x, less(column, m.x[j]))
	}
	return &out
}
