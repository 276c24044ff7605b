package equity

import (
	"errors"
	"fmt"
	"math"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// shared is a history that some customers have in common, with the mean of their repeat purchases.
type shared struct {
	clv.History
	mean     float64
	together int64
}

// stream hands over shared histories.
type stream func(visit func(shared) error) error

// errStopped ends a stream that nobody reads on; why is told by who stopped.
var errStopped = errors.New("stopped")

// fit fits both models. An error of type likelihood.Refusal says that there is no lifetime model; where only spend has none, noPrice says so.
func fit(customers stream) (models, error) {
	var spends []shared
	var fault error
	histories, err := clv.Gather(func(yield func(clv.History, float64) bool) {
		fault = customers(func(s shared) error {
			if s.Repeats > 0 {
				spends = append(spends, s)
			}
			if !yield(s.History, float64(s.together)) {
				return errStopped
			}
			return nil
		})
	})
	if fault != nil && !errors.Is(fault, errStopped) {
		return models{}, fault
	}
	if err != nil {
		return models{}, err
	}
	m := models{}
	if m.life, err = clv.FitParetoNBD(histories); err != nil {
		return m, err
	}
	m.noPrice = m.price(spends)
	m.priced = m.noPrice == nil
	return m, nil
}

// price fits spend.
func (m *models) price(spends []shared) error {
	gathered, err := clv.GatherSpend(func(yield func(clv.Spend, float64) bool) {
		for _, s := range spends {
			if !yield(clv.Spend{Purchases: s.Repeats, Mean: s.mean}, float64(s.together)) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	if m.spend, err = clv.FitGammaGamma(gathered); err != nil {
		return err
	}
	if math.IsNaN(m.spend.Model.Mean()) {
		return evidence.Refusal{Reason: fmt.Sprintf("spend differs so much between customers that it has no mean (gamma-gamma, q = %.2f, which is not above 1)", m.spend.Model.Q), Need: "customers whose spends lie nearer to each other"}
	}
	return m.spend.Independence.Err()
}
