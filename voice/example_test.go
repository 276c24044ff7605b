package voice_test

import (
	"fmt"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/voice"
)

func show(what string, f evidence.Figure) {
	e, ok := f.Estimate()
	if !ok {
		r, _ := f.Refusal()
		fmt.Println(what+":", r.Reason)
		return
	}
	low, high := e.Low.FloatString(1), e.High.FloatString(1)
	if e.Value == nil {
		fmt.Printf("%s: %s to %s\n", what, low, high)
		return
	}
	fmt.Printf("%s: %s (%s to %s)\n", what, e.Value.FloatString(1), low, high)
}

// Of 200 who were asked 36 answered: 19 promoters, 9 passives and 8 detractors. One customer answered six times, 30 once.
func Example() {
	c := voice.Counts{Top: 19, Middle: 9, Bottom: 8}
	show("score", c.NPS())

	// What those who kept silent could make of it.
	show("of all who were asked", c.NPSBounds(200))

	// Answers of one customer are alike, so that they say less than as many of different ones.
	var customers voice.Clusters
	customers.Add(6, 6) // six times a promoter
	for i := range 30 {
		switch {
		case i < 13:
			customers.Add(1, 1)
		case i < 22:
			customers.Add(0, 1)
		default:
			customers.Add(-1, 1)
		}
	}
	show("by customer", customers.NPS(c))

	// Is it better than a year before?
	before := voice.Counts{Top: 30, Middle: 40, Bottom: 30}
	d, err := voice.Between(c, before)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("since then: %.1f (%.1f to %.1f), p %.2f\n", d.Value, d.Low, d.High, d.P)

	// How many answers tell it to ±5 points?
	n, err := voice.Needed(0.5, 0.2, 5)
	fmt.Println(n, err)
	// Output:
	// score: 30.6 (2.9 to 53.5)
	// of all who were asked: 30.6 (-76.5 to 87.5)
	// by customer: 30.6 (-5.6 to 59.0)
	// since then: 30.6 (-0.9 to 58.0), p 0.05
	// 938 <nil>
}

// A sample with too many large customers is raked to what is known of all.
func ExampleSample() {
	q, err := voice.Ask("csat", "1-5")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := voice.Sample{
		Question: q,
		Scores:   []float64{5, 4, 5, 4, 2, 5, 1, 3, 4, 2},
		Margins:  []voice.Margin{{Name: "segment", Categories: []string{"large", "small"}, Targets: []float64{100, 900}, Of: []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1}}},
	}
	r, err := s.Read()
	if err != nil {
		fmt.Println(err)
		return
	}
	all, err := r.Of(voice.All)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := all.Headline()
	fmt.Printf("%d of %d satisfied, which is %.0f%% (%.0f to %.0f) of all customers; as good as %.1f answers\n", all.Counts.Top, all.Answers, 100*x.Value, 100*x.Low, 100*x.High, x.Effective)
	// Output: 6 of 10 satisfied, which is 31% (6 to 75) of all customers; as good as 3.6 answers
}
