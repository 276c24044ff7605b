// Package likelihood owns maximum likelihood: it climbs a log-likelihood whose gradient is given, judges whether a maximum was
// reached, and draws the covariance of the parameters from the curvature there. It does not own any likelihood, and knows no
// domain. Positive parameters are climbed as logarithms, so that no step leaves their range and the choice of a unit changes
// nothing but the unit. The curvature is had by differencing the analytic gradient.
//
// A [Fit] is given only where the next Newton step would change no transformed parameter by more than a millionth, or promises a
// rise that rounding hides, and the likelihood curves down in every direction; anything else is a [Refusal] with its [Cause]. That is its invariant: there are
// no parameters without standard errors.
//
// Broyden–Fletcher–Goldfarb–Shanno steps as in Nocedal & Wright, Numerical Optimization (2006), chapter 6; standard errors
// and the delta method as in Davison, Statistical Models (2003), chapter 4.
package likelihood

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/evidence"
)

// Scale says on which line a parameter is climbed.
type Scale int

// A positive parameter is climbed as its logarithm in units of its typical size, a real one as it is.
const (
	Positive Scale = iota
	Real
)

// Parameter names one parameter. Unit is its typical size, in which bounds and steps are measured (0 means 1). Low and High,
// in these units, are where it counts as run away: 0 and 0 mean 1e-6 and 1e6 for a positive parameter, ∓1e6 for a real one.
// AtLow and AtHigh say what it means when it does, for the reader of the refusal.
type Parameter struct {
	Name          string
	Scale         Scale
	Unit          float64
	Low, High     float64
	AtLow, AtHigh string
}

// Function is a log-likelihood. It returns the value at parameters p in their own units and writes the derivatives there to
// gradient, which has the length of p. It returns NaN or an infinity where it is not defined, and changes only gradient.
type Function func(p, gradient []float64) float64

// Problem is what is to be maximised.
type Problem struct {
	Parameters    []Parameter
	Observations  float64 // how many observations stand behind the likelihood, with their weights; above 0
	LogLikelihood Function
	// Pilot, if it is given, is the likelihood of a small sample of the observations, PilotObservations of them. Starts are
	// compared and the first way is climbed on it, which saves passes over the whole.
	Pilot             Function
	PilotObservations float64
	// Starts are one or more points to begin at, in the parameters' own units. The first two are compared; the rest are tried
	// where these lead to a refusal.
	Starts [][]float64
}

// Cause is why there is no fit.
type Cause string

// NotConverged: the climb ended before a maximum. AtBound: a parameter runs away, so the model is a simpler one in
// disguise. Flat: at the maximum the likelihood does not tell the parameters apart.
const (
	NotConverged Cause = "not converged"
	AtBound      Cause = "at a bound"
	Flat         Cause = "flat"
)

// Refusal is the error of a likelihood without a usable maximum. Parameter is empty unless one is to blame.
type Refusal struct {
	evidence.Refusal
	Cause     Cause
	Parameter string
}

// Unwrap is the refusal as a figure would show it.
func (r Refusal) Unwrap() error { return r.Refusal }

func refuse(cause Cause, parameter, reason, need string) Refusal {
	return Refusal{evidence.Refusal{Reason: reason, Need: need}, cause, parameter}
}

func (p Parameter) unit() float64 {
	if p.Unit == 0 {
		return 1
	}
	return p.Unit
}

// bounds are the ends of the parameter on the line that it is climbed on.
func (p Parameter) bounds() (low, high float64) {
	low, high = p.Low, p.High
	if low == 0 && high == 0 {
		low, high = 1e-6, 1e6
		if p.Scale == Real {
			low = -1e6
		}
	}
	if p.Scale == Positive {
		return math.Log(low), math.Log(high)
	}
	return low, high
}

// onto is x as it is climbed, and back the reverse.
func (p Parameter) onto(x float64) float64 {
	if p.Scale == Positive {
		return math.Log(x / p.unit())
	}
	return x / p.unit()
}

func (p Parameter) back(theta float64) float64 {
	if p.Scale == Positive {
		return p.unit() * math.Exp(theta)
	}
	return p.unit() * theta
}

// slope is the derivative of back at x.
func (p Parameter) slope(x float64) float64 {
	if p.Scale == Positive {
		return x
	}
	return p.unit()
}

func (p Problem) check() error {
	switch {
	case len(p.Parameters) == 0 || p.LogLikelihood == nil:
		return fmt.Errorf("maximise: no parameters or no likelihood")
	case !(p.Observations > 0) || math.IsInf(p.Observations, 1):
		return fmt.Errorf("maximise: %v observations", p.Observations)
	case p.Pilot != nil && !(p.PilotObservations > 0):
		return fmt.Errorf("maximise: a pilot of %v observations", p.PilotObservations)
	case len(p.Starts) == 0:
		return fmt.Errorf("maximise: nowhere to start")
	}
	for i, s := range p.Starts {
		if len(s) != len(p.Parameters) {
			return fmt.Errorf("maximise: start %d has %d values for %d parameters", i+1, len(s), len(p.Parameters))
		}
		for j, x := range s {
			low, high := p.Parameters[j].bounds()
			if theta := p.Parameters[j].onto(x); !(theta > low && theta < high) {
				return fmt.Errorf("maximise: start %d has %s at %v, which is not inside its bounds", i+1, p.Parameters[j].Name, x)
			}
		}
	}
	return nil
}
