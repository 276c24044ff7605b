package clv

import (
	"math"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// donors are the cells of the 11,104 donors of 1995 with six chances.
func donors(t testing.TB) *Histories {
	t.Helper()
	c := oracle.Numbers(t, "donations.csv")
	h, err := Gather(func(yield func(History, float64) bool) {
		for i := range c["weights"] {
			if !yield(History{int64(c["frequency"][i]), c["recency"][i], c["periods"][i]}, c["weights"][i]) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Oracle btyd.bgbb_donations: Fader, Hardie & Shang (2010), tables of its section 4.
func TestBGBBMatchesFaderHardieShang2010(t *testing.T) {
	type parameters struct {
		Alpha, Beta, Gamma, Delta, LL float64
		Sum5                          float64 `json:"sum_cond5"`
		Total5                        float64 `json:"cond5_total"`
	}
	want := expected[struct {
		Published, Precise parameters
		Alive              []struct{ X, TX, P float64 } `json:"palive_table"`
	}](t, "btyd.bgbb_donations")
	h := donors(t)
	f, err := FitBGBB(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f.Model, f.LogLikelihood, f.Evaluations)
	for _, w := range []parameters{want.Published, want.Precise} {
		for i, x := range []float64{w.Alpha, w.Beta, w.Gamma, w.Delta} {
			near(t, f.Names[i], f.Values[i], x, 0.002)
		}
		near(t, "log-likelihood", f.LogLikelihood, w.LL, 0.05)
	}
	expected, _ := Totals(f.Model, h, 5)
	near(t, "next five chances", expected, want.Precise.Total5, 0.5)
	near(t, "next five chances, published", expected, want.Published.Sum5, 0.5)
	p := want.Published
	published := BGBB{p.Alpha, p.Beta, p.Gamma, p.Delta}
	for _, c := range want.Alive {
		near(t, "alive", f.Model.Alive(History{int64(c.X), c.TX, 6}), c.P, 0.005)
		// The table was made at the published parameters: its last line is 8.783/9.440 there.
		near(t, "alive", published.Alive(History{int64(c.X), c.TX, 6}), c.P, 1e-12)
	}
	for x, p := range map[History]float64{{0, 0, 6}: 0.11, {2, 4, 6}: 0.59, {6, 6, 6}: 0.93} {
		near(t, "alive, published", f.Model.Alive(x), p, 0.005)
	}
}

// The discounted sum by hand: Σ_j e^{−δj}·(E[Y(j)] − E[Y(j−1)]), whose increments fall by (δ+n+j)/(γ+δ+n+j).
func TestBGBBDiscountedIsItsSum(t *testing.T) {
	m, h := BGBB{1.2, 0.75, 0.66, 2.8}, History{2, 4, 6}
	near(t, "two chances", m.Conditional(h, 2)-m.Conditional(h, 1), m.Conditional(h, 1)*(2.8+7)/(0.66+2.8+7), 1e-12)
	for _, delta := range []float64{0.1, 0.0005} {
		sum, more := 0.0, m.Conditional(h, 1)
		for j := 1.0; j*delta < 45; j++ {
			sum += math.Exp(-delta*j) * more
			more *= (m.Delta + 6 + j) / (m.Gamma + m.Delta + 6 + j)
		}
		near(t, "discounted", m.Discounted(h, delta), sum, 1e-9*sum)
	}
}

// All histories of six chances: each order of x taken chances of which the last is the t_x-th, C(t_x−1, x−1) of them.
func TestBGBBHistoriesHaveProbabilityOne(t *testing.T) {
	m := BGBB{1.2, 0.75, 0.66, 2.8}
	choose := func(n, k float64) float64 { return math.Exp(rising(1, n) - rising(1, k) - rising(1, n-k)) }
	sum := math.Exp(m.LogLikelihood(History{0, 0, 6}))
	byCount := map[int64]float64{0: sum}
	for last := 1.0; last <= 6; last++ {
		for x := 1.0; x <= last; x++ {
			p := choose(last-1, x-1) * math.Exp(m.LogLikelihood(History{int64(x), last, 6}))
			sum += p
			byCount[int64(x)] += p
		}
	}
	near(t, "all histories", sum, 1, 1e-12)
	expected := 0.0
	for x, p := range byCount {
		near(t, "histories with x taken", p, m.Probability(x, 6), 1e-12)
		expected += float64(x) * p
	}
	near(t, "mean", expected, m.Expected(6), 1e-12)
}
