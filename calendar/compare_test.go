package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"pgregory.net/rapid"
)

func TestYearEarlier(t *testing.T) {
	for _, c := range []struct {
		settings calendar.Settings
		text     string
		want     string
	}{
		{april, "2011", "2010-01-01..2011-01-01"},
		{april, "2012-02", "2011-02-01..2011-03-01"}, // a leap February with a common one
		{april, "2013-02", "2012-02-01..2012-03-01"}, // and the reverse: whole months, not days
		{april, "2012-Q1", "2011-01-01..2011-04-01"},
		{april, "FY2011", "2009-04-01..2010-04-01"},
		{april, "FY2011-P03", "2009-06-01..2009-07-01"},
		{april, "FY2011-Q4", "2010-01-01..2010-04-01"},
		{april, "2011-W07", "2010-02-15..2010-02-22"}, // 2010-W07
		{retail, "FY2023", "2022-01-30..2023-01-29"},  // 53 weeks with 52
		{retail, "FY2024-P01", "2023-01-29..2023-02-26"},
		{retail, "FY2024-P12", "2023-12-31..2024-02-04"},

		// Ranges.
		{april, "2011-01-01..2012-01-01", "2010-01-01..2011-01-01"},
		{april, "2011-03-15..2011-04-15", "2010-03-15..2010-04-15"},
		{april, "2012-02-29..2012-03-07", "2011-02-28..2011-03-07"}, // seven days both
		{april, "2012-02-22..2012-02-29", "2011-02-22..2011-03-01"}, // up to the 28th both
		{april, "2012-02-28..2012-02-29", "2011-02-28..2011-03-01"}, // the 28th both
		{april, "2012-02-29..2012-03-01", "2011-02-28..2011-03-01"},
		{april, "2011-03-01..2012-02-29", "2010-03-01..2011-03-01"},
		{april, "2012-02-29..2013-02-28", "2011-02-28..2012-02-28"},
		// Longer than a year: the equal length before. 24 months, though 2008 has a day more than 2010.
		{april, "2010-01-01..2012-01-01", "2008-01-01..2010-01-01"},
		{april, "2010-01-01..2011-07-01", "2008-07-01..2010-01-01"},
		// 366 days, not whole months: 366 days before 2011-01-01.
		{april, "2011-01-01..2012-01-02", "2009-12-31..2011-01-01"},
	} {
		calendars := newCalendar(t, c.settings)
		got, err := calendars.YearEarlier(parse(t, calendars, c.text))
		if err != nil || got.String() != c.want {
			t.Errorf("%s is compared with %s (%v), want %s", c.text, got, err, c.want)
		}
	}
}

func TestYearEarlierRefusesAWeek53WithoutItsLike(t *testing.T) {
	c := newCalendar(t, april)
	_, err := c.YearEarlier(parse(t, c, "2020-W53"))
	if want := "2020-W53 has no period a year earlier: 2019 has weeks 01 to 52"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if q, err := c.YearEarlier(calendar.Named{}); err == nil {
		t.Errorf("a period without a name is compared with %s", q)
	}
}

func TestTrailingYear(t *testing.T) {
	for _, c := range []struct {
		settings calendar.Settings
		text     string
		p, q     string
	}{
		{april, "2011-09", "2010-10-01..2011-10-01", "2009-10-01..2010-10-01"},
		{april, "2012-02", "2011-03-01..2012-03-01", "2010-03-01..2011-03-01"},
		{april, "2011-12", "2011-01-01..2012-01-01", "2010-01-01..2011-01-01"},
		{april, "2011-Q3", "2010-10-01..2011-10-01", "2009-10-01..2010-10-01"},
		{april, "FY2011-P03", "2009-07-01..2010-07-01", "2008-07-01..2009-07-01"},
		{april, "FY2011-Q4", "2010-04-01..2011-04-01", "2009-04-01..2010-04-01"},
		{retail, "FY2023-P12", "2023-01-29..2024-02-04", "2022-01-30..2023-01-29"},
		{retail, "FY2024-P01", "2023-02-26..2024-03-03", "2022-02-27..2023-02-26"}, // with the 53rd week
	} {
		calendars := newCalendar(t, c.settings)
		p, q, ok, err := calendars.TrailingYear(parse(t, calendars, c.text))
		if err != nil || !ok || p.String() != c.p || q.String() != c.q {
			t.Errorf("%s ends %s and %s (%v, %v), want %s and %s", c.text, p, q, ok, err, c.p, c.q)
		}
	}
	c := newCalendar(t, april)
	for _, text := range []string{"2011", "FY2011", "2011-W07", "2011-01-01..2011-02-01"} {
		if p, q, ok, err := c.TrailingYear(parse(t, c, text)); ok || err != nil || p != q {
			t.Errorf("%s has a trailing year %s (%v)", text, p, err)
		}
	}
}

func TestYearEarlierNeverOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCalendar(t, settings().Draw(t, "settings"))
		start := days().Draw(t, "start")
		n := parse(t, c, calendar.Period{Start: start, End: start + calendar.Day(rapid.IntRange(1, 3000).Draw(t, "length"))}.String())
		if kind := rapid.SampledFrom(append(allKinds, calendar.Ranges)).Draw(t, "kind"); kind != calendar.Ranges {
			var err error
			if n, err = c.At(kind, start); err != nil {
				t.Fatal(err)
			}
		}
		q, err := c.YearEarlier(n)
		if err != nil && !strings.HasSuffix(n.Text, "-W53") {
			t.Fatal(err)
		}
		if err == nil && (q.Overlaps(n.Period) || q.Days() <= 0 || q.End > n.Start) {
			t.Fatalf("%s %s is compared with %s", n, n.Period, q)
		}
		// A day for the clamp, a week for the 53rd, and the leap days of 24 months or more.
		if err == nil && (q.Days()-n.Days() > 8 || n.Days()-q.Days() > 8) {
			t.Fatalf("%s has %d days and is compared with %d", n, n.Days(), q.Days())
		}
	})
}

func TestTrailingYearsMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCalendar(t, settings().Draw(t, "settings"))
		kind := rapid.SampledFrom([]calendar.Kind{calendar.Months, calendar.Quarters, calendar.FiscalPeriods, calendar.FiscalQuarters}).Draw(t, "kind")
		n, err := c.At(kind, days().Draw(t, "day"))
		if err != nil {
			t.Fatal(err)
		}
		p, q, ok, err := c.TrailingYear(n)
		if err != nil || !ok || p.End != n.End || q.End != p.Start || !p.Contains(n.Start) {
			t.Fatalf("%s %s ends %s and %s (%v, %v)", n, n.Period, p, q, ok, err)
		}
		parts, err := c.Split(kind, p)
		if want := map[calendar.Kind]int{calendar.Months: 12, calendar.Quarters: 4, calendar.FiscalPeriods: 12, calendar.FiscalQuarters: 4}[kind]; err != nil || len(parts) != want || parts[0].Start != p.Start {
			t.Fatalf("%s holds %v (%v)", p, parts, err)
		}
	})
}

func TestSplitCoversTheSpan(t *testing.T) {
	c := newCalendar(t, april)
	for _, want := range []struct {
		kind       calendar.Kind
		start, end string
		names      string
	}{
		{calendar.Months, "2011-11-15", "2012-02-01", "2011-11 2011-12 2012-01"},
		{calendar.Quarters, "2011-01-01", "2011-07-02", "2011-Q1 2011-Q2 2011-Q3"},
		{calendar.Years, "2010-12-31", "2011-01-02", "2010 2011"},
		{calendar.Weeks, "2010-01-01", "2010-01-12", "2009-W53 2010-W01 2010-W02"},
		{calendar.FiscalYears, "2010-03-31", "2010-04-02", "FY2010 FY2011"},
		{calendar.FiscalQuarters, "2010-12-31", "2011-01-02", "FY2011-Q3 FY2011-Q4"},
		{calendar.FiscalPeriods, "2011-03-01", "2011-05-01", "FY2011-P12 FY2012-P01"},
		{calendar.Months, "2011-11-15", "2011-11-15", ""},
	} {
		parts, err := c.Split(want.kind, period(t, want.start, want.end))
		var names []string
		for _, part := range parts {
			names = append(names, part.Text)
		}
		if got := strings.Join(names, " "); err != nil || got != want.names {
			t.Errorf("%s of %s..%s: %s (%v), want %s", want.kind, want.start, want.end, got, err, want.names)
		}
	}
	span := period(t, "2011-01-01", "2011-02-01")
	for _, kind := range []calendar.Kind{calendar.Ranges, "fortnight"} {
		if parts, err := c.Split(kind, span); err == nil {
			t.Errorf("%s was divided into %v", kind, parts)
		}
	}
	if n, err := c.At(calendar.Years, calendar.DayOf(999, time.December, 31)); err == nil {
		t.Errorf("the year 999 has the name %s", n)
	}
}
