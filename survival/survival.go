// Package survival owns time to event: how long customers, employees or contracts stay, and what makes them leave sooner. It
// gives the Kaplan–Meier curve with its intervals, median and restricted mean ([KaplanMeier]), the log-rank test ([LogRank]) and
// proportional hazards ([Cox]) with ties by Efron or Breslow, spells that begin late, strata, weights, robust and clustered
// errors, both tests of proportionality, concordance, baseline and prediction. It owns no business, no file and no chart; who is
// at risk, and what counts as the event, are the caller's to say.
//
// The methods are those of Kaplan & Meier (1958), Greenwood (1926), Mantel (1966), Cox (1972), Breslow (1974), Efron (1977),
// Andersen & Gill (1982), Lin & Wei (1989), Grambsch & Therneau (1994) and Harrell et al. (1982); where they leave a choice, the
// conventions are those of the R package survival, and each is named where it is taken.
//
// The invariant: rows that say the same give the same answer, in whatever order, unit or number of pieces they come; and what
// the rows cannot tell is an error of type [evidence.Refusal], which says what is missing, never a number.
package survival

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/evidence"
)

// Spells are rows at risk, one slice a column, all of one length. A row is under observation after its Start up to and with its
// Stop, and Event says whether the event came at Stop; otherwise it was only seen until then. Somebody may have several rows:
// pieces of time with other covariates. Times are in any one unit, may be 0 or negative, and are taken as equal when they differ by
// no more than rounding (256 units in the last place). At a time that is both, events come before censorings and entries after both.
type Spells struct {
	Start []float64 // nil: every row is at risk from the beginning; −Inf says it of one row
	Stop  []float64
	Event []bool
	// Weight is nil when every row counts once. A row of weight 0 is as if it were not there.
	Weight    []float64
	Weighting Weighting
}

// Weighting says what a weight means.
type Weighting int

const (
	// Repeats are whole numbers: a row of weight 3 is three rows that are alike, to the last digit, ties included.
	Repeats Weighting = iota
	// Sampling weights are any positive numbers, such as one over the chance to be asked: a row stands for others like it but is one
	// observation and one tied event. They are R's case weights. Standard errors are then robust, as the model's own are not valid.
	Sampling
)

// Test is a chi-squared test. P is the chance of a statistic as large when nothing is there.
type Test struct {
	Statistic float64
	DF        int
	P         float64
}

func chiSquared(statistic float64, df int) Test {
	return Test{Statistic: statistic, DF: df, P: distuv.ChiSquared{K: float64(df)}.Survival(statistic)}
}

// normal is the standard normal quantile that leaves half of 1 − level above it.
func normal(level float64) (float64, error) {
	if !(level > 0 && level < 1) {
		return 0, fmt.Errorf("level %v is not between 0 and 1", level)
	}
	return distuv.UnitNormal.Quantile(1 - (1-level)/2), nil
}

func refuse(need, reason string, args ...any) error {
	return evidence.Refusal{Reason: fmt.Sprintf(reason, args...), Need: need}
}

// check finds the first row that cannot be read. Rows are counted from 1 in what it says.
func (s Spells) check() error {
	n := len(s.Stop)
	if n == 0 {
		return refuse("at least one row", "no rows")
	}
	if len(s.Event) != n || s.Start != nil && len(s.Start) != n || s.Weight != nil && len(s.Weight) != n {
		return fmt.Errorf("columns of unequal length: %d stops, %d events, %d starts, %d weights", n, len(s.Event), len(s.Start), len(s.Weight))
	}
	if n > math.MaxInt32 {
		return fmt.Errorf("%d rows, at most %d", n, math.MaxInt32)
	}
	for i, t := range s.Stop {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return refuse("a time in every row; leave out rows without", "row %d: the time %v is not a number", i+1, t)
		}
	}
	for i, t := range s.Start {
		if math.IsNaN(t) || math.IsInf(t, 1) {
			return refuse("a start in every row; leave out rows without", "row %d: the start %v is not a number", i+1, t)
		}
		if t >= s.Stop[i] {
			return refuse("a start before the stop", "row %d: it starts at %v and stops at %v", i+1, t, s.Stop[i])
		}
	}
	for i, w := range s.Weight {
		switch {
		case math.IsNaN(w) || math.IsInf(w, 0) || w < 0:
			return refuse("weights of 0 or more", "row %d: the weight %v is not a number of 0 or more", i+1, w)
		case s.Weighting == Repeats && w != math.Trunc(w):
			return refuse("whole weights, or the weighting Sampling", "row %d: the weight %v is not a number of repeated rows", i+1, w)
		}
	}
	return nil
}
