package sim

import (
	"math"
	"sort"
)

// told is what is so of a customer: the life, when it ends, and who brought
// them, if a customer did.
type told struct {
	who
	life
	dropped  float64
	via      int    // true origin
	referrer uint32 // number; 0: none
	happy    bool   // of the referrer
	orphaned float64
}

// teller tells lives. One may depend on another's, of whoever brought the
// customer, and that on a third's: each has a teller of its own, further down.
// Whoever brought a customer came in an earlier month, so this ends. Where lives
// hang on those who come after them too, [ties] has what is settled of others.
type teller struct {
	c                      *company
	life, origin, referral *stream
	served                 served
	times                  []float64
	exposed                exposed   // the one told of, before a contact
	heard, voiced          []float64 // kept for exposed
	below                  *teller
}

func newTeller(c *company) *teller {
	t := &teller{c: c, life: newStream(), origin: newStream(), referral: newStream()}
	t.served = served{c: c, s: newStream(), factors: c.Referrals.factors()}
	return t
}

// tell tells a customer's life with all that it depends on. Purchases and
// contacts are left in the teller.
func (t *teller) tell(w who) told {
	to, x := told{who: w, via: t.via(w), orphaned: math.Inf(1)}, unexposed()
	if i, ok := t.c.place(w); ok && t.c.ties != nil {
		x = t.c.ties.exposed(t, i)
		if by := t.c.ties.by[i]; by >= 0 {
			sender, number := t.c.nth(int64(by), t.c.months())
			to.referrer, to.happy, to.orphaned = number, t.happy(sender), x.orphaned
		}
	} else if t.c.byCustomer(w, to.via) {
		to.referrer, to.happy, to.orphaned = t.referrer(w)
		x.orphaned = to.orphaned
	}
	t.live(&to, x)
	return to
}

// via draws the true origin.
func (t *teller) via(w who) int {
	switch w.kind {
	case account:
		return -1
	case referred:
		t.origin.begin(t.c.Seed, ofOrigin, w)
		t.origin.Float64() // so that the next draw is as that of the others
		return 0
	case arrival:
		t.origin.begin(t.c.Seed, ofOrigin, w)
		return t.origin.pick(t.c.origins)
	}
	t.origin.begin(t.c.Seed, ofOrigin, w)
	return t.origin.pick(t.c.before)
}

// byCustomer tells whether a customer of the books brought this one.
func (c *company) byCustomer(w who, via int) bool {
	return w.kind == referred || w.kind == arrival && via == 0
}

// live draws the life of one, given what others do.
func (t *teller) live(to *told, x exposed) {
	c := t.c
	t.exposed = x
	t.life.begin(c.Seed, ofLife, to.who)
	from, until := c.born(to.who)
	to.life = c.living.draw(t.life, from, until)
	t.served.begin(to.who, to.born, x)
	to.dropped = math.Inf(1)
	if c.Purchases.Model == ParetoNBD {
		to.dropped = to.leave(&t.served, c.horizon)
	} else {
		t.times, to.dropped = to.purchases(t.life, BGNBD, &t.served, c.trend, 0, c.horizon, t.times[:0])
	}
}

// rest draws what the end of a life does not depend on: the purchases of
// Pareto/NBD, and contacts after the last purchase of BG/NBD.
func (t *teller) rest(to *told) {
	c := t.c
	end := min(to.dropped, c.horizon)
	if c.Purchases.Model == ParetoNBD {
		t.times, _ = to.purchases(t.life, ParetoNBD, &t.served, c.trend, to.dropped, c.horizon, t.times[:0])
	}
	t.served.until(end)
	t.served.contacts = after(t.served.contacts, end)
}

// referrer draws who brought an arrival: one of the customers who came before
// the month and have not left by its beginning, and whether they are happy and
// when they leave. Nobody, where many draws find none.
func (t *teller) referrer(w who) (number uint32, happy bool, leaves float64) {
	before := t.c.Customers + t.c.arrived[w.month]
	if before == 0 {
		return 0, false, math.Inf(1)
	}
	t.deepen()
	start, _ := t.c.month(w.month)
	t.referral.begin(t.c.Seed, ofReferral, w)
	for range referrerTries {
		candidate, number := t.c.nth(t.referral.Int64N(before), w.month)
		t.below.life.begin(t.c.Seed, ofLife, candidate)
		happy := t.c.living.happy(t.c.living.leaving(t.below.life))
		if !happy && t.c.ReferralsFollowHappiness {
			continue
		}
		if leaves := t.below.leaves(candidate, start); leaves > start {
			return number, happy, leaves
		}
	}
	return 0, false, math.Inf(1)
}

// leaves is when a customer drops out; it need not be right where that is not
// after the time given. Contagion can only hasten it when it is 1 or more, so
// that most of those who have left are known without asking who brought them.
func (t *teller) leaves(w who, after float64) float64 {
	to, x := told{who: w, via: t.via(w), orphaned: math.Inf(1)}, unexposed()
	contagion, brought := t.c.Referrals.Contagion, t.c.byCustomer(w, to.via)
	if contagion >= 1 || !brought {
		t.live(&to, x)
		if to.dropped <= after || !brought || contagion == 1 {
			return to.dropped
		}
	}
	_, _, x.orphaned = t.referrer(w)
	t.live(&to, x)
	return to.dropped
}

func (t *teller) deepen() {
	if t.below == nil {
		t.below = newTeller(t.c)
	}
}

// happy tells whether a customer is.
func (t *teller) happy(w who) bool {
	t.deepen()
	t.below.life.begin(t.c.Seed, ofLife, w)
	return t.c.living.happy(t.c.living.leaving(t.below.life))
}

// complaintsOf are the times of a customer's complaints before a time; they hold
// until the teller is asked again.
func (t *teller) complaintsOf(w who, until float64) []float64 {
	t.deepen()
	t.below.life.begin(t.c.Seed, ofLife, w)
	from, to := t.c.born(w)
	t.below.served.begin(w, t.c.living.draw(t.below.life, from, to).born, unexposed())
	t.heard = t.below.served.complaints(min(until, t.c.horizon), t.heard[:0])
	return t.heard
}

// nth is the n-th customer of those who came before a month, and the number.
func (c *company) nth(n int64, month int) (who, uint32) {
	if n < c.Customers {
		return who{kind: initial, index: n}, uint32(n + 1)
	}
	n -= c.Customers
	number := uint32(c.arrivalNumber(n))
	m := sort.Search(month+1, func(i int) bool { return c.arrived[i] > n }) - 1
	if n -= c.arrived[m]; n >= c.came[m] {
		return who{referred, m, n - c.came[m]}, number
	}
	return who{arrival, m, n}, number
}
