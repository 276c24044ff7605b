package sim

import (
	"math"
	"math/rand/v2"
)

// purpose separates the streams of one customer, so that a change of one
// parameter leaves what is drawn for another purpose as it was.
type purpose uint64

const (
	ofLife purpose = iota + 1
	ofBasket
	ofOrigin
	ofWalkIn
	ofExport
	ofArrivals
	ofReferral
	ofService
	ofVoice
	ofContract
	ofCurrency
	ofStaff
	ofPrices
	ofRates
	ofBudgets
	ofHiring
	ofLearning
)

// kind separates the customers of the start, those who arrive and the
// excluded accounts.
type kind uint64

const (
	initial kind = iota + 1
	arrival
	account
	referred // who arrive beside arrivals because a customer sent them
	seat     // of the staff
	thing    // what there is one of
)

// who is a customer by place in the world, not by number: the k-th of a kind
// and month. More customers before it do not change it.
type who struct {
	kind  kind
	month int // after the start; 0 but for arrivals
	index int64
}

// stream is a generator that can be set to any customer's substream.
type stream struct {
	pcg rand.PCG
	*rand.Rand
	spare float64 // the second of a pair of normal draws
	has   bool
}

func newStream() *stream {
	s := new(stream)
	s.Rand = rand.New(&s.pcg)
	return s
}

// begin sets the stream to the start of the substream for p of c.
func (s *stream) begin(seed uint64, p purpose, c who) {
	high := mix(seed ^ mix(uint64(p)))
	low := mix(uint64(c.index)) ^ mix(mix(uint64(c.kind)<<32|uint64(c.month)))
	s.pcg.Seed(mix(high^low), mix(high+low))
	s.has = false
}

// normal draws a standard normal variable: Marsaglia & Bray, "A Convenient
// Method for Generating Normal Variables", SIAM Review 6(3), 1964.
func (s *stream) normal() float64 {
	if s.has {
		s.has = false
		return s.spare
	}
	for {
		x, y := 2*s.Float64()-1, 2*s.Float64()-1
		q := float64(x*x) + float64(y*y)
		if q >= 1 || q == 0 {
			continue
		}
		f := math.Sqrt(-2 * ln(q) / q)
		s.spare, s.has = y*f, true
		return x * f
	}
}

// exponential draws an exponential variable of mean 1.
func (s *stream) exponential() float64 { return -ln(1 - s.Float64()) }

// mix is the finaliser of SplitMix64: Steele, Lea & Flood, "Fast Splittable
// Pseudorandom Number Generators", OOPSLA 2014.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// gamma draws Gamma(shape, 1): Marsaglia & Tsang, "A Simple Method for
// Generating Gamma Variables", ACM TOMS 26(3), 2000.
func (s *stream) gamma(shape float64) float64 {
	if shape < 1 {
		return s.gamma(shape+1) * pow(1-s.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.normal()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = v * v * v
		if ln(1-s.Float64()) < float64(0.5*x*x)+d-float64(d*v)+float64(d*ln(v)) {
			return d * v
		}
	}
}

// beta draws Beta(a, b).
func (s *stream) beta(a, b float64) float64 {
	x, y := s.gamma(a), s.gamma(b)
	if x+y == 0 { // both too small for a float: all mass is at the ends
		x, y = 0, 1
		if s.Float64() < a/(a+b) {
			x = 1
		}
	}
	return x / (x + y)
}

// poisson draws by counting exponential gaps, in chunks that exp can hold; it
// costs as much as what it counts.
func (s *stream) poisson(mean float64) int64 {
	var n int64
	for mean > 0 {
		chunk := min(mean, 30)
		mean -= chunk
		limit := exp(-chunk)
		for product := 1 - s.Float64(); product > limit; product *= 1 - s.Float64() {
			n++
		}
	}
	return n
}

// pick draws an index with the given probabilities, which come to 1.
func (s *stream) pick(shares []float64) int {
	u := s.Float64()
	last := 0
	for i, share := range shares {
		if share == 0 {
			continue
		}
		if last = i; u < share {
			return i
		}
		u -= share
	}
	return last // rounding of the sum
}
