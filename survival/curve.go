package survival

import (
	"math"
	"slices"
	"sort"
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
	began := func(i int) float64 { // G at the start of row i
		if o.start == nil {
			return 0
		}
		k := sort.Search(len(points), func(k int) bool { return points[k].Time > o.start[i] })
		if k == 0 {
			return 0
		}
		return rise[k-1]
	}
	out := make([]float64, len(points))
	var staying squares
	gone := 0.0
	enter, next := len(o.row)-1, len(o.row)-1
	for k, p := range points {
		for ; enter >= 0 && (o.start == nil || o.start[o.leave[enter]] < p.Time); enter-- {
			i := enter
			if o.start != nil {
				i = int(o.leave[enter])
			}
			staying.add(o.weight[i], began(i), 1)
		}
		for ; next >= 0 && o.stop[next] <= p.Time; next-- {
			w, g := o.weight[next], began(next)
			staying.add(w, g, -1)
			u := rise[k] - g
			if o.event[next] {
				u -= 1 / (p.AtRisk - p.Events)
			}
			gone += w * w * u * u
		}
		out[k] = math.Sqrt(max(0, gone+staying.from(rise[k])))
	}
	return out
}

// squares holds what is needed of rows at risk for the sum of their (weight × (G − G at start))² at any later G.
type squares struct{ w, wg, wgg float64 }

func (s *squares) add(weight, g, sign float64) {
	w := sign * weight * weight
	s.w, s.wg, s.wgg = s.w+w, s.wg+w*g, s.wgg+w*g*g
}

func (s *squares) from(g float64) float64 { return g*g*s.w - 2*g*s.wg + s.wgg }

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
