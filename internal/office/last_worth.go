package office

import (
	"context"
	"math/big"

	"github.com/throughline/throughline/internal/sealed"
)

// LastWorth is what an earlier close said that the base was worth at the end of its period, and what it is told to have been now. It is made of two
// seals and stands in neither: a seal says the same of the same books whatever was closed before.
type LastWorth struct {
	Head     Head
	Said     *big.Rat // as sealed, of the closing base
	Restated *big.Rat // how much more it is told to have been now, as the opening base of the later close
}

// LastWorth finds the standing close that ends where another begins; nil where there is none, or one of the two does not tell the value.
func (o *Office) LastWorth(ctx context.Context, h Head, doc *sealed.Document) (*LastWorth, error) {
	opening, ok := openingOf(doc.Equity)
	if !ok {
		return nil, nil
	}
	heads, err := o.Heads(ctx)
	if err != nil {
		return nil, err
	}
	last, ok := lastBefore(heads, h)
	if !ok {
		return nil, nil
	}
	before, err := o.Document(ctx, last.ID)
	if err != nil || !before.Equity.Open() || before.Currency != doc.Currency {
		return nil, err
	}
	said, ok := before.Equity.Base.Value.Estimate()
	if !ok || said.Value == nil {
		return nil, nil
	}
	return &LastWorth{Head: last, Said: said.Value, Restated: new(big.Rat).Sub(opening, said.Value)}, nil
}

func openingOf(e *sealed.Equity) (*big.Rat, bool) {
	if !e.Open() {
		return nil, false
	}
	for _, m := range e.Change {
		if x, ok := m.Value.Estimate(); ok && m.Name == "opening" && x.Value != nil {
			return x.Value, true
		}
	}
	return nil, false
}

// lastBefore is the standing seal of the same customers that ends on the day on which another begins: one of the same kind of period before one of
// another, such as the year before a month, and of equal ones the one that was sealed last.
func lastBefore(heads []Head, h Head) (last Head, ok bool) {
	for _, x := range heads {
		if !x.Stands() || x.Period.End != h.Period.Start || x.Grain != h.Grain || x.Active != h.Active {
			continue
		}
		alike := (x.Kind == h.Kind) == (last.Kind == h.Kind)
		if !ok || alike && x.ID > last.ID || !alike && x.Kind == h.Kind {
			last, ok = x, true
		}
	}
	return last, ok
}
