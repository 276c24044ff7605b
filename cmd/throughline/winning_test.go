package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
)

// arriving is a small company of four years to which thirty customers come a month, and which is called by nobody.
const arriving = `
seed: 11
customers: 300
start: 2022-01-01
arrivals: {per_month: 30}
service: {per_month: 0}
`

// TestCustomersToComeAreToldAfterWhatTheyCost closes a month of a simulated company of four years: the cost is that of the trailing year's statement of
// profit, and five years of arrivals × (each − cost), discounted at the tenth that the company states, are worth 3.7907868 of one.
func TestCustomersToComeAreToldAfterWhatTheyCost(t *testing.T) {
	_, _, dir := simulatedIn(t, arriving, "2026-10")
	books := filepath.Join(dir, "books.yaml")
	var doc struct {
		Loyalty struct {
			Groups []struct {
				Name      string
				Customers int64
				Value     evidence.Figure
			}
		}
		Equity struct {
			Base struct {
				Value evidence.Figure `json:"value"`
			} `json:"base"`
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
	// Who answered is a part of the base, and worth less than all of it.
	sum, base := 0.0, told(doc.Equity.Base.Value)
	for _, g := range doc.Loyalty.Groups {
		if why, refused := g.Value.Refusal(); refused {
			if g.Customers >= 10 {
				t.Errorf("%s, %d customers: %s", g.Name, g.Customers, why.Reason)
			}
			continue
		}
		sum += told(g.Value)
	}
	if !(sum > 0 && sum < base) {
		t.Errorf("the groups are worth %v of a base of %v", sum, base)
	}
	text := done(t, "statement", "customer", "--books", books, "--period", "2026-10")
	for _, line := range []string{"Cost of winning one of them", "What they are worth after that cost", "WHAT THEY ARE WORTH FROM HERE ON"} {
		if !strings.Contains(text, line) {
			t.Errorf("the text has no line %q", line)
		}
	}
}
