package voice_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
	"github.com/throughline/throughline/voice"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.12g, want %.12g within %g", what, got, want, tolerance)
	}
}

// Rocks (2016), computed apart in Python.
func TestPointsMatchRocks2016(t *testing.T) {
	var cases []struct {
		P, N, D     int64
		NPS         float64
		Variance    float64 `json:"var_unit"`
		SE          float64 `json:"se_wald"`
		Wald        [2]float64
		SampleSE    float64    `json:"se_n1"`
		Adjusted    float64    `json:"adj_nps"`
		AdjustedSE  float64    `json:"adj_se"`
		AdjustedEnd [2]float64 `json:"adj"`
	}
	oracle.Expect(t, "nps.small_cases", &cases)
	if len(cases) != 7 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		got, err := voice.Counts{Top: c.P, Middle: c.N, Bottom: c.D}.Points()
		if err != nil {
			t.Fatal(err)
		}
		for what, pair := range map[string][2]float64{
			"score": {got.Value, c.NPS}, "variance": {got.Variance, c.Variance}, "error": {got.SE, c.SE}, "error by n − 1": {got.SampleSE, c.SampleSE},
			"Wald from": {got.WaldLow, c.Wald[0]}, "Wald to": {got.WaldHigh, c.Wald[1]}, "adjusted": {got.Adjusted, c.Adjusted}, "adjusted error": {got.AdjustedSE, c.AdjustedSE},
			"from": {got.Low, c.AdjustedEnd[0]}, "to": {got.High, c.AdjustedEnd[1]},
		} {
			near(t, what, pair[0], pair[1], 1e-6)
		}
	}
}

func TestTheDifferenceOfTwoGroupsMatchesItsOracle(t *testing.T) {
	var want struct {
		A, B           [3]int64
		Diff, SE, Z, P float64
	}
	oracle.Expect(t, "nps.difference", &want)
	d, err := voice.Between(voice.Counts{Top: want.A[0], Middle: want.A[1], Bottom: want.A[2]}, voice.Counts{Top: want.B[0], Middle: want.B[1], Bottom: want.B[2]})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "difference", d.Value, want.Diff, 1e-8)
	near(t, "error", d.SE, want.SE, 1e-8)
	near(t, "z", d.Statistic, want.Z, 1e-8)
	near(t, "p", d.P, want.P, 1e-8)
}

func TestNeededAnswersMatchTheirOracle(t *testing.T) {
	var cases []struct {
		P, D, MOE float64
		N         int64
	}
	oracle.Expect(t, "nps.sample_size", &cases)
	for _, c := range cases {
		if n, err := voice.Needed(c.P, c.D, 100*c.MOE); err != nil || n != c.N {
			t.Errorf("±%v: %d (%v), want %d", c.MOE, n, err, c.N)
		}
	}
	// By hand: (1.959964 ÷ 0.05)² = 1536.6.
	if n, err := voice.Needed(math.NaN(), math.NaN(), 5); err != nil || n != 1537 {
		t.Errorf("worst case: %d (%v), want 1537", n, err)
	}
}

type raking struct {
	NPS  float64
	SE   float64 `json:"se_n"`
	SE1  float64 `json:"se_n1"`
	Rake struct {
		Margins map[string]map[string]float64
		NPS     float64
		SE      float64 `json:"se_linearised_survey"`
		Cells   []struct {
			Segment, Region string
			X               float64
		} `json:"cell_weights"`
		Kish  float64 `json:"kish_neff"`
		Deff  float64 `json:"deff_kish"`
		Naive float64 `json:"se_weighted_naive"`
	}
}

// survey reads nps_survey.csv as a sample of weight 10 each, and the margins of the oracle.
func survey(t *testing.T, want raking) (s voice.Sample, columns map[string][]string) {
	t.Helper()
	columns = oracle.Columns(t, "nps_survey.csv")
	q, err := voice.Ask("nps", "")
	if err != nil {
		t.Fatal(err)
	}
	s.Question = q
	for _, cell := range columns["score"] {
		x, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			t.Fatal(err)
		}
		s.Scores, s.Weights = append(s.Scores, x), append(s.Weights, 10)
	}
	for _, name := range []string{"segment", "region"} {
		m := voice.Margin{Name: name}
		place := map[string]int{}
		for _, cell := range columns[name] {
			if _, ok := place[cell]; !ok {
				place[cell] = len(m.Categories)
				m.Categories, m.Targets = append(m.Categories, cell), append(m.Targets, want.Rake.Margins[name][cell])
			}
			m.Of = append(m.Of, place[cell])
		}
		s.Margins = append(s.Margins, m)
	}
	return s, columns
}

// R's survey 4.1: rake and svymean, on simulated data of 400 answers.
func TestRakingMatchesRsSurvey(t *testing.T) {
	var want raking
	oracle.Expect(t, "nps.raking", &want)
	s, columns := survey(t, want)
	r, err := s.Read()
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Of(voice.All)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "score", got.Net.Value, want.Rake.NPS, 1e-5)
	near(t, "linearised error", got.Net.SE, want.Rake.SE, 1e-5)
	near(t, "Kish's number", got.Kish, want.Rake.Kish, 1e-5)
	near(t, "design effect", got.DesignEffect, want.Rake.Deff, 1e-5)
	for _, cell := range want.Rake.Cells {
		for i := range r.Weights {
			if columns["segment"][i] == cell.Segment && columns["region"][i] == cell.Region {
				near(t, "weight of "+cell.Segment+" "+cell.Region, r.Weights[i], cell.X, 1e-4)
				break
			}
		}
	}
	// The same weights, taken as they are: the error that does not know of the margins.
	naive := voice.Sample{Question: s.Question, Scores: s.Scores, Weights: r.Weights}
	n, err := naive.Read()
	if err != nil {
		t.Fatal(err)
	}
	if got, err = n.Of(0); err != nil {
		t.Fatal(err)
	}
	near(t, "weighted score", got.Net.Value, want.Rake.NPS, 1e-5)
	near(t, "weighted error", got.Net.SE, want.Rake.Naive, 1e-5)
	near(t, "Kish's number", got.Kish, want.Rake.Kish, 1e-5)
	plain := voice.Sample{Question: s.Question, Scores: s.Scores}
	if n, err = plain.Read(); err != nil {
		t.Fatal(err)
	}
	if got, err = n.Of(0); err != nil {
		t.Fatal(err)
	}
	near(t, "plain score", got.Net.Value, want.NPS, 1e-5)
	near(t, "plain error", got.Net.SE, want.SE, 1e-5)
	near(t, "error by n − 1", got.Points.SampleSE, want.SE1, 1e-5)
}
