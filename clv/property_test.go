package clv

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/likelihood"
)

func positives(low, high float64) *rapid.Generator[float64] {
	return rapid.Custom(func(t *rapid.T) float64 {
		return math.Exp(rapid.Float64Range(math.Log(low), math.Log(high)).Draw(t, "log"))
	})
}

func histories() *rapid.Generator[History] {
	return rapid.Custom(func(t *rapid.T) History {
		h := History{Age: positives(0.1, 1000).Draw(t, "age")}
		if h.Repeats = rapid.Int64Range(0, 60).Draw(t, "repeats"); h.Repeats > 0 {
			h.Last = h.Age * rapid.Float64Range(0, 1).Draw(t, "part")
		}
		return h
	})
}

func gradientHolds(t *rapid.T, f likelihood.Function, p []float64) {
	gradient := make([]float64, len(p))
	value := f(p, gradient)
	if math.IsNaN(value) || math.IsInf(value, 0) {
		t.Fatalf("value %v", value)
	}
	// Relative steps: each parameter as the logarithm of its multiple.
	by := fd.Gradient(nil, func(theta []float64) float64 {
		q := make([]float64, len(p))
		for i := range q {
			q[i] = p[i] * math.Exp(theta[i])
		}
		return f(q, make([]float64, len(p)))
	}, make([]float64, len(p)), &fd.Settings{Formula: fd.Central, Step: 1e-4})
	for i := range p {
		if got := gradient[i] * p[i]; !(math.Abs(got-by[i]) < 1e-5*(1+math.Abs(got)+1e-3*math.Abs(value))) {
			t.Fatalf("parameter %d: gradient %v, differences %v (value %v)", i, got, by[i], value)
		}
	}
}

func TestGradientsEqualDifferences(t *testing.T) {
	four := rapid.SliceOfN(positives(0.05, 20), 4, 4)
	rapid.Check(t, func(t *rapid.T) {
		h, err := Gather(Each(rapid.SliceOfN(histories(), 1, 40).Draw(t, "histories")))
		if err != nil {
			t.Fatal(err)
		}
		p := four.Draw(t, "p")
		gradientHolds(t, newBGNBDLikelihood(h).at, p)
		gradientHolds(t, newParetoLikelihood(h).at, p)
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		chances, err := Gather(Each(w.bgbb(BGBB{1, 1, 0.5, 3}, 50, 9)))
		if err != nil {
			t.Fatal(err)
		}
		gradientHolds(t, newBGBBLikelihood(chances, 9).at, p)
		spends, err := GatherSpend(EachSpend(w.gammaGamma(GammaGamma{3, 4, 20}, 50)))
		if err != nil {
			t.Fatal(err)
		}
		gradientHolds(t, spends.at, p[:3])
		c, err := summarised(whole([]Cohort{w.sbg(SBG{0.7, 2}, 200, 6), w.sbg(SBG{0.7, 2}, 100, 3)}))
		if err != nil {
			t.Fatal(err)
		}
		gradientHolds(t, func(q, g []float64) float64 { return c.at(q[0], q[1], q[2], g) }, []float64{p[0], p[1], rapid.Float64Range(0.3, 3).Draw(t, "c")})
		gradientHolds(t, func(q, g []float64) float64 { return c.at(q[0], q[1], 1, g) }, p[:2])
	})
}

// The likelihood over sufficient statistics is the sum of that of each history.
func TestLikelihoodsAreSumsOverHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		customers := rapid.SliceOfN(histories(), 1, 40).Draw(t, "histories")
		h, err := Gather(Each(customers))
		if err != nil {
			t.Fatal(err)
		}
		p := rapid.SliceOfN(positives(0.02, 200), 4, 4).Draw(t, "p")
		for name, c := range map[string]struct {
			f likelihood.Function
			m Lifetime
		}{"BG/NBD": {newBGNBDLikelihood(h).at, BGNBD{p[0], p[1], p[2], p[3]}}, "Pareto/NBD": {newParetoLikelihood(h).at, ParetoNBD{p[0], p[1], p[2], p[3]}}} {
			sum, size := 0.0, 0.0
			for _, one := range customers {
				l := c.m.LogLikelihood(one)
				sum += l
				size += math.Abs(l)
			}
			if got := c.f(p, make([]float64, 4)); !(math.Abs(got-sum) < 1e-10*size) {
				t.Fatalf("%s: %v together, %v one by one", name, got, sum)
			}
		}
	})
}

func TestProbabilitiesSumToOneAndHaveTheirMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(positives(0.2, 5), 4, 4).Draw(t, "p")
		at := positives(0.1, 5).Draw(t, "t")
		for _, m := range []Lifetime{BGNBD{p[0], p[1], p[2], p[3]}, ParetoNBD{p[0], p[1], p[2], p[3]}} {
			sum, mean := 0.0, 0.0
			for x := int64(0); x < 1500; x++ {
				one := m.Probability(x, at)
				sum += one
				mean += float64(x) * one
				if x > 50 && one < 1e-16 {
					break
				}
			}
			if !(math.Abs(sum-1) < 1e-9) || !(math.Abs(mean-m.Expected(at)) < 1e-7*(1+mean)) {
				t.Fatalf("%+v within %v: sum %v, mean %v, expected %v", m, at, sum, mean, m.Expected(at))
			}
		}
	})
}

// Formula 3: DERT = ∫e^{−δt}·P(alive)·(r+x)/(α+T)·((β+T)/(β+T+t))^s dt, here by Simpson's rule in ln(1+t/(β+T)).
func TestDiscountedClosedFormEqualsItsIntegral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(positives(0.1, 10), 4, 4).Draw(t, "p")
		m, h := ParetoNBD{p[0], 10 * p[1], p[2], 10 * p[3]}, histories().Draw(t, "history")
		delta := positives(1e-4, 0.1).Draw(t, "delta")
		b := m.Beta + h.Age
		const n = 4000
		end := math.Log1p(60 / (delta * b))
		sum := 0.0
		for i := 0; i <= n; i++ {
			w := end * float64(i) / n
			weight := float64(2 + 2*(i%2))
			if i == 0 || i == n {
				weight = 1
			}
			at := b * math.Expm1(w)
			sum += weight * math.Exp(-delta*at) * math.Pow(b/(b+at), m.S) * (b + at)
		}
		want := m.Alive(h) * (m.R + float64(h.Repeats)) / (m.Alpha + h.Age) * sum * end / n / 3
		if got := m.Discounted(h, delta); !(math.Abs(got-want) <= 1e-8*want) {
			t.Fatalf("closed %v, integral %v", got, want)
		}
	})
}

// Purchases expected add up over time, and shrink to none as the horizon does.
func TestConditionalExpectationsRiseWithTheHorizon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(positives(0.1, 10), 4, 4).Draw(t, "p")
		h := histories().Draw(t, "history")
		for _, m := range []Lifetime{BGNBD{p[0], p[1], p[2], p[3]}, ParetoNBD{p[0], p[1], p[2], p[3]}} {
			last := 0.0
			if got := m.Conditional(h, 0); got != 0 {
				t.Fatalf("%v purchases at once", got)
			}
			for _, at := range []float64{0.01, 1, 7, 365, 36500} {
				now := m.Conditional(h, at)
				if !(now >= last) {
					t.Fatalf("%+v: %v within %v, %v before", m, now, at, last)
				}
				last = now
			}
			if alive := m.Alive(h); !(alive >= 0 && alive <= 1) {
				t.Fatalf("alive with %v", alive)
			}
		}
	})
}

// fits are all fits of one simulated base, by name, as parameters in a unit of time and of money.
func fits(h *Histories) (map[string]likelihood.Fit, error) {
	b, err := FitBGNBD(h)
	if err != nil {
		return nil, err
	}
	p, err := FitParetoNBD(h)
	if err != nil {
		return nil, err
	}
	return map[string]likelihood.Fit{"BG/NBD": b.Fit, "Pareto/NBD": p.Fit}, nil
}

var town = ParetoNBD{0.8, 60, 0.6, 90}

func TestFitsDoNotDependOnOrderOrWeights(t *testing.T) {
	customers := newWorld(1).paretoNBD(town, 3000, 700, false)
	base, err := fits(gathered(t, customers))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(2)
	w.Shuffle(len(customers), func(i, j int) { customers[i], customers[j] = customers[j], customers[i] })
	for name, order := range map[string]func(yield func(History, float64) bool){
		"shuffled": Each(customers),
		"weighted": func(yield func(History, float64) bool) {
			counts := map[History]float64{}
			for _, h := range customers {
				counts[h]++
			}
			for h, n := range counts {
				if !yield(h, n) || !yield(h, 0) {
					return
				}
			}
		},
	} {
		h, err := Gather(order)
		if err != nil {
			t.Fatal(err)
		}
		again, err := fits(h)
		if err != nil {
			t.Fatal(err)
		}
		for model, f := range again {
			for i := range f.Values {
				if f.Values[i] != base[model].Values[i] || f.SE(i) != base[model].SE(i) {
					t.Errorf("%s, %s: %s is %v ± %v, was %v ± %v", model, name, f.Names[i], f.Values[i], f.SE(i), base[model].Values[i], base[model].SE(i))
				}
			}
		}
	}
}

func TestFitsScaleWithTheUnitOfTime(t *testing.T) {
	customers := newWorld(3).paretoNBD(town, 3000, 700, false)
	days := gathered(t, customers)
	base, err := fits(days)
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []float64{1.0 / 7, 24, 86400, 1 / 365.25} {
		scaled := make([]History, len(customers))
		for i, h := range customers {
			scaled[i] = History{h.Repeats, h.Last * unit, math.Max(h.Age*unit, h.Last*unit)}
		}
		again, err := fits(gathered(t, scaled))
		if err != nil {
			t.Fatal(err)
		}
		for model, f := range again {
			for i, name := range f.Names {
				factor := 1.0
				if name == "alpha" || name == "beta" {
					factor = unit
				}
				close(t, fmt.Sprint(model, name, unit), f.Values[i], factor*base[model].Values[i], 1e-7)
				close(t, fmt.Sprint("se of", model, name, unit), f.SE(i), factor*base[model].SE(i), 1e-5)
			}
			close(t, "log-likelihood", f.LogLikelihood, base[model].LogLikelihood-days.purchases*math.Log(unit), 1e-9)
		}
	}
}

func TestSpendScalesWithMoneyAndNotWithOrder(t *testing.T) {
	customers := newWorld(4).gammaGamma(GammaGamma{4, 3.5, 40}, 2000)
	base, err := FitGammaGamma(gatheredSpend(t, customers))
	if err != nil {
		t.Fatal(err)
	}
	scaled := make([]Spend, len(customers))
	for i, s := range customers {
		scaled[len(scaled)-1-i] = Spend{s.Purchases, 100 * s.Mean}
	}
	cents, err := FitGammaGamma(gatheredSpend(t, scaled))
	if err != nil {
		t.Fatal(err)
	}
	for i, factor := range []float64{1, 1, 100} {
		close(t, base.Names[i], cents.Values[i], factor*base.Values[i], 1e-7)
		close(t, "se", cents.SE(i), factor*base.SE(i), 1e-5)
	}
	close(t, "independence", cents.Independence.Statistic, base.Independence.Statistic, 1e-9)
}

// The grid of mean spend: the log-likelihood of 400,000 customers on it, against the sum over each of them.
func TestGridOfSpendChangesTheLikelihoodByLessThanAMillionth(t *testing.T) {
	customers := newWorld(5).gammaGamma(GammaGamma{6.25, 3.74, 15.44}, 400_000)
	s := gatheredSpend(t, customers)
	gridded := 0.0
	for _, of := range s.by {
		if of.gridded {
			gridded += of.customers
		}
	}
	if gridded < 300_000 {
		t.Fatalf("only %v customers are on the grid", gridded)
	}
	for _, m := range []GammaGamma{{6.25, 3.74, 15.44}, {2, 1.5, 40}, {30, 8, 3}} {
		exact, lost := 0.0, 0.0 // summed with the lost places kept (Kahan)
		for _, c := range customers {
			y := m.LogLikelihood(c) - lost
			sum := exact + y
			lost = (sum - exact) - y
			exact = sum
		}
		got := s.at([]float64{m.P, m.Q, m.Gamma}, make([]float64, 3))
		near(t, "log-likelihood", got, exact, 1e-6)
	}
	f, err := FitGammaGamma(s)
	if err != nil {
		t.Fatal(err)
	}
	if !(f.GridError > 0 && f.GridError < 1e-6) {
		t.Errorf("the bound at the fit is %v", f.GridError)
	}
}

// A base that is large enough for a pilot comes to the same maximum as without one.
func TestPilotLeadsToTheSameMaximum(t *testing.T) {
	h := gathered(t, newWorld(6).paretoNBD(ParetoNBD{1.5, 60, 0.6, 90}, 150_000, 700, false))
	if h.pilot() == nil {
		t.Fatalf("%d histories are too few for a pilot", h.Distinct())
	}
	f, err := FitParetoNBD(h)
	if err != nil {
		t.Fatal(err)
	}
	g := make([]float64, 4)
	if value := newParetoLikelihood(h).at(f.Values, g); value != f.LogLikelihood {
		t.Errorf("log-likelihood %v, at the fit %v", f.LogLikelihood, value)
	}
	for i := range g {
		if !(math.Abs(g[i]*f.SE(i)) < 1e-4) {
			t.Errorf("the likelihood still rises by %v a standard error of %s", g[i]*f.SE(i), f.Names[i])
		}
	}
	t.Log(f.Evaluations, "passes over", h.Distinct(), "histories")
}

// Whole times are found by a table, others by a search; on whole ones both say the same.
func TestTimesAreIndexedAlikeBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var gs []group
		largest := 0
		for range rapid.IntRange(1, 50).Draw(t, "groups") {
			age := rapid.IntRange(0, 200).Draw(t, "age")
			last := rapid.IntRange(0, age).Draw(t, "last")
			gs = append(gs, group{History{1, float64(last), float64(age)}, 1})
			largest = max(largest, age)
		}
		times, last, age := indexWhole(gs, largest)
		times2, last2, age2 := indexAny(gs)
		if !slices.Equal(times, times2) || !slices.Equal(last, last2) || !slices.Equal(age, age2) {
			t.Fatalf("%v %v %v, searched %v %v %v", times, last, age, times2, last2, age2)
		}
	})
}
