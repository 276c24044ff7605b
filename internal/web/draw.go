package web

import (
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// Drawings are made on the server, in per cent of the cell that they stand in. They repeat numbers that stand beside them.

// axis is a scale from left to right.
type axis struct{ low, high float64 }

// at is where a number lies on the axis, in per cent with two places.
func (a axis) at(x float64) string {
	if a.high <= a.low {
		return "50"
	}
	return place(a.share(x - a.low))
}

// share is a length in per cent of the axis; of an axis of one number, none.
func (a axis) share(length float64) float64 {
	if a.high <= a.low {
		return 0
	}
	return 100 * length / (a.high - a.low)
}

func place(x float64) string {
	return strconv.FormatFloat(math.Round(min(max(x, -5), 105)*100)/100, 'f', -1, 64)
}

func float(r *big.Rat) float64 { f, _ := r.Float64(); return f }

func amountFloat(a money.Amount) float64 { return float(a.Rat()) }

// axisOf is a scale that holds all numbers and zero, with ends that are easy to say.
func axisOf(values []float64) axis {
	low, high := 0.0, 0.0
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		return axis{low - 0.05, high + 0.05}
	}
	step := niceStep((high - low) / 8)
	return axis{math.Floor(low/step) * step, math.Ceil(high/step) * step}
}

// axisAround is a scale that holds all numbers, and zero when it is near them.
func axisAround(values []float64) axis {
	if len(values) == 0 {
		return axis{0, 1}
	}
	low, high := slices.Min(values), slices.Max(values)
	if near := high - low; low <= 2*near && high >= -2*near {
		return axisOf(values)
	}
	step := niceStep(max(high-low, math.Abs(high)/100) / 8)
	a := axis{math.Floor(low/step) * step, math.Ceil(high/step) * step}
	if a.low == a.high { // one number that is easy to say already
		return axis{a.low - step, a.high + step}
	}
	return a
}

// niceStep is the least of 1, 2, 5, 10, … that is not below x.
func niceStep(x float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= x {
			return m * unit
		}
	}
	return 10 * unit
}

// tick is a place on an axis with what is said there.
type tick struct{ At, Text, Anchor string }

// rates are four or five ticks at round per cents.
func (a axis) rates() []tick {
	step := niceStep((a.high - a.low) / 5)
	places := max(0, int(math.Ceil(-math.Log10(step*100)-1e-9)))
	var out []tick
	for k := math.Ceil(a.low/step - 1e-9); k*step <= a.high+step*1e-9; k++ {
		t := tick{At: a.at(k * step), Text: grouped(strconv.FormatFloat(k*step*100, 'f', places, 64)) + "%", Anchor: "middle"}
		switch {
		case k > 0:
			t.Text = "+" + t.Text
		case k == 0: // of either sign
			t.Text = "0%"
		}
		switch share := a.share(k*step - a.low); {
		case share < 4:
			t.Anchor = "start"
		case share > 96:
			t.Anchor = "end"
		}
		out = append(out, t)
	}
	return out
}

// strip is a rate on the column's scale: a dot, its interval through it, and its bounds round it.
type strip struct {
	Zero          string // the upright at "no change"; empty: not on the scale
	Dot           string // empty: no value
	From, To      string // the interval; empty: none
	Low, Width    string // the bounds' box; empty: none
	Fill, Stroke  string // classes
	Refused, None bool
}

// strip draws a figure, shifted so that "no change" is zero.
func (a axis) strip(v sealed.Value, bounds *evidence.Estimate, shift float64, paint string) strip {
	s := strip{Zero: a.at(0), Fill: "f-" + paint, Stroke: "s-" + paint}
	box := func(e evidence.Estimate) {
		low, high := float(e.Low)+shift, float(e.High)+shift
		s.Low, s.Width = a.at(low), place(a.share(high-low))
	}
	if bounds != nil && bounds.Low.Cmp(bounds.High) != 0 {
		box(*bounds)
	}
	e, ok := v.Figure.Estimate()
	if !ok {
		return strip{Refused: true, Zero: s.Zero}
	}
	if e.Kind == evidence.KindBounds {
		box(e)
	} else if e.Low.Cmp(e.High) != 0 {
		s.From, s.To = a.at(float(e.Low)+shift), a.at(float(e.High)+shift)
	}
	if e.Value != nil {
		s.Dot = a.at(float(e.Value) + shift)
	}
	return s
}

// paintBySign is a figure's hue where it is for or against: only when its whole interval lies on one side.
func paintBySign(e evidence.Estimate) string {
	switch {
	case e.Low.Sign() > 0:
		return "petrol"
	case e.High.Sign() < 0:
		return "clay"
	}
	return "ink"
}

// step is a row of a waterfall.
type step struct {
	In, Out   string // where the connector comes from above, and leads to below; empty: none
	Bar       string // class of the bar; empty: a total
	At, Width string // of the bar
	Total     string // where a total stands
	Mark      bool   // a total is a mark, since the scale is cut
	Zero      string // where zero lies, when the scale holds it within
}

// fall is a waterfall's lines: what each adds, and its paint; totals add nothing and stand where the sum is.
type fall struct {
	amount money.Amount
	paint  string
	total  bool
}

// waterfall draws the rows. When everything happens far from zero the scale is cut and totals are marks; bars never start
// anywhere but at the sum before them.
func waterfall(rows []fall) (steps []step, cut bool) {
	sums := make([]float64, len(rows)) // after each row
	level, low, high := 0.0, math.Inf(1), math.Inf(-1)
	for i, r := range rows {
		if r.total {
			level = amountFloat(r.amount)
		} else {
			level += amountFloat(r.amount)
		}
		sums[i] = level
		low, high = min(low, level), max(high, level)
	}
	cut = low > 0 && high > 0 && low > 0.5*high
	a := axis{min(low, 0), max(high, 0)}
	if cut {
		a = axis{low - (high-low)*0.12, high + (high-low)*0.06}
	}
	for i, r := range rows {
		s := step{Total: a.at(sums[i]), Mark: cut}
		if a.low < 0 {
			s.Zero = a.at(0)
		}
		if i > 0 {
			s.In = a.at(sums[i-1])
		}
		if i < len(rows)-1 {
			s.Out = a.at(sums[i])
		}
		switch {
		case r.total && !cut:
			s.Bar, s.At, s.Width = "f-ink", a.at(min(0, sums[i])), a.width(sums[i])
		case !r.total:
			s.Bar, s.At, s.Width = r.paint, a.at(min(sums[i], sums[i-1])), a.width(sums[i]-sums[i-1])
		}
		steps = append(steps, s)
	}
	return steps, cut
}

// width is a length on the axis; what is not nothing is not drawn as nothing.
func (a axis) width(x float64) string {
	w := a.share(math.Abs(x))
	if x != 0 {
		w = max(w, 0.4)
	}
	return place(w)
}

// crowd is people as dots, in the order in which they are named.
type crowd struct {
	Label  string // for those who do not see it
	Height string
	Groups []crowdGroup
}

// crowdGroup is one hue of a crowd: a path of dots, hollow where Ring is set.
type crowdGroup struct {
	Path, Stroke string
	Ring         bool
	Count        string
	Text         string
}

// A crowd stands in rows of sixty, on a field 566 wide.
const (
	crowdRow   = 60
	crowdStep  = 9.4
	crowdFirst = 5.0
)

// dotsFor is how many people one dot stands for: ten, or as many tens, hundreds, … that no crowd is more than twelve rows.
func dotsFor(most int64) int64 {
	each := int64(10)
	if most < 200 {
		each = 1
	}
	for most/each > 12*crowdRow {
		each *= 10
	}
	return each
}

// dots places a group after those that stand already.
func dots(from, n int) string {
	b := make([]byte, 0, n*12)
	for i := from; i < from+n; i++ {
		b = append(b, 'M')
		b = strconv.AppendFloat(b, crowdAt(i%crowdRow), 'f', -1, 64)
		b = append(b, ' ')
		b = strconv.AppendFloat(b, crowdAt(i/crowdRow), 'f', -1, 64)
		b = append(b, "h0"...)
	}
	return string(b)
}

func crowdAt(i int) float64 { return math.Round((crowdFirst+crowdStep*float64(i))*10) / 10 }
