package regress

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// shops are counts of units at times, some seen at some times only.
func shops(seed uint64, units, times int) Panel {
	chance := rand.New(rand.NewPCG(seed, 1))
	p := Panel{Design: Design{Names: []string{"price", "rain"}, Covariates: make([][]float64, 2)}}
	for u := range units {
		level := chance.NormFloat64()
		for t := range times {
			price, rain := chance.NormFloat64()+0.3*level, float64(chance.IntN(2))
			if chance.IntN(5) == 0 {
				continue
			}
			mean := math.Exp(level + 0.1*float64(t) - 0.8*price + 0.4*rain)
			p.Outcome = append(p.Outcome, distuv.Poisson{Lambda: mean, Src: chance}.Rand())
			p.Covariates[0], p.Covariates[1] = append(p.Covariates[0], price), append(p.Covariates[1], rain)
			p.Unit, p.Time = append(p.Unit, u), append(p.Time, float64(t))
		}
	}
	return p
}

// byDummies is Newton's method on the Poisson likelihood with a dummy a unit and
// a time: the second method. It gives the coefficients, their classic and their
// HC0 errors, and the log-likelihood.
func byDummies(p Panel, twoWay bool) (b, classic, hc0 []float64, value float64) {
	var columns [][]float64
	columns = append(columns, p.Covariates...)
	dummy := func(is func(i int) bool) {
		c := make([]float64, len(p.Outcome))
		for i := range c {
			if is(i) {
				c[i] = 1
			}
		}
		columns = append(columns, c)
	}
	seen := map[int]bool{}
	for _, u := range p.Unit {
		if !seen[u] {
			seen[u] = true
			dummy(func(i int) bool { return p.Unit[i] == u })
		}
	}
	if twoWay {
		at := map[float64]bool{p.Time[0]: true}
		for _, s := range p.Time {
			if !at[s] {
				at[s] = true
				dummy(func(i int) bool { return p.Time[i] == s })
			}
		}
	}
	n, k := len(p.Outcome), len(columns)
	x := mat.NewDense(n, k, nil)
	for j, c := range columns {
		x.SetCol(j, c)
	}
	beta := mat.NewVecDense(k, nil)
	var inverse mat.Dense
	mu := make([]float64, n)
	for range 60 {
		gradient, hessian := mat.NewVecDense(k, nil), mat.NewDense(k, k, nil)
		value = 0
		for i := range n {
			eta := mat.Dot(x.RowView(i), beta)
			mu[i] = math.Exp(eta)
			g, _ := math.Lgamma(p.Outcome[i] + 1)
			value += p.Outcome[i]*eta - mu[i] - g
			gradient.AddScaledVec(gradient, p.Outcome[i]-mu[i], x.RowView(i))
			hessian.RankOne(hessian, mu[i], x.RowView(i), x.RowView(i))
		}
		if err := inverse.Inverse(hessian); err != nil {
			panic(err)
		}
		var step mat.VecDense
		step.MulVec(&inverse, gradient)
		if norm := mat.Norm(&step, math.Inf(1)); norm > 1 {
			step.ScaleVec(1/norm, &step)
		}
		beta.AddVec(beta, &step)
	}
	meat := mat.NewDense(k, k, nil)
	for i := range n {
		e := p.Outcome[i] - mu[i]
		meat.RankOne(meat, e*e, x.RowView(i), x.RowView(i))
	}
	var half, sandwich mat.Dense
	half.Mul(&inverse, meat)
	sandwich.Mul(&half, &inverse)
	for j := range p.Names {
		b = append(b, beta.AtVec(j))
		classic = append(classic, math.Sqrt(inverse.At(j, j)))
		hc0 = append(hc0, math.Sqrt(sandwich.At(j, j)))
	}
	return b, classic, hc0, value
}

func TestPoissonWithinIsPoissonWithDummies(t *testing.T) {
	for seed := range uint64(5) {
		p := shops(seed, 12, 7)
		for kind, twoWay := range map[Effects]bool{Unit: false, TwoWay: true} {
			classic, robust := must[*Counted](t)(Poisson(p, kind, Options{})), must[*Counted](t)(Poisson(p, kind, Options{Errors: HC0}))
			used := p
			used.Outcome, used.Unit, used.Time = pick(p.Outcome, classic.used(p)), pick(p.Unit, classic.used(p)), pick(p.Time, classic.used(p))
			used.Covariates = [][]float64{pick(p.Covariates[0], classic.used(p)), pick(p.Covariates[1], classic.used(p))}
			b, se, hc0, value := byDummies(used, twoWay)
			for j, name := range p.Names {
				got, error0, _ := classic.Coefficient(name)
				_, error1, _ := robust.Coefficient(name)
				is(t, name, got, b[j], 1e-7)
				is(t, "classic error of "+name, error0, se[j], 1e-7)
				is(t, "hc0 error of "+name, error1, hc0[j], 1e-7)
			}
			is(t, "log-likelihood", classic.LogLikelihood, value, 1e-6)
			if !(classic.Null < classic.LogLikelihood) || classic.Dropped+int(classic.N) != len(p.Outcome) {
				t.Errorf("null %v, fitted %v, dropped %d of %d", classic.Null, classic.LogLikelihood, classic.Dropped, len(p.Outcome))
			}
		}
	}
}

// used are the rows that were used.
func (c *Counted) used(p Panel) []int {
	if c.Used != nil {
		return c.Used
	}
	all := make([]int, len(p.Outcome))
	for i := range all {
		all[i] = i
	}
	return all
}

// Of counts whose logarithm of the mean is exact, the answer is exact, with means
// below 1 and amounts that are not whole too.
func TestPoissonFindsAnExactRelation(t *testing.T) {
	p := shops(3, 6, 5)
	for i := range p.Outcome {
		p.Outcome[i] = math.Exp(float64(p.Unit[i]) - 3 - 1.5*p.Covariates[0][i] + 0.25*p.Covariates[1][i])
	}
	f := must[*Counted](t)(Poisson(p, TwoWay, Options{Errors: HC0}))
	price, _, _ := f.Coefficient("price")
	rain, _, _ := f.Coefficient("rain")
	is(t, "price", price, -1.5, 1e-8)
	is(t, "rain", rain, 0.25, 1e-8)
}

func TestPoissonRefuses(t *testing.T) {
	p := shops(4, 10, 6)
	only := make([]float64, len(p.Outcome)) // 1 only where nothing was sold
	marked := 0
	for i, y := range p.Outcome {
		if y == 0 && i%2 == 0 {
			only[i] = 1
			marked++
		}
	}
	if marked == 0 {
		t.Fatal("nothing to mark")
	}
	separated := p
	separated.Names, separated.Covariates = []string{"price", "closed"}, [][]float64{p.Covariates[0], only}
	for _, kind := range []Effects{Unit, TwoWay} {
		_, err := Poisson(separated, kind, Options{})
		var told *Refusal
		if !errors.As(err, &told) || told.Covariate != "closed" || !strings.HasPrefix(told.Why, "closed tells") {
			t.Errorf("separated: %v", err)
		}
	}
	negative := p
	negative.Outcome = append([]float64{-1}, p.Outcome[1:]...)
	zero := p
	zero.Outcome = make([]float64, len(p.Outcome))
	for want, bad := range map[string]Panel{"row 1: the outcome is below 0": negative, "the outcome is 0 in every row": zero} {
		if _, err := Poisson(bad, Unit, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
