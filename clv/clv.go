// Package clv owns what customers are likely to do from here on and what that is worth: lifetime models for customers without a
// contract ([ParetoNBD], the default, [BGNBD], and [BGBB] for chances that come at fixed times), the spend of a purchase
// ([GammaGamma]), retention under a contract ([SBG], [BdW]), and value from these under stated terms ([Terms]). It does not own
// rows or SQL (models are fitted from sufficient statistics, [Histories]), nor the choice of a margin or a discount rate.
//
// A model is a value with its parameters; its methods answer for one history. Fitting gives a [Fit], which carries standard
// errors, or refuses with the cause: too few repeat customers, no heterogeneity, a parameter at a bound, not converged. A
// value without a stated margin is refused. Its invariant: the same customers give the same answers in whatever order they come,
// as rows or as weights, and in whatever unit time and money are measured.
package clv

import (
	"math"
)

// Lifetime is a model of when customers without a contract buy and leave.
type Lifetime interface {
	// LogLikelihood is the logarithm of the probability (density) of a history.
	LogLikelihood(h History) float64
	// Alive is the probability of being a customer still at the end of the history.
	Alive(h History) float64
	// Expected is the mean number of repeat purchases of a new customer within t.
	Expected(t float64) float64
	// Conditional is the mean number of purchases within t after the end of the history.
	Conditional(h History, t float64) float64
	// Probability is that of exactly x repeat purchases of a new customer within t.
	Probability(x int64, t float64) float64
	// Discounted is the mean number of all purchases after the end of the history, discounted to it continuously.
	Discounted(h History, delta float64) float64

	ahead(h History, t float64) float64
	discountedAhead(h History, delta float64) float64
}

// Totals sums over all customers how many purchases are expected within t after their ages, and how many of them are alive.
func Totals(m Lifetime, h *Histories, t float64) (expected, alive float64) {
	return h.total(m, func(g History) float64 { return m.ahead(g, t) })
}

// DiscountedTotal sums Discounted over all customers.
func DiscountedTotal(m Lifetime, h *Histories, delta float64) float64 {
	sum, _ := h.total(m, func(g History) float64 { return m.discountedAhead(g, delta) })
	return sum
}

// total weights what is ahead of whoever is alive, which does not depend on the last purchase, by the chance to be alive.
// Groups with the same repeats and age stand together.
func (h *Histories) total(m Lifetime, ahead func(History) float64) (sum, alive float64) {
	sums := make([][2]float64, (len(h.groups)+blockSize-1)/blockSize)
	inParallel(len(sums), len(h.groups), func(i int) {
		last, each := History{Repeats: -1}, math.NaN()
		for _, g := range h.groups[i*blockSize : min((i+1)*blockSize, len(h.groups))] {
			if g.Repeats != last.Repeats || g.Age != last.Age {
				last, each = g.History, ahead(g.History)
			}
			p := g.customers * m.Alive(g.History)
			sums[i][0] += p * each
			sums[i][1] += p
		}
	})
	for _, s := range sums {
		sum += s[0]
		alive += s[1]
	}
	return sum, alive
}
