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
var kinds = []string{"serve", "acquire", "retain", "train", "hire", "other"}

// covered are the costs of a kind that lie in the period. They must cover it without gaps, taken together, so that a
// month whose costs are not booked yet is not taken for one without costs; one without costs is said with an amount of 0.
func covered(costs []Cost, kind string, p calendar.Period) ([]Cost, *evidence.Refusal) {
	in, refused := lying(costs, kind, p)
	if refused != nil {
		return nil, refused
	}
	if gap, ok := missing(in, p); ok {
		return nil, &evidence.Refusal{Reason: fmt.Sprintf("the costs book holds no costs of kind %s for %s", kind, gap), Need: needed(kind, p)}
	}
	return in, nil
}

func needed(kind string, p calendar.Period) string {
	return fmt.Sprintf("costs of kind %s for the whole period %s (amount 0 where nothing was spent)", kind, p)
}

// memo accounts for the costs of a kind, whether or not they are led anywhere.
func memo(costs []Cost, kind string, p calendar.Period) Kind {
	in, refused := lying(costs, kind, p)
	k := Kind{Name: kind, Amount: total(in), Lacks: refused, Rows: rowsOf(in)}
	if gap, ok := missing(in, p); ok && refused == nil {
		k.Missing = gap.String()
	}
	return k
}

// lying are the costs of a kind whose periods lie in p: a longer one cannot be split, and overlapping ones of the same
// department and touchpoint would count twice.
func lying(costs []Cost, kind string, p calendar.Period) (in []Cost, refused *evidence.Refusal) {
	inOrder := slices.SortedFunc(slices.Values(costs), func(a, b Cost) int { // so that the same refusal is given whatever the order of rows
		return cmp.Or(cmp.Compare(a.Period.Start, b.Period.Start), cmp.Compare(a.Period.End, b.Period.End), cmp.Compare(a.Named, b.Named), cmp.Compare(a.Fault, b.Fault))
	})
	for _, c := range inOrder {
		switch {
		case c.Kind != kind:
		case c.Fault != "" && (c.Period == calendar.Period{} || c.Period.Start < p.End && c.Period.End > p.Start):
			return nil, &evidence.Refusal{Reason: "costs of kind " + kind + ": " + c.Fault, Need: needed(kind, p)}
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
		return nil, &evidence.Refusal{Reason: fmt.Sprintf("the costs book holds no costs of kind %s in %s", kind, p), Need: needed(kind, p)}
	}
	slices.SortFunc(in, func(a, b Cost) int {
		return cmp.Or(cmp.Compare(a.Department, b.Department), cmp.Compare(a.Touchpoint, b.Touchpoint), cmp.Compare(a.Period.Start, b.Period.Start), cmp.Compare(a.Period.End, b.Period.End), cmp.Compare(a.Named, b.Named))
	})
	for i, c := range in[1:] {
		if b := in[i]; b.Department == c.Department && b.Touchpoint == c.Touchpoint && b.Period != c.Period && c.Period.Start < b.Period.End {
			return nil, &evidence.Refusal{
				Reason: fmt.Sprintf("costs of kind %s of %s are given for overlapping periods, %s and %s", kind, c.Department, b.Named, c.Named),
				Need:   "months or quarters of costs, not both",
			}
		}
	}
	return in, nil
}

// missing is the first stretch of p that no cost is given for.
func missing(costs []Cost, p calendar.Period) (calendar.Period, bool) {
	byDay := slices.Clone(costs)
	slices.SortFunc(byDay, func(a, b Cost) int { return cmp.Compare(a.Period.Start, b.Period.Start) })
	at := p.Start
	for _, c := range byDay {
		if c.Period.Start > at {
			return calendar.Period{Start: at, End: c.Period.Start}, true
		}
		at = max(at, c.Period.End)
	}
	return calendar.Period{Start: at, End: p.End}, at < p.End
}

func total(costs []Cost) (sum money.Amount) {
	for _, c := range costs {
		sum = sum.Add(c.Amount)
	}
	return sum
}

// rowsOf counts the rows that costs were summed of.
func rowsOf(costs []Cost) (n int64) {
	for _, c := range costs {
		n += c.Rows
	}
	return n
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
