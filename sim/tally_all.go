package sim

import (
	"math"
	"math/big"

	"github.com/throughline/throughline/calendar"
)

// monthSum is what one month's lines and contacts come to, whoever's they are.
type monthSum struct {
	lines, orders int64
	revenue       units
	cost          units
	arrived       [5]int64 // by via
	subscribed    units    // monthly amounts of contracts that run at the month's end
	contracts     int64
	places        []placeSum // by touchpoint
}

// placeSum is what happened at a touchpoint in a month.
type placeSum struct {
	contacts, handled, contained, abandoned, resolved, reopened, complaints, transfers int64
	wait, handle                                                                       int64 // seconds
}

// questionSum is what was asked, and what was answered.
type questionSum struct {
	asked, answered         int64
	score, scoreAnswered    int64
	high, low, highAnswered int64 // promoters and detractors, of NPS
	lowAnswered             int64
}

func (q *questionSum) ask(score int64, responds bool) {
	high, low := int64(0), int64(0)
	if score >= 9 {
		high = 1
	} else if score <= 6 {
		low = 1
	}
	q.asked++
	q.score, q.high, q.low = q.score+score, q.high+high, q.low+low
	if responds {
		q.answered++
		q.scoreAnswered, q.highAnswered, q.lowAnswered = q.scoreAnswered+score, q.highAnswered+high, q.lowAnswered+low
	}
}

// skillSum compares what people resolved with what their skill makes likely.
type skillSum struct {
	handled, resolved int64
	likely            int64 // sum of the chances, in 10⁻⁹
	stock             int64 // sum of the stocks, in 10⁻⁹
}

// tells is the stock from which on a person counts as trained.
const tells = 0.25

// tally gathers the truth while a company is drawn; tallies of pieces add up.
type tally struct {
	w                       World
	customers               CustomerTruth
	lines                   LineTruth
	revenue                 units // of all lines
	cost                    units
	ofUnidentified, ofOther units // other: of excluded accounts
	months                  []monthSum
	pairs                   []comparison

	alive, stayed []int64 // at the beginning of each month; stayed were so a year earlier
	exposures     exposures
	skill         [2]skillSum // of people without and with a course that still tells
	asked         [3]questionSum
	themes        []int64
	ended         [endings + 1]int64 // rows of subscriptions by how they ended

	net  []int64 // of the customer at hand, by month
	sums []int64
}

func newTally(w World) *tally {
	n := w.months()
	t := &tally{
		w: w, months: make([]monthSum, n), pairs: comparisons(n), net: make([]int64, n), sums: make([]int64, n+1),
		alive: make([]int64, n+1), stayed: make([]int64, n+1), themes: make([]int64, len(themes)),
	}
	for i := range t.months {
		t.months[i].places = make([]placeSum, len(w.Touchpoints))
	}
	return t
}

// reset empties a tally for another piece.
func (t *tally) reset() {
	for i := range t.months {
		places := t.months[i].places
		clear(places)
		t.months[i] = monthSum{places: places}
	}
	for i := range t.pairs {
		t.pairs[i] = comparison{p: t.pairs[i].p, q: t.pairs[i].q, length: t.pairs[i].length}
	}
	clear(t.alive)
	clear(t.stayed)
	clear(t.themes)
	*t = tally{w: t.w, months: t.months, pairs: t.pairs, net: t.net, sums: t.sums, alive: t.alive, stayed: t.stayed, themes: t.themes}
}

// add adds the tally of a piece.
func (t *tally) add(o *tally) {
	t.customers.add(o.customers)
	t.lines.add(o.lines)
	t.revenue.gather(o.revenue)
	t.cost.gather(o.cost)
	t.ofUnidentified.gather(o.ofUnidentified)
	t.ofOther.gather(o.ofOther)
	for i := range t.months {
		t.months[i].add(&o.months[i])
	}
	for i := range t.pairs {
		t.pairs[i].gather(&o.pairs[i])
	}
	for i := range t.alive {
		t.alive[i] += o.alive[i]
		t.stayed[i] += o.stayed[i]
	}
	t.exposures.add(&o.exposures)
	for i := range t.skill {
		t.skill[i].add(o.skill[i])
	}
	for i := range t.asked {
		t.asked[i].add(o.asked[i])
	}
	for i := range t.themes {
		t.themes[i] += o.themes[i]
	}
	for i := range t.ended {
		t.ended[i] += o.ended[i]
	}
}

func (m *monthSum) add(o *monthSum) {
	m.lines += o.lines
	m.orders += o.orders
	m.contracts += o.contracts
	m.revenue.gather(o.revenue)
	m.cost.gather(o.cost)
	m.subscribed.gather(o.subscribed)
	for i := range m.arrived {
		m.arrived[i] += o.arrived[i]
	}
	for i := range m.places {
		m.places[i].add(o.places[i])
	}
}

func (p *placeSum) add(o placeSum) {
	p.contacts += o.contacts
	p.handled += o.handled
	p.contained += o.contained
	p.abandoned += o.abandoned
	p.resolved += o.resolved
	p.reopened += o.reopened
	p.complaints += o.complaints
	p.transfers += o.transfers
	p.wait += o.wait
	p.handle += o.handle
}

func (s *skillSum) add(o skillSum) {
	s.handled += o.handled
	s.resolved += o.resolved
	s.likely += o.likely
	s.stock += o.stock
}

func (q *questionSum) add(o questionSum) {
	q.asked += o.asked
	q.answered += o.answered
	q.score += o.score
	q.scoreAnswered += o.scoreAnswered
	q.high += o.high
	q.low += o.low
	q.highAnswered += o.highAnswered
	q.lowAnswered += o.lowAnswered
}

// line counts a line of the customer at hand; begins: it is the first of an order.
func (t *tally) line(l line, month int, begins bool, r *rates) {
	m, n := &t.months[month], r.millionths(l, l.amount())
	cost := r.millionths(l, int64(l.quantity)*l.cost)
	m.lines++
	m.revenue.add(n)
	m.cost.add(cost)
	t.revenue.add(n)
	t.cost.add(cost)
	t.lines.Lines++
	if begins {
		t.lines.Orders++
		m.orders++
	}
	for _, c := range []struct {
		flag uint8
		to   *int64
	}{{returned, &t.lines.Returned}, {late, &t.lines.Late}, {foreign, &t.lines.Foreign}, {again, &t.lines.Duplicated}} {
		if l.flags&c.flag != 0 {
			*c.to++
		}
	}
	switch {
	case l.flags&unidentified != 0:
		t.lines.Unidentified++
		t.ofUnidentified.add(n)
	case l.flags&excluded != 0:
		t.lines.Excluded++
		t.ofOther.add(n)
	default:
		t.net[month] += n
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

// contact counts a contact.
func (t *tally) contact(k *contact, month int) {
	p := &t.months[month].places[k.touchpoint]
	p.contacts++
	p.wait += k.wait
	p.handle += k.handle
	p.transfers += k.transfers
	for _, c := range []struct {
		flag uint8
		to   *int64
	}{{resolved, &p.resolved}, {reopened, &p.reopened}, {abandoned, &p.abandoned}, {contained, &p.contained}, {complaint, &p.complaints}} {
		if k.flags&c.flag != 0 {
			*c.to++
		}
	}
	if k.flags&(contained|abandoned) != 0 {
		return
	}
	p.handled++
	sum := &t.skill[0]
	if k.stock >= tells {
		sum = &t.skill[1]
	}
	sum.handled++
	if k.flags&resolved != 0 {
		sum.resolved++
	}
	sum.likely += int64(math.Round(k.likely * 1e9))
	sum.stock += int64(math.Round(k.stock * 1e9))
}

// contract counts a row of subscriptions.
func (t *tally) contract(d *drawer, from, until calendar.Day, plan, why int) {
	if why < endings && until >= d.End {
		why = endings
	}
	t.ended[why]++
	for m := range t.months {
		if last := d.day(m + 1); from < last && (why == endings || until >= last) {
			t.months[m].contracts++
			t.months[m].subscribed.add(d.monthly(plan).Big().Int64())
		}
	}
}

func (c *CustomerTruth) add(o CustomerTruth) {
	c.Alive += o.Alive
	c.NextYear += o.NextYear
	c.Referred += o.Referred
	c.ByHappy += o.ByHappy
	c.Unknown += o.Unknown
	c.GuessedAt += o.GuessedAt
}

func (l *LineTruth) add(o LineTruth) {
	l.Orders += o.Orders
	l.Lines += o.Lines
	l.Unidentified += o.Unidentified
	l.Excluded += o.Excluded
	l.Returned += o.Returned
	l.Late += o.Late
	l.Foreign += o.Foreign
	l.Duplicated += o.Duplicated
}

// whole is a ratio of two counts.
func whole(a, b int64) Ratio { return ratio(big.NewRat(a, 1), big.NewRat(b, 1)) }
