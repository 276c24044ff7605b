package journey

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Grade is how far an association is to be trusted. It is never A or B, which are for what was tried: who passes a touchpoint is not
// drawn by lot.
type Grade string

// C: enough on both sides, most who passed found their like, and what is not seen would have to be strong. D: any other.
const (
	GradeC Grade = "C"
	GradeD Grade = "D"
)

// Next is what customers did after they passed a touchpoint, beside others of the same strata. It is an association and no proof that the
// touchpoint led to it.
type Next struct {
	Passers    int64           `json:"passers"`
	Again      int64           `json:"passers_again"`
	Matched    int64           `json:"matched"` // passers in strata where others are too
	Others     int64           `json:"others"`  // of these strata
	Difference evidence.Figure `json:"difference"`
	// The E-values, and the chance of a difference as large if there is none, alone and among all that were looked at; empty where refused.
	EValue    json.Number     `json:"e_value,omitempty"`
	EnoughFor json.Number     `json:"e_value_of_interval,omitempty"`
	Chance    json.Number     `json:"chance,omitempty"`
	Adjusted  json.Number     `json:"chance_adjusted,omitempty"`
	Revenue   evidence.Figure `json:"revenue_not_seen"`
	Grade     Grade           `json:"grade"` // empty: refused

	e, p  float64
	clear bool // the interval holds no nothing
	less  bool
}

// tests is the memo on many touchpoints.
type tests struct {
	n, alone int64 // compared, and those with an interval clear of nothing
	adjusted int64 // of these, left after Benjamini & Hochberg at 5%
}

// pair is a stratum: passers and others, who came again, and what the others spent.
type pair struct {
	n1, x1, n0, x0 float64
	revenue        float64 // of the others
}

// The methods of what customers did next.
const (
	howMH      = "Mantel–Haenszel; Sato 1989"
	howNotSeen = "difference × passers × spent by a matched other who came again; interval of the difference"
)

// difference is the Mantel–Haenszel difference of shares with its variance by T. Sato (Biometrics 45, 1989, 1323–1324), which holds for few large
// strata and for many sparse ones; ok is false where no stratum has both sides.
// With w = n1·n0/N: d = Σ(x1·n0 − x0·n1)/N ÷ Σw, var = (d·ΣP + ΣQ) ÷ (Σw)², where P = (n1²·x0 − n0²·x1 + n1·n0·(n0 − n1)/2)/N² and
// Q = (x1·(n0 − x0) + x0·(n1 − x1))/2N.
func difference(strata []pair) (d, v float64, ok bool) {
	var top, w, p, q float64
	for _, s := range strata {
		n := s.n1 + s.n0
		if s.n1 == 0 || s.n0 == 0 {
			continue
		}
		top += (float64(s.x1*s.n0) - float64(s.x0*s.n1)) / n
		w += float64(s.n1*s.n0) / n
		p += (float64(s.n1*s.n1*s.x0) - float64(s.n0*s.n0*s.x1) + float64(s.n1*s.n0*(s.n0-s.n1))/2) / (n * n)
		q += (float64(s.x1*(s.n0-s.x0)) + float64(s.x0*(s.n1-s.x1))) / (2 * n)
	}
	if w == 0 {
		return 0, 0, false
	}
	d = top / w
	return d, max(0, float64(d*p)+q) / (w * w), true
}

// mantelFleiss is the least leeway with which the distribution of the difference is near enough to the normal one (Mantel & Fleiss 1980).
const mantelFleiss = 5

// leeway is Mantel & Fleiss' criterion (American Journal of Epidemiology 112, 1980, 129–134): min(E − L, U − E), where of N = n1 + n0 in a stratum m1 = x1 + x0
// came again and E = Σ n1·m1/N passers are expected to have if passing makes no difference. At least L = Σ max(0, m1 − n0) have, since no more than n0 of the m1 can be
// others, and at most U = Σ min(n1, m1).
//
// With m0 = N − m1 a stratum has E − L = min(n1·m1, n0·m0)/N, because n1·m1 − n0·m0 = N·(m1 − n0), and likewise U − E = min(n1·m0, n0·m1)/N. So of one stratum it is
// the smallest number expected in the four cells, Cochran's rule of five; of many it lets sparse ones add up. A stratum without others adds nothing.
func leeway(strata []pair) float64 {
	var expected, low, high float64
	for _, s := range strata {
		if s.n1 == 0 || s.n0 == 0 {
			continue
		}
		came := s.x1 + s.x0
		expected += float64(s.n1*came) / (s.n1 + s.n0)
		low += max(0, came-s.n0)
		high += min(s.n1, came)
	}
	return min(expected-low, high-expected)
}

// relative is the Mantel–Haenszel ratio of shares with the variance of its logarithm (Greenland & Robins, Biometrics 41, 1985, 55–68); ok is false
// where a side has nobody who came again.
func relative(strata []pair) (r, v float64, ok bool) {
	var top, bottom, spread float64
	for _, s := range strata {
		n := s.n1 + s.n0
		if s.n1 == 0 || s.n0 == 0 {
			continue
		}
		top += float64(s.x1*s.n0) / n
		bottom += float64(s.x0*s.n1) / n
		spread += (float64(s.n1*s.n0*(s.x1+s.x0)) - float64(s.x1*s.x0*n)) / (n * n)
	}
	if top == 0 || bottom == 0 {
		return 0, 0, false
	}
	return top / bottom, max(0, spread) / (top * bottom), true
}

// eValue is how strong, as a ratio of shares, something unseen would have to be tied both to passing and to coming again to explain a ratio away
// (VanderWeele & Ding, Annals of Internal Medicine 167, 2017, 268–274): r + √(r(r − 1)), of 1/r where r is below 1.
func eValue(r float64) float64 {
	if r < 1 {
		r = 1 / r
	}
	return r + math.Sqrt(float64(r*(r-1)))
}

// eValueOf is that of the interval's end nearer to 1; 1 where the interval holds it.
func eValueOf(low, high float64) float64 {
	switch {
	case low > 1:
		return eValue(low)
	case high < 1:
		return eValue(high)
	}
	return 1
}

// summed is a stratum of all customers with its revenue as a number.
type summed struct {
	Stratum
	revenue float64
}

// afterwards compares those who passed each touchpoint with the others of their strata, and counts how many comparisons there are.
func afterwards(strata []Stratum, currency money.Currency) (map[string]*Next, tests) {
	all := map[string]summed{}
	passed := map[string][]Stratum{}
	for _, s := range strata {
		if s.Touchpoint == "" {
			all[s.Name] = summed{s, revenueOf(s)}
		} else {
			passed[s.Touchpoint] = append(passed[s.Touchpoint], s)
		}
	}
	out := map[string]*Next{}
	for key, list := range passed {
		slices.SortFunc(list, func(a, b Stratum) int { return cmp.Compare(a.Name, b.Name) }) // sums of floats, in one order
		out[key] = compare(list, all, currency)
	}
	return out, adjust(out)
}

func compare(list []Stratum, all map[string]summed, currency money.Currency) *Next {
	n := &Next{}
	var pairs []pair
	for _, s := range list {
		n.Passers, n.Again = n.Passers+s.Customers, n.Again+s.Again
		whole := all[s.Name]
		others := whole.Customers - s.Customers
		if others <= 0 {
			continue
		}
		n.Matched, n.Others = n.Matched+s.Customers, n.Others+others
		pairs = append(pairs, pair{float64(s.Customers), float64(s.Again), float64(others), float64(whole.Again - s.Again), whole.revenue - revenueOf(s)})
	}
	d, v, ok := difference(pairs)
	if refused := n.refused(ok, v); refused != "" {
		n.refuse(refused, "more customers who passed, and others like them who did not")
		return n
	}
	if leeway(pairs) < mantelFleiss {
		n.refuse("too few came back, or too few did not, for a comparison",
			"at least five expected to come back and five expected not to, of those who passed and of the others like them")
		return n
	}
	half := float64(z975 * math.Sqrt(v))
	n.Difference = evidence.Confidence(short(d), short(d-half), short(d+half), level, n.Matched+n.Others, howMH)
	n.p = 2 * distuv.UnitNormal.CDF(-math.Abs(d)/math.Sqrt(v))
	n.Chance = number(short(n.p))
	n.clear, n.less = math.Abs(d) > half, d < 0
	n.ratio(pairs)
	n.revenue(pairs, currency)
	n.Grade = GradeD
	if n.clear && min(n.Matched, n.Others) >= Least && 5*n.Matched >= 4*n.Passers && n.e >= 1.5 {
		n.Grade = GradeC
	}
	return n
}

func revenueOf(s Stratum) float64 {
	a, err := money.Parse(s.Revenue)
	if err != nil {
		return 0
	}
	x, _ := a.Rat().Float64()
	return x
}

// refused says why there is no comparison; empty: there is one.
func (n *Next) refused(ok bool, v float64) string {
	switch {
	case !ok:
		return "nobody who passed found anybody like them among the others"
	case min(n.Matched, n.Others) < Least/3:
		return fmt.Sprintf("%d who passed and %d others are alike; with fewer than %d on a side an interval means nothing", n.Matched, n.Others, Least/3)
	case v == 0:
		return "everybody did the same, so nothing tells how it varies"
	}
	return ""
}

func (n *Next) refuse(why, need string) {
	f := evidence.Refuse(why, need)
	n.Difference, n.Revenue = f, f
}

// ratio states how strong something unseen would have to be.
func (n *Next) ratio(pairs []pair) {
	r, v, ok := relative(pairs)
	if !ok {
		return // on one side nobody came again
	}
	half := float64(z975 * math.Sqrt(v))
	n.e = eValue(r)
	n.EValue, n.EnoughFor = number(short(n.e)), number(short(eValueOf(float64(r*math.Exp(-half)), float64(r*math.Exp(half)))))
}

// revenue is the difference in money: what one of the others who came again spent, in the strata of those who passed, times the customers that the
// difference stands for.
func (n *Next) revenue(pairs []pair, currency money.Currency) {
	var spent, came float64
	for _, s := range pairs {
		w := float64(s.n1*s.n0) / (s.n1 + s.n0)
		spent += float64(w*s.revenue) / s.n0
		came += float64(w*s.x0) / s.n0
	}
	e, _ := n.Difference.Estimate()
	if came == 0 {
		n.Revenue = evidence.Refuse("none of the others like them came again", "a longer time after")
		return
	}
	each := float64(spent / came * float64(n.Passers))
	unseen := func(d *big.Rat) *big.Rat { return rounded(float64(-float(d)*each), currency) }
	low, high := unseen(e.High), unseen(e.Low)
	if low.Cmp(high) > 0 { // where the others brought back more than they spent
		low, high = high, low
	}
	n.Revenue = evidence.Confidence(unseen(e.Value), low, high, level, e.N, howNotSeen)
}

// rounded is an amount to the currency's places.
func rounded(x float64, currency money.Currency) *big.Rat {
	r := evidence.Float(x)
	if r == nil {
		return nil
	}
	out, ok := new(big.Rat).SetString(r.FloatString(currency.Places()))
	if !ok {
		return nil
	}
	return out
}

// adjust makes of the chances of all comparisons those that count that all were looked at (Benjamini & Hochberg, JRSS B 57, 1995, 289–300).
func adjust(all map[string]*Next) (t tests) {
	var keys []string
	for key, n := range all {
		if n.Grade != "" {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(all[a].p, all[b].p), cmp.Compare(a, b)) })
	t.n = int64(len(keys))
	p := make([]float64, len(keys))
	for i, key := range keys {
		p[i] = all[key].p
	}
	for i, q := range hochberg(p) {
		n := all[keys[i]]
		n.Adjusted = number(short(q))
		if n.clear {
			t.alone++
		}
		if q <= 0.05 {
			t.adjusted++
		}
	}
	return t
}

// hochberg adjusts chances in rising order.
func hochberg(p []float64) []float64 {
	out, least := make([]float64, len(p)), 1.0
	for i := len(p) - 1; i >= 0; i-- {
		least = min(least, float64(p[i]*float64(len(p)))/float64(i+1))
		out[i] = least
	}
	return out
}
