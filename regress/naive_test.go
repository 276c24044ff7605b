package regress

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// The second method of every standard error: dense matrices, normal equations and
// plain loops, as the textbooks print them.

// dense is a constant and the covariates.
func dense(d Design) *mat.Dense {
	x := mat.NewDense(len(d.Outcome), len(d.Covariates)+1, nil)
	for i := range d.Outcome {
		x.Set(i, 0, 1)
		for j, c := range d.Covariates {
			x.Set(i, j+1, c[i])
		}
	}
	return x
}

// sandwichOf is A⁻¹ (Σ over groups of s sᵀ) A⁻¹ times a factor, with s the sum of e x.
func sandwichOf(x *mat.Dense, inverse *mat.Dense, e []float64, groups []int, factor float64) *mat.Dense {
	_, k := x.Dims()
	sums := map[int]*mat.VecDense{}
	for i := range e {
		if sums[groups[i]] == nil {
			sums[groups[i]] = mat.NewVecDense(k, nil)
		}
		sums[groups[i]].AddScaledVec(sums[groups[i]], e[i], x.RowView(i))
	}
	meat := mat.NewDense(k, k, nil)
	for _, s := range sums {
		meat.RankOne(meat, 1, s, s)
	}
	var half, out mat.Dense
	half.Mul(inverse, meat)
	out.Mul(&half, inverse)
	out.Scale(factor, &out)
	return &out
}

func inverseOf(t *rapid.T, x *mat.Dense, w []float64) *mat.Dense {
	n, k := x.Dims()
	a := mat.NewDense(k, k, nil)
	for i := range n {
		a.RankOne(a, w[i], x.RowView(i), x.RowView(i))
	}
	var inverse mat.Dense
	if err := inverse.Inverse(a); err != nil {
		t.Skip("near singular")
	}
	return &inverse
}

// naive is the covariance of each kind of errors, of k parameters and G clusters.
func naive(x, inverse *mat.Dense, e []float64, sigma2 float64, kind Errors, clusters []int) *mat.Dense {
	n, k := x.Dims()
	groups, g := clusters, map[int]bool{}
	for _, c := range clusters {
		g[c] = true
	}
	if !kind.Clustered() {
		groups = rangeTo(n)
	}
	N, K, G := float64(n), float64(k), float64(len(g))
	switch kind {
	case Classic:
		var out mat.Dense
		out.Scale(sigma2, inverse)
		return &out
	case HC1:
		return sandwichOf(x, inverse, e, groups, N/(N-K))
	case CR1:
		return sandwichOf(x, inverse, e, groups, G/(G-1)*(N-1)/(N-K))
	}
	return sandwichOf(x, inverse, e, groups, 1)
}

func matches(t *rapid.T, what string, f *Fit, b *mat.VecDense, v *mat.Dense) {
	for j := range f.Coefficients {
		se := math.Sqrt(v.At(j, j))
		if math.Abs(f.Coefficients[j]-b.AtVec(j)) > 1e-7*(1+math.Abs(b.AtVec(j))) || math.Abs(math.Sqrt(f.Covariance[j][j])-se) > 1e-6*(1+se) {
			t.Fatalf("%s %s: %s is %v (%v), by matrices %v (%v)", what, f.Errors, f.Names[j], f.Coefficients[j], math.Sqrt(f.Covariance[j][j]), b.AtVec(j), se)
		}
	}
}

func TestOLSIsThatOfMatrices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		x := dense(p.Design)
		n, k := x.Dims()
		if n <= k {
			return
		}
		inverse := inverseOf(t, x, ones(n))
		var xy, b, fitted mat.VecDense
		y := mat.NewVecDense(n, p.Outcome)
		xy.MulVec(x.T(), y)
		b.MulVec(inverse, &xy)
		fitted.MulVec(x, &b)
		e, rss := make([]float64, n), 0.0
		for i := range e {
			e[i] = p.Outcome[i] - fitted.AtVec(i)
			rss += e[i] * e[i]
		}
		for _, kind := range allErrors {
			f, err := OLS(p.Design, Options{Errors: kind, Cluster: p.Unit})
			if err != nil {
				t.Fatal(err)
			}
			matches(t, "ols", f, &b, naive(x, inverse, e, rss/float64(n-k), kind, p.Unit))
		}
	})
}

func ones(n int) []float64 {
	return mapped(make([]float64, n), func(int, float64) float64 { return 1 })
}

// At a logit's maximum the scores sum to 0, and the covariance is that of matrices.
func TestLogitIsThatOfMatrices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		d := p.Design
		d.Outcome = mapped(p.Outcome, func(i int, y float64) float64 { return map[bool]float64{true: 1}[y > p.Covariates[0][i]] })
		x := dense(d)
		n, _ := x.Dims()
		for _, kind := range allErrors {
			f, err := Logit(d, Options{Errors: kind, Cluster: p.Unit})
			if err != nil {
				return
			}
			b := mat.NewVecDense(len(f.Coefficients), f.Coefficients)
			e, w := make([]float64, n), make([]float64, n)
			scores := make([]float64, len(f.Coefficients))
			for i := range e {
				q := 1 / (1 + math.Exp(-mat.Dot(x.RowView(i), b)))
				e[i], w[i] = d.Outcome[i]-q, q*(1-q)
				for j := range scores {
					scores[j] += e[i] * x.At(i, j)
				}
			}
			for j, s := range scores {
				if math.Abs(s) > 1e-6*float64(n) {
					t.Fatalf("the score of %s is %v at the maximum", f.Names[j], s)
				}
			}
			matches(t, "logit", &f.Fit, b, naive(x, inverseOf(t, x, w), e, 1, kind, p.Unit))
		}
	})
}

// Random effects are generalised least squares: (X'Ω⁻¹X)⁻¹X'Ω⁻¹y with σ²_e + σ²_u
// on Ω's diagonal and σ²_u between rows of a unit.
func TestRandomIsGeneralisedLeastSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		f, err := Random(p, Options{})
		if err != nil {
			return
		}
		x := dense(p.Design)
		n, k := x.Dims()
		omega := mat.NewDense(n, n, nil)
		u, e := f.SigmaUnit*f.SigmaUnit, f.SigmaError*f.SigmaError
		for i := range n {
			for j := range n {
				if p.Unit[i] == p.Unit[j] {
					omega.Set(i, j, u)
				}
			}
			omega.Set(i, i, u+e)
		}
		var inverse, xo, a, ai mat.Dense
		if err := inverse.Inverse(omega); err != nil {
			return
		}
		xo.Mul(x.T(), &inverse)
		a.Mul(&xo, x)
		if err := ai.Inverse(&a); err != nil {
			return
		}
		var xy, b, fitted mat.VecDense
		xy.MulVec(&xo, mat.NewVecDense(n, p.Outcome))
		b.MulVec(&ai, &xy)
		fitted.MulVec(x, &b)
		r := mat.NewVecDense(n, nil)
		r.SubVec(mat.NewVecDense(n, p.Outcome), &fitted)
		// The scale is had from the transformed residuals.
		ai.Scale(mat.Inner(r, &inverse, r)/float64(n-k), &ai)
		matches(t, "random", &f.Fit, &b, &ai)
	})
}

// The variance between units of different length, by the matrices of Baltagi &
// Chang (1994): P averages within units, Z marks them.
func TestUnitVarianceIsThatOfBaltagiChang(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		f, err := Random(p, Options{})
		if err != nil || f.SigmaUnit == 0 {
			return
		}
		x := dense(p.Design)
		n, k := x.Dims()
		rows := map[int]float64{}
		for _, u := range p.Unit {
			rows[u]++
		}
		average, marks := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
		for i := range n {
			for j := range n {
				if p.Unit[i] == p.Unit[j] {
					average.Set(i, j, 1/rows[p.Unit[i]])
					marks.Set(i, j, 1)
				}
			}
		}
		var px, xpx, inverse, zx, xzx, inside mat.Dense
		px.Mul(average, x)
		xpx.Mul(x.T(), &px)
		if err := inverse.Inverse(&xpx); err != nil {
			return
		}
		zx.Mul(marks, x)
		xzx.Mul(x.T(), &zx)
		inside.Mul(&inverse, &xzx)
		var xpy, b, fitted, py mat.VecDense
		y := mat.NewVecDense(n, p.Outcome)
		xpy.MulVec(px.T(), y)
		b.MulVec(&inverse, &xpy)
		py.MulVec(average, y)
		fitted.MulVec(&px, &b)
		py.SubVec(&py, &fitted)
		want := (mat.Dot(&py, &py) - float64(len(rows)-k)*f.SigmaError*f.SigmaError) / (float64(n) - mat.Trace(&inside))
		if got := f.SigmaUnit * f.SigmaUnit; math.Abs(got-want) > 1e-6*(want+1) {
			t.Fatalf("variance between units %v, by matrices %v", got, want)
		}
	})
}
