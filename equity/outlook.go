package equity

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// Outlook is what one customer is likely to do.
type Outlook struct {
	Alive     evidence.Figure // the probability of being a customer still
	Purchases evidence.Figure // within a year
	Value     evidence.Figure // of all that are still to come, discounted
}

// Prospect is a customer whose outlook is asked for, with what it rests on. Factor is margin × returns, nil where one of them is not known;
// Spend is nil where spend has no model.
type Prospect struct {
	Life     clv.ParetoNBD
	Spend    *clv.GammaGamma
	Discount float64 // a year; 0: not stated
	Factor   *float64
	History  clv.History
	Mean     float64 // of the repeat purchases
}

// futures is how many futures are drawn for the interval of one customer, by a fixed seed, so that the same customer is told the same.
const futures = 4000

const (
	outlookMethod = "Pareto/NBD by the sealed parameters, for one customer with this history; 95 of 100 such customers lie in the interval"
	aliveMethod   = "Pareto/NBD by the sealed parameters, for one customer with this history; it is a probability and has no interval of its own"
)

// Outlook is what one customer is likely to do. Its intervals hold what 95 of 100 customers with the same history do: who they are differs far
// more than the parameters may be off. The gamma-gamma part takes the parameters as they stand.
//
// Given a customer is one still, their rate is Gamma(r+x, α+T) and their rate of leaving Gamma(s, β+T) (Schmittlein, Morrison & Colombo,
// Management Science 33(1), 1987); the price of their purchases is Gamma(px+q, γ+x·mean) (Fader & Hardie, note 025, 2013).
func (p Prospect) Outlook() Outlook {
	alive := p.Life.Alive(p.History)
	out := Outlook{Alive: evidence.Exact(evidence.Float(alive), 1, aliveMethod)}
	ahead := p.futures(alive)
	bought := make([]float64, len(ahead))
	for i, f := range ahead {
		bought[i] = f.purchases
	}
	out.Purchases = middle(p.Life.Conditional(p.History, perYear), bought)
	switch {
	case p.Spend == nil:
		out.Value = evidence.Refuse("value: spend has no model in this close", "a close whose spend could be modelled")
	case p.Discount <= 0:
		out.Value = evidence.Refuse("value: no discount rate is stated", "discount_rate in settings")
	case p.Factor == nil:
		out.Value = evidence.Refuse("value: no margin is known", "cost of orders, or margin in settings")
	default:
		j := judge{life: p.Life, spend: *p.Spend, priced: true, delta: math.Log1p(p.Discount) / perYear}
		value := *p.Factor * p.Life.Discounted(p.History, j.delta) * j.price(p.History.Repeats, p.Mean)
		worth := make([]float64, len(ahead))
		for i, f := range ahead {
			worth[i] = *p.Factor * f.discounted * f.price
		}
		out.Value = middle(value, worth)
	}
	return out
}

// future is one future of a customer: purchases within a year, the expected number of all discounted ones, and the price of one.
type future struct{ purchases, discounted, price float64 }

func (p Prospect) futures(alive float64) []future {
	r := rand.New(rand.NewPCG(1, 2)) // any seed, and always the same
	gamma := func(shape, rate float64) float64 { return distuv.Gamma{Alpha: shape, Beta: rate, Src: r}.Rand() }
	x, age := float64(p.History.Repeats), p.History.Age
	delta := math.Log1p(p.Discount) / perYear
	out := make([]future, futures)
	for i := range out {
		if r.Float64() >= alive {
			continue
		}
		rate, stays := gamma(p.Life.R+x, p.Life.Alpha+age), r.ExpFloat64()/gamma(p.Life.S, p.Life.Beta+age)
		f := future{purchases: distuv.Poisson{Lambda: rate * math.Min(stays, perYear), Src: r}.Rand()}
		if p.Spend != nil && delta > 0 {
			f.discounted = rate * -math.Expm1(-delta*stays) / delta
			f.price = p.Spend.P / gamma(p.Spend.P*x+p.Spend.Q, p.Spend.Gamma+x*p.Mean)
		}
		out[i] = f
	}
	return out
}

// middle is a mean with the middle 95 of 100 draws.
func middle(mean float64, draws []float64) evidence.Figure {
	slices.Sort(draws)
	low, high := draws[len(draws)/40], draws[len(draws)-1-len(draws)/40]
	return evidence.Credible(evidence.Float(mean), evidence.Float(math.Min(low, high)), evidence.Float(math.Max(low, high)), 0.95, 1, outlookMethod)
}
