package sim

import (
	"math"
	"sort"
	"time"

	"github.com/throughline/throughline/calendar"
)

const (
	daySeconds = 24 * 60 * 60
	opens      = 8 * 60 * 60  // orders come between 08:00
	openFor    = 14 * 60 * 60 // and 22:00, where no clock changes
)

// clock leads between season's own time and dates. In season's time the
// purchases of a customer are a plain Poisson process, so BG/NBD holds in it
// exactly; a day of high season is longer than 1 in it, one of low season
// shorter, and a year is 365.25. Without a season it counts days.
type clock struct {
	epoch calendar.Day
	cum   []float64 // season's time at the beginning of each day
}

func newClock(from, until calendar.Day, s Season) clock {
	c := clock{epoch: from, cum: make([]float64, int(until-from)+1)}
	for i := range len(c.cum) - 1 {
		c.cum[i+1] = c.cum[i] + s.weight(from+calendar.Day(i))
	}
	return c
}

// weight is 1 + A·cos(2π·(day − peak)/365.25), peak the 15th of its month.
func (s Season) weight(d calendar.Day) float64 {
	if s.Amplitude == 0 {
		return 1
	}
	year, _, _ := d.Date()
	peak := calendar.DayOf(year, time.Month(s.Peak), 15)
	return 1 + float64(s.Amplitude*cos(2*math.Pi*float64(d-peak)/365.25))
}

// at is season's time at the beginning of a day.
func (c clock) at(d calendar.Day) float64 { return c.cum[d-c.epoch] }

// day is the day that a season's time lies in, and how far it has gone.
func (c clock) day(t float64) (calendar.Day, float64) {
	i := sort.SearchFloat64s(c.cum, t)
	if i == len(c.cum) || c.cum[i] > t {
		i--
	}
	i = min(max(i, 0), len(c.cum)-2)
	return c.epoch + calendar.Day(i), (t - c.cum[i]) / (c.cum[i+1] - c.cum[i])
}

// seconds is the local time of a season's time in seconds since 1970.
func (c clock) seconds(t float64) int64 {
	d, gone := c.day(t)
	return int64(d)*daySeconds + opens + min(int64(gone*openFor), openFor-1)
}

func dayOfSeconds(at int64) calendar.Day {
	d := at / daySeconds
	if at%daySeconds < 0 {
		d--
	}
	return calendar.Day(d)
}
