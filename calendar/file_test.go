package calendar_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/throughline/throughline/calendar"
)

// fourWeeks writes a file of whole years with periods of four weeks, thirteen
// or twelve a year, from the given day.
func fourWeeks(start calendar.Day, count int, years ...int) string {
	var file strings.Builder
	file.WriteString("period,start,end\n")
	for _, year := range years {
		for number := 1; number <= count; number++ {
			fmt.Fprintf(&file, "FY%04d-P%02d,%s,%s\n", year, number, start, start+28)
			start += 28
		}
	}
	return file.String()
}

func fileCalendar(t *testing.T, file string) *calendar.Calendar {
	t.Helper()
	rows, err := calendar.ReadFile(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return newCalendar(t, calendar.Settings{Calendar: "file", File: rows})
}

func TestFileOfThirteenPeriods(t *testing.T) {
	// 2010-01-03 and each 364 days later: 2011-01-02, 2012-01-01, 2012-12-30.
	c := fileCalendar(t, fourWeeks(day(t, "2010-01-03"), 13, 2010, 2011, 2012))
	for text, want := range map[string]string{
		"FY2010":     "2010-01-03..2011-01-02",
		"FY2011":     "2011-01-02..2012-01-01",
		"FY2012-P13": "2012-12-02..2012-12-30",
		"FY2011-P02": "2011-01-30..2011-02-27",
		"2011-02":    "2011-02-01..2011-03-01", // calendar names mean the same everywhere
	} {
		if got := parse(t, c, text).Period.String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	if got, err := c.YearEarlier(parse(t, c, "FY2011-P13")); err != nil || got.String() != "2010-12-05..2011-01-02" {
		t.Errorf("FY2011-P13 is compared with %s, %v", got, err)
	}
	p, q, ok, err := c.TrailingYear(parse(t, c, "FY2012-P01"))
	if err != nil || !ok || p.String() != "2011-01-30..2012-01-29" || q.String() != "2010-01-31..2011-01-30" {
		t.Errorf("FY2012-P01 ends %s and %s (%v, %v)", p, q, ok, err)
	}
	// The end of FY2009-P13 is known: FY2010 starts there. That of FY2009-P12 is not.
	p, q, ok, err = c.TrailingYear(parse(t, c, "FY2011-P13"))
	if err != nil || !ok || p.String() != "2011-01-02..2012-01-01" || q.String() != "2010-01-03..2011-01-02" {
		t.Errorf("FY2011-P13 ends %s and %s (%v, %v)", p, q, ok, err)
	}
	if _, _, ok, err := c.TrailingYear(parse(t, c, "FY2011-P12")); ok || err == nil ||
		err.Error() != "FY2011-P12 has no two years that end with it: the calendar file has the fiscal years FY2010 to FY2012, not FY2009" {
		t.Errorf("%v, %v", ok, err)
	}
	for text, want := range map[string]string{
		"FY2011-Q1":  `"FY2011-Q1" is not a period: FY2011 has 13 periods, which make no quarters`,
		"FY2013":     `"FY2013" is not a period: the calendar file has the fiscal years FY2010 to FY2012, not FY2013`,
		"FY2011-P14": `"FY2011-P14" is not a period: FY2011 has periods P01 to P13`,
	} {
		if _, err := c.Parse(text); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if q, err := c.YearEarlier(parse(t, c, "FY2010")); err == nil {
		t.Errorf("the first year is compared with %s", q)
	}
	for _, d := range []string{"2010-01-02", "2012-12-30"} {
		if n, err := c.At(calendar.FiscalPeriods, day(t, d)); err == nil {
			t.Errorf("%s lies in %s", d, n)
		}
	}
	for _, d := range []string{"2010-01-03", "2011-01-01", "2011-01-02", "2012-12-29"} {
		if n, err := c.At(calendar.FiscalPeriods, day(t, d)); err != nil || !n.Contains(day(t, d)) || parse(t, c, n.Text) != n {
			t.Errorf("%s lies in %s %s, %v", d, n, n.Period, err)
		}
	}
	if parts, err := c.Split(calendar.FiscalQuarters, period(t, "2010-01-03", "2011-01-02")); err == nil {
		t.Errorf("thirteen periods made the quarters %v", parts)
	}
}

func TestFileOfTwelvePeriodsHasQuarters(t *testing.T) {
	c := fileCalendar(t, "\ufeff"+strings.ReplaceAll(fourWeeks(day(t, "2010-01-03"), 12, 2010, 2011), "\n", "\r\n"))
	for text, want := range map[string]string{
		"FY2010-Q1": "2010-01-03..2010-03-28", "FY2010-Q4": "2010-09-12..2010-12-05", "FY2011": "2010-12-05..2011-11-06",
	} {
		if got := parse(t, c, text).Period.String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	// FY2009-Q4 and FY2009-P12 end where FY2010 starts.
	if p, q, ok, err := c.TrailingYear(parse(t, c, "FY2011-Q4")); err != nil || !ok || p != parse(t, c, "FY2011").Period || q != parse(t, c, "FY2010").Period {
		t.Errorf("FY2011-Q4 ends %s and %s (%v, %v)", p, q, ok, err)
	}
}

func TestFileAYearLongerThanTheOneBefore(t *testing.T) {
	twelve := fourWeeks(day(t, "2010-01-03"), 12, 2010)
	thirteen := strings.TrimPrefix(fourWeeks(day(t, "2010-12-05"), 13, 2011), "period,start,end\n")
	c := fileCalendar(t, twelve+thirteen)
	last := parse(t, c, "FY2011-P13")
	_, err := c.YearEarlier(last)
	if want := "FY2011-P13 has no period a year earlier: FY2010 has periods P01 to P12"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, _, ok, err := c.TrailingYear(last); ok || err == nil {
		t.Errorf("%s has a trailing year", last)
	}
}

func TestReadFileNamesTheLine(t *testing.T) {
	good := fourWeeks(day(t, "2010-01-03"), 13, 2010, 2011)
	for _, c := range []struct{ old, new, want string }{
		{good, "", `the calendar file is empty: its header is period,start,end`},
		{good, "period,start,end\n", `the calendar file has no periods`},
		{"period,start,end", "name,from,to", `line 1: the header is "name,from,to", want period,start,end`},
		{"period,start,end", "period,start", `line 1: the header is "period,start", want period,start,end`},
		{"FY2010-P02,2010-01-31,2010-02-28", "FY2010-P02,2010-01-31", `line 3: wrong number of fields`},
		{"FY2010-P02,", `FY2010-P02",`, `line 3: bare " in non-quoted-field`},
		{"FY2010-P02,2010-01-31", "FY2010-P02,2010-01-32", `line 3: start "2010-01-32" is not a date (YYYY-MM-DD)`},
		{"2010-01-31,2010-02-28", "2010-01-31,28/02/2010", `line 3: end "28/02/2010" is not a date (YYYY-MM-DD)`},
		{"FY2010-P02,2010-01-31", "FY2010-P02,2010-02-01", `line 3: FY2010-P02 starts 2010-02-01 and leaves a gap after FY2010-P01, which ends 2010-01-31`},
		{"FY2010-P02,2010-01-31", "FY2010-P02,2010-01-30", `line 3: FY2010-P02 starts 2010-01-30 and overlaps FY2010-P01, which ends 2010-01-31`},
		{"2010-01-31,2010-02-28", "2010-01-31,2010-01-31", `line 3: FY2010-P02 starts 2010-01-31, not before its end 2010-01-31`},
		{"FY2010-P02", "FY2010-P2", `line 3: period "FY2010-P2" is not of the form FY2011-P03`},
		{"FY2010-P02", "FY0010-P02", `line 3: period "FY0010-P02" is not in the years 1000 to 9998`},
		{"FY2010-P02", "FY2010-P03", `line 3: FY2010-P03 is out of place: each fiscal year has P01 to P12 or P13, in order`},
		{"FY2010-P02", "FY2011-P01", `line 3: FY2011-P01 is out of place: each fiscal year has P01 to P12 or P13, in order`},
		{"FY2011-P01", "FY2012-P01", `line 15: FY2012-P01 is out of place: each fiscal year has P01 to P12 or P13, in order`},
		{"FY2011-P01", "FY2010-P14", `line 15: FY2010-P14 is out of place: each fiscal year has P01 to P12 or P13, in order`},
		{"FY2010-P01", "FY2010-P00", `line 2: FY2010-P00 is out of place: each fiscal year has P01 to P12 or P13, in order`},
		{"FY2011-P12,2011-11-06,2011-12-04\nFY2011-P13,2011-12-04,2012-01-01\n", "", `line 25: FY2011-P11 is the last period, but a fiscal year has 12 or 13`},
	} {
		file := strings.Replace(good, c.old, c.new, 1)
		if file == good {
			t.Fatalf("%q does not occur in the file", c.old)
		}
		if _, err := calendar.ReadFile(strings.NewReader(file)); err == nil || err.Error() != c.want {
			t.Errorf("%s:\n error %v\n  want %s", c.new, err, c.want)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := calendar.ReadFile(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestRowsThatWereNotReadAreCheckedToo(t *testing.T) {
	rows := []calendar.Row{{Name: "FY2011-P02", Period: period(t, "2011-01-01", "2011-02-01")}}
	_, err := calendar.New(calendar.Settings{Calendar: "file", File: rows})
	if want := "calendar: file: FY2011-P02 is out of place: each fiscal year has P01 to P12 or P13, in order"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add(fourWeeks(calendar.DayOf(2010, 1, 3), 13, 2010, 2011))
	f.Add(fourWeeks(calendar.DayOf(2010, 1, 3), 12, 2010))
	f.Add("period,start,end\nFY2011-P03,2010-06-01,2010-07-01\n")
	f.Fuzz(func(t *testing.T, file string) {
		rows, err := calendar.ReadFile(strings.NewReader(file))
		if err != nil {
			return
		}
		c := newCalendar(t, calendar.Settings{Calendar: "file", File: rows})
		for _, row := range rows {
			if n := parse(t, c, row.Name); n.Period != row.Period {
				t.Fatalf("%s is %s, want %s", row.Name, n.Period, row.Period)
			}
		}
	})
}
