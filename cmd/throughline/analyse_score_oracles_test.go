package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

type scoreDocument struct {
	Groups []struct {
		Group     string
		N         int
		Value, SE float64
		Low, High float64
		SampleSE  float64 `json:"se_n1"`
		Wald      struct{ Low, High float64 }
		Adjusted  struct{ Value, SE float64 }
		Shares    map[string]float64
		Weights   struct {
			Effective    float64 `json:"kish_effective"`
			DesignEffect float64 `json:"design_effect"`
		}
	}
	Differences []struct{ Value, SE, Statistic, P float64 }
}

func scored(t *testing.T, path string, flags ...string) (d scoreDocument) {
	t.Helper()
	text := done(t, append([]string{"analyse", "score", path, "--question", "nps", "--score", "score", "--json"}, flags...)...)
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Rocks (2016): each case as rows of a file.
func TestAnalyseScoreMatchesRocks2016(t *testing.T) {
	var cases []struct {
		P, N, D      int
		NPS          float64
		SE           float64 `json:"se_wald"`
		SampleSE     float64 `json:"se_n1"`
		Adjusted     float64 `json:"adj_nps"`
		AdjustedSE   float64 `json:"adj_se"`
		Wald         [2]float64
		AdjustedEnds [2]float64 `json:"adj"`
	}
	oracle.Expect(t, "nps.small_cases", &cases)
	for _, c := range cases {
		text := "score\n" + strings.Repeat("9\n", c.P) + strings.Repeat("8\n", c.N) + strings.Repeat("6\n", c.D)
		g := scored(t, plain(t, "answers.csv", text)).Groups[0]
		what := fmt.Sprintf("%d, %d, %d: ", c.P, c.N, c.D)
		within(t, what+"score", g.Value, c.NPS, 1e-6)
		within(t, what+"error", g.SE, c.SE, 1e-6)
		within(t, what+"error by n − 1", g.SampleSE, c.SampleSE, 1e-6)
		within(t, what+"from", g.Low, c.AdjustedEnds[0], 1e-6)
		within(t, what+"to", g.High, c.AdjustedEnds[1], 1e-6)
		within(t, what+"Wald from", g.Wald.Low, c.Wald[0], 1e-6)
		within(t, what+"Wald to", g.Wald.High, c.Wald[1], 1e-6)
		within(t, what+"adjusted", g.Adjusted.Value, c.Adjusted, 1e-6)
		within(t, what+"adjusted error", g.Adjusted.SE, c.AdjustedSE, 1e-6)
	}
	var want struct {
		A, B           [3]int
		Diff, SE, Z, P float64
	}
	oracle.Expect(t, "nps.difference", &want)
	text := "g,score\n"
	for g, c := range map[string][3]int{"a": want.A, "b": want.B} {
		text += strings.Repeat(g+",10\n", c[0]) + strings.Repeat(g+",7\n", c[1]) + strings.Repeat(g+",0\n", c[2])
	}
	d := scored(t, plain(t, "answers.csv", text), "--by", "g", "--against", "b").Differences[0]
	within(t, "difference", d.Value, want.Diff, 1e-8)
	within(t, "its error", d.SE, want.SE, 1e-8)
	within(t, "z", d.Statistic, want.Z, 1e-8)
	within(t, "p", d.P, want.P, 1e-8)
}

// R's survey 4.1: rake and svymean.
func TestAnalyseScoreMatchesRsSurvey(t *testing.T) {
	var want struct {
		N                               int
		Promoters, Passives, Detractors float64
		NPS                             float64
		SE                              float64 `json:"se_n"`
		Rake                            struct {
			Margins map[string]map[string]float64
			NPS     float64
			SE      float64 `json:"se_linearised_survey"`
			Kish    float64 `json:"kish_neff"`
			Deff    float64 `json:"deff_kish"`
		}
	}
	oracle.Expect(t, "nps.raking", &want)
	path := filepath.Join(oracleFolder(t), "data", "nps_survey.csv")
	g := scored(t, path).Groups[0]
	within(t, "score", g.Value, want.NPS, 1e-5)
	within(t, "error", g.SE, want.SE, 1e-5)
	n := float64(want.N)
	for name, k := range map[string]float64{"promoters": want.Promoters, "passives": want.Passives, "detractors": want.Detractors} {
		within(t, name, g.Shares[name], k/n, 1e-9)
	}
	var flags []string
	for column, categories := range want.Rake.Margins {
		var parts []string
		for category, people := range categories {
			parts = append(parts, fmt.Sprintf("%s:%v", category, people))
		}
		flags = append(flags, "--margin", column+"="+strings.Join(parts, ","))
	}
	g = scored(t, path, flags...).Groups[0]
	within(t, "raked score", g.Value, want.Rake.NPS, 1e-5)
	within(t, "linearised error", g.SE, want.Rake.SE, 1e-5)
	within(t, "Kish's number", g.Weights.Effective, want.Rake.Kish, 1e-5)
	within(t, "design effect", g.Weights.DesignEffect, want.Rake.Deff, 1e-5)
}

// The order of a file's rows decides no digit, whatever is asked.
func TestAnalyseScoreGivesTheSameOnTurnedRows(t *testing.T) {
	path := filepath.Join(oracleFolder(t), "data", "nps_survey.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Reverse(lines[1:])
	turned := plain(t, "nps_survey.csv", strings.Join(lines, "\n"))
	for _, flags := range [][]string{
		{"--by", "segment", "--against", "SMB", "--weight", "score"},
		{"--by", "segment", "--customer", "region"},
		{"--margin", "segment=SMB:1600,MID:1200,ENT:1200", "--margin", "region=N:2000,S:2000", "--by", "region", "--against", "N"},
	} {
		run := func(file string) string {
			return done(t, append([]string{"analyse", "score", file, "--question", "nps", "--score", "score", "--json"}, flags...)...)
		}
		if a, b := run(path), run(turned); a != b {
			t.Errorf("%v: %s\nturned %s", flags, a, b)
		}
	}
}
