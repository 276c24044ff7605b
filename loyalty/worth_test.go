package loyalty

import (
	"math/big"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
)

// perPurchase makes everybody worth 10 for each purchase; half of it for who is not at home.
type perPurchase struct{}

func (perPurchase) Worth(l Life) float64 {
	if l.Segment != "home" {
		return 5 * float64(l.Repeats+1)
	}
	return 10 * float64(l.Repeats+1)
}

func (perPurchase) Figure(sum, size float64, customers int64) evidence.Figure {
	if customers < 10 {
		return evidence.Refuse("few", "more")
	}
	return evidence.Exact(evidence.Float(sum), customers, "ten for each purchase")
}

// The town that is worked by hand, each group's customers counted on their own: who is at home and bought in both years is worth 20, of another
// segment 10, once at home 10, and once of another 5. Devoted 40 × 20, captive 10 × 20 + 10 × 10, fickle 5 × 20 + 5 × 5, leaving 10 × 5, neither 20 × 20.
func TestGroupsAreWorthWhatTheirCustomersAre(t *testing.T) {
	s, err := Input{Windows: twoPer, Currency: "EUR", Worths: perPurchase{}}.State(t.Context(), handMade)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"devoted": 800, "captive": 300, "fickle": 125, "leaving": 50, "neither": 400}
	for _, g := range s.Groups {
		e, ok := g.Value.Estimate()
		if !ok || e.Value.Cmp(big.NewRat(want[g.Name], 1)) != 0 || e.N != g.Customers {
			t.Errorf("%s: %+v, by hand %d", g.Name, e, want[g.Name])
		}
	}
}

// Where nobody says what customers are worth, each group says why it is not told.
func TestWorthsThatAreNotKnownAreSaid(t *testing.T) {
	in := Input{Windows: twoPer, Currency: "EUR", NoWorths: &evidence.Refusal{Reason: "no discount rate is stated", Need: "discount_rate in settings"}}
	for _, in := range []Input{in, {Windows: twoPer, Currency: "EUR"}} {
		s, err := in.State(t.Context(), handMade)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range s.Groups {
			if r, ok := g.Value.Refusal(); !ok || in.NoWorths != nil && !strings.Contains(r.Reason, "discount") {
				t.Errorf("%s: %+v", g.Name, r)
			}
		}
	}
}
