package survival

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/floats"
)

// Concordance is the chance that of two rows, the one with the higher risk has the event first (Harrell et al. 1982), 0.5 when risk tells
// nothing. Pairs are comparable when one has the event while the other is at risk and stays; equal risks count half. Pairs are
// compared within strata. SE is that of the infinitesimal jackknife over rows or clusters, as in R.
type Concordance struct {
	Value, SE                      float64
	Concordant, Discordant, Equals float64 // pairs
}

// Concordance is that of the fit.
func (f *Fit) Concordance() (Concordance, error) {
	s := f.sweep
	p := len(f.beta)
	eta := make([]float64, len(s.eta))
	for i := range eta {
		eta[i] = dot(s.x[i*p:i*p+p], f.beta)
	}
	return concordance(s.o, eta, f.spec.Cluster)
}

// Concord is the concordance of any score with the spells, a higher score meaning that the event is expected sooner. Stratum and cluster may be nil.
func Concord(s Spells, score []float64, stratum, cluster []int) (Concordance, error) {
	switch {
	case len(score) != len(s.Stop):
		return Concordance{}, refuse("a score for every row", "%d scores for %d rows", len(score), len(s.Stop))
	case cluster != nil && len(cluster) != len(s.Stop):
		return Concordance{}, refuse("a cluster for every row", "%d clusters for %d rows", len(cluster), len(s.Stop))
	}
	for i, v := range score {
		if math.IsNaN(v) {
			return Concordance{}, refuse("a score in every row; leave out rows without", "row %d: the score is not a number", i+1)
		}
	}
	o, err := order(s, stratum)
	if err != nil {
		return Concordance{}, err
	}
	sorted := make([]float64, len(o.row))
	for k, i := range o.row {
		sorted[k] = score[i]
	}
	return concordance(o, sorted, cluster)
}

// concordance counts pairs with a tree of sums over ranks of risk: once back in time over those at risk, for each event, and once forward
// over events, for each row that outlived some. Both are O(n log n).
func concordance(o *ordered, risk []float64, cluster []int) (Concordance, error) {
	n := len(o.row)
	rank, sizes := ranked(o, risk)
	// For each row, the pairs in which it had the event first, and in which it stayed.
	higher, lower, equal := make([]float64, n), make([]float64, n), make([]float64, n)
	stayedRight, stayedWrong, stayedEqual := make([]float64, n), make([]float64, n), make([]float64, n)
	var wait sync.WaitGroup
	wait.Go(func() { backward(o, rank, sizes, higher, lower, equal) })
	forward(o, rank, sizes, stayedRight, stayedWrong, stayedEqual)
	wait.Wait()
	var c Concordance
	for i := range n {
		w := o.weight[i]
		c.Concordant += w * higher[i]
		c.Discordant += w * lower[i]
		c.Equals += w * equal[i]
	}
	pairs := c.Concordant + c.Discordant + c.Equals
	least := 0.0
	if !o.repeats {
		total := floats.Sum(o.weight)
		least = 1e-12 * total * total // what rounding leaves of sampling weights that were taken out
	}
	if !(pairs > least) {
		return c, refuse("an event while another row is at risk and stays", "concordance: no two rows can be compared")
	}
	somers := (c.Concordant - c.Discordant) / pairs
	c.Value = (somers + 1) / 2
	of := func(i int) float64 {
		right, wrong := higher[i]+stayedRight[i], lower[i]+stayedWrong[i]
		return (right - wrong - somers*(right+wrong+equal[i]+stayedEqual[i])) / pairs
	}
	c.SE = math.Sqrt(o.jackknifed(of, cluster)) / 2
	return c, nil
}

// jackknifed is the sum over rows, or clusters, of the squares of what they do.
func (o *ordered) jackknifed(of func(i int) float64, cluster []int) float64 {
	variance := 0.0
	if cluster == nil {
		for i, w := range o.weight {
			u := of(i)
			if !o.repeats {
				w *= w
			}
			variance += w * u * u
		}
		return variance
	}
	index := map[int]int{}
	var sums []float64
	for i, r := range o.row {
		at, ok := index[cluster[r]]
		if !ok {
			at = len(sums)
			index[cluster[r]], sums = at, append(sums, 0)
		}
		sums[at] += o.weight[i] * of(i)
	}
	for _, u := range sums {
		variance += u * u
	}
	return variance
}

// ranked gives each row the rank of its risk within its stratum, from 0, equal risks the same, and the number of ranks.
func ranked(o *ordered, risk []float64) (rank []int32, sizes []int32) {
	rank = make([]int32, len(risk))
	for _, st := range o.strata {
		by := argsort(risk[st.from:st.to])
		next := int32(-1)
		for j, i := range by {
			if j == 0 || risk[st.from+i] != risk[st.from+by[j-1]] {
				next++
			}
			rank[st.from+i] = next
		}
		sizes = append(sizes, next+1)
	}
	return rank, sizes
}

// tree holds sums of weights by rank (Fenwick 1994).
type tree struct {
	sums, at []float64
	total    float64
}

func newTree(n int32) *tree { return &tree{sums: make([]float64, n+1), at: make([]float64, n)} }

func (t *tree) add(rank int32, w float64) {
	t.total += w
	t.at[rank] += w
	for i := int(rank) + 1; i < len(t.sums); i += i & -i {
		t.sums[i] += w
	}
}

// split gives the weight below, at and above a rank.
func (t *tree) split(rank int32) (below, at, above float64) {
	for i := int(rank); i > 0; i -= i & -i {
		below += t.sums[i]
	}
	at = t.at[rank]
	return below, at, t.total - below - at
}

// backward counts, for each row with the event, who was at risk and stayed: those of lower risk are as they should be.
func backward(o *ordered, rank, sizes []int32, higher, lower, equal []float64) {
	for k, st := range o.strata {
		t := newTree(sizes[k])
		gone := st.from
		for _, m := range o.moments[st.momentsFrom:st.momentTo] {
			for i := m.from; i < m.deaths; i++ {
				t.add(rank[i], o.weight[i])
			}
			for ; o.leave != nil && gone < st.to && o.start[o.leave[gone]] >= m.time; gone++ {
				t.add(rank[o.leave[gone]], -o.weight[o.leave[gone]])
			}
			for i := m.deaths; i < m.to; i++ {
				higher[i], equal[i], lower[i] = t.split(rank[i])
			}
			for i := m.deaths; i < m.to; i++ {
				t.add(rank[i], o.weight[i])
			}
		}
	}
}

// forward counts, for each row, the events that it saw and outlived: those of higher risk are as they should be.
func forward(o *ordered, rank, sizes []int32, right, wrong, equal []float64) {
	for k, st := range o.strata {
		t := newTree(sizes[k])
		enter := st.to - 1 // into leave, whose earliest start is last
		see := func(i int32, sign float64) {
			below, at, above := t.split(rank[i])
			right[i] += sign * above
			wrong[i] += sign * below
			equal[i] += sign * at
		}
		entering := func(before float64) {
			for ; o.leave != nil && enter >= st.from && o.start[o.leave[enter]] < before; enter-- {
				see(o.leave[enter], -1)
			}
		}
		last := st.to
		for j := st.momentTo - 1; j >= st.momentsFrom; j-- {
			m := o.moments[j]
			for i := last - 1; i >= m.to; i-- { // who stopped since the event before
				see(i, 1)
			}
			entering(m.time)
			for i := m.deaths; i < m.to; i++ {
				see(i, 1)
			}
			for i := m.deaths; i < m.to; i++ {
				t.add(rank[i], o.weight[i])
			}
			last = m.deaths
		}
		for i := last - 1; i >= st.from; i-- {
			see(i, 1)
		}
		entering(math.Inf(1))
	}
}
