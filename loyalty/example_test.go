package loyalty_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/loyalty"
	"github.com/throughline/throughline/money"
)

// Forty customers bought for 100 in 2024. Of thirty who say 9 all buy as much in 2025; of ten who say 3 half do.
func Example() {
	then := calendar.Period{Start: calendar.DayOf(2024, 1, 1), End: calendar.DayOf(2025, 1, 1)}
	now := calendar.Period{Start: then.End, End: calendar.DayOf(2026, 1, 1)}
	var books loyalty.Books
	for i := range 40 {
		id, score := fmt.Sprint("customer ", i), int64(9)
		if i >= 30 {
			score = 3
		}
		books.Lines = append(books.Lines, loyalty.Line{Customer: id, Day: then.Start, Amount: money.FromMicros(100_000_000)})
		if i < 35 {
			books.Lines = append(books.Lines, loyalty.Line{Customer: id, Day: now.Start, Amount: money.FromMicros(100_000_000)})
		}
		books.Answers = append(books.Answers, loyalty.Answer{Customer: id, Day: then.End - 1, Question: "nps", Score: big.NewRat(score, 1)})
	}
	in := loyalty.Input{Windows: loyalty.Windows{Period: now, Compared: then}, Currency: "EUR"}
	s, err := in.State(context.Background(), books)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range s.Groups {
		fmt.Println(g.Name, g.Customers, "spent", g.Current)
	}
	for i, name := range loyalty.FigureNames[:3] {
		if e, ok := s.Figures[i].Estimate(); ok {
			fmt.Println(name, e.Value.FloatString(2), "from", e.Low.FloatString(2), "to", e.High.FloatString(2))
		}
	}
	// Output:
	// devoted 30 spent 3000
	// captive 5 spent 500
	// fickle 0 spent 0
	// leaving 5 spent 0
	// neither 0 spent 0
	// stays_of_satisfied 1.00 from 0.89 to 1.00
	// stays_of_unsatisfied 0.50 from 0.24 to 0.76
	// stays_difference 0.50 from 0.21 to 0.76
}
