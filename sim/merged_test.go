package sim

import (
	"strings"
	"testing"
)

// A world of few customers asks nobody to say how many of them are merged;
// who says it is held to it.
func TestMergedCustomersAreNoMoreThanThereAre(t *testing.T) {
	for text, want := range map[string]int64{
		"customers: 0": 0, "customers: 5": 5, "customers: 12": 12, "seed: 1": 12, "customers: 0\nmerged: 0": 0, "customers: 9\nmerged: 3": 3,
	} {
		w, err := Read(strings.NewReader(text))
		if err != nil || w.Merged != want {
			t.Errorf("%q: merged %d, %v; want %d", text, w.Merged, err, want)
		}
	}
	if _, err := Read(strings.NewReader("customers: 0\nmerged: 1")); err == nil || !strings.Contains(err.Error(), "merged: 1 customers are merged of 0") {
		t.Error(err)
	}
}
