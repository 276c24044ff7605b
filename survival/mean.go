package survival

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/floats"
)

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
