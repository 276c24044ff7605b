package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fewest is how many actions lead from a file to a closed statement, at most, as the product promises.
const fewest = 12

// export is what a till of a small company writes: semicolons, decimal commas, days before months, a line of totals at the end, and
// errors of all kinds. It holds two years of sixty customers.
func export(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("Beleg;Kundennr;Datum;Artikel;Menge;Betrag\n")
	line := 0
	for month := range 25 {
		for customer := range 60 {
			if (customer*7+month*3)%5 == 0 || customer%9 == 4 && month > 14 || customer%11 == 2 && month < 12 {
				continue // did not buy in this month, has left, or had not come yet
			}
			line++
			day := time.Date(2024, time.January, 1+(customer*5+month)%27, 0, 0, 0, 0, time.UTC).AddDate(0, month, 0)
			date, amount := day.Format("02.01.2006"), fmt.Sprintf("%d,%02d", 12+(customer*13+month*7)%80, (customer*37+month)%100)
			switch line % 401 {
			case 100:
				amount = "12,3O" // the letter O
			case 150:
				date = "31.02.2025"
			case 180:
				amount = "n/a"
			}
			fmt.Fprintf(&b, "%d;K%04d;%s;Artikel %d;%d;%s\n", 10000+line, customer, date, customer%7, 1+month%3, amount)
		}
	}
	b.WriteString(";;;;Summe;99999,99\n")
	path := filepath.Join(t.TempDir(), "Umsatz 2024-2026.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFirstRunByKeyboardAlone goes from an empty folder and a file with errors to a closed statement.
func TestFirstRunByKeyboardAlone(t *testing.T) {
	person(t, "").Close()
	s := serve(t, t.TempDir())
	if s.first == "" {
		t.Fatal("the server gives no link to the first administrator")
	}
	firstRun(t, s, export(t))
}

// TestFirstRunOfARealFile does the same with half a million invoice lines of a real wholesaler (../shared/data, README there), with
// its missing customers, cancellations and test lines.
func TestFirstRunOfARealFile(t *testing.T) {
	file := filepath.Join(os.Getenv("THROUGHLINE_DATA"), "online_retail_y1", "online_retail_2009_2010.csv.gz")
	if _, err := os.Stat(file); err != nil {
		t.Skip("no public data: THROUGHLINE_DATA names no folder with online_retail_y1")
	}
	person(t, "").Close()
	firstRun(t, serve(t, t.TempDir()), file)
}

func firstRun(t *testing.T, s served, file string) {
	t.Helper()
	h := &hand{T: t, page: person(t, s.base)}
	visit(t, h.page, s.first)
	h.fill("email", "lead@example.com")
	h.fill("password", password)
	h.fill("again", password)
	h.press("Come in")
	h.on("/start")
	h.fill("company", "Corner Shop")
	h.press("Go on")
	h.on("/start/files")
	h.choose(file)
	h.press("Send")
	h.on("/start/books")
	shoot(t, h.page, "first-run-books")
	if n, err := h.page.Count("form[action$='/suggestions'] button"); err != nil || n > 0 {
		h.press("Do what is ticked")
		h.on("/start/books")
	}
	t.Log(read(t, h.page))
	h.press("These are our books")
	h.until(3*time.Minute, `document.querySelector("form[action='/start/close'] button") !== null && document.readyState === "complete"`)
	shoot(t, h.page, "first-run-close")
	h.press("Close it")
	h.until(3*time.Minute, `location.pathname.startsWith("/statement") || location.pathname.startsWith("/closes")`)
	shoot(t, h.page, "first-run-closed")
	t.Logf("%d actions: %s", len(h.did), strings.Join(h.did, "; "))
	if len(h.did) > fewest {
		t.Errorf("%d actions, at most %d", len(h.did), fewest)
	}
}
