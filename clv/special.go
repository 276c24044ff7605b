package clv

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// large is where Stirling's series with five terms is exact to the last place.
const large = 16

// rising is lnΓ(z+w) − lnΓ(z) for z > 0 and w ≥ 0, without the cancellation of two logarithms of gamma: Stirling's series
// (Abramowitz & Stegun 6.1.40) of the difference, after moving z up by the recurrence.
func rising(z, w float64) float64 {
	shift := 0.0
	for ; z < large; z++ {
		shift -= math.Log1p(w / z)
	}
	return shift + (z-0.5)*math.Log1p(w/z) + w*(math.Log(z+w)-1) + stirling(z+w) - stirling(z)
}

func stirling(z float64) float64 {
	i := 1 / (z * z)
	return (1.0/12 - i*(1.0/360-i*(1.0/1260-i*(1.0/1680-i/1188)))) / z
}

// risingSlope is ψ(z+w) − ψ(z), the derivative of rising by z; that by w is ψ(z+w).
func risingSlope(z, w float64) float64 {
	shift := 0.0
	for ; z < large; z++ {
		shift += w / (z * (z + w))
	}
	return shift + math.Log1p(w/z) + digammaTail(z+w) - digammaTail(z)
}

// digammaTail is ψ(z) − ln z (Abramowitz & Stegun 6.3.18).
func digammaTail(z float64) float64 {
	i := 1 / (z * z)
	return -0.5/z - i*(1.0/12-i*(1.0/120-i*(1.0/252-i*(1.0/240-i/132))))
}

// lnBeta is ln B(a, b).
func lnBeta(a, b float64) float64 {
	if b < a {
		a, b = b, a
	}
	lg, _ := math.Lgamma(a)
	return lg - rising(b, a)
}

// rule holds the places and weights of Gauss and Legendre on [−1, 1].
type rule struct{ at, weight []float64 }

func legendre(n int) rule {
	r := rule{make([]float64, n), make([]float64, n)}
	quad.Legendre{}.FixedLocations(r.at, r.weight, -1, 1)
	return r
}

var gauss3, gauss4, gauss8, gauss16 = legendre(3), legendre(4), legendre(8), legendre(16)

// expTail is e^z·E_s(z) = ∫₀^∞ e^{−zy}(1+y)^{−s} dy for z > 0 and s > 0, the generalised exponential integral without its
// factor: by the continued fraction of DLMF 8.19.17 from z = 1 on; below, where that is slow and the series cancels at whole s,
// by the integral in w = ln(1+y), whose integrand exp(−z(e^w−1) + (1−s)w) is entire.
func expTail(s, z float64) float64 {
	if !(z > 0) || !(s > 0) || math.IsInf(z, 1) {
		return math.NaN()
	}
	if z >= 1 {
		return expFraction(s, z)
	}
	width := math.Min(0.5, 4/(1+math.Abs(1-s)))
	sum, peak := 0.0, 0.0
	if s < 1 {
		peak = math.Max(0, math.Log((1-s)/z))
	}
	for from := 0.0; ; from += width {
		panel := 0.0
		for i, x := range gauss16.at {
			w := from + width*(1+x)/2
			panel += gauss16.weight[i] * math.Exp(-z*math.Expm1(w)+(1-s)*w)
		}
		sum += panel * width / 2
		if from > peak && panel <= 1e-17*sum {
			return sum
		}
	}
}

// expFraction evaluates 1/(z+s − 1·s/(z+s+2 − 2(s+1)/(z+s+4 − …))) by Lentz's method.
func expFraction(s, z float64) float64 {
	b := z + s
	c, d := math.Inf(1), 1/b
	h := d
	for i := 1.0; i < 1e4; i++ {
		a := -i * (s - 1 + i)
		b += 2
		d = 1 / (a*d + b)
		c = b + a/c
		h *= c * d
		if math.Abs(c*d-1) < 1e-16 {
			break
		}
	}
	return h
}

// betaMean is E[f(p)] for p ~ Beta(a, b), for f that is smooth inside and bounded by powers at the ends: the trapezoid rule
// in v, where logit p = logit(a/(a+b)) + w·sinh v, which converges faster than any power (Takahasi & Mori, 1974).
func betaMean(a, b float64, f func(p float64) float64) float64 {
	const step = 1.0 / 24
	centre, width := math.Log(a/b), math.Min(3, math.Sqrt(1/a+1/b))
	top := -a*math.Log1p(b/a) - b*math.Log1p(a/b)
	var mass, sum float64
	add := func(v float64) (weight float64) {
		u := centre + width*math.Sinh(v)
		lnP, lnQ := -softplus(-u), -softplus(u)
		weight = math.Exp(a*lnP+b*lnQ-top) * math.Cosh(v)
		mass += weight
		if weight > 0 {
			p := math.Exp(lnP)
			if p < 0x1p-1022 {
				p = 0 // the last numbers before 0 have few digits, and f divides by them
			}
			sum += weight * f(p)
		}
		return weight
	}
	add(0)
	for _, side := range []float64{1, -1} {
		for i := 1.0; i*step < 30; i++ {
			if add(side*i*step) < 1e-18*mass {
				break
			}
		}
	}
	return sum / mass
}

// softplus is ln(1 + e^u).
func softplus(u float64) float64 {
	if u > 0 {
		return u + math.Log1p(math.Exp(-u))
	}
	return math.Log1p(math.Exp(u))
}

// powerIntegral is ∫₀^y e^{−(s−1)u} du = (1 − e^{−(s−1)y})/(s−1), whose limit at s = 1 is y.
func powerIntegral(s, y float64) float64 {
	if e := (s - 1) * y; math.Abs(e) > 1e-9 {
		return -math.Expm1(-e) / (s - 1)
	}
	return y * (1 - (s-1)*y/2)
}
