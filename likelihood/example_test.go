package likelihood_test

import (
	"errors"
	"fmt"
	"math"

	"github.com/throughline/throughline/likelihood"
)

// Of 400 calls, the waiting times add up to 1000 minutes. The rate at which they are answered, how sure it is, and the mean
// wait that follows from it. Then calls of which none was answered: the rate runs to its bound, and that is said.
func Example() {
	waiting := func(answered, minutes float64) likelihood.Problem {
		return likelihood.Problem{
			Parameters:   []likelihood.Parameter{{Name: "rate", AtLow: "no call was answered"}},
			Observations: 400,
			LogLikelihood: func(p, gradient []float64) float64 {
				gradient[0] = answered/p[0] - minutes
				return answered*math.Log(p[0]) - minutes*p[0]
			},
			Starts: [][]float64{{1}},
		}
	}
	fit, err := likelihood.Maximise(waiting(400, 1000))
	if err != nil {
		fmt.Println(err)
		return
	}
	low, high := fit.Interval(0, 0.95)
	fmt.Printf("%s %.3f ± %.3f (%.3f to %.3f)\n", fit.Names[0], fit.Values[0], fit.SE(0), low, high)
	mean, se := fit.Delta(func(p []float64) float64 { return 1 / p[0] })
	fmt.Printf("mean wait %.2f ± %.3f minutes\n", mean, se)

	_, err = likelihood.Maximise(waiting(0, 1000))
	var refusal likelihood.Refusal
	if errors.As(err, &refusal) {
		fmt.Printf("%s: %s\n", refusal.Cause, refusal.Reason)
	}
	// Output:
	// rate 0.400 ± 0.020 (0.363 to 0.441)
	// mean wait 2.50 ± 0.125 minutes
	// at a bound: rate falls towards 0: no call was answered
}
