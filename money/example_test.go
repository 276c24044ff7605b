package money_test

import (
	"fmt"

	"github.com/throughline/throughline/money"
)

// Two lines of an order and a return are read, summed and compared with last
// year, without a rounding anywhere until a page prints.
func Example() {
	var lines []money.Amount
	for _, text := range []string{"1204.50", "0.333", "-199.99"} {
		amount, err := money.Parse(text)
		if err != nil {
			fmt.Println("line:", err)
			return
		}
		lines = append(lines, amount)
	}
	revenue, currency := money.Sum(lines...), money.Currency("GBP")
	fmt.Println("sent:", revenue.Text(currency.Places()))
	fmt.Println("shown:", revenue.Grouped(currency.Places()))

	lastYear := money.FromMicros(900_000_000)
	growth, err := money.Rate(revenue.Sub(lastYear), lastYear)
	if err != nil {
		fmt.Println("growth:", err)
		return
	}
	fmt.Println("growth:", money.FormatRate(growth))

	_, err = money.Parse("12,3O")
	fmt.Println("amount", err)
	// Output:
	// sent: 1004.843
	// shown: 1,004.84
	// growth: 0.116492222222
	// amount "12,3O" is not a number
}
