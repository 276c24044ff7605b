package main

import (
	"regexp"
	"strings"
	"testing"
)

// books of one table of orders; more is added below it.
func ordersOnly(settings, more string) string {
	return "company: Shop\nsettings: {currency: EUR" + settings + "}\nbooks:\n  orders:\n    from: o.csv\n    columns: {customer_id: c, ordered_at: d, amount: a, quantity: q}\n" + more
}

// Amounts may be as large as a book holds, also where a margin or a tax is
// taken of them: 0.4 of 999,999,999,999 is 399,999,999,999.6, and
// 1,100,000 ÷ 1.19 is 924,369.7479, in cents 924,369.75.
func TestLargeAmountsHaveTheirMarginAndTheirTax(t *testing.T) {
	c := newCompany(t, ordersOnly(", margin: {default: 0.4}", ""), map[string]string{"o.csv": "c,d,a,q\nA,2023-02-01,3000000,1\nA,2024-02-01,999999999999,1\nB,2024-02-01,-999999999999,1\n"})
	out := c.done("close", "--period", "2024", "--json")
	if !strings.Contains(out, `"profit": "399999999999.60"`) {
		t.Error("the profit of the largest amount is not told")
	}
	c = newCompany(t, strings.Replace(ordersOnly("", ""), "from: o.csv", "from: o.csv\n    tax: {included: 0.19}", 1), map[string]string{"o.csv": "c,d,a,q\nA,2023-02-01,5,1\nA,2024-01-05,1100000,1\n"})
	if out := c.done("close", "--period", "2024", "--json"); !strings.Contains(out, `"current": "924369.75"`) {
		t.Error("the net of a large amount is not told")
	}
}

// A quantity that is no number of orders cannot count them.
func TestOrdersByQuantityNeedWholeNumbers(t *testing.T) {
	for _, q := range []string{"0.4", "-3"} {
		c := newCompany(t, ordersOnly(", orders_counted: by quantity", ""), map[string]string{"o.csv": "c,d,a,q\nA,2023-02-01,5,1\nA,2024-02-01,5," + q + "\n"})
		if said := c.refused("close", "--period", "2024"); !strings.Contains(said, "whole numbers") || !strings.Contains(said, q) {
			t.Errorf("quantity %s: %s", q, said)
		}
	}
}

// A book whose rows are all of later years says nothing of an earlier seal, and
// asks for no restatement.
func TestALaterYearsBookLeavesTheSeal(t *testing.T) {
	c := newCompany(t, ordersOnly("", ""), map[string]string{"o.csv": "c,d,a,q\nA,2023-02-01,5,1\nA,2024-02-01,5,1\n"})
	first := c.done("close", "--period", "2024", "--json")
	more := ""
	for _, book := range []struct{ name, file, text, columns string }{
		{"costs", "costs.csv", "p,d,k,a\n2025,x,other,10\n", "period: p, department: d, kind: k, amount: a"},
		{"controls", "controls.csv", "p,acc,a\n2025,4000,10\n", "period: p, account: acc, amount: a"},
		{"subscriptions", "subs.csv", "i,c,s,m\nS,A,2025-02-01,9\n", "subscription_id: i, customer_id: c, started_on: s, monthly_amount: m"},
	} {
		more += "  " + book.name + ":\n    from: " + book.file + "\n    columns: {" + book.columns + "}\n"
		c.write(book.file, book.text)
		c.write("books.yaml", ordersOnly("", more))
		if again := c.done("close", "--period", "2024", "--json"); again != first {
			t.Errorf("with %s the seal does not stand", book.name)
		}
	}
	// What is a cost of the year itself is a figure that was not there.
	c.write("costs.csv", "p,d,k,a\n2025,x,other,10\n2024,x,serve,7\n")
	if said := c.refused("close", "--period", "2024"); !strings.Contains(said, "--restate") {
		t.Error(said)
	}
}

// Where revenue is made of orders and subscriptions, orders explain a part of
// it alone.
func TestOrderAveragesAreRefusedForMixedRevenue(t *testing.T) {
	c := newCompany(t, strings.Replace(ordersOnly(", statement_basis: both", "  subscriptions:\n    from: s.csv\n    columns: {subscription_id: i, customer_id: c, started_on: s, monthly_amount: m, plan: p}\n"), "quantity: q", "quantity: q, product: p", 1),
		map[string]string{"o.csv": "c,d,a,q,p\nA,2023-02-01,5,1,x\nA,2024-02-01,5,1,x\n", "s.csv": "i,c,s,m,p\nS,B,2023-01-01,100,gold\n"})
	out := c.done("close", "--period", "2024", "--json")
	if n := strings.Count(out, "orders do not explain it"); n < 6 {
		t.Errorf("%d of the six averages of orders are refused", n)
	}
	if n := strings.Count(out, `"orders_refused"`); n != 2 || regexp.MustCompile(`"orders": (\d|\[\s*\d)`).MatchString(out) {
		t.Errorf("orders are told beside %d refusals of them", n)
	}
	if said := c.done("statement", "customer", "--period", "2024"); !regexp.MustCompile(`\nOrders +refused +refused\n`).MatchString(said) {
		t.Errorf("the text does not refuse orders:\n%s", said)
	}
	rows := c.done("statement", "customer", "--period", "2024", "--format", "csv")
	if strings.Contains(rows, ".orders,") && !strings.Contains(rows, "slices.period.orders,2024-01-01..2025-01-01,,,,refused") || regexp.MustCompile(`\.orders,[^,]*,\d`).MatchString(rows) {
		t.Errorf("the rows tell orders:\n%s", rows)
	}
}
