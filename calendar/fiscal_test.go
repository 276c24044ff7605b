package calendar

import (
	"testing"
	"time"
)

func TestYearBegins(t *testing.T) {
	for _, c := range []struct {
		settings Settings
		want     time.Month
	}{
		{Settings{}, time.January}, {Settings{FiscalYearStarts: "04-06"}, time.April}, {Settings{FiscalYearStarts: "12-28"}, time.January},
		{Settings{FiscalYearStarts: "01-28", Calendar: "4-5-4"}, time.February}, {Settings{FiscalYearStarts: "07-01"}, time.July},
	} {
		cal, err := New(c.settings)
		if err != nil {
			t.Fatal(err)
		}
		if got := cal.YearBegins(); got != c.want {
			t.Errorf("%+v: years begin with %s, want %s", c.settings, got, c.want)
		}
	}
}

func TestMonthsOfAPeriod(t *testing.T) {
	for text, want := range map[string]string{
		"2011-01-01..2012-01-01": "2011-01 2012-01", "2010-04-06..2011-04-06": "2010-04 2011-04", "2011-01-30..2011-02-27": "2011-02 2011-03",
		"2011-01-01..2011-01-08": "2011-01 2011-01", "2011-01-15..2011-01-16": "2011-01 2011-02", "2011-01-16..2011-02-15": "2011-02 2011-02",
	} {
		start, end := text[:10], text[12:]
		a, errA := ParseDay(start)
		b, errB := ParseDay(end)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		first, after := MonthsOf(Period{Start: a, End: b})
		if got := first.String() + " " + after.String(); got != want {
			t.Errorf("%s stands for %s, want %s", text, got, want)
		}
	}
}
