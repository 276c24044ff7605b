package clv

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// BGNBD is the beta-geometric/NBD model: a customer buys at random at a rate λ ~ Gamma(R, rate Alpha) and, after each
// purchase, leaves for good with probability p ~ Beta(A, B). Alpha is in the unit of time of the histories. Whoever never
// bought again is alive for certain, because nobody leaves but after a purchase: where most buy once, [ParetoNBD] says more.
//
// Fader, Hardie & Lee, Marketing Science 24(2), 2005; equation numbers are theirs.
//
// Its methods give NaN for a history that no customer can have, a time that is not from 0 on, and parameters that are not
// above 0.
type BGNBD struct{ R, Alpha, A, B float64 }

func (m BGNBD) valid() bool { return positive(m.R, m.Alpha, m.A, m.B) }

func positive(xs ...float64) bool {
	for _, x := range xs {
		if !(x > 0) || math.IsInf(x, 1) {
			return false
		}
	}
	return true
}

// horizon tells whether t is a length of time.
func horizon(t float64) bool { return t >= 0 && !math.IsInf(t, 1) }

// LogLikelihood is the logarithm of the density of a history (equation 6).
func (m BGNBD) LogLikelihood(h History) float64 {
	if !m.valid() || !h.valid() {
		return math.NaN()
	}
	x, k := float64(h.Repeats), m.R+float64(h.Repeats)
	common := rising(m.R, x) + m.R*math.Log(m.Alpha) + rising(m.B, x) - rising(m.A+m.B, x)
	alive := -k * math.Log(m.Alpha+h.Age)
	if h.Repeats == 0 {
		return common + alive
	}
	gone := math.Log(m.A/(m.B+x-1)) - k*math.Log(m.Alpha+h.Last)
	return common + gone + softplus(alive-gone)
}

// Alive is the probability that the customer has not left by the end of their age.
func (m BGNBD) Alive(h History) float64 {
	if !m.valid() || !h.valid() {
		return math.NaN()
	}
	if h.Repeats == 0 {
		return 1
	}
	x := float64(h.Repeats)
	odds := math.Log(m.A/(m.B+x-1)) + (m.R+x)*math.Log1p((h.Age-h.Last)/(m.Alpha+h.Last))
	return 1 / (1 + math.Exp(odds))
}

// Expected is how many repeat purchases a new customer makes within t on average (equation 9, in a form without its
// singularity at A = 1).
func (m BGNBD) Expected(t float64) float64 {
	if !m.valid() || !horizon(t) {
		return math.NaN()
	}
	return untilDropout(m.R, m.Alpha, m.A, m.B, t)
}

// Conditional is how many purchases a customer with this history makes within t after the end of their age (equation 10).
func (m BGNBD) Conditional(h History, t float64) float64 {
	if !m.valid() || !h.valid() || !horizon(t) {
		return math.NaN()
	}
	return m.Alive(h) * m.ahead(h, t)
}

// ahead is Conditional for a customer who is alive. It does not depend on h.Last.
func (m BGNBD) ahead(h History, t float64) float64 {
	x := float64(h.Repeats)
	return untilDropout(m.R+x, m.Alpha+h.Age, m.A, m.B+x, t)
}

// untilDropout is the mean number of purchases within t at a rate of Gamma(k, rate c), each with a chance of Beta(a, b) to be
// the last. With z = t/(c+t) it is (1−z)^k Σ_{j≥1} (k)_j z^j/j! · Σ_{i<j} (b)_i/(a+b)_i: the chance of j purchases were there no
// leaving, times how many of j are made. All terms are positive. The series is equal to
// (a+b−1)/(a−1)·[1 − (c/(c+t))^k 2F1(k, b; a+b−1; z)]. Where it is long, E_p[(1 − (c/(c+pt))^k)/p] is integrated.
func untilDropout(k, c, a, b, t float64) float64 {
	if t == 0 {
		return 0
	}
	z := t / (c + t)
	if k*math.Log1p(t/c) > 600 || (k+40)*(1+t/c) > 3000 {
		return betaMean(a, b, func(p float64) float64 {
			if p*t/c < 1e-200 {
				return k * t / c
			}
			return -math.Expm1(-k*math.Log1p(p*t/c)) / p
		})
	}
	term, survived, made, sum := math.Exp(k*math.Log1p(-z)), 1.0, 0.0, 0.0
	for j := 1.0; ; j++ {
		term *= (k + j - 1) / j * z
		made += survived
		survived *= (b + j - 1) / (a + b + j - 1)
		sum += term * made
		// Once the ratio of terms is below 1 the rest is less than a geometric series.
		if ratio := (k + j) / (j + 1) * z * (1 + 1/j); ratio < 1 && term*made*ratio < 1e-17*sum*(1-ratio) {
			return sum
		}
	}
}

// Probability is that of exactly x repeat purchases within t (equation 8); the chance that x or more would have been made is
// the regularised incomplete beta function I_{t/(α+t)}(x, r).
func (m BGNBD) Probability(x int64, t float64) float64 {
	if !m.valid() || !horizon(t) || x < 0 {
		return math.NaN()
	}
	n := float64(x)
	if t == 0 {
		if x == 0 {
			return 1
		}
		return 0
	}
	ln := rising(m.B, n) - rising(m.A+m.B, n) + lnNBD(m.R, m.Alpha, n, t)
	if x == 0 {
		return math.Exp(ln)
	}
	last := m.A / (m.A + m.B) * math.Exp(rising(m.B, n-1)-rising(m.A+m.B+1, n-1))
	return math.Exp(ln) + last*mathext.RegIncBeta(n, m.R, t/(m.Alpha+t))
}

// lnNBD is the logarithm of the chance of n purchases within t > 0 at a rate of Gamma(r, rate alpha), without leaving.
func lnNBD(r, alpha, n, t float64) float64 {
	return rising(r, n) - rising(1, n) - r*math.Log1p(t/alpha) - n*math.Log1p(alpha/t)
}

// Discounted is the number of purchases after the customer's age, each discounted to its end at the continuous rate delta
// per unit of time: P(alive)·E_p[(k/p)·e^y E_{k+1}(y)], k = r+x, y = (α+T)·delta/p. No closed form is known to be standard.
func (m BGNBD) Discounted(h History, delta float64) float64 {
	if !m.valid() || !h.valid() || !positive(delta) {
		return math.NaN()
	}
	return m.Alive(h) * m.discountedAhead(h, delta)
}

func (m BGNBD) discountedAhead(h History, delta float64) float64 {
	x := float64(h.Repeats)
	k, c := m.R+x, m.Alpha+h.Age
	return betaMean(m.A, m.B+x, func(p float64) float64 {
		y := c * delta / p
		if y > 1e15 {
			return k / (c * delta)
		}
		return k / p * expTail(k+1, y)
	})
}
