package journey

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// Forty contacts of forty customers rest on forty; of one customer, however many, on one (voice's effective number). Twenty waits of 1 s of one
// customer and twenty of 3 s of another: the mean is 2, Σ(s_c − 2·20)² ÷ 40² · 2 = 1 is its variance, as is that of one wait, so it rests on one.
func TestACustomerIsNoJudgement(t *testing.T) {
	r := func(x int64) *big.Rat { return big.NewRat(x, 1) }
	half := Standard{Measure: Measure{Kind: Resolved}, Target: Target{AtLeast: "0.5"}}
	for _, c := range []struct {
		rate  Rate
		rests float64
		state State
	}{
		{Rate{Known: 40, Had: 20, HadHad: 20, HadKnown: 20, KnownSquared: 40}, 40, At},
		{Rate{Known: 40, Had: 20, HadHad: 400, HadKnown: 800, KnownSquared: 1600}, 1, Few},
		{Rate{Known: 29, Had: 0, KnownSquared: 29}, 29, Few},
		{Rate{}, 0, Unmeasured},
	} {
		if got := c.rate.rests(); got != c.rests {
			t.Errorf("%+v rests on %v, want %v", c.rate, got, c.rests)
		}
		if got := (Shown{Figure: c.rate.share("none", "some"), rests: c.rate.rests()}).judged(half); got != c.state {
			t.Errorf("%+v is %s, want %s", c.rate, got, c.state)
		}
	}
	waits := Mean{N: 40, Sum: r(80), Squares: r(200), SumSum: r(4000), SumN: r(1600), NN: 800}
	if got := waits.rests(); got != 1 {
		t.Errorf("two customers rest on %v", got)
	}
	scores := Answered{Question: "ces", N: 40, High: 40, Unit: Mean{N: 40}, Score: waits}
	if got := scores.rests(); got != 1 {
		t.Errorf("their scores rest on %v", got)
	}
	likes := Answered{Question: "nps", N: 40, High: 40, Unit: Mean{N: 40, Sum: r(40), SumSum: r(1600), SumN: r(1600), NN: 1600}}
	if got := likes.rests(); got != 1 {
		t.Errorf("forty tens of one customer rest on %v", got)
	}
}

// Of 340 answers 300 are of one customer: the mean of the ease has no interval, and is no judgement, which is not to say that nothing measures it.
func TestWhatIsRefusedForAFewCustomersIsFew(t *testing.T) {
	r := func(x int64) *big.Rat { return big.NewRat(x, 1) }
	whale := Mean{N: 340, Sum: r(340 * 5), Squares: r(340 * 25), SumSum: r(1500*1500 + 40*25), SumN: r(1500*300 + 40*5), NN: 300*300 + 40}
	a := Answered{Question: "ces", N: 340, High: 340, Unit: Mean{N: 340}, Score: whale}
	f := a.figure()
	easy := Standard{Measure: Measure{Kind: CES}, Target: Target{AtLeast: "6"}}
	if got := (Shown{Figure: f, rests: a.rests()}).judged(easy); got != Few {
		t.Errorf("%+v is %s", f, got)
	}
	if got := (Shown{Figure: f}).judged(easy); got == Few {
		t.Errorf("what nothing measures is %s", got)
	}
}

// TestHowOftenAJudgementHolds simulates touchpoints of a few customers who come a hundred times each: how many are judged, and how many of these by an interval
// that does not hold the truth. Without [LeastCustomers] those are judged whose customers happened to be alike.
func TestHowOftenAJudgementHolds(t *testing.T) {
	samples := 400
	if *slow {
		samples = 4000
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## Judgements of touchpoints of a few customers\n\nCustomers who come a hundred times in the mean (1 + geometric), a share of 80%% with a correlation of two contacts of a customer, %d samples a row. *By rows alone* is without the rule that asks for as many as %d equal customers. Written by\n\n    go test ./journey -run TestHowOftenAJudgementHolds -slow -update-docs\n\n", samples, LeastCustomers)
	b.WriteString("| customers | alike | equal customers, mean | judged by rows alone | of these wrong | judged | of these wrong |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for i, w := range []callers{
		{customers: 3, alike: 0.1}, {customers: 8, alike: 0.1}, {customers: 30, alike: 0.1}, {customers: 3, alike: 0.3}, {customers: 8, alike: 0.3}, {customers: 15, alike: 0.3}, {customers: 30, alike: 0.3}, {customers: 60, alike: 0.3},
	} {
		w.contacts, w.p = 100, 0.8
		r := rand.New(rand.NewPCG(17, uint64(i)))
		var equal float64
		var judged, wrong [2]int // by rows alone, and as it is
		for range samples {
			rate, _ := w.draw(r)
			equal += float64(rate.Known) * float64(rate.Known) / float64(rate.KnownSquared) / float64(samples)
			alone, err := rate.effective()
			if err != nil {
				t.Fatal(err)
			}
			for j, n := range []float64{alone, rate.rests()} {
				if n < Least {
					continue
				}
				if judged[j]++; !holds(rate.share("none", "some"), w.p) {
					wrong[j]++
				}
			}
		}
		share := func(n, of int) string {
			if of == 0 {
				return ""
			}
			return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(of))
		}
		fmt.Fprintf(&b, "| %d | %.1f | %.1f | %s | %s | %s | %s |\n", w.customers, w.alike, equal, share(judged[0], samples), share(wrong[0], judged[0]), share(judged[1], samples), share(wrong[1], judged[1]))
		if 10*wrong[1] > judged[1]+40 {
			t.Errorf("%d customers: %d of %d judgements are wrong", w.customers, wrong[1], judged[1])
		}
	}
	if !*updateDocs || !*slow {
		t.Log(b.String())
		return
	}
	if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), b.String()); err != nil {
		t.Fatal(err)
	}
}
