package clv

import (
	"math"
	"slices"

	"github.com/throughline/throughline/likelihood"
)

// Fit is a model with how it was had: standard errors, covariance, log-likelihood.
type Fit[M any] struct {
	Model M
	likelihood.Fit
}

// FitBGNBD fits the model by maximum likelihood. The error is a [likelihood.Refusal] when there are too few repeat customers,
// or the likelihood has no maximum inside: no heterogeneity, nobody leaving.
func FitBGNBD(h *Histories) (Fit[BGNBD], error) {
	if err := h.enough("BG/NBD"); err != nil {
		return Fit[BGNBD]{}, err
	}
	unit, rate := h.scales()
	found, err := likelihood.Maximise(likelihood.Problem{
		Parameters: []likelihood.Parameter{shapeR, {Name: "alpha", Unit: unit, Low: 1e-9, High: 1e9, AtHigh: noRates},
			{Name: "a", Low: 1e-5, High: 1e5, AtLow: nobodyLeaves, AtHigh: noDropouts}, {Name: "b", Low: 1e-5, High: 1e5, AtHigh: noDropouts}},
		Observations:      h.customers,
		LogLikelihood:     newBGNBDLikelihood(h).at,
		Pilot:             pilotOf(h, func(p *Histories) likelihood.Function { return newBGNBDLikelihood(p).at }),
		PilotObservations: h.pilotCustomers(),
		Starts:            [][]float64{{1, unit * inside(1/rate), 1, 2}, {0.3, unit * inside(0.3/rate), 0.8, 2.5}, {4, unit * inside(4/rate), 0.1, 2}},
	})
	if err != nil {
		return Fit[BGNBD]{}, named("BG/NBD", err)
	}
	p := found.Values
	return Fit[BGNBD]{BGNBD{p[0], p[1], p[2], p[3]}, found}, nil
}

// bgnbdLikelihood is the log-likelihood over all histories. Logarithms of α+time are taken once for each distinct time, and
// what depends on x alone once for each x, which leaves one exp and one log1p for each history.
type bgnbdLikelihood struct {
	h         *Histories
	runs      []run
	blocks    []block
	times     []float64 // distinct, ascending
	last, age []int32   // of each group, in times
	logs, inv []float64 // of α + times
	sums      []bgnbdSums
	customers []float64 // of each run
}

// bgnbdSums are a block's: Σ w·ln(…), Σ w·∂/∂(r by time), Σ w·∂/∂α by time, Σ w·P(gone at last).
type bgnbdSums struct{ value, r, alpha, gone float64 }

func newBGNBDLikelihood(h *Histories) *bgnbdLikelihood {
	l := &bgnbdLikelihood{h: h, runs: h.runs()}
	l.blocks = blocks(l.runs)
	l.times, l.last, l.age = indexTimes(h.groups)
	l.logs, l.inv = make([]float64, len(l.times)), make([]float64, len(l.times))
	l.sums = make([]bgnbdSums, len(l.blocks))
	l.customers = make([]float64, len(l.runs))
	for i, r := range l.runs {
		for _, g := range h.groups[r.from:r.to] {
			l.customers[i] += g.customers
		}
	}
	return l
}

// indexTimes lists the distinct times of the groups, ascending, and where in it each group's last purchase and age are.
func indexTimes(gs []group) (times []float64, last, age []int32) {
	largest := 0.0
	for i := range gs {
		if gs[i].Age != math.Floor(gs[i].Age) || gs[i].Last != math.Floor(gs[i].Last) {
			return indexAny(gs)
		}
		largest = max(largest, gs[i].Age)
	}
	if largest > 1<<16 && largest > 4*float64(len(gs)) {
		return indexAny(gs)
	}
	return indexWhole(gs, int(largest))
}

// indexWhole is indexTimes of whole times, such as days, by a table instead of a search.
func indexWhole(gs []group, largest int) (times []float64, last, age []int32) {
	place := make([]int32, largest+1)
	for i := range gs {
		place[int(gs[i].Last)], place[int(gs[i].Age)] = 1, 1
	}
	for t, seen := range place {
		if seen == 1 {
			place[t] = int32(len(times))
			times = append(times, float64(t))
		}
	}
	last, age = make([]int32, len(gs)), make([]int32, len(gs))
	for i := range gs {
		last[i], age[i] = place[int(gs[i].Last)], place[int(gs[i].Age)]
	}
	return times, last, age
}

func indexAny(gs []group) (times []float64, last, age []int32) {
	times = make([]float64, 0, 2*len(gs))
	for i := range gs {
		times = append(times, gs[i].Last, gs[i].Age)
	}
	slices.Sort(times)
	times = slices.Clip(slices.Compact(times))
	last, age = make([]int32, len(gs)), make([]int32, len(gs))
	for i := range gs {
		j, _ := slices.BinarySearch(times, gs[i].Last)
		k, _ := slices.BinarySearch(times, gs[i].Age)
		last[i], age[i] = int32(j), int32(k)
	}
	return times, last, age
}

func (l *bgnbdLikelihood) at(p, gradient []float64) float64 {
	r, alpha, a, b := p[0], p[1], p[2], p[3]
	inParallel((len(l.times)+blockSize-1)/blockSize, len(l.times), func(i int) {
		for j := i * blockSize; j < min((i+1)*blockSize, len(l.times)); j++ {
			l.logs[j], l.inv[j] = math.Log(alpha+l.times[j]), 1/(alpha+l.times[j])
		}
	})
	inParallel(len(l.blocks), len(l.h.groups), func(i int) { l.sums[i] = l.sum(l.blocks[i], r, a, b) })
	value, n := 0.0, l.h.customers
	clear(gradient)
	logAlpha := math.Log(alpha)
	for i, run := range l.runs {
		x, w := run.repeats, l.customers[i]
		value += w * (rising(r, x) + rising(b, x) - rising(a+b, x))
		both := risingSlope(a+b, x)
		gradient[0] += w * risingSlope(r, x)
		gradient[2] -= w * both
		gradient[3] += w * (risingSlope(b, x) - both)
	}
	for i, s := range l.sums {
		value += s.value
		gradient[0] -= s.r
		gradient[1] -= s.alpha
		gradient[2] += s.gone / a
		if x := l.runs[l.blocks[i].run].repeats; x > 0 {
			gradient[3] -= s.gone / (b + x - 1)
		}
	}
	gradient[0] += n * logAlpha
	gradient[1] += n * r / alpha
	return value + n*r*logAlpha
}

// sum adds up the part that depends on times: ln(e^{A3} + e^{A4}) of equation 6 and its derivatives.
func (l *bgnbdLikelihood) sum(b block, r, a, bb float64) bgnbdSums {
	var s bgnbdSums
	x := l.runs[b.run].repeats
	k := r + x
	groups, age, last := l.h.groups[b.from:b.to], l.age[b.from:b.to], l.last[b.from:b.to]
	if x == 0 {
		for i := range groups {
			w := groups[i].customers
			s.r += w * l.logs[age[i]]
			s.alpha += w * l.inv[age[i]]
		}
		s.value, s.alpha = -k*s.r, k*s.alpha
		return s
	}
	gone := math.Log(a / (bb + x - 1))
	for i := range groups {
		w, atAge, atLast := groups[i].customers, l.logs[age[i]], l.logs[last[i]]
		e := math.Exp(k*(atLast-atAge) - gone)
		q := 1 / (1 + e)
		s.value += w * (gone - k*atLast + math.Log1p(e))
		s.r += w * (atAge + q*(atLast-atAge))
		s.alpha += w * (l.inv[age[i]] + q*(l.inv[last[i]]-l.inv[age[i]]))
		s.gone += w * q
	}
	s.alpha *= k
	return s
}
