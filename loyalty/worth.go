package loyalty

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/throughline/throughline/evidence"
)

// Life is what customers bought up to the period's end who did the same, said the same in their last answer, and have their history in common:
// Repeats purchases after the first, the last of them Last days after it, and the first Age days before the period's last day. A purchase is a day on
// which a customer's lines of orders come to more than nothing. Mean is that of the repeat purchases; 0 without.
type Life struct {
	Behaviour
	Grade
	Segment         string // empty: not known, and where it is not named
	Others          bool   // the segment is not among those that are named
	Repeats         int64
	Last, Age, Mean float64
	Together        int64 // how many they are
}

// Worths says what customers are worth from here on. The models are another domain's; who composes hands them in.
type Worths interface {
	// Worth is what one customer with this life is worth.
	Worth(Life) float64
	// Figure is a sum of worths as it is told; size is the sum without its signs.
	Figure(sum, size float64, customers int64) evidence.Figure
}

// noWorths is for whoever asks without the models.
var noWorths = evidence.Refusal{Reason: "what single customers are worth is not known here", Need: "a statement of customer equity"}

// value sums what the customers of each group are worth.
func (s *Statement) value(ctx context.Context, ledger Ledger) error {
	refuse := func(r evidence.Refusal) {
		for i := range s.Groups {
			s.Groups[i].Value = evidence.Refuse(r.Reason, r.Need)
		}
	}
	switch {
	case s.NoWorths != nil:
		refuse(*s.NoWorths)
		return nil
	case s.Worths == nil:
		refuse(noWorths)
		return nil
	}
	type sum struct {
		customers   int64
		value, size float64
	}
	sums := make([]sum, len(groups))
	err := ledger.Lives(ctx, s.Windows, s.Question, func(l Life) error {
		at := slices.IndexFunc(groups, func(g cellsOf) bool { return g.grade == l.Grade && slices.Contains(g.of, l.Behaviour) })
		if at < 0 {
			return fmt.Errorf("loyalty: %d customers are of no group and have a history", l.Together)
		}
		x, n := s.Worths.Worth(l), float64(l.Together)
		sums[at] = sum{sums[at].customers + l.Together, sums[at].value + float64(n*x), sums[at].size + float64(n*math.Abs(x))}
		return nil
	})
	var lacks evidence.Refusal
	if errors.As(err, &lacks) {
		refuse(lacks)
		return nil
	}
	if err != nil {
		return err
	}
	for i := range s.Groups {
		g, x := &s.Groups[i], sums[i]
		if x.customers > g.Customers {
			return fmt.Errorf("loyalty: %d customers are %s, and %d of them have a history", g.Customers, g.Name, x.customers)
		}
		g.Value = s.Worths.Figure(x.value, x.size, x.customers)
		if err := g.Value.Err(); err != nil {
			g.Value = evidence.Refuse("what they are worth is not a number", "other books")
		}
	}
	return nil
}
