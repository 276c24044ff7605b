package regress_test

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/regress"
)

// Three customers were quoted other prices in other months. Between customers those
// who buy more pay more; within each, a higher price sells less.
func Example() {
	price := []float64{10, 11, 12, 20, 22, 21, 30, 33, 36}
	sold := []float64{50, 46, 41, 90, 80, 86, 140, 128, 115}
	customer := []int{1, 1, 1, 2, 2, 2, 3, 3, 3}
	logs := func(values []float64) []float64 {
		out := make([]float64, len(values))
		for i, v := range values {
			out[i] = math.Log(v)
		}
		return out
	}
	design := regress.Design{Outcome: logs(sold), Names: []string{"log price"}, Covariates: [][]float64{logs(price)}}

	pooled, err := regress.OLS(design, regress.Options{Errors: regress.HC1})
	if err != nil {
		fmt.Println(err)
		return
	}
	within, err := regress.Within(regress.Panel{Design: design, Unit: customer}, regress.Unit, regress.Options{Errors: regress.CR1, Cluster: customer})
	if err != nil {
		fmt.Println(err)
		return
	}
	wrong, _, _ := pooled.Coefficient("log price")
	elasticity, se, _ := within.Coefficient("log price")
	fmt.Printf("pooled %+.2f\n", wrong)
	fmt.Printf("within %+.2f, standard error %.2f of %d clusters, R² within %.2f\n", elasticity, se, within.Clusters, within.R2)
	// Output:
	// pooled +0.90
	// within -1.10, standard error 0.03 of 3 clusters, R² within 0.99
}

// A refusal names what is to blame.
func ExampleRefusal() {
	_, err := regress.OLS(regress.Design{
		Outcome: []float64{1, 3, 2, 5, 4}, Names: []string{"weeks", "days"},
		Covariates: [][]float64{{1, 2, 3, 4, 5}, {7, 14, 21, 28, 35}},
	}, regress.Options{})
	fmt.Println(err)

	_, err = regress.Logit(regress.Design{
		Outcome: []float64{0, 0, 0, 1, 1}, Names: []string{"visits"}, Covariates: [][]float64{{1, 2, 3, 4, 5}},
	}, regress.Options{})
	fmt.Println(err)
	// Output:
	// covariate days is a combination of weeks; leave one of them out
	// covariate visits tells the outcomes 0 and 1 apart, so that no estimate exists (separation); leave it out or gather rows where it does not
}

// Who leaves? Of 100 customers who waited long 40 left, of 300 others 30. Weights
// say how many rows are alike.
func ExampleLogit() {
	f, err := regress.Logit(regress.Design{
		Outcome: []float64{1, 0, 1, 0}, Names: []string{"waited long"}, Covariates: [][]float64{{1, 1, 0, 0}}, Weights: []float64{40, 60, 30, 270},
	}, regress.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	b, se, _ := f.Coefficient("waited long")
	effect, _ := f.DiscreteEffect("waited long")
	fmt.Printf("odds ratio %.1f (log %.2f ± %.2f); %+.2f on the probability\n", math.Exp(b), b, se, effect)
	// Output: odds ratio 6.0 (log 1.79 ± 0.28); +0.30 on the probability
}

// Quantities with zeros keep their zeros.
func ExamplePoisson() {
	f, err := regress.Poisson(regress.Panel{
		Design: regress.Design{Outcome: []float64{8, 4, 2, 3, 0, 1, 0, 0}, Names: []string{"price"}, Covariates: [][]float64{{1, 2, 3, 1, 3, 2, 1, 2}}},
		Unit:   []int{1, 1, 1, 2, 2, 2, 3, 3},
	}, regress.Unit, regress.Options{Errors: regress.HC0})
	if err != nil {
		fmt.Println(err)
		return
	}
	b, _, _ := f.Coefficient("price")
	fmt.Printf("one more on the price sells %.0f%% less; %d rows of units that never bought say nothing\n", 100*(1-math.Exp(b)), f.Dropped)
	// Output: one more on the price sells 57% less; 2 rows of units that never bought say nothing
}
