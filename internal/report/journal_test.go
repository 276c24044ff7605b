package report_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/report"
	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
)

// A journal of three rows: an ordinary one, one of hostile texts, one with more
// digits than a spreadsheet keeps and a day that it does not know.
func TestAJournalIsAWorkbookWithoutFormulas(t *testing.T) {
	j, err := ledger.New("EUR")
	if err != nil {
		t.Fatal(err)
	}
	large, err := money.Parse("123456789012345.678901")
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range []ledger.Transaction{
		{Day: calendar.DayOf(2026, time.January, 31), ID: "A-1", Text: "Amortisation", Postings: []ledger.Posting{{From: "Assets:Training", To: "Expenses:Training", Amount: money.FromMicros(10_500_000)}}},
		{Day: calendar.DayOf(2026, time.February, 1), ID: "=1+1", Text: "@SUM(A1)", Marks: map[string]string{"course": "\"=x\""}, Postings: []ledger.Posting{{From: "Assets:Bank", To: "Assets:Training", Amount: money.FromMicros(1_000_000), Memo: "+1\n=2"}}},
		{Day: calendar.DayOf(1850, time.January, 1), ID: "old", Postings: []ledger.Posting{{From: "Equity:X58", To: "Assets:Bank", Amount: large}}},
	} {
		if err := j.Post(x); err != nil {
			t.Fatal(i, err)
		}
	}
	var b bytes.Buffer
	if err := report.JournalXLSX(&b, j, calendar.DayOf(2026, time.January, 31)); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Balances", "Postings"}) {
		t.Errorf("sheets %q", got)
	}
	rows, err := f.GetRows("Postings", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"day", "id", "text", "from", "to", "amount", "currency", "memo", "corrects_day", "corrects", "marks"},
		{"1850-01-01", "old", "", "Equity:X58", "Assets:Bank", "123456789012345.678901", "EUR"},
		{"46053", "A-1", "Amortisation", "Assets:Training", "Expenses:Training", "10.5", "EUR"}, // 2026-01-31 is day 20484 since 1970, 25569 more since 1899-12-30
		{"46054", "=1+1", "@SUM(A1)", "Assets:Bank", "Assets:Training", "1", "EUR", "+1 =2", "", "", `{"course":"\"=x\""}`},
	}
	if !slices.EqualFunc(rows, want, func(a, b []string) bool { return slices.Equal(a, b) }) {
		t.Errorf("rows %q", rows)
	}
	for _, sheet := range f.GetSheetList() {
		for _, cell := range []string{"A1", "B4", "C4", "F4", "H4", "B3"} {
			if formula, err := f.GetCellFormula(sheet, cell); err != nil || formula != "" {
				t.Errorf("%s!%s is the formula %q (%v)", sheet, cell, formula, err)
			}
		}
	}
	// At the end of January the training is 10.50 below zero, which the bank's purchase of February is not in.
	balances, err := f.GetRows("Balances", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Assets:Training", "-10.5", "EUR"}; len(balances) != 6 || !slices.Equal(balances[3], want) {
		t.Errorf("balances %q", balances)
	}
}
