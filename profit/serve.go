package profit

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Split is where the serve costs of a period went. The lines sum to the whole, to the last place.
type Split struct {
	Customers, Unidentified, Excluded  money.Amount
	WithoutContacts, WithoutTouchpoint money.Amount
}

// Total is the sum of the lines.
func (s Split) Total() money.Amount {
	return money.Sum(s.Customers, s.Unidentified, s.Excluded, s.WithoutContacts, s.WithoutTouchpoint)
}

// Driver is what a touchpoint's cost is divided by.
type Driver string

// The drivers: handling time where every contact of the touchpoint in the period has one, otherwise the number of contacts.
const (
	Seconds Driver = "handle_seconds"
	Counted Driver = "contacts"
	None    Driver = "none" // no contacts
)

// Touchpoint is what serving at one touchpoint cost.
type Touchpoint struct {
	Name      string
	Costed    bool // whether the costs book gives it a cost
	Cost      money.Amount
	Driver    Driver
	Units     *big.Rat // seconds or contacts
	Contacts  int64
	Untimed   int64 // contacts without a usable handling time
	Customers int64 // identified ones who were served
	Assigned  money.Amount
	Idle      money.Amount // cost of periods without contacts
}

// maxTouchpoints bounds the table: a column of more names holds something else.
const maxTouchpoints = 1000

// point is a touchpoint while its costs are led on.
type point struct {
	Touchpoint
	cells    map[calendar.Period]money.Amount // cost by period
	contacts []Contact
	// exact costs by caller, in micros × 10^scale
	identified, unidentified, excluded *big.Int
}

// serving leads serve costs to those who were served.
type serving struct {
	period     calendar.Period
	spans      []calendar.Period
	points     []*point
	scale      int
	prices     []Price
	split      Split
	anyone     bool     // whether a contact names a customer
	identified *big.Int // Σ of what customers cost, in units
}

// serve prices every touchpoint's driver in every period of its costs.
func serve(costs []Cost, p calendar.Period, spans []calendar.Period, contacts Contacts, scale int) (*serving, *evidence.Refusal) {
	s := &serving{period: p, spans: spans, scale: scale, identified: new(big.Int)}
	by := map[string]*point{}
	at := func(name string) *point {
		if by[name] == nil {
			by[name] = &point{cells: map[calendar.Period]money.Amount{}, identified: new(big.Int), unidentified: new(big.Int), excluded: new(big.Int)}
			by[name].Name, by[name].Customers = name, contacts.Served[name]
		}
		return by[name]
	}
	for _, c := range costs {
		if c.Touchpoint == "" {
			s.split.WithoutTouchpoint = s.split.WithoutTouchpoint.Add(c.Amount)
			continue
		}
		x := at(c.Touchpoint)
		x.Costed, x.Cost = true, x.Cost.Add(c.Amount)
		x.cells[c.Period] = x.cells[c.Period].Add(c.Amount)
	}
	for _, c := range contacts.Cells {
		x := at(c.Touchpoint)
		x.contacts = append(x.contacts, c)
		x.Contacts += c.Contacts
		x.Untimed += c.Contacts - c.Timed
		s.anyone = s.anyone || c.Who == "identified"
	}
	if len(by) > maxTouchpoints {
		return nil, &evidence.Refusal{Reason: fmt.Sprintf("costs and interactions name %d touchpoints, more than %d", len(by), maxTouchpoints), Need: "touchpoint of interactions mapped to the place where a customer is served"}
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		s.points = append(s.points, by[name])
		s.price(by[name])
	}
	s.round()
	return s, nil
}

// price sets a touchpoint's driver and what a unit of it cost in each span.
func (s *serving) price(x *point) {
	x.Driver, x.Units = s.driver(x)
	prices := make([]*big.Int, len(s.spans))
	for _, period := range slices.SortedFunc(maps.Keys(x.cells), func(a, b calendar.Period) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	}) {
		cost := x.cells[period]
		units := new(big.Int)
		for _, c := range x.contacts {
			if s.within(c.Span, period) {
				units.Add(units, c.units(x.Driver))
			}
		}
		if units.Sign() == 0 {
			x.Idle = x.Idle.Add(cost)
			continue
		}
		each := rounded(new(big.Int).Mul(cost.Big(), tenTo(s.scale)), units)
		for i := range s.spans {
			if s.within(i, period) {
				if prices[i] == nil {
					prices[i] = new(big.Int)
				}
				prices[i].Add(prices[i], each)
			}
		}
	}
	for i, each := range prices {
		if each == nil || each.Sign() == 0 {
			continue
		}
		price := Price{Touchpoint: x.Name, Span: i, PerContact: new(big.Int), PerMicrosec: new(big.Int)}
		if x.Driver == Seconds {
			price.PerMicrosec = each
		} else {
			price.PerContact = each
		}
		s.prices = append(s.prices, price)
	}
	for _, c := range x.contacts {
		if each := prices[c.Span]; each != nil {
			into := map[string]*big.Int{"identified": x.identified, "unidentified": x.unidentified, "excluded": x.excluded}[c.Who]
			into.Add(into, new(big.Int).Mul(each, c.units(x.Driver)))
		}
	}
	s.identified.Add(s.identified, x.identified)
}

func (s *serving) within(span int, p calendar.Period) bool {
	return s.spans[span].Start >= p.Start && s.spans[span].End <= p.End
}

// driver is handling time when every contact has one and no period of costs with contacts has none of it, and the units used.
func (s *serving) driver(x *point) (Driver, *big.Rat) {
	if x.Contacts == 0 {
		return None, new(big.Rat)
	}
	seconds := new(big.Int)
	for _, c := range x.contacts {
		seconds.Add(seconds, c.Seconds)
	}
	timed := x.Untimed == 0 && seconds.Sign() > 0
	for period := range x.cells {
		n, spent := int64(0), new(big.Int)
		for _, c := range x.contacts {
			if s.within(c.Span, period) {
				n += c.Contacts
				spent.Add(spent, c.Seconds)
			}
		}
		timed = timed && (n == 0 || spent.Sign() > 0)
	}
	if timed {
		return Seconds, new(big.Rat).SetFrac(seconds, big.NewInt(1_000_000))
	}
	return Counted, new(big.Rat).SetInt64(x.Contacts)
}

func (c Contact) units(d Driver) *big.Int {
	if d == Seconds {
		return c.Seconds
	}
	return big.NewInt(c.Contacts)
}

// round brings the exact sums to six places so that every identity is kept: a line is the difference of two rounded running
// sums, and the last kind of caller that there is takes what rounding leaves.
func (s *serving) round() {
	running, before := new(big.Int), money.Amount{}
	for _, x := range s.points {
		running.Add(running, x.identified)
		after := s.micros(running)
		x.Assigned, before = after.Sub(before), after
		s.split.WithoutContacts = s.split.WithoutContacts.Add(x.Idle)
	}
	var led money.Amount // all that was led to anybody
	unidentified := new(big.Int)
	called := map[string]bool{}
	for _, x := range s.points {
		led = led.Add(x.Cost).Sub(x.Idle)
		unidentified.Add(unidentified, x.unidentified)
		for _, c := range x.contacts {
			called[c.Who] = called[c.Who] || x.Costed
		}
	}
	s.split.Customers = before
	rest := led.Sub(before)
	switch {
	case called["excluded"]:
		s.split.Unidentified = s.micros(running.Add(running, unidentified)).Sub(before)
		s.split.Excluded = rest.Sub(s.split.Unidentified)
	case called["unidentified"]:
		s.split.Unidentified = rest
	case len(s.points) > 0:
		s.split.Customers = led
		last := s.points[len(s.points)-1]
		last.Assigned = last.Assigned.Add(rest)
	}
}

// micros rounds units half away from zero to millionths.
func (s *serving) micros(units *big.Int) money.Amount {
	return money.FromBig(rounded(units, tenTo(s.scale)))
}

func tenTo(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// rounded is a ÷ b, halves away from zero; b > 0.
func rounded(a, b *big.Int) *big.Int {
	twice := new(big.Int).Lsh(a, 1)
	if a.Sign() < 0 {
		twice.Sub(twice, b)
	} else {
		twice.Add(twice, b)
	}
	return twice.Quo(twice, new(big.Int).Lsh(b, 1))
}

// fitting is the finest scale at which sums of so many millionths stay below 10^37, which an engine's integers of 128 bits
// hold with room.
func fitting(sizes money.Amount) int {
	return min(18, max(0, 37-len(sizes.Big().Text(10))-1))
}
