package closing

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
)

// Each lack says what would allow the table, and nothing is refused of books that tell whose answers say what.
func TestLoyaltyIsRefusedByWhatTheBooksLack(t *testing.T) {
	held := map[string]map[string]Print{"answers": {"2024-01": {Rows: 1}}}
	whole := []string{"answer_id", "question", "score", "customer_key"}
	for _, c := range []struct {
		state        State
		grain        string
		says, allows string
	}{
		{State{}, "", "there are no answers", "the book answers"},
		{State{Prints: held, Mapped: map[string][]string{"answers": {"score"}}}, "", "no customer_id", "customer_id of answers"},
		{State{Prints: held, Mapped: map[string][]string{"answers": {"customer_key", "choice"}}}, "", "no score", "score of answers"},
		{State{Prints: held, Mapped: map[string][]string{"answers": whole}}, "entity", "brand or legal entity", "grain: customer"},
		{State{Prints: held, Mapped: map[string][]string{"answers": whole}}, "account", "", ""},
		{State{Kept: map[string]calendar.Day{"answers": 20000}, Mapped: map[string][]string{"answers": whole}}, "", "", ""}, // dropped, and refused by their days
	} {
		lock := (&Closer{Settings: Settings{Grain: c.grain}}).noAnswers(c.state)
		switch {
		case c.says == "" && lock != nil:
			t.Errorf("refused: %+v", lock)
		case c.says != "" && (lock == nil || !strings.Contains(lock.Refused, c.says) || !strings.Contains(lock.UnlockedBy, c.allows)):
			t.Errorf("said %+v, want %q", lock, c.says)
		}
	}
}

func TestLoyaltyIsRefusedForWindowsThatDoNotCompare(t *testing.T) {
	day := calendar.DayOf
	year := calendar.Period{Start: day(2025, 1, 1), End: day(2026, 1, 1)}
	before := calendar.Period{Start: day(2024, 1, 1), End: year.Start} // a leap year
	for _, c := range []struct {
		p, q calendar.Period
		kept map[string]calendar.Day
		says string
	}{
		{year, before, nil, ""},
		{year, before, map[string]calendar.Day{"answers": day(2024, 1, 1)}, ""},
		{year, before, map[string]calendar.Day{"answers": day(2024, 2, 1)}, "answers before 2024-02 are no longer kept"},
		{year, before, map[string]calendar.Day{"orders": day(2024, 6, 1)}, "orders before 2024-06 are no longer kept"},
		{year, calendar.Period{Start: day(2023, 1, 1), End: day(2023, 12, 1)}, nil, ""}, // 334 days and 365: 31, under a tenth
		{year, calendar.Period{Start: day(2023, 1, 1), End: day(2023, 11, 25)}, nil, "365 days and the comparison period 328"},
		{calendar.Period{Start: day(2025, 2, 1), End: day(2025, 3, 1)}, calendar.Period{Start: day(2024, 2, 1), End: day(2024, 3, 1)}, nil, ""},
	} {
		lock := (&Closer{Settings: Settings{Basis: "orders"}}).noLoyalty(State{Kept: c.kept}, growth.Windows{Period: c.p, Compared: c.q}, calendar.Period{Start: c.q.Start, End: c.p.End})
		switch {
		case c.says == "" && lock != nil:
			t.Errorf("%s and %s: refused: %+v", c.p, c.q, lock)
		case c.says != "" && (lock == nil || !strings.Contains(lock.Refused, c.says)):
			t.Errorf("%s and %s: said %+v, want %q", c.p, c.q, lock, c.says)
		}
	}
}
