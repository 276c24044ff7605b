package journey

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
)

// TestCheckNamesEveryFault: each with where it is; the map without it holds.
func TestCheckNamesEveryFault(t *testing.T) {
	whole := func() Map {
		m := two()
		m.Brands = []Brand{{Key: "house", Name: "House", Promise: Care}, {Key: "inn", Name: "Inn", Promise: Own, Words: "as at home", Entities: []string{"Inn Ltd"}}}
		m.Standards = []Standard{{Key: "soon", Brand: "house", Notices: "somebody answers soon", Measure: Measure{Kind: Within, Seconds: 30}, Target: Target{AtLeast: "0.8"}, Touchpoints: []string{"chat"}}}
		m.Touchpoints[0].Steps = []Step{{Side: Front, Text: "ask"}}
		return m
	}
	m := whole()
	if problems := m.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	long := strings.Repeat("é", MostText+1)
	old := day(100)
	for _, c := range []struct {
		where, what string
		spoil       func(*Map)
	}{
		{"touchpoint Chat", "a key has lower letters", func(m *Map) { m.Touchpoints[0].Key = "Chat" }},
		{"touchpoint chat", "the key stands twice", func(m *Map) { m.Touchpoints[1].Key = "chat" }},
		{"department desk", "the key stands twice", func(m *Map) { m.Departments[1].Key = "desk" }},
		{"role clerk", "the key stands twice", func(m *Map) { m.Roles = append(m.Roles, m.Roles[0]) }},
		{"brand house", "the key stands twice", func(m *Map) { m.Brands[1].Key = "house" }},
		{"standard soon", "the key stands twice", func(m *Map) { m.Standards = append(m.Standards, m.Standards[0]) }},
		{"journey buying", "the key stands twice", func(m *Map) { m.Journeys = append(m.Journeys, m.Journeys[0]) }},
		{"stage of journey buying: before", "the key stands twice", func(m *Map) { m.Journeys[0].Stages[1].Key = "before" }},
		{"the map", "it has 1001 departments, more than 1000", func(m *Map) {
			for i := range MostOthers - 1 {
				m.Departments = append(m.Departments, Department{Key: fmt.Sprint("d", i), Name: fmt.Sprint("D", i)})
			}
		}},
		{"brand house", "it has no name", func(m *Map) { m.Brands[0].Name = " " }},
		{"brand house", `promise "cheap" is unknown; it is one of fun, luxury, care, simple, own`, func(m *Map) { m.Brands[0].Promise = "cheap" }},
		{"brand inn", "a promise in its own words has words", func(m *Map) { m.Brands[1].Words = "" }},
		{"brand house", `entity "inn ltd" belongs to brand inn too`, func(m *Map) { m.Brands[0].Entities = []string{"inn ltd"} }},
		{"brand house", "a text has more than 2000 characters", func(m *Map) { m.Brands[0].AtPulses = []string{long} }},
		{"department desk", "has more than 200 characters", func(m *Map) { m.Departments[0].Name = long[:2*201] }},
		{"standard soon", "it goes on after the end of its brand house", func(m *Map) { m.Brands[0].Retired = old }},
		{"role clerk", "to which it belonged, is not there", func(m *Map) { m.Roles[0].Was = []Belonged{{"bar", 100}} }},
		{"role clerk", "are not in the order of their days", func(m *Map) { m.Roles[0].Was = []Belonged{{"desk", 100}, {"shop", 100}} }},
		{"standard soon", `its text "soon\nand kindly" has a line break`, func(m *Map) { m.Standards[0].Notices = "soon\nand kindly" }},
		{"department desk", "it has no name", func(m *Map) { m.Departments[0].Name = "" }},
		{"department shop", `it became "bar", which is no other department`, func(m *Map) { m.Departments[1].Retired, m.Departments[1].Into = old, []string{"bar"} }},
		{"department shop", "it became another without the day on which it did", func(m *Map) { m.Departments[1].Into = []string{"desk"} }},
		{"department shop", `the books' name "desk" leads to department desk on the same days`, func(m *Map) {
			m.Departments[0].KnownAs, m.Departments[1].KnownAs = []Known{{Name: "Desk"}}, []Known{{Name: "desk"}}
		}},
		{"journey buying", `brand "inns" is not there`, func(m *Map) { m.Journeys[0].Brand = "inns" }},
		{"journey buying", "it has no stage", func(m *Map) { m.Journeys[0].Stages = nil }},
		{"stage buying/after", "it has no name", func(m *Map) { m.Journeys[0].Stages[1].Name = "" }},
		{"touchpoint chat", `journey "selling" is not there`, func(m *Map) { m.Touchpoints[0].Journey = "selling" }},
		{"touchpoint chat", `journey buying has no stage "during"`, func(m *Map) { m.Touchpoints[0].Stage = "during" }},
		{"touchpoint chat", `department "bar" is not there`, func(m *Map) { m.Touchpoints[0].Departments[0].By = "bar" }},
		{"touchpoint chat", "the departments are not in the order of their days", func(m *Map) { m.Touchpoints[0].Departments = []Held{{"desk", old}, {"shop", old}} }},
		{"touchpoint chat", "the owners are not in the order of their days", func(m *Map) { m.Touchpoints[0].Owners = []Held{{"a", old}, {"b", nil}} }},
		{"touchpoint chat", "owner \" a\" has outer spaces", func(m *Map) { m.Touchpoints[0].Owners = []Held{{" a", old}} }},
		{"touchpoint chat", "department shop holds it after 1970-04-11, when it had ended", func(m *Map) {
			m.Departments[1].Retired = old
			m.Touchpoints[0].Departments = []Held{{"shop", nil}, {"desk", day(101)}}
			m.Touchpoints[1].Departments = nil
		}},
		{"touchpoint chat", "it is nameless in the books and has names", func(m *Map) { m.Touchpoints[0].Nameless, m.Touchpoints[0].KnownAs = true, []Known{{Name: "c"}} }},
		{"touchpoint chat, a name in the books", "it has no name", func(m *Map) { m.Touchpoints[0].KnownAs = []Known{{Name: ""}} }},
		{"touchpoint chat", `its name "c " in the books has outer spaces`, func(m *Map) { m.Touchpoints[0].KnownAs = []Known{{Name: "c "}} }},
		{"touchpoint chat", `its name "c" ends before it begins`, func(m *Map) { m.Touchpoints[0].KnownAs = []Known{{"c", old, old}} }},
		{"touchpoint chat", `its name "c" stands for it after 1970-04-11`, func(m *Map) { m.Touchpoints[0].KnownAs, m.Touchpoints[0].Retired = []Known{{Name: "c"}}, old }},
		{"touchpoint chat", `side "left" of a step is neither front nor back`, func(m *Map) { m.Touchpoints[0].Steps[0].Side = "left" }},
		{"touchpoint chat, a step", "it has no text", func(m *Map) { m.Touchpoints[0].Steps[0].Text = "" }},
		{"touchpoint chat", `department "bar" of a step is not there`, func(m *Map) { m.Touchpoints[0].Steps[0].Department = "bar" }},
		{"touchpoint chat", `it hands to "chat", which is no other touchpoint`, func(m *Map) { m.Touchpoints[0].HandsTo[0].To = "chat" }},
		{"touchpoint chat", `it became "letter", which is no other touchpoint`, func(m *Map) { m.Touchpoints[0].Retired, m.Touchpoints[0].Into = old, []string{"letter"} }},
		{"touchpoint chat", "it became another without the day", func(m *Map) { m.Touchpoints[0].Into = []string{"phone"} }},
		{"touchpoint chat", "it became phone on 1970-04-11, which had ended on 1970-04-11", func(m *Map) {
			m.Touchpoints[0].Retired, m.Touchpoints[0].Into = old, []string{"phone"}
			m.Touchpoints[2].Retired, m.Touchpoints[2].KnownAs = old, nil
		}},
		{"touchpoint phone", `the books' name "Chat" leads to touchpoint chat on the same days; give one of them its own names`, func(m *Map) { m.Touchpoints[2].KnownAs = []Known{{Name: "Chat"}} }},
		{"touchpoint phone", `the books' name "CALL" stands twice on the same days`, func(m *Map) { m.Touchpoints[2].KnownAs[1] = Known{Name: "CALL"} }},
		{"a name set aside", `"Test" stands twice`, func(m *Map) { m.Aside = []Aside{{"test", "x"}, {"Test", "y"}} }},
		{"standard soon", `brand "b" is not there`, func(m *Map) { m.Standards[0].Brand = "b" }},
		{"standard soon", `kind "speed" of a measure is unknown`, func(m *Map) { m.Standards[0].Measure.Kind = "speed" }},
		{"standard soon", "seconds 31: a measure of kind within has one of", func(m *Map) { m.Standards[0].Measure.Seconds = 31 }},
		{"standard soon", `question "": a measure of kind top names its question`, func(m *Map) { m.Standards[0].Measure = Measure{Kind: Top} }},
		{"standard soon", `named "": a measure of kind measure names the figure`, func(m *Map) { m.Standards[0].Measure = Measure{Kind: ByHand} }},
		{"standard soon", "a target is at_least or at_most a value, and not both", func(m *Map) { m.Standards[0].Target.AtMost = "1" }},
		{"standard soon", "a standard of within is at_least, because more is better", func(m *Map) { m.Standards[0].Target = Target{AtMost: "0.1"} }},
		{"standard soon", "a standard of abandoned is at_most, because less is better", func(m *Map) { m.Standards[0].Measure = Measure{Kind: Abandoned} }},
		{"standard soon", "target 80 of within is above 1", func(m *Map) { m.Standards[0].Target.AtLeast = "80" }},
		{"standard soon", "target -1 of transfers is below 0", func(m *Map) {
			m.Standards[0].Measure, m.Standards[0].Target = Measure{Kind: Transfers}, Target{AtMost: "-1"}
		}},
		{"standard soon", `"0x1" is no decimal number`, func(m *Map) { m.Standards[0].Target.AtLeast = "0x1" }},
		{"standard soon", `well "0" is how far off is well off`, func(m *Map) { m.Standards[0].Target.Well = "0" }},
		{"standard soon", "it ends before it begins", func(m *Map) { m.Standards[0].From, m.Standards[0].Until = old, old }},
		{"standard soon", `touchpoint "letter" is not there`, func(m *Map) { m.Standards[0].Touchpoints = []string{"letter"} }},
		{"role clerk", `department "bar" is not there`, func(m *Map) { m.Roles[0].Department = "bar" }},
		{"role clerk", `touchpoint "letter" is not there`, func(m *Map) { m.Roles[0].Touchpoints = []string{"letter"} }},
		{"role clerk, what it may do", "it has no text", func(m *Map) { m.Roles[0].May = []Authority{{UpTo: "5"}} }},
		{"role clerk", `up_to "-5" is no amount of money`, func(m *Map) { m.Roles[0].May = []Authority{{Means: "credit", UpTo: "-5"}} }},
		{"role clerk", "a text has more than 2000 characters", func(m *Map) { m.Roles[0].SoThat = long }},
	} {
		m := whole()
		c.spoil(&m)
		found := false
		for _, p := range m.Check() {
			found = found || p.Where == c.where && strings.Contains(p.What, c.what)
		}
		if !found {
			t.Errorf("no problem at %s that says %q among %v", c.where, c.what, m.Check())
		}
	}
}

// TestTwoOfOneName: two touchpoints may show the same name, and Check wants to be told what the books mean by it.
func TestTwoOfOneName(t *testing.T) {
	m := two()
	m.Touchpoints[1].Name = "Chat"
	if problems := m.Check(); len(problems) != 1 || problems[0].Where != "touchpoint counter" {
		t.Fatalf("problems %v", problems)
	}
	m.Touchpoints[1].Nameless = true
	if problems := m.Check(); len(problems) != 0 {
		t.Fatal(problems)
	}
	for _, d := range []calendar.Day{0, 100} {
		if at, ok := m.Lead("chat", d); !ok || at.Key != "chat" {
			t.Errorf("chat leads to %v", at)
		}
	}
}

func TestKeysOfNames(t *testing.T) {
	taken := map[string]bool{"line-1": true, "line-1-2": true, "x": true}
	for name, want := range map[string]string{"Line 1": "line-1-3", "Café & Bar": "caf-bar", "…": "x-2", "Front desk": "front-desk", strings.Repeat("ab ", 40): strings.TrimSuffix(strings.Repeat("ab-", 20), "-")} {
		if got := KeyFor(name, func(k string) bool { return taken[k] }); got != want || !keys.MatchString(got) {
			t.Errorf("%s has the key %s, want %s", name, got, want)
		}
	}
}

// What a store looks up is printed and has at most 200 bytes: a name set aside that is not so has another key, and different names have different ones.
func TestEveryNameSetAsideHasAKey(t *testing.T) {
	long := strings.Repeat("é", MostName)
	m := Map{Aside: []Aside{{Name: "Kiosk"}, {Name: "web\u00a0site"}, {Name: "web\u2003site"}, {Name: long}, {Name: long[:len(long)-2]}}}
	pieces, err := m.Pieces()
	if err != nil || pieces[0].Key != "kiosk" {
		t.Fatal(pieces, err)
	}
	seen := map[string]bool{}
	for _, p := range pieces {
		if len(p.Key) > 200 || strings.ContainsFunc(p.Key, func(r rune) bool { return r > 126 }) || seen[p.Key] {
			t.Errorf("%q", p.Key)
		}
		seen[p.Key] = true
	}
	if back, err := Assemble(pieces); err != nil || len(back.Aside) != 5 {
		t.Error(back.Aside, err)
	}
}
