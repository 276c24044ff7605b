package sealed_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/sealed"
)

var updateDocs = flag.Bool("update-docs", false, "write docs/figures.md anew")

// TestFiguresTable holds docs/figures.md to the table of definitions.
func TestFiguresTable(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "figures.md")
	want := figuresPage()
	if *updateDocs {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/figures.md is not what the table says: go test ./internal/sealed -run TestFiguresTable -update-docs")
	}
}

func figuresPage() string {
	var b strings.Builder
	b.WriteString(`# Figures

<!-- generated from package internal/sealed: go test ./internal/sealed -run TestFiguresTable -update-docs -->

Every figure of a customer statement has a name, by which its page opens (` + "`/statement/SEAL/figure/customer.NAME`" + `, or
` + "`customer_trailing_year.NAME`" + ` for the twelve months that end with a month or quarter; those of another statement have its name in front) and under which it stands in the document that
` + "`close --json`" + ` prints. The letters are those of [close.md](close.md#definitions): P the period, Q the comparison period, r(c, X) what customer c spent
in X. A derived figure does not stand in the document: it is a sum, difference or quotient of figures that do.
`)
	section := ""
	row := func(name string, d sealed.Definition) {
		name = "`" + name + "`"
		if d.Derived {
			name += " (derived)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, d.Label, d.Meaning, d.Formula, d.Unit)
	}
	head := func(title, said string) {
		fmt.Fprintf(&b, "\n## %s\n\n%s| name | on the pages | means | formula | unit |\n| --- | --- | --- | --- | --- |\n", title, said)
	}
	for _, d := range sealed.Definitions(sealed.Period) {
		of := "Rates"
		if block, _, ok := strings.Cut(d.Name, "."); ok {
			of = map[string]string{
				"revenue": "Revenue bridge", "customers": "Customers", "active_revenue": "Revenue of the active", "coverage": "Coverage and reconciliation",
			}[block]
		}
		if of != section {
			head(of, "")
			section = of
		}
		row(d.Name, d)
	}
	for _, s := range []struct {
		title, said string
		blocks      []sealed.Block
	}{
		{"Referrals", "", []sealed.Block{sealed.ReferralsPeriod}},
		{"Customer equity", "What is foretold, not counted ([equity.md](equity.md)).\n\n", []sealed.Block{sealed.EquityBlock}},
		{"Worth under contract", "What is foretold, not counted ([equity.md](equity.md)).\n\n", []sealed.Block{sealed.ContractsBlock}},
		{"Customer base", "", []sealed.Block{sealed.Views}},
		{"Subscriptions", "Of the twelve months that end with a month or quarter they begin with `subscriptions.trailing_year` instead ([subscriptions.md](subscriptions.md)). The rate of a plan is one of each plan, and has no page of its own.\n\n", []sealed.Block{sealed.RecurringPeriod, sealed.RecurringWhole}},
		{"Profit and cost to serve", "Of the twelve months they begin with `profit_trailing_year` instead ([profit.md](profit.md)).\n\n", []sealed.Block{sealed.ProfitPeriod}},
		{"Loyalty by satisfaction", "Always of the headline's periods ([loyalty.md](loyalty.md)).\n\n", []sealed.Block{sealed.LoyaltyWhole}},
		{"Behaviour", "The level and the alarms of a single series have no page of their own ([behaviour.md](behaviour.md)).\n\n", []sealed.Block{sealed.BehaviourBlock}},
		{"Prices", "The elasticity of one product is one of each product, and has no page of its own ([prices.md](prices.md)).\n\n", []sealed.Block{sealed.PricesWhole}},
		{"Touchpoints", "Those of `touchpoints` are of each touchpoint, of each brand there, and have no page of their own ([touchpoints.md](touchpoints.md)).\n\n", []sealed.Block{sealed.TouchpointBlock, sealed.TouchpointWhole}},
		{"Training as an asset", "Of the calendar months that the period stands for ([training.md](training.md)).\n\n", []sealed.Block{sealed.TrainingBlock}},
		{"Two income statements", "As the general ledger reports, and with people and customers as investments ([income.md](income.md)).\n\n", []sealed.Block{sealed.IncomeBlock}},
		{"Who works here, and who stays", "Of the headline's window; each group has the figures of the company, without a page of its own ([workforce.md](workforce.md)).\n\n", []sealed.Block{sealed.WorkforceBlock}},
	} {
		head(s.title, s.said)
		for _, block := range s.blocks {
			for _, d := range sealed.Definitions(block) {
				row(sealed.Key(d.Block, d.Name), d)
			}
		}
	}
	b.WriteString("\nSources: Reichheld, Darnell & Burns (2021) for the rates and lines of the statement; Fader, Hardie & Ross (2022) for the customer base; returning customers, bounds, coverage and\nreconciliation are our own definitions, in [close.md](close.md).\n")
	return b.String()
}
