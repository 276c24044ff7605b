package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
)

// contractsFound is what a close says of contracts, and of the same customers in the statement of subscriptions.
type contractsFound struct {
	Contracts struct {
		Refused   string  `json:"refused"`
		Customers int64   `json:"customers"`
		Monthly   float64 `json:"monthly"`
		Terms     struct {
			Margin evidence.Figure `json:"margin"`
		} `json:"terms"`
		Base struct {
			Value evidence.Figure `json:"value"`
		} `json:"base"`
		Groups []struct {
			Name   string `json:"name"`
			Groups []struct {
				Name      string  `json:"name"`
				Customers int64   `json:"customers"`
				Monthly   float64 `json:"monthly"`
			} `json:"groups"`
		} `json:"groups"`
		Change []struct {
			Name  string          `json:"name"`
			Value evidence.Figure `json:"value"`
		} `json:"change"`
		WithOrders evidence.Figure `json:"with_orders"`
		Check      struct {
			Missed float64 `json:"missed"`
		} `json:"check"`
	} `json:"contracts"`
	Equity struct {
		Base struct {
			Value evidence.Figure `json:"value"`
		} `json:"base"`
	} `json:"equity"`
	Subscriptions struct {
		Period struct {
			MRR struct {
				Closing string `json:"closing"`
			} `json:"mrr"`
			Customers struct {
				Closing int64 `json:"closing"`
			} `json:"customers"`
		} `json:"in_period"`
	} `json:"subscriptions"`
}

func estimateOf(t *testing.T, f evidence.Figure) float64 {
	t.Helper()
	e, ok := f.Estimate()
	if !ok {
		t.Fatalf("%v", f)
	}
	return mustFloat(e.Value)
}

// What customers under contract pay a month, and how many they are, is told in two statements by two ways, which agree; so do the groups and the
// lines of the change. With revenue of both books the worth of both is told.
func TestContractsAgreeWithSubscriptions(t *testing.T) {
	if os.Getenv("THROUGHLINE_THOROUGH") == "" {
		t.Skip("a world of some thousand contracts: set THROUGHLINE_THOROUGH")
	}
	_, _, company := simulatedIn(t, fmt.Sprintf("seed: %d\ncustomers: 2500\nsubscriptions: {share: 0.7}\n", seedOf(t)), "2026-10")
	file := filepath.Join(company, "books.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), "statement_basis: orders", "statement_basis: both", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	if code := run(context.Background(), []string{"close", "--books", file, "--period", "2026-10", "--dry-run", "--json"}, &out, &errOut); code != exitDone {
		t.Fatalf("close: %s", errOut.String())
	}
	var doc contractsFound
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	c, s := doc.Contracts, doc.Subscriptions.Period
	if c.Refused != "" {
		t.Fatal(c.Refused)
	}
	closing, err := strconv.ParseFloat(s.MRR.Closing, 64)
	if err != nil {
		t.Fatal(err)
	}
	if c.Customers != s.Customers.Closing || math.Abs(c.Monthly-closing) > 1e-6 {
		t.Errorf("%d customers pay %v a month; the statement of subscriptions has %d and %v", c.Customers, c.Monthly, s.Customers.Closing, closing)
	}
	for _, d := range c.Groups {
		var n int64
		var monthly float64
		for _, g := range d.Groups {
			n, monthly = n+g.Customers, monthly+g.Monthly
		}
		if n != c.Customers || math.Abs(monthly-c.Monthly) > 1e-6 {
			t.Errorf("by %s %d customers pay %v, of all %d and %v", d.Name, n, monthly, c.Customers, c.Monthly)
		}
	}
	sum := 0.0
	for _, m := range c.Change[:len(c.Change)-1] {
		sum += estimateOf(t, m.Value)
	}
	value := estimateOf(t, c.Base.Value)
	if math.Abs(sum-value) > 1e-6*value {
		t.Errorf("the change comes to %v, the base to %v", sum, value)
	}
	if m := estimateOf(t, c.Terms.Margin); math.Abs(m-0.45) > 1e-6 { // the margin of the simulated company's settings
		t.Errorf("margin %v", m)
	}
	if both := estimateOf(t, c.WithOrders); math.Abs(both-value-estimateOf(t, doc.Equity.Base.Value)) > 1e-6*both {
		t.Errorf("both are worth %v", both)
	}
	if c.Check.Missed > 0.3 {
		t.Errorf("missed %v", c.Check.Missed)
	}
}
