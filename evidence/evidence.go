// Package evidence owns the shape of every number that is shown: an [Estimate], which says how it was had and how far it
// can be trusted, or a [Refusal], which says what is missing. It owns the JSON of both and of [Locked], a whole statement
// that the books do not allow. It computes no interval and knows no domain. Numbers are exact rationals until they are
// printed, once, to 12 significant digits rounded half to even, so that the same facts print the same bytes on every
// platform. Its invariant: a [Figure] that can be printed is one of the two, never both, never neither.
package evidence

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/throughline/throughline/money"
)

// Kind says how the interval of an estimate was had.
type Kind string

// The four kinds: a number that is known; ends between which every completion of the missing facts lies; an interval with
// a stated coverage over repeated samples; an interval that holds a stated posterior probability.
const (
	KindExact      Kind = "exact"
	KindBounds     Kind = "bounds"
	KindConfidence Kind = "confidence"
	KindCredible   Kind = "credible"
)

// Estimate is a number with its interval. Value is nil for bounds without a preferred value. Level is the coverage or the
// posterior probability, 0 for exact and bounds, which have none. N is the number of units that it rests on.
type Estimate struct {
	Value, Low, High *big.Rat
	Kind             Kind
	Level            float64
	Method           string
	N                int64
}

// Refusal says why a number is not given and what would allow it. About groups of people it carries no count.
type Refusal struct {
	Reason string `json:"refused"`
	Need   string `json:"need"`
}

// Error makes a refusal usable as an error inside a calculation.
func (r Refusal) Error() string { return r.Reason }

// Figure is an estimate or a refusal. The zero Figure is neither and cannot be printed; so is one that was made of
// something that is not a number, whose [Figure.Err] says what was wrong.
type Figure struct {
	estimate *Estimate
	refusal  *Refusal
	fault    error
}

// Exact is a number that is known: low and high are the value.
func Exact(value *big.Rat, n int64, method string) Figure {
	return figure(Estimate{Value: value, Low: value, High: value, Kind: KindExact, Method: method, N: n})
}

// Bounds are ends without a preferred value between them.
func Bounds(low, high *big.Rat, n int64, method string) Figure {
	return figure(Estimate{Low: low, High: high, Kind: KindBounds, Method: method, N: n})
}

// BoundsAround are ends with a preferred value between them.
func BoundsAround(value, low, high *big.Rat, n int64, method string) Figure {
	if value == nil {
		return Figure{fault: errors.New("estimate: the value is not a number")}
	}
	return figure(Estimate{Value: value, Low: low, High: high, Kind: KindBounds, Method: method, N: n})
}

// Confidence is a value with an interval of the given coverage, such as 0.95.
func Confidence(value, low, high *big.Rat, level float64, n int64, method string) Figure {
	return figure(Estimate{Value: value, Low: low, High: high, Kind: KindConfidence, Level: level, Method: method, N: n})
}

// Credible is a value with an interval that holds the given posterior probability, such as 0.95.
func Credible(value, low, high *big.Rat, level float64, n int64, method string) Figure {
	return figure(Estimate{Value: value, Low: low, High: high, Kind: KindCredible, Level: level, Method: method, N: n})
}

// Refuse is a refusal: the reason, and what would allow the number.
func Refuse(reason, need string) Figure {
	if reason == "" || need == "" {
		return Figure{fault: errors.New("refusal: it must say why and what is needed")}
	}
	return Figure{refusal: &Refusal{reason, need}}
}

// Float is the exact value of x as a rational, or nil when x is not finite, which no figure accepts. A caller that had x
// by float64 arithmetic must round each product explicitly, float64(a*b)+c: the Go specification ("Floating-point
// operators") lets a compiler fuse a*b+c, and arm64 does while amd64 does not, so the last printed digit could differ.
func Float(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

// Estimate is the estimate, and whether the figure is one. The caller owns what it gets.
func (f Figure) Estimate() (Estimate, bool) {
	if f.estimate == nil {
		return Estimate{}, false
	}
	return f.estimate.clone(), true
}

// Refusal is the refusal, and whether the figure is one.
func (f Figure) Refusal() (Refusal, bool) {
	if f.refusal == nil {
		return Refusal{}, false
	}
	return *f.refusal, true
}

// Err says why the figure is neither an estimate nor a refusal; it is nil when it is one.
func (f Figure) Err() error {
	switch {
	case f.fault != nil:
		return f.fault
	case f.estimate == nil && f.refusal == nil:
		return errors.New("figure: neither an estimate nor a refusal")
	}
	return nil
}

// Affine is the figure of scale·x + shift, in the words of method. The ends change places when scale is negative, and a
// refusal stays the refusal that it is.
func (f Figure) Affine(scale, shift *big.Rat, method string) Figure {
	if f.estimate == nil {
		return f
	}
	if scale == nil || shift == nil {
		return Figure{fault: errors.New("estimate: scaled by what is not a number")}
	}
	e := f.estimate.clone()
	for _, x := range []*big.Rat{e.Value, e.Low, e.High} {
		if x != nil {
			x.Add(x.Mul(x, scale), shift)
		}
	}
	if scale.Sign() < 0 {
		e.Low, e.High = e.High, e.Low
	}
	e.Method = method
	return figure(e)
}

func figure(e Estimate) Figure {
	if err := e.check(); err != nil {
		return Figure{fault: err}
	}
	c := e.clone()
	return Figure{estimate: &c}
}

func (e Estimate) clone() Estimate {
	e.Value, e.Low, e.High = copied(e.Value), copied(e.Low), copied(e.High)
	return e
}

func copied(x *big.Rat) *big.Rat {
	if x == nil {
		return nil
	}
	return new(big.Rat).Set(x)
}

// check holds what is true of every estimate. A credible or confidence interval need not hold its value (a posterior mean
// may lie outside a highest-density interval; a bias-corrected interval may move away from the estimate); bounds must.
func (e Estimate) check() error {
	if e.Low == nil || e.High == nil || (e.Value == nil && e.Kind != KindBounds) {
		return errors.New("estimate: the value or an end is not a number")
	}
	if e.Low.Cmp(e.High) > 0 {
		return fmt.Errorf("estimate: the low end %s is above the high end %s", money.FormatRate(e.Low), money.FormatRate(e.High))
	}
	if e.Method == "" {
		return errors.New("estimate: it must say how it was had")
	}
	if e.N < 0 {
		return fmt.Errorf("estimate: rests on %d units", e.N)
	}
	return e.checkKind()
}

func (e Estimate) checkKind() error {
	levelled := e.Level > 0 && e.Level < 1
	switch e.Kind {
	case KindExact:
		if e.Level != 0 || e.Value.Cmp(e.Low) != 0 || e.Value.Cmp(e.High) != 0 {
			return errors.New("estimate: an exact number has one value and no level")
		}
	case KindBounds:
		if e.Level != 0 {
			return errors.New("estimate: bounds have no level")
		}
		if e.Value != nil && (e.Value.Cmp(e.Low) < 0 || e.Value.Cmp(e.High) > 0) {
			return errors.New("estimate: the value lies outside its bounds")
		}
	case KindConfidence, KindCredible:
		if !levelled {
			return fmt.Errorf("estimate: level %v is not between 0 and 1", e.Level)
		}
	default:
		return fmt.Errorf("estimate: no kind %q", e.Kind)
	}
	return nil
}
