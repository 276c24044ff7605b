package office_test

import (
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/office"
)

// sealOf is a seal of a period of years, as a store lists it.
func sealOf(id int64, from, to, at string, t *testing.T) closing.Seal {
	t.Helper()
	start, err := calendar.ParseDay(from)
	if err != nil {
		t.Fatal(err)
	}
	end, err := calendar.ParseDay(to)
	if err != nil {
		t.Fatal(err)
	}
	i := closing.Identity{Period: calendar.Period{Start: start, End: end}, Compared: calendar.Period{Start: start - 365, End: end - 365}, Kind: calendar.Years, Active: growth.Net, Grain: "customer"}
	instant, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return closing.Seal{ID: id, Statement: i.String(), Label: from[:4], At: instant, Snapshot: 1, Fingerprint: from, Inputs: []byte("{}"), Document: []byte("{}")}
}

// A period is over by the days of the company, not by those of Greenwich.
func TestASealOfAPeriodThatWasNotOverSpeaksOnlyWhereNoOtherDoes(t *testing.T) {
	h := newHouse(t, "2027-01-02T09:00:00Z")
	h.zone(t, "America/New_York")
	for i, s := range []closing.Seal{
		sealOf(1, "2026-01-01", "2126-01-01", "2026-11-28T10:00:00Z", t),
		sealOf(2, "2026-01-01", "2027-01-01", "2027-01-01T03:00:00Z", t), // New Year's Eve in New York
		sealOf(3, "2025-01-01", "2026-01-01", "2026-01-01T06:00:00Z", t), // New Year's Day there
	} {
		if _, err := h.store.Keep(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		heads, err := h.Heads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		newest, ok := office.Newest(heads)
		if want := int64(i + 1); !ok || newest.ID != want {
			t.Errorf("with %d seals, seal %d speaks for the company, want %d", i+1, newest.ID, want)
		}
		if newest.Early != (i < 2) {
			t.Errorf("seal %d: early is %v", newest.ID, newest.Early)
		}
		if i < 2 {
			continue
		}
		if series := office.Series(heads, newest); len(series) != 1 || series[0].ID != 3 {
			t.Errorf("the history of 2025 has %d points, one of a year that was not over among them", len(series))
		}
		if series := office.Series(heads, heads[1]); len(series) != 2 || series[1].ID != 2 {
			t.Errorf("a seal of a year that was not over is not shown in its own history: %v", series)
		}
	}
}
