package change

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// drawSeries has a level that may change once.
func drawSeries(t *rapid.T, least int) []float64 {
	chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
	n := rapid.IntRange(least, 60).Draw(t, "n")
	at, shift := rapid.IntRange(0, n).Draw(t, "at"), rapid.SampledFrom([]float64{0, 1, 5}).Draw(t, "shift")
	out := make([]float64, n)
	for i := range out {
		out[i] = 20 + chance.NormFloat64()
		if i >= at {
			out[i] += shift
		}
	}
	return out
}

func turned(series []float64, scale, move float64) []float64 {
	out := make([]float64, len(series))
	for i, x := range series {
		out[i] = scale*x + move
	}
	return out
}

func close(a, b, scale float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(scale)) }

func TestOtherUnitsGiveTheSameChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawSeries(t, 26)
		scale, move := math.Pow(10, float64(rapid.IntRange(-6, 6).Draw(t, "power"))), rapid.Float64Range(-100, 100).Draw(t, "move")
		move *= scale
		y := turned(x, scale, move)
		ax, alarms, err := CUSUM{20, 0.5, 5}.Run(x)
		ay, alarmsY, err2 := CUSUM{20*scale + move, 0.5 * scale, 5 * scale}.Run(y)
		if err != nil || err2 != nil || len(alarms) != len(alarmsY) {
			t.Fatalf("alarms %v and %v (%v, %v)", alarms, alarmsY, err, err2)
		}
		for i := range ax {
			if !close(ay[i].High/scale, ax[i].High, 100) || !close(ay[i].Low/scale, ax[i].Low, 100) {
				t.Fatalf("sums at %d: %+v and %+v", i, ax[i], ay[i])
			}
		}
		zx, err := SelfStarting(x)
		zy, err2 := SelfStarting(y)
		for i := range zx {
			if err != nil || err2 != nil || math.Abs(zx[i]-zy[i]) > 1e-6 {
				t.Fatalf("self-starting at %d: %v and %v (%v, %v)", i, zx, zy, err, err2)
			}
		}
		bx, err := FindBreak(x, 0.15)
		by, err2 := FindBreak(y, 0.15)
		if err != nil || err2 != nil || bx.Last != by.Last || !close(by.CUSUM, bx.CUSUM, 1) || !close((by.After-move)/scale, bx.After, 100) {
			t.Fatalf("breaks %+v and %+v (%v, %v)", bx, by, err, err2)
		}
		rx, evidence, err := Runs{20, 0.1, 1, 1, 30}.Follow(x)
		ry, evidenceY, err2 := Runs{20*scale + move, 0.1, 1, scale * scale, 30}.Follow(y)
		if err != nil || err2 != nil || math.Abs(evidenceY+float64(len(x))*math.Log(scale)-evidence) > 1e-6 {
			t.Fatalf("evidence %v and %v (%v, %v)", evidence, evidenceY, err, err2)
		}
		for i := range rx {
			if math.Abs(rx[i].Expected-ry[i].Expected) > 1e-6 {
				t.Fatalf("runs at %d: %+v and %+v", i, rx[i], ry[i])
			}
		}
		sx, err := Smooth{Season: 12, Alpha: 0.3, Beta: 0.1, Gamma: 0.2}.Follow(x)
		sy, err2 := Smooth{Season: 12, Alpha: 0.3, Beta: 0.1, Gamma: 0.2}.Follow(y)
		if err != nil || err2 != nil || !close((sy.Forecast(5)-move)/scale, sx.Forecast(5), 100) {
			t.Fatalf("forecasts %v and %v (%v, %v)", sx.Forecast(5), sy.Forecast(5), err, err2)
		}
	})
}

// What CUSUM and the runs say at a time does not change when more values come.
func TestLaterValuesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawSeries(t, 4)
		cut := rapid.IntRange(1, len(x)).Draw(t, "cut")
		whole, _, err := CUSUM{20, 0.5, 5}.Run(x)
		part, _, err2 := CUSUM{20, 0.5, 5}.Run(x[:cut])
		runs, _, err3 := Runs{20, 0.1, 1, 1, 30}.Follow(x)
		some, _, err4 := Runs{20, 0.1, 1, 1, 30}.Follow(x[:cut])
		if err != nil || err2 != nil || err3 != nil || err4 != nil {
			t.Fatal(err, err2, err3, err4)
		}
		if whole[cut-1] != part[cut-1] || runs[cut-1] != some[cut-1] {
			t.Fatalf("at %d: %+v and %+v, %+v and %+v", cut, whole[cut-1], part[cut-1], runs[cut-1], some[cut-1])
		}
	})
}

// The second method of the break is every split, each with two passes.
func TestBreakIsTheBestOfAllSplits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawSeries(t, 10)
		b, err := FindBreak(x, 0.15)
		if err != nil {
			t.Fatal(err)
		}
		least := max(2, int(0.15*float64(len(x))))
		best := math.Inf(1)
		for i := least; i <= len(x)-least; i++ {
			best = math.Min(best, squares(x[:i], meanOf(x[:i]))+squares(x[i:], meanOf(x[i:])))
		}
		if !close(b.RSS1, best, best) || !close(b.RSS0, squares(x, meanOf(x)), b.RSS0) {
			t.Fatalf("sums of squares %v and %v, want %v and %v", b.RSS0, b.RSS1, squares(x, meanOf(x)), best)
		}
	})
}

// The second method of the runs is every way to cut the series: the product of the
// cuts' prior and of the evidence of each stretch, which is known in closed form
// (Murphy, Conjugate Bayesian analysis of the Gaussian, 2007, eq. 99).
func TestRunsAreTheSumOverAllCuts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawSeries(t, 2)
		x = x[:min(len(x), 9)]
		p := Runs{19, 0.3, 1.5, 2, 4}
		beliefs, evidence, err := p.Follow(x)
		if err != nil {
			t.Fatal(err)
		}
		total, expected := 0.0, 0.0
		for cuts := range 1 << len(x) { // bit i: a change between value i and value i+1; the last is a change to come
			weight, from := 1.0, 0
			for i := range x {
				if cuts&(1<<i) == 0 {
					weight *= 1 - 1/p.Gap
					continue
				}
				weight *= p.stretch(x[from:i+1]) / p.Gap
				from = i + 1
			}
			weight *= p.stretch(x[from:])
			total += weight
			expected += weight * float64(len(x)-from)
		}
		if got := beliefs[len(x)-1].Expected; math.Abs(evidence-math.Log(total)) > 1e-9 || math.Abs(got-expected/total) > 1e-9 {
			t.Fatalf("evidence %v and expected run %v, want %v and %v", evidence, got, math.Log(total), expected/total)
		}
	})
}

// stretch is the evidence of one stretch.
func (p Runs) stretch(x []float64) float64 {
	n := float64(len(x))
	if n == 0 {
		return 1
	}
	mean := meanOf(x)
	k, a := p.Weight+n, p.Shape+n/2
	b := p.Scale + squares(x, mean)/2 + p.Weight*n*(mean-p.Mean)*(mean-p.Mean)/(2*k)
	above, _ := math.Lgamma(a)
	at, _ := math.Lgamma(p.Shape)
	return math.Exp(above-at+p.Shape*math.Log(p.Scale)-a*math.Log(b)+0.5*math.Log(p.Weight/k)) * math.Pow(2*math.Pi, -n/2)
}

// The second method of the run length is a Markov chain of many states (Brook &
// Evans, Biometrika 59(3), 1972).
func TestRunLengthIsThatOfAMarkovChain(t *testing.T) {
	for _, c := range [][3]float64{{0.5, 4, 0}, {0.5, 4, 0.5}, {0.25, 3, 1}, {1, 2.5, 0}, {0, 3, 0}} {
		chain := 1 / (1/brookEvans(c[0]-c[2], c[1]) + 1/brookEvans(c[0]+c[2], c[1]))
		if got := must[float64](t)(RunLength(c[0], c[1], c[2])); math.Abs(got/chain-1) > 2e-3 {
			t.Errorf("slack %v, limit %v, shift %v: %v, by a chain %v", c[0], c[1], c[2], got, chain)
		}
	}
}

func brookEvans(k, h float64) float64 {
	const n = 200
	width := 2 * h / (2*n - 1)
	a, b := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
	for i := range n {
		b.SetVec(i, 1)
		for j := range n {
			p := distuv.UnitNormal.CDF(float64(j-i)*width + width/2 + k)
			if j > 0 {
				p -= distuv.UnitNormal.CDF(float64(j-i)*width - width/2 + k)
			}
			a.Set(i, j, -p)
		}
		a.Set(i, i, a.At(i, i)+1)
	}
	var l mat.VecDense
	if err := l.SolveVec(a, b); err != nil {
		panic(err)
	}
	return l.AtVec(0)
}

// And of thrown values, within four standard errors.
func TestFalseAlarmsComeAsOftenAsStated(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 7))
	const runs = 4000
	limit := must[float64](t)(LimitFor(0.5, 100))
	sum, squares := 0.0, 0.0
	for range runs {
		high, low, n := 0.0, 0.0, 0.0
		for high <= limit && low <= limit {
			x := chance.NormFloat64()
			high, low, n = math.Max(0, high+x-0.5), math.Max(0, low-x-0.5), n+1
		}
		sum, squares = sum+n, squares+n*n
	}
	mean := sum / runs
	if se := math.Sqrt((squares/runs - mean*mean) / runs); math.Abs(mean-100) > 4*se {
		t.Errorf("a false alarm came after %v values on the average, want 100 within %v", mean, 4*se)
	}
}

// Without knowing mean and spread a self-starting CUSUM alarms for nothing as rarely
// as one that knows them, within four standard errors; the first two values cannot alarm.
func TestSelfStartingAlarmsAsRarelyAsStated(t *testing.T) {
	const runs, most = 4000, 3000
	limit := must[float64](t)(LimitFor(0.5, 100))
	sum, squares := 0.0, 0.0
	for run := range runs {
		chance := rand.New(rand.NewPCG(11, uint64(run)))
		x := make([]float64, most)
		for i := range x {
			x[i] = 400 + 7*chance.NormFloat64()
		}
		n := float64(most)
		for length := 200; length <= most; length = min(2*length, most) {
			z := must[[]float64](t)(SelfStarting(x[:length]))
			_, alarms, err := CUSUM{0, 0.5, limit}.Run(z)
			if err != nil {
				t.Fatal(err)
			}
			if len(alarms) > 0 {
				n = float64(alarms[0].At + 1)
				break
			}
			if length == most {
				break
			}
		}
		sum, squares = sum+n, squares+n*n
	}
	mean := sum / runs
	if se := math.Sqrt((squares/runs - mean*mean) / runs); math.Abs(mean-102) > 4*se {
		t.Errorf("a false alarm came after %v values on the average, want 102 within %v", mean, 4*se)
	}
}

// By hand: of 1, 3, 5 the third lies (5−2)/√2 from the mean of two, √(2/3) of which is
// √3; Student's t of one degree of freedom exceeds √3 once in six; the normal value
// that does is 0.9674.
func TestSelfStartingOfThreeValuesByHand(t *testing.T) {
	z := must[[]float64](t)(SelfStarting([]float64{1, 3, 5}))
	is(t, "first", z[0], 0, 0)
	is(t, "second", z[1], 0, 0)
	is(t, "third", z[2], 0.967421566101701, 1e-12)
	far := must[[]float64](t)(SelfStarting([]float64{1, 1, 1, 2, 1, -1e99}))
	if far[3] != 0 || !(far[5] < -1) || math.IsInf(far[5], 0) {
		t.Errorf("values that come first, and from far away: %v", far)
	}
}

// An exact trend with an exact season is forecast exactly, once R's start, whose level
// lies half a season early, is forgotten.
func TestSmoothingForecastsAnExactPattern(t *testing.T) {
	season := []float64{3, -1, 0, -2}
	var add, times []float64
	for i := range 400 {
		add = append(add, 10+2*float64(i)+season[i%4])
		times = append(times, 50*[]float64{1.2, 0.9, 1, 0.9}[i%4])
	}
	s := must[*Smoothed](t)(Smooth{Season: 4, Alpha: 0.4, Beta: 0.2, Gamma: 0.5}.Follow(add))
	is(t, "additive", s.Forecast(6), 10+2*405+season[405%4], 1e-6)
	m := must[*Smoothed](t)(Smooth{Season: 4, Multiplicative: true, Alpha: 0.4, Beta: 0.2, Gamma: 0.5}.Follow(times))
	is(t, "multiplicative", m.Forecast(5), 50*1.2, 1e-8)
	odd := must[*Smoothed](t)(Smooth{Season: 3, Alpha: 0.4, Beta: 0.2, Gamma: 0.5}.Follow([]float64{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}))
	is(t, "season of three", odd.Forecast(2), 2, 1e-8)
}

func TestChangeRefuses(t *testing.T) {
	flat, some := []float64{2, 2, 2, 2, 2, 2, 2, 2}, []float64{1, 2, 3, 4, 3, 2, 1, 2, 3}
	gap := []float64{1, math.NaN(), 2, 3, 4}
	_, _, level := Level(flat)
	_, _, one := Level(flat[:1])
	_, _, cusum := CUSUM{0, -1, 5}.Run(some)
	_, _, empty := CUSUM{0, 1, 5}.Run(nil)
	_, _, nan := CUSUM{0, 1, 5}.Run(gap)
	_, run := RunLength(0.5, math.Inf(1), 0)
	_, limit := LimitFor(0.5, 1)
	_, split := FindBreak(flat, 0.15)
	_, few := FindBreak(some[:3], 0.15)
	_, _, prior := Runs{0, 1, 1, 0, 10}.Follow(some)
	_, _, gapless := Runs{0, 1, 1, 1, 1}.Follow(some)
	_, short := Smooth{Season: 4}.Fit(some[:8])
	_, season := Smooth{Season: 1}.Fit(some)
	_, outside := Smooth{Season: 4, Alpha: 2}.Follow(some)
	_, negative := Smooth{Season: 4, Multiplicative: true}.Fit([]float64{1, -2, 1, -2, 1, -2, 1, -2, 1})
	for want, err := range map[string]error{
		"all 8 values are 2": level, "at least 2": one, "the slack not below 0": cusum, "0 values are too few": empty, "value 2 is NaN": nan, "up to 100": run,
		"not between 2": limit, "all 8 values": split, "at least 4": few, "must be above 0": prior, "the gap 1 above 1": gapless, "two seasons of 4": short,
		"a season of 1 values": season, "not between 0 and 1": outside, "smooth: ": negative,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
