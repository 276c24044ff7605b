package journey

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
)

// full is a ledger of a company that knows everything of every touchpoint and brand.
type full struct{ m *Map }

func (f full) each(visit func(span int, touchpoint, brand string, i int64)) {
	for span := range 2 {
		for i, t := range f.m.Touchpoints {
			for j, b := range f.m.Brands {
				visit(span, t.Key, b.Key, int64(1000+37*i+11*j+5*span))
			}
		}
	}
}

func fullRate(n, had int64) Rate {
	return Rate{Known: n, Had: had, HadHad: had + had/7, HadKnown: had + had/5, KnownSquared: n + n/3}
}

func fullMean(n int64, each int64) Mean {
	r := func(x int64) *big.Rat { return big.NewRat(x, 1) }
	return Mean{N: n, Sum: r(n * each), Squares: r(2 * n * each * each), SumSum: r(3 * n * each * each), SumN: r(n*each + n/3*each), NN: n + n/3}
}

func (f full) Touched(context.Context, Question) ([]Served, error) {
	var out []Served
	f.each(func(span int, touchpoint, brand string, n int64) {
		s := Served{
			Part: Part{span, touchpoint, brand}, Contacts: n, Identified: n - 7, Customers: n / 2, Waits: fullMean(n, 61), Median: big.NewRat(43, 1), Ninth: big.NewRat(211, 1),
			Within: []Rate{fullRate(n, n-n/9)}, Handled: fullMean(n, 307), Transfers: fullMean(n, 1), Abandoned: fullRate(n, n/11), Contained: fullRate(n, n/4), Resolved: fullRate(n, n-n/5),
			Reopened: fullRate(n, n/23), GaveUp: n / 12, Lost: n / 30, LostOpen: 3, LostNameless: 2, CameAgain: fullRate(n/5, n/50), Open: 4,
		}
		for d := range MostRemedyDays + 1 {
			s.Remedies = append(s.Remedies, Remedy{d, int64(7 - d/10), int64(d / 20)})
		}
		out = append(out, s)
	})
	return out, nil
}

func (f full) Answered(context.Context, Question) ([]Answered, error) {
	var out []Answered
	f.each(func(span int, touchpoint, brand string, n int64) {
		for _, question := range []string{"nps", "csat", "ces"} {
			unit := fullMean(n, 1)
			unit.Sum, unit.SumSum, unit.SumN = big.NewRat(n-2*(n/3), 1), big.NewRat(n, 1), big.NewRat(n-2*(n/3), 1)
			out = append(out, Answered{Part: Part{span, touchpoint, brand}, Question: question, N: n, Customers: n - n/9, Comments: n / 3, Low: n / 3, Middle: n / 3, High: n - 2*(n/3), Unit: unit, Score: fullMean(n, 5)})
		}
	})
	return out, nil
}

func (f full) Named(context.Context, Question) ([]Named, error) {
	var out []Named
	for _, t := range f.m.Touchpoints {
		for _, book := range []string{"interactions", "answers", "remarks"} {
			out = append(out, Named{Book: book, Name: Fold(t.Name), Touchpoint: t.Key, Rows: 1000, Customers: 500})
		}
	}
	return out, nil
}

func (f full) Measured(context.Context, Question) ([]Measured, error) { return nil, nil }

func (f full) After(context.Context, After) ([]Stratum, error) {
	var out []Stratum
	for s := range 200 {
		out = append(out, Stratum{"", fmt.Sprint("stratum ", s), 5000, 2100, "123456.78"})
	}
	for i, t := range f.m.Touchpoints {
		for s := range 200 {
			out = append(out, Stratum{t.Key, fmt.Sprint("stratum ", s), int64(20 + i%7), int64(7 + i%5), "512.30"})
		}
	}
	return out, nil
}

// fullMap has touchpoints of two brands, each of which promises two things everywhere.
func fullMap(touchpoints int) *Map {
	m := &Map{Brands: []Brand{{Key: "care", Name: "Care", Promise: Care}, {Key: "fun", Name: "Fun", Promise: Fun, Entities: []string{"fun"}}}}
	m.Journeys = []Journey{{Key: "buy", Name: "Buying", Stages: []Stage{{Key: "look", Name: "Looking"}}}}
	m.Departments = []Department{{Key: "service", Name: "Service"}}
	var all []string
	for i := range touchpoints {
		key := fmt.Sprintf("touchpoint-%d", i)
		all = append(all, key)
		m.Touchpoints = append(m.Touchpoints, Touchpoint{Key: key, Name: "Touchpoint " + fmt.Sprint(i), Journey: "buy", Stage: "look", Owners: []Held{{By: "head of service"}}, Departments: []Held{{By: "service"}}})
	}
	for _, b := range m.Brands {
		m.Standards = append(m.Standards, Standard{Key: b.Key + "-settled", Brand: b.Key, Notices: "settled at once", Measure: Measure{Kind: Resolved}, Target: Target{AtLeast: "0.9"}, Touchpoints: all},
			Standard{Key: b.Key + "-quick", Brand: b.Key, Notices: "served in a minute", Measure: Measure{Kind: Within, Seconds: 60}, Target: Target{AtLeast: "0.8"}, Touchpoints: all})
	}
	return m
}

func year(y int) calendar.Period {
	return calendar.Period{Start: calendar.DayOf(y, 1, 1), End: calendar.DayOf(y+1, 1, 1)}
}

// Five hundred touchpoints of two brands of which everything is known make a block of less than five megabytes, fewer where less is known; how long they take is told, not
// held, since other things run on the machine.
func TestAStatementOfManyTouchpointsStaysSmall(t *testing.T) {
	m := fullMap(500)
	in := Input{Map: m, Period: year(2025), Compared: year(2024), Currency: "EUR"}
	in.Next = calendar.Period{Start: in.Period.End - 90, End: in.Period.End}
	in.Passed = calendar.Period{Start: in.Period.End - 180, End: in.Next.Start}
	begun := time.Now()
	s, err := in.State(context.Background(), full{m})
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, l := range s.Lines {
		data, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		size += len(data)
	}
	took := time.Since(begun)
	t.Logf("%d bytes, %s", size, took)
	if size > 5_000_000 {
		t.Errorf("%d bytes", size)
	}
}
