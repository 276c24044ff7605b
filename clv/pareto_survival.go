package clv

import "math"

// Survival is the chance of a new customer to be one still at a time t after the first purchase: (β/(β+t))^s, the gamma mixture of exponential
// lives (equation 3 of Schmittlein, Morrison & Colombo, 1987). It is NaN where the model's other methods are.
func (m ParetoNBD) Survival(t float64) float64 {
	if !m.valid() || !horizon(t) {
		return math.NaN()
	}
	return math.Exp(-m.S * math.Log1p(t/m.Beta))
}
