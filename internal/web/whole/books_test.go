package whole_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
)

// field is the value of a hidden field of a page.
func field(t *testing.T, p page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(p.text)
	if m == nil {
		t.Fatalf("the page has no field %s: %.2000s", name, p.text)
	}
	return m[1]
}

// says holds a page to words that must stand in it.
func says(t *testing.T, p page, status int, words ...string) {
	t.Helper()
	if p.status != status {
		t.Errorf("the page answers %d, not %d", p.status, status)
	}
	for _, w := range words {
		if !strings.Contains(p.text, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	if t.Failed() {
		t.Logf("%.6000s", regexp.MustCompile(`(?s)<[^>]*>|\s+`).ReplaceAllString(between(p.text, "<main", "</main>"), " "))
	}
}

// ended waits for the job that a form has led to.
func (h *house) ended(p page) office.Outcome {
	h.t.Helper()
	if p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, "/runs/") {
		h.t.Fatalf("the form leads to %q with %d: %.500s", p.location, p.status, p.text)
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(p.location, "/runs/"), 10, 64)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.settled(office.Job{ID: id}).Outcome
}

func TestTheBooksPageSaysWhatIsKeptAndWhatIsMissing(t *testing.T) {
	h := company(t)
	p := h.get(access.ProgramLead, "/books")
	// One row of the two files is the same, and one of the twelve order rows could not be read, which is more than 1%.
	says(t, p, http.StatusOK, "A close would be refused for 2 reasons", "4 of fifteen books are kept", "overlaps to decide", "figures of the general ledger", "Looked at on 5 November 2026")
	if strings.Contains(p.text, "Their words on each customer") {
		t.Error("a book that is kept is told as missing")
	}
	p = h.get(access.ProgramLead, "/books/orders")
	says(t, p, http.StatusOK, "orders-a.csv", "orders-b.csv", "Two files seem to hold the same rows", "is not a number", "2x.00", "All of them as CSV", "May 2026", "count them once")
	says(t, h.get(access.ProgramLead, "/books/people"), http.StatusOK, "This book is not kept yet", "annual_cost")
	says(t, h.get(access.ProgramLead, "/books/nothing"), http.StatusNotFound, "There is no such book")
}

func TestRefusedRowsAreForWhoMaySeeCustomers(t *testing.T) {
	h := company(t)
	p := h.get(access.Analyst, "/books/orders")
	says(t, p, http.StatusOK, "is not a number", "not for your role")
	if strings.Contains(p.text, "2x.00") || strings.Contains(p.text, "refused.csv") || strings.Contains(p.text, "/start/files") {
		t.Error("an analyst is shown refused values, their file, or what only others may do")
	}
	if p := h.get(access.Analyst, "/books"); strings.Contains(p.text, "2x.00") || !strings.Contains(p.text, "1 of 12 rows of orders were refused") {
		t.Error("the reason for which a close would be refused quotes a row, or is not told")
	}
	if p := h.get(access.Analyst, "/books/orders/refused.csv"); p.status != http.StatusForbidden {
		t.Errorf("an analyst downloads refused rows with %d", p.status)
	}
	p = h.get(access.Auditor, "/books/orders/refused.csv")
	cells, err := csv.NewReader(strings.NewReader(p.text)).ReadAll()
	if err != nil || len(cells) != 2 || cells[1][0] != "orders-a.csv" || cells[1][1] != "9" || cells[1][5] != "2025-07-07" {
		t.Errorf("the refused rows are %v (%v)", cells, err)
	}
}

func TestAnOverlapIsDecidedOnThePage(t *testing.T) {
	h := own(t)
	p := h.get(access.ProgramLead, "/books/orders")
	version := field(t, p, "version")
	if p := h.post(access.Auditor, "/books/orders/overlaps", url.Values{"version": {version}, "how": {"once"}}); p.status != http.StatusForbidden {
		t.Errorf("an auditor decides with %d", p.status)
	}
	if got := h.ended(h.post(access.ProgramLead, "/books/orders/overlaps", url.Values{"version": {version}, "how": {"once"}})); got.State != office.Done {
		t.Fatalf("the import: %+v", got)
	}
	text, err := os.ReadFile(filepath.Join(h.folder, "books.yaml"))
	if err != nil || !strings.Contains(string(text), "overlaps: once") || !strings.HasPrefix(string(text), "# ours, by hand") || !strings.Contains(string(text), "# where the shop stands") {
		t.Errorf("books.yaml: %v\n%s", err, text)
	}
	h.looked()
	p = h.get(access.ProgramLead, "/books/orders")
	if strings.Contains(p.text, "count them once") {
		t.Error("the overlap is still to be decided")
	}
	// Somebody else had the page open all the while.
	p = h.post(access.ProgramLead, "/books/orders/overlaps", url.Values{"version": {version}, "how": {"keep"}})
	says(t, p, http.StatusConflict, "This was changed meanwhile", "program-lead@example.com", "once")
}

func TestAFileThatIsGoneIsForgottenOnThePage(t *testing.T) {
	h := own(t)
	if err := os.Remove(filepath.Join(h.folder, "orders-b.csv")); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(small["books.yaml"], "[orders-a.csv, orders-b.csv]", "orders-*.csv", 1)
	write(t, h.folder, map[string]string{"books.yaml": text})
	says(t, h.get(access.ProgramLead, "/books/orders"), http.StatusOK, "no longer in its place; our copy is kept", "Forget its rows")
	if got := h.ended(h.post(access.ProgramLead, "/books/orders/forget", url.Values{"source": {"orders-a.csv"}})); got.State != office.Refused {
		t.Errorf("a file that is in its place is forgotten: %+v", got)
	}
	if got := h.ended(h.post(access.ProgramLead, "/books/orders/forget", url.Values{"source": {"orders-b.csv"}})); got.State != office.Done {
		t.Fatalf("forgetting: %+v", got)
	}
	p := h.get(access.ProgramLead, "/books/orders")
	if strings.Contains(p.text, "Forget its rows") {
		t.Error("the forgotten file is still there")
	}
	says(t, h.get(access.ProgramLead, "/runs"), http.StatusOK, "Import", "program-lead@example.com")
}

// Pages that have not been looked at say so, and have it done.
func TestBooksThatChangedAreLookedAtAgain(t *testing.T) {
	h := own(t)
	write(t, h.folder, map[string]string{"remarks.csv": small["remarks.csv"] + "2,2026-05-01,Thank you,A-1\n"})
	if got := h.ended(h.post(access.ProgramLead, "/books/import", url.Values{})); got.State != office.Done {
		t.Fatalf("the import: %+v", got)
	}
	for range 200 {
		if p := h.get(access.ProgramLead, "/books"); strings.Contains(p.text, "and unchanged since") {
			return
		}
		h.pause()
	}
	t.Error("the books are not looked at again within ten seconds")
}

func TestWhatTheBooksQuotedIsForgotten(t *testing.T) {
	h := own(t)
	if err := h.office.ForgetExamined(); err != nil {
		t.Fatal(err)
	}
	says(t, h.get(access.ProgramLead, "/books/orders"), http.StatusOK, "being looked at for the first time")
	if err := h.office.ForgetExamined(); err != nil {
		t.Errorf("forgetting twice: %v", err)
	}
}
