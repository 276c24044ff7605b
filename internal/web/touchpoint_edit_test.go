package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/journey"
)

// withMap is a site with a small journey map and somebody who may change it.
func withMap(t *testing.T) (*site, *guest) {
	t.Helper()
	s := open(t)
	u := s.user("lead@example.com", access.ProgramLead)
	s.change(func(m *journey.Map) error {
		m.Departments = []journey.Department{{Key: "care", Name: "Care", Order: 1}, {Key: "shop", Name: "Shop", Order: 2}}
		m.Journeys = []journey.Journey{{Key: "buy", Name: "Buying", Stages: []journey.Stage{{Key: "choose", Name: "Choose"}, {Key: "pay", Name: "Pay"}}}}
		for i, name := range []string{"Invoice", "Menu", "Reminder"} {
			m.Touchpoints = append(m.Touchpoints, journey.Touchpoint{
				Key: strings.ToLower(name), Name: name, Order: i + 1, Journey: "buy", Stage: "pay", Owners: []journey.Held{{By: "head of billing"}}, Departments: []journey.Held{{By: "care"}},
			})
		}
		return nil
	})
	return s, s.signedIn(u)
}

func (s *site) change(change func(*journey.Map) error) {
	s.t.Helper()
	if _, err := s.server.Office.ChangeJourney(s.t.Context(), office.JourneyEdit{Change: change}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) touchpoint(key string) journey.Touchpoint {
	s.t.Helper()
	m, _, err := s.server.Office.Journey(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	x, ok := m.Touchpoint(key)
	if !ok {
		s.t.Fatalf("there is no touchpoint %s", key)
	}
	return *x
}

const menuEdit = "/journey/touchpoints/menu/edit"

func TestATouchpointIsEdited(t *testing.T) {
	s, b := withMap(t)
	a := b.get(menuEdit)
	a.has(t, http.StatusOK, "<h1><bdi translate=\"no\">Menu</bdi></h1>", "head of billing", "Buying: Pay")
	typed := url.Values{
		"about": {"What is read out"}, "known.name": {"IVR", "menu", ""}, "known.from": {"2026-01-01", "", ""}, "known.until": {"", "", ""},
		"steps.side": {"front", "back", "front"}, "steps.text": {"Listen", "Route the call", ""}, "steps.department": {"", "shop", ""},
		"hands.to": {"invoice", ""}, "hands.what": {"a question", ""},
	}
	a = b.post(menuEdit, a.form(menuEdit, typed))
	a.has(t, http.StatusOK, "Saved.", "What is read out", "IVR, 2026-01-01; menu", "behind, Route the call, Shop", "Invoice, a question")
	x := s.touchpoint("menu")
	if x.About != "What is read out" || len(x.KnownAs) != 2 || x.KnownAs[0].From.String() != "2026-01-01" || len(x.Steps) != 2 || x.Steps[1].Department != "shop" || len(x.HandsTo) != 1 || x.HandsTo[0].To != "invoice" {
		t.Errorf("it is %+v", x)
	}
	log, err := s.gate.Trail(t.Context(), access.Trail{Limit: 1})
	if err != nil || log[0].What != "touchpoint changed" || log[0].Object != "touchpoint menu" {
		t.Errorf("the audit log says %+v, %v", log, err)
	}
}

func TestARefusedEditKeepsWhatWasTyped(t *testing.T) {
	s, b := withMap(t)
	before := s.touchpoint("menu")
	typed := url.Values{"about": {"Kept <as> typed"}, "known.name": {"Invoice"}, "known.from": {"tomorrow"}, "known.until": {""}, "hands.to": {"Nowhere"}, "hands.what": {"all"}}
	a := b.post(menuEdit, b.get(menuEdit).form(menuEdit, typed))
	a.has(t, http.StatusUnprocessableEntity, "Nothing was saved yet", "Kept &lt;as&gt; typed", `value="tomorrow"`, `value="Nowhere"`, "is no other touchpoint; take one of the list", "A day of Invoice is none")
	typed.Set("known.from", "")
	typed.Set("hands.to", "")
	typed.Set("hands.what", "")
	a = b.post(menuEdit, a.form(menuEdit, typed))
	a.has(t, http.StatusUnprocessableEntity, "Kept &lt;as&gt; typed", "leads to touchpoint")
	if after := s.touchpoint("menu"); after.About != before.About {
		t.Errorf("it was changed to %+v", after)
	}
}

func TestTwoPeopleEditOneTouchpoint(t *testing.T) {
	s, b := withMap(t)
	form := b.get(menuEdit).form(menuEdit, url.Values{"about": {"Mine"}})
	s.change(func(m *journey.Map) error {
		x, _ := m.Touchpoint("menu")
		x.About, x.Steps = "Theirs", []journey.Step{{Side: journey.Front, Text: "Wait"}}
		return nil
	})
	a := b.post(menuEdit, form)
	a.has(t, http.StatusConflict, "This was changed meanwhile", "Theirs", "Mine", "before the customer&#39;s eyes, Wait", `value="Wait"`)
	if x := s.touchpoint("menu"); x.About != "Theirs" {
		t.Errorf("it says %q", x.About)
	}
	typed := url.Values{"about": {"Mine"}, "steps.side": {"front"}, "steps.text": {"Wait"}, "steps.department": {""}}
	b.post(menuEdit, a.form(menuEdit, typed)).has(t, http.StatusOK, "Saved.")
	if x := s.touchpoint("menu"); x.About != "Mine" || len(x.Steps) != 1 {
		t.Errorf("it is %+v", x)
	}
}

// What changed meanwhile is in no field of the form: it is saved over it.
func TestAnEditOfSomethingElseIsInNobodysWay(t *testing.T) {
	s, b := withMap(t)
	form := b.get(menuEdit).form(menuEdit, url.Values{"about": {"Mine"}})
	s.change(func(m *journey.Map) error { return m.Place("menu", "buy", "choose", "") })
	b.post(menuEdit, form).has(t, http.StatusOK, "Saved.")
	if x := s.touchpoint("menu"); x.About != "Mine" || x.Stage != "choose" {
		t.Errorf("it is %+v", x)
	}
}

func TestATouchpointIsMoved(t *testing.T) {
	s, b := withMap(t)
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	const move = "/journey/touchpoints/menu/move"
	a := b.post(move, url.Values{"journey": {"buy"}, "stage": {"pay"}, "department": {"shop"}, "before": {"invoice"}, "version": {"1"}})
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/journey?journey=buy#moved-menu" {
		t.Fatalf("it answers %d to %q\n%s", a.status, a.header.Get("Location"), main(a.body))
	}
	x := s.touchpoint("menu")
	if len(x.Departments) != 2 || x.Departments[0].By != "care" || x.Departments[1].By != "shop" || x.Departments[1].From == nil {
		t.Errorf("it is held by %+v", x.Departments)
	}
	m, _, err := s.server.Office.Journey(t.Context())
	if err != nil || m.Touchpoints[0].Key != "menu" || m.Touchpoints[1].Key != "invoice" {
		t.Errorf("they stand as %v, %v", m.Touchpoints, err)
	}
	b.post(move, url.Values{"journey": {"buy"}, "stage": {"gone"}, "version": {"2"}}).has(t, http.StatusUnprocessableEntity, "has no stage gone")
	b.post(move, url.Values{"journey": {"buy"}, "stage": {"pay"}, "department": {"gone"}, "version": {"2"}}).has(t, http.StatusUnprocessableEntity, "There is no such department today")
	s.change(func(m *journey.Map) error { return m.Place("menu", "buy", "choose", "") })
	b.post(move, url.Values{"journey": {"buy"}, "stage": {"pay"}, "before": {"reminder"}, "version": {"2"}}).has(t, http.StatusConflict, "This was changed meanwhile", "Buying: Choose")
	b.post(move, url.Values{"journey": {"buy"}, "stage": {"pay"}}).has(t, http.StatusBadRequest, "This form is not whole")
	if s.touchpoint("menu").Stage != "choose" {
		t.Error("a refused move moved it")
	}
}

func TestRenameHandMergeSplitAndRetireThroughThePage(t *testing.T) {
	s, b := withMap(t)
	act := func(key, name string, typed url.Values, status int, says ...string) {
		t.Helper()
		path := "/journey/touchpoints/" + key
		a := b.get(path + "/edit")
		a.has(t, http.StatusOK)
		b.post(path+"/"+name, a.form(path+"/"+name, typed)).has(t, status, says...)
	}
	act("menu", "rename", url.Values{"name": {"Phone menu"}}, http.StatusOK, "Phone menu", "<del><bdi translate=\"no\">Menu</bdi></del>")
	if x := s.touchpoint("menu"); x.KnownAs[0].Name != "Menu" {
		t.Errorf("renamed it is %+v", x)
	}
	act("menu", "hand", url.Values{"owner": {"head of care"}, "department": {"shop"}, "from": {"2026-03-01"}}, http.StatusOK, "head of care, 2026-03-01", "Shop, 2026-03-01")
	act("menu", "hand", url.Values{"owner": {"head of care"}, "from": {"soon"}}, http.StatusUnprocessableEntity, "This is no day", `value="soon"`)
	act("reminder", "merge", url.Values{"into": {"reminder"}, "from": {"2026-03-01"}}, http.StatusUnprocessableEntity, "This is no other touchpoint")
	act("reminder", "merge", url.Values{"into": {"Invoice"}, "from": {"2026-03-01"}}, http.StatusOK, "It is no more from 1 March 2026 on.", "It became")
	act("invoice", "split", url.Values{"parts.name": {"Paper", ""}, "parts.known": {"", ""}, "from": {"2026-04-01"}}, http.StatusUnprocessableEntity, "A split makes two or more", `value="Paper"`)
	act("invoice", "split", url.Values{"parts.name": {"Paper", "Mail"}, "parts.known": {"", "e-invoice"}, "from": {"2026-04-01"}}, http.StatusOK, "It became", "Paper, Mail")
	act("menu", "retire", url.Values{"why": {"nobody used it"}, "from": {"2026-05-01"}}, http.StatusOK, "nobody used it", "It is no more from 1 May 2026 on.")
	if a := b.get(menuEdit); strings.Contains(a.body, "/journey/touchpoints/menu/retire") || !strings.Contains(a.body, "head of billing") {
		t.Error("what is retired can be retired again, or has lost its owner")
	}
	if x := s.touchpoint("mail"); x.KnownAs[0].Name != "e-invoice" || x.KnownAs[0].From.String() != "2026-04-01" || x.Owners[0].By != "head of billing" {
		t.Errorf("a part is %+v", x)
	}
}

func TestATouchpointIsMade(t *testing.T) {
	s, b := withMap(t)
	const path = "/journey/touchpoints/new"
	a := b.get(path + "?journey=buy&stage=choose&name=Shop+window")
	a.has(t, http.StatusOK, `value="Shop window"`, `<option value="buy/choose" selected>`)
	typed := url.Values{"name": {""}, "place": {"buy/choose"}, "owner": {"window dresser"}, "department": {"shop"}, "about": {"Lights"}}
	a = b.post(path, a.form(path, typed))
	a.has(t, http.StatusUnprocessableEntity, "This is needed", "Lights", `value="window dresser"`)
	typed.Set("name", "New")
	b.post(path, a.form(path, typed)).has(t, http.StatusOK, "Saved.", "window dresser")
	if x := s.touchpoint("new-2"); x.Stage != "choose" || x.Owner(0) != "window dresser" {
		t.Errorf("it is %+v", x)
	}
	b.get("/journey/touchpoints/gone/edit").has(t, http.StatusNotFound, "There is no such touchpoint")
}

// A touchpoint is followed by what the close judged it by, also where another standard stands first, so that the days beside the close's figure are of the same.
func TestATouchpointIsFollowedByWhatItWasJudgedBy(t *testing.T) {
	end := calendar.DayOf(2026, 6, 1)
	m := journey.Map{Standards: []journey.Standard{
		{Key: "through", Measure: journey.Measure{Kind: journey.Abandoned}, Target: journey.Target{AtMost: "0.1"}, Touchpoints: []string{"chat"}},
		{Key: "settled", Measure: journey.Measure{Kind: journey.Resolved}, Target: journey.Target{AtLeast: "0.7"}, Touchpoints: []string{"chat"}, Until: &end},
	}}
	chat := &journey.Touchpoint{Key: "chat"}
	for _, c := range []struct {
		judged string
		on     calendar.Day
		want   string
	}{{"settled", end - 1, "settled"}, {"settled", end, "through"}, {"", end - 1, "through"}, {"gone", end, "through"}} {
		if measure, s := followed(&m, chat, c.judged, c.on); s == nil || s.Key != c.want || measure != s.Measure {
			t.Errorf("judged by %q, on %s it is followed by %+v", c.judged, c.on, s)
		}
	}
	if measure, s := followed(&m, &journey.Touchpoint{Key: "shop"}, "settled", end-1); s != nil || measure.Kind != journey.CSAT {
		t.Errorf("without a standard it is followed by %+v %+v", measure, s)
	}
}
