package voice_test

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/oracle"
	"github.com/throughline/throughline/voice"
)

var (
	slow       = flag.Bool("slow", false, "simulate how often intervals hold the truth over many samples (minutes)")
	updateDocs = flag.Bool("update-docs", false, "with -slow, write the part of docs/truth.md on scores")
)

// crowd is a world of customers who answer: of a share more, and the others, each with the shares of top and bottom answers that are usual among them, and
// how many answers one gives on the average. alike is the correlation of two answers of one customer.
type crowd struct {
	name      string
	customers int
	p, d      float64
	answers   float64 // a customer: 1, or 1 + geometric
	alike     float64
	loud      float64 // how many times as many answers those give who have the worst to say (a fifth of them: p 0.1, d 0.7); 0: nobody is apart
	claimed   bool
}

var crowds = []crowd{
	{name: "10 customers, 5 answers each, correlation 0.3", customers: 10, p: 0.5, d: 0.2, answers: 5, alike: 0.3},
	{name: "20 customers, 5 answers each, correlation 0.3", customers: 20, p: 0.5, d: 0.2, answers: 5, alike: 0.3, claimed: true},
	{name: "50 customers, 3 answers each, correlation 0", customers: 50, p: 0.5, d: 0.2, answers: 3, claimed: true},
	{name: "50 customers, 3 answers each, correlation 0.3", customers: 50, p: 0.5, d: 0.2, answers: 3, alike: 0.3, claimed: true},
	{name: "50 customers, 3 answers each, correlation 0.8", customers: 50, p: 0.5, d: 0.2, answers: 3, alike: 0.8, claimed: true},
	{name: "50 customers, 20 answers each, correlation 0.3", customers: 50, p: 0.5, d: 0.2, answers: 20, alike: 0.3, claimed: true},
	{name: "50 customers, 3 answers each, correlation 0.3, nine of ten promoters", customers: 50, p: 0.9, d: 0.03, answers: 3, alike: 0.3},
	{name: "50 customers, the worst served answer four times as often, correlation 0.3", customers: 50, p: 0.6, d: 0.1, answers: 3, alike: 0.3, loud: 4},
	{name: "300 customers, 3 answers each, correlation 0.3", customers: 300, p: 0.5, d: 0.2, answers: 3, alike: 0.3, claimed: true},
	{name: "300 customers, the worst served answer four times as often, correlation 0.3", customers: 300, p: 0.6, d: 0.1, answers: 3, alike: 0.3, loud: 4, claimed: true},
}

// leaning draws a customer's own shares: Dirichlet around the usual ones, which makes two answers of one customer correlate by 1 ÷ (1 + a).
func leaning(r *rand.Rand, p, d, alike float64) (float64, float64) {
	if alike == 0 {
		return p, d
	}
	a := 1/alike - 1
	x, y, z := gamma(r, a*p), gamma(r, a*(1-p-d)), gamma(r, a*d)
	return x / (x + y + z), z / (x + y + z)
}

// gamma draws from the gamma distribution of a shape (Marsaglia & Tsang, ACM TOMS 26, 2000).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(1-r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// truth is the share of top and of bottom answers among all answers that such customers give.
func (c crowd) truth() (p, d float64) {
	if c.loud == 0 {
		return c.p, c.d
	}
	w := 0.2 * c.loud / (0.2*c.loud + 0.8)
	return w*0.1 + (1-w)*c.p, w*0.7 + (1-w)*c.d
}

// holds counts how often the intervals hold the truth: of the score as if all answers were of different customers, and by customers of the score, the share and
// the mean unit.
func (c crowd) holds(r *rand.Rand) (out [4]bool) {
	var all voice.Counts
	var net, share voice.Clusters
	for range c.customers {
		p, d, mean := c.p, c.d, c.answers
		if c.loud > 0 && r.Float64() < 0.2 {
			p, d, mean = 0.1, 0.7, c.answers*c.loud
		}
		p, d = leaning(r, p, d, c.alike)
		n := 1
		for mean > 1 && r.Float64() >= 1/mean {
			n++
		}
		var own voice.Counts
		for range n {
			switch x := r.Float64(); {
			case x < p:
				own.Add(voice.Top)
			case x < p+d:
				own.Add(voice.Bottom)
			default:
				own.Add(voice.Middle)
			}
		}
		all = voice.Counts{Top: all.Top + own.Top, Middle: all.Middle + own.Middle, Bottom: all.Bottom + own.Bottom}
		net.Add(own.Top-own.Bottom, own.N())
		share.Add(own.Top, own.N())
	}
	p, d := c.truth()
	return [4]bool{within(all.NPS(), 100*(p-d)), within(net.NPS(all), 100*(p-d)), within(share.Share(all), p), within(net.Mean(all.Top-all.Bottom, all.N()), p-d)}
}

// within tells whether an interval holds a value; a refusal does not.
func within(f evidence.Figure, x float64) bool {
	e, ok := f.Estimate()
	if !ok {
		return false
	}
	low, _ := e.Low.Float64()
	high, _ := e.High.Float64()
	return low <= x && x <= high
}

// exactly is how often Wald's and the adjusted interval hold the score of n independent answers, by the probability of every outcome.
func exactly(t *testing.T, n int, p, d float64) (wald, adjusted float64) {
	factorial := func(k int) float64 { x, _ := math.Lgamma(float64(k + 1)); return x }
	power := func(x float64, k int) float64 {
		if k == 0 {
			return 0
		}
		return float64(k) * math.Log(x)
	}
	truth := 100 * (p - d)
	for a := range n + 1 {
		for b := range n - a + 1 {
			s, err := voice.Counts{Top: int64(a), Middle: int64(n - a - b), Bottom: int64(b)}.Points()
			if err != nil {
				t.Fatal(err)
			}
			chance := math.Exp(factorial(n) - factorial(a) - factorial(b) - factorial(n-a-b) + power(p, a) + power(d, b) + power(1-p-d, n-a-b))
			if s.WaldLow-1e-9 <= truth && truth <= s.WaldHigh+1e-9 {
				wald += chance
			}
			if s.Low-1e-9 <= truth && truth <= s.High+1e-9 {
				adjusted += chance
			}
		}
	}
	return wald, adjusted
}

// rakes is how often intervals of a sample hold the score of a population of two segments and two regions that answer unequally: unweighted, and
// raked, unless the sample cannot be.
func rakes(t *testing.T, r *rand.Rand, n int) (plain, raked, ok bool) {
	q := ask(t, "nps", "")
	s := voice.Sample{Question: q}
	segment := voice.Margin{Name: "segment", Categories: []string{"small", "large"}, Targets: []float64{700, 300}}
	region := voice.Margin{Name: "region", Categories: []string{"north", "south"}, Targets: []float64{500, 500}}
	truth := 0.0
	shares := func(large, south int) (p, d float64) {
		return 0.3 + 0.35*float64(large) + 0.05*float64(south), 0.4 - 0.25*float64(large) - 0.05*float64(south)
	}
	for large, w := range []float64{0.7, 0.3} {
		for south := range 2 {
			p, d := shares(large, south)
			truth += 100 * w * 0.5 * (p - d)
		}
	}
	for len(s.Scores) < n {
		large, south := 0, r.IntN(2)
		if r.Float64() < 0.3 {
			large = 1
		}
		if r.Float64() > 0.2+0.4*float64(large)+0.2*float64(south) { // the large and the south answer more
			continue
		}
		p, d := shares(large, south)
		score := 8.0
		switch x := r.Float64(); {
		case x < p:
			score = 10
		case x < p+d:
			score = 3
		}
		s.Scores = append(s.Scores, score)
		segment.Of, region.Of = append(segment.Of, large), append(region.Of, south)
	}
	read := func() (holds, ok bool) {
		x, err := s.Read()
		var refused evidence.Refusal
		if errors.As(err, &refused) {
			return false, false
		}
		if err != nil {
			t.Fatal(err)
		}
		out, err := x.Of(voice.All)
		if err != nil {
			t.Fatal(err)
		}
		return within(out.Net.Figure(), truth), true
	}
	plain, _ = read()
	s.Margins = []voice.Margin{segment, region}
	raked, ok = read()
	return plain, raked, ok
}

// weighs is whether the interval of n answers holds, whose weights are lognormal of a spread and have nothing to do with what is said.
func weighs(t *testing.T, r *rand.Rand, n int, spread float64) bool {
	s := voice.Sample{Question: ask(t, "nps", "")}
	for range n {
		score := 8.0
		switch x := r.Float64(); {
		case x < 0.5:
			score = 10
		case x < 0.7:
			score = 3
		}
		s.Scores, s.Weights = append(s.Scores, score), append(s.Weights, math.Exp(spread*r.NormFloat64()))
	}
	x, err := s.Read()
	if err != nil {
		t.Fatal(err)
	}
	out, err := x.Of(voice.All)
	if err != nil {
		t.Fatal(err)
	}
	return within(out.Net.Figure(), 30)
}

const truthHeading = "## Scores\n"

// TestTruthOfScores holds intervals to what they say: 95%. Seeds are fixed; another run of the same code writes the same tables.
func TestTruthOfScores(t *testing.T) {
	n := 400
	switch {
	case *slow:
		n = 10_000
	case os.Getenv("THROUGHLINE_THOROUGH") != "":
		n = 2000
	}
	error := math.Sqrt(0.05 * 0.95 / float64(n))
	var b strings.Builder
	b.WriteString(`
How often 95% intervals hold the truth. Written by

    go test ./voice -run TestTruthOfScores -slow -update-docs

Of independent answers it is not simulated but summed over every outcome.

| answers | promoters | detractors | Wald % | adjusted Wald % |
| ---: | ---: | ---: | ---: | ---: |
`)
	for _, k := range []int{5, 10, 30, 100} {
		for _, s := range [][2]float64{{0.5, 0.2}, {0.3, 0.4}, {0.85, 0.05}, {0.95, 0.01}} {
			wald, adjusted := exactly(t, k, s[0], s[1])
			fmt.Fprintf(&b, "| %d | %v | %v | %.1f | %.1f |\n", k, s[0], s[1], 100*wald, 100*adjusted)
			if k >= 30 && adjusted < 0.93 {
				t.Errorf("%d answers of %v: the adjusted interval holds in %.1f%%", k, s, 100*adjusted)
			}
		}
	}
	fmt.Fprintf(&b, `
Answers of customers who answer several times, over %d simulated samples a line with fixed seeds (binomial standard error %.1f points). Customers lean their own way (Dirichlet), so that two answers of one correlate; how many they give is geometric.
*Ignored* is the adjusted Wald interval of the score as if every answer were another customer's; the others go by customers.

| world | ignored %% | score %% | share %% | mean unit %% |
| --- | ---: | ---: | ---: | ---: |
`, n, 100*error)
	for i, c := range crowds {
		var held [4]float64
		r := rand.New(rand.NewPCG(7, uint64(i+1)))
		for range n {
			for j, ok := range c.holds(r) {
				if ok {
					held[j] += 1 / float64(n)
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.1f | %.1f |\n", c.name, 100*held[0], 100*held[1], 100*held[2], 100*held[3])
		if least := 0.93 - 4*error; c.claimed && min(held[1], held[2]) < least {
			t.Errorf("%s: score %.1f%%, share %.1f%%", c.name, 100*held[1], 100*held[2])
		}
	}
	b.WriteString(`
Answers with weights that have nothing to do with what is said (lognormal; of half promoters and a fifth detractors).

| answers | spread of the logarithm | score % |
| ---: | ---: | ---: |
`)
	for i, k := range []int{10, 30, 100} {
		for j, spread := range []float64{0.5, 1} {
			r := rand.New(rand.NewPCG(13, uint64(2*i+j)))
			held := 0.0
			for range n {
				if weighs(t, r, k, spread) {
					held += 1 / float64(n)
				}
			}
			fmt.Fprintf(&b, "| %d | %v | %.1f |\n", k, spread, 100*held)
		}
	}
	b.WriteString(`
Answers of a population of two segments and two regions, of which the large and the south answer more, with the score of the whole population as the truth. *Refused* are samples that cannot be raked; the share is of the others.

| answers | unweighted % | raked to segment and region % | refused % |
| ---: | ---: | ---: | ---: |
`)
	for i, k := range []int{30, 100, 400} {
		r := rand.New(rand.NewPCG(11, uint64(i+1)))
		plain, raked, refused := 0.0, 0.0, 0.0
		for range n {
			a, b, ok := rakes(t, r, k)
			if a {
				plain++
			}
			switch {
			case !ok:
				refused++
			case b:
				raked++
			}
		}
		plain, raked, refused = plain/float64(n), raked/(float64(n)-refused), refused/float64(n)
		fmt.Fprintf(&b, "| %d | %.1f | %.1f | %.1f |\n", k, 100*plain, 100*raked, 100*refused)
		if k >= 100 && raked < 0.935-4*error {
			t.Errorf("%d answers raked: %.1f%%", k, 100*raked)
		}
	}
	t.Log(b.String())
	if *slow && *updateDocs {
		if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), truthHeading+b.String()); err != nil {
			t.Fatal(err)
		}
	}
}
