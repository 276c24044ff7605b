package sim

import (
	"context"
	"math"
	"sort"

	"github.com/throughline/throughline/calendar"
)

const (
	beyond        = 365 // days after the end that lives go on, for Truth
	returnDays    = 30  // a return comes back within
	referrerTries = 64
)

// customer is a row of customers.csv; numbers are 0 where there is none.
type customer struct {
	number     uint32
	acquired   calendar.Day
	via, how   string
	referredBy uint32
	excluded   string
}

// link is a row of customer_links.csv.
type link struct {
	old, new uint32
	since    calendar.Day
}

// sink takes what a company is made of.
type sink interface {
	customer(customer) error
	link(link) error
	line(month int, l line) error
}

// company draws a world, one customer at a time.
type company struct {
	World
	clock    clock
	living   living
	shop     *shop
	tally    *tally
	sink     sink
	progress func(done int64)

	arrived []int64 // number of arrivals before each month, and their total
	origins []float64
	knowns  []float64
	done    int64
	merged  []customer

	life, basket, origin, walkIn, export *stream

	times []float64
	lines []line
}

func newCompany(w World, to sink, progress func(int64)) *company {
	epoch := w.Start.AddMonths(-12 * w.HistoryYears)
	c := &company{
		World: w, sink: to, progress: progress, tally: newTally(w), shop: newShop(w),
		clock: newClock(epoch, w.End+beyond, w.Season), living: newLiving(w.Purchases, w.Spend.Frequency),
		origins: w.Origins.shares(), knowns: w.Known.shares(),
		life: newStream(), basket: newStream(), origin: newStream(), walkIn: newStream(), export: newStream(),
	}
	c.arrived = make([]int64, w.months()+1)
	for m := range w.months() {
		from, until := c.month(m)
		mean := w.Arrivals.PerMonth * math.Pow(1+w.Arrivals.Growth, float64(m)) * (until - from) / float64(c.day(m+1)-c.day(m))
		c.life.begin(w.Seed, ofArrivals, who{arrival, m, 0})
		c.arrived[m+1] = c.arrived[m] + c.life.poisson(mean)
	}
	return c
}

// customers counts all numbers that are given.
func (c *company) customers() int64 {
	return c.Customers + c.Excluded + c.Merged + c.arrived[c.months()]
}

// day is the first day of the m-th month.
func (c *company) day(m int) calendar.Day { return (c.first() + calendar.Month(m)).First() }

// month is the m-th month in season's time.
func (c *company) month(m int) (from, until float64) {
	return c.clock.at(c.day(m)), c.clock.at(c.day(m + 1))
}

// draw draws everyone: the customers of the start, the excluded accounts, the
// new records of merged customers, and the arrivals month by month.
func (c *company) draw(ctx context.Context) error {
	step := func(w who, number int64) error {
		if c.done++; c.done%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			c.progress(c.done)
		}
		return c.one(w, uint32(number))
	}
	for i := range c.Customers {
		if err := step(who{kind: initial, index: i}, i+1); err != nil {
			return err
		}
	}
	for i := range c.Excluded {
		if err := step(who{kind: account, index: i}, c.Customers+i+1); err != nil {
			return err
		}
	}
	for _, row := range c.merged {
		if err := c.sink.customer(row); err != nil {
			return err
		}
	}
	c.done += c.Merged
	for m := range c.months() {
		for i := range c.arrived[m+1] - c.arrived[m] {
			if err := step(who{arrival, m, i}, c.arrivalNumber(c.arrived[m]+i)); err != nil {
				return err
			}
		}
	}
	c.tally.customers.Initial, c.tally.customers.Excluded = c.Customers, c.Excluded
	c.tally.customers.Arrived, c.tally.customers.Merged = c.arrived[c.months()], int64(len(c.merged))
	return nil
}

// arrivalNumber numbers the n-th arrival, after all who are there already.
func (c *company) arrivalNumber(n int64) int64 { return c.Customers + c.Excluded + c.Merged + n + 1 }

// born is between which of season's times a customer first buys.
func (c *company) born(w who) (from, until float64) {
	if w.kind == arrival {
		return c.month(w.month)
	}
	return 0, c.clock.at(c.Start)
}

// one draws a customer: life, origin, orders, returns.
func (c *company) one(w who, number uint32) error {
	c.life.begin(c.Seed, ofLife, w)
	from, until := c.born(w)
	v := c.living.draw(c.life, from, until)
	var dropped float64
	c.times, dropped = v.purchases(c.life, c.clock.at(c.End+beyond), c.times[:0])

	row := customer{number: number}
	row.acquired, _ = c.clock.day(v.born)
	via := -1
	if w.kind == account {
		row.excluded = []string{"test", "staff"}[w.index%2]
	} else {
		via = c.come(w, &row)
	}
	if err := c.sink.customer(row); err != nil {
		return err
	}
	start, end := c.clock.at(c.Start), c.clock.at(c.End)
	in := c.times[sort.SearchFloat64s(c.times, start):sort.SearchFloat64s(c.times, end)]
	if via >= 0 {
		if dropped >= end {
			c.tally.customers.Alive++
		}
		c.tally.customers.NextYear += int64(len(c.times) - sort.SearchFloat64s(c.times, end))
	}
	merge, err := c.merge(w, number, in)
	if err != nil {
		return err
	}
	if err := c.orders(w, line{customer: number, flags: flagsOf(row)}, v.level, in, merge); err != nil {
		return err
	}
	c.tally.close(int(calendar.MonthOf(row.acquired)-c.first()), via >= 0 && earned(via))
	return nil
}

func flagsOf(row customer) uint8 {
	if row.excluded != "" {
		return excluded
	}
	return 0
}

// come draws the true origin, which it returns, and what the company knows of
// it, which it writes into the row.
func (c *company) come(w who, row *customer) int {
	s := c.origin
	s.begin(c.Seed, ofOrigin, w)
	via, how := s.pick(c.origins), knowns[s.pick(c.knowns)]
	if w.kind == arrival {
		c.tally.months[w.month].arrived[via]++
	}
	var referrer uint32
	if vias[via] == "referral" && w.kind == arrival {
		var happy bool
		if referrer, happy = c.referrer(w); referrer != 0 {
			c.tally.customers.Referred++
			if happy {
				c.tally.customers.ByHappy++
			}
		}
	}
	switch how {
	case "nobody":
		c.tally.customers.Unknown++
		return via
	case "inferred":
		guess := via
		if s.Float64() >= c.Known.InferredRight {
			guess = s.pick(c.origins)
		}
		if guess != via {
			c.tally.customers.GuessedAt++
		}
		row.via, row.how = vias[guess], how
		return via
	}
	row.via, row.how, row.referredBy = vias[via], how, referrer
	return via
}

// referrer draws who referred an arrival, among the customers who came before
// the month; 0 when there are none. Happiness is asked of the candidate's own
// life.
func (c *company) referrer(w who) (number uint32, happy bool) {
	before := c.Customers + c.arrived[w.month]
	if before == 0 {
		return 0, false
	}
	for range referrerTries {
		n := c.origin.Int64N(before)
		candidate := who{kind: initial, index: n}
		number = uint32(n + 1)
		if n >= c.Customers {
			n -= c.Customers
			m := sort.Search(len(c.arrived), func(i int) bool { return c.arrived[i] > n }) - 1
			candidate = who{arrival, m, n - c.arrived[m]}
			number = uint32(c.arrivalNumber(n))
		}
		c.life.begin(c.Seed, ofLife, candidate)
		happy = c.living.happy(c.living.dropout(c.life))
		if happy || !c.ReferralsFollowHappiness {
			break
		}
	}
	return number, happy
}

// merge gives a customer of the start a second record from the middle one of
// at least two orders on, until as many are merged as the world says.
func (c *company) merge(w who, number uint32, in []float64) (*link, error) {
	if w.kind != initial || int64(len(c.merged)) == c.Merged || len(in) < 2 {
		return nil, nil
	}
	since, _ := c.clock.day(in[len(in)/2])
	l := link{old: number, new: uint32(c.Customers + c.Excluded + int64(len(c.merged)) + 1), since: since}
	c.merged = append(c.merged, customer{number: l.new, acquired: since})
	return &l, c.sink.link(l)
}

// orders fills the baskets of one customer, with what comes back, and those of
// the unidentified who came beside: after each order another one with the
// probability Unidentified, so that their share of all lines is that.
func (c *company) orders(w who, first line, level float64, times []float64, merge *link) error {
	c.basket.begin(c.Seed, ofBasket, w)
	c.walkIn.begin(c.Seed, ofWalkIn, w)
	c.export.begin(c.Seed, ofExport, w)
	c.lines = c.lines[:0]
	walkIns := uint32(math.MaxUint32) // counted down, so as not to shift the customer's own
	for _, t := range times {
		first.at = c.clock.seconds(t)
		from := len(c.lines)
		c.lines = c.shop.fill(c.basket, first, level, c.lines)
		first.order++
		first = c.comeBack(from, first)
		for c.walkIn.Float64() < c.Unidentified {
			stranger := line{customer: first.customer, order: walkIns, flags: unidentified}
			stranger.at = int64(dayOfSeconds(first.at))*daySeconds + opens + c.walkIn.Int64N(openFor)
			c.lines = c.shop.fill(c.walkIn, stranger, c.walkIn.NormFloat64(), c.lines)
			walkIns--
		}
	}
	return c.send(merge)
}

// comeBack appends returns of the lines of one order, each an order of its
// own. A return after the end is not in the books.
func (c *company) comeBack(from int, first line) line {
	end := int64(c.End) * daySeconds
	for i, n := from, len(c.lines); i < n; i++ {
		if c.basket.Float64() >= c.Returns {
			continue
		}
		back := c.lines[i]
		back.at = int64(dayOfSeconds(back.at))*daySeconds + opens + c.basket.Int64N(openFor) + (1+c.basket.Int64N(returnDays))*daySeconds
		back.order, back.nth, back.quantity, back.flags = first.order, 0, -back.quantity, back.flags|returned
		first.order++
		if back.at < end {
			c.lines = append(c.lines, back)
		}
	}
	return first
}

// send counts the lines and passes them on, under the record that the
// customer had on the day.
func (c *company) send(merge *link) error {
	for i, l := range c.lines {
		day := dayOfSeconds(l.at)
		if merge != nil && day >= merge.since && l.flags&unidentified == 0 {
			l.customer = merge.new
		}
		if c.Late > 0 && c.export.Float64() < c.Late {
			l.flags |= late
		}
		if i == 0 || l.order != c.lines[i-1].order {
			c.tally.lines.Orders++
		}
		month := int(calendar.MonthOf(day) - c.first())
		c.tally.line(l, month)
		if err := c.sink.line(month, l); err != nil {
			return err
		}
	}
	return nil
}
