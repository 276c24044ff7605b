package clv

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/evidence"
)

// Terms are what a value rests on besides behaviour. Discount is the rate a year (0.10), PerYear how many units of the
// histories' time make a year (365.25 for days), Margin the share of spend that is earned, nil where none is stated: then a value
// is refused, because spend is not value.
type Terms struct {
	Discount float64
	PerYear  float64
	Margin   *float64
}

// Rate is the continuous discount rate per unit of time: ln(1 + Discount)/PerYear.
func (t Terms) Rate() (float64, error) {
	switch {
	case !(t.Discount > 0) || math.IsInf(t.Discount, 1):
		return 0, evidence.Refusal{Reason: fmt.Sprintf("value: a discount rate of %v is not above 0", t.Discount), Need: "a discount rate a year"}
	case !(t.PerYear > 0) || math.IsInf(t.PerYear, 1):
		return 0, fmt.Errorf("value: %v units of time a year", t.PerYear)
	}
	return math.Log1p(t.Discount) / t.PerYear, nil
}

func (t Terms) margin() (float64, error) {
	if t.Margin == nil {
		return 0, evidence.Refusal{Reason: "residual value: no margin given", Need: "a margin for these customers"}
	}
	if m := *t.Margin; !(m >= -1 && m <= 1) {
		return 0, fmt.Errorf("value: a margin of %v is not a share", m)
	}
	return *t.Margin, nil
}

// Valued is what a customer's purchases after today are worth, and what makes that up.
type Valued struct {
	Purchases float64 // discounted, expected (DERT)
	Spend     float64 // expected, of one of them
	Value     float64 // margin × spend × purchases
}

// Value is what a customer is worth from the end of their history on, in the money of the spend model: margin × expected spend ×
// discounted expected purchases. The purchase at the end of the history is not in it. It refuses without a margin, where spend
// depends on frequency, and for a customer whose expected spend does not exist (no repeats and Q ≤ 1). history and spend are the
// same customer's; spend is Spend{} for one without repeats.
func Value(m Lifetime, s SpendFit, t Terms, history History, spend Spend) (Valued, error) {
	delta, err := t.Rate()
	if err != nil {
		return Valued{}, err
	}
	margin, err := t.margin()
	if err != nil {
		return Valued{}, err
	}
	if err := s.Independence.Err(); err != nil {
		return Valued{}, err
	}
	if err := history.check(); err != nil {
		return Valued{}, fmt.Errorf("value: %w", err)
	}
	v := Valued{Purchases: m.Discounted(history, delta), Spend: s.Model.Expected(spend)}
	if math.IsNaN(v.Spend) {
		return Valued{}, evidence.Refusal{Reason: "residual value: the expected spend of this customer does not exist", Need: "a repeat purchase, or a spend model with a mean"}
	}
	if math.IsNaN(v.Purchases) {
		return Valued{}, fmt.Errorf("value: the model has no answer for %d repeats, the last at %v of %v", history.Repeats, history.Last, history.Age)
	}
	v.Value = margin * v.Spend * v.Purchases
	return v, nil
}
