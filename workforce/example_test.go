package workforce_test

import (
	"encoding/json"
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/workforce"
)

// Six people of a shop: one leaves, one comes. The groups of a statement have as many people as its minimum at least.
func Example() {
	began, left, came := calendar.DayOf(2022, 3, 1), calendar.DayOf(2024, 5, 31), calendar.DayOf(2024, 7, 1)
	var books workforce.Books
	for _, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
		books.People = append(books.People, workforce.Row{Person: id, From: began, Hired: &began, Department: "shop", Role: "clerk"})
	}
	books.People = append(books.People,
		workforce.Row{Person: "p5", From: left, Left: &left, Exit: "resigned", Department: "shop", Role: "clerk"},
		workforce.Row{Person: "p6", From: came, Hired: &came, Department: "shop", Role: "clerk"})
	year := calendar.Period{Start: calendar.DayOf(2024, 1, 1), End: calendar.DayOf(2025, 1, 1)}
	s, err := workforce.Input{Period: year}.State(books)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", s.Company.Roll)
	for i, name := range workforce.FigureNames {
		if name == "turnover" || name == "voluntary_turnover" {
			text, err := json.Marshal(s.Company.Figures[i])
			fmt.Println(name, string(text), err)
		}
	}
	// Output:
	// {Opening:5 Hired:1 CameOver:0 Left:1 WentOver:0 Closing:5}
	// turnover {"value":0.203333333333,"low":0.00514795429014,"high":1.13290082282,"kind":"confidence","level":0.95,"method":"who left in the period ÷ mean headcount by days; Garwood’s exact interval for a Poisson count (1936)","n":6} <nil>
	// voluntary_turnover {"refused":"fewer people than the smallest group that is told, or such a group could be worked out from it","need":"a larger group"} <nil>
}
