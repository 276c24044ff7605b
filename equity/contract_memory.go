package equity

import (
	"cmp"
	"context"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Subscribed is a row of the book of subscriptions.
type Subscribed struct {
	Subscription, Customer string
	Excluded               bool
	Started                calendar.Day
	Ended                  *calendar.Day
	Monthly                money.Amount
	Currency               string // empty: the statement's
	Billed                 string
}

// ContractMemory answers the questions about contracts from rows in memory, day by day. It is the second method for what an engine answers; of
// margins it knows nothing. Home is an amount in the statement's currency at the rate of a day.
type ContractMemory struct {
	Rows []Subscribed
	Of   map[string]Known
	Home func(a money.Amount, currency string, on calendar.Day) money.Amount
}

// stint is a contract.
type stint struct {
	customer     string
	began, ended calendar.Day // ended: a day far away where it runs on
	months       int
}

const farAway = calendar.Day(1 << 20)

// ran are the rows with the day on which each ended: its own end, or the start of the next row of its subscription.
func (m ContractMemory) ran(until calendar.Day) map[string][]Subscribed {
	out := map[string][]Subscribed{}
	for _, r := range m.Rows {
		end := farAway
		if r.Ended != nil {
			end = *r.Ended
		}
		for _, next := range m.Rows {
			if next.Subscription == r.Subscription && next.Started > r.Started && next.Started < until {
				end = min(end, next.Started)
			}
		}
		if r.Started >= until || end <= r.Started || r.Excluded {
			continue
		}
		r.Ended = &end
		out[r.Customer] = append(out[r.Customer], r)
	}
	return out
}

// stints walks each customer's days.
func (m ContractMemory) stints(until calendar.Day) []stint {
	var out []stint
	for customer, rows := range m.ran(until) {
		var first, last calendar.Day = farAway, 0
		for _, r := range rows {
			if r.Monthly.Sign() > 0 {
				first = min(first, r.Started)
				last = max(last, r.Started, *r.Ended)
			}
		}
		var current *stint
		for d := first; d <= last && d <= until+400; d++ {
			runs, months := false, 0
			for _, r := range rows {
				if r.Monthly.Sign() > 0 && r.Started <= d && d < *r.Ended {
					runs = true
					if r.Started == d {
						if each := termOf(r.Billed); months == 0 || each < months {
							months = each
						}
					}
				}
			}
			switch {
			case runs && current == nil:
				current = &stint{customer, d, farAway, months}
			case !runs && current != nil:
				current.ended = d
				out = append(out, *current)
				current = nil
			}
		}
		if current != nil {
			out = append(out, *current)
		}
	}
	slices.SortFunc(out, func(a, b stint) int {
		return cmp.Or(cmp.Compare(a.customer, b.customer), cmp.Compare(a.began, b.began))
	})
	return out
}

func termOf(billed string) int {
	for months, name := range renewalNames {
		if billed == name {
			return months
		}
	}
	return 1
}

// monthly is what a contract came to on the day before a midnight.
func (m ContractMemory) monthly(s stint, at, until calendar.Day) (sum float64, runs bool) {
	if s.began >= at || s.ended < at {
		return 0, false
	}
	var total money.Amount
	for _, r := range m.ran(until)[s.customer] {
		if r.Started < at && *r.Ended >= at {
			total = total.Add(m.Home(r.Monthly, r.Currency, at-1))
		}
	}
	sum, _ = total.Rat().Float64()
	return sum, true
}

// FirstEnded answers [ContractLedger].
func (m ContractMemory) FirstEnded(_ context.Context, until calendar.Day) (calendar.Day, bool, error) {
	first := farAway
	for _, s := range m.stints(until) {
		if s.ended < until {
			first = min(first, s.ended)
		}
	}
	return first, first != farAway, nil
}

// ContractFacts answers [ContractLedger].
func (m ContractMemory) ContractFacts(_ context.Context, q Question) (ContractFacts, error) {
	var f ContractFacts
	var segments, entities []string
	for _, s := range m.stints(q.Until) {
		if lead, ran := m.monthly(s, q.Lead().Start, q.Until); ran {
			kept, _ := m.monthly(s, q.Cut, q.Until)
			f.Lead, f.Kept = f.Lead+lead, f.Kept+kept
		}
		if _, runs := m.monthly(s, q.Until, q.Until); runs {
			segments, entities = append(segments, m.Of[s.customer].Segment), append(entities, m.Of[s.customer].Entity)
		}
	}
	f.Segments, f.Entities = names(segments), names(entities)
	return f, nil
}

// Agreements answers [ContractLedger].
func (m ContractMemory) Agreements(ctx context.Context, q Question, visit func(Agreement) error) error {
	f, err := m.ContractFacts(ctx, q)
	if err != nil {
		return err
	}
	for _, s := range m.stints(q.Until) {
		of := m.Of[s.customer]
		a := Agreement{Months: s.months, Began: s.began, Segment: slices.Index(f.Segments, of.Segment), Entity: slices.Index(f.Entities, of.Entity), Via: of.Via, Together: 1}
		a.Was, a.Opened = m.monthly(s, q.Opened, q.Until)
		a.Is, a.Runs = m.monthly(s, q.Until, q.Until)
		var held bool
		if a.Cut, held = m.monthly(s, q.Cut, q.Until); held {
			a.Held = 1
			for _, p := range q.Quarters() {
				if s.ended >= p.End {
					a.Held++
				}
			}
		}
		if !a.Opened && !a.Runs && !held {
			continue
		}
		if err := visit(a); err != nil {
			return err
		}
	}
	return nil
}

// Endings answers [ContractLedger].
func (m ContractMemory) Endings(_ context.Context, q Question, visit func(Ending) error) error {
	for _, s := range m.stints(q.Until) {
		e := Ending{Months: s.months, Began: s.began, Together: 1}
		if s.ended < q.Until {
			for e.Lost = 1; s.began.AddMonths(e.Lost*s.months) < s.ended; e.Lost++ {
			}
		}
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}
