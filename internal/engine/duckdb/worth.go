package duckdb

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/money"
)

// noDetail are the columns of a line beyond what it brought to whom.
const noDetail = "CAST(NULL AS DECIMAL(18,6)) AS cost, CAST(NULL AS VARCHAR) AS product, CAST(NULL AS VARCHAR) AS purchase, CAST(NULL AS DECIMAL(18,6)) AS bought"

// purchases gives the columns purchase and bought of a line of orders: lines
// of a customer with the same purchase are one order; where a source is a
// summary, bought is how many orders a line stands for. What comes back is no
// order, unless any line counts.
func (l *Ledger) purchases() string {
	day, sold := "CAST(CAST(ordered_at AS DATE) AS VARCHAR)", "amount > 0"
	if l.anyLine {
		sold = "TRUE" // as published figures count
	}
	key, bought := day, "CAST(NULL AS DECIMAL(18,6))"
	switch {
	case l.from.OrdersCounted == "by quantity" && l.has["orders"]["quantity"]:
		// A summary of returns and sales has a sign that is neither's; its quantity counts.
		key, bought = "CAST(NULL AS VARCHAR)", "CASE WHEN quantity IS NOT NULL THEN greatest(quantity, 0) WHEN "+sold+" THEN 1 END"
	case l.from.OrdersCounted != "by day" && l.has["orders"]["order_id"]:
		key = "coalesce(order_id, chr(31) || " + day + ")" // no order is called by a day that way
	}
	return "CASE WHEN " + sold + " THEN " + key + " END AS purchase, " + bought + " AS bought"
}

// profit is a line's gross profit: what it brought less what it cost, or else
// its share by the margin of its product, of its customer's segment, or of
// all; NULL where none of them is known. By says which of them it is, and the
// last result joins what they read.
func (l *Ledger) profit(unit string) (expression, by, joined string) {
	cases, by := "CASE WHEN x.cost IS NOT NULL THEN CAST(x.amount AS DECIMAL(38,6)) - x.cost", "CASE WHEN x.cost IS NOT NULL THEN 'cost'"
	names := make([]string, 0, len(l.from.Margins))
	for name := range l.from.Margins {
		if name != "default" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	at := func(margin money.Amount) string {
		return fmt.Sprintf("CAST(CAST(x.amount AS DECIMAL(38,6)) * CAST('%s' AS DECIMAL(7,6)) AS DECIMAL(38,6))", margin.Text(6))
	}
	when := func(condition, name string) {
		cases += " WHEN " + condition + " THEN " + at(l.from.Margins[name])
		by += " WHEN " + condition + " THEN " + literal("margin "+name)
	}
	for _, name := range names {
		when("x.product = "+literal(name), name)
	}
	if len(names) > 0 && l.has["customers"]["segment"] {
		joined = " LEFT JOIN origin o ON o.unit = " + unit
		for _, name := range names {
			when("o.segment = "+literal(name), name)
		}
	}
	if all, ok := l.from.Margins["default"]; ok {
		cases += " ELSE " + at(all)
		by += " ELSE 'margin default'"
	}
	return cases + " END", by + " END", joined
}
