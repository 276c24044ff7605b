package likelihood

import (
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/evidence"
)

func near(t testing.TB, what string, got, want, relative float64) {
	t.Helper()
	if !(math.Abs(got-want) <= relative*math.Abs(want)) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// exponential is the likelihood of n waiting times with a sum.
func exponential(n, sum float64) Problem {
	return Problem{Parameters: []Parameter{{Name: "rate"}}, Observations: n, Starts: [][]float64{{1}},
		LogLikelihood: func(p, g []float64) float64 {
			g[0] = n/p[0] - sum
			return n*math.Log(p[0]) - sum*p[0]
		}}
}

// By hand: rate = n/Σ, its standard error rate/√n, that of the mean 1/rate by the delta method 1/(rate·√n), and the interval of
// the logarithm rate·e^{∓1.96/√n}.
func TestExponentialRateByHand(t *testing.T) {
	f, err := Maximise(exponential(400, 1000))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "rate", f.Values[0], 0.4, 1e-10)
	near(t, "standard error", f.SE(0), 0.02, 1e-6)
	low, high := f.Interval(0, 0.95)
	near(t, "low", low, 0.4*math.Exp(-1.959963984540054/20), 1e-6)
	near(t, "high", high, 0.4*math.Exp(1.959963984540054/20), 1e-6)
	mean, se := f.Delta(func(p []float64) float64 { return 1 / p[0] })
	near(t, "mean", mean, 2.5, 1e-10)
	near(t, "its standard error", se, 0.125, 1e-6)
	near(t, "log-likelihood", f.LogLikelihood, 400*math.Log(0.4)-400, 1e-12)
	if e, ok := f.Figure(0).Estimate(); !ok || e.N != 400 || e.Kind != evidence.KindConfidence || e.Level != 0.95 {
		t.Errorf("as a figure it is %+v", e)
	}
}

// normal is the likelihood of n numbers with that mean and mean square deviation, over a real mean and a positive deviation.
func normal(n, mean, square float64) Problem {
	return Problem{Parameters: []Parameter{{Name: "mean", Scale: Real}, {Name: "sd"}}, Observations: n, Starts: [][]float64{{0, 1}, {50, 10}},
		LogLikelihood: func(p, g []float64) float64 {
			d, v := mean-p[0], p[1]*p[1]
			g[0] = n * d / v
			g[1] = n*(square+d*d)/(v*p[1]) - n/p[1]
			return -n*math.Log(p[1]) - n*(square+d*d)/(2*v)
		}}
}

// By hand: the covariance is diag(σ²/n, σ²/2n).
func TestNormalMeanAndDeviationByHand(t *testing.T) {
	f, err := Maximise(normal(200, -3, 25))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", f.Values[0], -3, 1e-9)
	near(t, "sd", f.Values[1], 5, 1e-9)
	near(t, "se of the mean", f.SE(0), 5/math.Sqrt(200), 1e-6)
	near(t, "se of the sd", f.SE(1), 5/math.Sqrt(400), 1e-6)
	if c := f.Covariance.At(0, 1); math.Abs(c) > 1e-7 {
		t.Errorf("they are correlated: %v", c)
	}
	low, high := f.Interval(0, 0.95)
	near(t, "the interval of a real parameter is symmetric", (low+high)/2, -3, 1e-9)
}

func TestAPilotSavesPassesAndChangesNothing(t *testing.T) {
	alone, err := Maximise(normal(1e6, -3, 25))
	if err != nil {
		t.Fatal(err)
	}
	p := normal(1e6, -3, 25)
	pilot := normal(1000, -2.8, 26)
	p.Pilot, p.PilotObservations = pilot.LogLikelihood, pilot.Observations
	f, err := Maximise(p)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Values {
		near(t, f.Names[i], f.Values[i], alone.Values[i], 1e-9)
		near(t, "se", f.SE(i), alone.SE(i), 1e-6)
	}
	if f.Evaluations >= alone.Evaluations {
		t.Errorf("%d passes with a pilot, %d without", f.Evaluations, alone.Evaluations)
	}
	// A pilot that misleads costs passes, not the answer.
	p.Pilot = normal(1000, 40, 1e4).LogLikelihood
	if f, err = Maximise(p); err != nil {
		t.Fatal(err)
	}
	near(t, "mean", f.Values[0], -3, 1e-9)
}

func refused(t *testing.T, err error, cause Cause, parameter, words string) {
	t.Helper()
	var r Refusal
	var e evidence.Refusal
	if !errors.As(err, &r) || !errors.As(err, &e) || r.Cause != cause || r.Parameter != parameter || !strings.Contains(r.Reason, words) || r.Need == "" {
		t.Errorf("%#v, want %s of %q with %q", err, cause, parameter, words)
	}
}

// No waiting ever ended: the likelihood e^{−rate·Σ} rises towards a rate of 0. And the reverse.
func TestAParameterThatRunsAwayIsNamed(t *testing.T) {
	p := exponential(1, 1)
	p.Parameters[0].AtLow, p.Parameters[0].AtHigh = "nothing ever happens", "all happens at once"
	p.LogLikelihood = func(x, g []float64) float64 { g[0] = -50; return -50 * x[0] }
	_, err := Maximise(p)
	refused(t, err, AtBound, "rate", "rate falls towards 0: nothing ever happens")
	p.LogLikelihood = func(x, g []float64) float64 { g[0] = 50 / (x[0] * x[0]); return -50 / x[0] }
	_, err = Maximise(p)
	refused(t, err, AtBound, "rate", "rate grows without bound: all happens at once")
}

// The likelihood of a product: a and b cannot be told apart.
func TestParametersThatCannotBeToldApartAreRefused(t *testing.T) {
	_, err := Maximise(Problem{Parameters: []Parameter{{Name: "a"}, {Name: "b"}}, Observations: 100, Starts: [][]float64{{1, 2}},
		LogLikelihood: func(p, g []float64) float64 {
			d := math.Log(p[0] * p[1])
			g[0], g[1] = -100*d/p[0], -100*d/p[1]
			return -50 * d * d
		}})
	var r Refusal
	if !errors.As(err, &r) || r.Cause != Flat {
		t.Errorf("%#v", err)
	}
}

// A gradient that does not belong to the likelihood leads nowhere, and no fit is made up.
func TestAWrongGradientDoesNotConverge(t *testing.T) {
	p := exponential(100, 100)
	right := p.LogLikelihood
	p.Starts = [][]float64{{5}}
	p.LogLikelihood = func(x, g []float64) float64 {
		v := right(x, g)
		g[0] = -g[0] - 30
		return v
	}
	_, err := Maximise(p)
	var r Refusal
	if !errors.As(err, &r) {
		t.Errorf("%#v", err)
	}
}

func TestWhatIsNoProblemIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Problem){
		"no parameters":       func(p *Problem) { p.Parameters = nil },
		"no likelihood":       func(p *Problem) { p.LogLikelihood = nil },
		"no observations":     func(p *Problem) { p.Observations = 0 },
		"NaN observations":    func(p *Problem) { p.Observations = math.NaN() },
		"no start":            func(p *Problem) { p.Starts = nil },
		"a short start":       func(p *Problem) { p.Starts = [][]float64{{}} },
		"a start below":       func(p *Problem) { p.Starts = [][]float64{{-1}} },
		"a start at infinity": func(p *Problem) { p.Starts = [][]float64{{math.Inf(1)}} },
	} {
		p := exponential(10, 10)
		change(&p)
		if _, err := Maximise(p); err == nil || errors.As(err, new(Refusal)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := exponential(10, 10)
	p.LogLikelihood = func(_, g []float64) float64 { g[0] = 0; return math.NaN() }
	_, err := Maximise(p)
	refused(t, err, NotConverged, "", "no value at any start")
}

// Measuring in another unit changes the unit alone.
func TestUnitsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, sum := rapid.Float64Range(5, 1e5).Draw(t, "n"), rapid.Float64Range(1, 1e5).Draw(t, "sum")
		unit := math.Exp(rapid.Float64Range(-10, 10).Draw(t, "unit"))
		p := exponential(n, sum/unit)
		p.Parameters[0].Unit = unit * n / sum
		p.Starts[0][0] = p.Parameters[0].Unit * 3
		f, err := Maximise(p)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := f.Values[0], unit*n/sum; !(math.Abs(got-want) < 1e-8*want) {
			t.Fatalf("rate %v, want %v", got, want)
		}
		if got, want := f.SE(0), f.Values[0]/math.Sqrt(n); !(math.Abs(got-want) < 1e-5*want) {
			t.Fatalf("standard error %v, want %v", got, want)
		}
	})
}

// A correction keeps the curvature positive and makes it agree along the step (the secant equation, Nocedal & Wright 6.6).
func TestUpdateKeepsTheSecantEquation(t *testing.T) {
	b := mat.NewSymDense(2, []float64{2, 0.5, 0.5, 1})
	s, y := []float64{0.3, -0.1}, []float64{0.7, 0.2}
	update(b, s, y)
	var got mat.VecDense
	got.MulVec(b, mat.NewVecDense(2, s))
	near(t, "first", got.AtVec(0), 0.7, 1e-12)
	near(t, "second", got.AtVec(1), 0.2, 1e-12)
	if !new(mat.Cholesky).Factorize(b) {
		t.Error("it is not positive any more")
	}
}

// A constant of a billion hides rises below 1e-7 of the likelihood: the maximum is found all the same.
func TestARiseThatRoundingHidesIsNoReasonToRefuse(t *testing.T) {
	p := normal(200, -3, 25)
	plain := p.LogLikelihood
	p.LogLikelihood = func(x, g []float64) float64 { return plain(x, g) - 1e9 }
	f, err := Maximise(p)
	if err != nil {
		t.Fatal(err)
	}
	if off := math.Abs(f.Values[0]+3) / f.SE(0); off > 1e-3 {
		t.Errorf("the mean is %v standard errors off", off)
	}
	near(t, "se of the sd", f.SE(1), 5/math.Sqrt(400), 1e-3)
}
