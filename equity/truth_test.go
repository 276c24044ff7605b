package equity

import (
	"context"
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/oracle"
)

var (
	slow       = flag.Bool("slow", false, "simulate how often intervals hold the truth (minutes)")
	samples    = flag.Int("samples", 200, "samples of each simulated company, with -slow")
	updateDocs = flag.Bool("update-docs", false, "with -slow, write customer equity's part of docs/truth.md")
)

// worlds are companies in each of which one thing is not as the models have it.
func worlds() []struct {
	name string
	company
} {
	with := func(change func(*company)) company {
		c := truth
		change(&c)
		return c
	}
	return []struct {
		name string
		company
	}{
		{"as the models have it", truth},
		{"400 customers", with(func(c *company) { c.a = 400 })},
		{"books of 18 months", with(func(c *company) { c.days = 548 })},
		{"a fifth of purchases come back by half", with(func(c *company) { c.returned = 0.2 })},
		{"season: rates rise and fall by 40 % over the year", with(func(c *company) { c.season = 0.4 })},
		{"a third never leave", with(func(c *company) { c.still = 1.0 / 3 })},
		{"rates fall by 15 % a year of age", with(func(c *company) { c.fades = 0.15 })},
		{"rates rise by 15 % a year of age", with(func(c *company) { c.fades = -0.15 })},
		{"who buys more often spends more (elasticity 0.15)", with(func(c *company) { c.tied = 0.15 })},
	}
}

// tallied is how often the intervals of a world held what came.
type tallied struct {
	told, refused        [4]int // likely customers, purchases, revenue of the next year, value
	held, parametersHeld [4]int
	ratio                [4]float64 // of the estimate to what came
	width                [4]float64 // of the interval, as high ÷ low
}

func (c company) tally(n int, seed uint64) tallied {
	var out tallied
	var lock sync.Mutex
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				d := c.draw(seed<<20 + uint64(i))
				in := d.input()
				s, err := in.State(context.Background(), prepare(d))
				lock.Lock()
				if err != nil {
					for k := range out.refused {
						out.refused[k]++
					}
				} else {
					out.add(s, d)
				}
				lock.Unlock()
			}
		})
	}
	wait.Wait()
	return out
}

func (t *tallied) add(s Statement, d drawn) {
	came := [4]float64{d.alive, float64(d.later), d.nextYear, 0.4 * d.all}
	for k, f := range []evidence.Figure{s.Base.Alive, s.Base.Purchases, s.Base.Revenue, s.Base.Value} {
		e, ok := f.Estimate()
		if !ok {
			t.refused[k]++
			continue
		}
		t.told[k]++
		low, _ := e.Low.Float64()
		high, _ := e.High.Float64()
		told := valueFloat(e)
		t.ratio[k] += told / came[k]
		t.width[k] += high / low
		if low <= came[k] && came[k] <= high {
			t.held[k]++
		}
		// What the parameters alone would have told: the width without the hold-out.
		measure := []int{alive, purchases, revenue, value}[k]
		half := math.Log(high / told)
		if measure == alive {
			half = math.Log(told / low) // the high end is cut at all customers
		}
		wide := s.Check.error(measure).widening(0)
		if alone := math.Sqrt(math.Max(0, half*half-wide*wide)); math.Abs(math.Log(came[k]/told)) <= alone {
			t.parametersHeld[k]++
		}
	}
}

const truthHeading = "## Customer equity\n"

// TestTruth takes minutes:
//
//	go test ./equity -run TestTruth -slow -update-docs -timeout 60m
func TestTruth(t *testing.T) {
	if !*slow {
		t.Skip("minutes; -slow")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nHow often the 95%% intervals of the equity statement held what simulated companies' customers then did, over %d companies a world (binomial standard error at 95%% %.1f points). Written by\n\n"+
		"    go test ./equity -run TestTruth -slow -update-docs -timeout 60m\n\nThree years of books of %d customers unless said otherwise. What came is *realised*: who had not left, what was bought within a year, what it brought, and the discounted margin of "+
		"forty years. *Ratio* is the mean of the estimate ÷ what came, *wide* the mean of high ÷ low, *alone* how often the interval of the parameters alone would have held.\n\n"+
		"| world | figure | told | ratio | wide | holds | alone |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n", *samples, 100*math.Sqrt(0.95*0.05/float64(*samples)), truth.a)
	for seed, w := range worlds() {
		r := w.tally(*samples, uint64(seed+1))
		for k, name := range []string{"likely customers", "purchases in a year", "revenue in a year", "value"} {
			world := w.name
			if k > 0 {
				world = ""
			}
			n := float64(max(1, r.told[k]))
			fmt.Fprintf(&b, "| %s | %s | %d | %.3f | %.2f | %.1f%% | %.1f%% |\n", world, name, r.told[k], r.ratio[k]/n, r.width[k]/n, 100*float64(r.held[k])/n, 100*float64(r.parametersHeld[k])/n)
			if seed == 0 && float64(r.held[k])/n < 0.92 {
				t.Errorf("%s: %s holds %.3f", w.name, name, float64(r.held[k])/n)
			}
		}
	}
	if !*updateDocs {
		t.Log(b.String())
		return
	}
	if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), truthHeading+b.String()); err != nil {
		t.Fatal(err)
	}
}
