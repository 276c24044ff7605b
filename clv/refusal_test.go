package clv

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/likelihood"
)

func TestImpossibleHistoriesAreRefusedWithTheirRow(t *testing.T) {
	good := History{1, 2, 3}
	for _, bad := range []History{{-1, 0, 3}, {1, 4, 3}, {1, math.NaN(), 3}, {1, 1, math.NaN()}, {1, 1, math.Inf(1)}, {1, math.Inf(1), math.Inf(1)},
		{0, 1, 3}, {1, -1, 3}, {0, 0, -1}} {
		_, err := Gather(Each([]History{good, bad}))
		if err == nil || !strings.HasPrefix(err.Error(), "history 2: ") {
			t.Errorf("%+v: %v", bad, err)
		}
		for _, m := range []Lifetime{BGNBD{1, 1, 1, 1}, ParetoNBD{1, 1, 1, 1}, BGBB{1, 1, 1, 1}} {
			for name, x := range map[string]float64{"likelihood": m.LogLikelihood(bad), "alive": m.Alive(bad), "conditional": m.Conditional(bad, 1), "discounted": m.Discounted(bad, 0.1)} {
				if !math.IsNaN(x) {
					t.Errorf("%T: %s of %+v is %v", m, name, bad, x)
				}
			}
		}
	}
	for _, weight := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := Gather(func(yield func(History, float64) bool) { yield(good, weight) }); err == nil {
			t.Errorf("a weight of %v is taken", weight)
		}
		if _, err := GatherSpend(func(yield func(Spend, float64) bool) { yield(Spend{1, 1}, weight) }); err == nil {
			t.Errorf("a weight of %v is taken", weight)
		}
	}
	for _, bad := range []Spend{{0, 1}, {-1, 1}, {1, 0}, {1, -5}, {1, math.NaN()}, {1, math.Inf(1)}} {
		if _, err := GatherSpend(EachSpend([]Spend{{1, 1}, bad})); err == nil || !strings.HasPrefix(err.Error(), "spend 2: ") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for _, bad := range []Cohort{nil, {10}, {10, 11}, {10, -1}, {10, math.NaN()}, {math.Inf(1), 1}} {
		if _, err := FitSBG(bad); err == nil || !strings.Contains(err.Error(), "cohort 1: ") {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := FitBGBB(gathered(t, repeated(History{2, 1.5, 6}, 50))); err == nil || !strings.Contains(err.Error(), "must be whole") {
		t.Errorf("BG/BB with parts of chances: %v", err)
	}
	if _, err := FitBGBB(gathered(t, repeated(History{3, 2, 6}, 50))); err == nil || !strings.Contains(err.Error(), "3 taken of the first 2") {
		t.Errorf("BG/BB with more taken than there were: %v", err)
	}
}

func repeated(h History, n int) []History {
	out := make([]History, n)
	for i := range out {
		out[i] = h
	}
	return out
}

func TestParametersOutsideTheirRangeGiveNoNumber(t *testing.T) {
	h := History{1, 2, 3}
	for _, x := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		for _, m := range []Lifetime{BGNBD{x, 1, 1, 1}, BGNBD{1, 1, 1, x}, ParetoNBD{1, x, 1, 1}, ParetoNBD{1, 1, x, 1}, BGBB{x, 1, 1, 1}, BGBB{1, 1, 1, x}} {
			for name, got := range map[string]float64{"likelihood": m.LogLikelihood(h), "alive": m.Alive(h), "expected": m.Expected(1), "conditional": m.Conditional(h, 1),
				"probability": m.Probability(1, 1), "discounted": m.Discounted(h, 0.1)} {
				if !math.IsNaN(got) {
					t.Errorf("%+v: %s is %v", m, name, got)
				}
			}
		}
	}
	for _, at := range []float64{-1, math.NaN(), math.Inf(1)} {
		if got := (ParetoNBD{1, 1, 1, 1}).Conditional(h, at); !math.IsNaN(got) {
			t.Errorf("%v purchases within %v", got, at)
		}
	}
}

// refused is the refusal of a fit, which must be one.
func refused(t *testing.T, what string, err error, cause likelihood.Cause, words string) {
	t.Helper()
	var r likelihood.Refusal
	var e evidence.Refusal
	if !errors.As(err, &r) || !errors.As(err, &e) {
		t.Errorf("%s: %v is no refusal", what, err)
		return
	}
	if r.Cause != cause || !strings.Contains(r.Error(), words) || r.Need == "" {
		t.Errorf("%s: %s, %q (need %q); want %s with %q", what, r.Cause, r.Error(), r.Need, cause, words)
	}
}

func TestTooLittleToLearnFromIsRefused(t *testing.T) {
	for name, customers := range map[string][]History{"nobody": nil, "one customer": {{5, 20, 30}}, "no repeats": repeated(History{0, 0, 100}, 1000),
		"29 repeaters": append(repeated(History{0, 0, 100}, 1000), repeated(History{1, 50, 100}, 29)...)} {
		h := gathered(t, customers)
		_, err := FitBGNBD(h)
		refused(t, name, err, TooFew, "need 30")
		_, err = FitParetoNBD(h)
		refused(t, name, err, TooFew, "need 30")
		_, err = FitBGBB(h)
		refused(t, name, err, TooFew, "need 30")
	}
	_, err := FitParetoNBD(gathered(t, repeated(History{1, 0, 0}, 100)))
	refused(t, "no time", err, TooFew, "no time has passed")
	_, err = FitGammaGamma(gatheredSpend(t, []Spend{{1, 5}}))
	refused(t, "one spender", err, TooFew, "need 30")
	_, err = FitSBG(Cohort{1000, 990, 985})
	refused(t, "few leavers", err, TooFew, "15 customers have left, need 30")
	_, err = FitSBG(Cohort{1000, 900})
	refused(t, "one period", err, TooFew, "losses in 1 periods, need 2")
	_, err = FitBdW(Cohort{1000, 900, 850})
	refused(t, "two periods", err, TooFew, "need 3")
	_, err = FitSBG(Cohort{0, 0, 0})
	refused(t, "empty cohort", err, TooFew, "need 30")
}

// Customers who are all alike: one rate for all, one chance to leave, one spend.
func TestWithoutHeterogeneityThereIsNoFit(t *testing.T) {
	alike := gathered(t, repeated(History{5, 80, 100}, 500))
	_, err := FitBGNBD(alike)
	refused(t, "all the same, BG/NBD", err, likelihood.AtBound, noRates)
	_, err = FitParetoNBD(alike)
	refused(t, "all the same, Pareto/NBD", err, likelihood.AtBound, "") // at two bounds: it does not matter which is said

	w := newWorld(11)
	var steady []History // purchases at a steady beat differ less than chance
	for range 2000 {
		age := w.age(400)
		x := math.Floor(age / 30)
		steady = append(steady, History{int64(x), 30 * x, age})
	}
	_, err = FitParetoNBD(gathered(t, steady))
	refused(t, "a steady beat", err, likelihood.AtBound, noRates)

	var same []Spend
	for range 200 {
		same = append(same, Spend{3, 10})
	}
	_, err = FitGammaGamma(gatheredSpend(t, same))
	refused(t, "the same spend", err, likelihood.AtBound, "")

	_, err = FitSBG(Cohort{10000, 9000, 8100, 7290, 6561})
	refused(t, "a steady churn", err, likelihood.AtBound, churnIsOne)
}

func TestWhereNobodyLeavesTheModelSaysSo(t *testing.T) {
	w := newWorld(12)
	var loyal []History
	for range 3000 {
		loyal = append(loyal, w.buying(w.gamma(1, 40), w.age(700), true, func(float64) bool { return false }))
	}
	h := gathered(t, loyal)
	_, err := FitParetoNBD(h)
	refused(t, "Pareto/NBD", err, likelihood.AtBound, nobodyLeaves)
	_, err = FitBGNBD(h)
	refused(t, "BG/NBD", err, likelihood.AtBound, nobodyLeaves)
}

// What is large, small or in parts is not thereby wrong.
func TestUnusualHistoriesAreFitted(t *testing.T) {
	customers := newWorld(13).paretoNBD(town, 4000, 700, true)
	base, err := FitParetoNBD(gathered(t, customers))
	if err != nil {
		t.Fatal(err)
	}
	for name, more := range map[string][]History{
		"an old customer":        {{3, 200, 1e7}},
		"a machine":              {{200_000, 600, 650}},
		"the first day":          {{2, 0, 300}, {0, 0, 0}, {1, 0, 0}},
		"many of the first hour": repeated(History{0, 0, 1e-3}, 100),
	} {
		f, err := FitParetoNBD(gathered(t, append(append([]History{}, customers...), more...)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Log(name, f.Model, base.Model)
		b, err := FitBGNBD(gathered(t, append(append([]History{}, customers...), more...)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		expected, alive := Totals(b.Model, gathered(t, customers), 100)
		if !(expected > 0) || !(alive > 0) {
			t.Errorf("%s: %v expected, %v alive", name, expected, alive)
		}
	}
}

func TestSpendThatFollowsFrequencyIsNotValued(t *testing.T) {
	w := newWorld(14)
	customers := w.gammaGamma(GammaGamma{4, 3.5, 40}, 3000)
	for i := range customers {
		customers[i].Mean *= 1 + 0.5*float64(customers[i].Purchases)
	}
	f, err := FitGammaGamma(gatheredSpend(t, customers))
	if err != nil {
		t.Fatal(err)
	}
	margin := 0.3
	_, err = Value(town, f, Terms{0.1, 365.25, &margin}, History{1, 50, 100}, Spend{1, 20})
	var r evidence.Refusal
	if !errors.As(err, &r) || !strings.Contains(r.Reason, "spend depends on frequency") {
		t.Errorf("valued all the same: %v", err)
	}
	for name, terms := range map[string]Terms{"no discount": {0, 365, &margin}, "no year": {0.1, 0, &margin}, "not a number": {math.NaN(), 365, &margin}} {
		if _, err := Value(town, f, terms, History{1, 50, 100}, Spend{1, 20}); err == nil {
			t.Errorf("%s: valued all the same", name)
		}
	}
}
