package equity

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/throughline/throughline/clv"
)

// perYear is how many days make a year.
const perYear = 365.25

// models are what is fitted: when customers buy, and what a purchase costs.
type models struct {
	life  clv.Fit[clv.ParetoNBD]
	spend clv.SpendFit
	// priced is false where spend could not be fitted, and noPrice says why.
	priced  bool
	noPrice error
}

// parameters are those of both models.
const lifetimes, parameters = 4, 7

// judge is a pair of models with their parameters as one list, so that each can be moved.
type judge struct {
	life  clv.ParetoNBD
	spend clv.GammaGamma
	delta float64        // continuous discount rate a day
	ahead *clv.Foresight // of life and delta
	// priced is false where spend has no model; then nothing in money is told.
	priced bool
}

func (m models) judge(delta float64) judge {
	return judge{m.life.Model, m.spend.Model, delta, m.life.Model.Foresight(delta), m.priced}
}

// moved is the judge with one parameter multiplied.
func (j judge) moved(parameter int, by float64) judge {
	at := []*float64{&j.life.R, &j.life.Alpha, &j.life.S, &j.life.Beta, &j.spend.P, &j.spend.Q, &j.spend.Gamma}
	*at[parameter] *= by
	j.ahead = j.life.Foresight(j.delta)
	return j
}

// logCovariance is that of the logarithms of the parameters. The two models are fitted to different facts, so they are taken as independent.
func (m models) logCovariance() *mat.SymDense {
	c := mat.NewSymDense(parameters, nil)
	set := func(from int, values []float64, covariance *mat.SymDense) {
		for i := range values {
			for k := i; k < len(values); k++ {
				c.SetSym(from+i, from+k, covariance.At(i, k)/(values[i]*values[k]))
			}
		}
	}
	set(0, m.life.Values, m.life.Covariance)
	if m.priced {
		set(lifetimes, m.spend.Values, m.spend.Covariance)
	}
	return c
}

// measures are what is expected of a customer: to be one still, their purchases and revenue within a year, and the discounted revenue of
// all time to come; the last two before returns.
type measures [4]float64

const (
	alive = iota
	purchases
	revenue
	value
)

// behaviour is the part that does not depend on spend.
type behaviour struct{ alive, purchases, discounted float64 }

func (j judge) behaviour(h clv.History) behaviour {
	f := j.ahead.Of(h)
	return behaviour{f.Alive, f.Purchases(perYear), f.Discounted()}
}

// price is the expected spend of a purchase.
func (j judge) price(repeats int64, mean float64) float64 {
	switch {
	case !j.priced:
		return 0
	case repeats == 0:
		return j.spend.Mean()
	}
	return j.spend.Expected(clv.Spend{Purchases: repeats, Mean: mean})
}

func (b behaviour) at(price float64) measures {
	return measures{b.alive, b.purchases, b.purchases * price, b.discounted * price}
}

// newcomer is what a customer who buys for the first time today will spend after that, discounted.
func (j judge) newcomer() float64 {
	return j.life.Discounted(clv.History{}, j.delta) * j.spend.Mean()
}

// relative is the standard error of the logarithm of a sum of which the gradient by the logarithms of the parameters is given as sums at
// both sides of each parameter.
func relative(covariance *mat.SymDense, up, down [parameters]float64) float64 {
	g := mat.NewVecDense(parameters, nil)
	for i := range parameters {
		if up[i] > 0 && down[i] > 0 {
			g.SetVec(i, math.Log(up[i]/down[i])/(2*step))
		}
	}
	return math.Sqrt(math.Max(0, mat.Inner(g, covariance, g)))
}

// step is how far the logarithm of a parameter is moved: far enough that rounding does not show, near enough that the curve does not.
const step = 1e-4
