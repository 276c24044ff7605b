package equity

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/oracle"
)

// agencies are companies in each of which one thing is not as the models have it.
func agencies() []struct {
	name string
	agency
} {
	with := func(change func(*agency)) agency {
		g := patron
		change(&g)
		return g
	}
	return []struct {
		name string
		agency
	}{
		{"as sBG has it, by the month", patron},
		{"30 % by the year", with(func(g *agency) { g.yearly = 0.3 })},
		{"one churn for all, 4 % a month", with(func(g *agency) { g.same = 0.04 })},
		{"churn that rises with age (BdW, c = 1.3)", with(func(g *agency) { g.c = 1.3 })},
		{"600 contracts", with(func(g *agency) { g.a = 600 })},
		{"books of two years", with(func(g *agency) { g.days = 730 })},
		{"season: churn 40 % higher in winter", with(func(g *agency) { g.season = 0.4 })},
		{"amounts grow by 5 % a year", with(func(g *agency) { g.grows = 0.05 })},
	}
}

const contractHeading = "## Customers under contract\n"

// TestContractTruth takes minutes:
//
//	go test ./equity -run TestContractTruth -slow -update-docs -timeout 60m
func TestContractTruth(t *testing.T) {
	if !*slow {
		t.Skip("minutes; -slow")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nHow often the 95%% intervals of contracts held what simulated customers then did, over %d companies a world (binomial standard error at 95%% %.1f points). Written by\n\n"+
		"    go test ./equity -run TestContractTruth -slow -update-docs -timeout 60m\n\nFour years of books of %d contracts unless said otherwise, begun evenly. What came is *realised*: who was there in a year, what accrued within it, and the discounted margin of "+
		"sixty years. *Ratio* is the mean of the estimate ÷ what came, *wide* the mean of high ÷ low.\n\n"+
		"| world | figure | told | ratio | wide | holds |\n| --- | --- | ---: | ---: | ---: | ---: |\n", *samples, 100*math.Sqrt(0.95*0.05/float64(*samples)), patron.a)
	for seed, w := range agencies() {
		var told, held [3]int
		var ratios, widths [3]float64
		for i := range *samples {
			u := w.draw(uint64(seed+1)<<20 + uint64(i))
			s, err := u.input().State(context.Background(), u)
			if err != nil {
				continue
			}
			came := [3]float64{u.stay, u.year, 0.4 * u.worth}
			for k, f := range []evidence.Figure{s.Base.Stay, s.Base.Revenue, s.Base.Value} {
				e, ok := f.Estimate()
				if !ok {
					continue
				}
				low, _ := e.Low.Float64()
				high, _ := e.High.Float64()
				told[k]++
				ratios[k] += valueFloat(e) / came[k]
				widths[k] += high / low
				if low <= came[k] && came[k] <= high {
					held[k]++
				}
			}
		}
		for k, name := range []string{"there in a year", "revenue in a year", "value"} {
			world, n := w.name, float64(max(1, told[k]))
			if k > 0 {
				world = ""
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %.3f | %.2f | %.1f%% |\n", world, name, told[k], ratios[k]/n, widths[k]/n, 100*float64(held[k])/n)
			if seed == 0 && float64(held[k])/n < 0.92 {
				t.Errorf("%s: %s holds %.3f", w.name, name, float64(held[k])/n)
			}
		}
	}
	if !*updateDocs {
		t.Log(b.String())
		return
	}
	if err := oracle.WriteSection(filepath.Join("..", "docs", "truth.md"), contractHeading+b.String()); err != nil {
		t.Fatal(err)
	}
}
