package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
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
	left, right := uint32(0), uint32(key)
	left, right = right>>veilBits, right&(1<<veilBits-1)
	for round := range veilRounds {
		left, right = right, left^v.mix(byte(round), right)
	}
	return spell(uint64(left)<<veilBits | uint64(right))
}

// Uncover leads a pseudonym back; ok is false when it is nobody's.
func (v Veil) Uncover(pseudonym string) (key Key, ok bool) {
	text := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(pseudonym), "-", ""))
	raw, err := veilText.DecodeString(text)
	if err != nil || len(raw) != 5 {
		return 0, false
	}
	bits := uint64(raw[0])<<32 | uint64(binary.BigEndian.Uint32(raw[1:]))
	left, right := uint32(bits>>veilBits), uint32(bits&(1<<veilBits-1))
	for round := veilRounds - 1; round >= 0; round-- {
		left, right = right^v.mix(byte(round), left), left
	}
	value := uint64(left)<<veilBits | uint64(right)
	return Key(value), value > 0 && value < 1<<31
}

// Group gives a pseudonym of an account, household or entity, which leads to
// no page and so not back.
func (v Veil) Group(name string) string {
	sum := v.sum([]byte("group\x00" + name))
	return spell(uint64(sum[0])<<32 | uint64(binary.BigEndian.Uint32(sum[1:5])))
}

func (v Veil) mix(round byte, half uint32) uint32 {
	sum := v.sum([]byte{'k', round, byte(half >> 16), byte(half >> 8), byte(half)})
	return binary.BigEndian.Uint32(sum) & (1<<veilBits - 1)
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
