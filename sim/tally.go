package sim

import (
	"errors"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// units is a sum in the currency's smallest unit that remembers an overflow.
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

// amount converts smallest units of a currency with that many places.
func amount(n int64, places int) money.Amount {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(money.Scale-places)), nil)
	return money.FromBig(scale.Mul(scale, big.NewInt(n)))
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

func (c *comparison) truth(places int) (*Comparison, error) {
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
		RevenuePrior: amount(c.r0.n, places), RevenueCurrent: amount(c.r1.n, places), ActivePrior: amount(c.a0.n, places),
		RevenueNewEarned: amount(c.rEarned.n, places), RevenueNewBought: amount(c.rBought.n, places), RevenueReturning: amount(c.rComing.n, places),
		Growth: ratio(growth, rat(c.r0.n)), NetRetention: ratio(rat(c.netRetained.n), a0), GrossRetention: ratio(rat(c.kept.n), a0),
		EarnedNewCustomers: ratio(rat(c.rEarned.n), a0), EarnedGrowth: ratio(earnedGrowth, a0), EarnedShareOfNew: ratio(rat(c.rEarned.n), newRevenue),
	}, nil
}

// monthSum is what one month's lines come to, whoever's they are.
type monthSum struct {
	lines   int64
	revenue units
	arrived [5]int64 // by via
}

// tally gathers the truth while lines are drawn.
type tally struct {
	w                       World
	customers               CustomerTruth
	lines                   LineTruth
	revenue                 units // of all lines
	ofUnidentified, ofOther units // other: of excluded accounts
	months                  []monthSum
	pairs                   []comparison

	net  []int64 // of the customer at hand, by month
	sums []int64
}

func newTally(w World) *tally {
	n := w.months()
	return &tally{w: w, months: make([]monthSum, n), pairs: comparisons(n), net: make([]int64, n), sums: make([]int64, n+1)}
}

// line counts a line of the customer at hand.
func (t *tally) line(l line, month int) {
	m := &t.months[month]
	m.lines++
	m.revenue.add(l.amount())
	t.revenue.add(l.amount())
	t.lines.Lines++
	if l.flags&returned != 0 {
		t.lines.Returned++
	}
	if l.flags&late != 0 {
		t.lines.Late++
	}
	switch {
	case l.flags&unidentified != 0:
		t.lines.Unidentified++
		t.ofUnidentified.add(l.amount())
	case l.flags&excluded != 0:
		t.lines.Excluded++
		t.ofOther.add(l.amount())
	default:
		t.net[month] += l.amount()
	}
}

// close ends the customer at hand, who first bought in that month.
func (t *tally) close(first int, viaEarned bool) {
	any := false
	for i, n := range t.net {
		any = any || n != 0
		t.sums[i+1] = t.sums[i] + n
		t.net[i] = 0
	}
	if !any {
		return
	}
	for i := range t.pairs {
		t.pairs[i].add(t.sums, first, viaEarned)
	}
}

func (t *tally) truth(files []string) (Truth, error) {
	places := t.w.Currency.Places()
	truth := Truth{
		Simulated: "Simulated company: no figure here is of a real one.",
		Company:   t.w.Company, Seed: t.w.Seed, Currency: t.w.Currency, Start: t.w.Start, End: t.w.End,
		Files: files, Customers: t.customers, Lines: t.lines,
	}
	if t.revenue.over || t.ofUnidentified.over || t.ofOther.over {
		return truth, errOverflow
	}
	truth.Lines.Revenue = amount(t.revenue.n, places)
	truth.Lines.RevenueUnidentified = amount(t.ofUnidentified.n, places)
	truth.Lines.RevenueExcluded = amount(t.ofOther.n, places)
	truth.Lines.LedgerDifference = t.w.LedgerDifference.Amount
	for i, m := range t.months {
		truth.Months = append(truth.Months, m.truth(t.w.first()+calendar.Month(i), places))
	}
	for i := range t.pairs {
		c := &t.pairs[i]
		found, err := c.truth(places)
		if err != nil {
			return truth, err
		}
		if c.length == 1 {
			truth.Months[c.p-1].OfMonth = found
		} else {
			truth.Months[c.p-1].OfYear = found
		}
	}
	return truth, nil
}

func (m monthSum) truth(month calendar.Month, places int) MonthTruth {
	t := MonthTruth{Month: month, Lines: m.lines, Revenue: amount(m.revenue.n, places), Arrived: map[string]int64{}}
	var all, ofEarned int64
	for i, n := range m.arrived {
		t.Arrived[vias[i]] = n
		all += n
		if earned(i) {
			ofEarned += n
		}
	}
	t.EarnedShareOfArrivals = ratio(new(big.Rat).SetInt64(ofEarned), new(big.Rat).SetInt64(all))
	return t
}
