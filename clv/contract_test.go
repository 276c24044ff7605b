package clv

import (
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// renewing reads Fader & Hardie's cohorts: 1000 customers at the start, their share left after each year.
func renewing(t testing.TB, column string, years int) Cohort {
	t.Helper()
	var out Cohort
	for _, percent := range oracle.Numbers(t, "fader_hardie_2007_survival.csv")[column][:years+1] {
		out = append(out, 10*percent)
	}
	return out
}

// Oracles sbg.high_end and sbg.regular: Fader & Hardie (2007).
func TestSBGMatchesFaderHardie2007(t *testing.T) {
	type parameters struct {
		Alpha, Beta, LL float64
		S, R            []float64
	}
	for id, column := range map[string]string{"sbg.high_end": "high_end_pct", "sbg.regular": "regular_pct"} {
		want := expected[struct {
			Published, Precise parameters
			Four               parameters `json:"fit_4y"`
		}](t, id)
		for years, w := range map[int]parameters{7: want.Precise, 4: want.Four} {
			f, err := FitSBG(renewing(t, column, years))
			if err != nil {
				t.Fatal(err)
			}
			near(t, "alpha", f.Model.Alpha, w.Alpha, 1e-4*w.Alpha)
			near(t, "beta", f.Model.Beta, w.Beta, 1e-4*w.Beta)
			near(t, "log-likelihood", f.LogLikelihood, w.LL, 0.05)
			for i := range w.S {
				near(t, "survival", f.Model.Survival(float64(i+1)), w.S[i], 1e-6)
				near(t, "retention", f.Model.Retention(float64(i+1)), w.R[i], 1e-6)
			}
			if years == 7 {
				near(t, "alpha, published", f.Model.Alpha, want.Published.Alpha, 0.001)
				near(t, "beta, published", f.Model.Beta, want.Published.Beta, 0.001)
				near(t, "log-likelihood, published", f.LogLikelihood, want.Published.LL, 0.05)
			}
		}
	}
}

// Oracles bdw.high_end and bdw.regular: an independent program; no published parameters were to be had.
func TestBdWMatchesIndependentProgram(t *testing.T) {
	type parameters struct{ Alpha, Beta, C, LL, S12 float64 }
	for id, column := range map[string]string{"bdw.high_end": "high_end_pct", "bdw.regular": "regular_pct"} {
		want := expected[struct {
			Seven parameters `json:"seven_year"`
			Four  parameters `json:"four_year"`
		}](t, id)
		for years, w := range map[int]parameters{7: want.Seven, 4: want.Four} {
			f, err := FitBdW(renewing(t, column, years))
			if err != nil {
				t.Fatal(err)
			}
			t.Log(id, years, f.Model, f.LogLikelihood)
			near(t, "alpha", f.Model.Alpha, w.Alpha, 0.02*w.Alpha)
			near(t, "beta", f.Model.Beta, w.Beta, 0.02*w.Beta)
			near(t, "c", f.Model.C, w.C, 0.02*w.C)
			near(t, "log-likelihood", f.LogLikelihood, w.LL, 0.01)
			near(t, "survival after 12", f.Model.Survival(12), w.S12, 1e-3)
		}
	}
}

// Oracle sbg.del_derl: Fader & Hardie (2010), by 2F1 and by summing.
func TestDiscountedLifetimesMatchFaderHardie2010(t *testing.T) {
	for _, c := range expected[[]struct {
		Alpha, Beta, D, DEL float64
		DERL                []float64
	}](t, "sbg.del_derl") {
		m := SBG{c.Alpha, c.Beta}
		near(t, "DEL", m.Discounted(c.D), c.DEL, 1e-8*c.DEL)
		for i, x := range c.DERL {
			near(t, "DERL", m.Residual(i, c.D), x, 1e-8*x)
			near(t, "DERL of BdW with c = 1", BdW{c.Alpha, c.Beta, 1}.Residual(i, c.D), x, 1e-8*x)
		}
	}
}
