package change

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// CUSUM is the tabular cumulative sum of Page, Biometrika 41, 1954, in the form of
// Montgomery, Introduction to Statistical Quality Control, 9.1. All three are in the
// series' own unit.
type CUSUM struct {
	Target float64 // the level on course
	Slack  float64 // K: how far from the target a value may be without adding up; half the shift that matters
	Limit  float64 // H: a sum above it is an alarm
}

// Direction is where a series went.
type Direction int

const (
	Up   Direction = 1
	Down Direction = -1
)

func (d Direction) String() string {
	if d == Up {
		return "up"
	}
	return "down"
}

// Sums are the two sums after a value, and for how many values in a row each has
// been above 0.
type Sums struct {
	High, Low       float64
	HighRun, LowRun int
}

// Alarm is a sum's first value above the limit; it may alarm again when it has
// been back below.
type Alarm struct {
	At        int // the value's place in the series, from 0
	Direction Direction
	Since     int     // the first value after the sum was last 0: when the change is taken to have come
	Size      float64 // the sum
	Level     float64 // the level since then: target ± (slack + sum/run)
}

// Run follows a series.
func (c CUSUM) Run(series []float64) ([]Sums, []Alarm, error) {
	if err := checked("cusum", series, 1); err != nil {
		return nil, nil, err
	}
	if !(c.Slack >= 0 && c.Limit > 0) || math.IsInf(c.Slack, 0) || math.IsInf(c.Limit, 0) || math.IsNaN(c.Target) || math.IsInf(c.Target, 0) {
		return nil, nil, fmt.Errorf("cusum: target %v, slack %v and limit %v must be finite, the slack not below 0 and the limit above 0", c.Target, c.Slack, c.Limit)
	}
	var alarms []Alarm
	path := make([]Sums, len(series))
	last := Sums{}
	for i, x := range series {
		now := Sums{High: math.Max(0, x-(c.Target+c.Slack)+last.High), Low: math.Max(0, c.Target-c.Slack-x+last.Low)}
		if now.High > 0 {
			now.HighRun = last.HighRun + 1
		}
		if now.Low > 0 {
			now.LowRun = last.LowRun + 1
		}
		if now.High > c.Limit && last.High <= c.Limit {
			alarms = append(alarms, Alarm{i, Up, i - now.HighRun + 1, now.High, c.Target + c.Slack + now.High/float64(now.HighRun)})
		}
		if now.Low > c.Limit && last.Low <= c.Limit {
			alarms = append(alarms, Alarm{i, Down, i - now.LowRun + 1, now.Low, c.Target - c.Slack - now.Low/float64(now.LowRun)})
		}
		path[i], last = now, now
	}
	return path, alarms, nil
}

// RunLength is the mean number of independent normal values of standard deviation
// 1 until an alarm on either side, from sums of 0, when the mean lies shift above
// the target; slack and limit are in standard deviations. At shift 0 it is the mean
// time to a false alarm. Of one side it solves Page's integral equation
// L(z) = 1 + L(0)Φ(k−δ−z) + ∫₀ʰ L(x)φ(x+k−δ−z)dx by Gauss–Legendre nodes (Goel & Wu,
// Technometrics 13(2), 1971); of both sides 1/L = 1/L⁺ + 1/L⁻ (van Dobben de Bruyn 1968).
func RunLength(slack, limit, shift float64) (float64, error) {
	if !(slack >= 0 && limit > 0 && slack <= 100 && limit <= 100) || math.IsNaN(shift) || math.Abs(shift) > 100 {
		return 0, fmt.Errorf("run length: slack %v, limit %v and shift %v must be standard deviations up to 100, the limit above 0", slack, limit, shift)
	}
	up, err := oneSided(slack-shift, limit)
	if err != nil {
		return 0, err
	}
	down, err := oneSided(slack+shift, limit)
	if err != nil {
		return 0, err
	}
	return 1 / (1/up + 1/down), nil
}

// longest is where run lengths are told as endless: the equation's condition is
// about the run length itself.
const longest = 1e12

// oneSided is the run length of one sum whose values have mean −k.
func oneSided(k, h float64) (float64, error) {
	n := 40 + int(4*h)
	x, w := make([]float64, n), make([]float64, n)
	quad.Legendre{}.FixedLocations(x, w, 0, h)
	a, b := mat.NewDense(n+1, n+1, nil), mat.NewVecDense(n+1, nil)
	for i := range n + 1 {
		z := 0.0 // row 0 is the equation at a sum of 0
		if i > 0 {
			z = x[i-1]
		}
		b.SetVec(i, 1)
		a.Set(i, 0, -distuv.UnitNormal.CDF(k-z))
		for j := range n {
			a.Set(i, j+1, -w[j]*distuv.UnitNormal.Prob(x[j]+k-z))
		}
		a.Set(i, i, a.At(i, i)+1)
	}
	var l mat.VecDense
	var bad mat.Condition
	if err := l.SolveVec(a, b); err != nil && !errors.As(err, &bad) {
		return 0, fmt.Errorf("run length: %w", err)
	}
	if length := l.AtVec(0); length >= 1 && length < longest {
		return length, nil
	}
	return longest, nil
}

// LimitFor is the limit at which the mean time to a false alarm on either side is
// as long as wanted, in standard deviations.
func LimitFor(slack, wanted float64) (float64, error) {
	if !(wanted >= 2 && wanted <= 1e9) {
		return 0, fmt.Errorf("limit: a mean of %v values to a false alarm is not between 2 and a thousand million", wanted)
	}
	low, high := 1e-3, 100.0
	for range 60 {
		middle := (low + high) / 2
		got, err := RunLength(slack, middle, 0)
		if err != nil {
			return 0, err
		}
		if got < wanted {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}
