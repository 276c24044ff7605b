package sim

import (
	"context"
	"math"

	"github.com/throughline/throughline/calendar"
)

// ties are who brought whom and when each leaves, worked out before anything is
// written, where a life can hang on people who come after it. Customers stand in
// the order of their numbers, without accounts and second records, so whoever
// brought one stands before them.
//
// Months follow each other: what the brought do in one bears on who brought them
// from the first of the next, so that a month's lives hang on what is settled.
type ties struct {
	c      *company
	teller *teller
	months int       // of arrivals that are drawn
	by     []int32   // place of who brought each; -1: nobody whom the books know
	leaves []float64 // as far as is settled
	hurt   []uint16  // month after the first in which one whom they brought left; 0: none
	voiced map[int32][]uint16
	said   [][]complained // by month, of the brought

	dirty, changed []bool
}

// complained is one complaint of a customer who was brought.
type complained struct {
	who int32
	at  float64
}

// tie works the ties out. It holds 16 bytes for each customer, about twice that
// while lists grow, and 16 for each complaint of one who was brought where
// complaints work backwards.
func (c *company) tie(ctx context.Context) error {
	f := &ties{c: c, teller: newTeller(c), voiced: map[int32][]uint16{}}
	c.ties = f
	for i := range c.Customers {
		f.add(who{kind: initial, index: i}, -1)
	}
	for m := 0; c.start(m) < c.horizon; m++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if m < c.months() {
			if err := f.arrive(m); err != nil {
				return err
			}
			f.months = m + 1
		}
		f.settle(m)
	}
	f.dirty, f.changed, f.said = nil, nil, nil
	return nil
}

// start is the beginning of a month in season's time, also of those after the
// books, and the horizon for all beyond it.
func (c *company) start(m int) float64 {
	if day := c.day(m); day < c.End+beyond {
		return c.clock.at(day)
	}
	return c.horizon
}

// add draws the life of one more customer.
func (f *ties) add(w who, by int32) {
	f.by, f.leaves, f.hurt = append(f.by, by), append(f.leaves, math.Inf(1)), append(f.hurt, 0)
	f.dirty, f.changed = append(f.dirty, false), append(f.changed, false)
	i := int32(len(f.by) - 1)
	f.leaves[i] = f.tell(w, i)
	if by < 0 || f.c.Referrals.ComplaintsBackwards == 1 {
		return
	}
	for _, at := range f.teller.complaintsOf(w, f.c.horizon) {
		day, _ := f.c.clock.day(at)
		m := int(calendar.MonthOf(day) - f.c.first())
		for len(f.said) <= m {
			f.said = append(f.said, nil)
		}
		f.said[m] = append(f.said[m], complained{i, at})
	}
}

// tell is when a customer leaves, by what is settled of the others.
func (f *ties) tell(w who, i int32) float64 {
	to := told{who: w}
	f.teller.live(&to, f.exposed(f.teller, i))
	return to.dropped
}

// arrive draws who come in a month and who brought them.
func (f *ties) arrive(m int) error {
	c, start := f.c, f.c.start(m)
	var active int64
	for _, leaves := range f.leaves {
		if leaves > start {
			active++
		}
	}
	if err := c.arrive(m, active); err != nil {
		return err
	}
	before := int64(len(f.by))
	for n := range c.arrived[m+1] - c.arrived[m] {
		w := who{arrival, m, n}
		if n >= c.came[m] {
			w = who{referred, m, n - c.came[m]}
		}
		by := int32(-1)
		if before > 0 && c.byCustomer(w, f.teller.via(w)) {
			by = f.referrer(w, before, start)
		}
		f.add(w, by)
	}
	return nil
}

// referrer draws who brought an arrival, as the teller does.
func (f *ties) referrer(w who, before int64, start float64) int32 {
	f.teller.referral.begin(f.c.Seed, ofReferral, w)
	for range referrerTries {
		i := f.teller.referral.Int64N(before)
		if f.leaves[i] > start && (!f.c.ReferralsFollowHappiness || f.teller.happy(f.whoIs(int32(i)))) {
			return int32(i)
		}
	}
	return -1
}

// settle lets what happened in a month bear on those whom it concerns and are
// still customers at its end, and what that changes on those whom they brought.
func (f *ties) settle(m int) {
	from, until := f.c.start(m), f.c.start(m+1)
	any := false
	if f.c.Referrals.ContagionBackwards != 1 {
		for i, by := range f.by {
			if by >= 0 && f.leaves[i] >= from && f.leaves[i] < until && f.leaves[by] > until && f.hurt[by] == 0 {
				f.hurt[by], f.dirty[by], any = uint16(m+1), true, true
			}
		}
	}
	if m < len(f.said) {
		for _, s := range f.said[m] {
			by := f.by[s.who]
			if months := f.voiced[by]; s.at < f.leaves[s.who] && f.leaves[by] > until && (len(months) == 0 || months[len(months)-1] != uint16(m+1)) {
				f.voiced[by], f.dirty[by], any = append(months, uint16(m+1)), true, true
			}
		}
		f.said[m] = nil
	}
	if any {
		f.again(until)
	}
}

// again draws lives that changed, from the first to the last, so that who
// brought a customer is settled before them.
func (f *ties) again(until float64) {
	down := f.c.Referrals.Contagion != 1 || f.c.Referrals.Complaints != 1
	for i, by := range f.by {
		f.changed[i] = false
		if f.leaves[i] > until && (f.dirty[i] || down && by >= 0 && f.changed[by]) {
			leaves := f.tell(f.whoIs(int32(i)), int32(i))
			f.changed[i] = leaves != f.leaves[i]
			f.leaves[i] = leaves
		}
		f.dirty[i] = false
	}
}

// exposed is what others do to a customer. Only what a factor makes matter is
// looked up.
func (f *ties) exposed(t *teller, i int32) exposed {
	x, r := unexposed(), f.c.Referrals
	if by := f.by[i]; by >= 0 {
		x.orphaned = f.leaves[by]
		if r.Complaints != 1 {
			x.upset = newEchoes(t.complaintsOf(f.whoIs(by), f.leaves[by]))
		}
	}
	if m := f.hurt[i]; m > 0 {
		x.hurt = f.c.start(int(m))
	}
	if months := f.voiced[i]; len(months) > 0 {
		t.voiced = t.voiced[:0]
		for _, m := range months {
			t.voiced = append(t.voiced, f.c.start(int(m)))
		}
		x.voiced = newEchoes(t.voiced)
	}
	return x
}

// place is where a customer stands among the ties; none for accounts.
func (c *company) place(w who) (int32, bool) {
	switch w.kind {
	case initial:
		return int32(w.index), true
	case arrival:
		return int32(c.Customers + c.arrived[w.month] + w.index), true
	case referred:
		return int32(c.Customers + c.arrived[w.month] + c.came[w.month] + w.index), true
	}
	return 0, false
}

// whoIs is who stands at a place.
func (f *ties) whoIs(i int32) who {
	w, _ := f.c.nth(int64(i), f.months)
	return w
}
