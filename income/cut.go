package income

import (
	"math/big"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Ahead is what training that goes on as in the last twelve months comes to over some months after the period's end.
type Ahead struct {
	Name    string // quarter, year, three_years
	Months  int
	Direct  money.Amount // direct cost of all of it
	Added   money.Amount // what of it would be carried, with the pay of the hours
	Carried evidence.Figure
	Records int64
}

// Staying is what the books say of training and staying: how soon those who were trained leave against those who were not, at the same time
// (a ratio of hazards; below 1, they stay longer); how many were trained within twelve months; the hazard of leaving, a month; and what
// replacing one who leaves costs. It goes with staying, and need not be why.
type Staying struct {
	Ratio       evidence.Figure
	People      int64
	Hazard      float64
	Replacement evidence.Figure
}

// CutInput is what a cut of the training budget is told of. Lacks says why it is not; Staying is nil where the books have no such effect, for
// the reason in NoStaying.
type CutInput struct {
	Ahead     []Ahead
	Lacks     *evidence.Refusal
	Staying   *Staying
	NoStaying evidence.Refusal
}

// Over is what the cut does by the end of some months, as what it adds to the result of all of them.
type Over struct {
	Ahead
	Reported, Invested evidence.Figure
	NotCharged         evidence.Figure // what is then less amortised and written off
	Leavers, Effect    evidence.Figure // by staying: more who leave, and what replacing them costs, below zero
	EffectBounds       evidence.Figure // nothing is missed, to all of the skill that would have been used is, at its cost
	WithEffect         evidence.Figure
	WithBounds         evidence.Figure
}

// Cut is what a cut of the training budget does to both views; Lacks says why it is not told.
type Cut struct {
	Over  []Over
	Lacks *evidence.Refusal
}

// third is the part that is cut.
var third = big.NewRat(1, 3)

// state works out both views of the cut. As reported, the direct cost of a third of the courses is saved; the pay of the hours is paid all the
// same. As investments, what the third would have left on the books by then is not there, so that the change is saving − carried.
func (in CutInput) state(noSkill *evidence.Refusal) Cut {
	switch {
	case noSkill != nil:
		return Cut{Lacks: noSkill}
	case in.Lacks != nil:
		return Cut{Lacks: in.Lacks}
	}
	var out Cut
	for _, a := range in.Ahead {
		out.Over = append(out.Over, in.over(a))
	}
	return out
}

func part(a money.Amount) *big.Rat { return new(big.Rat).Mul(a.Rat(), third) }

func (in CutInput) over(a Ahead) Over {
	o := Over{Ahead: a, Reported: evidence.Exact(part(a.Direct), a.Records, "⅓ of the direct cost of the courses of the last twelve months, of the same months of the year")}
	minus := new(big.Rat).Neg(third)
	o.Invested = a.Carried.Affine(minus, part(a.Direct), "saving − what would have been carried at the end of a third of the courses")
	o.NotCharged = a.Carried.Affine(minus, part(a.Added), "⅓ of what would have been added − ⅓ of what would have been carried at the end")
	o.bounds()
	o.Leavers, o.Effect = in.effect(a.Months)
	o.WithEffect = together(o.Invested, o.Effect)
	return o
}

// bounds are what the cut may cost in skill that is missed: none, to all that would have been used by then, at what it cost. It is a bound of
// training that brings no more than it costs.
func (o *Over) bounds() {
	e, ok := o.NotCharged.Estimate()
	if !ok {
		o.EffectBounds, o.WithBounds = o.NotCharged, o.NotCharged
		return
	}
	most := e.High
	o.EffectBounds = evidence.Bounds(new(big.Rat).Neg(most), new(big.Rat), o.Records, "all of the skill that would have been used by then is missed, at its cost, to nothing is missed; training that brings more than it costs is missed more")
	with, _ := o.Invested.Estimate()
	low := new(big.Rat).Sub(part(o.Direct), part(o.Added))
	o.WithBounds = evidence.Bounds(low, with.High, o.Records, "saving − all of the skill that is not renewed, at its cost, to the change without anything missed")
}

// effect is what the cut does to staying. People who would have been trained come to be missing month by month, a twelfth of a year's each
// month up to all of a third of them; each of them leaves at the hazard of one who was not trained: h ÷ ratio instead of h.
func (in CutInput) effect(months int) (leavers, cost evidence.Figure) {
	s := in.Staying
	if s == nil {
		no := evidence.Refuse(in.NoStaying.Reason, in.NoStaying.Need)
		return no, no
	}
	ratio, ok := s.Ratio.Estimate()
	switch {
	case !ok:
		return s.Ratio, s.Ratio
	case ratio.Value == nil || ratio.Low.Sign() <= 0:
		no := evidence.Refuse("the hazard of those who were trained, against those who were not, has no value above zero", "more people who left")
		return no, no
	}
	time := new(big.Rat) // person-months without training
	for m := 1; m <= months; m++ {
		time.Add(time, new(big.Rat).Mul(new(big.Rat).SetFrac64(s.People*int64(min(m, 12)), 12), third))
	}
	hazard := evidence.Float(s.Hazard)
	more := func(r *big.Rat) *big.Rat {
		x := new(big.Rat).Quo(big.NewRat(1, 1), r)
		x.Sub(x, big.NewRat(1, 1))
		return x.Mul(x, hazard).Mul(x, time)
	}
	leavers = evidence.Confidence(more(ratio.Value), more(ratio.High), more(ratio.Low), ratio.Level, ratio.N, "people who would have been trained × months × hazard × (1 ÷ ratio − 1); it goes with staying, and need not be why")
	price, ok := s.Replacement.Estimate()
	if !ok {
		return leavers, s.Replacement
	}
	return leavers, priced(leavers, price, ratio)
}

// priced are leavers at what replacing one costs, below zero; the ends are those of both intervals together, which cover at least as much.
func priced(leavers evidence.Figure, price, ratio evidence.Estimate) evidence.Figure {
	e, ok := leavers.Estimate()
	if !ok {
		return leavers
	}
	if price.Value == nil {
		return evidence.Refuse("what replacing one who leaves costs has no value between its bounds", "the cost of replacement")
	}
	ends := []*big.Rat{}
	for _, x := range []*big.Rat{e.Low, e.High} {
		for _, p := range []*big.Rat{price.Low, price.High} {
			y := new(big.Rat).Mul(x, p)
			ends = append(ends, y.Neg(y))
		}
	}
	low, high := ends[0], ends[0]
	for _, x := range ends {
		if x.Cmp(low) < 0 {
			low = x
		}
		if x.Cmp(high) > 0 {
			high = x
		}
	}
	value := new(big.Rat).Mul(e.Value, price.Value)
	return evidence.Confidence(value.Neg(value), low, high, ratio.Level, ratio.N, "more who leave × what replacing one costs")
}

// together adds an effect to a change; where one is refused, so is the sum. The ends are added, which covers at least as much.
func together(change, effect evidence.Figure) evidence.Figure {
	a, ok := change.Estimate()
	if !ok {
		return change
	}
	b, ok := effect.Estimate()
	switch {
	case !ok:
		return effect
	case a.Value == nil:
		return evidence.Refuse("what the cut does without people who leave has bounds and no value", "enough who left to draw a curve of staying")
	}
	add := func(x, y *big.Rat) *big.Rat { return new(big.Rat).Add(x, y) }
	return evidence.Confidence(add(a.Value, b.Value), add(a.Low, b.Low), add(a.High, b.High), b.Level, b.N, "change as investments + what replacing more people who leave costs")
}
