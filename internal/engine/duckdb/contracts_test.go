package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
)

// agreed are a company's subscriptions as the second method of equity takes them.
func (x contracts) agreed() equity.ContractMemory {
	m := equity.ContractMemory{Of: map[string]equity.Known{}, Home: x.home}
	for _, r := range x.led() {
		m.Rows = append(m.Rows, equity.Subscribed{Subscription: r.Subscription, Customer: r.Customer, Excluded: r.Excluded, Started: r.Started, Ended: r.Ended, Monthly: r.Monthly, Currency: r.Currency, Billed: r.Billed})
	}
	return m
}

// TestContractsOfRandomLedgers holds what the engine tells of contracts to the second method, contract by contract.
func TestContractsOfRandomLedgers(t *testing.T) {
	checks(t, 30)
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x, _ := drawContracts(t)
		until := dayOne + calendar.Day(rapid.IntRange(20, 118).Draw(t, "until"))
		q := equity.Question{Until: until, Opened: until - calendar.Day(rapid.IntRange(1, 30).Draw(t, "opened")), Cut: until - calendar.Day(rapid.IntRange(4, 60).Draw(t, "cut"))}
		x.w = growth.Windows{Period: calendar.Period{Start: q.Opened, End: until}, Compared: calendar.Period{Start: q.Opened - 40, End: q.Opened}}
		ledger, err := s.contractLedger(ctx, x, "subscriptions")
		if err != nil {
			t.Fatal(err)
		}
		want, err := agreements(ctx, x.agreed(), q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := agreements(ctx, ledger, q)
		var lacks evidence.Refusal
		if errors.As(err, &lacks) { // no rows, or a day without a rate
			t.Skip(lacks.Reason)
		}
		if err != nil {
			t.Fatalf("%v\n%v", err, x.rows)
		}
		if got != want {
			t.Fatalf("%+v\n got %s\nwant %s\n%v", q, got, want, x.rows)
		}
	})
}

// agreements are all answers as text, contract by contract, without their groups, which are held to counts elsewhere.
func agreements(ctx context.Context, l equity.ContractLedger, q equity.Question) (string, error) {
	first, ended, err := l.FirstEnded(ctx, q.Until)
	if err != nil {
		return "", err
	}
	if !ended {
		first = 0
	}
	f, err := l.ContractFacts(ctx, q)
	if err != nil {
		return "", err
	}
	sums := map[string][3]float64{}
	out := fmt.Sprintf("%s %t, lead %.6f kept %.6f\n", first, ended, f.Lead, f.Kept)
	var rows []string
	err = l.Agreements(ctx, q, func(a equity.Agreement) error {
		k := fmt.Sprintf("%d %s %t %t %d", a.Months, a.Began, a.Opened, a.Runs, a.Held)
		was := sums[k]
		sums[k] = [3]float64{was[0] + a.Was, was[1] + a.Cut, was[2] + a.Is}
		for range a.Together {
			rows = append(rows, k)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	err = l.Endings(ctx, q, func(e equity.Ending) error {
		for range e.Together {
			rows = append(rows, fmt.Sprintf("ending %d %s %d", e.Months, e.Began, e.Lost))
		}
		return nil
	})
	for k, s := range sums {
		rows = append(rows, fmt.Sprintf("%s: %.6f %.6f %.6f", k, s[0]+0, s[1]+0, s[2]+0))
	}
	slices.Sort(rows)
	return out + strings.ReplaceAll(strings.Join(rows, "\n"), "-0.000000", "0.000000"), err
}
