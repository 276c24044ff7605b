package change

import (
	"fmt"
	"math"
)

// Runs are the beliefs about a series of normal values whose mean and variance
// change at once, at times that nobody knows: Bayesian online change-point detection
// (Adams & MacKay, arXiv:0710.3742, 2007; Fearnhead & Liu, JRSS B 69(4), 2007).
type Runs struct {
	Mean, Weight float64 // μ0, and of how many values the belief in it is worth, κ0
	Shape, Scale float64 // α0, β0 of the variance: inverse gamma
	Gap          float64 // how many values lie between changes on the average; above 1
}

// Belief is what is believed after a value.
type Belief struct {
	Run         int     // the likeliest number of values since the change; the newest value is one of them. 0: it came with the next
	Probability float64 // of that
	Expected    float64 // mean of the run
}

// mostRuns bounds the work, which goes with the square of the length.
const mostRuns = 10_000

// Follow gives the belief after each value, and the logarithm of the probability
// (density) of the whole series. A run of length r predicts by Student's t of 2α
// degrees of freedom about μ with scale² β(κ+1)/(ακ), its parameters those of the
// normal–inverse-gamma after r values.
func (p Runs) Follow(series []float64) ([]Belief, float64, error) {
	if err := checked("runs", series, 1); err != nil {
		return nil, 0, err
	}
	if len(series) > mostRuns {
		return nil, 0, fmt.Errorf("runs: %d values are too many; at most %d are followed: sum them by a longer time, such as the week", len(series), mostRuns)
	}
	if !(p.Weight > 0 && p.Shape > 0 && p.Scale > 0 && p.Gap > 1) || math.IsNaN(p.Mean) || math.IsInf(p.Mean+p.Weight+p.Shape+p.Scale+p.Gap, 0) {
		return nil, 0, fmt.Errorf("runs: weight %v, shape %v and scale %v must be above 0, the gap %v above 1, and all finite", p.Weight, p.Shape, p.Scale, p.Gap)
	}
	f := &following{Runs: p, heads: heads(p.Shape, len(series)), probability: []float64{1}, mean: []float64{p.Mean}, scale: []float64{p.Scale}, run: []int{0}}
	beliefs := make([]Belief, len(series))
	evidence := 0.0
	for i, x := range series {
		evidence += f.see(x)
		beliefs[i] = f.belief()
	}
	if math.IsNaN(evidence) || math.IsInf(evidence, 0) {
		return nil, 0, fmt.Errorf("runs: the values lie too far from what the prior holds for possible")
	}
	return beliefs, evidence, nil
}

// following holds, for each run still possible, its probability and parameters;
// κ and α go with its length.
type following struct {
	Runs
	heads       []float64 // lnΓ(α+½) − lnΓ(α) by length
	run         []int
	probability []float64
	mean, scale []float64
}

// heads are the gamma terms of the predictive by run length.
func heads(shape float64, n int) []float64 {
	out := make([]float64, n+1)
	for r := range out {
		a := shape + float64(r)/2
		above, _ := math.Lgamma(a + 0.5)
		at, _ := math.Lgamma(a)
		out[r] = above - at
	}
	return out
}

// unlikely is how improbable a run may become before it is given up: so little
// that twelve digits of every answer stay.
const unlikely = 1e-30

// see takes a value in and gives the logarithm of its predictive density.
func (f *following) see(x float64) float64 {
	hazard := 1 / f.Gap
	logs := make([]float64, len(f.run))
	top := math.Inf(-1)
	for i, r := range f.run {
		k, a := f.Weight+float64(r), f.Shape+float64(r)/2
		spread := f.scale[i] * (k + 1) / (a * k)
		d := x - f.mean[i]
		logs[i] = math.Log(f.probability[i]) + f.heads[r] - 0.5*math.Log(2*a*math.Pi*spread) - (a+0.5)*math.Log1p(d*d/(2*a*spread))
		top = math.Max(top, logs[i])
	}
	total := 0.0
	for _, l := range logs {
		total += math.Exp(l - top)
	}
	next := following{Runs: f.Runs, heads: f.heads, run: []int{0}, probability: []float64{hazard}, mean: []float64{f.Mean}, scale: []float64{f.Scale}}
	for i, r := range f.run {
		p := math.Exp(logs[i]-top) / total * (1 - hazard)
		if p < unlikely {
			continue
		}
		k, d := f.Weight+float64(r), x-f.mean[i]
		next.run, next.probability = append(next.run, r+1), append(next.probability, p)
		next.mean = append(next.mean, f.mean[i]+d/(k+1))
		next.scale = append(next.scale, f.scale[i]+k*d*d/(2*(k+1)))
	}
	*f = next
	return top + math.Log(total)
}

func (f *following) belief() Belief {
	b := Belief{Probability: -1}
	for i, p := range f.probability {
		b.Expected += p * float64(f.run[i])
		if p > b.Probability {
			b.Run, b.Probability = f.run[i], p
		}
	}
	return b
}

// Shift is a place where the likeliest run became shorter than it should have
// grown.
type Shift struct {
	At          int // the value after which it did
	Since       int // the first value of the new run
	Probability float64
}

// Shifts are the drops of the likeliest run. A run of 0 is not one yet: the change is
// only told when values speak for it.
func Shifts(beliefs []Belief) []Shift {
	var out []Shift
	pending := false
	for i := 1; i < len(beliefs); i++ {
		b := beliefs[i]
		pending = pending || b.Run <= beliefs[i-1].Run
		if pending && b.Run > 0 {
			out = append(out, Shift{i, i - b.Run + 1, b.Probability})
			pending = false
		}
	}
	return out
}
