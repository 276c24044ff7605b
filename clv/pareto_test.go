package clv

import (
	"testing"
)

type paretoParameters struct {
	R, Alpha, S, Beta, LL float64
	SE                    struct{ R, Alpha, S, Beta float64 }
}

// Oracle btyd.pnbd_cdnow_mle: Fader, Hardie & Lee (2005), Table 2, and an independent multi-start Nelder–Mead.
func TestParetoNBDMatchesFaderHardieLee2005(t *testing.T) {
	want := oracle[struct {
		Published, Precise paretoParameters
		LLAtPublished      float64 `json:"LL_at_published"`
	}](t, "btyd.pnbd_cdnow_mle")
	h := gathered(t, cdnow(t))
	f, err := FitParetoNBD(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f.Model, f.LogLikelihood, f.Evaluations, f.Remaining)
	p, precise := want.Published, want.Precise
	for i, c := range []struct{ published, tolerance, precise, se float64 }{{p.R, 0.001, precise.R, precise.SE.R}, {p.Alpha, 0.002, precise.Alpha, precise.SE.Alpha},
		{p.S, 0.001, precise.S, precise.SE.S}, {p.Beta, 0.005, precise.Beta, precise.SE.Beta}} {
		near(t, f.Names[i]+" published", f.Values[i], c.published, c.tolerance)
		near(t, f.Names[i], f.Values[i], c.precise, 0.003*c.precise)
		near(t, "se of "+f.Names[i], f.SE(i), c.se, 0.03*c.se)
	}
	near(t, "log-likelihood", f.LogLikelihood, precise.LL, 0.001)
	at, sum := ParetoNBD{p.R, p.Alpha, p.S, p.Beta}, 0.0
	for h, n := range h.All() {
		sum += n * at.LogLikelihood(h)
	}
	near(t, "log-likelihood at the published parameters", sum, want.LLAtPublished, 1e-6)
}
