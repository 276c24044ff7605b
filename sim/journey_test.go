package sim

import "testing"

// TestTheMapOfAWorldHolds: and every name of its books leads to a touchpoint.
func TestTheMapOfAWorldHolds(t *testing.T) {
	w := Default()
	m := w.Journey()
	for _, p := range m.Check() {
		t.Error(p)
	}
	for _, g := range m.Lacks(w.End) {
		t.Errorf("%s: %v", g.Lacks, g.Items)
	}
	for _, at := range w.Touchpoints {
		if _, ok := m.Lead(at.Name, w.End); !ok {
			t.Errorf("%s leads nowhere", at.Name)
		}
	}
}
