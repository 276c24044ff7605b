package journey

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

func decimalOf(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatal(text)
	}
	return r
}

func on(day calendar.Day) *calendar.Day { return &day }

// town is a company of two brands with a phone that ends in 2025 and becomes a desk.
func town() *Map {
	end := on(calendar.DayOf(2025, 7, 1))
	return &Map{
		Brands:      []Brand{{Key: "care", Name: "Care", Promise: Care}, {Key: "fun", Name: "Fun", Promise: Fun, Entities: []string{"Fun Ltd"}}},
		Journeys:    []Journey{{Key: "help", Name: "Help", Stages: []Stage{{Key: "ask", Name: "Asking"}}}},
		Departments: []Department{{Key: "service", Name: "Service"}},
		Touchpoints: []Touchpoint{
			{Key: "phone", Name: "Phone", Journey: "help", Stage: "ask", KnownAs: []Known{{Name: "phone", Until: end}}, Owners: []Held{{By: "first"}, {By: "second", From: on(calendar.DayOf(2025, 3, 1))}, {By: "third", From: on(calendar.DayOf(2025, 8, 1))}}, Retired: end, Into: []string{"desk"}},
			{Key: "desk", Name: "Desk", Journey: "help", Stage: "ask", KnownAs: []Known{{Name: "phone", From: end}, {Name: "desk"}}},
			{Key: "gone", Name: "Gone", Journey: "help", Stage: "ask", Retired: on(calendar.DayOf(2024, 12, 1))},
			{Key: "later", Name: "Later", Journey: "help", Stage: "ask", KnownAs: []Known{{Name: "later", From: on(calendar.DayOf(2026, 2, 1))}}},
		},
		Standards: []Standard{
			{Key: "through", Brand: "care", Notices: "gets through", Measure: Measure{Kind: Reached}, Target: Target{AtLeast: "0.5"}, Touchpoints: []string{"desk"}},
			{Key: "settled", Brand: "fun", Notices: "settled", Measure: Measure{Kind: Resolved}, Target: Target{AtLeast: "0.95"}, Touchpoints: []string{"desk"}},
			{Key: "liked", Brand: "fun", Notices: "liked", Measure: Measure{Kind: NPS}, Target: Target{AtLeast: "50"}, Touchpoints: []string{"desk"}},
			{Key: "clean", Brand: "care", Notices: "clean", Measure: Measure{Kind: ByHand, Named: "Cleanliness"}, Target: Target{AtLeast: "8"}, Touchpoints: []string{"desk"}},
		},
	}
}

// rows are 40 contacts of customers of care at the desk, 4 given up, 10 of them of which nobody knows whether they were settled; 40 of fun, 20 settled; three at the phone before July, one after.
func rows() Books {
	yes, no := true, false
	var b Books
	at := func(month time.Month, day int) Moment { return Moment{Day: calendar.DayOf(2025, month, day)} }
	for i := range 40 {
		care, fun := fmt.Sprint("c", i), fmt.Sprint("f", i)
		b.Customers = append(b.Customers, Customer{ID: care}, Customer{ID: fun, Entity: "fun ltd"})
		c := Contact{Mention: Mention{at(9, 1+i%28), "Desk", care}, Abandoned: &no, Resolved: &yes}
		if i < 4 {
			c.Abandoned, c.Resolved = &yes, &no
		}
		if i >= 30 {
			c.Resolved = nil
		}
		f := Contact{Mention: Mention{at(9, 1+i%28), "desk", fun}, Resolved: &yes}
		if i%2 == 0 {
			f.Resolved = &no
		}
		b.Contacts = append(b.Contacts, c, f)
	}
	for _, m := range []Moment{at(2, 3), at(3, 4), at(6, 30), at(7, 1)} {
		b.Contacts = append(b.Contacts, Contact{Mention: Mention{m, "phone", "c1"}, Resolved: &yes})
	}
	for i := range 12 {
		b.Answers = append(b.Answers, Answer{Mention: Mention{at(9, 1+i), "desk", fmt.Sprint("f", i)}, Question: "NPS", Score: big.NewRat(9, 1)})
	}
	b.Measures = []Figure{{Period: "2025", Touchpoint: "desk", Measure: "cleanliness", Value: big.NewRat(15, 2), N: big.NewRat(200, 1)}}
	return b
}

func stated(t *testing.T, change func(*Input)) Statement {
	t.Helper()
	in := Input{
		Map: town(), Period: year(2025), Compared: year(2024), Currency: "EUR", NoNext: &evidence.Refusal{Reason: "not asked", Need: "more"},
		PeriodOf: func(string) (calendar.Period, error) { return year(2025), nil },
		Costs:    []Cost{{"desk", money.FromMicros(90_000_000), 80}, {"phone", money.FromMicros(12_000_000), 4}},
	}
	if change != nil {
		change(&in)
	}
	s, err := in.State(context.Background(), rows())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTouchpointsStandAsTheyWereOnTheirLastDay(t *testing.T) {
	s := stated(t, nil)
	if len(s.Lines) != 2 || s.Lines[0].Key != "phone" || s.Lines[1].Key != "desk" {
		t.Fatalf("the lines are %+v", s.Lines)
	}
	phone, desk := s.Lines[0], s.Lines[1]
	if phone.Owner != "second" || phone.Ended == nil || phone.Ended.Into[0] != "desk" || phone.Contacts != 3 || phone.State != Unjudged {
		t.Errorf("the phone is %+v", phone)
	}
	if desk.Contacts != 81 || desk.Ended != nil || desk.Owner != "" {
		t.Errorf("the desk is %+v", desk)
	}
}

// Of care 36 of 40 got through, of which it is known of 40 (the phone's call says nothing of it): above 0.5 by far; its desk has 7.5 where 8 is promised: below. Of fun 20 of 40 settled: well below 0.95;
// twelve answers are too few. The worse one is the desk's.
func TestBrandsAreJudgedEachByItsOwnStandards(t *testing.T) {
	desk := stated(t, nil).Lines[1]
	if desk.State != WellBelow || desk.Brand != "fun" || desk.Standard != "settled" || desk.Headline != "resolved" {
		t.Errorf("the desk is %+v", desk.Verdict)
	}
	states := map[string]State{}
	for _, b := range desk.Brands {
		for _, j := range b.Standards {
			states[b.Brand+" "+j.Key+" "+j.Figure] = j.State
		}
	}
	for what, want := range map[string]State{"care through reached": WellAbove, "care clean measure.cleanliness": Below, "fun settled resolved": WellBelow, "fun liked nps": Few} {
		if states[what] != want {
			t.Errorf("%s is %q, want %s; all: %v", what, states[what], want, states)
		}
	}
}

// Of 41 contacts of care at the desk 31 say whether they were settled (10 do not): 27 of them were. Bounds: 27/41 to 37/41.
func TestWhatIsNotKnownHasBounds(t *testing.T) {
	desk := stated(t, nil).Lines[1]
	for _, f := range desk.Brands[0].Figures {
		if f.Name != "resolved" {
			continue
		}
		e, _ := f.Figure.Estimate()
		if e.Value.Cmp(big.NewRat(27, 31)) != 0 || e.N != 31 || f.Bounds == nil {
			t.Fatalf("settled is %s of %d, bounds %v", e.Value, e.N, f.Bounds)
		}
		b, _ := f.Bounds.Estimate()
		if b.Low.Cmp(big.NewRat(27, 41)) != 0 || b.High.Cmp(big.NewRat(37, 41)) != 0 {
			t.Errorf("bounds %s to %s", b.Low, b.High)
		}
		return
	}
	t.Error("nothing is settled")
}

// The name phone led to two touchpoints in 2025, so its cost leads to neither.
func TestCostsOfANameOfTwoTouchpointsAreRefused(t *testing.T) {
	s := stated(t, nil)
	for _, l := range s.Lines {
		if _, refused := l.Cost.Refusal(); !refused {
			t.Errorf("%s cost %v", l.Key, l.Cost)
		}
	}
	s = stated(t, func(in *Input) { in.Map.Touchpoints[1].KnownAs = []Known{{Name: "desk"}} })
	if e, ok := s.Lines[1].Each.Estimate(); !ok || e.Value.Cmp(decimalOf(t, "1.125")) != 0 { // 90 ÷ 80
		t.Errorf("a contact cost %v", e.Value)
	}
}

// Forty customers: 20 on the day, 10 after three days, 5 last seen after two, 5 after sixty. S(0) = 1/2; at 3 there are 15: S(3) = 1/2 · 5/15 = 1/6. So within 7 days 5/6 are put right; within a day 20 of 40.
func TestPutRightIsKaplanMeier(t *testing.T) {
	p := putRight([]Remedy{{Days: 0, Put: 20}, {Days: 2, Still: 5}, {Days: 3, Put: 10}, {Days: 60, Still: 5}})
	day, _ := p.Within[0].Share.Estimate()
	week, _ := p.Within[1].Share.Estimate()
	if p.Customers != 40 || day.Value.Cmp(big.NewRat(1, 2)) != 0 {
		t.Errorf("within a day %v of %d", day.Value, p.Customers)
	}
	near(t, "within a week", float(week.Value), 5.0/6, 1e-6)
	few := putRight([]Remedy{{Days: 0, Put: 20}})
	if _, refused := few.Within[0].Share.Refusal(); !refused {
		t.Error("twenty are not too few")
	}
}

// A customer with all contacts is one: the interval of 15 of 30 contacts of one customer is nearly everything.
func TestOneCustomerTellsNextToNothing(t *testing.T) {
	f := Rate{Known: 30, Had: 15, HadHad: 225, HadKnown: 450, KnownSquared: 900}.share("none", "some")
	e, ok := f.Estimate()
	if !ok || float(e.High)-float(e.Low) < 0.75 {
		t.Errorf("from %s to %s", e.Low, e.High)
	}
}

// The brand without entities has its customers until it ends; its successor, which names none either, from then on. A brand that ends later takes nothing
// away from a period before.
func TestABrandHasItsCustomersUntilItEnds(t *testing.T) {
	end := calendar.DayOf(2025, 7, 1)
	m := Map{Brands: []Brand{{Key: "able", Name: "Able", Promise: Care}, {Key: "house", Name: "House", Promise: Care, Retired: &end}, {Key: "inn", Name: "Inn", Promise: Care, Entities: []string{"inn"}}}}
	for day, want := range map[calendar.Day]string{calendar.DayOf(2025, 6, 30): "house", end: "able", calendar.DayOf(2030, 1, 1): "able"} {
		if b, ok := m.Rest(day); !ok || b.Key != want {
			t.Errorf("on %s it is %+v", day, b)
		}
	}
	if problems := m.Check(); len(problems) > 0 {
		t.Error(problems)
	}
	if gaps := m.Lacks(end - 1); len(gaps) != 1 || gaps[0].Name != "brands_without_customers" || !slices.Equal(gaps[0].Items, []Item{{"able", "Able"}}) {
		t.Errorf("before the end of house the map lacks %+v", gaps)
	}
	if gaps := m.Lacks(end); len(gaps) > 0 {
		t.Errorf("after it the map lacks %+v", gaps)
	}
	m.Brands[0].Retired = &end
	if _, ok := m.Rest(end); ok {
		t.Error("a brand goes on after its end")
	}
}
