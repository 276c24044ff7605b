package sim

import "math"

// The functions here give the same bits on every machine. Package math does
// not promise that: some processors have a logarithm of their own, and a
// compiler may fuse x*y + z into one rounding. A conversion of a product,
// float64(x*y), forbids the latter (Go specification, "Floating-point
// operators"); whatever decides a byte of a world is written so, and
// TestNoProductIsFused looks for one that is not. Only the square root comes
// from package math, because IEEE 754 leaves it no choice.

// ln is the natural logarithm of a positive number, after FreeBSD's
// e_log.c (Sun Microsystems, 1993): the error is below one unit in the last place.
func ln(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
		l1    = 6.666666666666735130e-01
		l2    = 3.999999999940941908e-01
		l3    = 2.857142874366239149e-01
		l4    = 2.222219843214978396e-01
		l5    = 1.818357216161805012e-01
		l6    = 1.531383769920937332e-01
		l7    = 1.479819860511658591e-01
	)
	if !(x > 0) {
		return math.Inf(-1)
	}
	f1, ki := math.Frexp(x)
	if f1 < math.Sqrt2/2 {
		f1 *= 2
		ki--
	}
	f, k := f1-1, float64(ki)
	s := f / (2 + f)
	s2 := s * s
	s4 := s2 * s2
	t1 := float64(s2 * (l1 + float64(s4*(l3+float64(s4*(l5+float64(s4*l7)))))))
	t2 := float64(s4 * (l2 + float64(s4*(l4+float64(s4*l6)))))
	half := float64(0.5 * f * f)
	return float64(k*ln2Hi) - ((half - (float64(s*(half+t1+t2)) + float64(k*ln2Lo))) - f)
}

// exp is eˣ after FreeBSD's e_exp.c.
func exp(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
		p1    = 1.66666666666666657415e-01
		p2    = -2.77777777770155933842e-03
		p3    = 6.61375632143793436117e-05
		p4    = -1.65339022054652515390e-06
		p5    = 4.13813679705723846039e-08
	)
	switch {
	case x > 709.7:
		return math.Inf(1)
	case x < -745:
		return 0
	}
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	hi, lo := x-float64(k*ln2Hi), float64(k*ln2Lo)
	r := hi - lo
	t := r * r
	c := r - float64(t*(p1+float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))))
	y := 1 - ((lo - float64(r*c)/(2-c)) - hi)
	return math.Ldexp(y, int(k))
}

// pow is xʸ of a positive x; its relative error is about |y ln x| units in the
// last place.
func pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case x == 0:
		return 0
	}
	return exp(y * ln(x))
}

// cos is the cosine by its series around the nearest multiple of π/2.
func cos(x float64) float64 {
	quarter := math.Floor(float64(x*(2/math.Pi)) + 0.5)
	r := (x - float64(quarter*1.57079632673412561417e+00)) - float64(quarter*6.07710050650619224932e-11)
	series := func(term float64, n float64) float64 { // term·(1 − r²/((n+1)(n+2)) + …)
		sum := term
		for ; math.Abs(term) > 1e-19; n += 2 {
			term = -float64(term*r) * r / ((n + 1) * (n + 2))
			sum += term
		}
		return sum
	}
	switch int64(quarter) & 3 {
	case 0:
		return series(1, 0)
	case 1:
		return -series(r, 1)
	case 2:
		return -series(1, 0)
	}
	return series(r, 1)
}

// digamma and trigamma are ψ and ψ′ of a positive number: recurrence to 20 and
// the asymptotic series, Abramowitz & Stegun (1964), 6.3.18 and 6.4.12.
func digamma(x float64) float64 {
	var sum float64
	for ; x < 20; x++ {
		sum -= 1 / x
	}
	y := 1 / float64(x*x)
	return sum + ln(x) - 0.5/x - float64(y*(1.0/12-float64(y*(1.0/120-float64(y*(1.0/252-float64(y*(1.0/240-y/132))))))))
}

func trigamma(x float64) float64 {
	var sum float64
	for ; x < 20; x++ {
		sum += 1 / float64(x*x)
	}
	y := 1 / float64(x*x)
	return sum + 1/x + float64(0.5*y) + float64(y*(1.0/6-float64(y*(1.0/30-float64(y*(1.0/42-float64(y*(1.0/30-5*y/66)))))))/x)
}
