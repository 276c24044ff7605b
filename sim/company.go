package sim

import (
	"context"
	"runtime"

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
	segment    string
}

// link is a row of customer_links.csv.
type link struct {
	old, new uint32
	since    calendar.Day
}

// sink takes what a company is made of, in its order.
type sink interface {
	customer(customer) error
	link(link) error
	line(month int, l line) error
	rows(of rowBook, text []byte) error
}

// company draws a world: what does not change once it is set up is read by
// several drawers at once, and what they draw is gathered in order.
type company struct {
	World
	clock            clock
	living           living
	trend            trend
	shop             *shop
	staff            *staff
	opening, horizon float64 // of the books, and how far lives go on, in season's time
	origins, before  []float64
	knowns           []float64
	contacts         []float64 // shares of touchpoints

	arrived []int64 // before each month, and their total
	came    []int64 // in each month, other than by customers

	ties *ties // where lives hang on those who come after; nil elsewhere

	tally    *tally
	sink     sink
	progress func(done int64)
	merged   []customer

	drawers chan *drawer
	bins    chan *harvest
	width   int
}

func newCompany(w World, to sink, progress func(int64)) *company {
	epoch := w.Start.AddMonths(-12 * w.HistoryYears)
	c := &company{
		World: w, sink: to, progress: progress, tally: newTally(w), shop: newShop(w), staff: newStaff(w),
		clock: newClock(epoch, w.End+beyond, w.Season), living: newLiving(w.Purchases, w.Spend.Frequency),
		before: w.Origins.shares(), knowns: w.Known.shares(),
		arrived: make([]int64, w.months()+1), came: make([]int64, w.months()),
	}
	c.opening, c.horizon = c.clock.at(w.Start), c.clock.at(w.End+beyond)
	c.trend = trend{w.Purchases.Trend, c.opening, c.clock.at(w.End)}
	c.origins = c.before
	if w.Referrals.Rate > 0 {
		c.origins = withoutReferral(c.before)
	}
	for _, t := range w.Touchpoints {
		c.contacts = append(c.contacts, t.Contacts)
	}
	c.width = max(1, runtime.GOMAXPROCS(0))
	c.drawers, c.bins = make(chan *drawer, c.width), make(chan *harvest, 2*c.width+1)
	for range c.width {
		c.drawers <- newDrawer(c)
	}
	for range cap(c.bins) {
		c.bins <- &harvest{tally: newTally(w)}
	}
	return c
}

// withoutReferral are the shares of the other origins among themselves.
func withoutReferral(shares []float64) []float64 {
	rest := append([]float64(nil), shares...)
	left := 1 - rest[0]
	rest[0] = 0
	for i := range rest {
		rest[i] /= left
	}
	return rest
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
	months := int64(c.months())
	if c.Referrals.tied() {
		if err := c.tie(ctx); err != nil {
			return err
		}
	}
	if err := c.stage(ctx, pieces(nil, initial, 0, 0, c.Customers), 0, drawnSteps/5); err != nil {
		return err
	}
	if err := c.stage(ctx, pieces(nil, account, 0, c.Customers, c.Excluded), drawnSteps/5, drawnSteps/5); err != nil {
		return err
	}
	for _, row := range c.merged {
		if err := c.sink.customer(row); err != nil {
			return err
		}
	}
	for m := range c.months() {
		if c.ties == nil {
			if err := c.arrive(m, c.tally.active(m)); err != nil {
				return err
			}
		}
		first := c.arrivalNumber(c.arrived[m]) - 1
		parts := pieces(nil, arrival, m, first, c.came[m])
		parts = pieces(parts, referred, m, first+c.came[m], c.arrived[m+1]-c.arrived[m]-c.came[m])
		step := func(m int) int64 { return drawnSteps/5 + int64(m)*(drawnSteps-drawnSteps/5)/months }
		if err := c.stage(ctx, parts, step(m), step(m+1)); err != nil {
			return err
		}
	}
	c.tally.customers.Initial, c.tally.customers.Excluded = c.Customers, c.Excluded
	c.tally.customers.Arrived, c.tally.customers.Merged = c.arrived[c.months()], int64(len(c.merged))
	return nil
}

// arrive draws how many come in a month. By referral they come at the stated
// rate of those active, who are customers at its beginning: all are known by then.
func (c *company) arrive(m int, active int64) error {
	from, until := c.month(m)
	mean := c.Arrivals.PerMonth * pow(1+c.Arrivals.Growth, float64(m)) * (until - from) / float64(c.day(m+1)-c.day(m))
	s := newStream()
	s.begin(c.Seed, ofArrivals, who{arrival, m, 0})
	c.came[m] = s.poisson(mean)
	var sent int64
	if c.Referrals.Rate > 0 {
		s.begin(c.Seed, ofArrivals, who{referred, m, 0})
		sent = s.poisson(c.Referrals.Rate * float64(active) * (until - from) / 30)
	}
	c.arrived[m+1] = c.arrived[m] + c.came[m] + sent
	if c.Customers+c.Excluded+c.Merged+c.arrived[m+1] > maxCustomers {
		return errCrowd
	}
	return nil
}

// arrivalNumber numbers the n-th arrival, after all who are there already.
func (c *company) arrivalNumber(n int64) int64 { return c.Customers + c.Excluded + c.Merged + n + 1 }

// born is between which of season's times a customer first buys.
func (c *company) born(w who) (from, until float64) {
	if w.kind == arrival || w.kind == referred {
		return c.month(w.month)
	}
	return 0, c.opening
}

// unidentifiedShare is the share of unidentified orders on a day.
func (c *company) unidentifiedShare(day calendar.Day) float64 {
	if c.UnidentifiedDrift == 0 {
		return c.Unidentified
	}
	return min(max(c.Unidentified+float64(c.UnidentifiedDrift*float64(day-c.Start)/365.25), 0), 0.95)
}
