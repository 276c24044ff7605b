package journey

import (
	"slices"
	"testing"
)

func ordered(m *Map, stage string) (out []string) {
	for _, t := range m.Touchpoints {
		if t.Stage == stage {
			out = append(out, t.Key)
		}
	}
	return out
}

func stages() Map {
	m := Map{
		Departments: []Department{{Key: "care", Name: "Care", Contractor: true}, {Key: "shop", Name: "Shop"}},
		Journeys:    []Journey{{Key: "buy", Name: "Buying", Stages: []Stage{{Key: "choose", Name: "Choose"}, {Key: "pay", Name: "Pay"}}}},
		Roles:       []Role{{Key: "agent", Name: "Agent", Department: "care"}},
	}
	for _, k := range []string{"a", "b", "c", "d"} {
		m.Touchpoints = append(m.Touchpoints, Touchpoint{Key: k, Name: k, Journey: "buy", Stage: "choose", Departments: []Held{{By: "care"}}})
	}
	return m
}

func TestATouchpointIsPlacedAmongItsLike(t *testing.T) {
	m := stages()
	place := func(key, stage, before string, want ...string) {
		t.Helper()
		if err := m.Place(key, "buy", stage, before); err != nil {
			t.Fatal(err)
		}
		if got := ordered(&m, stage); !slices.Equal(got, want) {
			t.Errorf("%s before %q in %s: %v, want %v", key, before, stage, got, want)
		}
	}
	place("d", "choose", "a", "d", "a", "b", "c")
	place("a", "choose", "", "d", "b", "c", "a")
	place("c", "choose", "b", "d", "c", "b", "a")
	place("b", "pay", "", "b")
	place("d", "pay", "b", "d", "b")
	place("d", "choose", "a", "c", "d", "a")
	for range 20 { // until there is no room between two of them
		place("c", "choose", "a", "d", "c", "a")
		place("d", "choose", "a", "c", "d", "a")
	}
	for _, wrong := range [][3]string{{"x", "choose", ""}, {"a", "x", ""}, {"a", "choose", "b"}, {"a", "choose", "a"}} {
		before := slices.Clone(m.Touchpoints)
		if err := m.Place(wrong[0], "buy", wrong[1], wrong[2]); err == nil {
			t.Errorf("%v is taken", wrong)
		}
		for i := range before {
			if before[i].Stage != m.Touchpoints[i].Stage || before[i].Order != m.Touchpoints[i].Order {
				t.Errorf("%v is refused and changed %s", wrong, before[i].Key)
			}
		}
	}
	if p := m.Check(); len(p) > 0 {
		t.Error(p)
	}
}

// Only who has no room makes others move: an edit of a neighbour stays fresh.
func TestPlacingLeavesOthersAlone(t *testing.T) {
	m := stages()
	for i := range m.Touchpoints {
		m.Touchpoints[i].Order = (i + 1) * step
	}
	was := slices.Clone(m.Touchpoints)
	if err := m.Place("d", "buy", "choose", "b"); err != nil {
		t.Fatal(err)
	}
	for _, x := range was[:3] {
		if now, _ := m.Touchpoint(x.Key); now.Order != x.Order {
			t.Errorf("%s is numbered %d, was %d", x.Key, now.Order, x.Order)
		}
	}
	if got := ordered(&m, "choose"); !slices.Equal(got, []string{"a", "d", "b", "c"}) {
		t.Error(got)
	}
}

func TestAnotherMapIsTaken(t *testing.T) {
	m := stages()
	other := Map{
		Departments: []Department{{Key: "care", Name: "Customer care"}, {Key: "kitchen", Name: "Kitchen"}},
		Touchpoints: []Touchpoint{{Key: "b", Name: "B", Journey: "buy", Stage: "pay"}, {Key: "e", Name: "e", Journey: "buy", Stage: "pay", Order: 1}},
		Aside:       []Aside{{Name: "test", Why: "a trial"}},
	}
	m.Take(other, false)
	if p := m.Check(); len(p) > 0 {
		t.Error(p)
	}
	if got := ordered(&m, "pay"); !slices.Equal(got, []string{"b", "e"}) || len(m.Touchpoints) != 5 || len(m.Departments) != 3 || m.Departments[0].Name != "Customer care" {
		t.Errorf("it is %v of %+v", got, m.Departments)
	}
	m.Take(other, false)
	if len(m.Touchpoints) != 5 || len(m.Aside) != 1 {
		t.Error("taking it twice is not as taking it once")
	}
	m.Take(other, true)
	if len(m.Touchpoints) != 2 || len(m.Journeys) != 0 {
		t.Errorf("taken whole, it is %+v", m)
	}
}
