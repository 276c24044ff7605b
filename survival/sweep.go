package survival

import "math"

// sweep passes once over the ordered rows and shows every risk set: O(np²) in all. Sums are of weight·exp(η − shift), times the covariates
// in R1, and times their products in R2 (the lower triangle, row by row).
type sweep struct {
	o       *ordered
	p       int
	x       []float64 // the covariates, centred and scaled, p to a row, in the order of o
	second  bool      // R2 and D2 are wanted
	late    bool      // rows also leave
	breslow bool
	leavers leavers

	ties  ties
	eta   []float64
	shift float64
	r0    float64 // at risk and without the event at this time
	r1    []float64
	r2    []float64
	d0    float64 // with the event at this time
	d1    []float64
	d2    []float64
	peak  float64 // of r0 since the sums were last exact
	peaks []float64
}

// leavers are the rows in the order in which they leave, so that memory is read in order.
type leavers struct {
	x, eta, weight, start []float64
}

// ties are the steps by which those with the event at one time leave the risk set (Efron 1977): in step j of k the risk set is R + gD with
// g = j/k, and weighs m. Breslow's is one step.
type ties struct {
	k int
	m float64
	// Sums over the steps of m·log(R0 + g·D0), and of m, mg over it, and m, mg, mg² over its square.
	logs, a0, a1, b0, b1, b2 float64
}

const (
	// risks above e^reach of the shift, or below with nothing at risk, move the shift, so that nothing overflows or vanishes.
	reach = 100
	// worn is the share of what was in a sum that must be left, lest what was taken out of it by subtraction has left only rounding. The
	// covariates' squares average 1, so that rounding below 1/worn at risk is lost beside the information of other moments.
	worn = 1e-5
)

func newSweep(o *ordered, p int, x []float64, breslow bool) *sweep {
	s := &sweep{o: o, p: p, x: x, breslow: breslow, late: o.entersLate(), eta: make([]float64, len(o.row)),
		r1: make([]float64, p), d1: make([]float64, p), r2: make([]float64, p*(p+1)/2), d2: make([]float64, p*(p+1)/2), peaks: make([]float64, p)}
	if s.late {
		n := len(o.row)
		s.leavers = leavers{x: make([]float64, n*p), eta: make([]float64, n), weight: make([]float64, n), start: make([]float64, n)}
		for k, i := range o.leave {
			copy(s.leavers.x[k*p:k*p+p], x[int(i)*p:])
			s.leavers.weight[k], s.leavers.start[k] = o.weight[i], o.start[i]
		}
	}
	return s
}

// predictors fills in Σ x·beta of every row.
func predictors(eta, x, beta []float64) {
	p := len(beta)
	for i := range eta {
		sum := 0.0
		for a, v := range x[i*p : i*p+p] {
			sum += v * beta[a]
		}
		eta[i] = sum
	}
}

// run shows each moment with its risk set. Where there is one step, the rows with the event are already in R, and D is empty.
func (s *sweep) run(beta []float64, second bool, visit func(m *moment, t *ties)) {
	s.second = second
	predictors(s.eta, s.x, beta)
	predictors(s.leavers.eta, s.leavers.x, beta)
	for _, st := range s.o.strata {
		s.reset()
		gone := st.from
		for k := st.momentsFrom; k < st.momentTo; k++ {
			m := &s.o.moments[k]
			for i := m.from; i < m.deaths; i++ {
				s.add(i, &s.r0, s.r1, s.r2)
			}
			if s.late {
				gone = s.depart(st, m.time, m.deaths, gone)
			}
			s.ties = s.fail(m)
			visit(m, &s.ties)
			s.settle()
		}
	}
}

func (s *sweep) reset() {
	s.r0, s.shift, s.peak = 0, 0, 0
	clear(s.r1)
	clear(s.r2)
	clear(s.peaks)
	s.empty()
}

func (s *sweep) empty() {
	s.d0 = 0
	clear(s.d1)
	clear(s.d2)
}

// add puts row i into a sum, and put any row with a weight, which is negative to take it out.
func (s *sweep) add(i int32, s0 *float64, s1, s2 []float64) {
	p := s.p
	s.put(s.x[int(i)*p:int(i)*p+p], s.eta[i], s.o.weight[i], s0, s1, s2)
}

func (s *sweep) put(x []float64, eta, weight float64, s0 *float64, s1, s2 []float64) {
	if math.Abs(eta-s.shift) > reach {
		s.move(eta)
	}
	r := weight * math.Exp(eta-s.shift)
	*s0 += r
	s1 = s1[:len(x)]
	if !s.second {
		for a, v := range x {
			s1[a] += r * v
		}
		return
	}
	k := 0
	for a, v := range x {
		ra := r * v
		s1[a] += ra
		row := s2[k : k+a+1]
		for b := range row {
			row[b] += ra * x[b]
		}
		k += a + 1
	}
}

// move changes the shift when eta is far above it, or when nothing is at risk yet.
func (s *sweep) move(eta float64) {
	if eta < s.shift && (s.r0 > 0 || s.d0 > 0) {
		return // too small beside the others to matter
	}
	if s.r0 > 0 || s.d0 > 0 {
		f := math.Exp(s.shift - eta)
		s.r0, s.d0, s.peak = s.r0*f, s.d0*f, s.peak*f
		for _, v := range [][]float64{s.r1, s.r2, s.d1, s.d2, s.peaks} {
			for a := range v {
				v[a] *= f
			}
		}
	}
	s.shift = eta
}

// depart takes out the rows that begin at t or later. rows have been added up to that position, and gone have left.
func (s *sweep) depart(st span, t float64, rows, gone int32) int32 {
	o := s.o
	from := gone
	s.peak = max(s.peak, s.r0)
	for a := range s.peaks {
		if s.second {
			s.peaks[a] = max(s.peaks[a], s.r2[a*(a+3)/2])
		}
	}
	l := &s.leavers
	for ; gone < st.to && l.start[gone] >= t; gone++ {
		s.put(l.x[int(gone)*s.p:int(gone+1)*s.p], l.eta[gone], -l.weight[gone], &s.r0, s.r1, s.r2)
	}
	if gone == from {
		return gone
	}
	exact := s.r0 > worn*s.peak
	for a, v := range s.peaks {
		exact = exact && (v <= s.r0/worn || s.r2[a*(a+3)/2] >= worn*v)
	}
	if exact && rows > gone {
		return gone
	}
	s.reset()
	if rows > gone {
		for i := st.from; i < rows; i++ {
			if o.start[i] < t {
				s.add(i, &s.r0, s.r1, s.r2)
			}
		}
	}
	return gone
}

// fail gathers the rows with the event and works out their steps.
func (s *sweep) fail(m *moment) ties {
	t := ties{k: 1}
	weight := 0.0
	for i := m.deaths; i < m.to; i++ {
		weight += s.o.weight[i]
	}
	t.m = weight
	if !s.breslow {
		t.k = int(m.to - m.deaths)
		if s.o.repeats {
			t.k = int(weight)
		}
		t.m = weight / float64(t.k)
	}
	if t.k == 1 { // no need to keep them apart
		for i := m.deaths; i < m.to; i++ {
			s.add(i, &s.r0, s.r1, s.r2)
		}
		t.logs = t.m * (math.Log(s.r0) + s.shift)
		t.a0, t.b0 = t.m/s.r0, t.m/(s.r0*s.r0)
		t.a1, t.b1, t.b2 = t.a0, t.b0, t.b0
		return t
	}
	for i := m.deaths; i < m.to; i++ {
		s.add(i, &s.d0, s.d1, s.d2)
	}
	for j := 1; j <= t.k; j++ {
		g := float64(j) / float64(t.k)
		risk := s.r0 + g*s.d0
		a, b := 1/risk, 1/(risk*risk)
		t.logs += math.Log(risk) + s.shift
		t.a0, t.a1 = t.a0+a, t.a1+g*a
		t.b0, t.b1, t.b2 = t.b0+b, t.b1+g*b, t.b2+g*g*b
	}
	for _, v := range []*float64{&t.logs, &t.a0, &t.a1, &t.b0, &t.b1, &t.b2} {
		*v *= t.m
	}
	return t
}

// settle lets those with the event join the risk set of earlier times.
func (s *sweep) settle() {
	if s.d0 == 0 {
		return
	}
	s.r0 += s.d0
	for a, v := range s.d1 {
		s.r1[a] += v
	}
	for a, v := range s.d2 {
		s.r2[a] += v
	}
	s.empty()
}

// evaluation is the partial likelihood at some coefficients: its logarithm, gradient, and information (lower triangle).
type evaluation struct {
	value float64
	score []float64
	info  []float64
}

func (s *sweep) evaluate(beta []float64) evaluation {
	p := s.p
	e := evaluation{score: make([]float64, p), info: make([]float64, p*(p+1)/2)}
	o := s.o
	s.run(beta, true, func(m *moment, t *ties) {
		e.value -= t.logs
		for i := m.deaths; i < m.to; i++ {
			w := o.weight[i]
			e.value += w * s.eta[i]
			for a, v := range s.x[int(i)*p : int(i)*p+p] {
				e.score[a] += w * v
			}
		}
		for a, r := range s.r1 {
			e.score[a] -= t.a0*r + t.a1*s.d1[a]
		}
		s.inform(t, e.info)
	})
	return e
}

// inform adds the information of a moment: the covariance of the covariates at risk, a step at a time.
func (s *sweep) inform(t *ties, info []float64) {
	k := 0
	for a, r := range s.r1 {
		d := s.d1[a]
		for b := 0; b <= a; b++ {
			info[k] += t.a0*s.r2[k] + t.a1*s.d2[k] - (t.b0*r*s.r1[b] + t.b1*(r*s.d1[b]+d*s.r1[b]) + t.b2*d*s.d1[b])
			k++
		}
	}
}
