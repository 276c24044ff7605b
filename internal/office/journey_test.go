package office_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// withMap is an office with a small journey map.
func withMap(t *testing.T) *office.Office {
	t.Helper()
	o := fresh(t)
	changed(t, o, func(m *journey.Map) error {
		m.Departments = []journey.Department{{Key: "care", Name: "Care"}, {Key: "shop", Name: "Shop"}}
		m.Journeys = []journey.Journey{{Key: "buy", Name: "Buying", Stages: []journey.Stage{{Key: "choose", Name: "Choose"}, {Key: "pay", Name: "Pay"}}}}
		for _, k := range []string{"menu", "invoice", "reminder"} {
			m.Touchpoints = append(m.Touchpoints, journey.Touchpoint{Key: k, Name: k, Journey: "buy", Stage: "pay", Owners: []journey.Held{{By: "head of billing"}}, Departments: []journey.Held{{By: "care"}}})
		}
		return nil
	})
	return o
}

func changed(t *testing.T, o *office.Office, change func(*journey.Map) error) {
	t.Helper()
	if _, err := o.ChangeJourney(context.Background(), office.JourneyEdit{By: lead, Change: change}); err != nil {
		t.Fatal(err)
	}
}

func theMap(t *testing.T, o *office.Office) *journey.Map {
	t.Helper()
	m, _, err := o.Journey(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func version(t *testing.T, o *office.Office, key string) int64 {
	t.Helper()
	n, err := o.PieceVersion(context.Background(), journey.KindTouchpoint, key)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTwoEditsOfOneTouchpoint(t *testing.T) {
	o := withMap(t)
	read := []office.Read{{Kind: journey.KindTouchpoint, Key: "menu", Version: version(t, o, "menu")}}
	about := func(text string) office.JourneyEdit {
		return office.JourneyEdit{By: lead, Read: read, Change: func(m *journey.Map) error {
			x, _ := m.Touchpoint("menu")
			x.About = text
			return nil
		}}
	}
	if n, err := o.ChangeJourney(t.Context(), about("the first")); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	_, err := o.ChangeJourney(t.Context(), about("the second"))
	var stale *program.Stale
	if !errors.As(err, &stale) || len(stale.Meanwhile) != 1 || stale.Meanwhile[0].By != lead {
		t.Fatalf("the second edit: %v", err)
	}
	if x, _ := theMap(t, o).Touchpoint("menu"); x.About != "the first" {
		t.Errorf("it says %q", x.About)
	}
}

// Of many who race, each with the version that all have read, one is taken and the others are told.
func TestRacingEditsOfOneTouchpoint(t *testing.T) {
	o := withMap(t)
	read := []office.Read{{Kind: journey.KindTouchpoint, Key: "menu", Version: version(t, o, "menu")}}
	var wait sync.WaitGroup
	var mu sync.Mutex
	taken, told := 0, 0
	for i := range 8 {
		wait.Go(func() {
			_, err := o.ChangeJourney(context.Background(), office.JourneyEdit{By: int64(i + 1), Read: read, Change: func(m *journey.Map) error {
				x, _ := m.Touchpoint("menu")
				x.About = fmt.Sprint("by ", i)
				return nil
			}})
			mu.Lock()
			defer mu.Unlock()
			var stale *program.Stale
			switch {
			case err == nil:
				taken++
			case errors.As(err, &stale):
				told++
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if taken != 1 || told != 7 {
		t.Errorf("%d were taken and %d told", taken, told)
	}
	if changes, err := o.PieceChanges(t.Context(), journey.KindTouchpoint, "menu"); err != nil || len(changes) != 2 {
		t.Errorf("%d changes, %v", len(changes), err)
	}
}

// One retires a department while another hands something to it: one of them is refused, whichever comes second.
func TestRacingEditsKeepTheRulesTogether(t *testing.T) {
	for range 10 {
		o := withMap(t)
		day := calendar.DayOf(2026, 3, 1)
		edits := []func(*journey.Map) error{
			func(m *journey.Map) error { return m.RetireDepartment("shop", day) },
			func(m *journey.Map) error {
				m.Touchpoints = append(m.Touchpoints, journey.Touchpoint{Key: "till", Name: "till", Journey: "buy", Stage: "pay"})
				x, _ := m.Touchpoint("menu")
				d, _ := m.Department("shop")
				if !d.Open(day) {
					return &journey.Refused{Why: "it is no more"}
				}
				x.Hand("", "shop", day-1)
				return nil
			},
		}
		var wait sync.WaitGroup
		failed := make([]error, len(edits))
		for i, edit := range edits {
			wait.Go(func() {
				_, failed[i] = o.ChangeJourney(context.Background(), office.JourneyEdit{By: lead, Change: edit})
			})
		}
		wait.Wait()
		var refused *journey.Refused
		if (failed[0] == nil) == (failed[1] == nil) || !errors.As(errors.Join(failed...), &refused) {
			t.Fatalf("both ended as %v", failed)
		}
	}
}

func TestARefusedChangeOfTheMapLeavesAll(t *testing.T) {
	o := withMap(t)
	_, before, err := o.Journey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.ChangeJourney(t.Context(), office.JourneyEdit{By: lead, Change: func(m *journey.Map) error {
		m.Journeys[0].Name = "Another"
		m.Touchpoints[0].Stage = "nowhere"
		m.Touchpoints[1].Steps = []journey.Step{{Side: "above", Text: "x"}}
		return nil
	}})
	var refused *office.JourneyRefusal
	if !errors.As(err, &refused) || len(refused.Problems) != 2 {
		t.Fatalf("it is refused as %v", err)
	}
	m, after, err := o.Journey(t.Context())
	if err != nil || after != before || m.Journeys[0].Name != "Buying" || m.Touchpoints[0].Stage != "pay" {
		t.Errorf("%+v of version %d after %d, %v", m, after, before, err)
	}
}

// A map that breaks a rule already can still be edited, one piece at a time.
func TestWhatWasWrongStandsInNobodysWay(t *testing.T) {
	o := withMap(t)
	_, err := o.Things.SaveItems(t.Context(), []program.Item{{Kind: journey.KindRole, Key: "agent", Body: []byte(`{"key":"agent","name":"Agent","department":"gone"}`), At: time.Now()}})
	if err != nil {
		t.Fatal(err)
	}
	changed(t, o, func(m *journey.Map) error { return m.Rename("menu", "Phone menu") })
	_, err = o.ChangeJourney(t.Context(), office.JourneyEdit{By: lead, Change: func(m *journey.Map) error { m.Touchpoints[0].Name = ""; return nil }})
	var refused *office.JourneyRefusal
	if !errors.As(err, &refused) || len(refused.Problems) != 1 {
		t.Errorf("it is refused as %v", err)
	}
}

func TestMergeSplitAndRetireKeepWhatWas(t *testing.T) {
	o := withMap(t)
	start := time.Now()
	day := calendar.DayOf(2026, 3, 1)
	changed(t, o, func(m *journey.Map) error { return m.Merge([]string{"reminder"}, "invoice", day) })
	changed(t, o, func(m *journey.Map) error {
		return m.Split("invoice", []journey.Touchpoint{{Name: "Paper"}, {Name: "Mail"}}, day.AddMonths(1))
	})
	changed(t, o, func(m *journey.Map) error { return m.Retire("menu", day, "nobody used it") })
	m := theMap(t, o)
	for _, x := range []struct {
		name string
		day  calendar.Day
		want string
	}{
		{"reminder", day - 1, "reminder"}, {"reminder", day, "invoice"}, {"Reminder ", day.AddMonths(1), ""}, {"mail", day.AddMonths(1), "mail"}, {"menu", day - 1, "menu"}, {"menu", day, ""},
	} {
		got := ""
		if at, ok := m.Lead(x.name, x.day); ok {
			got = at.Key
		}
		if got != x.want {
			t.Errorf("%q leads on %s to %q, want %q", x.name, x.day, got, x.want)
		}
	}
	old, _ := m.Touchpoint("invoice")
	if old.Owner(day) != "head of billing" || !slices.Equal(old.Into, []string{"paper", "mail"}) {
		t.Errorf("what was split is %+v", old)
	}
	part, _ := m.Touchpoint("paper")
	if part.Owner(day.AddMonths(1)) != "head of billing" || part.Department(day.AddMonths(1)) != "care" {
		t.Errorf("a part is %+v", part)
	}
	changes, err := o.PieceChanges(t.Context(), journey.KindTouchpoint, "invoice")
	if err != nil || len(changes) != 3 {
		t.Errorf("%d changes of what was merged into and split, %v", len(changes), err)
	}
	was, err := o.JourneyAt(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := was.Touchpoint("reminder"); !ok || x.Retired != nil {
		t.Errorf("as it stood, it was %+v", x)
	}
}
