package money

import (
	"fmt"
	"strings"

	"golang.org/x/text/currency"
)

// Currency is an ISO 4217 code in capitals, such as GBP.
type Currency string

// newer lists codes that joined ISO 4217 after the table of golang.org/x/text
// (CLDR 32, 2017) was made, with their minor units.
var newer = map[Currency]int{
	"MRU": 2, "UYW": 4, "VES": 2, // 2018
	"VED": 2, // 2021
	"SLE": 2, // 2022
	"ZWG": 2, // 2024
	"XCG": 2, // 2025
}

// unusable lists codes of that table in which no books are kept: XXX is ISO
// 4217's "no currency", XTS its code for tests, and CNH, the offshore yuan, is
// not an ISO code (the money is CNY).
var unusable = map[Currency]bool{"XXX": true, "XTS": true, "CNH": true}

// ParseCurrency reads an ISO 4217 code: three capitals.
// Historic ones are accepted because old books hold them.
func ParseCurrency(text string) (Currency, error) {
	code := Currency(strings.ToUpper(text))
	if !known(code) {
		return "", fmt.Errorf("%s is not an ISO 4217 currency code", quote(text))
	}
	if string(code) != text {
		return "", fmt.Errorf("%s is not an ISO 4217 currency code: write %s", quote(text), code)
	}
	return code, nil
}

func known(code Currency) bool {
	if len(code) != 3 || unusable[code] {
		return false
	}
	if _, ok := newer[code]; ok {
		return true
	}
	_, err := currency.ParseISO(string(code))
	return err == nil
}

// Places returns the number of decimals that the currency's amounts are
// customarily shown with: GBP 2, JPY 0, BHD 3. Source: Unicode CLDR, which
// follows ISO 4217's minor unit except where coins of it are out of use (as
// LAK 0). It returns 2 for a text that ParseCurrency refuses.
func (c Currency) Places() int {
	if places, ok := newer[c]; ok {
		return places
	}
	unit, err := currency.ParseISO(string(c))
	if err != nil {
		return 2
	}
	places, _ := currency.Standard.Rounding(unit)
	return places
}

// String returns the code.
func (c Currency) String() string { return string(c) }
