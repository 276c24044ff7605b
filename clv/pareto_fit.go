package clv

import (
	"math"

	"github.com/throughline/throughline/likelihood"
)

// FitParetoNBD fits the model by maximum likelihood. The error is a [likelihood.Refusal] when there are too few repeat
// customers, or the likelihood has no maximum inside: no heterogeneity, nobody leaving.
func FitParetoNBD(h *Histories) (Fit[ParetoNBD], error) {
	if err := h.enough("Pareto/NBD"); err != nil {
		return Fit[ParetoNBD]{}, err
	}
	unit, rate := h.scales()
	found, err := likelihood.Maximise(likelihood.Problem{
		Parameters: []likelihood.Parameter{shapeR, {Name: "alpha", Unit: unit, Low: 1e-9, High: 1e9, AtHigh: noRates},
			{Name: "s", Low: 1e-5, High: 1e5, AtLow: nobodyLeaves, AtHigh: noDropouts}, {Name: "beta", Unit: unit, Low: 1e-9, High: 1e9, AtHigh: nobodyLeaves}},
		Observations:      h.customers,
		LogLikelihood:     newParetoLikelihood(h).at,
		Pilot:             pilotOf(h, func(p *Histories) likelihood.Function { return newParetoLikelihood(p).at }),
		PilotObservations: h.pilotCustomers(),
		Starts: [][]float64{{1, unit * inside(1/rate), 0.7, unit / 2}, {0.3, unit * inside(0.3/rate), 0.3, unit / 10},
			{4, unit * inside(4/rate), 2, 4 * unit}},
	})
	if err != nil {
		return Fit[ParetoNBD]{}, named("Pareto/NBD", err)
	}
	p := found.Values
	return Fit[ParetoNBD]{ParetoNBD{p[0], p[1], p[2], p[3]}, found}, nil
}

// paretoLikelihood is the log-likelihood over all histories. For each x the integrals of leaving are taken from one distinct
// time to the next, and summed from the end, so that a history is the difference of two sums: one exp and one log. The
// difference loses nothing, since the part of being alive is never smaller than what the later sum takes away.
type paretoLikelihood struct {
	h         *Histories
	runs      []run
	blocks    []block
	tables    []table // of each run
	last, age []int32 // of each group, in its run's table
	sums      []paretoSums
	customers []float64 // of each run
}

// table holds, for each distinct time of a run, the point and the moments from there to the last time.
type table struct {
	times  []float64
	points []point
	tails  []moments
}

// paretoSums are a block's: the value and its derivatives by r, α, s and β, as far as they depend on times.
type paretoSums struct{ value, r, alpha, s, beta float64 }

func newParetoLikelihood(h *Histories) *paretoLikelihood {
	l := &paretoLikelihood{h: h, runs: h.runs(), last: make([]int32, len(h.groups)), age: make([]int32, len(h.groups))}
	l.blocks = blocks(l.runs)
	l.tables, l.customers, l.sums = make([]table, len(l.runs)), make([]float64, len(l.runs)), make([]paretoSums, len(l.blocks))
	inParallel(len(l.runs), len(h.groups), func(i int) {
		r := l.runs[i]
		groups := h.groups[r.from:r.to]
		times, last, age := indexTimes(groups)
		copy(l.last[r.from:], last)
		copy(l.age[r.from:], age)
		l.tables[i] = table{times, make([]point, len(times)), make([]moments, len(times))}
		for _, g := range groups {
			l.customers[i] += g.customers
		}
	})
	return l
}

func (l *paretoLikelihood) at(p, gradient []float64) float64 {
	m := ParetoNBD{p[0], p[1], p[2], p[3]}
	inParallel(len(l.runs), len(l.h.groups), func(i int) { l.tables[i].fill(m.leaving(l.runs[i].repeats)) })
	inParallel(len(l.blocks), len(l.h.groups), func(i int) { l.sums[i] = l.sum(l.blocks[i], m.leaving(l.runs[l.blocks[i].run].repeats)) })
	clear(gradient)
	value, n := 0.0, l.h.customers
	for i, run := range l.runs {
		value += l.customers[i] * rising(m.R, run.repeats)
		gradient[0] += l.customers[i] * risingSlope(m.R, run.repeats)
	}
	for i := range l.sums {
		s := &l.sums[i]
		value += s.value
		gradient[0] += s.r
		gradient[1] += s.alpha
		gradient[2] += s.s
		gradient[3] += s.beta
	}
	logA, logB := math.Log(m.Alpha), math.Log(m.Beta)
	gradient[0] += n * logA
	gradient[1] += n * m.R / m.Alpha
	gradient[2] += n * logB
	gradient[3] += n * m.S / m.Beta
	return value + n*(m.R*logA+m.S*logB)
}

// fill sums the stretches from the last time to the first, each in units of the density at its start.
func (t *table) fill(l leaving) {
	for i, u := range t.times {
		t.points[i] = l.point(u)
	}
	var tail moments
	for i := len(t.times) - 1; i >= 0; i-- {
		if i+1 < len(t.times) {
			fall := math.Exp(t.points[i+1].height - t.points[i].height)
			tail = moments{tail.mass * fall, tail.logA * fall, tail.logB * fall, tail.invA * fall, tail.invB * fall}
			step := l.between(t.points[i], t.points[i+1])
			tail = moments{tail.mass + step.mass, tail.logA + step.logA, tail.logB + step.logB, tail.invA + step.invA, tail.invB + step.invB}
		}
		t.tails[i] = tail
	}
}

// sum adds up ln{(α+T)^{−k}(β+T)^{−s} + s∫_{t_x}^T …} and its derivatives.
func (l *paretoLikelihood) sum(b block, d leaving) paretoSums {
	var out paretoSums
	t := &l.tables[b.run]
	groups, age, last := l.h.groups[b.from:b.to], l.age[b.from:b.to], l.last[b.from:b.to]
	for i := range groups {
		w, from, to := groups[i].customers, &t.points[last[i]], &t.points[age[i]]
		early, late := &t.tails[last[i]], &t.tails[age[i]]
		fall := math.Exp(to.height - from.height)
		betaAge := d.beta + to.u
		alive, mass := fall*betaAge, early.mass-fall*late.mass
		total := alive + d.s*mass
		wa, wg := w*alive/total, w*d.s/total // weights of the part alive, and of each integral
		out.value += w * (from.height + math.Log(total))
		out.r -= wa*to.logA + wg*(early.logA-fall*late.logA)
		out.alpha -= wa/(d.alpha+to.u) + wg*(early.invA-fall*late.invA)
		out.s += wg*mass/d.s - wa*to.logB - wg*(early.logB-fall*late.logB)
		out.beta -= wa*d.s/betaAge + wg*(d.s+1)*(early.invB-fall*late.invB)
	}
	out.alpha *= d.k
	return out
}
