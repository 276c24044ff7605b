package main

import (
	"fmt"
	"math"
	"os"
	"testing"
)

// Lifetimes and spends that are planted as the models have them lie within five standard errors of what a close finds, of a world whose seed
// nobody chose: here the histories are the engine's, of files that a company would have. What the held-out year brought lies near what was
// foretold of it.
func TestPlantedLifetimesAreRecovered(t *testing.T) {
	if os.Getenv("THROUGHLINE_THOROUGH") == "" {
		t.Skip("a world of some 7,000 customers: set THROUGHLINE_THOROUGH")
	}
	planted := map[string]float64{"r": 1.2, "alpha": 60, "s": 0.8, "beta": 300, "p": 6, "q": 4, "gamma": 21}
	_, doc := simulated(t, fmt.Sprintf(`
seed: %d
start: 2023-01-01
end: 2026-01-01
ledger_difference: {amount: 0}
customers: 20
history_years: 1
arrivals: {per_month: 190, growth: 0}
lines_per_order: 1
purchases: {r: 1.2, alpha: 60, s: 0.8, beta: 300}
spend: {model: gamma-gamma, p: 6, q: 4, gamma: 21}
season: {amplitude: 0}
prices: {listed: false, yearly: 0, spread: 0, elasticity: 0, promoted: 0, discount: 0}
foreign: {share: 0}
returns: 0
unidentified: 0
referrals: {rate: 0, contagion: 1}
service: {per_month: 0}
subscriptions: {share: 0}
training: {per_year: 0}
`, seedOf(t)), "2025")
	e := doc.Equity
	for _, m := range []struct{ Parameters []foundParameter }{{e.Model.Parameters}, {e.Spend.Parameters}} {
		for _, p := range m.Parameters {
			if want := planted[p.Name]; math.Abs(p.Value-want) > 5*p.SE || p.SE > want/3 {
				t.Errorf("%s is %.4g ± %.2g, planted %v", p.Name, p.Value, p.SE, want)
			}
			delete(planted, p.Name)
		}
	}
	if len(planted) > 0 {
		t.Errorf("not found: %v; spend %s", planted, e.Spend.Refused)
	}
	if c := e.Check; !(c.Missed < 0.1) || !(c.Missed < c.Naive) {
		t.Errorf("what was foretold missed what came by %v, the naive forecast by %v", c.Missed, c.Naive)
	}
	t.Logf("%+v", e)
}
