package clv

import (
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/internal/oracle"
	"github.com/throughline/throughline/likelihood"
)

var (
	slow       = flag.Bool("slow", false, "simulate how often intervals hold the truth (minutes)")
	samples    = flag.Int("samples", 1000, "samples of each simulated world, with -slow")
	updateDocs = flag.Bool("update-docs", false, "with -slow, write the lifetimes' part of docs/truth.md")
)

// trial is a simulated world: each sample draws customers from the truth and fits the model to them.
type trial struct {
	name  string
	truth []float64
	fit   func(w world) (likelihood.Fit, error)
	// derived is a figure that a reader acts on, of the parameters.
	derived   string
	figure    func(p []float64) float64
	names     []string
	wald, log []int // samples in which the interval of a parameter held the truth: value ± 1.96 se, and [likelihood.Fit.Interval]
	means     []float64
	mean      int // the same for the derived figure
	fitted    int
	refusals  map[string]int
}

func fitOf[M any](f Fit[M], err error) (likelihood.Fit, error) { return f.Fit, err }

func gatheredIn(customers []History) *Histories {
	h, err := Gather(Each(customers))
	if err != nil {
		panic(err) // a world that draws an impossible history
	}
	return h
}

func trials() []*trial {
	bg, small := BGNBD{0.8, 40, 0.8, 2.5}, BGNBD{0.243, 30.9, 0.793, 2.426}
	pa, sample := ParetoNBD{0.8, 60, 0.6, 90}, ParetoNBD{0.553, 74, 0.606, 81.7}
	gg, sb, bb, bd := GammaGamma{6.25, 3.74, 15.44}, SBG{0.668, 3.806}, BGBB{1.204, 0.75, 0.657, 2.783}, BdW{0.45, 1.2, 1.3}
	year := func(m Lifetime) float64 { return m.Expected(365) }
	bgYear := func(p []float64) float64 { return year(BGNBD{p[0], p[1], p[2], p[3]}) }
	paYear := func(p []float64) float64 { return year(ParetoNBD{p[0], p[1], p[2], p[3]}) }
	return []*trial{
		{name: "BG/NBD, 3,000 customers, 1–2 years", truth: []float64{bg.R, bg.Alpha, bg.A, bg.B}, derived: "purchases in a year", figure: bgYear,
			fit: func(w world) (likelihood.Fit, error) {
				return fitOf(FitBGNBD(gatheredIn(w.bgnbd(bg, 3000, 730, true))))
			}},
		{name: "BG/NBD like CDNOW, 2,400 customers, 20–40 weeks", truth: []float64{small.R, small.Alpha, small.A, small.B}, derived: "purchases in a year", figure: bgYear,
			fit: func(w world) (likelihood.Fit, error) {
				return fitOf(FitBGNBD(gatheredIn(w.bgnbd(small, 2400, 280, true))))
			}},
		{name: "Pareto/NBD, 3,000 customers, 1–2 years", truth: []float64{pa.R, pa.Alpha, pa.S, pa.Beta}, derived: "purchases in a year", figure: paYear,
			fit: func(w world) (likelihood.Fit, error) {
				return fitOf(FitParetoNBD(gatheredIn(w.paretoNBD(pa, 3000, 730, true))))
			}},
		{name: "Pareto/NBD like CDNOW, 2,400 customers, 20–40 weeks", truth: []float64{sample.R, sample.Alpha, sample.S, sample.Beta}, derived: "purchases in a year", figure: paYear,
			fit: func(w world) (likelihood.Fit, error) {
				return fitOf(FitParetoNBD(gatheredIn(w.paretoNBD(sample, 2400, 280, true))))
			}},
		{name: "Gamma-gamma, 1,000 customers", truth: []float64{gg.P, gg.Q, gg.Gamma}, derived: "mean spend", figure: func(p []float64) float64 { return GammaGamma{p[0], p[1], p[2]}.Mean() },
			fit: func(w world) (likelihood.Fit, error) {
				s, err := GatherSpend(EachSpend(w.gammaGamma(gg, 1000)))
				if err != nil {
					return likelihood.Fit{}, err
				}
				f, err := FitGammaGamma(s)
				return f.Fit.Fit, err
			}},
		{name: "sBG, 1,000 customers, 7 periods", truth: []float64{sb.Alpha, sb.Beta}, derived: "left after 12", figure: func(p []float64) float64 { return SBG{p[0], p[1]}.Survival(12) },
			fit: func(w world) (likelihood.Fit, error) { return fitOf(FitSBG(w.sbg(sb, 1000, 7))) }},
		{name: "BdW, 5,000 customers, 8 periods", truth: []float64{bd.Alpha, bd.Beta, bd.C}, derived: "left after 12", figure: func(p []float64) float64 { return BdW{p[0], p[1], p[2]}.Survival(12) },
			fit: func(w world) (likelihood.Fit, error) { return fitOf(FitBdW(w.bdw(bd, 5000, 8))) }},
		{name: "BG/BB, 3,000 customers, 4–8 chances", truth: []float64{bb.Alpha, bb.Beta, bb.Gamma, bb.Delta}, derived: "of five chances", figure: func(p []float64) float64 { return BGBB{p[0], p[1], p[2], p[3]}.Expected(5) },
			fit: func(w world) (likelihood.Fit, error) { return fitOf(FitBGBB(gatheredIn(w.bgbb(bb, 3000, 8)))) }},
	}
}

// inSamples draws n samples on all processors; each has its seed, so that the result does not depend on them.
func inSamples(n int, one func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				one(i)
			}
		})
	}
	wait.Wait()
}

func (t *trial) run(n int, seed uint64) {
	dim := len(t.truth)
	t.wald, t.log, t.means, t.refusals = make([]int, dim), make([]int, dim), make([]float64, dim), map[string]int{}
	fits := make([]likelihood.Fit, n)
	errs := make([]error, n)
	inSamples(n, func(i int) { fits[i], errs[i] = t.fit(newWorld(seed<<20 + uint64(i))) })
	for i, f := range fits {
		if errs[i] != nil {
			t.refusals[errs[i].Error()]++
			continue
		}
		t.fitted++
		t.names = f.Names
		for j, truth := range t.truth {
			low, high := f.Interval(j, 0.95)
			if low <= truth && truth <= high {
				t.log[j]++
			}
			if math.Abs(f.Values[j]-truth) <= 1.959964*f.SE(j) {
				t.wald[j]++
			}
			t.means[j] += f.Values[j]
		}
		if value, se := f.Delta(t.figure); math.Abs(value-t.figure(t.truth)) <= 1.959964*se {
			t.mean++
		}
	}
}

// TestTruth takes minutes:
//
//	go test ./clv -run TestTruth -slow -update-docs -timeout 60m
func TestTruth(t *testing.T) {
	if !*slow {
		t.Skip("minutes; -slow")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nHow often 95%% intervals hold the truth, over %d samples a world, each fitted by maximum likelihood; the binomial standard error "+
		"at 95%% is %.1f points. Written by\n\n    go test ./clv -run TestTruth -slow -update-docs -timeout 60m\n\n *Interval* is of the logarithm of the parameter (`Fit.Interval`), *± 1.96 se* is symmetric. *Mean ÷ truth* is of the estimates. "+
		"The last column is a figure that a reader acts on, by the delta method. Purchases are seen at their exact moment.\n\n"+
		"| world | fitted | parameter | truth | mean ÷ truth | interval | ± 1.96 se | figure |\n| --- | ---: | --- | ---: | ---: | ---: | ---: | --- |\n", *samples, 100*math.Sqrt(0.95*0.05/float64(*samples)))
	least, most := 1.0, 0.0
	for seed, c := range trials() {
		c.run(*samples, uint64(seed+1))
		n := float64(c.fitted)
		for j := range c.truth {
			name, fitted, figure := "", "", ""
			if j == 0 {
				name, fitted, figure = c.name, fmt.Sprintf("%d", c.fitted), fmt.Sprintf("%s %.1f%%", c.derived, 100*float64(c.mean)/n)
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %.4g | %.3f | %.1f%% | %.1f%% | %s |\n", name, fitted, c.names[j], c.truth[j], c.means[j]/n/c.truth[j], 100*float64(c.log[j])/n, 100*float64(c.wald[j])/n, figure)
			got := float64(c.log[j]) / n
			least, most = min(least, got), max(most, got)
			if got < 0.92 || got > 0.98 {
				t.Errorf("%s: the interval of %s covers %.3f", c.name, c.names[j], got)
			}
		}
		for reason, count := range c.refusals {
			t.Logf("%s: %d refused: %s", c.name, count, reason)
		}
	}
	fmt.Fprintf(&b, "\nOver all parameters and worlds the interval covers %.1f%% to %.1f%%. Symmetric intervals are too narrow upwards where a parameter is poorly known (s and β of a base like CDNOW), and its mean is then too high: "+
		"it is the logarithm that is nearly normal. What customers will do is known better than s or β by themselves.\n", 100*least, 100*most)
	b.WriteString(misspecified(max(20, *samples/10)))
	if !*updateDocs {
		t.Log(b.String())
		return
	}
	if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), truthHeading+b.String()); err != nil {
		t.Fatal(err)
	}
}

const truthHeading = "## Lifetimes, spend and contracts\n"

// shopper is a customer of a world that no model describes: when they buy after the first time, up to an end.
type shopper func(w world, end float64) []float64

// thinned draws purchases at a rate that changes with time, at most most.
func thinned(w world, most, end float64, rate func(at float64) float64) (out []float64) {
	for at := w.ExpFloat64() / most; at < end; at += w.ExpFloat64() / most {
		if w.Float64()*most < rate(at) {
			out = append(out, at)
		}
	}
	return out
}

// wrongs are worlds in which an assumption of Pareto/NBD is broken, one at a time.
func wrongs(m ParetoNBD) []struct {
	name string
	draw shopper
	unit float64
} {
	leaving := func(w world) float64 { return w.ExpFloat64() / w.gamma(m.S, m.Beta) }
	normal := func(w world, rho float64) (a, b float64) {
		a = w.NormFloat64()
		return a, rho*a + math.Sqrt(1-rho*rho)*w.NormFloat64()
	}
	dependent := func(rho float64) shopper {
		return func(w world, end float64) []float64 {
			a, b := normal(w, rho)
			rate := distuv.Gamma{Alpha: m.R, Beta: m.Alpha}.Quantile(distuv.UnitNormal.CDF(a))
			gone := w.ExpFloat64() / distuv.Gamma{Alpha: m.S, Beta: m.Beta}.Quantile(distuv.UnitNormal.CDF(b))
			return thinned(w, rate, math.Min(end, gone), func(float64) float64 { return rate })
		}
	}
	plain := dependent(0)
	return []struct {
		name string
		draw shopper
		unit float64
	}{
		{"none", plain, 0},
		{"seen by the day", plain, 1},
		{"seen by the week", plain, 7},
		{"season: twice as much in two months of the year", func(w world, end float64) []float64 {
			rate, gone, phase := w.gamma(m.R, m.Alpha), leaving(w), w.Float64()*365
			return thinned(w, 2*rate, math.Min(end, gone), func(at float64) float64 {
				if math.Mod(at+phase, 365) < 61 {
					return 2 * rate
				}
				return rate
			})
		}, 0},
		{"season that starts as the forecast does: twice as much from age T on", nil, 0},
		{"heavy tails: lognormal rates of the same mean, variance ×3", func(w world, end float64) []float64 {
			sigma := math.Sqrt(math.Log1p(3 / m.R))
			rate := m.R / m.Alpha * math.Exp(sigma*w.NormFloat64()-sigma*sigma/2)
			return thinned(w, rate, math.Min(end, leaving(w)), func(float64) float64 { return rate })
		}, 0},
		{"heavy buyers stay longer (rank correlation of rate and leaving −0.5)", dependent(-0.5), 0},
		{"heavy buyers leave sooner (+0.5)", dependent(0.5), 0},
		{"regular buying: every second beat of a random clock", func(w world, end float64) (out []float64) {
			rate, gone := 2*w.gamma(m.R, m.Alpha), leaving(w)
			for at, i := w.ExpFloat64()/rate, 1; at < math.Min(end, gone); at, i = at+w.ExpFloat64()/rate, i+1 {
				if i%2 == 0 {
					out = append(out, at)
				}
			}
			return out
		}, 0},
	}
}

// observe is what is known at the age of a customer with these purchases, seen by the unit, and how many follow within a year.
func observe(times []float64, age, unit float64) (h History, after float64) {
	h.Age = age
	last := 0.0
	for _, at := range times {
		if unit > 0 {
			at = unit * math.Ceil(at/unit)
		}
		switch {
		case at == last:
		case at <= age:
			h.Last, last = at, at
			h.Repeats++
		case at <= age+364: // whole days and weeks
			last = at
			after++
		}
	}
	return h, after
}

// misspecified fits Pareto/NBD where it is wrong and compares the purchases of the year after with what it expected.
func misspecified(n int) string {
	var b strings.Builder
	const customers = 3000
	truth := ParetoNBD{0.8, 60, 0.6, 90}
	fmt.Fprintf(&b, "\n### Where the model is wrong\n\nPareto/NBD (r 0.8, α 60, s 0.6, β 90 days) fitted to %d customers of 26–52 whole weeks in worlds that break one assumption, %d samples each. *Predicted ÷ actual* is of all purchases in the "+
		"52 weeks after (mean over samples, and the range that holds nineteen of twenty); the interval is of the prediction, from the parameters alone, and is counted as holding when the actual total lies in it: where nothing is wrong it "+
		"misses too, because what customers do is chance even when the parameters are known. *Interval of r* is as above.\n\n"+
		"| what is wrong | fitted | predicted ÷ actual | nineteen of twenty | interval holds the total | interval of r |\n| --- | ---: | ---: | --- | ---: | ---: |\n", customers, n)
	for k, c := range wrongs(truth) {
		ratios, holds, ofR := make([]float64, n), make([]bool, n), make([]bool, n)
		inSamples(n, func(i int) {
			w := newWorld(uint64(1000+k)<<20 + uint64(i))
			ratios[i], holds[i], ofR[i] = one(w, c.draw, c.unit, truth, customers)
		})
		var good []float64
		held, r := 0, 0
		for i, x := range ratios {
			if !math.IsNaN(x) {
				good = append(good, x)
				if holds[i] {
					held++
				}
				if ofR[i] {
					r++
				}
			}
		}
		m := float64(len(good))
		slices.Sort(good)
		fmt.Fprintf(&b, "| %s | %d | %.3f | %.3f–%.3f | %.0f%% | %.0f%% |\n", c.name, len(good), stat.Mean(good, nil), stat.Quantile(0.025, stat.Empirical, good, nil),
			stat.Quantile(0.975, stat.Empirical, good, nil), 100*float64(held)/m, 100*float64(r)/m)
	}
	b.WriteString(dependentSpend(n))
	return b.String()
}

// one draws a world's customers, fits and predicts. A world without a draw is the truth with a rate that doubles at the customer's age.
func one(w world, draw shopper, unit float64, truth ParetoNBD, customers int) (ratio float64, holds, ofR bool) {
	rows, actual := make([]History, customers), 0.0
	for i := range rows {
		age, after := 7*math.Floor(26+w.Float64()*27), 0.0
		if draw != nil {
			rows[i], after = observe(draw(w, age+400), age, unit)
		} else {
			rate, gone := w.gamma(truth.R, truth.Alpha), w.ExpFloat64()/w.gamma(truth.S, truth.Beta)
			rows[i], after = observe(thinned(w, 2*rate, math.Min(age+400, gone), func(at float64) float64 {
				if at > age {
					return 2 * rate
				}
				return rate
			}), age, unit)
		}
		actual += after
	}
	h := gatheredIn(rows)
	f, err := FitParetoNBD(h)
	if err != nil {
		return math.NaN(), false, false
	}
	total, se := f.Delta(func(p []float64) float64 {
		sum, _ := Totals(ParetoNBD{p[0], p[1], p[2], p[3]}, h, 364)
		return sum
	})
	low, high := f.Interval(0, 0.95)
	return total / actual, math.Abs(total-actual) <= 1.96*se, low <= truth.R && truth.R <= high
}

// dependentSpend makes spend follow frequency more and more, and asks what the test says and what a total loses.
func dependentSpend(n int) string {
	var b strings.Builder
	b.WriteString("\nSpend that follows frequency: gamma-gamma (p 6.25, q 3.74, γ 15.44) for 2,000 customers whose spend is multiplied by (purchases ÷ mean purchases)^k. *Refused* is how often a value is not given because of it; the totals " +
		"are expected spend × purchases over what was truly expected of these customers.\n\n| k | mean correlation | p < 0.05 | refused | total ÷ truth |\n| ---: | ---: | ---: | ---: | ---: |\n")
	m := GammaGamma{6.25, 3.74, 15.44}
	for j, k := range []float64{0, 0.1, 0.25, 0.5, 1} {
		type row struct{ correlation, significant, refused, ratio float64 }
		rows := make([]row, n)
		inSamples(n, func(i int) {
			w := newWorld(uint64(2000+j)<<20 + uint64(i))
			var spends []Spend
			truth := 0.0
			for range 2000 {
				x := 1 + int64(w.ExpFloat64()*3)
				rate, factor := w.gamma(m.Q, m.Gamma), math.Pow(float64(x)/3.5, k)
				spends = append(spends, Spend{x, factor * w.gamma(m.P*float64(x), rate) / float64(x)})
				truth += factor * m.P / rate * float64(x)
			}
			s, err := GatherSpend(EachSpend(spends))
			if err != nil {
				panic(err)
			}
			f, err := FitGammaGamma(s)
			if err != nil {
				rows[i].ratio = math.NaN()
				return
			}
			total := 0.0
			for _, c := range spends {
				total += f.Model.Expected(c) * float64(c.Purchases)
			}
			rows[i] = row{f.Independence.Correlation, 0, 0, total / truth}
			if f.Independence.P < 0.05 {
				rows[i].significant = 1
			}
			if f.Independence.Err() != nil {
				rows[i].refused = 1
			}
		})
		var sum row
		fitted := 0.0
		for _, r := range rows {
			if !math.IsNaN(r.ratio) {
				fitted++
				sum = row{sum.correlation + r.correlation, sum.significant + r.significant, sum.refused + r.refused, sum.ratio + r.ratio}
			}
		}
		fmt.Fprintf(&b, "| %v | %.2f | %.0f%% | %.0f%% | %.3f |\n", k, sum.correlation/fitted, 100*sum.significant/fitted, 100*sum.refused/fitted, sum.ratio/fitted)
	}
	return b.String()
}
