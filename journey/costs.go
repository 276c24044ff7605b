package journey

import (
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// costed is what serving at a touchpoint cost.
type costed struct {
	amount   money.Amount
	contacts int64
	shared   string // a name that led to another touchpoint too; empty: none
	some     bool
}

// costed leads costs by name to touchpoints.
func (in Input) costed() map[string]costed {
	out := map[string]costed{}
	leads := map[string][]string{} // of a name, on some day of the period
	for _, p := range in.Map.Places() {
		if starts(p.From, &in.Period.End) && (p.Until == nil || *p.Until > in.Period.Start) && !slices.Contains(leads[p.Name], p.Touchpoint) {
			leads[p.Name] = append(leads[p.Name], p.Touchpoint)
		}
	}
	for _, c := range in.Costs {
		keys := leads[Fold(c.Name)]
		for _, key := range keys {
			x := out[key]
			x.some = true
			if len(keys) > 1 {
				x.shared = c.Name
			} else {
				x.amount, x.contacts = x.amount.Add(c.Amount), x.contacts+c.Contacts
			}
			out[key] = x
		}
	}
	return out
}

// figures are the cost and what a contact cost; none where the books know no costs at all.
func (c costed) figures(in Input) (cost, each *evidence.Figure) {
	if in.NoCosts != nil {
		return nil, nil
	}
	set := func(f, g evidence.Figure) (*evidence.Figure, *evidence.Figure) { return &f, &g }
	switch {
	case !c.some:
		r := evidence.Refuse("no cost of serving names it", "costs of kind serve with its touchpoint")
		return &r, nil
	case c.shared != "":
		r := evidence.Refuse("the books’ name "+c.shared+" led to two touchpoints in the period, and costs are not told by day", "a period in which it led to one")
		return &r, nil
	case c.contacts == 0:
		return set(evidence.Exact(c.amount.Rat(), 0, howCost), evidence.Refuse("there was no contact that could carry it", "contacts at it"))
	}
	return set(evidence.Exact(c.amount.Rat(), c.contacts, howCost), evidence.Exact(ratio(c.amount.Rat(), c.contacts), c.contacts, "cost to serve ÷ contacts"))
}

const howCost = "costs of kind serve under its names in the books"
