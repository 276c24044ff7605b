package sim

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/throughline/throughline/calendar"
)

// role names what a person does after a number of promotions.
func (st *staff) role(p person, level int) string {
	name := "specialist"
	if p.touchpoint >= 0 {
		name = "agent"
	}
	if p.manager == 0 {
		name = "head"
	}
	return []string{"", "senior ", "lead "}[min(level, 2)] + name
}

func (st *staff) team(p person) string {
	if p.touchpoint >= 0 {
		return st.Touchpoints[p.touchpoint].Name
	}
	return "office"
}

// write writes people, a row a change, and their trainings. Those who were
// there at the start have a first row of that day; what lies after the end of
// the books is not in them.
func (st *staff) write(people, trainings *bytes.Buffer) {
	candidates := 0
	records := 0
	for _, p := range st.people {
		if p.hired >= st.End || p.left <= st.Start {
			continue
		}
		department := st.Departments[p.department]
		kind := "employee"
		if department.Employer == "contractor" {
			kind = "contractor worker"
		}
		for range p.candidates { // seen and not hired
			if p.hired-20 < st.Start {
				break
			}
			candidates++
			fmt.Fprintf(people, "candidate-%05d,%s,%s,%s,,,,%s,,,,%s,candidate\n", candidates, p.hired-20, department.Name, st.role(p, 0), st.team(p), department.Employer)
		}
		row := func(day calendar.Day, level int, left, exit string) {
			cost := times(department.AnnualCost, int64(100+8*min(level, 5)), 100).Round(st.Currency.Places())
			manager := ""
			if p.manager > 0 {
				manager = fmt.Sprintf("person-%04d", p.manager)
			}
			fmt.Fprintf(people, "person-%04d,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", p.number, day, department.Name, st.role(p, level), p.hired, left, exit,
				st.team(p), manager, []string{"north", "south"}[p.place%2], cost.Text(st.Currency.Places()), department.Employer, kind)
		}
		level := 0
		for level < len(p.roles) && p.roles[level] <= st.Start {
			level++
		}
		row(max(p.hired, st.Start), level, "", "")
		for ; level < len(p.roles) && p.roles[level] < st.End; level++ {
			row(p.roles[level], level+1, "", "")
		}
		if p.left < st.End {
			row(p.left, level, p.left.String(), p.exit)
		}
		for _, c := range p.courses {
			if c.at >= int64(st.End)*daySeconds {
				continue
			}
			records++
			passed := "no"
			if c.passed {
				passed = "yes"
			}
			fmt.Fprintf(trainings, "T%06d,person-%04d,%s,%s,%g,%s,%d,%s,%s,%s\n", records, p.number, c.name, appendTime(nil, c.at), st.Training.Hours,
				st.Training.DirectCost.Text(st.Currency.Places()), c.score, passed, c.kind, c.stage)
		}
	}
}

// present counts people by department on a day.
func (st *staff) present(day calendar.Day) []int64 {
	n := make([]int64, len(st.Departments))
	for _, p := range st.people {
		if p.hired <= day && day < p.left {
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
	n := 0
	for m := 0; m < st.months(); m += 3 {
		day := (st.first() + calendar.Month(m)).First() + 14
		var answers []answer
		for i, p := range st.people {
			s.begin(st.Seed, ofStaff, who{kind: seat, month: m + 1, index: int64(i)})
			if p.hired > day || day >= p.left || s.Float64() >= st.Staff.Pulse {
				continue
			}
			band := "under 1 year"
			if years := int(day-p.hired) / 365; years >= 3 {
				band = "3 years and more"
			} else if years >= 1 {
				band = "1 to 3 years"
			}
			mean := st.pulseMean(p.department)
			for _, q := range pulseQuestions {
				score := int(min(max(0, math.Floor(mean+float64(1.7*s.normal())+0.5)), 10))
				answers = append(answers, answer{s.Uint64(), fmt.Sprintf("%s,%s,%d,%s,%s,%s,\n", day, q, score, st.Departments[p.department].Name, st.team(p), band)})
			}
		}
		slices.SortFunc(answers, func(x, y answer) int { return cmp.Compare(x.order, y.order) })
		for _, a := range answers {
			n++
			fmt.Fprintf(b, "P%06d,%s", n, a.row)
		}
	}
}

// truth counts who came and went over the months of the books.
func (st *staff) truth() PeopleTruth {
	t := PeopleTruth{Pulse: map[string]Ratio{}}
	t.First.Planted, t.Later.Planted = st.Staff.Turnover*st.Staff.FirstYear, st.Staff.Turnover
	for _, p := range st.people {
		if p.hired-20 >= st.Start && p.hired < st.End {
			t.Candidates += int64(p.candidates)
		}
		if p.hired >= st.Start && p.hired < st.End {
			t.Hired++
		}
		first := p.hired + 365
		for _, part := range []struct {
			of       *TurnoverTruth
			from, to calendar.Day
		}{{&t.First, p.hired, first}, {&t.Later, first, math.MaxInt32}} {
			from, to := max(part.from, st.Start), min(part.to, p.left, st.End)
			if from >= to {
				continue
			}
			part.of.Days += int64(to - from)
			if to == p.left && p.left < st.End {
				part.of.Exits++
				t.Left++
			}
		}
	}
	for _, of := range []*TurnoverTruth{&t.First, &t.Later} {
		of.Realised = whole(365*of.Exits, of.Days)
	}
	for i, d := range st.Departments {
		t.Pulse[d.Name] = number(st.pulseMean(i))
	}
	return t
}
