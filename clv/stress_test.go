package clv

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/likelihood"
)

// Whatever the parameters of a world, a fit is a maximum with finite standard errors, or a refusal.
func TestEveryWorldIsFittedOrRefused(t *testing.T) {
	fitted, refusedBy := 0, map[likelihood.Cause]int{}
	judge := func(t *rapid.T, f likelihood.Fit, err error, at likelihood.Function) {
		var r likelihood.Refusal
		if errors.As(err, &r) {
			refusedBy[r.Cause]++
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		fitted++
		g := make([]float64, len(f.Values))
		if l := at(f.Values, g); math.Abs(l-f.LogLikelihood) > 1e-9*math.Abs(l) {
			t.Fatalf("log-likelihood %v, at the fit %v", f.LogLikelihood, l)
		}
		for i := range g {
			if !(f.SE(i) > 0) || !(math.Abs(g[i]*f.SE(i)) < 1e-3) {
				t.Fatalf("%s %v ± %v, gradient %v", f.Names[i], f.Values[i], f.SE(i), g[i])
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		p := rapid.SliceOfN(positives(0.1, 8), 4, 4).Draw(t, "p")
		n := rapid.IntRange(50, 600).Draw(t, "customers")
		exact := rapid.Bool().Draw(t, "exact")
		h, err := Gather(Each(w.paretoNBD(ParetoNBD{p[0], 60 * p[1], p[2], 90 * p[3]}, n, 400, exact)))
		if err != nil {
			t.Fatal(err)
		}
		pareto, err := FitParetoNBD(h)
		judge(t, pareto.Fit, err, newParetoLikelihood(h).at)
		bg, err := FitBGNBD(h)
		judge(t, bg.Fit, err, newBGNBDLikelihood(h).at)
		c, err := Gather(Each(w.bgbb(BGBB{p[0], p[1], p[2], 3 * p[3]}, n, 8)))
		if err != nil {
			t.Fatal(err)
		}
		bb, err := FitBGBB(c)
		judge(t, bb.Fit, err, newBGBBLikelihood(c, 8).at)
		s, err := GatherSpend(EachSpend(w.gammaGamma(GammaGamma{p[0], p[1], 20 * p[2]}, n)))
		if err != nil {
			t.Fatal(err)
		}
		gg, err := FitGammaGamma(s)
		judge(t, gg.Fit.Fit, err, s.at)
		cohort := w.sbg(SBG{p[0], 3 * p[1]}, n, 7)
		all, err := summarised(whole([]Cohort{cohort}))
		if err != nil {
			t.Fatal(err)
		}
		sb, err := FitSBG(cohort)
		judge(t, sb.Fit, err, func(p, g []float64) float64 { return all.at(p[0], p[1], 1, g) })
		bd, err := FitBdW(cohort)
		judge(t, bd.Fit, err, func(p, g []float64) float64 { return all.at(p[0], p[1], p[2], g) })
	})
	t.Logf("%d fitted, refused %v", fitted, refusedBy)
}
