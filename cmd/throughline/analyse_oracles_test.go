package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// expected reads what an oracle's case expects.
func expected(t *testing.T, id string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(oracleFolder(t), "oracles.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			ID       string
			Expected json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, c := range all.Cases {
		if c.ID == id {
			if err := json.Unmarshal(c.Expected, into); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("there is no oracle %s", id)
}

// oracleDocument runs an instrument on a file of the oracles and reads the document.
func oracleDocument(t *testing.T, into any, instrument, file string, flags ...string) {
	t.Helper()
	args := append([]string{"analyse", instrument, filepath.Join(oracleFolder(t), "data", file), "--json"}, flags...)
	if err := json.Unmarshal([]byte(done(t, args...)), into); err != nil {
		t.Fatal(err)
	}
}

func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.12g, want %.12g within %g", what, got, want, tolerance)
	}
}

type panelDocument struct {
	N, Units, DF float64
	Parameters   map[string]struct{ Value, SE float64 }
	R2           float64 `json:"r2_within"`
}

func TestAnalysePanelMatchesWooldridgeAndBaltagiGriffin(t *testing.T) {
	var scrap struct {
		Precise struct {
			Coef, SE map[string]float64
			R2       float64 `json:"r2_within"`
		}
		Cluster struct{ SE map[string]float64 }
	}
	expected(t, "fe.jtrain_scrap", &scrap)
	flags := []string{"--unit", "fcode", "--time", "year", "--outcome", "lscrap", "--covariates", "d88,d89,grant,grant_1"}
	var d, robust panelDocument
	oracleDocument(t, &d, "panel", "jtrain.csv", flags...)
	oracleDocument(t, &robust, "panel", "jtrain.csv", append(flags, "--cluster", "fcode", "--errors", "cr0")...)
	for name, want := range scrap.Precise.Coef {
		within(t, name, d.Parameters[name].Value, want, 1e-6)
		within(t, "error of "+name, d.Parameters[name].SE, scrap.Precise.SE[name], 1e-6)
		within(t, "clustered error of "+name, robust.Parameters[name].SE, scrap.Cluster.SE[name], 1e-6)
	}
	within(t, "R²", d.R2, scrap.Precise.R2, 1e-6)
	if d.N != 162 || d.Units != 54 || d.DF != 104 {
		t.Errorf("%v rows of %v units, %v degrees of freedom", d.N, d.Units, d.DF)
	}
	var gasoline struct {
		Precise struct {
			Within, Twoways struct{ Coef, SE map[string]float64 }
		}
	}
	expected(t, "elasticity.gasoline", &gasoline)
	flags = []string{"--unit", "country", "--time", "year", "--outcome", "lgaspcar", "--covariates", "lincomep,lrpmg,lcarpcap"}
	var one, two panelDocument
	oracleDocument(t, &one, "panel", "gasoline.csv", flags...)
	oracleDocument(t, &two, "panel", "gasoline.csv", append(flags, "--effects", "two-way")...)
	for name, want := range gasoline.Precise.Within.Coef {
		within(t, name, one.Parameters[name].Value, want, 1e-6)
		within(t, "error of "+name, one.Parameters[name].SE, gasoline.Precise.Within.SE[name], 1e-6)
		within(t, "two-way "+name, two.Parameters[name].Value, gasoline.Precise.Twoways.Coef[name], 1e-6)
		within(t, "two-way error of "+name, two.Parameters[name].SE, gasoline.Precise.Twoways.SE[name], 1e-6)
	}
}

func TestAnalyseChangeMatchesMontgomeryNileAndAirPassengers(t *testing.T) {
	var table struct{ Rows [][]float64 }
	expected(t, "cusum.montgomery", &table)
	var cusum struct {
		Alarms []struct{ Time float64 }
		Path   []struct {
			Time, Value, High, Low float64
			HighRun                float64 `json:"high_run"`
			LowRun                 float64 `json:"low_run"`
		}
	}
	oracleDocument(t, &cusum, "change", "cusum_montgomery.csv", "--time", "i", "--value", "y", "--method", "cusum", "--target", "10", "--sigma", "1")
	for i, row := range table.Rows {
		p := cusum.Path[i]
		for j, got := range []float64{p.Time, p.Value, p.High, p.HighRun, p.Low, p.LowRun} {
			within(t, "a cell of Montgomery's table", got, row[j], 1e-9)
		}
	}
	if len(cusum.Alarms) != 1 || cusum.Alarms[0].Time != 29 {
		t.Errorf("alarms %v, want one at 29", cusum.Alarms)
	}

	var nile struct {
		Last     float64 `json:"expected_runlength_last"`
		Evidence float64 `json:"log_evidence"`
	}
	expected(t, "bocpd.nile", &nile)
	var runs struct {
		Alarms   []struct{ Time, Since float64 }
		Evidence float64 `json:"log_evidence"`
		Path     []struct{ Expected float64 }
	}
	oracleDocument(t, &runs, "change", "nile.csv", "--time", "year", "--value", "flow", "--method", "bocpd", "--prior-mean", "1000", "--prior-weight", "0.01", "--prior-shape", "1", "--prior-scale", "10000", "--gap", "100")
	within(t, "log evidence", runs.Evidence, nile.Evidence, 1e-6)
	within(t, "expected run", runs.Path[99].Expected, nile.Last, 1e-6)
	if len(runs.Alarms) != 1 || runs.Alarms[0].Time != 1902 || runs.Alarms[0].Since != 1899 {
		t.Errorf("alarms %v, want one told in 1902 since 1899", runs.Alarms)
	}

	var air struct {
		Fixed struct {
			SSE    float64
			Pred12 []float64
		} `json:"add_fixed"`
	}
	expected(t, "hw.airpassengers", &air)
	var smooth struct {
		SSE      float64
		Forecast []struct{ Value float64 }
	}
	oracleDocument(t, &smooth, "change", "airpassengers.csv", "--time", "t", "--value", "y", "--method", "holt-winters", "--season", "12", "--alpha", "0.3", "--beta", "0.1", "--gamma", "0.2")
	within(t, "SSE", smooth.SSE, air.Fixed.SSE, 1e-6)
	for h, want := range air.Fixed.Pred12 {
		within(t, "a forecast", smooth.Forecast[h].Value, want, 1e-6)
	}
}

// The order of a file's rows is nobody's business.
func TestAnalyseGivesTheSameOnTurnedRows(t *testing.T) {
	for _, c := range [][]string{
		{"gasoline.csv", "panel", "--unit", "country", "--time", "year", "--outcome", "lgaspcar", "--covariates", "lincomep,lrpmg", "--effects", "two-way", "--cluster", "country"},
		{"nile.csv", "change", "--time", "year", "--value", "flow", "--method", "cusum"},
		{"nile.csv", "change", "--time", "year", "--value", "flow", "--method", "least-squares"},
	} {
		path := filepath.Join(oracleFolder(t), "data", c[0])
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		slices.Reverse(lines[1:])
		turned := plain(t, c[0], strings.Join(lines, "\n"))
		run := func(file string) string {
			return done(t, append([]string{"analyse", c[1], file, "--json"}, c[2:]...)...)
		}
		var got, want any
		if err := json.Unmarshal([]byte(run(turned)), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(run(path)), &want); err != nil {
			t.Fatal(err)
		}
		sameValues(t, c[1], got, want)
	}
}

// sameValues compares documents, numbers to nine digits.
func sameValues(t *testing.T, where string, got, want any) {
	t.Helper()
	switch w := want.(type) {
	case float64:
		g, _ := got.(float64)
		if math.Abs(g-w) > 1e-9*math.Max(math.Abs(w), 1e-6) {
			t.Errorf("%s: %v, want %v", where, g, w)
		}
	case map[string]any:
		g, _ := got.(map[string]any)
		for key := range w {
			sameValues(t, where+"."+key, g[key], w[key])
		}
	case []any:
		g, _ := got.([]any)
		if len(g) != len(w) {
			t.Errorf("%s: %d elements, want %d", where, len(g), len(w))
			return
		}
		for i := range w {
			sameValues(t, where, g[i], w[i])
		}
	default:
		if got != want {
			t.Errorf("%s: %v, want %v", where, got, want)
		}
	}
}
