package survival

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mat"
)

// path is the baseline hazard of one stratum (at the centre of the covariates), the latest time first, with sums from the earliest time up
// to and with each. The increments of those who have the event at the time itself are smaller, as they leave within it (Efron).
type path struct {
	span
	time             []float64
	hazard, variance []float64 // Σ dΛ; Σ dΛ²/d
	mean             []float64 // Σ x̄ dΛ, p to a time
	step, meanStep   []float64 // dΛ; x̄ dΛ
	own              []float64 // dΛ of those with the event
	ownMean          []float64 // x̄ dΛ of them
	at               []float64 // x̄ at each time
	weight           []float64 // of the events
}

// paths makes one more pass.
func (f *Fit) paths() []path {
	s, p := f.sweep, len(f.beta)
	out := make([]path, 0, len(s.o.strata))
	for _, st := range s.o.strata {
		n := int(st.momentTo - st.momentsFrom)
		q := path{span: st}
		for _, v := range []*[]float64{&q.time, &q.hazard, &q.variance, &q.own, &q.weight} {
			*v = make([]float64, 0, n)
		}
		for _, v := range []*[]float64{&q.mean, &q.ownMean, &q.at} {
			*v = make([]float64, 0, n*p)
		}
		out = append(out, q)
	}
	k := 0
	s.run(f.beta, false, func(m *moment, t *ties) {
		for m.from >= out[k].to {
			k++
		}
		q := &out[k]
		one := math.Exp(-s.shift)
		weight := t.m * float64(t.k)
		q.time, q.weight = append(q.time, m.time), append(q.weight, weight)
		q.hazard, q.own, q.variance = append(q.hazard, t.a0*one), append(q.own, t.a1*one), append(q.variance, t.b0*one*one)
		for a, r := range s.r1 {
			d := s.d1[a]
			q.mean = append(q.mean, (t.b0*r+t.b1*d)*one)
			q.ownMean = append(q.ownMean, (t.b1*r+t.b2*d)*one)
			q.at = append(q.at, (t.a0*r+t.a1*d)/weight)
		}
	})
	for i := range out {
		q := &out[i]
		if s.late {
			q.step, q.meanStep = slices.Clone(q.hazard), slices.Clone(q.mean)
		}
		for j := len(q.time) - 2; j >= 0; j-- {
			q.hazard[j] += q.hazard[j+1]
			q.variance[j] += q.variance[j+1]
			for a := range p {
				q.mean[j*p+a] += q.mean[(j+1)*p+a]
			}
		}
	}
	return out
}

// until is the position of the last event at or before t, len(q.time) when there is none.
func (q *path) until(t float64) int {
	return sort.Search(len(q.time), func(j int) bool { return q.time[j] <= t })
}

// ranges holds sums of the increments of a path over halves, quarters and so on, so that any stretch of time is a sum of a few, and never a
// difference of two sums beside which it could be lost.
type ranges struct {
	width int // of a node: dΛ, then x̄ dΛ
	nodes []float64
}

func (q *path) ranges(p int) *ranges {
	n := len(q.time)
	r := &ranges{width: p + 1, nodes: make([]float64, 2*n*(p+1))}
	for j := range n {
		node := r.at(n + j)
		node[0] = q.step[j]
		copy(node[1:], q.meanStep[j*p:j*p+p])
	}
	for j := n - 1; j > 0; j-- {
		node, a, b := r.at(j), r.at(2*j), r.at(2*j+1)
		for i := range node {
			node[i] = a[i] + b[i]
		}
	}
	return r
}

func (r *ranges) at(j int) []float64 { return r.nodes[j*r.width : (j+1)*r.width] }

// visit shows the sums that make up the increments from, …, to−1.
func (r *ranges) visit(from, to int, show func(node []float64)) {
	n := len(r.nodes) / r.width / 2
	for from, to = from+n, to+n; from < to; from, to = from/2, to/2 {
		if from%2 == 1 {
			show(r.at(from))
			from++
		}
		if to%2 == 1 {
			to--
			show(r.at(to))
		}
	}
}

// Residuals are one of a row, in the caller's order; rows of weight 0 have NaN.
type Residuals struct {
	// Martingale is the events of a row less those expected of it.
	Martingale []float64
	// Score is the row's share in the gradient, a slice a covariate; they sum (weighted) to 0 at the fit.
	Score [][]float64
}

// Residuals are those of the fit, not multiplied by weights.
func (f *Fit) Residuals() Residuals {
	p := len(f.beta)
	r := Residuals{Martingale: make([]float64, len(f.spec.Stop)), Score: make([][]float64, p)}
	for i := range r.Martingale {
		r.Martingale[i] = math.NaN()
	}
	for a := range r.Score {
		r.Score[a] = slices.Clone(r.Martingale)
	}
	o := f.sweep.o
	f.contributions(func(k int32, martingale float64, score []float64) {
		i := o.row[k]
		r.Martingale[i] = martingale
		for a, v := range score {
			r.Score[a][i] = v * f.scale[a]
		}
	})
	return r
}

// contributions gives each row's martingale and score residual, in the scaled covariates.
func (f *Fit) contributions(visit func(k int32, martingale float64, score []float64)) {
	s, p := f.sweep, len(f.beta)
	o := s.o
	paths := f.paths()
	score := make([]float64, p)
	for i := range paths {
		q := &paths[i]
		var ranges *ranges
		j := 0
		for k := q.from; k < q.to; k++ {
			for j < len(q.time) && q.time[j] > o.stop[k] {
				j++
			}
			x := s.x[int(k)*p : int(k)*p+p]
			risk := math.Exp(s.eta[k])
			dead := o.event[k]
			from := j // where the increments that the row lived through begin
			if dead {
				from++
			}
			hazard := 0.0
			clear(score)
			gather := func(h float64, mean []float64) {
				hazard += h
				for a := range score {
					score[a] -= (x[a]*h - mean[a]) * risk
				}
			}
			switch to := len(q.time); {
			case from >= to:
			case !s.late:
				gather(q.hazard[from], q.mean[from*p:])
			default:
				if ranges == nil {
					ranges = q.ranges(p)
				}
				ranges.visit(from, q.until(o.start[k]), func(node []float64) { gather(node[0], node[1:]) })
			}
			martingale := 0.0
			if dead {
				gather(q.own[j], q.ownMean[j*p:])
				martingale = 1
				for a := range score {
					score[a] += x[a] - q.at[j*p+a]
				}
			}
			visit(k, martingale-risk*hazard, score)
		}
	}
}

// RobustErrors are standard errors of the coefficients that hold when the model is not quite true, without asking for them in the model, whose own
// errors and tests stay as they are.
func (f *Fit) RobustErrors() ([]float64, error) {
	v := f.robust
	if v == nil {
		if err := (Cox{Spells: f.spec.Spells, Robust: true}).readable(); err != nil {
			return nil, err
		}
		var err error
		if v, err = f.sandwich(); err != nil {
			return nil, err
		}
	}
	out := make([]float64, len(f.beta))
	for a := range out {
		out[a] = math.Sqrt(v.At(a, a)) / f.scale[a]
	}
	return out, nil
}

// sandwich is the robust covariance: the sum over clusters of what leaving each out does to the coefficients, squared.
func (f *Fit) sandwich() (*mat.SymDense, error) {
	meat, err := f.meat()
	if err != nil {
		return nil, err
	}
	p := len(f.beta)
	var half, whole mat.Dense
	half.Mul(f.covariance, meat)
	whole.Mul(&half, f.covariance)
	robust := mat.NewSymDense(p, nil)
	for a := range p {
		for b := 0; b <= a; b++ {
			v := (whole.At(a, b) + whole.At(b, a)) / 2
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, refuse("covariates without such outliers", "robust errors: risks differ by too much to be added up")
			}
			robust.SetSym(a, b, v)
		}
		if robust.At(a, a) <= 1e-20*f.covariance.At(a, a) {
			return nil, refuse("more rows or clusters with events", "robust errors of %s: no row or cluster moves its coefficient when it is left out", f.spec.Covariates[a].Name)
		}
	}
	return robust, nil
}

// meat is the sum over rows or clusters of their score residuals, squared.
func (f *Fit) meat() (*mat.SymDense, error) {
	p := len(f.beta)
	o := f.sweep.o
	meat := mat.NewSymDense(p, nil)
	add := func(u []float64, times float64) {
		meat.SymRankOne(meat, times, mat.NewVecDense(p, u))
	}
	if f.spec.Cluster == nil {
		f.contributions(func(k int32, _ float64, score []float64) {
			if w := o.weight[k]; o.repeats {
				add(score, w)
			} else {
				add(score, w*w)
			}
		})
		return meat, nil
	}
	index := map[int]int{}
	var sums []float64
	f.contributions(func(k int32, _ float64, score []float64) {
		c := f.spec.Cluster[o.row[k]]
		at, ok := index[c]
		if !ok {
			at = len(index)
			index[c] = at
			sums = append(sums, make([]float64, p)...)
		}
		for a, v := range score {
			sums[at*p+a] += o.weight[k] * v
		}
	})
	f.Clusters = len(index)
	if f.Clusters < 2 {
		return nil, refuse("two clusters or more", "robust errors: all rows are of one cluster")
	}
	for at := range f.Clusters {
		add(sums[at*p:at*p+p], 1)
	}
	return meat, nil
}

// Schoenfeld are the residuals of Schoenfeld (1982), one of each row with the event: its covariates less their mean among those at risk.
type Schoenfeld struct {
	Row    int // the caller's, counted from 0
	Time   float64
	Values []float64
}

// Schoenfeld gives the residuals by rising time, strata one after the other.
func (f *Fit) Schoenfeld() []Schoenfeld {
	s, p := f.sweep, len(f.beta)
	o := s.o
	var out []Schoenfeld
	for _, q := range f.paths() {
		for j := len(q.time) - 1; j >= 0; j-- {
			m := o.moments[int(q.momentsFrom)+j]
			for k := m.deaths; k < m.to; k++ {
				r := Schoenfeld{Row: int(o.row[k]), Time: m.time, Values: make([]float64, p)}
				for a := range p {
					r.Values[a] = (s.x[int(k)*p+a] - q.at[j*p+a]) * f.scale[a]
				}
				out = append(out, r)
			}
		}
	}
	return out
}
