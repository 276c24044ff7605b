package journey

import (
	"reflect"
	"testing"
)

// TestGapsOfTheMapAlone: each with what lacks it, on a day.
func TestGapsOfTheMapAlone(t *testing.T) {
	m := two()
	m.Brands = []Brand{{Key: "house", Name: "House", Promise: Care}}
	m.Standards = []Standard{
		{Key: "soon", Brand: "house", Notices: "soon", Measure: Measure{Kind: Within, Seconds: 30}, Target: Target{AtLeast: "0.8"}, Touchpoints: []string{"chat"}},
		{Key: "later", Brand: "house", Notices: "later", Measure: Measure{Kind: Resolved}, Target: Target{AtLeast: "0.8"}},
	}
	m.Journeys[0].Stages = append(m.Journeys[0].Stages, Stage{Key: "last", Name: "Last"})
	m.Departments = append(m.Departments, Department{Key: "store", Name: "Store"}, Department{Key: "tax", Name: "Tax", Apart: "by law"})
	m.Roles = append(m.Roles, Role{Key: "porter", Name: "Porter"})
	m.Touchpoints = append(m.Touchpoints, Touchpoint{Key: "door", Name: "Door", Journey: "buying", Stage: "after"})
	got := map[string][]string{}
	for _, g := range m.Lacks(100) {
		for _, it := range g.Items {
			got[g.Name] = append(got[g.Name], it.Key)
		}
	}
	want := map[string][]string{
		"departments_without_touchpoint": {"store"}, "without_department": {"door"}, "without_owner": {"counter", "phone", "door"},
		"without_standard": {"counter", "phone", "door"}, "standards_without_touchpoint": {"later"}, "stages_without_touchpoint": {"buying/last"}, "roles_without_line": {"porter"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("gaps %v, want %v", got, want)
	}
	for _, s := range Templates() {
		m, _ := Template(s.Name)
		for _, g := range m.Lacks(0) {
			if g.Name != "without_standard" {
				t.Errorf("the template %s has %s: %+v", s.Name, g.Name, g.Items)
			}
		}
	}
}

// TestAddTakesByKey: and Changed counts what differs.
func TestAddTakesByKey(t *testing.T) {
	m, before := two(), two()
	m.Take(Map{Touchpoints: []Touchpoint{{Key: "chat", Name: "Talk", Journey: "buying", Stage: "before"}, {Key: "door", Name: "Door", Journey: "buying", Stage: "after"}}, Aside: []Aside{{"Test", "x"}}}, false)
	if at, _ := m.Touchpoint("chat"); at.Name != "Talk" || len(m.Touchpoints) != 4 || len(m.Roles) != 1 {
		t.Errorf("%+v", m)
	}
	for _, pair := range [][2]*Map{{&before, &m}, {&m, &before}} {
		if got, err := Changed(pair[0], pair[1]); err != nil || !reflect.DeepEqual(got, map[string]int{KindTouchpoint: 2, KindAside: 1}) {
			t.Errorf("changed %v, %v", got, err)
		}
	}
}
