package clv

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/evidence"
)

// Multiple is what a customer is worth per unit of the next period's margin, when margins grow by growth a period after it and
// a share retention stays each period: Σ_{t≥1} r^t(1+g)^{t−1}/(1+i)^t = r/(1+i−r(1+g)). The margin of the present period, t = 0, is
// not counted; with it the multiple is one more. It refuses where the sum has no end.
//
// Gupta & Lehmann, Journal of Interactive Marketing 17(1), 2003.
func Multiple(retention, discount, growth float64) (float64, error) {
	if err := rates(retention, discount, growth); err != nil {
		return 0, err
	}
	rest := 1 + discount - retention*(1+growth)
	if !(rest > 0) {
		return 0, evidence.Refusal{Reason: "margin multiple: margins grow faster than customers leave and money is discounted", Need: "a lower growth, or an end"}
	}
	return retention / rest, nil
}

// MultipleOver is the multiple of periods after the first: Σ_{t=1}^{periods} (r/(1+i))^t, and from t = 0 where first is true: the
// margin of the first period is counted, at full value.
func MultipleOver(retention, discount float64, periods int, first bool) (float64, error) {
	if err := rates(retention, discount, 0); err != nil {
		return 0, err
	}
	if periods < 0 {
		return 0, fmt.Errorf("margin multiple: %d periods", periods)
	}
	q, sum := retention/(1+discount), float64(periods)
	if q < 1 {
		sum = q * (1 - math.Pow(q, float64(periods))) / (1 - q)
	}
	if first {
		sum++
	}
	return sum, nil
}

func rates(retention, discount, growth float64) error {
	switch {
	case !(retention >= 0 && retention <= 1):
		return fmt.Errorf("margin multiple: a retention of %v is not a share", retention)
	case !(discount >= 0) || math.IsInf(discount, 1):
		return fmt.Errorf("margin multiple: a discount rate of %v", discount)
	case !(growth > -1) || math.IsInf(growth, 1):
		return fmt.Errorf("margin multiple: a growth of %v", growth)
	}
	return nil
}

// Arrivals are customers to come in one period: how many, what one is worth on arrival, and what winning one costs.
type Arrivals struct{ Customers, Value, Cost float64 }

// Equity is the value of the customers that are there and of those to come: existing + Σ_k n_k(CLV_k − CAC_k)/(1+i)^k, where
// arrivals[0] come one period from now.
//
// Blattberg & Deighton, Harvard Business Review, July 1996; Rust, Lemon & Zeithaml, Journal of Marketing 68(1), 2004.
func Equity(existing float64, arrivals []Arrivals, discount float64) (float64, error) {
	if !(discount > -1) || math.IsInf(discount, 1) {
		return 0, fmt.Errorf("customer equity: a discount rate of %v", discount)
	}
	for k, a := range arrivals {
		if !(a.Customers >= 0) {
			return 0, fmt.Errorf("customer equity: %v customers in period %d", a.Customers, k+1)
		}
		existing += a.Customers * (a.Value - a.Cost) / math.Pow(1+discount, float64(k+1))
	}
	if math.IsNaN(existing) || math.IsInf(existing, 0) {
		return 0, fmt.Errorf("customer equity: a value or cost is not a number")
	}
	return existing, nil
}
