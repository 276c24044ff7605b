package web

import (
	"math"
	"slices"
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
	if d, ok := sealed.Define(sealed.Key(sealed.ProfitPeriod, "peak")); ok {
		view.Source = o.t(d.Source)
	}
	xs, ys := []float64{0}, []float64{0}
	for _, c := range p.Curve {
		xs, ys = append(xs, 100*float64(c.Customers)/float64(p.N)), append(ys, amountFloat(c.Profit))
	}
	if x, y, ok := truePeak(p); ok { // which may lie within a hundredth
		i := slices.IndexFunc(xs, func(at float64) bool { return at >= x })
		if i < 0 {
			i = len(xs) - 1
		}
		if xs[i] != x {
			xs, ys = slices.Insert(xs, i, x), slices.Insert(ys, i, y)
		}
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
		view.Peak = mark{X: text(xs[top]), Y: text(at(ys[top])), Text: o.t("peak"), Anchor: anchorAt(xs[top])}
		if share, ok := p.Rates["peak"].Estimate(); ok {
			view.Peak.Text = o.t("peak: %s of profit", percent(share.Value))
		}
	}
	for _, x := range []int{0, 25, 50, 75, 100} {
		view.Ticks = append(view.Ticks, tick{At: strconv.Itoa(x), Text: strconv.Itoa(x) + "%", Anchor: anchorAt(float64(x))})
	}
	return view
}

// truePeak is where the curve is highest, where the document has it as shares of customers and of profit.
func truePeak(p *sealed.Profit) (x, y float64, ok bool) {
	customers, ok := p.Rates["peak_customers"].Estimate()
	share, also := p.Rates["peak"].Estimate()
	profit, all := p.Rates["profit"].Estimate()
	if !ok || !also || !all {
		return 0, 0, false
	}
	return 100 * float(customers.Value), float(share.Value) * float(profit.Value), true
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
