package income_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/income"
	"github.com/throughline/throughline/money"
)

func amount(t testing.TB, text string) money.Amount {
	t.Helper()
	a, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func month(year, m int) calendar.Month {
	return calendar.MonthOf(calendar.DayOf(year, 1, 1)) + calendar.Month(m-1)
}

func equal(t testing.TB, what string, got money.Amount, want string) {
	t.Helper()
	if !got.Equal(amount(t, want)) {
		t.Errorf("%s: %s, by hand %s", what, got, want)
	}
}

// bakery is a quarter of a bakery, by hand. Training: 700 of 900 is carried, with hours of 300; 250 is amortised, 90 left, 60 was impaired.
// Customers: 1,200 in January 2026 and 600 in March, over a horizon of four months in which 100%, 50%, 30% and 20% are customers still, so
// that 1/2, 1/4, 3/20 and 1/10 is charged.
func bakery(t testing.TB) income.Input {
	a := func(text string) money.Amount { return amount(t, text) }
	return income.Input{
		From: month(2026, 1), To: month(2026, 4), Aligned: true, Currency: "EUR",
		Mapping: income.Mapping{Life: 4, Accounts: map[income.Line][]string{
			income.Revenue: {"4000", "4100"}, income.CostOfSales: {"5000"}, income.Staff: {"6000"}, income.Training: {"6100"}, income.Acquisition: {"6300"}, income.Other: {"6900"},
		}},
		Ledger: []income.Account{
			{Name: "4000", Amount: a("50000")}, {Name: "4100", Amount: a("1500.25")}, {Name: "5000", Amount: a("20000")}, {Name: "6000", Amount: a("18000")}, {Name: "6100", Amount: a("900")},
			{Name: "6300", Amount: a("1800")}, {Name: "6900", Amount: a("4000")}, {Name: "7777", Amount: a("12.50")},
		},
		Books: []income.Booked{
			{Name: "customer_statement", Line: income.Revenue, Amount: evidence.Exact(a("51400.25").Rat(), 9, "lines")},
			{Name: "costs_acquire", Line: income.Acquisition, Amount: evidence.Exact(a("1800").Rat(), 3, "costs")},
			{Name: "costs_serve", Line: income.Serving, Amount: evidence.Refuse("no costs of kind serve", "costs")},
		},
		Skill: income.Skill{Opening: a("5000"), Direct: a("700"), Hours: a("300"), Amortised: a("250"), WrittenOff: a("90"), Impaired: a("60"), Closing: a("5600")},
		Wins: income.Wins{
			Begin:  month(2026, 1),
			Spends: []income.Spend{{Month: month(2026, 1), Origin: income.Bought, Amount: a("1200")}, {Month: month(2026, 3), Origin: income.Earned, Amount: a("600")}},
			Lives:  []income.Life{{Name: "by hand", Customers: 10, Survival: []float64{1, 0.5, 0.3, 0.2}}},
		},
	}
}

func TestABakerysQuarterByHand(t *testing.T) {
	s, err := bakery(t).State()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[income.Line]income.Row{}
	for _, r := range s.Rows {
		rows[r.Line] = r
	}
	for line, want := range map[income.Line][2]string{
		income.Revenue: {"51500.25", "51500.25"}, income.CostOfSales: {"-20000", "-20000"}, income.Staff: {"-18000", "-17700"}, income.Training: {"-900", "-200"},
		income.TrainingCharged: {"0", "-400"}, income.Acquisition: {"-1800", "0"}, income.Other: {"-4000", "-4000"}, income.Unnamed: {"-12.5", "-12.5"},
		// January: 600, February: 300, March: 180 of the first and 300 of the second
		income.CustomersCharged: {"0", "-1380"},
	} {
		equal(t, string(line)+" as reported", rows[line].Reported, want[0])
		equal(t, string(line)+" as investments", rows[line].Invested, want[1])
	}
	equal(t, "result as reported", s.Result.Reported, "6787.75")
	equal(t, "result as investments", s.Result.Invested, "7807.75") // + 600 of training, + 420 of customers
	equal(t, "closing of customers", s.Customers.Closing, "420")    // 120 of 1,200 and 300 of 600
	equal(t, "earned", s.Customers.By[income.Earned].Closing, "300")
	equal(t, "bought", s.Customers.By[income.Bought].Closing, "120")
	if !s.Customers.Filling {
		t.Error("three months of books for a horizon of four are still filling up")
	}
	if _, ok := rows[income.Elsewhere]; ok {
		t.Error("all that is carried is in its line")
	}
	left := map[string]string{"customer_statement": "100", "costs_acquire": "0"}
	for _, r := range s.Reconciled {
		e, ok := r.Unexplained.Estimate()
		if want, told := left[r.Name]; told != ok || ok && e.Value.Cmp(amount(t, want).Rat()) != 0 {
			t.Errorf("%s: %v is unexplained, by hand %s", r.Name, r.Unexplained, want)
		}
	}
}

// What is carried beyond what its line has stands in a line of its own: the training line has 900, and 950 is carried.
func TestWhatIsNotInItsLineIsSaid(t *testing.T) {
	in := bakery(t)
	in.Skill.Direct, in.Skill.Closing = amount(t, "950"), amount(t, "5850")
	s, err := in.State()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Rows {
		switch r.Line {
		case income.Training:
			equal(t, "training", r.Invested, "0")
		case income.Elsewhere:
			equal(t, "elsewhere", r.Invested, "50")
		}
	}
	equal(t, "result as investments", s.Result.Invested, "8057.75") // + 850 of training, + 420 of customers
	equal(t, "elsewhere", s.Taken[0].Elsewhere, "50")
}

// The same ledger in three signs is the same statement, but for an account that no line names, of which positive figures are read as costs.
func TestSignsAreReadAsStated(t *testing.T) {
	want, err := bakery(t).State()
	if err != nil {
		t.Fatal(err)
	}
	for _, signs := range []income.Signs{income.Result, income.Ledger} {
		in := bakery(t)
		in.Mapping.Signs = signs
		for i := range in.Ledger {
			incomes := strings.HasPrefix(in.Ledger[i].Name, "4")
			if incomes == (signs == income.Ledger) {
				in.Ledger[i].Amount = in.Ledger[i].Amount.Neg()
			}
		}
		s, err := in.State()
		if err != nil {
			t.Fatal(err)
		}
		if !s.Result.Reported.Equal(want.Result.Reported) || !s.Result.Invested.Equal(want.Result.Invested) {
			t.Errorf("%s: %s and %s, want %s and %s", signs, s.Result.Reported, s.Result.Invested, want.Result.Reported, want.Result.Invested)
		}
	}
}

func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*income.Input)
		want   string
	}{
		"an account twice":        {func(in *income.Input) { in.Mapping.Accounts[income.Hiring] = []string{"6100"} }, `account "6100" is mapped twice, to training and to hiring`},
		"a sign":                  {func(in *income.Input) { in.Mapping.Signs = "debit" }, `"debit" is not`},
		"a life":                  {func(in *income.Input) { in.Mapping.Life = 601 }, "601 is not one of 1 to 600"},
		"an account without name": {func(in *income.Input) { in.Mapping.Accounts[income.Hiring] = []string{""} }, "without a name"},
		"a misspelt account":      {func(in *income.Input) { in.Mapping.Accounts[income.Hiring] = []string{"6200"} }, "names account 6200 for hiring, of which controls has no figure"},
		"a month not booked":      {func(in *income.Input) { in.Ledger[3].Missing = "2026-03-01..2026-04-01" }, "no figure of account 6000 for 2026-03-01..2026-04-01"},
	} {
		in := bakery(t)
		c.change(&in)
		var refused evidence.Refusal
		if _, err := in.State(); !errors.As(err, &refused) || !strings.Contains(refused.Reason, c.want) || refused.Need == "" {
			t.Errorf("%s: %v, want a refusal with %q", what, err, c.want)
		}
	}
}

// Where an asset is refused, its part of the second view stays as reported, and says so.
func TestARefusedAssetStaysAsReported(t *testing.T) {
	in := bakery(t)
	in.Wins.Lacks = &evidence.Refusal{Reason: "no model", Need: "orders"}
	in.Skill = income.Skill{Lacks: &evidence.Refusal{Reason: "no trainings", Need: "trainings"}}
	s, err := in.State()
	if err != nil {
		t.Fatal(err)
	}
	if !s.Result.Invested.Equal(s.Result.Reported) || s.Customers != nil || s.CustomersLack == nil || s.Cut.Lacks == nil {
		t.Errorf("%+v", s.Result)
	}
	in = bakery(t)
	in.Wins.Lives = nil
	if s, err = in.State(); err != nil || s.CustomersLack == nil || !s.Result.Difference().Equal(amount(t, "600")) {
		t.Errorf("without a model: %v, %s", err, s.Result.Difference())
	}
}

// A quarter's courses cost 900, of which 700 would be carried with hours of 200; 750 of it stands at the end, 700 to 800. A third of it, by hand:
// 300 is saved; 250 (233⅓ to 266⅔) is not there, so that 50 (33⅓ to 66⅔) is left; 50 (33⅓ to 66⅔) is less charged. At worst all 300 of the
// skill is missed: nothing is left.
func TestACutByHand(t *testing.T) {
	in := bakery(t)
	rat := func(a, b int64) *big.Rat { return big.NewRat(a, b) }
	in.Cut = income.CutInput{
		NoStaying: evidence.Refusal{Reason: "no effect", Need: "returns on training"},
		Ahead: []income.Ahead{{Name: "quarter", Months: 3, Direct: amount(t, "900"), Added: amount(t, "900"), Records: 30,
			Carried: evidence.Confidence(rat(750, 1), rat(700, 1), rat(800, 1), 0.95, 30, "by hand")}},
	}
	s, err := in.State()
	if err != nil {
		t.Fatal(err)
	}
	o := s.Cut.Over[0]
	check := func(what string, f evidence.Figure, value, low, high *big.Rat) {
		t.Helper()
		e, ok := f.Estimate()
		if !ok || (e.Value == nil) != (value == nil) || value != nil && e.Value.Cmp(value) != 0 || e.Low.Cmp(low) != 0 || e.High.Cmp(high) != 0 {
			t.Errorf("%s: %+v", what, e)
		}
	}
	check("saved", o.Reported, rat(300, 1), rat(300, 1), rat(300, 1))
	check("as investments", o.Invested, rat(50, 1), rat(100, 3), rat(200, 3))
	check("less charged", o.NotCharged, rat(50, 1), rat(100, 3), rat(200, 3))
	check("bounds of the effect", o.EffectBounds, nil, rat(-200, 3), rat(0, 1))
	check("bounds", o.WithBounds, nil, rat(0, 1), rat(200, 3))
	for _, f := range []evidence.Figure{o.Effect, o.Leavers, o.WithEffect} {
		if _, refused := f.Refusal(); !refused {
			t.Errorf("%v is told though nothing was measured", f)
		}
	}

	// 120 people were trained within a year: 10, 20 and 30 of them, of which a third, come to be missing in the three months: 20 person-months.
	// At a hazard of 2% a month and a ratio of 0.8 (0.5 to 1.25): 20 × 0.02 × (1.25 − 1) = 0.1 more leave, −0.08 to 0.4. At 6,000 each: −600.
	in.Cut.Staying = &income.Staying{Ratio: evidence.Confidence(rat(4, 5), rat(1, 2), rat(5, 4), 0.95, 80, "Cox"), People: 120, Hazard: 0.02, Replacement: evidence.Exact(rat(6000, 1), 5, "by hand")}
	if s, err = in.State(); err != nil {
		t.Fatal(err)
	}
	o = s.Cut.Over[0]
	near := func(what string, f evidence.Figure, value, low, high float64) {
		t.Helper()
		e, ok := f.Estimate()
		if !ok || e.Value == nil {
			t.Fatalf("%s: %v", what, f)
		}
		for i, x := range []*big.Rat{e.Value, e.Low, e.High} {
			got, _ := x.Float64()
			if want := []float64{value, low, high}[i]; got < want-1e-9 || got > want+1e-9 {
				t.Errorf("%s: %v, by hand %v", what, got, want)
			}
		}
	}
	near("more leavers", o.Leavers, 0.1, -0.08, 0.4)
	near("effect", o.Effect, -600, -2400, 480)
	near("with effect", o.WithEffect, 50-600, 100.0/3-2400, 200.0/3+480)

	in.Cut.Staying.Replacement = evidence.Refuse("nobody knows", "cost of replacement")
	if s, err = in.State(); err != nil {
		t.Fatal(err)
	}
	if _, refused := s.Cut.Over[0].WithEffect.Refusal(); !refused {
		t.Error("a sum with a refusal is told")
	}
}
