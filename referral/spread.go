package referral

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/throughline/throughline/evidence"
)

// Relation is whose loss is looked at after what happened to whom.
type Relation int

// The relations: a brought customer after their referrer left or complained; a referrer after somebody whom they brought did.
const (
	BroughtAfterLeft Relation = iota
	BroughtAfterComplained
	ReferrerAfterLeft
	ReferrerAfterComplained
	relations
)

// String is the relation's name in the document.
func (r Relation) String() string {
	return [relations]string{"brought_after_referrer_left", "brought_after_referrer_complained", "referrer_after_brought_left", "referrer_after_brought_complained"}[r]
}

// Complained tells whether the relation is about complaints.
func (r Relation) Complained() bool {
	return r == BroughtAfterComplained || r == ReferrerAfterComplained
}

// Key is one cell of the comparison: egos of a stratum whose other end was exposed, or was not. Reversed is the placebo,
// in which the exposure lies in the window after the outcome.
type Key struct {
	Relation Relation
	Reversed bool
	Stratum  int
	Exposed  bool
}

// Compare orders keys.
func (k Key) Compare(o Key) int {
	flag := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(k.Relation, o.Relation), cmp.Compare(flag(k.Reversed), flag(o.Reversed)), cmp.Compare(k.Stratum, o.Stratum), cmp.Compare(flag(k.Exposed), flag(o.Exposed)))
}

// Cell is how many egos a key has and how many of them were lost.
type Cell struct {
	Key
	Egos, Lost int64
}

// Arm is how many clusters one side of a comparison has; a cluster is a referrer with all whom they brought.
type Arm struct {
	Key      // without a stratum
	Clusters int64
}

// Cross sums, over clusters, products of the counts that a cluster has in two cells (n egos, y lost); A does not come after B.
// They are what a variance by cluster needs of the rows, and whole numbers.
type Cross struct {
	A, B           Key
	NN, NY, YN, YY int64 // Σ n(A)·n(B), Σ n(A)·y(B), Σ y(A)·n(B), Σ y(A)·y(B)
}

// Faced is what a ledger counts for all relations.
type Faced struct {
	Cells   []Cell
	Arms    []Arm
	Crosses []Cross
	Voiced  bool // there are books that tell of complaints
}

// Spread is one relation: the difference in loss between the exposed and the others, the same in reversed time, the range of
// the difference when referrers are shuffled, and what is left beyond the reversed one.
type Spread struct {
	Relation                               Relation
	Difference, Reversed, Shuffled, Beyond evidence.Figure
	Counts
}

// Counts are the egos of comparable strata and how many of them were lost; nil where the books tell nothing of them.
type Counts struct {
	Exposed     *int64 `json:"exposed,omitempty"`
	ExposedLost *int64 `json:"exposed_lost,omitempty"`
	Others      *int64 `json:"others,omitempty"`
	OthersLost  *int64 `json:"others_lost,omitempty"`
}

// Losses is what is stated of loss along ties.
type Losses struct {
	Spans     Spans
	Relations []Spread
}

// What a comparison needs before an interval by clusters can be trusted: egos of so many referrers on each side, and so many of
// them that would be lost, and kept, if the exposure made no difference. A floor for those who were lost would itself choose
// the worlds in which many were: it looks only at what the shuffles leave as it is.
const (
	fewestClusters = 20
	fewestEgos     = 10
)

const level = 0.95

// The methods, in the words that the figures carry.
const (
	howDifference = "risk difference within strata (Mantel–Haenszel), variance by referrer"
	howReversed   = "the same with time reversed: the exposure comes after the loss"
	howShuffled   = "mean and 95% range over all shuffles of referrers within strata"
	howBeyond     = "difference less the reversed one, variance by referrer of both together"
)

// Losses states every relation.
func (f Faced) Losses(s Spans) Losses {
	out := Losses{Spans: s}
	for r := range relations {
		out.Relations = append(out.Relations, f.spread(r))
	}
	return out
}

func (f Faced) spread(r Relation) Spread {
	out := Spread{Relation: r}
	if r.Complained() && !f.Voiced {
		lacks := evidence.Refuse("the books do not tell who complained", "answers with customer_id and score (nps, csat, ces), or interactions with customer_id and reason")
		out.Difference, out.Reversed, out.Shuffled, out.Beyond = lacks, lacks, lacks, lacks
		return out
	}
	forward, reversed := f.fit(r, false), f.fit(r, true)
	out.Counts = Counts{&forward.sides[1].egos, &forward.sides[1].lost, &forward.sides[0].egos, &forward.sides[0].lost}
	why, whyReversed := forward.refusal(), reversed.refusal()
	out.Difference, out.Shuffled, out.Reversed = evidence.Refuse(why, needEgos), evidence.Refuse(why, needEgos), evidence.Refuse(whyReversed, needEgos)
	out.Beyond = out.Difference
	if why == "" {
		out.Difference = interval(forward.difference, f.variance(forward, forward), forward.freedom(), forward.egos(), howDifference)
		out.Shuffled = interval(0, forward.shuffled, math.Inf(1), forward.egos(), howShuffled)
		out.Beyond = out.Reversed
	}
	if whyReversed == "" {
		out.Reversed = interval(reversed.difference, f.variance(reversed, reversed), reversed.freedom(), reversed.egos(), howReversed)
	}
	if why == "" && whyReversed == "" {
		v := f.variance(forward, forward) + f.variance(reversed, reversed) - float64(2*f.variance(forward, reversed))
		out.Beyond = interval(forward.difference-reversed.difference, v, min(forward.freedom(), reversed.freedom()), forward.egos(), howBeyond)
	}
	return out
}

const needEgos = "more customers whose referrer is known, over three windows"

// side is the exposed or the others of a comparison.
type side struct {
	egos, lost, clusters int64
	expected             float64 // lost, if the exposure made no difference
}

// fitted is a comparison over the strata that have both sides.
//
// The Mantel–Haenszel risk difference Σ w(p₁ − p₀) / Σ w with w = n₁n₀/(n₁ + n₀) (Greenland & Robins, Biometrics 41, 1985) is
// the least squares coefficient of the exposure x in y = α(stratum) + δx, because Σ(x − x̄)² of a stratum is its w. So its
// variance by cluster is that of the within estimator (Arellano, Oxford Bulletin of Economics and Statistics 49, 1987):
// Σ over clusters of (Σ (x − x̄)e / W)², e = y − ȳ − δ(x − x̄). Unlike a plug-in of each stratum's risks it also holds for strata
// with one exposed ego.
type fitted struct {
	sides      [2]side // others, exposed
	difference float64
	shuffled   float64         // variance over all shuffles
	place      map[Key]float64 // (x − x̄) / W
	fit        map[Key]float64 // ȳ + δ(x − x̄)
	strata     int
}

func (f *fitted) egos() int64 { return f.sides[0].egos + f.sides[1].egos }

// freedom is that of the side with fewer clusters.
func (f *fitted) freedom() float64 { return float64(min(f.sides[0].clusters, f.sides[1].clusters) - 1) }

func (f *fitted) refusal() string {
	for i, name := range []string{"whose other end of the tie stayed", "whose other end of the tie left or complained"} {
		s := f.sides[i]
		switch {
		case s.expected < fewestEgos || float64(s.egos)-s.expected < fewestEgos:
			return fmt.Sprintf("of %d customers %s, some %.0f leave and %.0f stay if that makes no difference, need %d of both", s.egos, name, s.expected, float64(s.egos)-s.expected, fewestEgos)
		case s.clusters < fewestClusters:
			return fmt.Sprintf("%d referrers on the side %s, need %d", s.clusters, name, fewestClusters)
		}
	}
	return ""
}

// fit compares within strata; cells come sorted by key, so the sums are the same on every machine.
func (f Faced) fit(r Relation, reversed bool) *fitted {
	out := &fitted{place: map[Key]float64{}, fit: map[Key]float64{}}
	cells := map[int][2]Cell{}
	var strata []int
	for _, c := range f.Cells {
		if c.Relation != r || c.Reversed != reversed {
			continue
		}
		pair, seen := cells[c.Stratum]
		if !seen {
			strata = append(strata, c.Stratum)
		}
		pair[index(c.Exposed)] = c
		cells[c.Stratum] = pair
	}
	slices.Sort(strata)
	strata = slices.DeleteFunc(strata, func(s int) bool { return cells[s][0].Egos == 0 || cells[s][1].Egos == 0 })
	out.strata = len(strata)
	var weights, sum, shuffled float64
	for _, s := range strata {
		n0, y0, n1, y1 := float64(cells[s][0].Egos), float64(cells[s][0].Lost), float64(cells[s][1].Egos), float64(cells[s][1].Lost)
		n, y := n0+n1, y0+y1
		weights += n1 * n0 / n
		sum += (float64(y1*n0) - float64(y0*n1)) / n
		// The exposed lost of a shuffled stratum are hypergeometric.
		shuffled += n1 * n0 * y * (n - y) / (n * n * (n - 1))
		for i, c := range cells[s] {
			out.sides[i].egos, out.sides[i].lost = out.sides[i].egos+c.Egos, out.sides[i].lost+c.Lost
			out.sides[i].expected += float64(c.Egos) * y / n
		}
	}
	for _, a := range f.Arms {
		if a.Relation == r && a.Reversed == reversed {
			out.sides[index(a.Exposed)].clusters = a.Clusters
		}
	}
	if weights == 0 {
		return out
	}
	out.difference, out.shuffled = sum/weights, shuffled/(weights*weights)
	for _, s := range strata {
		n0, n1 := float64(cells[s][0].Egos), float64(cells[s][1].Egos)
		mean, risk := n1/(n0+n1), float64(cells[s][0].Lost+cells[s][1].Lost)/(n0+n1)
		for i := range cells[s] {
			key, x := Key{r, reversed, s, i == 1}, float64(i)-mean
			out.place[key] = x / weights
			out.fit[key] = risk + float64(out.difference*x)
		}
	}
	return out
}

func index(exposed bool) int {
	if exposed {
		return 1
	}
	return 0
}

// variance is that of a difference, or the covariance of two, over clusters, with the usual correction for their number.
func (f Faced) variance(a, b *fitted) float64 {
	total := 0.0
	for _, c := range f.Crosses {
		total += share(a, b, c)
		if c.A != c.B {
			total += share(a, b, Cross{A: c.B, B: c.A, NN: c.NN, NY: c.YN, YN: c.NY, YY: c.YY})
		}
	}
	return total * math.Sqrt(a.correction()*b.correction())
}

// share is what one pair of cells adds.
func share(a, b *fitted, c Cross) float64 {
	pa, ok := a.place[c.A]
	pb, also := b.place[c.B]
	if !ok || !also {
		return 0
	}
	ma, mb := a.fit[c.A], b.fit[c.B]
	inner := float64(c.YY) - float64(mb*float64(c.YN)) - float64(ma*float64(c.NY)) + float64(float64(ma*mb)*float64(c.NN))
	return float64(float64(pa*pb) * inner)
}

// correction is G/(G − 1) · (N − 1)/(N − K).
func (f *fitted) correction() float64 {
	g, n := float64(f.sides[0].clusters+f.sides[1].clusters), float64(f.egos())
	k := float64(f.strata + 1)
	if g < 2 || n <= k {
		return 1
	}
	return g / (g - 1) * (n - 1) / (n - k)
}

// interval is value ± t · √variance.
func interval(value, variance, freedom float64, n int64, method string) evidence.Figure {
	half := float64(student(freedom) * math.Sqrt(max(0, variance)))
	// A share can move by one at most.
	low, high := max(-1, value-half), min(1, value+half)
	if method == howBeyond {
		low, high = max(-2, value-half), min(2, value+half)
	}
	return evidence.Confidence(rounded(value), rounded(low), rounded(high), level, n, method)
}

// rounded is a number to ten places: what is beyond them depends on the order of sums.
func rounded(x float64) *big.Rat { return big.NewRat(int64(math.Round(x*1e10)), 1e10) }

// student is the 97.5% point of Student's distribution: Abramowitz & Stegun (1964), 26.7.5, within 2·10⁻⁵ from 19 degrees on.
func student(freedom float64) float64 {
	z := 1.959963984540054
	if math.IsInf(freedom, 1) {
		return z
	}
	z3 := z * z * z
	z5, z7, z9 := z3*z*z, z3*z3*z, z3*z3*z3
	v := freedom
	return z + (z3+z)/(4*v) + (5*z5+16*z3+3*z)/(96*v*v) + (3*z7+19*z5+17*z3-15*z)/(384*v*v*v) + (79*z9+776*z7+1482*z5-1920*z3-945*z)/(92160*v*v*v*v)
}
