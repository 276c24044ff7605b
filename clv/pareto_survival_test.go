package clv

import (
	"math"
	"testing"
)

// The chance to stay is what a rate of leaving that differs as Gamma(s, rate beta) gives: its mean of e^(−μt), by a sum over the density.
func TestParetoSurvivalIsTheGammaMixture(t *testing.T) {
	m := ParetoNBD{R: 0.55, Alpha: 10.58, S: 1.6, Beta: 11.67}
	for _, at := range []float64{0, 1, 7.5, 40, 400} {
		mixed, step := 0.0, 1e-5
		for mu := step / 2; mu < 6; mu += step {
			lnGamma, _ := math.Lgamma(m.S)
			mixed += step * math.Exp(m.S*math.Log(m.Beta)-lnGamma+(m.S-1)*math.Log(mu)-mu*(m.Beta+at))
		}
		if got := m.Survival(at); math.Abs(got-mixed) > 1e-5 {
			t.Errorf("after %v: %v, mixed %v", at, got, mixed)
		}
	}
	if !math.IsNaN((ParetoNBD{}).Survival(1)) || !math.IsNaN(m.Survival(-1)) {
		t.Error("what cannot be is told")
	}
}
