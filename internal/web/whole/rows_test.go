package whole_test

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// table reads a downloaded CSV.
func table(t *testing.T, p page) (header []string, rows [][]string) {
	t.Helper()
	cells, err := csv.NewReader(strings.NewReader(p.text)).ReadAll()
	if p.status != http.StatusOK || err != nil || len(cells) == 0 {
		t.Fatalf("the rows answer %d: %v %.500s", p.status, err, p.text)
	}
	return cells[0], cells[1:]
}

// Whoever may see customers has a book's rows as they are, and the audit log
// tells that they were taken.
func TestABooksRowsAreDownloadedFromItsPage(t *testing.T) {
	h := company(t)
	says(t, h.get(access.Finance, "/books/orders"), http.StatusOK, "Its rows as a file", `action="/books/orders/rows"`)
	header, rows := table(t, h.get(access.Finance, "/books/orders/rows?format=csv"))
	// Of the twelve rows of both files one was refused.
	if strings.Join(header, ",") != "customer_id,ordered_at,amount,product" || len(rows) != 11 {
		t.Errorf("%v and %d rows", header, len(rows))
	}
	if !slices.ContainsFunc(rows, func(r []string) bool { return r[0] == "A-1" && r[2] == "45.5" }) {
		t.Errorf("a line of A-1 is not among %v", rows)
	}
	// Days end before the end of a period: only the two of March and April 2026.
	_, rows = table(t, h.get(access.Finance, "/books/orders/rows?format=csv&period=2026-03-01..2026-05-01"))
	if len(rows) != 2 {
		t.Errorf("of two months: %v", rows)
	}
	lines := h.get(access.ProgramLead, "/books/customers/rows?format=ndjson&period=")
	var first map[string]any
	if err := json.Unmarshal([]byte(strings.SplitN(lines.text, "\n", 2)[0]), &first); err != nil || lines.header.Get("Content-Disposition") != `attachment; filename="customers.ndjson"` {
		t.Errorf("%v: %v %.300s", lines.header, err, lines.text)
	}
	if !strings.Contains(lines.text, "ada@example.com") || strings.Count(lines.text, "\n") != 4 {
		t.Errorf("%.600s", lines.text)
	}
	log := h.get(access.Auditor, "/audit")
	says(t, log, http.StatusOK, "rows downloaded", "book orders, csv", "book customers, ndjson")
	for path, words := range map[string]string{
		"/books/orders/rows?format=doc": "There is no such format", "/books/orders/rows?format=csv&period=lately": "no days of the company", "/books/nothing/rows?format=csv": "There is no such book",
		"/books/orders/rows?format=csv&period=1999": "has no rows in", "/books/costs/rows?format=csv": "has no rows",
	} {
		if p := h.get(access.Finance, path); p.status < 400 || !strings.Contains(p.text, words) {
			t.Errorf("%s answers %d without %q: %.300s", path, p.status, words, p.text)
		}
	}
	if left, err := filepath.Glob(filepath.Join(h.office.Dir, "scratch-*-download-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// Whoever may not see who customers are has the same rows under the pseudonyms
// that the pages give, in every format, and nothing that tells who somebody is.
func TestAnAnalystDownloadsRowsUnderPseudonyms(t *testing.T) {
	h := company(t)
	says(t, h.get(access.Analyst, "/books/orders"), http.StatusOK, "Customers stand under pseudonyms")
	ada := strings.TrimPrefix(links(h.get(access.ProgramLead, find("Ada")))[0], "/customers/")
	for _, book := range []string{"orders", "customers", "answers", "remarks"} {
		for _, format := range []string{"csv", "ndjson"} {
			p := h.get(access.Analyst, "/books/"+book+"/rows?format="+format)
			if p.status != http.StatusOK || !strings.Contains(p.text, ada) {
				t.Errorf("%s as %s: %d, and %s is not in it: %.400s", book, format, p.status, ada, p.text)
			}
			for _, word := range append(slices.Clone(identifying), "example.com", "A/2", "Dot") {
				if strings.Contains(p.text, word) {
					t.Errorf("%s as %s tells an analyst %q", book, format, word)
				}
			}
		}
	}
	header, rows := table(t, h.get(access.Analyst, "/books/orders/rows?format=csv"))
	if strings.Join(header, ",") != "customer_id,ordered_at,amount,product" || len(rows) != 11 {
		t.Errorf("%v and %d rows", header, len(rows))
	}
	if got := count(rows, ada); got != 4 { // as her timeline tells; the fifth could not be read
		t.Errorf("%d lines are hers", got)
	}
	// An order without a customer has none here either.
	if got := count(rows, ""); got != 1 {
		t.Errorf("%d lines are nobody's", got)
	}
	path := filepath.Join(t.TempDir(), "orders.parquet")
	if err := os.WriteFile(path, []byte(h.get(access.Analyst, "/books/orders/rows?format=parquet").text), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := 0
	if err := db.QueryRow("SELECT count(*) FROM read_parquet('"+path+"') WHERE customer_id = ?", ada).Scan(&n); err != nil || n != 4 {
		t.Errorf("Parquet holds %d of her lines: %v", n, err)
	}
	says(t, h.get(access.Auditor, "/audit"), http.StatusOK, "rows downloaded under pseudonyms")
	for _, role := range []access.Role{access.Employee, access.Administrator, access.People} {
		if p := h.get(role, "/books/orders/rows?format=csv"); p.status != http.StatusForbidden {
			t.Errorf("%s downloads rows with %d", role, p.status)
		}
		if p := h.get(role, "/books/orders"); strings.Contains(p.text, "Its rows as a file") {
			t.Errorf("%s is offered rows", role)
		}
	}
}

func count(rows [][]string, who string) (n int) {
	for _, r := range rows {
		if r[0] == who {
			n++
		}
	}
	return n
}

// Rows about employees are for whoever may see figures about all of them, and
// in other books nobody else is told which employee a row is about.
func TestRowsAboutEmployeesAreForFew(t *testing.T) {
	files := map[string]string{
		"books.yaml": `company: Example Ltd
settings: {currency: EUR}
books:
  orders: {from: orders.csv, columns: {customer_id: id, ordered_at: day, amount: amount}}
  people: {from: people.csv, columns: {person_id: p, valid_from: day, department: d, role: r, annual_cost: cost}}
  interactions: {from: calls.csv, columns: {interaction_id: n, started_at: day, touchpoint: t, customer_id: id, person_id: p}}
`,
		"orders.csv": "id,day,amount\nA-1,2025-03-02,20.00\n", "people.csv": "p,day,d,r,cost\nworker-7,2025-01-01,Care,Agent,30000\n",
		"calls.csv": "n,day,t,id,p\n1,2025-03-02,Phone,A-1,worker-7\n",
	}
	h, end := begin(t, t.TempDir(), files)
	t.Cleanup(end)
	for _, role := range []access.Role{access.Executive, access.ProgramLead, access.Finance, access.Analyst} {
		if p := h.get(role, "/books/people/rows?format=csv"); p.status != http.StatusForbidden || !strings.Contains(p.text, "single employees") {
			t.Errorf("%s downloads the people with %d", role, p.status)
		}
		if p := h.get(role, "/books/interactions/rows?format=csv"); p.status != http.StatusOK || strings.Contains(p.text, "worker-7") || strings.Contains(p.text, "person_id") {
			t.Errorf("%s downloads the interactions with %d: %s", role, p.status, p.text)
		}
	}
	for _, book := range []string{"people", "interactions"} {
		if p := h.get(access.Auditor, "/books/"+book+"/rows?format=csv"); p.status != http.StatusOK || !strings.Contains(p.text, "worker-7") {
			t.Errorf("the auditor downloads %s with %d: %s", book, p.status, p.text)
		}
	}
}
