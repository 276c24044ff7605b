package pricing

import (
	"math"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// fewestBuyers is how many customers must have bought in a month for its logarithm to be used: that of a count of mean λ is too
// low by about 1 ÷ 2λ, here by 5% at most.
const fewestBuyers = 10

// point is the logarithm of a product's demand in a month, up to a constant of the product.
type point struct {
	month calendar.Month
	log   float64
}

// index is a product's demand by month with a level for each customer taken out: the maximum of the Poisson pseudo-likelihood
// with an effect a customer and an effect a month. Customers who entered have all later months, so the two-way table of entry by
// month is a triangle, whose maximum is had without iterations: the month's effect over those of all later months is
// what the customers who had entered before bought in it, over what they bought later (the chain-ladder: Mack, ASTIN
// Bulletin 21, 1991; Renshaw & Verrall, British Actuarial Journal 4, 1998). Months with few buyers are left out as if not watched.
func index(cells []Cell) []point {
	type sums struct {
		buyers   int64
		quantity map[calendar.Month]float64 // by entry
	}
	months := map[calendar.Month]*sums{}
	for _, c := range cells {
		if c.Month <= c.Entry {
			continue
		}
		m := months[c.Month]
		if m == nil {
			m = &sums{quantity: map[calendar.Month]float64{}}
			months[c.Month] = m
		}
		m.buyers += c.Buyers
		m.quantity[c.Entry] += number(c.Quantity)
	}
	var used []calendar.Month
	for month, m := range months {
		if m.buyers >= fewestBuyers {
			used = append(used, month)
		}
	}
	slices.Sort(used)
	slices.Reverse(used)
	var out []point
	later := map[calendar.Month]float64{} // what each entry bought in the months done
	whole := 0.0                          // effects of the months done
	for _, month := range used {
		var now, then float64
		for _, entry := range sorted(months[month].quantity) {
			now += months[month].quantity[entry]
		}
		for _, entry := range sorted(later) {
			if entry < month {
				then += later[entry]
			}
		}
		effect := 1.0
		if whole > 0 {
			if then == 0 {
				continue // nobody who was there bought later: the month cannot be set against others
			}
			effect = float64(whole * now / then)
		}
		out = append(out, point{month, math.Log(effect)})
		whole += effect
		for entry, q := range months[month].quantity {
			later[entry] += q
		}
	}
	slices.Reverse(out)
	return out
}

func sorted(of map[calendar.Month]float64) []calendar.Month {
	keys := make([]calendar.Month, 0, len(of))
	for k := range of {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// number is an amount as the nearest floating-point number.
func number(a money.Amount) float64 {
	f, _ := a.Rat().Float64()
	return f
}

// path is a product's list price by month, carried forward where nobody bought.
type path struct {
	logs    map[calendar.Month]float64
	changes []change
	first   money.Amount
	last    money.Amount
	lines   int64
	at      int64
}

// change is a month in which another list price stood than before, by 1% or more.
type change struct {
	month calendar.Month
	log   float64
}

// least is the smallest change that counts as one.
var least = big.NewRat(1, 100)

// pathOf reads the prices of one product up to a window's end.
func pathOf(prices []Price, w Window) path {
	prices = slices.Clone(prices)
	slices.SortFunc(prices, func(a, b Price) int { return int(a.Month - b.Month) })
	p := path{logs: map[calendar.Month]float64{}}
	next, standing := 0, money.Amount{}
	for m := w.Start; m < w.End; m++ {
		for next < len(prices) && prices[next].Month <= m {
			now := prices[next]
			p.lines, p.at = p.lines+now.Lines, p.at+now.At
			if standing.Sign() > 0 && changed(standing, now.Price) {
				p.changes = append(p.changes, change{m, math.Log(number(now.Price) / number(standing))})
			}
			if standing.Sign() <= 0 {
				p.first = now.Price
			}
			standing = now.Price
			next++
		}
		if standing.Sign() > 0 {
			p.logs[m] = math.Log(number(standing))
		}
	}
	p.last = standing
	return p
}

// changed tells whether a price is 1% of the former or more away from it.
func changed(before, after money.Amount) bool {
	move := new(big.Rat).Abs(after.Sub(before).Rat())
	return move.Cmp(new(big.Rat).Mul(before.Rat(), least)) >= 0
}
