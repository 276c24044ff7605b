package learning_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

// tenOfTwenty are twenty who were hired on 2020-01-01; ten left on 2021-12-31, and the others each completed a course of 360 on 2024-01-01.
func tenOfTwenty(leave bool) workforce.Books {
	var b workforce.Books
	hired := calendar.DayOf(2020, 1, 1)
	for i := range 20 {
		name := fmt.Sprintf("p%02d", i)
		row := workforce.Row{Person: name, From: hired, Department: "kitchen", Role: "cook", Hired: &hired}
		if leave { // a course of the first day, long used up, so that the curve knows them
			little := money.FromMicros(1e6)
			b.Records = append(b.Records, workforce.Record{ID: "s" + name, Person: name, Course: "start", Completed: hired, Direct: &little, Kind: workforce.General})
		}
		if i < 10 {
			if !leave {
				continue
			}
			last := calendar.DayOf(2021, 12, 31)
			row.Left, row.Exit = &last, "quit"
			b.People = append(b.People, row)
			continue
		}
		cost := money.FromMicros(360 * 1e6)
		b.People = append(b.People, row)
		b.Records = append(b.Records, workforce.Record{ID: name, Person: name, Course: "knives", Completed: calendar.DayOf(2024, 1, 1), Direct: &cost, Kind: workforce.General})
	}
	return b
}

// TestTrainingThatGoesOn by hand: the ten courses of January come again each January. At the end of March they have stood for three months of
// 36 (330 of 360 is left), at the end of the year for twelve (240), after three years for 36, 24 and 12 (0, 120 and 240).
func TestTrainingThatGoesOn(t *testing.T) {
	begin := calendar.MonthOf(calendar.DayOf(2024, 1, 1))
	state := func(b workforce.Books, p learning.Policies) learning.GoesOn {
		t.Helper()
		s, err := learning.Input{From: begin, To: begin + 12, Currency: "EUR", Policies: p}.State(b)
		if err != nil {
			t.Fatal(err)
		}
		return s.GoesOn
	}
	check := func(what string, f evidence.Figure, value, low, high float64) {
		t.Helper()
		e, ok := f.Estimate()
		if !ok {
			t.Fatalf("%s: %v", what, f)
		}
		gotLow, _ := e.Low.Float64()
		gotHigh, _ := e.High.Float64()
		got := value
		if e.Value != nil {
			got, _ = e.Value.Float64()
		}
		if math.Abs(got-value) > 0.0051 || math.Abs(gotLow-low) > 0.0051 || math.Abs(gotHigh-high) > 0.0051 {
			t.Errorf("%s: %v, %v to %v; by hand %v, %v to %v", what, got, gotLow, gotHigh, value, low, high)
		}
	}
	spent := []string{"3600.00", "3600.00", "10800.00"}
	stands := []float64{3300, 2400, 3600}

	// Nobody has left, so that no curve can be drawn: from all leave at once to nobody leaves.
	for i, a := range state(tenOfTwenty(false), learning.Usual()).Ahead {
		if got := a.Direct.Text(2); got != spent[i] || !a.Added.Equal(a.Direct) {
			t.Errorf("over %d months %s is spent and %s added, by hand %s", a.Months, got, a.Added, spent[i])
		}
		check(fmt.Sprint("bounds over ", a.Months), a.Carried, stands[i], 0, stands[i])
	}
	// Under the policy for groups, evenly where no curve can be drawn, nothing hangs on who leaves.
	group := learning.Usual()
	group.General.Method = learning.Group
	for i, a := range state(tenOfTwenty(false), group).Ahead {
		check(fmt.Sprint("group over ", a.Months), a.Carried, stands[i], stands[i], stands[i])
	}

	// Ten of twenty left after 731 days, and the others were seen for 1827: the curve is flat from two years up to month 60, the last whole one
	// that was seen, and goes on at 10 ÷ exposure a month. Everybody is at 1461 days, month 48, when a course comes again.
	const m = 365.25 / 12
	hazard := 10 / (10*731/m + 10*1827/m)
	stay := func(months float64) float64 { // since the course
		return math.Exp(-hazard * max(0, 1461/m+months-60))
	}
	rest := 31 / m // of January
	want := []float64{3300 * stay(2+rest), 2400 * stay(11+rest), 2400*stay(11+rest) + 1200*stay(23+rest)}
	goes := state(tenOfTwenty(true), learning.Usual())
	for i, a := range goes.Ahead {
		e, _ := a.Carried.Estimate()
		if got, _ := e.Value.Float64(); math.Abs(got-want[i]) > 0.0051 || e.Low.Cmp(e.Value) > 0 || e.High.Cmp(e.Value) < 0 {
			t.Errorf("over %d months %v is carried, by hand %v", a.Months, got, want[i])
		}
	}
	if math.Abs(goes.Hazard-hazard) > 1e-12 || goes.People != 10 {
		t.Errorf("hazard %v, by hand %v; %d people", goes.Hazard, hazard, goes.People)
	}

	// Eleven months of books do not say how a year goes on.
	s, err := learning.Input{From: begin, To: begin + 11, Currency: "EUR", Policies: learning.Usual()}.State(tenOfTwenty(false))
	if err != nil || s.GoesOn.Lacks == nil {
		t.Errorf("%v, %+v", err, s.GoesOn)
	}
}
