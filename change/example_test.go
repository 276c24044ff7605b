package change_test

import (
	"fmt"

	"github.com/throughline/throughline/change"
)

// Weekly orders: ten weeks on course, then a little fewer each week. No single
// week looks odd, but together they do.
var orders = []float64{103, 97, 101, 99, 104, 96, 100, 102, 98, 100, 97, 95, 98, 94, 96, 95, 97, 93, 96, 94}

func Example() {
	target, sd, err := change.Level(orders[:10])
	if err != nil {
		fmt.Println(err)
		return
	}
	// A shift by one standard deviation matters, so half of one is let pass. The
	// limit is set so that a false alarm comes once in 500 weeks.
	limit, err := change.LimitFor(0.5, 500)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, alarms, err := change.CUSUM{Target: target, Slack: 0.5 * sd, Limit: limit * sd}.Run(orders)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range alarms {
		fmt.Printf("week %d: %s since week %d, now about %.1f\n", a.At+1, a.Direction, a.Since+1, a.Level)
	}
	// Output: week 15: down since week 11, now about 96.0
}

// Looking back on the whole series, least squares find the same week.
func ExampleFindBreak() {
	b, err := change.FindBreak(orders, 0.15)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("from %.1f to %.1f after week %d; better than no change: %v\n", b.Before, b.After, b.Last+1, b.BIC1 < b.BIC0)
	// Output: from 100.0 to 95.5 after week 10; better than no change: true
}

// How long a false alarm lets wait, and how fast a shift by one standard deviation
// is found: the trade that slack and limit make.
func ExampleRunLength() {
	for _, limit := range []float64{4, 5} {
		on, err := change.RunLength(0.5, limit, 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		off, err := change.RunLength(0.5, limit, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("limit %.0f: a false alarm after %.0f values, the shift after %.1f\n", limit, on, off)
	}
	// Output:
	// limit 4: a false alarm after 168 values, the shift after 8.4
	// limit 5: a false alarm after 465 values, the shift after 10.4
}

// Beliefs about runs say how sure a change is.
func ExampleRuns_Follow() {
	beliefs, _, err := change.Runs{Mean: 100, Weight: 0.1, Shape: 1, Scale: 5, Gap: 50}.Follow(orders)
	if err != nil {
		fmt.Println(err)
		return
	}
	last := beliefs[len(beliefs)-1]
	fmt.Printf("the newest run is most likely of %d weeks\n", last.Run)
	// Output: the newest run is most likely of 10 weeks
}

// Seasons that multiply, followed with given speeds.
func ExampleSmooth() {
	quarters := []float64{80, 100, 120, 100, 88, 110, 132, 110, 97, 121, 145, 121}
	s, err := change.Smooth{Season: 4, Multiplicative: true, Alpha: 0.3, Beta: 0.1, Gamma: 0.2}.Follow(quarters)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("next quarters: %.0f, %.0f, %.0f\n", s.Forecast(1), s.Forecast(2), s.Forecast(3))
	// Output: next quarters: 107, 133, 159
}
