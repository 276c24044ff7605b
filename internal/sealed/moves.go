package sealed

import (
	"math/big"

	"github.com/throughline/throughline/evidence"
)

// Move is what became of one figure between two documents.
type Move struct {
	Before, After Figure
	Change        *big.Rat // nil where one of the two has no value
	// Beyond is set where the move is more than what the two figures leave open: whole intervals apart; of exact shares a
	// point or more; of counts and amounts a twentieth or more; an estimate where there was a refusal, or the reverse.
	Beyond bool
}

// watched are the figures that are compared from one close to the next.
var watched = []string{
	"growth_rate", "net_revenue_retention", "gross_revenue_retention", "earned_new_customers", "earned_growth_rate", "earned_growth_ratio", "returning_customers",
	"customers.came", "customers.lost", "customers.closing", "coverage.identified_share", "coverage.revenue_refused", "coverage.reconciliation.difference",
}

// Moves compares the figures that matter of the two documents' headlines. A figure that only one of them has is left out.
func Moves(before, after *Document) []Move {
	var out []Move
	for _, name := range watched {
		a, ok := before.Figure(before.Headline(), name)
		b, also := after.Figure(after.Headline(), name)
		if ok && also {
			out = append(out, moveOf(a, b))
		}
	}
	return out
}

func moveOf(a, b Figure) Move {
	m := Move{Before: a, After: b}
	x, y := a.Value.Rat(), b.Value.Rat()
	if x != nil && y != nil {
		m.Change = new(big.Rat).Sub(y, x)
	}
	m.Beyond = beyond(a.Value, b.Value, m.Change)
	return m
}

var (
	aPoint     = big.NewRat(1, 100)
	aTwentieth = big.NewRat(1, 20)
)

func beyond(a, b Value, change *big.Rat) bool {
	if !a.Unit.Figured() {
		least := new(big.Rat).Mul(new(big.Rat).Abs(a.Rat()), aTwentieth)
		return change.Sign() != 0 && new(big.Rat).Abs(change).Cmp(least) >= 0
	}
	x, ok := a.Figure.Estimate()
	y, also := b.Figure.Estimate()
	switch {
	case ok != also:
		return true
	case !ok:
		return false
	case x.Kind == evidence.KindExact && y.Kind == evidence.KindExact:
		return new(big.Rat).Abs(change).Cmp(aPoint) >= 0
	}
	return x.High.Cmp(y.Low) < 0 || y.High.Cmp(x.Low) < 0
}

// NewWarnings are the warnings that the later document has and the earlier has not, by their codes and blocks.
func NewWarnings(before, after *Document) []Warning {
	had := map[string]bool{}
	for _, w := range before.Warnings {
		had[w.key()] = true
	}
	var out []Warning
	for _, w := range after.Warnings {
		if !had[w.key()] {
			out = append(out, w)
		}
	}
	return out
}

// trailingPrefix begins the warnings of the twelve months.
const trailingPrefix = "trailing year: "

func (w Warning) key() string { return string(w.Block()) + "\x00" + w.Code }

// Block is the statement that a warning is about.
func (w Warning) Block() Block {
	if len(w.Text) >= len(trailingPrefix) && w.Text[:len(trailingPrefix)] == trailingPrefix {
		return Trailing
	}
	return Period
}

// Plain is the warning's text without the name of its block.
func (w Warning) Plain() string {
	if w.Block() == Trailing {
		return w.Text[len(trailingPrefix):]
	}
	return w.Text
}
