package sim

import (
	"math"
	"slices"
	"sort"

	"github.com/throughline/throughline/calendar"
)

// staffYears is how long before the books the first people came, so that the
// books begin with tenures in them.
const staffYears = 3

// course is one training that a person completed.
type course struct {
	at     int64 // local seconds since 1970
	name   string
	kind   string
	stage  string
	passed bool
	score  int
}

// skill tells whether it raises quality.
func (c course) skill() bool { return c.kind == "role" && c.passed }

// person is one stay of somebody at a place of work. Somebody who comes back
// has two of them, under one number.
type person struct {
	number      int
	department  int
	touchpoint  int          // −1: at none
	place, lead int          // lead: the place of who leads; −1: nobody does
	hired, left calendar.Day // left is the first day absent, past the horizon where they have not left
	tenure      float64      // days from hired on; left is the day after the one in which it ends
	exit        string
	pay         int64          // per cent of the department's annual cost
	roles       []calendar.Day // days of another role
	moves       []calendar.Day // days of another site
	back        bool           // has been here before
	courses     []course
	vacancy
}

// staff is everyone who works at the company over time. It is drawn at once,
// place by place; a place depends on those of its leaders alone.
type staff struct {
	World
	people  []person
	numbers int          // given to people
	at      [][]int      // by touchpoint, the places
	places  [][]int      // by place, the people in their order (indices)
	leads   map[int]bool // places of those who lead below a head
}

func newStaff(w World) *staff {
	st := &staff{World: w, at: make([][]int, len(w.Touchpoints)), leads: map[int]bool{}}
	s := newStream()
	for d, department := range w.Departments {
		head, lead, led := -1, -1, 0
		add := func(touchpoint, n int) {
			for range n {
				place := len(st.places)
				if touchpoint >= 0 {
					st.at[touchpoint] = append(st.at[touchpoint], place)
				}
				over := lead
				if led == 0 || lead < 0 {
					over = head
				}
				st.fill(s, seatOf{place: place, department: d, touchpoint: touchpoint, lead: over})
				switch {
				case head < 0:
					head = place
				case w.Staff.Span > 0 && led == 0:
					lead, led, st.leads[place] = place, w.Staff.Span, true
				case w.Staff.Span > 0:
					led--
				}
			}
		}
		add(-1, department.People)
		for t, touchpoint := range w.Touchpoints {
			if touchpoint.Department == department.Name {
				add(t, touchpoint.People)
			}
		}
	}
	return st
}

// horizon is the last day that people are drawn to: lives go on past the end.
func (st *staff) horizon() calendar.Day { return st.End + beyond }

// seatOf is a place of work.
type seatOf struct{ place, department, touchpoint, lead int }

// fill draws who has a place, one after the other.
func (st *staff) fill(s *stream, at seatOf) {
	s.begin(st.Seed, ofStaff, who{kind: seat, index: int64(at.place)})
	var here []int
	day := st.Start.AddMonths(-12*staffYears) + calendar.Day(s.Int64N(60))
	opened, again := calendar.Day(0), 0
	for day < st.horizon() {
		p := person{department: at.department, touchpoint: at.touchpoint, place: at.place, lead: at.lead, hired: day, number: again, back: again > 0}
		if again == 0 {
			st.numbers++
			p.number = st.numbers
		}
		left := s.exponential()
		st.recruit(&p, opened, len(here))
		st.learn(&p, len(here))
		p.tenure = st.tenure(&p, left)
		p.left = day + 1 + calendar.Day(min(p.tenure, 1e6))
		p.courses = slices.DeleteFunc(p.courses, func(c course) bool { return dayOfSeconds(c.at) >= p.left })
		p.exit = []string{"quit", "quit", "quit", "dismissed", "retired"}[s.IntN(5)]
		p.roles = st.changes(s, &p, st.Staff.Promoted)
		p.moves = st.changes(s, &p, st.Staff.Moves)
		here = append(here, len(st.people))
		st.people = append(st.people, p)
		opened, again = p.left, 0
		if st.Staff.Rehired > 0 && s.Float64() < st.Staff.Rehired && p.exit == "quit" {
			again = p.number
		}
		day = p.left + 1 + calendar.Day(float64(st.Staff.EmptyDays*s.exponential()))
	}
	st.places = append(st.places, here)
}

// changes draws the days of a stay on which something changes, at a rate a year.
func (st *staff) changes(s *stream, p *person, rate float64) (days []calendar.Day) {
	for d := float64(p.hired); rate > 0; {
		d += 1 + 365.25*s.exponential()/rate
		if d >= float64(min(p.left, st.horizon())) {
			break
		}
		days = append(days, calendar.Day(d))
	}
	return days
}

// learn draws what a person is taught until the horizon; what lies after they
// have left is taken away again. Courses begin with the books, so that all that
// a person has learnt there is in them.
func (st *staff) learn(p *person, nth int) {
	s := newStream()
	s.begin(st.Seed, ofLearning, who{kind: seat, month: nth, index: int64(p.place)})
	add := func(day calendar.Day, c course) {
		c.at = int64(day)*daySeconds + 9*3600 + s.Int64N(8*3600)
		c.score = 55 + s.IntN(46)
		c.passed = c.score >= 60
		if day >= st.Start && day < st.horizon() {
			p.courses = append(p.courses, c)
		}
	}
	add(p.hired+3, course{name: "Welcome", kind: "general", stage: "orientation"})
	if st.Training.PerYear == 0 {
		return
	}
	for d := float64(p.hired) + 7; ; {
		d += 365.25 * s.exponential() / st.Training.PerYear
		if d >= float64(st.horizon()) {
			return
		}
		c := course{kind: "general", name: "Working together", stage: "growth"}
		switch u := s.Float64(); {
		case u < st.Training.Role && p.touchpoint >= 0:
			c = course{kind: "role", name: "Resolving at the " + st.Touchpoints[p.touchpoint].Name, stage: "role"}
		case u < st.Training.Role:
			c = course{kind: "role", name: "The craft of " + st.Departments[p.department].Name, stage: "role"}
		case u > 0.85:
			c = course{kind: "compliance", name: "Data protection", stage: "role"}
		}
		add(calendar.Day(d), c)
	}
}

// holder is the number of the person at a place on a day; 0: it is empty.
func (st *staff) holder(place int, day calendar.Day) int {
	if i := st.index(place, day); i >= 0 {
		return st.people[i].number
	}
	return 0
}

func (st *staff) index(place int, day calendar.Day) int {
	here := st.places[place]
	i := sort.Search(len(here), func(i int) bool { return st.people[here[i]].hired > day }) - 1
	if i < 0 || st.people[here[i]].left <= day {
		return -1
	}
	return here[i]
}

// serves draws who handles a contact at a touchpoint on a day, each of those
// present with the same chance; −1 is nobody.
func (st *staff) serves(s *stream, touchpoint int, day calendar.Day) int {
	places := st.at[touchpoint]
	if len(places) == 0 {
		return -1
	}
	first := s.IntN(len(places))
	for range 8 { // whoever is absent is passed over by drawing anew
		if i := st.index(places[first], day); i >= 0 {
			return i
		}
		first = s.IntN(len(places))
	}
	return -1
}

// stock is how much of courses for the role a person still has on a day: one
// for each that was passed, halved every HalfLife days.
func (st *staff) stock(i int, day calendar.Day) float64 {
	var sum float64
	for _, c := range st.people[i].courses {
		if on := dayOfSeconds(c.at); c.skill() && on < day {
			sum += exp(-math.Ln2 * float64(day-on) / st.Training.HalfLife)
		}
	}
	return sum
}

// quality is the chance that a person resolves a contact on a day, and the
// stock of courses that it rests on.
func (st *staff) quality(touchpoint, person int, day calendar.Day) (q, stock float64) {
	q = st.Touchpoints[touchpoint].Quality
	if person < 0 {
		return q, 0
	}
	stock = st.stock(person, day)
	return min(q+float64(st.Training.Effect*stock), max(q, 0.98)), stock
}
