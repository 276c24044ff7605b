package clv_test

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/likelihood"
)

// shop are 4,000 simulated customers of a shop, by the day: how often each came back, when last, and since when they are
// customers. A shop that is not simulated counts these from its orders.
func shop() (histories []clv.History, spends []clv.Spend) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 4000 {
		h := clv.History{Age: float64(200 + random.IntN(500))}
		rate, leaves, price := random.ExpFloat64()/40, 90/random.ExpFloat64()*random.ExpFloat64(), 10+20*random.ExpFloat64()
		spent := 0.0
		for at := random.ExpFloat64() / rate; at < min(h.Age, leaves); at += random.ExpFloat64() / rate {
			if day := float64(int(at) + 1); day > h.Last && day <= h.Age {
				h.Last = day
				h.Repeats++
				spent += price * (0.5 + random.ExpFloat64()/2)
			}
		}
		histories = append(histories, h)
		if h.Repeats > 0 {
			spends = append(spends, clv.Spend{Purchases: h.Repeats, Mean: spent / float64(h.Repeats)})
		}
	}
	return histories, spends
}

// From histories to a value: the customers are counted by history, a model is fitted and asked; spend is fitted beside it, and
// a value needs a margin and a discount rate that somebody states.
func Example() {
	customers, spends := shop()
	histories, err := clv.Gather(clv.Each(customers))
	if err != nil {
		fmt.Println(err) // names the row that no customer can have
		return
	}
	fit, err := clv.FitParetoNBD(histories)
	if err != nil {
		fmt.Println(err) // a likelihood.Refusal says why there is no fit
		return
	}
	for i, name := range fit.Names {
		fmt.Printf("%s %.3g ± %.2g\n", name, fit.Values[i], fit.SE(i))
	}

	// One customer who bought often and has been quiet for two months, and one who is new.
	quiet, fresh := clv.History{Repeats: 12, Last: 240, Age: 300}, clv.History{Age: 20}
	fmt.Printf("quiet: here with %.0f%%, %.1f purchases in a year\n", 100*fit.Model.Alive(quiet), fit.Model.Conditional(quiet, 365))
	fmt.Printf("fresh: here with %.0f%%, %.1f purchases in a year\n", 100*fit.Model.Alive(fresh), fit.Model.Conditional(fresh, 365))

	// All of them, with the uncertainty of the parameters.
	total, se := fit.Delta(func(p []float64) float64 {
		expected, _ := clv.Totals(clv.ParetoNBD{R: p[0], Alpha: p[1], S: p[2], Beta: p[3]}, histories, 365)
		return expected
	})
	fmt.Printf("all: %.0f ± %.0f purchases in a year\n", total, se)

	gathered, err := clv.GatherSpend(clv.EachSpend(spends))
	if err != nil {
		fmt.Println(err)
		return
	}
	spend, err := clv.FitGammaGamma(gathered)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("spend and frequency: correlation %.2f\n", spend.Independence.Correlation)

	terms := clv.Terms{Discount: 0.10, PerYear: 365.25}
	_, err = clv.Value(fit.Model, spend, terms, quiet, clv.Spend{Purchases: 12, Mean: 30})
	fmt.Println(err)
	margin := 0.35
	terms.Margin = &margin
	v, err := clv.Value(fit.Model, spend, terms, quiet, clv.Spend{Purchases: 12, Mean: 30})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("quiet: worth %.0f, of %.1f purchases of %.0f each\n", v.Value, v.Purchases, v.Spend)
	// Output:
	// r 1 ± 0.049
	// alpha 41.5 ± 2
	// s 1.14 ± 0.084
	// beta 108 ± 13
	// quiet: here with 52%, 4.9 purchases in a year
	// fresh: here with 79%, 2.0 purchases in a year
	// all: 4432 ± 103 purchases in a year
	// spend and frequency: correlation 0.00
	// residual value: no margin given
	// quiet: worth 142, of 13.6 purchases of 30 each
}

// Customers under contract: how many of a cohort of a thousand renewed, and what one who has renewed twice will still pay for.
func ExampleFitSBG() {
	fit, err := clv.FitSBG(clv.Cohort{1000, 869, 743, 653, 593, 551, 517, 491})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("alpha %.3f, beta %.3f\n", fit.Model.Alpha, fit.Model.Beta)
	fmt.Printf("left after 12 years: %.1f%%\n", 100*fit.Model.Survival(12))
	fmt.Printf("renew in the first year: %.1f%%, in the eighth: %.1f%%\n", 100*fit.Model.Retention(1), 100*fit.Model.Retention(8))
	fmt.Printf("discounted years of a new customer: %.2f, to come of one who renewed twice: %.2f\n", fit.Model.Discounted(0.1), fit.Model.Residual(2, 0.1))
	// Output:
	// alpha 0.668, beta 3.806
	// left after 12 years: 37.8%
	// renew in the first year: 85.1%, in the eighth: 94.2%
	// discounted years of a new customer: 5.92, to come of one who renewed twice: 6.29
}

// What the data do not say is refused, with the cause and what would help.
func ExampleGather() {
	customers := make([]clv.History, 500)
	for i := range customers {
		customers[i] = clv.History{Age: 100}
	}
	histories, err := clv.Gather(clv.Each(customers))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = clv.FitParetoNBD(histories)
	var refusal likelihood.Refusal
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Cause)
	}
	var figure evidence.Refusal
	if errors.As(err, &figure) {
		fmt.Println(figure.Reason)
		fmt.Println(figure.Need)
	}

	_, err = clv.Gather(clv.Each([]clv.History{{Repeats: 2, Last: 40, Age: 30}}))
	fmt.Println(err)
	// Output:
	// too few
	// Pareto/NBD: 0 repeat customers, need 30
	// 30 customers who bought again
	// history 1: last purchase at 40, which is not from 0 to the age of 30
}
