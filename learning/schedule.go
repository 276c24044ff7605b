package learning

import (
	"math/bits"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/workforce"
)

// step is what one month does to one item.
type step struct {
	month     calendar.Month
	at        *workforce.Stretch // where the person is at the month's end, or was on the last day
	opening   units              // carried into the month
	added     units
	from      *workforce.Stretch // where the opening was; nil in the first month
	amortised units
	impaired  units
	written   units
	effect    bool // the impairment is of the effect, not of a change of role
	exit      string
}

// closing is what is carried out of the month.
func (s *step) closing() units { return s.opening + s.added - s.amortised - s.impaired - s.written }

// run walks an item from the month in which it is capitalised up to a month's end, or until nothing is carried. A step is lent for the visit.
func (in *Input) run(x *item, until calendar.Month, visit func(*step)) {
	carried := x.cost
	plan := in.plan(x)
	var before *workforce.Stretch
	var s step
	for m := x.month; m <= until; m++ {
		s = step{month: m, at: placed(x.spell, m), from: before}
		before = s.at
		if m == x.month {
			s.added = carried
		} else {
			s.opening = carried
		}
		s.amortised = carried - plan.carried(x, m, carried)
		carried -= s.amortised
		switch {
		case in.without(x.record.Course, m):
			s.impaired, s.effect = carried, true
		case x.kind == workforce.OfRole && !in.alike(x.spell.At(x.day).Role, s.at.Role):
			s.impaired = carried
		case plan.method == Individual && calendar.MonthOf(x.spell.Left) == m && x.spell.Left < workforce.Open:
			s.written, s.exit = carried, x.spell.Exit
		}
		carried -= s.impaired + s.written
		visit(&s)
		if carried == 0 {
			return
		}
	}
}

// placed is what a person was at the end of a month, or on the last day where that came before.
func placed(s *workforce.Spell, m calendar.Month) *workforce.Stretch {
	return s.At(min(m.Next().First()-1, s.Left))
}

// alike tells whether somebody who goes from one role to another keeps what they learnt for the first.
func (in *Input) alike(a, b string) bool {
	if a == b {
		return true
	}
	family, ok := in.families[a]
	other, too := in.families[b]
	return ok && too && family == other
}

// plan is how an item is used up between two reviews of its life: from a base carried into its first month, over months that are left.
type plan struct {
	in     *Input
	method Method
	base   units
	from   calendar.Month // the first month of the stretch
	life   int            // of the whole item, in months since completion
	shares *shares        // of a group
}

func (in *Input) plan(x *item) *plan {
	p := &plan{in: in, method: x.policy.Method, base: x.cost, from: x.month, life: in.life(x, x.month)}
	if p.method == Group {
		p.shares = in.sharesOf(x, x.month)
	}
	return p
}

// carried is what stands at a month's end of what was carried into it. At the beginning of a fiscal year the life is looked at anew, and the
// curve of a group, for what is left.
func (p *plan) carried(x *item, m calendar.Month, before units) units {
	if m > x.month && p.in.yearBegins(m) {
		life := p.in.life(x, m)
		curve := p.shares
		if p.method == Group {
			curve = p.in.sharesOf(x, m)
		}
		if life != p.life || curve != p.shares {
			p.base, p.from, p.life, p.shares = before, m, life, curve
		}
	}
	age := int(m-x.month) + 1 // at the month's end
	if age >= p.life {
		return 0
	}
	done := int(p.from - x.month) // months before the stretch
	if p.method == Group {
		return p.base - p.shares.used(p.base, done, age, p.life)
	}
	return p.base - portion(p.base, units(age-done), units(p.life-done))
}

// portion is base × part ÷ whole, rounded half away from zero; base is not below zero, and part is at most whole.
func portion(base, part, whole units) units {
	high, low := bits.Mul64(uint64(base), uint64(2*part))
	low, carry := bits.Add64(low, uint64(whole), 0)
	quotient, _ := bits.Div64(high+carry, low, uint64(2*whole))
	return units(quotient)
}

// life is the life of an item in months, as it is known in a month: that of the policy, unless a review has set another.
func (in *Input) life(x *item, m calendar.Month) int {
	life := x.policy.Life
	for _, r := range in.Policies.Reviews { // in the order of From
		if r.From <= m && (r.Course == x.record.Course || r.Course == "" && r.Kind == x.kind && !in.own(x.record.Course)) {
			life = r.Life
		}
	}
	return life
}

// own tells whether a course has a policy of its own, which a review of its kind leaves alone.
func (in *Input) own(course string) bool {
	_, ok := in.Policies.Courses[course]
	return ok
}
