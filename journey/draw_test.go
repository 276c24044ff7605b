package journey

import (
	"bytes"
	"fmt"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
)

// The days on which drawn maps change lie between these.
const (
	firstDay = calendar.Day(18000)
	lastDay  = firstDay + 400
)

func day(d calendar.Day) *calendar.Day { return &d }

// drawn is a random map with names that no two share, and how many were given.
type drawn struct {
	Map
	given int
}

func (d *drawn) name(kind string) string {
	d.given++
	return fmt.Sprintf("%s %d", kind, d.given)
}

func draw(t *rapid.T) *drawn {
	d := &drawn{}
	d.Brands = []Brand{{Key: "house", Name: "House", Promise: Care}}
	for j := range rapid.IntRange(1, 3).Draw(t, "journeys") {
		journey := Journey{Key: fmt.Sprintf("j%d", j), Name: fmt.Sprint("Journey ", j), Order: j + 1}
		for s := range rapid.IntRange(1, 4).Draw(t, "stages") {
			journey.Stages = append(journey.Stages, Stage{Key: fmt.Sprintf("s%d", s), Name: fmt.Sprint("Stage ", s)})
		}
		d.Journeys = append(d.Journeys, journey)
	}
	for i := range rapid.IntRange(2, 5).Draw(t, "departments") {
		name := d.name("Department")
		d.Departments = append(d.Departments, Department{Key: KeyFor(name, never), Name: name, Order: i + 1, Contractor: rapid.Bool().Draw(t, "contractor")})
	}
	for range rapid.IntRange(2, 8).Draw(t, "touchpoints") {
		d.Touchpoints = append(d.Touchpoints, d.touchpoint(t))
	}
	for i := range d.Touchpoints {
		if to := pick(t, d.Touchpoints, "to").Key; to != d.Touchpoints[i].Key {
			d.Touchpoints[i].HandsTo = []HandOff{{To: to, What: "what is asked"}}
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "roles") {
		name := d.name("Role")
		d.Roles = append(d.Roles, Role{
			Key: KeyFor(name, never), Name: name, Department: pick(t, d.Departments, "of").Key, Does: "answer", SoThat: "it is settled", Notices: "need not ask again",
			Touchpoints: []string{pick(t, d.Touchpoints, "reaches").Key}, May: []Authority{{Means: "credit", UpTo: "50.00"}},
		})
	}
	for range rapid.IntRange(0, 3).Draw(t, "standards") {
		name := d.name("Standard")
		d.Standards = append(d.Standards, Standard{
			Key: KeyFor(name, never), Brand: "house", Notices: name, Measure: Measure{Kind: Within, Seconds: 30}, Target: Target{AtLeast: "0.8"},
			Touchpoints: []string{pick(t, d.Touchpoints, "bound").Key},
		})
	}
	d.order()
	return d
}

func never(string) bool { return false }

func pick[T any](t *rapid.T, list []T, label string) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(t, label)]
}

func drawDay(t *rapid.T, label string) calendar.Day {
	return calendar.Day(rapid.Int32Range(int32(firstDay), int32(lastDay)).Draw(t, label))
}

// touchpoint is a new one: known by its own name, by several, by some from or until a day, or by none.
func (d *drawn) touchpoint(t *rapid.T) Touchpoint {
	j := pick(t, d.Journeys, "journey")
	name := d.name("Touchpoint")
	p := Touchpoint{
		Key: KeyFor(name, never), Name: name, Order: d.given, Journey: j.Key, Stage: pick(t, j.Stages, "stage").Key,
		Steps: []Step{{Side: Front, Text: "ask"}, {Side: Back, Text: "look", Department: pick(t, d.Departments, "behind").Key}},
	}
	switch rapid.IntRange(0, 3).Draw(t, "known") {
	case 0:
		p.Nameless = true
	case 1:
		for range rapid.IntRange(1, 3).Draw(t, "names") {
			k := Known{Name: d.name("name")}
			if rapid.Bool().Draw(t, "from") {
				k.From = day(drawDay(t, "from"))
			}
			if rapid.Bool().Draw(t, "until") {
				k.Until = day(lastDay + 1 + drawDay(t, "until") - firstDay)
			}
			p.KnownAs = append(p.KnownAs, k)
		}
	}
	if rapid.Bool().Draw(t, "held") {
		p.Departments = []Held{{By: pick(t, d.Departments, "holder").Key}}
		p.Owners = []Held{{By: "head of " + name}}
		for range rapid.IntRange(0, 2).Draw(t, "handed") {
			p.Hand(d.name("owner"), pick(t, d.Departments, "next holder").Key, drawDay(t, "on"))
		}
	}
	return p
}

// text is the map as it is written, by which maps are compared.
func (m *Map) text(t interface {
	Helper()
	Fatal(...any)
}) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// copied is a map that shares nothing with the first.
func copied(t *rapid.T, m *Map) Map {
	pieces, err := m.Pieces()
	if err != nil {
		t.Fatal(err)
	}
	out, err := Assemble(pieces)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
