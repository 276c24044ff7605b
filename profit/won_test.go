package profit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/profit"
)

func TestWonByMonth(t *testing.T) {
	day := calendar.DayOf
	cost := func(from, to calendar.Day, department, kind, text string) profit.Cost {
		a, err := money.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return profit.Cost{Named: "n", Period: calendar.Period{Start: from, End: to}, Department: department, Kind: kind, Amount: a, Rows: 1}
	}
	quarter := cost(day(2025, 10, 1), day(2026, 1, 1), "marketing", "acquire", "100")
	january := cost(day(2026, 1, 1), day(2026, 2, 1), "marketing", "acquire", "30")
	friends := cost(day(2026, 1, 1), day(2026, 2, 1), "friends", "acquire", "7.5")
	later := cost(day(2026, 2, 1), day(2026, 3, 1), "marketing", "acquire", "1000")
	serve := cost(day(2026, 1, 1), day(2026, 2, 1), "marketing", "serve", "55")
	won, err := profit.WonByMonth([]profit.Cost{later, january, quarter, friends, serve}, []string{"friends"}, day(2026, 2, 1))
	if err != nil {
		t.Fatal(err)
	}
	// A quarter of 100 is spread over its months to the last place: 33.333333, 33.333333 and 33.333334.
	want := "2025-10 false 33.333333; 2025-11 false 33.333333; 2025-12 false 33.333334; 2026-01 true 7.5; 2026-01 false 30; "
	got := ""
	for _, w := range won {
		got += fmt.Sprintf("%s %v %s; ", w.Month, w.Earned, w.Amount)
	}
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	fault := january
	fault.Fault = "no rate for USD"
	for want, costs := range map[string][]profit.Cost{
		"holds no costs of kind acquire for 2026-01-01..2026-02-01": {quarter},
		"holds no costs of kind acquire before":                     {serve, later},
		"no rate for USD":                                           {quarter, january, fault},
		"only a part":                                               {quarter, cost(day(2026, 1, 1), day(2026, 4, 1), "marketing", "acquire", "3")},
	} {
		var refused evidence.Refusal
		if _, err := profit.WonByMonth(costs, nil, day(2026, 2, 1)); !errors.As(err, &refused) || !strings.Contains(refused.Reason, want) {
			t.Errorf("%v, want a refusal with %q", err, want)
		}
	}
}
