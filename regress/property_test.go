package regress

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawn is a panel with an exact law, noise, and holes.
func drawn(t *rapid.T) Panel {
	chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	units, times := rapid.IntRange(3, 9).Draw(t, "units"), rapid.IntRange(3, 7).Draw(t, "times")
	p := Panel{Design: Design{Names: []string{"a", "b"}, Covariates: make([][]float64, 2)}}
	for u := range units {
		level := 3 * chance.NormFloat64()
		for s := range times {
			if s > 0 && chance.IntN(4) == 0 {
				continue
			}
			a, b := chance.NormFloat64()+level, chance.ExpFloat64()
			p.Covariates[0], p.Covariates[1] = append(p.Covariates[0], a), append(p.Covariates[1], b)
			p.Outcome = append(p.Outcome, level+0.3*float64(s)+a-2*b+chance.NormFloat64())
			p.Unit, p.Time = append(p.Unit, u), append(p.Time, float64(s))
		}
	}
	return p
}

// estimators are all that give a Fit of a panel. Of a logit and a Poisson fit the
// outcome is made fit.
var estimators = map[string]func(p Panel, o Options) (*Fit, error){
	"ols":    func(p Panel, o Options) (*Fit, error) { return OLS(p.Design, o) },
	"unit":   func(p Panel, o Options) (*Fit, error) { f, err := Within(p, Unit, o); return fitOf(f, err) },
	"twoway": func(p Panel, o Options) (*Fit, error) { f, err := Within(p, TwoWay, o); return fitOf(f, err) },
	"random": func(p Panel, o Options) (*Fit, error) { f, err := Random(p, o); return fitOf(f, err) },
	"logit": func(p Panel, o Options) (*Fit, error) {
		p.Outcome = mapped(p.Outcome, func(i int, y float64) float64 {
			return map[bool]float64{true: 1}[y+p.Covariates[1][i] > p.Covariates[0][i]]
		})
		f, err := Logit(p.Design, o)
		if err != nil {
			return nil, err
		}
		return &f.Fit, nil
	},
	"poisson": func(p Panel, o Options) (*Fit, error) {
		p.Outcome = mapped(p.Outcome, func(_ int, y float64) float64 { return math.Exp(y / 8) })
		f, err := Poisson(p, Unit, o)
		if err != nil {
			return nil, err
		}
		return &f.Fit, nil
	},
}

func fitOf(f *PanelFit, err error) (*Fit, error) {
	if err != nil {
		return nil, err
	}
	return &f.Fit, nil
}

func mapped(values []float64, f func(int, float64) float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = f(i, v)
	}
	return out
}

var allErrors = []Errors{Classic, HC0, HC1, CR0, CR1}

// alike holds two fits of the same law to each other; scale and shift lead the
// coefficients of one to the other. Both may be refused.
func alike(t *rapid.T, what string, got *Fit, gotErr error, want *Fit, wantErr error, scale func(name string) float64) {
	if gotErr != nil || wantErr != nil {
		if (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("%s: refused as %v, and as %v", what, gotErr, wantErr)
		}
		return
	}
	for _, name := range want.Names {
		b, se, _ := got.Coefficient(name)
		wb, wse, _ := want.Coefficient(name)
		s := scale(name)
		if math.Abs(b-s*wb) > 1e-7*(math.Abs(s)*(math.Abs(wb)+wse)) || math.Abs(se-math.Abs(s)*wse) > math.Abs(s)*(1e-6*wse+1e-11*math.Abs(wb)) {
			t.Fatalf("%s: %s is %.12g (%.12g), want %.12g (%.12g)", what, name, b, se, s*wb, math.Abs(s)*wse)
		}
	}
	if math.Abs(got.N-want.N) > 1e-9 || math.Abs(got.R2-want.R2) > 1e-8 || !math.IsInf(want.DF, 1) && math.Abs(got.DF-want.DF) > 1e-9 {
		t.Fatalf("%s: n %v, df %v, R² %v; want %v, %v, %v", what, got.N, got.DF, got.R2, want.N, want.DF, want.R2)
	}
}

func one(string) float64 { return 1 }

func (p Panel) turned(order []int) Panel {
	out := p
	out.Outcome, out.Unit, out.Time, out.Weights = pick(p.Outcome, order), pick(p.Unit, order), pick(p.Time, order), pick(p.Weights, order)
	out.Covariates = nil
	for _, c := range p.Covariates {
		out.Covariates = append(out.Covariates, pick(c, order))
	}
	return out
}

func TestTheOrderOfRowsAndTheNumbersOfUnitsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		order := rapid.Permutation(rangeTo(len(p.Outcome))).Draw(t, "order")
		turned := p.turned(order)
		turned.Unit = slices.Clone(turned.Unit)
		for i := range turned.Unit {
			turned.Unit[i] = 1000 - 7*turned.Unit[i]
		}
		for name, fit := range estimators {
			for _, kind := range allErrors {
				want, wantErr := fit(p, Options{Errors: kind, Cluster: p.Unit})
				got, gotErr := fit(turned, Options{Errors: kind, Cluster: turned.Unit})
				alike(t, name+" "+kind.String(), got, gotErr, want, wantErr, one)
			}
		}
	})
}

func rangeTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestScalesOfCovariatesAndOutcomeDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		by := map[string]float64{}
		scaled := p
		scaled.Covariates = nil
		for j, c := range p.Covariates {
			f := math.Pow(10, float64(rapid.IntRange(-9, 9).Draw(t, "power"))) * rapid.SampledFrom([]float64{1, -3}).Draw(t, "sign")
			by[p.Names[j]] = f
			scaled.Covariates = append(scaled.Covariates, mapped(c, func(_ int, x float64) float64 { return f * x }))
		}
		y := math.Pow(10, float64(rapid.IntRange(-9, 9).Draw(t, "power of y")))
		for name, fit := range estimators {
			times := y
			if name == "logit" || name == "poisson" { // their outcomes have a scale
				continue
			}
			scaled.Outcome = mapped(p.Outcome, func(_ int, v float64) float64 { return times * v })
			for _, kind := range allErrors {
				want, wantErr := fit(p, Options{Errors: kind, Cluster: p.Unit})
				got, gotErr := fit(scaled, Options{Errors: kind, Cluster: p.Unit})
				alike(t, name+" "+kind.String(), got, gotErr, want, wantErr, func(name string) float64 {
					if name == Intercept {
						return times
					}
					return times / by[name]
				})
			}
		}
	})
}

// Of a logit covariates alone are scaled and moved; of the others a constant may
// also be added to the outcome, which moves the constant only.
func TestMovedCovariatesKeepTheirSlopes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		d := p.Design
		d.Outcome = mapped(p.Outcome, func(i int, y float64) float64 { return map[bool]float64{true: 1}[y > p.Covariates[0][i]] })
		moved := d
		moved.Covariates = [][]float64{mapped(p.Covariates[0], func(_ int, x float64) float64 { return 1e5*x + 1e6 }), p.Covariates[1]}
		want, wantErr := Logit(d, Options{})
		got, gotErr := Logit(moved, Options{})
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("refused as %v, and as %v", wantErr, gotErr)
		}
		if wantErr != nil {
			return
		}
		for name, s := range map[string]float64{"a": 1e-5, "b": 1} {
			b, se, _ := got.Coefficient(name)
			wb, wse, _ := want.Coefficient(name)
			if math.Abs(b-s*wb) > 1e-6*s*(math.Abs(wb)+wse) || math.Abs(se-s*wse) > 1e-6*s*wse {
				t.Fatalf("%s: %v (%v), want %v (%v)", name, b, se, s*wb, s*wse)
			}
		}
	})
}

func TestAWeightIsSoManyRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		var rows []int
		for i := range p.Outcome {
			w := rapid.IntRange(0, 3).Draw(t, "weight")
			p.Weights = append(p.Weights, float64(w))
			for range w {
				rows = append(rows, i)
			}
		}
		if len(rows) == 0 {
			return
		}
		repeated := p
		repeated.Weights = nil
		repeated = repeated.turned(rows)
		for name, fit := range estimators {
			for _, kind := range allErrors {
				want, wantErr := fit(repeated, Options{Errors: kind, Cluster: repeated.Unit})
				got, gotErr := fit(p, Options{Errors: kind, Cluster: p.Unit})
				alike(t, name+" "+kind.String(), got, gotErr, want, wantErr, one)
			}
		}
	})
}

// The second method of fixed effects: a dummy for each unit and each time.
func TestWithinIsOLSWithDummies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		for kind, name := range map[Effects]string{Unit: "unit", TwoWay: "twoway"} {
			d := p.withDummies(kind)
			want, wantErr := OLS(d, Options{})
			hc, hcErr := OLS(d, Options{Errors: HC1})
			got, gotErr := estimators[name](p, Options{})
			robust, robustErr := estimators[name](p, Options{Errors: HC1})
			if (gotErr == nil) != (wantErr == nil) {
				t.Fatalf("refused as %v, with dummies as %v", gotErr, wantErr)
			}
			if gotErr != nil {
				continue
			}
			if hcErr != nil || robustErr != nil {
				t.Fatal(hcErr, robustErr)
			}
			for _, c := range p.Names {
				b, se, _ := got.Coefficient(c)
				wb, wse, _ := want.Coefficient(c)
				_, rse, _ := robust.Coefficient(c)
				_, hse, _ := hc.Coefficient(c)
				if math.Abs(b-wb) > 1e-8*(1+math.Abs(wb)) || math.Abs(se-wse) > 1e-8*(1+wse) || math.Abs(rse-hse) > 1e-7*(1+hse) || got.DF != want.DF {
					t.Fatalf("%s %s: %v (%v, %v) on %v, with dummies %v (%v, %v) on %v", name, c, b, se, rse, got.DF, wb, wse, hse, want.DF)
				}
			}
		}
	})
}

func (p Panel) withDummies(kind Effects) Design {
	d := p.Design
	d.Names, d.Covariates = slices.Clone(p.Names), slices.Clone(p.Covariates)
	add := func(name string, is func(i int) bool) {
		c := make([]float64, len(p.Outcome))
		for i := range c {
			if is(i) {
				c[i] = 1
			}
		}
		d.Names, d.Covariates = append(d.Names, name), append(d.Covariates, c)
	}
	for u := 1; u <= slices.Max(p.Unit); u++ { // every unit is seen at time 0, so the panel hangs together
		add("u"+string(rune('a'+u)), func(i int) bool { return p.Unit[i] == u })
	}
	if kind == TwoWay {
		for s := 1.0; s <= slices.Max(p.Time); s++ {
			if slices.Contains(p.Time, s) {
				add("t"+string(rune('a'+int(s))), func(i int) bool { return p.Time[i] == s })
			}
		}
	}
	return d
}

// What cannot be estimated is refused in words, and nothing panics or gives NaN.
func TestOddPanelsAreRefusedOrFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		value := rapid.OneOf(rapid.Just(0.0), rapid.Just(1.0), rapid.Just(math.NaN()), rapid.Just(math.Inf(1)), rapid.Float64Range(-3, 3), rapid.Just(1e300))
		column := rapid.SliceOfN(value, n, n)
		p := Panel{Design: Design{Outcome: column.Draw(t, "y"), Names: []string{"a", "b"}, Covariates: [][]float64{column.Draw(t, "a"), column.Draw(t, "b")}},
			Unit: rapid.SliceOfN(rapid.IntRange(0, 4), n, n).Draw(t, "unit"), Time: rapid.SliceOfN(rapid.Float64Range(0, 3), n, n).Draw(t, "time")}
		if rapid.Bool().Draw(t, "weighted") {
			p.Weights = column.Draw(t, "weights")
		}
		for name, fit := range estimators {
			for _, kind := range allErrors {
				f, err := fit(p, Options{Errors: kind, Cluster: p.Unit})
				var told *Refusal
				if err != nil {
					if !errors.As(err, &told) {
						t.Fatalf("%s: %v is no refusal", name, err)
					}
					continue
				}
				for _, c := range f.Names {
					if b, se, _ := f.Coefficient(c); math.IsNaN(b) || math.IsInf(b, 0) || math.IsNaN(se) || math.IsInf(se, 0) {
						t.Fatalf("%s %s: %s is %v (%v)", name, kind, c, b, se)
					}
				}
			}
		}
	})
}

func TestRefusalsNameTheCovariate(t *testing.T) {
	y, x := []float64{1, 3, 2, 5, 4, 6}, []float64{1, 2, 3, 4, 5, 7}
	for _, c := range []struct {
		name string
		x    []float64
		want string
	}{
		{"twice", mapped(x, func(_ int, v float64) float64 { return 2*v - 1 }), "covariate twice is a combination of x"},
		{"tenth", []float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, "covariate tenth does not vary"},
		{"large", []float64{1e15, 1e15, 1e15, 1e15, 1e15, 1e15}, "covariate large does not vary"},
		{"zero", make([]float64, 6), "covariate zero does not vary"},
		{"gap", []float64{1, 2, math.NaN(), 0, 1, 1}, "row 3: covariate gap is NaN"},
		{"endless", []float64{1, 2, 3, 0, 1, math.Inf(-1)}, "row 6: covariate endless is -Inf"},
		{"x", y, "the covariate \"x\" stands twice"},
		{"short", y[:2], "covariate short has 2 rows"},
	} {
		_, err := OLS(Design{Outcome: y, Names: []string{"x", c.name}, Covariates: [][]float64{x, c.x}}, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	one := func(outcome []float64, o Options) error {
		_, err := OLS(Design{Outcome: outcome, Names: []string{"x"}, Covariates: [][]float64{x[:len(outcome)]}}, o)
		return err
	}
	for want, err := range map[string]error{
		"2 rows are too few for 2 parameters": one(y[:2], Options{}),
		"the outcome does not vary":           one([]float64{0.3, 0.3, 0.3, 0.3}, Options{}),
		"there are no rows":                   one(nil, Options{}),
		"at least 2 clusters":                 one(y, Options{Errors: CR1, Cluster: make([]int, 6)}),
		"know the cluster of each row":        one(y, Options{Errors: CR0}),
		"there are 2 clusters for 6 rows":     one(y, Options{Errors: CR0, Cluster: []int{1, 2}}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestPanelRefusals(t *testing.T) {
	p := Panel{Design: Design{Outcome: []float64{1, 3, 2, 5}, Names: []string{"x"}, Covariates: [][]float64{{1, 2, 4, 3}}}, Unit: []int{1, 1, 2, 2}, Time: []float64{1, 2, 1, 2}}
	alone, twice, apart := p, p, p
	alone.Unit = []int{1, 2, 3, 4}
	twice.Time = []float64{1, 1, 1, 2}
	apart.Time = []float64{1, 3, 2, 4}
	trend := p
	trend.Outcome, trend.Unit, trend.Time = []float64{1, 3, 2, 5, 1, 7, 8, 2, 3}, []int{1, 1, 1, 2, 2, 2, 3, 3, 3}, []float64{1, 2, 3, 1, 2, 3, 1, 2, 3}
	trend.Covariates = [][]float64{{11, 12, 13, 21, 22, 23, 31, 32, 33}}
	within := func(p Panel, e Effects) error { _, err := Within(p, e, Options{}); return err }
	differences := func(p Panel) error { _, err := FirstDifferences(p, Options{}); return err }
	for want, err := range map[string]error{
		"no unit has two rows":                      within(alone, Unit),
		"too few for 4 parameters":                  within(p, TwoWay),
		"covariate x is taken up by the effects":    within(trend, TwoWay),
		"its unit has another row at the same time": differences(twice),
		"2 rows are too few for 2 parameters":       differences(p),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := differences(apart); err == nil {
		t.Error("rows two times apart were differenced")
	}
}

// A panel that hangs together by a thread: two-way effects by conjugate gradients
// are those of dummies, and an exact law is found exactly.
func TestTwoWayEffectsOfAChain(t *testing.T) {
	p := Panel{Design: Design{Names: []string{"x"}, Covariates: [][]float64{nil}}}
	chance := rand.New(rand.NewPCG(5, 5))
	for u := range 300 { // unit u is seen at times u and u+1 only
		for s := u; s <= u+1; s++ {
			for range 2 {
				x := chance.NormFloat64()
				p.Covariates[0] = append(p.Covariates[0], x)
				p.Outcome = append(p.Outcome, 3*math.Sin(float64(u))+math.Sqrt(float64(s))-1.25*x)
				p.Unit, p.Time = append(p.Unit, u), append(p.Time, float64(s))
			}
		}
	}
	for i := range p.Outcome {
		p.Outcome[i] += 1e-9 * chance.NormFloat64()
	}
	f := must[*PanelFit](t)(Within(p, TwoWay, Options{}))
	b, _, _ := f.Coefficient("x")
	is(t, "x", b, -1.25, 1e-9)
	is(t, "df", f.DF, 1200-(300+301-1)-1, 0)
}
