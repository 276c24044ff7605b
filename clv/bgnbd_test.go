package clv

import (
	"testing"
)

type bgnbdParameters struct {
	R, Alpha, A, B, LL float64
	SE                 struct{ R, Alpha, A, B float64 }
}

// Oracle btyd.bgnbd_cdnow_mle: Fader, Hardie & Lee (2005), Table 2, and an independent multi-start Nelder–Mead.
func TestBGNBDMatchesFaderHardieLee2005(t *testing.T) {
	want := oracle[struct{ Published, Precise bgnbdParameters }](t, "btyd.bgnbd_cdnow_mle")
	f, err := FitBGNBD(gathered(t, cdnow(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f.Model, f.LogLikelihood, f.Evaluations, f.Remaining)
	p, precise := want.Published, want.Precise
	for i, c := range []struct{ published, precise, se float64 }{{p.R, precise.R, precise.SE.R}, {p.Alpha, precise.Alpha, precise.SE.Alpha},
		{p.A, precise.A, precise.SE.A}, {p.B, precise.B, precise.SE.B}} {
		near(t, f.Names[i]+" published", f.Values[i], c.published, 0.0006)
		near(t, f.Names[i], f.Values[i], c.precise, 0.002*c.precise)
		near(t, "se of "+f.Names[i], f.SE(i), c.se, 0.02*c.se)
	}
	near(t, "log-likelihood", f.LogLikelihood, precise.LL, 0.001)
}
