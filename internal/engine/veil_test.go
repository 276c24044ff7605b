package engine

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Pages of a shuffled list hold every key once, in another order than the keys'
// and in one of each secret's own.
func TestShuffledListsHoldEverybodyOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := Key(rapid.IntRange(1, 3000).Draw(t, "last"))
		limit := rapid.IntRange(1, 400).Draw(t, "limit")
		list := func(v Veil) (all []Key) {
			for after := int64(0); ; {
				keys, next := v.Shuffled(last, after, limit)
				if all = append(all, keys...); next == 0 {
					return all
				}
				after = next
			}
		}
		all := list(NewVeil([]byte("a secret of sixteen bytes")))
		other := list(NewVeil([]byte("another secret of as many")))
		if last > 20 && (slices.IsSorted(all) || slices.Equal(all, other)) {
			t.Fatalf("the order tells: %v", all[:20])
		}
		slices.Sort(all)
		if len(all) != int(last) || all[0] != 1 || all[last-1] != last || len(slices.Compact(all)) != int(last) {
			t.Fatalf("%d keys of %d", len(all), last)
		}
	})
}

func TestHiddenNumbersAreLedBack(t *testing.T) {
	v := NewVeil([]byte("a secret of sixteen bytes"))
	for _, n := range []int64{0, 1, 2, 1 << 20, Hidable - 1} {
		if hidden := v.Hide(n); hidden == n || hidden < 0 || hidden >= Hidable || v.Shown(hidden) != n {
			t.Errorf("%d is hidden as %d, which leads to %d", n, hidden, v.Shown(hidden))
		}
	}
	if got := v.Hide(1 << 31); got == 1<<31 {
		t.Errorf("hidden as %d", got)
	}
}
