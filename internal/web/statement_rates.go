package web

import (
	"strconv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

// ratesView are the rates on one scale.
type ratesView struct {
	Rows      []rateRow
	Ticks     []tick
	Scale     string // the scale, said
	Intervals string // how the intervals are called
	// Refused is why no rate can be given, when none can.
	Refused *bigView
}

// rateRow is one rate: the value, its drawing, its interval, the other column's, on how many it rests and how it was had.
type rateRow struct {
	Label    string
	Value    numView
	Strip    strip
	Interval string
	Beside   numView
	BesideIs string // the other column's interval
	N        string
	How      string
	English  bool // How is in the sealed document's words
}

// onScale are the rates, with what makes "no change" of them: retention is a change against everything that was.
var onScale = []struct {
	name  string
	shift float64
	paint string // empty: by its sign
}{
	{"growth_rate", 0, "ink"}, {"net_revenue_retention", -1, "ink"}, {"gross_revenue_retention", -1, "ink"},
	{"earned_new_customers", 0, "petrol"}, {"bought_new_customers", 0, "bought"}, {"unattributed_new_customers", 0, "ink"}, {"returning_customers", 0, "ink"},
	{"earned_growth_rate", 0, ""}, {"earned_growth_ratio", 0, "none"},
}

func (o *opened) rates() ratesView {
	var view ratesView
	a := o.rateAxis()
	other, two := o.doc.Beside(o.lead)
	levels := map[string]bool{}
	for _, r := range onScale {
		f, ok := o.doc.Figure(o.lead, r.name)
		if !ok {
			continue
		}
		row := rateRow{Label: o.t(f.Label)}
		row.Value, _, _ = o.num(o.lead, r.name)
		row.Interval = o.interval(f.Value)
		if e, ok := f.Value.Figure.Estimate(); ok && e.Value == nil {
			row.Interval = o.t("bounds")
		}
		row.Strip = o.rateStrip(a, f, r.shift, r.paint)
		row.N, row.How, row.English = o.how(f)
		if e, ok := f.Value.Figure.Estimate(); ok && e.Level != 0 {
			levels[o.sort(e)] = true
		}
		if two {
			var v sealed.Value
			row.Beside, v, _ = o.num(other, r.name)
			if v.Rat() != nil && !v.Exact() {
				row.BesideIs = o.interval(v)
			}
		}
		view.Rows = append(view.Rows, row)
	}
	view.Refused = o.allRefused(view.Rows)
	view.Intervals = o.t("Interval")
	if len(levels) == 1 {
		for name := range levels {
			view.Intervals = name
		}
	}
	view.Ticks = []tick{{"0", signedPercent(a.low), "start"}, {a.at(0), "0", "middle"}, {"100", signedPercent(a.high), "end"}}
	view.Scale = o.t("On a scale from %s to %s", signedPercent(a.low), signedPercent(a.high))
	return view
}

// allRefused is the one reason for which there is no rate at all.
func (o *opened) allRefused(rows []rateRow) *bigView {
	for _, row := range rows {
		if !row.Value.Refused || row.How != rows[0].How {
			return nil
		}
	}
	f, ok := o.doc.Figure(o.lead, "earned_growth_rate")
	if !ok || len(rows) == 0 {
		return nil
	}
	view := o.big(f)
	view.Label, view.Note = o.t("Growth, retention, earned growth"), o.note("earned_growth_rate")
	return &view
}

// rateAxis holds every rate of the headline with its interval and bounds.
func (o *opened) rateAxis() axis {
	var values []float64
	for _, r := range onScale {
		if r.paint == "none" {
			continue
		}
		f, ok := o.doc.Figure(o.lead, r.name)
		if !ok {
			continue
		}
		if e, ok := f.Value.Figure.Estimate(); ok {
			values = append(values, float(e.Low)+r.shift, float(e.High)+r.shift)
		}
		if b, ok := o.bounds(f); ok {
			values = append(values, float(b.Low)+r.shift, float(b.High)+r.shift)
		}
	}
	return axisOf(values)
}

// bounds are those that stand beside a rate.
func (o *opened) bounds(f sealed.Figure) (evidence.Estimate, bool) {
	name, ok := sealed.Bounded[f.Name]
	if f.Name == "earned_share" {
		name, ok = "earned_share_bounds", true
	}
	if !ok {
		return evidence.Estimate{}, false
	}
	return o.estimate(f.Block, name)
}

func (o *opened) rateStrip(a axis, f sealed.Figure, shift float64, paint string) strip {
	e, ok := f.Value.Figure.Estimate()
	switch {
	case paint == "none" && ok:
		return strip{None: true}
	case !ok:
		return strip{Refused: true, Zero: a.at(0)}
	case paint == "":
		paint = paintBySign(e)
	}
	var bounds *evidence.Estimate
	if b, ok := o.bounds(f); ok {
		bounds = &b
	}
	return a.strip(f.Value, bounds, shift, paint)
}

// how says what a rate rests on, in a line.
func (o *opened) how(f sealed.Figure) (n, how string, english bool) {
	if r, ok := f.Value.Figure.Refusal(); ok {
		return "", r.Reason + ": " + r.Need, true
	}
	e, ok := f.Value.Figure.Estimate()
	if !ok {
		return "", "", false
	}
	b, bounded := o.bounds(f)
	switch {
	case e.Kind == evidence.KindExact && f.Name == "growth_rate":
		how = o.t("exact, all identified lines")
	case e.Kind == evidence.KindExact:
		how = o.t("exact")
	case e.Kind == evidence.KindBounds && e.Value == nil:
		how = o.t("bounds, hatched; no estimate")
	case bounded:
		how = o.t("those asked taken as a sample; bounds %s, hatched", o.ends(f.Unit, b))
	default:
		how = o.t("those asked taken as a sample")
	}
	return count(e.N), how, false
}

// signedPercent is an end of a scale: −25%, +15%.
func signedPercent(x float64) string {
	text := strconv.FormatFloat(x*100, 'f', -1, 64)
	if x >= 0.01 || x <= -0.01 || x == 0 {
		text = strconv.FormatFloat(x*100, 'f', 0, 64)
	} else if len(text) > 5 {
		text = strconv.FormatFloat(x*100, 'f', 1, 64)
	}
	text = grouped(text) + "%"
	if x > 0 {
		return "+" + text
	}
	return text
}
