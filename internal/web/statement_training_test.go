package web_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// The golden file was read beside internal/report/testdata/training.txt, whose README has the counting.
func TestTrainingPage(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "training")})
	golden(t, "training.txt", visible(t, f.page(access.Analyst, "/statement/1/training")))
	for name, words := range map[string][]string{
		"roll_forward.closing":              {"1,826.00", "3,993.33", "− 800.00", "not an asset", "rows of people and trainings"},
		"roll_forward.written_off":          {"Left with people", "800.00"},
		"expected_write_offs.within_a_year": {"10 people who were taught and left"},
	} {
		page := visible(t, f.page(access.Analyst, "/statement/1/figure/people.training_asset."+name))
		for _, w := range words {
			if !strings.Contains(page, w) {
				t.Errorf("%s: the page of the figure does not say %q:\n%s", name, w, page)
			}
		}
	}
}

// The journal is handed out in each of its formats; where there is none, it says so.
func TestTrainingJournalIsHandedOut(t *testing.T) {
	f := openFace(t, "Marrow & Finch", "GBP", []kept{small(t, "training"), small(t, "month")})
	for format, begins := range map[string]string{"beancount": "; Journal in GBP", "hledger": ";", "csv": "day,id,text", "xlsx": "PK"} {
		r := f.ask(access.Analyst, "GET", "/statement/1/journal."+format, nil)
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Body.Close() != nil {
			t.Fatal(err)
		}
		if r.StatusCode != http.StatusOK || !strings.HasPrefix(string(body), begins) || !strings.Contains(r.Header.Get("Content-Disposition"), "training-journal-2024."+format) {
			t.Errorf("%s: %d %q %.60q", format, r.StatusCode, r.Header.Get("Content-Disposition"), body)
		}
	}
	if page := f.ask(access.Analyst, "GET", "/statement/1/journal.exe", nil); page.StatusCode != http.StatusNotFound {
		t.Errorf("a format that is none: %d", page.StatusCode)
	}
	if page := f.ask(access.Analyst, "GET", "/statement/2/journal.hledger", nil); page.StatusCode != http.StatusNotFound {
		t.Errorf("a document without a journal: %d", page.StatusCode)
	}
	if page := visible(t, f.page(access.Analyst, "/statement/2/training")); !strings.Contains(page, "before the training asset was stated") {
		t.Errorf("a document of an earlier release: %s", page)
	}
}
