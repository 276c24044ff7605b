package money

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// Rate returns num ÷ den as an exact fraction. It refuses a den of zero.
func Rate(num, den Amount) (*big.Rat, error) {
	if den.IsZero() {
		return nil, errors.New("a rate over an amount of zero does not exist")
	}
	return new(big.Rat).SetFrac(num.shared(), den.shared()), nil
}

// rateDigits is the number of significant digits of a printed rate.
const rateDigits = 12

// FormatRate prints r rounded to 12 significant digits, halves to even, as a
// valid JSON number: "0.333333333333". There are no trailing zeros after the
// point. The notation is plain unless the rounded magnitude is below 10⁻⁹ or
// at least 10¹⁵, where it is "1.5e-10" or "2e15". Only integers are used, so
// the same fraction prints the same on every machine. r must not be nil.
func FormatRate(r *big.Rat) string {
	if r.Sign() == 0 {
		return "0"
	}
	digits, exponent := significant(r)
	digits = strings.TrimRight(digits, "0")
	text := ""
	switch {
	case exponent < -9 || exponent >= 15:
		text = digits[:1]
		if len(digits) > 1 {
			text += "." + digits[1:]
		}
		text += "e" + strconv.Itoa(exponent)
	case exponent < 0:
		text = "0." + strings.Repeat("0", -exponent-1) + digits
	case len(digits) <= exponent+1:
		text = digits + strings.Repeat("0", exponent+1-len(digits))
	default:
		text = digits[:exponent+1] + "." + digits[exponent+1:]
	}
	if r.Sign() < 0 {
		return "-" + text
	}
	return text
}

// significant returns the 12 digits d₁…d₁₂ and the exponent e with
// |r| ≈ d₁.d₂…d₁₂ × 10ᵉ, halves to even. r is not zero.
func significant(r *big.Rat) (digits string, exponent int) {
	n, d := new(big.Int).Abs(r.Num()), r.Denom()
	// With i and j digits, n/d lies strictly between 10^(i−j−1) and 10^(i−j+1).
	exponent = len(n.Text(10)) - len(d.Text(10))
	if scaled, unit := shift(n, d, -exponent); scaled.Cmp(unit) < 0 {
		exponent--
	}
	scaled, unit := shift(n, d, rateDigits-1-exponent)
	quotient, rest := new(big.Int).QuoRem(scaled, unit, new(big.Int))
	half := rest.Lsh(rest, 1).Cmp(unit)
	if half > 0 || half == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	digits = quotient.Text(10)
	if len(digits) > rateDigits { // 999… rounded up to the next power of ten
		return digits[:rateDigits], exponent + 1
	}
	return digits, exponent
}

// shift returns numerator and denominator of n/d × 10ᵏ as integers.
func shift(n, d *big.Int, k int) (num, den *big.Int) {
	if k >= 0 {
		return new(big.Int).Mul(n, power(k)), d
	}
	return n, new(big.Int).Mul(d, power(-k))
}
