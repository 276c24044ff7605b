package growth

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Line is one line of a ledger in memory, already identified, linked, freed
// of the excluded and in the statement's currency.
type Line struct {
	Customer string
	Day      calendar.Day
	Amount   money.Amount
}

// Profile is what is known of a customer beside the lines.
type Profile struct {
	AcquiredOn *calendar.Day
	Origin     Origin
}

// Tally sums lines into cells by the definitions, one customer at a time. It
// is the second method against which an engine's answers are held, and serves
// ledgers that fit in memory.
func Tally(lines []Line, profiles map[string]Profile, w Windows, active Active) []Cell {
	type history struct {
		prior, current money.Amount
		inQ, inP       bool
		first          *calendar.Day
	}
	customers := map[string]*history{}
	earlier := func(h *history, d calendar.Day) {
		if h.first == nil || d < *h.first {
			h.first = &d
		}
	}
	for _, l := range lines {
		h := customers[l.Customer]
		if h == nil {
			h = &history{}
			customers[l.Customer] = h
		}
		if l.Amount.Sign() > 0 || active == AnyLine {
			earlier(h, l.Day)
		}
		if w.Compared.Contains(l.Day) {
			h.prior, h.inQ = h.prior.Add(l.Amount), true
		}
		if w.Period.Contains(l.Day) {
			h.current, h.inP = h.current.Add(l.Amount), true
		}
	}
	type place struct {
		state  State
		origin Origin
	}
	cells := map[place]*Cell{}
	for id, h := range customers {
		if !h.inQ && !h.inP {
			continue
		}
		profile := profiles[id]
		if profile.AcquiredOn != nil {
			earlier(h, *profile.AcquiredOn)
		}
		a0, a1 := h.prior.Sign() > 0, h.current.Sign() > 0
		if active == AnyLine {
			a0, a1 = h.inQ, h.inP
		}
		at := place{state: stateOf(a0, a1, h.first, w)}
		if at.state == New || at.state == NewBefore {
			at.origin = profile.Origin
		}
		if cells[at] == nil {
			cells[at] = &Cell{State: at.state, Origin: at.origin, Squares: new(big.Int)}
		}
		cells[at].add(h.prior, h.current, a0)
		if (at.state == New || at.state == NewBefore) && profile.AcquiredOn == nil {
			cells[at].Undated++
		}
	}
	out := make([]Cell, 0, len(cells))
	for _, c := range cells {
		out = append(out, *c)
	}
	return out
}

func stateOf(a0, a1 bool, first *calendar.Day, w Windows) State {
	switch {
	case a0 && a1:
		return Retained
	case a0:
		return Lost
	case !a1:
		return Idle
	case first != nil && *first >= w.Period.Start:
		return New
	case first != nil && *first >= w.Compared.End:
		return NewBefore
	default:
		return Returning
	}
}

func (c *Cell) add(prior, current money.Amount, a0 bool) {
	c.Customers++
	c.Prior, c.Current = c.Prior.Add(prior), c.Current.Add(current)
	switch change := current.Sub(prior); {
	case change.Sign() > 0:
		c.Expansion = c.Expansion.Add(change)
	default:
		c.Contraction = c.Contraction.Add(change.Neg())
	}
	if a0 {
		kept := current
		if kept.Sign() < 0 {
			kept = money.Amount{}
		}
		if prior.Cmp(kept) < 0 {
			kept = prior
		}
		c.Kept = c.Kept.Add(kept)
	}
	if c.State == New || c.State == NewBefore {
		y := current.Big()
		c.Squares.Add(c.Squares, y.Mul(y, y))
	}
}
