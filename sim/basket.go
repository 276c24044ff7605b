package sim

import (
	"math"

	"github.com/throughline/throughline/calendar"
)

// Line flags.
const (
	unidentified = 1 << iota
	excluded
	returned
	late
	foreign
	again // exported twice
)

// line is one line of an order, in integers. Prices and the cost of one are in
// the smallest unit of the line's currency; a return has a negative quantity.
type line struct {
	at         int64  // local seconds since 1970
	customer   uint32 // number; of an unidentified line, of the customer it came beside
	order      uint32 // within the customer
	nth        uint16 // within the order
	product    uint16
	quantity   int32
	price      int64
	list       int64
	cost       int64
	touchpoint uint8
	flags      uint8
}

func (l line) amount() int64 { return int64(l.quantity) * l.price }

// maxPrice caps heavy tails in units of the currency, so that no amount comes
// near what a book can hold; maxQuantity does the same where prices are listed.
const (
	maxPrice    = 10_000_000
	maxQuantity = 100_000
)

// shop fills baskets.
type shop struct {
	Spend
	Prices
	logMedian float64   // of an order, in the smallest unit
	unit      float64   // smallest units in one of the currency
	extra     float64   // mean of lines beyond the first
	weights   []float64 // of products, cumulative
	margins   []float64 // by product
	first     []int64   // first list price by product
	list      [][]int64 // list price by month and product
	start     calendar.Month
	sells     []float64 // shares of touchpoints
	rates     *rates
	split     []float64 // scratch: how an order's value splits into lines
}

func newShop(w World) *shop {
	unit := tens(w.Currency.Places())
	median, _ := w.Spend.Median.Rat().Float64()
	s := &shop{Spend: w.Spend, Prices: w.Prices, unit: unit, logMedian: ln(median * unit), extra: w.LinesPerOrder - 1, start: w.first(), rates: newRates(w)}
	s.weights = make([]float64, w.Products) // cumulative Zipf weights 1/(k+1)
	var sum float64
	for i := range s.weights {
		sum += 1 / float64(i+2)
		s.weights[i] = sum
	}
	for _, t := range w.Touchpoints {
		s.sells = append(s.sells, t.Sells)
	}
	s.price(w)
	return s
}

// price draws margins and list prices. A first list price is between a 16th
// and a quarter of a line's median value, so that whole quantities can make up
// most values.
func (s *shop) price(w World) {
	d := newStream()
	s.list = make([][]int64, w.months())
	for m := range s.list {
		s.list[m] = make([]int64, w.Products)
	}
	typical := exp(s.logMedian) / (1 + s.extra)
	for k := range w.Products {
		d.begin(w.Seed, ofPrices, who{kind: thing, index: int64(k)})
		s.margins = append(s.margins, w.Prices.Margin+float64(w.Prices.MarginSpread*(2*d.Float64()-1)))
		price := max(1, typical/4*exp(-float64(d.Float64()*2*math.Ln2)))
		s.first = append(s.first, int64(math.Round(price)))
		price = float64(s.first[k])
		when := d.IntN(12)
		for m := range s.list {
			if m > 0 && int(w.first()+calendar.Month(m))%12 == when {
				price *= max(0.2, 1+w.Prices.Yearly+float64(w.Prices.Spread*d.normal()))
			}
			s.list[m][k] = max(1, int64(math.Round(price)))
		}
	}
}

// buyer is what a customer's baskets have in common.
type buyer struct {
	level float64 // lognormal: log spend level
	nu    float64 // gamma-gamma: scale of the values of orders
}

// buyer draws the spend of a customer of that level.
func (s *shop) buyer(d *stream, level float64) buyer {
	b := buyer{level: level}
	if s.Spend.Model == GammaGamma {
		b.nu = d.gamma(s.Q) / s.Gamma
	}
	return b
}

// value draws what an order comes to at the first list prices, in the smallest unit.
func (s *shop) value(d *stream, b buyer) float64 {
	var value float64
	if s.Spend.Model == GammaGamma {
		value = d.gamma(s.P) / b.nu * s.unit
	} else {
		z := float64(math.Sqrt(s.Between)*b.level) + float64(math.Sqrt(1-s.Between)*d.normal())
		value = exp(s.logMedian + float64(s.Sigma*z))
	}
	if s.ParetoShare > 0 && d.Float64() < s.ParetoShare {
		value *= pow(1-d.Float64(), -1/s.ParetoShape)
	}
	return value
}

// fill appends the lines of one order whose at, customer and order are those
// of the line given, its value split at random.
func (s *shop) fill(d *stream, first line, b buyer, lines []line) []line {
	value := s.value(d, b)
	n := 1 + int(min(d.poisson(s.extra), math.MaxUint16-1))
	from := len(lines)
	s.split = s.split[:0]
	var sum float64
	for i := range n {
		l := first
		l.nth, l.product = uint16(i), s.product(d)
		s.split = append(s.split, d.exponential()+0.05) // so that no line is a crumb
		sum += s.split[i]
		lines = append(lines, l)
	}
	touchpoint := uint8(d.pick(s.sells))
	for i := range n {
		l := &lines[from+i]
		part := value * s.split[i] / sum
		l.touchpoint = touchpoint
		if s.Listed {
			s.fromList(d, l, part)
		} else {
			s.freely(d, l, part)
		}
	}
	return lines
}

// fromList sells at the list price: as many as the value buys at the first list
// price, times the price's change to the power of the elasticity, rounded up or
// down at random so that the mean is kept; one at least.
func (s *shop) fromList(d *stream, l *line, value float64) {
	month := int(calendar.MonthOf(dayOfSeconds(l.at)) - s.start)
	base := float64(s.first[l.product])
	l.list = s.list[min(max(month, 0), len(s.list)-1)][l.product]
	many := value / base
	if s.Elasticity != 0 && l.list != s.first[l.product] {
		many *= pow(float64(l.list)/base, s.Elasticity)
	}
	l.quantity = int32(min(max(1, math.Floor(many+d.Float64())), maxQuantity))
	l.price = l.list
	if d.Float64() < s.Promoted {
		l.price = max(1, int64(math.Round(float64(l.list)*(1-s.Discount))))
	}
	l.cost = int64(math.Round(base * (1 - s.margins[l.product])))
}

// freely sells a small quantity at the price that makes up the value.
func (s *shop) freely(d *stream, l *line, value float64) {
	l.quantity = 1
	for l.quantity < 9 && d.Float64() < 0.3 {
		l.quantity++
	}
	l.price = int64(math.Round(min(max(value/float64(l.quantity), 1), maxPrice*s.unit)))
	l.list = l.price
	if d.Float64() < s.Promoted {
		l.list = int64(math.Round(float64(l.price) / (1 - s.Discount)))
	}
	l.cost = int64(math.Round(float64(l.price) * (1 - s.margins[l.product])))
}

func (s *shop) product(d *stream) uint16 {
	u := d.Float64() * s.weights[len(s.weights)-1]
	low, high := 0, len(s.weights)-1
	for low < high {
		if mid := (low + high) / 2; s.weights[mid] > u {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return uint16(low)
}

// tens is 10ⁿ.
func tens(n int) float64 {
	p := 1.0
	for range n {
		p *= 10
	}
	return p
}
