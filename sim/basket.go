package sim

import "math"

// Line flags.
const (
	unidentified = 1 << iota
	excluded
	returned
	late
)

// line is one line of an order, in integers. Price is in the currency's
// smallest unit; a return has a negative quantity.
type line struct {
	at       int64  // local seconds since 1970
	customer uint32 // number; of an unidentified line, of the customer it came beside
	order    uint32 // within the customer
	nth      uint16 // within the order
	product  uint16
	quantity int32
	price    int64
	flags    uint8
}

func (l line) amount() int64 { return int64(l.quantity) * l.price }

// maxPrice caps heavy tails in units of the currency, so that no amount comes
// near what a book can hold.
const maxPrice = 10_000_000

// shop fills baskets.
type shop struct {
	Spend
	logMedian float64   // of an order, in the smallest unit
	unit      float64   // smallest units in one of the currency
	extra     float64   // mean of lines beyond the first
	weights   []float64 // of products, cumulative
	split     []float64 // scratch: how an order's value splits into lines
}

func newShop(w World) *shop {
	unit := math.Pow10(w.Currency.Places())
	median, _ := w.Spend.Median.Rat().Float64()
	s := &shop{Spend: w.Spend, unit: unit, logMedian: math.Log(median * unit), extra: w.LinesPerOrder - 1}
	s.weights = make([]float64, w.Products) // cumulative Zipf weights 1/(k+1)
	var sum float64
	for i := range s.weights {
		sum += 1 / float64(i+2)
		s.weights[i] = sum
	}
	return s
}

// fill appends the lines of one order whose at, customer and order are those
// of the line given. The order's value is lognormal, split at random.
func (s *shop) fill(d *stream, first line, level float64, lines []line) []line {
	z := math.Sqrt(s.Between)*level + math.Sqrt(1-s.Between)*d.NormFloat64()
	value := math.Exp(s.logMedian + s.Sigma*z)
	if s.ParetoShare > 0 && d.Float64() < s.ParetoShare {
		value *= math.Pow(1-d.Float64(), -1/s.ParetoShape)
	}
	n := 1 + int(min(d.poisson(s.extra), math.MaxUint16-1))
	from := len(lines)
	s.split = s.split[:0]
	var sum float64
	for i := range n {
		l := first
		l.nth, l.product, l.quantity = uint16(i), s.product(d), 1
		for l.quantity < 9 && d.Float64() < 0.3 {
			l.quantity++
		}
		s.split = append(s.split, d.ExpFloat64()+0.05) // so that no line is a crumb
		sum += s.split[i]
		lines = append(lines, l)
	}
	for i := range n {
		l := &lines[from+i]
		price := value * s.split[i] / sum / float64(l.quantity)
		l.price = int64(math.Round(min(max(price, 1), maxPrice*s.unit)))
	}
	return lines
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
