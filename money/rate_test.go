package money_test

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/money"
	"pgregory.net/rapid"
)

func TestFormatRateRoundsToTwelveDigits(t *testing.T) {
	for fraction, want := range map[string]string{
		"0": "0", "1": "1", "-1": "-1", "100": "100", "1/8": "0.125", "-1/3": "-0.333333333333", "2/3": "0.666666666667",
		"22/7":                "3.14285714286", // 3.142857142857142857…
		"1000000/3":           "333333.333333",
		"0.1234567890125":     "0.123456789012", // a tie: 2 is even
		"0.1234567890135":     "0.123456789014", // a tie: 3 is odd
		"0.12345678901250001": "0.123456789013",
		"999999999998.5":      "999999999998",
		"999999999999.5":      "1000000000000",
		"0.9999999999996":     "1",
		"123456789012345":     "123456789012000",
		"999999999999499":     "999999999999000", // 12 digits: 999999999999|499
		"999999999999500":     "1e15",            // a tie upwards reaches 10¹⁵
		"1000000000000000":    "1e15", "-1234000000000000000": "-1.234e18",
		"1/1000000000": "0.000000001", "1.5e-9": "0.0000000015", "1/10000000000": "1e-10", "-2.5e-13": "-2.5e-13",
		"9.999999999999e-10": "0.000000001", // the rounded value is 10⁻⁹
	} {
		r, ok := new(big.Rat).SetString(fraction)
		if !ok {
			t.Fatalf("%s is not a fraction", fraction)
		}
		if got := money.FormatRate(r); got != want {
			t.Errorf("%s is printed as %s, want %s", fraction, got, want)
		}
	}
}

func TestFormatRateIsWithinHalfAUnitOfTheTwelfthDigit(t *testing.T) {
	shape := regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?(e-?[1-9][0-9]*)?$`)
	integers := rapid.StringMatching(`[1-9][0-9]{0,40}`)
	rapid.Check(t, func(t *rapid.T) {
		sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
		r, ok := new(big.Rat).SetString(sign + integers.Draw(t, "num") + "/" + integers.Draw(t, "den"))
		if !ok {
			t.Fatal("the generator made no fraction")
		}
		before := new(big.Rat).Set(r)
		text := money.FormatRate(r)
		if r.Cmp(before) != 0 {
			t.Fatalf("printing changed %s to %s", before, r)
		}
		if !shape.MatchString(text) || !json.Valid([]byte(text)) {
			t.Fatalf("%s is not in the promised notation", text)
		}
		printed, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%s is not a number", text)
		}
		// The unit of the 12th digit is at most |r| × 10⁻¹¹ and the error at most half of it.
		far := new(big.Rat).Sub(printed, r)
		bound := new(big.Rat).Mul(far.Abs(far), big.NewRat(200_000_000_000, 1))
		if bound.Cmp(new(big.Rat).Abs(r)) > 0 {
			t.Fatalf("%s is printed as %s", r, text)
		}
		mantissa, _, _ := strings.Cut(text, "e")
		if digits := strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(mantissa), "0"); len(digits) > 12 {
			t.Fatalf("%s has %d significant digits", text, len(digits))
		}
		if money.FormatRate(printed) != text {
			t.Fatalf("%s is not its own rounding", text)
		}
	})
}

func TestRateIsExactAndRefusesZero(t *testing.T) {
	r, err := money.Rate(must(t, "0.3"), must(t, "-0.9"))
	if err != nil || r.Cmp(big.NewRat(-1, 3)) != 0 {
		t.Errorf("0.3 ÷ −0.9 is %v, %v", r, err)
	}
	if r, err := money.Rate(must(t, "1"), money.Amount{}); err == nil {
		t.Errorf("1 ÷ 0 is %v", r)
	}
}
