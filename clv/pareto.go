package clv

import "math"

// ParetoNBD is the Pareto/NBD model: a customer buys at random at a rate λ ~ Gamma(R, rate Alpha) and leaves at a random time
// that does not wait for purchases, at a rate μ ~ Gamma(S, rate Beta). Alpha and Beta are in the unit of time of the histories.
// It is the default: it can call a one-time buyer gone.
//
// Schmittlein, Morrison & Colombo, Management Science 33(1), 1987; Fader, Hardie & Lee, Journal of Marketing Research 42(4), 2005.
//
// Its methods give NaN for a history that no customer can have, a time that is not from 0 on, and parameters that are not
// above 0.
type ParetoNBD struct{ R, Alpha, S, Beta float64 }

func (m ParetoNBD) valid() bool { return positive(m.R, m.Alpha, m.S, m.Beta) }

// LogLikelihood is the logarithm of the density of a history.
func (m ParetoNBD) LogLikelihood(h History) float64 {
	if !m.valid() || !h.valid() {
		return math.NaN()
	}
	x := float64(h.Repeats)
	return rising(m.R, x) + m.R*math.Log(m.Alpha) + m.S*math.Log(m.Beta) + m.leaving(x).density(h.Last, h.Age).ln
}

// Alive is the probability that the customer has not left by the end of their age.
func (m ParetoNBD) Alive(h History) float64 {
	if !m.valid() || !h.valid() {
		return math.NaN()
	}
	return m.leaving(float64(h.Repeats)).density(h.Last, h.Age).alive
}

// Expected is how many repeat purchases a new customer makes within t on average.
func (m ParetoNBD) Expected(t float64) float64 {
	if !m.valid() || !horizon(t) {
		return math.NaN()
	}
	return m.R * m.Beta / m.Alpha * powerIntegral(m.S, math.Log1p(t/m.Beta))
}

// Conditional is how many purchases a customer with this history makes within t after the end of their age.
func (m ParetoNBD) Conditional(h History, t float64) float64 {
	if !m.valid() || !h.valid() || !horizon(t) {
		return math.NaN()
	}
	return m.Alive(h) * m.ahead(h, t)
}

// ahead is Conditional for a customer who is alive. It does not depend on h.Last.
func (m ParetoNBD) ahead(h History, t float64) float64 {
	b := m.Beta + h.Age
	return (m.R + float64(h.Repeats)) / (m.Alpha + h.Age) * b * powerIntegral(m.S, math.Log1p(t/b))
}

// Discounted is the number of purchases after the customer's age, each discounted to its end at the continuous rate delta per
// unit of time (DERT, equation 2 of Fader, Hardie & Lee, 2005): with z = delta·(β+T),
// α^r β^s delta^{s−1} Γ(r+x+1) U(s, s, z) / (Γ(r) (α+T)^{r+x+1} L), which is P(alive)·(r+x)/(α+T)·(β+T)·z^{s−1} U(s, s, z).
func (m ParetoNBD) Discounted(h History, delta float64) float64 {
	if !m.valid() || !h.valid() || !positive(delta) {
		return math.NaN()
	}
	return m.Alive(h) * m.discountedAhead(h, delta)
}

func (m ParetoNBD) discountedAhead(h History, delta float64) float64 {
	return m.discounted(h, expTail(m.S, delta*(m.Beta+h.Age)))
}

// discounted is discountedAhead with its integral, which depends on the age alone, given.
func (m ParetoNBD) discounted(h History, tail float64) float64 {
	return (m.R + float64(h.Repeats)) / (m.Alpha + h.Age) * (m.Beta + h.Age) * tail
}

// Probability is that of exactly x repeat purchases within t: while staying through t, or by the time of leaving.
func (m ParetoNBD) Probability(x int64, t float64) float64 {
	if !m.valid() || !horizon(t) || x < 0 {
		return math.NaN()
	}
	if t == 0 {
		if x == 0 {
			return 1
		}
		return 0
	}
	n := float64(x)
	stay := lnNBD(m.R, m.Alpha, n, t) - m.S*math.Log1p(t/m.Beta)
	// ∫₀^t P(n purchases by τ)·s/β·(β/(β+τ))^{s+1} dτ in v = logit(τ/t), whose integrand falls to both sides as a power.
	leave := 0.0
	const step = 1.0 / 24
	for i := -1; i <= 1; i += 2 {
		for j := max(0, i); ; j++ {
			w := math.Sinh(float64(i*j)*step) * math.Pi / 2
			tau, part := t*math.Exp(-softplus(-w)), math.Exp(-softplus(w))
			if tau < 1e-300 || part < 1e-40 {
				break
			}
			leave += math.Exp(lnNBD(m.R, m.Alpha, n, tau)-(m.S+1)*math.Log1p(tau/m.Beta)) * tau * part * math.Cosh(float64(j)*step)
		}
	}
	return math.Exp(stay) + leave*step*math.Pi/2*m.S/m.Beta
}

// leaving is the density, up to constants, of leaving at τ and having bought x times before, by age:
// (α+τ)^{−k}(β+τ)^{−(s+1)}, k = r+x.
type leaving struct{ alpha, beta, k, s float64 }

func (m ParetoNBD) leaving(x float64) leaving { return leaving{m.Alpha, m.Beta, m.R + x, m.S} }

// dense is the density of a history in its two parts: ln{(α+T)^{−k}(β+T)^{−s} + s∫_{t_x}^T (α+τ)^{−k}(β+τ)^{−(s+1)} dτ},
// and the share of the first, which is that of being alive.
type dense struct{ ln, alive float64 }

func (l leaving) density(last, age float64) dense {
	from, to := l.point(last), l.point(age)
	gone := l.s * l.between(from, to).mass
	alive := math.Exp(to.height-from.height) * (l.beta + age)
	return dense{from.height + math.Log(alive+gone), alive / (alive + gone)}
}

// point is a time with its logarithms and that of the density there.
type point struct{ u, logA, logB, height float64 }

func (l leaving) point(u float64) point {
	a, b := math.Log(l.alpha+u), math.Log(l.beta+u)
	return point{u, a, b, -l.k*a - (l.s+1)*b}
}

// moments are the integral of the density over a stretch of time and, weighted by it, those of ln(α+τ), ln(β+τ), 1/(α+τ)
// and 1/(β+τ), all in units of the density at the start of the stretch. They are what the likelihood and its gradient need:
// formulas with 2F1 (as in Fader & Hardie's note of 2005) are this integral, whose integrand is positive and smooth, and
// whose derivatives by r and s they do not give.
type moments struct{ mass, logA, logB, invA, invB float64 }

func (m *moments) add(w, logA, logB, invA, invB float64) {
	m.mass += w
	m.logA += w * logA
	m.logB += w * logB
	m.invA += w * invA
	m.invB += w * invB
}

// negligible is how far, in logarithms, the density has to fall for the rest of a stretch not to count.
const negligible = 42

// between integrates from one point to a later one. In w = ln((m+τ)/(m+from)), m the smaller of α and β, the integrand is
// an exponential times a power whose singularity is at least π away, so that Gauss–Legendre panels no longer than 1, over
// which it changes by no more than a factor of e⁴, are exact to 1e-13.
func (l leaving) between(from, to point) moments {
	var out moments
	base, other, slow, fast := l.alpha, l.beta, l.k, l.s+1
	if l.beta < l.alpha {
		base, other, slow, fast = l.beta, l.alpha, l.s+1, l.k
	}
	length := math.Log1p((to.u - from.u) / (base + from.u))
	if !(length > 0) {
		return out
	}
	if steep := length * (slow + fast + 1); length <= 0.02 && steep <= 0.06 {
		l.panel(&gauss3, from, base, other, 0, length, &out)
		return out
	} else if length <= 0.1 && steep <= 0.3 {
		l.panel(&gauss4, from, base, other, 0, length, &out)
		return out
	}
	for at := 0.0; at < length; {
		near := (base + from.u) * math.Exp(at)
		if at > 0 && l.point(near-base).height+math.Log(near/(base+from.u)) < from.height-negligible {
			break
		}
		// The slope of the other factor at the end of a panel that is as long as 1.
		end := near * math.E
		width := math.Min(length-at, math.Min(1, 4/(slow+1+fast*end/(end+other-base))))
		l.panel(&gauss8, from, base, other, at, width, &out)
		at += width
	}
	return out
}

func (l leaving) panel(r *rule, from point, base, other, start, width float64, out *moments) {
	for i, x := range r.at {
		up := start + width*(1+x)/2
		near := (base + from.u) * math.Exp(up) // base + τ
		far := near + (other - base)
		logNear := up + from.logA
		if l.beta < l.alpha {
			logNear = up + from.logB
		}
		logFar := math.Log(far)
		a, b, invA, invB := logNear, logFar, 1/near, 1/far
		if l.beta < l.alpha {
			a, b, invA, invB = logFar, logNear, 1/far, 1/near
		}
		out.add(r.weight[i]*width/2*near*math.Exp(-l.k*a-(l.s+1)*b-from.height), a, b, invA, invB)
	}
}
