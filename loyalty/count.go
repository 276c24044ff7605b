package loyalty

import (
	"cmp"
	"context"
	"maps"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Books are rows in memory that answer as a [Ledger]: the second method, to which an engine is held.
type Books struct {
	Customers     []Customer
	Links         map[string]string // merged ids to the ones that they are
	Lines         []Line            // what was bought, identified or not
	Answers       []Answer
	Subscriptions []Subscription
}

// Customer is a row of customers. Group is the account or household at a grain of these; empty texts are not known.
type Customer struct {
	ID, Group, Segment, Entity, Via string
	AcquiredOn                      *calendar.Day
	Excluded                        bool
}

// Line is what was bought, or given back, on a day.
type Line struct {
	Customer string
	Day      calendar.Day
	Amount   money.Amount
}

// Answer is a row of answers, whatever it answers; Second counts from midnight.
type Answer struct {
	Customer                    string // empty: not known
	Day                         calendar.Day
	Second                      int64
	Question, Scale, Touchpoint string
	Score                       *big.Rat
}

// Subscription is a row of subscriptions.
type Subscription struct {
	ID, Customer string
	Started      calendar.Day
	Ended        *calendar.Day
	Plan, Billed string
}

// memory is who is who.
type memory struct {
	Books
	excluded map[string]bool   // by the id that stands
	group    map[string]string // by the id that stands
}

func (b Books) open() *memory {
	m := &memory{Books: b, excluded: map[string]bool{}, group: map[string]string{}}
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
	return m
}

func (m *memory) stand(id string) string {
	for m.Links[id] != "" {
		id = m.Links[id]
	}
	return id
}

// unit is whose a row with an id is; false: of nobody who counts.
func (m *memory) unit(id string) (string, bool) {
	if id == "" {
		return "", false
	}
	id = m.stand(id)
	if g := m.group[id]; g != "" {
		return "group " + g, !m.excluded[id]
	}
	return "customer " + id, !m.excluded[id]
}

// person is what one unit did and said.
type person struct {
	lines       [2]int // comparison period, period
	spent       [2]money.Amount
	now, before map[Question]said
}

type said struct {
	answer Answer
	grade  Grade
}

// later tells whether an answer goes before another as the last one: it came later, or says less good in the same moment, or
// else is about a touchpoint that is first by name.
func (s said) later(o said) bool {
	return cmp.Or(cmp.Compare(s.answer.Day, o.answer.Day), cmp.Compare(s.answer.Second, o.answer.Second), cmp.Compare(o.grade, s.grade), cmp.Compare(o.answer.Touchpoint, s.answer.Touchpoint)) > 0
}

func (p *person) behaviour(anyLine bool) (Behaviour, bool) {
	var active [2]bool
	for i := range active {
		active[i] = p.spent[i].Sign() > 0 || anyLine && p.lines[i] > 0
	}
	switch {
	case !active[0]:
		return Apart, active[1]
	case !active[1]:
		return Gone, true
	case p.spent[1].Add(p.spent[1]).Cmp(p.spent[0]) >= 0:
		return Stays, true
	}
	return Falls, true
}

// people gathers everybody, and the answers within the time.
func (m *memory) people(w Windows) (map[string]*person, map[Question]*Heard) {
	all, heard := map[string]*person{}, map[Question]*Heard{}
	of := func(id string) *person {
		unit, ok := m.unit(id)
		if !ok {
			return nil
		}
		if all[unit] == nil {
			all[unit] = &person{now: map[Question]said{}, before: map[Question]said{}}
		}
		return all[unit]
	}
	for _, l := range m.Lines {
		p := of(l.Customer)
		for i, window := range []calendar.Period{w.Compared, w.Period} {
			if p != nil && window.Contains(l.Day) {
				p.lines[i]++
				p.spent[i] = p.spent[i].Add(l.Amount)
			}
		}
	}
	for _, a := range m.Answers {
		q, ok := Read(a.Question)
		if !ok || !w.Answers().Contains(a.Day) {
			continue
		}
		if heard[q] == nil {
			heard[q] = &Heard{Question: q}
		}
		heard[q].Answers++
		s := said{a, q.Read(a.Score, a.Scale)}
		switch {
		case a.Customer == "":
			heard[q].Nameless++
			continue
		case s.grade == Unasked:
			heard[q].Unread++
			continue
		}
		if p := of(a.Customer); p != nil {
			p.hear(q, s, a.Day < w.Period.Start)
		}
	}
	return all, heard
}

func (p *person) hear(q Question, s said, before bool) {
	if last, ok := p.now[q]; !ok || s.later(last) {
		p.now[q] = s
	}
	if last, ok := p.before[q]; before && (!ok || s.later(last)) {
		p.before[q] = s
	}
}

var _ Ledger = Books{}

// Loyalty answers [Ledger].
func (b Books) Loyalty(_ context.Context, w Windows) (Tally, error) {
	var t Tally
	all, heard := b.open().people(w)
	type key struct {
		q           Question
		did         Behaviour
		now, before Grade
	}
	cells := map[key]Sums{}
	for _, p := range all {
		did, ok := p.behaviour(w.AnyLine)
		if !ok {
			continue
		}
		sums := Sums{1, p.spent[0], p.spent[1]}
		t.Base[did] = t.Base[did].plus(sums)
		for q, s := range p.now {
			at := key{q, did, s.grade, p.before[q].grade}
			cells[at] = cells[at].plus(sums)
		}
	}
	for at, sums := range cells {
		t.Cells = append(t.Cells, Cell{at.q, at.did, at.now, at.before, sums})
	}
	for _, q := range slices.Sorted(maps.Keys(heard)) {
		t.Heard = append(t.Heard, *heard[q])
	}
	slices.SortFunc(t.Cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Question, b.Question), cmp.Compare(a.Behaviour, b.Behaviour), cmp.Compare(a.Grade, b.Grade), cmp.Compare(a.Before, b.Before))
	})
	return t, nil
}
