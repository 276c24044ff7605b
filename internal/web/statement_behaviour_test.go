package web_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// The golden file was read as an accountant reads it, beside internal/report/testdata/behaviour.txt.
func TestBehaviourReadsAsTheGoldenFile(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "behaviour")})
	page := f.page(access.Analyst, "/statement/1/behaviour")
	golden(t, "behaviour.txt", visible(t, page))
	// What the picture is drawn from: the level that the series left, the one since, and the month in which it was noticed.
	for _, want := range []string{
		`data-picture="course"`, `data-before="66.664476"`, `data-after="59.275070"`,
		`<tr data-x="2024-05-01" data-label="May 2024"`, ` data-since data-seen><th scope="row">May 2024</th>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	figure := visible(t, f.page(access.Analyst, "/statement/1/figure/behaviour.alarms.in_period"))
	if !strings.Contains(figure, "behaviour.alarms.in_period") || !strings.Contains(figure, "An alarm is an observation") {
		t.Errorf("the figure reads %s", figure)
	}
}

// Documents of earlier releases have no behaviour, and say so.
func TestAnOlderSealSaysThatItHasNoBehaviour(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "month")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/behaviour")); !strings.Contains(page, "did not look at behaviour") {
		t.Errorf("the page reads %s", page)
	}
}
