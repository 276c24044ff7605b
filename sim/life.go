package sim

import "math"

// life is what is drawn once for a customer.
type life struct {
	leaving float64 // Pareto/NBD: hazard of dropping out a day; BG/NBD: the chance of it after each repeat purchase
	rate    float64 // repeat purchases a day of season's time
	level   float64 // log spend level, of mean 0 and variance 1 over customers
	born    float64 // first purchase, in season's time
	patient float64 // Pareto/NBD: the integrated hazard at which the customer drops out
}

// living draws lives. Its scores make the log of a Gamma(r, alpha) rate one
// of mean 0 and variance 1: E ln λ = ψ(r) − ln α, Var ln λ = ψ′(r).
type living struct {
	Purchases
	frequency, centre, scale float64
}

func newLiving(p Purchases, frequency float64) living {
	return living{Purchases: p, frequency: frequency, centre: digamma(p.R) - ln(p.Alpha), scale: math.Sqrt(trigamma(p.R))}
}

// draw draws a life born uniformly between two of season's times.
func (l living) draw(s *stream, from, until float64) life {
	v := life{leaving: l.leaving(s)}
	v.rate = s.gamma(l.R) / l.Alpha
	score := (ln(max(v.rate, math.SmallestNonzeroFloat64)) - l.centre) / l.scale
	v.level = float64(l.frequency*score) + float64(math.Sqrt(1-float64(l.frequency*l.frequency))*s.normal())
	v.born = from + float64((until-from)*s.Float64())
	if l.Model == ParetoNBD {
		v.patient = s.exponential()
	}
	return v
}

// leaving is the first draw of a life, so that happiness can be asked without
// the rest.
func (l living) leaving(s *stream) float64 {
	if l.Model == ParetoNBD {
		return s.gamma(l.S) / l.Beta
	}
	return s.beta(l.A, l.B)
}

// happy: less likely to drop out than customers are on average.
func (l living) happy(leaving float64) bool {
	if l.Model == ParetoNBD {
		return leaving <= l.S/l.Beta
	}
	return leaving <= l.A/(l.A+l.B)
}

// fate tells by how much a customer's hazard of dropping out is multiplied as
// time goes on. It is asked about ever later times.
type fate interface {
	// until is the time up to which the factor at t holds.
	until(t float64) (factor, end float64)
}

// leave is when the hazard has been met, and +Inf where that is not before the
// horizon: the integral of leaving × factor from birth reaches patient.
func (v life) leave(f fate, horizon float64) float64 {
	left := v.patient
	for t := v.born; ; {
		factor, end := f.until(t)
		end = min(end, horizon)
		hazard := v.leaving * factor
		if spent := float64(hazard * (end - t)); spent < left {
			left -= spent
		} else if at := t + left/hazard; at < horizon {
			return at
		} else {
			return math.Inf(1)
		}
		if t = end; t >= horizon {
			return math.Inf(1)
		}
	}
}

// trend is the growth of purchase rates: what is drawn at the highest rate of
// the span is kept with the chance that the rate of its time is of it.
type trend struct {
	yearly, from, until float64
}

func (g trend) highest() float64 {
	return max(1, pow(1+g.yearly, (g.until-g.from)/365.25))
}

func (g trend) keeps(s *stream, t float64) bool {
	return g.yearly == 0 || s.Float64()*g.highest() < pow(1+g.yearly, (min(max(t, g.from), g.until)-g.from)/365.25)
}

// purchases appends the times of all purchases before the horizon, the first
// included, and says when the customer dropped out: +Inf for not yet.
// Pareto/NBD gives the time of dropping out as dropped. BG/NBD, for which it is
// not asked, lets a customer drop out after repeat purchases only, so that one
// who bought once is alive with certainty; a fate multiplies that chance.
func (v life) purchases(s *stream, model string, f fate, g trend, dropped, horizon float64, times []float64) ([]float64, float64) {
	times = append(times, v.born)
	rate := v.rate
	if g.yearly != 0 {
		rate *= g.highest()
	}
	for t := v.born; ; {
		t += s.exponential() / rate
		if model == ParetoNBD && !(t < min(dropped, horizon)) {
			return times, dropped
		}
		if !(t < horizon) {
			return times, math.Inf(1)
		}
		if !g.keeps(s, t) {
			continue
		}
		times = append(times, t)
		if model == ParetoNBD {
			continue
		}
		factor, _ := f.until(t)
		if s.Float64() < v.leaving*factor {
			return times, t
		}
	}
}

// plain is the fate of one to whom nothing happens.
type plain struct{}

func (plain) until(float64) (float64, float64) { return 1, math.Inf(1) }
