package survival

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
)

func TestFiguresAreEstimatesOrRefusals(t *testing.T) {
	s := Spells{Stop: []float64{1, 2, 2, 3, 4, 5, 6, 8}, Event: []bool{true, true, false, true, true, false, true, false}}
	c, err := KaplanMeier(s, LogLog, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	x := Covariate{"x", []float64{2, 1, 0, 1, 2, 0, 1, 0}}
	fit, err := Cox{Spells: s, Covariates: []Covariate{x}}.Fit()
	if err != nil {
		t.Fatal(err)
	}
	curve, err := fit.Survival([]float64{1}, 0, Log, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]evidence.Figure{
		"survival": c.Figure(3), "mean": c.MeanFigure(6), "hazard ratio": fit.Figure("x", 0.95), "prediction": curve.Figure(3),
	} {
		e, ok := f.Estimate()
		if !ok || e.Low.Cmp(e.Value) > 0 || e.High.Cmp(e.Value) < 0 || e.N != 8 {
			t.Errorf("%s: %+v, %v", name, e, f.Err())
		}
	}
	for says, f := range map[string]evidence.Figure{
		"nobody was seen after 8":             c.Figure(9),
		"the upper end of its interval":       c.MedianFigure(),
		"mean time to 9: nobody was seen":     c.MeanFigure(9),
		"the model has none of the name":      fit.Figure("y", 0.95),
		"level 2 is not between":              fit.Figure("x", 2),
		"it has no standard error here":       curve.MeanFigure(6),
		"survival at 3: nobody is left":       first(t, Spells{Stop: []float64{1, 2}, Event: yes(2)}).Figure(3),
		"the median is not reached by 2, the": first(t, Spells{Stop: []float64{1, 2}, Event: make([]bool, 2)}).MedianFigure(),
	} {
		if r, ok := f.Refusal(); !ok || !strings.Contains(r.Reason, says) || r.Need == "" {
			t.Errorf("%q, want it to say %q (%v)", r.Reason, says, f.Err())
		}
	}
}

func first(t *testing.T, s Spells) *Curve {
	t.Helper()
	c, err := KaplanMeier(s, Log, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
