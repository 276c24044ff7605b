package office

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
)

// Proposed is a close that the lines allow.
type Proposed struct {
	Order Order
	// Year tells that the same period a year earlier is compared with; else the
	// period before.
	Year bool
	// Ends is the last day with lines of a month that is over and that they do
	// not reach the end of; nil for periods that they fill.
	Ends *calendar.Day
}

// Periods proposes what to close first, the best first: the last month that
// the lines fill, then the last quarter and the last year that they fill and
// for which there is a year earlier to compare with.
func Periods(found *books.Checked) []Proposed {
	next, ok := NextClose(found)
	if !ok {
		return nil
	}
	out := []Proposed{{Order: next, Year: next.Compare == ""}}
	month, _ := lastMonth(found)
	first, last := lines(found)
	if m := calendar.MonthOf(last); m > month && found.Today >= m.Next().First() && next.Period == month.String() {
		p := Proposed{Order: Order{Period: m.String()}, Year: calendar.MonthOf(first) <= m-12, Ends: &last}
		if !p.Year {
			p.Order.Compare = month.String()
		}
		out = append(out, p)
	}
	add := func(name string, months, end calendar.Month) {
		earlier := end - months + 1 - 12
		if earlier >= calendar.MonthOf(first) && !slices.ContainsFunc(out, func(p Proposed) bool { return p.Order.Period == name }) {
			out = append(out, Proposed{Order: Order{Period: name}, Year: true})
		}
	}
	quarter := month - (month+1)%3 // the last month of the last quarter that is over
	year, m, _ := quarter.First().Date()
	add(fmt.Sprintf("%d-Q%d", year, m/3), 3, quarter)
	december := month - (month+1)%12
	year, _, _ = december.First().Date()
	add(fmt.Sprint(year), 12, december)
	return out
}

// lines tells the first and the last day of the lines.
func lines(found *books.Checked) (first, last calendar.Day) {
	for _, b := range found.Books {
		if (b.Book == "orders" || b.Book == "subscriptions") && b.FirstDay != nil {
			return *b.FirstDay, *b.LastDay
		}
	}
	return 0, 0
}
