package profit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// kinds are the kinds of costs, in the order in which they are shown.
var kinds = []string{"serve", "acquire", "retain", "train", "other"}

// covered are the costs of a kind that lie in the period. They must cover it without gaps, taken together, so that a
// month whose costs are not booked yet is not taken for one without costs; one without costs is said with an amount of 0.
func covered(costs []Cost, kind string, p calendar.Period) ([]Cost, *evidence.Refusal) {
	need := fmt.Sprintf("costs of kind %s for the whole period %s (amount 0 where nothing was spent)", kind, p)
	var in []Cost
	for _, c := range costs {
		switch {
		case c.Kind != kind:
		case c.Fault != "" && (c.Period == calendar.Period{} || c.Period.Start < p.End && c.Period.End > p.Start):
			return nil, &evidence.Refusal{Reason: "costs of kind " + kind + ": " + c.Fault, Need: need}
		case c.Fault != "" || c.Period.End <= p.Start || c.Period.Start >= p.End:
		case c.Period.Start < p.Start || c.Period.End > p.End:
			return nil, &evidence.Refusal{
				Reason: fmt.Sprintf("costs of kind %s are given for %s, of which only a part lies in %s", kind, c.Named, p),
				Need:   "costs by periods that lie within " + p.String() + ", such as months",
			}
		default:
			in = append(in, c)
		}
	}
	if len(in) == 0 {
		return nil, &evidence.Refusal{Reason: fmt.Sprintf("the costs book holds no costs of kind %s in %s", kind, p), Need: need}
	}
	slices.SortFunc(in, func(a, b Cost) int {
		return cmp.Or(cmp.Compare(a.Department, b.Department), cmp.Compare(a.Touchpoint, b.Touchpoint), cmp.Compare(a.Period.Start, b.Period.Start), cmp.Compare(a.Period.End, b.Period.End))
	})
	for i, c := range in[1:] {
		if b := in[i]; b.Department == c.Department && b.Touchpoint == c.Touchpoint && b.Period != c.Period && c.Period.Start < b.Period.End {
			return nil, &evidence.Refusal{
				Reason: fmt.Sprintf("costs of kind %s of %s are given for overlapping periods, %s and %s", kind, c.Department, b.Named, c.Named),
				Need:   "months or quarters of costs, not both",
			}
		}
	}
	byDay := slices.Clone(in)
	slices.SortStableFunc(byDay, func(a, b Cost) int { return cmp.Compare(a.Period.Start, b.Period.Start) })
	at := p.Start
	for _, c := range byDay {
		if c.Period.Start > at {
			break
		}
		at = max(at, c.Period.End)
	}
	if at < p.End {
		end := p.End
		for _, c := range byDay {
			if c.Period.Start > at {
				end = c.Period.Start
				break
			}
		}
		return nil, &evidence.Refusal{Reason: fmt.Sprintf("the costs book holds no costs of kind %s for %s", kind, calendar.Period{Start: at, End: end}), Need: need}
	}
	return in, nil
}

func total(costs []Cost) (sum money.Amount) {
	for _, c := range costs {
		sum = sum.Add(c.Amount)
	}
	return sum
}

// cuts are the spans between all bounds of the costs' periods within p.
func cuts(costs []Cost, p calendar.Period) []calendar.Period {
	days := []calendar.Day{p.Start, p.End}
	for _, c := range costs {
		days = append(days, c.Period.Start, c.Period.End)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	var out []calendar.Period
	for i, d := range days[1:] {
		out = append(out, calendar.Period{Start: days[i], End: d})
	}
	return out
}
