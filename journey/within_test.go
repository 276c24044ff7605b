package journey

import (
	"context"
	"math/big"
	"testing"

	"github.com/throughline/throughline/calendar"
)

// Seven contacts, a minute promised. Served in time: one of 20 s that was taken, one of 60 s of which nobody knows whether it was given up. Not: 61 s;
// 5 s and given up; given up after nobody knows how long. Not known: no wait and taken; no wait and no word. So 2 of 5. Customer a has the first, the
// fourth and the sixth (1 of 2 known), b the second and fifth (1 of 2), the third names nobody (0 of 1) and the seventh is c's (0 of 0):
// Σ had² = 2, Σ had · known = 4, Σ known² = 4 + 4 + 1 = 9.
func TestWhoGaveUpWasNotServedInTime(t *testing.T) {
	yes, no := true, false
	at := func(who string) Mention {
		return Mention{Moment{Day: calendar.DayOf(2025, 3, 4)}, "phone", who}
	}
	b := Books{Contacts: []Contact{
		{Mention: at("a"), Wait: big.NewRat(20, 1), Abandoned: &no},
		{Mention: at("b"), Wait: big.NewRat(60, 1)},
		{Mention: at(""), Wait: big.NewRat(61, 1), Abandoned: &no},
		{Mention: at("a"), Wait: big.NewRat(5, 1), Abandoned: &yes},
		{Mention: at("b"), Abandoned: &yes},
		{Mention: at("a"), Abandoned: &no},
		{Mention: at("c")},
	}}
	got, err := b.Touched(context.Background(), Question{Spans: []calendar.Period{year(2025)}, Places: []Place{{Name: "phone", Touchpoint: "desk"}}, Within: []int64{60}})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if want := (Rate{Known: 5, Had: 2, HadHad: 2, HadKnown: 4, KnownSquared: 9}); got[0].Within[0] != want || got[0].Waits.N != 4 {
		t.Errorf("%+v of %d waits, want %+v of 4", got[0].Within[0], got[0].Waits.N, want)
	}
}

// Nobody's wait is known and two gave up: how many were served in a minute is not known, rather than none.
func TestWithoutWaitsNothingIsKnownOfTime(t *testing.T) {
	l := Lately{Contacts: 9, WithinOf: 2, Within: make([]int64, len(Waits)), Abandoned: Of{9, 2}}
	if _, refused := l.Figure(Measure{Kind: Within, Seconds: 60}).Refusal(); !refused {
		t.Error("it is told")
	}
	l.WithinOf, l.Wait = 5, Total{3, big.NewRat(90, 1)}
	l.Within[3] = 2
	e, ok := l.Figure(Measure{Kind: Within, Seconds: 60}).Estimate()
	if !ok || e.Value.Cmp(big.NewRat(2, 5)) != 0 || e.N != 5 {
		t.Errorf("it is %v of %d", e.Value, e.N)
	}
}
