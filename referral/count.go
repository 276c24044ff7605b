package referral

import (
	"cmp"
	"maps"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Customer is a row of the customers book.
type Customer struct {
	ID, ReferredBy, Via string // Via as acquired_via has it
	AcquiredOn          *calendar.Day
	Excluded            bool
}

// Line is a line of revenue in the statement's currency.
type Line struct {
	Customer string
	Day      calendar.Day
	Amount   money.Amount
}

// Voice is an answer or an interaction, judged to be a complaint or not.
type Voice struct {
	Customer  string
	Day       calendar.Day
	Complaint bool
}

// Books are books in memory. Ids holds every id that any book has; Links leads merged ids to others.
type Books struct {
	Customers []Customer
	Lines     []Line
	Voices    []Voice
	Links     map[string]string
	Ids       map[string]bool
	AnyLine   bool // any line makes active, not revenue above zero
}

// Count and [Face] are the second method against which an engine's answers are held, one customer at a time.
func Count(b Books, w Windows) Tally {
	m := b.open(w.Period.End)
	var t Tally
	for id, why := range m.named {
		if !m.bought(id) {
			continue
		}
		if d, ok := m.purchase[id]; !ok || d >= m.until {
			t.NotYet++
		}
		switch why {
		case "brought":
			t.Brought++
		case "ring":
			t.InRings++
		case "excluded":
			t.ByExcluded++
		case "unknown":
			t.ByUnknown++
		case "self":
			t.BySelf++
		}
	}
	now, before := m.spent(w.Period), m.spent(w.Compared)
	for id, s := range now {
		if s.active(b.AnyLine) {
			t.Active++
			if n := len(m.sent[id]); n > 0 {
				t.Sent[min(n, 3)-1].Active++
			}
		}
	}
	for id, brought := range m.sent {
		t.Sent[min(len(brought), 3)-1].Referrers++
		t.Referrers = t.Referrers.Add(now[id].revenue)
	}
	t.Groups = m.groups(w, now, before)
	m.chains(&t, now)
	return t
}

type memory struct {
	Books
	excluded map[string]bool
	first    map[string]calendar.Day // bought, or acquired; over all rows
	purchase map[string]calendar.Day // first bought
	via      map[string]string
	named    map[string]string   // customer → brought, ring, excluded, unknown or self
	by       map[string]string   // of the brought
	sent     map[string][]string // the brought by referrer
	until    calendar.Day
}

func (b Books) stand(id string) string {
	for b.Links[id] != "" {
		id = b.Links[id]
	}
	return id
}

func (b Books) open(until calendar.Day) *memory {
	m := &memory{Books: b, until: until, excluded: map[string]bool{}, first: map[string]calendar.Day{}, purchase: map[string]calendar.Day{}, via: map[string]string{}, named: map[string]string{}, by: map[string]string{}, sent: map[string][]string{}}
	for _, c := range b.Customers {
		if c.Excluded {
			m.excluded[b.stand(c.ID)] = true
		}
	}
	earlier := func(of map[string]calendar.Day, id string, d calendar.Day) {
		if known, ok := of[id]; !ok || d < known {
			of[id] = d
		}
	}
	for _, l := range b.Lines {
		if l.Amount.Sign() > 0 || b.AnyLine {
			earlier(m.purchase, b.stand(l.Customer), l.Day)
			earlier(m.first, b.stand(l.Customer), l.Day)
		}
	}
	rows := slices.SortedFunc(slices.Values(b.Customers), func(a, c Customer) int {
		return cmp.Or(cmp.Compare(day(a), day(c)), cmp.Compare(a.ReferredBy, c.ReferredBy))
	})
	rank := map[string]int{"brought": 1, "excluded": 2, "unknown": 3, "self": 4}
	for _, c := range rows {
		id := b.stand(c.ID)
		if m.excluded[id] {
			continue
		}
		if c.AcquiredOn != nil {
			earlier(m.first, id, *c.AcquiredOn)
		}
		if c.ReferredBy == "" {
			continue
		}
		sender, why := b.stand(c.ReferredBy), "brought"
		switch {
		case !b.Ids[c.ReferredBy]:
			why = "unknown"
		case m.excluded[sender]:
			why = "excluded"
		case sender == id:
			why = "self"
		}
		if m.named[id] == "" || rank[why] < rank[m.named[id]] {
			m.named[id], m.by[id] = why, sender
		}
	}
	m.origins()
	m.forest()
	return m
}

// origins gives each customer the way of the first of its ids whose way is known.
func (m *memory) origins() {
	rows := slices.SortedFunc(slices.Values(m.Customers), func(a, c Customer) int { return cmp.Or(cmp.Compare(day(a), day(c)), cmp.Compare(a.Via, c.Via)) })
	for _, c := range rows {
		if id := m.stand(c.ID); m.via[id] == "" && c.Via != "" && c.Via != "unknown" {
			m.via[id] = c.Via
		}
	}
}

func day(c Customer) calendar.Day {
	if c.AcquiredOn == nil {
		return calendar.DayOf(9999, 12, 31)
	}
	return *c.AcquiredOn
}

func (m *memory) bought(id string) bool { d, ok := m.first[id]; return ok && d < m.until }

// forest keeps the ties of those who had bought, and takes rings out.
func (m *memory) forest() {
	for id := range m.by {
		if m.named[id] != "brought" || !m.bought(id) {
			delete(m.by, id)
		}
	}
	var rings []string
	for id := range m.by {
		at, ok := m.by[id]
		for range len(m.by) {
			if !ok || at == id {
				break
			}
			at, ok = m.by[at]
		}
		if ok && at == id {
			rings = append(rings, id)
		}
	}
	for _, id := range rings {
		m.named[id] = "ring"
		delete(m.by, id)
	}
	for id, sender := range m.by {
		m.sent[sender] = append(m.sent[sender], id)
	}
}

type spent struct {
	revenue money.Amount
	lines   int
	sales   int64        // lines above zero
	last    calendar.Day // of these
}

func (s spent) active(anyLine bool) bool { return s.revenue.Sign() > 0 || anyLine && s.lines > 0 }

func (m *memory) spent(p calendar.Period) map[string]spent {
	out := map[string]spent{}
	for _, l := range m.Lines {
		id := m.stand(l.Customer)
		if m.excluded[id] || !p.Contains(l.Day) {
			continue
		}
		s := out[id]
		s.revenue, s.lines = s.revenue.Add(l.Amount), s.lines+1
		if l.Amount.Sign() > 0 {
			s.sales, s.last = s.sales+1, max(s.last, l.Day)
		}
		out[id] = s
	}
	return out
}

func (m *memory) groups(w Windows, now, before map[string]spent) []Group {
	sums := map[Sort]Group{}
	everybody := map[string]bool{}
	for id := range m.via {
		everybody[id] = true
	}
	for id := range m.by {
		everybody[id] = true
	}
	for id := range now {
		everybody[id] = true
	}
	for id := range everybody {
		if m.excluded[id] || !m.bought(id) && !now[id].active(m.AnyLine) {
			continue
		}
		_, brought := m.by[id]
		via := m.via[id]
		first, known := m.first[id]
		key := Sort{Brought: brought, Referral: via == "referral", Told: via != ""}
		key.New = now[id].active(m.AnyLine) && !before[id].active(m.AnyLine) && known && first >= w.Compared.End
		if !key.New && !key.Brought && !key.Referral {
			continue
		}
		key.Earned = key.New && (via == "referral" || via == "reputation")
		g := sums[key]
		g.Sort, g.Customers, g.Revenue = key, g.Customers+1, g.Revenue.Add(now[id].revenue)
		sums[key] = g
	}
	return slices.Collect(maps.Values(sums))
}

// chains walks each of the brought up to the top of its tree.
func (m *memory) chains(t *Tally, now map[string]spent) {
	depths := map[int64]Depth{}
	direct, below, tops := map[string]money.Amount{}, map[string]money.Amount{}, map[string]bool{}
	for id, sender := range m.by {
		r, depth, top := now[id].revenue, int64(0), id
		direct[sender] = direct[sender].Add(r)
		for m.by[top] != "" {
			top = m.by[top]
			below[top] = below[top].Add(r)
			depth++
		}
		tops[top], t.Longest = true, max(t.Longest, depth)
		d := depths[min(depth, DeepestShown)]
		d.Depth, d.Customers, d.Revenue = min(depth, DeepestShown), d.Customers+1, d.Revenue.Add(r)
		depths[d.Depth] = d
	}
	t.Trees = int64(len(tops))
	t.Depths = slices.SortedFunc(maps.Values(depths), func(a, b Depth) int { return cmp.Compare(a.Depth, b.Depth) })
	n := int64(len(m.sent))
	if n < fewestReferrers {
		return
	}
	t.Tenths = make([]Tenth, 10)
	most := func(of map[string]money.Amount) []money.Amount {
		return slices.SortedFunc(maps.Values(of), func(a, b money.Amount) int { return b.Cmp(a) })
	}
	chains := most(below)
	for i, r := range most(direct) {
		x := &t.Tenths[int64(i)*10/n]
		x.Tenth, x.Referrers, x.Revenue, x.Chain = int64(i)*10/n+1, x.Referrers+1, x.Revenue.Add(r), x.Chain.Add(chains[i])
	}
}
