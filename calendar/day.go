package calendar

import (
	"fmt"
	"strconv"
	"time"
)

// Day is a date, counted in days since 1970-01-01. Days are compared and
// subtracted as the integers they are; d+7 is a week later. The zero value is
// 1970-01-01, so an unknown day needs a value of its own beside it.
type Day int32

const daySeconds = 24 * 60 * 60

// DayOf returns the day of that date. A month or day outside its range is
// carried over, as time.Date does: 30 February is 1 or 2 March. Years beyond
// five million are out of range.
func DayOf(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
}

// DayIn returns the date that calendars in loc show at that instant.
func DayIn(t time.Time, loc *time.Location) Day {
	return DayOf(t.In(loc).Date())
}

// ParseDay reads a date as YYYY-MM-DD, of the years 0001 to 9999.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || len(text) != len(time.DateOnly) || t.Year() < 1 {
		return 0, fmt.Errorf("%s is not a date (YYYY-MM-DD)", quote(text))
	}
	return DayOf(t.Date()), nil
}

// Date returns the year, month and day of the month.
func (d Day) Date() (year int, month time.Month, day int) {
	return time.Unix(int64(d)*daySeconds, 0).UTC().Date()
}

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday {
	return time.Unix(int64(d)*daySeconds, 0).UTC().Weekday()
}

// AddMonths returns the same day of the month n months later, or earlier when
// n is negative; where that month is too short, its last day.
func (d Day) AddMonths(n int) Day {
	_, _, day := d.Date()
	month := MonthOf(d) + Month(n)
	return min(month.First()+Day(day-1), month.Next().First()-1)
}

// String returns the date as YYYY-MM-DD.
func (d Day) String() string {
	year, month, day := d.Date()
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

// MarshalText writes the date as YYYY-MM-DD. It refuses years outside 0001 to
// 9999, which could not be read back.
func (d Day) MarshalText() ([]byte, error) {
	if year, _, _ := d.Date(); year < 1 || year > 9999 {
		return nil, fmt.Errorf("day %d is in the year %d, which has no four-digit date", int32(d), year)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what ParseDay reads.
func (d *Day) UnmarshalText(text []byte) error {
	parsed, err := ParseDay(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// nearest returns the given weekday that is closest to d, at most three days
// away; seven is odd, so there are no ties.
func nearest(d Day, weekday time.Weekday) Day {
	ahead := (int(weekday) - int(d.Weekday()) + 7) % 7
	if ahead > 3 {
		ahead -= 7
	}
	return d + Day(ahead)
}

// quote quotes text for an error, shortened so that hostile input cannot fill a log.
func quote(text string) string {
	const most = 40
	if len(text) > most {
		return strconv.Quote(text[:most] + "…")
	}
	return strconv.Quote(text)
}
