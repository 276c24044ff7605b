package survival_test

import (
	"fmt"

	"github.com/throughline/throughline/survival"
)

// Twelve customers of two plans: in which month they left, or until when they have been with us. Who has not left is not lost from the figures: they
// count among those at risk for as long as they were seen.
func Example() {
	months := []float64{2, 3, 3, 5, 8, 12, 4, 9, 12, 12, 6, 12}
	left := []bool{true, true, true, true, true, false, true, true, false, false, false, false}
	plan := []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}
	spells := survival.Spells{Stop: months, Event: left}

	// The curve, with intervals that keep within 0 and 1.
	curve, err := survival.KaplanMeier(spells, survival.LogLog, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	six, err := curve.At(6)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("after six months %.2f are left (%.2f to %.2f)\n", six.Survival, six.Low, six.High)
	fmt.Printf("half have left by month %v\n", curve.Median().Value)
	if year, err := curve.RestrictedMean(12); err == nil {
		fmt.Printf("of a year, they stay %.1f months (standard error %.1f)\n", year.Value, year.SE)
	}

	// Do the plans differ?
	test, err := survival.LogRank(spells, plan, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range test.Groups {
		fmt.Printf("plan %d: %v left, %.1f if plans were alike\n", g.Group, g.Observed, g.Expected)
	}
	fmt.Printf("log-rank p %.3f\n", test.P)
	// Output:
	// after six months 0.58 are left (0.27 to 0.80)
	// half have left by month 8
	// of a year, they stay 7.7 months (standard error 1.1)
	// plan 0: 5 left, 2.7 if plans were alike
	// plan 1: 2 left, 4.3 if plans were alike
	// log-rank p 0.058
}

// What makes customers leave sooner: calls to the service desk, when the price went up in the middle. Each row is a piece of a customer's time,
// (start, stop], in which nothing changed; rows of one customer are a cluster.
func ExampleCox() {
	customer := []int{1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10}
	start := []float64{0, 0, 6, 0, 0, 6, 0, 0, 6, 0, 0, 6, 0, 0, 6}
	stop := []float64{4, 6, 11, 5, 6, 9, 3, 6, 12, 2, 6, 8, 6, 6, 12}
	left := []bool{true, false, true, true, false, true, true, false, false, true, false, true, false, false, false}
	calls := []float64{3, 0, 2, 1, 0, 1, 4, 1, 0, 2, 2, 3, 2, 3, 1}
	dearer := []float64{0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1}

	model := survival.Cox{
		Spells:     survival.Spells{Start: start, Stop: stop, Event: left},
		Covariates: []survival.Covariate{{Name: "calls", Values: calls}, {Name: "dearer", Values: dearer}},
		Cluster:    customer,
	}
	fit, err := model.Fit()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range fit.Coefficients {
		ratio, low, high, err := c.HazardRatio(0.95)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: times %.1f (%.1f to %.1f)\n", c.Covariate, ratio, low, high)
	}

	// Does an effect fade? A small p says that it changes over time.
	if tests, err := fit.Proportional(survival.KM); err == nil {
		fmt.Printf("the same at all times: p %.2f\n", tests.Global.P)
	}
	// How well does risk order who leaves first? 0.5 is no better than a coin.
	if c, err := fit.Concordance(); err == nil {
		fmt.Printf("concordance %.2f\n", c.Value)
	}
	// A customer with one call at the old price.
	curve, err := fit.Survival([]float64{1, 0}, 0, survival.LogLog, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	if p, err := curve.At(8); err == nil {
		fmt.Printf("left after eight months: %.2f (%.2f to %.2f)\n", p.Survival, p.Low, p.High)
	}
	// Output:
	// calls: times 5.4 (2.2 to 13.2)
	// dearer: times 24.5 (1.3 to 457.7)
	// the same at all times: p 0.16
	// concordance 0.87
	// left after eight months: 0.96 (0.67 to 1.00)
}

// What the rows cannot tell is refused, and says what is missing.
func ExampleCox_Fit_refusal() {
	model := survival.Cox{
		Spells:     survival.Spells{Stop: []float64{1, 2, 3, 4, 5}, Event: []bool{true, true, true, false, false}},
		Covariates: []survival.Covariate{{Name: "premium", Values: []float64{0, 0, 0, 1, 1}}},
	}
	_, err := model.Fit()
	fmt.Println(err)
	// Output:
	// covariate premium: its coefficient runs to infinity, because (almost) every event falls on the smallest value among those at risk
}
