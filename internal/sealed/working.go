package sealed

import (
	"math/big"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Term is a piece of a formula with a period's numbers put in: a sign, a whole number, or a value.
type Term struct {
	Sign  string // + − × ÷ ( ) to 1 12; empty: a value
	Value Value
}

// Working is the formula of a figure with the period's numbers put in. It is nothing where the figure is counted as it
// stands, is refused, or lacks one of the numbers.
func (d *Document) Working(b Block, name string) []Term {
	f, ok := d.Figure(b, name)
	if !ok || f.work == nil || f.Value.refused() {
		return nil
	}
	return f.work(d, b)
}

// work reads a formula whose figures stand in braces by their names, with spaces between all its pieces. Where one of them
// has ends and no value, the formula is worked out for either end.
func work(formula string) func(*Document, Block) []Term {
	pieces := strings.Fields(formula)
	return func(d *Document, b Block) []Term {
		var low, high []Term
		open := false
		for _, piece := range pieces {
			name, ok := strings.CutPrefix(piece, "{")
			if !ok {
				low, high = append(low, Term{Sign: piece}), append(high, Term{Sign: piece})
				continue
			}
			f, ok := d.Figure(b, strings.TrimSuffix(name, "}"))
			if !ok || f.Value.refused() {
				return nil
			}
			from, to := f.Value.ends()
			low, high, open = append(low, Term{Value: from}), append(high, Term{Value: to}), open || f.Value.Rat() == nil
		}
		if open {
			return append(append(low, Term{Sign: "to"}), high...)
		}
		return low
	}
}

// worked is a working from a block that is a Statement.
func worked(of func(*Statement) []Term) func(*Document, Block) []Term {
	return func(d *Document, b Block) []Term { return of(d.Statement(b)) }
}

// refused tells whether there is no number at all.
func (v Value) refused() bool {
	_, ok := v.Figure.Estimate()
	return !ok && v.Unit.Figured()
}

// ends are the value twice, or of bounds without a value the two ends.
func (v Value) ends() (low, high Value) {
	e, ok := v.Figure.Estimate()
	if !ok || e.Value != nil {
		return v, v
	}
	return known(v.Unit, e.Low, e), known(v.Unit, e.High, e)
}

func known(unit Unit, r *big.Rat, e evidence.Estimate) Value {
	return Value{Unit: unit, Figure: evidence.Exact(r, e.N, e.Method)}
}

// workNet puts the numbers of net retention together from the lines of the bridge: what the active of Q had spent, less
// what was lost and bought less, plus what was bought more. What remains is what those who left came to in P, which is
// returns; the document does not hold it apart, so it is taken from the rate.
func workNet(s *Statement) []Term {
	kept, ok := fromBase(s, "net_revenue_retention")
	base, also := s.Active["prior"]
	if !ok || !also {
		return nil
	}
	terms := []Term{{Sign: "("}, amountTerm(base), {Sign: "−"}, amountTerm(s.Revenue["lost"]), {Sign: "−"}, amountTerm(s.Revenue["contraction"]), {Sign: "+"}, amountTerm(s.Revenue["expansion"])}
	lines := base.Sub(s.Revenue["lost"]).Sub(s.Revenue["contraction"]).Add(s.Revenue["expansion"])
	if returns := kept.Sub(lines); !negligible(returns, base) {
		terms = append(terms, signed(returns)...)
	}
	return append(terms, Term{Sign: ")"}, Term{Sign: "÷"}, amountTerm(base))
}

// workGross is the same for gross retention, where nobody counts for more than before.
func workGross(s *Statement) []Term {
	kept, ok := fromBase(s, "gross_revenue_retention")
	base, also := s.Active["prior"]
	if !ok || !also {
		return nil
	}
	lines := base.Sub(s.Revenue["lost"]).Sub(s.Revenue["contraction"])
	if !negligible(kept.Sub(lines), base) { // by any line, where revenue may be below zero
		return []Term{amountTerm(kept), {Sign: "÷"}, amountTerm(base)}
	}
	return []Term{
		{Sign: "("}, amountTerm(base), {Sign: "−"}, amountTerm(s.Revenue["lost"]), {Sign: "−"}, amountTerm(s.Revenue["contraction"]), {Sign: ")"}, {Sign: "÷"}, amountTerm(base),
	}
}

// workEarned is the earned revenue, a fact or the estimate of it, or its ends, over the base.
func workEarned(d *Document, b Block) []Term {
	s := d.Statement(b)
	e, ok := s.Rates["earned_new_customers"].Estimate()
	base, also := s.Active["prior"]
	switch {
	case !ok || !also:
		return nil
	case e.Value == nil:
		return definitionOf["earned_new_customers_bounds"].work(d, b)
	case e.Kind == evidence.KindExact:
		return []Term{amountTerm(s.Revenue["new_earned"]), {Sign: "÷"}, amountTerm(base)}
	}
	earned, ok := fromBase(s, "earned_new_customers")
	if !ok {
		return nil
	}
	return []Term{amountTerm(earned), {Sign: "÷"}, amountTerm(base)}
}

// workShare is the earned revenue over all new revenue, for both ends where there is no value between them.
func workShare(key string) func(*Document, Block) []Term {
	return worked(func(s *Statement) []Term {
		e, ok := s.Rates[key].Estimate()
		base, also := s.Active["prior"]
		if !ok || !also {
			return nil
		}
		end := func(r *big.Rat) []Term {
			a, err := money.Parse(new(big.Rat).Mul(r, base.Rat()).FloatString(money.Scale))
			if err != nil {
				return nil
			}
			return []Term{amountTerm(a), {Sign: "÷"}, amountTerm(s.newRevenue())}
		}
		if e.Value != nil {
			return end(e.Value)
		}
		return append(append(end(e.Low), Term{Sign: "to"}), end(e.High)...)
	})
}

// workGrowth is NRR + ENC − 1, for both ends where there is no value between them.
func workGrowth(earned string) func(*Document, Block) []Term {
	return worked(func(s *Statement) []Term {
		net, ok := s.Rates["net_revenue_retention"]
		kept := Value{Unit: Share, Figure: net}
		e, also := s.Rates[earned].Estimate()
		if !ok || kept.refused() || !also {
			return nil
		}
		end := func(r *big.Rat) []Term {
			return []Term{{Value: kept}, {Sign: "+"}, {Value: known(Share, r, e)}, {Sign: "−"}, {Sign: "1"}}
		}
		if e.Value != nil {
			return end(e.Value)
		}
		return append(append(end(e.Low), Term{Sign: "to"}), end(e.High)...)
	})
}

// fromBase is the amount that a rate is of A0. A rate is printed to twelve digits, so the amount is good to about the
// twelfth digit of A0.
func fromBase(s *Statement, key string) (money.Amount, bool) {
	e, ok := s.Rates[key].Estimate()
	base, also := s.Active["prior"]
	if !ok || !also || e.Value == nil {
		return money.Amount{}, false
	}
	product := new(big.Rat).Mul(e.Value, base.Rat())
	a, err := money.Parse(product.FloatString(money.Scale))
	return a, err == nil
}

// negligible tells whether an amount is no more than what twelve digits of a rate leave open of its base.
func negligible(a, base money.Amount) bool {
	open := new(big.Rat).Mul(base.Abs().Rat(), big.NewRat(1, 100_000_000_000))
	least := big.NewRat(1, 1_000_000)
	if open.Cmp(least) < 0 {
		open = least
	}
	return new(big.Rat).Abs(a.Rat()).Cmp(open) <= 0
}

func amountTerm(a money.Amount) Term { return Term{Value: Value{Unit: Money, Amount: a}} }

// signed is an amount with its sign before it.
func signed(a money.Amount) []Term {
	if a.Sign() < 0 {
		return []Term{{Sign: "−"}, amountTerm(a.Neg())}
	}
	return []Term{{Sign: "+"}, amountTerm(a)}
}
