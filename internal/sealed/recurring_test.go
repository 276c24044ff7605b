package sealed_test

import (
	"os"
	"testing"

	"github.com/throughline/throughline/internal/sealed"
)

// By hand: 100 at opening + 40 new + 5 back + 5 resumed + 20 more − 10 less − 5 paused − 15 gone = 140 at closing; what the
// customers at opening have is 90 of 100, and 70 without what they added; gained 70, lost 30.
func TestSubscriptionsAreReadWholeAndWorkOut(t *testing.T) {
	data, err := os.ReadFile("testdata/recurring.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := sealed.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	n, worked := 0, 0
	for _, b := range []sealed.Block{sealed.RecurringPeriod, sealed.RecurringWhole} {
		for _, def := range sealed.Definitions(b) {
			f, ok := d.Figure(b, def.Name)
			if plan := def.Name == "plans.churn_rate"; ok == plan { // one of each plan
				t.Errorf("%s is one figure: %t", def.Name, ok)
			}
			if !ok {
				continue
			}
			n++
			if block, name, ok := sealed.SplitName(f.FullName()); !ok || block != b || name != def.Name {
				t.Errorf("%s is split into %s and %s", f.FullName(), block, name)
			}
			terms := d.Working(b, def.Name)
			if len(terms) == 0 {
				continue
			}
			worked++
			if ends := comeTo(t, terms); len(ends) != 1 || !near(ends[0], f.Value.Rat()) {
				t.Errorf("%s: the working comes to %v, the figure is %s", def.Name, ends, f.Value.Rat().FloatString(12))
			}
		}
	}
	if n != 23 || worked != 7 {
		t.Errorf("%d figures, %d with a working", n, worked)
	}
	if _, ok := d.Figure(sealed.RecurringTrailing, "mrr.new"); ok {
		t.Error("a window that is not there has a figure")
	}
}

// A line of a restatement is led to its figure, whichever block it stands in.
func TestLinesOfEveryBlockAreLedToTheirFigures(t *testing.T) {
	for line, want := range map[string][3]string{
		"customer.revenue.lost":                                                          {"customer", "revenue.lost", ""},
		"customer_trailing_year.growth_rate.low":                                         {"customer_trailing_year", "growth_rate", "low"},
		"referrals_trailing_year.revenue.brought":                                        {"referrals_trailing_year", "revenue.brought", ""},
		"subscriptions.in_period.net_revenue_retention.value":                            {"subscriptions.in_period", "net_revenue_retention", ""},
		"subscriptions.trailing_year.mrr.churned":                                        {"subscriptions.trailing_year", "mrr.churned", ""},
		"subscriptions.deferred.amount":                                                  {"subscriptions", "deferred.amount", ""},
		"profit_trailing_year.peak.n":                                                    {"profit_trailing_year", "peak", "n"},
		"customer.coverage.reconciliation.4000 sales.ledger":                             {"customer", "coverage.reconciliation.ledger", ""},
		"referrals.loss_spreading.relations.brought_after_referrer_left.difference.high": {"referrals", "loss_spreading.relations.brought_after_referrer_left.difference", "high"},
	} {
		b, name, part, ok := sealed.LineOf(line)
		if got := [3]string{string(b), name, part}; !ok || got != want {
			t.Errorf("%s is of %v", line, got)
		}
	}
	if b, name, _, ok := sealed.LineOf("subscriptions.path.2025-01.mrr.new"); ok {
		t.Errorf("a span of the path is the figure %s of %s", name, b)
	}
}
