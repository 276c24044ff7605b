package sim

import (
	"math"
	"strconv"

	"github.com/throughline/throughline/calendar"
)

// plans cost once, twice and four times Subscriptions.Monthly.
var plans = []struct {
	name  string
	times int64
}{{"basic", 1}, {"plus", 2}, {"premium", 4}}

// why a row of a contract ends.
const (
	byUpgrade = iota
	byDowngrade
	byPause
	byLeaving
	endings
)

var endReasons = [endings]string{"upgrade", "downgrade", "pause", "customer left"}

// subscribe writes the contract of a customer who has one: a row for each
// plan, and after each pause, until they drop out.
func (d *drawer) subscribe(to *told, number uint32) {
	s := d.contract
	s.begin(d.Seed, ofContract, to.who)
	if s.Float64() >= d.Subscriptions.Share || to.dropped <= d.opening {
		return
	}
	born, _ := d.clock.day(to.born)
	day, left := max(born, d.Start), calendar.Day(math.MaxInt32)
	if to.dropped < d.horizon {
		left, _ = d.clock.day(to.dropped)
	}
	annual := s.Float64() < d.Subscriptions.Annual
	step, chances := 1, 1.0
	if annual { // bound for a year at a time
		step, chances = 12, 12
	}
	plan := s.pick([]float64{0.6, 0.3, 0.1})
	began, rows := day, int64(0)
	end := func(on calendar.Day, why int) {
		rows++
		d.out.tally.contract(d, began, on, plan, why)
		d.contractRow(number, rows, began, on, plan, annual, why)
	}
	for day < d.End {
		next := day.AddMonths(step)
		if left < next { // a customer who leaves is let go
			end(max(left, began+1), byLeaving)
			return
		}
		day = next
		switch u := s.Float64(); {
		case day >= d.End:
		case u < d.Subscriptions.Pauses*chances:
			end(day, byPause)
			day = day.AddMonths(1 + s.IntN(3))
			began = day
			if left <= day {
				return
			}
		case u < (d.Subscriptions.Pauses+d.Subscriptions.Changes)*chances:
			other := s.IntN(len(plans) - 1)
			if other >= plan {
				other++
			}
			why := byUpgrade
			if other < plan {
				why = byDowngrade
			}
			end(day, why)
			plan, began = other, day
		}
	}
	if began < d.End {
		end(0, endings)
	}
}

// contractRow writes a row of subscriptions; one that has not ended, or not by
// the end of the books, has no end.
func (d *drawer) contractRow(number uint32, n int64, from, until calendar.Day, plan int, annual bool, why int) {
	if why < endings && until >= d.End {
		why = endings
	}
	b := appendPadded(append(d.out.rows[contractRows], 'S'), int64(number), 6)
	if n > 1 {
		b = strconv.AppendInt(append(b, '-'), n, 10)
	}
	b = append(appendCustomer(append(b, ','), number), ',')
	b = append(append(b, from.String()...), ',')
	b = append(append(b, d.monthly(plan).Text(d.Currency.Places())...), ',')
	if why < endings {
		b = append(b, until.String()...)
	}
	b = append(append(b, ','), plans[plan].name...)
	if annual {
		b = append(b, " by the year"...)
	}
	b = append(append(append(b, ','), d.Currency...), ',')
	if why < endings {
		b = append(b, endReasons[why]...)
	}
	d.out.rows[contractRows] = append(b, '\n')
}
