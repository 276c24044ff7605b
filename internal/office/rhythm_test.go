package office

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	loc, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func dayOf(t *testing.T, text string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func momentOf(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func gregorian(t *testing.T) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.New(calendar.Settings{WeekStarts: time.Monday})
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// The transitions are those of the IANA database: New York changes at 2:00 on
// the second Sunday of March (to 3:00) and the first of November (to 1:00),
// Berlin at 1:00 UTC on the last Sundays of March and October, Lord Howe by half
// an hour, Troll by two hours, and Apia left out 30 December 2011.
func TestHourThatClocksSkipOrShowTwice(t *testing.T) {
	for _, c := range []struct{ zone, day, at, want, why string }{
		{"Europe/London", "2011-10-05", "06:00", "2011-10-05T05:00:00Z", "summer time"},
		{"Europe/London", "2011-12-05", "06:00", "2011-12-05T06:00:00Z", "winter time"},
		{"Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00:00Z", "02:30 does not exist: the jump from 02:00 to 03:00"},
		{"Europe/Berlin", "2026-03-29", "02:00", "2026-03-29T01:00:00Z", "02:00 does not exist either"},
		{"Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00:00Z", "03:00 is the moment of the jump"},
		{"Europe/Berlin", "2026-03-29", "01:59", "2026-03-29T00:59:00Z", "before it"},
		{"Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00Z", "02:30 comes twice: the first"},
		{"Europe/Berlin", "2026-10-25", "03:00", "2026-10-25T02:00:00Z", "after the second"},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00:00Z", "skipped"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z", "the first of two"},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30:00Z", "half an hour is skipped"},
		{"Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z", "half an hour comes twice"},
		{"Antarctica/Troll", "2026-03-29", "02:30", "2026-03-29T01:00:00Z", "two hours are skipped"},
		{"Pacific/Apia", "2011-12-30", "06:00", "2011-12-30T10:00:00Z", "the whole day is skipped: midnight of the 31st"},
		{"America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00:00Z", "midnight itself is skipped"},
		{"Asia/Kathmandu", "2026-01-01", "00:00", "2025-12-31T18:15:00Z", "an offset of quarters of an hour"},
		{"UTC", "2026-03-29", "02:30", "2026-03-29T02:30:00Z", "no jumps"},
	} {
		hour, minute, err := clock(c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := instant(dayOf(t, c.day), hour, minute, zone(t, c.zone)); !got.Equal(momentOf(t, c.want)) {
			t.Errorf("%s %s in %s (%s) is %s, want %s", c.day, c.at, c.zone, c.why, got.Format(time.RFC3339), c.want)
		}
	}
}

// Whatever the zone and the day: the clocks show the hour then and never
// earlier on that day, or they jump then and never show it.
func TestInstantIsWhenClocksFirstShowTheHour(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran", "Asia/Kathmandu", "Pacific/Chatham", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		d := calendar.Day(rapid.Int32Range(10957, 25567).Draw(t, "day")) // 2000 to 2039
		hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
		got := instant(d, hour, minute, loc)
		shows := func(at time.Time) bool {
			local := at.In(loc)
			return calendar.DayIn(at, loc) == d && local.Hour() == hour && local.Minute() == minute
		}
		midday := time.Unix(int64(d)*86400+43200, 0)
		first := time.Time{}
		for at := midday.Add(-30 * time.Hour).Truncate(15 * time.Minute); at.Before(midday.Add(30 * time.Hour)); at = at.Add(15 * time.Minute) {
			if within := at.Add(time.Duration(minute%15) * time.Minute); shows(within) {
				first = within
				break
			}
		}
		start, _ := got.In(loc).ZoneBounds()
		switch {
		case !first.IsZero() && !got.Equal(first):
			t.Fatalf("got %s, the clocks first show it at %s", got, first)
		case first.IsZero() && !start.Equal(got):
			t.Fatalf("the clocks never show it, and got %s is no jump", got)
		}
	})
}

func TestDueDayCountsFromTheEndOfThePeriod(t *testing.T) {
	cal := gregorian(t)
	for _, c := range []struct {
		rhythm Rhythm
		period string
		want   string
	}{
		{Rhythm{Every: "month", Day: 3, At: "06:00"}, "2011-09", "2011-10-03T05:00:00Z"},
		// 1 October 2011 was a Saturday, so the first working day was the 3rd.
		{Rhythm{Every: "month", Day: 1, Working: true, At: "06:00"}, "2011-09", "2011-10-03T05:00:00Z"},
		{Rhythm{Every: "month", Day: 3, Working: true, At: "06:00"}, "2011-09", "2011-10-05T05:00:00Z"},
		{Rhythm{Every: "month", Day: 3, Working: true, At: "06:00", Holidays: []calendar.Day{dayOf(t, "2011-10-04")}}, "2011-09", "2011-10-06T05:00:00Z"},
		// Sunday to Thursday: 2, 3 and 4 October.
		{Rhythm{Every: "month", Day: 3, Working: true, At: "06:00", Weekend: []string{"friday", "saturday"}}, "2011-09", "2011-10-04T05:00:00Z"},
		{Rhythm{Every: "month", Day: 2, Working: true, At: "06:00", Weekend: []string{}}, "2011-09", "2011-10-02T05:00:00Z"},
		{Rhythm{Every: "month", Day: 28, At: "23:59"}, "2011-01", "2011-02-28T23:59:00Z"},
		// The 20th working day of February 2026 without the 2nd to the 6th would be 6 March.
		{Rhythm{Every: "month", Day: 20, Working: true, At: "06:00", Holidays: []calendar.Day{dayOf(t, "2026-02-02"), dayOf(t, "2026-02-03"), dayOf(t, "2026-02-04"), dayOf(t, "2026-02-05"), dayOf(t, "2026-02-06")}}, "2026-01", "2026-02-28T06:00:00Z"},
		{Rhythm{Every: "quarter", Day: 10, At: "07:30"}, "2011-Q3", "2011-10-10T06:30:00Z"},
		{Rhythm{Every: "year", Day: 1, At: "00:00"}, "2011", "2012-01-01T00:00:00Z"},
	} {
		p := pace{Rhythm: c.rhythm, calendar: cal, zone: zone(t, "Europe/London")}
		if err := c.rhythm.check(); err != nil {
			t.Fatal(err)
		}
		named, err := cal.Parse(c.period)
		if err != nil {
			t.Fatal(err)
		}
		turn, err := p.turn(named)
		if err != nil || !turn.Due.Equal(momentOf(t, c.want)) || turn.Label != c.period || turn.End != named.End {
			t.Errorf("%s with %+v is due %s (%v), want %s", c.period, c.rhythm, turn.Due, err, c.want)
		}
	}
}

func TestFiscalYearIsDueAfterItsOwnEnd(t *testing.T) {
	cal, err := calendar.New(calendar.Settings{FiscalYearStarts: "04-01"})
	if err != nil {
		t.Fatal(err)
	}
	p := pace{Rhythm: Rhythm{Every: "fiscal year", Day: 15, At: "06:00"}, calendar: cal, zone: time.UTC}
	turn, err := p.first(momentOf(t, "2011-03-31T12:00:00Z"))
	if err != nil || turn.Label != "FY2011" || !turn.Due.Equal(momentOf(t, "2011-04-15T06:00:00Z")) {
		t.Errorf("got %+v (%v)", turn, err)
	}
}

// Turns follow one another, one for each period, and each is found again from
// the moment at which it is due.
func TestEveryPeriodHasOneTurn(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "Pacific/Apia", "Pacific/Kiritimati", "UTC"}
	cal := gregorian(t)
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom([]string{"day", "month", "quarter", "year", "fiscal period", "fiscal quarter", "fiscal year"}).Draw(t, "every")
		r := Rhythm{Every: every, Day: rapid.IntRange(1, everies[every]).Draw(t, "day"), At: rapid.SampledFrom([]string{"00:00", "02:30", "06:00", "23:59"}).Draw(t, "at")}
		r.Working = every != "day" && rapid.Bool().Draw(t, "working")
		if err := r.check(); err != nil {
			t.Fatal(err)
		}
		p := pace{Rhythm: r, calendar: cal, zone: zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))}
		now := time.Unix(rapid.Int64Range(1_300_000_000, 2_000_000_000).Draw(t, "now"), 0)
		turn, err := p.first(now)
		if err != nil || !turn.Due.After(now) {
			t.Fatalf("after %s comes %+v (%v)", now, turn, err)
		}
		for range 14 {
			again, err := p.of(turn.Due)
			if err != nil || again != turn {
				t.Fatalf("%+v is found again as %+v (%v)", turn, again, err)
			}
			next, err := p.next(turn)
			if err != nil || !next.Due.After(turn.Due) || next.End <= turn.End {
				t.Fatalf("after %+v comes %+v (%v)", turn, next, err)
			}
			turn = next
		}
	})
}

func TestRhythmThatCannotBeKeptIsRefused(t *testing.T) {
	good := Rhythm{Every: "month", Day: 3, Working: true, At: "06:00"}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Rhythm){
		`"week" is not how often`: func(r *Rhythm) { r.Every = "week" },
		"day 0 after":             func(r *Rhythm) { r.Day = 0 },
		"day 29 after":            func(r *Rhythm) { r.Day = 29 },
		`"6:00" is not a time`:    func(r *Rhythm) { r.At = "6:00" },
		`"24:00" is not a time`:   func(r *Rhythm) { r.At = "24:00" },
		`"06:00:00" is not`:       func(r *Rhythm) { r.At = "06:00:00" },
		`"caturday" is not a day`: func(r *Rhythm) { r.Weekend = []string{"caturday"} },
		"no day of the week":      func(r *Rhythm) { r.Weekend = weekdays },
		"400 days until":          func(r *Rhythm) { r.Overdue = 400 },
		`active: "some"`:          func(r *Rhythm) { r.Active = "some" },
	} {
		r := good
		change(&r)
		if err := r.check(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "→") {
			t.Errorf("want a refusal with %q and what to do, got %v", want, err)
		}
	}
}

func TestOnlyAddressesAndUsersAreTold(t *testing.T) {
	for _, to := range []string{"finance@example.com", "user 7", "o'brien+x@example.co.uk", "büro@example.de"} {
		if err := checkTold([]string{to}); err != nil {
			t.Errorf("%q: %v", to, err)
		}
	}
	for _, to := range []string{
		"", "finance", "user 0", "user -1", "user seven", "Finance <finance@example.com>", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com",
		"a@example.com\nBcc:b@example.com", "<a@example.com>", "a@example.com (comment)", "a b@example.com", "\"a b\"@example.com", "a@example.com\x00", strings.Repeat("a", 260) + "@example.com",
	} {
		if err := checkTold([]string{to}); err == nil {
			t.Errorf("%q was accepted", to)
		}
	}
}

func TestMarkTellsReadersApartAndNamesNone(t *testing.T) {
	a, b := mark("finance@example.com"), mark("board@example.com")
	if a == b || a != mark("Finance@Example.com") || strings.Contains(a, "finance") || mark("user 7") != "user 7" {
		t.Errorf("marks %q, %q, %q", a, b, mark("user 7"))
	}
}

// What refusals of the domain say, with an id, a product, a cell's value, a
// name and an address of a customer in them.
func TestBareTextQuotesNothingFromTheBooks(t *testing.T) {
	for text, want := range map[string]string{
		`customer_links: the links of "C-MARK" lead in a ring, so no id stands at last`:                                                                      "customer_links: the links of … lead in a ring, so no id stands at last",
		`17 customers have the same product in orders and in subscriptions (C-MARK has "Gold (MARK)" in both); it would count twice`:                         "17 customers have the same product in orders and in subscriptions; it would count twice",
		"3 of 10 rows of orders were refused, more than 1%; the commonest reasons:\n  2 times: amount is not a number, for example f.csv:3: amount \"MARK\"": "3 of 10 rows of orders were refused, more than 1%; the commonest reasons",
		"/home/MARK/books/orders.csv: changed while it was being read":                                                                                       "orders.csv: changed while it was being read",
		"read MARK@example.com: no such thing": "read … no such thing",
		"":                                     "",
		"Could not convert string 'MARK, MARK' to DOUBLE; the books' parts are the company's": "Could not convert string … to DOUBLE; the books' parts are the company's",
		"(MARK)":                            "",
		`say "MARK\"MARK" twice`:            "say … twice",
		"two lines\nMARK":                   "two lines",
		"a \u202eRTL\u202c and \x1b[31mred": "a RTL and [31mred",
	} {
		got := Bare(text)
		if got != want || strings.Contains(got, "MARK") {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestEveryKeyOfARhythmIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "schedule.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Rhythm]()) {
		if key := f.Tag.Get("json"); !strings.Contains(string(page), "| `"+key+"` |") {
			t.Errorf("docs/schedule.md does not say what %s is", key)
		}
	}
	for every := range everies {
		if !strings.Contains(string(page), "`"+every+"`") {
			t.Errorf("docs/schedule.md does not name %s", every)
		}
	}
}
