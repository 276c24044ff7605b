package change

import (
	"fmt"
	"math"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// series are two columns of a file of the oracles.
func series(t *testing.T, name, time, value string) (times, values []float64) {
	t.Helper()
	columns := oracle.Numbers(t, name)
	return columns[time], columns[value]
}

func is(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(x T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}

func TestCUSUMMatchesMontgomeryTable92(t *testing.T) {
	var want struct {
		Mu0, K, H   float64
		FirstSignal float64 `json:"first_signal"`
		Rows        [][]float64
	}
	oracle.Expect(t, "cusum.montgomery", &want)
	times, values := series(t, "cusum_montgomery.csv", "i", "y")
	path, alarms, err := CUSUM{want.Mu0, want.K, want.H}.Run(values)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range want.Rows {
		s := path[i]
		for j, got := range []float64{times[i], values[i], s.High, float64(s.HighRun), s.Low, float64(s.LowRun)} {
			is(t, fmt.Sprintf("row %d, column %d", i+1, j+1), got, row[j], 1e-9)
		}
	}
	if len(want.Rows) != 30 || len(alarms) != 1 || times[alarms[0].At] != want.FirstSignal || alarms[0].Direction != Up {
		t.Fatalf("alarms %+v, want one at %v", alarms, want.FirstSignal)
	}
	// Montgomery: N⁺ = 7 at period 29, so the shift came between periods 22 and 23, and the new mean is 10.5 + 5.28/7 = 11.25.
	is(t, "first value after the change", times[alarms[0].Since], 23, 0)
	is(t, "new mean", alarms[0].Level, 11.25, 0.005)
}

// Montgomery, Introduction to Statistical Quality Control (6th ed.), Table 9.3: average
// run lengths of a tabular CUSUM with k = 1/2 at limits of 4 and 5, and Table
// 9.4: limits whose run length on course is 370.
func TestRunLengthsMatchMontgomeryTables93And94(t *testing.T) {
	for _, row := range [][3]float64{{0, 168, 465}, {0.25, 74.2, 139}, {0.5, 26.6, 38.0}, {0.75, 13.3, 17.0}, {1, 8.38, 10.4}, {1.5, 4.75, 5.75}, {2, 3.34, 4.01}, {2.5, 2.62, 3.11}, {3, 2.19, 2.57}, {4, 1.71, 2.01}} {
		for j, limit := range []float64{4, 5} {
			got := must[float64](t)(RunLength(0.5, limit, row[0]))
			is(t, fmt.Sprintf("limit %v, shift %v", limit, row[0]), got/row[j+1], 1, 0.006)
		}
	}
	for _, row := range [][2]float64{{0.25, 8.01}, {0.5, 4.77}, {0.75, 3.34}, {1, 2.52}, {1.25, 1.99}, {1.5, 1.61}} {
		is(t, fmt.Sprintf("limit at slack %v", row[0]), must[float64](t)(LimitFor(row[0], 370)), row[1], 0.011)
	}
}

// Siegmund, Sequential Analysis (1985), 2.6: L ≈ (e^(−2Δb)+2Δb−1)/(2Δ²), b = h+1.166.
func TestRunLengthsAreNearSiegmundsApproximation(t *testing.T) {
	one := func(drift, h float64) float64 {
		b := h + 1.166
		if drift == 0 {
			return b * b
		}
		return (math.Exp(-2*drift*b) + 2*drift*b - 1) / (2 * drift * drift)
	}
	for _, slack := range []float64{0.25, 0.5, 0.75} {
		for _, limit := range []float64{3, 4, 5} {
			for _, shift := range []float64{0, 0.5, 1} {
				want := 1 / (1/one(shift-slack, limit) + 1/one(-shift-slack, limit))
				is(t, fmt.Sprintf("slack %v, limit %v, shift %v", slack, limit, shift), must[float64](t)(RunLength(slack, limit, shift))/want, 1, 0.06)
			}
		}
	}
}

func TestBreakMatchesStrucchangeNile(t *testing.T) {
	var want struct {
		BreakYear  float64 `json:"break_year"`
		BIC0, BIC1 float64
		RSS0, RSS1 float64
		Before     float64 `json:"mean_before"`
		After      float64 `json:"mean_after"`
		Max        float64 `json:"ols_cusum_max"`
		ArgMax     float64 `json:"ols_cusum_argmax_year"`
		P          float64 `json:"sctest_p"`
	}
	oracle.Expect(t, "changepoint.nile", &want)
	times, values := series(t, "nile.csv", "year", "flow")
	b := must[Break](t)(FindBreak(values, 0.15))
	is(t, "year", times[b.Last], want.BreakYear, 0)
	is(t, "year of the CUSUM", times[b.CUSUMAt], want.ArgMax, 0)
	for what, pair := range map[string][2]float64{"BIC0": {b.BIC0, want.BIC0}, "BIC1": {b.BIC1, want.BIC1}, "RSS0": {b.RSS0, want.RSS0}, "RSS1": {b.RSS1, want.RSS1},
		"before": {b.Before, want.Before}, "after": {b.After, want.After}, "CUSUM": {b.CUSUM, want.Max}} {
		is(t, what, pair[0], pair[1], 1e-4)
	}
	is(t, "p", b.P/want.P, 1, 1e-4)
}

func TestRunsMatchAdamsMacKayNile(t *testing.T) {
	var want struct {
		Prior    struct{ Mu0, Kappa0, Alpha0, Beta0, Hazard float64 }
		Mode     []int     `json:"mode_runlength"`
		Last     float64   `json:"expected_runlength_last"`
		Evidence float64   `json:"log_evidence"`
		Drops    []float64 `json:"mode_drops_at"`
		Start    float64   `json:"implied_start_1910"`
	}
	oracle.Expect(t, "bocpd.nile", &want)
	times, values := series(t, "nile.csv", "year", "flow")
	beliefs, evidence, err := Runs{want.Prior.Mu0, want.Prior.Kappa0, want.Prior.Alpha0, want.Prior.Beta0, 1 / want.Prior.Hazard}.Follow(values)
	if err != nil {
		t.Fatal(err)
	}
	for i, run := range want.Mode {
		if beliefs[i].Run != run {
			t.Errorf("%v: run %d, want %d", times[i], beliefs[i].Run, run)
		}
	}
	is(t, "log evidence", evidence, want.Evidence, 1e-6)
	is(t, "expected run at the end", beliefs[len(beliefs)-1].Expected, want.Last, 1e-6)
	shifts := Shifts(beliefs)
	if len(want.Mode) != len(values) || len(shifts) != 1 || times[shifts[0].At] != want.Drops[0] || times[shifts[0].Since] != want.Start {
		t.Errorf("shifts %+v, want one told in %v, since %v", shifts, want.Drops, want.Start)
	}
}

func TestHoltWintersMatchesRAirPassengers(t *testing.T) {
	type fit struct {
		Alpha, Beta, Gamma, SSE float64
		Coef                    map[string]float64
		Pred12                  []float64
		First                   []float64 `json:"fitted_first5"`
	}
	var want struct {
		Mult  fit `json:"mult_opt"`
		Add   fit `json:"add_opt"`
		Fixed fit `json:"add_fixed"`
		Start struct {
			L0, B0 float64
			S0     []float64
		} `json:"decompose_start"`
	}
	oracle.Expect(t, "hw.airpassengers", &want)
	_, values := series(t, "airpassengers.csv", "t", "y")
	fixed := must[*Smoothed](t)(Smooth{Season: 12, Alpha: 0.3, Beta: 0.1, Gamma: 0.2}.Follow(values))
	is(t, "starting level", fixed.Start.Level, want.Start.L0, 1e-6)
	is(t, "starting slope", fixed.Start.Slope, want.Start.B0, 1e-6)
	for j, s := range want.Start.S0 {
		is(t, fmt.Sprintf("starting season %d", j+1), fixed.Start.Seasons[j], s, 1e-6)
	}
	for j, x := range want.Fixed.First {
		is(t, fmt.Sprintf("fitted %d", j+1), fixed.Fitted[j], x, 1e-6)
	}
	is(t, "SSE", fixed.SSE, want.Fixed.SSE, 1e-6)
	is(t, "level", fixed.End.Level, want.Fixed.Coef["a"], 1e-6)
	is(t, "slope", fixed.End.Slope, want.Fixed.Coef["b"], 1e-6)
	for h, x := range want.Fixed.Pred12 {
		is(t, fmt.Sprintf("season %d", h+1), fixed.End.Seasons[h], want.Fixed.Coef[fmt.Sprintf("s%d", h+1)], 1e-6)
		is(t, fmt.Sprintf("forecast %d", h+1), fixed.Forecast(h+1), x, 1e-6)
	}
	for multiplicative, w := range map[bool]fit{true: want.Mult, false: want.Add} {
		f := must[*Smoothed](t)(Smooth{Season: 12, Multiplicative: multiplicative}.Fit(values))
		is(t, "alpha", f.Alpha, w.Alpha, 0.005)
		is(t, "beta", f.Beta, w.Beta, 0.005)
		is(t, "gamma", f.Gamma, w.Gamma, 0.005)
		is(t, "SSE", f.SSE/w.SSE, 1, 0.001)
	}
}
