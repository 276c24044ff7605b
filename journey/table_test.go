package journey

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
)

func touchpointTable(t interface {
	Helper()
	Fatal(...any)
}, m *Map, on calendar.Day) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.WriteTouchpoints(&b, on); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func roleTable(t interface {
	Helper()
	Fatal(...any)
}, m *Map) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.WriteRoles(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// awkward are texts that a table or a spreadsheet could take for something else.
var awkward = rapid.SampledFrom([]string{
	"plain", "a | b", "a : b", `back\slash`, `\|`, "=1+1", "'=1+1", "''@x", "'tis", "-5", "+49 30", "＝x", "x, y", "x; y", `"quoted"`, "two\nlines", "[desk] look", "[", "(none)",
	"name (2024-01-01..)", "name (..)", "a)", "né", "@all", `ends \`,
})

// TestTablesComeBack: a table that nobody edited changes nothing, and on an empty map it makes what its columns hold.
func TestTablesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		for range rapid.IntRange(0, 5).Draw(t, "changes") {
			_ = d.change(t, drawDay(t, "day")) // what is refused changes nothing
		}
		for i := range d.Touchpoints {
			at := &d.Touchpoints[i]
			at.About = awkward.Draw(t, "about")
			for j := range at.Steps {
				at.Steps[j].Text = awkward.Draw(t, "step")
			}
			for j := range at.HandsTo {
				at.HandsTo[j].What = awkward.Draw(t, "what")
			}
			if len(at.Owners) > 0 && rapid.Bool().Draw(t, "odd owner") {
				at.Owners[len(at.Owners)-1].By = awkward.Draw(t, "owner")
			}
			for j := range at.KnownAs {
				at.KnownAs[j].Name += awkward.Draw(t, "name")
			}
			at.Name += awkward.Draw(t, "name")
		}
		for i := range d.Roles {
			r := &d.Roles[i]
			r.Does, r.SoThat, r.Notices = awkward.Draw(t, "does"), awkward.Draw(t, "so that"), awkward.Draw(t, "notices")
			r.KnownAs = []string{awkward.Draw(t, "known")}
			r.May = append(r.May, Authority{Means: awkward.Draw(t, "means"), Within: awkward.Draw(t, "within")})
		}
		on := drawDay(t, "on")
		touchpoints, roles, was := touchpointTable(t, &d.Map, on), roleTable(t, &d.Map), d.text(t)
		for _, table := range []string{touchpoints, roles} {
			if err := d.MergeTable(strings.NewReader(table), on); err != nil {
				t.Fatalf("%v in\n%s", err, table)
			}
			if d.text(t) != was {
				t.Fatalf("the table\n%s\nmade of\n%s\nthis\n%s", table, was, d.text(t))
			}
		}
		var empty Map
		for _, table := range []string{touchpoints, roles} {
			if err := empty.MergeTable(strings.NewReader(table), on); err != nil {
				t.Fatalf("%v in\n%s", err, table)
			}
		}
		if got := touchpointTable(t, &empty, on); got != touchpoints {
			t.Fatalf("the table\n%s\ncame back as\n%s", touchpoints, got)
		}
		if got := roleTable(t, &empty); got != roles {
			t.Fatalf("the table\n%s\ncame back as\n%s", roles, got)
		}
		harmless(t, touchpoints)
		harmless(t, roles)
	})
}

// harmless: no cell begins what a spreadsheet would compute.
func harmless(t *rapid.T, table string) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range rows {
		for _, cell := range cells {
			if strings.IndexAny(cell, "=+-@＝＋－＠\t\r") == 0 {
				t.Fatalf("the cell %q would be computed", cell)
			}
		}
	}
}

// TestTableMakesAndChanges: what a manager does in a spreadsheet.
func TestTableMakesAndChanges(t *testing.T) {
	m := two()
	table := "Key;Name;Journey;Stage;Department;Contractor;Owner;Front;Hands to\r\n" +
		"chat;Messages;Buying;Before;Voices;no;head of voices;ask | answer;Delivery : the parcel\r\n" +
		";Delivery;Buying;On the way;Carrier;yes;carrier's agent;ring | [Shop] ask a neighbour;\r\n;;;;;;;;\r\n"
	if err := m.MergeTable(strings.NewReader(table), 100); err != nil {
		t.Fatal(err)
	}
	if problems := m.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	chat, _ := m.Touchpoint("chat")
	delivery, ok := m.Touchpoint("delivery")
	if !ok || delivery.Stage != "on-the-way" || delivery.Department(0) != "carrier" || delivery.Steps[1].Department != "shop" || delivery.Order == 0 {
		t.Errorf("delivery is %+v", delivery)
	}
	if at, _ := m.Lead("chat", 500); at == nil || at.Key != "chat" || chat.Name != "Messages" {
		t.Errorf("an edited name is a renaming: %+v", chat)
	}
	if chat.Department(99) != "desk" || chat.Department(100) != "voices" || chat.Owner(99) != "head of desk" || chat.HandsTo[0] != (HandOff{"delivery", "the parcel"}) || len(chat.Steps) != 2 {
		t.Errorf("chat is %+v", chat)
	}
	if d, _ := m.Department("carrier"); d == nil || !d.Contractor {
		t.Errorf("the carrier is %+v", d)
	}
	if len(m.Touchpoints) != 4 || len(m.Roles) != 1 {
		t.Error("what has no row is gone")
	}
	roles := "name,department,does,touchpoints,may\nDriver,Carrier,brings the parcel,Delivery,bring it again :: on the next day|credit : 10\n"
	if err := m.MergeTable(strings.NewReader(roles), 100); err != nil {
		t.Fatal(err)
	}
	if r, _ := m.Role("driver"); r == nil || r.Department != "carrier" || len(r.May) != 2 || r.May[0] != (Authority{Means: "bring it again", Within: "on the next day"}) || r.May[1].UpTo != "10" {
		t.Errorf("the driver is %+v", r)
	}
}

// TestTableRefusesWithTheCell: line, column and value, and nothing is changed.
func TestTableRefusesWithTheCell(t *testing.T) {
	m := two()
	gone := two()
	if err := gone.Retire("chat", 50, ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m           *Map
		table, want string
	}{
		{&m, "", "line 1: the file is empty"},
		{&m, "key,nmae\n", "line 1, column nmae: there is no such column"},
		{&m, "key,Key\n", "line 1, column key: it stands twice"},
		{&m, "owner\n", "line 1: there is neither a column key nor a column name"},
		{&m, "key,owner\nchat,a,b\n", `line 2: "b" stands in a column that has no head`},
		{&m, "key,owner\nchat,\"a\n", "line 2: this is no CSV"},
		{&m, "key,owner\nchat,a\nchat,b\n", `line 3, column key: "chat": it stands in two rows`},
		{&m, "key,name\nletter,\n", `line 2, column name: "": there is no touchpoint letter yet`},
		{&m, "key,name,stage\nletter,Letter,before\n", `line 2, column journey: "": there is no touchpoint letter yet, and a new one has a journey and a stage`},
		{&m, "key,owner,owner_since\nchat,x,31.12.2024\n", `line 2, column owner_since: "31.12.2024": a day is written as 2026-03-31`},
		{&m, "key,department,contractor\nchat,Desk,perhaps\n", `line 2, column contractor: "perhaps": it is yes or no`},
		{&m, "key,department,contractor\nchat,Desk,yes\nphone,Desk,no\n", `line 3, column contractor: "no": line 2 says otherwise of Desk`},
		{&m, "key,hands_to\nchat,Letter\n", `line 2, column hands_to: "Letter": there is no touchpoint Letter`},
		{&m, "key,known_as\nchat,a (2024..)\n", `line 2, column known_as: "a (2024..)": the days of a name`},
		{&m, "key,became\nchat,phone\n", ""},
		{&m, "key,retired,became\nchat,1970-03-01,phone\n", `line 2, column became: "phone": a table does not merge or split what is there`},
		{&gone, "key,retired\nchat,\n", `line 2, column retired: "": Chat ended on 1970-02-20, and a table does not change that`},
		{&m, "name,may\nClerk,a:1:b:c\n", `line 2, column may: "a:1:b:c": what a role may do is`},
		{&m, "name,touchpoints\nClerk,Letter\n", `line 2, column touchpoints: "Letter": Letter is the name of no touchpoint`},
		{&m, "key,owner\nchat,\xff\n", "line 2: the file is not UTF-8"},
	} {
		was := c.m.text(t)
		err := c.m.MergeTable(strings.NewReader(c.table), 100)
		var misread *Misread
		if c.want == "" {
			if err != nil {
				t.Errorf("%q: %v", c.table, err)
			}
			continue
		}
		if !errors.As(err, &misread) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q is refused with %v, want %s", c.table, err, c.want)
		}
		if c.m.text(t) != was {
			t.Errorf("%q is refused and changes the map", c.table)
		}
	}
}

// FuzzTable: whatever is read is written and changes nothing when it is read again; what is refused says where.
func FuzzTable(f *testing.F) {
	m := two()
	f.Add(touchpointTable(f, &m, 100))
	f.Add(roleTable(f, &m))
	f.Add("name;journey;stage;known_as\n'=x;a;b;(none)\n")
	f.Fuzz(func(t *testing.T, table string) {
		m := two()
		if err := m.MergeTable(strings.NewReader(table), 100); err != nil {
			var misread *Misread
			if !errors.As(err, &misread) || misread.Line < 1 {
				t.Fatal(err)
			}
			return
		}
		m.order()
		was := m.text(t)
		if len(m.Check()) > 0 {
			return
		}
		for _, table := range []string{touchpointTable(t, &m, 100), roleTable(t, &m)} {
			if err := m.MergeTable(strings.NewReader(table), 100); err != nil {
				t.Fatalf("%v in\n%s", err, table)
			}
			if m.text(t) != was {
				t.Fatalf("the table\n%s\nmade of\n%s\nthis\n%s", table, was, m.text(t))
			}
		}
	})
}

// The columns key and known_as are of both tables. The keys tell which is meant; of a key that both have nothing does, and nothing is changed.
func TestATableOfTwoColumnsIsOfWhatItsKeysAre(t *testing.T) {
	m := two()
	m.Roles = []Role{{Key: "clerk", Name: "Clerk", Touchpoints: []string{"chat"}}, {Key: "chat", Name: "Chatter"}}
	if err := m.MergeTable(strings.NewReader("key,known_as\nclerk,agent\n"), 100); err != nil {
		t.Fatal(err)
	}
	if r, _ := m.Role("clerk"); !slices.Equal(r.KnownAs, []string{"agent"}) {
		t.Errorf("%+v", r)
	}
	before := fmt.Sprintf("%+v", m)
	err := m.MergeTable(strings.NewReader("key,known_as\nchat,agent\n"), 100)
	if err == nil || !strings.Contains(err.Error(), "are of touchpoints and of roles, and so are the keys") || fmt.Sprintf("%+v", m) != before {
		t.Errorf("%v", err)
	}
	if err := m.MergeTable(strings.NewReader("key,known_as,does\nchat,agent,answers\n"), 100); err != nil {
		t.Fatal(err)
	}
	if r, _ := m.Role("chat"); r.Does != "answers" || !slices.Equal(r.KnownAs, []string{"agent"}) {
		t.Errorf("%+v", r)
	}
}
