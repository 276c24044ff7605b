package voice

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	level = 0.95
	z975  = 1.959963984540054 // the 97.5% point of the standard normal distribution
)

// The methods, in the words that the figures carry.
const (
	rocksWords   = "adjusted Wald interval (Rocks 2016)"
	wilsonWords  = "Wilson’s score interval (1927)"
	studentWords = "Student’s t interval"
	netWords     = "share of promoters less share of detractors, in points"
	silenceWords = "all who did not answer at the bottom, to all of them at the top"
)

// adjusted is the net score of shares p and d of n answers, n not necessarily whole, with ¾ of a promoter, 1½ passives and ¾ of a
// detractor added: its value, standard error and 95% interval, cut to ±1 (Rocks, American Statistician 70(4), 2016). The interval is
// widened to the score itself where that lies outside, which happens below two answers that are alike.
func adjusted(p, d, n float64) (value, se, low, high float64) {
	plain := p - d
	p, d = (float64(p*n)+0.75)/(n+3), (float64(d*n)+0.75)/(n+3)
	value = p - d
	se = math.Sqrt(netVariance(p, d) / (n + 3))
	half := float64(z975 * se)
	return value, se, min(plain, max(-1, value-half)), max(plain, min(1, value+half))
}

// netVariance is that of a unit score −1, 0 or 1: p + d − (p − d)².
func netVariance(p, d float64) float64 {
	s := p - d
	return max(0, p+d-float64(s*s))
}

// wilson is the 95% score interval of a share p of n answers, n not necessarily whole (E. B. Wilson, JASA 22, 1927).
func wilson(p, n float64) (low, high float64) {
	zz := float64(z975 * z975)
	half := z975 * math.Sqrt(float64(p*(1-p))/n+zz/float64(4*float64(n*n)))
	centre, scale := p+zz/(2*n), 1+zz/n
	low, high = (centre-half)/scale, (centre+half)/scale
	if p <= 0 {
		low = 0
	}
	if p >= 1 {
		high = 1
	}
	return low, high
}

// student is the 97.5% point of Student's t; from 500 degrees of freedom by its expansion around the normal point (Abramowitz & Stegun 26.7.5), which is then
// right to ten digits and a hundred times faster.
func student(df float64) float64 {
	if df >= 500 {
		z, zz := float64(z975), float64(z975*z975)
		first := float64(z*(zz+1)) / 4
		second := float64(z*(float64((float64(5*zz)+16)*zz)+3)) / 96
		third := float64(z*(float64((float64((float64(3*zz)+19)*zz)+17)*zz)-15)) / 384
		return z + (first+(second+third/df)/df)/df
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(1 - (1-level)/2)
}

// effective is how many independent answers of equal weight would have the variance that n answers of m customers have: variance is
// that of one answer, of is that of their mean, without factors for small samples, and alike is Kish's number of the customers by their weights, (Σw)² ÷ Σw². Few
// customers, and few who weigh much, tell their own spread badly, so the number is multiplied by (t(n−1) ÷ t(alike−1))², the points of Student's t (Korn & Graubard, Survey Methodology
// 24, 1998, equation 3), with the effective number of customers in the place of all, since a few large ones are no better than few (Carter, Schnepel & Steigerwald, Review of
// Economics and Statistics 99, 2017). It lies between 1 and n; where all answered alike the spread says nothing, and alike takes its place.
func effective(variance, of float64, n, m int64, alike float64) float64 {
	if m <= 1 {
		return 1
	}
	spread := variance > 0 && of > 0
	out := alike
	if spread {
		out = variance / of
	}
	if alike < float64(n)*(1-1e-12) {
		if alike < 2-1e-9 {
			return 1
		}
		t := student(float64(n-1)) / student(alike-1)
		out *= float64(t * t)
		if spread {
			out *= float64(n) / float64(n-1) * float64(m-1) / float64(m)
		}
	}
	return max(1, min(float64(n), out))
}

// twoSided is the probability of a normal deviate further out than z.
func twoSided(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// twoSidedT is that of Student's t.
func twoSidedT(t, df float64) float64 {
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Survival(math.Abs(t))
}
