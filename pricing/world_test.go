package pricing

import (
	"math"
	"math/rand/v2"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// market is a simulated company with known elasticities: what a customer buys of a product in a month is Poisson of
//
//	λ_i · (price ÷ first price)^(ε + ε_service) · season · shock of the month · shock of the product · trend · exp(−leaving · age)
//
// A list price moves once a year, in a month of the product's own. It is the same for all customers, as the shocks are, so that
// errors that take customers for independent are far too small.
type market struct {
	products, months, customers int // customers of each product
	elasticity                  float64
	later                       float64 // added to the elasticity in the second half
	service                     float64 // added to the elasticity of the poorly served
	move                        float64 // standard deviation of a price's yearly move
	moves                       int     // months between moves of a price
	shock, fading, passing      float64 // of a product: spread, how it fades by month, and the spread of what does not last
	common                      float64 // spread of a month's shock
	trend                       float64 // spread of products' trends a year
	follow                      float64 // how far a price follows the shock of the month before
}

var plain = market{products: 12, months: 48, customers: 400, elasticity: -1.2, move: 0.08, moves: 12, shock: 0.08, fading: 0.7, passing: 0.03, common: 0.15, trend: 0.08}

const firstMonth = calendar.Month(2020 * 12)

func (m market) window() Window { return Window{firstMonth, firstMonth + calendar.Month(m.months)} }

// draw is what a ledger would answer of a sample.
func (m market) draw(r *rand.Rand) (Demand, Served) {
	var d Demand
	s := Served{Known: map[string]bool{"resolved": true}}
	watch, _ := WatchOf(m.window())
	common := make([]float64, m.months)
	for t := range common {
		common[t] = float64(m.common*r.NormFloat64()) + 0.2*math.Sin(2*math.Pi*float64(t)/12)
	}
	for k := range m.products {
		d.Products = append(d.Products, Product{Name: "p" + strconv.Itoa(k), Revenue: money.FromMicros(int64(m.products-k) * 1_000_000)})
		shocks := m.shocks(r)
		prices := m.path(r, shocks)
		for t, p := range prices {
			d.Prices = append(d.Prices, Price{Product: k, Month: firstMonth + calendar.Month(t), Price: money.FromMicros(int64(p * 1e6)), Lines: 10, At: 10})
		}
		cells, served, groups := map[[2]int]*Cell{}, map[servedKey]*ServedCell{}, map[bool]int64{}
		for range m.customers {
			rate, poorly := r.ExpFloat64()*0.8, r.Float64() < 0.4
			own := 0.0
			if poorly {
				own = m.service
			}
			entry := -1
			var bought [120]int64
			for t := range m.months {
				e := m.elasticity + own
				if t >= m.months/2 {
					e += m.later
				}
				mean := rate * math.Exp(e*math.Log(prices[t]/prices[0])+common[t]+shocks[t]-0.01*float64(t))
				q := int64(distuv.Poisson{Lambda: mean, Src: r}.Rand())
				bought[t] = q
				if q > 0 && entry < 0 {
					entry = t
				}
				if q > 0 {
					c := cells[[2]int{entry, t}]
					if c == nil {
						c = &Cell{Product: k, Entry: firstMonth + calendar.Month(entry), Month: firstMonth + calendar.Month(t)}
						cells[[2]int{entry, t}] = c
					}
					c.Buyers++
					c.Quantity = c.Quantity.Add(money.FromMicros(q * 1_000_000))
				}
			}
			m.serve(k, watch, !poorly, bought[:m.months], served, groups)
		}
		for _, c := range cells {
			d.Cells = append(d.Cells, *c)
		}
		for _, c := range served {
			s.Cells = append(s.Cells, *c)
		}
		for well, n := range groups {
			s.Groups = append(s.Groups, Group{Measure: "resolved", Product: k, Well: well, Customers: n})
		}
	}
	return d, s
}

type servedKey struct {
	well  bool
	month calendar.Month
}

func (m market) serve(k int, watch Watch, well bool, bought []int64, served map[servedKey]*ServedCell, groups map[bool]int64) {
	before := false
	for t := range bought {
		month := firstMonth + calendar.Month(t)
		before = before || bought[t] > 0 && month >= watch.Since() && month < watch.Start
	}
	if !before {
		return
	}
	groups[well]++
	for t, q := range bought {
		month := firstMonth + calendar.Month(t)
		if q == 0 || month < watch.Start {
			continue
		}
		key := servedKey{well, month}
		if served[key] == nil {
			served[key] = &ServedCell{Measure: "resolved", Product: k, Well: well, Month: month}
		}
		served[key].Buyers++
		served[key].Quantity = served[key].Quantity.Add(money.FromMicros(q * 1_000_000))
	}
}

func (m market) path(r *rand.Rand, shocks []float64) []float64 {
	p, when := 10.0, r.IntN(m.moves)
	out := make([]float64, m.months)
	for t := range out {
		if t > 0 && t%m.moves == when {
			p *= math.Exp(0.03 + float64(m.move*r.NormFloat64()) + float64(m.follow*shocks[t-1]))
		}
		out[t] = p
	}
	return out
}

func (m market) shocks(r *rand.Rand) []float64 {
	lasting, trend := m.shock*r.NormFloat64(), m.trend*r.NormFloat64()
	out := make([]float64, m.months)
	for t := range out {
		if fresh := m.shock; t > 0 {
			if m.fading < 1 {
				fresh *= math.Sqrt(1 - float64(m.fading*m.fading))
			}
			lasting = float64(m.fading*lasting) + float64(fresh*r.NormFloat64())
		}
		out[t] = lasting + float64(m.passing*r.NormFloat64()) + float64(trend*float64(t)/12)
	}
	return out
}
