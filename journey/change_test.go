package journey

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
)

// change does one random change from a day on.
func (d *drawn) change(t *rapid.T, from calendar.Day) error {
	touchpoint, department := pick(t, d.Touchpoints, "touchpoint").Key, pick(t, d.Departments, "department").Key
	switch rapid.IntRange(0, 8).Draw(t, "change") {
	case 0:
		return d.Rename(touchpoint, d.name("Renamed"))
	case 1:
		return d.Merge([]string{touchpoint, pick(t, d.Touchpoints, "also").Key}, pick(t, d.Touchpoints, "into").Key, from)
	case 2:
		var parts []Touchpoint
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			p := Touchpoint{Name: d.name("Part")}
			if rapid.Bool().Draw(t, "named") {
				p.KnownAs = []Known{{Name: d.name("name"), From: day(drawDay(t, "known from"))}}
			}
			parts = append(parts, p)
		}
		return d.Split(touchpoint, parts, from)
	case 3:
		return d.Retire(touchpoint, from, "nobody came")
	case 4:
		return d.RenameDepartment(department, d.name("Renamed"))
	case 5:
		return d.MergeDepartments([]string{department, pick(t, d.Departments, "also").Key}, pick(t, d.Departments, "into").Key, from)
	case 6:
		first, second := DepartmentPart{Department: Department{Name: d.name("Half")}}, DepartmentPart{Department: Department{Name: d.name("Half")}}
		for _, at := range d.Touchpoints {
			if at.Open(from) && at.Department(from) == department && rapid.Bool().Draw(t, "second's") {
				second.Touchpoints = append(second.Touchpoints, at.Key)
			}
		}
		return d.SplitDepartment(department, []DepartmentPart{first, second}, from)
	case 7:
		return d.RetireDepartment(department, from)
	}
	at, _ := d.Touchpoint(touchpoint)
	open, _ := d.Department(department)
	if at.Retired == nil && open.Retired == nil {
		at.Hand(d.name("owner"), department, from)
	}
	return nil
}

// history is everything that a map says of a day.
type history struct {
	Leads       map[string]string // names of the books to touchpoints
	Departments map[string]string // names of the books to departments
	Owner, Held map[string]string // by touchpoint
	Open        map[string]bool
	Bound       map[string]bool // by standard and touchpoint
}

func (m *Map) on(names []string, day calendar.Day) history {
	h := history{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]bool{}, map[string]bool{}}
	for _, name := range names {
		if at, ok := m.Lead(name, day); ok {
			h.Leads[name] = at.Key
		}
		if at, ok := m.LeadDepartment(name, day); ok {
			h.Departments[name] = at.Key
		}
	}
	for _, at := range m.Touchpoints {
		h.Owner[at.Key], h.Held[at.Key], h.Open[at.Key] = at.Owner(day), at.Department(day), at.Open(day)
		for _, s := range m.Standards {
			h.Bound[s.Key+" "+at.Key] = s.Binds(at.Key, day)
		}
	}
	return h
}

func (m *Map) everyName() []string {
	var out []string
	for _, p := range m.Places() {
		out = append(out, p.Name)
	}
	for i := range m.Departments {
		for _, k := range m.Departments[i].names() {
			out = append(out, Fold(k.Name))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestChangesKeepWhatWas: whatever is renamed, merged, split, retired and handed over in whatever order, the map holds, what was true
// on an earlier day stays, nothing is lost, no name leads to two places, and what is refused changes nothing.
func TestChangesKeepWhatWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		sound(t, &d.Map)
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			before, was := copied(t, &d.Map), d.text(t)
			from := drawDay(t, "day")
			if err := d.change(t, from); err != nil {
				if d.text(t) != was {
					t.Fatalf("%v, and yet the map changed from\n%s\nto\n%s", err, was, d.text(t))
				}
				var refused *Refused
				if !errors.As(err, &refused) {
					t.Fatal(err)
				}
				continue
			}
			sound(t, &d.Map)
			kept(t, &before, &d.Map, from)
		}
	})
}

// sound: Check finds nothing, and by looking at every day no name leads to two places.
func sound(t *rapid.T, m *Map) {
	if problems := m.Check(); len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, m.text(t))
	}
	places := m.Places()
	for i, p := range places {
		for _, o := range places[:i] {
			for d := firstDay - 1; p.Name == o.Name && d <= 2*lastDay-firstDay+2; d++ {
				if (p.From == nil || *p.From <= d) && before(d, p.Until) && (o.From == nil || *o.From <= d) && before(d, o.Until) {
					t.Fatalf("%q leads to %s and to %s on %s", p.Name, p.Touchpoint, o.Touchpoint, d)
				}
			}
		}
	}
}

func kept(t *rapid.T, before, after *Map, from calendar.Day) {
	names := append(before.everyName(), after.everyName()...)
	for _, d := range []calendar.Day{firstDay - 10, firstDay, (firstDay + from) / 2, from - 2, from - 1, drawDay(t, "look")} {
		if d >= from {
			continue
		}
		was, is := before.on(names, d), after.on(names, d)
		for _, at := range after.Touchpoints { // what is new holds nothing of the past but what it was given
			if _, ok := before.Touchpoint(at.Key); !ok {
				delete(is.Owner, at.Key)
				delete(is.Held, at.Key)
				delete(is.Open, at.Key)
				for _, s := range after.Standards {
					delete(is.Bound, s.Key+" "+at.Key)
				}
			}
		}
		for _, at := range after.Departments {
			if _, ok := before.Department(at.Key); !ok && at.Open(d) {
				t.Fatalf("department %s, which begins on %s, is one on %s", at.Key, from, d)
			}
		}
		for _, at := range before.Touchpoints { // the first holder that anybody names is as far back as anybody knows
			if len(at.Owners) == 0 {
				is.Owner[at.Key] = ""
			}
			if len(at.Departments) == 0 {
				is.Held[at.Key] = ""
			}
		}
		if !reflect.DeepEqual(was, is) {
			t.Fatalf("on %s, before the change of %s, it was\n%+v\nand is\n%+v\nbefore %s\nafter %s", d, from, was, is, before.text(t), after.text(t))
		}
	}
	for _, at := range before.Touchpoints {
		is, ok := after.Touchpoint(at.Key)
		if !ok || at.Retired != nil && (is.Retired == nil || *is.Retired != *at.Retired) {
			t.Fatalf("touchpoint %s was %+v and is %+v", at.Key, at, is)
		}
	}
	for _, at := range before.Departments {
		if _, ok := after.Department(at.Key); !ok {
			t.Fatalf("department %s is gone", at.Key)
		}
	}
}

func two() Map {
	return Map{
		Journeys:    []Journey{{Key: "buying", Name: "Buying", Stages: []Stage{{Key: "before", Name: "Before"}, {Key: "after", Name: "After"}}}},
		Departments: []Department{{Key: "desk", Name: "Desk"}, {Key: "shop", Name: "Shop"}},
		Touchpoints: []Touchpoint{
			{Key: "chat", Name: "Chat", Journey: "buying", Stage: "before", Departments: []Held{{By: "desk"}}, Owners: []Held{{By: "head of desk"}}, HandsTo: []HandOff{{To: "counter"}}},
			{Key: "counter", Name: "Counter", Journey: "buying", Stage: "after", Departments: []Held{{By: "shop"}}},
			{Key: "phone", Name: "Phone", Journey: "buying", Stage: "before", Departments: []Held{{By: "desk"}}, KnownAs: []Known{{Name: "call"}, {Name: "hotline", From: day(200)}}},
		},
		Roles:     []Role{{Key: "clerk", Name: "Clerk", Department: "desk", Touchpoints: []string{"phone", "chat"}}},
		Standards: []Standard{},
	}
}

// TestMergeTakesTheNamesWithIt: from the day on, also those by which the one was to be known later.
func TestMergeTakesTheNamesWithIt(t *testing.T) {
	m := two()
	if err := m.Merge([]string{"phone"}, "chat", 100); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		day  calendar.Day
		want string
	}{{"call", 99, "phone"}, {"call", 100, "chat"}, {"Hotline", 199, ""}, {"HOTLINE ", 200, "chat"}, {"chat", 99, "chat"}, {"chat", 100, "chat"}} {
		got := ""
		if at, ok := m.Lead(c.name, c.day); ok {
			got = at.Key
		}
		if got != c.want {
			t.Errorf("%s on %s leads to %q, want %q", c.name, c.day, got, c.want)
		}
	}
	for day, want := range map[calendar.Day]string{99: "phone", 100: "chat"} { // until the day it is the one, from then on the other
		if got := m.Sight(&m.Roles[0], day).Reaches; got[0].Key != want {
			t.Errorf("the clerk reaches %s on %s, want %s", got[0].Key, day, want)
		}
	}
	if got := m.Before("chat"); !slices.Equal(got, []string{"phone"}) {
		t.Errorf("before chat there was %v", got)
	}
	if err := m.Merge([]string{"phone"}, "counter", 300); err == nil || !strings.Contains(err.Error(), "is no touchpoint any more since 1970-04-11") {
		t.Errorf("what has ended ends again: %v", err)
	}
}

// TestMergeIsAllOrNothing: a key that is not there is found before anything is changed.
func TestMergeIsAllOrNothing(t *testing.T) {
	m := two()
	was := m.text(t)
	for _, keys := range [][]string{{"phone", "letter"}, {"chat"}, {}} {
		if err := m.Merge(keys, "chat", 100); err == nil || m.text(t) != was {
			t.Errorf("%v: %v", keys, err)
		}
	}
}

// TestPartsBeginWhenTheWholeEnds: and carry on its promises, its place and its reach.
func TestPartsBeginWhenTheWholeEnds(t *testing.T) {
	m := two()
	m.Brands = []Brand{{Key: "house", Name: "House", Promise: Care}}
	m.Standards = []Standard{{Key: "soon", Brand: "house", Notices: "somebody answers soon", Measure: Measure{Kind: Within, Seconds: 30}, Target: Target{AtLeast: "0.8"}, Touchpoints: []string{"chat"}}}
	given := []Touchpoint{{Name: "Chat", KnownAs: []Known{{Name: "chat", From: day(5)}}}, {Name: "Messages", Stage: "after"}}
	if err := m.Split("chat", given, 100); err != nil {
		t.Fatal(err)
	}
	if *given[0].KnownAs[0].From != 5 {
		t.Error("the argument was changed")
	}
	if problems := m.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	chat, _ := m.Touchpoint("chat-2")
	messages, _ := m.Touchpoint("messages")
	if at, _ := m.Lead("chat", 99); at.Key != "chat" {
		t.Errorf("chat was %s", at.Key)
	}
	if at, _ := m.Lead("chat", 100); at.Key != "chat-2" {
		t.Errorf("chat is %s", at.Key)
	}
	if _, ok := m.Lead("messages", 99); ok {
		t.Error("a part is known before it begins")
	}
	if chat.Stage != "before" || messages.Stage != "after" || messages.Owner(100) != "head of desk" || messages.Owner(99) != "" || chat.Department(100) != "desk" {
		t.Errorf("the parts are %+v and %+v", chat, messages)
	}
	if !m.Standards[0].Binds("messages", 100) || !slices.Equal(m.Roles[0].Touchpoints, []string{"phone", "chat", "chat-2", "messages"}) {
		t.Errorf("bound %v, reached %v", m.Standards[0].Touchpoints, m.Roles[0].Touchpoints)
	}
	if chat.Open(99) || !chat.Open(100) || len(m.Sight(&m.Roles[0], 99).Reaches) != 2 || len(m.Sight(&m.Roles[0], 100).Reaches) != 3 {
		t.Errorf("a part is there before it begins: %+v", m.Sight(&m.Roles[0], 99).Reaches)
	}
	for _, refused := range []error{m.Retire("messages", 100, ""), m.Merge([]string{"phone"}, "messages", 99), m.Split("phone", given[:1], 100)} {
		if refused == nil {
			t.Error("a part ends before it began, takes before it began, or is the only one")
		}
	}
}

// TestDepartmentsBecomeOthers: the holder of any earlier day stays, what is foreseen stays, roles and steps go over.
func TestDepartmentsBecomeOthers(t *testing.T) {
	m := two()
	chat, _ := m.Touchpoint("chat")
	chat.Steps = []Step{{Side: Back, Text: "look it up", Department: "shop"}}
	chat.Hand("head of shop", "shop", 300)
	if err := m.SplitDepartment("desk", []DepartmentPart{{Department: Department{Name: "Voices"}}, {Department: Department{Name: "Letters"}, Touchpoints: []string{"chat"}}}, 100); err != nil {
		t.Fatal(err)
	}
	if err := m.MergeDepartments([]string{"shop"}, "voices", 200); err != nil {
		t.Fatal(err)
	}
	if problems := m.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	for day, want := range map[calendar.Day]string{99: "desk", 100: "letters", 299: "letters", 300: "voices"} {
		if got := chat.Department(day); got != want {
			t.Errorf("chat is held by %q on %s, want %q", got, day, want)
		}
	}
	phone, _ := m.Touchpoint("phone")
	if phone.Department(100) != "voices" || m.Roles[0].Department != "voices" || chat.Steps[0].Department != "voices" {
		t.Errorf("phone %+v, clerk %+v, step %+v", phone.Departments, m.Roles[0], chat.Steps[0])
	}
	if err := m.RetireDepartment("voices", 400); err == nil || !strings.Contains(err.Error(), "holds the touchpoint") {
		t.Errorf("a department with touchpoints ends: %v", err)
	}
	if err := m.SplitDepartment("voices", []DepartmentPart{{Department: Department{Name: "A"}, Touchpoints: []string{"letters"}}, {Department: Department{Name: "B"}}}, 400); err == nil {
		t.Error("a part takes what is not there")
	}
}

// TestHandKeepsTheTrail: handing over adds a day and takes none away, and begins as far back as anybody knows.
func TestHandKeepsTheTrail(t *testing.T) {
	var at Touchpoint
	at.Hand(" first ", "desk", 100)
	at.Hand("second", "desk", 200)
	at.Hand("third", "shop", 150)
	want := []Held{{By: "first"}, {By: "third", From: day(150)}, {By: "second", From: day(200)}}
	if !reflect.DeepEqual(at.Owners, want) {
		t.Errorf("owners %+v, want %+v", at.Owners, want)
	}
	if at.Department(149) != "desk" || at.Department(150) != "shop" || at.Owner(0) != "first" {
		t.Errorf("departments %+v", at.Departments)
	}
	at.Hand("first", "shop", 150)
	if len(at.Owners) != 2 || at.Owner(199) != "first" || at.Owner(200) != "second" {
		t.Errorf("a change that is taken back stays: %+v", at.Owners)
	}
}

// A role answers in the department to which it belongs on the day: before a split or merge in the old one, from then on in the new one, also where it was to go on
// to another later.
func TestARoleBelongsWhereItDidUntilTheDay(t *testing.T) {
	m := two()
	m.Roles = []Role{{Key: "agent", Name: "Agent", Department: "desk"}, {Key: "clerk", Name: "Clerk", Department: "shop"}}
	if err := m.SplitDepartment("desk", []DepartmentPart{{Department: Department{Name: "Voices"}}, {Department: Department{Name: "Letters"}, Touchpoints: []string{"chat"}}}, 300); err != nil {
		t.Fatal(err)
	}
	if err := m.MergeDepartments([]string{"shop"}, "letters", 400); err != nil {
		t.Fatal(err)
	}
	if problems := m.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		department, role string
		on               calendar.Day
		want             bool
	}{
		{"desk", "agent", 299, true}, {"voices", "agent", 299, false}, {"desk", "agent", 300, false}, {"voices", "agent", 300, true},
		{"shop", "clerk", 399, true}, {"letters", "clerk", 399, false}, {"letters", "clerk", 400, true}, {"shop", "clerk", 400, true}, // letters has the shop's name from then on
	} {
		if _, ok := m.RoleOf(c.department, c.role, c.on); ok != c.want {
			t.Errorf("%s of %s on %s: %v", c.role, c.department, c.on, ok)
		}
	}
	// What is merged before a change that is foreseen: agents are of one, then of another, then of the third.
	m = two()
	m.Departments = append(m.Departments, Department{Key: "home", Name: "Home"})
	m.Roles = []Role{{Key: "agent", Name: "Agent", Department: "home", Was: []Belonged{{"desk", 500}}}}
	if err := m.MergeDepartments([]string{"desk"}, "shop", 300); err != nil {
		t.Fatal(err)
	}
	r := &m.Roles[0]
	if r.In(299) != "desk" || r.In(300) != "shop" || r.In(499) != "shop" || r.In(500) != "home" {
		t.Errorf("%+v", r)
	}
}
