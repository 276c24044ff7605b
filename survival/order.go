package survival

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// ordered are the rows that count, strata one after the other, in each the latest stop first and at a time the censored before
// those with the event: the order in which a single pass meets every risk set by adding rows.
type ordered struct {
	row           []int32 // which of the caller's rows
	start         []float64
	stop, weight  []float64
	event         []bool
	leave         []int32 // positions in each stratum, latest start first; nil when nobody begins late
	strata        []span
	moments       []moment // the times with events, in the order of the pass
	repeats       bool
	n, events     float64 // sums of weights when they are repeats, else rows
	first, latest float64 // the earliest and the latest stop of a row that counts
}

// span are the rows and moments of a stratum; code is the caller's name of it.
type span struct {
	code                  int
	from, to              int32
	momentsFrom, momentTo int32
}

// moment is a time at which events happen: rows [from, deaths) join the risk set and live on, or are censored at it; rows [deaths, to)
// have the event.
type moment struct {
	time             float64
	from, deaths, to int32
}

// order reads the rows. Without strata all are of stratum 0.
func order(s Spells, stratum []int) (*ordered, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if stratum != nil && len(stratum) != len(s.Stop) {
		return nil, fmt.Errorf("columns of unequal length: %d rows, %d strata", len(s.Stop), len(stratum))
	}
	byStop := argsort(s.Stop)
	var byStart []int32
	if s.Start != nil {
		byStart = argsort(s.Start)
	}
	start, stop, err := alike(s.Start, s.Stop, byStart, byStop)
	if err != nil {
		return nil, err
	}
	o := &ordered{repeats: s.Weighting == Repeats}
	o.place(s, start, stop, stratum, byStop)
	if len(o.row) == 0 {
		return nil, refuse("a row of weight above 0", "every row has weight 0")
	}
	o.findMoments()
	if start != nil {
		o.findLeavers(byStart, len(s.Stop))
	}
	return o, nil
}

// place puts the rows into their order.
func (o *ordered) place(s Spells, start, stop []float64, stratum []int, byStop []int32) {
	weight := func(i int32) float64 {
		if s.Weight == nil {
			return 1
		}
		return s.Weight[i]
	}
	codes, code := coded(stratum)
	sizes := make([]int32, len(codes)+1)
	for i := range s.Stop {
		if weight(int32(i)) > 0 {
			sizes[code(int32(i))+1]++
		}
	}
	for i := range codes {
		sizes[i+1] += sizes[i]
		if sizes[i+1] > sizes[i] {
			o.strata = append(o.strata, span{code: codes[i], from: sizes[i], to: sizes[i+1]})
		}
	}
	o.row = make([]int32, sizes[len(codes)])
	next := slices.Clone(sizes[:len(codes)])
	for k := len(byStop) - 1; k >= 0; k-- {
		if i := byStop[k]; weight(i) > 0 {
			c := code(i)
			o.row[next[c]] = i
			next[c]++
		}
	}
	for _, st := range o.strata {
		censoredFirst(o.row[st.from:st.to], stop, s.Event)
	}
	o.fill(s, start, stop, weight)
}

// coded gives the strata in rising order, and the place of a row's among them.
func coded(stratum []int) (codes []int, of func(row int32) int32) {
	if stratum == nil {
		return []int{0}, func(int32) int32 { return 0 }
	}
	codes = slices.Clone(stratum)
	slices.Sort(codes)
	codes = slices.Compact(codes)
	place := make(map[int]int32, len(codes))
	for i, c := range codes {
		place[c] = int32(i)
	}
	return codes, func(row int32) int32 { return place[stratum[row]] }
}

// fill copies the rows in their order and counts them.
func (o *ordered) fill(s Spells, start, stop []float64, weight func(int32) float64) {
	n := len(o.row)
	o.stop, o.weight, o.event = make([]float64, n), make([]float64, n), make([]bool, n)
	if start != nil {
		o.start = make([]float64, n)
	}
	o.first, o.latest = math.Inf(1), math.Inf(-1)
	for k, i := range o.row {
		o.stop[k], o.weight[k], o.event[k] = stop[i], weight(i), s.Event[i]
		if start != nil {
			o.start[k] = start[i]
		}
		o.first, o.latest = min(o.first, stop[i]), max(o.latest, stop[i])
		count := 1.0
		if o.repeats {
			count = o.weight[k]
		}
		o.n += count
		if o.event[k] {
			o.events += count
		}
	}
}

// censoredFirst moves the rows without the event to the front of each run of equal stops.
func censoredFirst(rows []int32, stop []float64, event []bool) {
	var dying []int32
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && stop[rows[to]] == stop[rows[from]] {
			to++
		}
		if to > from+1 {
			dying = dying[:0]
			at := from
			for _, r := range rows[from:to] {
				if event[r] {
					dying = append(dying, r)
				} else {
					rows[at] = r
					at++
				}
			}
			copy(rows[at:to], dying)
		}
		from = to
	}
}

func (o *ordered) findMoments() {
	for s := range o.strata {
		st := &o.strata[s]
		st.momentsFrom = int32(len(o.moments))
		from := st.from
		for i := st.from; i < st.to; {
			if !o.event[i] {
				i++
				continue
			}
			to := i + 1
			for to < st.to && o.event[to] && o.stop[to] == o.stop[i] {
				to++
			}
			o.moments = append(o.moments, moment{time: o.stop[i], from: from, deaths: i, to: to})
			from, i = to, to
		}
		st.momentTo = int32(len(o.moments))
	}
}

// findLeavers lists who leaves the risk set as the pass goes back in time.
func (o *ordered) findLeavers(byStart []int32, n int) {
	position := make([]int32, n)
	stratum := make([]int32, n)
	for i := range position {
		position[i] = -1
	}
	for s, st := range o.strata {
		for k := st.from; k < st.to; k++ {
			position[o.row[k]], stratum[o.row[k]] = k, int32(s)
		}
	}
	o.leave = make([]int32, len(o.row))
	next := make([]int32, len(o.strata))
	for s, st := range o.strata {
		next[s] = st.from
	}
	for k := len(byStart) - 1; k >= 0; k-- {
		i := byStart[k]
		if position[i] < 0 {
			continue
		}
		s := stratum[i]
		o.leave[next[s]] = position[i]
		next[s]++
	}
}

// entersLate tells whether any row begins at or after an event of its stratum, so that risk sets also lose rows.
func (o *ordered) entersLate() bool {
	for _, st := range o.strata {
		if o.leave != nil && st.momentTo > st.momentsFrom && o.start[o.leave[st.from]] >= o.moments[st.momentTo-1].time {
			return true
		}
	}
	return false
}

// rounding is the relative difference below which two times are one: a few operations on dates or ages leave no more. R's
// aeqSurv takes 1.5e-8 of the mean time, which would make one of whole days once they are counted from far away.
const rounding = 0x1p-44

// alike gives times that differ by rounding alone one value, the earliest of them. It copies only when there are such.
func alike(start, stop []float64, byStart, byStop []int32) (starts, stops []float64, err error) {
	starts, stops = start, stop
	last, value := math.Inf(-1), math.Inf(-1) // the time before, and what stands for it
	copied := false
	for a, b := 0, 0; a < len(byStart) || b < len(byStop); {
		first := b >= len(byStop) || a < len(byStart) && start[byStart[a]] <= stop[byStop[b]]
		var t float64
		if first {
			t = start[byStart[a]]
		} else {
			t = stop[byStop[b]]
		}
		if math.IsInf(last, -1) || t-last > rounding*max(math.Abs(t), math.Abs(last)) {
			value = t
		}
		last = t
		if value != t && !copied {
			starts, stops, copied = slices.Clone(start), slices.Clone(stop), true
		}
		switch {
		case first:
			if copied {
				starts[byStart[a]] = value
			}
			a++
		default:
			if copied {
				stops[byStop[b]] = value
			}
			b++
		}
	}
	if copied && start != nil {
		for i := range starts {
			if starts[i] >= stops[i] {
				return nil, nil, refuse("rows that last longer than rounding", "row %d: it starts at %v and stops at %v, which differ by rounding alone", i+1, start[i], stop[i])
			}
		}
	}
	return starts, stops, nil
}

// argsort lists positions by rising key, equal keys in their order; of many it is a radix sort over their bits.
func argsort(keys []float64) []int32 {
	const digits, base, small = 6, 1 << 11, 1 << 12
	n := len(keys)
	if n < small {
		order := make([]int32, n)
		for i := range order {
			order[i] = int32(i)
		}
		slices.SortStableFunc(order, func(i, j int32) int { return cmp.Compare(keys[i], keys[j]) })
		return order
	}
	a, b := make([]int32, n), make([]int32, n)
	bits := make([]uint64, n)
	counts := make([][base]int32, digits)
	for i, k := range keys {
		u := math.Float64bits(k + 0) // −0 is 0
		if u>>63 == 1 {
			u = ^u
		} else {
			u |= 1 << 63
		}
		a[i], bits[i] = int32(i), u
		for d := range counts {
			counts[d][u>>(11*d)&(base-1)]++
		}
	}
	moved := make([]uint64, n)
	for d := range counts {
		c := &counts[d]
		if n == 0 || c[bits[0]>>(11*d)&(base-1)] == int32(n) {
			continue // all keys agree in these bits
		}
		var sum int32
		for v := range c {
			c[v], sum = sum, sum+c[v]
		}
		for j, i := range a {
			v := bits[j] >> (11 * d) & (base - 1)
			b[c[v]], moved[c[v]] = i, bits[j]
			c[v]++
		}
		a, b, bits, moved = b, a, moved, bits
	}
	return a
}
