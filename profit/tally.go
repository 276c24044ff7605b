package profit

import (
	"cmp"
	"context"
	"maps"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Rows are books in memory, already identified, linked and in the statement's currency. They are the second method against
// which an engine's answers are held, and serve books that fit in memory.
type Rows struct {
	Lines  []Line
	Visits []Visit
	Spent  []Cost
	Known  map[string]Origin // of customers
}

// Line is a line of an identified customer. Profit is nil where it is not known.
type Line struct {
	Customer string
	Day      calendar.Day
	Amount   money.Amount
	Profit   *money.Amount
	By       string // as in Known
}

// Visit is an interaction. Seconds is nil where it was not measured.
type Visit struct {
	Customer   string // of identified callers
	Who        string
	Touchpoint string
	Day        calendar.Day
	Seconds    *big.Int // millionths
}

// Origin is what is known of how a customer came.
type Origin struct {
	AcquiredOn *calendar.Day
	Via        string
}

var _ Ledger = Rows{}

// Costs answers Ledger; it leaves the periods as they are.
func (r Rows) Costs(context.Context, func(string) (calendar.Period, error)) ([]Cost, error) {
	return r.Spent, nil
}

// GrossProfit answers Ledger.
func (r Rows) GrossProfit(_ context.Context, p calendar.Period) ([]Known, error) {
	by := map[string]*Known{}
	for _, l := range r.Lines {
		if !p.Contains(l.Day) {
			continue
		}
		k := by[l.By]
		if k == nil {
			k = &Known{By: l.By}
			by[l.By] = k
		}
		k.Lines, k.Revenue = k.Lines+1, k.Revenue.Add(l.Amount)
		if l.Profit != nil {
			k.Profit, k.Sizes = k.Profit.Add(*l.Profit), k.Sizes.Add(l.Profit.Abs())
		}
	}
	var out []Known
	for _, name := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[name])
	}
	return out, nil
}

func spanOf(spans []calendar.Period, d calendar.Day) int {
	return slices.IndexFunc(spans, func(p calendar.Period) bool { return p.Contains(d) })
}

// Contacts answers Ledger.
func (r Rows) Contacts(_ context.Context, spans []calendar.Period) (Contacts, error) {
	type cell struct {
		touchpoint, who string
		span            int
	}
	cells, served := map[cell]*Contact{}, map[string]map[string]bool{}
	for _, v := range r.Visits {
		at := cell{v.Touchpoint, v.Who, spanOf(spans, v.Day)}
		if at.span < 0 {
			continue
		}
		c := cells[at]
		if c == nil {
			c = &Contact{Touchpoint: at.touchpoint, Span: at.span, Who: at.who, Seconds: new(big.Int)}
			cells[at] = c
		}
		c.Contacts++
		if v.Seconds != nil && v.Seconds.Sign() >= 0 {
			c.Timed++
			c.Seconds.Add(c.Seconds, v.Seconds)
		}
		if v.Who == "identified" {
			if served[v.Touchpoint] == nil {
				served[v.Touchpoint] = map[string]bool{}
			}
			served[v.Touchpoint][v.Customer] = true
		}
	}
	out := Contacts{Served: map[string]int64{}}
	for _, c := range cells {
		out.Cells = append(out.Cells, *c)
	}
	for name, who := range served {
		out.Served[name] = int64(len(who))
	}
	return out, nil
}

// Ranking answers Ledger.
func (r Rows) Ranking(_ context.Context, q Question) ([]Hundredth, error) {
	type one struct {
		revenue, gross money.Amount
		profit         *big.Int
	}
	all := map[string]*one{}
	at := func(id string) *one {
		if all[id] == nil {
			all[id] = &one{profit: new(big.Int)}
		}
		return all[id]
	}
	for _, l := range r.Lines {
		if q.Period.Contains(l.Day) && l.Profit != nil {
			x := at(l.Customer)
			x.revenue, x.gross = x.revenue.Add(l.Amount), x.gross.Add(*l.Profit)
		}
	}
	for _, x := range all {
		x.profit.Mul(x.gross.Big(), tenTo(q.Scale))
	}
	for _, v := range r.Visits {
		span := spanOf(q.Spans, v.Day)
		if v.Who != "identified" || span < 0 {
			continue
		}
		x := at(v.Customer)
		for _, p := range q.Prices {
			if p.Touchpoint != v.Touchpoint || p.Span != span {
				continue
			}
			x.profit.Sub(x.profit, p.PerContact)
			if v.Seconds != nil {
				x.profit.Sub(x.profit, new(big.Int).Mul(p.PerMicrosec, v.Seconds))
			}
		}
	}
	ordered := slices.SortedFunc(maps.Values(all), func(a, b *one) int {
		return cmp.Or(b.profit.Cmp(a.profit), b.revenue.Cmp(a.revenue), b.gross.Cmp(a.gross))
	})
	var out []Hundredth
	for rank, x := range ordered {
		place := rank * 100 / len(ordered)
		if len(out) == 0 || out[len(out)-1].Place != place {
			out = append(out, Hundredth{Place: place, Profit: new(big.Int), Most: x.profit, Gains: new(big.Int), Losses: new(big.Int)})
		}
		h := &out[len(out)-1]
		h.Customers++
		h.Revenue, h.Gross, h.Least = h.Revenue.Add(x.revenue), h.Gross.Add(x.gross), x.profit
		h.Profit.Add(h.Profit, x.profit)
		switch x.profit.Sign() {
		case 1:
			h.Gaining++
			h.Gains.Add(h.Gains, x.profit)
		case -1:
			h.Losing++
			h.Losses.Add(h.Losses, x.profit)
		}
	}
	return out, nil
}

// Acquired answers Ledger.
func (r Rows) Acquired(_ context.Context, spans []calendar.Period, anyLine bool) ([]Cohort, error) {
	type one struct {
		revenue money.Amount
		lines   int
		first   *calendar.Day
		sums    []money.Amount
	}
	all := map[string]*one{}
	p := calendar.Period{Start: spans[0].Start, End: spans[len(spans)-1].End}
	for _, l := range r.Lines {
		x := all[l.Customer]
		if x == nil {
			x = &one{sums: make([]money.Amount, len(spans)), first: r.Known[l.Customer].AcquiredOn}
			all[l.Customer] = x
		}
		if (anyLine || l.Amount.Sign() > 0) && (x.first == nil || l.Day < *x.first) {
			x.first = &l.Day
		}
		if !p.Contains(l.Day) {
			continue
		}
		x.revenue, x.lines = x.revenue.Add(l.Amount), x.lines+1
		for m := max(0, spanOf(spans, l.Day)); m < len(spans) && l.Profit != nil; m++ {
			x.sums[m] = x.sums[m].Add(*l.Profit)
		}
	}
	type place struct {
		first int
		via   string
	}
	cohorts := map[place]*Cohort{}
	for id, x := range all {
		if active := x.revenue.Sign() > 0; !(active || anyLine) || x.lines == 0 || x.first == nil || !p.Contains(*x.first) {
			continue
		}
		at := place{spanOf(spans, *x.first), r.Known[id].Via}
		c := cohorts[at]
		if c == nil {
			c = &Cohort{First: at.first, Via: at.via, Sums: make([]money.Amount, len(spans)), Squares: make([]*big.Int, len(spans))}
			for m := range spans {
				c.Squares[m] = new(big.Int)
			}
			cohorts[at] = c
		}
		c.Customers++
		for m, sum := range x.sums {
			c.Sums[m] = c.Sums[m].Add(sum)
			y := sum.Big()
			c.Squares[m].Add(c.Squares[m], y.Mul(y, y))
		}
	}
	var out []Cohort
	for _, c := range cohorts {
		out = append(out, *c)
	}
	return out, nil
}
