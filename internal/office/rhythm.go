package office

import (
	"fmt"
	"slices"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books"
)

// Daily is the rhythm of a day; the others are kinds of periods of the
// company's calendar.
const Daily = "day"

// Rhythm says when something is done again and again, and who is told. Its
// JSON is the text that a schedule is kept as.
type Rhythm struct {
	On    bool   `json:"on"`
	Every string `json:"every"` // "day", or a kind of period: "month", "quarter", "fiscal year" …

	// Day counts from the first day after the period; with Working only
	// working days count. It never leaves the period that follows: what would
	// fall later falls on its last day.
	Day     int    `json:"day"`
	Working bool   `json:"working"`
	At      string `json:"at"` // HH:MM in the company's time zone

	Weekend  []string       `json:"weekend"`  // days that are not worked, "saturday"; nil: Saturday and Sunday
	Holidays []calendar.Day `json:"holidays"` // further days that are not worked

	Active  growth.Active `json:"active"`       // of a close; empty: net
	Tell    []string      `json:"tell"`         // mail addresses, or "user 7"
	Overdue int           `json:"overdue_days"` // after so many days without a seal people are told; 0: never
}

// everies are the periods that a rhythm can follow, with the highest day.
var everies = map[string]int{
	Daily: 1, string(calendar.Months): 28, string(calendar.Quarters): 60, string(calendar.Years): 60,
	string(calendar.FiscalPeriods): 28, string(calendar.FiscalQuarters): 60, string(calendar.FiscalYears): 60,
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// check refuses a rhythm that could not be kept.
func (r Rhythm) check() error {
	refuse := func(what, do string, args ...any) error {
		return &books.Refusal{Where: "the schedule", What: fmt.Sprintf(what, args...), Do: do}
	}
	most, ok := everies[r.Every]
	if !ok {
		return refuse("%q is not how often it can be done", "choose day, month, quarter, year, or a fiscal period, quarter or year", r.Every)
	}
	if r.Day < 1 || r.Day > most {
		return refuse("day %d after the end of a %s is out of range", fmt.Sprintf("choose a day from 1 to %d", most), r.Day, r.Every)
	}
	if r.Working && r.Every == Daily {
		return refuse("every day and working days only do not go together", "leave working days out")
	}
	if _, _, err := clock(r.At); err != nil {
		return refuse("%q is not a time of the day", "write it as 06:00", r.At)
	}
	for _, name := range r.Weekend {
		if !slices.Contains(weekdays, name) {
			return refuse("%q is not a day of the week", "write saturday, sunday and so on", name)
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(r.Weekend)))) == len(weekdays) {
		return refuse("no day of the week is worked", "leave at least one day out of the weekend")
	}
	if r.Overdue < 0 || r.Overdue > 366 {
		return refuse("%d days until it is overdue are out of range", "choose 0 for never, or up to 366", r.Overdue)
	}
	if r.Active != "" && r.Active != growth.Net && r.Active != growth.AnyLine {
		return refuse("active: %q is neither net nor any-line", "choose one of the two", r.Active)
	}
	return nil
}

// clock reads HH:MM.
func clock(text string) (hour, minute int, err error) {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, 0, fmt.Errorf("%q is not HH:MM", text)
	}
	return t.Hour(), t.Minute(), nil
}

// pace is a rhythm on a company's calendar and clock.
type pace struct {
	Rhythm
	calendar *calendar.Calendar
	zone     *time.Location
}

// at is the period that a day lies in.
func (p pace) at(d calendar.Day) (calendar.Named, error) {
	if p.Every == Daily {
		return calendar.Named{Text: d.String(), Period: calendar.Period{Start: d, End: d + 1}}, nil
	}
	return p.calendar.At(calendar.Kind(p.Every), d)
}

// turn is what is due for a period.
func (p pace) turn(of calendar.Named) (Turn, error) {
	following, err := p.at(of.End)
	if err != nil {
		return Turn{}, err
	}
	hour, minute, err := clock(p.At)
	if err != nil {
		return Turn{}, err
	}
	day := min(p.dueDay(of.End), following.End-1)
	return Turn{Label: of.Text, End: of.End, Due: instant(day, hour, minute, p.zone)}, nil
}

// dueDay counts from a period's end. A year without a working day ends it.
func (p pace) dueDay(end calendar.Day) calendar.Day {
	if !p.Working {
		return end + calendar.Day(p.Day-1)
	}
	d, left := end, p.Day
	for range 366 {
		if p.worked(d) {
			if left--; left == 0 {
				break
			}
		}
		d++
	}
	return d
}

func (p pace) worked(d calendar.Day) bool {
	weekend := p.Weekend
	if weekend == nil {
		weekend = []string{"saturday", "sunday"}
	}
	return !slices.Contains(weekend, weekdays[d.Weekday()]) && !slices.Contains(p.Holidays, d)
}

// first is the next turn after a moment: that of the period before the
// moment's when its hour is still to come, and of the moment's own otherwise.
func (p pace) first(after time.Time) (Turn, error) {
	current, err := p.at(calendar.DayIn(after, p.zone))
	if err != nil {
		return Turn{}, err
	}
	before, err := p.at(current.Start - 1)
	if err == nil {
		t, err := p.turn(before)
		if err != nil || t.Due.After(after) {
			return t, err
		}
	}
	return p.turn(current)
}

// of is the turn that was due at a moment: of the last period that had ended.
func (p pace) of(due time.Time) (Turn, error) {
	current, err := p.at(calendar.DayIn(due, p.zone))
	if err != nil {
		return Turn{}, err
	}
	before, err := p.at(current.Start - 1)
	if err != nil {
		return Turn{}, err
	}
	return p.turn(before)
}

// next is the turn that follows.
func (p pace) next(t Turn) (Turn, error) {
	following, err := p.at(t.End)
	if err != nil {
		return Turn{}, err
	}
	return p.turn(following)
}

// instant is when clocks in a zone show that hour of that day: the first time,
// when they show it twice, and the moment at which they jump past it, when they
// never do.
func instant(d calendar.Day, hour, minute int, zone *time.Location) time.Time {
	wall := time.Unix(int64(d)*24*60*60, 0).UTC().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	// No zone is further than this from UTC, so one offset holds before and one
	// after whatever jump there may be on the day.
	const farther = 36 * time.Hour
	_, before := wall.Add(-farther).In(zone).Zone()
	_, after := wall.Add(farther).In(zone).Zone()
	early, late := wall.Add(-time.Duration(before)*time.Second), wall.Add(-time.Duration(after)*time.Second)
	if late.Before(early) {
		early, late = late, early
	}
	for _, t := range []time.Time{early, late} {
		if _, offset := t.In(zone).Zone(); t.Add(time.Duration(offset) * time.Second).Equal(wall) {
			return t.UTC()
		}
	}
	jump, _ := late.In(zone).ZoneBounds()
	return jump.UTC()
}
