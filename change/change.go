// Package change owns the question whether and when a series of numbers left its
// course: Page's CUSUM with the run length to a false alarm, a break of the mean by
// least squares, the posterior of the run length, and Holt–Winters smoothing,
// which knows seasons. It does not own whose series it is, calendars, or what to do.
//
// Each method states its source. A series is in the order of time, without gaps;
// values are finite. Where a rate of false alarms is told, it is that of
// independent normal values: a series whose neighbours depend on each other alarms
// more often.
//
// Invariant: what is said at a time rests on the values up to it, but for the break
// by least squares and fitted smoothing, which look at the whole series.
package change

import (
	"fmt"
	"math"
)

// checked holds a series to a length and to finite numbers.
func checked(what string, series []float64, least int) error {
	if len(series) < least {
		return fmt.Errorf("%s: %d values are too few; at least %d are needed", what, len(series), least)
	}
	for i, x := range series {
		if math.IsNaN(x) || math.Abs(x) > 1e100 {
			return fmt.Errorf("%s: value %d is %v, which cannot be computed with", what, i+1, x)
		}
	}
	return nil
}

// Level is the mean and the standard deviation (over n − 1) of a stretch that is
// taken to be on course. It is refused where the values do not vary.
func Level(series []float64) (mean, sd float64, err error) {
	if err := checked("level", series, 2); err != nil {
		return 0, 0, err
	}
	same := true
	for i, x := range series {
		mean += (x - mean) / float64(i+1)
		same = same && x == series[0]
	}
	squares := 0.0
	for _, x := range series {
		squares += (x - mean) * (x - mean)
	}
	sd = math.Sqrt(squares / float64(len(series)-1))
	if same || sd == 0 {
		return 0, 0, fmt.Errorf("level: all %d values are %v, so that no spread can be had of them", len(series), series[0])
	}
	return mean, sd, nil
}
