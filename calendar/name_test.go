package calendar_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"pgregory.net/rapid"
)

func newCalendar(t interface {
	Helper()
	Fatal(...any)
}, s calendar.Settings) *calendar.Calendar {
	t.Helper()
	c, err := calendar.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parse(t interface {
	Helper()
	Fatal(...any)
}, c *calendar.Calendar, text string) calendar.Named {
	t.Helper()
	n, err := c.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The settings of the tests below: a British company, an American retailer, and others.
var (
	april    = calendar.Settings{FiscalYearStarts: "04-01", WeekStarts: time.Monday}
	january  = calendar.Settings{WeekStarts: time.Monday}
	taxYear  = calendar.Settings{FiscalYearStarts: "04-06", FiscalYearNamed: "start"}
	retail   = calendar.Settings{FiscalYearStarts: "02-01", Calendar: "4-5-4", FiscalYearNamed: "start"}
	weekly   = calendar.Settings{Calendar: "4-4-5", WeekStarts: time.Monday}
	fiveFour = calendar.Settings{FiscalYearStarts: "07-01", Calendar: "5-4-4", WeekStarts: time.Saturday}
)

func TestParseNamesPeriods(t *testing.T) {
	for _, c := range []struct {
		settings         calendar.Settings
		text             string
		kind             calendar.Kind
		start, endBefore string
	}{
		{april, "2011", calendar.Years, "2011-01-01", "2012-01-01"},
		{april, "2012-Q1", calendar.Quarters, "2012-01-01", "2012-04-01"},
		{april, "2011-Q3", calendar.Quarters, "2011-07-01", "2011-10-01"},
		{april, "2011-Q4", calendar.Quarters, "2011-10-01", "2012-01-01"},
		{april, "2012-02", calendar.Months, "2012-02-01", "2012-03-01"},
		{april, "2011-12", calendar.Months, "2011-12-01", "2012-01-01"},
		{april, "2011-01-01..2012-01-01", calendar.Ranges, "2011-01-01", "2012-01-01"},
		{april, "2012-02-29..2012-03-01", calendar.Ranges, "2012-02-29", "2012-03-01"},

		// Fiscal years from April, named after their end.
		{april, "FY2011", calendar.FiscalYears, "2010-04-01", "2011-04-01"},
		{april, "FY2011-Q1", calendar.FiscalQuarters, "2010-04-01", "2010-07-01"},
		{april, "FY2011-Q4", calendar.FiscalQuarters, "2011-01-01", "2011-04-01"},
		{april, "FY2011-P01", calendar.FiscalPeriods, "2010-04-01", "2010-05-01"},
		{april, "FY2011-P03", calendar.FiscalPeriods, "2010-06-01", "2010-07-01"},
		{april, "FY2012-P11", calendar.FiscalPeriods, "2012-02-01", "2012-03-01"},
		{january, "FY2011", calendar.FiscalYears, "2011-01-01", "2012-01-01"},
		{january, "FY2011-P12", calendar.FiscalPeriods, "2011-12-01", "2012-01-01"},
		// The British tax year starts on 6 April; named here after its start.
		{taxYear, "FY2011", calendar.FiscalYears, "2011-04-06", "2012-04-06"},
		{taxYear, "FY2011-P10", calendar.FiscalPeriods, "2012-01-06", "2012-02-06"},

		// ISO 8601: week 1 has 4 January; 2009 and 2020 have 53 weeks.
		{april, "2009-W53", calendar.Weeks, "2009-12-28", "2010-01-04"},
		{april, "2010-W01", calendar.Weeks, "2010-01-04", "2010-01-11"},
		{april, "2011-W07", calendar.Weeks, "2011-02-14", "2011-02-21"},
		{april, "2015-W01", calendar.Weeks, "2014-12-29", "2015-01-05"},
		{april, "2020-W53", calendar.Weeks, "2020-12-28", "2021-01-04"},
		// Weeks from Sunday are those of the American CDC's MMWR calendar, where
		// week 53 of 2014 ends on 3 January 2015.
		{retail, "2014-W53", calendar.Weeks, "2014-12-28", "2015-01-04"},
		{retail, "2015-W01", calendar.Weeks, "2015-01-04", "2015-01-11"},

		// 1 January 2015 is a Thursday, its nearest Monday 29 December 2014; 1 January
		// 2016 is a Friday, its nearest Monday the 4th. The year has 53 weeks.
		{weekly, "FY2015", calendar.FiscalYears, "2014-12-29", "2016-01-04"},
		{weekly, "FY2015-P01", calendar.FiscalPeriods, "2014-12-29", "2015-01-26"},
		{weekly, "FY2015-P03", calendar.FiscalPeriods, "2015-02-23", "2015-03-30"},
		{weekly, "FY2015-Q1", calendar.FiscalQuarters, "2014-12-29", "2015-03-30"},
		{weekly, "FY2015-P12", calendar.FiscalPeriods, "2015-11-23", "2016-01-04"}, // six weeks
		// 1 July 2010 is a Thursday, its nearest Saturday 3 July; 1 July 2011 a Friday: 2 July.
		{fiveFour, "FY2011", calendar.FiscalYears, "2010-07-03", "2011-07-02"},
		{fiveFour, "FY2011-P01", calendar.FiscalPeriods, "2010-07-03", "2010-08-07"},
		{fiveFour, "FY2011-P02", calendar.FiscalPeriods, "2010-08-07", "2010-09-04"},
	} {
		n := parse(t, newCalendar(t, c.settings), c.text)
		if want := period(t, c.start, c.endBefore); n.Period != want || n.Kind != c.kind || n.String() != c.text {
			t.Errorf("%s is %s, %s; want %s, %s", c.text, n.Kind, n.Period, c.kind, want)
		}
	}
}

// The National Retail Federation's 4-5-4 calendar: the year starts on the
// Sunday after the Saturday nearest to 31 January, which is the Sunday nearest
// to 1 February, and is named after that year. Its 53-week years of this
// century include 2006, 2012, 2017 and 2023. In 2023, 1 February is a
// Wednesday, so that 29 January is three days away and 5 February four; in
// 2024 it is a Thursday and 4 February is nearer.
func TestWeekYearsMatchTheNationalRetailFederation(t *testing.T) {
	c := newCalendar(t, retail)
	for _, want := range []struct {
		name, start, end string
		weeks            int
	}{
		{"FY2006", "2006-01-29", "2007-02-04", 53},
		{"FY2012", "2012-01-29", "2013-02-03", 53},
		{"FY2017", "2017-01-29", "2018-02-04", 53},
		{"FY2022", "2022-01-30", "2023-01-29", 52},
		{"FY2023", "2023-01-29", "2024-02-04", 53},
		{"FY2024", "2024-02-04", "2025-02-02", 52},
		{"FY2023-P01", "2023-01-29", "2023-02-26", 4}, // "February"
		{"FY2023-P02", "2023-02-26", "2023-04-02", 5},
		{"FY2023-P03", "2023-04-02", "2023-04-30", 4},
		{"FY2023-Q3", "2023-07-30", "2023-10-29", 13},
		{"FY2023-P12", "2023-12-31", "2024-02-04", 5}, // "January", with the 53rd week
		{"FY2022-P12", "2023-01-01", "2023-01-29", 4},
	} {
		if got := parse(t, c, want.name); got.Period != period(t, want.start, want.end) || got.Days() != 7*want.weeks {
			t.Errorf("%s is %s, %d days; want %s..%s, %d weeks", want.name, got.Period, got.Days(), want.start, want.end, want.weeks)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	c := newCalendar(t, april)
	for text, want := range map[string]string{
		"2011-13":    `"2011-13" is not a period: a year has months 01 to 12`,
		"2011-00":    `"2011-00" is not a period: a year has months 01 to 12`,
		"2011-Q5":    `"2011-Q5" is not a period: a year has quarters 1 to 4`,
		"2011-Q0":    `"2011-Q0" is not a period: a year has quarters 1 to 4`,
		"2011-W53":   `"2011-W53" is not a period: 2011 has weeks 01 to 52`,
		"2011-W00":   `"2011-W00" is not a period: 2011 has weeks 01 to 52`,
		"FY2011-P13": `"FY2011-P13" is not a period: FY2011 has periods P01 to P12`,
		"FY2011-P00": `"FY2011-P00" is not a period: FY2011 has periods P01 to P12`,
		"FY2011-Q5":  `"FY2011-Q5" is not a period: a fiscal year has quarters 1 to 4`,
		"0999":       `"0999" is not a period: years are 1000 to 9998`,
		"FY9999":     `"FY9999" is not a period: years are 1000 to 9998`,

		"2011-01-01..2011-02-30": `"2011-01-01..2011-02-30" is not a period: "2011-02-30" is not a date (YYYY-MM-DD)`,
		"2011..2012":             `"2011..2012" is not a period: "2011" is not a date (YYYY-MM-DD)`,
		"2011-01-01..2011-01-01": `"2011-01-01..2011-01-01" is not a period: its end, which is excluded, is not after its start`,
		"2012-01-01..2011-01-01": `"2012-01-01..2011-01-01" is not a period: its end, which is excluded, is not after its start`,
	} {
		if n, err := c.Parse(text); err == nil {
			t.Errorf("%q was read as %s", text, n.Period)
		} else if err.Error() != want {
			t.Errorf("error %q\n want %q", err, want)
		}
	}
	for _, text := range []string{
		"", "11", "20111", "2011-1", "2011-Q03", "2011-W7", "2011-P03", "FY2011-03", "FY2011-W07", "FY2011-P3", "fy2011",
		"FY 2011", "2011-q3", "2011Q3", "2011-09-01", " 2011", "2011\n", "-2011", strings.Repeat("2", 1<<20),
	} {
		n, err := c.Parse(text)
		if err == nil {
			t.Errorf("%q was read as %s", text, n.Period)
		} else if !strings.Contains(err.Error(), "write 2011, 2011-Q3, 2011-09,") || len(err.Error()) > 250 {
			t.Errorf("%.50q: the error does not state the forms briefly: %.300s", text, err)
		}
	}
}

func TestSettingsSayWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		settings calendar.Settings
		want     string
	}{
		{calendar.Settings{FiscalYearStarts: "04-31"}, `fiscal_year_starts: "04-31" is not a month and day (MM-DD)`},
		{calendar.Settings{FiscalYearStarts: "4-1"}, `fiscal_year_starts: "4-1" is not a month and day (MM-DD)`},
		{calendar.Settings{FiscalYearStarts: "02-29"}, `fiscal_year_starts: "02-29": not every month has a day 29; take one up to 28`},
		{calendar.Settings{Calendar: "4-4-6"}, `calendar: "4-4-6" is not gregorian, 4-4-5, 4-5-4, 5-4-4 or file`},
		{calendar.Settings{Calendar: "file"}, `calendar: file: the calendar file has no periods`},
		{calendar.Settings{File: []calendar.Row{{}}}, `calendar: "gregorian" takes no file of periods`},
		{calendar.Settings{FiscalYearNamed: "middle"}, `fiscal_year_named: "middle" is not start or end`},
		{calendar.Settings{WeekStarts: 7}, `week_starts: 7 is not a day of the week`},
	} {
		if _, err := calendar.New(c.settings); err == nil || err.Error() != c.want {
			t.Errorf("%+v: error %v, want %s", c.settings, err, c.want)
		}
	}
}

func TestNamedJSON(t *testing.T) {
	n := parse(t, newCalendar(t, april), "FY2011-P03")
	want := `{"text":"FY2011-P03","kind":"fiscal period","start":"2010-06-01","end":"2010-07-01"}`
	if got, err := json.Marshal(n); err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

// settings draws every calendar but files.
func settings() *rapid.Generator[calendar.Settings] {
	return rapid.Custom(func(t *rapid.T) calendar.Settings {
		start := calendar.DayOf(2001, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"))
		return calendar.Settings{
			FiscalYearStarts: start.String()[5:],
			Calendar:         rapid.SampledFrom([]string{"", "gregorian", "4-4-5", "4-5-4", "5-4-4"}).Draw(t, "calendar"),
			WeekStarts:       time.Weekday(rapid.IntRange(0, 6).Draw(t, "week starts")),
			FiscalYearNamed:  rapid.SampledFrom([]string{"", "start", "end"}).Draw(t, "named"),
		}
	})
}

var allKinds = []calendar.Kind{
	calendar.Years, calendar.Quarters, calendar.Months, calendar.Weeks,
	calendar.FiscalYears, calendar.FiscalQuarters, calendar.FiscalPeriods,
}

func days() *rapid.Generator[calendar.Day] {
	first, last := calendar.DayOf(1900, 1, 1), calendar.DayOf(2200, 1, 1)
	return rapid.Custom(func(t *rapid.T) calendar.Day {
		return calendar.Day(rapid.Int32Range(int32(first), int32(last)).Draw(t, "day"))
	})
}

func TestNamesReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := settings().Draw(t, "settings")
		c, d, kind := newCalendar(t, s), days().Draw(t, "day"), rapid.SampledFrom(allKinds).Draw(t, "kind")
		n, err := c.At(kind, d)
		if err != nil {
			t.Fatal(err)
		}
		if again := parse(t, c, n.String()); again != n || n.Kind != kind || !n.Contains(d) {
			t.Fatalf("%s at %s is %s %s, read back as %s %s", kind, d, n, n.Period, again, again.Period)
		}
		text := n.Period.String()
		if again := parse(t, c, text); again.Period != n.Period || again.Kind != calendar.Ranges {
			t.Fatalf("%s is read back as %s", text, again.Period)
		}
	})
}

func TestFiscalPeriodsTileTheYear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCalendar(t, settings().Draw(t, "settings"))
		year, err := c.At(calendar.FiscalYears, days().Draw(t, "day"))
		if err != nil {
			t.Fatal(err)
		}
		next, err := c.At(calendar.FiscalYears, year.End)
		if err != nil || next.Start != year.End || next.Text <= year.Text {
			t.Fatalf("%s %s is followed by %s %s (%v)", year, year.Period, next, next.Period, err)
		}
		for kind, count := range map[calendar.Kind]int{calendar.FiscalPeriods: 12, calendar.FiscalQuarters: 4} {
			parts, err := c.Split(kind, year.Period)
			if err != nil || len(parts) != count || parts[0].Start != year.Start || parts[count-1].End != year.End {
				t.Fatalf("%s %s is divided into %v (%v)", year, year.Period, parts, err)
			}
			for i, part := range parts {
				if i > 0 && part.Start != parts[i-1].End || part.Days() <= 0 || !strings.HasPrefix(part.Text, year.Text) {
					t.Fatalf("%s %s does not follow %s", part, part.Period, parts[i-1])
				}
			}
		}
	})
}

func TestMondayWeeksAreThoseOfISO8601(t *testing.T) {
	c := newCalendar(t, january)
	rapid.Check(t, func(t *rapid.T) {
		d := days().Draw(t, "day")
		n, err := c.At(calendar.Weeks, d)
		if err != nil {
			t.Fatal(err)
		}
		year, month, date := d.Date()
		isoYear, isoWeek := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).ISOWeek()
		if want := fmt.Sprintf("%d-W%02d", isoYear, isoWeek); n.Text != want {
			t.Fatalf("%s lies in %s, want %s", d, n, want)
		}
		if n.Days() != 7 || n.Start.Weekday() != time.Monday {
			t.Fatalf("%s is %s", n, n.Period)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"2011", "2011-Q3", "2011-09", "2011-W07", "FY2011", "FY2011-Q3", "FY2011-P03", "2011-01-01..2012-01-01",
		"2012-02-28..2012-02-29", "0001-01-01..9999-12-31", "FY1000-P01", "9998-W52", "2020-W53", "FY2011-P13",
	} {
		f.Add(text)
	}
	var calendars []*calendar.Calendar
	for _, s := range []calendar.Settings{april, taxYear, retail, weekly, fiveFour} {
		calendars = append(calendars, newCalendar(f, s))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range calendars {
			n, err := c.Parse(text)
			if err != nil {
				continue
			}
			if n.Text != text || n.Days() <= 0 {
				t.Fatalf("%q was read as %s, %s", text, n, n.Period)
			}
			if _, err := json.Marshal(n); err != nil {
				t.Fatalf("%q cannot be written: %v", text, err)
			}
			if n.Kind != calendar.Ranges {
				if again, err := c.At(n.Kind, n.Start); err != nil || again != n {
					t.Fatalf("%s starts in %s (%v)", n, again, err)
				}
			}
			if q, err := c.YearEarlier(n); err == nil && (q.Overlaps(n.Period) || q.Days() <= 0 || q.Start >= n.Start) {
				t.Fatalf("%s %s is compared with %s", n, n.Period, q)
			}
			if p, q, ok, err := c.TrailingYear(n); ok && (err != nil || p.End != n.End || q.End != p.Start) {
				t.Fatalf("%s %s ends the years %s and %s (%v)", n, n.Period, p, q, err)
			}
		}
	})
}
