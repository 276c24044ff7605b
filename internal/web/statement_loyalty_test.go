package web_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// The golden file was read as an accountant reads it, beside internal/report/testdata/loyalty.txt.
func TestLoyaltyReadsAsTheGoldenFile(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", []kept{small(t, "loyalty")})
	golden(t, "loyalty.txt", visible(t, f.page(access.Analyst, "/statement/1/loyalty")))
	figure := visible(t, f.page(access.Analyst, "/statement/1/figure/loyalty.captive_of_loyal"))
	for _, want := range []string{"loyalty.captive_of_loyal", "22.1%", "200 ÷ (510 + 193 + 200)", "19.6 to 25.0"} {
		if !strings.Contains(figure, want) {
			t.Errorf("the page of the share of captives does not say %q:\n%s", want, figure)
		}
	}
}

// Documents of earlier releases have no loyalty, and say so.
func TestAnOlderSealSaysThatItHasNoLoyalty(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "GBP", []kept{small(t, "year")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/loyalty")); !strings.Contains(page, "did not look at loyalty") {
		t.Errorf("the page says\n%s", page)
	}
}
