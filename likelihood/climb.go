package likelihood

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

const (
	smallStep   = 1e-6 // of a transformed parameter: the largest Newton step at which a maximum counts as reached
	longestStep = 2.0  // of a transformed parameter in one step: a factor of seven for a positive one
	difference  = 1e-4 // of a transformed parameter, to either side, when the gradient is differenced
	widest      = 2.0  // standard error of a transformed parameter beyond which the data do not say: its interval spans a factor of 2,500
	rounding    = 1e-14
	// unseen is a rise of the likelihood that rounding may hide: it is 1.4e-4 standard errors away, since a rise of g is √(2g) of them.
	unseen = 1e-8
)

// surface is a log-likelihood over transformed parameters.
type surface struct {
	parameters  []Parameter
	f           Function
	n           float64
	natural     []float64
	evaluations int
}

func (p Problem) surface(f Function, n float64) *surface {
	return &surface{p.Parameters, f, n, make([]float64, len(p.Parameters)), 0}
}

// at is the value at theta; its derivatives go to gradient. Outside the function's domain the value is −∞.
func (s *surface) at(theta, gradient []float64) float64 {
	s.evaluations++
	for i, p := range s.parameters {
		s.natural[i] = p.back(theta[i])
	}
	value := s.f(s.natural, gradient)
	for i, p := range s.parameters {
		gradient[i] *= p.slope(s.natural[i])
		if math.IsNaN(gradient[i]) || math.IsInf(gradient[i], 0) {
			return math.Inf(-1)
		}
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return math.Inf(-1)
	}
	return value
}

// outside is the first parameter beyond its bounds, or −1.
func (s *surface) outside(theta []float64) (at int, high bool) {
	for i, p := range s.parameters {
		low, top := p.bounds()
		if theta[i] < low || theta[i] > top {
			return i, theta[i] > top
		}
	}
	return -1, false
}

// ascend goes up from theta by quasi-Newton steps until it is near a maximum or a bound; it only has to come close.
func (s *surface) ascend(theta []float64) (best []float64, value float64) {
	const far = 1e50 // stands for −∞, which the line search cannot read
	dim := len(theta)
	g := make([]float64, dim)
	best, value = append([]float64(nil), theta...), s.at(theta, g)
	if math.IsInf(value, -1) {
		return best, value
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 {
			if i, _ := s.outside(x); i >= 0 {
				return far
			}
			v := s.at(x, g)
			if math.IsInf(v, -1) {
				return far
			}
			if v > value {
				value = v
				copy(best, x)
			}
			return -v / s.n
		},
	}
	last, lastValue := make([]float64, dim), math.NaN() // the line search asks for value and gradient at one point in turn
	plain := problem.Func
	problem.Func = func(x []float64) float64 {
		lastValue = plain(x)
		copy(last, x)
		return lastValue
	}
	problem.Grad = func(grad, x []float64) {
		if !floats.Equal(last, x) || math.IsNaN(lastValue) {
			problem.Func(x)
		}
		for i := range grad {
			grad[i] = 0
			if lastValue < far {
				grad[i] = -g[i] / s.n
			}
		}
	}
	// Its errors say that a line search made no progress: how far it came is judged afterwards, by Newton's method.
	_, _ = optimize.Minimize(problem, theta, &optimize.Settings{GradientThreshold: 1e-4, MajorIterations: 100, FuncEvaluations: 300,
		Converger: &optimize.FunctionConverge{Absolute: 1e-7, Iterations: 3}}, &optimize.BFGS{})
	return best, value
}

// hessian differences the gradient about theta.
func (s *surface) hessian(theta []float64) *mat.SymDense {
	dim := len(theta)
	x := append([]float64(nil), theta...)
	up, down := make([]float64, dim), make([]float64, dim)
	rows := mat.NewDense(dim, dim, nil)
	for i := range x {
		x[i] = theta[i] + difference
		s.at(x, up)
		x[i] = theta[i] - difference
		s.at(x, down)
		x[i] = theta[i]
		for j := range up {
			rows.Set(i, j, (up[j]-down[j])/(2*difference))
		}
	}
	h := mat.NewSymDense(dim, nil)
	for i := range dim {
		for j := i; j < dim; j++ {
			h.SetSym(i, j, (rows.At(i, j)+rows.At(j, i))/2)
		}
	}
	return h
}

// peak is where a climb ended.
type peak struct {
	theta       []float64
	value       float64
	information *mat.SymDense // −Hessian at theta
	gain        float64       // what the quadratic approximation still promises
	refusal     error
}

// newton climbs from theta to the maximum. It steps with the curvature that it is given, of a pilot, or differences the gradient
// for it, corrects it as it goes, and differences the gradient once more where it seems to have arrived.
func (s *surface) newton(theta []float64, information *mat.SymDense) peak {
	dim := len(theta)
	theta = append([]float64(nil), theta...)
	g, next, nextG := make([]float64, dim), make([]float64, dim), make([]float64, dim)
	value := s.at(theta, g)
	fresh := false
	for range 200 {
		if information == nil {
			information, fresh = negated(s.hessian(theta)), true
		}
		step, definite := uphill(information, g)
		gain := floats.Dot(step, g) / 2
		longest := floats.Norm(step, math.Inf(1))
		if longest < smallStep {
			if !fresh {
				information = nil
				continue
			}
			return s.arrived(theta, step, value, information, gain, definite)
		}
		if longest > longestStep {
			floats.Scale(longestStep/longest, step)
		}
		reached, ok := s.search(theta, step, value, floats.Dot(step, g), next, nextG)
		if !ok {
			if !fresh {
				information = nil
				continue
			}
			if definite && gain < unseen {
				return s.arrived(theta, make([]float64, dim), value, information, gain, true)
			}
			return peak{theta, value, information, gain, s.stuck(gain)}
		}
		floats.SubTo(step, next, theta)
		floats.Sub(g, nextG) // the fall of the gradient along the step
		if longest > 0.5 {   // too far for a correction
			information = nil
		} else {
			update(information, step, g)
		}
		fresh = false
		copy(theta, next)
		copy(g, nextG)
		value = reached
		if i, high := s.outside(theta); i >= 0 {
			return peak{theta, value, nil, gain, s.bound(i, high)}
		}
	}
	return peak{theta, value, information, math.Inf(1), refuse(NotConverged, "", "the likelihood still rises after 200 steps", "other data, or a simpler model")}
}

// search halves the step until the likelihood rises by a part of what the slope promises.
func (s *surface) search(theta, step []float64, value, promise float64, next, gradient []float64) (reached float64, ok bool) {
	slack := rounding * (1 + math.Abs(value))
	for scale := 1.0; scale > 1e-9; scale /= 2 {
		floats.AddScaledTo(next, theta, scale, step)
		reached = s.at(next, gradient)
		if reached > value+1e-4*scale*promise-slack {
			return reached, true
		}
	}
	return value, false
}

// arrived takes the last, tiny step and judges the maximum.
func (s *surface) arrived(theta, step []float64, value float64, information *mat.SymDense, gain float64, definite bool) peak {
	floats.Add(theta, step)
	p := peak{theta, value, information, gain, nil}
	if !definite {
		p.refusal = refuse(Flat, "", "the likelihood does not curve down in every direction", "data that tell the parameters apart, or a simpler model")
	}
	return p
}

func (s *surface) stuck(gain float64) error {
	if gain < 1e-6 {
		return refuse(Flat, "", "the likelihood is flat: its parameters cannot be told apart", "data that tell the parameters apart, or a simpler model")
	}
	return refuse(NotConverged, "", fmt.Sprintf("the climb ended before a maximum: the likelihood promises %.2g more", gain), "other data, or a simpler model")
}

func (s *surface) bound(i int, high bool) error {
	p := s.parameters[i]
	end, meaning := "falls towards 0", p.AtLow
	if high {
		end, meaning = "grows without bound", p.AtHigh
	} else if p.Scale == Real {
		end = "falls without bound"
	}
	if meaning != "" {
		meaning = ": " + meaning
	}
	return refuse(AtBound, p.Name, p.Name+" "+end+meaning, "data in which it shows, or a model without it")
}

// uphill solves information·step = gradient, with the signs of negative eigenvalues turned so that the step goes up.
func uphill(information *mat.SymDense, g []float64) (step []float64, definite bool) {
	dim := len(g)
	step = make([]float64, dim)
	var e mat.EigenSym
	if !e.Factorize(information, true) {
		copy(step, g)
		return step, false
	}
	values := e.Values(nil)
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	largest := math.Max(math.Abs(values[0]), math.Abs(values[dim-1]))
	definite = values[0] > 1e-12*largest
	for k, v := range values {
		v = math.Max(math.Abs(v), 1e-12*largest)
		if v == 0 {
			continue
		}
		column := mat.Col(nil, k, &vectors)
		floats.AddScaled(step, floats.Dot(column, g)/v, column)
	}
	return step, definite
}

// update is the Broyden–Fletcher–Goldfarb–Shanno correction of b, given that the gradient fell by y along s.
func update(b *mat.SymDense, s, y []float64) {
	sy := floats.Dot(s, y)
	if sy <= 1e-10*floats.Norm(s, 2)*floats.Norm(y, 2) {
		return
	}
	sv, yv := mat.NewVecDense(len(s), s), mat.NewVecDense(len(y), y)
	var bs mat.VecDense
	bs.MulVec(b, sv)
	sbs := mat.Dot(sv, &bs)
	b.SymRankOne(b, -1/sbs, &bs)
	b.SymRankOne(b, 1/sy, yv)
}

func negated(h *mat.SymDense) *mat.SymDense {
	h.ScaleSym(-1, h)
	return h
}
