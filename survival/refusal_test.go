package survival

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
)

func refused(t *testing.T, what string, err error, says string) {
	t.Helper()
	var r evidence.Refusal
	switch {
	case err == nil:
		t.Errorf("%s is not refused", what)
	case !errors.As(err, &r):
		t.Errorf("%s: %v is not a refusal", what, err)
	case r.Need == "" || !strings.Contains(r.Reason, says):
		t.Errorf("%s: %q, need %q; want it to say %q", what, r.Reason, r.Need, says)
	}
}

func yes(n int) []bool {
	v := make([]bool, n)
	for i := range v {
		v[i] = true
	}
	return v
}

func TestCoxRefusesWhatHasNoAnswer(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n := 60
	stop, noise, more := make([]float64, n), make([]float64, n), make([]float64, n)
	half, sum, constant, late, far := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	event := yes(n)
	for i := range n {
		stop[i] = float64(1 + r.IntN(20))
		noise[i], more[i] = r.NormFloat64(), r.NormFloat64()
		half[i] = float64(i % 2)
		sum[i] = 2*noise[i] - more[i]/3 + 5
		constant[i] = 1e8
		event[i] = i%3 > 0
		if !event[i] {
			far[i] = 1 + r.Float64()
		}
		if stop[i] < 2 && !event[i] {
			late[i] = 1
		}
	}
	fit := func(covariates ...Covariate) error {
		_, err := Cox{Spells: Spells{Stop: stop, Event: event}, Covariates: covariates}.Fit()
		return err
	}
	x, y := Covariate{"noise", noise}, Covariate{"more", more}
	if err := fit(x, y, Covariate{"half", half}); err != nil {
		t.Fatal(err)
	}
	refused(t, "no covariate", fit(), "no covariates")
	refused(t, "a constant", fit(x, Covariate{"same", constant}), "covariate same: it is 1e+08 in every row")
	refused(t, "the same twice", fit(x, Covariate{"again", noise}), "covariate again: it follows from noise")
	refused(t, "a sum of others", fit(x, Covariate{"half", half}, y, Covariate{"sum", sum}), "covariate sum: it follows from noise and more")
	refused(t, "two of a name", fit(x, Covariate{"noise", more}), "there are two of the name")
	refused(t, "never with the event", fit(x, Covariate{"far", far}), "covariate far: its coefficient runs to infinity, because (almost) every event falls on the smallest")
	nan := append([]float64(nil), noise...)
	nan[7] = math.NaN()
	refused(t, "not a number", fit(Covariate{"gap", nan}), "covariate gap: row 8: NaN")
	nan[7] = math.Inf(-1)
	refused(t, "an infinity", fit(Covariate{"gap", nan}), "covariate gap: row 8: -Inf")
	refused(t, "too short", fit(Covariate{"short", noise[1:]}), "covariate short: 59 values for 60 rows")

	_, err := Cox{Spells: Spells{Stop: stop, Event: make([]bool, n)}, Covariates: []Covariate{x}}.Fit()
	refused(t, "nobody with the event", err, "no row has the event")
	_, err = Cox{Spells: Spells{Stop: stop[:3], Event: []bool{true, false, false}}, Covariates: []Covariate{{"a", noise[:3]}, {"b", more[:3]}}}.Fit()
	refused(t, "fewer events than covariates", err, "1 events for 2 covariates")
	_, err = Cox{Spells: Spells{Stop: stop[:1], Event: yes(1)}, Covariates: []Covariate{{"a", noise[:1]}}}.Fit()
	refused(t, "one row", err, "covariate a")
	_, err = Cox{Spells: Spells{Stop: stop, Event: event}, Covariates: []Covariate{x}, Stratum: codes(stop)}.Fit()
	if err != nil {
		t.Error("strata that are times: ", err)
	}
	alone := make([]int, n)
	for i := range alone {
		alone[i] = i
	}
	_, err = Cox{Spells: Spells{Stop: stop, Event: event}, Covariates: []Covariate{x}, Stratum: alone}.Fit()
	refused(t, "each row its own stratum", err, "covariate noise: it hardly varies")
	_, err = Cox{Spells: Spells{Stop: stop, Event: event}, Covariates: []Covariate{x}, Cluster: make([]int, n)}.Fit()
	refused(t, "one cluster", err, "all rows are of one cluster")
	start := make([]float64, n)
	_, err = Cox{Spells: Spells{Start: start, Stop: stop, Event: event}, Covariates: []Covariate{x}, Robust: true}.Fit()
	refused(t, "robust pieces of nobody", err, "pieces of one subject")
	start[4] = 1e9
	_, err = Cox{Spells: Spells{Start: start, Stop: stop, Event: event}, Covariates: []Covariate{x}}.Fit()
	refused(t, "a start after the stop", err, "row 5: it starts at 1e+09")
	_, err = Cox{Spells: Spells{Stop: stop, Event: event, Weight: noise}, Covariates: []Covariate{x}}.Fit()
	refused(t, "weights below 0", err, "the weight")
	_, err = Cox{Spells: Spells{Stop: stop, Event: event, Weight: make([]float64, n)}, Covariates: []Covariate{x}}.Fit()
	refused(t, "no weight at all", err, "every row has weight 0")
	for i := range stop {
		start[i], stop[i] = 0, 5
	}
	m := Cox{Spells: Spells{Stop: stop, Event: event}, Covariates: []Covariate{x}}
	all, err := m.Fit()
	if err != nil {
		t.Fatal("all at one time: ", err)
	}
	_, err = all.Proportional(KM)
	refused(t, "proportionality at one time", err, "all events are at one time")
	_, err = all.Classic(Identity)
	refused(t, "classic at one time", err, "all events are at one time")
	_, err = all.Hazard([]float64{1}, 3)
	refused(t, "a stratum that is not there", err, "stratum 3")
	_, err = all.Hazard([]float64{1, 2}, 0)
	refused(t, "too many values", err, "2 values for 1 covariates")
	m.Stop = append([]float64(nil), stop...)
	m.Stop[2], m.Event = 0, yes(n)
	zero, err := m.Fit()
	if err != nil {
		t.Fatal(err)
	}
	_, err = zero.Proportional(LogTime)
	refused(t, "the logarithm of 0", err, "an event is at the time 0")
}

// Separation by one covariate, by two together, by none of them alone, in strata and with late entry.
func TestCoxRefusesCoefficientsThatRunToInfinity(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		n := 50
		c := Cox{}
		a, b, noise := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			a[i], b[i], noise[i] = r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
			c.Stop = append(c.Stop, 10-(a[i]+2*b[i])) // the order of events is the order of a + 2b
			c.Event = append(c.Event, r.Float64() < 0.7)
			if seed%2 == 1 {
				c.Start = append(c.Start, c.Stop[i]-5*r.Float64()-0.1)
			}
			if seed%4 >= 2 {
				c.Stratum = append(c.Stratum, i%2)
			}
		}
		c.Covariates = []Covariate{{"a", a}, {"noise", noise}, {"b", b}}
		_, err := c.Fit()
		refused(t, "a + 2b", err, "run to infinity")
		if err != nil && (!strings.Contains(err.Error(), "a and b") && !strings.Contains(err.Error(), "a, noise and b")) {
			t.Error(err)
		}
		c.Covariates = []Covariate{{"a", a}, {"noise", noise}}
		if _, err := c.Fit(); err != nil {
			t.Error(seed, err)
		}
		if seed%2 == 0 {
			first := make([]float64, n) // only the rows that go first
			for i, s := range c.Stop {
				if s < 8 && c.Event[i] {
					first[i] = 1
				}
			}
			c.Covariates = []Covariate{{"noise", noise}, {"first", first}}
			_, err := c.Fit()
			if err == nil || !strings.Contains(err.Error(), "infinity") {
				// Not separated where a censored row at risk ties with them in no time; the likelihood then has a maximum.
				if c.Stratum == nil {
					t.Error(seed, err)
				}
			}
		}
	}
}

func TestCoxStandsHugeAndSkewedCovariates(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	n := 400
	c := Cox{}
	spend, flag, huge := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		spend[i] = math.Exp(3 * r.NormFloat64())
		flag[i] = float64(r.IntN(2))
		huge[i] = 1e8 + math.Round(100*r.NormFloat64())
		c.Stop = append(c.Stop, 1e8+math.Round(100*r.ExpFloat64()*math.Exp(-flag[i])))
		c.Event = append(c.Event, r.IntN(4) > 0)
	}
	c.Covariates = []Covariate{{"spend", spend}, {"flag", flag}, {"huge", huge}}
	far, err := c.Fit()
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		huge[i] -= 1e8
		c.Stop[i] -= 1e8
	}
	nearby, err := c.Fit()
	if err != nil {
		t.Fatal(err)
	}
	for a, k := range nearby.Coefficients {
		near(t, k.Covariate, far.Coefficients[a].Value, k.Value, 1e-7*k.SE)
		near(t, k.Covariate, far.Coefficients[a].SE, k.SE, 1e-7*k.SE)
	}
	// One row at 1e8 that is censored late: whatever it does, the fit is finite or refused.
	spend[0], c.Stop[0], c.Event[0] = 1e8, 1e4, false
	fit, err := c.Fit()
	if err != nil {
		refused(t, "an outlier", err, "spend")
		return
	}
	for _, k := range fit.Coefficients {
		if math.IsNaN(k.Value) || !(k.SE > 0) || math.IsInf(k.SE, 0) {
			t.Errorf("%+v", k)
		}
	}
}

func TestCurvesRefuseOrSayWhatTheyCannotTell(t *testing.T) {
	_, err := KaplanMeier(Spells{}, Log, 0.95)
	refused(t, "no rows", err, "no rows")
	_, err = KaplanMeier(Spells{Stop: []float64{1, math.NaN()}, Event: yes(2)}, Log, 0.95)
	refused(t, "no time", err, "row 2: the time NaN")
	_, err = KaplanMeier(Spells{Stop: []float64{1, 2}, Event: yes(2), Weight: []float64{1, 0.5}}, Log, 0.95)
	refused(t, "half a row", err, "row 2: the weight 0.5")
	if _, err = KaplanMeier(Spells{Stop: []float64{1, 2}, Event: yes(1)}, Log, 0.95); err == nil {
		t.Error("columns of unequal length")
	}
	if _, err = KaplanMeier(Spells{Stop: []float64{1}, Event: yes(1)}, Log, 95); err == nil {
		t.Error("a level of 95")
	}

	// One subject, with and without the event.
	one, err := KaplanMeier(Spells{Stop: []float64{3}, Event: yes(1)}, Log, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if m := one.Median(); m.Value != 3 || !math.IsInf(m.High, 1) {
		t.Error(m)
	}
	if p, err := one.At(100); err != nil || p.Survival != 0 || !math.IsNaN(p.SE) {
		t.Error(p, err)
	}
	if m, err := one.RestrictedMean(math.Inf(1)); err != nil || m.Value != 3 {
		t.Error(m, err)
	}
	gone, err := KaplanMeier(Spells{Stop: []float64{3, 4}, Event: make([]bool, 2)}, LogLog, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if m := gone.Median(); !math.IsInf(m.Value, 1) || !math.IsInf(m.Low, 1) {
		t.Error(m)
	}
	if p, err := gone.At(3.5); err != nil || p.Survival != 1 || p.AtRisk != 1 {
		t.Error(p, err)
	}
	_, err = gone.At(5)
	refused(t, "after the end", err, "nobody was seen after 4")
	_, err = gone.RestrictedMean(5)
	refused(t, "a mean after the end", err, "nobody was seen after 4")
	if m, err := gone.Held(5).RestrictedMean(5); err != nil || m.Value != 5 || m.SE != 0 {
		t.Error(m, err)
	}
	_, err = gone.Remaining(2, 1)
	refused(t, "a limit before the beginning", err, "the limit is before the beginning")

	// Hand calculation: events at −1 and 2 of rows that stop at −1, 0 (censored), 2, 3 (censored). S is 3/4, then 3/8. From −1, where
	// time begins, the area to 3 is 0·1 + 3·3/4 + 1·3/8 = 2.625, so the mean is 1.625.
	s := Spells{Stop: []float64{2, -1, 3, 0}, Event: []bool{true, true, false, false}}
	c, err := KaplanMeier(s, Plain, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := c.RestrictedMean(3); err != nil || math.Abs(m.Value-1.625) > 1e-15 {
		t.Error(m, err)
	}
	if m := c.Median(); m.Value != 2 {
		t.Error(m)
	}
	// Of those left at 0, half have the event at 2 and the rest go on to 3: a mean of 2.5.
	if m, err := c.Remaining(0, 3); err != nil || math.Abs(m.Value-2.5) > 1e-15 {
		t.Error(m, err)
	}

	_, err = LogRank(s, []int{1, 1, 1, 1}, nil)
	refused(t, "one group", err, "one group")
	_, err = LogRank(Spells{Stop: s.Stop, Event: make([]bool, 4)}, []int{1, 2, 1, 2}, nil)
	refused(t, "no events", err, "no row has the event")
	_, err = LogRank(Spells{Stop: s.Stop, Event: s.Event, Weight: []float64{1, 1, 1, 1.5}, Weighting: Sampling}, []int{1, 2, 1, 2}, nil)
	refused(t, "sampling weights", err, "not counts")
	_, err = LogRank(Spells{Stop: s.Stop, Event: s.Event}, []int{1, 2, 1, 2}, []int{1, 2, 1, 2})
	refused(t, "groups that never meet", err, "two groups")
	_, err = Concord(Spells{Stop: []float64{1, 1}, Event: yes(2)}, []float64{1, 2}, nil, nil)
	refused(t, "no pairs", err, "no two rows")
	_, err = Concord(s, []float64{1, math.NaN(), 2, 3}, nil, nil)
	refused(t, "no score", err, "row 2")
}

// 0.1 + 0.2 is not 0.3 in binary, but it is the same day.
func TestTimesThatDifferByRoundingAreOne(t *testing.T) {
	third := 0.1
	third += 0.2 // not folded by the compiler, which computes exactly
	c, err := KaplanMeier(Spells{Stop: []float64{third, 0.3, 0.5}, Event: yes(3)}, Log, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Points) != 2 || c.Points[0].Events != 2 || c.Points[0].Time != 0.3 {
		t.Errorf("%+v", c.Points)
	}
	// A row that begins when another ends is not at risk then.
	late, err := KaplanMeier(Spells{Start: []float64{0, third}, Stop: []float64{0.3, 1}, Event: yes(2)}, Log, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if late.Points[0].AtRisk != 1 {
		t.Errorf("%+v", late.Points)
	}
	_, err = KaplanMeier(Spells{Start: []float64{0.3}, Stop: []float64{third}, Event: yes(1)}, Log, 0.95)
	refused(t, "no time at all", err, "differ by rounding alone")
	// Whole seconds since 1970 stay apart.
	far, err := KaplanMeier(Spells{Stop: []float64{1.7e9, 1.7e9 + 1, 1.7e9 + 2}, Event: yes(3)}, Log, 0.95)
	if err != nil || len(far.Points) != 3 {
		t.Error(far, err)
	}
}

// Few keys are sorted otherwise than many.
func TestManyKeysAreSortedAsFewAre(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	keys := make([]float64, 20_000)
	for i := range keys {
		keys[i] = math.Round(1000*r.NormFloat64()) * math.Pow(10, float64(r.IntN(40)-20))
	}
	keys[0], keys[1], keys[2], keys[3] = math.Inf(-1), math.Copysign(0, -1), 0, math.MaxFloat64
	order := argsort(keys)
	for k := range order[1:] {
		i, j := order[k], order[k+1]
		if keys[i] > keys[j] || keys[i] == keys[j] && i > j {
			t.Fatal(i, keys[i], j, keys[j])
		}
	}
}
