package sim

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// life is what is drawn once for a customer.
type life struct {
	dropout float64 // chance of dropping out after each repeat purchase
	rate    float64 // repeat purchases a day of season's time
	level   float64 // log spend level, of mean 0 and variance 1 over customers
	born    float64 // first purchase, in season's time
}

// living draws lives. Its scores make the log of a Gamma(r, alpha) rate one
// of mean 0 and variance 1: E ln λ = ψ(r) − ln α, Var ln λ = ψ′(r) = ζ(2, r).
type living struct {
	Purchases
	frequency, centre, scale float64
}

func newLiving(p Purchases, frequency float64) living {
	return living{Purchases: p, frequency: frequency,
		centre: mathext.Digamma(p.R) - math.Log(p.Alpha), scale: math.Sqrt(mathext.Zeta(2, p.R))}
}

// draw draws a life born uniformly between two of season's times.
func (l living) draw(s *stream, from, until float64) life {
	v := life{dropout: l.dropout(s)}
	v.rate = s.gamma(l.R) / l.Alpha
	score := (math.Log(max(v.rate, math.SmallestNonzeroFloat64)) - l.centre) / l.scale
	v.level = l.frequency*score + math.Sqrt(1-l.frequency*l.frequency)*s.NormFloat64()
	v.born = from + (until-from)*s.Float64()
	return v
}

// dropout is the first draw of a life, so that happiness can be asked without
// the rest.
func (l living) dropout(s *stream) float64 { return s.beta(l.A, l.B) }

// happy: less likely to drop out than customers are on average.
func (l living) happy(dropout float64) bool { return dropout <= l.A/(l.A+l.B) }

// purchases appends the times of all purchases before the horizon, the first
// included, and says when the customer dropped out: +Inf for not yet. BG/NBD
// lets a customer drop out after repeat purchases only, so that one who bought
// once is alive with certainty.
func (v life) purchases(s *stream, horizon float64, times []float64) ([]float64, float64) {
	times = append(times, v.born)
	for t := v.born; ; {
		t += s.ExpFloat64() / v.rate
		if !(t < horizon) {
			return times, math.Inf(1)
		}
		times = append(times, t)
		if s.Float64() < v.dropout {
			return times, t
		}
	}
}
