package office_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/journey"
)

// told answers a contact for each name on two days, and keeps what was asked.
type told struct {
	office.Customers
	days  []calendar.Day
	asked [][]string
}

func (f *told) TouchpointDays(_ context.Context, _ engine.View, names []string, p calendar.Period) ([]engine.TouchpointDay, error) {
	f.asked = append(f.asked, names)
	var out []engine.TouchpointDay
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		for _, day := range f.days {
			if p.Contains(day) {
				out = append(out, engine.TouchpointDay{Name: name, Day: day, Contacts: 1})
			}
		}
	}
	return out, nil
}

// A name that led to one touchpoint up to a day and leads to another since counts where it led; one that the books do not name has nothing.
func TestCoursesOfSeveralTouchpointsAreOneQuestion(t *testing.T) {
	ctx, o := context.Background(), fresh(t)
	if err := os.WriteFile(o.Config, []byte("company: Small Ltd\nsettings: {currency: GBP, timezone: UTC}\nbooks:\n  orders: {from: o.csv, columns: {customer_id: c, ordered_at: d, amount: a}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	turn := calendar.DayOf(2025, 2, 1)
	f := &told{days: []calendar.Day{turn - 1, turn}}
	o.Customers = f
	touchpoints := []*journey.Touchpoint{
		{Key: "old", Name: "Desk", KnownAs: []journey.Known{{Name: "Desk", Until: &turn}}},
		{Key: "new", Name: "Counter", KnownAs: []journey.Known{{Name: "desk ", From: &turn}, {Name: "Counter"}}},
		{Key: "none", Name: "Nothing", Nameless: true},
	}
	months := []calendar.Period{{Start: calendar.DayOf(2025, 1, 1), End: turn}, {Start: turn, End: calendar.DayOf(2025, 3, 1)}}
	live, err := o.Live(ctx)
	if err != nil {
		t.Fatal(err)
	}
	courses, err := live.Courses(ctx, touchpoints, months)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]int64{{1, 0}, {1, 2}, {0, 0}} {
		for k := range months {
			if got := courses[i][k].Contacts; got != want[k] {
				t.Errorf("%s in month %d: %d contacts, not %d", touchpoints[i].Key, k+1, got, want[k])
			}
		}
		alone, err := live.Course(ctx, touchpoints[i], months)
		if err != nil {
			t.Fatal(err)
		}
		if alone[1].Contacts != want[1] {
			t.Errorf("%s alone: %d contacts, not %d", touchpoints[i].Key, alone[1].Contacts, want[1])
		}
	}
	if len(f.asked) != 3 { // once for all, once for each alone but the one without names
		t.Errorf("asked %d times: %v", len(f.asked), f.asked)
	}
}
