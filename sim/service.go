package sim

import (
	"math"

	"github.com/throughline/throughline/calendar"
)

// How a contact ended.
const (
	resolved = 1 << iota
	reopened
	abandoned
	contained
	complaint
)

// contact is one time that a customer was served.
type contact struct {
	t          float64 // season's time
	at         int64
	touchpoint int
	person     int // index into the staff; −1: nobody
	wait       int64
	handle     int64
	transfers  int64
	reason     int
	flags      uint8
	likely     float64 // chance that it was resolved
	stock      float64 // of the person's courses
}

func (c contact) failed() bool { return c.flags&(resolved|contained) == 0 }

var reasons = []string{"question", "order", "change", "return", "invoice", "complaint"}

// served is the fate of one customer: the contacts come one after the other,
// and a failed one multiplies the hazard for a time, as what others do does.
type served struct {
	c        *company
	s        *stream
	next     float64 // time of the next contact
	failing  float64 // end of the time in which a failure is remembered
	exposed  exposed // to others
	factors  [tieKinds]float64
	contacts []contact
}

// begin starts a customer's contacts: from the first purchase on, and not
// before the books.
func (h *served) begin(w who, born float64, x exposed) {
	h.contacts, h.failing, h.exposed, h.next = h.contacts[:0], math.Inf(-1), x, math.Inf(1)
	if h.c.Service.PerMonth > 0 {
		h.s.begin(h.c.Seed, ofService, w)
		h.next = max(born, h.c.opening) + h.gap()
	}
}

func (h *served) gap() float64 { return 30 * h.s.exponential() / h.c.Service.PerMonth }

// until implements fate.
func (h *served) until(t float64) (factor, end float64) {
	for h.next <= t && h.next < h.c.horizon {
		k := h.meet(h.next)
		h.contacts = append(h.contacts, k)
		if k.failed() {
			h.failing = h.next + h.c.Service.MemoryDays
		}
		h.next += h.gap()
	}
	factor, end = 1, h.next
	if t < h.failing {
		factor, end = h.c.Service.FailureEffect, min(end, h.failing)
	}
	on, until := h.exposed.states(t, h.c.Referrals.ComplaintDays)
	for kind, bears := range on {
		if bears {
			factor *= h.factors[kind]
		}
	}
	return factor, min(end, until)
}

// complaints appends the times of all complaints before a time.
func (h *served) complaints(until float64, to []float64) []float64 {
	for ; h.next < until; h.next += h.gap() {
		if k := h.meet(h.next); k.flags&complaint != 0 {
			to = append(to, h.next)
		}
	}
	return to
}

// meet draws one contact.
func (h *served) meet(t float64) contact {
	s := h.s
	k := contact{t: t, at: h.c.clock.seconds(t), touchpoint: s.pick(h.c.contacts), person: -1, reason: s.IntN(len(reasons) - 1)}
	place := &h.c.Touchpoints[k.touchpoint]
	if s.Float64() < place.Contained {
		k.flags |= contained | resolved
		return k
	}
	k.wait = int64(float64(place.WaitSeconds * s.exponential()))
	if s.Float64() < place.Abandoned {
		k.flags |= abandoned
		return k
	}
	day := dayOfSeconds(k.at)
	k.person = h.c.staff.serves(s, k.touchpoint, day)
	k.likely, k.stock = h.c.staff.quality(k.touchpoint, k.person, day)
	if s.Float64() < k.likely {
		k.flags |= resolved
		if s.Float64() < h.c.Service.Reopened {
			k.flags |= reopened
		}
	} else if s.Float64() < 0.5 {
		k.flags, k.reason = k.flags|complaint, len(reasons)-1
	}
	for s.Float64() < h.c.Service.Transferred && k.transfers < 9 {
		k.transfers++
	}
	// Lognormal with the stated mean and a deviation of the logarithm of 0.5.
	k.handle = 1 + int64(place.HandleSeconds*exp(float64(0.5*s.normal())-0.125))
	return k
}

// after cuts off what did not happen: contacts from a time on.
func after(contacts []contact, t float64) []contact {
	for len(contacts) > 0 && contacts[len(contacts)-1].t >= t {
		contacts = contacts[:len(contacts)-1]
	}
	return contacts
}

// day is the date of a contact.
func (c contact) day() calendar.Day { return dayOfSeconds(c.at) }
