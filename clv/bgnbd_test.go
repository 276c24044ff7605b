package clv

import (
	"math"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/throughline/throughline/internal/oracle"
)

type bgnbdParameters struct {
	R, Alpha, A, B, LL float64
	SE                 struct{ R, Alpha, A, B float64 }
}

// Oracle btyd.bgnbd_cdnow_mle: Fader, Hardie & Lee (2005), Table 2, and an independent multi-start Nelder–Mead.
func TestBGNBDMatchesFaderHardieLee2005(t *testing.T) {
	want := expected[struct{ Published, Precise bgnbdParameters }](t, "btyd.bgnbd_cdnow_mle")
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

// atMLE are the parameters that the oracles of expectations rest on.
func atMLE(t *testing.T) BGNBD {
	want := expected[struct{ Precise bgnbdParameters }](t, "btyd.bgnbd_cdnow_mle").Precise
	return BGNBD{want.R, want.Alpha, want.A, want.B}
}

// Oracle btyd.bgnbd_cdnow_loglik_points: an independent program at fixed parameters.
func TestBGNBDLikelihoodAtFixedParameters(t *testing.T) {
	want := expected[map[string]float64](t, "btyd.bgnbd_cdnow_loglik_points")
	for name, m := range map[string]BGNBD{"at (.243,4.414,.793,2.426)": {.243, 4.414, .793, 2.426}, "at (1,1,1,1)": {1, 1, 1, 1}} {
		sum := 0.0
		for _, h := range cdnow(t) {
			sum += m.LogLikelihood(h)
		}
		near(t, name, sum, want[name], 1e-6)
		g := make([]float64, 4)
		near(t, name+" from sufficient statistics", newBGNBDLikelihood(gathered(t, cdnow(t))).at([]float64{m.R, m.Alpha, m.A, m.B}, g), want[name], 1e-6)
	}
}

// Oracle btyd.bgnbd_expected_transactions: Hardie's sheet of 2004, and an independent 2F1.
func TestBGNBDExpectedMatchesHardieSheet2004(t *testing.T) {
	want := expected[struct {
		Published []float64
		Precise   map[string]float64
	}](t, "btyd.bgnbd_expected_transactions")
	m := atMLE(t)
	for text, x := range want.Precise {
		at, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "within "+text, m.Expected(at), x, 1e-8)
	}
	for i, at := range []float64{0.1429, 1, 3, 31.8571, 32, 78} {
		near(t, "published", m.Expected(at), want.Published[i], 0.001)
	}
}

// Oracle btyd.bgnbd_conditional: Hardie's sheet of 2004.
func TestBGNBDConditionalMatchesHardieSheet2004(t *testing.T) {
	want := expected[struct {
		Cond39    float64
		PAlive    float64
		Published float64 `json:"published_cond39"`
	}](t, "btyd.bgnbd_conditional")
	m, h := atMLE(t), History{2, 30.43, 38.86}
	near(t, "purchases in 39 weeks", m.Conditional(h, 39), want.Cond39, 1e-4)
	near(t, "published", m.Conditional(h, 39), want.Published, 0.001)
	near(t, "alive", m.Alive(h), want.PAlive, 1e-4)
	if m.Alive(History{0, 0, 500}) != 1 {
		t.Error("whoever never bought again is alive under BG/NBD")
	}
}

// Oracle btyd.bgnbd_pmf: the manual of the R package BTYD.
func TestBGNBDProbabilityMatchesBTYD(t *testing.T) {
	want := expected[struct {
		Published struct {
			X10 float64 `json:"t2_x10"`
			X0  float64 `json:"t39_x0"`
		}
		Precise struct {
			X10 float64   `json:"t2_x10"`
			T39 []float64 `json:"t39"`
		}
	}](t, "btyd.bgnbd_pmf")
	m := BGNBD{.243, 4.414, .793, 2.426}
	near(t, "10 within 2", m.Probability(10, 2), want.Precise.X10, 1e-9*want.Precise.X10)
	near(t, "10 within 2, published", m.Probability(10, 2), want.Published.X10, 1e-6)
	near(t, "0 within 39, published", m.Probability(0, 39), want.Published.X0, 1e-6)
	for x, p := range want.Precise.T39 {
		near(t, "within 39", m.Probability(int64(x), 39), p, 1e-12)
	}
}

// Oracle btyd.bgnbd_cdnow_holdout39: sums over the customers of the sample, and what they did buy.
func TestBGNBDHoldOutOfCDNOW(t *testing.T) {
	want := expected[struct {
		Predicted float64 `json:"pred_sum"`
		Actual    float64 `json:"actual_sum"`
		Alive     float64 `json:"sum_palive"`
		Corr      float64
		MAE, RMSE float64
	}](t, "btyd.bgnbd_cdnow_holdout39")
	m, customers, actual := atMLE(t), cdnow(t), oracle.Numbers(t, "cdnow_rfm_from_log.csv")["x_star"]
	predicted, alive := Totals(m, gathered(t, customers), 39)
	near(t, "predicted", predicted, want.Predicted, 0.001*want.Predicted)
	near(t, "alive", alive, want.Alive, 0.001*want.Alive)
	var each []float64
	sum, mae, mse := 0.0, 0.0, 0.0
	for i, h := range customers {
		each = append(each, m.Conditional(h, 39))
		sum += actual[i]
		mae += math.Abs(each[i] - actual[i])
		mse += (each[i] - actual[i]) * (each[i] - actual[i])
	}
	n := float64(len(customers))
	near(t, "actual", sum, want.Actual, 0)
	near(t, "mean absolute error", mae/n, want.MAE, 0.001*want.MAE)
	near(t, "root mean square error", math.Sqrt(mse/n), want.RMSE, 0.001*want.RMSE)
	near(t, "correlation", stat.Correlation(each, actual, nil), want.Corr, 0.001*want.Corr)
}

// Oracle btyd.bgnbd_dert_numeric stops after 4000 weeks, which leaves out a part that the closed integral has.
func TestBGNBDDiscountedMatchesNumericalIntegral(t *testing.T) {
	want := expected[[]struct{ X, TX, T, Value float64 }](t, "btyd.bgnbd_dert_numeric")
	m, delta := BGNBD{.243, 4.414, .793, 2.426}, math.Log(1.15)/52
	for _, c := range want {
		h := History{int64(c.X), c.TX, c.T}
		near(t, "discounted", m.Discounted(h, delta), c.Value, 0.01*c.Value)
		// By parts: δ∫e^{−δt}E[Y(t)]dt to 8000 weeks by Simpson's rule.
		const steps, width = 4000, 2.0
		sum := math.Exp(-delta*steps*width) * m.Conditional(h, steps*width)
		for i := 0; i <= steps; i++ {
			weight := float64(2 + 2*(i%2))
			if i == 0 || i == steps {
				weight = 1
			}
			at := float64(i) * width
			sum += delta * width / 3 * weight * math.Exp(-delta*at) * m.Conditional(h, at)
		}
		near(t, "integral to 8000 weeks", m.Discounted(h, delta), sum, 1e-6*sum)
	}
}
