package web

import "testing"

// A period in which nothing changed is drawn on a scale that has a length: 50 is a round number, so both ends of the scale fell on it.
func TestAScaleOfOneNumberHasALength(t *testing.T) {
	for _, x := range []float64{0, 50, -50, 1e6, 0.1} {
		if a := axisAround([]float64{x, x}); !(a.low < a.high) || a.low > x || a.high < x {
			t.Errorf("the scale around %g runs from %g to %g", x, a.low, a.high)
		}
	}
}
