package web_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// The golden file was read as an accountant reads it, beside internal/report/testdata/referrals.txt.
func TestReferralsReadAsTheGoldenFile(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", []kept{small(t, "referrals")})
	golden(t, "referrals.txt", visible(t, f.page(access.Analyst, "/statement/1/referrals")))
	for _, of := range []string{"customer", "customer_trailing_year", "nothing"} {
		if page := visible(t, f.page(access.Analyst, "/statement/1/referrals?of="+of)); !strings.Contains(page, "Does loss spread along ties?") {
			t.Errorf("of %s: %s", of, page)
		}
	}
	figure := visible(t, f.page(access.Analyst, "/statement/1/figure/referrals_trailing_year.revenue.brought"))
	if !strings.Contains(figure, "referrals_trailing_year.revenue.brought") || !strings.Contains(figure, "349,416.43") {
		t.Errorf("the figure reads %s", figure)
	}
}

// Documents of earlier releases have no referrals, and say so.
func TestAnOlderSealSaysThatItHasNoReferrals(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "month")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/referrals")); !strings.Contains(page, "did not look at referrals") {
		t.Errorf("the page reads %s", page)
	}
}
