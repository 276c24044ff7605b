package main

import (
	"fmt"
	"math"
	"os"
	"testing"
)

// The planted elasticity lies within five standard errors of what a close finds, of a world in which list prices move far, each product's once a year, and no line
// is so small that the least quantity, one, hides what the price does.
func TestAPlantedElasticityIsRecovered(t *testing.T) {
	if os.Getenv("THROUGHLINE_THOROUGH") == "" {
		t.Skip("two worlds of some 10,000 customers: set THROUGHLINE_THOROUGH")
	}
	seed := seedOf(t)
	for _, planted := range []float64{0, -1.5} {
		_, doc := simulated(t, fmt.Sprintf(`
seed: %d
start: 2022-01-01
end: 2026-01-01
ledger_difference: {amount: 0}
customers: 2500
products: 10
lines_per_order: 1
purchases: {r: 4, alpha: 80, s: 1.5, beta: 900}
spend: {sigma: 0.3}
prices: {yearly: 0.03, spread: 0.12, elasticity: %g}
`, seed, planted), "2025")
		e, ok := doc.Prices.Elasticity.Estimate()
		if !ok {
			t.Fatalf("planted %g: %v", planted, doc.Prices.Elasticity)
		}
		value, _ := e.Value.Float64()
		high, _ := e.High.Float64()
		se := (high - value) / 2
		if math.Abs(value-planted) > 5*se || se > 0.4 {
			t.Errorf("planted %g, found %.3f, to %.3f", planted, value, high)
		}
		t.Logf("planted %g, found %.3f ± %.3f", planted, value, 2*se)
		for _, half := range doc.Prices.Service {
			if half.Name == "resolved" {
				if _, refused := half.Difference.Refusal(); refused {
					t.Errorf("planted %g: by what was resolved: %v", planted, half.Difference)
				}
			}
		}
	}
}
