package closing

import (
	"context"
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/pricing"
)

// prices states the observed price elasticity of the months up to the period's end, as far as the books reach back.
func (c *Closer) prices(ctx context.Context, ledger Ledger, state State, o Order) (any, error) {
	needs := []struct{ column, why string }{
		{"product", "the books do not tell what was bought"},
		{"quantity", "the books do not tell how many were bought"},
		{"list_price", "the books do not tell list prices; what was paid moves with what is bought, as discounts do"},
	}
	for _, need := range needs {
		if !slices.Contains(state.Mapped["orders"], need.column) {
			return evidence.Locked{Refused: need.why, UnlockedBy: "orders with product, quantity and list_price, the price that stood for everybody"}, nil
		}
	}
	w := c.priceWindow(state, o)
	if w.Months() < 1 {
		return evidence.Locked{Refused: "the orders hold no whole month up to the period's end", UnlockedBy: "orders of more months"}, nil
	}
	c.Progress("estimate how quantities follow list prices up to " + (w.End.First() - 1).String())
	demand, err := ledger.Demand(ctx, w)
	if err != nil {
		return nil, err
	}
	if len(demand.Products) == 0 {
		return evidence.Locked{Refused: fmt.Sprintf("no customer bought a product with a quantity from %s to %s", w.Start.First(), w.End.First()-1), UnlockedBy: "orders with product and quantity filled"}, nil
	}
	watch, ok := pricing.WatchOf(w)
	var served pricing.Served
	if ok {
		if served, err = ledger.Served(ctx, watch, demand.Names()); err != nil {
			return nil, err
		}
		for measure, book := range map[string]string{"resolved": "interactions", "nps": "answers"} {
			if kept, dropped := state.Kept[book]; dropped && kept > watch.Since().First() {
				served.Known[measure] = false // who was served how is no longer known for all
			}
		}
	} else {
		watch = pricing.Watch{}
	}
	return pricing.State(w, watch, demand, served, c.Settings.Currency)
}

// priceWindow is the whole months of orders up to the period's end, the last of them where there are many.
func (c *Closer) priceWindow(state State, o Order) pricing.Window {
	w := pricing.Window{End: calendar.MonthOf(o.Named.End)}
	first, known := state.First["orders"]
	if kept, dropped := state.Kept["orders"]; dropped {
		first, known = kept, true
	}
	if !known {
		return pricing.Window{}
	}
	from := calendar.MonthOf(first)
	if from.First() < first {
		from++ // a month of which a part is known
	}
	w.Start = max(from, w.End-pricing.LongestWindow)
	return w
}
