package learning

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/workforce"
)

// Roll is a roll-forward in minor units.
type roll struct {
	opening, restated, added, came, went, amortised, written, impaired, closing units
}

// errTooLarge says that sums leave the range of exact arithmetic: no books of one company come near it.
var errTooLarge = evidence.Refusal{Reason: "training asset: the sums are too large for exact arithmetic in minor units", Need: "costs of courses that a company can have"}

// plus adds without wrapping.
func plus(sum *units, u units, failed *bool) {
	s := *sum + u
	if (s > *sum) != (u > 0) && u != 0 {
		*failed = true
	}
	*sum = s
}

func (r *roll) add(o roll, failed *bool) {
	for _, x := range []struct {
		sum *units
		u   units
	}{{&r.opening, o.opening}, {&r.restated, o.restated}, {&r.added, o.added}, {&r.came, o.came}, {&r.went, o.went}, {&r.amortised, o.amortised}, {&r.written, o.written}, {&r.impaired, o.impaired}, {&r.closing, o.closing}} {
		plus(x.sum, x.u, failed)
	}
}

// holds checks the invariant.
func (r roll) holds(of string) error {
	if r.opening+r.restated+r.added+r.came-r.went-r.amortised-r.written-r.impaired != r.closing {
		return fmt.Errorf("training asset of %s: %d + %d + %d + %d − %d − %d − %d − %d is not %d", of, r.opening, r.restated, r.added, r.came, r.went, r.amortised, r.written, r.impaired, r.closing)
	}
	return nil
}

// seat is where the asset of a person is told.
type seat struct {
	contractor         bool
	department, entity string
}

func seatOf(s *workforce.Stretch) seat {
	return seat{s.Contractor(), s.Department, s.Entity}
}

// cell is what all tables are summed from.
type cell struct {
	seat
	course string
	cohort int // the calendar year in which it was capitalised
}

// Movement is what happened to the asset, in the order of a month.
type Movement string

// The movements.
const (
	Restated   Movement = "restatement" // of months before the period, by what came to light in it
	Added      Movement = "addition"
	Moved      Movement = "transfer"
	Amortised  Movement = "amortisation"
	Impaired   Movement = "impairment"
	WrittenOff Movement = "write_off"
)

// entry is what a line of the journal sums.
type entry struct {
	month    calendar.Month
	movement Movement
	from, to seat // to is of a transfer
	course   string
	cohort   int
	why      string // of an impairment: role_change or no_effect
}

// tally is what the items come to.
type tally struct {
	cells       map[cell]*roll
	months      map[calendar.Month]*[2]roll // own, contractors
	lines       map[entry]*units
	open        map[line]*units   // carried into the period
	late        map[cell]units    // carried into it by those of whom it told something
	direct, pay units             // of what was added
	left        map[string]*units // written off, by kind of exit
	leavers     map[string]map[string]bool
	failed      bool
	people      counts // of the period
}

// line is an account of the journal.
type line struct {
	contractor         bool
	department, course string
}

func (in *Input) tally(pathFrom calendar.Month) (*tally, error) {
	t := &tally{cells: map[cell]*roll{}, months: map[calendar.Month]*[2]roll{}, lines: map[entry]*units{}, open: map[line]*units{}, late: map[cell]units{}, people: counts{}}
	for m := pathFrom; m < in.To; m++ {
		t.months[m] = &[2]roll{}
	}
	for i := range in.items {
		x := &in.items[i]
		if x.reason != "" || x.cost == 0 || int(pathFrom-x.month) > in.longest {
			continue
		}
		in.run(x, in.To-1, func(s *step) {
			in.mark(x, s)
			if s.month >= pathFrom {
				t.path(s)
			}
			if s.month >= in.From {
				if s.month == in.From || s.from == nil || seatOf(s.from) != seatOf(s.at) {
					if s.from != nil {
						t.people.add(seatOf(s.from), x.record.Course, x.record.Person)
					}
					t.people.add(seatOf(s.at), x.record.Course, x.record.Person)
				}
				t.step(in, x, s)
			}
		})
	}
	if t.failed {
		return nil, errTooLarge
	}
	return t, nil
}

// restate sets the opening to what was carried by what was known when the period began, as the period before closed with it. What came to light
// since, such as a leaving that was told late, restates it.
func (t *tally) restate(in *Input, known *tally) {
	month := in.From
	was := map[cell]units{}
	for c, r := range known.cells {
		was[c] = r.closing
	}
	for c := range t.late {
		was[c] += 0
	}
	for c, u := range was {
		by := t.late[c] - u
		if by == 0 {
			continue
		}
		r := t.of(c)
		r.opening, r.restated = r.opening-by, by
		t.opening(line{c.contractor, c.department, c.course}, -by)
		t.entry(entry{month: month, movement: Restated, from: c.seat, course: c.course, cohort: c.cohort}, by)
	}
}

// mark keeps what of an item is asked for later.
func (in *Input) mark(x *item, s *step) {
	for i, m := range markMonths {
		at := in.From - 1 - m.back
		if m.ofEnd {
			at = in.To - 1 - m.back
		}
		if s.month == at {
			x.marks[i] = mark{s.closing(), !s.at.Contractor()}
		}
	}
	if s.written > 0 {
		x.written, x.left = s.written, s.month
	}
}

func section(contractor bool) int {
	if contractor {
		return 1
	}
	return 0
}

// path adds a month of an item to the months.
func (t *tally) path(s *step) {
	at := section(s.at.Contractor())
	r := &t.months[s.month][at]
	if s.from != nil && section(s.from.Contractor()) != at {
		other := &t.months[s.month][1-at]
		plus(&other.opening, s.opening, &t.failed)
		plus(&other.went, s.opening, &t.failed)
		plus(&r.came, s.opening, &t.failed)
	} else {
		plus(&r.opening, s.opening, &t.failed)
	}
	plus(&r.added, s.added, &t.failed)
	plus(&r.amortised, s.amortised, &t.failed)
	plus(&r.written, s.written, &t.failed)
	plus(&r.impaired, s.impaired, &t.failed)
	plus(&r.closing, s.closing(), &t.failed)
}

// step adds a month of an item to the period.
func (t *tally) step(in *Input, x *item, s *step) {
	course, year := x.record.Course, yearOf(x.month)
	here := seatOf(s.at)
	at := cell{here, course, year}
	if s.opening != 0 {
		was := seatOf(s.from)
		before := cell{was, course, year}
		if s.month == in.From {
			plus(&t.of(before).opening, s.opening, &t.failed)
			if x.late {
				t.late[before] += s.opening
			}
			t.opening(line{was.contractor, was.department, course}, s.opening)
		}
		if was != here {
			plus(&t.of(before).went, s.opening, &t.failed)
			plus(&t.of(at).came, s.opening, &t.failed)
			t.entry(entry{month: s.month, movement: Moved, from: was, to: here, course: course, cohort: year}, s.opening)
		}
	}
	r := t.of(at)
	plus(&r.added, s.added, &t.failed)
	plus(&r.amortised, s.amortised, &t.failed)
	plus(&r.written, s.written, &t.failed)
	plus(&r.impaired, s.impaired, &t.failed)
	if s.month == in.To-1 {
		plus(&r.closing, s.closing(), &t.failed)
	}
	if s.added != 0 {
		plus(&t.direct, s.added-x.pay, &t.failed)
		plus(&t.pay, x.pay, &t.failed)
		t.entry(entry{month: s.month, movement: Added, from: here, course: course, cohort: year}, s.added)
	}
	t.entry(entry{month: s.month, movement: Amortised, from: here, course: course, cohort: year}, s.amortised)
	t.entry(entry{month: s.month, movement: WrittenOff, from: here, course: course, cohort: year}, s.written)
	if s.written > 0 {
		t.leave(in, x, s)
	}
	why := "role_change"
	if s.effect {
		why = "no_effect"
	}
	t.entry(entry{month: s.month, movement: Impaired, from: here, course: course, cohort: year, why: why}, s.impaired)
}

// leave adds what somebody took along to the kind of exit.
func (t *tally) leave(in *Input, x *item, s *step) {
	kind := in.exits(s.exit).String()
	if t.left == nil {
		t.left, t.leavers = map[string]*units{}, map[string]map[string]bool{}
	}
	if t.left[kind] == nil {
		t.left[kind], t.leavers[kind] = new(units), map[string]bool{}
	}
	plus(t.left[kind], s.written, &t.failed)
	t.leavers[kind][x.record.Person] = true
}

func (t *tally) of(c cell) *roll {
	r, ok := t.cells[c]
	if !ok {
		r = &roll{}
		t.cells[c] = r
	}
	return r
}

func (t *tally) opening(l line, u units) {
	if t.open[l] == nil {
		t.open[l] = new(units)
	}
	plus(t.open[l], u, &t.failed)
}

func (t *tally) entry(e entry, u units) {
	if u == 0 {
		return
	}
	if t.lines[e] == nil {
		t.lines[e] = new(units)
	}
	plus(t.lines[e], u, &t.failed)
}

func yearOf(m calendar.Month) int {
	year, _, _ := m.First().Date()
	return year
}

// named is a roll-forward of one group of a dimension.
type named struct {
	name string
	roll
}

// by sums the cells of one section by a name. What came from and went to the same name is no movement of it.
func (t *tally) by(contractor bool, name func(cell) string) ([]named, error) {
	sums := map[string]*roll{}
	failed := false
	for c, r := range t.cells {
		if c.contractor != contractor {
			continue
		}
		n := name(c)
		if sums[n] == nil {
			sums[n] = &roll{}
		}
		sums[n].add(*r, &failed)
	}
	for e, u := range t.lines { // transfers within the name
		if e.movement != Moved || e.from.contractor != contractor || e.to.contractor != contractor {
			continue
		}
		a, b := name(cell{e.from, e.course, e.cohort}), name(cell{e.to, e.course, e.cohort})
		if a == b && sums[a] != nil {
			sums[a].came -= *u
			sums[a].went -= *u
		}
	}
	if failed {
		return nil, errTooLarge
	}
	var out []named
	for n, r := range sums {
		if *r == (roll{}) {
			continue
		}
		if err := r.holds(n); err != nil {
			return nil, err
		}
		out = append(out, named{n, *r})
	}
	slices.SortFunc(out, func(a, b named) int {
		return cmp.Or(-cmp.Compare(a.closing, b.closing), -cmp.Compare(a.opening, b.opening), cmp.Compare(a.name, b.name))
	})
	return out, nil
}
