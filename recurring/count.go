package recurring

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Row is a row of the book: what one subscription was from a day on.
type Row struct {
	Subscription, Customer string
	Started                calendar.Day
	Ended                  *calendar.Day // nil: runs on
	Monthly                money.Amount
	Plan, Currency         string // an empty currency is the statement's
	EndReason              string // as it was given
	Billed                 string // monthly, quarterly, annual; empty: not said
	BilledAmount           *money.Amount
	Excluded               bool // of a customer who is not to be counted
}

// Home converts an amount at a day's rate.
type Home func(a money.Amount, currency string, on calendar.Day) money.Amount

// Count answers a question from rows in memory, by looking at every customer
// on every day. It is the second method for what a ledger answers.
func Count(rows []Row, home Home, q Question) Tally {
	c := count{q: q, home: home, cuts: q.Cuts(), windowCuts: q.WindowCuts(), subs: map[string][]*run{}}
	c.t.From = c.cuts[0]
	c.hold(rows)
	byCustomer := map[string][]*run{}
	for _, r := range c.runs {
		byCustomer[r.Customer] = append(byCustomer[r.Customer], r)
	}
	for _, id := range sortedKeys(byCustomer) {
		c.customer(byCustomer[id])
	}
	c.stocks()
	c.billed()
	return c.t
}

// Running are the rows of those who count that run on a day.
func Running(rows []Row, on calendar.Day) []Row {
	c := count{q: Question{Windows: []calendar.Period{{Start: on, End: on + 1}}}, subs: map[string][]*run{}}
	c.hold(rows)
	var out []Row
	for _, r := range c.runs {
		if r.on(on) {
			out = append(out, r.Row)
		}
	}
	return out
}

// run is a row that ran at least a day, with its place in its subscription.
type run struct {
	Row
	end           calendar.Day
	before, after *run
}

func (r *run) on(d calendar.Day) bool { return r.Started <= d && d < r.end }

type count struct {
	q                Question
	home             Home
	cuts, windowCuts []calendar.Day
	subs             map[string][]*run
	runs             []*run // of the customers who count
	t                Tally
}

func (c *count) hold(rows []Row) {
	for _, row := range rows {
		if row.Started < c.q.Until() {
			c.subs[row.Subscription] = append(c.subs[row.Subscription], &run{Row: row})
		}
	}
	for _, id := range sortedKeys(c.subs) {
		all := c.subs[id]
		slices.SortFunc(all, func(a, b *run) int { return cmp.Compare(a.Started, b.Started) })
		var last *run
		for i, r := range all {
			r.end = calendar.DayOf(9999, 12, 31)
			if r.Ended != nil {
				r.end = *r.Ended
			}
			cut := false
			if i+1 < len(all) && all[i+1].Started < r.end {
				cut, r.end = r.Ended != nil, all[i+1].Started
			}
			if r.end <= r.Started || r.Excluded { // the excluded cut others short and are otherwise not there
				continue
			}
			if r.before = last; last != nil {
				last.after = r
			}
			last = r
			if cut {
				c.t.CutShort++
			}
			c.t.Foreign = c.t.Foreign || r.Currency != ""
			c.runs = append(c.runs, r)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// spanAt is the span between cuts that a day lies in; −1: none.
func spanAt(cuts []calendar.Day, d calendar.Day) int {
	for i := len(cuts) - 2; i >= 0; i-- {
		if d >= cuts[i] {
			return i
		}
	}
	return -1
}

// customer walks one customer's days.
func (c *count) customer(runs []*run) {
	first := runs[0].Started
	for _, r := range runs {
		first = min(first, r.Started)
	}
	ever := false
	for d := first; d < c.q.Until(); d++ {
		before, after := running(runs, d-1), running(runs, d)
		had, has := pays(before), pays(after)
		ever = ever || had
		if span := spanAt(c.cuts, d); span >= 0 {
			if cell, moved := c.day(before, after, d); moved {
				cell.Span, cell.Days, cell.State = span, 1, state(had, has, ever)
				c.t.Cells = append(c.t.Cells, cell)
			}
		}
	}
	for i, w := range c.q.Windows {
		opening, closing := running(runs, w.Start-1), running(runs, w.End-1)
		h := Held{Window: i}
		o, z := c.sum(opening, w.Start-1), c.sum(closing, w.End-1)
		if pays(opening) {
			h.Opening = 1
			if o.Sign() > 0 {
				h.Base, h.Net, h.Gross = o, z, smaller(larger(z, money.Amount{}), o)
			}
		}
		if pays(closing) {
			h.Closing, h.Retained = 1, h.Opening
		}
		c.held(h)
	}
}

func state(had, has, ever bool) State {
	switch {
	case had && has:
		return Stayed
	case had:
		return Left
	case !has:
		return Idle
	case ever:
		return Back
	}
	return New
}

func (c *count) held(h Held) {
	for i := range c.t.Held {
		if k := &c.t.Held[i]; k.Window == h.Window {
			k.Opening, k.Retained, k.Closing = k.Opening+h.Opening, k.Retained+h.Retained, k.Closing+h.Closing
			k.Base, k.Net, k.Gross = k.Base.Add(h.Base), k.Net.Add(h.Net), k.Gross.Add(h.Gross)
			return
		}
	}
	c.t.Held = append(c.t.Held, h)
}

func smaller(a, b money.Amount) money.Amount {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func larger(a, b money.Amount) money.Amount { return smaller(a.Neg(), b.Neg()).Neg() }

func running(runs []*run, d calendar.Day) map[string]*run {
	out := map[string]*run{}
	for _, r := range runs {
		if r.on(d) {
			out[r.Subscription] = r
		}
	}
	return out
}

func pays(runs map[string]*run) bool {
	for _, r := range runs {
		if r.Monthly.Sign() > 0 {
			return true
		}
	}
	return false
}

func (c *count) sum(runs map[string]*run, d calendar.Day) money.Amount {
	var sum money.Amount
	for _, r := range runs {
		sum = sum.Add(c.home(r.Monthly, r.Currency, d))
	}
	return sum
}

// day compares what ran up to a day with what runs from it on.
func (c *count) day(before, after map[string]*run, d calendar.Day) (cell Cell, moved bool) {
	turns := Turns{Span: spanAt(c.cuts, d)}
	began, ended, reason := false, false, len(Reasons)
	var net money.Amount
	lose := func(i int) { reason = min(reason, i) }
	for id, a := range after {
		b := before[id]
		if a == b {
			continue
		}
		moved = true
		now := c.home(a.Monthly, a.Currency, d)
		if b != nil {
			c.changed(&cell, &turns, a, b, d)
			if b.Monthly.Sign() > 0 && a.Monthly.Sign() <= 0 {
				lose(otherPlace)
			}
			continue
		}
		up := a.Monthly.Sign() > 0
		if a.before != nil && a.before.Customer == a.Customer {
			cell.Back = cell.Back.Add(now)
			cell.Resumed = cell.Resumed || up
			turns.Resumed += one(up)
			c.plan(Plan{Name: a.Plan, Back: now}, d)
			continue
		}
		began, net = true, net.Add(now)
		cell.Began = cell.Began.Add(now)
		turns.Began += one(up)
		c.plan(Plan{Name: a.Plan, Began: now, SubscriptionsBegan: one(up)}, d)
	}
	for id, b := range before {
		if after[id] != nil {
			continue
		}
		moved = true
		was, down := c.home(b.Monthly, b.Currency, d), b.Monthly.Sign() > 0
		folded := Fold(b.EndReason)
		if folded == Pause || folded == NotGiven && b.after != nil && b.after.Customer == b.Customer {
			cell.Paused = cell.Paused.Add(was)
			turns.Paused += one(down)
			c.plan(Plan{Name: b.Plan, Paused: was}, d)
			continue
		}
		ended, net = true, net.Sub(was)
		i := slices.Index(Reasons[:], folded)
		cell.Ended[i] = cell.Ended[i].Add(was)
		if down {
			lose(i)
		}
		turns.Ended += one(down)
		c.plan(Plan{Name: b.Plan, Ended: was, SubscriptionsEnded: one(down)}, d)
	}
	cell.Swapped = began && ended
	cell.Up, cell.Down = larger(net, money.Amount{}), larger(net.Neg(), money.Amount{})
	if reason < len(Reasons) {
		cell.Reason = Reasons[reason]
	}
	c.t.Turns = append(c.t.Turns, turns)
	return cell, moved
}

// otherPlace is the place of Other among the reasons.
const otherPlace = 2

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// changed is a row that followed another of its subscription at once.
func (c *count) changed(cell *Cell, turns *Turns, a, b *run, d calendar.Day) {
	now, was := c.home(a.Monthly, a.Currency, d), c.home(b.Monthly, b.Currency, d)
	up, down := &cell.PriceUp, &cell.PriceDown
	if a.Plan != b.Plan {
		up, down = &cell.PlanUp, &cell.PlanDown
		c.plan(Plan{Name: b.Plan, Went: was}, d)
		c.plan(Plan{Name: a.Plan, Came: now}, d)
	} else {
		c.plan(Plan{Name: a.Plan, Price: now.Sub(was)}, d)
	}
	if delta := now.Sub(was); delta.Sign() > 0 {
		*up = up.Add(delta)
	} else {
		*down = down.Sub(delta)
	}
	turns.Began += one(a.Monthly.Sign() > 0 && b.Monthly.Sign() <= 0)
	turns.Ended += one(b.Monthly.Sign() > 0 && a.Monthly.Sign() <= 0)
}

func (c *count) plan(p Plan, d calendar.Day) {
	if p.Span = spanAt(c.windowCuts, d); p.Span >= 0 {
		c.t.Plans = append(c.t.Plans, p)
	}
}

func (c *count) stocks() {
	for i, day := range c.cuts {
		for _, r := range c.runs {
			if !r.on(day - 1) {
				continue
			}
			first := r
			for first.before != nil {
				first = first.before
			}
			at := -1
			for j, p := range c.q.Path {
				if p.Contains(first.Started) {
					at = j
				}
			}
			c.t.Stocks = append(c.t.Stocks, Stock{Cut: i, First: at, Subscriptions: one(r.Monthly.Sign() > 0), MRR: c.home(r.Monthly, r.Currency, day-1)})
		}
	}
	for i, day := range c.windowCuts {
		of, customers := map[string]PlanStock{}, map[[2]string]bool{}
		for _, r := range c.runs {
			if !r.on(day - 1) {
				continue
			}
			k := of[r.Plan]
			k.Name, k.Cut, k.MRR = r.Plan, i, k.MRR.Add(c.home(r.Monthly, r.Currency, day-1))
			if r.Monthly.Sign() > 0 {
				k.Subscriptions++
				if who := [2]string{r.Plan, r.Customer}; !customers[who] {
					customers[who] = true
					k.Customers++
				}
			}
			of[r.Plan] = k
		}
		for _, name := range sortedKeys(of) {
			c.t.PlanStocks = append(c.t.PlanStocks, of[name])
		}
	}
}

// billed follows each bill's stretch day by day.
func (c *count) billed() {
	until := c.q.Until()
	of := map[string]Billed{}
	for _, r := range c.runs {
		if !r.on(until-1) || r.Monthly.Sign() <= 0 {
			continue
		}
		months, said := map[string]int{"monthly": 1, "quarterly": 3, "annual": 12}[r.Billed]
		if !said {
			c.t.Unbilled++
			continue
		}
		from := r.Started
		for n := months; r.Started.AddMonths(n) < until; n += months {
			from = r.Started.AddMonths(n)
		}
		var bill, accrued money.Amount
		for range months {
			bill = bill.Add(r.Monthly)
		}
		if r.BilledAmount != nil {
			bill = *r.BilledAmount
		}
		for d := from; d < until; d++ {
			accrued = accrued.Add(Accrued(r.Monthly, d))
		}
		b := of[r.Billed]
		b.Every, b.Subscriptions = r.Billed, b.Subscriptions+1
		if bill.Sign() < 0 {
			b.BelowZero++
		}
		b.Amount, b.Accrued = b.Amount.Add(c.home(bill, r.Currency, until-1)), b.Accrued.Add(c.home(accrued, r.Currency, until-1))
		of[r.Billed] = b
	}
	for _, every := range sortedKeys(of) {
		c.t.Billed = append(c.t.Billed, of[every])
	}
}
