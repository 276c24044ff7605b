package money

import (
	"fmt"
	"math/big"
	"strings"
)

// maxDigits bounds the text that Parse accepts: far beyond any company's books
// (a 128-bit decimal column has 38 digits), and too short to be a burden.
const maxDigits = 64

// Parse reads plain decimal text: an optional sign, digits, and optionally a
// point with more digits, at most 64 digits in all. Thousands separators,
// currency signs, exponents and spaces are not numbers here: the importer
// removes what its source declares. More than six decimals are accepted only
// when the further ones are zeros; otherwise the error says so, for the caller
// must decide to round.
func Parse(text string) (Amount, error) {
	unsigned := text
	if text != "" && (text[0] == '-' || text[0] == '+') {
		unsigned = text[1:]
	}
	if len(unsigned) > maxDigits+1 {
		return Amount{}, fmt.Errorf("%s has %d characters: a number may have %d digits", quote(text), len(text), maxDigits)
	}
	whole, decimals, pointed := strings.Cut(unsigned, ".")
	if !isDigits(whole) || pointed && !isDigits(decimals) {
		return Amount{}, fmt.Errorf("%s is not a number", quote(text))
	}
	if len(whole)+len(decimals) > maxDigits {
		return Amount{}, fmt.Errorf("%s has %d digits: a number may have %d", quote(text), len(whole)+len(decimals), maxDigits)
	}
	decimals = strings.TrimRight(decimals, "0")
	if len(decimals) > Scale {
		return Amount{}, fmt.Errorf("%s has %d decimals: at most %d are exact", quote(text), len(decimals), Scale)
	}
	digits := whole + decimals + strings.Repeat("0", Scale-len(decimals))
	micros, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return Amount{}, fmt.Errorf("%s is not a number", quote(text))
	}
	if text[0] == '-' {
		micros.Neg(micros)
	}
	return amount(micros), nil
}

// isDigits reports whether text is one or more of the ten ASCII digits.
func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
