package main

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// R's survival 3.5-3 on lung, of which one row lacks ph.ecog.
func TestAnalyseHazardMatchesRsCoxphOnLung(t *testing.T) {
	var want struct {
		N, Events   int
		Coef, SE    map[string]float64
		Loglik      float64
		Concordance float64
		Exact       map[string]struct{ Chisq map[string]float64 } `json:"cox_zph_R3"`
	}
	oracle.Expect(t, "surv.lung.cox_efron", &want)
	var got struct {
		N, Events     int
		EventValue    int `json:"event_value"`
		Parameters    map[string]struct{ Value, SE float64 }
		LogLikelihood struct{ Fitted float64 } `json:"log_likelihood"`
		Concordance   struct{ Value float64 }
		Proportional  struct {
			Score []struct {
				Covariate string
				Statistic float64
			}
		} `json:"proportional_hazards"`
	}
	names := []string{"age", "sex", "ph.ecog"}
	oracleDocument(t, &got, "hazard", "lung.csv", "--time", "time", "--event", "status", "--covariates", strings.Join(names, ","))
	if got.N != want.N || got.Events != want.Events || got.EventValue != 2 {
		t.Errorf("%+v", got)
	}
	for _, name := range names {
		within(t, name, got.Parameters[name].Value, want.Coef[name], 1e-6)
		within(t, name+" se", got.Parameters[name].SE, want.SE[name], 1e-6)
	}
	within(t, "log likelihood", got.LogLikelihood.Fitted, want.Loglik, 1e-5)
	within(t, "concordance", got.Concordance.Value, want.Concordance, 1e-6)
	for _, s := range got.Proportional.Score {
		within(t, "proportionality of "+s.Covariate, s.Statistic, want.Exact["km"].Chisq[s.Covariate], 1e-3)
	}
}

func TestAnalyseSurvivalMatchesRsSurvfitOnLung(t *testing.T) {
	var want struct {
		LogLog []struct {
			Time                   float64
			NRisk                  float64 `json:"n_risk"`
			Surv, SE, Lower, Upper float64
		} `json:"log-log"`
	}
	oracle.Expect(t, "surv.lung.km_all", &want)
	var got struct {
		Curve []struct {
			Time                    float64
			AtRisk                  float64 `json:"at_risk"`
			Survival, SE, Low, High float64
		}
	}
	oracleDocument(t, &got, "survival", "lung.csv", "--time", "time", "--event", "status", "--conf", "log-log", "--at", "730,100,200,365,500")
	if len(got.Curve) != len(want.LogLog) {
		t.Fatal(got)
	}
	for i, p := range got.Curve {
		w := want.LogLog[i]
		for what, v := range map[string][2]float64{"time": {p.Time, w.Time}, "at risk": {p.AtRisk, w.NRisk}, "survival": {p.Survival, w.Surv}, "se": {p.SE, w.SE}, "low": {p.Low, w.Lower}, "high": {p.High, w.Upper}} {
			within(t, what, v[0], v[1], 1e-8)
		}
	}
}
