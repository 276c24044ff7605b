package ledger

import (
	"math/big"
	"math/bits"
	"strconv"

	"github.com/throughline/throughline/money"
)

// sum is a signed integer of 128 bits that counts millionths.
type sum struct {
	hi int64
	lo uint64
}

// most is 10²⁷ millionths, 10²¹ units: what all postings of a journal may come
// to together. No balance and no balance of an account with all below it can
// pass it, so that no addition of them leaves 128 bits (1.7·10³⁸), and each has
// at most 28 digits, which is what Beancount's decimals hold exactly.
var most = sum{hi: 54210108, lo: 11515845246265065472}

func sumOf(a money.Amount) (sum, bool) {
	if micros, ok := a.Micros(); ok {
		return sum{micros >> 63, uint64(micros)}, true
	}
	b := a.Big()
	if b.BitLen() > 120 {
		return sum{}, false
	}
	negative := b.Sign() < 0
	b.Abs(b)
	s := sum{int64(new(big.Int).Rsh(b, 64).Uint64()), new(big.Int).And(b, new(big.Int).SetUint64(^uint64(0))).Uint64()}
	if negative {
		s = s.neg()
	}
	return s, true
}

// add is exact where both are within most.
func (s sum) add(t sum) sum {
	lo, carry := bits.Add64(s.lo, t.lo, 0)
	return sum{s.hi + t.hi + int64(carry), lo}
}

func (s sum) neg() sum {
	lo, borrow := bits.Sub64(0, s.lo, 0)
	return sum{-s.hi - int64(borrow), lo}
}

// above tells whether s > t.
func (s sum) above(t sum) bool { return s.hi > t.hi || s.hi == t.hi && s.lo > t.lo }

func (s sum) amount() money.Amount {
	if s.hi == int64(s.lo)>>63 {
		return money.FromMicros(int64(s.lo))
	}
	b := new(big.Int).Lsh(big.NewInt(s.hi), 64)
	return money.FromBig(b.Add(b, new(big.Int).SetUint64(s.lo)))
}

// parts are the magnitude's quotient and rest by 10¹⁵ millionths.
func (s sum) parts() (billions, micros uint64) {
	if s.hi < 0 {
		s = s.neg()
	}
	if s.hi == 0 && s.lo < 1e15 {
		return 0, s.lo
	}
	return bits.Div64(uint64(s.hi), s.lo, 1e15) // within most the quotient is at most 10¹²
}

// decimals is how many places s needs.
func (s sum) decimals() int {
	_, micros := s.parts()
	places := money.Scale
	for ; places > 0 && micros%10 == 0; places-- {
		micros /= 10
	}
	return places
}

// append writes s as money.Amount.Text does: with at least so many places.
func (s sum) append(to []byte, places int) []byte {
	if s.hi < 0 {
		to = append(to, '-')
	}
	billions, micros := s.parts()
	whole := micros / 1e6
	if billions > 0 {
		to = strconv.AppendUint(to, billions, 10)
		to = padded(to, whole, 9)
	} else {
		to = strconv.AppendUint(to, whole, 10)
	}
	shown := max(places, s.decimals())
	if shown == 0 {
		return to
	}
	to = append(to, '.')
	end := len(to) + shown
	to = padded(to, micros%1e6, money.Scale)
	for len(to) < end {
		to = append(to, '0')
	}
	return to[:end]
}

// padded writes n with zeros before it, in so many digits, at most 9.
func padded(to []byte, n uint64, digits int) []byte {
	to = append(to, "000000000"[:digits]...)
	for i := len(to) - 1; n > 0; i-- {
		to[i] += byte(n % 10)
		n /= 10
	}
	return to
}
