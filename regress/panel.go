package regress

import (
	"math"
)

// A Panel is a design whose rows are units at times.
type Panel struct {
	Design
	Unit []int     // of each row, any numbers
	Time []float64 // of each row; equal numbers are one time. Needed for TwoWay and FirstDifferences
}

// Effects say which constants a panel has.
type Effects int

const (
	// Unit effects are one constant a unit.
	Unit Effects = iota
	// TwoWay effects are one constant a unit and one a time.
	TwoWay
)

// A PanelFit is a Fit of a panel.
type PanelFit struct {
	Fit
	Units, Times int     // Times where time is used, else 0
	Single       int     // units with one row: they tell nothing within units
	SigmaUnit    float64 // standard deviation of the units' constants
	SigmaError   float64 // residual standard deviation within
	EffectsTest  Test    // Within: that all effects are equal (F against one constant); zero where that cannot be fitted
	Theta        [2]float64
}

// Rho is the share of the variance that lies between units.
func (f *PanelFit) Rho() float64 {
	u, e := f.SigmaUnit*f.SigmaUnit, f.SigmaError*f.SigmaError
	return u / (u + e)
}

// effects finds the groups of the table's rows.
func (p Panel) effects(t *table, kind Effects) (*effects, error) {
	e := &effects{}
	var err error
	if e.unit, e.units, err = t.codes("units", p.Unit); err != nil || kind == Unit {
		return e, err
	}
	times, err := timeCodes(p.Time)
	if err != nil {
		return nil, err
	}
	e.time, e.times, err = t.codes("times", times)
	return e, err
}

// timeCodes numbers times in their order.
func timeCodes(times []float64) ([]int, error) {
	if err := finite("the time", "", times); err != nil {
		return nil, err
	}
	order := ranked(times)
	codes := make([]int, len(times))
	for i, x := range times {
		codes[i] = order[x]
	}
	return codes, nil
}

// singles counts the units with one row.
func (e *effects) singles(t *table) int {
	rows := make([]float64, e.units)
	for i, u := range e.unit {
		rows[u] += t.weight(i)
	}
	n := 0
	for _, r := range rows {
		if r <= 1 {
			n++
		}
	}
	return n
}

// Within is least squares with fixed effects: with each unit's mean taken out,
// and each time's with TwoWay, also where units are seen at different times. Its R2
// is that within the effects. The degrees of freedom are N − effects − k; of
// CR1, K counts effects only as far as they do not lie inside clusters
// (Wooldridge, Econometric Analysis of Cross Section and Panel Data, 10.5; Baltagi,
// Econometric Analysis of Panel Data, 2 and 3). A covariate that the effects take
// up is refused by name.
func Within(p Panel, kind Effects, o Options) (*PanelFit, error) {
	t, err := p.checked()
	if err != nil {
		return nil, err
	}
	e, err := p.effects(t, kind)
	if err != nil {
		return nil, err
	}
	taken := e.parameters()
	single := e.singles(t)
	if single == e.units {
		return nil, refuse("no unit has two rows, so nothing varies within units")
	}
	inner, before, err := t.without(e, t.weight)
	if err != nil {
		return nil, err
	}
	if _, length, largest, err := t.spread(t.y, true); err != nil {
		return nil, err
	} else if _, left, _, err := inner.spread(inner.y, false); err != nil || left <= absorbed*length || length <= still*largest*math.Sqrt(t.n) {
		return nil, refuse("the outcome does not vary within the effects")
	}
	f, err := leastSquares(inner, false, o, within{taken, before, e.apart})
	if err != nil {
		return nil, err
	}
	out := &PanelFit{Fit: *f, Units: e.units, Times: e.times, Single: single, SigmaError: f.Sigma, SigmaUnit: e.spreadOfUnits(t, f.Coefficients)}
	if pooled, err := leastSquares(t, true, Options{}, within{}); err == nil && taken > 1 {
		statistic := (pooled.RSS - f.RSS) / (taken - 1) / (f.RSS / f.DF)
		out.EffectsTest = Test{Statistic: statistic, DF1: taken - 1, DF2: f.DF, P: upperF(statistic, taken-1, f.DF)}
	}
	return out, nil
}

// spreadOfUnits is the standard deviation of the units' mean residuals.
func (e *effects) spreadOfUnits(t *table, coefficients []float64) float64 {
	sum, weight := make([]float64, e.units), make([]float64, e.units)
	for i, u := range e.unit {
		r := t.y[i]
		for j, b := range coefficients {
			r -= b * t.x[j][i]
		}
		sum[u] += t.weight(i) * r
		weight[u] += t.weight(i)
	}
	mean, squares := 0.0, 0.0
	for u := range sum {
		sum[u] /= weight[u]
		mean += sum[u] / float64(e.units)
	}
	for _, v := range sum {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(e.units-1))
}
