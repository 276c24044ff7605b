package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"pgregory.net/rapid"
)

func day(t interface {
	Helper()
	Fatal(...any)
}, text string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func period(t interface {
	Helper()
	Fatal(...any)
}, start, end string) calendar.Period {
	t.Helper()
	return calendar.Period{Start: day(t, start), End: day(t, end)}
}

func TestDaysAreCountedFrom1970(t *testing.T) {
	for text, want := range map[string]calendar.Day{
		"1970-01-01": 0, "1969-12-31": -1, "1971-01-01": 365,
		"2000-01-01": 10957,   // 30 years and the 7 leap days of 1972 … 1996
		"2000-03-01": 11017,   // 31 + 29 days later: 2000 is a leap year
		"1900-03-01": -25508,  // 70 years and the 17 leap days of 1904 … 1968, less the 59 days of January and February
		"0001-01-01": -719162, // 1969 years: 1969·365 + 492 − 19 + 4
		"9999-12-31": 2932896, // 8030·365 + 2007 − 80 + 20 days before 10000-01-01, and one back
	} {
		if got := day(t, text); got != want || got.String() != text {
			t.Errorf("%s is day %d and prints as %s, want %d", text, got, got, want)
		}
	}
}

func TestParseDayIsStrict(t *testing.T) {
	for _, text := range []string{
		"", "2011", "2011-1-01", "2011-01-1", "2011-02-29", "2100-02-29", "2011-13-01", "2011-00-01", "2011-01-00",
		"2011-04-31", "2011/01/01", "2011-01-01 ", " 2011-01-01", "2011-01-01T00:00:00Z", "11-01-01", "20110101",
		"02011-01-01", "10000-01-01", "-001-01-01", "0000-01-01", "２０１１-01-01",
	} {
		if d, err := calendar.ParseDay(text); err == nil {
			t.Errorf("%q was read as %s", text, d)
		}
	}
	_, err := calendar.ParseDay("2011-02-30")
	if want := `"2011-02-30" is not a date (YYYY-MM-DD)`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestAddMonthsStaysInsideTheMonth(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2011-01-31", 1, "2011-02-28"}, {"2012-01-31", 1, "2012-02-29"}, {"2012-02-29", -12, "2011-02-28"},
		{"2012-02-29", 12, "2013-02-28"}, {"2012-02-29", 48, "2016-02-29"}, {"2011-03-31", -1, "2011-02-28"},
		{"2011-05-31", 1, "2011-06-30"}, {"2011-12-15", 1, "2012-01-15"}, {"2011-01-15", -1, "2010-12-15"},
		{"2011-01-15", 0, "2011-01-15"}, {"2011-01-31", 1201, "2111-02-28"}, {"1970-01-01", -1, "1969-12-01"},
	} {
		if got := day(t, c.from).AddMonths(c.n); got.String() != c.want {
			t.Errorf("%s and %d months is %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestWeekday(t *testing.T) {
	for text, want := range map[string]time.Weekday{
		"1970-01-01": time.Thursday, "1969-12-31": time.Wednesday, "2000-02-29": time.Tuesday, "2011-01-01": time.Saturday,
	} {
		if got := day(t, text).Weekday(); got != want {
			t.Errorf("%s is a %s, want %s", text, got, want)
		}
	}
}

func TestDayAgreesWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := calendar.Day(rapid.Int32Range(-719162, 2932896).Draw(t, "day"))
		want := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(d))
		if d.String() != want.Format(time.DateOnly) || d.Weekday() != want.Weekday() || calendar.DayOf(d.Date()) != d {
			t.Fatalf("%d is %s (%s), want %s", int(d), d, d.Weekday(), want)
		}
		if day(t, d.String()) != d {
			t.Fatalf("%s does not read back", d)
		}
		m := calendar.MonthOf(d)
		if read, err := calendar.ParseMonth(m.String()); err != nil || read != m || m.First() > d || d >= m.Next().First() {
			t.Fatalf("%s lies in %s from %s, read back as %s (%v)", d, m, m.First(), read, err)
		}
	})
}

func TestMonth(t *testing.T) {
	m, err := calendar.ParseMonth("2011-12")
	if err != nil || m.String() != "2011-12" || m.First() != day(t, "2011-12-01") || m.Next().String() != "2012-01" {
		t.Errorf("2011-12 is %s from %s, %v", m, m.First(), err)
	}
	for _, text := range []string{"", "2011", "2011-1", "2011-13", "2011-00", "0000-01", "2011-01-01", "11-01"} {
		if m, err := calendar.ParseMonth(text); err == nil {
			t.Errorf("%q was read as %s", text, m)
		}
	}
}

func TestJSON(t *testing.T) {
	type facts struct {
		Period calendar.Period `json:"period"`
		Month  calendar.Month  `json:"month"`
	}
	want := `{"period":{"start":"2011-01-01","end":"2012-01-01"},"month":"2010-06"}`
	var f facts
	if err := json.Unmarshal([]byte(want), &f); err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(f); err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, bad := range []string{`{"month":"2010-6"}`, `{"period":{"start":"2011-02-29"}}`, `{"period":{"start":40000}}`} {
		if err := json.Unmarshal([]byte(bad), &f); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	if got, err := json.Marshal(day(t, "9999-12-31") + 1); err == nil {
		t.Errorf("the year 10000 was written as %s", got)
	}
	if got, err := json.Marshal(calendar.Month(0)); err == nil {
		t.Errorf("the year 0 was written as %s", got)
	}
}

func TestPeriod(t *testing.T) {
	year := period(t, "2012-01-01", "2013-01-01")
	if year.Days() != 366 || year.String() != "2012-01-01..2013-01-01" {
		t.Errorf("%s has %d days", year, year.Days())
	}
	for text, want := range map[string]bool{"2011-12-31": false, "2012-01-01": true, "2012-12-31": true, "2013-01-01": false} {
		if year.Contains(day(t, text)) != want {
			t.Errorf("%s contains %s: want %v", year, text, want)
		}
	}
	for _, c := range []struct {
		start, end string
		want       bool
	}{
		{"2011-01-01", "2012-01-01", false}, {"2011-01-01", "2012-01-02", true}, {"2013-01-01", "2014-01-01", false},
		{"2012-06-01", "2012-06-02", true}, {"2011-01-01", "2014-01-01", true}, {"2012-06-01", "2012-06-01", false},
	} {
		other := period(t, c.start, c.end)
		if year.Overlaps(other) != c.want || other.Overlaps(year) != c.want {
			t.Errorf("%s overlaps %s: want %v", year, other, c.want)
		}
	}
}

func TestDayInIsTheLocalDate(t *testing.T) {
	for _, c := range []struct{ instant, zone, want string }{
		{"2011-06-30T22:59:59Z", "Europe/London", "2011-06-30"}, // summer time: local midnight is 23:00 UTC
		{"2011-06-30T23:00:00Z", "Europe/London", "2011-07-01"},
		{"2011-12-31T23:30:00Z", "Europe/London", "2011-12-31"},
		{"2011-12-31T23:30:00Z", "UTC", "2011-12-31"},
		{"2012-01-01T04:59:59Z", "America/New_York", "2011-12-31"},
		{"2011-12-31T15:00:00Z", "Asia/Tokyo", "2012-01-01"},
		{"2011-12-31T23:30:00+09:00", "UTC", "2011-12-31"},
		{"2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"}, // Samoa left out 30 December 2011
	} {
		loc, err := calendar.LoadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		instant, err := time.Parse(time.RFC3339, c.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.DayIn(instant, loc); got.String() != c.want {
			t.Errorf("%s in %s is %s, want %s", c.instant, c.zone, got, c.want)
		}
	}
}

func TestLoadZoneRefusesWhatDependsOnTheMachine(t *testing.T) {
	for _, name := range []string{"", "Local", "Europe/Londn", "../zone", "GMT+25"} {
		if loc, err := calendar.LoadZone(name); err == nil {
			t.Errorf("%q was read as %s", name, loc)
		}
	}
}
