package workforce

import (
	"math"
	"math/big"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/evidence"
)

const (
	level = 0.95
	z975  = 1.959963984540054 // the 97.5% point of the standard normal distribution
	year  = 365.25            // days
)

// The methods, in the words that the figures carry.
const (
	garwoodWords  = "Garwood’s exact interval for a Poisson count (1936)"
	wilsonWords   = "Wilson’s score interval (1927)"
	studentWords  = "Student’s t interval"
	orderWords    = "interval by order statistics (Thompson 1936)"
	fisherWords   = "interval by Fisher’s z (1921)"
	kaplanWords   = "Kaplan–Meier with late entry from the first day that the books know"
	coxWords      = "hazard ratio, Cox’s partial likelihood, late entry, robust error"
	mostOfSamples = 6 // below it no two order statistics hold a median at 95%: 2·(1/2)^5 > 0.05
)

func rat(k int64) *big.Rat { return new(big.Rat).SetInt64(k) }

// garwood is the exact 95% interval of the mean of a Poisson count k (F. Garwood, Biometrika 28, 1936): the χ² points with 2k and 2k + 2
// degrees of freedom, halved.
func garwood(k int64) (low, high float64) {
	if k > 0 {
		low = mathext.GammaIncRegInv(float64(k), 0.025)
	}
	return low, mathext.GammaIncRegInv(float64(k+1), 0.975)
}

// rate is k ÷ exposure, each a number, with Garwood's interval.
func rate(k int64, exposure *big.Rat, n int64, how string) evidence.Figure {
	low, high := garwood(k)
	over := func(x *big.Rat) *big.Rat { return x.Quo(x, exposure) }
	return evidence.Confidence(over(rat(k)), over(evidence.Float(low)), over(evidence.Float(high)), level, n, how+"; "+garwoodWords)
}

// share is k of n with Wilson's score interval (E. B. Wilson, JASA 22, 1927).
func share(k, n int64, how string) evidence.Figure {
	low, high := wilson(k, n)
	return evidence.Confidence(big.NewRat(k, n), evidence.Float(low), evidence.Float(high), level, n, how+"; "+wilsonWords)
}

func wilson(k, n int64) (low, high float64) {
	p, m, zz := float64(k)/float64(n), float64(n), float64(z975*z975)
	half := z975 * math.Sqrt(float64(p*(1-p))/m+zz/float64(4*m*m))
	centre, scale := p+zz/float64(2*m), 1+zz/m
	low, high = (centre-half)/scale, (centre+half)/scale
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return low, high
}

// meanOf is the mean of a sample with Student's interval; it needs two.
func meanOf(sample []int64, per float64, how string) evidence.Figure {
	n := int64(len(sample))
	mean, squares := big.NewRat(sum(sample), n), 0.0
	m, _ := mean.Float64()
	for _, x := range sample {
		d := float64(x) - m
		squares += float64(d * d)
	}
	se := math.Sqrt(squares / float64(n*(n-1)))
	half := float64(distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975) * se)
	unit := evidence.Float(per)
	in := func(x *big.Rat) *big.Rat { return new(big.Rat).Quo(x, unit) }
	low, high := new(big.Rat).Sub(mean, evidence.Float(half)), new(big.Rat).Add(mean, evidence.Float(half))
	return evidence.Confidence(in(mean), in(low), in(high), level, n, how+"; "+studentWords)
}

func sum(sample []int64) (total int64) {
	for _, x := range sample {
		total += x
	}
	return total
}

// middle is the median of a sorted sample.
func middle(sorted []int64) *big.Rat {
	n := len(sorted)
	return big.NewRat(sorted[(n-1)/2]+sorted[n/2], 2)
}

// medianOf is the median of a sample of six or more, between the order statistics that hold the population's with at least 95%.
func medianOf(sample []int64, how string) evidence.Figure {
	sorted := slices.Sorted(slices.Values(sample))
	n := len(sorted)
	// The largest j with P(Bin(n, 1/2) < j) ≤ 0.025; the tail is the incomplete beta function I(1/2; n−j+1, j).
	j := 1
	for j < n/2 && mathext.RegIncBeta(float64(n-j), float64(j+1), 0.5) <= 0.025 {
		j++
	}
	return evidence.Confidence(middle(sorted), rat(sorted[j-1]), rat(sorted[n-j]), level, int64(n), how+"; "+orderWords)
}

// fisher is the 95% interval of a correlation r of n pairs (R. A. Fisher, Metron 1, 1921): atanh r ± z/√(n − 3).
func fisher(r float64, n int) (low, high float64) {
	z, half := math.Atanh(r), z975/math.Sqrt(float64(n-3))
	return math.Tanh(z - half), math.Tanh(z + half)
}

// correlation is Pearson's, NaN where one of the two does not vary.
func correlation(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xx, yy, xy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx += float64(dx * dx)
		yy += float64(dy * dy)
		xy += float64(dx * dy)
	}
	if xx == 0 || yy == 0 {
		return math.NaN()
	}
	return max(-1, min(1, xy/math.Sqrt(float64(xx*yy))))
}

func mean(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total / float64(len(x))
}
