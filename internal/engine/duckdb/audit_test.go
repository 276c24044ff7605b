package duckdb

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

// audited is what is said of a customer base, by the engine or by the second
// method.
type audited struct {
	base.Answers
	Cohorts []base.Cell
}

func (s *stager) audited(ctx context.Context, l *Ledger, x world, active growth.Active, spans []calendar.Period) (*audited, error) {
	if spans == nil {
		return nil, nil
	}
	w := base.Windows{Period: x.w.Period, Compared: x.w.Compared, AnyLine: active == growth.AnyLine}
	var a audited
	var err error
	if a.Bands, err = l.Bands(ctx, w); err != nil {
		return nil, err
	}
	if a.Deciles, err = l.Deciles(ctx, w); err != nil {
		return nil, err
	}
	if a.Moves, err = l.Moves(ctx, w); err != nil {
		return nil, err
	}
	if a.Groups, err = l.Groups(ctx, w); err != nil {
		return nil, err
	}
	if a.Cohorts, err = l.Cohorts(ctx, base.Cut{Firsts: spans, Spans: spans, AnyLine: w.AnyLine, Groups: x.groups}); err != nil {
		return nil, err
	}
	for _, d := range base.Dimensions {
		byLine := d == base.Entity && x.byLine()
		if slices.ContainsFunc(a.Cohorts, func(c base.Cell) bool { return c.Dimension == d }) {
			if err := base.Divided(a.Cohorts, d, byLine); err != nil {
				return nil, err
			}
		}
	}
	return &a, nil
}

// detail is a line beside what growth knows of it.
type detail struct {
	purchase string // empty: no order
	bought   int64
	profit   *money.Amount
	entity   string
	sold     bool
	unsaid   bool // the quantity, so that it is one
}

// counted is the line's order, or how many it stands for, by what counts.
func (d detail) counted(active growth.Active) (purchase string, bought int64) {
	if !d.sold && active != growth.AnyLine {
		return "", d.bought
	}
	if d.unsaid {
		return d.purchase, 1
	}
	return d.purchase, d.bought
}

func (x world) detail(u units, l worldLine, at calendar.Day) detail {
	d := detail{entity: u.entity(l.customer, l.entity), sold: l.amount.Sign() > 0}
	if x.ordersCounted == "by quantity" && !l.accrued {
		d.bought = l.quantity
		d.unsaid = l.quantity == 0
	} else if !l.accrued {
		switch {
		case x.ordersCounted != "by day" && l.order != "":
			d.purchase = "order " + l.order
		default:
			d.purchase = at.String()
		}
	}
	worth := func(a money.Amount) { d.profit = &a }
	amount := x.convert(l.amount, l.currency, at)
	margin := func(name string) bool {
		rate, ok := x.margins[name]
		if ok && name != "" {
			worth(roundHalfAway(new(big.Rat).Mul(amount.Rat(), rate.Rat())))
		}
		return ok && name != ""
	}
	if l.cost != nil {
		worth(amount.Sub(x.convert(*l.cost, l.currency, at)))
		return d
	}
	product := l.product
	if product == "" {
		product = "goods"
	}
	if !margin(product) && !margin(x.segment(l.customer, l.entity)) {
		margin("default")
	}
	return d
}

// segment is that of the unit which a line belongs to: of the one who came
// first among those whose segment is known.
func (x world) segment(customer, entity string) string {
	u := x.units()
	return x.known(u, u.of(customer, entity), entity, func(c worldCustomer) string { return c.segment })
}

// ownEntity is the entity of a unit: at the grain of entities, by which it is
// one.
func (x world) ownEntity(u units, unit, entity string) string {
	if x.grain == "entity" {
		return entity
	}
	return x.known(u, unit, entity, func(c worldCustomer) string { return c.entity })
}

func (x world) known(u units, unit, entity string, of func(worldCustomer) string) string {
	first, value := "", ""
	for _, c := range x.customers {
		if u.excluded[u.stand(c.id)] || of(c) == "" || u.of(c.id, entity) != unit {
			continue
		}
		on := "9999-12-31"
		if c.acquired != nil {
			on = c.acquired.String()
		}
		if key := on + "\x00" + of(c); first == "" || key < first {
			first, value = key, of(c)
		}
	}
	return value
}

// audit is the second method: customers of plain slices, summed by base.Audit,
// and cohorts counted by brute force.
func (x world) audit(p plain, active growth.Active) *audited {
	u := x.units()
	firsts := firstDays(p, active)
	type both struct {
		c         base.Customer
		purchases [2]map[string]bool
		lines     [2]int
		entity    string
		byEntity  map[string]*both
	}
	fresh := func() *both {
		return &both{purchases: [2]map[string]bool{{}, {}}, byEntity: map[string]*both{}}
	}
	add := func(b *both, w base.Window, l growth.Line, d detail) {
		s := &b.c.Was
		if w == base.Current {
			s = &b.c.Is
		}
		b.lines[w]++
		s.Revenue = s.Revenue.Add(l.Amount)
		purchase, bought := d.counted(active)
		s.Orders += bought
		if d.profit == nil {
			s.Unknown++
		} else {
			s.Profit = s.Profit.Add(*d.profit)
		}
		if purchase != "" && !b.purchases[w][purchase] {
			b.purchases[w][purchase] = true
			s.Orders++
		}
	}
	units := map[string]*both{}
	for i, l := range p.lines {
		for w, span := range []calendar.Period{x.w.Compared, x.w.Period} {
			if !span.Contains(l.Day) {
				continue
			}
			d := p.details[i]
			if units[l.Customer] == nil {
				units[l.Customer] = fresh()
				units[l.Customer].entity = d.entity
			}
			b := units[l.Customer]
			add(b, base.Window(w), l, d)
			if b.byEntity[d.entity] == nil {
				b.byEntity[d.entity] = fresh()
			}
			add(b.byEntity[d.entity], base.Window(w), l, d)
		}
	}
	isActive := func(b *both, w base.Window) bool {
		if active == growth.AnyLine {
			return b.lines[w] > 0
		}
		return []base.Sums{b.c.Was, b.c.Is}[w].Revenue.Sign() > 0
	}
	var customers []base.Customer
	for unit, b := range units {
		c := b.c
		c.ActiveThen, c.ActiveNow = isActive(b, base.Compared), isActive(b, base.Current)
		first, ok := firsts[unit]
		c.New = c.ActiveNow && !c.ActiveThen && ok && first >= x.w.Compared.End
		c.Segment = x.known(u, unit, b.entity, func(c worldCustomer) string { return c.segment })
		c.Entity = x.ownEntity(u, unit, b.entity)
		c.Via = p.profiles[unit].Origin.Via
		c.ByEntity, c.EntityActive = map[string][2]base.Sums{}, map[string][2]bool{}
		for name, e := range b.byEntity {
			c.ByEntity[name] = [2]base.Sums{e.c.Was, e.c.Is}
			c.EntityActive[name] = [2]bool{isActive(e, base.Compared), isActive(e, base.Current)}
		}
		customers = append(customers, c)
	}
	known := x.knownDimensions()
	cohorts := x.cohorts(p, active, firsts, "", []string{""}, func(growth.Line, detail) string { return "" })
	for _, d := range []base.Dimension{base.Acquisition, base.Entity, base.Segment} { // by name
		names := x.groups[d]
		if len(names) == 0 || !slices.Contains(known, d) {
			continue
		}
		cohorts = append(cohorts, x.cohorts(p, active, firsts, d, names, x.groupOf(p, u, d))...)
	}
	return &audited{base.Audit(customers, known, x.byLine()), cohorts}
}

func (x world) byLine() bool { return x.basis != "subscriptions" && len(x.lines) > 0 }

func (x world) knownDimensions() []base.Dimension {
	if len(x.customers) > 0 {
		return base.Dimensions
	}
	if x.byLine() {
		return []base.Dimension{base.Entity}
	}
	return nil
}

// groupOf names the group of a line, or of its customer.
func (x world) groupOf(p plain, u units, d base.Dimension) func(growth.Line, detail) string {
	return func(l growth.Line, at detail) string {
		switch {
		case d == base.Acquisition:
			if via := p.profiles[l.Customer].Origin.Via; via != "unknown" {
				return via
			}
			return ""
		case d == base.Entity && x.byLine():
			return at.entity
		case d == base.Entity:
			return x.ownEntity(u, l.Customer, at.entity)
		}
		return x.known(u, l.Customer, at.entity, func(c worldCustomer) string { return c.segment })
	}
}

func firstDays(p plain, active growth.Active) map[string]calendar.Day {
	first := map[string]calendar.Day{}
	for unit, profile := range p.profiles {
		if profile.AcquiredOn != nil {
			first[unit] = *profile.AcquiredOn
		}
	}
	for _, l := range p.lines {
		if d, ok := first[l.Customer]; (l.Amount.Sign() > 0 || active == growth.AnyLine) && (!ok || l.Day < d) {
			first[l.Customer] = l.Day
		}
	}
	return first
}

// cohorts counts by brute force, the lines of each group by themselves; names
// that are not asked for are summed.
func (x world) cohorts(p plain, active growth.Active, first map[string]calendar.Day, of base.Dimension, names []string, group func(growth.Line, detail) string) []base.Cell {
	spans := x.spans()
	place := func(d calendar.Day) int {
		for i := len(spans) - 1; i >= 0; i-- {
			if d >= spans[i].Start {
				return i
			}
		}
		return -1
	}
	type cell struct{ first, span, group int }
	type member struct{ customer, group string }
	sums := map[cell]map[member]base.Sums{}
	orders := map[string]bool{}
	for i, l := range p.lines {
		day, ok := first[l.Customer]
		if !ok || l.Day < spans[0].Start || l.Day >= spans[len(spans)-1].End || day >= spans[place(l.Day)].End {
			continue // of no cohort yet, as far as this span can know
		}
		d := p.details[i]
		who := member{l.Customer, group(l, d)}
		at := cell{place(day), place(l.Day), slices.Index(names, who.group)} // base.Rest is −1
		if sums[at] == nil {
			sums[at] = map[member]base.Sums{}
		}
		s := sums[at][who]
		purchase, bought := d.counted(active)
		s.Revenue, s.Orders = s.Revenue.Add(l.Amount), s.Orders+bought
		if d.profit == nil {
			s.Unknown++
		} else {
			s.Profit = s.Profit.Add(*d.profit)
		}
		if key := fmt.Sprint(at.span, "\x00", who, "\x00", purchase); purchase != "" && !orders[key] {
			orders[key] = true
			s.Orders++
		}
		sums[at][who] = s
	}
	var out []base.Cell
	for at, customers := range sums {
		c := base.Cell{First: at.first, Span: at.span, Dimension: of, Group: at.group}
		for _, s := range customers {
			if s.Revenue.Sign() > 0 || active == growth.AnyLine {
				s.Customers = 1
			}
			c.Sums = c.Add(s)
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b base.Cell) int { return (a.Group-b.Group)*100 + (a.First-b.First)*10 + a.Span - b.Span })
	return out
}

// comparable leaves out what the two methods may cut differently: into how
// many lines a subscription accrues.
func (a *audited) comparable(accrued bool) string {
	fold := func(s *base.Sums) {
		if accrued && s.Unknown > 0 {
			s.Unknown = 1
		}
	}
	var lines []string
	add := func(v any) { lines = append(lines, fmt.Sprintf("%+v", v)) }
	for _, b := range a.Bands {
		fold(&b.Sums)
		add(b)
	}
	for _, d := range a.Deciles {
		fold(&d.Sums)
		add(d)
	}
	for _, m := range a.Moves {
		add(m)
	}
	for _, g := range a.Groups {
		fold(&g.Was)
		fold(&g.Is)
		add(g)
	}
	slices.Sort(lines)
	for _, c := range a.Cohorts {
		fold(&c.Sums)
		add(c)
	}
	return fmt.Sprint(lines)
}

// drawWorth draws what an order is, what lines cost, and whose cohorts are
// asked for.
func drawWorth(t *rapid.T, x *world) {
	x.ordersCounted = rapid.SampledFrom([]string{"", "by order id", "by day", "by quantity"}).Draw(t, "orders counted")
	if rapid.Bool().Draw(t, "margins known") {
		x.margins = map[string]money.Amount{}
		for _, name := range []string{"default", "tea", "plan", "small"} {
			if rapid.Bool().Draw(t, "margin of "+name) {
				micros := rapid.Int64Range(-200_000, 1_000_000).Draw(t, "margin")
				if x.basis != "orders" {
					micros = micros / 1_000_000 * 1_000_000 // rounds nothing, however a subscription is cut
				}
				x.margins[name] = money.FromMicros(micros)
			}
		}
	}
	for i := range x.lines {
		l := &x.lines[i]
		l.order = rapid.SampledFrom([]string{"", "o1", "o2", "2020-01-01"}).Draw(t, "order")
		l.product = rapid.SampledFrom([]string{"goods", "tea"}).Draw(t, "product")
		l.quantity = rapid.Int64Range(0, 3).Draw(t, "quantity")
		l.cost = maybe(t, "cost", drawAmount)
		if x.grain != "entity" {
			l.entity = rapid.SampledFrom([]string{"", "north", "south's"}).Draw(t, "entity of the line")
		}
	}
	x.groups = map[base.Dimension][]string{}
	for i, names := range [][]string{{"", "small", "large", "nobody's"}, {"", "north", "south's"}, {"", "referral", "reputation", "paid", "sales", "partner"}} {
		d := base.Dimensions[i]
		for _, name := range names {
			if rapid.Bool().Draw(t, "cohorts of "+name) {
				x.groups[d] = append(x.groups[d], name)
			}
		}
	}
	for i := range x.customers {
		x.customers[i].segment = rapid.SampledFrom([]string{"", "small", "large"}).Draw(t, "segment")
	}
}
