package journey

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
)

// People answers which jobs there are.
type People interface {
	// Jobs counts those who are at work on a day by the department and the role that the book people gives them, in the order of these; none
	// where there is no such book. Of a person the newest row counts that holds by then and is not a candidate's, of several of one day the
	// first by department and role. Who is hired later is not at work yet, and who has left is no more from the day after the last one on.
	Jobs(ctx context.Context, on calendar.Day) ([]Job, error)
}

// Job is a department and a role in the words of the book people.
type Job struct {
	Department, Role string
	People           int64
}

// FewestTold is how many people a job must have at least for their number to be told, where the company sets no other minimum.
const FewestTold = 5

// Unanswered is a job of the book people to which no role of the map answers, so that whoever has it sees no line to a customer.
type Unanswered struct {
	Item              // both words
	Department string `json:"department"`
	Role       string `json:"role"`
	// People is how many have it; nil: fewer than are told.
	People *int64 `json:"people,omitempty"`
}

// Unanswered lists the jobs to which no role answers on a day: those of most people first, then those of fewer than the minimum, which are
// not told apart by their number. Below 2 the minimum is [FewestTold]. Jobs in other letters are one, in those of most people.
func (m *Map) Unanswered(jobs []Job, on calendar.Day, minimum int64) []Unanswered {
	if minimum < 2 {
		minimum = FewestTold
	}
	type words struct{ department, role string }
	people, common := map[words]int64{}, map[words]Job{}
	for _, j := range jobs {
		w := words{Fold(j.Department), Fold(j.Role)}
		people[w] += j.People
		if most, ok := common[w]; !ok || j.People > most.People {
			common[w] = Job{strings.TrimSpace(j.Department), strings.TrimSpace(j.Role), j.People}
		}
	}
	out := []Unanswered{}
	for w, j := range common {
		if _, ok := m.RoleOf(j.Department, j.Role, on); ok {
			continue
		}
		u := Unanswered{Item: Item{w.department + "/" + w.role, j.Role + ", " + j.Department}, Department: j.Department, Role: j.Role}
		if n := people[w]; n >= minimum {
			u.People = &n
		}
		out = append(out, u)
	}
	told := func(u Unanswered) int64 {
		if u.People == nil {
			return 0
		}
		return *u.People
	}
	slices.SortFunc(out, func(a, b Unanswered) int { return cmp.Or(cmp.Compare(told(b), told(a)), cmp.Compare(a.Key, b.Key)) })
	return out
}

// Person is a row of people; empty texts and nil are not known.
type Person struct {
	ID, Department, Role, Kind string
	From                       calendar.Day
	Hired, Left                *calendar.Day
}

// candidate is the kind of those who are not employed yet.
const candidate = "candidate"

// Jobs answers People.
func (b Books) Jobs(_ context.Context, on calendar.Day) ([]Job, error) {
	newest := map[string]Person{}
	for _, p := range b.People {
		if p.From > on || p.Kind == candidate {
			continue
		}
		other, known := newest[p.ID]
		if !known || cmp.Or(cmp.Compare(other.From, p.From), cmp.Compare(p.Department, other.Department), cmp.Compare(p.Role, other.Role)) < 0 {
			newest[p.ID] = p
		}
	}
	count := map[Job]int64{}
	for _, p := range newest {
		if (p.Hired == nil || *p.Hired <= on) && (p.Left == nil || *p.Left >= on) {
			count[Job{Department: p.Department, Role: p.Role}]++
		}
	}
	var out []Job
	for j, n := range count {
		out = append(out, Job{j.Department, j.Role, n})
	}
	slices.SortFunc(out, func(a, b Job) int {
		return cmp.Or(cmp.Compare(a.Department, b.Department), cmp.Compare(a.Role, b.Role))
	})
	return out, nil
}
