package books_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// A workbook is proposed, imported by its content under any name, and joined; an error in a cell refuses its row under the
// sheet's row number.
func TestWorkbooksAreProposedAndImported(t *testing.T) {
	dir := t.TempDir()
	f := excelize.NewFile()
	defer f.Close() // only written to
	put := func(sheet string, line int, cells ...any) {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", line), &cells); err != nil {
			t.Fatal(err)
		}
	}
	put("Sheet1", 1, "client", "date", "amount")
	start := time.Date(2024, 1, 1, 9, 30, 0, 0, time.UTC)
	for i := range 60 {
		put("Sheet1", i+3, i%9, start.AddDate(0, 0, i), 1234.1)
	}
	put("Sheet1", 70, 1, start, "#N/A")
	if _, err := f.NewSheet("People"); err != nil {
		t.Fatal(err)
	}
	put("People", 1, "id", "name")
	for i := range 9 {
		put("People", i+2, i, fmt.Sprintf("P%d", i))
	}
	if err := f.SaveAs(filepath.Join(dir, "sales.xlsx")); err != nil {
		t.Fatal(err)
	}

	config, proposal := propose(t, dir)
	if m := config.Books["orders"]; m.Columns["ordered_at"] != "date" || len(m.Dates) > 0 {
		t.Errorf("proposed %+v\n%s", m, proposal.Text)
	}
	config = parsed(t, dir, `company: X
settings: {currency: EUR}
books:
  orders:
    from: sales.xlsx
    join: [{from: sales.xlsx, on: "client = id", source: {sheet: people}}]
    columns: {order_id: client, customer_id: name, ordered_at: date, amount: amount}
`)
	found, _ := checked(t, config)
	b := found.Books[0]
	if b.Rows != 60 || b.Refused != 1 || b.Customers != 9 || b.FirstDay.String() != "2024-01-01" || b.LastDay.String() != "2024-02-29" || *b.Identified.Amount != "74046.00" {
		t.Errorf("%+v", b)
	}
	if r := b.Reasons[0]; !strings.HasPrefix(r.Column, "amount") || r.Examples[0].Line != 70 || !strings.Contains(r.Examples[0].Value, "#N/A") {
		t.Errorf("%+v", r)
	}
}
