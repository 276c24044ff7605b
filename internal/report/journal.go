package report

import (
	"errors"
	"fmt"
	"io"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/xlsx"
	"github.com/throughline/throughline/ledger"
)

// JournalXLSX writes a journal as a workbook: every posting, on as many sheets
// as they need, and the balance of every account at the end of a day. Amounts
// are numbers where a spreadsheet holds all their digits and otherwise the text
// of them; texts are never formulas.
func JournalXLSX(w io.Writer, j *ledger.Journal, at calendar.Day) error {
	b := xlsx.New()
	defer b.Close() // only drops what was held aside
	if err := balanceSheet(b, j, at); err != nil {
		return err
	}
	sheets := 0
	var to *xlsx.Sheet
	next := func() (err error) {
		sheets++
		name := "Postings"
		if sheets > 1 {
			name = fmt.Sprintf("Postings %d", sheets)
		}
		if to, err = b.Sheet(name, 1, 12, 16, 36, 44, 44, 16, 10, 36, 14, 16, 36); err != nil {
			return err
		}
		return to.Row(heads(ledger.Columns...)...)
	}
	if err := next(); err != nil {
		return err
	}
	for r := range j.Rows() {
		cells := journalRow(r, j)
		err := to.Row(cells...)
		if errors.Is(err, xlsx.ErrFull) {
			if err = next(); err == nil {
				err = to.Row(cells...)
			}
		}
		if err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
}

func balanceSheet(b *xlsx.Book, j *ledger.Journal, at calendar.Day) error {
	to, err := b.Sheet("Balances", 2, 60, 20, 10)
	if err != nil {
		return err
	}
	if err := to.Row(xlsx.Head("Balances at the end of "+at.String()), xlsx.Text(""), xlsx.Text("")); err != nil {
		return err
	}
	if err := to.Row(heads("account", "balance", "currency")...); err != nil {
		return err
	}
	c := j.Currency()
	for _, held := range j.Balances(at) {
		if err := to.Row(xlsx.Text(string(held.Account)), xlsx.Decimal(held.Amount.Text(c.Places()), c.Places()), xlsx.Text(string(c))); err != nil {
			return err
		}
	}
	return nil
}

// journalRow has the texts of a row on one line each, but for its day and amount.
func journalRow(r ledger.Row, j *ledger.Journal) []xlsx.Cell {
	c := j.Currency()
	var out []xlsx.Cell
	for i, text := range r.Cells(c) {
		switch ledger.Columns[i] {
		case "day":
			out = append(out, journalDay(r.Day))
		case "amount":
			out = append(out, xlsx.Decimal(text, c.Places()))
		default:
			out = append(out, xlsx.Text(clean(text)))
		}
	}
	return out
}

// march1900 is the first day that a spreadsheet counts as the calendar does.
var march1900 = calendar.DayOf(1900, 3, 1)

func journalDay(day calendar.Day) xlsx.Cell {
	if day < march1900 {
		return xlsx.Text(day.String())
	}
	return xlsx.Day(day.Date())
}
