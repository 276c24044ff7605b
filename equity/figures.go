package equity

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// figurer turns sums into figures.
type figurer struct {
	s      *Statement
	v      *valuation
	m      models
	facts  Facts
	priced bool
}

// normal is the quantile of a 95 % interval.
const normal = 1.959963984540054

// mostMissed is by how much the hold-out may have missed a forecast's logarithm before nothing is told of it.
const mostMissed = 2

const method = "Pareto/NBD and gamma-gamma; 95 % interval of the parameters, widened by the error of the hold-out by cohort"

func (f *figurer) all(was *models) {
	f.s.Base = f.figures(group{})
	f.s.Parts = map[Dimension][]Part{}
	for _, d := range Dimensions {
		f.s.Parts[d] = f.parts(d)
	}
	f.s.Top = f.tops()
	f.s.Moved = f.v.change
	f.s.Change = f.change(was)
	f.s.ToCome = f.toCome()
	f.s.worth = worthOf(f.v, f.facts.Segments, f.half(group{}, value))
	f.s.Quiet = QuietOnes{Customers: f.v.quiet.customers, AtStake: f.atStake()}
}

func (f *figurer) figures(g group) Figures {
	p := f.v.parts[g]
	if p == nil {
		p = &part{}
	}
	out := Figures{Customers: p.customers, Alive: f.figure(g, alive), Purchases: f.figure(g, purchases), Revenue: f.figure(g, revenue), Value: f.figure(g, value)}
	return out
}

// half is half of the interval of a figure's logarithm.
func (f *figurer) half(g group, measure int) float64 {
	own := 0.0
	if g.of == Cohort {
		own = f.s.Check.own(g.at, measure)
	}
	return math.Hypot(normal*f.v.spread(g, measure), f.s.Check.error(measure).widening(own))
}

func (f *figurer) figure(g group, measure int) evidence.Figure {
	if lacks := f.lacks(measure); lacks != nil {
		return evidence.Refuse(lacks.Reason, lacks.Need)
	}
	p := f.v.parts[g]
	if p == nil {
		return evidence.Exact(evidence.Float(0), 0, "nobody")
	}
	if no := few(p.customers); g.of != "" && no != nil {
		return evidence.Refuse(no.Reason, no.Need)
	}
	half := f.half(g, measure)
	if measure == value && p.size > math.Abs(p.sum[value])*(1+1e-9) {
		// Worths of both signs may nearly cancel: the width is that of what they are without their signs.
		return between(p.sum[value], math.Expm1(math.Min(half, mostMissed))*p.size, half, p.customers)
	}
	high := math.Inf(1)
	if measure == alive {
		high = float64(p.customers)
	}
	return around(p.sum[measure], half, high, p.customers, method)
}

// leastTold is of how many customers a group must be for its figures to be told.
const leastTold = 10

func few(customers int64) *evidence.Refusal {
	if customers >= leastTold {
		return nil
	}
	return &evidence.Refusal{Reason: fmt.Sprintf("these are fewer than %d customers, and the models tell of many, not of few", leastTold), Need: fmt.Sprintf("%d customers", leastTold)}
}

// between is a value with the same width to both sides, refused where half, in logarithms, is too wide.
func between(value, width, half float64, n int64) evidence.Figure {
	return betweenBy(value, width, half, n, method)
}

func betweenBy(value, width, half float64, n int64, method string) evidence.Figure {
	if half > mostMissed {
		return evidence.Refuse(missed, "longer books, or a company whose customers buy more evenly")
	}
	return evidence.Confidence(evidence.Float(value), evidence.Float(value-width), evidence.Float(value+width), 0.95, n, method)
}

const missed = "the same model, fitted to what was known earlier, missed what came after by too much to tell anything from"

// around is a value with an interval of so much of its logarithm to both sides.
func around(value, half, most float64, n int64, method string) evidence.Figure {
	if half > mostMissed {
		return evidence.Refuse(missed, "longer books, or a company whose customers buy more evenly")
	}
	low, high := value*math.Exp(-half), math.Min(most, value*math.Exp(half))
	if value < 0 {
		low, high = high, low
	}
	return evidence.Confidence(evidence.Float(value), evidence.Float(low), evidence.Float(high), 0.95, n, method)
}

// lacks says why a measure cannot be told.
func (f *figurer) lacks(measure int) *evidence.Refusal {
	if f.s.Check.error(measure).Cohorts == 0 && (measure < revenue || f.priced) {
		return &evidence.Refusal{Reason: "the hold-out has no cohort of whom enough was foretold, so nobody can tell how far the model misses", Need: "more customers who buy again"}
	}
	if measure < revenue {
		return nil
	}
	if !f.priced {
		lacks := evidence.Refusal{Reason: "spend could not be modelled at the cut of the hold-out", Need: "more customers who buy again"}
		if f.m.noPrice != nil {
			lacks = lacksOf(f.m.noPrice)
		}
		return &lacks
	}
	if measure < value {
		return nil
	}
	switch {
	case f.s.Discount == nil:
		return &evidence.Refusal{Reason: "value: no discount rate is stated", Need: "discount_rate in settings"}
	case !f.v.terms[1].known:
		return &evidence.Refusal{Reason: "value: no line of the twelve months up to the end says what it earned", Need: "cost of orders, or margin in settings"}
	}
	return nil
}

func (f *figurer) parts(d Dimension) []Part {
	of := named[*part]{f.facts.Segments, f.facts.Entities, f.v.parts, func(p *part) bool { return p.customers == f.s.Customers }}
	var out []Part
	for _, p := range of.places(d) {
		out = append(out, Part{Name: p.name, Rest: p.rest, Figures: f.figures(group{d, p.at})})
	}
	return out
}

func (f *figurer) tops() []Top {
	var out []Top
	for _, share := range []struct {
		name string
		of   float64
	}{{"top_1", 0.01}, {"top_10", 0.1}, {"top_20", 0.2}} {
		out = append(out, Top{share.name, f.top(share.of)})
	}
	return out
}

func (f *figurer) top(share float64) evidence.Figure {
	if lacks := f.lacks(value); lacks != nil {
		return evidence.Refuse(lacks.Reason, lacks.Need)
	}
	if f.v.worths.below {
		return evidence.Refuse("some customers are worth less than nothing, so that shares of the sum say nothing", "margins above nothing in every segment")
	}
	var up, down [parameters]float64
	for i := range parameters {
		up[i], down[i] = f.v.tops[0][i].top(share), f.v.tops[1][i].top(share)
	}
	half := normal * relative(f.v.covariance, up, down)
	return around(f.v.worths.top(share), half, 1, f.v.worths.customers, "Pareto/NBD and gamma-gamma; 95 % interval of the parameters alone, as a hold-out does not tell who is worth most")
}

func (f *figurer) change(was *models) []Movement {
	c := f.v.change
	told := []struct {
		name  string
		is    float64
		slope func(lines) float64 // what of it the parameters at the end decide
	}{
		{"opening", c.Opening, nil}, {"new", c.New, func(l lines) float64 { return l.fresh }}, {"lost", c.Lost, func(l lines) float64 { return l.lost }},
		{"behaviour", c.Behaviour, func(l lines) float64 { return l.behaviour }}, {"margin", c.Margin, func(l lines) float64 { return l.margin }},
		{"model", c.Model, nil}, {"closing", c.Closing, nil},
	}
	var out []Movement
	lacks := f.lacks(value)
	if lacks == nil && !f.v.changes {
		lacks = &evidence.Refusal{Reason: "no model could be fitted to what was known when the period opened", Need: "a later period"}
	}
	half := f.half(group{}, value)
	for _, l := range told {
		m := Movement{Name: l.name}
		switch {
		case lacks != nil:
			m.Figure = evidence.Refuse(lacks.Reason, lacks.Need)
		case l.name == "model":
			m.Figure = f.modelled(was, l.is)
		case l.slope == nil:
			m.Figure = f.figure(group{}, value)
			if l.name == "opening" {
				m.Figure = around(l.is, half, math.Inf(1), f.facts.Customers, method+"; as wide in proportion as that of the base")
			}
		default:
			m.Figure = f.movement(l.is, l.slope)
		}
		out = append(out, m)
	}
	return out
}

// movement is a line of the change: a difference of worths, whose sign is not sure. What the parameters could also be moves it by its own slope,
// and what the hold-out missed scales it.
func (f *figurer) movement(is float64, of func(lines) float64) evidence.Figure {
	wide := f.s.Check.error(value).widening(0)
	g := mat.NewVecDense(parameters, nil)
	scale := float64(f.v.rows) / float64(max(1, len(f.v.sample)))
	for i := range parameters {
		g.SetVec(i, scale*(of(f.v.slopes[0][i])-of(f.v.slopes[1][i]))/(2*step))
	}
	se := math.Sqrt(math.Max(0, mat.Inner(g, f.v.covariance, g)))
	return between(is, math.Hypot(normal*se, math.Expm1(math.Min(wide, mostMissed))*math.Abs(is)), wide, f.facts.Customers)
}

// modelled is the line of the model: how far two fits to overlapping facts lie apart, as if they did not overlap, which is wider than it is.
func (f *figurer) modelled(was *models, is float64) evidence.Figure {
	v := *f.v
	v.now, v.covariance, v.terms[1] = f.v.was, was.logCovariance(), f.v.terms[0]
	v.parts = map[group]*part{{}: {}}
	for g := range f.v.parts {
		v.parts[g] = &part{}
	}
	v.tops = [2][parameters]worths{}
	v.gradient()
	width := normal * math.Hypot(v.spread(group{}, value)*f.v.change.Opening, f.v.spread(group{}, value)*f.v.change.Opening)
	return evidence.Confidence(evidence.Float(is), evidence.Float(is-width), evidence.Float(is+width), 0.95, f.facts.Customers, "difference of two fits; 95 % interval as if they rested on different facts")
}

func (f *figurer) atStake() evidence.Figure {
	if lacks := f.lacks(value); lacks != nil {
		return evidence.Refuse(lacks.Reason, lacks.Need)
	}
	return around(f.v.quiet.stake, f.half(group{}, value), math.Inf(1), f.v.quiet.customers, method+"; as wide in proportion as that of the base")
}

// yearsToCome is for how many years customers to come are counted.
const yearsToCome = 5

func (f *figurer) toCome() ToCome {
	out := ToCome{Years: yearsToCome, CostEach: f.s.CostEach}
	if out.CostEach.Err() != nil {
		out.CostEach = costNotStated
	}
	refuse := func(reason, need string) ToCome {
		no := evidence.Refuse(reason, need)
		out.Arrivals, out.Each, out.Value, out.AfterCost = no, no, no, no
		return out
	}
	came, spread, freedom, lacks := f.arrivals()
	if lacks != nil {
		return refuse(lacks.Reason, lacks.Need)
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(0.975)
	vary := t * spread
	method := fmt.Sprintf("as many as came in the last twelve months; 95 %% interval by how each of %.0f years differed from the one before", freedom)
	if freedom == 1 {
		method = "as many as came in the last twelve months; 95 % interval by how one year differed from the one before"
	}
	if vary > mostMissed {
		return refuse("customers to come: too few years of arrivals, or too unlike each other, to tell how many will come", "more years of purchases")
	}
	out.Arrivals = around(float64(came.Customers), vary, math.Inf(1), came.Customers, method)
	if lacks := f.lacks(value); lacks != nil {
		no := evidence.Refuse(lacks.Reason, lacks.Need)
		out.Each, out.Value, out.AfterCost = no, no, no
		return out
	}
	terms := f.v.terms[1]
	first, _ := came.First.Rat().Float64()
	each := terms.whole * terms.returns * (first/float64(came.Customers) + f.v.now.newcomer())
	half := f.half(group{}, value)
	out.Each = around(each, half, math.Inf(1), came.Customers, method+"; "+"first purchase and all that are expected to follow")
	years := make([]clv.Arrivals, yearsToCome)
	for i := range years {
		years[i] = clv.Arrivals{Customers: float64(came.Customers), Value: each}
	}
	sum, err := clv.Equity(0, years, *f.s.Discount)
	if err != nil {
		out.Value = evidence.Refuse(err.Error(), "other terms")
		out.AfterCost = out.Value
		return out
	}
	out.Value = around(sum, math.Hypot(half, vary), math.Inf(1), came.Customers, method+"; before what it costs to win them")
	if no, refused := out.Value.Refusal(); refused {
		out.AfterCost = evidence.Refuse(no.Reason, no.Need)
		return out
	}
	return f.s.afterCost(out, float64(came.Customers), each, vary, half, came.Customers)
}

// arrivals are those of the last year, and how the logarithm of the number differed from one year to the next. The first twelve months of the
// books are left out, and a year that they do not cover: who comes there may have come before.
func (f *figurer) arrivals() (came Arrived, spread, freedom float64, lacks *evidence.Refusal) {
	byBack := map[int]Arrived{}
	for _, a := range f.facts.Arrived {
		byBack[a.Back] = a
	}
	came = byBack[0]
	squares := 0.0
	for back := 1; ; back++ {
		year := Year(f.s.Until.AddMonths(-12 * back))
		if year.Start < f.s.Began.AddMonths(12) {
			break
		}
		a, b := byBack[back-1].Customers, byBack[back].Customers
		if a == 0 || b == 0 {
			return came, 0, 0, &evidence.Refusal{Reason: "customers to come: nobody first bought in the year " + year.String() + " or the one after it", Need: "books that begin with the company's first customers, and new ones in every year"}
		}
		d := math.Log(float64(a) / float64(b))
		squares += d * d
		freedom++
	}
	if freedom < 1 || came.Customers == 0 {
		return came, 0, 0, &evidence.Refusal{
			Reason: "customers to come: how much arrivals differ from year to year is not known, because who comes in the first year of the books may have come before",
			Need:   "three years of purchases",
		}
	}
	return came, math.Sqrt(squares / freedom), freedom, nil
}

// Err tells whether a figure of the statement is none.
func (s Statement) Err() error {
	errs := []error{}
	add := func(figures ...evidence.Figure) {
		for _, f := range figures {
			errs = append(errs, f.Err())
		}
	}
	of := func(f Figures) { add(f.Alive, f.Purchases, f.Revenue, f.Value) }
	of(s.Base)
	for _, parts := range s.Parts {
		for _, p := range parts {
			of(p.Figures)
		}
	}
	for _, t := range s.Top {
		add(t.Share)
	}
	for _, m := range s.Change {
		add(m.Figure)
	}
	add(s.Quiet.AtStake, s.ToCome.Arrivals, s.ToCome.Each, s.ToCome.Value, s.ToCome.CostEach, s.ToCome.AfterCost)
	return errors.Join(errs...)
}
