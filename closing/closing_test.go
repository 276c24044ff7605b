package closing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

func TestChangesNameBookMonthAndRows(t *testing.T) {
	before := Inputs{
		Books: map[string]map[string]Print{
			"orders":    {"2024-01": {Rows: 10, Sum: "a"}, "2024-02": {Rows: 5, Sum: "b"}, "2024-03": {Rows: 7, Sum: "c"}},
			"customers": {"": {Rows: 3, Sum: "d"}},
		},
		Refused:  map[string]int64{"2024-01": 1},
		Settings: map[string]string{"timezone": "UTC"},
	}
	now := Inputs{
		Books: map[string]map[string]Print{
			"orders":    {"2024-01": {Rows: 11, Sum: "x"}, "2024-02": {Rows: 5, Sum: "y"}, "2024-03": {Rows: 7, Sum: "c"}, "2024-04": {Rows: 1, Sum: "z"}},
			"customers": {"": {Rows: 2, Sum: "e"}},
		},
		Refused:  map[string]int64{"2024-01": 1},
		Settings: map[string]string{"timezone": "Europe/London"},
	}
	want := `  orders, 2024-01: 1 row more (11, were 10)
  orders, 2024-02: other content in its 5 rows
  orders, 2024-04: 1 row more (1, were 0)
  customers, rows without a date: 1 row fewer (2, were 3)
  setting timezone: Europe/London, was UTC`
	if got := before.changes(now).list(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := before.changes(before); len(got) != 0 {
		t.Errorf("the same inputs changed: %v", got)
	}
}

// Whose job a role is, is part of the map; a seal of a release that did not name it is not said to be of another map.
func TestChangedRolesAreAChangedMap(t *testing.T) {
	with := func(roles string) Inputs {
		in := Inputs{Settings: map[string]string{journeyMap: "m"}}
		if roles != "" {
			in.Settings[journeyRoles] = roles
		}
		return in
	}
	for _, c := range []struct {
		before, now string
		want        int
	}{{"a", "a", 0}, {"a", "b", 1}, {"", "a", 0}} {
		got := with(c.before).changes(with(c.now))
		if len(got) != c.want || c.want == 1 && got[0].What != "the journey map changed" {
			t.Errorf("%q, now %q: %v", c.before, c.now, got)
		}
	}
}

// What a seal says of itself, warnings and counts over the whole books are no
// figures; a list's elements go by their own names.
func TestDifferencesAreOfFiguresAlone(t *testing.T) {
	sealed := `{"period":{"start":"2024-01-01","end":"2025-01-01"},"sealed":{"at":"x"},"warnings":[{"code":"a","text":"b"}],
		"customer":{"coverage":{"lines":4,"lines_refused_undated":0},"revenue":{"current":"10.00"},"growth_rate":{"value":null}},
		"cohorts":{"cohorts":[{"first_purchase":"2023","ages":[{"span":"2023","active":2}]}]}}`
	now := `{"period":{"start":"2024-01-01","end":"2025-01-01"},"sealed":{"at":"y"},"warnings":[],
		"customer":{"coverage":{"lines":4,"lines_refused_undated":9},"revenue":{"current":"12.50"},"growth_rate":{"value":null}},
		"cohorts":{"cohorts":[{"first_purchase":"2022","ages":[]},{"first_purchase":"2023","ages":[{"span":"2023","active":3}]}]}}`
	before, err := leaves([]byte(sealed))
	if err != nil {
		t.Fatal(err)
	}
	after, err := leaves([]byte(now))
	if err != nil {
		t.Fatal(err)
	}
	var moved []string
	for _, path := range union(before, after) {
		if before.at[path] != after.at[path] {
			moved = append(moved, path+": "+before.at[path]+" → "+after.at[path]+" ("+change(before.at[path], after.at[path])+")")
		}
	}
	want := "customer.revenue.current: 10.00 → 12.50 (2.5)\ncohorts.cohorts.2023.ages.2023.active: 2 → 3 (1)\ncohorts.cohorts.2022.first_purchase:  → 2022 ()"
	if got := strings.Join(moved, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOlderCohortsAreJoined(t *testing.T) {
	cell := func(first, span int, active int64, cents int64) base.Cell {
		return base.Cell{First: first, Span: span, Sums: base.Sums{Customers: active, Revenue: money.FromMicros(cents * 10_000)}}
	}
	got := recent([]base.Cell{cell(-1, 2, 1, 100), cell(0, 2, 2, 200), cell(0, 3, 1, 50), cell(1, 2, 4, 400), cell(2, 2, 5, 500), cell(3, 3, 6, 600)}, 2)
	want := []base.Cell{cell(-1, 0, 7, 700), cell(-1, 1, 1, 50), cell(0, 0, 5, 500), cell(1, 1, 6, 600)}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i].First != want[i].First || got[i].Span != want[i].Span || got[i].Customers != want[i].Customers || !got[i].Revenue.Equal(want[i].Revenue) {
			t.Errorf("cell %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

// An order that names the usual comparison asks for the same statement as one
// that names none; any other comparison is another statement.
func TestStatementsAreKnownByPeriodAndComparison(t *testing.T) {
	cal, err := calendar.New(calendar.Settings{Calendar: "gregorian"})
	if err != nil {
		t.Fatal(err)
	}
	c := &Closer{Settings: Settings{Calendar: cal, Grain: "customer"}}
	named, err := cal.Parse("2024-02")
	if err != nil {
		t.Fatal(err)
	}
	key := func(compared string) string {
		o := Order{Named: named, Active: growth.Net}
		if compared != "" {
			p, err := cal.Parse(compared)
			if err != nil {
				t.Fatal(err)
			}
			o.Compared = &p.Period
		}
		k, err := c.Statement(o)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	if key("") != key("2023-02") || key("") == key("2024-01") {
		t.Errorf("keys %q, %q, %q", key(""), key("2023-02"), key("2024-01"))
	}
	later, err := cal.Parse("2024-03")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Statement(Order{Named: named, Compared: &later.Period, Active: growth.Net}); err == nil {
		t.Error("a comparison after the period is allowed")
	}
}

func TestASealsStatementIsReadAsItWasWritten(t *testing.T) {
	for _, kind := range []calendar.Kind{calendar.Months, calendar.FiscalPeriods, calendar.Ranges} {
		want := Identity{
			Period:   calendar.Period{Start: calendar.DayOf(2011, 9, 1), End: calendar.DayOf(2011, 10, 1)},
			Compared: calendar.Period{Start: calendar.DayOf(2010, 9, 1), End: calendar.DayOf(2010, 10, 1)},
			Kind:     kind, Active: growth.AnyLine, Grain: "household",
		}
		got, err := ParseIdentity(want.String())
		if err != nil || got != want {
			t.Errorf("%s was read as %+v (%v)", want, got, err)
		}
	}
	for _, text := range []string{"", "2011-09", "2011-09-01..2011-10-01 2010-09-01 month net customer"} {
		if got, err := ParseIdentity(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

// A brand, department or journey that is put on the map changes the words by which figures are read, and no figure.
func TestWhatTheMapIsCalledIsNoFigure(t *testing.T) {
	was := `{"touchpoint_coverage":{"brands":[{"name":"one","title":"One"}],"departments":[],"journeys":[],"without_owner":[]}}`
	is := `{"touchpoint_coverage":{"brands":[{"name":"one","title":"One"},{"name":"two","title":"Two"}],"departments":[{"name":"legal","title":"Legal"}],"journeys":[{"name":"a","title":"A","stages":[{"name":"b","title":"B"}]}],"without_owner":[{"name":"chat","title":"Chat"}]}}`
	moved, err := Differences([]byte(was), []byte(is))
	if err != nil || len(moved) == 0 {
		t.Fatal(moved, err)
	}
	for _, m := range moved {
		if !strings.Contains(fmt.Sprint(m), "without_owner") {
			t.Errorf("%+v moved", m)
		}
	}
}
