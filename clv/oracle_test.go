package clv

import (
	"math"
	"testing"

	"github.com/throughline/throughline/internal/oracle"
)

// expected is what a case of the oracles expects.
func expected[E any](t testing.TB, id string) (want E) {
	t.Helper()
	oracle.Expect(t, id, &want)
	return want
}

func gathered(t testing.TB, customers []History) *Histories {
	t.Helper()
	h, err := Gather(Each(customers))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// cdnow are the 2357 customers of Fader & Hardie's sample, in weeks.
func cdnow(t testing.TB) []History {
	t.Helper()
	c := oracle.Numbers(t, "cdnow_customers_summary.csv")
	var out []History
	for i := range c["T"] {
		out = append(out, History{int64(c["frequency"][i]), c["recency"][i], c["T"][i]})
	}
	return out
}

func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.12g, want %.12g ± %.3g", what, got, want, tolerance)
	}
}
