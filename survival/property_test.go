package survival

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/evidence"
)

// answers are everything that can be asked of a fit, in one list, with a name and a scale for each.
type answers struct {
	names  []string
	values []float64
	scales []float64
	tests  int  // where the tests of proportionality begin
	wild   bool // almost separated: these divide what rounding has left
}

func (a *answers) add(name string, value, scale float64) {
	a.names, a.values, a.scales = append(a.names, name), append(a.values, value), append(a.scales, scale)
}

// answer fits and asks; nil when the fit is refused. Coefficients are multiplied by unit, so that those of a covariate in another unit can be
// compared. Proportionality is asked by the transforms named.
func answer(t *rapid.T, c Cox, unit, x []float64, transforms ...Transform) *answers {
	fit, err := c.Fit()
	if err != nil {
		var refusal evidence.Refusal
		if !errors.As(err, &refusal) || refusal.Need == "" {
			t.Fatalf("not a refusal: %v", err)
		}
		return nil
	}
	a := &answers{}
	for i, k := range fit.Coefficients {
		se := k.SE * unit[i]
		a.add("coefficient", k.Value*unit[i], se)
		a.add("se", se, se)
		a.add("robust", k.RobustSE*unit[i], se)
	}
	a.add("null", fit.LogLikelihoodNull, 1)
	a.add("likelihood", fit.LogLikelihood, 1)
	a.add("score", fit.Score.Statistic, 1+fit.Score.Statistic)
	a.add("Wald", fit.Wald.Statistic, 1+fit.Wald.Statistic)
	a.add("n", float64(fit.N), 1)
	a.add("events", float64(fit.Events), 1)
	if con, err := fit.Concordance(); err == nil {
		a.add("concordance", con.Value, 1)
		a.add("concordance se", con.SE, 1)
	}
	stratum := 0
	if c.Stratum != nil {
		for i, e := range c.Event {
			if e && c.weightOf(i) > 0 {
				stratum = max(stratum, c.Stratum[i])
			}
		}
	}
	if hazard, err := fit.Hazard(x, stratum); err == nil {
		for _, h := range hazard {
			a.add("hazard", h.Cumulative, 1+h.Cumulative+h.SE)
			a.add("hazard se", h.SE, 1+h.Cumulative+h.SE)
		}
	}
	a.tests, a.wild = len(a.names), largest(fit.beta) > 4
	for _, transform := range transforms {
		for _, f := range []func(Transform) (Proportionality, error){fit.Classic, fit.Proportional} {
			p, err := f(transform)
			if err != nil {
				a.add("no "+string(transform), 0, 1)
				continue
			}
			for _, k := range p.Covariates {
				a.add(string(transform)+" of "+k.Covariate, k.Statistic, max(1, k.Statistic))
			}
			a.add(string(transform), p.Global.Statistic, max(1, p.Global.Statistic))
		}
	}
	return a
}

// same compares two lists of answers to one part in ten million of their scale.
func same(t *rapid.T, got, want *answers) {
	if (got == nil) != (want == nil) {
		t.Fatalf("one of two is refused: %v, %v", got, want)
	}
	if want == nil {
		return
	}
	if got.wild || want.wild {
		got.names, got.values, want.values = got.names[:got.tests], got.values[:got.tests], want.values[:want.tests]
	}
	if len(got.values) != len(want.values) {
		t.Fatalf("%v\n%v", got.names, want.names)
	}
	for i, v := range want.values {
		if math.IsNaN(v) && math.IsNaN(got.values[i]) {
			continue
		}
		if !(math.Abs(got.values[i]-v) <= 1e-6*want.scales[i]) {
			t.Fatalf("%s: %.12g, want %.12g", want.names[i], got.values[i], v)
		}
	}
}

func ones(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

// rows picks rows of a model, in the order given, some perhaps more than once.
func rows(c Cox, index []int) Cox {
	out := c
	floats := func(v []float64) []float64 {
		if v == nil {
			return nil
		}
		out := make([]float64, 0, len(index))
		for _, i := range index {
			out = append(out, v[i])
		}
		return out
	}
	ints := func(v []int) []int {
		if v == nil {
			return nil
		}
		out := make([]int, 0, len(index))
		for _, i := range index {
			out = append(out, v[i])
		}
		return out
	}
	out.Start, out.Stop, out.Weight = floats(c.Start), floats(c.Stop), floats(c.Weight)
	out.Stratum, out.Cluster = ints(c.Stratum), ints(c.Cluster)
	out.Event = nil
	for _, i := range index {
		out.Event = append(out.Event, c.Event[i])
	}
	out.Covariates = nil
	for _, v := range c.Covariates {
		out.Covariates = append(out.Covariates, Covariate{v.Name, floats(v.Values)})
	}
	return out
}

var every = []Transform{KM, Rank, Identity}

func TestRowsInAnotherOrderGiveTheSameAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		c.Robust = c.Start == nil
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 2))
		x, unit := make([]float64, len(c.Covariates)), ones(len(c.Covariates))
		same(t, answer(t, rows(c, r.Perm(len(c.Stop))), unit, x, every...), answer(t, c, unit, x, every...))
	})
}

func TestTimeInAnotherUnitGivesTheSameAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		k := rapid.SampledFrom([]float64{1e8, 1e-8, 1 / 365.25, 7}).Draw(t, "unit")
		shift := rapid.SampledFrom([]float64{0, 1e6, -3}).Draw(t, "shift")
		d := c
		d.Start, d.Stop = nil, nil
		for i := range c.Stop {
			d.Stop = append(d.Stop, (c.Stop[i]+shift)*k)
			if c.Start != nil {
				d.Start = append(d.Start, (c.Start[i]+shift)*k)
			}
		}
		x, unit := make([]float64, len(c.Covariates)), ones(len(c.Covariates))
		same(t, answer(t, d, unit, x, every...), answer(t, c, unit, x, every...))
	})
}

func TestCovariatesInAnotherUnitScaleTheirCoefficients(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		c.Robust = c.Start == nil
		d := c
		d.Covariates = nil
		unit, x := ones(len(c.Covariates)), make([]float64, len(c.Covariates))
		for a, v := range c.Covariates {
			k := rapid.SampledFrom([]float64{1e8, -1e-8, 3}).Draw(t, "unit")
			shift := rapid.SampledFrom([]float64{0, 1e4, -7}).Draw(t, "shift")
			unit[a], x[a] = k, shift*k
			w := Covariate{Name: v.Name}
			for _, y := range v.Values {
				w.Values = append(w.Values, (y+shift)*k)
			}
			d.Covariates = append(d.Covariates, w)
		}
		got, want := answer(t, d, unit, x, every...), answer(t, c, ones(len(unit)), make([]float64, len(x)), every...)
		if got != nil {
			for i := range got.values[:3*len(unit)] {
				if i%3 > 0 {
					got.values[i] = math.Abs(got.values[i]) // an error has no sign
				}
			}
		}
		same(t, got, want)
	})
}

func TestAWholeWeightIsThatManyRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		if c.Weighting == Sampling || c.Weight == nil {
			c.Weighting, c.Weight = Repeats, nil
			for range c.Stop {
				c.Weight = append(c.Weight, float64(rapid.IntRange(0, 3).Draw(t, "weight")))
			}
		}
		c.Robust = c.Start == nil
		var index []int
		for i, w := range c.Weight {
			for range int(w) {
				index = append(index, i)
			}
		}
		d := rows(c, index)
		d.Weight = nil
		if len(index) == 0 {
			return
		}
		x, unit := make([]float64, len(c.Covariates)), ones(len(c.Covariates))
		same(t, answer(t, c, unit, x, every...), answer(t, d, unit, x, every...))
		sameKaplanMeier(t, c.Spells, d.Spells)
		sameLogRank(t, c, d)
	})
}

// cut splits some rows into pieces that say the same.
func cut(t *rapid.T, c Cox) (pieces Cox, of []int) {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "cuts"), 3))
	var index []int
	var start, stop []float64
	var event []bool
	for i, end := range c.Stop {
		begin := math.Inf(-1)
		if c.Start != nil {
			begin = c.Start[i]
		}
		for range r.IntN(3) {
			at := end - 1 - float64(r.IntN(10))
			if at > begin {
				index, start, stop, event = append(index, i), append(start, begin), append(stop, at), append(event, false)
				begin = at
			}
		}
		index, start, stop, event = append(index, i), append(start, begin), append(stop, end), append(event, c.Event[i])
	}
	pieces = rows(c, index)
	pieces.Start, pieces.Stop, pieces.Event = start, stop, event
	return pieces, index
}

func TestPiecesOfTimeSayWhatTheWholeSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		d, of := cut(t, c)
		for i := range c.Stop {
			c.Cluster = append(c.Cluster, i)
		}
		d.Cluster = of
		x, unit := make([]float64, len(c.Covariates)), ones(len(c.Covariates))
		got, want := answer(t, d, unit, x, KM, Identity), answer(t, c, unit, x, KM, Identity)
		if got != nil && want != nil {
			for i, name := range got.names {
				if name == "n" {
					got.values[i] = want.values[i] // rows are counted as they are
				}
			}
		}
		same(t, got, want)
	})
}

func TestOneStratumIsNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		c.Stratum = nil
		d := c
		d.Stratum = make([]int, len(c.Stop))
		x, unit := make([]float64, len(c.Covariates)), ones(len(c.Covariates))
		same(t, answer(t, d, unit, x, every...), answer(t, c, unit, x, every...))
		group := make([]int, len(c.Stop))
		for i := range group {
			group[i] = i % 3
		}
		if c.Weighting == Repeats {
			a, errA := LogRank(c.Spells, group, nil)
			b, errB := LogRank(c.Spells, group, d.Stratum)
			if (errA == nil) != (errB == nil) || a.Statistic != b.Statistic {
				t.Fatal(a, errA, b, errB)
			}
		}
	})
}

func sameKaplanMeier(t *rapid.T, a, b Spells) {
	for _, kind := range []Interval{Log, LogLog, Plain} {
		x, errX := KaplanMeier(a, kind, 0.9)
		y, errY := KaplanMeier(b, kind, 0.9)
		if (errX == nil) != (errY == nil) {
			t.Fatal(errX, errY)
		}
		if errX != nil {
			return
		}
		if len(x.Points) != len(y.Points) || x.Median() != y.Median() {
			t.Fatal(x, y)
		}
		for i, p := range x.Points {
			q := y.Points[i]
			if fmt.Sprintf("%.10g", p) != fmt.Sprintf("%.10g", q) {
				t.Fatal(p, q)
			}
		}
	}
}

func sameLogRank(t *rapid.T, a, b Cox) {
	groups := func(c Cox) []int {
		var g []int
		for _, x := range c.Covariates[0].Values {
			g = append(g, int(math.Floor(x)))
		}
		return g
	}
	x, errX := LogRank(a.Spells, groups(a), a.Stratum)
	y, errY := LogRank(b.Spells, groups(b), b.Stratum)
	if (errX == nil) != (errY == nil) || errX == nil && (x.DF != y.DF || math.Abs(x.Statistic-y.Statistic) > 1e-9*(1+x.Statistic)) {
		t.Fatal(x, errX, y, errY)
	}
}

// at gives the package's likelihood at coefficients in the covariates' own units, with what it has for them in those units.
func at(f *Fit, beta []float64) (value float64, score, info []float64) {
	p := len(beta)
	scaled := make([]float64, p)
	for a := range p {
		scaled[a] = beta[a] * f.scale[a]
	}
	e := f.sweep.evaluate(scaled)
	k := 0
	for a := range p {
		score = append(score, e.score[a]*f.scale[a])
		for b := range a + 1 {
			info = append(info, e.info[k]*f.scale[a]*f.scale[b])
			k++
		}
	}
	return e.value, score, info
}

func TestLikelihoodGradientAndInformationAreThoseOfAllPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		_, f, err := c.prepare()
		if err != nil {
			return
		}
		beta := make([]float64, len(c.Covariates))
		for a := range beta {
			beta[a] = rapid.Float64Range(-3, 3).Draw(t, "beta")
		}
		value, score, info := at(f, beta)
		wantValue, wantScore, wantInfo := naiveLikelihood(c, beta)
		// The package's value lacks Σ weight·β·centre, which is in both terms of every factor.
		close := func(what string, got, want, scale float64) {
			if !(math.Abs(got-want) <= 1e-9*(1+scale)) {
				t.Fatalf("%s: %.15g, want %.15g", what, got, want)
			}
		}
		close("value", value, wantValue, math.Abs(wantValue))
		k := 0
		for a := range beta {
			close("score", score[a], wantScore[a], float64(len(c.Stop)))
			for b := range a + 1 {
				close("information", info[k], wantInfo.At(a, b), float64(len(c.Stop)))
				k++
			}
		}
	})
}

func TestGradientAndInformationAreFiniteDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		_, f, err := c.prepare()
		if err != nil {
			return
		}
		p := len(c.Covariates)
		beta := make([]float64, p)
		for a := range beta {
			beta[a] = rapid.Float64Range(-2, 2).Draw(t, "beta")
		}
		_, score, info := at(f, beta)
		const h = 1e-5
		scale := 0.0
		for _, w := range ones(len(c.Stop)) {
			scale += w * 4
		}
		for a := range p {
			up, down := append([]float64(nil), beta...), append([]float64(nil), beta...)
			up[a] += h
			down[a] -= h
			valueUp, scoreUp, _ := at(f, up)
			valueDown, scoreDown, _ := at(f, down)
			if d := (valueUp - valueDown) / (2 * h); !(math.Abs(d-score[a]) <= 1e-6*scale) {
				t.Fatalf("score %v, difference %v", score[a], d)
			}
			for b := range a + 1 {
				if d := (scoreDown[b] - scoreUp[b]) / (2 * h); !(math.Abs(d-info[a*(a+1)/2+b]) <= 1e-6*scale) {
					t.Fatalf("information %v, difference %v", info[a*(a+1)/2+b], d)
				}
			}
		}
	})
}

func TestConcordanceIsThatOfAllPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		score := c.Covariates[len(c.Covariates)-1].Values
		got, err := Concord(c.Spells, score, c.Stratum, nil)
		value, se, ok := naiveConcordance(c, score)
		if (err == nil) != ok {
			t.Fatal(err, ok)
		}
		if ok && (!(math.Abs(got.Value-value) <= 1e-12) || !(math.Abs(got.SE-se) <= 1e-10)) {
			t.Fatal(got, value, se)
		}
	})
}

func TestProportionalityIsTheScoreTestOfTheLargerModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		fit, err := c.Fit()
		if err != nil {
			return
		}
		got, err := fit.Proportional(Identity)
		if err != nil {
			return
		}
		beta := make([]float64, len(c.Covariates))
		for a, k := range fit.Coefficients {
			beta[a] = k.Value
		}
		mean, n := 0.0, 0.0
		for i, e := range c.Event {
			if e {
				mean, n = mean+c.Stop[i], n+1
			}
		}
		each, global, ok := naiveProportional(c, beta, func(t float64) float64 { return t - mean/n })
		if !ok {
			return
		}
		for a, k := range got.Covariates {
			if !(math.Abs(k.Statistic-each[a]) <= 1e-6*(1+each[a])) {
				t.Fatal(k, each[a])
			}
		}
		if !(math.Abs(got.Global.Statistic-global) <= 1e-6*(1+global)) {
			t.Fatal(got.Global, global)
		}
	})
}

func TestSurvivalIsTheProductOfItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		curve, err := KaplanMeier(c.Spells, LogLog, 0.95)
		if err != nil {
			return
		}
		for _, p := range curve.Points {
			if want := naiveSurvival(c, p.Time); !(math.Abs(p.Survival-want) <= 1e-12) {
				t.Fatal(p, want)
			}
			if p.Survival > 0 && !(p.Low >= 0 && p.Low <= p.Survival && p.Survival <= p.High && p.High <= 1) {
				t.Fatal(p)
			}
		}
	})
}

// Without ties, the log-rank statistic of two groups is the score test of a Cox model with an indicator of the group.
func TestLogRankIsTheScoreTestWithoutTies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		c.Weight, c.Weighting = nil, Repeats
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "times"), 4))
		group := make([]int, len(c.Stop))
		indicator := Covariate{Name: "group"}
		for i := range c.Stop {
			c.Stop[i] = r.Float64()
			if c.Start != nil {
				c.Start[i] = c.Stop[i] - 0.01 - r.Float64()
			}
			group[i] = r.IntN(2)
			indicator.Values = append(indicator.Values, float64(group[i]))
		}
		c.Covariates = []Covariate{indicator}
		_, f, err := c.prepare()
		got, errRank := LogRank(c.Spells, group, c.Stratum)
		if err != nil || errRank != nil {
			return
		}
		null := f.sweep.evaluate([]float64{0})
		if want := null.score[0] * null.score[0] / null.info[0]; !(math.Abs(got.Statistic-want) <= 1e-9*(1+want)) {
			t.Fatal(got, want)
		}
	})
}

func TestResidualsSumToNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := world(t)
		fit, err := c.Fit()
		if err != nil {
			return
		}
		r := fit.Residuals()
		sum, score, size := 0.0, make([]float64, len(c.Covariates)), 1.0
		for i, m := range r.Martingale {
			if w := c.weightOf(i); w > 0 {
				sum += w * m
				size += w * math.Abs(m)
				for a := range score {
					score[a] += w * r.Score[a][i]
					size += w * math.Abs(r.Score[a][i])
				}
			}
		}
		for _, v := range append(score, sum) {
			if !(math.Abs(v) <= 1e-6*size) {
				t.Fatal(score, sum)
			}
		}
		for _, s := range fit.Schoenfeld() {
			if !c.Event[s.Row] {
				t.Fatal("a residual of a row without the event")
			}
		}
	})
}
