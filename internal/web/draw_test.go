package web

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

func drawnAmount(t *rapid.T, label string) money.Amount {
	return money.FromMicros(rapid.Int64Range(-5_000_000_000_000, 5_000_000_000_000).Draw(t, label))
}

// A waterfall's bars begin where the ones before them end, whatever the signs.
func TestEachBarOfAWaterfallBeginsWhereTheLastEnded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := []fall{{amount: drawnAmount(t, "first"), total: true}}
		sum := rows[0].amount
		for range rapid.IntRange(0, 9).Draw(t, "lines") {
			a := drawnAmount(t, "line")
			rows, sum = append(rows, fall{amount: a, paint: "f-ink"}), sum.Add(a)
		}
		rows = append(rows, fall{amount: sum, total: true})
		steps, cut := waterfall(rows)
		for i, s := range steps[1:] {
			if s.In != steps[i].Out {
				t.Fatalf("row %d begins at %s, the one before ends at %s", i+1, s.In, steps[i].Out)
			}
			if rows[i+1].total || s.Bar == "" {
				continue
			}
			at, width, in, out := number(t, s.At), number(t, s.Width), number(t, s.In), number(t, s.Total)
			if math.Abs(at-min(in, out)) > 0.02 || width+0.02 < math.Abs(out-in) || width > math.Abs(out-in)+0.45 {
				t.Fatalf("row %d: a bar at %s as wide as %s leads from %s to %s", i+1, s.At, s.Width, s.In, s.Total)
			}
		}
		if first, last := steps[0], steps[len(steps)-1]; cut && (first.Bar != "" || last.Bar != "") {
			t.Fatal("a total is a bar on a scale that does not begin at zero")
		}
	})
}

func number(t *rapid.T, text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || x < -5 || x > 105 {
		t.Fatalf("%q is no place in a drawing", text)
	}
	return x
}

func TestEveryNumberOnARateScaleLiesWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 12).Draw(t, "values")
		a := axisOf(values)
		if a.low > 0 || a.high < 0 {
			t.Fatalf("%v leaves zero out", a)
		}
		for _, v := range values {
			if p := number(t, a.at(v)); p < -0.01 || p > 100.01 {
				t.Fatalf("%v lies at %v of %v", v, p, a)
			}
		}
	})
}

// A tick stands where its text says, to the last place that is printed.
func TestTicksOfRatesSayWhereTheyStand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := math.Pow(10, float64(rapid.IntRange(-4, 3).Draw(t, "scale")))
		a := axisOf([]float64{scale * rapid.Float64Range(-1, 1).Draw(t, "one"), scale * rapid.Float64Range(-1, 1).Draw(t, "other")})
		ticks := a.rates()
		if len(ticks) < 2 || len(ticks) > 7 {
			t.Fatalf("%d ticks on %v", len(ticks), a)
		}
		for _, x := range ticks {
			said, err := strconv.ParseFloat(strings.NewReplacer("%", "", "+", "", minus, "-", ",", "").Replace(x.Text), 64)
			if err != nil {
				t.Fatalf("%q: %v", x.Text, err)
			}
			if off := math.Abs(number(t, a.at(said/100)) - number(t, x.At)); off > 0.011 {
				t.Fatalf("%s stands %v of the axis %v off", x.Text, off, a)
			}
		}
	})
}

func TestAStatementOfNothingIsDrawnAsNothing(t *testing.T) {
	steps, _ := waterfall([]fall{{total: true}, {paint: "f-ink"}, {total: true}})
	for _, s := range steps {
		if s.Width == "NaN" || s.Total != "50" {
			t.Errorf("drawn at %q, as wide as %q", s.Total, s.Width)
		}
	}
}

// Ten million who came are as many dots as fit on a wall, and no group of anybody is left out.
func TestCrowdsAreOnOneMeasure(t *testing.T) {
	for most, want := range map[int64]int64{0: 1, 1: 1, 199: 1, 200: 10, 5_952: 10, 7_200: 10, 7_211: 100, 10_000_000: 100_000} {
		if got := dotsFor(most); got != want {
			t.Errorf("of %d people a dot is %d, want %d", most, got, want)
		}
	}
	if got := strings.Count(dots(59, 3), "M"); got != 3 || !strings.HasPrefix(dots(59, 3), "M559.6 5h0M5 14.4h0") {
		t.Errorf("three dots from the sixtieth on: %s", dots(59, 3))
	}
}

func TestAnIntervalThatHoldsZeroHasNoHue(t *testing.T) {
	for want, ends := range map[string][2]int64{"petrol": {1, 3}, "clay": {-3, -1}, "ink": {-1, 2}} {
		e := evidence.Estimate{Low: big.NewRat(ends[0], 100), High: big.NewRat(ends[1], 100)}
		if got := paintBySign(e); got != want {
			t.Errorf("%v is %s, want %s", ends, got, want)
		}
	}
}

func TestNoZeroIsNegative(t *testing.T) {
	tiny := big.NewRat(-1, 1_000_000)
	for _, got := range []string{percent(tiny), multiple(tiny), decimal(tiny, 0), points(tiny), apart(tiny)} {
		if strings.Contains(got, minus) || strings.Contains(got, "-") {
			t.Errorf("a millionth below zero prints as %s", got)
		}
	}
	if got := (teller{locales[0], "JPY"}).value(sealed.Value{Unit: sealed.Money, Amount: money.FromMicros(1_234_567_000_000)}); got != "1,234,567" {
		t.Errorf("yen have no decimals, printed %s", got)
	}
}

// A period in which nothing changed is drawn on a scale that has a length: 50 is a round number, so both ends of the scale fell on it.
func TestAScaleOfOneNumberHasALength(t *testing.T) {
	for _, x := range []float64{0, 50, -50, 1e6, 0.1} {
		if a := axisAround([]float64{x, x}); !(a.low < a.high) || a.low > x || a.high < x {
			t.Errorf("the scale around %g runs from %g to %g", x, a.low, a.high)
		}
	}
}
