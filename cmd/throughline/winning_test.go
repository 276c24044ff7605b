package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
)

// TestCustomersToComeAreToldAfterWhatTheyCost closes a month of a simulated company of four years: the cost is that of the trailing year's statement of
// profit, and five years of arrivals × (each − cost), discounted at the tenth that the company states, are worth 3.7907868 of one.
func TestCustomersToComeAreToldAfterWhatTheyCost(t *testing.T) {
	_, _, dir := simulatedIn(t, `
seed: 11
customers: 300
start: 2022-01-01
arrivals: {per_month: 30}
service: {per_month: 0}
voice: {nps_per_year: 0}
`, "2026-10")
	books := filepath.Join(dir, "books.yaml")
	var doc struct {
		Equity struct {
			ToCome struct {
				Arrivals evidence.Figure `json:"arrivals"`
				Each     evidence.Figure `json:"each"`
				Cost     evidence.Figure `json:"cost_each"`
				After    evidence.Figure `json:"value_after_cost"`
			} `json:"to_come"`
		} `json:"equity"`
		Year struct {
			Cost evidence.Figure `json:"acquisition_cost_per_new"`
		} `json:"profit_trailing_year"`
	}
	if err := json.Unmarshal([]byte(done(t, "close", "--books", books, "--period", "2026-10", "--json")), &doc); err != nil {
		t.Fatal(err)
	}
	told := func(f evidence.Figure) float64 {
		t.Helper()
		e, ok := f.Estimate()
		if !ok {
			r, _ := f.Refusal()
			t.Fatalf("refused: %s", r.Reason)
		}
		x, _ := e.Value.Float64()
		return x
	}
	come := doc.Equity.ToCome
	if got, want := told(come.Cost), told(doc.Year.Cost); got != want {
		t.Errorf("one costs %v here and %v in the statement of profit", got, want)
	}
	want := 3.7907868 * told(come.Arrivals) * (told(come.Each) - told(come.Cost))
	if got := told(come.After); math.Abs(got/want-1) > 1e-7 {
		t.Errorf("after their cost they are worth %v, by hand %v", got, want)
	}
	text := done(t, "statement", "customer", "--books", books, "--period", "2026-10")
	for _, line := range []string{"Cost of winning one of them", "What they are worth after that cost"} {
		if !strings.Contains(text, line) {
			t.Errorf("the text has no line %q", line)
		}
	}
}
