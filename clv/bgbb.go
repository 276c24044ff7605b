package clv

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/likelihood"
)

// BGBB is the beta-geometric/beta-Bernoulli model of chances to buy that come at fixed times (a yearly gala, a monthly box): a
// living customer takes each with probability p ~ Beta(Alpha, Beta), and before each leaves with probability θ ~ Beta(Gamma,
// Delta). In a [History], Age is the number n of chances since the first purchase and Last the number of the last one taken;
// both are whole. Times are counted in chances.
//
// Fader, Hardie & Shang, Marketing Science 29(6), 2010; equation numbers are theirs.
//
// Its methods give NaN for a history that no customer can have, a time that is not a whole number of chances up to a million,
// and parameters that are not above 0.
type BGBB struct{ Alpha, Beta, Gamma, Delta float64 }

// mostChances bounds the sums over chances.
const mostChances = 1_000_000

func (m BGBB) valid() bool { return positive(m.Alpha, m.Beta, m.Gamma, m.Delta) }

func chances(t float64) bool { return t >= 0 && t <= mostChances && t == math.Floor(t) }

// checkChances says what is wrong with a history as one of chances.
func (h History) checkChances() error {
	switch {
	case !chances(h.Age) || h.Last != math.Floor(h.Last):
		return fmt.Errorf("last taken %v of %v chances: both must be whole, and at most %d", h.Last, h.Age, mostChances)
	case float64(h.Repeats) > h.Last:
		return fmt.Errorf("%d taken of the first %v chances", h.Repeats, h.Last)
	}
	return nil
}

func (m BGBB) accepts(h History) bool { return m.valid() && h.valid() && h.checkChances() == nil }

// LogLikelihood is the logarithm of the probability of a history, for one order of the chances taken (equation 5).
func (m BGBB) LogLikelihood(h History) float64 {
	if !m.accepts(h) {
		return math.NaN()
	}
	alive, all := m.parts(h)
	return alive + math.Log(all)
}

// parts are ln of the probability of the history and of being alive at chance n, and the whole probability divided by that.
func (m BGBB) parts(h History) (alive, all float64) {
	x, n := float64(h.Repeats), h.Age
	take := func(j float64) float64 { // B(α+x, β+j−x)/B(α, β)
		return rising(m.Alpha, x) + rising(m.Beta, j-x) - rising(m.Alpha+m.Beta, j)
	}
	stay := func(j float64) float64 { return rising(m.Delta, j) - rising(m.Gamma+m.Delta, j) } // B(γ, δ+j)/B(γ, δ)
	alive, all = take(n)+stay(n), 1.0
	for j := h.Last; j < n; j++ { // left before chance j+1: B(γ+1, δ+j)/B(γ, δ)
		all += math.Exp(take(j) + stay(j) + math.Log(m.Gamma/(m.Gamma+m.Delta+j)) - alive)
	}
	return alive, all
}

// Alive is the probability that the customer will be there for chance n+1, the next (equation 11).
func (m BGBB) Alive(h History) float64 {
	if !m.accepts(h) {
		return math.NaN()
	}
	_, all := m.parts(h)
	return (m.Delta + h.Age) / (m.Gamma + m.Delta + h.Age) / all
}

// Expected is how many of the next t chances a new customer takes on average (equation 8).
func (m BGBB) Expected(t float64) float64 {
	if !m.valid() || !chances(t) {
		return math.NaN()
	}
	return m.Alpha / (m.Alpha + m.Beta) * m.staying(0, t) * m.Delta / (m.Gamma + m.Delta)
}

// staying is the mean number of t chances after chance n at which a customer is there who is there for the first of them.
func (m BGBB) staying(n, t float64) float64 {
	sum, there := 0.0, 1.0
	for j := n + 1; j <= n+t; j++ {
		sum += there
		there *= (m.Delta + j) / (m.Gamma + m.Delta + j)
	}
	return sum
}

// Conditional is how many of the t chances after the n-th a customer with this history takes on average (equation 13).
func (m BGBB) Conditional(h History, t float64) float64 {
	if !m.accepts(h) || !chances(t) {
		return math.NaN()
	}
	return m.Alive(h) * m.ahead(h, t)
}

func (m BGBB) ahead(h History, t float64) float64 {
	return (m.Alpha + float64(h.Repeats)) / (m.Alpha + m.Beta + h.Age) * m.staying(h.Age, t)
}

// Probability is that of taking exactly x of the first t chances (equation 7).
func (m BGBB) Probability(x int64, t float64) float64 {
	if !m.valid() || !chances(t) || x < 0 {
		return math.NaN()
	}
	n := float64(x)
	take := func(j float64) float64 {
		return rising(1, j) - rising(1, n) - rising(1, j-n) + rising(m.Alpha, n) + rising(m.Beta, j-n) - rising(m.Alpha+m.Beta, j)
	}
	if n > t {
		return 0
	}
	sum := math.Exp(take(t) + rising(m.Delta, t) - rising(m.Gamma+m.Delta, t))
	for j := n; j < t; j++ {
		sum += math.Exp(take(j)+rising(m.Delta, j)-rising(m.Gamma+m.Delta, j)) * m.Gamma / (m.Gamma + m.Delta + j)
	}
	return sum
}

// Discounted is the number of chances taken after the n-th, each discounted to the n-th with e^{−delta} a chance (equation 14).
func (m BGBB) Discounted(h History, delta float64) float64 {
	if !m.accepts(h) || !positive(delta) {
		return math.NaN()
	}
	return m.Alive(h) * m.discountedAhead(h, delta)
}

func (m BGBB) discountedAhead(h History, delta float64) float64 {
	each := (m.Alpha + float64(h.Repeats)) / (m.Alpha + m.Beta + h.Age)
	return each * math.Exp(-delta) * geometricMean(m.Gamma, m.Delta+h.Age+1, delta)
}

// geometricMean is Σ_{t≥0} v^t B(a, b+t)/B(a, b) = 2F1(1, b; a+b; v), v = e^{−delta}: the discounted time that a customer stays who
// leaves at each step with the same chance θ ~ Beta(a, b). Where the sum is long it is E[1/(1 − v(1−θ))].
func geometricMean(a, b, delta float64) float64 {
	if delta < 1e-3 {
		left := -math.Expm1(-delta)
		return betaMean(a, b, func(theta float64) float64 { return 1 / (left + math.Exp(-delta)*theta) })
	}
	v, sum, term := math.Exp(-delta), 0.0, 1.0
	for t := 0.0; term > 1e-17*sum*(1-v); t++ {
		sum += term
		term *= v * (b + t) / (a + b + t)
	}
	return sum
}

// FitBGBB fits the model by maximum likelihood. The error is a [likelihood.Refusal] when there are too few repeat customers, or
// the likelihood has no maximum inside, and another when the histories are not of whole chances.
func FitBGBB(h *Histories) (Fit[BGBB], error) {
	if err := h.enough("BG/BB"); err != nil {
		return Fit[BGBB]{}, err
	}
	most := 0.0
	for _, g := range h.groups {
		if err := g.checkChances(); err != nil {
			return Fit[BGBB]{}, fmt.Errorf("BG/BB: %w", err)
		}
		most = math.Max(most, g.Age)
	}
	const alike = "customers do not differ in how often they buy"
	found, err := likelihood.Maximise(likelihood.Problem{
		Parameters: []likelihood.Parameter{{Name: "alpha", Low: 1e-5, High: 1e5, AtHigh: alike}, {Name: "beta", Low: 1e-5, High: 1e5, AtHigh: alike},
			{Name: "gamma", Low: 1e-5, High: 1e5, AtLow: nobodyLeaves, AtHigh: noDropouts}, {Name: "delta", Low: 1e-5, High: 1e5, AtHigh: noDropouts}},
		Observations:      h.customers,
		LogLikelihood:     newBGBBLikelihood(h, int(most)).at,
		Pilot:             pilotOf(h, func(p *Histories) likelihood.Function { return newBGBBLikelihood(p, int(most)).at }),
		PilotObservations: h.pilotCustomers(),
		Starts:            [][]float64{{1, 1, 1, 3}, {0.5, 2, 0.3, 3}, {2, 1, 0.5, 1}},
	})
	if err != nil {
		return Fit[BGBB]{}, named("BG/BB", err)
	}
	p := found.Values
	return Fit[BGBB]{BGBB{p[0], p[1], p[2], p[3]}, found}, nil
}

// bgbbLikelihood is the log-likelihood over all histories, from tables of rising and its slope by the number of chances.
type bgbbLikelihood struct {
	h                                                 *Histories
	alpha, beta, both, delta, stay                    []float64 // rising of α, β, α+β, δ, γ+δ
	alphaSlope, betaSlope, bothSlope, deltaSlope, end []float64
	sums                                              [][5]float64 // by block: the value and its four derivatives
}

func newBGBBLikelihood(h *Histories, most int) *bgbbLikelihood {
	l := &bgbbLikelihood{h: h, sums: make([][5]float64, (len(h.groups)+blockSize-1)/blockSize)}
	for _, table := range []*[]float64{&l.alpha, &l.beta, &l.both, &l.delta, &l.stay, &l.alphaSlope, &l.betaSlope, &l.bothSlope, &l.deltaSlope, &l.end} {
		*table = make([]float64, most+1)
	}
	return l
}

func (l *bgbbLikelihood) at(p, gradient []float64) float64 {
	alpha, beta, gamma, delta := p[0], p[1], p[2], p[3]
	fill := func(value, slope []float64, z float64) {
		for j := 1; j < len(value); j++ {
			value[j] = value[j-1] + math.Log(z+float64(j-1))
			slope[j] = slope[j-1] + 1/(z+float64(j-1))
		}
	}
	fill(l.alpha, l.alphaSlope, alpha)
	fill(l.beta, l.betaSlope, beta)
	fill(l.both, l.bothSlope, alpha+beta)
	fill(l.delta, l.deltaSlope, delta)
	fill(l.stay, l.end, gamma+delta)
	inParallel(len(l.sums), len(l.h.groups), func(i int) {
		l.sums[i] = [5]float64{}
		for _, g := range l.h.groups[i*blockSize : min((i+1)*blockSize, len(l.h.groups))] {
			l.add(&l.sums[i], g, gamma, delta)
		}
	})
	value := 0.0
	clear(gradient)
	for _, s := range l.sums {
		value += s[0]
		for j := range gradient {
			gradient[j] += s[j+1]
		}
	}
	return value
}

// add is equation 5 and its derivatives, relative to the term of being alive at chance n.
func (l *bgbbLikelihood) add(s *[5]float64, g group, gamma, delta float64) {
	x, last, n := int(g.Repeats), int(g.Last), int(g.Age)
	alive := l.beta[n-x] - l.both[n] + l.delta[n] - l.stay[n]
	all := 1.0
	beta, both, del, stay, left := l.betaSlope[n-x], l.bothSlope[n], l.deltaSlope[n], l.end[n], 0.0
	for j := last; j < n; j++ {
		e := math.Exp(l.beta[j-x]-l.both[j]+l.delta[j]-l.stay[j]-alive) * gamma / (gamma + delta + float64(j))
		all += e
		beta += e * l.betaSlope[j-x]
		both += e * l.bothSlope[j]
		del += e * l.deltaSlope[j]
		stay += e * (l.end[j] + 1/(gamma+delta+float64(j)))
		left += e
	}
	w := g.customers
	s[0] += w * (l.alpha[x] + alive + math.Log(all))
	s[1] += w * (l.alphaSlope[x] - both/all)
	s[2] += w * (beta - both) / all
	s[3] += w * (left/gamma - stay) / all
	s[4] += w * (del - stay) / all
}
