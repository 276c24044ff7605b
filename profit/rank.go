package profit

import (
	"fmt"
	"math/big"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Group is a tenth of the customers, by their profit.
type Group struct {
	Customers            int64
	Revenue, Gross, Cost money.Amount
	Profit               money.Amount
	Least, Most          money.Amount
}

// Point is a place on the whale curve: the customers so far, the most profitable first, and their profit together.
type Point struct {
	Place     int // hundredth
	Customers int64
	Profit    money.Amount
}

// ranked is how profit is spread over customers. The curve is that of Kaplan & Narayanan, "Measuring and Managing Customer
// Profitability", Journal of Cost Management 15(5), September–October 2001, after Cooper & Kaplan, "Profit Priorities from
// Activity-Based Costing", Harvard Business Review 69(3), May–June 1991.
type ranked struct {
	customers       int64
	gaining, losing int64
	profit, gains   *big.Int // units
	losses          *big.Int
	deciles         []Group
	curve           []Point
}

// rank adds hundredths up. What customers cost is rounded by running sums, so that groups sum to the whole.
func rank(hundredths []Hundredth, scale int, cost money.Amount) ranked {
	r := ranked{profit: new(big.Int), gains: new(big.Int), losses: new(big.Int)}
	spent, before := new(big.Int), money.Amount{}
	var profit money.Amount
	groups := map[int]*Group{}
	for i, h := range hundredths {
		r.customers += h.Customers
		r.gaining, r.losing = r.gaining+h.Gaining, r.losing+h.Losing
		r.profit.Add(r.profit, h.Profit)
		r.gains.Add(r.gains, h.Gains)
		r.losses.Add(r.losses, h.Losses)
		spent.Add(spent, new(big.Int).Mul(h.Gross.Big(), tenTo(scale)))
		spent.Sub(spent, h.Profit)
		after := money.FromBig(rounded(spent, tenTo(scale)))
		if i == len(hundredths)-1 {
			after = cost
		}
		of := groups[h.Place/10]
		if of == nil {
			of = &Group{Most: inMoney(h.Most, scale)}
			groups[h.Place/10] = of
		}
		mine := after.Sub(before)
		before = after
		of.Customers += h.Customers
		of.Revenue, of.Gross, of.Cost = of.Revenue.Add(h.Revenue), of.Gross.Add(h.Gross), of.Cost.Add(mine)
		of.Profit = of.Gross.Sub(of.Cost)
		of.Least = inMoney(h.Least, scale)
		profit = profit.Add(h.Gross).Sub(mine)
		r.curve = append(r.curve, Point{h.Place + 1, r.customers, profit})
	}
	for i := 0; i < 10 && r.customers >= 10; i++ { // of fewer there are no tenths
		r.deciles = append(r.deciles, *groups[i])
	}
	return r
}

func inMoney(units *big.Int, scale int) money.Amount {
	return money.FromBig(rounded(units, tenTo(scale)))
}

// fill states the figures of the curve.
func (r ranked) fill(s *Statement, scale int) {
	n := r.customers
	s.PeakCustomers = evidence.Exact(big.NewRat(r.gaining, n), n, "customers with profit above zero ÷ customers")
	s.LosingCustomers = evidence.Exact(big.NewRat(r.losing, n), n, "customers with profit below zero ÷ customers")
	s.Losses = evidence.Exact(inMoney(r.losses, scale).Rat(), r.losing, "Σ profit of customers with profit below zero")
	if r.profit.Sign() <= 0 {
		no := evidence.Refuse("the customers' profit together is not above zero, so no share of it means anything", "a period in which customers brought profit")
		s.Peak, s.LossesShare = no, no
	} else {
		s.Peak = evidence.Exact(new(big.Rat).SetFrac(r.gains, r.profit), n, "Σ profit of customers with profit above zero ÷ profit")
		s.LossesShare = evidence.Exact(new(big.Rat).SetFrac(r.losses, r.profit), r.losing, "Σ profit of customers with profit below zero ÷ profit")
	}
	s.Deciles, s.Curve = r.deciles, r.curve
}

// check holds the engine's order of customers to the sums that it was asked for.
func (r ranked) check(gross money.Amount, identified *big.Int, scale int) error {
	want := new(big.Int).Mul(gross.Big(), tenTo(scale))
	if want.Sub(want, identified); want.Cmp(r.profit) != 0 {
		return fmt.Errorf("profit: customers' profits sum to %s, not %s (in units of 10^-%d)", r.profit, want, scale+6)
	}
	return nil
}
