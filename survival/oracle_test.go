package survival

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	published "github.com/throughline/throughline/internal/oracle"
)

// An oracle is a case of oracles.json, which says where its numbers come from.
type oracle struct {
	ID, Dataset, Source string
	Expected            json.RawMessage
	Tolerance           tolerances
}

// tolerances are the numbers among them.
type tolerances map[string]float64

func (t *tolerances) UnmarshalJSON(text []byte) error {
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	*t = tolerances{}
	for name, v := range all {
		if x, ok := v.(float64); ok {
			(*t)[name] = x
		}
	}
	return nil
}

// ask reads the case id into expected.
func ask(t testing.TB, id string, expected any) oracle {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(published.Folder(t), "oracles.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []oracle }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, o := range all.Cases {
		if o.ID == id {
			if err := json.Unmarshal(o.Expected, expected); err != nil {
				t.Fatal(id, err)
			}
			return o
		}
	}
	t.Fatal("no oracle ", id)
	return oracle{}
}

// columns reads a data set of the oracles; a cell that is no number is NaN.
func columns(t testing.TB, name string) map[string][]float64 {
	t.Helper()
	file, err := os.Open(filepath.Join(published.Folder(t), "data", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]float64{}
	for j, head := range rows[0] {
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[j], 64)
			if err != nil {
				v = math.NaN()
			}
			out[head] = append(out[head], v)
		}
	}
	return out
}

func equals(v []float64, to float64) []bool {
	out := make([]bool, len(v))
	for i, x := range v {
		out[i] = x == to
	}
	return out
}

func codes(v []float64) []int {
	out := make([]int, len(v))
	for i, x := range v {
		out[i] = int(x)
	}
	return out
}

// pick keeps the rows for which keep is true.
func pick(c map[string][]float64, keep func(i int) bool) map[string][]float64 {
	out := map[string][]float64{}
	for name, v := range c {
		out[name] = []float64{}
		for i, x := range v {
			if keep(i) {
				out[name] = append(out[name], x)
			}
		}
	}
	return out
}

func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.12g, want %.12g within %g", what, got, want, tolerance)
	}
}

// The data sets, with what is time and event in them.
var oracleData = map[string]struct {
	stop, event string
	one         float64
}{
	"lung": {"time", "status", 2}, "veteran": {"time", "status", 1}, "rossi": {"week", "arrest", 1},
	"ovarian": {"futime", "fustat", 1}, "aml": {"time", "status", 1}, "heart": {"stop", "event", 1},
}

func spellsOf(name string, c map[string][]float64) Spells {
	d := oracleData[name]
	s := Spells{Stop: c[d.stop], Event: equals(c[d.event], d.one)}
	if name == "heart" {
		s.Start = c["start"]
	}
	return s
}

func dataOf(t testing.TB, name string) map[string][]float64 {
	if name == "heart" {
		return columns(t, "heart_startstop.csv")
	}
	return columns(t, name+".csv")
}

// km checks the case id: curves by group, all three intervals, medians and restricted means.
func km(t *testing.T, name, group, id string) {
	type row struct {
		Strata       string
		Time         float64
		NRisk        float64 `json:"n_risk"`
		Surv         float64
		SE           *float64
		Lower, Upper *float64
	}
	var want struct {
		Plain, Log []row
		LogLog     []row           `json:"log-log"`
		Median     json.RawMessage `json:"median_log"`
	}
	o := ask(t, id, &want)
	all := dataOf(t, name)
	d := oracleData[name]
	groups := map[string]map[string][]float64{}
	common := 0.0
	for _, v := range all[d.stop] {
		common = max(common, v)
	}
	for _, r := range want.Log {
		g := all
		if group != "" {
			var v float64
			if _, err := fmt.Sscanf(r.Strata, group+"=%g", &v); err != nil {
				t.Fatal(err)
			}
			g = pick(all, func(i int) bool { return all[group][i] == v })
		}
		groups[r.Strata] = g
	}
	for kind, rows := range map[Interval][]row{Plain: want.Plain, Log: want.Log, LogLog: want.LogLog} {
		for _, r := range rows {
			c, err := KaplanMeier(spellsOf(name, groups[r.Strata]), kind, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			p, err := c.At(r.Time)
			if err != nil {
				t.Error(err)
				continue
			}
			what := fmt.Sprintf("%s at %v, interval %d: ", r.Strata, r.Time, kind)
			tolerance := o.Tolerance["km_abs"]
			near(t, what+"survival", p.Survival, r.Surv, tolerance)
			near(t, what+"at risk", p.AtRisk, r.NRisk, 0)
			if r.SE == nil {
				if !math.IsNaN(p.SE) || !math.IsNaN(p.Low) || !math.IsNaN(p.High) {
					t.Errorf("%s an error where the curve is at 0", what)
				}
				continue
			}
			near(t, what+"se", p.SE, *r.SE, tolerance)
			near(t, what+"low", p.Low, *r.Lower, tolerance)
			near(t, what+"high", p.High, *r.Upper, tolerance)
		}
	}
	var table []map[string]any
	if want.Median[0] == '{' {
		want.Median = append(append([]byte("["), want.Median...), ']')
	}
	if err := json.Unmarshal(want.Median, &table); err != nil {
		t.Fatal(err)
	}
	for _, row := range table {
		name2, _ := row["_row"].(string)
		if name2 == "" {
			name2 = want.Log[0].Strata
		}
		c, err := KaplanMeier(spellsOf(name, groups[name2]), Log, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		number := func(key string) float64 {
			if v, ok := row[key].(float64); ok {
				return v
			}
			return math.Inf(1) // NA: not reached
		}
		same := func(what string, got, want float64) {
			if got != want {
				t.Errorf("%s %s: %v, want %v", name2, what, got, want)
			}
		}
		same("n", c.N, number("records"))
		same("events", c.Events, number("events"))
		same("median", c.Median().Value, number("median"))
		same("median low", c.Median().Low, number("0.95LCL"))
		same("median high", c.Median().High, number("0.95UCL"))
		m, err := c.Held(common).RestrictedMean(common) // R's rmean = "common"
		if err != nil {
			t.Fatal(err)
		}
		near(t, name2+" restricted mean", m.Value, number("rmean"), 1e-8*number("rmean"))
		near(t, name2+" its error", m.SE, number("se(rmean)"), 1e-8*number("rmean"))
	}
}

// The ids of the oracles are R's survival 3.5-3 on the data sets that come with it, and Rossi's recidivism.
func TestKaplanMeierMatchesRsSurvfit(t *testing.T) {
	for _, c := range []struct{ name, group, id string }{
		{"lung", "", "surv.lung.km_all"}, {"lung", "sex", "surv.lung.km_sex"}, {"veteran", "trt", "surv.veteran.km_trt"},
		{"rossi", "", "surv.rossi.km_all"}, {"ovarian", "rx", "surv.ovarian.km_rx"}, {"aml", "x", "surv.aml.km"},
	} {
		t.Run(c.id, func(t *testing.T) { km(t, c.name, c.group, c.id) })
	}
}

func TestRestrictedMeanMatchesRsSurvfit(t *testing.T) {
	var want struct{ All, SE float64 }
	o := ask(t, "surv.lung.rmst_365", &want)
	c, err := KaplanMeier(spellsOf("lung", dataOf(t, "lung")), Log, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.RestrictedMean(365)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", m.Value, want.All, o.Tolerance["stat_abs"])
	near(t, "se", m.SE, want.SE, o.Tolerance["se_abs"])
}

func TestLogRankMatchesRsSurvdiff(t *testing.T) {
	for _, c := range []struct{ name, group, id string }{
		{"lung", "sex", "surv.lung.logrank_sex"}, {"veteran", "trt", "surv.veteran.logrank_trt"}, {"aml", "x", "surv.aml.logrank"},
	} {
		t.Run(c.id, func(t *testing.T) {
			var raw json.RawMessage
			o := ask(t, c.id, &raw)
			var want struct {
				Chisq    float64
				Obs, Exp []float64
			}
			if err := json.Unmarshal(raw, &want.Chisq); err != nil {
				if err := json.Unmarshal(raw, &want); err != nil {
					t.Fatal(err)
				}
			}
			data := dataOf(t, c.name)
			got, err := LogRank(spellsOf(c.name, data), codes(data[c.group]), nil)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "statistic", got.Statistic, want.Chisq, o.Tolerance["stat_abs"])
			for i := range want.Obs {
				near(t, "observed", got.Groups[i].Observed, want.Obs[i], 0)
				near(t, "expected", got.Groups[i].Expected, want.Exp[i], o.Tolerance["stat_abs"])
			}
		})
	}
}

// model builds the Cox model of an oracle; rows with a missing covariate are left out, as R does.
func model(t testing.TB, name string, ties Ties, covariates []string) Cox {
	t.Helper()
	data := dataOf(t, name)
	all := data
	data = pick(data, func(i int) bool {
		for _, c := range covariates {
			if math.IsNaN(all[c][i]) {
				return false
			}
		}
		return true
	})
	m := Cox{Spells: spellsOf(name, data), Ties: ties}
	if name == "heart" {
		m.Cluster = codes(data["id"])
	}
	for _, c := range covariates {
		m.Covariates = append(m.Covariates, Covariate{c, data[c]})
	}
	return m
}

type zphTests struct {
	Chisq, P, Var map[string]float64
	Global        float64
}

type coxOracle struct {
	N, Events       int64
	Coef, SE        map[string]float64
	LoglikNull      float64 `json:"loglik_null"`
	Loglik          float64
	LR, Score, Wald float64
	DF              int
	Concordance     float64
	ConcordanceSE   float64                `json:"concordance_se"`
	HR              map[string][3]float64  `json:"hr_ci95"`
	Hazard          map[string]float64     `json:"cumbasehaz_x0"`
	Exact           map[Transform]zphTests `json:"cox_zph_R3"`
	Classic         map[Transform]zphTests `json:"grambsch_therneau_1994_classic"`
}

func checkCox(t *testing.T, id, name string, ties Ties, covariates []string) {
	var want coxOracle
	o := ask(t, id, &want)
	m := model(t, name, ties, covariates)
	m.Cluster = nil
	fit, err := m.Fit()
	if err != nil {
		t.Fatal(err)
	}
	tol := o.Tolerance
	if fit.N != want.N || fit.Events != want.Events {
		t.Errorf("%d rows, %d events, want %d, %d", fit.N, fit.Events, want.N, want.Events)
	}
	for _, c := range fit.Coefficients {
		near(t, c.Covariate, c.Value, want.Coef[c.Covariate], tol["coef_abs"])
		near(t, c.Covariate+" se", c.SE, want.SE[c.Covariate], tol["se_abs"])
		ratio, low, high, err := c.HazardRatio(0.95)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range []float64{ratio, low, high} {
			near(t, c.Covariate+" hazard ratio", v, want.HR[c.Covariate][i], 1e-6*want.HR[c.Covariate][i])
		}
	}
	near(t, "null", fit.LogLikelihoodNull, want.LoglikNull, tol["loglik_abs"])
	near(t, "log likelihood", fit.LogLikelihood, want.Loglik, tol["loglik_abs"])
	near(t, "likelihood ratio", fit.LikelihoodRatio.Statistic, want.LR, tol["stat_abs"])
	near(t, "score", fit.Score.Statistic, want.Score, tol["stat_abs"])
	near(t, "Wald", fit.Wald.Statistic, want.Wald, 0.005+tol["stat_abs"]) // R prints Wald's with two decimals
	if fit.Wald.DF != want.DF {
		t.Errorf("%d degrees of freedom, want %d", fit.Wald.DF, want.DF)
	}
	c, err := fit.Concordance()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "concordance", c.Value, want.Concordance, tol["coef_abs"])
	near(t, "concordance se", c.SE, want.ConcordanceSE, tol["se_abs"])
	hazard, err := fit.Hazard(make([]float64, len(covariates)), 0)
	if err != nil {
		t.Fatal(err)
	}
	for at, h := range want.Hazard {
		time, err := strconv.ParseFloat(at, 64)
		if err != nil {
			t.Fatal(err)
		}
		got := 0.0
		for _, x := range hazard {
			if x.Time <= time {
				got = x.Cumulative
			}
		}
		near(t, "hazard at "+at, got, h, 1e-6*max(1, h))
	}
	for transform, tests := range want.Exact {
		got, err := fit.Proportional(transform)
		if err != nil {
			t.Fatal(err)
		}
		checkZPH(t, got, tests.Chisq, tests.P, tol["zph_abs"])
	}
	for transform, tests := range want.Classic {
		got, err := fit.Classic(transform)
		if err != nil {
			t.Fatal(err)
		}
		tests.Var["GLOBAL"] = tests.Global
		checkZPH(t, got, tests.Var, nil, tol["zph_abs"])
	}
}

func checkZPH(t *testing.T, got Proportionality, chisq, p map[string]float64, tolerance float64) {
	t.Helper()
	check := func(name string, test Test) {
		t.Helper()
		near(t, fmt.Sprint(got.Transform, " ", name), test.Statistic, chisq[name], tolerance)
		if p != nil {
			near(t, fmt.Sprint(got.Transform, " ", name, " p"), test.P, p[name], tolerance)
		}
	}
	for _, c := range got.Covariates {
		check(c.Covariate, c.Test)
	}
	check("GLOBAL", got.Global)
}

func TestCoxMatchesRsCoxph(t *testing.T) {
	lung := []string{"age", "sex", "ph.ecog"}
	rossi := []string{"fin", "age", "race_black", "wexp", "mar", "paro", "prio"}
	for _, c := range []struct {
		id, name   string
		ties       Ties
		covariates []string
	}{
		{"surv.lung.cox_efron", "lung", Efron, lung},
		{"surv.lung.cox_breslow", "lung", Breslow, lung},
		{"surv.veteran.cox_efron", "veteran", Efron, []string{"trt", "karno", "diagtime", "age", "prior", "smallcell", "adeno", "large"}},
		{"surv.veteran.cox_karno", "veteran", Efron, []string{"trt", "prior", "karno"}},
		{"surv.rossi.cox_efron", "rossi", Efron, rossi},
		{"surv.rossi.cox_breslow", "rossi", Breslow, rossi},
		{"surv.rossi.cox_fin_age_prio", "rossi", Efron, []string{"fin", "age", "prio"}},
		{"surv.ovarian.cox_efron", "ovarian", Efron, []string{"age", "resid.ds", "rx", "ecog.ps"}},
		{"surv.aml.cox", "aml", Efron, []string{"x"}},
		{"surv.heart.cox_efron", "heart", Efron, []string{"age", "year", "surgery", "transplant"}},
	} {
		t.Run(c.id, func(t *testing.T) { checkCox(t, c.id, c.name, c.ties, c.covariates) })
	}
}

func TestRobustErrorsOfStanfordHeartMatchRsCoxph(t *testing.T) {
	var want map[string]float64
	o := ask(t, "surv.heart.robust_se", &want)
	fit, err := model(t, "heart", Efron, []string{"age", "year", "surgery", "transplant"}).Fit()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range fit.Coefficients {
		near(t, c.Covariate, c.RobustSE, want[c.Covariate], o.Tolerance["se_abs"])
	}
}

// Fox (2002), appendix, printed by R's survival before 3.0.
func TestClassicProportionalityMatchesFox2002(t *testing.T) {
	var want struct {
		Published struct{ Chisq, P map[string]float64 }
		Computed  struct {
			Var    map[string]float64
			Global float64
		}
		Exact struct{ Chisq, P map[string]float64 } `json:"R_survival_3_5_exact_score"`
	}
	o := ask(t, "surv.rossi.zph_published", &want)
	fit, err := model(t, "rossi", Efron, []string{"fin", "age", "prio"}).Fit()
	if err != nil {
		t.Fatal(err)
	}
	classic, err := fit.Classic(KM)
	if err != nil {
		t.Fatal(err)
	}
	checkZPH(t, classic, want.Published.Chisq, want.Published.P, o.Tolerance["abs"])
	want.Computed.Var["GLOBAL"] = want.Computed.Global
	checkZPH(t, classic, want.Computed.Var, nil, o.Tolerance["abs"])
	exact, err := fit.Proportional(KM)
	if err != nil {
		t.Fatal(err)
	}
	checkZPH(t, exact, want.Exact.Chisq, want.Exact.P, o.Tolerance["abs"])
}
