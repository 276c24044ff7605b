package ledger_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
	"pgregory.net/rapid"
)

// full is a disk that has room for so many bytes.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if f.room < len(b) {
		return f.room, errFull
	}
	f.room -= len(b)
	return len(b), nil
}

func TestAFullDiskIsReported(t *testing.T) {
	j := shop(t)
	for i := range 3000 { // more than one buffer
		x := ledger.Transaction{Day: day(t, "2026-02-01"), ID: strings.Repeat("x", i+1), Postings: []ledger.Posting{{From: "Assets:Bank", To: "Expenses:Rent", Amount: money.FromMicros(1)}}}
		if i > 50 {
			x.ID = strings.Repeat("y", i%40+1) + string(rune('A'+i/40))
		}
		if err := j.Post(x); err != nil {
			t.Fatal(err)
		}
	}
	for what, write := range map[string]func(io.Writer) error{"Beancount": j.WriteBeancount, "hledger": j.WriteHledger, "CSV": j.WriteCSV} {
		for _, room := range []int{0, 100, 100_000} {
			if err := write(&full{room}); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "write the journal as "+what) {
				t.Errorf("%s with room for %d bytes: %v", what, room, err)
			}
		}
	}
}

// Places of ISO 4217: EUR 2, JPY 0, KWD 3; more only where the amount has them.
func TestAmountsArePrintedAsTheirCurrencyIs(t *testing.T) {
	for _, c := range []struct {
		currency                       money.Currency
		amount, beancount, hledgerHead string
	}{
		{"EUR", "5", "  5.00 EUR\n", "commodity 1000.00 EUR\n"},
		{"EUR", "0.000001", "  0.000001 EUR\n", "commodity 1000.000000 EUR\n"},
		{"JPY", "1200", "  1200 JPY\n", "commodity 1000. JPY\n"},
		{"KWD", "1.5", "  1.500 KWD\n", "commodity 1000.000 KWD\n"},
		{"JPY", "123456789012345678901.25", "  123456789012345678901.25 JPY\n", "commodity 1000.00 JPY\n"},
	} {
		j := journal(t, c.currency)
		if err := j.Post(ledger.Transaction{Day: 20454, ID: "a", Postings: []ledger.Posting{{From: "Income:X58", To: "Assets:A", Amount: amount(t, c.amount)}}}); err != nil {
			t.Fatal(err)
		}
		var b, h bytes.Buffer
		if err := errors.Join(j.WriteBeancount(&b), j.WriteHledger(&h)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), c.beancount) || !strings.Contains(h.String(), c.hledgerHead) {
			t.Errorf("%s %s is written\n%s\nand\n%s", c.amount, c.currency, b.String(), h.String())
		}
	}
}

// A sum is printed as money prints it, whatever its size.
func TestBalancesPrintAsMoneyDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := amounts().Draw(t, "amount")
		j := journal(t, "USD")
		if err := j.Post(ledger.Transaction{Day: 20454, ID: "a", Postings: []ledger.Posting{{From: "Income:A", To: "Assets:A", Amount: a}}}); err != nil {
			t.Fatal(err)
		}
		got, err := j.Balance("Income:A", 20454)
		if err != nil || !got.Equal(a.Neg()) {
			t.Fatalf("%s came back as %s (%v)", a, got, err)
		}
		var b strings.Builder
		if err := j.WriteHledger(&b); err != nil || !strings.Contains(b.String(), "  -"+a.Text(2)+" USD\n") {
			t.Fatalf("%s is written as\n%s", a.Text(2), b.String())
		}
	})
}

// What is read back of the CSV are the rows; no cell begins as a formula.
func TestCSVIsReadBackWithoutFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := journals().Draw(t, "journal")
		var b bytes.Buffer
		if err := d.journal.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for r := range d.journal.Rows() {
			i++
			if rows[i][0] != r.Day.String() || rows[i][3] != string(r.From) || rows[i][4] != string(r.To) || rows[i][5] != r.Amount.Text(d.journal.Currency().Places()) || rows[i][8] != r.CorrectsDay {
				t.Fatalf("row %d is %q, want %+v", i, rows[i], r)
			}
		}
		want := 0
		for _, x := range d.posted {
			want += len(x.Postings)
		}
		if len(rows) != i+1 || i != want {
			t.Fatalf("%d rows, want %d", len(rows)-1, want)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.IndexAny(cell, "=+-@＝＋－＠\t\r\n ") == 0 || strings.ContainsAny(cell, "\x00\r\n\u202e") {
					t.Fatalf("a cell is %q", cell)
				}
			}
		}
	})
}
