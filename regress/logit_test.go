package regress

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

func TestLogitMatchesSpectorMazzeo(t *testing.T) {
	var want struct {
		Coef, SE              map[string]float64
		LLF, LLNull, McFadden float64
		AMEPSI                float64 `json:"ame_psi"`
	}
	oracle.Expect(t, "logit.spector", &want)
	d, _ := readData(t, "spector.csv").design(nil, "GRADE", "GPA", "TUCE", "PSI")
	f := must[*Likely](t)(Logit(d, Options{}))
	fits(t, &f.Fit, want.Coef, want.SE, 1e-6)
	is(t, "log-likelihood", f.LogLikelihood, want.LLF, 1e-6)
	is(t, "null log-likelihood", f.Null, want.LLNull, 1e-6)
	is(t, "McFadden's R²", f.PseudoR2(), want.McFadden, 1e-6)
	m, _ := f.MarginalEffect("PSI")
	effect, ok := f.DiscreteEffect("PSI")
	t.Log(m, effect)
	if !ok {
		t.Fatal("PSI is 0 and 1, and has no discrete effect")
	}
	is(t, "average effect of PSI", effect, want.AMEPSI, 1e-6)
	if _, ok := f.DiscreteEffect("GPA"); ok {
		t.Error("GPA is not 0 and 1, and has a discrete effect")
	}
}

// Of a single covariate of 0 and 1 the estimate is the log odds ratio of the
// table, and its variance the sum of the reciprocal counts (Woolf, Annals of Human
// Genetics 19, 1955). Table: 10 of 30 at 0, 25 of 40 at 1.
func TestLogitOfATableIsItsLogOddsRatio(t *testing.T) {
	d := Design{Names: []string{"x"}, Outcome: []float64{0, 1, 0, 1}, Covariates: [][]float64{{0, 0, 1, 1}}, Weights: []float64{20, 10, 15, 25}}
	f := must[*Likely](t)(Logit(d, Options{}))
	b, se, _ := f.Coefficient("x")
	is(t, "log odds ratio", b, math.Log(25.0/15)-math.Log(10.0/20), 1e-12)
	is(t, "its error", se, math.Sqrt(1.0/20+1.0/10+1.0/15+1.0/25), 1e-12)
	effect, _ := f.DiscreteEffect("x")
	is(t, "difference of shares", effect, 25.0/40-10.0/30, 1e-12)
}

func TestSeparationIsRefusedByName(t *testing.T) {
	y := []float64{0, 0, 0, 0, 1, 1, 1, 1}
	noise := []float64{3, 1, 4, 1, 5, 9, 2, 6}
	for _, c := range []struct {
		what  string
		names []string
		x     [][]float64
		blame []string
	}{
		{"complete", []string{"noise", "tells"}, [][]float64{noise, {1, 2, 3, 4, 5, 6, 7, 8}}, []string{"tells"}},
		{"quasi-complete", []string{"noise", "tells"}, [][]float64{noise, {1, 2, 3, 4, 4, 6, 7, 8}}, []string{"tells"}},
		{"a dummy with no 0", []string{"noise", "tells"}, [][]float64{noise, {0, 0, 0, 0, 0, 0, 1, 0}}, []string{"tells"}},
		{"a dummy with no 0, far away", []string{"noise", "tells"}, [][]float64{noise, {1e9, 1e9, 1e9, 1e9, 1e9, 1e9, 1e9 + 1, 1e9}}, []string{"tells"}},
		{"of two together", []string{"a", "b"}, [][]float64{{1, 5, 2, 7, 2, 6, 3, 9}, {2, 6, 3, 8, 1, 5, 2, 8}}, []string{"a", "b"}},
	} {
		_, err := Logit(Design{Outcome: y, Names: c.names, Covariates: c.x}, Options{})
		var told *Refusal
		if !errors.As(err, &told) || !strings.Contains(err.Error(), "separation") {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		for _, name := range c.blame {
			if !strings.Contains(told.Why, name) {
				t.Errorf("%s: %v does not name %s", c.what, err, name)
			}
		}
		if strings.Contains(told.Why, "noise") {
			t.Errorf("%s: %v blames noise", c.what, err)
		}
	}
}

// Overlap of one row is no separation, however steep the curve.
func TestSteepLogitIsNotTakenForSeparation(t *testing.T) {
	x, y := []float64{}, []float64{}
	for i := range 2000 {
		x = append(x, float64(i))
		y = append(y, map[bool]float64{true: 1}[i >= 1000])
	}
	y[998], y[1001] = 1, 0
	f := must[*Likely](t)(Logit(Design{Outcome: y, Names: []string{"x"}, Covariates: [][]float64{x}}, Options{}))
	if b, _, _ := f.Coefficient("x"); !(b > 0.3) {
		t.Errorf("slope %v", b)
	}
}

func TestLogitRefuses(t *testing.T) {
	x := [][]float64{{1, 2, 3, 4}}
	for want, y := range map[string][]float64{"row 2: the outcome is 2": {0, 2, 1, 1}, "the outcome is 1 in every row": {1, 1, 1, 1}, "row 1: the outcome is NaN": {math.NaN(), 0, 1, 0}} {
		if _, err := Logit(Design{Outcome: y, Names: []string{"x"}, Covariates: x}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", y, err, want)
		}
	}
	twice := [][]float64{{1, 2, 3, 4, 5, 6}, {3, 5, 7, 9, 11, 13}}
	if _, err := Logit(Design{Outcome: []float64{0, 1, 0, 1, 0, 1}, Names: []string{"x", "twice"}, Covariates: twice}, Options{}); err == nil || !strings.Contains(err.Error(), "twice is a combination of x") {
		t.Errorf("collinear: %v", err)
	}
}
