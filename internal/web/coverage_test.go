package web

import (
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

// The options hold what is a touchpoint on the day, and names as text.
func TestTouchpointOptionsAreEscaped(t *testing.T) {
	day := calendar.DayOf(2025, 6, 1)
	m := &journey.Map{Touchpoints: []journey.Touchpoint{{Key: "bed", Name: `B&B <"own">`}, {Key: "gone", Name: "Gone", Retired: &day}, {Key: "desk", Name: "Desk"}}}
	want := `<option value="bed" translate="no">B&amp;B &lt;&#34;own&#34;&gt;</option><option value="desk" translate="no">Desk</option>`
	if got := string(touchpointOptions(m, day)); got != want {
		t.Errorf("%s", got)
	}
}
