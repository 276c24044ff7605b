package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

func TestASecondPersonReviewsOnce(t *testing.T) {
	rows := keptIn(t, simulated)
	f := openFace(t, "Simulated Example Ltd", "EUR", rows[:3])
	if page := f.page(access.Employee, "/closes/1"); strings.Contains(page, "Record the review") {
		t.Error("an employee is offered a review")
	}
	answer := f.ask(access.Finance, http.MethodPost, "/closes/1/review", url.Values{"note": {"Compared with the ledger;\nno difference."}})
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/closes/1" {
		t.Fatalf("the review answered %d %s", answer.StatusCode, answer.Header.Get("Location"))
	}
	text := visible(t, f.page(access.Auditor, "/closes/1"))
	for _, want := range []string{"Reviewed by", "finance", "no difference."} {
		if !strings.Contains(text, want) {
			t.Errorf("the seal does not show %q: %s", want, text)
		}
	}
	if text := visible(t, f.page(access.Auditor, "/statement/1")); !strings.Contains(text, "Reviewed by") {
		t.Error("the statement does not say that it was reviewed")
	}
	// A second review comes too late, and what was written is not lost.
	answer = f.ask(access.Executive, http.MethodPost, "/closes/1/review", url.Values{"note": {"Looks right to me"}})
	if body := read(t, answer); answer.StatusCode != http.StatusConflict || !strings.Contains(body, "reviewed once") || !strings.Contains(body, "Looks right to me") {
		t.Errorf("the second review answered %d", answer.StatusCode)
	}
}

// Who closed by a page stands in the seal as a number, and cannot review the own close.
func TestThePreparerCannotReview(t *testing.T) {
	row := keptIn(t, simulated)[1]
	row.Preparer = "user 3" // finance is the third of access.Roles
	f := openFace(t, "Simulated Example Ltd", "EUR", []kept{row})
	page := f.page(access.Finance, "/closes/1")
	if strings.Contains(page, "Record the review") || !strings.Contains(visible(t, page), "finance@example.com") {
		t.Error("the preparer is offered a review, or not named")
	}
	if text := visible(t, f.page(access.Executive, "/closes/1")); strings.Contains(text, "user 3") || strings.Contains(text, "finance@example.com") || !strings.Contains(text, "Prepared by finance") {
		t.Errorf("others are told who by role: %s", text)
	}
	answer := f.ask(access.Finance, http.MethodPost, "/closes/1/review", url.Values{"note": {"mine"}})
	if body := read(t, answer); answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "somebody else must review it") || !strings.Contains(body, "mine") {
		t.Errorf("the preparer's review answered %d", answer.StatusCode)
	}
}

// What cannot be asked for is refused where it was typed, with what was typed.
func TestARefusedCloseKeepsWhatWasTyped(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", nil)
	for _, c := range []struct{ period, compare, want string }{
		{"", "", "no period is named"},
		{"Sept 2026", "2025-09", "serve"}, // this server carries nothing out
	} {
		answer := f.ask(access.Finance, http.MethodPost, "/closes", url.Values{"period": {c.period}, "compare": {c.compare}, "act": {"close"}})
		body := read(t, answer)
		if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(visible(t, body), c.want) || !strings.Contains(body, `name="period"`) || !strings.Contains(body, `value="`+c.period+`"`) || !strings.Contains(body, `value="`+c.compare+`"`) {
			t.Errorf("%+v answered %d: %s", c, answer.StatusCode, visible(t, body))
		}
	}
	if page := f.page(access.Executive, "/closes"); strings.Contains(page, "Close it") {
		t.Error("an executive is offered a close")
	}
}
