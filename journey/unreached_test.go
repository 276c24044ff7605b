package journey

import (
	"context"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
)

// In each year a gives up on 10 March and comes through in May, which is too late; b gives up on 30 December, c on 20 December. In 2025 b comes through on 2 January 2026, in 2024 on 2 January 2025: neither is
// read of its own year. So in both years two are lost, a and c, of the two of whom it is known, and b is open. Kept from a person: d on 1 June three times, coming to a person on 3 June, e once, not coming
// again; both on 28 December, open. Had 3 of 4 known, Σ had² = 9, Σ had · known = 9, Σ known² = 9 + 1.
func TestBothPeriodsAreFollowedToTheirOwnEnd(t *testing.T) {
	yes, no := true, false
	var b Books
	for _, y := range []int{2024, 2025} {
		at := func(month time.Month, day int, who string, gave, kept *bool) {
			c := Contact{Mention: Mention{Moment{Day: calendar.DayOf(y, month, day)}, "phone", who}, Abandoned: gave, Contained: kept}
			b.Contacts = append(b.Contacts, c)
		}
		at(3, 10, "a", &yes, &no)
		at(5, 1, "a", &no, &no)
		at(12, 30, "b", &yes, &no)
		at(13, 2, "b", &no, &no)
		at(12, 20, "c", &yes, &no)
		for range 3 {
			at(6, 1, "d", &no, &yes)
		}
		at(6, 3, "d", &no, &no)
		at(6, 1, "e", &no, &yes)
		at(12, 28, "d", &no, &yes)
		at(12, 28, "e", &no, &yes)
	}
	got, err := b.Touched(context.Background(), Question{Spans: []calendar.Period{year(2025), year(2024)}, Places: []Place{{Name: "phone", Touchpoint: "desk"}}})
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	for i, s := range got {
		if s.GaveUp != 3 || s.Lost != 2 || s.LostOpen != 1 || s.Open != 2 {
			t.Errorf("span %d: %d gave up, %d lost, %d and %d open", i, s.GaveUp, s.Lost, s.LostOpen, s.Open)
		}
		if want := (Rate{Known: 4, Had: 3, HadHad: 9, HadKnown: 9, KnownSquared: 10}); s.CameAgain != want {
			t.Errorf("span %d: came again %+v, want %+v", i, s.CameAgain, want)
		}
	}
	if l := volume(&got[0], &got[1]).Unreached[0]; l.N != 2 || l.Of != 2 || l.Open != 1 || *l.Before != 2 {
		t.Errorf("lost are %+v", l)
	}
}
