package survival

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/floats"
)

// Interval is the scale on which the interval of a curve is symmetric.
type Interval int

// The three kinds. Log is R's default; LogLog stays between 0 and 1 of itself and keeps its coverage best with few rows; Plain is cut at
// 0 and 1.
const (
	Log Interval = iota
	LogLog
	Plain
)

// Curve is a survival curve: the chance that the event has not come by each time.
type Curve struct {
	Points []Point // by rising time: every time at which a row stops (of a prediction: every time with events)
	N      float64 // rows; the sum of weights when they are repeats
	Events float64
	Level  float64
	Kind   Interval

	z         float64
	origin    float64 // where the curve begins: 0, or the earliest start or time when that is before
	end       float64 // the last time anybody was seen
	stops     []float64
	stopsLeft []float64 // weight of the rows that stop at or after
	starts    []float64
	startLeft []float64
	predicted bool // by a model
	uncounted bool // weights are not numbers of rows, or there is a model: no error of a mean
}

// Point is the curve from a time up to the next. AtRisk are the rows that are under observation just before Time, Events and Censored
// what became of those that stop at it (sums of weights). SE is the standard error of Survival. Where the curve has come down to 0
// its error and interval are not defined: they are NaN.
type Point struct {
	Time, AtRisk, Events, Censored float64
	Survival, SE, Low, High        float64
}

// KaplanMeier estimates the curve of all rows together, with intervals of the level, such as 0.95. Standard errors are Greenwood's
// (1926); with sampling weights they are robust, by the infinitesimal jackknife over rows, as R's are.
func KaplanMeier(s Spells, kind Interval, level float64) (*Curve, error) {
	z, err := normal(level)
	if err != nil {
		return nil, err
	}
	o, err := order(s, nil)
	if err != nil {
		return nil, err
	}
	c := &Curve{N: o.n, Events: o.events, Level: level, Kind: kind, z: z, origin: min(0, o.first), end: o.latest, uncounted: !o.repeats}
	if o.start != nil {
		if first := o.start[o.leave[len(o.leave)-1]]; !math.IsInf(first, -1) {
			c.origin = min(c.origin, first)
		}
	}
	c.stops, c.stopsLeft = left(o, o.stop, nil)
	if o.start != nil {
		c.starts, c.startLeft = left(o, o.start, o.leave)
	}
	hazards := c.count(o)
	errors := greenwood(c.Points, hazards)
	if !o.repeats {
		errors = jackknife(o, c.Points, hazards)
	}
	survival := 1.0
	for i := range c.Points {
		p := &c.Points[i]
		survival *= 1 - hazards[i]
		p.Survival = survival
		c.bound(p, errors[i])
	}
	return c, nil
}

// bound fills in the error and the interval, given the standard error of the logarithm of the survival.
func (c *Curve) bound(p *Point, logSE float64) {
	s := p.Survival
	switch {
	case s <= 0:
		p.Survival, p.SE, p.Low, p.High = 0, math.NaN(), math.NaN(), math.NaN()
		return
	case logSE == 0:
		p.SE, p.Low, p.High = 0, s, s
		return
	}
	p.SE = s * logSE
	switch c.Kind {
	case Plain:
		p.Low, p.High = max(0, s-c.z*p.SE), min(1, s+c.z*p.SE)
	case LogLog:
		spread := c.z * logSE / math.Log(s) // negative
		p.Low, p.High = math.Exp(math.Log(s)*math.Exp(-spread)), math.Exp(math.Log(s)*math.Exp(spread))
	default:
		p.Low, p.High = s*math.Exp(-c.z*logSE), min(1, s*math.Exp(c.z*logSE))
	}
}

// count fills in who was at risk and what became of them, and gives the share of those at risk that had the event at each point.
func (c *Curve) count(o *ordered) (hazards []float64) {
	n := len(o.row)
	staying, rows, gone := 0.0, 0, 0
	for i := 0; i < n; {
		t := o.stop[i]
		for o.leave != nil && gone < n && o.start[o.leave[gone]] >= t {
			staying -= o.weight[o.leave[gone]]
			gone++
		}
		if rows-gone == 0 {
			staying = 0 // what rounding of sampling weights has left
		}
		p := Point{Time: t}
		for ; i < n && o.stop[i] == t; i++ {
			if o.event[i] {
				p.Events += o.weight[i]
			} else {
				p.Censored += o.weight[i]
			}
			rows++
		}
		p.AtRisk = staying + p.Censored + p.Events
		staying = p.AtRisk
		c.Points = append(c.Points, p)
		hazard := 0.0
		if p.Events > 0 {
			hazard = min(1, p.Events/p.AtRisk)
		}
		hazards = append(hazards, hazard)
	}
	slices.Reverse(c.Points)
	slices.Reverse(hazards)
	return hazards
}

// greenwood gives the standard error of the logarithm of the survival at each point.
func greenwood(points []Point, hazards []float64) []float64 {
	out := make([]float64, len(points))
	sum := 0.0
	for i, p := range points {
		if hazards[i] > 0 {
			sum += p.Events / (p.AtRisk * (p.AtRisk - p.Events))
		}
		out[i] = math.Sqrt(sum)
	}
	return out
}

// jackknife gives the same robustly: the root of the sum over rows of (weight × derivative of the log survival by it)². A row that is
// still at risk at t has the derivative G(t) − G(its start) with G(t) = Σ d/(n(n−d)), one that is gone keeps its last.
func jackknife(o *ordered, points []Point, hazards []float64) []float64 {
	rise := make([]float64, len(points)) // G
	sum := 0.0
	for i, p := range points {
		if hazards[i] > 0 {
			sum += p.Events / (p.AtRisk * (p.AtRisk - p.Events))
		}
		rise[i] = sum
	}
	at := func(t float64) float64 { // G just after t
		k := sort.Search(len(points), func(k int) bool { return points[k].Time > t })
		if k == 0 {
			return 0
		}
		return rise[k-1]
	}
	out := make([]float64, len(points))
	var w2, w2g, w2gg, gone float64 // over rows at risk: Σw², Σw²G(start), Σw²G(start)²; and the finished
	n := len(o.row)
	next, enter := n-1, n-1
	add := func(i int32) {
		g := 0.0
		if o.start != nil {
			g = at(o.start[i])
		}
		w := o.weight[i] * o.weight[i]
		w2, w2g, w2gg = w2+w, w2g+w*g, w2gg+w*g*g
	}
	if o.start == nil {
		for i := range o.row {
			add(int32(i))
		}
	}
	for k, p := range points {
		for ; o.start != nil && enter >= 0 && o.start[o.leave[enter]] < p.Time; enter-- {
			add(o.leave[enter])
		}
		for ; next >= 0 && o.stop[next] <= p.Time; next-- {
			g := 0.0
			if o.start != nil {
				g = at(o.start[next])
			}
			w := o.weight[next] * o.weight[next]
			w2, w2g, w2gg = w2-w, w2g-w*g, w2gg-w*g*g
			u := rise[k] - g
			if o.event[next] {
				u -= 1 / (p.AtRisk - p.Events)
			}
			gone += w * u * u
		}
		g := rise[k]
		out[k] = math.Sqrt(max(0, gone+g*g*w2-2*g*w2g+w2gg))
	}
	return out
}

// left gives the times in rising order and the weight of the rows at or after each.
func left(o *ordered, times []float64, descending []int32) (at, weight []float64) {
	sum := 0.0
	for k := range times {
		i := int32(k)
		if descending != nil {
			i = descending[k]
		}
		sum += o.weight[i]
		if len(at) > 0 && at[len(at)-1] == times[i] {
			weight[len(at)-1] = sum
			continue
		}
		at, weight = append(at, times[i]), append(weight, sum)
	}
	slices.Reverse(at)
	slices.Reverse(weight)
	return at, weight
}

func atOrAfter(times, weight []float64, t float64) float64 {
	if k := sort.SearchFloat64s(times, t); k < len(times) {
		return weight[k]
	}
	return 0
}

// At is the curve at time t: the point at or before it, with AtRisk just before t and no events of its own unless t is a point.
// It refuses times after the last that was seen, unless the curve has come down to 0.
func (c *Curve) At(t float64) (Point, error) {
	if math.IsNaN(t) {
		return Point{}, refuse("a time", "the time is not a number")
	}
	k := sort.Search(len(c.Points), func(i int) bool { return c.Points[i].Time > t })
	p := Point{Survival: 1, Low: 1, High: 1}
	if k > 0 {
		p = c.Points[k-1]
	}
	if t > c.end && p.Survival > 0 {
		return Point{}, refuse("rows that were seen for longer", "survival at %v: nobody was seen after %v", t, c.end)
	}
	if k == 0 || p.Time != t {
		p.Events, p.Censored = 0, 0
		if !c.predicted {
			p.AtRisk = max(0, atOrAfter(c.stops, c.stopsLeft, t)-atOrAfter(c.starts, c.startLeft, t))
		} else {
			p.AtRisk = 0
			if k < len(c.Points) {
				p.AtRisk = c.Points[k].AtRisk
			}
		}
	}
	p.Time = t
	return p, nil
}

// Quantile is a time with its interval. +Inf stands for a time that was not reached: the curve, or the end of its interval, stays above.
type Quantile struct {
	Value, Low, High float64
}

// Median is the time by which half have had the event: [Curve.Quantile] of 0.5.
func (c *Curve) Median() Quantile { return c.Quantile(0.5) }

// Quantile is the first time at which the share p has had the event; when the curve is flat at exactly that height, the middle of the flat
// part, as in R. Low and High are the same of the interval's ends (Brookmeyer & Crowley 1982).
func (c *Curve) Quantile(p float64) Quantile {
	return Quantile{
		Value: c.falls(1-p, func(x Point) float64 { return x.Survival }),
		Low:   c.falls(1-p, func(x Point) float64 { return x.Low }),
		High:  c.falls(1-p, func(x Point) float64 { return x.High }),
	}
}

func (c *Curve) falls(height float64, of func(Point) float64) float64 {
	const same = 1.5e-8 // R's tolerance: a product of fractions seldom is a half exactly
	for i, p := range c.Points {
		y := of(p)
		if math.IsNaN(y) || y >= height+same {
			continue
		}
		if math.Abs(y-height) < same {
			for _, later := range c.Points[i+1:] {
				if of(later) < y {
					return (p.Time + later.Time) / 2
				}
			}
		}
		return p.Time
	}
	return math.Inf(1)
}

// Mean is a mean time with its standard error, which is NaN for the curve of a prediction and with sampling weights.
type Mean struct {
	Value, SE float64
}

// RestrictedMean is the mean time to the event, or to tau where it has not come by then: the area below the curve from 0 (or from where
// time begins, when that is before 0) to tau, with Greenwood's error. It refuses a tau after the last time seen, unless the curve
// has come down to 0; [Curve.Held] is how to say that one wants it all the same.
func (c *Curve) RestrictedMean(tau float64) (Mean, error) {
	if math.IsNaN(tau) || tau < c.origin {
		return Mean{}, refuse("a limit after the beginning", "mean time to %v: time begins at %v", tau, c.origin)
	}
	if _, err := c.At(tau); err != nil {
		return Mean{}, c.tooFar(tau)
	}
	m := c.area(Point{Time: c.origin, Survival: 1}, 0, tau)
	m.Value += c.origin
	return m, nil
}

func (c *Curve) tooFar(tau float64) error {
	return refuse("rows that were seen for longer, or an earlier limit", "mean time to %v: nobody was seen after %v", tau, c.end)
}

// Remaining is the mean time from u to the event or to tau, for those without the event by u: ∫S(t)dt from u to tau, over S(u).
func (c *Curve) Remaining(u, tau float64) (Mean, error) {
	if math.IsNaN(u) || math.IsInf(u, 0) || math.IsNaN(tau) || tau < u {
		return Mean{}, refuse("a limit after the beginning", "mean time from %v to %v: the limit is before the beginning", u, tau)
	}
	here, err := c.At(u)
	if err == nil && here.Survival > 0 {
		_, err = c.At(tau)
	}
	switch {
	case err != nil:
		return Mean{}, c.tooFar(tau)
	case here.Survival <= 0:
		return Mean{}, refuse("an earlier beginning", "mean time from %v: nobody is left by then", u)
	}
	after := sort.Search(len(c.Points), func(i int) bool { return c.Points[i].Time > u })
	return c.area(here, after, tau), nil
}

// area is what lies below the curve from here to tau, over the survival here; the points from after on are still to come.
func (c *Curve) area(here Point, after int, tau float64) Mean {
	var areas, shares []float64 // below the curve after each event, and d/(n(n−d)) there
	at, survival := here.Time, 1.0
	before := 0.0
	width := func(to float64) float64 {
		if survival == 0 {
			return 0 // also when to is infinite
		}
		return (to - at) * survival
	}
	for _, p := range c.Points[after:] {
		if p.Time > tau {
			break
		}
		if p.Events == 0 {
			continue
		}
		if len(areas) == 0 {
			before = width(p.Time)
		} else {
			areas[len(areas)-1] = width(p.Time)
		}
		at, survival = p.Time, p.Survival/here.Survival
		share := 0.0
		if p.AtRisk > p.Events {
			share = p.Events / (p.AtRisk * (p.AtRisk - p.Events))
		}
		areas, shares = append(areas, 0), append(shares, share)
	}
	if len(areas) == 0 {
		return Mean{Value: width(tau)}
	}
	areas[len(areas)-1] = width(tau)
	m := Mean{Value: before + floats.Sum(areas)}
	right, variance := 0.0, 0.0
	for i := len(areas) - 1; i >= 0; i-- {
		right += areas[i]
		variance += right * right * shares[i]
	}
	m.SE = math.Sqrt(variance)
	if c.uncounted {
		m.SE = math.NaN()
	}
	return m
}

// Held is the curve as if it stayed at its last height until t: what R's print(rmean = "common") does to the shorter of several
// curves. It is an assumption, not an observation, and means after the last time seen are upper bounds.
func (c *Curve) Held(t float64) *Curve {
	held := *c
	held.end = max(c.end, t)
	return &held
}
