package change

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// SelfStarting turns a series of normal values, whose mean and spread nobody has to
// know, into independent normal values of mean 0 and standard deviation 1, as long
// as it is on course: each value is held against all before it by Student's t, whose
// probability is that of the normal value (Hawkins, The Statistician 36(4), 1987). A CUSUM
// of these with target 0 has exactly the RunLength that is stated, from the third value
// on; with an estimated target and spread it would alarm for nothing far more often. A
// change has to come after some values on course, and has to be noticed before it is
// taken for the course. Values that cannot be judged yet are 0: the first two, and those
// before any two differ.
func SelfStarting(series []float64) ([]float64, error) {
	if err := checked("self-starting", series, 3); err != nil {
		return nil, err
	}
	out := make([]float64, len(series))
	mean, squares := 0.0, 0.0
	for i, x := range series {
		n := float64(i) // values before this one
		d := x - mean
		if i >= 2 && squares > 0 {
			sd := math.Sqrt(squares / (n - 1))
			out[i] = normalOf(d/sd*math.Sqrt(n/(n+1)), n-1)
		}
		mean += d / (n + 1)
		squares += d * (x - mean)
	}
	return out, nil
}

// furthest is as far as a normal value is told: its probability is no number beyond.
const furthest = 37

// normalOf is the normal value as improbable as a t of so many degrees of freedom,
// had from the tail so that no digit is lost.
func normalOf(t, df float64) float64 {
	tail := mathext.RegIncBeta(df/2, 0.5, df/(df+t*t)) / 2
	if tail == 0 {
		return math.Copysign(furthest, t)
	}
	return math.Copysign(math.Min(furthest, -distuv.UnitNormal.Quantile(tail)), t)
}
