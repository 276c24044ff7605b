package clv

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestForesightIsWhatTheModelTells holds what is worked out once for many customers to the model's own methods, bit by bit; each history comes
// twice, so that what was kept is told too.
func TestForesightIsWhatTheModelTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(positives(0.05, 20), 4, 4).Draw(t, "parameters")
		m := ParetoNBD{p[0], p[1], p[2], p[3]}
		delta, ahead := positives(1e-5, 1).Draw(t, "delta"), positives(0.1, 500).Draw(t, "ahead")
		f := m.Foresight(delta)
		hs := rapid.SliceOfN(histories(), 1, 5).Draw(t, "histories")
		for _, h := range append(append([]History{{Repeats: -1}}, hs...), hs...) {
			is := f.Of(h)
			for _, pair := range [][2]float64{{is.Alive, m.Alive(h)}, {is.Purchases(ahead), m.Conditional(h, ahead)}, {is.Discounted(), m.Discounted(h, delta)}} {
				if math.Float64bits(pair[0]) != math.Float64bits(pair[1]) && !(math.IsNaN(pair[0]) && math.IsNaN(pair[1])) {
					t.Fatalf("%+v of %+v: %v, want %v", m, h, pair[0], pair[1])
				}
			}
		}
	})
}
