package sim

import (
	"errors"
	"math/big"

	"github.com/throughline/throughline/money"
)

// units is a sum in millionths of the currency that remembers an overflow.
type units struct {
	n    int64
	over bool
}

func (u *units) add(n int64) {
	sum := u.n + n
	u.over = u.over || (sum > u.n) != (n > 0) && n != 0
	u.n = sum
}

var errOverflow = errors.New("the world's revenue is too large to sum; lower spend or the number of customers")

// amount is the sum as money.
func (u units) amount() money.Amount { return money.FromMicros(u.n) }

// gather adds another sum.
func (u *units) gather(other units) {
	over := other.over
	u.add(other.n)
	u.over = u.over || over
}

// comparison sums customers for one pair of windows of equal length, in months
// after the start: [p-length, p) and [q-length, q).
type comparison struct {
	p, q, length                                             int
	lost, retained, returning, earned, bought                int64
	r0, r1, a0, kept, netRetained, rEarned, rBought, rComing units
}

// comparisons are all pairs that the months allow: each month against the
// same month a year earlier, and each trailing year against the year before.
func comparisons(months int) []comparison {
	var all []comparison
	for end := 1; end <= months; end++ {
		for _, length := range []int{1, 12} {
			if end >= 12+length {
				all = append(all, comparison{p: end, q: end - 12, length: length})
			}
		}
	}
	return all
}

// add adds a customer: sums[k] is net revenue before month k, first the month
// of the first purchase (negative: before the books).
func (c *comparison) add(sums []int64, first int, viaEarned bool) {
	r0, r1 := sums[c.q]-sums[c.q-c.length], sums[c.p]-sums[c.p-c.length]
	if r0 == 0 && r1 == 0 {
		return
	}
	c.r0.add(r0)
	c.r1.add(r1)
	switch {
	case r0 > 0:
		c.a0.add(r0)
		c.netRetained.add(r1)
		c.kept.add(min(max(r1, 0), r0))
		if r1 > 0 {
			c.retained++
		} else {
			c.lost++
		}
	case r1 <= 0:
	case first >= c.q && viaEarned:
		c.earned++
		c.rEarned.add(r1)
	case first >= c.q:
		c.bought++
		c.rBought.add(r1)
	default:
		c.returning++
		c.rComing.add(r1)
	}
}

// gather adds what another tally has counted for the same windows.
func (c *comparison) gather(o *comparison) {
	for _, n := range []struct {
		to   *int64
		from int64
	}{{&c.lost, o.lost}, {&c.retained, o.retained}, {&c.returning, o.returning}, {&c.earned, o.earned}, {&c.bought, o.bought}} {
		*n.to += n.from
	}
	for _, u := range []struct{ to, from *units }{
		{&c.r0, &o.r0}, {&c.r1, &o.r1}, {&c.a0, &o.a0}, {&c.kept, &o.kept}, {&c.netRetained, &o.netRetained},
		{&c.rEarned, &o.rEarned}, {&c.rBought, &o.rBought}, {&c.rComing, &o.rComing},
	} {
		u.to.gather(*u.from)
	}
}

func (c *comparison) truth() (*Comparison, error) {
	for _, u := range []units{c.r0, c.r1, c.a0, c.kept, c.netRetained, c.rEarned, c.rBought, c.rComing} {
		if u.over {
			return nil, errOverflow
		}
	}
	rat := func(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }
	a0 := rat(c.a0.n)
	growth := new(big.Rat).Sub(rat(c.r1.n), rat(c.r0.n))
	earnedGrowth := new(big.Rat).Sub(new(big.Rat).Add(rat(c.netRetained.n), rat(c.rEarned.n)), a0)
	newRevenue := new(big.Rat).Add(rat(c.rEarned.n), rat(c.rBought.n))
	return &Comparison{
		Opening: c.lost + c.retained, Lost: c.lost, Retained: c.retained, Returning: c.returning,
		NewEarned: c.earned, NewBought: c.bought, Closing: c.retained + c.returning + c.earned + c.bought,
		RevenuePrior: c.r0.amount(), RevenueCurrent: c.r1.amount(), ActivePrior: c.a0.amount(),
		RevenueNewEarned: c.rEarned.amount(), RevenueNewBought: c.rBought.amount(), RevenueReturning: c.rComing.amount(),
		Growth: ratio(growth, rat(c.r0.n)), NetRetention: ratio(rat(c.netRetained.n), a0), GrossRetention: ratio(rat(c.kept.n), a0),
		EarnedNewCustomers: ratio(rat(c.rEarned.n), a0), EarnedGrowth: ratio(earnedGrowth, a0), EarnedShareOfNew: ratio(rat(c.rEarned.n), newRevenue),
	}, nil
}
