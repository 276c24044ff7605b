package income_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/income"
	"github.com/throughline/throughline/money"
)

// draws are random books of a company: accounts in any line, an asset of training that adds up, spends on customers in any month.
func draws(t *rapid.T) income.Input {
	currency := rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD"}).Draw(t, "currency")
	minor := int64(math.Pow10(6 - currency.Places()))
	cash := func(label string, low int) money.Amount {
		return money.FromMicros(int64(rapid.IntRange(low, 5_000_000).Draw(t, label)) * minor)
	}
	in := income.Input{From: month(2025, 1), Currency: currency, Mapping: income.Mapping{Accounts: map[income.Line][]string{}, Life: rapid.IntRange(1, 60).Draw(t, "life"),
		Signs: rapid.SampledFrom([]income.Signs{income.Positive, income.Result, income.Ledger}).Draw(t, "signs")}}
	in.To = in.From + calendar.Month(rapid.IntRange(1, 14).Draw(t, "months"))
	for i := range rapid.IntRange(0, 12).Draw(t, "accounts") {
		name := fmt.Sprint("a", i)
		in.Ledger = append(in.Ledger, income.Account{Name: name, Amount: cash("amount", -1_000_000)})
		if line := rapid.SampledFrom(append([]income.Line{income.Unnamed}, income.Lines...)).Draw(t, "line"); line != income.Unnamed {
			in.Mapping.Accounts[line] = append(in.Mapping.Accounts[line], name)
		}
	}
	k := income.Skill{Opening: cash("opening", 0), Direct: cash("direct", 0), Hours: cash("hours", 0), Amortised: cash("amortised", 0), WrittenOff: cash("written", 0), Impaired: cash("impaired", 0), Restated: cash("restated", -1_000_000)}
	k.Closing = money.Sum(k.Opening, k.Restated, k.Direct, k.Hours, k.Amortised.Neg(), k.WrittenOff.Neg(), k.Impaired.Neg())
	in.Skill = k
	in.Wins.Begin = in.From - 40
	for range rapid.IntRange(0, 8).Draw(t, "spends") {
		in.Wins.Spends = append(in.Wins.Spends, income.Spend{Month: in.Wins.Begin + calendar.Month(rapid.IntRange(0, 60).Draw(t, "month")), Origin: rapid.SampledFrom(income.Origins).Draw(t, "origin"), Amount: cash("spend", -10_000)})
	}
	for range rapid.IntRange(1, 2).Draw(t, "lives") {
		s, beta := rapid.Float64Range(0.05, 3).Draw(t, "s"), rapid.Float64Range(0.2, 90).Draw(t, "beta")
		l := income.Life{Name: "life", Customers: int64(rapid.IntRange(1, 900).Draw(t, "customers"))}
		for month := range in.Mapping.Horizon() {
			l.Survival = append(l.Survival, math.Pow(beta/(beta+float64(month)), s))
		}
		in.Wins.Lives = append(in.Wins.Lives, l)
	}
	return in
}

// TestRandomCompanies holds both views to a second method, which walks each spend month by month with unrounded charges, and the identity to
// the last place.
func TestRandomCompanies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := draws(t)
		s, err := in.State()
		if err != nil {
			t.Fatal(err)
		}
		var reported, invested, accounts money.Amount
		for _, r := range s.Rows {
			reported, invested = reported.Add(r.Reported), invested.Add(r.Invested)
			var sum money.Amount
			for _, a := range r.Accounts {
				sum = sum.Add(a.Amount)
			}
			if !sum.Equal(r.Reported) {
				t.Fatalf("%s is %s and its accounts come to %s", r.Line, r.Reported, sum)
			}
			accounts = accounts.Add(sum)
		}
		if !reported.Equal(s.Result.Reported) || !invested.Equal(s.Result.Invested) || !accounts.Equal(s.Result.Reported) {
			t.Fatalf("lines come to %s and %s, the result is %+v", reported, invested, s.Result)
		}
		k, c := in.Skill, s.Customers
		change := money.Sum(k.Closing, k.Opening.Neg(), c.Closing, c.Opening.Neg())
		if got := invested.Sub(reported); !got.Equal(change) {
			t.Fatalf("the views differ by %s, the assets changed by %s", got, change)
		}
		for _, x := range s.Taken {
			if x.Line.Sign() < 0 && x.Carried.Sign() >= 0 || !x.Line.Add(x.Elsewhere).Equal(x.Carried) {
				t.Fatalf("%+v", x)
			}
		}
		follows(t, c)
		walked(t, in, c)
	})
}

// follows holds every month to the one before it, and origins to all.
func follows(t *rapid.T, c *income.Customers) {
	t.Helper()
	for i, m := range c.Months {
		if got := money.Sum(m.Opening, m.Additions, m.Amortised.Neg()); !got.Equal(m.Closing) {
			t.Fatalf("%s: %+v", m.Month, m.Roll)
		}
		if i > 0 && !m.Opening.Equal(c.Months[i-1].Closing) {
			t.Fatalf("%s opens with %s, the month before closed with %s", m.Month, m.Opening, c.Months[i-1].Closing)
		}
	}
	var opening, closing money.Amount
	for _, r := range c.By {
		opening, closing = opening.Add(r.Opening), closing.Add(r.Closing)
	}
	if !opening.Equal(c.Opening) || !closing.Equal(c.Closing) {
		t.Fatalf("origins come to %s and %s, all to %+v", opening, closing, c.Roll)
	}
}

// walked charges each spend month by month, K · S(k−1) ÷ Σ S, in floating point, and expects what is carried within a minor unit a spend.
func walked(t *rapid.T, in income.Input, c *income.Customers) {
	t.Helper()
	horizon := in.Mapping.Horizon()
	weight := 0.0
	for _, l := range in.Wins.Lives {
		weight += float64(l.Customers)
	}
	staying, all := make([]float64, horizon), 0.0
	for k := range staying {
		for _, l := range in.Wins.Lives {
			staying[k] += l.Survival[k] * float64(l.Customers) / weight
		}
		all += staying[k]
	}
	closing, spends := 0.0, 0
	for _, x := range in.Wins.Spends {
		spent, _ := x.Amount.Rat().Float64()
		left := spent
		for m, k := x.Month, 0; m < in.To && k < horizon; m, k = m+1, k+1 {
			left -= spent * staying[k] / all
		}
		if x.Month < in.To {
			closing, spends = closing+left, spends+1
		}
	}
	got, _ := new(big.Rat).Set(c.Closing.Rat()).Float64()
	if tolerance := float64(spends)*math.Pow10(-in.Currency.Places()) + 1e-6; math.Abs(got-closing) > tolerance {
		t.Fatalf("%v is carried, walked %v", got, closing)
	}
}
