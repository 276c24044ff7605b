package clv

import (
	"errors"
	"math"

	"github.com/throughline/throughline/likelihood"
)

// What it means when a parameter runs away.
const (
	noRates      = "customers do not differ in how often they buy beyond chance"
	noDropouts   = "customers do not differ in how readily they leave"
	nobodyLeaves = "nobody seems to leave"
)

var shapeR = likelihood.Parameter{Name: "r", Low: 1e-5, High: 1e5, AtHigh: noRates}

// scales are the mean age and the repeats in that time, in which starts and bounds are measured, so that a fit in days is
// the fit in weeks.
func (h *Histories) scales() (unit, rate float64) {
	unit = h.exposure / h.customers
	return unit, h.purchases / h.customers
}

// inside keeps a start away from its bounds.
func inside(x float64) float64 { return math.Min(1e7, math.Max(1e-7, x)) }

func pilotOf(h *Histories, make func(*Histories) likelihood.Function) likelihood.Function {
	if p := h.pilot(); p != nil {
		return make(p)
	}
	return nil
}

func (h *Histories) pilotCustomers() float64 {
	if p := h.pilot(); p != nil {
		return p.customers
	}
	return 0
}

// named puts the model before the reason of a refusal.
func named(model string, err error) error {
	var r likelihood.Refusal
	if errors.As(err, &r) {
		r.Reason = model + ": " + r.Reason
		return r
	}
	return err
}
