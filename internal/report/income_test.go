package report_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/money"
)

// The sums that an accountant would make over the rows of the golden statement: each line of its accounts, both results of the lines, and the
// difference of the assets.
func TestBothIncomeStatementsAddUp(t *testing.T) {
	_, rows := table(t, sealed(t, "income"))
	accounts, lines := map[string]money.Amount{}, map[string]money.Amount{}
	sums := map[string]money.Amount{}
	for _, r := range rows {
		if r["statement"] != "income_statement" || r["kind"] == "refused" {
			continue
		}
		if a, err := money.Parse(r["value"]); err == nil {
			lines[r["line"]] = a
			part := strings.Split(r["line"], ".")
			switch {
			case part[0] != "lines":
			case part[2] == "accounts":
				accounts[part[1]] = accounts[part[1]].Add(a)
			default:
				sums[part[2]] = sums[part[2]].Add(a)
			}
		}
	}
	for view, sum := range sums {
		if !sum.Equal(lines["result."+view]) {
			t.Errorf("%s: the lines come to %s, the result is %s", view, sum, lines["result."+view])
		}
	}
	for line, sum := range accounts {
		if got := lines["lines."+line+".as_reported"]; !got.Equal(sum) {
			t.Errorf("%s: the accounts come to %s, the line is %s", line, sum, got)
		}
	}
	change := money.Sum(lines["training.closing"], lines["training.opening"].Neg(), lines["customers.roll_forward.closing"], lines["customers.roll_forward.opening"].Neg())
	if len(sums) != 3 || len(accounts) != 8 || !change.Equal(lines["result.difference"]) {
		t.Errorf("%d views, %d lines with accounts; the assets changed by %s, the views differ by %s", len(sums), len(accounts), change, lines["result.difference"])
	}
}
