package web

import (
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// outlookView is what one customer is likely to do.
type outlookView struct {
	Said    string // of which close it is
	Door    door
	Why     string // why nothing is told, in the books' words
	Figures []bigView
	Quiet   bool // likelier gone than not
}

// outlook is what the customer is likely to do; nil where no close tells.
func (s *Server) outlook(v *visit, c engine.Customer) (*outlookView, error) {
	o, err := s.Office.Outlook(v.r.Context(), c, v.seer())
	if err != nil || o == nil {
		return nil, err
	}
	name := v.locale.periodName(o.Head.Kind, o.Head.Period, o.Head.Label)
	view := &outlookView{Why: o.Why, Door: door{Path: statementPath(o.Head.ID) + "/equity", Text: name}}
	if o.Why != "" {
		return view, nil
	}
	view.Said = v.locale.tn(o.Purchases, "As of %[2]s, after one purchase.", "As of %[2]s, after %[1]s purchases.", count(o.Purchases), v.locale.day(o.LastDay))
	t := teller{v.locale, money.Currency(v.company.Currency)}
	for _, f := range []struct {
		label string
		unit  sealed.Unit
		is    evidence.Figure
	}{
		{v.t("Likely to be a customer still"), sealed.Share, o.Alive}, {v.t("Purchases in the next year"), sealed.Foretold, o.Outlook.Purchases},
		{v.t("Worth from here on, %s", v.company.Currency), sealed.Expected, o.Value},
	} {
		big := bigView{Label: f.label, Value: t.value(sealed.Value{Unit: f.unit, Figure: f.is})}
		if r, refused := f.is.Refusal(); refused {
			big.Value, big.Refused, big.Opens = v.t("Refused"), r.Reason, r.Need
		} else if e, ok := f.is.Estimate(); ok && e.Kind != evidence.KindExact {
			big.Interval = v.t("of 100 customers like them, 95 between %s and %s", t.number(f.unit, e.Low, false), t.number(f.unit, e.High, false))
			if f.unit == sealed.Foretold {
				big.Value = decimal(e.Value, 1)
			}
		} else {
			big.Interval = v.t("a probability")
		}
		view.Figures = append(view.Figures, big)
	}
	if e, ok := o.Alive.Estimate(); ok {
		view.Quiet = float(e.Value) < 0.5
	}
	return view, nil
}
