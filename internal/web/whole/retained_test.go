package whole_test

import (
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// remembers gives an office what it needs to drop rows and to take people out.
func (h *house) remembers() {
	h.t.Helper()
	store, ok := h.office.Store.(*sqlite.Store)
	if !ok {
		h.t.Fatal("the store is another one")
	}
	h.office.Memory = office.Memory{People: store, Secret: func() ([]byte, error) { return make([]byte, 32), nil }, Chance: rand.Reader}
}

// After rows were dropped by their age every page counts what is kept, says
// apart how much was dropped, and claims nothing of what it cannot know.
func TestPagesCountWhatIsKeptAndSayWhatWasDropped(t *testing.T) {
	h, end := begin(t, t.TempDir(), map[string]string{
		"books.yaml": `company: Example Ltd
settings: {currency: EUR}
books:
  orders: {from: orders.csv, columns: {customer_id: id, ordered_at: day, amount: amount}}
`,
		"orders.csv": "id,day,amount\nEARLY,2024-05-01,20.00\nEARLY,2024-06-01,21.00\nBOTH,2024-07-01,22.00\nBOTH,2026-05-01,23.00\nLATE,2026-06-01,24.00\n",
	})
	defer end()
	h.remembers()
	if _, err := h.office.SaveRetention(t.Context(), office.Retention{Months: map[string]int{"orders": 14}}); err != nil {
		t.Fatal(err)
	}
	done := h.do(office.Task{Kind: office.ImportJob})
	if want := "orders before 2025-09 are no longer kept: dropped 3 rows and 0 refused ones"; done.State != office.Done || !strings.Contains(done.Text, want) {
		t.Errorf("the import says %+v", done)
	}
	if again := h.do(office.Task{Kind: office.ImportJob}); again.Text != "nothing new in the sources" {
		t.Errorf("the next import says %+v", again)
	}
	h.looked()
	says(t, h.get(access.ProgramLead, "/books"), http.StatusOK, "2 rows came from 1 file. 3 older rows are no longer kept.", `<td class="r">2<div class="n">3 older dropped`)
	says(t, h.get(access.ProgramLead, "/books/orders"), http.StatusOK, `<dd class="value">2</dd><dd>3 older ones are no longer kept`, `<td class="r">2<div class="n">3 older dropped`, "2 rows of 2 customers")
	found, _, err := h.office.Check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if b := found.Books[0]; b.Rows != 2 || b.Read != 5 || b.Dropped != 3 || b.Sources[0].Rows != 2 || b.Sources[0].Dropped != 3 {
		t.Errorf("the check counts %+v", b)
	}
	for id, words := range map[string][]string{
		"EARLY": {"When they came is not known. Order lines before 1 September 2025 are no longer kept, and since then the books hold none of theirs.", "Revenue since 1 September 2025", "No longer kept: orders before 1 September 2025."},
		"BOTH":  {"When they came is not known. Order lines before 1 September 2025 are no longer kept. One order line, on 1 May 2026.", "23.00"},
	} {
		p := h.get(access.ProgramLead, "/customers?id="+id)
		p = h.get(access.ProgramLead, p.location)
		says(t, p, http.StatusOK, words...)
		if strings.Contains(p.text, "The books hold no order of theirs") || strings.Contains(p.text, "Revenue in all") {
			t.Errorf("%s is told without what was dropped", id)
		}
	}
	says(t, h.get(access.ProgramLead, "/customers"), http.StatusOK, "lines and revenue are of those since")
}

// The pages do not look for a typing error where an erasure has removed a file.
func TestAFileThatAnErasureRemovedIsSaidSo(t *testing.T) {
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "files"), 0o755); err != nil {
		t.Fatal(err)
	}
	h, end := begin(t, folder, map[string]string{
		"books.yaml": `company: Example Ltd
settings: {currency: EUR}
books:
  customers: {from: files/customers.csv, columns: {customer_id: id, name: name}}
  orders: {from: orders.csv, columns: {customer_id: id, ordered_at: day, amount: amount}}
`,
		"files/customers.csv": "id,name\nCUST-77821-X,Ada Quill\nB,Bertrand\n",
		"orders.csv":          "id,day,amount\nB,2026-05-01,20.00\n",
	})
	defer end()
	h.remembers()
	if _, err := h.office.Erase(t.Context(), engine.ACustomer, "CUST-77821-X", 1, nil); err != nil {
		t.Fatal(err)
	}
	says(t, h.get(access.ProgramLead, "/books/customers"), http.StatusOK, "removed by an erasure, because it held the person; our copy keeps its other rows")
	for _, at := range []string{"/start/books", "/start/books/customers"} {
		p := h.get(access.ProgramLead, at)
		says(t, p, http.StatusOK, "removed by an erasure, because it held the person who was erased", "Nothing has to be done", "files/customers.csv")
		for _, blame := range []string{"typing error", "First, these need columns or files"} {
			if strings.Contains(p.text, blame) {
				t.Errorf("%s says %q", at, blame)
			}
		}
	}
	write(t, folder, map[string]string{"books.yaml": strings.Replace(h.yaml(), "currency: EUR", "currency: EUR, timezone: Europe/Berlin", 1)})
	if got := h.do(office.Task{Kind: office.ImportJob}); got.State != office.Done {
		t.Errorf("an import under other settings: %+v", got)
	}
}
