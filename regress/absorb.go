package regress

import (
	"math"
)

// absorbed is how small what effects leave of a covariate may be against it: sums
// of many rows round, and files hold numbers of seven digits.
const absorbed = 1e-8

// effects are the groups of rows whose means are taken out: units, and times
// where there are two ways.
type effects struct {
	unit, time   []int // of each row
	units, times int   // how many; no times where there is one way
}

// parameters are how many constants the effects stand for: every group's, less one
// for each set of units and times that nothing connects with the rest.
func (e *effects) parameters() float64 {
	if e.times == 0 {
		return float64(e.units)
	}
	parent := make([]int, e.units+e.times)
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	free := len(parent)
	for i, u := range e.unit {
		if a, b := find(u), find(e.units+e.time[i]); a != b {
			parent[a] = b
			free--
		}
	}
	return float64(len(parent) - free)
}

// apart counts the effects' parameters that clustered errors must allow for: a unit
// whose rows all lie in one cluster costs none, as the cluster's freedom holds it;
// one constant always counts. It is what Stata's xtreg and reghdfe and R's fixest do.
func (e *effects) apart(groups []int) float64 {
	units, times := inside(e.unit, e.units, groups), e.times > 0 && inside(e.time, e.times, groups)
	all := e.parameters()
	switch {
	case units && (times || e.times == 0):
		return 1
	case units:
		return all - float64(e.units) + 1
	case times:
		return all - float64(e.times) + 1
	}
	return all
}

// inside tells whether all rows of each group lie in one cluster.
func inside(codes []int, n int, groups []int) bool {
	of := make([]int, n)
	for i := range of {
		of[i] = -1
	}
	for i, c := range codes {
		if of[c] >= 0 && of[c] != groups[i] {
			return false
		}
		of[c] = groups[i]
	}
	return true
}

// projector takes effects out of columns under weights.
type projector struct {
	*effects
	weight         func(i int) float64
	outer, inner   []int // codes: inner, the fewer, are solved for; outer follow
	nOuter, nInner int
	outerWeight    []float64
	diagonal       []float64 // of the system for the inner groups
	mean           []float64 // scratch, by outer group
}

func (e *effects) projector(weight func(i int) float64) *projector {
	p := &projector{effects: e, weight: weight, outer: e.unit, nOuter: e.units}
	if e.times > 0 {
		p.inner, p.nInner = e.time, e.times
		if e.times > e.units {
			p.outer, p.nOuter, p.inner, p.nInner = e.time, e.times, e.unit, e.units
		}
	}
	p.mean = make([]float64, p.nOuter)
	p.outerWeight = make([]float64, p.nOuter)
	for i, g := range p.outer {
		p.outerWeight[g] += weight(i)
	}
	if p.nInner > 0 {
		p.diagonal = make([]float64, p.nInner)
		for i, h := range p.inner {
			w := weight(i)
			p.diagonal[h] += w - w*w/p.outerWeight[p.outer[i]]
		}
	}
	return p
}

// out gives a column without its effects.
func (p *projector) out(column []float64) ([]float64, error) {
	rest := make([]float64, len(column))
	copy(rest, column)
	for range 3 { // again for what rounding has left
		p.demean(rest)
		if p.nInner == 0 {
			continue
		}
		b, err := p.solve(rest)
		if err != nil {
			return nil, err
		}
		for i, h := range p.inner {
			rest[i] -= b[h]
		}
		p.demean(rest)
	}
	return rest, nil
}

// demean takes the weighted means of the outer groups out of a column.
func (p *projector) demean(column []float64) {
	clear(p.mean)
	for i, g := range p.outer {
		p.mean[g] += p.weight(i) * column[i]
	}
	for g := range p.mean {
		p.mean[g] /= p.outerWeight[g]
	}
	for i, g := range p.outer {
		column[i] -= p.mean[g]
	}
}

// apply multiplies by the system matrix: what is left of it in the
// inner groups when the outer means are gone.
func (p *projector) apply(b, into []float64) {
	clear(p.mean)
	for i, g := range p.outer {
		p.mean[g] += p.weight(i) * b[p.inner[i]]
	}
	for g := range p.mean {
		p.mean[g] /= p.outerWeight[g]
	}
	clear(into)
	for i, h := range p.inner {
		into[h] += p.weight(i) * (b[h] - p.mean[p.outer[i]])
	}
}

// solve finds the inner effects of a column without outer means, by conjugate
// gradients on the normal equations, scaled by their diagonal (Hestenes & Stiefel,
// J. Res. NBS 49(6), 1952; for this use Guimarães & Portugal, Stata J. 10(4), 2010).
// In exact arithmetic it ends after as many steps as there are inner groups,
// however ill balanced the panel is.
func (p *projector) solve(column []float64) ([]float64, error) {
	n := p.nInner
	b, r, z, d, q := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	size := 0.0
	for i, h := range p.inner {
		w := p.weight(i)
		r[h] += w * column[i]
		size += w * column[i] * column[i]
	}
	scale := func() float64 {
		for h := range z {
			if z[h] = 0; p.diagonal[h] > 0 {
				z[h] = r[h] / p.diagonal[h]
			}
		}
		return dot(r, z)
	}
	rho := scale()
	copy(d, z)
	stop := 1e-26 * size // rho is a sum of squares in the column's own measure
	for range 20*n + 100 {
		if !(rho > stop) {
			return b, nil
		}
		p.apply(d, q)
		curve := dot(d, q)
		if !(curve > 0) {
			return b, nil
		}
		alpha := rho / curve
		for h := range b {
			b[h] += alpha * d[h]
			r[h] -= alpha * q[h]
		}
		next := scale()
		for h := range d {
			d[h] = z[h] + next/rho*d[h]
		}
		rho = next
	}
	if rho <= 1e-16*size {
		return b, nil
	}
	return nil, refuse("the two-way effects could not be told apart to enough digits; the panel hangs together by too few rows")
}

// without gives the table with effects out of every column, and the lengths that
// the covariates had about their means.
func (t *table) without(e *effects, weight func(i int) float64) (*table, []float64, error) {
	p := e.projector(weight)
	out := *t
	out.x = nil
	var before []float64
	for _, column := range t.x {
		_, length, largest, err := t.spread(column, true)
		if err != nil {
			return nil, nil, err
		}
		before = append(before, math.Max(length, still*largest*math.Sqrt(t.n)))
		rest, err := p.out(column)
		if err != nil {
			return nil, nil, err
		}
		out.x = append(out.x, rest)
	}
	y, err := p.out(t.y)
	out.y = y
	return &out, before, err
}
