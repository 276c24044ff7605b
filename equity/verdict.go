package equity

import (
	"math"

	"github.com/throughline/throughline/clv"
)

// Verdict judges customers by the models and terms of a sealed statement. It holds values alone, so that it prints all of itself:
// what is derived by it is named after that.
type Verdict struct {
	Life     clv.ParetoNBD
	Spend    clv.GammaGamma
	Discount float64 // a year
	Returns  float64
	Margin   float64 // of segments that are not named
	Margins  []SegmentMargin
}

// SegmentMargin is the margin of a named segment.
type SegmentMargin struct {
	Segment string
	Margin  float64
}

// Judge is the probability that somebody is a customer still, and what they are worth.
func (v Verdict) Judge(h clv.History, mean, margin float64) (alive, worth float64) {
	j := judge{life: v.Life, spend: v.Spend, priced: true, delta: math.Log1p(v.Discount) / perYear}
	j.ahead = j.life.Foresight(j.delta)
	b := j.behaviour(h)
	return b.alive, b.discounted * j.price(h.Repeats, mean) * margin * v.Returns
}
