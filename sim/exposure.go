package sim

import (
	"math"

	"github.com/throughline/throughline/calendar"
)

// cell is one state of a customer's hazard of dropping out: whether a failure
// is remembered, and whether the one who brought them has left.
type cell struct {
	days     int64 // in thousandths, season's time
	expected int64 // in 10⁻⁹: dropouts, were every factor 1
	dropouts int64
}

// exposures are cells by [remembered][left], of referred customers whose
// referrer is known to the simulator, and of all others.
type exposures struct {
	referred, others [2][2]cell
}

func (e *exposures) add(other *exposures) {
	for i := range 2 {
		for j := range 2 {
			e.referred[i][j].add(other.referred[i][j])
			e.others[i][j].add(other.others[i][j])
		}
	}
}

func (c *cell) add(other cell) {
	c.days += other.days
	c.expected += other.expected
	c.dropouts += other.dropouts
}

// live counts a customer's exposure to dropping out, from the first purchase to
// the end of the books or of the life, and the months in which they are active.
func (d *drawer) live(to *told, times []float64, end float64) {
	t := d.out.tally
	t.present(d.company, to)
	cells := &t.exposures.others
	if to.referrer != 0 {
		cells = &t.exposures.referred
	}
	contacts := d.teller.served.contacts
	failing, next := math.Inf(-1), 0
	state := func(at float64) *cell { // asked of ever later times
		for ; next < len(contacts) && contacts[next].t <= at; next++ {
			if contacts[next].failed() {
				failing = contacts[next].t + d.Service.MemoryDays
			}
		}
		i, j := 0, 0
		if at < failing {
			i = 1
		}
		if at >= to.orphaned {
			j = 1
		}
		return &cells[i][j]
	}
	if d.Purchases.Model == BGNBD {
		for _, at := range times[1:] {
			if at >= end {
				break
			}
			c := state(at)
			c.expected += int64(math.Round(to.leaving * 1e9))
			if at == to.dropped {
				c.dropouts++
			}
		}
		return
	}
	until := min(to.dropped, end)
	for at := to.born; at < until; {
		c := state(at)
		stop := until
		if next < len(contacts) {
			stop = min(stop, contacts[next].t)
		}
		if at < failing {
			stop = min(stop, failing)
		}
		if at < to.orphaned {
			stop = min(stop, to.orphaned)
		}
		c.days += int64(math.Round((stop - at) * 1e3))
		c.expected += int64(math.Round(to.leaving * (stop - at) * 1e9))
		if stop == to.dropped {
			c.dropouts++
		}
		at = stop
	}
}

// present counts the customer as active at the beginning of each month that
// lies between the first purchase and dropping out.
func (t *tally) present(c *company, to *told) {
	born, _ := c.clock.day(to.born)
	first := max(0, int(calendar.MonthOf(born)-c.first())+1)
	for m := first; m <= c.months(); m++ {
		if at := c.clock.at(c.day(m)); at >= to.dropped {
			return
		} else if at <= to.born {
			continue
		}
		t.alive[m]++
		if m >= 12 && to.born < c.clock.at(c.day(m-12)) {
			t.stayed[m]++ // and were a year ago
		}
	}
}

// active is how many customers there are at the beginning of a month.
func (t *tally) active(m int) int64 { return t.alive[m] }
