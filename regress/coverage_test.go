package regress

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/internal/oracle"
)

var (
	slow        = flag.Bool("slow", false, "run the whole simulation of coverage (minutes)")
	truthReport = flag.String("truth-report", "", "write the simulated coverage into the section Regression of this Markdown file")
)

// coverageWorld draws samples of which the truth of covariate x is known, and an
// estimator with its errors.
type coverageWorld struct {
	what, how string
	claimed   bool // 93–97% is claimed
	truth     float64
	draw      func(r *rand.Rand) Panel
	fit       func(p Panel) (*Fit, error)
}

// habit is a series that remembers: AR(1) of standard deviation 1.
func habit(r *rand.Rand, n int, memory float64, shock func() float64) []float64 {
	out := make([]float64, n)
	for t := range out {
		out[t] = shock()
		if t > 0 {
			out[t] = memory*out[t-1] + math.Sqrt(1-memory*memory)*out[t]
		}
	}
	return out
}

// customers are units whose covariate and disturbance both remember; lengths gives
// how many rows a unit has, tail how disturbances are thrown.
func customers(units int, memory float64, lengths func(*rand.Rand) int, tail func(*rand.Rand) float64) func(*rand.Rand) Panel {
	return func(r *rand.Rand) Panel {
		p := Panel{Design: Design{Names: []string{"x"}, Covariates: make([][]float64, 1)}}
		for u := range units {
			n := lengths(r)
			level := r.NormFloat64()
			x, e := habit(r, n, memory, r.NormFloat64), habit(r, n, memory, func() float64 { return tail(r) })
			for t := range n {
				p.Covariates[0] = append(p.Covariates[0], x[t]+level)
				p.Outcome = append(p.Outcome, x[t]+3*level+e[t])
				p.Unit, p.Time = append(p.Unit, u), append(p.Time, float64(t))
			}
		}
		return p
	}
}

func always(n int) func(*rand.Rand) int { return func(*rand.Rand) int { return n } }

func normal(r *rand.Rand) float64 { return r.NormFloat64() }

// student3 has heavy tails and a variance.
func student3(r *rand.Rand) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 3, Src: r}.Rand() / math.Sqrt(3)
}

// uneven are a few rows for most and many for some.
func uneven(r *rand.Rand) int { return 2 + int(4*math.Exp(r.NormFloat64())) }

// offer is x at work from half time on, in so many of the units.
func offer(units, treated int) func(*rand.Rand) Panel {
	inner := customers(units, 0.7, always(10), normal)
	return func(r *rand.Rand) Panel {
		p := inner(r)
		for i, u := range p.Unit {
			p.Outcome[i] -= p.Covariates[0][i]
			p.Covariates[0][i] = 0
			if u < treated && p.Time[i] >= 5 {
				p.Covariates[0][i] = 1
			}
			p.Outcome[i] += p.Covariates[0][i]
		}
		return p
	}
}

// shared adds to each time what is common to all, which x feels too.
func shared(r *rand.Rand) Panel {
	p := customers(50, 0.5, always(10), normal)(r)
	common := make([]float64, 10)
	for t := range common {
		common[t] = r.NormFloat64()
	}
	for i, t := range p.Time {
		p.Covariates[0][i] += common[int(t)]
		p.Outcome[i] += 2 * common[int(t)]
	}
	return p
}

func withinBy(kind Effects, e Errors) func(Panel) (*Fit, error) {
	return func(p Panel) (*Fit, error) { return fitOf(Within(p, kind, Options{Errors: e, Cluster: p.Unit})) }
}

func coverageWorlds() []coverageWorld {
	var out []coverageWorld
	for _, g := range []int{10, 20, 30, 50, 200} {
		draw := customers(g, 0.7, always(10), normal)
		out = append(out,
			coverageWorld{fmt.Sprintf("%d units of 10 rows that remember", g), "unit effects, cr1", g >= 30, 1, draw, withinBy(Unit, CR1)},
			coverageWorld{fmt.Sprintf("%d units of 10 rows that remember", g), "unit effects, classic", false, 1, draw, withinBy(Unit, Classic)})
	}
	heavy := customers(50, 0.7, always(10), student3)
	long := customers(50, 0.7, uneven, normal)
	out = append(out,
		coverageWorld{"50 units, independent rows", "unit effects, classic", true, 1, customers(50, 0, always(10), normal), withinBy(Unit, Classic)},
		coverageWorld{"50 units, heavy tails (t, 3 df)", "unit effects, cr1", true, 1, heavy, withinBy(Unit, CR1)},
		coverageWorld{"50 units of very different length", "unit effects, cr1", false, 1, long, withinBy(Unit, CR1)},
		coverageWorld{"50 units, shocks common to a time", "two-way effects, cr1", true, 1, shared, withinBy(TwoWay, CR1)},
		coverageWorld{"50 units, shocks common to a time", "unit effects, cr1", false, 1, shared, withinBy(Unit, CR1)},
		coverageWorld{"50 units, 25 get an offer", "two-way effects, cr1", true, 1, offer(50, 25), withinBy(TwoWay, CR1)},
		coverageWorld{"50 units, 3 get an offer", "two-way effects, cr1", false, 1, offer(50, 3), withinBy(TwoWay, CR1)},
		coverageWorld{"50 units whose level goes with x", "random effects, classic", false, 1, customers(50, 0, always(10), normal), func(p Panel) (*Fit, error) { return fitOf(Random(p, Options{})) }},
	)
	return append(out, rowWorlds()...)
}

// rowWorlds are those without panels, and counts.
func rowWorlds() []coverageWorld {
	skewed := func(n int) func(*rand.Rand) Panel {
		return func(r *rand.Rand) Panel {
			p := Panel{Design: Design{Names: []string{"x"}, Covariates: make([][]float64, 1)}}
			for range n {
				x := math.Exp(r.NormFloat64())
				p.Covariates[0], p.Outcome = append(p.Covariates[0], x), append(p.Outcome, x+x*r.NormFloat64())
			}
			return p
		}
	}
	binary := func(r *rand.Rand) Panel {
		p := Panel{Design: Design{Names: []string{"x"}, Covariates: make([][]float64, 1)}}
		for range 300 {
			x := r.NormFloat64()
			p.Covariates[0], p.Outcome = append(p.Covariates[0], x), append(p.Outcome, map[bool]float64{true: 1}[r.Float64() < logistic(x-0.5)])
		}
		return p
	}
	counts := func(r *rand.Rand) Panel {
		p := customers(100, 0.5, always(8), normal)(r)
		for i := range p.Outcome {
			// A gamma factor of variance 1 beside the chance of the count.
			p.Outcome[i] = distuv.Poisson{Lambda: math.Exp(0.3*p.Covariates[0][i]) * r.ExpFloat64(), Src: r}.Rand()
		}
		return p
	}
	ols := func(e Errors) func(Panel) (*Fit, error) {
		return func(p Panel) (*Fit, error) { return OLS(p.Design, Options{Errors: e}) }
	}
	ppml := func(e Errors) func(Panel) (*Fit, error) {
		return func(p Panel) (*Fit, error) {
			f, err := Poisson(p, Unit, Options{Errors: e, Cluster: p.Unit})
			if err != nil {
				return nil, err
			}
			return &f.Fit, nil
		}
	}
	return []coverageWorld{
		{"1000 rows, spread grows with a skewed x", "ols, hc1", false, 1, skewed(1000), ols(HC1)},
		{"1000 rows, spread grows with a skewed x", "ols, classic", false, 1, skewed(1000), ols(Classic)},
		{"50 rows, spread grows with a skewed x", "ols, hc1", false, 1, skewed(50), ols(HC1)},
		{"300 rows of 0 and 1", "logit, classic", true, 1, binary, func(p Panel) (*Fit, error) {
			f, err := Logit(p.Design, Options{})
			if err != nil {
				return nil, err
			}
			return &f.Fit, nil
		}},
		{"100 units, counts spread wider than Poisson's", "poisson, cr1", true, 0.3, counts, ppml(CR1)},
		{"100 units, counts spread wider than Poisson's", "poisson, classic", false, 0.3, counts, ppml(Classic)},
	}
}

// tally is what became of the samples of a world.
type tally struct {
	held, n, refused       int
	sum, squares, reported float64
}

func (w coverageWorld) run(samples int, seed uint64) tally {
	var out tally
	for s := range samples {
		p := w.draw(rand.New(rand.NewPCG(seed, uint64(s))))
		f, err := w.fit(p)
		if err != nil {
			out.refused++
			continue
		}
		low, high, err := f.Interval("x", 0.95)
		if err != nil {
			out.refused++
			continue
		}
		b, se, _ := f.Coefficient("x")
		out.n++
		out.sum, out.squares, out.reported = out.sum+b, out.squares+b*b, out.reported+se
		if low <= w.truth && w.truth <= high {
			out.held++
		}
	}
	return out
}

// TestCoverageOfIntervals takes minutes:
//
//	go test ./regress -run CoverageOfIntervals -slow -truth-report ../docs/truth.md
func TestCoverageOfIntervals(t *testing.T) {
	if !*slow {
		t.Skip("minutes; -slow")
	}
	const samples = 1000
	var rows strings.Builder
	for _, w := range coverageWorlds() {
		c := w.run(samples, 1)
		n := float64(c.n)
		mean := c.sum / n
		spread := math.Sqrt(math.Max(0, c.squares/n-mean*mean))
		covered := 100 * float64(c.held) / n
		mark := ""
		if w.claimed {
			mark = "yes"
			if covered < 93 || covered > 97 {
				t.Errorf("%s, %s: covers %.1f%%", w.what, w.how, covered)
			}
		}
		if c.refused > 0 {
			t.Errorf("%s, %s: %d refused", w.what, w.how, c.refused)
		}
		fmt.Fprintf(&rows, "| %s | %s | %.1f | %.3f | %.3f | %.3f | %s |\n", w.what, w.how, covered, mean/w.truth, spread, c.reported/n, mark)
	}
	report := regressionReport(samples, rows.String())
	if *truthReport == "" {
		t.Log(report)
		return
	}
	if err := oracle.WriteSection(*truthReport, report); err != nil {
		t.Fatal(err)
	}
}

func regressionReport(samples int, rows string) string {
	return fmt.Sprintf(`## Regression

How often the 95%% interval of a coefficient holds the truth, over %d simulated samples a line with fixed seeds (binomial standard error 0.7 points). Written by

    go test ./regress -run CoverageOfIntervals -slow -truth-report ../docs/truth.md

"Estimate" is the mean estimate over the truth; "spread" is the standard deviation of the estimates, and "told" the mean standard error, which should be the same. A line
where 93–97%% is claimed says yes; the others show what goes wrong, and when. Rows that remember have an autocorrelation of 0.7 in x and in the disturbance.

| world | estimator, errors | covers %% | estimate | spread | told | claimed |
|---|---|---:|---:|---:|---:|---|
%s
**Read.** Classic errors believe that rows are independent; where they remember, an interval that is told as 95%% holds far less, at any number of units. Clustered errors mend that
from about thirty units on, and are a little narrow below, or where a few units have most of the rows. Three things they cannot mend: few *treated* units, however many others
stand beside them; shocks that all units share, which need two-way effects; and a level that goes with x, which random effects take for an effect of x. Robust errors of a skewed x are too narrow even with a thousand rows.
`, samples, rows)
}
