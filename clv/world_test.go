package clv

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// world draws simulated customers. All data of this file are simulated.
type world struct{ *rand.Rand }

func newWorld(seed uint64) world { return world{rand.New(rand.NewPCG(seed, 0x5eed))} }

func (w world) gamma(shape, rate float64) float64 {
	return distuv.Gamma{Alpha: shape, Beta: rate, Src: w}.Rand()
}

func (w world) beta(a, b float64) float64 { return distuv.Beta{Alpha: a, Beta: b, Src: w}.Rand() }

// age is a whole number of days between half and all of most.
func (w world) age(most float64) float64 { return math.Floor(most/2 + w.Float64()*most/2) }

// paretoNBD draws n customers of up to most days, observed by the day unless exact.
func (w world) paretoNBD(m ParetoNBD, n int, most float64, exact bool) []History {
	out := make([]History, n)
	for i := range out {
		rate, age := w.gamma(m.R, m.Alpha), w.age(most)
		leaves := w.ExpFloat64() / w.gamma(m.S, m.Beta)
		out[i] = w.buying(rate, age, exact, func(at float64) bool { return at > leaves })
	}
	return out
}

func (w world) bgnbd(m BGNBD, n int, most float64, exact bool) []History {
	out := make([]History, n)
	for i := range out {
		rate, age, p := w.gamma(m.R, m.Alpha), w.age(most), w.beta(m.A, m.B)
		gone := false
		out[i] = w.buying(rate, age, exact, func(float64) bool {
			was := gone
			gone = was || w.Float64() < p
			return was
		})
	}
	return out
}

// buying lets a customer buy until they have gone. By the day, several purchases on one are one, and the first day's are the first.
func (w world) buying(rate, age float64, exact bool, gone func(at float64) bool) History {
	h := History{Age: age}
	for at := w.ExpFloat64() / rate; at < age; at += w.ExpFloat64() / rate {
		if gone(at) {
			break
		}
		seen := at
		if !exact {
			seen = math.Ceil(at)
		}
		if seen > h.Last {
			h.Last = seen
			h.Repeats++
		}
	}
	return h
}

func (w world) bgbb(m BGBB, n int, most int) []History {
	out := make([]History, n)
	for i := range out {
		p, theta := w.beta(m.Alpha, m.Beta), w.beta(m.Gamma, m.Delta)
		out[i].Age = float64(most/2 + w.IntN(most-most/2+1))
		for j := 1.0; j <= out[i].Age && w.Float64() >= theta; j++ {
			if w.Float64() < p {
				out[i].Last = j
				out[i].Repeats++
			}
		}
	}
	return out
}

func (w world) gammaGamma(m GammaGamma, n int) []Spend {
	out := make([]Spend, n)
	for i := range out {
		x := 1 + int64(w.ExpFloat64()*3)
		rate := w.gamma(m.Q, m.Gamma)
		out[i] = Spend{x, w.gamma(m.P*float64(x), rate) / float64(x)}
	}
	return out
}

func (w world) sbg(m SBG, n, periods int) Cohort {
	out := make(Cohort, periods+1)
	for range n {
		theta := w.beta(m.Alpha, m.Beta)
		for t := 0; t <= periods; t++ {
			out[t]++
			if w.Float64() < theta {
				break
			}
		}
	}
	return out
}

// bdw draws each customer's periods by inverting θ's survival (1−θ)^{t^c}.
func (w world) bdw(m BdW, n, periods int) Cohort {
	out := make(Cohort, periods+1)
	for range n {
		stay := -math.Log1p(-w.beta(m.Alpha, m.Beta)) // (1−θ)^{t^c} = e^{−stay·t^c}
		lasts := math.Pow(w.ExpFloat64()/stay, 1/m.C)
		for t := 0; t <= periods && float64(t) <= lasts; t++ {
			out[t]++
		}
	}
	return out
}
