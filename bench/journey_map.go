package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

// mapped are how many of each the map of a simulated company has.
type mapped struct{ touchpoints, roles, departments int }

// What the simulated company calls its places, stages and brands. The first brand has an entity of its own, the second all others.
var (
	placeWords  = []string{"Invoice", "Phone", "Delivery", "Returns desk", "Website", "Reception", "Repair", "Letter", "Sales visit", "Contract", "Chat", "Counter", "Reminder"}
	stageNames  = []string{"Hear of us", "Choose", "Sign", "Begin", "Use", "Pay", "Put right", "Part or stay"}
	brandKeys   = []string{"care", "plain"}
	firstEntity = "Care & Co"
	restEntity  = "Plain Ltd"
)

// Every tenth place had another name in the books before this day.
var renamedOn = calendar.DayOf(2024, 7, 1)

const renamedEvery = 10

func placeName(i int) string { return fmt.Sprintf("%s %03d", placeWords[i%len(placeWords)], i) }

func placeKey(i int) string { return fmt.Sprintf("place-%03d", i) }

func departmentName(i int) string { return fmt.Sprintf("Department %02d", i) }

func roleName(i int) string { return fmt.Sprintf("Job %04d", i) }

// drawn is the map: one journey of all touchpoints, so that the page of the map has to draw all of them at once.
func (n mapped) drawn() journey.Map {
	m := journey.Map{
		Brands: []journey.Brand{
			{Key: brandKeys[0], Name: "Care", Entities: []string{firstEntity}, Promise: journey.PromiseNames()[0]},
			{Key: brandKeys[1], Name: "Plain", Promise: journey.PromiseNames()[len(journey.PromiseNames())-2]},
		},
		Journeys: []journey.Journey{{Key: "whole", Name: "The whole way"}},
	}
	for i, name := range stageNames {
		m.Journeys[0].Stages = append(m.Journeys[0].Stages, journey.Stage{Key: fmt.Sprintf("stage-%d", i), Name: name})
	}
	for i := range n.departments {
		m.Departments = append(m.Departments, journey.Department{Key: fmt.Sprintf("department-%02d", i), Order: 10 * (i + 1), Name: departmentName(i), Contractor: i%12 == 11})
	}
	for i := range n.touchpoints {
		m.Touchpoints = append(m.Touchpoints, n.touchpoint(i))
	}
	m.Standards = n.standards()
	for i := range n.roles {
		r := journey.Role{
			Key: fmt.Sprintf("job-%04d", i), Name: roleName(i), Department: m.Departments[i%n.departments].Key, Does: fmt.Sprintf("look after matter %d", i),
			SoThat: "whoever is next finds it done", Notices: "it was right the first time", May: []journey.Authority{{Means: "send it again", Within: "on the same day"}, {Means: "credit it", UpTo: "50"}},
		}
		for k := range 1 + i%4 {
			if key := placeKey((i*7 + k*31) % n.touchpoints); !slices.Contains(r.Touchpoints, key) {
				r.Touchpoints = append(r.Touchpoints, key)
			}
		}
		m.Roles = append(m.Roles, r)
	}
	return m
}

func (n mapped) touchpoint(i int) journey.Touchpoint {
	held, since := fmt.Sprintf("department-%02d", i%n.departments), calendar.DayOf(2024, 1, 1)
	t := journey.Touchpoint{
		Key: placeKey(i), Order: 10 * (i + 1), Name: placeName(i), Journey: "whole", Stage: fmt.Sprintf("stage-%d", i*len(stageNames)/n.touchpoints),
		About:       "where customers meet us about one thing",
		Departments: []journey.Held{{By: fmt.Sprintf("department-%02d", (i+1)%n.departments)}, {By: held, From: &since}},
		Owners:      []journey.Held{{By: "head of " + departmentName(i%n.departments)}},
		Steps:       []journey.Step{{Side: journey.Front, Text: "greet"}, {Side: journey.Front, Text: "settle it"}, {Side: journey.Back, Text: "write it down", Department: held}},
	}
	for _, far := range []int{1, 17} {
		if to := (i + far) % n.touchpoints; to != i {
			t.HandsTo = append(t.HandsTo, journey.HandOff{To: placeKey(to), What: "the matter"})
		}
	}
	if i%renamedEvery == 0 {
		t.KnownAs = []journey.Known{{Name: oldName(i), Until: &renamedOn}, {Name: t.Name, From: &renamedOn}}
	}
	return t
}

func oldName(i int) string { return placeName(i) + " (old)" }

// standards are ten kinds in ten groups of touchpoints, of each brand with a target of its own: a touchpoint has two of each brand.
func (n mapped) standards() []journey.Standard {
	kinds := []struct {
		measure journey.Measure
		target  func(brand int) journey.Target
	}{
		{journey.Measure{Kind: journey.NPS}, atLeast("10", "0")},
		{journey.Measure{Kind: journey.CSAT}, atLeast("0.45", "0.35")},
		{journey.Measure{Kind: journey.CES}, atLeast("4.2", "3.9")},
		{journey.Measure{Kind: journey.Within, Seconds: 60}, atLeast("0.4", "0.25")},
		{journey.Measure{Kind: journey.Within, Seconds: 300}, atLeast("0.8", "0.6")},
		{journey.Measure{Kind: journey.Resolved}, atLeast("0.8", "0.7")},
		{journey.Measure{Kind: journey.Abandoned}, atMost("0.03", "0.05")},
		{journey.Measure{Kind: journey.Reached}, atLeast("0.97", "0.95")},
		{journey.Measure{Kind: journey.Reopened}, atMost("0.04", "0.06")},
		{journey.Measure{Kind: journey.Transfers}, atMost("0.1", "0.2")},
	}
	var out []journey.Standard
	for b, brand := range brandKeys {
		for k, kind := range kinds {
			for group := range 10 {
				s := journey.Standard{Key: fmt.Sprintf("%s-%s-%d-%d", brand, kind.measure.Kind, k, group), Brand: brand, Notices: fmt.Sprintf("it goes well, in way %d", k), Measure: kind.measure, Target: kind.target(b)}
				for i := group; i < n.touchpoints; i += 10 {
					if i/10%10 == k || (i/10+3)%10 == k {
						s.Touchpoints = append(s.Touchpoints, placeKey(i))
					}
				}
				if len(s.Touchpoints) > 0 {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

func atLeast(of ...string) func(int) journey.Target {
	return func(brand int) journey.Target { return journey.Target{AtLeast: of[brand]} }
}

func atMost(of ...string) func(int) journey.Target {
	return func(brand int) journey.Target { return journey.Target{AtMost: of[brand]} }
}

// write writes the map as throughline journey import reads it.
func (n mapped) write(dir string) error {
	m := n.drawn()
	f, err := os.Create(filepath.Join(dir, "map.json"))
	if err != nil {
		return err
	}
	if err := m.Write(f); err != nil {
		_ = f.Close() // the first error is told
		return err
	}
	return f.Close()
}
