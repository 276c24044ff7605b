package calendar

import (
	"fmt"
	"time"
)

// Month is a month of a year, counted from January of the year 0. Months are
// compared and subtracted as the integers they are; m+12 is a year later.
type Month int

// MonthOf returns the month that d lies in.
func MonthOf(d Day) Month {
	year, month, _ := d.Date()
	return monthOf(year, month)
}

func monthOf(year int, month time.Month) Month {
	return Month(year*12 + int(month) - 1)
}

// ParseMonth reads a month as YYYY-MM, of the years 0001 to 9999.
func ParseMonth(text string) (Month, error) {
	const form = "2006-01"
	t, err := time.Parse(form, text)
	if err != nil || len(text) != len(form) || t.Year() < 1 {
		return 0, fmt.Errorf("%s is not a month (YYYY-MM)", quote(text))
	}
	return monthOf(t.Year(), t.Month()), nil
}

// First returns the month's first day.
func (m Month) First() Day { return DayOf(0, time.Month(m+1), 1) }

// Next returns the month after m.
func (m Month) Next() Month { return m + 1 }

// String returns the month as YYYY-MM.
func (m Month) String() string {
	year, month, _ := m.First().Date()
	return fmt.Sprintf("%04d-%02d", year, month)
}

// MarshalText writes the month as YYYY-MM. It refuses years outside 0001 to
// 9999, which could not be read back.
func (m Month) MarshalText() ([]byte, error) {
	if year, _, _ := m.First().Date(); year < 1 || year > 9999 {
		return nil, fmt.Errorf("month %d is in the year %d, which has no four-digit date", int(m), year)
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what ParseMonth reads.
func (m *Month) UnmarshalText(text []byte) error {
	parsed, err := ParseMonth(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}
