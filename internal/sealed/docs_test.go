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

// blockHeads name the statements beside the customer statement.
var blockHeads = map[sealed.Block]string{sealed.Views: "Customer base"}

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
	for _, d := range sealed.Definitions() {
		head := "Rates"
		if block, _, ok := strings.Cut(d.Name, "."); ok {
			head = map[string]string{
				"revenue": "Revenue bridge", "customers": "Customers", "active_revenue": "Revenue of the active", "coverage": "Coverage and reconciliation", "referrals": "Referrals",
			}[block]
		}
		if d.Block != "" {
			head = blockHeads[d.Block]
		}
		if head != section {
			fmt.Fprintf(&b, "\n## %s\n\n| name | on the pages | means | formula | unit |\n| --- | --- | --- | --- | --- |\n", head)
			section = head
		}
		name := "`" + sealed.Key(d.Block, d.Name) + "`"
		if d.Derived {
			name += " (derived)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, d.Label, d.Meaning, d.Formula, d.Unit)
	}
	b.WriteString("\n## Subscriptions\n\nNames within `subscriptions.in_period` and `subscriptions.trailing_year`, and of the block itself; the page of subscriptions opens each on its definition.\n\n| name | on the pages | means | formula | unit |\n| --- | --- | --- | --- | --- |\n")
	for _, d := range sealed.RecurringDefinitions {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", d.Name, d.Label, d.Meaning, d.Formula, d.Unit)
	}
	b.WriteString("\n## Profit and cost to serve\n\nThese stand in the blocks `profit` and `profit_trailing_year` ([profit.md](profit.md)).\n\n| name | on the pages | means | formula | unit |\n| --- | --- | --- | --- | --- |\n")
	for _, d := range sealed.ProfitDefinitions() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", d.Name, d.Label, d.Meaning, d.Formula, d.Unit)
	}
	b.WriteString("\nSources: Reichheld, Darnell & Burns (2021) for the rates and lines of the statement; Fader, Hardie & Ross (2022) for the customer base; returning customers, bounds, coverage and\nreconciliation are our own definitions, in [close.md](close.md).\n")
	return b.String()
}
