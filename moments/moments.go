// Package moments owns mergeable sufficient statistics: weights, means,
// variances and covariances of a few variables, and counts of a positive
// variable on a grid of equal ratios. It does not own rows, files or what a
// statistic is used for.
//
// Means and centred sums are updated and merged by the formulas of Chan, Golub
// & LeVeque, "Algorithms for Computing the Sample Variance", American
// Statistician 37(3), 1983, in the weighted form of West, Communications of the
// ACM 22(9), 1979; the grid is that of Masson, Rim & Lee, "DDSketch", VLDB 12(12),
// 2019.
//
// Invariant: statistics of parts, merged in any order, are those of the whole:
// exactly for counts, up to rounding for the rest.
package moments

import (
	"fmt"
	"math"
)

// Moments are the statistics of rows of a fixed number of variables. A row of
// weight w counts as w equal rows (weights need not be whole). The zero value
// has no variables; New makes others.
type Moments struct {
	width  int
	weight float64
	mean   []float64
	sums   []float64 // centred sums of products, lower triangle by rows
}

// New is the statistics of no rows of so many variables.
func New(width int) *Moments {
	return &Moments{width: width, mean: make([]float64, width), sums: make([]float64, width*(width+1)/2)}
}

// Add counts a row of weight 1. There must be one value a variable, all finite.
func (m *Moments) Add(row ...float64) error { return m.AddWeighted(1, row...) }

// AddWeighted counts a row. A weight of 0 leaves everything as it is; a negative
// one, and a value that is not finite, is refused.
func (m *Moments) AddWeighted(weight float64, row ...float64) error {
	if len(row) != m.width {
		return fmt.Errorf("moments: a row of %d values, want %d", len(row), m.width)
	}
	if !(weight >= 0) || math.IsInf(weight, 0) {
		return fmt.Errorf("moments: weight %v is not a number of rows", weight)
	}
	for i, x := range row {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("moments: value %d is %v, which is not a finite number", i+1, x)
		}
	}
	if weight > 0 {
		m.join(weight, row, nil)
	}
	return nil
}

// Merge adds the rows of another, which stays as it is.
func (m *Moments) Merge(other *Moments) error {
	if other.width != m.width {
		return fmt.Errorf("moments: merging %d variables with %d", m.width, other.width)
	}
	if other.weight > 0 {
		m.join(other.weight, other.mean, other.sums)
	}
	return nil
}

// join merges a group of rows by equation 1.5 of Chan, Golub & LeVeque (1983);
// sums nil is a single row.
func (m *Moments) join(weight float64, mean, sums []float64) {
	total := m.weight + weight
	share := weight / total
	at := 0
	for i := range m.width {
		di := mean[i] - m.mean[i]
		for j := range i + 1 {
			m.sums[at] += di * (mean[j] - m.mean[j]) * m.weight * share
			if sums != nil {
				m.sums[at] += sums[at]
			}
			at++
		}
	}
	for i := range m.width {
		m.mean[i] += (mean[i] - m.mean[i]) * share
	}
	m.weight = total
}

// Weight is the sum of the weights: the number of rows where each counts once.
func (m *Moments) Weight() float64 { return m.weight }

// Mean is the mean of variable i; NaN without rows.
func (m *Moments) Mean(i int) float64 {
	if m.weight == 0 {
		return math.NaN()
	}
	return m.mean[i]
}

// Sum is the centred sum of products Σ w (x_i − x̄_i)(x_j − x̄_j).
func (m *Moments) Sum(i, j int) float64 {
	if j > i {
		i, j = j, i
	}
	return m.sums[i*(i+1)/2+j]
}

// Covariance is the sum of products over the weight less 1; NaN where the weight
// is not above 1.
func (m *Moments) Covariance(i, j int) float64 {
	if m.weight <= 1 {
		return math.NaN()
	}
	return m.Sum(i, j) / (m.weight - 1)
}

// Variance is the covariance of a variable with itself.
func (m *Moments) Variance(i int) float64 { return m.Covariance(i, i) }

// Correlation is that of Pearson; NaN where a variable does not vary.
func (m *Moments) Correlation(i, j int) float64 {
	return m.Sum(i, j) / math.Sqrt(m.Sum(i, i)*m.Sum(j, j))
}

// Slope is the least-squares slope of variable y on variable x; NaN where x does
// not vary.
func (m *Moments) Slope(y, x int) float64 { return m.Sum(y, x) / m.Sum(x, x) }
