package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"
)

// Veil makes pseudonyms of customers under a secret: without it nobody can tell
// whose a pseudonym is, with it the program leads one back to its customer. The
// same customer has the same pseudonym for as long as the secret stays.
type Veil struct{ secret []byte }

// NewVeil makes a veil of a secret of at least 16 bytes.
func NewVeil(secret []byte) Veil {
	return Veil{secret: append([]byte("throughline pseudonyms\x00"), secret...)}
}

// A pseudonym is a permutation of 40 bits, of which a key takes 31: of two
// thousand texts of its form only four are somebody's, so that a slip of the
// pen seldom leads to somebody else.
const (
	veilBits   = 20 // of each half
	veilRounds = 10
)

var veilText = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// Cover gives a customer's pseudonym, such as "abcd-2345".
func (v Veil) Cover(key Key) string {
	return spell(v.permute('k', veilBits, uint64(uint32(key))))
}

// Uncover leads a pseudonym back; ok is false when it is nobody's.
func (v Veil) Uncover(pseudonym string) (key Key, ok bool) {
	text := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(pseudonym), "-", ""))
	raw, err := veilText.DecodeString(text)
	if err != nil || len(raw) != 5 {
		return 0, false
	}
	value := v.restore('k', veilBits, uint64(raw[0])<<32|uint64(binary.BigEndian.Uint32(raw[1:])))
	return Key(value), value > 0 && value < 1<<31
}

// Shuffled lists customers from after a place on, at most limit of the keys 1
// to last, in an order that only the secret knows: keys are given as customers
// are first met, so that their own order would tell who is who. next is the
// place of the last one, and 0 when no more follow. The order is the same until
// last needs two more bits.
func (v Veil) Shuffled(last Key, after int64, limit int) (keys []Key, next int64) {
	half := max((bits.Len32(uint32(last))+1)/2, 4)
	for place := max(after, 0); place < 1<<(2*half); place++ {
		key := v.permute('l', half, uint64(place))
		if key == 0 || key > uint64(last) {
			continue
		}
		if len(keys) == limit {
			return keys, next
		}
		keys, next = append(keys, Key(key)), place+1
	}
	return keys, 0
}

// Hide makes another number below 2^40 of one, which Shown leads back. It is
// for what stands in an address and would tell where in the books a row lies.
func (v Veil) Hide(number int64) int64 { return int64(v.permute('h', veilBits, uint64(number))) }

// Shown leads a hidden number back.
func (v Veil) Shown(hidden int64) int64 { return int64(v.restore('h', veilBits, uint64(hidden))) }

// Hidable is the first number that Hide does not take.
const Hidable = 1 << (2 * veilBits)

// Salt is a text for hashes that give an order which nobody can guess.
func (v Veil) Salt() string { return hex.EncodeToString(v.sum([]byte("order"))[:16]) }

// Group gives a pseudonym of an account, household or entity, which leads to
// no page and so not back.
func (v Veil) Group(name string) string {
	sum := v.sum([]byte("group\x00" + name))
	return spell(uint64(sum[0])<<32 | uint64(binary.BigEndian.Uint32(sum[1:5])))
}

// permute is a permutation of the numbers of twice half bits, one for each use.
func (v Veil) permute(use byte, half int, number uint64) uint64 {
	left, right := uint32(number>>half), uint32(number)&(1<<half-1)
	for round := range veilRounds {
		left, right = right, left^v.mix(use, byte(round), half, right)
	}
	return uint64(left)<<half | uint64(right)
}

// restore undoes permute.
func (v Veil) restore(use byte, half int, number uint64) uint64 {
	left, right := uint32(number>>half), uint32(number)&(1<<half-1)
	for round := veilRounds - 1; round >= 0; round-- {
		left, right = right^v.mix(use, byte(round), half, left), left
	}
	return uint64(left)<<half | uint64(right)
}

func (v Veil) mix(use, round byte, half int, number uint32) uint32 {
	sum := v.sum([]byte{use, round, byte(number >> 16), byte(number >> 8), byte(number)})
	return binary.BigEndian.Uint32(sum) & (1<<half - 1)
}

func (v Veil) sum(text []byte) []byte {
	h := hmac.New(sha256.New, v.secret)
	_, _ = h.Write(text) // a hash takes every byte
	return h.Sum(nil)
}

func spell(bits uint64) string {
	raw := binary.BigEndian.AppendUint64(nil, bits)[3:]
	text := veilText.EncodeToString(raw)
	return text[:4] + "-" + text[4:]
}
