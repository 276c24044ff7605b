package survival

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
)

// number is NaN where R says NA.
type number float64

func (n *number) UnmarshalJSON(text []byte) error {
	*n = number(math.NaN())
	if string(text) == "null" {
		return nil
	}
	v, err := strconv.ParseFloat(string(text), 64)
	*n = number(v)
	return err
}

type referenceCurve struct{ Time, N, Survival, SE, Low, High []number }

type referenceCox struct {
	Coef, SE      []number
	Robust        json.RawMessage
	Loglik        []number
	Wald, Score   number
	Concordance   number
	ConcordanceSE number   `json:"concordance_se"`
	KM            []number `json:"zph_km"`
	Rank          []number `json:"zph_rank"`
	Identity      []number `json:"zph_identity"`
	Log           []number `json:"zph_log"`
	Curve         referenceCurve
	Martingale    []number
	ScoreX        []number `json:"score_x"`
}

// reference reads what reference.R wrote under a name.
func reference(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all[name], into); err != nil {
		t.Fatal(name, err)
	}
}

// referenceData are the rows of spells.csv.
func referenceData(t testing.TB) map[string][]float64 {
	t.Helper()
	file, err := os.Open("testdata/spells.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]float64{}
	for _, row := range rows[1:] {
		for j, cell := range row {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			out[rows[0][j]] = append(out[rows[0][j]], v)
		}
	}
	return out
}

// close to the digits that reference.R prints and that R's own iteration reaches.
func digits(t testing.TB, what string, got float64, want number, tolerance float64) {
	t.Helper()
	if math.IsNaN(float64(want)) {
		if !math.IsNaN(got) && !math.IsInf(got, 1) {
			t.Errorf("%s: %v, want none", what, got)
		}
		return
	}
	near(t, what, got, float64(want), tolerance*max(1, math.Abs(float64(want))))
}

func sameCurve(t *testing.T, got *Curve, want referenceCurve, tolerance float64) {
	t.Helper()
	if len(got.Points) != len(want.Time) {
		t.Fatalf("%d points, want %d", len(got.Points), len(want.Time))
	}
	for i, p := range got.Points {
		digits(t, "time", p.Time, want.Time[i], 0)
		what := strconv.FormatFloat(p.Time, 'g', -1, 64)
		digits(t, "at risk at "+what, p.AtRisk, want.N[i], 1e-9)
		digits(t, "survival at "+what, p.Survival, want.Survival[i], tolerance)
		if p.Survival == 0 {
			continue
		}
		digits(t, "se at "+what, p.SE, want.SE[i], tolerance)
		digits(t, "low at "+what, p.Low, want.Low[i], tolerance)
		digits(t, "high at "+what, p.High, want.High[i], tolerance)
	}
}

func TestCurvesWithWeightsAndLateEntryMatchRsSurvfit(t *testing.T) {
	d := referenceData(t)
	late := Spells{Start: d["start"], Stop: d["stop"], Event: equals(d["event"], 1)}
	plain := Spells{Stop: late.Stop, Event: late.Event}
	with := func(s Spells, column string, kind Weighting) Spells {
		s.Weight, s.Weighting = d[column], kind
		return s
	}
	for name, s := range map[string]Spells{
		"km": plain, "km_late": late, "km_count": with(plain, "count", Repeats),
		"km_weight": with(plain, "weight", Sampling), "km_weight_late": with(late, "weight", Sampling),
	} {
		t.Run(name, func(t *testing.T) {
			var want referenceCurve
			reference(t, name, &want)
			c, err := KaplanMeier(s, Log, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			sameCurve(t, c, want, 1e-9)
		})
	}
	back := func(by float64) Spells {
		s := Spells{Event: plain.Event}
		for _, t := range plain.Stop {
			s.Stop = append(s.Stop, t-by)
		}
		return s
	}
	for name, s := range map[string]Spells{"rmean_10": plain, "rmean_10_count": with(plain, "count", Repeats), "rmean_from_0": back(2), "rmean_from_below": back(7)} {
		tau := map[string]float64{"rmean_from_0": 8, "rmean_from_below": 5}[name]
		if tau == 0 {
			tau = 10
		}
		var want []number
		reference(t, name, &want)
		c, err := KaplanMeier(s, Log, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		m, err := c.RestrictedMean(tau)
		if err != nil {
			t.Fatal(err)
		}
		digits(t, name, m.Value, want[0], 1e-10)
		digits(t, name, m.SE, want[1], 1e-10)
	}
	var want []number
	reference(t, "quartiles", &want)
	c, err := KaplanMeier(plain, Log, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range []float64{0.25, 0.5, 0.75} {
		q := c.Quantile(p)
		digits(t, "quantile", q.Value, want[i], 0)
		digits(t, "quantile low", q.Low, want[i+3], 0)
		digits(t, "quantile high", q.High, want[i+6], 0)
	}
}

func TestLogRankOfThreeGroupsMatchesRsSurvdiff(t *testing.T) {
	d := referenceData(t)
	s := Spells{Stop: d["stop"], Event: equals(d["event"], 1)}
	for name, stratum := range map[string][]int{"log_rank": nil, "log_rank_strata": codes(d["stratum"]), "log_rank_count": nil} {
		if name == "log_rank_count" {
			s.Weight = d["count"]
		} else {
			s.Weight = nil
		}
		var want number
		reference(t, name, &want)
		got, err := LogRank(s, codes(d["group"]), stratum)
		if err != nil {
			t.Fatal(err)
		}
		digits(t, name, got.Statistic, want, 1e-10)
		if got.DF != 2 {
			t.Errorf("%s: %d degrees of freedom", name, got.DF)
		}
	}
}

func TestCoxWithStrataWeightsAndClustersMatchesRsCoxph(t *testing.T) {
	d := referenceData(t)
	base := Cox{
		Spells:     Spells{Stop: d["stop"], Event: equals(d["event"], 1)},
		Covariates: []Covariate{{"x", d["x"]}, {"z", d["z"]}},
	}
	for name, change := range map[string]func(*Cox){
		"efron":        func(*Cox) {},
		"breslow":      func(c *Cox) { c.Ties = Breslow },
		"efron_late":   func(c *Cox) { c.Start = d["start"] },
		"breslow_late": func(c *Cox) { c.Start, c.Ties = d["start"], Breslow },
		"efron_strata": func(c *Cox) { c.Stratum = codes(d["stratum"]) },
		"efron_late_strata_cluster": func(c *Cox) {
			c.Start, c.Stratum, c.Cluster = d["start"], codes(d["stratum"]), codes(d["cluster"])
		},
		"efron_robust":    func(c *Cox) { c.Robust = true },
		"efron_cluster":   func(c *Cox) { c.Cluster = codes(d["cluster"]) },
		"breslow_cluster": func(c *Cox) { c.Cluster, c.Ties = codes(d["cluster"]), Breslow },
		"efron_weight":    func(c *Cox) { c.Weight, c.Weighting = d["weight"], Sampling },
		"breslow_weight":  func(c *Cox) { c.Weight, c.Weighting, c.Ties = d["weight"], Sampling, Breslow },
		"efron_weight_late_cluster": func(c *Cox) {
			c.Weight, c.Weighting, c.Start, c.Cluster = d["weight"], Sampling, d["start"], codes(d["cluster"])
		},
		"breslow_count": func(c *Cox) { c.Weight, c.Ties = d["count"], Breslow },
		"efron_count":   func(c *Cox) { c.Weight = d["count"] },
	} {
		t.Run(name, func(t *testing.T) {
			c := base
			change(&c)
			var want referenceCox
			reference(t, name, &want)
			fit, err := c.Fit()
			if err != nil {
				t.Fatal(err)
			}
			sameFit(t, name, fit, want)
		})
	}
}

func sameFit(t *testing.T, name string, fit *Fit, want referenceCox) {
	// R stops once the likelihood changes by less than 1e-9 of it, which leaves its coefficients about 1e-7 of their errors away.
	const tolerance = 1e-7
	var robust []number
	if string(want.Robust) != "null" {
		if err := json.Unmarshal(want.Robust, &robust); err != nil {
			t.Fatal(err)
		}
	}
	for a, c := range fit.Coefficients {
		digits(t, c.Covariate, c.Value, want.Coef[a], tolerance)
		digits(t, c.Covariate+" se", c.SE, want.SE[a], tolerance)
		if robust != nil {
			digits(t, c.Covariate+" robust se", c.RobustSE, robust[a], tolerance)
		}
	}
	digits(t, "null", fit.LogLikelihoodNull, want.Loglik[0], 1e-9)
	digits(t, "log likelihood", fit.LogLikelihood, want.Loglik[1], 1e-9)
	digits(t, "Wald", fit.Wald.Statistic, want.Wald, tolerance)
	digits(t, "score", fit.Score.Statistic, want.Score, tolerance)
	con, err := fit.Concordance()
	if err != nil {
		t.Fatal(err)
	}
	digits(t, "concordance", con.Value, want.Concordance, 1e-9)
	digits(t, "concordance se", con.SE, want.ConcordanceSE, 1e-9)
	for transform, tests := range map[Transform][]number{KM: want.KM, Rank: want.Rank, Identity: want.Identity, LogTime: want.Log} {
		got, err := fit.Proportional(transform)
		if err != nil {
			t.Fatal(err)
		}
		for a, c := range got.Covariates {
			digits(t, string(transform)+" "+c.Covariate, c.Statistic, tests[a], 1e-6)
		}
		digits(t, string(transform)+" global", got.Global.Statistic, tests[2], 1e-6)
	}
	stratum := 0
	if fit.spec.Stratum != nil {
		stratum = 1
	}
	curve, err := fit.Survival([]float64{0.5, 1}, stratum, Log, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	sameCurve(t, curve, want.Curve, 1e-6)
	if name == "efron_count" || name == "breslow_count" {
		return // R's residuals are those of the repeated rows
	}
	r := fit.Residuals()
	for i := range want.Martingale {
		digits(t, "martingale", r.Martingale[i], want.Martingale[i], 1e-6)
		digits(t, "score residual", r.Score[0][i], want.ScoreX[i], 1e-6)
	}
}
