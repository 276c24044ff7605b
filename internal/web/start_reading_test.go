package web

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/throughline/throughline/internal/access"
)

// In the first run it is asked in plain words whether amounts include tax; the
// answer is one line of books.yaml, and what a hand wrote beside it stays.
func TestTaxIsAskedForOnTheBooksPage(t *testing.T) {
	s := founding(t)
	lead := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	a := lead.get("/start")
	lead.post("/start", a.form("/start", url.Values{"company": {"Example Ltd"}, "currency": {"EUR"}, "timezone": {"UTC"}, "fiscal_year_starts": {"01-01"}}))
	lead.send("/start/files", map[string]string{"sales.csv": "customer_id,date,gross total,vat\n" + strings.Repeat("c1,2024-01-05,119.00,19%\nc2,2024-02-05,107.00,7%\n", 30)})
	// 30 × (119 + 107) as it stands; by its name the column includes tax, and that is said.
	a = lead.get("/start/books")
	a.has(t, 200, "6,780.00", "#tax", "Do these amounts include tax?", "by its name gross total includes tax")
	if strings.Contains(a.body, "included: 0.19") {
		t.Error("the page speaks of what to write in a file")
	}
	fields := func(more url.Values) url.Values {
		f := url.Values{"column.customer_id": {"=customer_id"}, "column.ordered_at": {"=date"}, "column.amount": {"=gross total"}, "header": {"auto"}, "dates": {""}, "where": {""}}
		for k, v := range more {
			f[k] = v
		}
		return f
	}
	send := func(more url.Values) answer {
		t.Helper()
		a := lead.get("/start/books/orders")
		return lead.post("/start/books/orders", a.form("/start/books/orders", fields(more)))
	}
	// One rate: 30 × (119/1.19 + 107/1.19 = 100 + 89.92).
	send(url.Values{"tax": {"rate"}, "tax_rate": {"19"}}).has(t, 200, "5,697.60", `id="tax-rate" name="tax" value="rate" checked`, `name="tax_rate" value="19"`)
	// What is answered is asked no more, and nobody is told here what to write in a file.
	if a := lead.get("/start/books"); strings.Contains(a.body, "by its name gross total includes tax") || !strings.Contains(a.body, "19% tax taken out") {
		t.Errorf("asked again: %s", a.body)
	}
	// Each row's: 30 × (100 + 100).
	send(url.Values{"tax": {"column"}, "tax_column": {"vat"}, "tax_way": {"signed"}}).has(t, 200, "6,000.00", `id="tax-column" name="tax" value="column" checked`, `<option value="vat" selected>`, `<option value="signed" selected>`)
	// What cannot be a rate is said, and what was typed stays.
	for typed, said := range map[string]string{"0.19": "0.19 is not a rate in per cent", "": "the rate is missing", "many": "is not a rate in per cent", "1.23456": "more than four places"} {
		send(url.Values{"tax": {"rate"}, "tax_rate": {typed}}).has(t, 422, said, `name="tax_rate" value="`+typed+`"`)
	}
	send(url.Values{"tax": {"column"}}).has(t, 422, "no column was chosen for the rate of tax")
	// Nothing was saved by these.
	a = lead.get("/start/books/orders")
	a.has(t, 200, "6,000.00")
	lead.post("/start/books", lead.get("/start/books").form("/start/books", nil))
	path := s.server.Office.Config
	text := read(t, path)
	if !strings.Contains(text, `tax: {included: "replace(vat, '%', '') / 100"}`) || strings.Contains(text, "includes tax") {
		t.Fatal(text)
	}
	// A hand writes an expression, the columns that include it, and why.
	hand := strings.Replace(text, `tax: {included: "replace(vat, '%', '') / 100"}`, "tax: {included: \"CASE customer_id WHEN 'c1' THEN 0.19 ELSE 0.07 END\", columns: [amount]} # as the tax office says", 1)
	hand = strings.Replace(hand, "books:\n", "books: # of the shop\n", 1)
	if err := os.WriteFile(path, []byte(hand), 0o600); err != nil {
		t.Fatal(err)
	}
	lead.get("/start/books/orders").has(t, 200, "6,000.00", `id="tax-kept" name="tax" value="kept" checked`, "books.yaml says of which columns: amount.")
	send(url.Values{"tax": {"kept"}, "column.product": {"=vat"}}).has(t, 200, `id="tax-kept" name="tax" value="kept" checked`)
	send(url.Values{"tax": {"rate"}, "tax_rate": {"7,5"}, "column.product": {"=vat"}}).has(t, 200, `name="tax_rate" value="7.5"`)
	lead.post("/start/books", lead.get("/start/books").form("/start/books", nil))
	for _, want := range []string{"tax: {included: 0.075, columns: [amount]}", "books: # of the shop", "product: vat"} {
		if text = read(t, path); !strings.Contains(strings.ReplaceAll(text, `"`, ""), want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	send(url.Values{"tax": {"no"}}).has(t, 200, "6,780.00", `id="tax-no" name="tax" value="no" checked`)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A workbook of several sheets is proposed sheet by sheet; what was left is
// said, and which sheets are read is changed by ticking them.
func TestSheetsAreChosenOnTheBooksPage(t *testing.T) {
	s := founding(t)
	lead := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	a := lead.get("/start")
	lead.post("/start", a.form("/start", url.Values{"company": {"Example Ltd"}, "currency": {"EUR"}, "timezone": {"UTC"}, "fiscal_year_starts": {"01-01"}}))
	f := excelize.NewFile()
	for _, sheet := range []string{"2023", "2024", "Drafts"} {
		if _, err := f.NewSheet(sheet); err != nil {
			t.Fatal(err)
		}
		rows := [][]any{{"Sales " + sheet}, {}, {"customer_id", "date", "amount"}}
		if sheet == "Drafts" {
			rows = [][]any{{"idea"}, {"more tea"}}
		}
		for i := range 40 {
			if sheet != "Drafts" {
				rows = append(rows, []any{i % 7, sheet + "-03-" + string(rune('1'+i%2)) + string(rune('0'+i%9)), 10})
			}
		}
		for i, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetSheetRow(sheet, cell, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "shop.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	lead.send("/start/files", map[string]string{"shop.xlsx": read(t, path)})
	lead.get("/start/books").has(t, 200, "80", "800.00", "shop.xlsx#2023", "shop.xlsx#2024", "above it stands")
	lead.get("/start/files").has(t, 200, "sheet Drafts: ", "2023, 2024: orders")
	a = lead.get("/start/books/orders")
	a.has(t, 200, `name="sheets" value="2023" checked`, `name="sheets" value="2024" checked`, `name="sheets" value="Drafts" aria`, `name="header_row" value="3"`)
	fields := url.Values{"column.customer_id": {"=customer_id"}, "column.ordered_at": {"=date"}, "column.amount": {"=amount"}, "header": {"auto"}, "dates": {""}, "where": {""}, "tax": {"no"}, "header_row": {"3"}, "sheets": {"2024"}, "sheets-asked": {"yes"}}
	a = lead.post("/start/books/orders", a.form("/start/books/orders", fields))
	a.has(t, 200, "400.00", `name="sheets" value="2023" aria`, `name="sheets" value="2024" checked`)
	fields["header_row"] = []string{"top"}
	a = lead.post("/start/books/orders", a.form("/start/books/orders", fields))
	a.has(t, 422, "top is not the number of a row", `value="2024" checked`)
	// None is no answer, and is not taken for the first.
	delete(fields, "sheets")
	fields["header_row"] = []string{"3"}
	a = lead.post("/start/books/orders", a.form("/start/books/orders", fields))
	a.has(t, 422, "no sheet is ticked")
	lead.get("/start/books/orders").has(t, 200, "400.00", `name="sheets" value="2024" checked`)
}
