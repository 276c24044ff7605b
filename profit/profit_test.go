package profit

import (
	"math/big"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

func amountOf(text string) money.Amount {
	a, err := money.Parse(text)
	if err != nil {
		panic(err)
	}
	return a
}

// cohort are customers of one month of whom the i-th has brought from[i][m] by the end of month m.
func cohort(first int, via string, from [][]string) Cohort {
	c := Cohort{First: first, Via: via, Customers: int64(len(from))}
	for m := range from[0] {
		sum, squares := money.Amount{}, new(big.Int)
		for _, one := range from {
			y := amountOf(one[m])
			sum = sum.Add(y)
			squares.Add(squares, new(big.Int).Mul(y.Big(), y.Big()))
		}
		c.Sums, c.Squares = append(c.Sums, sum), append(c.Squares, squares)
	}
	return c
}

// many repeats customers.
func many(n int, each ...[]string) (out [][]string) {
	for range n {
		out = append(out, each...)
	}
	return out
}

// Forty customers of January: twenty have brought 8, 18 and 30 by the ends of January, February and March, twenty 12, 22 and 34. The means
// are 10, 20 and 32. The variance of each month is 40 × 2² ÷ 39 = 4.10256, so that the half of the 95% interval is
// 1.959964 × √(4.10256 ÷ 40) = 0.62769. Ten more of March count at their first month alone: with 10 each the mean stays 10.
func TestPaybackByHand(t *testing.T) {
	cohorts := []Cohort{
		cohort(0, "paid", many(20, []string{"8", "18", "30"}, []string{"12", "22", "34"})),
		cohort(2, "paid", many(10, []string{"0", "0", "10"})),
	}
	curve := ages(cohorts, 3)
	if len(curve) != 3 || curve[0].n != 50 || curve[1].n != 40 || curve[2].n != 40 {
		t.Fatalf("%+v", curve)
	}
	for i, want := range []string{"10", "20", "32"} {
		if curve[i].mean.RatString() != want {
			t.Errorf("after %d months %s, want %s", i+1, curve[i].mean.RatString(), want)
		}
	}
	if off := curve[1].half - 0.62769; off > 1e-5 || off < -1e-5 {
		t.Errorf("half of the interval is %.5f, want 0.62769", curve[1].half)
	}
	for _, c := range []struct{ cost, value, low, high string }{
		{"9", "1", "1", "1"},
		{"15", "2", "2", "2"},
		{"20", "2", "2", "3"},   // 20 − 0.63 is not enough, 32 − 0.63 is
		{"20.5", "3", "2", "3"}, // 20 + 0.63 is enough
	} {
		e, ok := payback(evidence.Exact(amountOf(c.cost).Rat(), 1, "cost"), cohorts, 3, "EUR").Estimate()
		if !ok || e.Value.RatString() != c.value || e.Low.RatString() != c.low || e.High.RatString() != c.high || e.Kind != evidence.KindConfidence {
			t.Errorf("a cost of %s is paid back in %+v, want %s (%s to %s)", c.cost, e, c.value, c.low, c.high)
		}
	}
	bounds, ok := payback(evidence.Bounds(amountOf("9").Rat(), amountOf("20").Rat(), 1, "cost"), cohorts, 3, "EUR").Estimate()
	if !ok || bounds.Value != nil || bounds.Low.RatString() != "1" || bounds.High.RatString() != "3" || bounds.Kind != evidence.KindBounds {
		t.Errorf("a cost of 9 to 20 is paid back in %+v, want 1 to 3", bounds)
	}
}

func TestPaybackIsRefusedWhereTheBooksDoNotShowIt(t *testing.T) {
	cohorts := []Cohort{cohort(0, "", many(20, []string{"8", "18"}, []string{"12", "22"}))}
	few := []Cohort{cohort(0, "", many(29, []string{"8", "18"}))}
	for _, c := range []struct {
		cost    evidence.Figure
		cohorts []Cohort
		says    string
	}{
		{evidence.Exact(amountOf("50").Rat(), 1, "cost"), cohorts, "not paid back within the 2 months that the books show of at least 30 new customers: a new customer has then brought 20.00 EUR on average, and a bought one cost 50.00"},
		{evidence.Exact(amountOf("20").Rat(), 1, "cost"), cohorts, "paid back after 2 months on average, but its 95% interval does not end within the 2 months"},
		{evidence.Exact(amountOf("1").Rat(), 1, "cost"), few, "29 new customers, of 30 that payback needs"},
		{evidence.Refuse("nobody knows", "origins"), cohorts, "what a bought new customer cost is refused: nobody knows"},
	} {
		r, refused := payback(c.cost, c.cohorts, 2, "EUR").Refusal()
		if !refused || !strings.HasPrefix(r.Reason, c.says) {
			t.Errorf("says %q, want %q", r.Reason, c.says)
		}
	}
}

func TestCostsMustCoverThePeriodOnce(t *testing.T) {
	day := func(d int) calendar.Day { return calendar.DayOf(2024, 1, d) }
	p := calendar.Period{Start: day(1), End: day(31)}
	cost := func(from, to int, department string) Cost {
		q := calendar.Period{Start: day(from), End: day(to)}
		return Cost{Named: q.String(), Period: q, Department: department, Kind: "serve", Amount: amountOf("1"), Rows: 1}
	}
	for _, c := range []struct {
		costs []Cost
		says  string // empty: covered
	}{
		{[]Cost{cost(1, 11, "a"), cost(11, 31, "b")}, ""},
		{[]Cost{cost(1, 31, "a"), cost(5, 9, "b")}, ""},
		{[]Cost{cost(1, 31, "a"), cost(1, 31, "a")}, ""},
		{nil, "holds no costs of kind serve in 2024-01-01..2024-01-31"},
		{[]Cost{cost(1, 11, "a"), cost(12, 31, "a")}, "holds no costs of kind serve for 2024-01-11..2024-01-12"},
		{[]Cost{cost(2, 31, "a")}, "for 2024-01-01..2024-01-02"},
		{[]Cost{cost(1, 30, "a")}, "for 2024-01-30..2024-01-31"},
		{[]Cost{cost(1, 31, "a"), cost(20, 40, "a")}, "only a part lies in"},
		{[]Cost{cost(1, 31, "a"), cost(5, 9, "a")}, "overlapping periods"},
		{[]Cost{cost(1, 31, "a"), {Kind: "serve", Fault: "\"x\" is not a period"}}, "\"x\" is not a period"},
	} {
		_, refused := covered(c.costs, "serve", p)
		if (refused == nil) != (c.says == "") || refused != nil && !strings.Contains(refused.Reason, c.says) {
			t.Errorf("%v: %v, want %q", c.costs, refused, c.says)
		}
	}
}

func TestUnitsFitIntoAnEnginesIntegers(t *testing.T) {
	most := new(big.Int).Lsh(big.NewInt(1), 127) // of 128 bits with a sign
	for _, sizes := range []string{"0", "1", "999999999999.999999", "1000000000000", "123456789012345678901234567890"} {
		a := amountOf(sizes)
		scale := fitting(a)
		if scale < 0 || scale > 18 || new(big.Int).Mul(a.Big(), tenTo(scale)).Cmp(most) >= 0 {
			t.Errorf("%s at scale %d", sizes, scale)
		}
	}
}

// Where no cost bought anybody, there is no cost of a bought customer and nothing to pay back.
func TestNoCostOfABoughtCustomerIsNotZero(t *testing.T) {
	cohorts := []Cohort{{Via: "paid", Customers: 40, Sums: []money.Amount{amountOf("400")}, Squares: []*big.Int{big.NewInt(0)}}}
	for want, costs := range map[string][]Cost{
		"every acquire cost of the period is of a department or touchpoint that acquire_earned names": {{Department: "referral programme", Amount: amountOf("100")}},
		"the acquire costs of the period that buy customers are not above zero":                       {{Department: "referral programme", Amount: amountOf("100")}, {Department: "sales", Amount: amountOf("-5")}},
	} {
		var s Statement
		s.acquire(costs, []string{"referral programme"}, counted(cohorts))
		if r, refused := s.CostPerBought.Refusal(); !refused || r.Reason != want {
			t.Errorf("got %q, want %q", r.Reason, want)
		}
		if r, refused := payback(s.CostPerBought, cohorts, 1, "EUR").Refusal(); !refused || r.Reason != "what a bought new customer cost is refused: "+want {
			t.Errorf("the payback: %q", r.Reason)
		}
	}
}
