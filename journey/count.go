package journey

import (
	"cmp"
	"context"
	"math/big"
	"slices"
	"time"

	"github.com/throughline/throughline/calendar"
)

// Books are rows in memory that answer as a [Ledger]: the second method, to which an engine is held.
type Books struct {
	Customers     []Customer
	Links         map[string]string // merged ids to the ones that they are
	Contacts      []Contact
	Answers       []Answer
	Remarks       []Mention
	Orders        []Order
	Subscriptions []Subscription
	Measures      []Figure
	Costs         []Figure
	People        []Person
	// OwnEntity is how entities are told at the grain of these: what the id that stands has, or else the first by name; otherwise what
	// the first has who came.
	OwnEntity bool
}

// Customer is a row of customers. Group is the account or household at a grain of these; empty texts are not known.
type Customer struct {
	ID, Group, Segment, Entity string
	AcquiredOn                 *calendar.Day
	Excluded                   bool
}

// Moment is a time by the company's clock.
type Moment struct {
	Day calendar.Day
	At  time.Duration // since midnight
}

func (m Moment) before(o Moment) bool { return m.Day < o.Day || m.Day == o.Day && m.At < o.At }

// Mention is a row that happened and may name a touchpoint and a customer.
type Mention struct {
	Moment
	Touchpoint, Customer string
}

// Contact is a row of interactions; nil is not known.
type Contact struct {
	Mention
	Wait, Handled, Transfers                 *big.Rat
	Abandoned, Contained, Resolved, Reopened *bool
}

// Answer is a row of answers.
type Answer struct {
	Mention
	Question, Scale string
	Score           *big.Rat // nil: none
	Comment         string
}

// Order is a row of orders.
type Order struct {
	Mention
	Amount *big.Rat
}

// Subscription is a row of subscriptions.
type Subscription struct {
	ID, Customer string
	Started      calendar.Day
	Ended        *calendar.Day
}

// Figure is a row of measures or costs.
type Figure struct {
	Period, Touchpoint, Measure string
	Value, N                    *big.Rat // N may be nil
}

// memory is who is who, for one question.
type memory struct {
	Books
	q        Question
	excluded map[string]bool       // by the id that stands
	group    map[string]string     // by the id that stands
	of       map[string][]Customer // by unit
	contacts map[string][]Contact  // by unit
}

func (b Books) open(q Question) *memory {
	m := &memory{Books: b, q: q, excluded: map[string]bool{}, group: map[string]string{}, of: map[string][]Customer{}, contacts: map[string][]Contact{}}
	own := map[string]bool{}
	for _, c := range b.Customers {
		id := m.stand(c.ID)
		m.excluded[id] = m.excluded[id] || c.Excluded
		switch itself := id == c.ID; {
		case c.Group == "" || own[id] && !itself:
		case itself:
			m.group[id], own[id] = c.Group, true
		case m.group[id] == "" || c.Group < m.group[id]:
			m.group[id] = c.Group
		}
	}
	for _, c := range b.Customers {
		if unit, ok := m.unit(c.ID); ok {
			m.of[unit] = append(m.of[unit], c)
		}
	}
	for _, c := range b.Contacts {
		if unit, ok := m.unit(c.Customer); ok && unit != "" && c.Day < q.Until() {
			m.contacts[unit] = append(m.contacts[unit], c)
		}
	}
	return m
}

func (m *memory) stand(id string) string {
	for m.Links[id] != "" {
		id = m.Links[id]
	}
	return id
}

// unit is whose a row with an id is, "" of nobody; false: of one who is excluded.
func (m *memory) unit(id string) (string, bool) {
	if id == "" {
		return "", true
	}
	id = m.stand(id)
	if g := m.group[id]; g != "" {
		return "group " + g, !m.excluded[id]
	}
	return "customer " + id, !m.excluded[id]
}

// first is what the one of a unit's customers has who came first among those of whom it is known.
func (m *memory) first(unit string, of func(Customer) string) string {
	best, day := "", calendar.Day(0)
	for _, c := range m.of[unit] {
		on := calendar.DayOf(9999, 12, 31)
		if c.AcquiredOn != nil {
			on = *c.AcquiredOn
		}
		if text := of(c); text != "" && (best == "" || on < day || on == day && text < best) {
			best, day = text, on
		}
	}
	return best
}

func (m *memory) brand(unit string) string {
	entity := m.first(unit, func(c Customer) string { return c.Entity })
	if m.OwnEntity {
		entity = m.own(unit)
	}
	for name, brand := range m.q.Entities {
		if entity != "" && Same(name, entity) {
			return brand
		}
	}
	return m.q.Rest
}

// own is the entity of the id that stands, or else the first by name.
func (m *memory) own(unit string) string {
	entity := ""
	for _, c := range m.of[unit] {
		switch {
		case c.Entity != "" && m.stand(c.ID) == c.ID:
			return c.Entity
		case c.Entity != "" && (entity == "" || c.Entity < entity):
			entity = c.Entity
		}
	}
	return entity
}

func (m *memory) lead(name string, day calendar.Day) string {
	for _, p := range m.q.Places {
		if name != "" && p.Name == Fold(name) && (p.From == nil || *p.From <= day) && before(day, p.Until) {
			return p.Touchpoint
		}
	}
	return ""
}

// parts are those that a row lies in; none: it is nobody's business.
func (m *memory) parts(x Mention) []Part {
	unit, ok := m.unit(x.Customer)
	if !ok {
		return nil
	}
	var out []Part
	for i, s := range m.q.Spans {
		if s.Contains(x.Day) {
			out = append(out, Part{i, m.lead(x.Touchpoint, x.Day), m.brand(unit)})
		}
	}
	return out
}

func (p Part) compare(o Part) int {
	return cmp.Or(cmp.Compare(p.Span, o.Span), cmp.Compare(p.Touchpoint, o.Touchpoint), cmp.Compare(p.Brand, o.Brand))
}

// clusters gathers rows by customer; those of nobody stand for themselves.
type clusters struct {
	named    map[string][]int
	nameless []int
}

func (c *clusters) add(unit string, row int) {
	if unit == "" {
		c.nameless = append(c.nameless, row)
		return
	}
	if c.named == nil {
		c.named = map[string][]int{}
	}
	c.named[unit] = append(c.named[unit], row)
}

// each hands over the rows of one cluster after the other.
func (c *clusters) each(visit func(unit string, rows []int)) {
	for unit, rows := range c.named {
		visit(unit, rows)
	}
	for _, row := range c.nameless {
		visit("", []int{row})
	}
}

func (c *clusters) rate(of func(row int) *bool) Rate {
	var r Rate
	c.each(func(_ string, rows []int) {
		var known, had int64
		for _, row := range rows {
			if x := of(row); x != nil {
				known++
				if *x {
					had++
				}
			}
		}
		r.add(had, known)
	})
	return r
}

// add puts the contacts of one customer to a rate.
func (r *Rate) add(had, known int64) {
	r.Known, r.Had = r.Known+known, r.Had+had
	r.HadHad, r.HadKnown, r.KnownSquared = r.HadHad+had*had, r.HadKnown+had*known, r.KnownSquared+known*known
}

func (c *clusters) mean(of func(row int) *big.Rat) Mean {
	m := Mean{Sum: new(big.Rat), Squares: new(big.Rat), SumSum: new(big.Rat), SumN: new(big.Rat)}
	c.each(func(_ string, rows []int) {
		sum, n := new(big.Rat), int64(0)
		for _, row := range rows {
			if x := of(row); x != nil {
				sum.Add(sum, x)
				m.Squares.Add(m.Squares, new(big.Rat).Mul(x, x))
				n++
			}
		}
		m.N, m.NN = m.N+n, m.NN+n*n
		m.Sum.Add(m.Sum, sum)
		m.SumSum.Add(m.SumSum, new(big.Rat).Mul(sum, sum))
		m.SumN.Add(m.SumN, new(big.Rat).Mul(sum, big.NewRat(n, 1)))
	})
	return m
}

var _ Ledger = Books{}

// Touched answers [Ledger].
func (b Books) Touched(_ context.Context, q Question) ([]Served, error) {
	m := b.open(q)
	parts := map[Part]*clusters{}
	for i, c := range b.Contacts {
		for _, p := range m.parts(c.Mention) {
			if parts[p] == nil {
				parts[p] = &clusters{}
			}
			unit, _ := m.unit(c.Customer)
			parts[p].add(unit, i)
		}
	}
	var out []Served
	for p, rows := range parts {
		s := m.served(rows)
		s.Part = p
		m.unreached(rows, &s)
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Served) int { return a.compare(b.Part) })
	return out, nil
}

func (m *memory) served(rows *clusters) Served {
	known := func(x *big.Rat) *big.Rat {
		if x == nil || x.Sign() < 0 {
			return nil
		}
		return x
	}
	wait := func(row int) *big.Rat { return known(m.Contacts[row].Wait) }
	s := Served{
		Customers: int64(len(rows.named)), Waits: rows.mean(wait),
		Handled:   rows.mean(func(row int) *big.Rat { return known(m.Contacts[row].Handled) }),
		Transfers: rows.mean(func(row int) *big.Rat { return known(m.Contacts[row].Transfers) }),
		Abandoned: rows.rate(func(row int) *bool { return m.Contacts[row].Abandoned }),
		Contained: rows.rate(func(row int) *bool { return m.Contacts[row].Contained }),
		Resolved:  rows.rate(func(row int) *bool { return m.Contacts[row].Resolved }),
		Reopened:  rows.rate(func(row int) *bool { return m.Contacts[row].Reopened }),
		Within:    make([]Rate, len(m.q.Within)),
	}
	for i, seconds := range m.q.Within {
		s.Within[i] = rows.rate(func(row int) *bool {
			w, gaveUp := wait(row), yes(m.Contacts[row].Abandoned)
			if w == nil && !gaveUp {
				return nil
			}
			soon := !gaveUp && w.Cmp(big.NewRat(seconds, 1)) <= 0
			return &soon
		})
	}
	var waits []*big.Rat
	rows.each(func(unit string, of []int) {
		for _, row := range of {
			c := m.Contacts[row]
			if s.Contacts == 0 || c.Day < s.First {
				s.First = c.Day
			}
			s.Last = max(s.Last, c.Day)
			s.Contacts++
			if unit != "" {
				s.Identified++
			}
			if w := wait(row); w != nil {
				waits = append(waits, w)
			}
		}
	})
	slices.SortFunc(waits, (*big.Rat).Cmp)
	if n := len(waits); n > 0 {
		s.Median, s.Ninth = waits[(n+1)/2-1], waits[(9*n+9)/10-1]
	}
	return s
}

func yes(x *bool) bool { return x != nil && *x }

// unreached tells what followed.
func (m *memory) unreached(rows *clusters, s *Served) {
	remedies := map[int]*Remedy{}
	end := m.q.Spans[s.Span].End
	rows.each(func(unit string, of []int) {
		var gave, lost, open bool
		var left *Contact
		var kept, again int64
		for _, row := range of {
			c := m.Contacts[row]
			over := c.Day+ReachDays < end
			switch {
			case yes(c.Abandoned) && unit == "":
				s.LostNameless++
			case yes(c.Abandoned):
				gave = true
				if !m.followed(unit, c, end, func(o Contact) bool { return !yes(o.Abandoned) && !yes(o.Contained) }) {
					lost, open = lost || over, open || !over
				}
			}
			switch {
			case !yes(c.Contained) || unit == "":
			case !over:
				s.Open++
			default:
				kept++
				if m.followed(unit, c, end, func(o Contact) bool { return !yes(o.Contained) }) {
					again++
				}
			}
			if (yes(c.Abandoned) || yes(c.Reopened) || c.Resolved != nil && !*c.Resolved) && unit != "" && (left == nil || c.before(left.Moment)) {
				left = &c
			}
		}
		s.CameAgain.add(again, kept)
		switch {
		case lost:
			s.Lost++
		case open:
			s.LostOpen++
		}
		if gave {
			s.GaveUp++
		}
		if left != nil {
			m.remedy(remedies, unit, *left, end)
		}
	})
	for days := range MostRemedyDays + 1 {
		if r := remedies[days]; r != nil {
			s.Remedies = append(s.Remedies, *r)
		}
	}
}

// after is the first day on which a contact of a unit follows another, before an end.
func (m *memory) after(unit string, c Contact, end calendar.Day, is func(Contact) bool) (calendar.Day, bool) {
	first, found := calendar.Day(0), false
	for _, o := range m.contacts[unit] {
		if !o.before(c.Moment) && o.Day < end && is(o) && (!found || o.Day < first) {
			first, found = o.Day, true
		}
	}
	return first, found
}

func (m *memory) followed(unit string, c Contact, end calendar.Day, is func(Contact) bool) bool {
	day, ok := m.after(unit, c, end, is)
	return ok && day-c.Day <= ReachDays
}

// remedy counts a customer by how long it took.
func (m *memory) remedy(into map[int]*Remedy, unit string, c Contact, end calendar.Day) {
	day, ok := m.after(unit, c, end, func(o Contact) bool { return yes(o.Resolved) && !yes(o.Abandoned) && !yes(o.Reopened) })
	put := ok && day-c.Day <= MostRemedyDays
	days := min(MostRemedyDays, int(end-1-c.Day))
	if put {
		days = int(day - c.Day)
	}
	if into[days] == nil {
		into[days] = &Remedy{Days: days}
	}
	if put {
		into[days].Put++
	} else {
		into[days].Still++
	}
}
