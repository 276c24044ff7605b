package clv

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// spenders are the customers of the sample with their spend, in weeks and dollars.
func spenders(t testing.TB) (histories []History, spends []Spend) {
	t.Helper()
	c := oracle.Numbers(t, "cdnow_customers_summary_with_transactions.csv")
	for i := range c["T"] {
		histories = append(histories, History{int64(c["x"][i]), c["t_x"][i], c["T"][i]})
		spends = append(spends, Spend{})
		if c["x"][i] > 0 {
			spends[i] = Spend{int64(c["x"][i]), c["zbar"][i]}
		}
	}
	return histories, spends
}

func repeating(spends []Spend) (out []Spend) {
	for _, s := range spends {
		if s != (Spend{}) {
			out = append(out, s)
		}
	}
	return out
}

func gatheredSpend(t testing.TB, customers []Spend) *Spends {
	t.Helper()
	s, err := GatherSpend(EachSpend(customers))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type spendParameters struct {
	P, Q, Gamma, LL, N float64
	SE                 struct{ P, Q, Gamma float64 }
	Mean               float64 `json:"population_mean"`
	Corr               float64 `json:"corr_x_zbar"`
}

// Oracle btyd.gg_cdnow_mle: Fader & Hardie, note 025 (2013), and an independent program.
func TestGammaGammaMatchesFaderHardie2013(t *testing.T) {
	want := expected[struct {
		Published, Precise spendParameters
		LLAtPublished      float64 `json:"LL_at_published"`
	}](t, "btyd.gg_cdnow_mle")
	_, spends := spenders(t)
	f, err := FitGammaGamma(gatheredSpend(t, repeating(spends)))
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f.Model, f.LogLikelihood, f.Evaluations, f.Independence)
	p, precise := want.Published, want.Precise
	for i, c := range []struct{ published, precise, se float64 }{{p.P, precise.P, precise.SE.P}, {p.Q, precise.Q, precise.SE.Q}, {p.Gamma, precise.Gamma, precise.SE.Gamma}} {
		near(t, f.Names[i]+" published", f.Values[i], c.published, 0.01)
		near(t, f.Names[i], f.Values[i], c.precise, 0.005*c.precise)
		near(t, "se of "+f.Names[i], f.SE(i), c.se, 0.02*c.se)
	}
	near(t, "log-likelihood", f.LogLikelihood, precise.LL, 0.001)
	near(t, "customers", f.Observations, precise.N, 0)
	near(t, "population mean", f.Model.Mean(), precise.Mean, 0.001*precise.Mean)
	near(t, "correlation", f.Independence.Correlation, precise.Corr, 1e-9)
	if err := f.Independence.Err(); err != nil {
		t.Error("the model's own example is refused:", err)
	}
	sum, at := 0.0, GammaGamma{6.25, 3.74, 15.44}
	for _, s := range repeating(spends) {
		sum += at.LogLikelihood(s)
	}
	near(t, "log-likelihood at the published parameters", sum, want.LLAtPublished, 1e-6)
}

// Oracle btyd.gg_conditional: Hardie's sheet gammagamma.xls.
func TestGammaGammaExpectedMatchesHardieSheet(t *testing.T) {
	want := expected[struct {
		Precise   []float64
		Published []float64 `json:"published_hardie_sheet"`
	}](t, "btyd.gg_conditional")
	_, spends := spenders(t)
	m := GammaGamma{6.25, 3.74, 15.44}
	for i := range want.Precise {
		near(t, "expected spend", m.Expected(spends[i]), want.Precise[i], 1e-6)
		near(t, "published", m.Expected(spends[i]), want.Published[i], 0.06)
	}
}

// Oracle btyd.clv_cdnow: Pareto/NBD × gamma-gamma, without a margin: the margin is 1 here.
func TestValueOfTheCDNOWSample(t *testing.T) {
	want := expected[struct {
		SumDERT   float64   `json:"sum_dert"`
		SumCLV    float64   `json:"sum_clv"`
		MeanCLV   float64   `json:"mean_clv"`
		First     []float64 `json:"first5"`
		FirstDERT []float64 `json:"first5_dert"`
	}](t, "btyd.clv_cdnow")
	histories, spends := spenders(t)
	life, err := FitParetoNBD(gathered(t, histories))
	if err != nil {
		t.Fatal(err)
	}
	spend, err := FitGammaGamma(gatheredSpend(t, repeating(spends)))
	if err != nil {
		t.Fatal(err)
	}
	all := 1.0
	terms := Terms{Discount: 0.15, PerYear: 52, Margin: &all}
	purchases, value := 0.0, 0.0
	for i := range histories {
		v, err := Value(life.Model, spend, terms, histories[i], spends[i])
		if err != nil {
			t.Fatal(err)
		}
		purchases += v.Purchases
		value += v.Value
		if i < len(want.First) {
			near(t, "value", v.Value, want.First[i], 0.005*want.First[i])
			near(t, "discounted purchases", v.Purchases, want.FirstDERT[i], 0.005*want.FirstDERT[i])
		}
	}
	near(t, "sum of discounted purchases", purchases, want.SumDERT, 0.005*want.SumDERT)
	near(t, "sum of values", value, want.SumCLV, 0.005*want.SumCLV)
	near(t, "mean value", value/float64(len(histories)), want.MeanCLV, 0.005*want.MeanCLV)
	delta, err := terms.Rate()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "total", DiscountedTotal(life.Model, gathered(t, histories), delta), purchases, 1e-9*purchases)

	if _, err := Value(life.Model, spend, Terms{Discount: 0.15, PerYear: 52}, histories[0], spends[0]); err == nil || !strings.Contains(err.Error(), "no margin given") {
		t.Errorf("a value without a margin: %v", err)
	}
}

// Oracle clv.margin_multiple: the table of Gupta & Lehmann (2003).
func TestMarginMultiplesMatchGuptaLehmann2003(t *testing.T) {
	type finite struct {
		M  float64
		T0 float64 `json:"start_t0"`
		T1 float64 `json:"start_t1"`
	}
	want := expected[struct {
		Precise   map[string]json.RawMessage
		Published map[string]float64
		Growth    struct{ V float64 }
		Finite    finite
	}](t, "clv.margin_multiple")
	rates := map[string][2]float64{}
	for _, r := range []float64{60, 70, 80, 90} {
		for _, i := range []float64{10, 12, 14, 16} {
			rates["r"+text(r)+"_i"+text(i)] = [2]float64{r / 100, i / 100}
		}
	}
	for name, r := range rates {
		got, err := Multiple(r[0], r[1], 0)
		if err != nil {
			t.Fatal(err)
		}
		var precise float64
		if err := json.Unmarshal(want.Precise[name], &precise); err != nil {
			t.Fatal(name, err)
		}
		near(t, name, got, precise, 1e-9)
		near(t, name+" published", got, want.Published[name], 0.0050001)
	}
	got, err := Multiple(0.9, 0.12, 0.05) // 0.9 / (1.12 − 0.945) by hand
	if err != nil {
		t.Fatal(err)
	}
	near(t, "growing", got, want.Growth.V, 1e-9)
	for first, sum := range map[bool]float64{true: want.Finite.T0, false: want.Finite.T1} {
		got, err := MultipleOver(0.8, 0.1, 5, first)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "over five periods", 100*got, sum, 1e-9*sum)
	}
	if _, err := Multiple(0.99, 0.01, 0.05); err == nil {
		t.Error("a sum without end has a value")
	}
}

func text(x float64) string {
	data, err := json.Marshal(x)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// By hand: 1000 + 10·(50−20)/1.1 + 5·(50−60)/1.21.
func TestEquityAddsCustomersToCome(t *testing.T) {
	got, err := Equity(1000, []Arrivals{{10, 50, 20}, {5, 50, 60}}, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "equity", got, 1000+300/1.1-50/1.21, 1e-9)
	for _, bad := range []Arrivals{{-1, 1, 1}, {1, math.NaN(), 1}, {1, 1, math.Inf(1)}} {
		if _, err := Equity(0, []Arrivals{bad}, 0.1); err == nil {
			t.Errorf("%+v has a value", bad)
		}
	}
}
