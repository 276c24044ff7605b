package regress

import (
	"math"
	"strconv"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// data is a file by column; what is no number there is NaN.
type data struct {
	t       *testing.T
	columns map[string][]string
	n       int
}

func readData(t *testing.T, name string) data {
	t.Helper()
	d := data{t, oracle.Columns(t, name), 0}
	for _, cells := range d.columns {
		d.n = len(cells)
	}
	return d
}

func (d data) numbers(name string) []float64 {
	d.t.Helper()
	cells, ok := d.columns[name]
	if !ok {
		d.t.Fatalf("no column %s", name)
	}
	out := make([]float64, len(cells))
	for i, c := range cells {
		x, err := strconv.ParseFloat(c, 64)
		if err != nil {
			x = math.NaN()
		}
		out[i] = x
	}
	return out
}

func (d data) codes(name string) []int {
	codes, seen := []int{}, map[string]int{}
	for _, c := range d.columns[name] {
		if _, ok := seen[c]; !ok {
			seen[c] = len(seen)
		}
		codes = append(codes, seen[c])
	}
	return codes
}

// design takes the rows where all named columns are known and keep says yes,
// and gives their places too.
func (d data) design(keep func(i int) bool, outcome string, covariates ...string) (Design, []int) {
	names := append([]string{outcome}, covariates...)
	columns := make([][]float64, len(names))
	for j, name := range names {
		columns[j] = d.numbers(name)
	}
	var rows []int
	for i := range d.n {
		known := keep == nil || keep(i)
		for _, c := range columns {
			known = known && !math.IsNaN(c[i])
		}
		if known {
			rows = append(rows, i)
		}
	}
	out := Design{Outcome: pick(columns[0], rows), Names: covariates}
	for _, c := range columns[1:] {
		out.Covariates = append(out.Covariates, pick(c, rows))
	}
	return out, rows
}

// is compares within an absolute tolerance.
func is(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}

// fits compares coefficients and standard errors; either may be nil.
func fits(t *testing.T, f *Fit, coefficients, se map[string]float64, tolerance float64) {
	t.Helper()
	for name, want := range coefficients {
		got, _, _ := f.Coefficient(ours(name))
		is(t, "coefficient of "+name, got, want, tolerance)
	}
	for name, want := range se {
		_, got, _ := f.Coefficient(ours(name))
		is(t, f.Errors.String()+" error of "+name, got, want, tolerance)
	}
}

// ours is our name of a coefficient of R, Stata or statsmodels.
func ours(name string) string {
	switch name {
	case "(Intercept)", "_cons", "const":
		return Intercept
	}
	return name
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

type rFit struct {
	Coef, SE, HC0, HC1            map[string]float64
	R2, Sigma, F, N, R2Within, DF float64
	AdjR2                         float64 `json:"adj_r2"`
}

func TestOLSMatchesNISTLongley(t *testing.T) {
	var want struct {
		Precise rFit
		Scaled  map[string]float64 `json:"nist_certified_scaled"`
	}
	oracle.Expect(t, "ols.longley", &want)
	d, _ := readData(t, "longley.csv").design(nil, "Employed", "GNP.deflator", "GNP", "Unemployed", "Armed.Forces", "Population", "Year")
	f := must[*Fit](t)(OLS(d, Options{}))
	relative := func(what string, got, want float64) {
		t.Helper()
		is(t, what, got/want, 1, 1e-8)
	}
	for name, c := range want.Precise.Coef {
		got, se, _ := f.Coefficient(ours(name))
		relative("coefficient of "+name, got, c)
		relative("error of "+name, se, want.Precise.SE[name])
	}
	relative("NIST's coefficient of Year", f.Coefficients[6], want.Scaled["Year"])
	relative("NIST's intercept", f.Coefficients[0], want.Scaled["intercept"])
	relative("sigma", f.Sigma, want.Precise.Sigma)
	relative("R²", f.R2, want.Precise.R2)
}

func TestOLSMatchesChatterjeePriceAttitude(t *testing.T) {
	var want rFit
	oracle.Expect(t, "ols.attitude", &want)
	d, _ := readData(t, "attitude.csv").design(nil, "rating", "complaints", "privileges", "learning", "raises", "critical", "advance")
	f := must[*Fit](t)(OLS(d, Options{}))
	fits(t, f, want.Coef, want.SE, 1e-6)
	is(t, "R²", f.R2, want.R2, 1e-6)
	is(t, "adjusted R²", f.AdjustedR2, want.AdjR2, 1e-6)
	is(t, "sigma", f.Sigma, want.Sigma, 1e-6)
	is(t, "F", must[Test](t)(f.Wald()).Statistic, want.F, 1e-6)
}

func jtrainYear(d data, years ...float64) func(int) bool {
	year := d.numbers("year")
	return func(i int) bool {
		for _, y := range years {
			if year[i] == y {
				return true
			}
		}
		return false
	}
}

func TestOLSMatchesWooldridgeJTRAIN(t *testing.T) {
	d := readData(t, "jtrain.csv")
	union := d.numbers("union")
	for _, c := range []struct {
		id         string
		keep       func(int) bool
		outcome    string
		covariates []string
	}{
		{"jtrain.fd_88_89", jtrainYear(d, 1988, 1989), "clscrap", []string{"d89", "cgrant", "cgrant_1"}},
		{"jtrain.fd_1988_only", jtrainYear(d, 1988), "clscrap", []string{"grant"}},
		{"jtrain.ols_ex4_7", func(i int) bool { return jtrainYear(d, 1987)(i) && union[i] == 0 }, "lscrap", []string{"hrsemp", "lsales", "lemploy"}},
		{"jtrain.lagdep_1988", jtrainYear(d, 1988), "lscrap", []string{"grant", "lscrap_1"}},
	} {
		t.Run(c.id, func(t *testing.T) {
			var want rFit
			oracle.Expect(t, c.id, &want)
			design, _ := d.design(c.keep, c.outcome, c.covariates...)
			f := must[*Fit](t)(OLS(design, Options{}))
			fits(t, f, want.Coef, want.SE, 1e-5)
			is(t, "n", f.N, want.N, 0)
			if want.R2 != 0 {
				is(t, "R²", f.R2, want.R2, 1e-5)
			}
			fits(t, must[*Fit](t)(OLS(design, Options{Errors: HC0})), nil, want.HC0, 1e-5)
			fits(t, must[*Fit](t)(OLS(design, Options{Errors: HC1})), nil, want.HC1, 1e-5)
		})
	}
}
