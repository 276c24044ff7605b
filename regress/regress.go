// Package regress owns regression: least squares by QR, logit, panels with unit
// and two-way fixed effects, random effects and first differences, and Poisson
// pseudo-likelihood with fixed effects; with classic, heteroskedasticity-robust
// and clustered standard errors. It does not own what a covariate means, files,
// or whether an effect is a cause.
//
// Every method states its source. Covariates are centred and scaled before any
// factorisation, so that the unit in which one is told does not matter, and a
// covariate that is a combination of others, does not vary, or predicts the
// outcome perfectly is refused by its name instead of estimated.
//
// Invariant: answers do not depend on the order of the rows beyond rounding, and
// a row of weight w counts as w equal rows, in every number.
package regress

import (
	"fmt"
	"math"
)

// Intercept is the name of the constant in a Fit.
const Intercept = "(intercept)"

// A Design is an outcome and its covariates, by column.
type Design struct {
	Outcome    []float64
	Names      []string    // of the covariates, each once
	Covariates [][]float64 // one column of len(Outcome) a name; none is changed
	Weights    []float64   // nil: 1 each. A row of weight w counts as w equal rows; 0 leaves it out
	// NoIntercept leaves the constant out of OLS, Logit and FirstDifferences. Panels have none: their effects hold it.
	NoIntercept bool
}

// Refusal is why nothing was estimated.
type Refusal struct {
	Covariate string // that it is about; empty: none
	Row       int    // that it is about, from 0; -1: none
	Why       string
}

func (r *Refusal) Error() string {
	if r.Row >= 0 {
		return fmt.Sprintf("row %d: %s", r.Row+1, r.Why)
	}
	return r.Why
}

// refuse is a refusal about no row and no covariate.
func refuse(format string, args ...any) error {
	return &Refusal{Row: -1, Why: fmt.Sprintf(format, args...)}
}

// refuseCovariate is a refusal about a covariate.
func refuseCovariate(name, format string, args ...any) error {
	return &Refusal{Covariate: name, Row: -1, Why: fmt.Sprintf(format, args...)}
}

// table is a design that has been checked: rows of weight 0 are gone.
type table struct {
	names []string
	y     []float64
	x     [][]float64 // by covariate
	w     []float64   // nil: 1 each
	rows  []int       // of the design; nil: all of them
	whole int         // rows of the design
	n     float64     // sum of the weights
}

// checked holds a design to its shape and to finite numbers.
func (d Design) checked() (*table, error) {
	n := len(d.Outcome)
	if n == 0 {
		return nil, refuse("there are no rows")
	}
	if len(d.Names) != len(d.Covariates) {
		return nil, refuse("there are %d names for %d covariates", len(d.Names), len(d.Covariates))
	}
	if d.Weights != nil && len(d.Weights) != n {
		return nil, refuse("there are %d weights for %d rows", len(d.Weights), n)
	}
	if err := finite("the outcome", "", d.Outcome); err != nil {
		return nil, err
	}
	seen := map[string]bool{Intercept: true}
	for j, name := range d.Names {
		if name == "" || seen[name] {
			return nil, refuseCovariate(name, "the covariate %q stands twice, or has no name of its own", name)
		}
		seen[name] = true
		if len(d.Covariates[j]) != n {
			return nil, refuseCovariate(name, "covariate %s has %d rows, the outcome %d", name, len(d.Covariates[j]), n)
		}
		if err := finite("covariate "+name, name, d.Covariates[j]); err != nil {
			return nil, err
		}
	}
	t := &table{names: d.Names, y: d.Outcome, x: d.Covariates, w: d.Weights, whole: n, n: float64(n)}
	return t, t.weigh()
}

// Sizes beyond these have squares that no floating number holds; below them a value
// is taken for 0.
const (
	vast   = 1e100
	minute = 1e-100
)

func finite(what, name string, values []float64) error {
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &Refusal{Covariate: name, Row: i, Why: fmt.Sprintf("%s is %v, which is not a finite number", what, v)}
		}
		if math.Abs(v) > vast {
			return &Refusal{Covariate: name, Row: i, Why: fmt.Sprintf("%s is %v, which is too large to be squared", what, v)}
		}
	}
	return nil
}

// mostRows is the largest weight: beyond it rows could not be counted one by one.
const mostRows = 1 << 53

// weigh checks the weights and drops the rows that have none.
func (t *table) weigh() error {
	if t.w == nil {
		return nil
	}
	t.n = 0
	var keep []int
	for i, w := range t.w {
		if !(w >= 0) || w > mostRows {
			return &Refusal{Row: i, Why: fmt.Sprintf("weight %v is not a number of rows", w)}
		}
		if w > 0 {
			t.n += w
			keep = append(keep, i)
		}
	}
	if len(keep) == 0 {
		return refuse("every row has weight 0")
	}
	if len(keep) < len(t.w) {
		*t = *t.only(keep)
	}
	return nil
}

// only is the table of some rows.
func (t *table) only(keep []int) *table {
	out := &table{names: t.names, y: pick(t.y, keep), w: pick(t.w, keep), rows: pick(t.rows, keep), whole: t.whole}
	if t.rows == nil {
		out.rows = keep
	}
	for _, column := range t.x {
		out.x = append(out.x, pick(column, keep))
	}
	out.n = float64(len(keep))
	if out.w != nil {
		out.n = 0
		for _, w := range out.w {
			out.n += w
		}
	}
	return out
}

// pick takes some of the values; of nil, nil.
func pick[T any](values []T, keep []int) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(keep))
	for k, i := range keep {
		out[k] = values[i]
	}
	return out
}

// weight is that of row i.
func (t *table) weight(i int) float64 {
	if t.w == nil {
		return 1
	}
	return t.w[i]
}

// codes are the groups of the table's rows, numbered anew without gaps.
func (t *table) codes(what string, ids []int) ([]int, int, error) {
	if len(ids) != t.whole {
		return nil, 0, refuse("there are %d %s for %d rows", len(ids), what, t.whole)
	}
	if t.rows != nil {
		ids = pick(ids, t.rows)
	}
	numbers := map[int]int{}
	codes := make([]int, len(ids))
	for i, id := range ids {
		code, ok := numbers[id]
		if !ok {
			code = len(numbers)
			numbers[id] = code
		}
		codes[i] = code
	}
	return codes, len(numbers), nil
}
