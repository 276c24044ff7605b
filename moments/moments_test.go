package moments

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*math.Max(1, math.Abs(want))
}

// By hand: x = 1, 2, 4; y = 2, 1, 6. Means 7/3 and 3; sums of squares 14/3 and
// 14, of products 7.
func TestMomentsOfThreeRowsByHand(t *testing.T) {
	m := New(2)
	for _, row := range [][]float64{{1, 2}, {2, 1}, {4, 6}} {
		if err := m.Add(row...); err != nil {
			t.Fatal(err)
		}
	}
	for name, pair := range map[string][2]float64{
		"weight": {m.Weight(), 3}, "mean of x": {m.Mean(0), 7.0 / 3}, "mean of y": {m.Mean(1), 3}, "variance of x": {m.Variance(0), 7.0 / 3},
		"variance of y": {m.Variance(1), 7}, "covariance": {m.Covariance(0, 1), 3.5}, "slope": {m.Slope(1, 0), 1.5},
		"correlation": {m.Correlation(0, 1), 7 / math.Sqrt(14.0/3*14)},
	} {
		if !near(pair[0], pair[1], 1e-14) {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}

// The third case of NIST's "NumAcc": 1000001 values 1000000.1 ± 0.1 about
// 1000000.2 have a standard deviation of exactly 0.1 (StRD, Univariate Summary Statistics, NumAcc3).
func TestStandardDeviationOfNISTNumAcc3(t *testing.T) {
	m := New(1)
	add := func(x float64) {
		if err := m.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	add(1000000.2)
	for range 500 {
		add(1000000.1)
		add(1000000.3)
	}
	if got := math.Sqrt(m.Variance(0)); !near(got, 0.1, 1e-9) || !near(m.Mean(0), 1000000.2, 1e-15) {
		t.Errorf("mean %v and standard deviation %.12g, want 1000000.2 and 0.1", m.Mean(0), got)
	}
}

func drawRows(t *rapid.T, width int) [][]float64 {
	return rapid.SliceOfN(rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), width, width), 2, 60).Draw(t, "rows")
}

func of(t *rapid.T, rows [][]float64) *Moments {
	m := New(2)
	for _, row := range rows {
		if err := m.Add(row...); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func same(t *rapid.T, what string, got, want *Moments) {
	scale := math.Sqrt(want.Sum(0, 0)*want.Sum(1, 1)) + 1
	if got.Weight() != want.Weight() || !near(got.Mean(0), want.Mean(0), 1e-9) || math.Abs(got.Sum(0, 1)-want.Sum(0, 1)) > 1e-9*scale ||
		!near(got.Sum(0, 0), want.Sum(0, 0), 1e-9) {
		t.Fatalf("%s: %+v, want %+v", what, got, want)
	}
}

func TestPartsMergeToTheWholeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t, 2)
		cut := rapid.IntRange(0, len(rows)).Draw(t, "cut")
		whole, a, b := of(t, rows), of(t, rows[:cut]), of(t, rows[cut:])
		ab, ba := New(2), New(2)
		for _, step := range []error{ab.Merge(a), ab.Merge(b), ba.Merge(b), ba.Merge(a)} {
			if step != nil {
				t.Fatal(step)
			}
		}
		same(t, "first then second", ab, whole)
		same(t, "second then first", ba, whole)
	})
}

// The second method is two passes over the rows.
func TestMomentsAreThoseOfTwoPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t, 2)
		m, n := of(t, rows), float64(len(rows))
		var x, y, xy, xx float64
		for _, r := range rows {
			x, y = x+r[0]/n, y+r[1]/n
		}
		for _, r := range rows {
			xy, xx = xy+(r[0]-x)*(r[1]-y), xx+(r[0]-x)*(r[0]-x)
		}
		if !near(m.Mean(0), x, 1e-9) || !near(m.Sum(0, 0), xx, 1e-9) || math.Abs(m.Sum(1, 0)-xy) > 1e-9*(math.Sqrt(m.Sum(0, 0)*m.Sum(1, 1))+1) {
			t.Fatalf("mean %v, sums %v and %v; two passes give %v, %v, %v", m.Mean(0), m.Sum(0, 0), m.Sum(1, 0), x, xx, xy)
		}
	})
}

func TestAWeightIsSoManyRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t, 2)
		weighted := New(2)
		var repeated [][]float64
		for _, row := range rows {
			w := rapid.IntRange(0, 4).Draw(t, "weight")
			if err := weighted.AddWeighted(float64(w), row...); err != nil {
				t.Fatal(err)
			}
			for range w {
				repeated = append(repeated, row)
			}
		}
		if len(repeated) > 0 { // of nothing the mean is no number
			same(t, "weighted", weighted, of(t, repeated))
		}
	})
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	m := New(1)
	for _, err := range []error{m.Add(math.NaN()), m.Add(math.Inf(1)), m.AddWeighted(-1, 1), m.AddWeighted(math.NaN(), 1), m.Add(1, 2), m.Merge(New(2))} {
		if err == nil {
			t.Error("was taken")
		}
	}
	if !math.IsNaN(m.Mean(0)) || !math.IsNaN(m.Variance(0)) {
		t.Error("the mean or the variance of nothing is a number")
	}
}

func TestQuantilesAreWithinTheStatedError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		relative := rapid.SampledFrom([]float64{0.001, 0.01, 0.2}).Draw(t, "relative")
		values := rapid.SliceOfN(rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(1e-9, 1e9)), 1, 80).Draw(t, "values")
		cut := rapid.IntRange(0, len(values)).Draw(t, "cut")
		h, other := histogram(t, relative, values[:cut]), histogram(t, relative, values[cut:])
		if err := h.Merge(other); err != nil {
			t.Fatal(err)
		}
		slices.Sort(values)
		for _, p := range []float64{0, 0.1, 0.5, 0.9, 1} {
			got, err := h.Quantile(p)
			want := values[max(int(math.Ceil(p*float64(len(values))-1e-9)), 1)-1]
			if err != nil || math.Abs(got-want) > want*relative*(1+1e-9) {
				t.Fatalf("quantile %v: %v (%v), want %v within %v", p, got, err, want, relative)
			}
		}
	})
}

func histogram(t *rapid.T, relative float64, values []float64) *Histogram {
	h, err := NewHistogram(relative)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range values {
		if err := h.Add(x, 1); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func TestHistogramRefuses(t *testing.T) {
	h, err := NewHistogram(0.01)
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewHistogram(0.02)
	if err != nil {
		t.Fatal(err)
	}
	_, none := h.Quantile(0.5)
	_, share := h.Quantile(math.NaN())
	_, width := NewHistogram(1)
	for _, err := range []error{none, share, width, h.Add(-1, 1), h.Add(1, -1), h.Add(math.NaN(), 1), h.Add(1, math.Inf(1)), h.Merge(other)} {
		if err == nil {
			t.Error("was taken")
		}
	}
}
