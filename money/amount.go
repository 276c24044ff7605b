package money

import (
	"math/big"
	"strconv"
	"strings"
)

// Scale is the number of decimals that an Amount holds.
const Scale = 6

// Amount is an exact decimal with six places. It is immutable: every operation
// returns a new value. The zero value is 0 and is ready to use. Its size is
// bounded only by memory, so addition cannot overflow. Amounts are compared
// with Cmp or Equal; == does not compile, because it would compare addresses.
type Amount struct {
	_      [0]func()
	micros *big.Int // nil for zero and only then, so that equal amounts are deeply equal
}

// FromMicros returns the amount of that many millionths: 1500000 is 1.5.
func FromMicros(micros int64) Amount { return amount(big.NewInt(micros)) }

// FromBig returns the amount of that many millionths. The integer is copied.
func FromBig(micros *big.Int) Amount { return amount(new(big.Int).Set(micros)) }

// amount takes ownership of micros.
func amount(micros *big.Int) Amount {
	if micros.Sign() == 0 {
		return Amount{}
	}
	return Amount{micros: micros}
}

var zero = new(big.Int)

// shared returns the integer that a holds, which must not be changed.
func (a Amount) shared() *big.Int {
	if a.micros == nil {
		return zero
	}
	return a.micros
}

// Big returns a's millionths as an integer of the caller's own.
func (a Amount) Big() *big.Int { return new(big.Int).Set(a.shared()) }

// Micros returns a's millionths, and false where 64 bits do not hold them.
func (a Amount) Micros() (micros int64, ok bool) {
	if a.micros == nil {
		return 0, true
	}
	return a.micros.Int64(), a.micros.IsInt64()
}

// Rat returns a as an exact fraction in units of the currency.
func (a Amount) Rat() *big.Rat { return new(big.Rat).SetFrac(a.shared(), power(Scale)) }

// Add returns a + b.
func (a Amount) Add(b Amount) Amount { return amount(new(big.Int).Add(a.shared(), b.shared())) }

// Sub returns a − b.
func (a Amount) Sub(b Amount) Amount { return amount(new(big.Int).Sub(a.shared(), b.shared())) }

// Neg returns −a.
func (a Amount) Neg() Amount { return amount(new(big.Int).Neg(a.shared())) }

// Abs returns a without its sign.
func (a Amount) Abs() Amount { return amount(new(big.Int).Abs(a.shared())) }

// Cmp returns −1, 0 or +1 as a is less than, equal to or greater than b.
func (a Amount) Cmp(b Amount) int { return a.shared().Cmp(b.shared()) }

// Equal reports whether a and b are the same amount.
func (a Amount) Equal(b Amount) bool { return a.Cmp(b) == 0 }

// Sign returns −1, 0 or +1 as a is negative, zero or positive.
func (a Amount) Sign() int { return a.shared().Sign() }

// IsZero reports whether a is 0.
func (a Amount) IsZero() bool { return a.micros == nil }

// Sum returns the sum of the amounts, 0 for none.
func Sum(amounts ...Amount) Amount {
	total := new(big.Int)
	for _, a := range amounts {
		total.Add(total, a.shared())
	}
	return amount(total)
}

// Round returns a rounded to that many decimals, halves away from zero, as
// invoices round. Six places or more leave a as it is; negative places round
// to tens, hundreds and so on.
func (a Amount) Round(places int) Amount {
	if places >= Scale || a.IsZero() {
		return a
	}
	drop := Scale - places
	if drop > len(a.shared().Text(10)) {
		return Amount{} // less than half of the unit rounded to, and the power need not be built
	}
	unit := power(drop)
	quotient, rest := new(big.Int).QuoRem(a.shared(), unit, new(big.Int))
	if rest.Lsh(rest, 1).CmpAbs(unit) >= 0 {
		quotient.Add(quotient, big.NewInt(int64(a.Sign())))
	}
	return amount(quotient.Mul(quotient, unit))
}

// Text returns a exactly, in plain decimal notation with at least that many
// decimals, and more only where exactness demands them: 5 with two places is
// "5.00", 733265.143 is "733265.143".
func (a Amount) Text(places int) string {
	whole, decimals := a.digits()
	decimals = strings.TrimRight(decimals, "0")
	if short := places - len(decimals); short > 0 {
		decimals += strings.Repeat("0", short)
	}
	return a.join(whole, decimals)
}

// Grouped returns a rounded to that many decimals, halves away from zero, with
// commas between thousands: "-1,234,567.90". It is for people to read; what is
// stored or sent is Text.
func (a Amount) Grouped(places int) string {
	rounded := a.Round(places)
	whole, decimals := rounded.digits()
	shown := min(max(places, 0), Scale)
	decimals = decimals[:shown] + strings.Repeat("0", max(places, 0)-shown)
	var grouped strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			grouped.WriteByte(',')
		}
		grouped.WriteRune(digit)
	}
	return rounded.join(grouped.String(), decimals)
}

// digits returns a's digits before the point, at least one, and the six after.
func (a Amount) digits() (whole, decimals string) {
	text := strings.TrimPrefix(a.shared().Text(10), "-")
	if len(text) <= Scale {
		text = strings.Repeat("0", Scale+1-len(text)) + text
	}
	point := len(text) - Scale
	return text[:point], text[point:]
}

func (a Amount) join(whole, decimals string) string {
	text := whole
	if decimals != "" {
		text += "." + decimals
	}
	if a.Sign() < 0 {
		return "-" + text
	}
	return text
}

// String returns a exactly and without needless decimals: Text(0).
func (a Amount) String() string { return a.Text(0) }

// MarshalText writes a exactly, so that JSON carries it as decimal text.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.Text(0)), nil }

// UnmarshalText reads what Parse reads, and so refuses the text of an amount of
// more than 64 digits.
func (a *Amount) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// power returns 10ⁿ.
func power(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// quote quotes text for an error, shortened so that hostile input cannot fill a log.
func quote(text string) string {
	const most = 40
	if len(text) > most {
		return strconv.Quote(text[:most] + "…")
	}
	return strconv.Quote(text)
}
