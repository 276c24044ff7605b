package equity

import (
	"math"
	"testing"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// The mean of the futures that are drawn is what the closed forms of package clv expect: two methods for the same number.
func TestFuturesOfACustomerAgreeWithTheirExpectation(t *testing.T) {
	factor := 0.4
	for _, p := range []Prospect{
		{History: clv.History{Repeats: 12, Last: 400, Age: 420}, Mean: 60},
		{History: clv.History{Repeats: 2, Last: 90, Age: 800}, Mean: 20},
		{History: clv.History{Age: 30}},
	} {
		p.Life, p.Spend, p.Discount, p.Factor = truth.life, &truth.spend, 0.1, &factor
		alive := p.Life.Alive(p.History)
		var bought, worth, squares float64
		ahead := p.futures(alive)
		for _, f := range ahead {
			bought += f.purchases / futures
			worth += factor * f.discounted * f.price / futures
			squares += f.purchases * f.purchases / futures
		}
		se := math.Sqrt((squares - bought*bought) / futures)
		if want := p.Life.Conditional(p.History, perYear); math.Abs(bought-want) > 4*se {
			t.Errorf("%+v: %v purchases are drawn, %v expected (standard error %v)", p.History, bought, want, se)
		}
		o := p.Outlook()
		want := valueOf(t, o.Value)
		if math.Abs(worth/want-1) > 0.15 { // spends have heavy tails
			t.Errorf("%+v: worth %v drawn, %v expected", p.History, worth, want)
		}
		v, err := clv.Value(p.Life, clv.SpendFit{Fit: clv.Fit[clv.GammaGamma]{Model: truth.spend}}, clv.Terms{Discount: 0.1, PerYear: perYear, Margin: &factor}, p.History, clv.Spend{Purchases: p.History.Repeats, Mean: p.Mean})
		if p.History.Repeats > 0 && err != nil {
			t.Fatal(err)
		}
		if p.History.Repeats > 0 {
			near(t, "value", want, v.Value, 1e-9)
		}
		for _, f := range []evidence.Figure{o.Alive, o.Purchases, o.Value} {
			// Of somebody who is as good as gone, 95 of 100 do nothing, and the mean lies above.
			if e, ok := f.Estimate(); !ok || e.Low.Cmp(e.Value) > 0 || e.High.Cmp(e.Value) < 0 && alive > 0.1 {
				t.Errorf("%+v: %+v", p.History, e)
			}
		}
	}
	o := Prospect{Life: truth.life, History: clv.History{Age: 3}}.Outlook()
	if r, ok := o.Value.Refusal(); !ok || r.Need == "" {
		t.Errorf("value without a spend model is %+v", o.Value)
	}
}
