package journey

import (
	"math/big"

	"github.com/throughline/throughline/evidence"
)

// State is how a touchpoint does against its standard.
type State string

// The states, worst first; the last three are no judgement.
const (
	WellBelow  State = "well_below"
	Below      State = "below"
	At         State = "at" // the interval holds the standard
	Above      State = "above"
	WellAbove  State = "well_above"
	Few        State = "few"        // too few to judge
	Unmeasured State = "unmeasured" // nothing in the books measures it
	Unjudged   State = "unjudged"   // measured, but no standard says what is promised
)

// States lists them in this order.
var States = []State{WellBelow, Below, At, Above, WellAbove, Few, Unmeasured, Unjudged}

// Judge sets a figure beside its standard. A figure is below only when its whole interval is, and well below when the whole
// interval is by more than the standard's margin: chance alone then seldom makes it. Above is on the good side, whichever that
// is. A refused figure is Unmeasured.
func Judge(f evidence.Figure, m Measure, t Target) State {
	e, ok := f.Estimate()
	if !ok || e.Value == nil {
		return Unmeasured
	}
	goal, least, err := t.value()
	if err != nil {
		return Unjudged
	}
	margin, err := t.well(m)
	if err != nil {
		return Unjudged
	}
	low, high := e.Low, e.High
	if low == nil || high == nil {
		low, high = e.Value, e.Value
	}
	worst, best := new(big.Rat).Sub(low, goal), new(big.Rat).Sub(high, goal)
	if !least {
		worst, best = best.Neg(best), worst.Neg(worst)
	}
	switch {
	case best.Sign() < 0 && new(big.Rat).Add(best, margin).Sign() < 0:
		return WellBelow
	case best.Sign() < 0:
		return Below
	case worst.Sign() > 0 && worst.Cmp(margin) > 0:
		return WellAbove
	case worst.Sign() > 0:
		return Above
	}
	return At
}
