package voice

import (
	"fmt"
	"math"
	"slices"

	"github.com/throughline/throughline/evidence"
)

// Margin is what is known of everybody by one characteristic, such as the segment: how many there are in each category, and in which
// category each respondent is.
type Margin struct {
	Name       string
	Categories []string
	Targets    []float64 // one a category, 0 or more; their unit is that of all margins
	Of         []int     // of each respondent the category, an index
}

// Raked are weights by which respondents add up to the targets of all margins.
type Raked struct {
	Weights []float64
	Rounds  int     // over all margins
	Error   float64 // the largest difference from a target that is left
	Trimmed int     // weights that were cut
}

const (
	mostRounds = 1000
	mostTrims  = 100
	closeness  = 1e-12 // of the total: when raking has arrived
	rounding   = 1e-9  // of the total: what sums of many weights may be off for good
)

// Rake multiplies weights, nil for 1 each, category by category and margin by margin until they add up to the targets (iterative proportional
// fitting: Deming & Stephan, Annals of Mathematical Statistics 11, 1940). With trim above 1, weights beyond so many times their median are cut to it and
// all are raked again; 0 cuts none. It is refused where a target above 0 has no respondent, a respondent stands in a category without a
// target, the margins count different totals, or it does not arrive: such categories must be put together.
func Rake(weights []float64, margins []Margin, trim float64) (Raked, error) {
	r := Raked{Weights: slices.Clone(weights)}
	if weights == nil && len(margins) > 0 {
		r.Weights = slices.Repeat([]float64{1}, len(margins[0].Of))
	}
	if trim != 0 && !(trim > 1 && !math.IsInf(trim, 0)) {
		return r, evidence.Refusal{Reason: fmt.Sprintf("weights cannot be trimmed to %v times their median", trim), Need: "a number above 1"}
	}
	total, err := checked(r.Weights, margins)
	if err != nil {
		return r, err
	}
	for range mostTrims {
		if err := r.rake(margins, total); err != nil || trim == 0 || !r.cut(trim) {
			return r, err
		}
	}
	return r, evidence.Refusal{Reason: fmt.Sprintf("weights of at most %v times their median do not add up to the targets", trim), Need: "a higher limit, or categories put together"}
}

// checked is the total that the margins agree on.
func checked(weights []float64, margins []Margin) (float64, error) {
	total := math.NaN()
	for i, m := range margins {
		if len(m.Targets) != len(m.Categories) || len(m.Of) != len(weights) {
			return 0, fmt.Errorf("margin %s: %d targets for %d categories, %d of %d respondents", m.Name, len(m.Targets), len(m.Categories), len(m.Of), len(weights))
		}
		sum, has := 0.0, make([]bool, len(m.Categories))
		for row, c := range m.Of {
			if c < 0 || c >= len(has) {
				return 0, evidence.Refusal{Reason: fmt.Sprintf("a respondent is in a category of %s that has no target", m.Name), Need: "a target for each category"}
			}
			has[c] = has[c] || weights[row] > 0
		}
		for c, target := range m.Targets {
			switch {
			case !(target >= 0 && target < math.Inf(1)):
				return 0, evidence.Refusal{Reason: fmt.Sprintf("%s %s: the target %v is not a number of people", m.Name, m.Categories[c], target), Need: "targets of 0 or more"}
			case target > 0 && !has[c]:
				return 0, unreached(m, c)
			}
			sum += target
		}
		if !(sum > 0) {
			return 0, evidence.Refusal{Reason: fmt.Sprintf("the targets of %s add up to nothing", m.Name), Need: "targets above 0"}
		}
		if i > 0 && math.Abs(sum-total) > 1e-9*total {
			return 0, evidence.Refusal{Reason: fmt.Sprintf("the targets of %s add up to %v, those of %s to %v", margins[0].Name, total, m.Name, sum), Need: "targets that count the same people"}
		}
		if i == 0 {
			total = sum
		}
	}
	return total, nil
}

func unreached(m Margin, c int) error {
	return evidence.Refusal{Reason: fmt.Sprintf("nobody answered in %s %s, which should count for %v", m.Name, m.Categories[c], m.Targets[c]), Need: "this category put together with another"}
}

// rake makes rounds over the margins until each adds up, or nothing but rounding is left.
func (r *Raked) rake(margins []Margin, total float64) error {
	r.Error = math.Inf(1)
	for range mostRounds {
		r.Rounds++
		before := r.Error
		r.Error = 0
		for _, m := range margins {
			sums := m.sums(r.Weights)
			for c, target := range m.Targets {
				if target > 0 && !(sums[c] > 0) {
					return unreached(m, c)
				}
				r.Error = max(r.Error, math.Abs(sums[c]-target))
			}
			for i, c := range m.Of {
				if sums[c] > 0 {
					r.Weights[i] *= m.Targets[c] / sums[c]
				}
			}
		}
		if r.Error <= closeness*total || r.Error <= rounding*total && r.Error >= before {
			return nil
		}
	}
	return evidence.Refusal{Reason: fmt.Sprintf("no weights add up to all targets: after %d rounds one is off by %.3g", mostRounds, r.Error), Need: "categories put together, or one margin fewer"}
}

// sums are the weights by category.
func (m Margin) sums(weights []float64) []float64 {
	out := make([]float64, len(m.Categories))
	for i, c := range m.Of {
		out[c] += weights[i]
	}
	return out
}

// cut brings weights above trim times the median of those above 0 down to it, and says whether there were any.
func (r *Raked) cut(trim float64) bool {
	var known []float64
	for _, w := range r.Weights {
		if w > 0 {
			known = append(known, w)
		}
	}
	slices.Sort(known)
	n := len(known)
	limit := trim * (known[(n-1)/2] + known[n/2]) / 2
	over := 0
	for i, w := range r.Weights {
		if w > limit*(1+1e-9) {
			r.Weights[i] = limit
			over++
		}
	}
	r.Trimmed = max(r.Trimmed, over)
	return over > 0
}

// residuals takes out of y what the margins explain of it by least squares with the given weights, margin by margin until nothing moves. A regression that
// creeps is left where it stands after mostRounds: its residuals are too large then, not too small.
func residuals(y, weights []float64, margins []Margin) []float64 {
	out := slices.Clone(y)
	largest := 0.0
	for _, x := range y {
		largest = max(largest, math.Abs(x))
	}
	weighted := make([]float64, len(y))
	for range mostRounds {
		moved := 0.0
		for _, m := range margins {
			for i, x := range out {
				weighted[i] = float64(x * weights[i])
			}
			means, sums := m.sums(weighted), m.sums(weights)
			for c := range means {
				if sums[c] > 0 {
					means[c] /= sums[c]
				}
				moved = max(moved, math.Abs(means[c]))
			}
			for i, c := range m.Of {
				out[i] -= means[c]
			}
		}
		if moved <= 1e-14*largest || len(margins) == 1 {
			break
		}
	}
	return out
}
