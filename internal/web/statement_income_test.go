package web_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// The golden file was read as an accountant reads it, beside internal/report/testdata/income.txt.
func TestTwoIncomeStatementsReadAsTheGoldenFile(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "income")})
	golden(t, "income.txt", visible(t, f.page(access.Analyst, "/statement/1/income")))
	for name, wants := range map[string][]string{
		"result.as_investments":                   {"908.20", "764.00 + 144.20"},
		"customers.roll_forward.closing":          {"152.95", "75.25 + 160.00 − 82.30"},
		"customers.expected_months":               {"26", "22 to 31"},
		"training_cut.over.year.as_investments":   {"−2 to 3", "9 courses completed"},
		"training_cut.over.three_years.effect":    {"no measured effect of training"},
		"training_cut.over.quarter.effect_bounds": {"−1 to 0"},
	} {
		figure := visible(t, f.page(access.Analyst, "/statement/1/figure/income_statement."+name))
		for _, want := range wants {
			if !strings.Contains(figure, want) {
				t.Errorf("%s: %s is not in the figure, which reads %s", name, want, figure)
			}
		}
	}
}

// Documents of earlier releases have no income statement, and say so.
func TestAnOlderSealSaysThatItHasNoIncomeStatement(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "month")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/income")); !strings.Contains(page, "before the two income statements were stated") {
		t.Errorf("the page reads %s", page)
	}
}
