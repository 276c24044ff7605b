package journey

import (
	"slices"
	"strings"
	"testing"
)

// TestTemplatesAreWhole: each is a map that holds, in which every touchpoint has an owner, a department, both sides, and a role that
// reaches it; every department and contractor that customers meet holds one or works behind one, and every role has its line.
func TestTemplatesAreWhole(t *testing.T) {
	for _, s := range Templates() {
		m, err := Template(s.Name)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		for _, p := range m.Check() {
			t.Errorf("%s: %v", s.Name, p)
		}
		if n := len(m.Touchpoints); n < 20 || n > 35 {
			t.Errorf("%s has %d touchpoints", s.Name, n)
		}
		holds, works, reached, contractors, far := map[string]bool{}, map[string]bool{}, map[string]bool{}, 0, 0
		for _, r := range m.Roles {
			for _, key := range r.Touchpoints {
				reached[key] = true
			}
			if r.Does == "" || r.SoThat == "" || r.Notices == "" || len(r.Touchpoints) == 0 || r.Department == "" {
				t.Errorf("%s: role %s has no whole line", s.Name, r.Key)
			}
			if d, _ := m.Department(r.Department); d.Contractor {
				far++
			}
		}
		for _, at := range m.Touchpoints {
			holds[at.Department(0)], works[at.Department(0)] = true, true
			sides := map[string]bool{}
			for _, step := range at.Steps {
				works[step.Department], sides[step.Side] = true, true
			}
			if at.Owner(0) == "" || at.Department(0) == "" || !sides[Front] || !sides[Back] || at.About == "" || !reached[at.Key] {
				t.Errorf("%s: touchpoint %s has no owner, department, words, side or role", s.Name, at.Key)
			}
			if j, _ := m.Journey(at.Journey); len(j.Stages) < 5 {
				t.Errorf("%s: %d stages", s.Name, len(j.Stages))
			}
		}
		for _, d := range m.Departments {
			if d.Contractor {
				contractors++
			}
			if !works[d.Key] && d.Apart == "" || holds[d.Key] && d.Apart != "" {
				t.Errorf("%s: department %s does nothing for customers and does not say why, or holds a touchpoint and is apart", s.Name, d.Key)
			}
		}
		if contractors < 3 || far < 3 {
			t.Errorf("%s has %d contractors and %d roles at them", s.Name, contractors, far)
		}
		var kinds []Kind
		for _, std := range m.Standards {
			kinds = append(kinds, std.Measure.Kind)
		}
		slices.Sort(kinds)
		if len(m.Standards) < 8 || len(slices.Compact(kinds)) < 5 {
			t.Errorf("%s has standards of %v", s.Name, kinds)
		}
		if !strings.HasSuffix(s.About, ".") || s.Title == "" {
			t.Errorf("%s is told as %q, %q", s.Name, s.Title, s.About)
		}
	}
	if _, err := Template("circus"); err == nil || !strings.Contains(err.Error(), "there are retail, hospitality") {
		t.Errorf("a template that is not there: %v", err)
	}
}
