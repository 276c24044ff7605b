package journey

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
)

// bureau is a book of people in which, on 31 December 2025, six are agents of service and one is of SERVICE, one cooks, and one porter is
// without a role of the map.
func bureau() []Person {
	first := calendar.DayOf(2025, time.January, 1)
	var out []Person
	for i := range 6 {
		out = append(out, Person{ID: fmt.Sprint("a", i), Department: "service", Role: "agent", From: first, Kind: "employee"})
	}
	last, over, later := calendar.DayOf(2025, time.December, 31), calendar.DayOf(2025, time.December, 30), calendar.DayOf(2026, time.January, 1)
	return append(out,
		Person{ID: "other letters", Department: " Service", Role: "AGENT", From: first},
		Person{ID: "last day", Department: "kitchen", Role: "cook", From: first, Left: &last},
		Person{ID: "gone", Department: "kitchen", Role: "cook", From: first, Left: &over},
		Person{ID: "sought", Department: "kitchen", Role: "cook", From: first, Kind: "candidate"},
		Person{ID: "to come", Department: "kitchen", Role: "cook", From: first, Hired: &later},
		Person{ID: "not yet", Department: "kitchen", Role: "cook", From: later},
		Person{ID: "moved", Department: "kitchen", Role: "cook", From: first},
		Person{ID: "moved", Department: "store", Role: "porter", From: last, Kind: "contractor worker"},
		Person{ID: "moved", Department: "kitchen", Role: "cook", From: last + 1, Kind: "employee"},
		Person{ID: "applies", Department: "store", Role: "porter", From: first},
		Person{ID: "applies", Department: "kitchen", Role: "cook", From: last, Kind: "candidate"},
	)
}

func TestJobsAreOfThoseAtWorkThatDay(t *testing.T) {
	got, err := Books{People: bureau()}.Jobs(t.Context(), calendar.DayOf(2025, time.December, 31))
	want := []Job{{" Service", "AGENT", 1}, {"kitchen", "cook", 1}, {"service", "agent", 6}, {"store", "porter", 2}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the jobs are %v, %v; want %v", got, err, want)
	}
	if got, err := (Books{}).Jobs(t.Context(), 0); err != nil || got != nil {
		t.Errorf("of no book: %v, %v", got, err)
	}
}

// Seven agents have no role of theirs; the cook has one; two porters are fewer than five, and their number is not told.
func TestJobsWithoutARoleAreListed(t *testing.T) {
	jobs, err := Books{People: bureau()}.Jobs(t.Context(), calendar.DayOf(2025, time.December, 31))
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*Input)) []string {
		s := stated(t, func(in *Input) {
			in.Jobs = jobs
			in.Map.Departments = append(in.Map.Departments, Department{Key: "kitchen", Name: "Kitchen"})
			in.Map.Roles = []Role{{Key: "cook", Name: "Cook", Department: "kitchen"}, {Key: "old", Name: "Porter", Retired: on(calendar.DayOf(2025, 12, 31))}}
			if change != nil {
				change(in)
			}
		})
		var out []string
		for _, u := range s.Coverage.JobsWithoutRole {
			people := "few"
			if u.People != nil {
				people = fmt.Sprint(*u.People)
			}
			out = append(out, u.Key+": "+u.Title+": "+people)
		}
		return out
	}
	for _, c := range []struct {
		name   string
		change func(*Input)
		want   []string
	}{
		{"of a minimum of five", nil, []string{"service/agent: agent, service: 7", "store/porter: porter, store: few"}},
		{"of a minimum of two", func(in *Input) { in.MinimumGroup = 2 }, []string{"service/agent: agent, service: 7", "store/porter: porter, store: 2"}},
		{"where nobody knows how many", func(in *Input) {
			in.Jobs = []Job{{"service", "agent", 0}}
		}, []string{"service/agent: agent, service: few"}},
		{"without a book of people", func(in *Input) { in.Jobs = nil }, nil},
		{"without a map", func(in *Input) { in.Found = true }, nil},
		{"with a role of all departments", func(in *Input) {
			in.Map.Roles = append(in.Map.Roles, Role{Key: "a", Name: "x", KnownAs: []string{"agent", "porter"}})
		}, nil},
	} {
		if got := with(c.change); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
