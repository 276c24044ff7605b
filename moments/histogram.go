package moments

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Histogram counts values above zero on a grid of equal ratios, so that every
// quantile is known to a stated relative error whatever the spread; zeros are
// counted by themselves. Memory goes with the logarithm of the spread.
type Histogram struct {
	err    float64
	log    float64 // of the ratio of a cell's ends
	cells  map[int]float64
	zero   float64
	weight float64
}

// NewHistogram is an empty one whose quantiles are within the relative error,
// which must be above 0 and below 1: with 0.01 a quantile of 200 is told as 198
// to 202.
func NewHistogram(relative float64) (*Histogram, error) {
	if !(relative > 0 && relative < 1) {
		return nil, fmt.Errorf("histogram: a relative error of %v is not between 0 and 1", relative)
	}
	return &Histogram{err: relative, log: math.Log1p(relative) - math.Log1p(-relative), cells: map[int]float64{}}, nil
}

// Add counts a value with a weight. Both must be finite and not negative.
func (h *Histogram) Add(x, weight float64) error {
	switch {
	case !(x >= 0) || math.IsInf(x, 0):
		return fmt.Errorf("histogram: %v is not a finite value of 0 or more", x)
	case !(weight >= 0) || math.IsInf(weight, 0):
		return fmt.Errorf("histogram: weight %v is not a number of rows", weight)
	case weight == 0:
		return nil
	case x == 0:
		h.zero += weight
	default:
		h.cells[int(math.Ceil(math.Log(x)/h.log))] += weight
	}
	h.weight += weight
	return nil
}

// Merge adds the counts of another of the same error.
func (h *Histogram) Merge(other *Histogram) error {
	if other.err != h.err {
		return fmt.Errorf("histogram: merging relative errors of %v and %v", h.err, other.err)
	}
	for cell, weight := range other.cells {
		h.cells[cell] += weight
	}
	h.zero += other.zero
	h.weight += other.weight
	return nil
}

// Weight is the sum of the weights.
func (h *Histogram) Weight() float64 { return h.weight }

// Error is the relative error that was asked for.
func (h *Histogram) Error() float64 { return h.err }

// Quantile is the smallest value that a share p of the weight does not exceed,
// to the relative error. It is refused without values.
func (h *Histogram) Quantile(p float64) (float64, error) {
	if !(p >= 0 && p <= 1) {
		return 0, fmt.Errorf("histogram: %v is not a share", p)
	}
	if h.weight == 0 {
		return 0, fmt.Errorf("histogram: a quantile of no values")
	}
	below := h.zero
	if h.zero > 0 && below >= p*h.weight {
		return 0, nil
	}
	keys := slices.Sorted(maps.Keys(h.cells))
	for _, cell := range keys {
		if below += h.cells[cell]; below >= p*h.weight {
			return h.middle(cell), nil
		}
	}
	return h.middle(keys[len(keys)-1]), nil // rounding of the sums
}

// middle is within the relative error of both ends of a cell.
func (h *Histogram) middle(cell int) float64 {
	return math.Exp(float64(cell)*h.log) * (1 - h.err)
}
