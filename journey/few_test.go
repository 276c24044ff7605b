package journey

import (
	"math/big"
	"testing"
)

// Forty contacts of forty customers rest on forty; of one customer, however many, on one (voice's effective number). Twenty waits of 1 s of one
// customer and twenty of 3 s of another: the mean is 2, Σ(s_c − 2·20)² ÷ 40² · 2 = 1 is its variance, as is that of one wait, so it rests on one.
func TestACustomerIsNoJudgement(t *testing.T) {
	r := func(x int64) *big.Rat { return big.NewRat(x, 1) }
	half := Standard{Measure: Measure{Kind: Resolved}, Target: Target{AtLeast: "0.5"}}
	for _, c := range []struct {
		rate  Rate
		rests float64
		state State
	}{
		{Rate{Known: 40, Had: 20, HadHad: 20, HadKnown: 20, KnownSquared: 40}, 40, At},
		{Rate{Known: 40, Had: 20, HadHad: 400, HadKnown: 800, KnownSquared: 1600}, 1, Few},
		{Rate{Known: 29, Had: 0, KnownSquared: 29}, 29, Few},
		{Rate{}, 0, Unmeasured},
	} {
		if got := c.rate.rests(); got != c.rests {
			t.Errorf("%+v rests on %v, want %v", c.rate, got, c.rests)
		}
		if got := (Shown{Figure: c.rate.share("none", "some"), rests: c.rate.rests()}).judged(half); got != c.state {
			t.Errorf("%+v is %s, want %s", c.rate, got, c.state)
		}
	}
	waits := Mean{N: 40, Sum: r(80), Squares: r(200), SumSum: r(4000), SumN: r(1600), NN: 800}
	if got := waits.rests(); got != 1 {
		t.Errorf("two customers rest on %v", got)
	}
	scores := Answered{Question: "ces", N: 40, High: 40, Unit: Mean{N: 40}, Score: waits}
	if got := scores.rests(); got != 1 {
		t.Errorf("their scores rest on %v", got)
	}
	likes := Answered{Question: "nps", N: 40, High: 40, Unit: Mean{N: 40, Sum: r(40), SumSum: r(1600), SumN: r(1600), NN: 1600}}
	if got := likes.rests(); got != 1 {
		t.Errorf("forty tens of one customer rest on %v", got)
	}
}

// Of 340 answers 300 are of one customer: the mean of the ease has no interval, and is no judgement, which is not to say that nothing measures it.
func TestWhatIsRefusedForAFewCustomersIsFew(t *testing.T) {
	r := func(x int64) *big.Rat { return big.NewRat(x, 1) }
	whale := Mean{N: 340, Sum: r(340 * 5), Squares: r(340 * 25), SumSum: r(1500*1500 + 40*25), SumN: r(1500*300 + 40*5), NN: 300*300 + 40}
	a := Answered{Question: "ces", N: 340, High: 340, Unit: Mean{N: 340}, Score: whale}
	f := a.figure()
	easy := Standard{Measure: Measure{Kind: CES}, Target: Target{AtLeast: "6"}}
	if got := (Shown{Figure: f, rests: a.rests()}).judged(easy); got != Few {
		t.Errorf("%+v is %s", f, got)
	}
	if got := (Shown{Figure: f}).judged(easy); got == Few {
		t.Errorf("what nothing measures is %s", got)
	}
}
