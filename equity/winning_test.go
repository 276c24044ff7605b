package equity

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/evidence"
)

// The ends of n·(each − cost) by hand. Without a cost they are those of a product of two whose logarithms vary by 0.3 and 0.4: √(0.09 + 0.16) = 0.5.
// With a sure worth, or a sure number, they are those of the other alone: 100·(30 − 20) when from 50 to 200 come, and 100·(15 − 20) to 100·(60 − 20)
// when the worth is half or double.
func TestTheEndsOfWhatIsLeftByHand(t *testing.T) {
	for _, c := range []struct {
		name                         string
		each, cost, vary, half       float64
		low, high, lowHand, highHand float64
	}{
		{"no cost", 30, 0, 0.3, 0.4, 3000 * math.Exp(-0.5), 3000 * math.Exp(0.5), 1819.592, 4946.164},
		{"sure worth", 30, 20, math.Ln2, 0, 500, 2000, 500, 2000},
		{"sure loss", 20, 30, math.Ln2, 0, -2000, -500, -2000, -500},
		{"sure number", 30, 20, 0, math.Ln2, -500, 4000, -500, 4000},
	} {
		low, high := jointly(100, c.each, c.cost, c.vary, c.half)
		near(t, c.name+": low", low, c.low, 1e-9)
		near(t, c.name+": high", high, c.high, 1e-9)
		near(t, c.name+": low by hand", low, c.lowHand, 1e-6)
		near(t, c.name+": high by hand", high, c.highHand, 1e-6)
	}
}

// No draw from within the ellipse lies beyond the ends, and they are reached: a second method, by chance.
func TestNothingWithinTheEllipseLiesBeyondTheEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		each, cost := rapid.Float64Range(0.1, 100).Draw(t, "each"), rapid.Float64Range(0, 200).Draw(t, "cost")
		vary, half := rapid.Float64Range(0, mostMissed).Draw(t, "vary"), rapid.Float64Range(0, mostMissed).Draw(t, "half")
		low, high := jointly(10, each, cost, vary, half)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		least, top := math.Inf(1), math.Inf(-1)
		for i := range 20_000 {
			angle, far := 2*math.Pi*r.Float64(), 1.0
			if i%2 == 0 {
				far = math.Sqrt(r.Float64())
			}
			x := 10 * math.Exp(vary*far*math.Cos(angle)) * (each*math.Exp(half*far*math.Sin(angle)) - cost)
			least, top = math.Min(least, x), math.Max(top, x)
		}
		slack := 1e-4 * (math.Abs(low) + math.Abs(high))
		if least < low-1e-9*slack || top > high+1e-9*slack || least > low+slack || top < high-slack {
			t.Fatalf("from %v to %v, drawn from %v to %v", low, high, least, top)
		}
	})
}

// longer is a company whose books tell how arrivals differ from year to year.
func longer() company {
	c := truth
	c.a, c.days = 2000, 1500
	return c
}

// Customers to come after what it costs to win them, by hand from the statement's own figures: each of five years brings arrivals × (each − cost),
// which at 10 % is worth 3.7907868 of a year's.
func TestCustomersToComeAfterTheirCostByHand(t *testing.T) {
	d := longer().draw(7)
	in := d.input()
	in.CostEach = evidence.Exact(evidence.Float(12.5), 400, "costs of kind acquire ÷ new customers")
	s := stated(t, in, prepare(d))
	arrivals, each := valueOf(t, s.ToCome.Arrivals), valueOf(t, s.ToCome.Each)
	after := s.ToCome.AfterCost
	near(t, "value after cost", valueOf(t, after), 3.7907868*arrivals*(each-12.5), 1e-7)
	near(t, "value", valueOf(t, s.ToCome.Value), 3.7907868*arrivals*each, 1e-7)
	e, _ := after.Estimate()
	low, _ := e.Low.Float64()
	v, _ := s.ToCome.Value.Estimate()
	before, _ := v.Low.Float64()
	if !(low < before) {
		t.Errorf("after the cost the low end is %v, before it %v", low, before)
	}

	in.CostEach = evidence.Exact(evidence.Float(0), 400, "nothing was spent")
	free := stated(t, in, prepare(d)).ToCome
	f, _ := free.AfterCost.Estimate()
	near(t, "at no cost", valueOf(t, free.AfterCost), valueOf(t, free.Value), 1e-12)
	for _, end := range [][2]*big.Rat{{f.Low, v.Low}, {f.High, v.High}} {
		got, _ := end[0].Float64()
		want, _ := end[1].Float64()
		near(t, "an end at no cost", got, want, 1e-9)
	}

	in.CostEach = evidence.Exact(evidence.Float(1e6), 400, "much")
	if x := valueOf(t, stated(t, in, prepare(d)).ToCome.AfterCost); !(x < 0) {
		t.Errorf("winners at a million each are worth %v", x)
	}
}

// Without the books' word on the cost, the value before it stands and that after it says what is missing.
func TestACostThatIsNotKnownIsSaid(t *testing.T) {
	d := longer().draw(8)
	in := d.input()
	s := stated(t, in, prepare(d))
	valueOf(t, s.ToCome.Value)
	if r, ok := s.ToCome.CostEach.Refusal(); !ok || !strings.Contains(r.Need, "costs") {
		t.Errorf("%+v", s.ToCome.CostEach)
	}
	in.CostEach = evidence.Refuse("there is no costs book", "costs: what departments spend, by period and kind")
	s = stated(t, in, prepare(d))
	if r, ok := s.ToCome.AfterCost.Refusal(); !ok || !strings.Contains(r.Reason, "there is no costs book") {
		t.Errorf("%+v", s.ToCome.AfterCost)
	}
	in.Discount, in.CostEach = nil, evidence.Exact(evidence.Float(5), 10, "costs ÷ customers")
	s = stated(t, in, prepare(d))
	if r, ok := s.ToCome.AfterCost.Refusal(); !ok || !strings.Contains(r.Reason, "discount") {
		t.Errorf("%+v", s.ToCome.AfterCost)
	}
	near(t, "cost", valueOf(t, s.ToCome.CostEach), 5, 0)
}
