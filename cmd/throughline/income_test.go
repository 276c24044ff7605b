package main

import (
	"encoding/json"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// TestASimulatedCompanysTwoIncomeStatements closes a month of a simulated company: every account is what the world booked, no other book leaves
// anything unexplained, and what is carried of winning customers is what the world spent on it, by the parameters of the sealed model.
func TestASimulatedCompanysTwoIncomeStatements(t *testing.T) {
	_, _, dir := simulatedIn(t, arriving, "2026-10")
	var truth struct {
		Months []struct {
			Month  string                  `json:"month"`
			Ledger map[string]money.Amount `json:"ledger"`
			Profit struct {
				Bought money.Amount `json:"acquire_bought"`
				Earned money.Amount `json:"acquire_earned"`
			} `json:"profit"`
		} `json:"months"`
	}
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Income struct {
			Lines []struct {
				Name     string       `json:"name"`
				Reported money.Amount `json:"as_reported"`
				Invested money.Amount `json:"as_investments"`
				Accounts []struct {
					Name   string       `json:"name"`
					Amount money.Amount `json:"amount"`
				} `json:"accounts"`
			} `json:"lines"`
			Result struct {
				Reported   money.Amount `json:"as_reported"`
				Invested   money.Amount `json:"as_investments"`
				Difference money.Amount `json:"difference"`
			} `json:"result"`
			Other []struct {
				Name        string          `json:"name"`
				Unexplained evidence.Figure `json:"unexplained"`
			} `json:"other_books"`
			Training struct {
				Opening money.Amount `json:"opening"`
				Closing money.Amount `json:"closing"`
			} `json:"training"`
			Customers struct {
				Roll struct {
					Opening money.Amount `json:"opening"`
					Closing money.Amount `json:"closing"`
				} `json:"roll_forward"`
				Expected evidence.Figure `json:"expected_months"`
			} `json:"customers"`
			Cut struct {
				Over []struct {
					Name     string          `json:"name"`
					Reported evidence.Figure `json:"as_reported"`
					Invested evidence.Figure `json:"as_investments"`
					Effect   evidence.Figure `json:"effect"`
				} `json:"over"`
			} `json:"training_cut"`
		} `json:"income_statement"`
		Equity struct {
			Model struct {
				Parameters []struct {
					Name  string  `json:"name"`
					Value float64 `json:"value"`
				} `json:"parameters"`
			} `json:"model"`
		} `json:"equity"`
	}
	if err := json.Unmarshal([]byte(done(t, "close", "--books", filepath.Join(dir, "books.yaml"), "--period", "2026-10", "--json")), &doc); err != nil {
		t.Fatal(err)
	}
	in := doc.Income
	last := truth.Months[len(truth.Months)-1]
	var reported, invested money.Amount
	accounts := 0
	for _, l := range in.Lines {
		reported, invested = reported.Add(l.Reported), invested.Add(l.Invested)
		for _, a := range l.Accounts {
			accounts++
			want := last.Ledger[a.Name]
			if l.Name != "revenue" {
				want = want.Neg()
			}
			if !a.Amount.Equal(want) {
				t.Errorf("%s adds %s, the world booked %s", a.Name, a.Amount, want)
			}
		}
	}
	if last.Month != "2026-10" || accounts != len(last.Ledger) {
		t.Errorf("%d accounts of %s, the world has %d", accounts, last.Month, len(last.Ledger))
	}
	change := money.Sum(in.Training.Closing, in.Training.Opening.Neg(), in.Customers.Roll.Closing, in.Customers.Roll.Opening.Neg())
	if !reported.Equal(in.Result.Reported) || !invested.Equal(in.Result.Invested) || !change.Equal(in.Result.Difference) {
		t.Errorf("lines come to %s and %s, the assets changed by %s: %+v", reported, invested, change, in.Result)
	}
	for _, o := range in.Other {
		if e, ok := o.Unexplained.Estimate(); ok && e.Value.Sign() != 0 && o.Name != "customer_statement" {
			t.Errorf("%s leaves %s unexplained", o.Name, e.Value.FloatString(2))
		}
	}

	// The second method: (β ÷ (β + t))^s of the sealed parameters over 120 months of 365.25 ÷ 12 days.
	parameters := map[string]float64{}
	for _, p := range doc.Equity.Model.Parameters {
		parameters[p.Name] = p.Value
	}
	staying, all := make([]float64, 120), 0.0
	for k := range staying {
		staying[k] = math.Pow(1+float64(k)*365.25/12/parameters["beta"], -parameters["s"])
		all += staying[k]
	}
	closing := 0.0
	for i, m := range truth.Months {
		spent, _ := new(big.Rat).Set(m.Profit.Bought.Add(m.Profit.Earned).Rat()).Float64()
		left := spent
		for k := 0; k < len(truth.Months)-i && k < len(staying); k++ {
			left -= spent * staying[k] / all
		}
		closing += left
	}
	if got, _ := in.Customers.Roll.Closing.Rat().Float64(); math.Abs(got-closing) > 0.01*2*float64(len(truth.Months)) {
		t.Errorf("%v is carried of winning customers, by hand %v", got, closing)
	}
	if e, ok := in.Customers.Expected.Estimate(); !ok || e.Low.Cmp(e.Value) >= 0 || e.High.Cmp(e.Value) <= 0 || math.Abs(ratio(e.Value)-all) > 1e-6 {
		t.Errorf("expected to stay %v, by hand %v", in.Customers.Expected, all)
	}

	// Twelve months of courses before the end say how a year goes on: the saving of a year is a third of them.
	first := calendar.MonthOf(calendar.DayOf(2025, 11, 1)).String()
	var direct money.Amount
	for _, m := range truth.Months {
		if m.Month >= first {
			direct = direct.Add(m.Ledger["6100 Training"])
		}
	}
	for _, o := range in.Cut.Over {
		e, ok := o.Reported.Estimate()
		if !ok {
			t.Fatalf("%s: %v", o.Name, o.Reported)
		}
		want := new(big.Rat).Mul(direct.Rat(), map[string]*big.Rat{"quarter": e.Value, "year": big.NewRat(1, 3), "three_years": big.NewRat(1, 1)}[o.Name])
		if o.Name != "quarter" && math.Abs(ratio(e.Value)-ratio(want)) > 1e-6 {
			t.Errorf("%s: %s is saved, the world spent %s in the year before", o.Name, e.Value.FloatString(2), direct)
		}
		if _, refused := o.Effect.Refusal(); !refused {
			t.Errorf("%s: an effect of training is told that nobody measured", o.Name)
		}
		if i, ok := o.Invested.Estimate(); !ok || i.High.Cmp(e.Value) >= 0 {
			t.Errorf("%s: as investments %v, as reported %s", o.Name, o.Invested, e.Value.FloatString(2))
		}
	}
}

func ratio(r *big.Rat) float64 { f, _ := r.Float64(); return f }
