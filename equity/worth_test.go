package equity

import (
	"math"
	"math/big"
	"testing"

	"github.com/throughline/throughline/money"
)

// The worths of all customers, judged one by one, come to the value of the base, and its figure made of them is that of the base: segments with and
// without a name, and one without a line in the year.
func TestTheWorthsOfAllCustomersComeToTheBase(t *testing.T) {
	d := truth.draw(9)
	for i, l := range d.Lines {
		k := d.Of[l.Customer]
		if k.Segment == "home" { // their margin differs
			half := money.FromBig(new(big.Int).Div(l.Profit.Big(), big.NewInt(2)))
			d.Lines[i].Profit = &half
		}
	}
	s := stated(t, d.input(), prepare(d))
	w, refused := s.Worth()
	if refused != nil {
		t.Fatal(refused)
	}
	q, err := d.input().Question()
	if err != nil {
		t.Fatal(err)
	}
	facts, err := d.Holdings(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var sum, size float64
	by := map[string]float64{}
	err = d.Histories(t.Context(), q, func(c Customer) error {
		x := float64(c.Together) * w.Of(facts.Segments[c.Segment], false, c.History, c.Mean)
		sum, size = sum+x, size+math.Abs(x)
		by[facts.Segments[c.Segment]] += x
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "sum", sum, valueOf(t, s.Base.Value), 1e-9)
	for _, p := range s.Parts[Segment] {
		near(t, p.Name, by[p.Name], valueOf(t, p.Value), 1e-9)
	}
	got, _ := w.Figure(sum, size, s.Customers).Estimate()
	want, _ := s.Base.Value.Estimate()
	for _, end := range [][2]*big.Rat{{got.Low, want.Low}, {got.High, want.High}} {
		a, _ := end[0].Float64()
		b, _ := end[1].Float64()
		near(t, "an end", a, b, 1e-9)
	}
	if _, ok := w.Figure(sum, size, 9).Refusal(); !ok {
		t.Error("nine customers are told of")
	}

	in := d.input()
	in.Discount = nil
	if _, refused := stated(t, in, prepare(d)).Worth(); refused == nil {
		t.Error("without a discount rate customers are worth something")
	}
}
