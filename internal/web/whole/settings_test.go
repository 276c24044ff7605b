package whole_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/throughline/throughline/internal/access"
)

// form is what a browser would send of the form with that action, when nobody
// typed anything.
func form(t *testing.T, p page, action string) url.Values {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.text))
	if err != nil {
		t.Fatal(err)
	}
	out := url.Values{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attribute(n, "action") != action {
			continue
		}
		for f := range n.Descendants() {
			name := attribute(f, "name")
			switch {
			case f.Type != html.ElementNode || name == "" || name == "once":
			case f.Data == "input":
				out.Set(name, attribute(f, "value"))
			case f.Data == "textarea":
				var b strings.Builder
				for c := range f.Descendants() {
					b.WriteString(c.Data)
				}
				out.Set(name, b.String())
			case f.Data == "select":
				for o := range f.Descendants() {
					if o.Data == "option" && (out.Get(name) == "" || has(o, "selected")) {
						out.Set(name, attribute(o, "value"))
					}
				}
			}
		}
		return out
	}
	t.Fatalf("the page has no form that goes to %s", action)
	return nil
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func (h *house) yaml() string {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.folder, "books.yaml"))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func TestSettingsAreChangedWithoutTouchingWhatHandsWrote(t *testing.T) {
	h := unread(t)
	fields := form(t, h.get(access.ProgramLead, "/settings"), "/settings")
	if p := h.post(access.ProgramLead, "/settings", fields); p.status != http.StatusSeeOther || h.yaml() != small["books.yaml"] {
		t.Errorf("saving what is there already answers %d and writes\n%s", p.status, h.yaml())
	}
	fields.Set("discount_rate", "12.5")
	fields.Set("margin", "default: 35\nsoup: 60.5 %")
	fields.Set("grain", "household")
	fields.Set("fiscal_year_starts", "04-01")
	if p := h.post(access.ProgramLead, "/settings", fields); p.status != http.StatusSeeOther || p.location != "/settings" {
		t.Fatalf("saving answers %d: %.3000s", p.status, p.text)
	}
	text := h.yaml()
	for _, want := range []string{"# ours, by hand\n", "company: Example Ltd # the name over the statements", "# where the shop stands", "discount_rate: 0.125", "0.605", "grain: household", `fiscal_year_starts: "04-01"`, "set in the page on 2026-11-05"} {
		if !strings.Contains(text, want) {
			t.Errorf("books.yaml does not say %q:\n%s", want, text)
		}
	}
	for _, never := range []string{"week_starts", "refused_threshold", "program-lead"} {
		if strings.Contains(text, never) {
			t.Errorf("books.yaml says %q, which nobody asked for:\n%s", never, text)
		}
	}
	says(t, h.get(access.ProgramLead, "/settings"), http.StatusOK, "program-lead@example.com", "Discount rate", "12.5", "household")
	entries, err := h.gate.Trail(t.Context(), access.Trail{What: "settings changed", Limit: 10})
	if err != nil || len(entries) != 2 {
		t.Errorf("the audit log has %d changes of settings (%v)", len(entries), err)
	}
}

func TestAStaleEditIsRefusedBesideWhatWasTyped(t *testing.T) {
	h := unread(t)
	mine := form(t, h.get(access.ProgramLead, "/settings"), "/settings")
	theirs := form(t, h.get(access.Administrator, "/settings"), "/settings")
	theirs.Set("timezone", "Europe/London")
	theirs.Set("grain", "account")
	if p := h.post(access.Administrator, "/settings", theirs); p.status != http.StatusSeeOther {
		t.Fatalf("the first to save is answered with %d", p.status)
	}
	mine.Set("company", "Example & Sons")
	mine.Set("grain", "household")
	p := h.post(access.ProgramLead, "/settings", mine)
	says(t, p, http.StatusConflict, "This was changed meanwhile", "administrator@example.com", "Europe/London", "You typed")
	again := form(t, p, "/settings")
	for name, want := range map[string]string{"company": "Example & Sons", "grain": "household", "timezone": "Europe/London"} { // what was typed stays, the rest is theirs
		if got := again.Get(name); got != want {
			t.Errorf("the form holds %s %q, not %q", name, got, want)
		}
	}
	if strings.Contains(h.yaml(), "household") {
		t.Error("a stale edit was written")
	}
	if p := h.post(access.ProgramLead, "/settings", again); p.status != http.StatusSeeOther {
		t.Fatalf("saving again is answered with %d", p.status)
	}
	for _, want := range []string{"Example & Sons", "Europe/London", "grain: household"} {
		if !strings.Contains(h.yaml(), want) {
			t.Errorf("books.yaml lacks %q:\n%s", want, h.yaml())
		}
	}
}

// Who edits the file with a text editor is somebody else, too.
func TestAnEditByHandIsNotOverwritten(t *testing.T) {
	h := unread(t)
	fields := form(t, h.get(access.ProgramLead, "/settings"), "/settings")
	write(t, h.folder, map[string]string{"books.yaml": strings.Replace(small["books.yaml"], "Europe/Berlin", "Europe/Madrid", 1)})
	fields.Set("company", "Example & Sons")
	says(t, h.post(access.ProgramLead, "/settings", fields), http.StatusConflict, "This was changed meanwhile", "by hand", "Europe/Madrid")
}

func TestASettingThatCannotBeStaysInTheForm(t *testing.T) {
	h := company(t)
	fields := form(t, h.get(access.ProgramLead, "/settings"), "/settings")
	for name, text := range map[string]string{
		"currency": "EURO", "timezone": "Moon/Base", "fiscal_year_starts": "02-31", "refused_threshold": "150", "discount_rate": "ten", "margin": "no number", "minimum_group": "-3", "week_starts": "someday", "company": "",
	} {
		sent := url.Values{}
		for k, v := range fields {
			sent[k] = v
		}
		sent.Set(name, text)
		p := h.post(access.ProgramLead, "/settings", sent)
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text, "Nothing was saved yet") {
			t.Errorf("%s %q is answered with %d", name, text, p.status)
			continue
		}
		if name != "week_starts" && form(t, p, "/settings").Get(name) != text {
			t.Errorf("what was typed as %s is gone", name)
		}
		if !regexp.MustCompile(`id="`+name+`-wrong"`).MatchString(p.text) && name != "fiscal_year_starts" {
			t.Errorf("the page does not say that %s is wrong", name)
		}
	}
	if h.yaml() != small["books.yaml"] {
		t.Errorf("something was written:\n%s", h.yaml())
	}
	if p := h.post(access.Auditor, "/settings", fields); p.status != http.StatusForbidden {
		t.Errorf("an auditor saves with %d", p.status)
	}
	says(t, h.get(access.Auditor, "/settings"), http.StatusOK, "disabled")
}

func TestRetentionIsKeptWithItsVersions(t *testing.T) {
	h := unread(t)
	fields := form(t, h.get(access.ProgramLead, "/settings/retention"), "/settings/retention")
	fields.Set("interactions", "24")
	if p := h.post(access.ProgramLead, "/settings/retention", fields); p.status != http.StatusSeeOther {
		t.Fatalf("saving answers %d", p.status)
	}
	fields.Set("interactions", "")
	fields.Set("answers", "36")
	p := h.post(access.Administrator, "/settings/retention", fields)
	says(t, p, http.StatusConflict, "This was changed meanwhile", "program-lead@example.com")
	again := form(t, p, "/settings/retention")
	if again.Get("answers") != "36" || again.Get("interactions") != "24" {
		t.Errorf("the form holds %v", again)
	}
	again.Set("answers", "no")
	says(t, h.post(access.Administrator, "/settings/retention", again), http.StatusUnprocessableEntity, "Write a number of months")
	again.Set("answers", "36")
	if p := h.post(access.Administrator, "/settings/retention", again); p.status != http.StatusSeeOther {
		t.Fatalf("saving again answers %d", p.status)
	}
	r, err := h.office.Retention(t.Context())
	if err != nil || r.Version != 2 || len(r.Months) != 2 || r.Months["interactions"] != 24 || r.Months["answers"] != 36 {
		t.Errorf("kept are %+v (%v)", r, err)
	}
}

func TestASchedulesFormIsTakenChangedAndRemoved(t *testing.T) {
	h := unread(t)
	says(t, h.get(access.ProgramLead, "/settings/schedules"), http.StatusOK, "Nothing is done by itself yet")
	fields := form(t, h.get(access.ProgramLead, "/settings/schedules/new?kind=close"), "/settings/schedules")
	fields.Set("tell", "finance@example.com\nnot an address")
	says(t, h.post(access.ProgramLead, "/settings/schedules", fields), http.StatusUnprocessableEntity, "not an address", "Nothing was saved yet")
	fields.Set("tell", "finance@example.com")
	if p := h.post(access.ProgramLead, "/settings/schedules", fields); p.status != http.StatusSeeOther {
		t.Fatalf("saving answers %d: %.3000s", p.status, p.text)
	}
	says(t, h.get(access.ProgramLead, "/settings/schedules"), http.StatusOK, "on working day 3 after it, at 06:00", "1 person")
	path := regexp.MustCompile(`/settings/schedules/[0-9]+`).FindString(h.get(access.ProgramLead, "/settings/schedules").text)
	mine := form(t, h.get(access.ProgramLead, path), path)
	theirs := form(t, h.get(access.Administrator, path), path)
	theirs.Set("at", "07:30")
	if p := h.post(access.Administrator, path, theirs); p.status != http.StatusSeeOther {
		t.Fatalf("changing answers %d", p.status)
	}
	mine.Set("day", "5")
	p := h.post(access.ProgramLead, path, mine)
	says(t, p, http.StatusConflict, "This was changed meanwhile", "administrator@example.com", "07:30")
	again := form(t, p, path)
	if again.Get("day") != "5" || again.Get("at") != "07:30" {
		t.Errorf("the form holds %v", again)
	}
	if p := h.post(access.ProgramLead, path, again); p.status != http.StatusSeeOther {
		t.Fatalf("saving again answers %d", p.status)
	}
	says(t, h.get(access.Analyst, "/settings/schedules"), http.StatusOK, "on working day 5 after it, at 07:30")
	version := field(t, h.get(access.ProgramLead, path), "version")
	if p := h.post(access.ProgramLead, path+"/remove", url.Values{"version": {version}}); p.status != http.StatusSeeOther {
		t.Fatalf("removing answers %d", p.status)
	}
	if p := h.get(access.ProgramLead, path); p.status != http.StatusNotFound {
		t.Errorf("the removed schedule answers %d", p.status)
	}
}
