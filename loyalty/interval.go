package loyalty

import (
	"math/big"

	"github.com/throughline/throughline/evidence"
)

const level = 0.95

// z975 is the 97.5% point of the standard normal distribution. It is shared and never changed.
var z975 = big.NewRat(1_959_963_984_540_054, 1_000_000_000_000_000)

// The methods, in the words that the figures carry.
const (
	howShare      = "share of those counted; Wilson score interval for customers like them"
	howDifference = "difference of two shares; Newcombe’s hybrid score interval for customers like them"
)

// wilson is the 95% score interval of k of n (Wilson, JASA 22, 1927): (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). The
// root is taken in 256 bits of integer arithmetic, so the result is the same on every platform.
func wilson(k, n int64) (low, high *big.Rat) {
	p, one := big.NewRat(k, n), big.NewRat(1, 1)
	zzn := new(big.Rat).Quo(new(big.Rat).Mul(z975, z975), big.NewRat(n, 1))
	under := new(big.Rat).Sub(one, p)
	under.Quo(under.Mul(under, p), big.NewRat(n, 1))
	under.Add(under, new(big.Rat).Quo(new(big.Rat).Mul(zzn, big.NewRat(1, 4)), big.NewRat(n, 1)))
	root := rooted(under)
	root.Mul(root, z975)
	centre := new(big.Rat).Add(p, new(big.Rat).Mul(zzn, big.NewRat(1, 2)))
	scale := new(big.Rat).Inv(new(big.Rat).Add(one, zzn))
	low, high = new(big.Rat).Sub(centre, root), new(big.Rat).Add(centre, root)
	low, high = low.Mul(low, scale), high.Mul(high, scale)
	// At none and all an end is the value exactly; the root's last bit must not say otherwise.
	if k == 0 {
		low.SetInt64(0)
	}
	if k == n {
		high.SetInt64(1)
	}
	return low, high
}

func rooted(x *big.Rat) *big.Rat {
	root, _ := new(big.Float).Sqrt(new(big.Float).SetPrec(256).SetRat(x)).Rat(nil)
	return root
}

// newcombe is the 95% hybrid score interval of k1/n1 − k2/n2 (Newcombe, Statistics in Medicine 17, 1998, 873–890, method 10):
// with the Wilson ends l and u of each share, d − √((p1 − l1)² + (u2 − p2)²) to d + √((u1 − p1)² + (p2 − l2)²).
func newcombe(k1, n1, k2, n2 int64) (low, high *big.Rat) {
	p1, p2 := big.NewRat(k1, n1), big.NewRat(k2, n2)
	l1, u1 := wilson(k1, n1)
	l2, u2 := wilson(k2, n2)
	d := new(big.Rat).Sub(p1, p2)
	return new(big.Rat).Sub(d, hypotenuse(p1, l1, u2, p2)), new(big.Rat).Add(d, hypotenuse(u1, p1, p2, l2))
}

// hypotenuse is √((a − b)² + (c − d)²).
func hypotenuse(a, b, c, d *big.Rat) *big.Rat {
	x, y := new(big.Rat).Sub(a, b), new(big.Rat).Sub(c, d)
	return rooted(x.Mul(x, x).Add(x, y.Mul(y, y)))
}

// ratio is a share with its interval, refused when nobody is in the whole.
func ratio(k, n int64, reason, need string) evidence.Figure {
	if n == 0 {
		return evidence.Refuse(reason, need)
	}
	low, high := wilson(k, n)
	return evidence.Confidence(big.NewRat(k, n), low, high, level, n, howShare)
}

// difference is that of two shares, refused when nobody is in one of the wholes.
func difference(k1, n1, k2, n2 int64, reason, need string) evidence.Figure {
	if n1 == 0 || n2 == 0 {
		return evidence.Refuse(reason, need)
	}
	low, high := newcombe(k1, n1, k2, n2)
	d := new(big.Rat).Sub(big.NewRat(k1, n1), big.NewRat(k2, n2))
	return evidence.Confidence(d, low, high, level, n1+n2, howDifference)
}
