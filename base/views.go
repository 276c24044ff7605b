package base

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Slice is one period's customers: how many, what they did, and how unlike
// they are.
type Slice struct {
	Window
	Sums
	ProfitLacks *evidence.Refusal // why Profit is not what they earned; nil: it is
	OrdersLacks *evidence.Refusal // why Orders are not how often they bought; nil: they are

	OrdersPerCustomer  evidence.Figure
	RevenuePerOrder    evidence.Figure
	RevenuePerCustomer evidence.Figure
	ProfitPerCustomer  evidence.Figure
	GrossMargin        evidence.Figure
	OneOrder           evidence.Figure // share of customers with one order
	TopTenth           evidence.Figure // share of revenue of the tenth that spends most
	TopTenthProfit     evidence.Figure // share of profit of the tenth that earns most
	Bands              []Band
	Deciles            []Decile
}

// Part is a group with its rates.
type Part struct {
	Group
	Of                           int64 // how many groups it is of; 0: it is one
	NetRetention, GrossRetention evidence.Figure
}

// Views are the views of one pair of windows.
type Views struct {
	Windows
	Currency money.Currency
	Counted  string  // what one order is
	Slices   []Slice // the comparison period and the period
	Moves    []Move
	Parts    []Part
	// Changes take the change of revenue apart: how the customers, their
	// orders each and the revenue of an order changed, whose product it is.
	CustomersChange, OrdersChange, ValueChange, RevenueChange evidence.Figure
}

// Input is what a ledger gives for one pair of windows.
type Input struct {
	Windows
	Answers
	Currency money.Currency
	Counted  string
	Mixed    bool // revenue is not made of orders alone
}

// most is how many groups of a dimension are told; the smallest others are one.
const most = 40

// told is how many of n groups are told by themselves: all, or one fewer than
// may be told, so that all others have a place.
func told(n, most int) int {
	if n > most {
		return most - 1
	}
	return n
}

// Others is the name of the groups that are too many to be told.
const Others = "all others"

// othersBeside is the name of all others beside groups of which a company may
// call one so.
func othersBeside(groups []Group) string {
	name := Others
	for slices.ContainsFunc(groups, func(g Group) bool { return g.Name == name }) {
		name += " …"
	}
	return name
}

// State makes the views of what a ledger gave.
func (in Input) State() (Views, error) {
	v := Views{Windows: in.Windows, Currency: in.Currency, Counted: in.Counted, Moves: in.Moves}
	for _, w := range []Window{Compared, Current} {
		s, err := in.slice(w)
		if err != nil {
			return v, err
		}
		v.Slices = append(v.Slices, s)
	}
	if err := in.check(v.Slices); err != nil {
		return v, err
	}
	for _, d := range Dimensions {
		v.Parts = append(v.Parts, in.parts(d)...)
	}
	v.changes()
	return v, nil
}

func (in Input) slice(w Window) (Slice, error) {
	s := Slice{Window: w}
	for _, b := range in.Bands {
		if b.Window == w {
			s.Bands = append(s.Bands, b)
			if b.Measure == Spend {
				s.Sums = s.Add(b.Sums)
			}
		}
	}
	for _, d := range in.Deciles {
		if d.Window == w {
			s.Deciles = append(s.Deciles, d)
		}
	}
	for _, m := range Measures {
		var banded, ranked Sums
		for _, b := range s.Bands {
			if b.Measure == m {
				banded = banded.Add(b.Sums)
			}
		}
		for _, d := range s.Deciles {
			if d.Measure == m {
				ranked = ranked.Add(d.Sums)
			}
		}
		if !same(banded, s.Sums) || !same(ranked, s.Sums) {
			return s, fmt.Errorf("customer base: by %s the %s comes to %+v in bands and %+v in deciles, and not to %+v", m, w, banded, ranked, s.Sums)
		}
	}
	if s.Unknown > 0 {
		s.ProfitLacks = &evidence.Refusal{
			Reason: unknown(s.Unknown),
			Need:   "cost on each line of orders, or margin in the settings: by product, by segment or default",
		}
	}
	if in.Mixed {
		s.OrdersLacks = &evidence.Refusal{Reason: "the revenue is not made of orders alone, so orders do not explain it", Need: "statement_basis: orders"}
	}
	in.rates(&s)
	return s, nil
}

func same(a, b Sums) bool {
	return a.Customers == b.Customers && a.Orders == b.Orders && a.Unknown == b.Unknown && a.Revenue.Equal(b.Revenue) && a.Profit.Equal(b.Profit)
}

// rates are a slice's averages and shares.
func (in Input) rates(s *Slice) {
	nobody := "no customer was active in the " + map[Window]string{Compared: "comparison period", Current: "period"}[s.Window]
	none := func(reason, need string) evidence.Figure { return evidence.Refuse(reason, need) }
	per := func(a, b *big.Rat, n int64, method string) evidence.Figure {
		switch {
		case s.Customers == 0:
			return none(nobody, "lines of it")
		case b.Sign() <= 0:
			return none("what it would be divided by is not above zero", "a period in which the active customers bought for more than came back")
		}
		return evidence.Exact(new(big.Rat).Quo(a, b), n, method)
	}
	customers, orders := whole(s.Customers), whole(s.Orders)
	s.RevenuePerCustomer = per(s.Revenue.Rat(), customers, s.Customers, "revenue of the active customers ÷ their number")
	s.OrdersPerCustomer = per(orders, customers, s.Customers, "orders of the active customers ÷ their number")
	s.RevenuePerOrder = per(s.Revenue.Rat(), orders, s.Customers, "revenue of the active customers ÷ their orders")
	s.OneOrder = per(whole(in.once(s)), customers, s.Customers, "active customers with one order ÷ all of them")
	switch {
	case s.OrdersLacks != nil:
		refused := none(s.OrdersLacks.Reason, s.OrdersLacks.Need)
		s.OrdersPerCustomer, s.RevenuePerOrder, s.OneOrder = refused, refused, refused
	case s.Customers > 0 && s.Orders == 0:
		refused := none("the active customers have no order in it", "lines with an amount above zero, or a quantity where that says how many orders a line stands for")
		s.OrdersPerCustomer, s.RevenuePerOrder, s.OneOrder = refused, refused, refused
	}
	s.ProfitPerCustomer = per(s.Profit.Rat(), customers, s.Customers, "gross profit of the active customers ÷ their number")
	s.GrossMargin = per(s.Profit.Rat(), s.Revenue.Rat(), s.Customers, "gross profit of the active customers ÷ their revenue")
	s.TopTenth = in.top(s, Spend, s.Revenue, nobody)
	s.TopTenthProfit = in.top(s, Profit, s.Profit, nobody)
	if s.ProfitLacks != nil {
		refused := none(s.ProfitLacks.Reason, s.ProfitLacks.Need)
		s.ProfitPerCustomer, s.GrossMargin, s.TopTenthProfit = refused, refused, refused
	}
}

func whole(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func unknown(n int64) string {
	if n == 1 {
		return "one line of the active customers has neither a cost nor a margin"
	}
	return fmt.Sprintf("%d lines of the active customers have neither a cost nor a margin", n)
}

func (in Input) once(s *Slice) int64 {
	i := slices.IndexFunc(s.Bands, func(b Band) bool { return b.Measure == Orders && b.Index == 1 })
	if i < 0 {
		return 0
	}
	return s.Bands[i].Customers
}

// fewest is how many customers a tenth is taken of.
const fewest = 10

// top is the share of the first tenth.
func (in Input) top(s *Slice, m Measure, total money.Amount, nobody string) evidence.Figure {
	switch {
	case s.Customers == 0:
		return evidence.Refuse(nobody, "lines of it")
	case s.Customers < fewest:
		return evidence.Refuse(fmt.Sprintf("there are fewer than %d active customers to take a tenth of", fewest), "more customers, or a longer period")
	case total.Sign() <= 0:
		return evidence.Refuse("all of them together brought nothing to take a share of", "a period in which they did")
	}
	for _, d := range s.Deciles {
		if d.Measure == m && d.Rank == 1 {
			part := d.Revenue
			if m == Profit {
				part = d.Profit
			}
			return evidence.Exact(new(big.Rat).Quo(part.Rat(), total.Rat()), s.Customers, "the first tenth of the active customers by "+string(m)+" ÷ all of them")
		}
	}
	return evidence.Refuse(nobody, "lines of it")
}

// check holds that the views see the same customers.
func (in Input) check(s []Slice) error {
	for _, m := range Measures {
		var then, now int64
		for _, x := range in.Moves {
			if x.Measure != m {
				continue
			}
			if x.From > 0 {
				then += x.Customers
			}
			if x.To > 0 {
				now += x.Customers
			}
		}
		if then != s[Compared].Customers || now != s[Current].Customers {
			return fmt.Errorf("customer base: by %s %d and %d customers moved, and %d and %d were active", m, then, now, s[Compared].Customers, s[Current].Customers)
		}
	}
	for _, d := range Dimensions {
		if err := in.divided(d, s); err != nil {
			return err
		}
	}
	return nil
}

// divided holds that groups of customers come to all of them. By the entities
// of lines a customer may be in several, and is active in one by what was
// bought there.
func (in Input) divided(d Dimension, s []Slice) error {
	var was, is Sums
	some := false
	for _, g := range in.Groups {
		if g.Dimension == d && !g.ByLine {
			was, is, some = was.Add(g.Was), is.Add(g.Is), true
		}
	}
	if some && (!same(was, s[Compared].Sums) || !same(is, s[Current].Sums)) {
		return fmt.Errorf("customer base: by %s the customers come to %+v and %+v, and not to %+v and %+v", d, was, is, s[Compared].Sums, s[Current].Sums)
	}
	return nil
}

// parts are a dimension's groups, the largest of the period first; those
// beyond the most are told as one.
func (in Input) parts(d Dimension) []Part {
	var all []Group
	var others int64
	for _, g := range in.Groups {
		if g.Dimension == d {
			all = append(all, g)
		}
	}
	slices.SortStableFunc(all, func(a, b Group) int {
		if c := b.Is.Revenue.Cmp(a.Is.Revenue); c != 0 {
			return c
		}
		return b.Was.Revenue.Cmp(a.Was.Revenue)
	})
	if n := told(len(all), most); n < len(all) {
		rest := Group{Dimension: d, Name: othersBeside(all), ByLine: all[0].ByLine}
		for _, g := range all[n:] {
			rest = rest.add(g)
		}
		others = int64(len(all) - n)
		all = append(all[:n:n], rest)
	}
	var out []Part
	for i, g := range all {
		p := Part{Group: g}
		if others > 0 && i == len(all)-1 {
			p.Of = others
		}
		switch {
		case g.Opening == 0:
			p.NetRetention = evidence.Refuse("none of this group was active in the comparison period", "lines of that period")
			p.GrossRetention = p.NetRetention
		case g.Base.Sign() <= 0:
			p.NetRetention = evidence.Refuse("those of this group who were active in the comparison period brought nothing in it", "another comparison period")
			p.GrossRetention = p.NetRetention
		default:
			p.NetRetention = evidence.Exact(new(big.Rat).Quo(g.Net.Rat(), g.Base.Rat()), g.Opening, "Σ r(c, P) over customers of the group active in Q ÷ Σ r(c, Q)")
			p.GrossRetention = evidence.Exact(new(big.Rat).Quo(g.Kept.Rat(), g.Base.Rat()), g.Opening, "Σ min(max(r(c, P), 0), r(c, Q)) over customers of the group active in Q ÷ Σ r(c, Q)")
		}
		out = append(out, p)
	}
	return out
}

// add gives the sums of both groups, under the name of the first.
func (g Group) add(h Group) Group {
	return Group{
		g.Dimension, g.Name, g.ByLine, g.Opening + h.Opening, g.Retained + h.Retained, g.Closing + h.Closing, g.New + h.New,
		g.Was.Add(h.Was), g.Is.Add(h.Is), g.Base.Add(h.Base), g.Net.Add(h.Net), g.Kept.Add(h.Kept),
	}
}

// changes takes the change of the active customers' revenue apart into the
// product of three.
func (v *Views) changes() {
	was, is := v.Slices[Compared], v.Slices[Current]
	change := func(a, b evidence.Figure, method string) evidence.Figure {
		x, ok := a.Estimate()
		y, also := b.Estimate()
		switch {
		case !ok:
			return a
		case !also:
			return b
		case x.Value.Sign() <= 0:
			return evidence.Refuse("it was nothing in the comparison period", "a comparison period in which it was more")
		}
		return evidence.Exact(new(big.Rat).Sub(new(big.Rat).Quo(y.Value, x.Value), big.NewRat(1, 1)), y.N, method)
	}
	number := func(r *big.Rat, s Slice) evidence.Figure { return evidence.Exact(r, s.Customers, "as counted") }
	v.CustomersChange = change(number(whole(was.Customers), was), number(whole(is.Customers), is), "active customers in P ÷ in Q − 1")
	v.OrdersChange = change(was.OrdersPerCustomer, is.OrdersPerCustomer, "orders per active customer in P ÷ in Q − 1")
	v.ValueChange = change(was.RevenuePerOrder, is.RevenuePerOrder, "revenue per order in P ÷ in Q − 1")
	v.RevenueChange = change(number(was.Revenue.Rat(), was), number(is.Revenue.Rat(), is), "revenue of the active customers in P ÷ in Q − 1; the product of (1 + each of the three) − 1")
}
