package workforce

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// ForHiring is the kind of costs that hiring has.
const ForHiring = "hire"

// Replacement is what it costs to fill a place again, of what the books have: spending on hiring, and the courses of a first year. What an empty
// place, a slower start or somebody's help with it cost is not in the books, and not in the figure.
type Replacement struct {
	Hiring, Training, Total evidence.Figure // a hire
}

// spent is what the costs of a kind come to in a period of whole months; false: none is there.
func (w *world) spent(kind string, p calendar.Period) (money.Amount, bool) {
	var total money.Amount
	found := false
	for _, c := range w.costs {
		if c.Kind == kind && c.Month.First() >= p.Start && c.Month.Next().First() <= p.End {
			total, found = total.Add(c.Amount), true
		}
	}
	return total, found
}

func wholeMonths(p calendar.Period) bool {
	return calendar.MonthOf(p.Start).First() == p.Start && calendar.MonthOf(p.End).First() == p.End
}

var noHiringCost = evidence.Refusal{Reason: "the book of costs has no spending on hiring", Need: "rows of kind hire in costs, for the months of the period"}

// spentOnHiring is what hiring cost in a period, or why that is not known.
func (w *world) spentOnHiring(p calendar.Period) (money.Amount, *evidence.Refusal) {
	total, ok := w.spent(ForHiring, p)
	switch {
	case !ok:
		return total, &noHiringCost
	case !wholeMonths(p):
		return total, &evidence.Refusal{Reason: "costs are of months, and the period is not of whole ones", Need: "a period of whole months"}
	}
	return total, nil
}

func (w *world) replacement() Replacement {
	var r Replacement
	t := &w.tallies[whole]
	r.Hiring = w.tell(hired, whole, func() evidence.Figure {
		total, why := w.spentOnHiring(w.p)
		switch {
		case why != nil:
			return refuse(*why)
		case !w.covers(w.p.Start):
			return refuse(lateBooks)
		case t.roll.Hired == 0:
			return refuse(nobodyHired)
		}
		return evidence.Exact(new(big.Rat).Quo(total.Rat(), rat(t.roll.Hired)), t.roll.Hired, "costs of kind hire in the period ÷ hirings")
	})
	r.Training = w.tell(earlier, whole, w.firstYearTraining)
	hiring, ok := r.Hiring.Estimate()
	training, also := r.Training.Estimate()
	switch {
	case !ok:
		r.Total = partMissing("hiring cost", r.Hiring)
	case !also:
		r.Total = partMissing("the courses of the first year", r.Training)
	default:
		r.Total = evidence.Exact(new(big.Rat).Add(hiring.Value, training.Value), hiring.N,
			"hiring cost of a hire + direct cost of the courses of a first year; an empty place, a slower start and others’ help are not in it")
	}
	return r
}

func partMissing(part string, f evidence.Figure) evidence.Figure {
	r, _ := f.Refusal()
	return evidence.Refuse(part+" is not known: "+r.Reason, r.Need)
}

// firstYearTraining is the direct cost of the courses that those hired a year before the period completed in their first year, a hire.
func (w *world) firstYearTraining() evidence.Figure {
	n := w.tallies[whole].cohort
	switch {
	case !w.has.records:
		return refuse(noRecords)
	case !w.covers(w.cohort.Start):
		return refuse(lateBooks)
	case w.courses > w.cohort.Start+31:
		return evidence.Refuse("the book of trainings begins less than a year before the period does", "trainings from a year before the period")
	case n == 0:
		return evidence.Refuse("nobody was hired in the year before", "a year with hirings")
	}
	var total money.Amount
	known := false
	for i := range w.stays {
		s := &w.stays[i]
		if !s.hire() || !w.cohort.Contains(s.Hired) {
			continue
		}
		for j := range w.records[s.person] {
			r := w.records[s.person][j]
			if r.Stage == Interview || r.Direct == nil || !s.Here(r.Completed) || r.Completed >= s.Hired.AddMonths(12) {
				continue
			}
			total, known = total.Add(*r.Direct), true
		}
	}
	if !known {
		return evidence.Refuse("no course of a first year has direct_cost", "direct_cost in trainings")
	}
	return evidence.Exact(new(big.Rat).Quo(total.Rat(), rat(n)), n,
		"direct cost of the courses completed in their first year by those hired in the year before ÷ those hired; courses without it are not counted in")
}
