package calendar

import (
	"fmt"
	"time"
)

// Settings declare a company's calendar. Empty texts take their defaults;
// the zero Settings are Gregorian years from January and weeks from Sunday.
type Settings struct {
	// FiscalYearStarts is the month and day on which the fiscal year starts,
	// "04-01"; the default is "01-01". Days past 28 are refused, since not
	// every month has them. In the week calendars it is the date to which the
	// year's start is nearest. A file decides for itself.
	FiscalYearStarts string

	// Calendar is "gregorian" (the default: twelve fiscal periods of a month
	// each), "4-4-5", "4-5-4" or "5-4-4" (twelve periods of whole weeks), or
	// "file".
	Calendar string

	// WeekStarts is the first day of the week.
	WeekStarts time.Weekday

	// FiscalYearNamed is "end" (the default) when a fiscal year is named after
	// the calendar year in which it ends, so that FY2011 is 2010-04-01 to
	// 2011-03-31, and "start" when after the one in which it starts. Years
	// that start on 01-01 are named after that January in either case.
	FiscalYearNamed string

	// File holds the fiscal periods when Calendar is "file"; see ReadFile.
	File []Row
}

// Calendar knows the periods of one company. It is immutable and safe for
// concurrent use.
type Calendar struct {
	weekStarts time.Weekday
	fiscal     fiscal
}

// New returns the calendar that the settings declare, or says which setting is wrong.
func New(s Settings) (*Calendar, error) {
	if s.WeekStarts < time.Sunday || s.WeekStarts > time.Saturday {
		return nil, fmt.Errorf("week_starts: %d is not a day of the week", int(s.WeekStarts))
	}
	kind := s.Calendar
	if kind == "" {
		kind = "gregorian"
	}
	if kind != "file" && len(s.File) > 0 {
		return nil, fmt.Errorf("calendar: %s takes no file of periods", quote(kind))
	}
	if kind == "file" {
		years, err := yearsOf(s.File)
		if err != nil {
			return nil, fmt.Errorf("calendar: file: %w", err)
		}
		return &Calendar{s.WeekStarts, years}, nil
	}
	start, err := yearStartOf(s)
	if err != nil {
		return nil, err
	}
	if kind == "gregorian" {
		return &Calendar{s.WeekStarts, monthly{start}}, nil
	}
	pattern, ok := patterns[kind]
	if !ok {
		return nil, fmt.Errorf("calendar: %s is not gregorian, 4-4-5, 4-5-4, 5-4-4 or file", quote(kind))
	}
	return &Calendar{s.WeekStarts, weekly{start, s.WeekStarts, pattern}}, nil
}

func yearStartOf(s Settings) (yearStart, error) {
	text := s.FiscalYearStarts
	if text == "" {
		text = "01-01"
	}
	t, err := time.Parse("2006-01-02", "2000-"+text) // any leap year
	if err != nil || len(text) != len("01-02") {
		return yearStart{}, fmt.Errorf("fiscal_year_starts: %s is not a month and day (MM-DD)", quote(text))
	}
	if t.Day() > 28 {
		return yearStart{}, fmt.Errorf("fiscal_year_starts: %s: not every month has a day %d; take one up to 28", quote(text), t.Day())
	}
	start := yearStart{month: t.Month(), day: t.Day()}
	switch s.FiscalYearNamed {
	case "", "end":
		if text != "01-01" {
			start.ahead = 1
		}
	case "start":
	default:
		return yearStart{}, fmt.Errorf("fiscal_year_named: %s is not start or end", quote(s.FiscalYearNamed))
	}
	return start, nil
}
