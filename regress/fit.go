package regress

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// A Fit is a set of coefficients with their covariance, in the units of the
// design.
type Fit struct {
	Names        []string // Intercept first, where there is one
	Coefficients []float64
	Covariance   [][]float64
	Errors       Errors
	N            float64 // rows, each as often as its weight says
	DF           float64 // residual degrees of freedom; +Inf where tests rest on large samples alone
	Clusters     int     // of clustered errors, else 0
	RSS, TSS     float64 // residual and total sum of squares (about the mean, where there is a constant); of panels within the effects
	R2           float64 // 1 − RSS/TSS; NaN where the outcome does not vary
	AdjustedR2   float64
	Sigma        float64 // residual standard deviation, √(RSS/DF)
}

// Coefficient is a coefficient and its standard error; NaN and false for a
// name that is not there.
func (f *Fit) Coefficient(name string) (value, se float64, ok bool) {
	i := slices.Index(f.Names, name)
	if i < 0 {
		return math.NaN(), math.NaN(), false
	}
	return f.Coefficients[i], math.Sqrt(f.Covariance[i][i]), true
}

// Test is an F test, or a χ² test divided by its degrees of freedom where DF2 is
// +Inf.
type Test struct {
	Statistic, DF1, DF2, P float64
}

// Wald tests that the named coefficients are all 0: F = b'V⁻¹b/q on q and the
// residual degrees of freedom, or those of the clusters less 1. Without names it
// tests all but the constant.
func (f *Fit) Wald(names ...string) (Test, error) {
	if len(names) == 0 {
		names = slices.DeleteFunc(slices.Clone(f.Names), func(n string) bool { return n == Intercept })
	}
	q := len(names)
	if q == 0 {
		return Test{}, refuse("there is no coefficient to test")
	}
	v, b := mat.NewSymDense(q, nil), mat.NewVecDense(q, nil)
	at := make([]int, q)
	for i, name := range names {
		if at[i] = slices.Index(f.Names, name); at[i] < 0 {
			return Test{}, refuseCovariate(name, "there is no coefficient %s to test", name)
		}
	}
	if f.Clusters > 0 && q >= f.Clusters {
		return Test{}, refuse("%d coefficients cannot be tested together with %d clusters", q, f.Clusters)
	}
	// In units of standard errors, so that scales do not matter.
	for i := range q {
		_, se, _ := f.Coefficient(names[i])
		if !(se > 0) {
			return Test{}, refuseCovariate(names[i], "coefficient %s has no standard error above 0", names[i])
		}
		b.SetVec(i, f.Coefficients[at[i]]/se)
		for j := range i + 1 {
			_, other, _ := f.Coefficient(names[j])
			v.SetSym(i, j, f.Covariance[at[i]][at[j]]/se/other)
		}
	}
	var c mat.Cholesky
	if !c.Factorize(v) {
		return Test{}, refuse("the covariance of the coefficients is singular")
	}
	var x mat.VecDense
	if err := c.SolveVecTo(&x, b); err != nil {
		return Test{}, refuse("the covariance of the coefficients is nearly singular")
	}
	return f.tested(mat.Dot(&x, b)/float64(q), float64(q)), nil
}

// tested is an F statistic with its p.
func (f *Fit) tested(statistic, q float64) Test {
	return Test{Statistic: statistic, DF1: q, DF2: f.testDF(), P: upperF(statistic, q, f.testDF())}
}

// testDF are the degrees of freedom of tests.
func (f *Fit) testDF() float64 {
	if f.Clusters > 0 && !math.IsInf(f.DF, 1) {
		return float64(f.Clusters - 1)
	}
	return f.DF
}

// upperF is the probability of a larger F; a χ²/q when d2 is infinite.
func upperF(f, d1, d2 float64) float64 {
	if math.IsNaN(f) {
		return math.NaN()
	}
	if math.IsInf(d2, 1) {
		return distuv.ChiSquared{K: d1}.Survival(f * d1)
	}
	if f <= 0 || math.IsInf(f, 1) {
		return map[bool]float64{true: 1, false: 0}[f <= 0]
	}
	return mathext.RegIncBeta(d2/2, d1/2, d2/(d2+d1*f)) // distuv's Survival is 1 − CDF, which ends at 1e-16
}

// Interval is the coefficient's confidence interval at a level such as 0.95, by
// Student's t, or the normal where DF is +Inf.
func (f *Fit) Interval(name string, level float64) (low, high float64, err error) {
	b, se, ok := f.Coefficient(name)
	if !ok {
		return 0, 0, refuseCovariate(name, "there is no coefficient %s", name)
	}
	if !(level > 0 && level < 1) {
		return 0, 0, refuse("a level of %v is not between 0 and 1", level)
	}
	p := (1 + level) / 2
	t := distuv.UnitNormal.Quantile(p)
	if df := f.testDF(); !math.IsInf(df, 1) {
		t = distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(p)
	}
	return b - t*se, b + t*se, nil
}

// P is the two-sided probability of a coefficient as far from 0 as this one
// were it 0.
func (f *Fit) P(name string) float64 {
	b, se, _ := f.Coefficient(name)
	return upperF(b/se*b/se, 1, f.testDF())
}
