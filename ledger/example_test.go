package ledger_test

import (
	"fmt"
	"os"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
)

// A kitchen trains its people for 360 EUR, which is put on the books for three
// years. January is amortised and locked. In February it turns out that five
// euros more were spent.
func Example() {
	bank := ledger.Account("Assets:Bank")
	asset, err := ledger.Name("Assets", "Training", "Küche #2") // any text becomes an account
	if err != nil {
		fmt.Println(err)
		return
	}
	expense, err := ledger.Name("Expenses", "Training", "Küche #2")
	if err != nil {
		fmt.Println(err)
		return
	}
	euros := func(n int64) money.Amount { return money.FromMicros(n * 1_000_000) }
	january := func(day int) calendar.Day { return calendar.DayOf(2026, time.January, day) }

	j, err := ledger.New("EUR")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, err := range []error{
		j.Open(january(1), "opening", []ledger.Balance{{Account: bank, Amount: euros(1000)}}),
		j.Post(ledger.Transaction{Day: january(20), ID: "T-1", Text: "Fire safety", Postings: []ledger.Posting{{From: bank, To: asset, Amount: euros(360)}}}),
		j.Post(ledger.Transaction{Day: january(31), ID: "A-1", Text: "Amortisation", Postings: []ledger.Posting{{From: asset, To: expense, Amount: euros(10)}}}),
		j.Lock(january(31)),
	} {
		if err != nil {
			fmt.Println(err)
		}
	}

	late := ledger.Transaction{Day: january(20), ID: "T-2", Text: "Its material", Postings: []ledger.Posting{{From: bank, To: asset, Amount: euros(5)}}}
	fmt.Println(j.Post(late))
	day, err := j.Correct(late, "T-1")
	fmt.Println("corrected on", day, err)
	for _, b := range j.Balances(january(31)) {
		fmt.Println(b.Account, b.Amount)
	}
	total, err := j.Total("Assets:Training", day)
	fmt.Println("all training in February:", total, err)
	fmt.Println()
	if err := j.WriteBeancount(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// post "T-2" of 2026-01-20 (5.00 EUR from Assets:Bank to Assets:Training:Küche-X23--2): the journal is locked through 2026-01-31; post it on 2026-02-01 or later, or as a correction
	// corrected on 2026-02-01 <nil>
	// Assets:Bank 640
	// Assets:Training:Küche-X23--2 350
	// Equity:Opening-Balances -1000
	// Expenses:Training:Küche-X23--2 10
	// all training in February: 355 <nil>
	//
	// ; Journal in EUR, locked through 2026-01-31
	// option "operating_currency" "EUR"
	//
	// 2026-01-01 open Assets:Bank EUR
	// 2026-01-20 open Assets:Training:Küche-X23--2 EUR
	//   label: "Training: Küche #2"
	// 2026-01-01 open Equity:Opening-Balances EUR
	// 2026-01-31 open Expenses:Training:Küche-X23--2 EUR
	//   label: "Training: Küche #2"
	//
	// 2026-01-01 * "Opening balances"
	//   id: "opening"
	//   Assets:Bank  1000.00 EUR
	//   Equity:Opening-Balances  -1000.00 EUR
	//
	// 2026-01-20 * "Fire safety"
	//   id: "T-1"
	//   Assets:Training:Küche-X23--2  360.00 EUR
	//   Assets:Bank  -360.00 EUR
	//
	// 2026-01-31 * "Amortisation"
	//   id: "A-1"
	//   Expenses:Training:Küche-X23--2  10.00 EUR
	//   Assets:Training:Küche-X23--2  -10.00 EUR
	//
	// 2026-02-01 * "Its material"
	//   id: "T-2"
	//   corrects: "T-1"
	//   corrects-day: "2026-01-20"
	//   Assets:Training:Küche-X23--2  5.00 EUR
	//   Assets:Bank  -5.00 EUR
	//
	// 2026-02-02 balance Assets:Bank  635.00 ~ 0 EUR
	// 2026-02-02 balance Assets:Training:Küche-X23--2  355.00 ~ 0 EUR
	// 2026-02-02 balance Equity:Opening-Balances  -1000.00 ~ 0 EUR
	// 2026-02-02 balance Expenses:Training:Küche-X23--2  10.00 ~ 0 EUR
}
