package journey

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/voice"
)

const (
	level = 0.95
	z975  = 1.959963984540054 // the 97.5% point of the standard normal distribution
)

// Least is how many contacts, answers or customers a judgement rests on, or as many as say as much where a few customers made most of them.
// With fewer, the interval of a share near a half is more than 34 points wide.
const Least = 30

// LeastCustomers is of how many equal customers these have to be, Kish's n² ÷ Σ n_c². Fewer seldom look as if they told enough, and where they do, it is
// because they happened to be alike: of touchpoints of eight customers that were judged by Least alone, four in ten were judged by an interval that did not hold the truth
// (docs/truth.md).
const LeastCustomers = 15

// The methods, in the words that the figures carry; they are short, because a map has many figures.
const (
	howShare  = "Wilson by customers"
	howNPS    = "adjusted Wald by customers"
	howMean   = "Student by customers"
	howBounds = "whatever the unknown are"
	howMiddle = "of those counted"
	howAlike  = "all alike, so that the mean has no interval"
	howGiven  = "mean of the figures in measures"
)

// short is a number of six digits: an interval says no more, and a statement of hundreds of touchpoints stays small.
func short(x float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', 6, 64))
	if !ok {
		return evidence.Float(x) // nil: no figure accepts it
	}
	return r
}

var minusOne = big.NewRat(-1, 1)

// complement is one less a share.
func complement(f evidence.Figure) evidence.Figure {
	method := ""
	if e, ok := f.Estimate(); ok {
		method = e.Method
	}
	return f.Affine(minusOne, big.NewRat(1, 1), method)
}

// negated is a printed number with the other sign.
func negated(n json.Number) json.Number {
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return n
	}
	return number(r.Neg(r))
}

// subtracted is one less a number that a document prints.
func subtracted(n json.Number) *big.Rat {
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return new(big.Rat)
	}
	return r.Sub(big.NewRat(1, 1), r)
}

func ratio(r *big.Rat, n int64) *big.Rat { return new(big.Rat).Quo(r, big.NewRat(n, 1)) }

func float(r *big.Rat) float64 { x, _ := r.Float64(); return x }

// ratioOf is a mean or share of rows that come from customers: of size n, in so many customers as an even spread would have.
type ratioOf struct {
	n, p   float64 // rows, and their mean
	v      float64 // variance of the mean
	number float64 // n² ÷ Σ n_c², as many equal customers
}

// variance is that of a ratio over ratioOf (Cochran, Sampling Techniques, 3rd edition 1977, chapter 11; Kish, Survey Sampling 1965):
// Σ (s_c − m·n_c)² ÷ n², times k ÷ (k − 1) for k ratioOf, where unequal ones count as n² ÷ Σ n_c².
func variance(n, sum, squares, products, sizes float64) ratioOf {
	m := sum / n
	c := ratioOf{n: n, p: m, number: n * n / sizes}
	spread := squares - float64(2*m*products) + float64(m*m*sizes)
	c.v = max(0, spread) / (n * n)
	if c.number > 1 {
		c.v *= c.number / (c.number - 1)
	}
	return c
}

// student is the 97.5% point of Student's distribution; below one degree of freedom it is that of one.
func student(df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: max(1, df)}.Quantile(0.975)
}

// wilson is the 95% score interval of a share p of n, which need not be whole (Wilson, JASA 22, 1927).
func wilson(p, n float64) (low, high float64) {
	zz := float64(z975 * z975)
	half := z975 * math.Sqrt(float64(p*(1-p))/n+zz/float64(4*n*n))
	centre, scale := p+zz/float64(2*n), 1+zz/n
	low, high = (centre-half)/scale, (centre+half)/scale
	if p <= 0 {
		low = 0
	}
	if p >= 1 {
		high = 1
	}
	return max(0, low), min(1, high)
}

// ofCustomers are sums over customers as voice takes them. How many made them is not asked of a ledger: it is taken to be the fewest that can have
// made these sums, which makes no interval too narrow.
func ofCustomers(n, sum, squares, products, sizes int64) voice.Clusters {
	fewest := func(x, over int64) int64 { // that have a sum x and a sum of squares over
		if over == 0 {
			return 1
		}
		q := new(big.Int).Mul(big.NewInt(x), big.NewInt(x))
		q.Add(q, big.NewInt(over-1))
		return q.Quo(q, big.NewInt(over)).Int64()
	}
	return voice.Clusters{Customers: max(1, fewest(n, sizes), fewest(sum, squares)), Squares: squares, Products: products, Sizes: sizes}
}

// share is a rate with its interval; refused while nothing is known.
func (r Rate) share(reason, need string) evidence.Figure {
	if r.Known == 0 {
		return evidence.Refuse(reason, need)
	}
	n, err := r.effective()
	if err != nil {
		return evidence.Refuse(err.Error(), "sums over the customers of these contacts")
	}
	low, high := wilson(float64(r.Had)/float64(r.Known), n)
	return evidence.Confidence(big.NewRat(r.Had, r.Known), short(low), short(high), level, r.Known, howShare)
}

// effective is the number of independent rows that say as much about the share.
func (r Rate) effective() (float64, error) {
	return ofCustomers(r.Known, r.Had, r.HadHad, r.HadKnown, r.KnownSquared).EffectiveShare(voice.Counts{Top: r.Had, Bottom: r.Known - r.Had})
}

// rests is the same for a judgement; 0 where the sums are of no customers.
func (r Rate) rests() float64 {
	n, _ := r.effective()
	return resting(n, r.Known, r.KnownSquared)
}

// resting is the effective number of n rows, or that of their customers where these are too few; sizes is Σ n_c².
func resting(effective float64, n, sizes int64) float64 {
	if sizes == 0 {
		return 0
	}
	if customers := float64(n) * float64(n) / float64(sizes); customers < LeastCustomers {
		return min(effective, customers)
	}
	return effective
}

// bounds are where a share lies of all, whatever the unknown ones are; ok where a fifth or more are.
func (r Rate) bounds(all int64) (evidence.Figure, bool) {
	if r.Known == 0 || 5*(all-r.Known) < all {
		return evidence.Figure{}, false
	}
	return evidence.Bounds(big.NewRat(r.Had, all), big.NewRat(r.Had+all-r.Known, all), all, howBounds), true
}

// ratioOf is none where there is no row.
func (m Mean) ratio() (ratioOf, bool) {
	if m.N == 0 || m.Sum == nil || m.SumSum == nil || m.SumN == nil || m.NN == 0 {
		return ratioOf{}, false
	}
	return variance(float64(m.N), float(m.Sum), float(m.SumSum), float(m.SumN), float64(m.NN)), true
}

// alike tells whether every customer has the same mean: Σ (s_c − m·n_c)² is exactly nothing.
func (m Mean) alike() bool {
	if _, ok := m.ratio(); !ok {
		return false
	}
	mean := ratio(m.Sum, m.N)
	spread := new(big.Rat).Mul(mean, m.SumN)
	spread.Sub(m.SumSum, spread.Add(spread, spread))
	return spread.Add(spread, mean.Mul(mean, mean).Mul(mean, big.NewRat(m.NN, 1))).Sign() == 0
}

// rests is how many independent rows would have a mean of this variance; where it has none, how many equal customers there are.
func (m Mean) rests() float64 {
	c, ok := m.ratio()
	switch {
	case !ok:
		return 0
	case c.v == 0 || m.Squares == nil:
		return c.number
	}
	row := float(m.Squares)/c.n - float64(c.p*c.p)
	return resting(max(1, min(c.n, row/c.v)), m.N, m.NN)
}

// figure is the mean with its interval, not below least; refused without a row, and where all are of one customer. Where all customers are alike
// it has no interval, as a mean of answers in voice, and is judged as it is.
func (m Mean) figure(least float64, reason, need string) evidence.Figure {
	c, ok := m.ratio()
	switch {
	case !ok:
		return evidence.Refuse(reason, need)
	case c.number <= 1:
		return evidence.Refuse("all of it is of one customer, so nothing tells how it varies", "more customers")
	}
	if m.alike() {
		return evidence.Exact(short(c.p), m.N, howAlike)
	}
	half := float64(student(c.number-1) * math.Sqrt(c.v))
	low, high := short(max(least, c.p-half)), short(c.p+half)
	return evidence.Confidence(short(c.p), low, high, level, m.N, howMean)
}

// clusters are the sums of the answers over customers as voice takes them: of the scores themselves for effort, of units otherwise. They are nil
// where scores have fractions.
func (a Answered) clusters() (of Mean, k *voice.Clusters) {
	of = a.Unit
	if a.Question == "ces" {
		of = a.Score
	}
	sum, squares, products, all := whole(of.Sum), whole(of.SumSum), whole(of.SumN), of.N == a.counts().N()
	if sum == nil || squares == nil || products == nil || !all {
		return of, nil
	}
	c := ofCustomers(of.N, *sum, *squares, *products, of.NN)
	return of, &c
}

func (a Answered) counts() voice.Counts {
	return voice.Counts{Top: a.High, Middle: a.Middle, Bottom: a.Low}
}

// rests is how many independent answers say as much about the figure; 0 where none can be read.
func (a Answered) rests() float64 {
	of, k := a.clusters()
	var n float64
	switch {
	case k == nil || a.Question == "ces":
		return of.rests()
	case a.Question == "nps":
		n, _ = k.EffectiveNPS(a.counts())
	default:
		n, _ = k.EffectiveShare(a.counts())
	}
	return resting(n, of.N, of.NN)
}

// figure is what voice says of the answers by the question's kind. The interval of a mean is cut at the ends of the scale on which the question was asked, since
// no mean of answers lies outside it.
func (a Answered) figure() evidence.Figure {
	low, high, _, _, ok := cuts(a.Question, a.Scale)
	if a.Question != "ces" || !ok {
		return a.uncut()
	}
	return voice.Scale{Low: int(low), High: int(high)}.Cut(a.uncut())
}

// uncut is the same, with ends that may lie off the scale.
func (a Answered) uncut() evidence.Figure {
	counts := a.counts()
	if counts.N() == 0 {
		return evidence.Refuse("no answer can be read", "answers on the question’s scale")
	}
	of, k := a.clusters()
	if k == nil {
		return of.figure(0, "no answer can be read", "answers on the question’s scale")
	}
	switch a.Question {
	case "nps":
		return shortened(k.NPS(counts), howNPS)
	case "ces":
		if of.alike() && k.Customers > 1 {
			return of.figure(0, "", "")
		}
		return shortened(k.Mean(*whole(of.Sum), of.N), howMean)
	}
	return shortened(k.Share(counts), howShare)
}

// whole is a sum without fractions; nil: it has some.
func whole(r *big.Rat) *int64 {
	if r == nil || !r.IsInt() || !r.Num().IsInt64() {
		return nil
	}
	n := r.Num().Int64()
	return &n
}

// shortened is a figure whose interval has six digits and whose method few words.
func shortened(f evidence.Figure, how string) evidence.Figure {
	e, ok := f.Estimate()
	if !ok || e.Kind != evidence.KindConfidence {
		return f
	}
	return evidence.Confidence(e.Value, short(float(e.Low)), short(float(e.High)), e.Level, e.N, how)
}

// Interval is of a difference; it has the level of what it is a difference of.
type Interval struct {
	Low  json.Number `json:"low"`
	High json.Number `json:"high"`
}

// change is the interval of now − before by an interval the two intervals (Zou & Donner, Statistics in Medicine 27, 2008, 1693–1702; for two shares it
// is Newcombe's of 1998): as if different customers had been counted, so it is rather too wide where the same ones come again. There is
// none where either is of fewer than Least.
func change(now, before evidence.Figure) *Interval {
	a, ok := now.Estimate()
	b, also := before.Estimate()
	if !ok || !also || a.Value == nil || b.Value == nil || a.Kind != evidence.KindConfidence || b.Kind != evidence.KindConfidence {
		return nil
	}
	if min(a.N, b.N) < Least {
		return nil
	}
	d := new(big.Rat).Sub(a.Value, b.Value)
	x, l1, u1 := float(d), float(a.Value)-float(a.Low), float(a.High)-float(a.Value)
	l2, u2 := float(b.Value)-float(b.Low), float(b.High)-float(b.Value)
	return &Interval{number(short(x - math.Hypot(l1, u2))), number(short(x + math.Hypot(u1, l2)))}
}
