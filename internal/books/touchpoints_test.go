package books

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/internal/store/sqlite"
	"github.com/throughline/throughline/journey"
	"github.com/throughline/throughline/money"
)

// served are the books of a company that was called forty times in 2024: sixty customers, of whom forty called once each. Of the calls 8 were given up, none of them
// came through again; 30 of the other 32 were settled. Ten waited 100 seconds, the others 10. Forty answers to csat, 30 of them 4 or 5.
// On its last day six people are agents of service and one is a clerk of the ledger; a cook left the day before, and another is sought.
func served(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var orders, calls, answers strings.Builder
	orders.WriteString("id,customer,day,amount\n")
	calls.WriteString("id,customer,at,place,wait,abandoned,resolved\n")
	answers.WriteString("id,customer,at,place,question,score\n")
	for i := range 60 {
		fmt.Fprintf(&orders, "a%d,c%d,2023-0%d-11,20.00\nb%d,c%d,2024-0%d-11,30.00\nd%d,c%d,2024-11-%02d,10.00\n", i, i, 1+i%9, i, i, 1+i%9, i, i, 1+i%28)
	}
	for i := range 40 {
		wait, gave, settled := 10, i < 8, i >= 10
		if i%4 == 0 {
			wait = 100
		}
		fmt.Fprintf(&calls, "k%d,c%d,2024-08-%02dT10:00:00Z,Hotline,%d,%t,%t\n", i, i, 1+i%28, wait, gave, settled)
		score := 5
		if i%4 == 0 {
			score = 2
		}
		fmt.Fprintf(&answers, "w%d,c%d,2024-08-%02dT11:00:00Z,hotline ,csat,%d\n", i, i, 1+i%28, score)
	}
	calls.WriteString("early,c0,2023-03-01T10:00:00Z,hotline,10,false,true\nlost,,2024-09-01T10:00:00Z,Fax,5,false,true\n")
	people := "id,since,dep,job,kind,gone\ncook,2024-01-01,kitchen,cook,employee,2024-12-30\nnew,2024-11-01,kitchen,cook,candidate,\nclerk,2024-01-01,ledger,CLERK,employee,\n"
	for i := range 6 {
		people += fmt.Sprintf("agent%d,2024-01-01,Service,agent,employee,\n", i)
	}
	for name, text := range map[string]string{
		"people.csv": people, "orders.csv": orders.String(), "calls.csv": calls.String(), "answers.csv": answers.String(),
		"books.yaml": `company: Served Ltd
settings: {currency: EUR, timezone: UTC}
books:
  orders: {from: orders.csv, columns: {line_id: id, customer_id: customer, ordered_at: day, amount: amount}}
  interactions: {from: calls.csv, columns: {interaction_id: id, customer_id: customer, started_at: at, touchpoint: place, wait_seconds: wait, abandoned: abandoned, resolved: resolved}}
  answers: {from: answers.csv, columns: {answer_id: id, customer_id: customer, answered_at: at, touchpoint: place, question: question, score: score}}
  people: {from: people.csv, columns: {person_id: id, valid_from: since, department: dep, role: job, kind: kind, left_on: gone}}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "books.yaml")
}

// servedMap has the hotline, with two standards, a shop of which the books know nothing, a department without a touchpoint and a role without a line.
func servedMap() *journey.Map {
	m := &journey.Map{
		Brands:      []journey.Brand{{Key: "one", Name: "One", Promise: journey.Care}},
		Journeys:    []journey.Journey{{Key: "help", Name: "Help", Stages: []journey.Stage{{Key: "ask", Name: "Asking"}, {Key: "pay", Name: "Paying"}}}},
		Departments: []journey.Department{{Key: "service", Name: "Service"}, {Key: "ledger", Name: "Ledger"}, {Key: "cleaning", Name: "Cleaning", Apart: "at night"}},
		Touchpoints: []journey.Touchpoint{
			{Key: "phone", Name: "Telephone", Journey: "help", Stage: "ask", KnownAs: []journey.Known{{Name: "HOTLINE"}}, Owners: []journey.Held{{By: "head of service"}}, Departments: []journey.Held{{By: "service"}}},
			{Key: "shop", Name: "Shop", Journey: "help", Stage: "ask"},
		},
		Standards: []journey.Standard{
			{Key: "settled", Brand: "one", Notices: "it is settled", Measure: journey.Measure{Kind: journey.Resolved}, Target: journey.Target{AtLeast: "0.99"}, Touchpoints: []string{"phone"}},
			{Key: "quick", Brand: "one", Notices: "somebody answers", Measure: journey.Measure{Kind: journey.Within, Seconds: 60}, Target: journey.Target{AtLeast: "0.8"}, Touchpoints: []string{"phone"}},
		},
		Roles: []journey.Role{{Key: "clerk", Name: "Clerk"}},
	}
	return m
}

// closed closes 2024 with a map.
func closed(t *testing.T, of func(*journey.Map) *journey.Map, orders ...closing.Order) (docs []*sealed.Document, errs []error, outcomes []closing.Outcome) {
	t.Helper()
	ctx, data := t.Context(), t.TempDir()
	c, err := ReadConfig(served(t))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, filepath.Join(data, "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	e, err := duckdb.Open(ctx, duckdb.Options{Dir: data, MemoryLimit: "500MB", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	now := func() time.Time { return time.Date(2025, 2, 3, 4, 5, 6, 0, time.UTC) }
	report, err := (&Importer{Config: c, Manifest: store, Engine: e, Dir: data, Now: now}).Run(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	cal, err := c.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	m := servedMap()
	for i, order := range orders {
		if i > 0 || of == nil {
			m = of0(of, m)
		}
		closer := &closing.Closer{
			Settings: closing.Settings{Company: c.Company, Currency: money.Currency("EUR"), TimeZone: "UTC", Grain: c.Settings.Grain, Basis: c.Settings.StatementBasis, Returns: c.Settings.ReturnsCounted, Threshold: c.Settings.Threshold(), Calendar: cal, Journey: m},
			Books:    &Held{Config: c, Snapshot: report.Snapshot, Engine: e, Dir: data}, Seals: store, Now: now, Progress: func(string) {},
		}
		if order.Named, err = cal.Parse("2024"); err != nil {
			t.Fatal(err)
		}
		order.Active = growth.Net
		outcome, err := closer.Close(ctx, order)
		errs, outcomes = append(errs, err), append(outcomes, outcome)
		var d *sealed.Document
		if err == nil {
			if d, err = sealed.Read(outcome.Document); err != nil {
				t.Fatal(err)
			}
		}
		docs = append(docs, d)
	}
	return docs, errs, outcomes
}

func of0(of func(*journey.Map) *journey.Map, m *journey.Map) *journey.Map {
	if of == nil {
		return nil
	}
	return of(m)
}

// The figures are those of served, by hand: 30 of 40 settled is 0.75, and Wilson's interval of it, 0.5981 to 0.8581, lies below 0.99 by more than 0.1; 24 of 40 were served within a minute, since six of those
// who waited ten seconds gave up: 0.4460 to 0.7365 lies below 0.8 by less than 0.1.
// Wilson's by hand: (0.75 + 0.048018 ± 1.959964·√(0.0046875 + 0.00060023))/1.0960365 = (0.798018 ± 0.142522)/1.0960365, and (0.648018 ± 1.959964·√(0.006 + 0.00060023))/1.0960365.
func TestACloseStatesTheTouchpointsOfAMap(t *testing.T) {
	docs, errs, _ := closed(t, func(m *journey.Map) *journey.Map { return m }, closing.Order{})
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
	d := docs[0]
	phone := d.Touchpoints.Line("phone")
	if phone == nil || len(d.Touchpoints.Lines) != 2 {
		t.Fatalf("the lines are %+v", d.Touchpoints)
	}
	if phone.State != "well_below" || phone.Standard != "settled" || phone.Headline != "resolved" || phone.Brand != "one" || phone.Owner != "head of service" || phone.Department != "service" || phone.Title != "Telephone" {
		t.Errorf("the phone is %+v", phone)
	}
	e, ok := phone.Value.Estimate()
	if low, high := e.Low.FloatString(4), e.High.FloatString(4); !ok || e.Value.FloatString(2) != "0.75" || low != "0.5981" || high != "0.8581" || e.N != 40 {
		t.Errorf("settled is %s, %s to %s of %d", e.Value, low, high, e.N)
	}
	one := phone.Part("one")
	if quick, ok := one.Figure("within_60"); !ok || one.Standards[1].State != "below" {
		t.Errorf("within a minute: %+v, %+v", quick, one.Standards)
	} else if e, _ := quick.Figure.Estimate(); e.Value.FloatString(2) != "0.60" || e.Low.FloatString(4) != "0.4460" || e.High.FloatString(4) != "0.7365" || e.N != 40 {
		t.Errorf("within a minute %s, %s to %s of %d", e.Value, e.Low, e.High, e.N)
	}
	if lost, ok := phone.Lost("lost_customers"); !ok || lost.N != 8 || lost.Of != 8 || phone.Contacts != 40 || phone.Before != 1 || phone.Customers != 40 {
		t.Errorf("lost %+v of %+v", lost, phone.TouchpointVolume)
	}
	if csat, ok := one.Figure("csat"); !ok || len(one.Scores) != 1 || one.Scores[0].High != 30 {
		t.Errorf("satisfied: %+v %+v", csat, one.Scores)
	}
	if n := phone.Next; n == nil || n.Passers != 40 {
		t.Errorf("next is %+v", n)
	}
	if shop := d.Touchpoints.Line("shop"); shop.State != "unmeasured" || shop.Contacts != 0 {
		t.Errorf("the shop is %+v", shop)
	}
	holdCover(t, d.Covers)
}

func holdCover(t *testing.T, c *sealed.TouchpointCoverage) {
	t.Helper()
	for _, g := range c.Gaps() {
		want := map[string]string{
			"departments_without_touchpoint": "ledger", "without_department": "shop", "without_owner": "shop", "without_standard": "shop", "without_measure": "shop", "without_voice": "shop",
			"stages_without_touchpoint": "help/pay", "roles_without_line": "clerk", "jobs_without_role": "service/agent",
		}[g.Name]
		var got []string
		for _, x := range g.Items {
			got = append(got, x.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", g.Name, got, want)
		}
	}
	if j := c.JobsWithoutRole; len(j) != 1 || j[0].Department != "Service" || j[0].Role != "agent" || j[0].Title != "agent, Service" || j[0].People == nil || *j[0].People != 6 {
		t.Errorf("jobs without a role: %+v", j)
	}
	for _, b := range c.Books {
		if b.Name == "interactions" && (b.Rows != 41 || b.Leading != 40 || b.Nowhere != 1 || len(b.Names) != 1 || b.Names[0].Name != "fax") {
			t.Errorf("interactions lead %+v", b)
		}
	}
	if c.Count("well_below") != 1 || c.Count("unmeasured") != 1 || !c.Mapped {
		t.Errorf("the states are %+v", c.States)
	}
}

// What was sealed asks for a restatement when the map changed and a state moved, and says so; another title moves nothing.
func TestAChangedMapAsksForARestatement(t *testing.T) {
	turn := 0
	change := func(m *journey.Map) *journey.Map {
		turn++
		n := servedMap()
		n.Touchpoints[0].Name = "Phone"
		if turn > 1 {
			n.Standards[0].Target.AtLeast = "0.7"
		}
		return n
	}
	docs, errs, outcomes := closed(t, change, closing.Order{}, closing.Order{}, closing.Order{}, closing.Order{Restate: true})
	if errs[0] != nil || errs[1] != nil {
		t.Fatal(errs)
	}
	if !bytes.Equal(outcomes[0].Document, outcomes[1].Document) {
		t.Error("another title moved a seal")
	}
	var refused *closing.Refusal
	if !errors.As(errs[2], &refused) || refused.Kind != closing.BooksChanged || !strings.Contains(refused.What, "the journey map changed") {
		t.Fatalf("a changed standard: %v", errs[2])
	}
	if errs[3] != nil {
		t.Fatal(errs[3])
	}
	r := docs[3].Restatement
	if r == nil || len(r.Books) != 1 || r.Books[0].What != "the journey map changed" {
		t.Fatalf("the restatement is %+v", r)
	}
	moved := 0
	for _, l := range r.Lines {
		switch l.Line + " " + l.Before + " " + l.After {
		case "touchpoints.phone.state well_below below", "touchpoints.phone.brands.one.standards.settled.state well_below at": // by the other standard now
			moved++
		}
		if !strings.HasPrefix(l.Line, "touchpoint") {
			t.Errorf("moved %+v", l)
		}
	}
	if moved != 2 {
		t.Errorf("the lines are %+v", r.Lines)
	}
}

// Without a map every name of the books stands for itself, without a standard.
func TestNamesOfTheBooksAreStatedWithoutAMap(t *testing.T) {
	docs, errs, _ := closed(t, nil, closing.Order{})
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
	lines := docs[0].Touchpoints.Lines
	if len(lines) != 2 || lines[0].Name != "hotline" || lines[0].State != "unjudged" || lines[1].Name != "fax" || docs[0].Covers.Mapped {
		t.Errorf("the lines are %+v", lines)
	}
	if p := docs[0].Covers.Period; p == nil || p.Start != calendar.DayOf(2024, 1, 1) {
		t.Errorf("the period is %v", p)
	}
}

// A role that answers to a job by other words moves what was sealed, and nothing else: the map's own gaps are as they were.
func TestWhoseJobARoleIsIsAnInputOfASeal(t *testing.T) {
	change := func(*journey.Map) *journey.Map {
		m := servedMap()
		m.Roles[0].KnownAs = []string{"clerk", "agent"}
		return m
	}
	docs, errs, outcomes := closed(t, change, closing.Order{}, closing.Order{}, closing.Order{Restate: true})
	var refused *closing.Refusal
	if errs[0] != nil || !errors.As(errs[1], &refused) || !strings.Contains(refused.What, "the journey map changed") || errs[2] != nil {
		t.Fatal(errs)
	}
	for _, l := range docs[2].Restatement.Lines {
		if !strings.HasPrefix(l.Line, "touchpoint_coverage.jobs_without_role.service/agent.") || l.After != "" {
			t.Errorf("moved %+v", l)
		}
	}
	if len(docs[2].Restatement.Lines) == 0 || len(docs[2].Covers.JobsWithoutRole) != 0 {
		t.Errorf("the restatement is %+v", docs[2].Restatement)
	}

	// A release that did not look at jobs sealed no such list, and its seal has not moved; one that found none did.
	is := outcomes[0].Document
	from := bytes.Index(is, []byte(`"jobs_without_role": [`))
	end := from + bytes.IndexByte(is[from:], ']') + 1
	without := func(list string) []byte { return slices.Concat(is[:from], []byte(list), is[end:]) }
	for list, want := range map[string]int{`"few": 0`: 0, `"jobs_without_role": []`: 4} {
		moved, err := closing.Differences(without(list), is)
		moved = slices.DeleteFunc(moved, func(m closing.Moved) bool { return m.Line == "touchpoint_coverage.few" })
		if err != nil || len(moved) != want {
			t.Errorf("beside %s: %+v, %v; want %d lines", list, moved, err, want)
		}
	}
}
