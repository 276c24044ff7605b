package recurring

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Accrued is what a monthly amount comes to on one day: its running sum within
// the month, rounded half away from zero at six places, up to the day's end
// less that up to its start. The days of a month sum to the monthly amount
// exactly; those of any stretch differ from days × amount ÷ days of the month
// by less than a millionth for each month that it cuts.
func Accrued(monthly money.Amount, d calendar.Day) money.Amount {
	month := calendar.MonthOf(d)
	days := int64(month.Next().First() - month.First())
	upTo := func(n int64) money.Amount {
		x := new(big.Rat).Mul(monthly.Rat(), big.NewRat(n, days))
		a, err := money.Parse(x.FloatString(money.Scale)) // FloatString rounds half away from zero
		if err != nil {
			panic(err) // a number of six places always reads
		}
		return a
	}
	nth := int64(d - month.First())
	return upTo(nth + 1).Sub(upTo(nth))
}
