package equity

import (
	"math"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// afterCost adds what the customers to come are worth after what it costs to win them: Σ_k n(CLV − CAC)/(1+i)^k (package clv, Equity). n is the
// number of arrivals a year, each what one is worth; vary and half are half of the intervals of their logarithms.
func (in Input) afterCost(out ToCome, n, each, vary, half float64, of int64) ToCome {
	cost, ok := out.CostEach.Estimate()
	if !ok || cost.Value == nil {
		out.AfterCost = costNotStated
		if r, refused := out.CostEach.Refusal(); refused {
			out.AfterCost = evidence.Refuse("what a new customer costs to win is refused: "+r.Reason, r.Need)
		}
		return out
	}
	at := func(n, each, cost float64) (float64, error) {
		years := make([]clv.Arrivals, out.Years)
		for i := range years {
			years[i] = clv.Arrivals{Customers: n, Value: each, Cost: cost}
		}
		return clv.Equity(0, years, *in.Discount)
	}
	c, _ := cost.Value.Float64()
	sum, err := at(n, each, c)
	one, alsoErr := at(1, 1, 0)
	if err != nil || alsoErr != nil {
		out.AfterCost = evidence.Refuse("the cost of winning, or what customers are worth, is too large for a number", "other terms")
		return out
	}
	low, high := jointly(n, each, c, vary, half)
	out.AfterCost = evidence.Confidence(evidence.Float(sum), evidence.Float(low*one), evidence.Float(high*one), 0.95, of,
		method+", and how many come; after what winning one cost in the last twelve months, which is taken to stay")
	return out
}

// jointly are the ends of n·(each − cost) where the logarithms of n and each may be off together by at most one half-width: the least and the most over
// the ellipse (ln n/vary)² + (ln each/half)² ≤ 1. Where cost is 0 these are the ends of n·each, whose half-width is √(vary² + half²); where one of the
// two is sure they are the ends of the other. As the slope by each is nowhere 0, they lie on the ellipse's edge.
func jointly(n, each, cost, vary, half float64) (low, high float64) {
	at := func(angle float64) float64 {
		return n * math.Exp(vary*math.Cos(angle)) * (each*math.Exp(half*math.Sin(angle)) - cost)
	}
	return -most(func(angle float64) float64 { return -at(angle) }), most(at)
}

// edges is at how many places of an ellipse an end is looked for before it is narrowed.
const edges = 720

// most is the largest value of a smooth function of an angle.
func most(of func(float64) float64) float64 {
	best, top := 0.0, math.Inf(-1)
	for i := range edges {
		if x := of(2 * math.Pi * float64(i) / edges); x > top {
			best, top = 2*math.Pi*float64(i)/edges, x
		}
	}
	golden := (math.Sqrt(5) - 1) / 2
	a, b := best-2*math.Pi/edges, best+2*math.Pi/edges
	for range 60 {
		c, d := b-golden*(b-a), a+golden*(b-a)
		if of(c) > of(d) {
			b = d
		} else {
			a = c
		}
	}
	return max(top, of((a+b)/2))
}

// costNotStated is for whoever asks without a cost of winning.
var costNotStated = evidence.Refuse("no cost of winning a customer is stated", "costs: what departments spend, by period and kind (kind acquire)")
