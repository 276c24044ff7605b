package web_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// The golden file was read beside internal/report/testdata/prices.txt.
func TestPricesReadAsTheGoldenFile(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "prices")})
	golden(t, "prices.txt", visible(t, f.page(access.Analyst, "/statement/1/prices")))
	figure := visible(t, f.page(access.Analyst, "/statement/1/figure/price_elasticity.elasticity"))
	for _, want := range []string{"−0.77", "−1.37 to −0.16", "660 months of products"} {
		if !strings.Contains(figure, want) {
			t.Errorf("%s is not in the figure, which reads %s", want, figure)
		}
	}
}

// Documents of earlier releases have no prices, and say so.
func TestAnOlderSealSaysThatItHasNoPrices(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "month")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/prices")); !strings.Contains(page, "did not look at prices") {
		t.Errorf("the page reads %s", page)
	}
}
