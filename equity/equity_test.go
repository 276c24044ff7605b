package equity

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

func stated(t *testing.T, in Input, l Ledger) Statement {
	t.Helper()
	s, err := in.State(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valueOf(t *testing.T, f evidence.Figure) float64 {
	t.Helper()
	e, ok := f.Estimate()
	if !ok {
		r, _ := f.Refusal()
		t.Fatalf("refused: %s", r.Reason)
	}
	return valueFloat(e)
}

func valueFloat(e evidence.Estimate) float64 { x, _ := e.Value.Float64(); return x }

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within*math.Max(1e-300, math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// The value of the base is the sum over customers of what package clv says that each is worth, and every dimension's parts come to the whole.
func TestTheBaseIsWorthWhatItsCustomersAre(t *testing.T) {
	c := truth
	c.returned = 0.2
	d := c.draw(1)
	s := stated(t, d.input(), prepare(d))
	q, err := d.input().Question()
	if err != nil {
		t.Fatal(err)
	}
	facts, err := d.Holdings(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	returns := quotient(facts.Sold[1].Net, facts.Sold[1].Bought)
	if returns > 0.95 || returns < 0.85 {
		t.Errorf("%v is left after returns, and a fifth of the purchases come back by half", returns)
	}
	margin := 0.4
	var worth, alive, bought float64
	err = d.Histories(t.Context(), q, func(k Customer) error {
		terms := clv.Terms{Discount: 0.1, PerYear: perYear, Margin: &margin}
		spend := clv.Spend{}
		if k.Repeats > 0 {
			spend = clv.Spend{Purchases: k.Repeats, Mean: k.Mean}
		}
		v, err := clv.Value(s.Models.Life.Model, *s.Models.Spend, terms, k.History, spend)
		worth += v.Value * returns
		alive += s.Models.Life.Model.Alive(k.History)
		bought += s.Models.Life.Model.Conditional(k.History, perYear)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "value", valueOf(t, s.Base.Value), worth, 1e-4) // profits are rounded to thousandths
	near(t, "alive", valueOf(t, s.Base.Alive), alive, 1e-9)
	near(t, "purchases", valueOf(t, s.Base.Purchases), bought, 1e-9)
	for _, dim := range Dimensions {
		if dim == Entity {
			continue // nobody knows any
		}
		sum, n := 0.0, int64(0)
		for _, p := range s.Parts[dim] {
			sum, n = sum+valueOf(t, p.Value), n+p.Customers
		}
		near(t, string(dim), sum, valueOf(t, s.Base.Value), 1e-9)
		if n != s.Customers {
			t.Errorf("%s has %d of %d customers", dim, n, s.Customers)
		}
	}
	moved := 0.0
	for _, m := range s.Change[:len(s.Change)-1] {
		moved += valueOf(t, m.Figure)
	}
	near(t, "closing", moved, valueOf(t, s.Change[len(s.Change)-1].Figure), 1e-9)
	near(t, "closing", moved, valueOf(t, s.Base.Value), 1e-9)
}

// The same customers in another order, and with their money in cents, are worth the same.
func TestOrderAndUnitsChangeNothing(t *testing.T) {
	d := truth.draw(2)
	before := stated(t, d.input(), prepare(d))
	other := d
	other.Lines = append([]Line{}, d.Lines...)
	r := rand.New(rand.NewPCG(5, 5))
	r.Shuffle(len(other.Lines), func(i, j int) { other.Lines[i], other.Lines[j] = other.Lines[j], other.Lines[i] })
	a, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(stated(t, other.input(), prepare(other)))
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Errorf("another order of the lines prints\n%s\nnot\n%s", b, a)
	}
	hundred := func(a money.Amount) money.Amount {
		big := a.Big()
		return money.FromBig(big.Mul(big, money.FromMicros(100).Big()))
	}
	for i := range other.Lines {
		l := &other.Lines[i]
		l.Amount = hundred(l.Amount)
		p := hundred(*l.Profit)
		l.Profit = &p
	}
	cents := stated(t, other.input(), prepare(other))
	near(t, "value in cents", valueOf(t, cents.Base.Value), 100*valueOf(t, before.Base.Value), 1e-6)
	near(t, "purchases", valueOf(t, cents.Base.Purchases), valueOf(t, before.Base.Purchases), 1e-9)
}

// What is missing is said, and what does not need it is told all the same.
func TestWhatIsMissingIsSaid(t *testing.T) {
	d := truth.draw(3)
	refused := func(f evidence.Figure, words string) {
		t.Helper()
		if r, ok := f.Refusal(); !ok || !strings.Contains(r.Reason, words) {
			t.Errorf("not refused for %q: %+v", words, f)
		}
	}
	in := d.input()
	in.Discount = nil
	s := stated(t, in, prepare(d))
	refused(s.Base.Value, "no discount rate")
	valueOf(t, s.Base.Revenue)

	bare := d
	bare.Lines = append([]Line{}, d.Lines...)
	for i := range bare.Lines {
		bare.Lines[i].Profit = nil
	}
	s = stated(t, bare.input(), prepare(bare))
	refused(s.Base.Value, "says what it earned")
	refused(s.Change[0].Figure, "says what it earned")
	valueOf(t, s.Base.Revenue)

	tied := truth
	tied.tied = 0.8
	x := tied.draw(4)
	s = stated(t, x.input(), prepare(x))
	refused(s.Base.Revenue, "spend")
	valueOf(t, s.Base.Purchases)

	short := d.input()
	short.Began = short.Until - 300
	var lacks evidence.Refusal
	if _, err := short.State(t.Context(), d); !errors.As(err, &lacks) || !strings.Contains(lacks.Reason, "300 days") {
		t.Errorf("300 days of books give %v", err)
	}
	once := Memory{Of: map[string]Known{}}
	seen := map[string]bool{}
	for _, l := range d.Lines {
		if !seen[l.Customer] {
			once.Lines = append(once.Lines, l)
		}
		seen[l.Customer] = true
	}
	if _, err := d.input().State(t.Context(), once); !errors.As(err, &lacks) || !strings.Contains(lacks.Reason, "repeat customers") {
		t.Errorf("nobody who bought again gives %v", err)
	}
}

// Of two thousand simulated customers the model misses less of what came than the naive forecast, and shares of the top rise with its size.
func TestTheCheckAndTheTop(t *testing.T) {
	d := truth.draw(6)
	s := stated(t, d.input(), prepare(d))
	if !(s.Check.Missed < 0.15 && s.Check.Missed < s.Check.NaiveMissed) {
		t.Errorf("missed %v, naive %v", s.Check.Missed, s.Check.NaiveMissed)
	}
	if one, ten, twenty := valueOf(t, s.Top[0].Share), valueOf(t, s.Top[1].Share), valueOf(t, s.Top[2].Share); !(0.01 < one && one < ten && ten < twenty && twenty < 1) {
		t.Errorf("the top holds %v, %v, %v", one, ten, twenty)
	}
	var n int64
	var foretold float64
	for _, f := range s.Check.Tenths {
		n, foretold = n+f.Customers, foretold+f.Purchases
	}
	if n != s.Check.Total.Customers {
		t.Errorf("tenths have %d of %d customers", n, s.Check.Total.Customers)
	}
	near(t, "foretold by tenths", foretold, s.Check.Total.Purchases, 1e-9)
	var parts float64
	for _, f := range s.Check.Parts {
		parts += f.Purchases
	}
	near(t, "foretold over time", parts, s.Check.Total.Purchases, 1e-9)
}
