package journey

import (
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/oracle"
)

var (
	slow       = flag.Bool("slow", false, "simulate how often intervals hold the truth over many samples (minutes)")
	updateDocs = flag.Bool("update-docs", false, "with -slow, write the part of docs/truth.md on touchpoints")
)

// callers is a world of customers who come to a touchpoint 1 + geometric times, each with a share of contacts that have something and a mean wait of their own.
type callers struct {
	name      string
	customers int
	contacts  float64 // a customer, mean
	nameless  int     // contacts besides that name nobody
	p         float64
	alike     float64 // correlation of two contacts of one customer
	claimed   bool    // the share holds 93% or more, or the test fails
}

var worlds = []callers{
	{"40 customers, 1 contact each", 40, 1, 0, 0.8, 0, true},
	{"40 customers, 3 contacts each, alike 0.3", 40, 3, 0, 0.8, 0.3, true},
	{"20 customers, 10 contacts each, alike 0.3", 20, 10, 0, 0.8, 0.3, false},
	{"20 customers, 10 contacts each, and 200 that name nobody", 20, 10, 200, 0.8, 0.3, false},
	{"300 customers, 3 contacts each, alike 0.3", 300, 3, 0, 0.8, 0.3, true},
	{"300 customers, 3 contacts each, alike 0.3, one in twenty", 300, 3, 0, 0.05, 0.3, true},
	{"2,000 customers, 2 contacts each, alike 0.1", 2000, 2, 0, 0.9, 0.1, true},
}

// gamma draws from the gamma distribution of a shape (Marsaglia & Tsang, ACM TOMS 26, 2000).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// draw is the contacts of one sample: how many had something, and how long they waited, 60 seconds in the mean, exponential around each customer's own mean.
func (w callers) draw(r *rand.Rand) (Rate, Mean) {
	var rate Rate
	var n, waits, squares, products, sizes int64
	add := func(contacts int64, p, mean float64) {
		had, wait := int64(0), int64(0)
		for range contacts {
			if r.Float64() < p {
				had++
			}
			wait += int64(math.Round(r.ExpFloat64() * mean))
		}
		rate.Known, rate.Had = rate.Known+contacts, rate.Had+had
		rate.HadHad, rate.HadKnown, rate.KnownSquared = rate.HadHad+had*had, rate.HadKnown+had*contacts, rate.KnownSquared+contacts*contacts
		n, waits, squares, products, sizes = n+contacts, waits+wait, squares+wait*wait, products+wait*contacts, sizes+contacts*contacts
	}
	for range w.customers {
		contacts := int64(1)
		for r.Float64() < 1-1/w.contacts {
			contacts++
		}
		p, mean := w.p, 60.0
		if w.alike > 0 {
			a := 1/w.alike - 1
			x, y := gamma(r, a*w.p), gamma(r, a*(1-w.p))
			p, mean = x/(x+y), 60*gamma(r, a)/a
		}
		add(contacts, p, mean)
	}
	for range w.nameless {
		add(1, w.p, 60)
	}
	of := func(x int64) *big.Rat { return big.NewRat(x, 1) }
	return rate, Mean{N: n, Sum: of(waits), Squares: new(big.Rat), SumSum: of(squares), SumN: of(products), NN: sizes}
}

func holds(f evidence.Figure, truth float64) bool {
	e, ok := f.Estimate()
	return ok && float(e.Low) <= truth && truth <= float(e.High)
}

// passing is a world of strata in which passers come again more or less often than others by a difference that is the same, and others with a share from low to high.
func passing(r *rand.Rand, strata int, size, low, high, d float64) (pairs []pair) {
	for range strata {
		n1, n0 := 1+float64(r.IntN(int(size/4))), 1+float64(r.IntN(int(size)))
		p := low + (high-low)*r.Float64()
		s := pair{n1: n1, n0: n0}
		for range int(n1) {
			if r.Float64() < p+d {
				s.x1++
			}
		}
		for range int(n0) {
			if r.Float64() < p {
				s.x0++
			}
		}
		pairs = append(pairs, s)
	}
	return pairs
}

// rare is a world of strata in which few come again, or few do not.
type rare struct {
	name   string
	strata int
	size   float64
	p      float64 // the middle of the shares of others, which lie from a half of it to one and a half
	away   bool    // they are of others that do not come again
}

var seldom = []rare{
	{"0.5%, 200 strata of up to 2 and 8", 200, 8, 0.005, false},
	{"0.5%, 40 strata of up to 10 and 40", 40, 40, 0.005, false},
	{"0.5%, 200 strata of up to 10 and 40", 200, 40, 0.005, false},
	{"0.5%, 40 strata of up to 100 and 400", 40, 400, 0.005, false},
	{"0.5%, 200 strata of up to 100 and 400", 200, 400, 0.005, false},
	{"2%, 200 strata of up to 2 and 8", 200, 8, 0.02, false},
	{"2%, 40 strata of up to 10 and 40", 40, 40, 0.02, false},
	{"2%, 5 strata of up to 50 and 200", 5, 200, 0.02, false},
	{"2%, 200 strata of up to 10 and 40", 200, 40, 0.02, false},
	{"2%, 40 strata of up to 100 and 400", 40, 400, 0.02, false},
	{"98%, 40 strata of up to 10 and 40", 40, 40, 0.02, true},
	{"98%, 200 strata of up to 10 and 40", 200, 40, 0.02, true},
}

// sampled is what came of samples of a world: how many varied, how many were not refused, and of how many of each the interval held the truth.
type sampled struct{ varied, any, told, held int }

// draw takes samples of a world in which passers come again more often by d.
func (w *rare) draw(r *rand.Rand, samples int, d float64) (out sampled) {
	for range samples {
		pairs, truth := passing(r, w.strata, w.size, w.p/2, 3*w.p/2, d), d
		if w.away {
			for i, s := range pairs {
				pairs[i].x1, pairs[i].x0 = s.n1-s.x1, s.n0-s.x0
			}
			truth = -d
		}
		e, v, ok := difference(pairs)
		if !ok || v == 0 {
			continue
		}
		holds, told := math.Abs(e-truth) <= z975*math.Sqrt(v), leeway(pairs) >= mantelFleiss
		out.varied, out.any, out.told, out.held = out.varied+1, out.any+b2i(holds), out.told+b2i(told), out.held+b2i(told && holds)
	}
	return out
}

// seldomTable is the part of worlds in which few come again. Below fifty samples nothing is told. Where half of them or more are not refused the interval
// holds in 91% of these or more, or the test fails; where fewer are not, these are the ones that happened to have many.
func seldomTable(t *testing.T, samples int) string {
	var b strings.Builder
	b.WriteString(seldomHead)
	share := func(n, of int) string {
		if of < 50 {
			return "–"
		}
		return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(of))
	}
	for i := range seldom {
		w := &seldom[i]
		r := rand.New(rand.NewPCG(13, uint64(i)))
		fmt.Fprintf(&b, "| %s |", w.name)
		var any []string
		for _, d := range []float64{0, -w.p / 2, w.p} {
			s := w.draw(r, samples, d)
			any = append(any, share(s.any, s.varied))
			fmt.Fprintf(&b, " %s | %s |", share(samples-s.told, samples), share(s.held, s.told))
			if 2*s.told >= samples && 100*s.held < 91*s.told {
				t.Errorf("%s, difference %v: it holds in %d of %d", w.name, d, s.held, s.told)
			}
		}
		fmt.Fprintf(&b, " %s |\n", strings.Join(any, ", "))
	}
	return b.String()
}

const seldomHead = `
The same where few come again, or few do not: the shares of others lie from a half to one and a half of the one that is said. Passers do it as often as others, less often by half of that
share, or more often by all of it (in the last two worlds it is staying away that they do). *Refused* is how often there is no difference, because Mantel & Fleiss’ criterion is below 5 or because nobody came;
*held* is of the others, – where these are fewer than 50. The last column is how often the intervals would hold without the criterion, in the same order.

| others who come again | alike: refused | held | less: refused | held | more: refused | held | without the criterion |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
`

// TestHowOftenTheIntervalsHold simulates worlds with known truth.
func TestHowOftenTheIntervalsHold(t *testing.T) {
	samples := 400
	if *slow {
		samples = 2000
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## Intervals of touchpoints\n\nHow often 95%% intervals hold the truth, over %d samples a world; the binomial standard error at 95%% is %.1f points. Written by\n\n    go test ./journey -run TestHowOftenTheIntervalsHold -slow -update-docs\n\n", samples, 100*math.Sqrt(0.95*0.05/float64(samples)))
	b.WriteString("Customers come 1 + geometric times; a customer's own share is beta, a customer's own mean wait gamma around the common one, waits are exponential. *Change* is the share of one sample less that of another with a share five points lower.\n\n| world | share | mean wait | change |\n| --- | ---: | ---: | ---: |\n")
	for i, w := range worlds {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		var share, wait, moved int
		lower := w
		lower.p = max(0.02, w.p-0.05)
		for range samples {
			rate, mean := w.draw(r)
			before, _ := lower.draw(r)
			now, was := rate.share("none", "some"), before.share("none", "some")
			if holds(now, w.p) {
				share++
			}
			if holds(mean.figure(0, "none", "some"), 60) {
				wait++
			}
			if c := change(now, was); c != nil {
				low, _ := c.Low.Float64()
				high, _ := c.High.Float64()
				if d := w.p - lower.p; low <= d && d <= high {
					moved++
				}
			}
		}
		of := func(n int) float64 { return 100 * float64(n) / float64(samples) }
		fmt.Fprintf(&b, "| %s | %.1f%% | %.1f%% | %.1f%% |\n", w.name, of(share), of(wait), of(moved))
		if w.claimed && of(share) < 92 {
			t.Errorf("%s: the share holds %.1f%%", w.name, of(share))
		}
	}
	b.WriteString("\nThe Mantel–Haenszel difference of who passed a touchpoint, with Sato's variance: strata of which each has a share of its own from 20% to 70% of others who come again.\n\n| world | difference −0.1 | none |\n| --- | ---: | ---: |\n")
	for i, w := range []struct {
		name   string
		strata int
		size   float64
	}{{"200 strata of up to 2 passers and 8 others", 200, 8}, {"40 strata of up to 10 and 40", 40, 40}, {"5 strata of up to 50 and 200", 5, 200}} {
		r := rand.New(rand.NewPCG(11, uint64(i)))
		held := [2]int{}
		for range samples {
			for j, truth := range []float64{-0.1, 0} {
				d, v, ok := difference(passing(r, w.strata, w.size, 0.2, 0.7, truth))
				if half := z975 * math.Sqrt(v); ok && d-half <= truth && truth <= d+half {
					held[j]++
				}
			}
		}
		a, c := 100*float64(held[0])/float64(samples), 100*float64(held[1])/float64(samples)
		fmt.Fprintf(&b, "| %s | %.1f%% | %.1f%% |\n", w.name, a, c)
		if min(a, c) < 92 {
			t.Errorf("%s: it holds %.1f%% and %.1f%%", w.name, a, c)
		}
	}
	b.WriteString(seldomTable(t, samples))
	if !*updateDocs || !*slow {
		t.Log(b.String())
		return
	}
	if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), b.String()); err != nil {
		t.Fatal(err)
	}
}
