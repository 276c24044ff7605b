package voice

import (
	"fmt"
	"math"
	"math/big"

	"github.com/throughline/throughline/evidence"
)

// Counts are how many answered on the top, in the middle and at the bottom: of nps promoters, passives and detractors.
type Counts struct{ Top, Middle, Bottom int64 }

// Add counts an answer.
func (c *Counts) Add(s Side) {
	switch s {
	case Top:
		c.Top++
	case Bottom:
		c.Bottom++
	default:
		c.Middle++
	}
}

// N is how many answered.
func (c Counts) N() int64 { return c.Top + c.Middle + c.Bottom }

// refused says why the counts have no score; nil: they have one.
func (c Counts) refused() error {
	switch {
	case c.Top < 0 || c.Middle < 0 || c.Bottom < 0:
		return evidence.Refusal{Reason: "a number of answers is below zero", Need: "counts of answers"}
	case c.N() == 0:
		return evidence.Refusal{Reason: "nobody answered", Need: "answers to the question"}
	}
	return nil
}

// shares are those of the top and of the bottom.
func (c Counts) shares() (p, d float64) {
	n := float64(c.N())
	return float64(c.Top) / n, float64(c.Bottom) / n
}

// Points is a Net Promoter Score with what can be said of its error, all in points but Variance, which is that of a unit score −1, 0 or 1.
// SE is √(variance/n), SampleSE has n − 1 instead (NaN for one answer). WaldLow and WaldHigh are Value ± z·SE, which may reach beyond ±100 and are nothing
// wide where all answered alike; Low and High, the interval to show, are those of the adjusted score.
type Points struct {
	Value, Variance, SE, SampleSE, WaldLow, WaldHigh float64
	Adjusted, AdjustedSE, Low, High                  float64
}

// Points is the score of the counts; the error is an [evidence.Refusal] where there are none.
func (c Counts) Points() (Points, error) {
	if err := c.refused(); err != nil {
		return Points{}, err
	}
	p, d := c.shares()
	return pointsOf(p, d, float64(c.N()), math.NaN()), nil
}

// pointsOf is the score of shares p and d on n answers, of which the error of the mean is se in units; NaN: that of n independent answers.
func pointsOf(p, d, n, se float64) Points {
	s := Points{Value: 100 * (p - d), Variance: netVariance(p, d)}
	s.SE, s.SampleSE = 100*math.Sqrt(s.Variance/n), 100*math.Sqrt(s.Variance/(n-1))
	if !math.IsNaN(se) {
		s.SE, s.SampleSE = 100*se, math.NaN()
	} else if n <= 1 {
		s.SampleSE = math.NaN()
	}
	half := float64(z975 * s.SE)
	s.WaldLow, s.WaldHigh = s.Value-half, s.Value+half
	value, error, low, high := adjusted(p, d, n)
	s.Adjusted, s.AdjustedSE, s.Low, s.High = 100*value, 100*error, 100*low, 100*high
	return s
}

// NPS is the Net Promoter Score in points, from −100 to 100, with the adjusted Wald interval; refused where nobody answered.
func (c Counts) NPS() evidence.Figure { return c.net(float64(c.N()), "") }

// Share is the share of the top answers, from 0 to 1, with Wilson's interval; refused where nobody answered.
func (c Counts) Share() evidence.Figure { return c.share(float64(c.N()), "") }

// net is the score with the interval of so many independent answers; on says so in the method.
func (c Counts) net(n float64, on string) evidence.Figure {
	if err := c.refused(); err != nil {
		return refuse(err)
	}
	p, d := c.shares()
	_, _, low, high := adjusted(p, d, n)
	return evidence.Confidence(big.NewRat(100*(c.Top-c.Bottom), c.N()), evidence.Float(100*low), evidence.Float(100*high), level, c.N(), netWords+"; "+rocksWords+on)
}

func (c Counts) share(n float64, on string) evidence.Figure {
	if err := c.refused(); err != nil {
		return refuse(err)
	}
	p, _ := c.shares()
	low, high := wilson(p, n)
	return evidence.Confidence(big.NewRat(c.Top, c.N()), evidence.Float(low), evidence.Float(high), level, c.N(), "share of the top answers; "+wilsonWords+on)
}

// NPSBounds are where the score of all who were asked must lie, whatever those would say who did not answer; refused where more answered
// than were asked.
func (c Counts) NPSBounds(asked int64) evidence.Figure {
	return c.bounds(asked, 100, c.Top-c.Bottom, -1, netWords)
}

// ShareBounds are the same of the share of the top answers.
func (c Counts) ShareBounds(asked int64) evidence.Figure {
	return c.bounds(asked, 1, c.Top, 0, "share of the top answers")
}

// bounds has the sum of the units of those who answered; each of the others adds least, or 1.
func (c Counts) bounds(asked, scale, sum, least int64, how string) evidence.Figure {
	if err := c.refused(); err != nil {
		return refuse(err)
	}
	silent := asked - c.N()
	if silent < 0 {
		return evidence.Refuse("more answered than were asked", "the number of those who were asked")
	}
	of := func(units, n int64) *big.Rat { return big.NewRat(scale*units, n) }
	return evidence.BoundsAround(of(sum, c.N()), of(sum+least*silent, asked), of(sum+silent, asked), c.N(), how+"; "+silenceWords)
}

// Needed is how many answers give a score the 95% interval ± margin points, when promoters and detractors have the shares p and d; shares that are both
// NaN stand for the worst case, half and half. Formula: ⌈σ²(z/m)²⌉ with m in units.
func Needed(p, d, margin float64) (int64, error) {
	variance := 1.0
	switch {
	case !(margin > 0 && margin < math.Inf(1)):
		return 0, evidence.Refusal{Reason: fmt.Sprintf("a margin of %v points is none", margin), Need: "a margin above 0"}
	case math.IsNaN(p) && math.IsNaN(d):
	case !(p >= 0 && d >= 0 && p+d <= 1+1e-12):
		return 0, evidence.Refusal{Reason: fmt.Sprintf("%v and %v are not the shares of promoters and detractors", p, d), Need: "two shares that are 1 at the most together"}
	default:
		variance = netVariance(p, d)
	}
	if variance == 0 {
		return 0, evidence.Refusal{Reason: "where all answer alike their spread is not known", Need: "shares between none and all"}
	}
	z := 100 * z975 / margin
	n := math.Ceil(float64(variance * z * z))
	if n > 1e15 {
		return 0, evidence.Refusal{Reason: fmt.Sprintf("a margin of %v points asks for more answers than there are people", margin), Need: "a larger margin"}
	}
	return int64(max(1, n)), nil
}

// refuse is an error as a figure.
func refuse(err error) evidence.Figure {
	if r, ok := err.(evidence.Refusal); ok {
		return evidence.Refuse(r.Reason, r.Need)
	}
	return evidence.Refuse(err.Error(), "answers that can be read")
}
