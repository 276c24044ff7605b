package sim

import (
	"maps"
	"slices"
	"strings"

	"github.com/throughline/throughline/journey"
)

// Journey is the map of the simulated company: its touchpoints by stage, with the departments that hold them, and the roles of all
// who work there, by the words of its book of people. The touchpoints are called as in its books. Standards are what such a company could have set itself; the world is not made to meet them.
func (w World) Journey() journey.Map {
	m := journey.Map{
		Brands:   []journey.Brand{{Key: "house", Name: w.Company, Promise: journey.Simple, Words: "It is done in one go."}},
		Journeys: []journey.Journey{{Key: "purchase", Name: "A purchase", Order: 1}},
	}
	held := map[string]bool{}
	for _, t := range w.Touchpoints {
		held[t.Department] = true
		meets(&m, t)
	}
	for _, d := range w.Departments {
		department(&m, d.Name, d.Employer == "contractor", held[d.Name])
	}
	for _, name := range slices.Sorted(maps.Keys(held)) {
		if _, ok := m.Department(journey.KeyFor(name, never)); !ok {
			department(&m, name, false, true)
		}
	}
	for _, d := range w.Departments {
		w.jobs(&m, d)
	}
	bind := func(key, notices string, measure journey.Measure, target journey.Target, wants func(Touchpoint) bool) {
		s := journey.Standard{Key: key, Brand: "house", Notices: notices, Measure: measure, Target: target}
		for _, t := range w.Touchpoints {
			if wants(t) {
				s.Touchpoints = append(s.Touchpoints, journey.KeyFor(t.Name, never))
			}
		}
		if len(s.Touchpoints) > 0 {
			m.Standards = append(m.Standards, s)
		}
	}
	all := func(Touchpoint) bool { return true }
	bind("gets-through", "Who calls or writes gets through", journey.Measure{Kind: journey.Abandoned}, journey.Target{AtMost: "0.1", Well: "0.05"}, func(t Touchpoint) bool { return t.Abandoned > 0 })
	bind("glad", "Customers are satisfied", journey.Measure{Kind: journey.CSAT}, journey.Target{AtLeast: "0.7"}, all)
	bind("settled", "It is settled the first time", journey.Measure{Kind: journey.Resolved}, journey.Target{AtLeast: "0.7"}, all)
	return m
}

func never(string) bool { return false }

// meets puts a touchpoint and its stage onto the map.
func meets(m *journey.Map, t Touchpoint) {
	j := &m.Journeys[0]
	stage, department := journey.KeyFor(t.Stage, never), journey.KeyFor(t.Department, never)
	if _, ok := j.Stage(stage); !ok {
		j.Stages = append(j.Stages, journey.Stage{Key: stage, Name: capital(t.Stage)})
	}
	key := journey.KeyFor(t.Name, never)
	m.Touchpoints = append(m.Touchpoints, journey.Touchpoint{
		Key: key, Order: len(m.Touchpoints) + 1, Name: capital(t.Name), Journey: "purchase", Stage: stage,
		Departments: []journey.Held{{By: department}}, Owners: []journey.Held{{By: "Head of " + t.Department}}, KnownAs: []journey.Known{{Name: t.Name}},
	})
}

// jobs puts the roles of a department onto the map: those that staff gives out. Its people reach the touchpoints that it holds, whichever of
// them an agent stands at, because the book calls all of them agents; a department that holds none works for all.
func (w World) jobs(m *journey.Map, d Department) {
	by := journey.KeyFor(d.Name, never)
	var reach, all, names []string
	people := d.People
	for _, t := range w.Touchpoints {
		key := journey.KeyFor(t.Name, never)
		all = append(all, key)
		if t.Department == d.Name {
			reach, names, people = append(reach, key), append(names, t.Name), people+t.People
		}
	}
	served := "customers"
	if len(reach) > 0 {
		served = "customers (" + strings.Join(names, ", ") + ")"
	} else {
		reach = all
	}
	may := map[string][]journey.Authority{
		head: {{Means: "give the money back", UpTo: "500", Within: "at once"}}, manager: {{Means: "give the money back", UpTo: "200", Within: "at once"}},
		agent: {{Means: "give the money back", UpTo: "50", Within: "at once"}, {Means: "send it again, or do it again", Within: "on the same day"}},
	}
	add := func(word, does, soThat, notices string) {
		r := journey.Role{Name: capital(d.Name) + ": " + word, Department: by, Does: does, SoThat: soThat, Notices: notices, Touchpoints: reach, May: may[word]}
		r.Key = journey.KeyFor(d.Name+" "+word, func(key string) bool { _, ok := m.Role(key); return ok })
		for _, level := range levels {
			r.KnownAs = append(r.KnownAs, level+word)
		}
		m.Roles = append(m.Roles, r)
	}
	if people > 0 {
		add(head, "lead "+d.Name+" for those who serve "+served, "they have the time and the means to settle it", "that it was done in one go")
	}
	if people > 1 && w.Staff.Span > 0 {
		add(manager, "lead some of those who work in "+d.Name, "whoever serves "+served+" is not left alone", "that somebody could decide")
	}
	if d.People > 1 {
		add(specialist, "prepare what it takes to serve "+served, "it is settled the first time", "that nobody has to ask twice")
	}
	if people > d.People {
		add(agent, "serve "+served, "it is settled the first time", "that it was done in one go")
	}
}

func department(m *journey.Map, name string, contractor, meets bool) {
	d := journey.Department{Key: journey.KeyFor(name, never), Order: len(m.Departments) + 1, Name: capital(name), Contractor: contractor, KnownAs: []journey.Known{{Name: name}}}
	if !meets {
		d.Apart = "it holds no touchpoint in this simulated company"
	}
	m.Departments = append(m.Departments, d)
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
