package workforce

import (
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// tally is what is counted at a place: of the company, or of a group.
type tally struct {
	roll          Roll
	days          int64 // of people employed in the period
	exits         [exits]int64
	early         int64 // who left in the period before their first year was over
	moves         int64
	stays         []int64 // days of those here at the end
	unknownHiring bool    // of one of them
	cohort, gone  int64   // hired a year before, and of them left in the first year
	fills         []int64 // days from opening to hiring
	candidates    int64
	accepted      int64
	declined      int64
	records       int64
	hours         money.Amount
	hoursKnown    int64
	direct        money.Amount
	directKnown   int64
	trained       int64
	stages        []int64
	spans         map[int]int64 // people by their manager
	unmanaged     int64
}

// entry is a person of a population, with the groups that they are of in it.
type entry struct {
	person int
	in     [dimensions]int
}

// population are the people that a figure is about.
type population []entry

// The populations.
const (
	present  = iota // employed on a day of the period
	here            // at its end
	hired           // in it
	leavers         // in it
	earlier         // hired in the year before
	filled          // hired in it, with the day on which the place was opened
	placed          // hired or moved in it
	answered        // offers
	managers        // of people here at the end
	ever            // employed since the books know them
	sought          // candidates of the period
	populations
)

func (w *world) add(pop, person int, in [dimensions]int) {
	w.pops[pop] = append(w.pops[pop], entry{person, in})
}

// count counts everything that the figures need.
func (w *world) count() {
	w.tallies = make([]tally, w.places)
	w.nameStages()
	for i := range w.tallies {
		w.tallies[i].spans = map[int]int64{}
		w.tallies[i].stages = make([]int64, len(w.stages))
	}
	w.findRenamed()
	for i := range w.stays {
		w.countStay(&w.stays[i])
	}
	for i := range w.careers {
		w.countRecords(i)
		w.countSought(i)
	}
}

func (w *world) nameStages() {
	seen := map[string]bool{}
	for _, of := range w.records {
		for i := range of {
			if r := of[i]; r.Stage != Interview && r.Stage != "" && !seen[r.Stage] {
				seen[r.Stage] = true
				w.stages = append(w.stages, r.Stage)
			}
		}
	}
	slices.Sort(w.stages)
}

// countStay counts what a stay does in the period.
func (w *world) countStay(s *stay) {
	for j := range s.pieces {
		x := &s.pieces[j]
		if x.employee {
			if n := overlap(x, w.p); n > 0 {
				w.each(x.in, func(at int) { w.tallies[at].days += n })
				w.add(present, s.person, x.in)
			}
			w.countEnds(s, x)
			if y := w.until(*x); y.from < y.to {
				if _, _, ok := s.atRisk(&y); ok {
					w.add(ever, s.person, x.in)
				}
			}
		}
		if j > 0 && w.p.Contains(x.from) {
			w.countChange(s, &s.pieces[j-1], x)
		}
	}
	if s.hire() && w.p.Contains(s.Hired) {
		w.countHire(s)
	}
	if s.hire() && w.cohort.Contains(s.Hired) {
		w.add(earlier, s.person, s.pieces[0].in)
		gone := s.Left < s.Hired.AddMonths(12)
		w.each(s.pieces[0].in, func(at int) {
			w.tallies[at].cohort++
			if gone {
				w.tallies[at].gone++
			}
		})
	}
	if s.Left < Open && s.ended() && w.p.Contains(s.Left) {
		last := &s.pieces[len(s.pieces)-1]
		w.add(leavers, s.person, last.in)
		early := s.Left < s.Hired.AddMonths(12)
		w.each(last.in, func(at int) {
			w.tallies[at].roll.Left++
			w.tallies[at].exits[s.exit]++
			if early {
				w.tallies[at].early++
			}
		})
	}
}

// countEnds counts a piece of an employee that runs at midnight before the period begins, or when it ends.
func (w *world) countEnds(s *stay, x *piece) {
	// The piece of the day before a midnight tells what somebody was, and the day after it that they had not left.
	at := func(midnight calendar.Day) bool { return x.from < midnight && midnight <= x.to && s.Left >= midnight }
	if at(w.p.Start) {
		w.each(x.in, func(at int) { w.tallies[at].roll.Opening++ })
	}
	if !at(w.p.End) {
		return
	}
	w.add(here, s.person, x.in)
	manager, managed := w.managerAt(x, w.p.End-1)
	if managed {
		w.add(managers, manager, x.in)
	}
	w.each(x.in, func(at int) {
		t := &w.tallies[at]
		t.roll.Closing++
		t.stays = append(t.stays, s.days(w.p.End))
		t.unknownHiring = t.unknownHiring || s.unknown
		if managed {
			t.spans[manager]++
		} else {
			t.unmanaged++
		}
	})
	w.countTrained(s.person, x)
}

// managerAt is the career of a piece's manager, if they work here on a day. Nobody is their own manager.
func (w *world) managerAt(x *piece, d calendar.Day) (int, bool) {
	m, ok := w.index[x.row.Manager]
	if !ok || x.row.Manager == "" || x.row.Manager == x.row.Person || w.careers[m].On(d) == nil {
		return 0, false
	}
	return m, true
}

// countChange counts what changes from a piece to the next one.
func (w *world) countChange(s *stay, a, b *piece) {
	if a.employee != b.employee {
		w.roll(whole, a.employee, b.employee)
	}
	for k := range dimensions {
		if a.in[k] == b.in[k] && a.employee == b.employee {
			continue
		}
		w.roll(w.place(k, a.in[k]), a.employee, false)
		w.roll(w.place(k, b.in[k]), false, b.employee)
	}
	if a.employee && b.employee && w.moved(a, b) {
		w.add(placed, s.person, b.in)
		w.each(b.in, func(at int) { w.tallies[at].moves++ })
	}
}

// roll counts a crossing at a place: from was of it, or to is.
func (w *world) roll(at int, from, to bool) {
	if from && !to {
		w.tallies[at].roll.WentOver++
	}
	if to && !from {
		w.tallies[at].roll.CameOver++
	}
}

// moved tells whether a person changed role or department, other than by its getting another name.
func (w *world) moved(a, b *piece) bool {
	for _, k := range []int{byDepartment, byRole} {
		m := move{b.from, a.row.of(k), b.row.of(k)}
		if m.from != m.to && !w.renamed[k][m] {
			return true
		}
	}
	return false
}

func (w *world) countHire(s *stay) {
	first := &s.pieces[0]
	w.add(hired, s.person, first.in)
	w.add(placed, s.person, first.in)
	opened, known := w.opened(s)
	known = known && opened <= s.Hired
	if known {
		w.add(filled, s.person, first.in)
	}
	w.each(first.in, func(at int) {
		t := &w.tallies[at]
		t.roll.Hired++
		if known {
			t.fills = append(t.fills, int64(s.Hired-opened))
		}
	})
}

// opened is the day on which the place was opened that a stay fills: what its first row says, or the last candidate's row before it.
func (w *world) opened(s *stay) (calendar.Day, bool) {
	if d := s.pieces[0].row.Opened; d != nil {
		return *d, true
	}
	for _, r := range slices.Backward(w.careers[s.person].Sought) {
		if r.Opened != nil && r.From <= s.Hired && r.From > s.before {
			return *r.Opened, true
		}
	}
	return 0, false
}

// countRecords counts the courses that a person completed in the period while employed.
func (w *world) countRecords(person int) {
	for i := range w.records[person] {
		r := w.records[person][i]
		if r.Stage == Interview || !w.p.Contains(r.Completed) {
			continue
		}
		_, x := w.on(person, r.Completed)
		if x == nil || !x.employee {
			continue
		}
		w.each(x.in, func(at int) {
			t := &w.tallies[at]
			t.records++
			if r.Hours != nil {
				t.hours, t.hoursKnown = t.hours.Add(*r.Hours), t.hoursKnown+1
			}
			if r.Direct != nil {
				t.direct, t.directKnown = t.direct.Add(*r.Direct), t.directKnown+1
			}
		})
	}
}

// countTrained counts somebody who is here at the end, by the stages of the courses that they completed in the period while employed.
func (w *world) countTrained(person int, x *piece) {
	done := make([]bool, len(w.stages))
	trained := false
	for i := range w.records[person] {
		r := w.records[person][i]
		if !r.done() || !w.p.Contains(r.Completed) {
			continue
		}
		if _, at := w.on(person, r.Completed); at == nil || !at.employee {
			continue
		}
		trained = true
		if k, ok := slices.BinarySearch(w.stages, r.Stage); ok {
			done[k] = true
		}
	}
	w.each(x.in, func(at int) {
		t := &w.tallies[at]
		if trained {
			t.trained++
		}
		for k, ok := range done {
			if ok {
				t.stages[k]++
			}
		}
	})
}

// countSought counts a person as a candidate of the period, and the offers to them.
func (w *world) countSought(person int) {
	var last *Row
	for _, r := range w.careers[person].Sought {
		if w.p.Contains(r.From) {
			last = r
		}
	}
	if last != nil {
		in := w.groupsOf(last)
		w.add(sought, person, in)
		w.each(in, func(at int) { w.tallies[at].candidates++ })
	}
	for _, o := range w.offersTo(person) {
		if !w.p.Contains(o.day) {
			continue
		}
		in := w.groupsOf(o.row)
		w.add(answered, person, in)
		w.each(in, func(at int) {
			if o.accepted {
				w.tallies[at].accepted++
			} else {
				w.tallies[at].declined++
			}
		})
	}
}
