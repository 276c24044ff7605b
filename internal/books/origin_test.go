package books

import (
	"testing"

	"github.com/throughline/throughline/internal/engine"
)

// What is missing nowhere is not said to be missing for 0%.
func TestOnlyWhatIsMissingOfAnOriginIsSaid(t *testing.T) {
	found := engine.Inspected{Columns: []string{"acquired_on", "acquired_via"}, Tallies: map[string][]engine.Valued{
		"acquired_on":  {{Value: "2024-01-01", Rows: 30_000}},
		"acquired_via": {{Value: "friend", Rows: 29_999}, {Value: "", Rows: 1}},
	}}
	b := CheckedBook{Book: "customers", Rows: 30_000}
	if f := unknownOrigin(b, found); f.Text != "acquired_via is missing for under 0.01% of the customers" || f.Count != 1 {
		t.Errorf("%+v", f)
	}
	found.Tallies["acquired_via"] = nil
	if f := unknownOrigin(b, found); f.Code != "" {
		t.Errorf("%+v", f)
	}
}
