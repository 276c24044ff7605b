package duckdb

import (
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
)

// TestALastDayIsADayOfWork: and who applies for another job has the one that they have.
func TestALastDayIsADayOfWork(t *testing.T) {
	s := openStager(t)
	parts, err := s.direct(t.Context(), "people", map[string]int{}, &cells{
		names: []string{"person_id", "valid_from", "department", "role", "kind", "left_on"},
		rows: [][]string{
			{"p-1", "2020-01-01", "service", "agent", "employee", ""}, {"p-1", "2021-03-31", "service", "agent", "employee", "2021-03-31"},
			{"p-2", "2020-01-01", "service", "agent", "employee", ""}, {"p-2", "2021-03-01", "kitchen", "cook", "candidate", ""},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := openReader(t, s)
	for _, c := range []struct {
		person, day, want string
		left              bool
	}{{"p-1", "2021-03-31", "service agent", false}, {"p-1", "2021-04-01", "service agent", true}, {"p-2", "2021-04-01", "service agent", false}} {
		day, err := calendar.ParseDay(c.day)
		if err != nil {
			t.Fatal(err)
		}
		p, ok, err := r.Employee(t.Context(), engine.View{Books: map[string][]engine.Part{"people": parts}}, c.person, day)
		if err != nil || !ok || p.Department+" "+p.Role != c.want || (p.Left != nil) != c.left {
			t.Errorf("%s on %s: %+v, %v, %v", c.person, c.day, p, ok, err)
		}
	}
}

// TestAPersonsWorkIsThatOfTheDay: the newest row up to the day, of parts that do not say when anybody left.
func TestAPersonsWorkIsThatOfTheDay(t *testing.T) {
	s := openStager(t)
	v, err := s.town(t.Context(), town{books: map[string][][]string{
		"people": {{"p-1", "2020-01-01", "service", "agent", "p-2"}, {"p-1", "2021-03-01", "service", "lead", ""}, {"p'2", "2020-01-01", "kitchen", "cook", ""}},
	}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := openReader(t, s)
	for _, c := range []struct{ person, day, want string }{
		{"p-1", "2019-12-31", ""}, {"p-1", "2020-01-01", "service agent"}, {"p-1", "2021-02-28", "service agent"}, {"p-1", "2021-03-01", "service lead"},
		{"p'2", "2024-01-01", "kitchen cook"}, {"nobody", "2024-01-01", ""}, {"", "2024-01-01", ""},
	} {
		day, err := calendar.ParseDay(c.day)
		if err != nil {
			t.Fatal(err)
		}
		p, ok, err := r.Employee(t.Context(), v, c.person, day)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if ok {
			got = p.Department + " " + p.Role
		}
		if got != c.want || p.Left != nil {
			t.Errorf("%s on %s: %q, left %v; want %q", c.person, c.day, got, p.Left, c.want)
		}
	}
}

// Who is hired tomorrow is not at work yet, though the row that says so holds already.
func TestWhoIsHiredTomorrowBeginsTomorrow(t *testing.T) {
	s := openStager(t)
	parts, err := s.direct(t.Context(), "people", map[string]int{}, &cells{
		names: []string{"person_id", "valid_from", "department", "role", "hired_on"}, rows: [][]string{{"p-1", "2021-03-01", "service", "agent", "2021-04-01"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := openReader(t, s)
	for day, begins := range map[string]bool{"2021-03-31": true, "2021-04-01": false} {
		on, err := calendar.ParseDay(day)
		if err != nil {
			t.Fatal(err)
		}
		p, ok, err := r.Employee(t.Context(), engine.View{Books: map[string][]engine.Part{"people": parts}}, "p-1", on)
		if err != nil || !ok || (p.Begins != nil) != begins || begins && p.Begins.String() != "2021-04-01" {
			t.Errorf("on %s: %+v, %v, %v", day, p, ok, err)
		}
	}
}
