package workforce

import (
	"slices"

	"github.com/throughline/throughline/calendar"
)

// move is a change of what people are on a day.
type move struct {
	day      calendar.Day
	from, to string
}

// findRenamed finds the days on which a department or a role only got another name: everybody of it goes to one name that nobody had the day
// before, and they are not fewer than the smallest group.
func (w *world) findRenamed() {
	for _, k := range []int{byDepartment, byRole} {
		moves, renamed := map[move]int64{}, map[move]bool{}
		w.everyChange(func(a, b *piece) {
			if m := (move{b.from, a.row.of(k), b.row.of(k)}); m.from != m.to && a.employee && b.employee {
				moves[m]++
			}
		})
		had := w.hadOn(k, moves)
		for m, n := range moves {
			// Who left on the day before is gone and cannot take the name.
			if n >= w.in.minimum() && had[named{m.day, m.from}] == n && had[named{m.day, m.to}] == 0 {
				renamed[m] = true
			}
		}
		w.renamed[k] = renamed
	}
}

func (w *world) everyChange(do func(a, b *piece)) {
	for i := range w.stays {
		for j := 1; j < len(w.stays[i].pieces); j++ {
			do(&w.stays[i].pieces[j-1], &w.stays[i].pieces[j])
		}
	}
}

// named is a name on a day.
type named struct {
	day  calendar.Day
	name string
}

// hadOn counts who had a name the day before a move that could be a renaming, and is still employed on its day.
func (w *world) hadOn(k int, moves map[move]int64) map[named]int64 {
	had := map[named]int64{}
	var days []calendar.Day
	for m, n := range moves {
		if n >= w.in.minimum() {
			had[named{m.day, m.from}], had[named{m.day, m.to}] = 0, 0
			days = append(days, m.day)
		}
	}
	slices.Sort(days)
	days = slices.Compact(days)
	for i := range w.stays {
		s := &w.stays[i]
		for j := range s.pieces {
			x := &s.pieces[j]
			// The day before is of the piece, and the day itself of the stay.
			at, _ := slices.BinarySearch(days, x.from+1)
			for ; at < len(days) && days[at] <= x.to && days[at] <= s.Left; at++ {
				if key := (named{days[at], x.row.of(k)}); x.employee {
					if _, asked := had[key]; asked {
						had[key]++
					}
				}
			}
		}
	}
	return had
}
