package journey

import (
	"context"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
)

// Forty contacts of forty customers without a hand-off: the mean is 0 and has no interval. At most 0 is promised, which it is at; at most a tenth is kept by no more than the margin of a hundredth
// and a bit: above by 0.1 − 0 > 0.01, well above. The same with eight answers of 7 to ces by two customers, five and three: 7, of which the interval would be nothing.
func TestWhatIsAlikeHasNoInterval(t *testing.T) {
	r := func(x int64) *big.Rat { return big.NewRat(x, 1) }
	none := Mean{N: 40, Sum: r(0), Squares: r(0), SumSum: r(0), SumN: r(0), NN: 40}.figure(0, "", "")
	e, ok := none.Estimate()
	if !ok || e.Value.Sign() != 0 || e.Low != nil && e.Low.Cmp(e.High) != 0 || e.Method != howAlike {
		t.Fatalf("no hand-off is %+v", none)
	}
	for target, want := range map[string]State{"0": At, "0.1": WellAbove} {
		if got := Judge(none, Measure{Kind: Transfers}, Target{AtMost: target}); got != want {
			t.Errorf("at most %s is %s, want %s", target, got, want)
		}
	}
	sevens := Mean{N: 8, Sum: r(56), Squares: r(8 * 49), SumSum: r(35*35 + 21*21), SumN: r(35*5 + 21*3), NN: 25 + 9}
	f := Answered{Question: "ces", N: 8, High: 8, Unit: Mean{N: 8}, Score: sevens}.figure()
	if e, ok := f.Estimate(); !ok || e.Value.Cmp(r(7)) != 0 || e.Method != howAlike {
		t.Errorf("eight sevens are %+v", f)
	}
	sevens.SumSum = r(36*36 + 20*20) // not alike
	if sevens.alike() {
		t.Error("36 of five and 20 of three are alike")
	}
}

// By hand, of two customers: 3 and 7 have the mean 5, the error 2 and with Student's 12.7062 an interval from −20.4 to 30.4, which is cut to 1 to 7, and on a scale of its own of 0 to 10 to that. So too
// 2.5 and 6.5, which have fractions: 4.5. A scale that cannot be read cuts nothing.
func TestEaseLiesOnItsScale(t *testing.T) {
	r := func(x int64, y int64) *big.Rat { return big.NewRat(x, y) }
	whole := Mean{N: 2, Sum: r(10, 1), Squares: r(58, 1), SumSum: r(58, 1), SumN: r(10, 1), NN: 2}
	parts := Mean{N: 2, Sum: r(9, 1), Squares: r(97, 2), SumSum: r(97, 2), SumN: r(9, 1), NN: 2}
	for _, c := range []struct {
		scale     string
		of        Mean
		low, high float64
	}{{"", whole, 1, 7}, {"0-10", whole, 0, 10}, {"", parts, 1, 7}, {"stars", whole, -20.4124, 30.4124}} {
		e, ok := Answered{Question: "ces", Scale: c.scale, N: 2, Customers: 2, High: 1, Low: 1, Unit: Mean{N: 2}, Score: c.of}.figure().Estimate()
		if !ok || e.N != 2 || e.Method != howMean {
			t.Errorf("on %q it is %+v", c.scale, e)
			continue
		}
		near(t, "low end on "+c.scale, float(e.Low), c.low, 1e-4)
		near(t, "high end on "+c.scale, float(e.High), c.high, 1e-4)
	}
}

// A tenth of a target of 0 would be nothing: what misses it by less than 0.1 is below, and not well below.
func TestATargetOfNothingHasAMargin(t *testing.T) {
	for text, want := range map[string]State{"0.05": Below, "0.11": WellBelow} {
		x, _ := new(big.Rat).SetString(text)
		m := Mean{N: 40, Sum: new(big.Rat).Mul(x, big.NewRat(40, 1)), NN: 40}
		m.SumN = m.Sum
		m.SumSum = new(big.Rat).Mul(m.Sum, x)
		if got := Judge(m.figure(0, "", ""), Measure{Kind: Transfers}, Target{AtMost: "0"}); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// The name shop passes from the desk to the bot on 15 February. The figure of January is the desk's, that of February nobody's alone.
func TestAFigureOfTwoTouchpointsIsNeithers(t *testing.T) {
	turn := calendar.DayOf(2025, 2, 15)
	q := Question{
		Spans:  []calendar.Period{year(2025)},
		Places: []Place{{Name: "shop", Until: &turn, Touchpoint: "desk"}, {Name: "shop", From: &turn, Touchpoint: "bot"}},
		Period: func(name string) (calendar.Period, error) {
			at, err := time.Parse("2006-01", name)
			if err != nil {
				return calendar.Period{}, errors.New("no month")
			}
			m := calendar.MonthOf(calendar.DayOf(at.Year(), at.Month(), 1))
			return calendar.Period{Start: m.First(), End: m.Next().First()}, nil
		},
	}
	b := Books{Measures: []Figure{{Period: "2025-01", Touchpoint: "shop", Measure: "clean", Value: big.NewRat(7, 1)}}}
	for shared, more := range [][]Figure{nil, {{Period: "2025-02", Touchpoint: "Shop", Measure: "clean", Value: big.NewRat(9, 1)}}} {
		b.Measures = append(b.Measures, more...)
		got, err := b.Measured(context.Background(), q)
		if err != nil || len(got) != 1 || got[0].Touchpoint != "desk" || got[0].Shared != int64(shared) {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, refused := got[0].figure().Refusal(); refused != (shared > 0) {
			t.Errorf("%d shared: %+v", shared, got[0].figure())
		}
	}
}
