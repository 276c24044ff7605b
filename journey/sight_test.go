package journey_test

import (
	"slices"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

// kitchen is a small company: a kitchen that cleans, a contractor who delivers, and an office.
func kitchen() *journey.Map {
	return &journey.Map{
		Brands:      []journey.Brand{{Key: "meals", Name: "Meals", Promise: journey.Care, Words: "Somebody minds"}},
		Departments: []journey.Department{{Key: "kitchen", Name: "Kitchen"}, {Key: "delivery", Name: "Delivery", Contractor: true}, {Key: "office", Name: "Office"}},
		Journeys:    []journey.Journey{{Key: "meal", Name: "A meal", Stages: []journey.Stage{{Key: "receive", Name: "Receive"}, {Key: "pay", Name: "Pay"}}}},
		Touchpoints: []journey.Touchpoint{
			{Key: "tray", Name: "Clean tray", Journey: "meal", Stage: "receive", Departments: []journey.Held{{By: "kitchen"}}, HandsTo: []journey.HandOff{{To: "doorstep"}}},
			{Key: "doorstep", Name: "Doorstep", Journey: "meal", Stage: "receive", Departments: []journey.Held{{By: "delivery"}}},
			{Key: "invoice", Name: "Invoice", Journey: "meal", Stage: "pay", Departments: []journey.Held{{By: "office"}}},
		},
		Standards: []journey.Standard{{Key: "clean", Brand: "meals", Notices: "The lid closes", Measure: journey.Measure{Kind: journey.CSAT}, Target: journey.Target{AtLeast: "0.85"}, Touchpoints: []string{"tray"}}},
		Roles: []journey.Role{
			{Key: "cleaner", Name: "Kitchen cleaner", Department: "kitchen", KnownAs: []string{"cleaner"}, Touchpoints: []string{"tray"}},
			{Key: "office-cleaner", Name: "Office cleaner", Department: "office", KnownAs: []string{"cleaner"}, Touchpoints: []string{"invoice"}},
			{Key: "temp", Name: "Temp", Touchpoints: []string{"invoice"}},
		},
	}
}

func names(list []*journey.Touchpoint) []string {
	var out []string
	for _, t := range list {
		out = append(out, t.Key)
	}
	return out
}

func TestARoleIsFollowedToTheCustomerThroughWhatItHandsOn(t *testing.T) {
	m, today := kitchen(), calendar.DayOf(2026, time.September, 30)
	if problems := m.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	cleaner, _ := m.Role("cleaner")
	s := m.Sight(cleaner, today)
	if got := names(s.Reaches); !slices.Equal(got, []string{"tray"}) {
		t.Errorf("it reaches %v", got)
	}
	if got := names(s.Through); !slices.Equal(got, []string{"doorstep"}) {
		t.Errorf("through it reaches %v", got)
	}
	if len(s.Stages) != 1 || s.Stages[0].Key != "receive" || len(s.Brands) != 1 || s.Brands[0].Key != "meals" {
		t.Errorf("stages %v, brands %v", s.Stages, s.Brands)
	}
}

func TestATouchpointThatIsNoMoreIsReachedByNobody(t *testing.T) {
	m := kitchen()
	ended := calendar.DayOf(2026, time.September, 1)
	if err := m.Retire("tray", ended, "no trays any more"); err != nil {
		t.Fatal(err)
	}
	cleaner, _ := m.Role("cleaner")
	if s := m.Sight(cleaner, ended); len(s.Reaches) != 0 {
		t.Errorf("it reaches %v", names(s.Reaches))
	}
	if s := m.Sight(cleaner, ended-1); len(s.Reaches) != 1 {
		t.Errorf("the day before it reached %v", names(s.Reaches))
	}
}

func TestARoleIsFoundByTheWordsOfTheBookPeople(t *testing.T) {
	m, today := kitchen(), calendar.DayOf(2026, time.September, 30)
	for _, c := range []struct{ department, role, want string }{
		{"Kitchen", "Cleaner", "cleaner"}, // the same words in two departments
		{" office ", "cleaner", "office-cleaner"},
		{"Delivery", "cleaner", ""},
		{"Delivery", "temp", "temp"}, // a role of no department
		{"Kitchen", "cook", ""},
	} {
		r, ok := m.RoleOf(c.department, c.role, today)
		got := ""
		if ok {
			got = r.Key
		}
		if got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.role, c.department, got, c.want)
		}
	}
}
