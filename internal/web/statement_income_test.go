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

// Where the people statement has a ratio of hazards, what more people who leave cost is told with its interval.
func TestACutIsToldWithMoreWhoLeave(t *testing.T) {
	k := small(t, "income")
	const missing = `{
            "refused": "no measured effect of training: whether the trained stay longer, serve better or sell more is not stated of these books",
            "need": "returns on training; until then, the bounds beside it"
          }`
	for name, f := range map[string]string{
		"effect":      `{"value": -600, "low": -2400, "high": 480, "kind": "confidence", "level": 0.95, "method": "by hand", "n": 80}`,
		"with_effect": `{"value": -550, "low": -2366, "high": 546, "kind": "confidence", "level": 0.95, "method": "by hand", "n": 80}`,
	} {
		if !strings.Contains(k.Document, `"`+name+`": `+missing) {
			t.Fatalf("the document has no refused %s", name)
		}
		k.Document = strings.ReplaceAll(k.Document, `"`+name+`": `+missing, `"`+name+`": `+f)
	}
	page := visible(t, openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{k}).page(access.Analyst, "/statement/1/income"))
	for _, want := range []string{"−600", "−2,400 to 480", "−550", "−2,366 to 546"} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page, which reads %s", want, page)
		}
	}
	if strings.Contains(page, "no measured effect") {
		t.Error("an effect that is told is refused as well")
	}
}

// Documents of earlier releases have no income statement, and say so.
func TestAnOlderSealSaysThatItHasNoIncomeStatement(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "month")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/income")); !strings.Contains(page, "before the two income statements were stated") {
		t.Errorf("the page reads %s", page)
	}
}
