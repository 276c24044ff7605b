package web_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// The golden files were read as an accountant reads them, beside internal/report/testdata/contracts.txt. What is left of a hundred by sBG with
// α = 0.668, β = 3.806 (the "high end" customers of Fader & Hardie 2007) is B(α, β+t)/B(α, β): 85 after one renewal, 75 after two, 38 after twelve.
func TestWorthUnderContractReadsAsTheGoldenFile(t *testing.T) {
	for _, name := range []string{"contracts", "contracts_refused"} {
		f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, name)})
		golden(t, name+".txt", visible(t, f.page(access.Analyst, "/statement/1/contracts")))
	}
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "contracts")})
	for name, want := range map[string][]string{
		"contracts.base.stay":            {"There in a year", "655", "630 to 680", "when contracts began and ended"},
		"contracts.change.closing.value": {"1,250,000", "1,180,000 + 96,000 − 71,000 + 42,000 − 12,000 + 15,000"},
		"contracts.unjudged.customers":   {"Not judged", "5"},
		"contracts.unjudged.monthly":     {"120.50"},
	} {
		page := visible(t, f.page(access.Analyst, "/statement/1/figure/"+name))
		for _, text := range append(want, name) {
			if !strings.Contains(page, text) {
				t.Errorf("%s lacks %q:\n%s", name, text, page)
			}
		}
	}
}

// The worth of orders says what both come to and leads to the other, and does not where either is refused.
func TestTheWorthOfOrdersLeadsToThatOfContracts(t *testing.T) {
	k := small(t, "contracts")
	page := visible(t, openFace(t, "Marrow & Finch", "GBP", []kept{k}).page(access.Analyst, "/statement/1/equity"))
	said := "With customers under contract it is about 1,262,000 GBP, between 1,091,000 and 1,463,000."
	if !strings.Contains(page, said) {
		t.Errorf("the page of equity says\n%s", page)
	}
	k.Document = strings.Replace(k.Document, `"contracts": {`, `"contracts": {"refused": "nobody left", "unlocked_by": "time",`, 1)
	if page := visible(t, openFace(t, "Marrow & Finch", "GBP", []kept{k}).page(access.Analyst, "/statement/1/equity")); strings.Contains(page, "With customers under contract") {
		t.Errorf("the page of equity tells of contracts that are refused:\n%s", page)
	}
}

// Where the naive forecast came nearer the page warns; where there is none it has no column for it.
func TestWorthUnderContractSaysWhetherToBelieveIt(t *testing.T) {
	for change, want := range map[string]string{
		`"naive_missed": 0.01,`: "the naive forecast by only 1.0%. Do not steer by the model.",
		``:                      "There is no naive forecast to set beside it.",
	} {
		k := small(t, "contracts")
		k.Document = strings.Replace(k.Document, `"naive_missed": 0.05,`, change, 1)
		page := visible(t, openFace(t, "Marrow & Finch", "GBP", []kept{k}).page(access.Analyst, "/statement/1/contracts"))
		if !strings.Contains(page, want) || (change == "") == strings.Contains(page, "Pay, naive") {
			t.Errorf("%q: the page says\n%s", change, page)
		}
	}
}

// Documents of earlier releases have no worth of contracts, and say so.
func TestAnOlderSealSaysThatItHasNoWorthUnderContract(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "GBP", []kept{small(t, "year")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/contracts")); !strings.Contains(page, "before the worth of contracts was stated") {
		t.Errorf("the page says\n%s", page)
	}
}
