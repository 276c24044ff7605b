package workforce

import (
	"math/bits"
	"slices"

	"github.com/throughline/throughline/evidence"
)

// hide decides, for each population, of which groups nothing is told: of those with fewer people than the minimum, and of as many others as it
// takes so that no hidden group can be worked out from what is shown (complementary suppression: Cox, JASA 75, 1980). Worked out means two
// things. What is left of a dimension when the shown groups are taken from the whole must be nobody or the minimum at least. And no group of
// fewer people may be a sum and difference of shown groups of all dimensions together, which is tested by the rank of their indicators over the
// cells in which the dimensions cross. What is hidden of those present is hidden of every population.
func (w *world) hide() {
	for pop := range populations {
		w.size[pop] = w.sizes(w.pops[pop])
		w.hidden[pop] = make([]bool, w.places)
		for at, n := range w.size[pop] {
			w.hidden[pop][at] = n > 0 && n < w.in.minimum() || w.hidden[present][at]
		}
		w.complete(pop)
	}
}

// sizes are how many people of a population are at each place.
func (w *world) sizes(p population) []int64 {
	out := make([]int64, w.places)
	people := slices.Clone(p)
	slices.SortStableFunc(people, func(a, b entry) int { return a.person - b.person })
	last := make([]int, w.places)
	for i := range people {
		w.each(people[i].in, func(at int) {
			if last[at] != people[i].person+1 {
				last[at] = people[i].person + 1
				out[at]++
			}
		})
	}
	return out
}

// complete hides more groups of a population until none that is hidden can be worked out.
func (w *world) complete(pop int) {
	hidden := w.hidden[pop]
	if hidden[whole] {
		for at := range hidden {
			hidden[at] = true
		}
		return
	}
	for {
		again := false
		for k := range dimensions {
			again = w.completeDimension(pop, k) || again
		}
		if again {
			continue
		}
		k, ok := w.workedOut(pop)
		if !ok {
			return
		}
		if !w.hideSmallest(pop, k) && !w.hideSomewhere(pop) {
			return // the company is all that is shown, and it is no small group
		}
	}
}

// completeDimension hides the smallest shown group of a dimension as long as those hidden are together fewer than the minimum.
func (w *world) completeDimension(pop, k int) (changed bool) {
	for {
		people := map[int]bool{}
		for _, e := range w.pops[pop] {
			if w.hidden[pop][w.place(k, e.in[k])] {
				people[e.person] = true
			}
		}
		if n := int64(len(people)); n == 0 || n >= w.in.minimum() || !w.hideSmallest(pop, k) {
			return changed
		}
		changed = true
	}
}

// hideSmallest hides the smallest group of a dimension that is shown and has anybody.
func (w *world) hideSmallest(pop, k int) bool {
	best := -1
	for g := range w.names[k] {
		if !w.divides(k) {
			break
		}
		if at := w.place(k, g); !w.hidden[pop][at] && w.size[pop][at] > 0 && (best < 0 || w.size[pop][at] < w.size[pop][best]) {
			best = at
		}
	}
	if best >= 0 {
		w.hidden[pop][best] = true
	}
	return best >= 0
}

func (w *world) hideSomewhere(pop int) bool {
	for k := range dimensions {
		if w.hideSmallest(pop, k) {
			return true
		}
	}
	return false
}

// prime is the field in which ranks are found: with one weight a cell drawn from it, a rank differs from that over the rationals with a chance
// of some hundred in two milliards (Schwartz 1980), and the draws are always the same.
const prime = 1<<31 - 1

// workedOut finds a dimension of which a group of fewer people than the minimum is a sum and difference of shown groups. The indicators of groups over the cells have the products G = A·W·Aᵀ with the cells' weights W; a hidden group lies in the span
// of the shown ones when nothing is left of its own product once theirs are eliminated.
func (w *world) workedOut(pop int) (int, bool) {
	var order, dim []int // places: shown ones, then hidden ones
	shown := 0
	for _, want := range []bool{false, true} {
		for k := -1; k < dimensions; k++ {
			for _, at := range w.placesOf(k) {
				if at != whole && !w.divides(k) {
					continue
				}
				if n := w.size[pop][at]; w.hidden[pop][at] == want && n > 0 && (!want || n < w.in.minimum()) {
					order, dim = append(order, at), append(dim, k)
				}
			}
		}
		if !want {
			shown = len(order)
		}
	}
	if shown == len(order) {
		return 0, false
	}
	g := w.products(pop, order)
	eliminate(g, shown)
	for h := shown; h < len(order); h++ {
		if g[h][h] == 0 {
			return dim[h], true
		}
	}
	return 0, false
}

// divides tells whether the books divide people in this way at all.
func (w *world) divides(k int) bool { return len(w.names[k]) > 1 }

func (w *world) placesOf(k int) []int {
	if k < 0 {
		return []int{whole}
	}
	out := make([]int, len(w.names[k]))
	for g := range out {
		out[g] = w.place(k, g)
	}
	return out
}

// products are the weighted products of the indicators of places over the cells of a population.
func (w *world) products(pop int, order []int) [][]uint64 {
	row := make([]int, w.places) // one more than the place's row; 0: it has none
	for i, at := range order {
		row[at] = i + 1
	}
	g := make([][]uint64, len(order))
	for i := range g {
		g[i] = make([]uint64, len(order))
	}
	seen := map[[dimensions]int]bool{}
	for _, e := range w.pops[pop] {
		if seen[e.in] {
			continue
		}
		seen[e.in] = true
		weight := draw(e.in)
		w.each(e.in, func(a int) {
			w.each(e.in, func(b int) {
				if i, j := row[a]-1, row[b]-1; i >= 0 && j >= 0 {
					g[i][j] = (g[i][j] + weight) % prime
				}
			})
		})
	}
	return g
}

// draw is a number from 1 below prime for a cell, by the mixer of Steele, Lea & Flood's SplitMix (2014).
func draw(cell [dimensions]int) uint64 {
	x := uint64(0)
	for _, g := range cell {
		x += uint64(g) + 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return 1 + x%(prime-1)
}

// eliminate takes the first rows out of all others, in the field.
func eliminate(g [][]uint64, first int) {
	used := make([]bool, first)
	for column := range first {
		pivot := -1
		for i := range first {
			if !used[i] && g[i][column] != 0 {
				pivot = i
				break
			}
		}
		if pivot < 0 {
			continue
		}
		used[pivot] = true
		inverse := power(g[pivot][column], prime-2)
		for i := range g {
			if i == pivot || i < first && used[i] || g[i][column] == 0 {
				continue
			}
			factor := g[i][column] * inverse % prime
			for j := column; j < len(g); j++ {
				g[i][j] = (g[i][j] + (prime-factor)*g[pivot][j]) % prime
			}
		}
	}
}

func power(x, n uint64) uint64 {
	out := uint64(1)
	for i := bits.Len64(n) - 1; i >= 0; i-- {
		out = out * out % prime
		if n>>i&1 == 1 {
			out = out * x % prime
		}
	}
	return out
}

// The words of what is hidden. They say no number of people.
const (
	hiddenWhy  = "fewer people than the smallest group that is told, or such a group could be worked out from it"
	hiddenNeed = "a larger group"
)

// tell is a figure about a population at a place, unless it is hidden.
func (w *world) tell(pop, at int, figure func() evidence.Figure) evidence.Figure {
	if w.hidden[pop][at] {
		return evidence.Refuse(hiddenWhy, hiddenNeed)
	}
	return figure()
}

// shownAtAll tells whether a group has a line of its own: somebody was employed in it in the period.
func (w *world) shownAtAll(k, g int) bool {
	return w.divides(k) && w.size[present][w.place(k, g)] > 0
}
