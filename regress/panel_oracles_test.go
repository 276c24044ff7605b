package regress

import (
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// panel is a design of rows of units at times.
func (d data) panel(keep func(i int) bool, unit, time, outcome string, covariates ...string) Panel {
	design, rows := d.design(keep, outcome, covariates...)
	return Panel{Design: design, Unit: pick(d.codes(unit), rows), Time: pick(d.numbers(time), rows)}
}

func TestWithinMatchesWooldridgeExample141(t *testing.T) {
	var want struct {
		Published struct {
			Coef, SE   map[string]float64
			R2Within   float64 `json:"r2_within"`
			F          float64
			FUI        float64 `json:"F_ui"`
			SigmaU     float64 `json:"sigma_u"`
			SigmaE     float64 `json:"sigma_e"`
			Rho, N, DF float64
		}
		Precise struct {
			Coef, SE map[string]float64
			R2Within float64 `json:"r2_within"`
			DF       float64
			SigmaE   float64 `json:"sigma_e"`
		}
		Cluster struct{ SE map[string]float64 }
	}
	oracle.Expect(t, "fe.jtrain_scrap", &want)
	d := readData(t, "jtrain.csv")
	p := d.panel(nil, "fcode", "year", "lscrap", "d88", "d89", "grant", "grant_1")
	f := must[*PanelFit](t)(Within(p, Unit, Options{}))
	fits(t, &f.Fit, want.Precise.Coef, want.Precise.SE, 1e-6)
	is(t, "R² within", f.R2, want.Precise.R2Within, 1e-6)
	is(t, "df", f.DF, want.Precise.DF, 0)
	is(t, "sigma_e", f.SigmaError, want.Precise.SigmaE, 1e-6)
	is(t, "n", f.N, want.Published.N, 0)
	// As Stata printed them, to their last digit.
	is(t, "F", must[Test](t)(f.Wald()).Statistic, want.Published.F, 0.005)
	is(t, "F that all u_i=0", f.EffectsTest.Statistic, want.Published.FUI, 0.005)
	is(t, "sigma_u", f.SigmaUnit, want.Published.SigmaU, 1e-6)
	is(t, "rho", f.Rho(), want.Published.Rho, 1e-7)
	arellano := must[*PanelFit](t)(Within(p, Unit, Options{Errors: CR0, Cluster: p.Unit}))
	fits(t, &arellano.Fit, nil, want.Cluster.SE, 1e-6)
}

func TestWithinMatchesWooldridgeHoursPerEmployee(t *testing.T) {
	var want rFit
	oracle.Expect(t, "jtrain.fe_hrsemp", &want)
	p := readData(t, "jtrain.csv").panel(nil, "fcode", "year", "hrsemp", "d88", "d89", "grant", "grant_1", "lemploy")
	f := must[*PanelFit](t)(Within(p, Unit, Options{}))
	fits(t, &f.Fit, want.Coef, want.SE, 1e-5)
	is(t, "n", f.N, want.N, 0)
	is(t, "R² within", f.R2, want.R2, 1e-5)
}

func TestRandomMatchesWooldridgeExample104(t *testing.T) {
	var want struct{ Published, Precise rFit }
	oracle.Expect(t, "re.jtrain_scrap", &want)
	p := readData(t, "jtrain.csv").panel(nil, "fcode", "year", "lscrap", "d88", "d89", "union", "grant", "grant_1")
	f := must[*PanelFit](t)(Random(p, Options{}))
	fits(t, &f.Fit, want.Precise.Coef, want.Precise.SE, 1e-5)
	fits(t, &f.Fit, want.Published.Coef, want.Published.SE, 1e-5)
}

// First differences of the panel itself are those of the columns that the data
// set brings.
func TestFirstDifferencesMatchWooldridgeChapter13(t *testing.T) {
	var want rFit
	oracle.Expect(t, "jtrain.fd_1988_only", &want)
	d := readData(t, "jtrain.csv")
	f := must[*Fit](t)(FirstDifferences(d.panel(jtrainYear(d, 1987, 1988), "fcode", "year", "lscrap", "grant"), Options{}))
	fits(t, f, want.Coef, want.SE, 1e-5)
	is(t, "R²", f.R2, want.R2, 1e-5)
	is(t, "n", f.N, want.N, 0)
	var both rFit
	oracle.Expect(t, "jtrain.fd_88_89", &both)
	// The change of a count of years since 1988 is 1 in 1989 and 0 in 1988.
	p := d.panel(nil, "fcode", "year", "lscrap", "d89", "grant", "grant_1")
	f = must[*Fit](t)(FirstDifferences(p, Options{}))
	for _, name := range []string{"grant", "grant_1"} {
		got, se, _ := f.Coefficient(name)
		is(t, name, got, both.Coef["c"+name], 1e-5)
		is(t, "error of "+name, se, both.SE["c"+name], 1e-5)
	}
}

func TestElasticityMatchesBaltagiGriffinGasoline(t *testing.T) {
	var want struct {
		Published struct{ Within map[string][2]float64 }
		Precise   struct {
			Within, Pooled, Twoways rFit
			Cluster                 map[string]float64 `json:"within_cluster_HC0"`
		}
	}
	oracle.Expect(t, "elasticity.gasoline", &want)
	p := readData(t, "gasoline.csv").panel(nil, "country", "year", "lgaspcar", "lincomep", "lrpmg", "lcarpcap")
	f := must[*PanelFit](t)(Within(p, Unit, Options{}))
	fits(t, &f.Fit, want.Precise.Within.Coef, want.Precise.Within.SE, 1e-6)
	is(t, "R² within", f.R2, want.Precise.Within.R2, 1e-6)
	is(t, "df", f.DF, want.Precise.Within.DF, 0)
	for name, published := range want.Published.Within {
		b, se, _ := f.Coefficient(name)
		is(t, "published "+name, b, published[0], 0.0006)
		is(t, "published error of "+name, se, published[1], 0.0006)
	}
	fits(t, must[*Fit](t)(OLS(p.Design, Options{})), want.Precise.Pooled.Coef, want.Precise.Pooled.SE, 1e-6)
	two := must[*PanelFit](t)(Within(p, TwoWay, Options{}))
	fits(t, &two.Fit, want.Precise.Twoways.Coef, want.Precise.Twoways.SE, 1e-6)
	cr0 := must[*PanelFit](t)(Within(p, Unit, Options{Errors: CR0, Cluster: p.Unit}))
	fits(t, &cr0.Fit, nil, want.Precise.Cluster, 1e-6)
}
