package calendar

import (
	"fmt"
	"sort"
	"time"
)

// fiscal is a way of dividing time into fiscal years and their periods.
type fiscal interface {
	// bounds returns the starts of the year's periods and the end of the
	// last: one more than there are periods.
	bounds(year int) ([]Day, error)

	// yearOf returns the name of the fiscal year that contains d.
	yearOf(d Day) (int, error)
}

// yearStart is the date on which fiscal years start, and by how many years the
// calendar year of the start is behind the fiscal year's name.
type yearStart struct {
	month time.Month
	day   int
	ahead int
}

func (s yearStart) date(year int) Day { return DayOf(year-s.ahead, s.month, s.day) }

// search returns the year of f that contains d. Week calendars may start a few
// days before or after their date, so the neighbours are tried too.
func (s yearStart) search(f fiscal, d Day) (int, error) {
	guess, _, _ := d.Date()
	for year := guess - 1; year <= guess+2; year++ {
		bounds, err := f.bounds(year)
		if err != nil {
			return 0, err
		}
		if bounds[0] <= d && d < bounds[len(bounds)-1] {
			return year, nil
		}
	}
	return 0, fmt.Errorf("%s lies in no fiscal year", d)
}

// monthly divides fiscal years into twelve months.
type monthly struct{ yearStart }

func (f monthly) bounds(year int) ([]Day, error) {
	bounds := make([]Day, 13)
	for i := range bounds {
		bounds[i] = f.date(year).AddMonths(i)
	}
	return bounds, nil
}

func (f monthly) yearOf(d Day) (int, error) { return f.search(f, d) }

// patterns are the weeks of a quarter's three periods.
var patterns = map[string][3]int{"4-4-5": {4, 4, 5}, "4-5-4": {4, 5, 4}, "5-4-4": {5, 4, 4}}

// weekly divides fiscal years into twelve periods of whole weeks. The year
// starts on the first day of the week that is nearest to its date, the rule of
// the National Retail Federation's 4-5-4 calendar, whose year ends on the
// Saturday nearest to 31 January; it has 52 or 53 weeks, and the 53rd belongs to the
// last period. Companies that end on the last such weekday of a month instead
// bring a file.
type weekly struct {
	yearStart
	weekStarts time.Weekday
	pattern    [3]int
}

func (f weekly) bounds(year int) ([]Day, error) {
	bounds := make([]Day, 13)
	bounds[0] = nearest(f.date(year), f.weekStarts)
	for i := 1; i < 12; i++ {
		bounds[i] = bounds[i-1] + Day(7*f.pattern[(i-1)%3])
	}
	bounds[12] = nearest(f.date(year+1), f.weekStarts)
	return bounds, nil
}

func (f weekly) yearOf(d Day) (int, error) { return f.search(f, d) }

// years are the fiscal years of a file, in order and without a gap.
type years struct {
	first int     // the name of the first year
	each  [][]Day // the bounds of each
}

func (f years) bounds(year int) ([]Day, error) {
	if i := year - f.first; i >= 0 && i < len(f.each) {
		return f.each[i], nil
	}
	return nil, fmt.Errorf("the calendar file has the fiscal years FY%04d to FY%04d, not FY%04d",
		f.first, f.first+len(f.each)-1, year)
}

func (f years) yearOf(d Day) (int, error) {
	last := f.each[len(f.each)-1]
	if d < f.each[0][0] || d >= last[len(last)-1] {
		return 0, fmt.Errorf("the calendar file reaches from %s to %s, end excluded, and does not contain %s",
			f.each[0][0], last[len(last)-1], d)
	}
	after := sort.Search(len(f.each), func(i int) bool { return f.each[i][0] > d })
	return f.first + after - 1, nil
}

// YearBegins is the month with which fiscal years begin: that of their first
// day, or the next where the first day lies past the middle of a month.
func (c *Calendar) YearBegins() time.Month {
	var first Day
	switch f := c.fiscal.(type) {
	case monthly:
		first = f.date(2001)
	case weekly:
		first = f.date(2001) // of which the true beginning is the nearest week's
	case years:
		first = f.each[0][0]
	}
	_, month, day := first.Date()
	if day > 15 {
		month = month%12 + 1
	}
	return month
}

// MonthsOf are the calendar months that a period stands for: those whose 15th
// lies in it, from the first up to the one after the last. Periods that follow
// one another stand for months that do; some of a few days stand for none.
func MonthsOf(p Period) (first, after Month) {
	at := func(d Day) Month {
		m := MonthOf(d)
		if d > m.First()+14 {
			m++
		}
		return m
	}
	return at(p.Start), at(p.End)
}
