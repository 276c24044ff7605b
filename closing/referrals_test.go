package closing

import (
	"testing"

	"github.com/throughline/throughline/calendar"
)

// Before a calendar year lies a calendar year, before any other window one of as many days.
func TestWindowsOfLossFollowEachOther(t *testing.T) {
	for _, c := range []struct{ start, end, want string }{
		{"2025-01-01", "2026-01-01", "2024-01-01..2025-01-01"},
		{"2024-11-01", "2025-11-01", "2023-11-01..2024-11-01"}, // over a leap day
		{"2024-02-04", "2025-02-02", "2023-02-05..2024-02-04"}, // 364 days of a week calendar: from 5 February 2023 to its 4th a year later are 365 less one
		{"2024-03-01", "2024-03-11", "2024-02-20..2024-03-01"},
	} {
		var p calendar.Period
		var err error
		if p.Start, err = calendar.ParseDay(c.start); err != nil {
			t.Fatal(err)
		}
		if p.End, err = calendar.ParseDay(c.end); err != nil {
			t.Fatal(err)
		}
		if got := windowBefore(p).String(); got != c.want {
			t.Errorf("before %s lies %s, want %s", p, got, c.want)
		}
	}
}
