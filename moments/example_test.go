package moments_test

import (
	"fmt"

	"github.com/throughline/throughline/moments"
)

// Two months are counted apart and merged: the year needs no row again.
func Example() {
	may, june := moments.New(2), moments.New(2)
	for _, order := range [][2]float64{{10, 1}, {20, 2}, {30, 2}} { // amount, items
		if err := may.Add(order[0], order[1]); err != nil {
			fmt.Println(err)
		}
	}
	if err := june.Add(40, 3); err != nil {
		fmt.Println(err)
	}
	if err := may.Merge(june); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.0f orders, mean %.1f, variance %.1f, covariance with items %.2f\n", may.Weight(), may.Mean(0), may.Variance(0), may.Covariance(0, 1))
	// Output: 4 orders, mean 25.0, variance 166.7, covariance with items 10.00
}

// Half of the amounts lie below a value known to one per cent.
func ExampleHistogram() {
	h, err := moments.NewHistogram(0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	for amount := 1.0; amount <= 1000; amount++ {
		if err := h.Add(amount, 1); err != nil {
			fmt.Println(err)
		}
	}
	median, err := h.Quantile(0.5)
	fmt.Println(median > 495 && median < 505, err)
	// Output: true <nil>
}
