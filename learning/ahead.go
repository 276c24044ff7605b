package learning

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// yearMonths is how many months of courses are taken to go on.
const yearMonths = 12

// Ahead is what training comes to over some months after the period's end, if it goes on as in the last twelve: in each month the courses of
// the same month of the year, with the same lives, by people who had been here as long, who stay as people did so far.
type Ahead struct {
	Months      int
	Records     int64
	Direct, Pay money.Amount // of all courses
	Added       money.Amount // what of both would be carried
	// Carried is what would stand of it at the end, which hangs on who leaves until then. No change of role and no loss of use is foretold.
	Carried evidence.Figure
}

// GoesOn is training that goes on; Lacks says why it is not told.
type GoesOn struct {
	Ahead  []Ahead
	People int64   // who completed courses in the last twelve months
	Hazard float64 // of leaving, a month; 0: too few had left
	Lacks  *evidence.Refusal
}

// horizons are how many months ahead are told: a quarter, a year, three years.
var horizons = []int{3, 12, 36}

// repeated is a course that is completed again, so many months before the end of the time ahead.
type repeated struct {
	item *item
	left int // months from the one of completion to the last, both counted
}

// goesOn repeats the last twelve months.
func (in *Input) goesOn() GoesOn {
	first, _ := in.since()
	if int(in.To-first) < yearMonths {
		return GoesOn{Lacks: &evidence.Refusal{Reason: fmt.Sprintf("the books of trainings begin in %s, and twelve months are needed to go on as", first), Need: "trainings of the twelve months up to the period's end"}}
	}
	var out GoesOn
	c := in.curveAt(in.To)
	if c != nil {
		out.Hazard = c.hazard
	}
	people := map[string]bool{}
	for i := range in.items {
		if x := &in.items[i]; x.month >= in.To-yearMonths && x.month < in.To {
			people[x.record.Person] = true
		}
	}
	out.People = int64(len(people))
	for _, months := range horizons {
		out.Ahead = append(out.Ahead, in.ahead(months, c, len(people)))
	}
	return out
}

func (in *Input) ahead(months int, c *curve, people int) Ahead {
	a := Ahead{Months: months}
	var held []repeated
	for i := range in.items {
		x := &in.items[i]
		if x.month < in.To-yearMonths || x.month >= in.To {
			continue
		}
		for at := x.month + yearMonths; at < in.To+calendar.Month(months); at += yearMonths {
			a.Records++
			a.Direct, a.Pay = a.Direct.Add(in.scale.amount(x.direct)), a.Pay.Add(in.scale.amount(x.pay))
			if x.reason != "" {
				continue
			}
			a.Added = a.Added.Add(in.scale.amount(x.cost))
			held = append(held, repeated{x, months - int(at-in.To)})
		}
	}
	a.Carried = in.carriedOf(held, c, people, a.Records)
	return a
}

// carriedOf is what stands at the end, with the interval of the number who have left laid on the hazards, as that of expected write-offs.
// Without a curve it lies between nobody leaves and all leave at once.
func (in *Input) carriedOf(held []repeated, c *curve, people int, n int64) evidence.Figure {
	var stays, group float64 // by the policy individual, where nobody leaves; by the policy group
	for _, h := range held {
		if h.item.policy.Method == Group {
			group += in.stands(h)
		} else {
			stays += in.stands(h)
		}
	}
	value := func(of float64) float64 { return math.Round(of) / math.Pow10(in.scale.places) }
	switch {
	case people < in.least():
		return evidence.Refuse("training that goes on: fewer people were trained in the last twelve months than the minimum group", "more people, so that nobody can be told apart")
	case stays == 0:
		return evidence.Exact(evidence.Float(value(group)), n, "Σ what is not used up, by the policy for groups")
	case c == nil:
		return evidence.Bounds(evidence.Float(value(group)), evidence.Float(value(group+stays)), n, "all leave at once, to nobody leaves: too few have left to draw a curve of staying")
	}
	by := func(factor float64) float64 {
		sum := group
		for _, h := range held {
			if x := h.item; x.policy.Method != Group {
				u := float64(x.day-x.spell.Hired) / monthDays
				t := float64(h.left-1) + float64(x.month.Next().First()-x.day)/monthDays
				sum += float64(in.stands(h) * math.Pow(c.stays(u, t), factor))
			}
		}
		return value(sum)
	}
	few, many := c.factors()
	return evidence.Confidence(evidence.Float(by(1)), evidence.Float(by(many)), evidence.Float(by(few)), 0.95, n,
		"Σ what is not used up × chance to have stayed, occurrence–exposure rates of the taught by time since hiring; the interval is that of the number who have left")
}

// stands is what is not used up of a repeated course at the end, of somebody who stays.
func (in *Input) stands(h repeated) float64 {
	life := in.life(h.item, in.To)
	if h.left >= life {
		return 0
	}
	if h.item.policy.Method == Group {
		return float64(h.item.cost - in.sharesOf(h.item, in.To-1).used(h.item.cost, 0, h.left, life))
	}
	return float64(h.item.cost - portion(h.item.cost, units(h.left), units(life)))
}
