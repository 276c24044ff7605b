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
	want := expected[struct {
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

// Oracle btyd.pnbd_btyd_vignette: the walkthrough of the R package BTYD.
func TestParetoNBDMatchesBTYDVignette(t *testing.T) {
	type three struct{ PAlive, Cond52, E52 float64 }
	want := expected[struct {
		three
		Published three
	}](t, "btyd.pnbd_btyd_vignette")
	m, h := ParetoNBD{.5534, 10.5802, .6061, 11.6562}, History{26, 30.86, 31}
	near(t, "alive", m.Alive(h), want.PAlive, 1e-6)
	near(t, "purchases in 52 weeks", m.Conditional(h, 52), want.Cond52, 1e-6)
	near(t, "of a new customer", m.Expected(52), want.E52, 1e-6)
	near(t, "alive, published", m.Alive(h), want.Published.PAlive, 1e-4)
	near(t, "purchases in 52 weeks, published", m.Conditional(h, 52), want.Published.Cond52, 0.01)
	near(t, "of a new customer, published", m.Expected(52), want.Published.E52, 0.001)
}

// Oracle btyd.pnbd_dert: the closed form with Tricomi's U and a numerical integral, by an independent program.
func TestParetoNBDDiscountedMatchesFaderHardieLee2005(t *testing.T) {
	want := expected[struct {
		Cases []struct{ X, TX, T, Closed, Numeric float64 }
		BTYD  struct {
			Params                      []float64
			D, X, TX, T, Value, Numeric float64
		} `json:"btyd_doc_case"`
	}](t, "btyd.pnbd_dert")
	m := ParetoNBD{.553, 10.578, .606, 11.669}
	for _, c := range want.Cases {
		got := m.Discounted(History{int64(c.X), c.TX, c.T}, 0.002687729661060743)
		near(t, "closed", got, c.Closed, 1e-6*c.Closed)
		near(t, "numeric", got, c.Numeric, 1e-6*c.Numeric)
	}
	b := want.BTYD
	p := ParetoNBD{b.Params[0], b.Params[1], b.Params[2], b.Params[3]}
	near(t, "BTYD's example", p.Discounted(History{int64(b.X), b.TX, b.T}, b.D), b.Value, 1e-6*b.Value)
}
