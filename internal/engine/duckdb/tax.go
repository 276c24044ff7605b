package duckdb

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

// net is SQL of a field's amount without its tax as DECIMAL(18,6), and of
// whether it had to be rounded. In millionths, with g the gross amount, r the
// rate and u the smallest unit that is kept:
//
//	net = g·10⁶ ÷ ((10⁶ + r)·u), in units, half away from zero
//
// by whole numbers alone; g stays below 10¹⁸, so that 2·g·10⁶ fits a HUGEINT. A
// rate outside of 0 up to 1 gives NULL, which refuses the row.
func net(f engine.Field, gross string) (value, rounded string, err error) {
	rate, err := f.Tax.Rate.Kept()
	if err != nil {
		return "", "", err
	}
	unit := "1"
	if f.Tax.Whole {
		if unit, err = smallest(f.Tax); err != nil {
			return "", "", err
		}
	}
	g := "CAST(CAST((" + gross + ") AS DECIMAL(38,6)) * 1000000 AS HUGEINT)"
	r := "CAST(TRY_CAST(" + rate + " AS DECIMAL(38,6)) * 1000000 AS HUGEINT)"
	parts := fmt.Sprintf("SELECT %s AS g, %s AS r, CAST(%s AS HUGEINT) AS u", g, r, unit)
	divisor := "((1000000 + r) * u)"
	value = fmt.Sprintf(`(SELECT CASE WHEN r >= 0 AND r < 1000000 THEN
		CAST(CAST((CASE WHEN g < 0 THEN -1 ELSE 1 END) * ((2 * abs(g) * 1000000 + %[1]s) // (2 * %[1]s)) * u AS DECIMAL(24,0)) * CAST(0.000001 AS DECIMAL(7,6)) AS DECIMAL(18,6)) END FROM (%[2]s))`, divisor, parts)
	rounded = fmt.Sprintf("coalesce((SELECT (abs(g) * 1000000) %% %s <> 0 FROM (%s)), FALSE)", divisor, parts)
	return value, rounded, nil
}

// smallest is SQL of the smallest unit of a row's currency, in millionths.
func smallest(t *engine.Tax) (string, error) {
	home := unitOf(money.Currency(t.Home).Places())
	if t.Currency == nil {
		return home, nil
	}
	code, err := t.Currency.Text()
	if err != nil {
		return "", err
	}
	out := "CASE WHEN " + code + " IS NULL THEN " + home
	others := uncommon()
	for _, places := range []int{0, 1, 3, 4} {
		if len(others[places]) > 0 {
			out += " WHEN upper(" + code + ") IN ('" + strings.Join(others[places], "', '") + "') THEN " + unitOf(places)
		}
	}
	return out + " ELSE " + unitOf(2) + " END", nil
}

func unitOf(places int) string { return "1" + strings.Repeat("0", max(6-places, 0)) }

// uncommon are the currencies that have not two places, by how many they have.
var uncommon = sync.OnceValue(func() map[int][]string {
	out := map[int][]string{}
	var letters []string
	for c := 'A'; c <= 'Z'; c++ {
		letters = append(letters, string(c))
	}
	for _, a := range letters {
		for _, b := range letters {
			for _, c := range letters {
				code, err := money.ParseCurrency(a + b + c)
				if places := code.Places(); err == nil && places != 2 {
					out[places] = append(out[places], string(code))
				}
			}
		}
	}
	for _, codes := range out {
		slices.Sort(codes)
	}
	return out
})
