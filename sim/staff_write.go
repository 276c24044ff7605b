package sim

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// The words of roles, each after that of a level.
const (
	specialist = "specialist"
	agent      = "agent"
	head       = "head"
	manager    = "manager"
)

var levels = []string{"", "senior ", "lead "}

// role names what a person does after a number of promotions.
func (st *staff) role(p *person, level int) string {
	name := specialist
	if p.touchpoint >= 0 {
		name = agent
	}
	switch {
	case p.lead < 0:
		name = head
	case st.leads[p.place]:
		name = manager
	}
	return levels[min(level, 2)] + name
}

var sites = []string{"north", "south"}

// site is where a person works on a day.
func (p *person) site(day calendar.Day) string {
	return sites[(p.place+reached(p.moves, day))%2]
}

// team is the touchpoint, or else the office; those who move between sites are
// of the office there.
func (st *staff) team(p *person, day calendar.Day) string {
	switch {
	case p.touchpoint >= 0:
		return st.Touchpoints[p.touchpoint].Name
	case st.Staff.Moves > 0:
		return "office " + p.site(day)
	}
	return "office"
}

// reached counts the days that are not after a day.
func reached(days []calendar.Day, day calendar.Day) int {
	n := 0
	for n < len(days) && days[n] <= day {
		n++
	}
	return n
}

// cost is what a person costs in a year at a level.
func (st *staff) cost(department int, pay int64, level int) money.Amount {
	return times(st.Departments[department].AnnualCost, pay*int64(100+8*min(level, 5)), 10_000).Round(st.Currency.Places())
}

// rowDays are the days within the books on which a row of a person begins: the
// first, those of another role, site or leader, and the last.
func (st *staff) rowDays(p *person) []calendar.Day {
	first, last := max(p.hired, st.Start), min(p.left, st.End)-1
	days := []calendar.Day{first}
	within := func(day calendar.Day) {
		if day > first && day <= last {
			days = append(days, day)
		}
	}
	for _, day := range p.roles {
		within(day)
	}
	for _, day := range p.moves {
		within(day)
	}
	if p.lead >= 0 {
		for _, i := range st.places[p.lead] {
			within(st.people[i].hired)
			within(st.people[i].left)
		}
	}
	if p.left <= st.End {
		within(p.left - 1)
	}
	slices.Sort(days)
	return slices.Compact(days)
}

func employed(employer string) string {
	if employer == "contractor" {
		return "contractor worker"
	}
	return "employee"
}

// paper writes the books of people and trainings.
type paper struct {
	*staff
	people, trainings   *bytes.Buffer
	candidates, records int
}

// write writes people, a row a change, and their trainings. Those who were
// there at the start have a first row of that day; what lies after the end of
// the books is not in them.
func (st *staff) write(people, trainings *bytes.Buffer) {
	w := paper{staff: st, people: people, trainings: trainings}
	for i := range st.people {
		p := &st.people[i]
		if p.hired >= st.End || p.left <= st.Start {
			continue
		}
		name := fmt.Sprintf("person-%04d", p.number)
		w.applied(p, name)
		for _, day := range st.rowDays(p) {
			w.row(p, name, day)
		}
		for _, c := range p.courses {
			if c.at < int64(st.End)*daySeconds {
				w.course(name, c, st.Training.Hours, st.directCost())
			}
		}
	}
}

// directCost is that of a course, as the books hold it.
func (st *staff) directCost() money.Amount { return st.Training.DirectCost.Round(st.Currency.Places()) }

// row writes what holds of a person from a day on.
func (w *paper) row(p *person, name string, day calendar.Day) {
	d := w.Departments[p.department]
	left, exit, manager, came := "", "", "", ",,,,"
	if day == p.left-1 {
		left, exit = day.String(), p.exit
	}
	if p.lead >= 0 {
		if number := w.holder(p.lead, day); number > 0 {
			manager = fmt.Sprintf("person-%04d", number)
		}
	}
	if day == p.hired && p.known() {
		came = fmt.Sprintf("%s,%s,accepted,%s,%d", p.opened, p.offered, w.cost(p.department, p.pay, 0).Text(w.Currency.Places()), p.training)
	}
	level := reached(p.roles, day)
	fmt.Fprintf(w.people, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", name, day, d.Name, w.role(p, level), p.hired, left, exit, w.team(p, day), manager,
		p.site(day), w.cost(p.department, p.pay, level).Text(w.Currency.Places()), d.Employer, employed(d.Employer), d.Entity, came)
}

// applied writes the candidates of a vacancy who were seen since the start: who
// came, under the name that they keep, and who did not.
func (w *paper) applied(p *person, name string) {
	d := w.Departments[p.department]
	row := func(name string, day calendar.Day, offer string) {
		fmt.Fprintf(w.people, "%s,%s,%s,%s,,,,%s,,,,%s,candidate,%s,%s,%s\n", name, day, d.Name, w.role(p, 0), w.team(p, p.hired), d.Employer, d.Entity, p.opened, offer)
	}
	interview := func(name string, seen calendar.Day, score int, passed bool) {
		w.course(name, course{at: int64(seen)*daySeconds + 10*3600, name: "Interview", kind: "general", stage: "interview", score: score, passed: passed}, interviewHours, money.Amount{})
	}
	for _, a := range p.others {
		if a.seen < w.Start {
			continue
		}
		w.candidates++
		candidate, offer := fmt.Sprintf("candidate-%05d", w.candidates), ",,,"
		if a.offered > 0 {
			offer = fmt.Sprintf("%s,declined,%s,%d", a.offered, w.cost(p.department, a.pay, 0).Text(w.Currency.Places()), a.training)
		}
		row(candidate, a.on(), offer)
		interview(candidate, a.seen, a.score, a.offered > 0)
	}
	if p.known() && p.seen >= w.Start {
		if !p.back {
			row(name, p.seen, ",,,")
		}
		interview(name, p.seen, p.score, true)
	}
}

// interviewHours is how long one takes.
const interviewHours = 1.5

func (w *paper) course(name string, c course, hours float64, cost money.Amount) {
	w.records++
	passed := "no"
	if c.passed {
		passed = "yes"
	}
	fmt.Fprintf(w.trainings, "T%06d,%s,%s,%s,%g,%s,%d,%s,%s,%s\n", w.records, name, c.name, appendTime(nil, c.at), hours, cost.Text(w.Currency.Places()), c.score, passed, c.kind, c.stage)
}

// present counts people by department on a day.
func (st *staff) present(day calendar.Day) []int64 {
	n := make([]int64, len(st.Departments))
	for i := range st.people {
		if p := &st.people[i]; p.presentOn(day) {
			n[p.department]++
		}
	}
	return n
}

var pulseQuestions = []string{"proud_to_serve", "has_what_it_takes", "customer_comes_first"}

// pulseMean is the mean of a department's answers before they are rounded and cut.
func (st *staff) pulseMean(department int) float64 {
	s := newStream()
	s.begin(st.Seed, ofStaff, who{kind: thing, index: int64(department)})
	return 6.5 + float64(1.5*s.Float64())
}

// pulses writes each quarter's answers in an order that tells nothing of who gave them.
func (st *staff) pulses(b *bytes.Buffer) {
	type answer struct {
		order uint64
		row   string
	}
	s := newStream()
	means := make([]float64, len(st.Departments))
	for d := range means {
		means[d] = st.pulseMean(d)
	}
	n := 0
	for m := 0; m < st.months(); m += 3 {
		day := (st.first() + calendar.Month(m)).First() + 14
		var answers []answer
		for i := range st.people {
			p := &st.people[i]
			if !p.presentOn(day) {
				continue
			}
			s.begin(st.Seed, ofStaff, who{kind: seat, month: m + 1, index: int64(i)})
			if s.Float64() >= st.Staff.Pulse {
				continue
			}
			band := "under 1 year"
			if years := int(day-p.hired) / 365; years >= 3 {
				band = "3 years and more"
			} else if years >= 1 {
				band = "1 to 3 years"
			}
			mean := means[p.department]
			for _, q := range pulseQuestions {
				score := int(min(max(0, math.Floor(mean+float64(1.7*s.normal())+0.5)), 10))
				answers = append(answers, answer{s.Uint64(), fmt.Sprintf("%s,%s,%d,%s,%s,%s,\n", day, q, score, st.Departments[p.department].Name, st.team(p, day), band)})
			}
		}
		slices.SortFunc(answers, func(x, y answer) int { return cmp.Compare(x.order, y.order) })
		for _, a := range answers {
			n++
			fmt.Fprintf(b, "P%06d,%s", n, a.row)
		}
	}
}
