// Package recurring owns the statement of the subscription trade: monthly
// recurring revenue from opening to closing by cause, the retention rates of
// that trade, what each plan did, the path over the months, subscriptions by
// the month in which they began, and what is billed and not yet accrued. It
// works on bounded statistics that a ledger gives and reads no rows; Count
// makes the same statistics of rows in memory.
//
// Definitions: a subscription's state on a day is the row that runs that day;
// the recurring revenue at a midnight is the sum of the monthly amounts of the
// rows that ran on the day before, so that a change belongs to the period in
// which its day lies. Movements are those of ChartMogul's public definitions
// ("Data Table and MRR Movements"): a subscription that is added or dropped by
// a customer who stays is expansion or contraction. Retention follows the SaaS
// Metrics Standards Board (net and gross revenue retention, of the customers
// at opening); the quick ratio is M. Hamid's (Social Capital, 2015).
//
// The invariant: opening + new + reactivated + resumed + expansion −
// contraction − paused − churned + exchange + other = closing, to the last
// decimal, for each window, span and plan, or there is no statement; where no
// row is in another currency, exchange is zero.
package recurring

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Movements lead from opening to closing. Contraction, Paused and Churned are
// taken off; Exchange is what the rates' own moves made of what ran on; Other
// is of customers without recurring revenue before and after: credits.
type Movements struct {
	Opening, New, Reactivated, Resumed, Expansion, Contraction, Paused, Churned, Exchange, Other, Closing money.Amount
}

// Sum is what the movements come to; it must be Closing.
func (m Movements) Sum() money.Amount {
	return money.Sum(m.Opening, m.New, m.Reactivated, m.Resumed, m.Expansion, m.Contraction.Neg(), m.Paused.Neg(), m.Churned.Neg(), m.Exchange, m.Other)
}

// Causes split expansion and contraction: another plan, another price at the
// same plan, and subscriptions that were added or dropped.
type Causes struct{ Plan, Price, Number money.Amount }

// Sum is all of them.
func (c Causes) Sum() money.Amount { return money.Sum(c.Plan, c.Price, c.Number) }

// Customers are opening + new + reactivated + resumed − lost − paused =
// closing; who leaves and comes back within a window counts in both.
type Customers struct {
	Opening, New, Reactivated, Resumed, Lost, Paused, Closing int64
	Retained                                                  int64 // at opening and at closing
}

// Subscriptions with a monthly amount above zero: opening + began + resumed −
// paused − ended = closing.
type Subscriptions struct {
	Opening, Began, Resumed, Paused, Ended, Closing int64
}

// Window is the statement of one window.
type Window struct {
	Period        calendar.Period
	Lacks         *Lack // why there is none
	MRR           Movements
	Expansion     Causes
	Contraction   Causes
	Churned       [4]money.Amount // by Reasons
	LostFor       [4]int64        // customers, by Reasons
	Customers     Customers
	Subscriptions Subscriptions
	Held          Held
	Plans         []PlanLine

	NetRetention, GrossRetention, LogoRetention, LogoChurn, MonthlyLogoChurn, QuickRatio evidence.Figure
}

// PlanLine is one plan in one window: opening + began + resumed + came − went
// + price − paused − ended + exchange = closing.
type PlanLine struct {
	Name                                                                               string
	Rest                                                                               bool
	Opening, Began, Resumed, Came, Went, Price, Paused, Ended, Exchange, Closing       money.Amount
	CustomersOpening, CustomersClosing                                                 int64
	SubscriptionsOpening, SubscriptionsBegan, SubscriptionsEnded, SubscriptionsClosing int64
	Churn                                                                              evidence.Figure // ended ÷ opening
}

// Span is a span of the path.
type Span struct {
	Period        calendar.Period
	Name          string
	MRR           Movements
	Customers     Customers
	Subscriptions int64 // at closing
}

// Start is a cohort of subscriptions by the span in which they first began:
// how many paid at the end of each span since, and their recurring revenue.
type Start struct {
	Name string
	Ages []Age
}

// Age is a cohort at the end of one span.
type Age struct {
	Span          string
	Subscriptions int64
	MRR           money.Amount
}

// Statement is the statement of the subscription trade.
type Statement struct {
	Currency money.Currency
	Windows  []Window
	Path     []Span
	Starts   []Start
	Billed   []Billed
	Unbilled int64
	CutShort int64
	Foreign  bool
}

// Input is what a ledger gave, with the names of the path's spans.
type Input struct {
	Question
	Names    []string
	Currency money.Currency
	Tally    Tally
}

// State makes the statement of what a ledger gave. An identity that does not
// hold is an error: a defect of the ledger, never of the user's data.
func (in Input) State() (Statement, error) {
	s := Statement{Currency: in.Currency, Billed: in.Tally.Billed, Unbilled: in.Tally.Unbilled, CutShort: in.Tally.CutShort, Foreign: in.Tally.Foreign}
	for i, p := range in.Windows {
		w, err := in.window(i, p)
		if err != nil {
			return s, err
		}
		s.Windows = append(s.Windows, w)
	}
	for i, p := range in.Path {
		if p.Start < in.Tally.From {
			continue
		}
		var w Window
		if err := in.roll(p, &w); err != nil {
			return s, err
		}
		s.Path = append(s.Path, Span{Period: p, Name: in.Names[i], MRR: w.MRR, Customers: w.Customers, Subscriptions: w.Subscriptions.Closing})
	}
	in.openings(&s)
	s.Starts = in.starts()
	return s, nil
}

// openings counts the customers at each span's ends back from the closing of
// the first window, which all windows share.
func (in Input) openings(s *Statement) {
	if len(s.Windows) == 0 || s.Windows[0].Lacks != nil {
		return
	}
	at := s.Windows[0].Customers.Closing
	if n := len(in.Path); n > 0 && in.Path[n-1].End < in.Until() {
		var rest Window
		in.sum(calendar.Period{Start: in.Path[n-1].End, End: in.Until()}, &rest)
		at -= rest.Customers.net()
	}
	for i := len(s.Path) - 1; i >= 0; i-- {
		c := &s.Path[i].Customers
		c.Closing = at
		at -= c.net()
		c.Opening = at
	}
}

func (c Customers) net() int64 { return c.New + c.Reactivated + c.Resumed - c.Lost - c.Paused }

func (in Input) window(i int, p calendar.Period) (Window, error) {
	w := Window{Period: p}
	if p.Start < in.Tally.From {
		w.Lacks = &Lack{Reason: fmt.Sprintf("rows in another currency have no rate before %s", in.Tally.From), Need: "rates of those days"}
		return w, nil
	}
	if err := in.roll(p, &w); err != nil {
		return w, err
	}
	for _, h := range in.Tally.Held {
		if h.Window == i {
			w.Held = h
		}
	}
	c := &w.Customers
	c.Opening, c.Retained, c.Closing = w.Held.Opening, w.Held.Retained, w.Held.Closing
	if c.Opening+c.net() != c.Closing {
		return w, fmt.Errorf("subscriptions: customers from %d by %d come not to %d", c.Opening, c.net(), c.Closing)
	}
	if sub := w.Subscriptions; sub.Opening+sub.Began+sub.Resumed-sub.Paused-sub.Ended != sub.Closing {
		return w, fmt.Errorf("subscriptions: %+v do not roll forward", sub)
	}
	if err := in.plans(p, &w); err != nil {
		return w, err
	}
	w.rates()
	return w, nil
}

// roll sums a window's movements between the stocks at its ends.
func (in Input) roll(p calendar.Period, w *Window) error {
	in.sum(p, w)
	cuts := in.Cuts()
	for _, k := range in.Tally.Stocks {
		switch cuts[k.Cut] {
		case p.Start:
			w.MRR.Opening, w.Subscriptions.Opening = w.MRR.Opening.Add(k.MRR), w.Subscriptions.Opening+k.Subscriptions
		case p.End:
			w.MRR.Closing, w.Subscriptions.Closing = w.MRR.Closing.Add(k.MRR), w.Subscriptions.Closing+k.Subscriptions
		}
	}
	w.MRR.Exchange = w.MRR.Closing.Sub(w.MRR.Sum())
	if !in.Tally.Foreign && !w.MRR.Exchange.IsZero() {
		return fmt.Errorf("subscriptions: the movements of %s miss the closing by %s", p, w.MRR.Exchange)
	}
	return nil
}

// sum adds the cells and turns of the spans within p.
func (in Input) sum(p calendar.Period, w *Window) {
	cuts := in.Cuts()
	within := func(span int) bool { return cuts[span] >= p.Start && cuts[span+1] <= p.End }
	for _, c := range in.Tally.Cells {
		if within(c.Span) {
			w.add(c)
		}
	}
	w.MRR.Expansion, w.MRR.Contraction = w.Expansion.Sum(), w.Contraction.Sum()
	w.MRR.Churned = money.Sum(w.Churned[:]...)
	for _, t := range in.Tally.Turns {
		if within(t.Span) {
			s := &w.Subscriptions
			s.Began, s.Resumed, s.Paused, s.Ended = s.Began+t.Began, s.Resumed+t.Resumed, s.Paused+t.Paused, s.Ended+t.Ended
		}
	}
}

// add places a cell's sums on the lines of the statement.
func (w *Window) add(c Cell) {
	m := &w.MRR
	switch c.State {
	case New:
		w.Customers.New += c.Days
		m.New = m.New.Add(c.Delta())
	case Back:
		if c.Resumed {
			w.Customers.Resumed += c.Days
		} else {
			w.Customers.Reactivated += c.Days
		}
		m.Resumed = m.Resumed.Add(c.Back)
		m.Reactivated = m.Reactivated.Add(c.Delta().Sub(c.Back))
	case Left:
		w.leave(c)
	case Stayed:
		m.Resumed, m.Paused = m.Resumed.Add(c.Back), m.Paused.Add(c.Paused)
		up, down := &w.Expansion, &w.Contraction
		up.Plan, down.Plan = up.Plan.Add(c.PlanUp), down.Plan.Add(c.PlanDown)
		up.Price, down.Price = up.Price.Add(c.PriceUp), down.Price.Add(c.PriceDown)
		if c.Swapped {
			up.Plan, down.Plan = up.Plan.Add(c.Up), down.Plan.Add(c.Down)
		} else {
			up.Number, down.Number = up.Number.Add(c.Up), down.Number.Add(c.Down)
		}
	default:
		m.Other = m.Other.Add(c.Delta())
	}
}

// leave places what a customer had who has nothing now. What is left when
// pauses and ends are taken off changed to nothing: a free plan.
func (w *Window) leave(c Cell) {
	rest := c.Delta().Neg().Sub(c.Paused)
	w.MRR.Paused = w.MRR.Paused.Add(c.Paused)
	for i, e := range c.Ended {
		w.Churned[i] = w.Churned[i].Add(e)
		rest = rest.Sub(e)
		if c.Reason == Reasons[i] {
			w.LostFor[i] += c.Days
		}
	}
	w.Churned[2] = w.Churned[2].Add(rest)
	if c.Reason == "" {
		w.Customers.Paused += c.Days
		return
	}
	w.Customers.Lost += c.Days
}

// plans makes a window's line of each plan.
func (in Input) plans(p calendar.Period, w *Window) error {
	cuts := in.WindowCuts()
	type key struct {
		name string
		rest bool
	}
	at := map[key]int{}
	line := func(name string, rest bool) *PlanLine {
		k := key{name, rest}
		i, ok := at[k]
		if !ok {
			i = len(w.Plans)
			at[k], w.Plans = i, append(w.Plans, PlanLine{Name: name, Rest: rest})
		}
		return &w.Plans[i]
	}
	for _, k := range in.Tally.PlanStocks {
		switch cuts[k.Cut] {
		case p.Start:
			l := line(k.Name, k.Rest)
			l.Opening, l.CustomersOpening, l.SubscriptionsOpening = k.MRR, k.Customers, k.Subscriptions
		case p.End:
			l := line(k.Name, k.Rest)
			l.Closing, l.CustomersClosing, l.SubscriptionsClosing = k.MRR, k.Customers, k.Subscriptions
		}
	}
	for _, c := range in.Tally.Plans {
		if cuts[c.Span] < p.Start || cuts[c.Span+1] > p.End {
			continue
		}
		l := line(c.Name, c.Rest)
		l.Began, l.Resumed, l.Came, l.Went = l.Began.Add(c.Began), l.Resumed.Add(c.Back), l.Came.Add(c.Came), l.Went.Add(c.Went)
		l.Price, l.Paused, l.Ended = l.Price.Add(c.Price), l.Paused.Add(c.Paused), l.Ended.Add(c.Ended)
		l.SubscriptionsBegan, l.SubscriptionsEnded = l.SubscriptionsBegan+c.SubscriptionsBegan, l.SubscriptionsEnded+c.SubscriptionsEnded
	}
	w.Plans = slices.DeleteFunc(w.Plans, func(l PlanLine) bool { return l.idle() })
	var opening, closing money.Amount
	for i := range w.Plans {
		l := &w.Plans[i]
		l.Exchange = l.Closing.Sub(money.Sum(l.Opening, l.Began, l.Resumed, l.Came, l.Went.Neg(), l.Price, l.Paused.Neg(), l.Ended.Neg()))
		if !in.Tally.Foreign && !l.Exchange.IsZero() {
			return fmt.Errorf("subscriptions: the movements of plan %q miss its closing by %s", l.Name, l.Exchange)
		}
		l.Churn = share(l.Ended, l.Opening, l.SubscriptionsOpening, "ended ÷ opening of the plan", "no subscription of the plan ran at the period's start")
		opening, closing = opening.Add(l.Opening), closing.Add(l.Closing)
	}
	if !opening.Equal(w.MRR.Opening) || !closing.Equal(w.MRR.Closing) {
		return fmt.Errorf("subscriptions: plans lead from %s to %s, not from %s to %s", opening, closing, w.MRR.Opening, w.MRR.Closing)
	}
	sortPlans(w.Plans)
	return nil
}

// idle tells whether nothing of a plan ran at either end or moved between.
func (l PlanLine) idle() bool {
	for _, a := range []money.Amount{l.Opening, l.Began, l.Resumed, l.Came, l.Went, l.Price, l.Paused, l.Ended, l.Closing} {
		if !a.IsZero() {
			return false
		}
	}
	return l.SubscriptionsOpening+l.SubscriptionsClosing+l.SubscriptionsBegan+l.SubscriptionsEnded == 0
}

func share(part, whole money.Amount, n int64, method, refused string) evidence.Figure {
	if whole.Sign() <= 0 {
		return evidence.Refuse(refused, "a period that begins while subscriptions run")
	}
	return evidence.Exact(new(big.Rat).Quo(part.Rat(), whole.Rat()), n, method)
}

// rates fills in the trade's rates.
func (w *Window) rates() {
	const none = "no customer had recurring revenue when the period began"
	h := w.Held
	w.NetRetention = share(h.Net, h.Base, h.Opening, "closing MRR of the customers at opening ÷ their opening MRR", none)
	w.GrossRetention = share(h.Gross, h.Base, h.Opening, "the same, each customer capped at its opening MRR", none)
	w.QuickRatio = w.quick()
	if h.Opening == 0 {
		r := evidence.Refuse(none, "a period that begins while subscriptions run")
		w.LogoRetention, w.LogoChurn, w.MonthlyLogoChurn = r, r, r
		return
	}
	kept := big.NewRat(h.Retained, h.Opening)
	w.LogoRetention = evidence.Exact(kept, h.Opening, "customers at opening and at closing ÷ customers at opening")
	w.LogoChurn = w.LogoRetention.Affine(big.NewRat(-1, 1), big.NewRat(1, 1), "1 − logo retention")
	n := wholeMonths(w.Period)
	if n == 0 {
		w.MonthlyLogoChurn = evidence.Refuse("the period is not whole months", "a period of whole months")
		return
	}
	w.MonthlyLogoChurn = evidence.Exact(new(big.Rat).Sub(big.NewRat(1, 1), root(kept, n)), h.Opening, fmt.Sprintf("1 − logo retention^(1/%d)", n))
}

func (w *Window) quick() evidence.Figure {
	m := w.MRR
	gained := money.Sum(m.New, m.Reactivated, m.Resumed, m.Expansion)
	gone := money.Sum(m.Churned, m.Paused, m.Contraction)
	if gone.Sign() <= 0 {
		return evidence.Refuse("nothing was lost in the period", "a period in which recurring revenue was lost")
	}
	return evidence.Exact(new(big.Rat).Quo(gained.Rat(), gone.Rat()), w.Customers.Opening, "(new + reactivated + resumed + expansion) ÷ (churned + paused + contraction)")
}

// wholeMonths is how many months a period is; 0: it is not whole ones.
func wholeMonths(p calendar.Period) int64 {
	n := int(calendar.MonthOf(p.End)) - int(calendar.MonthOf(p.Start))
	if n <= 0 || p.Start.AddMonths(n) != p.End {
		return 0
	}
	return int64(n)
}

// rootPlaces is how exactly a root is had: three places more than are printed.
const rootPlaces = 15

// root is the n-th root of a rational within 0 and 1, cut off after fifteen
// places, by whole numbers alone, so that every machine prints the same.
func root(x *big.Rat, n int64) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(rootPlaces), nil)
	power := big.NewInt(n)
	// k/scale ≤ x^(1/n) exactly when k^n · den ≤ num · scale^n.
	limit := new(big.Int).Mul(x.Num(), new(big.Int).Exp(scale, power, nil))
	low, high := big.NewInt(0), new(big.Int).Set(scale)
	for low.Cmp(high) < 0 {
		mid := new(big.Int).Add(low, high)
		mid.Add(mid, big.NewInt(1)).Rsh(mid, 1)
		if new(big.Int).Mul(new(big.Int).Exp(mid, power, nil), x.Denom()).Cmp(limit) <= 0 {
			low = mid
		} else {
			high = mid.Sub(mid, big.NewInt(1))
		}
	}
	return new(big.Rat).SetFrac(low, scale)
}
