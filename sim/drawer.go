package sim

import (
	"math"
	"sort"

	"github.com/throughline/throughline/calendar"
)

// drawer draws customers one at a time into a harvest.
type drawer struct {
	*company
	teller *teller
	shop   shop // with scratch of its own
	out    *harvest
	writer rower

	basket, walkIn, export, voice, contract, currency *stream
}

func newDrawer(c *company) *drawer {
	return &drawer{
		company: c, teller: newTeller(c), shop: *c.shop,
		basket: newStream(), walkIn: newStream(), export: newStream(), voice: newStream(), contract: newStream(), currency: newStream(),
	}
}

// piece draws the customers of a piece.
func (d *drawer) piece(p piece, out *harvest) {
	d.out = out
	for i := range p.n {
		d.one(who{p.kind, p.month, p.from + i}, uint32(p.number+i))
	}
}

// one draws a customer: life, origin, orders, returns, contacts, answers.
func (d *drawer) one(w who, number uint32) {
	to := d.teller.tell(w)
	d.teller.rest(&to)
	times := d.teller.times
	row := customer{number: number, segment: "home"}
	row.acquired, _ = d.clock.day(to.born)
	if w.kind == account {
		row.excluded = []string{"test", "staff"}[w.index%2]
	} else {
		d.come(&to, &row)
	}
	end := d.clock.at(d.End)
	in := times[sort.SearchFloat64s(times, d.opening):sort.SearchFloat64s(times, end)]
	t := d.out.tally
	if to.via >= 0 {
		if to.dropped >= end {
			t.customers.Alive++
		}
		t.customers.NextYear += int64(len(times) - sort.SearchFloat64s(times, end))
		d.live(&to, times, end)
	}
	d.basket.begin(d.Seed, ofBasket, w)
	b := d.shop.buyer(d.basket, to.level)
	if d.basket.Float64() < 0.12 {
		row.segment = "business"
	}
	d.out.people = append(d.out.people, row)
	d.orders(w, line{customer: number, flags: flagsOf(row)}, b, in)
	if w.kind != account {
		d.speak(&to, number, row)
		d.subscribe(&to, number)
	}
	t.close(int(calendar.MonthOf(row.acquired)-d.first()), to.via >= 0 && earned(to.via))
}

func flagsOf(row customer) uint8 {
	if row.excluded != "" {
		return excluded
	}
	return 0
}

// come draws what the company knows of the true origin, and writes it into the
// row.
func (d *drawer) come(to *told, row *customer) {
	s, t := d.teller.origin, d.out.tally // the stream stands after the draw of the origin
	how := knowns[s.pick(d.knowns)]
	if to.kind == arrival || to.kind == referred {
		t.months[to.month].arrived[to.via]++
	}
	if to.referrer != 0 {
		t.customers.Referred++
		if to.happy {
			t.customers.ByHappy++
		}
	}
	switch how {
	case "nobody":
		t.customers.Unknown++
		return
	case "inferred":
		guess := to.via
		if s.Float64() >= d.Known.InferredRight {
			guess = s.pick(d.before)
		}
		if guess != to.via {
			t.customers.GuessedAt++
		}
		row.via, row.how = vias[guess], how
		return
	}
	row.via, row.how, row.referredBy = vias[to.via], how, to.referrer
}

// orders fills the baskets of one customer, with what comes back, and those of
// the unidentified who came beside: after each order another one with the
// probability Unidentified, so that their share of all orders is that.
func (d *drawer) orders(w who, first line, b buyer, times []float64) {
	d.walkIn.begin(d.Seed, ofWalkIn, w)
	d.export.begin(d.Seed, ofExport, w)
	d.currency.begin(d.Seed, ofCurrency, w)
	start := len(d.out.lines)
	walkIns := uint32(math.MaxUint32) // counted down, so as not to shift the customer's own
	for _, t := range times {
		first.at = d.clock.seconds(t)
		from := len(d.out.lines)
		d.out.lines = d.shop.fill(d.basket, first, b, d.out.lines)
		d.abroad(d.currency, from)
		first.order++
		first = d.comeBack(from, first)
		share := d.unidentifiedShare(dayOfSeconds(first.at))
		for d.walkIn.Float64() < share {
			stranger := line{customer: first.customer, order: walkIns, flags: unidentified}
			stranger.at = int64(dayOfSeconds(first.at))*daySeconds + opens + d.walkIn.Int64N(openFor)
			from := len(d.out.lines)
			d.out.lines = d.shop.fill(d.walkIn, stranger, d.shop.buyer(d.walkIn, d.walkIn.normal()), d.out.lines)
			d.abroad(d.walkIn, from)
			walkIns--
		}
	}
	if w.kind == initial && d.Merged > 0 && len(times) >= 2 {
		since, _ := d.clock.day(times[len(times)/2])
		d.out.mergeable = append(d.out.mergeable, mergeable{link{old: first.customer, since: since}, start, len(d.out.lines)})
	}
	d.count(start)
}

// abroad puts an order into the other currency, or not.
func (d *drawer) abroad(s *stream, from int) {
	if d.Foreign.Share == 0 || s.Float64() >= d.Foreign.Share {
		return
	}
	for i := from; i < len(d.out.lines); i++ {
		d.shop.rates.abroad(&d.out.lines[i])
	}
}

// comeBack appends returns of the lines of one order, each an order of its
// own. A return after the end is not in the books.
func (d *drawer) comeBack(from int, first line) line {
	end := int64(d.End) * daySeconds
	for i, n := from, len(d.out.lines); i < n; i++ {
		if d.basket.Float64() >= d.Returns {
			continue
		}
		back := d.out.lines[i]
		back.at = int64(dayOfSeconds(back.at))*daySeconds + opens + d.basket.Int64N(openFor) + (1+d.basket.Int64N(returnDays))*daySeconds
		back.order, back.nth, back.quantity, back.flags = first.order, 0, -back.quantity, back.flags|returned
		first.order++
		if back.at < end {
			d.out.lines = append(d.out.lines, back)
		}
	}
	return first
}

// count counts the lines of a customer and says what was exported late or twice.
func (d *drawer) count(start int) {
	lines := d.out.lines[start:]
	for i := range lines {
		l := &lines[i]
		if d.Late > 0 && d.export.Float64() < d.Late {
			l.flags |= late
		}
		if d.Duplicates > 0 && d.export.Float64() < d.Duplicates {
			l.flags |= again
		}
		month := int(calendar.MonthOf(dayOfSeconds(l.at)) - d.first())
		d.out.months = append(d.out.months, month)
		d.out.tally.line(*l, month, i == 0 || l.order != lines[i-1].order, d.shop.rates)
	}
}
