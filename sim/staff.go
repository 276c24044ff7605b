package sim

import (
	"math"
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

// person is one stay of somebody at a place of work.
type person struct {
	number      int
	department  int
	touchpoint  int // −1: at none
	manager     int // number; 0: none
	place       int
	hired, left calendar.Day // left is past the horizon where they have not
	exit        string
	roles       []calendar.Day // days of another role
	courses     []course
	candidates  int // who were seen for the place and not hired
}

// staff is everyone who works at the company over time. It is drawn at once,
// place by place; places do not depend on each other.
type staff struct {
	World
	people []person
	at     [][]int // by touchpoint, the places
	places [][]int // by place, the people in their order (indices)
}

func newStaff(w World) *staff {
	st := &staff{World: w, at: make([][]int, len(w.Touchpoints))}
	s := newStream()
	place := 0
	for d, department := range w.Departments {
		head := -1
		add := func(touchpoint, n int) {
			for range n {
				if touchpoint >= 0 {
					st.at[touchpoint] = append(st.at[touchpoint], place)
				}
				st.fill(s, place, d, touchpoint, head)
				if head < 0 {
					head = place
				}
				place++
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

// fill draws who has a place, one after the other.
func (st *staff) fill(s *stream, place, department, touchpoint, head int) {
	s.begin(st.Seed, ofStaff, who{kind: seat, index: int64(place)})
	var here []int
	day := st.Start.AddMonths(-12*staffYears) + calendar.Day(s.Int64N(60))
	for day < st.horizon() {
		p := person{number: len(st.people) + 1, department: department, touchpoint: touchpoint, place: place, hired: day}
		p.left = day + 1 + calendar.Day(min(st.tenure(s), 1e6))
		p.exit = []string{"quit", "quit", "quit", "dismissed", "retired"}[s.IntN(5)]
		p.candidates = int(s.poisson(st.Staff.Candidates))
		for d := float64(day); st.Staff.Promoted > 0; {
			d += 1 + 365.25*s.exponential()/st.Staff.Promoted
			if d >= float64(min(p.left, st.horizon())) {
				break
			}
			p.roles = append(p.roles, calendar.Day(d))
		}
		if head >= 0 {
			p.manager = st.holder(head, day)
		}
		st.learn(s, &p)
		here = append(here, len(st.people))
		st.people = append(st.people, p)
		day = p.left + 1 + calendar.Day(float64(st.Staff.EmptyDays*s.exponential()))
	}
	st.places = append(st.places, here)
}

// tenure is in days: the hazard is another in the first year.
func (st *staff) tenure(s *stream) float64 {
	left := s.exponential()
	first, later := float64(st.Staff.Turnover*st.Staff.FirstYear), st.Staff.Turnover
	if left < first {
		return 365 * left / first
	}
	if later == 0 {
		return math.Inf(1)
	}
	return 365 + float64(365*(left-first)/later)
}

// learn draws what a person is taught. Courses begin with the books, so that
// all that a person has learnt there is in them.
func (st *staff) learn(s *stream, p *person) {
	until := min(p.left, st.horizon())
	add := func(day calendar.Day, c course) {
		c.at = int64(day)*daySeconds + 9*3600 + s.Int64N(8*3600)
		c.score = 55 + s.IntN(46)
		c.passed = c.score >= 60
		if day >= st.Start && day < until {
			p.courses = append(p.courses, c)
		}
	}
	add(p.hired+3, course{name: "Welcome", kind: "general", stage: "orientation"})
	if st.Training.PerYear == 0 {
		return
	}
	for d := float64(p.hired) + 7; ; {
		d += 365.25 * s.exponential() / st.Training.PerYear
		if d >= float64(until) {
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
