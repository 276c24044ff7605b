package calendar_test

import (
	"fmt"
	"time"

	"github.com/throughline/throughline/calendar"
)

// A company whose year starts in April closes its third period.
func Example() {
	company, err := calendar.New(calendar.Settings{FiscalYearStarts: "04-01", WeekStarts: time.Monday})
	if err != nil {
		fmt.Println(err)
		return
	}
	june, err := company.Parse("FY2011-P03")
	if err != nil {
		fmt.Println(err)
		return
	}
	before, err := company.YearEarlier(june)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(june, "is", june.Period, "and is compared with", before)

	p, q, ok, err := company.TrailingYear(june)
	fmt.Println("the year that ends with it:", p, q, ok, err)

	_, err = company.Parse("2011-W53")
	fmt.Println(err)
	// Output:
	// FY2011-P03 is 2010-06-01..2010-07-01 and is compared with 2009-06-01..2009-07-01
	// the year that ends with it: 2009-07-01..2010-07-01 2008-07-01..2009-07-01 true <nil>
	// "2011-W53" is not a period: 2011 has weeks 01 to 52
}
