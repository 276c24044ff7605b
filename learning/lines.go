package learning

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Line is one sum of the period's journal.
type Line struct {
	Month        calendar.Month
	Movement     Movement
	Contractor   bool
	Department   string
	Course       string
	ToContractor bool   // of a transfer
	ToDepartment string // of a transfer
	Why          string // of an impairment or a write-off: what it is tagged with
	Pay          bool   // of an addition: paid hours
	Amount       money.Amount
}

// Opening is what the period opens with.
type Opening struct {
	Contractor         bool
	Department, Course string
	Amount             money.Amount
}

// Lines are the journal of a period, as sums by month, movement, department and course.
type Lines struct {
	Opening []Opening
	Lines   []Line
}

func truth(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

var movementOrder = []Movement{Restated, Added, Moved, Amortised, Impaired, WrittenOff}

// lines sums the entries, over entities and cohorts, in an order of their own.
func (in *Input) lines(t *tally) Lines {
	var out Lines
	for l, u := range t.open {
		if *u != 0 {
			out.Opening = append(out.Opening, Opening{l.contractor, l.department, l.course, in.scale.amount(*u)})
		}
	}
	slices.SortFunc(out.Opening, func(a, b Opening) int {
		return cmp.Or(truth(a.Contractor, b.Contractor), cmp.Compare(a.Department, b.Department), cmp.Compare(a.Course, b.Course))
	})
	sums := map[entry]units{}
	for e, u := range t.lines {
		e.cohort, e.from.entity, e.to.entity = 0, "", ""
		if e.movement == Moved && e.from == e.to {
			continue
		}
		sums[e] += *u
	}
	for e, u := range sums {
		if u != 0 {
			out.Lines = append(out.Lines, Line{e.month, e.movement, e.from.contractor, e.from.department, e.course, e.to.contractor, e.to.department, e.why, e.pay, in.scale.amount(u)})
		}
	}
	slices.SortFunc(out.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), slices.Index(movementOrder, a.Movement)-slices.Index(movementOrder, b.Movement), truth(a.Contractor, b.Contractor),
			cmp.Compare(a.Department, b.Department), cmp.Compare(a.Course, b.Course), truth(a.ToContractor, b.ToContractor), cmp.Compare(a.ToDepartment, b.ToDepartment),
			cmp.Compare(a.Why, b.Why), truth(a.Pay, b.Pay))
	})
	return out
}
