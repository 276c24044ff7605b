package equity

import (
	"math"

	"github.com/throughline/throughline/clv"
)

// Stay is how long a new customer, or a new contract, is expected to stay by a model.
type Stay struct {
	Survival  []float64 // chance to be one still after k months, for k from 0 on
	SE        float64   // of the sum of Survival, the months that they stay within it: by the delta method over the model's parameters
	Customers int64     // whom it was made of
}

// Stays is that of orders, by the lifetime model: that a customer has left is never seen, and is inferred.
func (s Statement) Stays(months int) Stay {
	life := s.Models.Life
	of := func(m clv.ParetoNBD) []float64 {
		out := make([]float64, months)
		for k := range out {
			out[k] = m.Survival(float64(k) * monthDays)
		}
		return out
	}
	out := Stay{Survival: of(life.Model), Customers: s.Customers}
	if life.Covariance == nil {
		out.SE = math.NaN()
		return out
	}
	moved := func(i int, by float64) float64 { // s and beta are the third and the fourth
		m := life.Model
		if i == 0 {
			m.S *= by
		} else {
			m.Beta *= by
		}
		return total(of(m))
	}
	var g [2]float64
	for i := range g {
		g[i] = (moved(i, math.Exp(step)) - moved(i, math.Exp(-step))) / (2 * step)
	}
	variance := 0.0
	for i := range g {
		for k := range g {
			log := life.Covariance.At(2+i, 2+k) / (life.Values[2+i] * life.Values[2+k])
			variance += float64(g[i] * g[k] * log)
		}
	}
	out.SE = math.Sqrt(math.Max(0, variance))
	return out
}

func total(of []float64) (sum float64) {
	for _, x := range of {
		sum += x
	}
	return sum
}

// Stays is that of contracts, by the models of those kinds of renewal that have one, weighed by how many are under contract. Customers is 0 where
// none has.
func (s ContractStatement) Stays(months int) Stay {
	var out Stay
	for _, k := range s.Kinds {
		if k.Model != nil {
			out.Customers += k.Customers
		}
	}
	if out.Customers == 0 {
		return out
	}
	out.Survival = make([]float64, months)
	variance := 0.0
	for _, k := range s.Kinds {
		if k.Model == nil {
			continue
		}
		weight := float64(k.Customers) / float64(out.Customers)
		for m, x := range k.Model.stays(k.Model.Values, k.Months, months) {
			out.Survival[m] += float64(x * weight)
		}
		variance += float64(weight * weight * k.Model.staysVariance(k.Months, months))
	}
	out.SE = math.Sqrt(math.Max(0, variance))
	return out
}

// stays is the chance to be under contract still after each month; who does not renew leaves at the renewal.
func (t tenure) stays(values []float64, renewal, months int) []float64 {
	stay := t.dues(values, 0.1).stay // staying does not hang on the discount
	out := make([]float64, months)
	for m := range out {
		out[m] = stay(0, m/renewal)
	}
	return out
}

func (t tenure) staysVariance(renewal, months int) (variance float64) {
	g := make([]float64, len(t.Values))
	for i := range g {
		g[i] = (total(t.stays(t.moved(i, math.Exp(step)), renewal, months)) - total(t.stays(t.moved(i, math.Exp(-step)), renewal, months))) / (2 * step)
	}
	for i := range g {
		for k := range g {
			variance += float64(g[i] * g[k] * t.log[i][k])
		}
	}
	return variance
}
