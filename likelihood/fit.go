package likelihood

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/evidence"
)

// Fit is a maximum. Values are the parameters in their own units, in the order of the problem; Covariance is theirs.
type Fit struct {
	Names         []string
	Values        []float64
	Covariance    *mat.SymDense
	LogLikelihood float64
	Observations  float64
	Evaluations   int     // passes over the whole likelihood
	Remaining     float64 // what the quadratic approximation still promises, in units of the log-likelihood

	parameters []Parameter
	theta      []float64
	covariance *mat.SymDense // of theta
}

// Maximise climbs the likelihood. The error is a [Refusal] when there is no usable maximum, and another when the problem is
// not one: no start, no observations, a start outside the bounds.
func Maximise(p Problem) (Fit, error) {
	if err := p.check(); err != nil {
		return Fit{}, err
	}
	whole := p.surface(p.LogLikelihood, p.Observations)
	first := whole
	if p.Pilot != nil {
		first = p.surface(p.Pilot, p.PilotObservations)
	}
	found := p.climb(first, p.Starts[:min(2, len(p.Starts))])
	if found.refusal != nil && len(p.Starts) > 2 {
		found = p.climb(first, p.Starts)
	}
	switch {
	case p.Pilot == nil:
	case found.refusal != nil: // the whole may have a maximum where the pilot has none
		found = p.climb(whole, p.Starts)
	default:
		found.information.ScaleSym(p.Observations/p.PilotObservations, found.information)
		found = whole.newton(found.theta, found.information)
	}
	if found.refusal != nil {
		return Fit{}, found.refusal
	}
	return whole.fit(found)
}

// climb ascends from the starts and goes on from the highest point. Where no start has a value, the peak has no place.
func (p Problem) climb(s *surface, starts [][]float64) peak {
	var theta []float64
	top := math.Inf(-1)
	for _, start := range starts {
		at := make([]float64, len(start))
		for i, x := range start {
			at[i] = p.Parameters[i].onto(x)
		}
		// Of starts that come to the same maximum the first is kept, lest rounding choose.
		if reached, value := s.ascend(at); value > top+1e-6*s.n {
			theta, top = reached, value
		}
	}
	if theta == nil {
		return peak{refusal: refuse(NotConverged, "", "the likelihood has no value at any start", "other data, or a simpler model")}
	}
	return s.newton(theta, nil)
}

// fit draws the covariance from the curvature.
func (s *surface) fit(found peak) (Fit, error) {
	dim := len(found.theta)
	var c mat.Cholesky
	if !c.Factorize(found.information) {
		return Fit{}, s.stuck(0)
	}
	covariance := mat.NewSymDense(dim, nil)
	if err := c.InverseTo(covariance); err != nil {
		return Fit{}, s.stuck(0)
	}
	f := Fit{LogLikelihood: s.at(found.theta, make([]float64, dim)), Observations: s.n, Remaining: found.gain, parameters: s.parameters,
		theta: found.theta, covariance: covariance, Covariance: mat.NewSymDense(dim, nil), Evaluations: s.evaluations}
	for i, p := range s.parameters {
		f.Names = append(f.Names, p.Name)
		f.Values = append(f.Values, p.back(found.theta[i]))
		if se := math.Sqrt(covariance.At(i, i)); !(se < widest) {
			return Fit{}, refuse(Flat, p.Name, "the data do not say how large "+p.Name+" is", "more data, or a simpler model")
		}
	}
	for i, p := range s.parameters {
		for j := i; j < dim; j++ {
			f.Covariance.SetSym(i, j, covariance.At(i, j)*p.slope(f.Values[i])*s.parameters[j].slope(f.Values[j]))
		}
	}
	return f, nil
}

// SE is the standard error of parameter i.
func (f Fit) SE(i int) float64 { return math.Sqrt(f.Covariance.At(i, i)) }

// Interval holds parameter i with the given coverage, such as 0.95, in large samples. It is symmetric on the line that the
// parameter is climbed on, so that of a positive parameter it is positive, and covers better in small samples.
func (f Fit) Interval(i int, level float64) (low, high float64) {
	z := distuv.UnitNormal.Quantile(0.5+level/2) * math.Sqrt(f.covariance.At(i, i))
	p := f.parameters[i]
	return p.back(f.theta[i] - z), p.back(f.theta[i] + z)
}

// Figure is parameter i with its 95% interval.
func (f Fit) Figure(i int) evidence.Figure {
	low, high := f.Interval(i, 0.95)
	return evidence.Confidence(evidence.Float(f.Values[i]), evidence.Float(low), evidence.Float(high), 0.95, int64(f.Observations), "maximum likelihood")
}

// Delta is g of the parameters and its standard error by the delta method: √(∇g'·V·∇g), with ∇g differenced on the
// transformed parameters. g must be smooth about the fit; the standard error is NaN where g is not finite.
func (f Fit) Delta(g func(p []float64) float64) (value, se float64) {
	dim := len(f.theta)
	p := append([]float64(nil), f.Values...)
	value = g(p)
	slope := mat.NewVecDense(dim, nil)
	for i, parameter := range f.parameters {
		p[i] = parameter.back(f.theta[i] + difference)
		up := g(p)
		p[i] = parameter.back(f.theta[i] - difference)
		down := g(p)
		p[i] = f.Values[i]
		slope.SetVec(i, (up-down)/(2*difference))
	}
	return value, math.Sqrt(math.Max(0, mat.Inner(slope, f.covariance, slope)))
}
