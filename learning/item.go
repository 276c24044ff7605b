package learning

import (
	"math/big"

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
}

// scale turns money into minor units and back.
type scale struct{ places int }

func (s scale) units(a money.Amount) (units, bool) {
	n := a.Round(s.places).Big()
	n.Quo(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(money.Scale-s.places)), nil))
	if !n.IsInt64() || n.Int64() > mostCost || n.Int64() < -mostCost {
		return 0, false
	}
	return n.Int64(), true
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
			per := new(big.Rat).Quo(pay.Rat(), in.Policies.Hours.Rat())
			cost, err := money.Parse(per.Mul(per, r.Hours.Rat()).FloatString(money.Scale))
			if err != nil {
				return false
			}
			if x.pay, ok = in.scale.units(cost); !ok {
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
	return x.spell.At(x.record.Completed).AnnualCost
}

// without tells whether a course had been measured, by a month, to bring less than it costs.
func (in *Input) without(course string, m calendar.Month) bool {
	since, ok := in.measured[course]
	return ok && m >= since
}
