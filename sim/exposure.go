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

// The states that multiply a hazard are bits: a kind of loss along ties at its
// own place, and a failure that is remembered after them.
const (
	remembered = 1 << tieKinds
	hazardous  = 2 * remembered // combinations
)

// exposures are cells by states, of referred customers whose referrer is known
// to the simulator, and of all others.
type exposures struct {
	referred, others [hazardous]cell
}

func (e *exposures) add(other *exposures) {
	for i := range hazardous {
		e.referred[i].add(other.referred[i])
		e.others[i].add(other.others[i])
	}
}

// by sums cells without and with one state. What the other states in them do is
// taken into what is expected, so that dropouts ÷ expected is of this one alone.
func (c *company) by(state int, of ...*[hazardous]cell) [2]cell {
	var out [2]cell
	for _, cells := range of {
		for i, x := range cells {
			on := 0
			if i&state != 0 {
				on = 1
			}
			if factor := c.factorOf(i &^ state); factor != 1 {
				x.expected = int64(math.Round(float64(x.expected) * factor))
			}
			out[on].add(x)
		}
	}
	return out
}

// factorOf is the planted factor of several states together.
func (c *company) factorOf(states int) float64 {
	factor := 1.0
	for kind, f := range c.Referrals.factors() {
		if states&(1<<kind) != 0 {
			factor *= f
		}
	}
	if states&remembered != 0 {
		factor *= c.Service.FailureEffect
	}
	return factor
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
	contacts, exposed := d.teller.served.contacts, d.teller.exposed
	failing, next := math.Inf(-1), 0
	state := func(at float64) (*cell, float64) { // asked of ever later times
		for ; next < len(contacts) && contacts[next].t <= at; next++ {
			if contacts[next].failed() {
				failing = contacts[next].t + d.Service.MemoryDays
			}
		}
		on, end := exposed.states(at, d.Referrals.ComplaintDays)
		states := 0
		for kind, bears := range on {
			if bears {
				states |= 1 << kind
			}
		}
		if at < failing {
			states |= remembered
			end = min(end, failing)
		}
		if next < len(contacts) {
			end = min(end, contacts[next].t)
		}
		return &cells[states], end
	}
	if d.Purchases.Model == BGNBD {
		for _, at := range times[1:] {
			if at >= end {
				break
			}
			c, _ := state(at)
			c.expected += int64(math.Round(to.leaving * 1e9))
			if at == to.dropped {
				c.dropouts++
			}
		}
		return
	}
	until := min(to.dropped, end)
	for at := to.born; at < until; {
		c, end := state(at)
		stop := min(until, end)
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
