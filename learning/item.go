package learning

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

// units are whole minor units of the currency: cents, or yen.
type units = int64

// mostCost is the largest cost of one course, in minor units: it leaves room to multiply by the months of any life.
const mostCost units = 1e15

// item is one course that one person completed.
type item struct {
	record *workforce.Record
	spell  *workforce.Spell // in which they completed it, or for which they were hired
	month  calendar.Month   // in which it is capitalised
	day    calendar.Day     // of completion, or of hiring for what was completed before
	policy Policy
	kind   string
	cost   units
	reason Reason // empty: it is capitalised
	// what the cost is made of
	direct, pay     units
	hoursWithoutPay bool
	noDirect        bool
	late            bool // of somebody of whom the period told something
	marks           [len(markMonths)]mark
	written         units // what was written off of it, and when
	left            calendar.Month
}

// mark is what is carried at the end of a month by somebody employed here.
type mark struct {
	carried  units
	employed bool
}

// markMonths are the months whose ends are marked: so many before the period, or before its end.
var markMonths = [...]struct {
	ofEnd bool
	back  calendar.Month
}{{true, 0}, {true, 12}, {false, 0}, {false, 12}}

// scale turns money into minor units and back.
type scale struct{ places int }

// units rounds halves away from zero. false: it is no cost of a course.
func (s scale) units(a money.Amount) (units, bool) {
	n, ok := a.Micros()
	if !ok {
		return 0, false
	}
	unit := s.unit()
	whole, rest := n/unit, n%unit
	if 2*rest >= unit {
		whole++
	}
	if 2*rest <= -unit {
		whole--
	}
	return whole, whole <= mostCost && whole >= -mostCost
}

// unit is a minor unit in millionths.
func (s scale) unit() int64 {
	unit := int64(1)
	for range money.Scale - s.places {
		unit *= 10
	}
	return unit
}

// priced is pay a year ÷ hours a year × hours, rounded once. None is below zero.
func (s scale) priced(pay, year, hours money.Amount) (units, bool) {
	p, okP := pay.Micros()
	h, okH := hours.Micros()
	y, okY := year.Micros()
	if !okP || !okH || !okY || p < 0 || y > math.MaxInt64/s.unit()/2 {
		return 0, false
	}
	whole := uint64(y) * uint64(s.unit())
	high, low := bits.Mul64(uint64(p), uint64(h))
	low, carry := bits.Add64(low, whole/2, 0)
	if high+carry >= whole {
		return 0, false
	}
	quotient, _ := bits.Div64(high+carry, low, whole) // whole is even, as a minor unit is ten millionths or more
	return units(quotient), quotient <= uint64(mostCost)
}

func (s scale) amount(u units) money.Amount {
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(money.Scale-s.places)), nil)
	return money.FromBig(n.Mul(n, big.NewInt(u)))
}

// judge makes an item of a record: what it cost, and whether it is on the books.
func (in *Input) judge(r *workforce.Record, c *workforce.Career) item {
	x := item{record: r, day: r.Completed, month: calendar.MonthOf(r.Completed), kind: r.Kind}
	x.policy = in.Policies.Of(r.Course, x.kind)
	if x.policy.Kind != "" {
		x.kind = x.policy.Kind
	}
	hired := false
	if c != nil {
		x.spell, hired = taught(c, r.Completed)
		if hired {
			x.day = max(x.day, x.spell.Hired)
			x.month = calendar.MonthOf(x.day)
		}
	}
	fits := x.price(in, c)
	switch {
	case c == nil:
		x.reason = Unknown
	case x.spell == nil && len(c.Spells) == 0:
		x.reason = NotHired
	case x.spell == nil:
		x.reason = NotEmployed
	case r.Passed != nil && !*r.Passed:
		x.reason = Failed
	case x.kind == workforce.Compliance:
		x.reason = OfCompliance
	case x.kind == "":
		x.reason = NoKind
	case !x.policy.Capitalise:
		x.reason = ByPolicy
	case !fits:
		x.reason = TooLarge
	case in.without(r.Course, x.month):
		x.reason = NoEffect
	case x.cost < 0:
		x.reason = BelowZero
	case r.Direct == nil && x.pay == 0:
		x.reason = NoCost
	}
	return x
}

// taught is the spell that carries what was completed on a day: that of the day, or, for somebody not yet employed, the first one after it.
// Whoever had left before is not carried by a later spell: they were taught on no pay of ours.
func taught(c *workforce.Career, d calendar.Day) (s *workforce.Spell, ok bool) {
	if s = c.On(d); s != nil {
		return s, true
	}
	if len(c.Spells) > 0 && d < c.Spells[0].Hired {
		return &c.Spells[0], true
	}
	return nil, false
}

// price works out what the course cost: its direct cost, and the hours at the pay of the day. It tells whether that can be a cost at all.
func (x *item) price(in *Input, c *workforce.Career) bool {
	r, ok := x.record, true
	if r.Direct == nil {
		x.noDirect = true
	} else if x.direct, ok = in.scale.units(*r.Direct); !ok {
		return false
	}
	if r.Hours != nil && r.Hours.Sign() > 0 {
		x.hoursWithoutPay = true
		if pay := in.pay(x, c); pay != nil && in.Policies.Hours.Sign() > 0 {
			if x.pay, ok = in.scale.priced(*pay, in.Policies.Hours, *r.Hours); !ok {
				return false
			}
			x.hoursWithoutPay = false
		}
	}
	x.cost = x.direct + x.pay
	return x.cost <= mostCost
}

// pay is what a person is paid a year on the day of the course; of a candidate nothing is paid.
func (in *Input) pay(x *item, c *workforce.Career) *money.Amount {
	if x.spell == nil || !x.spell.Here(x.record.Completed) {
		return nil
	}
	if pay := x.spell.At(x.record.Completed).AnnualCost; pay != nil && pay.Sign() >= 0 {
		return pay
	}
	return nil
}

// without tells whether a course had been measured, by a month, to bring less than it costs.
func (in *Input) without(course string, m calendar.Month) bool {
	since, ok := in.measured[course]
	return ok && m >= since
}
