package survival

import (
	"container/heap"
	"math"

	"gonum.org/v1/gonum/mat"
)

const (
	// settled is the squared distance from the maximum, in standard errors, at which Newton's method ends: the coefficients are then
	// within 1e-7 standard errors, and the last step takes them nearer.
	settled = 1e-15
	// stuck is where no further progress is taken for rounding.
	stuck = 1e-9
	// dependent is the share of a covariate's variance at risk that the covariates before it must leave.
	dependent = 1e-11
	// growing is a last step, in the covariate's own scale, that a finite maximum cannot have once settled.
	growing  = 1e-4
	attempts = 60
	halvings = 40
)

// solve gives Newton's step and the factors of the information, unless it is singular.
func solve(e evaluation) (delta []float64, chol *mat.Cholesky, ok bool) {
	p := len(e.score)
	info := symmetric(p, e.info)
	chol = &mat.Cholesky{}
	if !chol.Factorize(info) {
		return nil, nil, false
	}
	x := mat.NewVecDense(p, nil)
	// A condition error still gives an answer, which the climb judges by the likelihood that it leads to.
	if err := chol.SolveVecTo(x, mat.NewVecDense(p, append([]float64(nil), e.score...))); err != nil && math.IsInf(chol.Cond(), 1) {
		return nil, nil, false
	}
	return x.RawVector().Data, chol, true
}

// factor is Cholesky's, row by row, which ends at the first row that the rows before it leave no more than a share of its size. Unlike a
// condition number, the share does not depend on the units.
func factor(p int, at func(a, b int) float64, size func(a int) float64, share float64) (l *mat.TriDense, bad int) {
	l = mat.NewTriDense(p, mat.Lower, nil)
	for a := range p {
		left := at(a, a)
		for b := range a {
			v := at(a, b)
			for c := range b {
				v -= l.At(a, c) * l.At(b, c)
			}
			v /= l.At(b, b)
			l.SetTri(a, b, v)
			left -= v * v
		}
		if !(left > share*size(a)) {
			return l, a
		}
		l.SetTri(a, a, math.Sqrt(left))
	}
	return l, -1
}

// estimable refuses covariates that do not vary at the events, or follow from those before them, by the information at 0.
func (f *Fit) estimable(null evaluation) error {
	p := len(f.beta)
	at := func(a, b int) float64 { return null.info[a*(a+1)/2+b] }
	for a := range p {
		if at(a, a) <= dependent*float64(f.sweep.o.events) {
			return refuse("events while it varies among those at risk, or leave it out", "covariate %s: it hardly varies among the rows at risk at any event", f.spec.Covariates[a].Name)
		}
	}
	if l, a := factor(p, at, func(a int) float64 { return at(a, a) }, dependent); a >= 0 {
		return refuse("leave one of them out", "covariate %s: it follows from %s among the rows at risk", f.spec.Covariates[a].Name, names(f.behind(l, a)))
	}
	return nil
}

// behind names the covariates before a from which it follows: those with a coefficient in its regression on them.
func (f *Fit) behind(l *mat.TriDense, a int) []string {
	b := make([]float64, a)
	for i := a - 1; i >= 0; i-- {
		b[i] = l.At(a, i)
		for j := i + 1; j < a; j++ {
			b[i] -= l.At(j, i) * b[j]
		}
		b[i] /= l.At(i, i)
	}
	var out []string
	for i, v := range b {
		if math.Abs(v) > 1e-4 {
			out = append(out, f.spec.Covariates[i].Name)
		}
	}
	return out
}

// climb goes from 0 to the maximum, halving steps that would go down, and leaves the coefficients in f.beta.
func (f *Fit) climb(e evaluation) (evaluation, error) {
	last := math.Inf(1)
	for f.Iterations = 0; f.Iterations < attempts; f.Iterations++ {
		delta, _, ok := solve(e)
		if !ok {
			return e, f.infinite(f.beta)
		}
		decrement := dot(e.score, delta)
		if decrement < settled || decrement < stuck && decrement > last/2 {
			if largest(delta) > growing {
				return e, f.infinite(delta)
			}
			for a := range f.beta {
				f.beta[a] += delta[a]
			}
			return e, nil
		}
		if f.Iterations >= 6 && decrement > last/100 && f.recedes(delta) {
			return e, f.infinite(delta)
		}
		last = decrement
		next, stepped := f.step(e, delta)
		if !stepped {
			if decrement < stuck {
				return e, nil
			}
			break
		}
		e = next
	}
	return e, refuse("more rows, or fewer or coarser covariates", "the coefficients of %s do not settle in %d steps", names(f.moving(f.beta)), f.Iterations)
}

// step goes along delta as far as the likelihood does not fall.
func (f *Fit) step(e evaluation, delta []float64) (evaluation, bool) {
	from := append([]float64(nil), f.beta...)
	for share, n := 1.0, 0; n < halvings; share, n = share/2, n+1 {
		for a := range f.beta {
			f.beta[a] = from[a] + share*delta[a]
		}
		next := f.sweep.evaluate(f.beta)
		if next.value >= e.value-1e-12*math.Abs(e.value) && finite(next) {
			return next, true
		}
	}
	copy(f.beta, from)
	return e, false
}

func finite(e evaluation) bool {
	sum := e.value
	for _, v := range [][]float64{e.score, e.info} {
		for _, x := range v {
			sum += math.Abs(x)
		}
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

func largest(v []float64) float64 {
	m := 0.0
	for _, x := range v {
		m = max(m, math.Abs(x))
	}
	return m
}

// moving names the covariates that have a share in a direction.
func (f *Fit) moving(direction []float64) []string {
	var out []string
	for a, v := range direction {
		if math.Abs(v) >= 0.01*largest(direction) {
			out = append(out, f.spec.Covariates[a].Name)
		}
	}
	return out
}

// infinite refuses a likelihood that rises for ever along a direction.
func (f *Fit) infinite(direction []float64) error {
	who := f.moving(direction)
	if len(who) == 1 {
		side := "largest"
		for a, v := range direction {
			if f.spec.Covariates[a].Name == who[0] && v < 0 {
				side = "smallest"
			}
		}
		return refuse("events at other values of it, or leave it out",
			"covariate %s: its coefficient runs to infinity, because (almost) every event falls on the %s value among those at risk", who[0], side)
	}
	return refuse("events at other values of them, or leave one out",
		"covariates %s: their coefficients run to infinity, because together they tell (almost) every event from the others at risk", names(who))
}

// recedes tells whether the likelihood never falls along a direction: at every event, those who have it are foremost in it among those at
// risk. Then there is no maximum.
func (f *Fit) recedes(direction []float64) bool {
	o, p := f.sweep.o, len(f.beta)
	z := make([]float64, len(o.row))
	low, high := math.Inf(1), math.Inf(-1)
	for i := range z {
		z[i] = dot(f.sweep.x[i*p:i*p+p], direction)
		low, high = min(low, z[i]), max(high, z[i])
	}
	slack := 1e-5 * (high - low)
	for _, st := range o.strata {
		q := &foremost{z: z}
		for _, m := range o.moments[st.momentsFrom:st.momentTo] {
			for i := m.from; i < m.to; i++ {
				heap.Push(q, i)
			}
			for o.leave != nil && o.start[q.rows[0]] >= m.time {
				heap.Pop(q)
			}
			top := z[q.rows[0]] - slack
			for i := m.deaths; i < m.to; i++ {
				if z[i] < top {
					return false
				}
			}
		}
	}
	return true
}

// foremost is a heap of rows, the largest z first.
type foremost struct {
	z    []float64
	rows []int32
}

func (q *foremost) Len() int           { return len(q.rows) }
func (q *foremost) Less(i, j int) bool { return q.z[q.rows[i]] > q.z[q.rows[j]] }
func (q *foremost) Swap(i, j int)      { q.rows[i], q.rows[j] = q.rows[j], q.rows[i] }
func (q *foremost) Push(x any)         { q.rows = append(q.rows, x.(int32)) }
func (q *foremost) Pop() any {
	last := len(q.rows) - 1
	x := q.rows[last]
	q.rows = q.rows[:last]
	return x
}
