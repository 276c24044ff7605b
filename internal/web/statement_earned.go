package web

import (
	"math/big"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

// earnedView is the new customers' revenue as one bar: earned, not known, bought.
type earnedView struct {
	New      string // how many came new
	Parts    []earnedPart
	Drawn    bool // no part is below zero
	Ticks    []tick
	Dot      string // the estimate; empty: none
	From, To string
	Low      string // the bounds
	Width    string
	LowText  tick
	HighText tick
	Estimate string
	Said     string // the drawing, in a sentence
	Asked    string // what asking would change
	Share    numView
	Interval string
	Kind     string
	Ask      *door
}

// earnedPart is one part of the bar.
type earnedPart struct {
	Label     string
	Paint     string
	At, Width string
	Amount    numView
	Customers numView
	Share     string
	Beside    numView
}

var earnedParts = []struct{ label, name, paint string }{
	{"By word of mouth", "new_earned", "f-petrol"},
	{"Nobody asked", "new_unattributed", "f-hatch s-ink3 l1"},
	{"By promotion or sales", "new_bought", "f-bought"},
}

// earnedShare is nil where nobody came new.
func (o *opened) earnedShare() *earnedView {
	s := o.doc.Statement(o.lead)
	n, ok := o.doc.Figure(o.lead, "customers.new")
	if !ok || n.Value.Count == 0 {
		return nil
	}
	var whole big.Rat
	view := &earnedView{New: o.units(n.Value.Count, sealed.Customers), Drawn: true}
	for _, p := range earnedParts {
		a := s.Revenue[p.name]
		whole.Add(&whole, a.Rat())
		view.Drawn = view.Drawn && a.Sign() >= 0
	}
	view.Drawn = view.Drawn && whole.Sign() > 0
	other, two := o.doc.Beside(o.lead)
	at := 0.0
	for _, p := range earnedParts {
		part := earnedPart{Label: o.t(p.label), Paint: p.paint}
		part.Amount, _, _ = o.num(o.lead, "revenue."+p.name)
		part.Customers, _, _ = o.num(o.lead, "customers."+p.name)
		if two {
			part.Beside, _, _ = o.num(other, "revenue."+p.name)
		}
		if view.Drawn {
			share := new(big.Rat).Quo(s.Revenue[p.name].Rat(), &whole)
			part.At, part.Width, part.Share = place(100*at), place(100*float(share)), percent(share)
			at += float(share)
		}
		view.Parts = append(view.Parts, part)
	}
	o.drawShare(view)
	if left := s.Customers["new_unattributed"]; left > 0 {
		view.Asked = o.tn(left, "Of %s new customer nobody knows what brought them.", "Of %s new customers nobody knows what brought them.", count(left))
	}
	return view
}

// drawShare puts the estimate and its bounds below the bar.
func (o *opened) drawShare(view *earnedView) {
	var v sealed.Value
	view.Share, v, _ = o.num(o.lead, "earned_share")
	b, bounded := o.estimate(o.lead, "earned_share_bounds")
	if !bounded {
		return
	}
	a := axis{0, 1}
	view.Low, view.Width = a.at(float(b.Low)), place(100*float(new(big.Rat).Sub(b.High, b.Low)))
	view.LowText, view.HighText = a.beside(float(b.Low), points(b.Low), true), a.beside(float(b.High), points(b.High), false)
	view.Ticks = []tick{{"0", "0%", "start"}, {"25", "25%", "middle"}, {"50", "50%", "middle"}, {"75", "75%", "middle"}, {"100", "100% " + o.t("earned"), "end"}}
	e, ok := v.Figure.Estimate()
	if !ok {
		return
	}
	view.Interval, view.Kind = o.interval(v), o.sort(e)
	parts := []any{view.Parts[0].Amount.Text, view.Parts[1].Amount.Text, view.Parts[2].Amount.Text, points(b.Low), points(b.High)}
	view.Said = o.t("New customers’ revenue: %s by word of mouth, %s nobody asked, %s by promotion or sales. Earned share between %s and %s per cent.", parts...)
	if e.Value == nil {
		return
	}
	view.Dot, view.Estimate = a.at(float(e.Value)), percent(e.Value)
	if e.Kind != evidence.KindExact {
		view.From, view.To = a.at(float(e.Low)), a.at(float(e.High))
		view.Said += " " + o.t("Estimate %s, %s %s.", percent(e.Value), o.sort(e), o.ends(sealed.Share, e))
	}
}

// beside is a text at the left or right of a place, within the drawing.
func (a axis) beside(x float64, text string, left bool) tick {
	t := tick{At: a.at(x), Text: text, Anchor: "start"}
	if left {
		t.Anchor = "end"
	}
	switch share := a.share(x - a.low); {
	case left && share < 6:
		t.Anchor = "start"
	case !left && share > 94:
		t.Anchor = "end"
	}
	return t
}
