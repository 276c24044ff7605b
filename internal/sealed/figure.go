package sealed

import (
	"fmt"
	"math/big"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Figure is one figure of a document: what it means and what it is.
type Figure struct {
	Definition
	Block Block
	Value Value
}

// FullName is the figure's name in the document, such as customer.revenue.lost.
func (f Figure) FullName() string { return string(f.Block) + "." + f.Name }

// Value is what a figure came to: of a share or multiple an estimate or a refusal, of the other units an exact number.
type Value struct {
	Unit   Unit
	Figure evidence.Figure // of a unit that is Figured
	Amount money.Amount    // of Money
	Count  int64           // of the units that count
}

// Rat is the value as a number: nil for a refusal and for bounds without a preferred value.
func (v Value) Rat() *big.Rat {
	switch {
	case v.Unit == Money:
		return v.Amount.Rat()
	case !v.Unit.Figured():
		return new(big.Rat).SetInt64(v.Count)
	}
	e, ok := v.Figure.Estimate()
	if !ok {
		return nil
	}
	return e.Value
}

// Exact tells whether the value is known and has no interval.
func (v Value) Exact() bool {
	e, ok := v.Figure.Estimate()
	return !v.Unit.Figured() || ok && e.Kind == evidence.KindExact
}

// Signed is the value as the statement adds it up: negative where the document holds an amount that is taken off.
func (f Figure) Signed() Value {
	v := f.Value
	if f.Taken {
		v.Amount, v.Count = v.Amount.Neg(), -v.Count
	}
	return v
}

// Figure is the figure of that name in a block of the document; ok is false where the block does not have it.
func (d *Document) Figure(b Block, name string) (Figure, bool) {
	def, known := definitionOf[Key(b, name)]
	if !known || def.value == nil || !d.Open(b) {
		return Figure{}, false
	}
	v, ok := def.value(d, b)
	if !ok {
		return Figure{}, false
	}
	v.Unit = def.Unit
	return Figure{Definition: *def, Block: b, Value: v}, true
}

// Figures are all figures of a block, in the order of the statement.
func (d *Document) Figures(b Block) []Figure {
	var out []Figure
	for _, def := range Definitions(b) {
		if f, ok := d.Figure(b, def.Name); ok {
			out = append(out, f)
		}
	}
	return out
}

// stated is a value of a block that is a Statement.
func stated(of func(*Statement) (Value, bool)) func(*Document, Block) (Value, bool) {
	return func(d *Document, b Block) (Value, bool) { return of(d.Statement(b)) }
}

func rate(key string) func(*Document, Block) (Value, bool) {
	return stated(func(s *Statement) (Value, bool) { f, ok := s.Rates[key]; return Value{Figure: f}, ok })
}

func revenue(key string) func(*Document, Block) (Value, bool) {
	return stated(func(s *Statement) (Value, bool) { a, ok := s.Revenue[key]; return Value{Amount: a}, ok })
}

func active(key string) func(*Document, Block) (Value, bool) {
	return stated(func(s *Statement) (Value, bool) { a, ok := s.Active[key]; return Value{Amount: a}, ok })
}

func covered(key string) func(*Document, Block) (Value, bool) {
	return stated(func(s *Statement) (Value, bool) { a, ok := s.Covered[key]; return Value{Amount: a}, ok })
}

func customers(key string) func(*Document, Block) (Value, bool) {
	return stated(func(s *Statement) (Value, bool) { n, ok := s.Customers[key]; return Value{Count: n}, ok })
}

func counted(key string) func(*Document, Block) (Value, bool) {
	return stated(func(s *Statement) (Value, bool) { n, ok := s.Counted[key]; return Value{Count: n}, ok })
}

// account is a line of the reconciliation, where the accounts stand as one.
func account(key string) func(*Document, Block) (Value, bool) {
	return stated(func(s *Statement) (Value, bool) {
		if s.Reconciliation == nil || len(s.Reconciliation.Accounts) != 1 {
			return Value{}, false
		}
		a, ok := s.Reconciliation.Accounts[0][key]
		return Value{Amount: a}, ok
	})
}

// sum adds counts; it is there when all of them are.
func sum(names ...string) func(*Document, Block) (Value, bool) {
	return func(d *Document, b Block) (Value, bool) {
		var total Value
		for _, name := range names {
			f, ok := d.Figure(b, name)
			if !ok {
				return Value{}, false
			}
			total.Count += f.Value.Count
		}
		return total, true
	}
}

// quotient is a share of amounts, refused where the whole is not above zero.
func quotient(parts, wholes []string) func(*Document, Block) (Value, bool) {
	return func(d *Document, b Block) (Value, bool) {
		total := func(names []string) (sum money.Amount, ok bool) {
			for _, name := range names {
				f, ok := d.Figure(b, name)
				if !ok {
					return sum, false
				}
				sum = sum.Add(f.Value.Amount)
			}
			return sum, true
		}
		part, ok := total(parts)
		whole, also := total(wholes)
		if !ok || !also {
			return Value{}, false
		}
		if whole.Sign() <= 0 {
			return Value{Figure: evidence.Refuse("the lines of the period do not come to more than zero", "lines of the period with an amount above zero")}, true
		}
		r, s := new(big.Rat).Quo(part.Rat(), whole.Rat()), d.Statement(b)
		return Value{Figure: evidence.Exact(r, s.Counted["lines_identified"]+s.Counted["lines_unidentified"], "a share of sums of lines")}, true
	}
}

var one = big.NewRat(1, 1)

// replacement is ENC ÷ (1 − NRR): its ends are those of ENC, since NRR is exact.
func replacement(s *Statement) (Value, bool) {
	earned, ok := s.Rates["earned_new_customers"]
	kept, also := s.Rates["net_revenue_retention"]
	if !ok || !also {
		return Value{}, false
	}
	e, ok := kept.Estimate()
	if !ok {
		return Value{Figure: kept}, true
	}
	gone := new(big.Rat).Sub(one, e.Value)
	if gone.Sign() <= 0 {
		return Value{Figure: evidence.Refuse("the customers we had spent no less than before, so nothing was lost that could be brought back", "a period in which they spent less")}, true
	}
	method := "earned new customers ÷ what was lost"
	if n, ok := earned.Estimate(); ok {
		method = fmt.Sprintf("%s; %s", method, n.Method)
	}
	return Value{Figure: earned.Affine(new(big.Rat).Inv(gone), new(big.Rat), method)}, true
}

// newRevenue is what new customers spent.
func (s *Statement) newRevenue() money.Amount {
	return money.Sum(s.Revenue["new_earned"], s.Revenue["new_bought"], s.Revenue["new_unattributed"])
}

// shareOfNew turns a share of A0 into a share of the new customers' revenue.
func shareOfNew(key string) func(*Document, Block) (Value, bool) {
	return stated(func(s *Statement) (Value, bool) {
		earned, ok := s.Rates[key]
		base, also := s.Active["prior"]
		if !ok || !also {
			return Value{}, false
		}
		all := s.newRevenue()
		if all.Sign() <= 0 {
			return Value{Figure: evidence.Refuse("new customers brought no revenue", "a new customer active in the period")}, true
		}
		method := "earned new revenue ÷ revenue of the new"
		if e, ok := earned.Estimate(); ok {
			method += "; " + e.Method
		}
		return Value{Figure: earned.Affine(new(big.Rat).Quo(base.Rat(), all.Rat()), new(big.Rat), method)}, true
	})
}
