package money_test

import (
	"testing"

	"github.com/throughline/throughline/money"
)

// The minor units are those of ISO 4217, list one.
func TestCurrencyPlaces(t *testing.T) {
	for code, places := range map[string]int{
		"GBP": 2, "EUR": 2, "USD": 2, "JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "TND": 3, "CLF": 4,
		"MRU": 2, "UYW": 4, "VES": 2, "VED": 2, "SLE": 2, "ZWG": 2, "XCG": 2, // newer than the library's table
		"DEM": 2, // historic
	} {
		c, err := money.ParseCurrency(code)
		if err != nil || string(c) != code || c.Places() != places {
			t.Errorf("%s is %q with %d places, %v; want %d", code, c, c.Places(), err, places)
		}
	}
}

func TestParseCurrencyRefusesWhatIsNotACode(t *testing.T) {
	for text, want := range map[string]string{
		"":     `"" is not an ISO 4217 currency code`,
		"gbp":  `"gbp" is not an ISO 4217 currency code: write GBP`,
		"£":    `"£" is not an ISO 4217 currency code`,
		"GB":   `"GB" is not an ISO 4217 currency code`,
		"GBPX": `"GBPX" is not an ISO 4217 currency code`,
		" GBP": `" GBP" is not an ISO 4217 currency code`,
		"QQQ":  `"QQQ" is not an ISO 4217 currency code`,
		"XXX":  `"XXX" is not an ISO 4217 currency code`,
		"XTS":  `"XTS" is not an ISO 4217 currency code`,
		"CNH":  `"CNH" is not an ISO 4217 currency code`,
		"826":  `"826" is not an ISO 4217 currency code`,
	} {
		if c, err := money.ParseCurrency(text); err == nil {
			t.Errorf("%q was read as %s", text, c)
		} else if err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}
