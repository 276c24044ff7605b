package whole_test

import (
	"encoding/csv"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/journey"
	"github.com/throughline/throughline/sim"
)

// staffed is a simulated company of a few customers with all its people, and its map.
func staffed(t *testing.T) (*house, sim.World) {
	t.Helper()
	w := sim.Default()
	w.Customers, w.Arrivals.PerMonth, w.Merged = 60, 5, 0
	w.Voice.NPSPerYear, w.Subscriptions.Share, w.Foreign.Share = 0, 0, 0
	folder := t.TempDir()
	if _, err := w.Write(t.Context(), folder, func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	h, end := start(t, folder)
	t.Cleanup(end)
	h.draw(w.Journey())
	return h, w
}

// draw replaces the map.
func (h *house) draw(m journey.Map) {
	h.t.Helper()
	if _, err := h.office.ChangeJourney(h.t.Context(), office.JourneyEdit{Change: func(kept *journey.Map) error {
		kept.Take(m, true)
		return nil
	}}); err != nil {
		h.t.Fatal(err)
	}
}

// posts are those who work there on a day by the file of people, one of each department, role and team.
func posts(t *testing.T, folder string, on calendar.Day) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, "people.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int { return slices.Index(rows[0], name) }
	newest := map[string][]string{}
	for _, r := range rows[1:] {
		was := newest[r[at("person_id")]]
		if r[at("kind")] != "candidate" && r[at("valid_from")] <= on.String() && (was == nil || was[at("valid_from")] < r[at("valid_from")]) {
			newest[r[at("person_id")]] = r
		}
	}
	out := map[string]string{}
	for person, r := range newest {
		if left := r[at("left_on")]; left == "" || left >= on.String() {
			out[strings.Join([]string{r[at("department")], r[at("role")], r[at("team")]}, "/")] = person
		}
	}
	return out
}

// Whatever the job, department and team: who signs in sees the touchpoints that they reach.
func TestEveryEmployeeOfASimulatedCompanyHasALine(t *testing.T) {
	h, w := staffed(t)
	if got := h.do(office.Task{Kind: office.ImportJob}); got.State != office.Done {
		t.Fatalf("the import: %+v", got)
	}
	h.looked()
	h.as(access.Employee)
	users, err := h.gate.Store.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u := users[len(users)-1]
	all := posts(t, h.folder, w.End-1)
	if len(all) < 15 {
		t.Fatalf("only %v", all)
	}
	for post, person := range all {
		u.PersonID = person
		if u, err = h.gate.ChangeUser(t.Context(), 0, u); err != nil {
			t.Fatal(err)
		}
		p := h.get(access.Employee, "/my-part")
		p.location = post
		p.shows(t, "Touchpoints I reach", "so that the customer notices")
		if team := post[strings.LastIndex(post, "/")+1:]; !strings.HasPrefix(team, "office") && !strings.Contains(p.text, `href="/touchpoints/`+team+`"`) && !strings.Contains(p.text, "/"+team+`"`) {
			t.Errorf("%s does not reach their own touchpoint", post)
		}
		if strings.Contains(p.text, "Nobody has drawn a line") {
			t.Errorf("%s (%s) has no line", post, person)
		}
	}
}

var newRole = regexp.MustCompile(`href="(/roles/new\?[^"]*)"`)

// Without their role agents of service are listed with a door to draw it; once it is drawn the gap is gone, before another close too.
func TestAJobWithoutARoleIsDrawnFromTheGap(t *testing.T) {
	h, w := staffed(t)
	m := w.Journey()
	m.Roles = slices.DeleteFunc(m.Roles, func(r journey.Role) bool { return r.Key == "service-agent" })
	h.draw(m)
	task, err := office.Closing(office.Order{Period: "2026-10"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.do(task); got.State != office.Done {
		t.Fatalf("the close: %+v", got)
	}
	p := h.get(access.ProgramLead, "/journey/coverage")
	p.shows(t, "in the book of people to which no role answers", "agent, service (")
	door := newRole.FindStringSubmatch(p.text)
	if door == nil {
		t.Fatal("nothing leads to drawing a role")
	}
	path := html.UnescapeString(door[1])
	q, err := url.ParseQuery(strings.TrimPrefix(path, "/roles/new?"))
	if err != nil || q.Get("department") != "service" || !strings.HasSuffix(q.Get("known"), "agent") {
		t.Errorf("it leads to %s", path)
	}
	form := h.get(access.ProgramLead, path)
	form.shows(t, `value="`+q.Get("name")+`"`, ">"+q.Get("known")+"</textarea>")
	if !regexp.MustCompile(`<option value="service"[^>]* selected`).MatchString(form.text) {
		t.Error("the department is not chosen")
	}
	if p := h.get(access.Employee, "/journey/coverage"); p.status != http.StatusOK || newRole.MatchString(p.text) || !strings.Contains(p.text, "agent, service (") {
		t.Errorf("an employee is led to what they may not do, or sees nothing: %d", p.status)
	}
	h.draw(w.Journey())
	if p := h.get(access.ProgramLead, "/journey/coverage"); strings.Contains(p.text, "to which no role answers") {
		t.Error("a role is drawn, and the gap stands")
	}
}
