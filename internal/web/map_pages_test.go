package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/journey"
)

func (s *site) theMap() *journey.Map {
	s.t.Helper()
	m, _, err := s.server.Office.Journey(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// act sends one form of a piece's page.
func (b *guest) act(page, action string, typed url.Values, status int, says ...string) answer {
	b.site.t.Helper()
	a := b.get(page)
	a.has(b.site.t, http.StatusOK)
	a = b.post(action, a.form(action, typed))
	a.has(b.site.t, status, says...)
	return a
}

func TestADepartmentIsMadeChangedMergedSplitAndRetired(t *testing.T) {
	s, b := withMap(t)
	const care = "/journey/departments/care"
	b.act("/journey/departments/new", "/journey/departments/new", url.Values{"name": {"Kitchen"}, "contractor": {"yes"}, "before": {"care"}, "known.name": {"KTN"}, "known.from": {""}, "known.until": {""}}, http.StatusOK, "Saved.", "A contractor.")
	if m := s.theMap(); m.Departments[0].Key != "kitchen" || !m.Departments[0].Contractor || m.Departments[0].KnownAs[0].Name != "KTN" {
		t.Errorf("they are %+v", m.Departments)
	}
	b.act(care, care, url.Values{"apart": {"nobody meets it"}, "known.name": {"Care"}, "known.from": {"x"}, "known.until": {""}}, http.StatusUnprocessableEntity, "A day of Care is none", `value="nobody meets it"`)
	b.act(care, care+"/rename", url.Values{"name": {"Customer care"}}, http.StatusOK, "<del><bdi translate=\"no\">Care</bdi></del>")
	b.act(care, care+"/retire", url.Values{"from": {"2026-03-01"}}, http.StatusUnprocessableEntity, "holds the touchpoint", "hand it to another department first")
	b.act(care, care+"/split", url.Values{"parts.name": {"Phone", "Letters"}, "parts.known": {"", ""}, "from": {"2026-03-01"}, "to.menu": {"3"}}, http.StatusUnprocessableEntity, "There is none with this number")
	b.act(care, care+"/split", url.Values{"parts.name": {"Phone", "Letters"}, "parts.known": {"", "LTR"}, "from": {"2026-03-01"}, "to.menu": {"0"}, "to.invoice": {"1"}, "to.reminder": {"1"}}, http.StatusOK, "It became", "Phone, Letters")
	if x := s.touchpoint("invoice"); x.Departments[0].By != "care" || x.Departments[1].By != "letters" {
		t.Errorf("it is held by %+v", x.Departments)
	}
	const letters = "/journey/departments/letters"
	b.act(letters, letters+"/merge", url.Values{"into": {""}, "from": {"2026-04-01"}}, http.StatusUnprocessableEntity, "This is needed")
	b.act(letters, letters+"/merge", url.Values{"into": {"shop"}, "from": {"2026-04-01"}}, http.StatusOK, "It became", "Shop")
	b.get("/journey/departments/shop").has(t, http.StatusOK, "It holds 2 touchpoints.", "Invoice", "head of billing")
	b.get("/journey/departments/gone").has(t, http.StatusNotFound, "There is no such department")
}

func TestAJourneyKeepsItsTouchpointsWhenStagesMove(t *testing.T) {
	s, b := withMap(t)
	const buy = "/journey/journeys/buy"
	stages := url.Values{
		"name": {"Buying"}, "brand": {""}, "before": {""},
		"stages.number": {"2", "1", "1.5", ""}, "stages.name": {"Choosing", "Settle up", "Wait", ""}, "stages.about": {"", "money", "", ""}, "stages.was": {"choose", "pay", "", ""},
	}
	b.act(buy, buy, stages, http.StatusOK, "Saved.", "Settle up", "3 touchpoints")
	j, _ := s.theMap().Journey("buy")
	if len(j.Stages) != 3 || j.Stages[0] != (journey.Stage{Key: "pay", Name: "Settle up", About: "money"}) || j.Stages[1].Key != "wait" || j.Stages[2].Key != "choose" {
		t.Errorf("its stages are %+v", j.Stages)
	}
	stages = url.Values{"name": {"Buying"}, "stages.number": {"1", "2", "x"}, "stages.name": {"", "Wait", "More"}, "stages.about": {"", "", ""}, "stages.was": {"pay", "wait", ""}}
	b.act(buy, buy, stages, http.StatusUnprocessableEntity, "3 touchpoints stand in Settle up", "is no number", `value="More"`)
	b.act(buy, buy+"/retire", url.Values{"from": {"2026-03-01"}}, http.StatusUnprocessableEntity, "stands in it on 2026-03-01")
	b.act("/journey/journeys/new", "/journey/journeys/new", url.Values{"name": {"Leaving"}, "before": {"buy"}, "stages.number": {"", ""}, "stages.name": {"", ""}, "stages.about": {"", ""}}, http.StatusUnprocessableEntity, "A journey has one stage or more", `value="Leaving"`)
	b.act("/journey/journeys/new", "/journey/journeys/new", url.Values{"name": {"Leaving"}, "before": {"buy"}, "stages.number": {"", ""}, "stages.name": {"Say so", "Go"}, "stages.about": {"", ""}}, http.StatusOK, "Saved.")
	if m := s.theMap(); m.Journeys[0].Key != "leaving" || len(m.Journeys[0].Stages) != 2 {
		t.Errorf("they are %+v", m.Journeys)
	}
	b.get("/journey/edit").has(t, http.StatusOK, "Leaving", "Say so", "Buying: Settle up", "head of billing", "Add a touchpoint here")
}

func TestAChangedTargetBeginsANewStandard(t *testing.T) {
	s, b := withMap(t)
	b.act("/promise/new", "/promise/new", url.Values{"name": {"North"}, "promise": {"own"}, "words": {""}}, http.StatusUnprocessableEntity, "has words", `value="North"`)
	b.act("/promise/new", "/promise/new", url.Values{"name": {"North"}, "promise": {"simple"}, "entities": {"north\nnorth-online"}}, http.StatusOK, "Saved.", "north-online")
	const path = "/promise/north/standards/new"
	typed := url.Values{"notices": {"No wait"}, "kind": {"within"}, "seconds": {""}, "target": {"90"}, "touchpoints": {"menu"}, "from": {"2026-01-01"}, "well": {"5"}}
	b.act(path, path, typed, http.StatusUnprocessableEntity, "Say within which time", `value="No wait"`, `value="90"`)
	typed.Set("seconds", "60")
	b.act(path, path, typed, http.StatusOK, "Served within 1 minute: at least 90%", "It binds 1 touchpoint", "It holds from 1 January 2026 on.")
	const one = "/promise/north/standards/no-wait"
	typed = url.Values{"notices": {"No wait"}, "kind": {"within"}, "seconds": {"60"}, "target": {"95"}, "well": {"5"}, "touchpoints": {"menu"}, "from": {"2026-01-01"}, "until": {""}, "since": {"2026-06-01"}}
	b.act(one, one, typed, http.StatusOK, "up to and without 1 June 2026", "It goes on as", "at least 95%")
	m := s.theMap()
	if len(m.Standards) != 2 {
		t.Fatalf("they are %+v", m.Standards)
	}
	old, next := m.Standards[0], m.Standards[1]
	if old.Target.AtLeast != "0.9" || old.Until.String() != "2026-06-01" || next.Target.AtLeast != "0.95" || next.Target.Well != "0.05" || next.From.String() != "2026-06-01" || next.Until != nil {
		t.Errorf("they are %+v and %+v", old, next)
	}
	// Words are changed in place.
	const two = "/promise/north/standards/no-wait-2"
	typed.Set("notices", "Nobody waits")
	typed.Set("from", "2026-06-01")
	b.act(two, two, typed, http.StatusOK, "Saved.", "Nobody waits")
	if m = s.theMap(); len(m.Standards) != 2 {
		t.Errorf("they are %+v", m.Standards)
	}
	typed.Set("target", "950")
	b.act(two, two, typed, http.StatusUnprocessableEntity, "A share lies between 0 and 100 per cent", `value="950"`)
	b.get("/promise").has(t, http.StatusOK, "simple, easy, efficient", "north-online", "1 of 3", "Served within 1 minute: at least 95%")
	b.act("/promise/north", "/promise/north", url.Values{"name": {"North"}, "promise": {"own"}, "words": {"We are there"}, "touchpoints": {"Was it quick?\n\nWas it easy?"}}, http.StatusOK, "We are there", "Was it easy?")
	b.act(two, two+"/end", url.Values{"from": {"2026-07-01"}}, http.StatusOK, "up to and without 1 July 2026")
	b.act("/promise/north", "/promise/north/retire", url.Values{"from": {"2026-08-01"}}, http.StatusOK, "It is no more from 1 August 2026 on.")
}

func TestARoleHasItsLine(t *testing.T) {
	s, b := withMap(t)
	typed := url.Values{"name": {"Ledger clerk"}, "department": {"care"}, "does": {"close the books"}, "sothat": {"bills are right"}, "notices": {"never asks twice"}, "touchpoints": {"invoice", "reminder"}, "may.means": {"credit it", ""}, "may.upto": {"lots", ""}, "may.within": {"", ""}}
	b.act("/roles/new", "/roles/new", typed, http.StatusUnprocessableEntity, "is no amount of money", `value="lots"`)
	typed["may.upto"] = []string{"50", ""}
	typed["may.within"] = []string{"on the same day", ""}
	b.act("/roles/new", "/roles/new", typed, http.StatusOK, "Saved.", "close the books", "so that the customer", "It reaches 2 touchpoints", "on the same day")
	r, _ := s.theMap().Role("ledger-clerk")
	if r.May[0] != (journey.Authority{Means: "credit it", UpTo: "50", Within: "on the same day"}) || len(r.Touchpoints) != 2 {
		t.Errorf("it is %+v", r)
	}
	// Another edits it meanwhile.
	form := b.get("/roles/ledger-clerk").form("/roles/ledger-clerk", typed)
	form["does"] = []string{"close the ledger"}
	s.change(func(m *journey.Map) error {
		m.Roles[0].Does, m.Roles[0].Touchpoints = "keep the books", []string{"menu"}
		return nil
	})
	b.post("/roles/ledger-clerk", form).has(t, http.StatusConflict, "This was changed meanwhile", "keep the books", "close the ledger", "Invoice, Reminder")
	b.get("/roles?q=ledger+twice").has(t, http.StatusOK, "1 role", "never asks twice")
	b.get("/roles?line=none").has(t, http.StatusOK, "No role was found")
	b.act("/roles/ledger-clerk", "/roles/ledger-clerk/retire", url.Values{"from": {"2026-03-01"}}, http.StatusOK, "It is no more from 1 March 2026 on.")
}

func TestReadersSeeWhatTheyCannotChange(t *testing.T) {
	s, _ := withMap(t)
	s.change(func(m *journey.Map) error {
		m.Brands = []journey.Brand{{Key: "north", Name: "North", Promise: journey.Care, Words: "We mind", AtPulses: []string{"Did you mind?"}}}
		m.Standards = []journey.Standard{{Key: "calm", Brand: "north", Notices: "Calm", Measure: journey.Measure{Kind: journey.NPS}, Target: journey.Target{AtLeast: "40"}, Touchpoints: []string{"menu"}}}
		m.Roles = []journey.Role{{Key: "agent", Name: "Agent", Department: "care"}}
		return nil
	})
	b := s.signedIn(s.user("somebody@example.com", access.Employee))
	for path, says := range map[string]string{
		"/promise": "We mind", "/promise/north": "Did you mind?", "/promise/north/standards/calm": "Promoters less detractors (NPS): at least 40", "/roles": "Agent", "/roles/agent": "Nobody has said yet", "/journey/departments/care": "It holds 3 touchpoints.",
		"/journey/journeys/buy": "Choose", "/journey/history": "Added:",
	} {
		a := b.get(path)
		a.has(t, http.StatusOK, says)
		if strings.Contains(main(a.body), `method="post"`) || strings.Contains(main(a.body), "/edit\"") || strings.Contains(main(a.body), "/new") {
			t.Errorf("%s offers a change to who may make none:\n%s", path, main(a.body))
		}
	}
	b.get("/journey/edit").has(t, http.StatusForbidden)
	if a := b.get("/journey/touchpoints.csv"); a.status != http.StatusOK || !strings.Contains(a.body, "head of billing") {
		t.Errorf("the table is %d %s", a.status, a.body)
	}
}

func TestTheHistoryIsToldInWords(t *testing.T) {
	s, b := withMap(t)
	b.act(menuEdit, "/journey/touchpoints/menu/rename", url.Values{"name": {"Phone menu"}}, http.StatusOK)
	s.change(func(m *journey.Map) error { return m.Place("menu", "buy", "pay", "") })
	a := b.get("/journey/history")
	a.has(t, http.StatusOK, "lead@example.com", `<a href="/journey/touchpoints/menu"><bdi translate="no">Phone menu</bdi></a>`, "<ins><bdi translate=\"no\">Phone menu</bdi></ins>", "Its place among others.")
	if strings.Contains(a.body, "{&#34;") {
		t.Error("it shows JSON")
	}
	s.change(func(m *journey.Map) error {
		for i := range 70 {
			m.Roles = append(m.Roles, journey.Role{Key: fmt.Sprint("r", i), Name: fmt.Sprint("Role ", i)})
		}
		return nil
	})
	a = b.get("/journey/history")
	a.has(t, http.StatusOK, "Next page")
	if n := strings.Count(main(a.body), "Added:"); n != changesShown {
		t.Errorf("a page has %d", n)
	}
}

// A merge changes the touchpoint that ends, the one that goes on, and the roles that reached it. Undone, all of it is as it was; what was changed since
// is not undone before that is, and undoing is undone itself.
func TestWhatWasChangedAtOnceIsUndoneAtOnce(t *testing.T) {
	s, b := withMap(t)
	s.change(func(m *journey.Map) error {
		m.Roles = append(m.Roles, journey.Role{Key: "agent", Name: "Agent", Touchpoints: []string{"menu"}})
		return nil
	})
	s.pass(time.Minute)
	before := s.mapJSON()
	b.act(menuEdit, "/journey/touchpoints/menu/merge", url.Values{"into": {"Invoice"}, "from": {"2026-06-01"}}, http.StatusOK)
	merged := s.mapJSON()
	if merged == before {
		t.Fatal("the merge changed nothing")
	}
	undo := func(a answer) string {
		t.Helper()
		m := regexp.MustCompile(`name="change" value="(\d+)"`).FindStringSubmatch(a.body)
		if m == nil {
			t.Fatalf("nothing can be undone:\n%s", main(a.body))
		}
		return m[1]
	}
	first := undo(b.get("/journey/history"))
	s.pass(time.Minute)
	b.act("/journey/touchpoints/invoice/edit", "/journey/touchpoints/invoice/rename", url.Values{"name": {"Bill"}}, http.StatusOK)
	b.act("/journey/history", "/journey/history/undo", url.Values{"change": {first}}, http.StatusUnprocessableEntity, "It was not undone.", "touchpoint invoice: it has been changed since; undo that first")
	s.pass(time.Minute)
	for _, want := range []string{merged, before} {
		a := b.get("/journey/history")
		change := undo(a)
		if want == before {
			change = first
		}
		b.act("/journey/history", "/journey/history/undo", url.Values{"change": {change}}, http.StatusOK)
		s.pass(time.Minute)
		if got := s.mapJSON(); got != want {
			t.Fatalf("undone, the map is\n%s\nwant\n%s", got, want)
		}
	}
	b.act("/journey/history", "/journey/history/undo", url.Values{"change": {undo(b.get("/journey/history"))}}, http.StatusOK)
	if got := s.mapJSON(); got != merged {
		t.Errorf("undoing was not undone:\n%s", got)
	}
	b.act("/journey/history", "/journey/history/undo", url.Values{"change": {"999999"}}, http.StatusUnprocessableEntity, "there is no such change of it")
}

// An import of 450 roles fills nine pages of the history. Undone from the middle, all of it is; when one of them is renamed, no page offers it.
func TestALongEditIsUndoneWhole(t *testing.T) {
	s, b := withMap(t)
	s.pass(time.Minute)
	before := s.mapJSON()
	s.change(func(m *journey.Map) error {
		for i := range 450 {
			m.Roles = append(m.Roles, journey.Role{Key: fmt.Sprintf("r%03d", i), Name: fmt.Sprint("Role ", i)})
		}
		return nil
	})
	s.pass(time.Minute)
	first := b.get("/journey/history")
	first.has(t, http.StatusOK, "450 things at once", "Undo all 450")
	newest := regexp.MustCompile(`name="change" value="(\d+)"`).FindStringSubmatch(first.body)[1]
	top, err := strconv.Atoi(newest)
	if err != nil {
		t.Fatal(err)
	}
	middle := fmt.Sprintf("/journey/history?before=%d", top-300)
	b.get(middle).has(t, http.StatusOK, "450 things at once", "Undo all 450", fmt.Sprintf(`action="/journey/history/undo?before=%d"`, top-300))
	s.change(func(m *journey.Map) error {
		r, _ := m.Role("r449")
		r.Name = "Another"
		return nil
	})
	if a := b.get(middle); strings.Contains(a.body, "Undo all") {
		t.Error("what was changed since is offered to be undone")
	}
	b.act(middle, fmt.Sprintf("/journey/history/undo?before=%d", top-300), url.Values{"change": {strconv.Itoa(top - 350)}}, http.StatusUnprocessableEntity, "role r449: it has been changed since", "Role 99")
	s.change(func(m *journey.Map) error {
		r, _ := m.Role("r449")
		r.Name = "Role 449"
		return nil
	})
	b.act(middle, "/journey/history/undo", url.Values{"change": {strconv.Itoa(top - 350)}}, http.StatusOK)
	if got := s.mapJSON(); got != before {
		t.Errorf("undone, the map has %d bytes, %d before", len(got), len(before))
	}
}

// Before the day of a split a role belongs where it did, and its page says where to it goes on.
func TestARoleIsShownWhereItBelongsToday(t *testing.T) {
	s, b := withMap(t)
	day := calendar.DayIn(s.now(), time.UTC) + 30
	s.change(func(m *journey.Map) error {
		m.Roles = append(m.Roles, journey.Role{Key: "agent", Name: "Agent", Department: "care", Touchpoints: []string{"menu"}})
		return m.SplitDepartment("care", []journey.DepartmentPart{{Department: journey.Department{Name: "Voices"}}, {Department: journey.Department{Name: "Letters"}}}, day)
	})
	b.get("/roles/agent").has(t, http.StatusOK, ">Care<", "It belongs to Voices from ")
	b.get("/roles?department=care").has(t, http.StatusOK, "Agent")
	b.get("/roles/agent/part").has(t, http.StatusOK, "Care")
	s.pass(31 * 24 * time.Hour)
	b = s.signedIn(s.user("later@example.com", access.ProgramLead))
	a := b.get("/roles/agent")
	a.has(t, http.StatusOK, ">Voices<")
	if strings.Contains(a.body, "It belongs to") {
		t.Error("it says what is past")
	}
}

// mapJSON is all of the map.
func (s *site) mapJSON() string {
	s.t.Helper()
	m, _, err := s.server.Office.Journey(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// Whatever the books have as a name can be set aside: a line break, which a browser sends as two signs, a tab, and 250 characters.
func TestEveryNameOfTheBooksIsSetAside(t *testing.T) {
	s, b := withMap(t)
	for sent, name := range map[string]string{"new\r\nline": "new\nline", "tab\tname": "tab\tname", strings.Repeat("é", 250): strings.Repeat("é", 250), "web\u00a0site": "web\u00a0site"} {
		b.act("/journey/coverage", "/journey/names", url.Values{"name": {sent}, "to": {"aside"}, "why": {"of another system"}}, http.StatusOK)
		if m := s.theMap(); !slices.ContainsFunc(m.Aside, func(a journey.Aside) bool { return a.Name == name }) {
			t.Errorf("%q is not set aside: %+v", name, m.Aside)
		}
	}
}

// bring sends a form with a file or without.
func (b *guest) bring(path string, fields map[string]string, name, content string) answer {
	b.site.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := form.WriteField(k, v); err != nil {
			b.site.t.Fatal(err)
		}
	}
	if name != "" {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = part.Write([]byte(content))
		}
		if err != nil {
			b.site.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		b.site.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.site.t.Context(), http.MethodPost, b.site.url+path, &body)
	if err != nil {
		b.site.t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	return b.read(b.Do(request))
}

func TestAFileIsShownBeforeItIsTaken(t *testing.T) {
	s, b := withMap(t)
	text := b.get("/journey/download.json").body
	b.bring("/journey/import", nil, "same.json", text).has(t, http.StatusOK, "It would change nothing")
	text = strings.Replace(text, `"name": "Menu"`, `"name": "Phone <menu>"`, 1)
	text = strings.Replace(text, `"departments": [`, `"departments": [{"key": "night", "name": "Night shift"},`, 1)
	a := b.bring("/journey/import", nil, "map.json", text)
	a.has(t, http.StatusOK, "What would change", "Night shift", "Phone &lt;menu&gt;", "<del><bdi translate=\"no\">Menu</bdi></del>", "map.json")
	if s.touchpoint("menu").Name != "Menu" {
		t.Fatal("looking at it has changed it")
	}
	form := a.form("/journey/import/take", nil)
	fields := map[string]string{"content": base64.StdEncoding.EncodeToString([]byte(text)), "version": "", "name": "map.json"}
	fields["version"] = form.Get("version")
	s.change(func(m *journey.Map) error { return m.Rename("invoice", "Bill") })
	a = b.bring("/journey/import/take", fields, "", "")
	a.has(t, http.StatusConflict, "This was changed meanwhile", "<del><bdi translate=\"no\">Bill</bdi></del>")
	fields["version"] = a.form("/journey/import/take", nil).Get("version")
	b.bring("/journey/import/take", fields, "", "").has(t, http.StatusOK, "Taken.", "Night shift")
	b.bring("/journey/import/take", fields, "", "").has(t, http.StatusOK, "Taken.") // pressed twice
	if m := s.theMap(); len(m.Departments) != 3 || s.touchpoint("menu").Name != "Phone <menu>" {
		t.Errorf("it is %+v", m)
	}
	fields["whole"] = "yes"
	fields["content"] = base64.StdEncoding.EncodeToString([]byte(`{"format":"throughline journey 1"}`))
	b.bring("/journey/import", fields, "", "").has(t, http.StatusOK, "Would be taken away")
	b.bring("/journey/import/take", map[string]string{"content": "%", "version": "1"}, "", "").has(t, http.StatusBadRequest)
}

func TestAFileThatCannotBeReadIsRefused(t *testing.T) {
	s, b := withMap(t)
	before := len(s.theMap().Touchpoints)
	for _, x := range []struct{ name, text, says string }{
		{"none.json", "", "No file was chosen"}, {"bad.json", "{\n\"format\": \"x\"}", "line 2"}, {"bad.csv", "key,name,colour\na,A,red\n", "there is no such column"},
		{"wrong.json", `{"format":"throughline journey 1","touchpoints":[{"key":"x","name":"X","journey":"gone","stage":"gone"}]}`, "is not there"},
		{"large.json", "{" + strings.Repeat(" ", mapSize), "is larger than 8 MB"},
	} {
		b.bring("/journey/import", nil, x.name, x.text).has(t, http.StatusUnprocessableEntity, "Nothing was taken", x.says)
	}
	if n := len(s.theMap().Touchpoints); n != before {
		t.Errorf("it has %d", n)
	}
	text := b.get("/journey/roles.csv").body + "night,Night porter,Care,,watch,doors open,sleeps,menu,,\n"
	a := b.bring("/journey/import", nil, "roles.csv", text)
	a.has(t, http.StatusOK, "role: 1", "Night porter")
	b.bring("/journey/import/take", map[string]string{"content": base64.StdEncoding.EncodeToString([]byte(text)), "version": a.form("/journey/import/take", nil).Get("version")}, "", "").has(t, http.StatusOK, "Taken.")
	if r, ok := s.theMap().Role("night"); !ok || r.Department != "care" {
		t.Errorf("it is %+v", r)
	}
}

func TestEveryTemplateCanBeTaken(t *testing.T) {
	s := open(t)
	b := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	b.get("/journey/edit").has(t, http.StatusOK, "Begin from a template", "Hospitality")
	for _, x := range journey.Templates() {
		a := b.post("/journey/import", url.Values{"template": {x.Name}})
		a.has(t, http.StatusOK, "What would change", "touchpoint: ")
		if x.Name != "bank" {
			continue
		}
		b.bring("/journey/import/take", map[string]string{"template": x.Name, "version": a.form("/journey/import/take", nil).Get("version")}, "", "").has(t, http.StatusOK, "Taken.")
		b.get("/promise").has(t, http.StatusOK)
		b.get("/roles").has(t, http.StatusOK)
	}
	if len(s.theMap().Touchpoints) == 0 {
		t.Error("nothing was taken")
	}
	b.post("/journey/import", url.Values{"template": {"gone"}}).has(t, http.StatusUnprocessableEntity, "there is no template")
}

// The pages of a large company: 500 touchpoints and 5,000 roles, each within a second here, where nothing is warm.
func TestALargeMapIsEdited(t *testing.T) {
	s := open(t)
	b := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	s.change(func(m *journey.Map) error {
		j := journey.Journey{Key: "j", Name: "Journey"}
		for i := range 10 {
			j.Stages = append(j.Stages, journey.Stage{Key: fmt.Sprint("s", i), Name: fmt.Sprint("Stage ", i)})
		}
		m.Journeys = []journey.Journey{j}
		for i := range 40 {
			m.Departments = append(m.Departments, journey.Department{Key: fmt.Sprint("d", i), Name: fmt.Sprint("Department ", i)})
		}
		for i := range 500 {
			m.Touchpoints = append(m.Touchpoints, journey.Touchpoint{Key: fmt.Sprint("t", i), Name: fmt.Sprint("Touchpoint ", i), Journey: "j", Stage: fmt.Sprint("s", i%10), Departments: []journey.Held{{By: fmt.Sprint("d", i%40)}}})
		}
		for i := range 5000 {
			m.Roles = append(m.Roles, journey.Role{Key: fmt.Sprint("r", i), Name: fmt.Sprint("Role ", i), Department: fmt.Sprint("d", i%40), Does: "work", Touchpoints: []string{fmt.Sprint("t", i%500)}})
		}
		return nil
	})
	for _, path := range []string{"/journey/edit", "/journey/touchpoints/t7/edit", "/roles", "/roles?q=4999", "/roles/r77", "/journey/departments/d3", "/journey/history", "/promise"} {
		start := time.Now()
		a := b.get(path)
		a.has(t, http.StatusOK)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s took %s", path, took)
		}
		t.Logf("%s: %s, %d bytes", path, time.Since(start), len(a.body))
	}
	b.get("/journey").has(t, http.StatusOK, `href="#after-map"`, `id="after-map"`)
	start := time.Now()
	b.act("/roles/r77", "/roles/r77", url.Values{"name": {"Role 77"}, "does": {"more"}}, http.StatusOK, "Saved.")
	t.Logf("a role saved: %s", time.Since(start))
}

func TestWhatAPromiseProposesIsTakenChangedOrLeft(t *testing.T) {
	s, b := withMap(t)
	b.act("/promise/new", "/promise/new", url.Values{"name": {"North"}, "promise": {"simple"}}, http.StatusOK, "What the promise proposes")
	m := s.theMap()
	p := journey.Propose(m.Brands[0], m)
	if len(p.Standards) < 2 || len(p.AtTouchpoints) < 2 {
		t.Fatalf("it proposes %+v", p)
	}
	one := p.Standards[0]
	const page = "/promise/north"
	typed := url.Values{
		"standards.take": {"yes", "no"}, "standards.notices": {"It is quick", "x"}, "standards.target": {"lots", "1"}, "standards.which": {one.Key, p.Standards[1].Key}, "from": {""},
		"asktouchpoints.take": {"yes", "no"}, "asktouchpoints.text": {"Was it quick & easy?", p.AtTouchpoints[1]},
	}
	b.act(page, page+"/take", typed, http.StatusUnprocessableEntity, "is no target of this measure", `value="lots"`, "Was it quick &amp; easy?")
	typed["standards.target"][0] = standardTexts(nil, one)["target"]
	b.act(page, page+"/take", typed, http.StatusOK, "Saved.", "Was it quick &amp; easy?")
	m = s.theMap()
	if len(m.Standards) != 1 || m.Standards[0].Notices != "It is quick" || m.Standards[0].Target != one.Target || len(m.Brands[0].AtTouchpoints) != 1 {
		t.Errorf("it took %+v of %+v", m.Standards, m.Brands[0])
	}
}

// A touchpoint that has ended cannot be ticked, and stays where it was.
func TestWhatHasEndedStaysWithRolesAndStandards(t *testing.T) {
	s, b := withMap(t)
	s.change(func(m *journey.Map) error {
		m.Brands = []journey.Brand{{Key: "north", Name: "North", Promise: journey.Care}}
		m.Standards = []journey.Standard{{Key: "calm", Brand: "north", Notices: "Calm", Measure: journey.Measure{Kind: journey.NPS}, Target: journey.Target{AtLeast: "40"}, Touchpoints: []string{"invoice", "menu"}}}
		m.Roles = []journey.Role{{Key: "agent", Name: "Agent", Touchpoints: []string{"invoice", "menu"}}}
		return m.Retire("menu", calendar.DayOf(2026, 1, 1), "")
	})
	const standard = "/promise/north/standards/calm"
	b.act(standard, standard, url.Values{"notices": {"Calmer"}, "kind": {"nps"}, "target": {"40"}, "way": {"least"}, "touchpoints": {"invoice"}, "since": {"2026-06-01"}}, http.StatusOK, "Saved.")
	b.act("/roles/agent", "/roles/agent", url.Values{"name": {"Agent"}, "does": {"answer"}, "touchpoints": {"invoice"}}, http.StatusOK, "Saved.")
	m := s.theMap()
	if len(m.Standards) != 1 || len(m.Standards[0].Touchpoints) != 2 || len(m.Roles[0].Touchpoints) != 2 {
		t.Errorf("they are %+v and %+v", m.Standards, m.Roles)
	}
}
