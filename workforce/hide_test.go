package workforce

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// spanned tells whether an indicator is a sum and difference of others, by elimination over the rationals: the second method beside the
// products in a field.
func spanned(rows [][]int64, target []int64) bool {
	matrix := make([][]*big.Rat, 0, len(rows)+1)
	for _, r := range append(append([][]int64{}, rows...), target) {
		var line []*big.Rat
		for _, x := range r {
			line = append(line, rat(x))
		}
		matrix = append(matrix, line)
	}
	last := matrix[len(rows)]
	rest := matrix[:len(rows)]
	for column := range target {
		pivot := -1
		for i, r := range rest {
			if r[column].Sign() != 0 {
				pivot = i
				break
			}
		}
		if pivot < 0 {
			continue
		}
		p := rest[pivot]
		rest = append(append([][]*big.Rat{}, rest[:pivot]...), rest[pivot+1:]...)
		for _, r := range append(append([][]*big.Rat{}, rest...), last) {
			f := new(big.Rat).Quo(r[column], p[column])
			for j := range r {
				r[j] = new(big.Rat).Sub(r[j], new(big.Rat).Mul(f, p[j]))
			}
		}
	}
	for _, x := range last {
		if x.Sign() != 0 {
			return false
		}
	}
	return true
}

// No group of few people can be worked out from those shown, and none of them is shown.
func TestNoHiddenGroupCanBeWorkedOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, p := drawn(t)
		minimum := rapid.IntRange(2, 8).Draw(t, "minimum")
		w, err := Input{Period: p, MinimumGroup: minimum}.open(b)
		if err != nil {
			return
		}
		w.count()
		w.hide()
		for pop := range populations {
			cells := map[[dimensions]int]int{}
			for _, e := range w.pops[pop] {
				if _, ok := cells[e.in]; !ok {
					cells[e.in] = len(cells)
				}
			}
			indicator := func(at int) []int64 {
				out := make([]int64, len(cells))
				for in, i := range cells {
					w.each(in, func(a int) {
						if a == at {
							out[i] = 1
						}
					})
				}
				return out
			}
			var shown [][]int64
			undivided := map[int]bool{}
			for k := range dimensions {
				if len(w.names[k]) == 1 {
					undivided[w.place(k, 0)] = true
				}
			}
			for at, n := range w.size[pop] {
				if !w.hidden[pop][at] && n > 0 {
					if n < int64(minimum) {
						t.Fatalf("population %d: place %d is shown with %d people", pop, at, n)
					}
					shown = append(shown, indicator(at))
				}
			}
			for at, n := range w.size[pop] {
				if n > 0 && n < int64(minimum) && !undivided[at] && len(shown) > 0 && spanned(shown, indicator(at)) {
					t.Fatalf("population %d: place %d has few people and can be worked out", pop, at)
				}
			}
			for k := range dimensions {
				people := map[int]bool{}
				for _, e := range w.pops[pop] {
					if w.hidden[pop][w.place(k, e.in[k])] {
						people[e.person] = true
					}
				}
				if n := len(people); n > 0 && n < minimum && len(shown) > 0 {
					t.Fatalf("population %d: %d people are hidden of %s", pop, n, dimensionNames[k])
				}
			}
		}
	})
}

// Of ten cooks and chefs, the kitchen has eight and the bar two. The roles cut the same people otherwise: six cooks of the kitchen, and the two of
// the bar with two chefs. With a minimum of three, the bar is hidden, and the kitchen because of it; were the roles told with the kitchen's
// six cooks apart from its two chefs, nothing would be worked out.
func TestTheOnlyOtherGroupIsHiddenToo(t *testing.T) {
	b := Books{}
	add := func(id, department, role string) {
		hired := day(t, "2020-01-01")
		b.People = append(b.People, Row{Person: id, From: hired, Hired: &hired, Department: department, Role: role})
	}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		add(id, "kitchen", "cook")
	}
	add("g", "kitchen", "chef")
	add("h", "kitchen", "chef")
	add("i", "bar", "chef")
	add("j", "bar", "chef")
	in := Input{Period: period(t, "2024-01-01", "2025-01-01"), MinimumGroup: 3}
	s, err := in.State(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, cut := range s.By {
		for _, g := range cut.Groups {
			if want := cut.Name == "department"; g.Hidden != want {
				t.Errorf("%s %s: hidden %v", cut.Name, g.Name, g.Hidden)
			}
		}
	}
	// Were the bar three, and the chefs of the kitchen two of another department, the pastry would be worked out: chefs less the bar.
	b.People[8].Department, b.People[9].Department = "pastry", "pastry"
	for _, id := range []string{"k", "l", "m"} {
		add(id, "bar", "chef")
	}
	b.People[6].Department, b.People[7].Department = "bar", "bar"
	if s, err = in.State(b); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, cut := range s.By {
		for _, g := range cut.Groups {
			shown[g.Name] = !g.Hidden
		}
	}
	// Departments: kitchen 6 = cooks, bar 5, pastry 2. Chefs 7 = bar + pastry. The pastry is small; hiding the bar too leaves 7 hidden, and
	// cooks = kitchen tell nothing of them apart.
	if shown["pastry"] || shown["bar"] || !shown["kitchen"] || !shown["chef"] || !shown["cook"] {
		t.Errorf("shown %v", shown)
	}
}
