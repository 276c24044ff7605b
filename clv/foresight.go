package clv

import "math"

// Foresight foretells of many customers by one model. What it tells is what the model's own methods tell, to the last bit; what is the same for
// all customers of one age, the part of [ParetoNBD.Discounted] that is an integral, it works out once, and keeps a number for each age that it
// met. It is not for several goroutines at once.
type Foresight struct {
	model ParetoNBD
	delta float64
	tails map[float64]float64 // expTail by age
}

// Foresight is that of a model with a continuous discount rate per unit of time.
func (m ParetoNBD) Foresight(delta float64) *Foresight {
	return &Foresight{m, delta, map[float64]float64{}}
}

// Foretold is what is foretold of customers with one history.
type Foretold struct {
	Alive float64 // as [ParetoNBD.Alive]
	of    *Foresight
	h     History
}

// Of is what is foretold of a history.
func (f *Foresight) Of(h History) Foretold { return Foretold{f.model.Alive(h), f, h} }

// Purchases within t are those of [ParetoNBD.Conditional].
func (o Foretold) Purchases(t float64) float64 {
	if math.IsNaN(o.Alive) || !horizon(t) {
		return math.NaN()
	}
	return o.Alive * o.of.model.ahead(o.h, t)
}

// Discounted are the purchases of [ParetoNBD.Discounted].
func (o Foretold) Discounted() float64 {
	f := o.of
	if math.IsNaN(o.Alive) || !positive(f.delta) {
		return math.NaN()
	}
	tail, known := f.tails[o.h.Age]
	if !known {
		tail = expTail(f.model.S, f.delta*(f.model.Beta+o.h.Age))
		f.tails[o.h.Age] = tail
	}
	return o.Alive * f.model.discounted(o.h, tail)
}
