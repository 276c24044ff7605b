package survival

import (
	"errors"
	"fmt"
	"math"

	"github.com/throughline/throughline/evidence"
)

// Figure is the survival at t as an estimate with its interval, or the refusal.
func (c *Curve) Figure(t float64) evidence.Figure {
	p, err := c.At(t)
	switch {
	case err != nil:
		return refusalOf(err)
	case p.Survival == 0:
		return evidence.Refuse(fmt.Sprintf("survival at %v: nobody is left without the event, which leaves no interval", t), "rows that stay longer")
	}
	how := "Kaplan–Meier, " + c.Kind.String()
	if c.predicted {
		how = "Cox's model, " + c.Kind.String()
	}
	return c.confidence(p.Survival, p.Low, p.High, how)
}

// MedianFigure is the median as an estimate with its interval; it is refused when an end of the interval was not reached.
func (c *Curve) MedianFigure() evidence.Figure {
	m := c.Median()
	if math.IsInf(m.Value, 1) || math.IsInf(m.High, 1) {
		what := "the median"
		if !math.IsInf(m.Value, 1) {
			what = fmt.Sprintf("the median is %v, but the upper end of its interval", m.Value)
		}
		return evidence.Refuse(fmt.Sprintf("%s is not reached by %v, the last time seen", what, c.end), "rows that were seen for longer")
	}
	return c.confidence(m.Value, m.Low, m.High, "Kaplan–Meier, where the ends of the curve's interval cross the half, "+c.Kind.String())
}

// MeanFigure is the restricted mean to tau as an estimate with a normal interval, or the refusal.
func (c *Curve) MeanFigure(tau float64) evidence.Figure {
	m, err := c.RestrictedMean(tau)
	switch {
	case err != nil:
		return refusalOf(err)
	case math.IsNaN(m.SE):
		return evidence.Refuse(fmt.Sprintf("mean time to %v: it has no standard error here", tau), "rows themselves, with weights that are repeats")
	}
	return c.confidence(m.Value, m.Value-c.z*m.SE, m.Value+c.z*m.SE, fmt.Sprintf("restricted mean to %v, Greenwood", tau))
}

func (c *Curve) confidence(value, low, high float64, how string) evidence.Figure {
	return evidence.Confidence(evidence.Float(value), evidence.Float(low), evidence.Float(high), c.Level, int64(c.N), how)
}

// Figure is the hazard ratio of a covariate as an estimate with its interval of the level, or a refusal when the model has none of the name.
func (f *Fit) Figure(covariate string, level float64) evidence.Figure {
	for _, c := range f.Coefficients {
		if c.Covariate != covariate {
			continue
		}
		ratio, low, high, err := c.HazardRatio(level)
		if err != nil {
			return refusalOf(err)
		}
		how := "hazard ratio, Cox's partial likelihood"
		if f.robust != nil {
			how += ", robust error"
		}
		return evidence.Confidence(evidence.Float(ratio), evidence.Float(low), evidence.Float(high), level, f.N, how)
	}
	return evidence.Refuse(fmt.Sprintf("covariate %s: the model has none of the name", covariate), "a covariate of the model")
}

// String names the scale of an interval.
func (i Interval) String() string {
	switch i {
	case LogLog:
		return "log-log"
	case Plain:
		return "plain"
	}
	return "log"
}

func refusalOf(err error) evidence.Figure {
	var r evidence.Refusal
	if errors.As(err, &r) {
		return evidence.Refuse(r.Reason, r.Need)
	}
	return evidence.Refuse(err.Error(), "another call")
}
