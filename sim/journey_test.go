package sim

import (
	"slices"
	"testing"
)

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

// TestEverybodyHasALineToACustomer: by every row of the book people, in the default world, in one with managers, and where a touchpoint's
// first agent is the head of the department.
func TestEverybodyHasALineToACustomer(t *testing.T) {
	led, bare := Default(), Default()
	led.Staff.Span, led.Staff.Promoted = 3, 0.9
	bare.Departments = slices.Clone(bare.Departments)
	bare.Departments[0].People, bare.Departments[1].People = 0, 1
	for name, w := range map[string]World{"default": Default(), "led": led, "bare": bare} {
		m := w.Journey()
		for _, p := range m.Check() {
			t.Errorf("%s: %v", name, p)
		}
		people, _, _ := staffBooks(t, w)
		words := map[string]bool{}
		for _, row := range people {
			words[row["role"]] = true
			r, ok := m.RoleOf(row["department"], row["role"], w.End)
			if !ok {
				t.Fatalf("%s: nobody drew a line for %s of %s", name, row["role"], row["department"])
			}
			var reached []string
			for _, at := range m.Sight(r, w.End).Reaches {
				reached = append(reached, at.Key)
			}
			want := map[string][]string{
				"service": {"phone", "chat"}, "shops": {"shop"}, "delivery": {"delivery"}, "product": {"website"}, "finance": {"invoice"},
			}[row["department"]]
			if want == nil { // holds none, and works for all
				want = []string{"website", "phone", "chat", "shop", "delivery", "invoice"}
			}
			if r.Does == "" || r.SoThat == "" || r.Notices == "" || !slices.Equal(reached, want) {
				t.Errorf("%s: %s of %s reaches %v, want %v: %+v", name, row["role"], row["department"], reached, want, r)
			}
		}
		if words["manager"] != (name == "led") || !words["head"] || !words["agent"] || !words["senior specialist"] {
			t.Errorf("%s: the roles are %v", name, words)
		}
	}
}
