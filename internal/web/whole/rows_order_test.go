package whole_test

import (
	"archive/zip"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// numbered is a company whose customers have ids that count up, in the order of
// their rows, and who all paid the same on the same day.
func numbered(t *testing.T, customers int) *house {
	orders, people := "id,day,amount,order\n", "id,since,name\n"
	for i := range customers {
		orders += fmt.Sprintf("C-%03d,2025-03-02,20.00,O-%03[1]d\nC-%03[1]d,2025-02-01,%d.00,P-%03[1]d\n", i+1, i%7+1)
		people += fmt.Sprintf("C-%03d,2025-01-01,Somebody %03[1]d\n", i+1)
	}
	files := map[string]string{
		"books.yaml": `company: Example Ltd
settings: {currency: EUR}
books:
  orders: {from: orders.csv, columns: {customer_id: id, ordered_at: day, amount: amount, order_id: order}}
  customers: {from: people.csv, columns: {customer_id: id, acquired_on: since, name: name}}
`,
		"orders.csv": orders, "people.csv": people,
	}
	h, end := begin(t, t.TempDir(), files)
	t.Cleanup(end)
	return h
}

// Line N of a download under pseudonyms must not be customer N: the rows stand
// by pseudonym and then by time in every format, the same each time.
func TestRowsUnderPseudonymsHideTheOrderOfTheirSource(t *testing.T) {
	h := numbered(t, 60)
	for _, book := range []string{"orders", "customers"} {
		path := "/books/" + book + "/rows?format="
		_, rows := table(t, h.get(access.Analyst, path+"csv"))
		if !slices.IsSortedFunc(rows, func(a, b []string) int { return slices.Compare(a[:2], b[:2]) }) {
			t.Errorf("%s does not stand by pseudonym and time: %v", book, rows[:4])
		}
		want := []string{}
		for _, r := range rows {
			want = append(want, r[0])
		}
		for _, format := range []string{"csv", "ndjson", "parquet", "xlsx"} {
			p := h.get(access.Analyst, path+format)
			if again := h.get(access.Analyst, path+format); p.status != http.StatusOK || format != "xlsx" && again.text != p.text {
				t.Errorf("%s as %s answers %d, or is not the same again", book, format, p.status)
			}
			if got := pseudonymsIn(t, p.text, format); !slices.Equal(got, want) {
				t.Errorf("%s as %s has its rows in another order: %v", book, format, got)
			}
			for _, word := range []string{"C-0", "O-0", "P-0", "Somebody", "orders.csv", "people.csv"} {
				if strings.Contains(opened(t, p.text, format), word) {
					t.Errorf("%s as %s holds %q", book, format, word)
				}
			}
		}
	}
}

var aPseudonym = regexp.MustCompile(`\b[a-z02-9]{4}-[a-z02-9]{4}\b`)

// pseudonymsIn are the customers of a download's rows, in their order.
func pseudonymsIn(t *testing.T, text, format string) (out []string) {
	if format != "parquet" {
		return aPseudonym.FindAllString(opened(t, text, format), -1)
	}
	path := filepath.Join(t.TempDir(), "rows.parquet")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT customer_id FROM read_parquet('" + path + "', file_row_number = true) ORDER BY file_row_number")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var who string
		if err := rows.Scan(&who); err != nil {
			t.Fatal(err)
		}
		out = append(out, who)
	}
	return out
}

// opened is a download's text; of a workbook, its sheet's.
func opened(t *testing.T, text, format string) string {
	if format != "xlsx" {
		return text
	}
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(all), "<sheetData>") // numbers of the sheet's own stand before
	return body
}
