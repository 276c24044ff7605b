package voice

import (
	"fmt"

	"github.com/throughline/throughline/evidence"
)

// Sample is answers to one question, a row an answer.
type Sample struct {
	Question  Question
	Scores    []float64
	Groups    []int     // nil: all in group 0
	Weights   []float64 // nil: 1 each. How much an answer counts; only their ratios matter, and a weight of 0 leaves the answer out
	Customers []int     // nil: each answer is another customer's. Equal numbers are one customer, a negative one is somebody else each time
	Margins   []Margin  // to which the weights are raked, over all groups together
	Trim      float64   // see Rake
}

// RowError is a refusal about a row of a sample, counted from 0.
type RowError struct {
	Row int
	Err error
}

func (e *RowError) Error() string { return fmt.Sprintf("row %d: %v", e.Row+1, e.Err) }

// Unwrap is the refusal.
func (e *RowError) Unwrap() error { return e.Err }

// Reading is a sample whose answers have been read and weighted.
type Reading struct {
	Raked  // the weights that count, one a row; Rounds is 0 where nothing was raked
	sample Sample
	base   []float64 // weights before raking
	sides  []Side
	rows   [][]int // by group, those of a weight above 0
	all    []int
}

// Read reads each answer and weighs it. A row that cannot be read is refused as a [RowError]; columns of other lengths, and raking that
// does not arrive, as what they are.
func (s Sample) Read() (*Reading, error) {
	n := len(s.Scores)
	if s.Groups != nil && len(s.Groups) != n || s.Weights != nil && len(s.Weights) != n || s.Customers != nil && len(s.Customers) != n {
		return nil, fmt.Errorf("a sample of %d answers has %d groups, %d weights and %d customers", n, len(s.Groups), len(s.Weights), len(s.Customers))
	}
	r := &Reading{sample: s, sides: make([]Side, n), base: make([]float64, n)}
	for i, score := range s.Scores {
		side, err := s.Question.Side(score)
		if err != nil {
			return nil, &RowError{i, err}
		}
		r.sides[i], r.base[i] = side, 1
		if s.Weights != nil {
			r.base[i] = s.Weights[i]
		}
		if w := r.base[i]; !(w >= 0 && w <= heaviest) {
			return nil, &RowError{i, evidence.Refusal{Reason: fmt.Sprintf("weight %v does not say how much an answer counts", w), Need: "a number of 0 or more"}}
		}
		if s.Groups != nil && s.Groups[i] < 0 {
			return nil, &RowError{i, evidence.Refusal{Reason: "an answer is in no group", Need: "groups from 0 on"}}
		}
	}
	r.Weights = r.base
	if len(s.Margins) > 0 {
		var err error
		if r.Raked, err = Rake(r.base, s.Margins, s.Trim); err != nil {
			return nil, err
		}
	}
	r.gather()
	return r, nil
}

// heaviest is the largest weight: its square can still be summed.
const heaviest = 1e100

// gather lists the rows of each group.
func (r *Reading) gather() {
	r.rows = [][]int{nil}
	for i, w := range r.Weights {
		if w == 0 {
			continue
		}
		g := 0
		if r.sample.Groups != nil {
			g = r.sample.Groups[i]
		}
		for g >= len(r.rows) {
			r.rows = append(r.rows, nil)
		}
		r.rows[g], r.all = append(r.rows[g], i), append(r.all, i)
	}
}

// All stands for all answers where a group is asked for.
const All = -1

// of lists the rows of a group.
func (r *Reading) of(group int) []int {
	switch {
	case group == All:
		return r.all
	case group < 0 || group >= len(r.rows):
		return nil
	}
	return r.rows[group]
}

// unit is what an answer counts in a measure.
func (r *Reading) unit(m Measure, i int) float64 {
	switch {
	case m == Net:
		return float64(r.sides[i])
	case m == Share && r.sides[i] == Top:
		return 1
	case m == Share:
		return 0
	}
	return r.sample.Scores[i]
}

// ratio is a weighted mean Σwu ÷ Σw over a group, the variance of one answer around it, and what each of some rows adds to the error of
// the mean.
type ratio struct {
	mean, variance float64
	rows           []int
	adds           []float64 // one a row of rows
}

// linear is the mean of a measure over a group with its linearisation: a row adds w·(u − mean) ÷ Σw; where weights were raked, w times what the margins leave
// unexplained of (u − mean) ÷ Σw in a regression by the weights before raking, over all rows, since all of them were raked (Deville & Särndal, JASA 87, 1992).
func (r *Reading) linear(m Measure, group int) ratio {
	x := ratio{rows: r.of(group)}
	weight := 0.0
	for _, i := range x.rows {
		w := r.Weights[i]
		weight += w
		x.mean += float64(w / weight * (r.unit(m, i) - x.mean))
	}
	x.adds = make([]float64, len(x.rows))
	for at, i := range x.rows {
		e := r.unit(m, i) - x.mean
		x.variance += float64(r.Weights[i] / weight * float64(e*e))
		x.adds[at] = float64(r.Weights[i] / weight * e)
	}
	if len(r.sample.Margins) == 0 {
		return x
	}
	off := make([]float64, len(r.Weights))
	for _, i := range x.rows {
		off[i] = (r.unit(m, i) - x.mean) / weight
	}
	off = residuals(off, r.base, r.sample.Margins)
	x.rows, x.adds = r.all, make([]float64, len(r.all))
	for at, i := range x.rows {
		x.adds[at] = float64(r.Weights[i] * off[i])
	}
	return x
}

// square is the variance of the mean, Σ over customers of (Σ over their rows)², without a factor for small samples; and how many customers there are.
func (r *Reading) square(x ratio) (squares float64, customers int64) {
	if r.sample.Customers == nil {
		for _, z := range x.adds {
			squares += float64(z * z)
		}
		return squares, int64(len(x.adds))
	}
	sums := map[int]float64{}
	var order []int // a sum of floats must not follow the order of a map
	for at, i := range x.rows {
		c := r.customer(i)
		if _, ok := sums[c]; !ok {
			order = append(order, c)
		}
		sums[c] += x.adds[at]
	}
	for _, c := range order {
		squares += float64(sums[c] * sums[c])
	}
	return squares, int64(len(sums))
}

// customer tells customers apart: one whose number is not known is as good as a row of its own.
func (r *Reading) customer(i int) int {
	if r.sample.Customers == nil || r.sample.Customers[i] < 0 {
		return -1 - i
	}
	return r.sample.Customers[i]
}

// small is the factor on a variance of means of m customers. The published forms are kept: of weighted answers none for scores and shares, m ÷ (m − 1) of
// means, of clusters and of linearised errors (as R's survey has it).
func (r *Reading) small(m Measure, customers int64) float64 {
	if customers < 2 || m != Mean && r.sample.Customers == nil && len(r.sample.Margins) == 0 {
		return 1
	}
	return float64(customers) / float64(customers-1)
}
