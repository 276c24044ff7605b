package web

import (
	"math"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/sealed"
)

// whaleView is the whale curve: customers from left to right, the most profitable first, and what they brought together.
type whaleView struct {
	Up, Down   string // paths: to the peak, and after it
	Zero, All  string // heights of no profit and of all of it
	Ticks      []tick
	Peak       mark
	End        mark
	Figures    []bigView
	N, Source  string
	Said       string
	Deciles    bool
	PeakBefore bool // the peak lies before the end: some customers lose money
}

// mark is a place on the drawing, in per cent, with what is said there.
type mark struct{ X, Y, Text, Anchor string }

// whale is nil where profits are refused.
func (o *opened) whale(p *sealed.Profit) *whaleView {
	if len(p.Curve) == 0 || p.N == 0 {
		return nil
	}
	b := o.lead
	view := &whaleView{
		Figures: o.bigs(b, "peak", "peak_customers", "losing_customers", "losses"), N: o.units(p.N, sealed.Customers), Deciles: len(p.Deciles) > 0,
	}
	if d, ok := sealed.Define("peak"); ok {
		view.Source = o.t(d.Source)
	}
	xs, ys := []float64{0}, []float64{0}
	for _, c := range p.Curve {
		xs, ys = append(xs, 100*float64(c.Customers)/float64(p.N)), append(ys, amountFloat(c.Profit))
	}
	top := 0
	for i, y := range ys {
		if y > ys[top] {
			top = i
		}
	}
	low, high := 0.0, 0.0
	for _, y := range ys {
		low, high = min(low, y), max(high, y)
	}
	if high == low {
		high = low + 1
	}
	at := func(y float64) float64 { return math.Round(1e4*(100-100*(y-low)/(high-low))) / 1e4 }
	text := func(x float64) string { return strconv.FormatFloat(math.Round(1e4*x)/1e4, 'f', -1, 64) }
	line := func(from, to int) string {
		var out strings.Builder
		for i := from; i <= to; i++ {
			out.WriteString(map[bool]string{true: "M", false: "L"}[i == from] + text(xs[i]) + " " + text(at(ys[i])))
		}
		return out.String()
	}
	view.Up = line(0, top)
	last := len(ys) - 1
	if top < last {
		view.Down, view.PeakBefore = line(top, last), true
	}
	view.Zero, view.All = text(at(0)), text(at(ys[last]))
	end := p.Curve[len(p.Curve)-1]
	view.End = mark{X: "100", Y: view.All, Text: o.t("all: %s", o.cash(end.Profit)), Anchor: "end"}
	if top > 0 {
		peak := p.Curve[top-1]
		view.Peak = mark{X: text(xs[top]), Y: text(at(ys[top])), Text: o.t("peak: %s", o.cash(peak.Profit)), Anchor: anchorAt(xs[top])}
		if share := o.shareText(peak); share != "" {
			view.Peak.Text = o.t("peak: %s, %s of profit", o.cash(peak.Profit), share)
		}
	}
	for _, x := range []int{0, 25, 50, 75, 100} {
		view.Ticks = append(view.Ticks, tick{At: strconv.Itoa(x), Text: strconv.Itoa(x) + "%", Anchor: anchorAt(float64(x))})
	}
	return view
}

// anchorAt keeps a text within the drawing.
func anchorAt(x float64) string {
	switch {
	case x < 20:
		return "start"
	case x > 80:
		return "end"
	}
	return "middle"
}
