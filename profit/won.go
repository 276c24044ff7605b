package profit

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Won is what winning customers cost in a month: by what acquire_earned names, or not.
type Won struct {
	Month  calendar.Month
	Earned bool
	Amount money.Amount
}

// WonByMonth are the acquire costs of all months before a day, which must follow each other without a gap. What was spent in a period of
// several months is spread evenly over them, to the last place; a period that stands for no month counts in the one in which it begins.
func WonByMonth(costs []Cost, earned []string, until calendar.Day) ([]Won, error) {
	whole := calendar.Period{Start: until, End: until}
	for _, c := range costs {
		if c.Kind == "acquire" && c.Fault == "" && c.Period.Start < until {
			whole.Start = min(whole.Start, c.Period.Start)
		}
	}
	if whole.Start == until {
		return nil, evidence.Refusal{Reason: fmt.Sprintf("the costs book holds no costs of kind acquire before %s", until), Need: "costs of kind acquire, by month"}
	}
	in, refused := covered(costs, "acquire", whole)
	if refused != nil {
		return nil, *refused
	}
	type cell struct {
		month  calendar.Month
		earned bool
	}
	sums := map[cell]money.Amount{}
	for _, c := range in {
		of := slices.Contains(earned, c.Department) || c.Touchpoint != "" && slices.Contains(earned, c.Touchpoint)
		first, after := calendar.MonthsOf(c.Period)
		if first >= after {
			first = calendar.MonthOf(c.Period.Start)
			after = first + 1
		}
		var before money.Amount
		for i, n := int64(1), int64(after-first); i <= n; i++ {
			share := new(big.Int).Mul(c.Amount.Big(), big.NewInt(i))
			upTo := money.FromBig(share.Quo(share, big.NewInt(n)))
			at := cell{first + calendar.Month(i-1), of}
			sums[at] = sums[at].Add(upTo.Sub(before))
			before = upTo
		}
	}
	var out []Won
	for at, amount := range sums {
		out = append(out, Won{at.month, at.earned, amount})
	}
	slices.SortFunc(out, func(a, b Won) int {
		switch {
		case a.Month != b.Month:
			return int(a.Month - b.Month)
		case a.Earned == b.Earned:
			return 0
		case a.Earned:
			return -1
		}
		return 1
	})
	return out, nil
}
