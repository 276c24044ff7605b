package profit_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/profit"
)

// Two customers bought in 2024. Serving them by phone cost 120 for an hour, of which the second took three quarters.
func Example() {
	year := calendar.Period{Start: calendar.DayOf(2024, 1, 1), End: calendar.DayOf(2025, 1, 1)}
	line := func(customer string, amount, earned int64) profit.Line {
		p := money.FromMicros(earned * 1_000_000)
		return profit.Line{Customer: customer, Day: year.Start, Amount: money.FromMicros(amount * 1_000_000), Profit: &p, By: "cost"}
	}
	call := func(customer string, seconds int64) profit.Visit {
		return profit.Visit{Customer: customer, Who: "identified", Touchpoint: "phone", Day: year.Start, Seconds: big.NewInt(seconds * 1_000_000)}
	}
	books := profit.Rows{
		Lines:  []profit.Line{line("first", 300, 100), line("second", 200, 60)},
		Visits: []profit.Visit{call("first", 900), call("second", 2700)},
		Spent:  []profit.Cost{{Named: "2024", Period: year, Department: "Service", Kind: "serve", Touchpoint: "phone", Amount: money.FromMicros(120_000_000), Rows: 1}},
	}
	s, err := profit.Input{Period: year, Currency: "EUR"}.State(context.Background(), books)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range s.Curve {
		fmt.Println(p.Customers, "of", s.Customers, "customers brought", p.Profit)
	}
	fmt.Println(s.Split.Customers, "of", s.Split.Total(), "were led to customers")
	won, _ := s.CostPerBought.Refusal()
	fmt.Println("a bought customer:", won.Reason)
	// Output:
	// 1 of 2 customers brought 70
	// 2 of 2 customers brought 40
	// 120 of 120 were led to customers
	// a bought customer: the costs book holds no costs of kind acquire in 2024-01-01..2025-01-01
}
