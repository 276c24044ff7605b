package sealed

import (
	"slices"
	"strings"
)

// viewDefinitions are the figures of the views of the customer base: the same of both periods, and how they changed.
var viewDefinitions = slices.Concat(
	sliceDefinitions("period", sliceAverages), sliceDefinitions("comparison", sliceAverages),
	changeDefinitions,
	sliceDefinitions("period", sliceParts), sliceDefinitions("comparison", sliceParts),
)

// sliceDefinitions are definitions of the period, told of a window: each names itself and the figures of its working within
// the window.
func sliceDefinitions(window string, of func(window string, within func(formula string) func(*Document, Block) []Term) []Definition) []Definition {
	in := "slices." + window + "."
	out := of(window, func(formula string) func(*Document, Block) []Term {
		return work(strings.ReplaceAll(formula, "{", "{"+in))
	})
	for i := range out {
		d := &out[i]
		d.Name = in + d.Name
		if window == "comparison" {
			d.Label, d.Meaning = d.Label+", before", strings.ReplaceAll(d.Meaning, "the period", "the comparison period")
		}
	}
	return out
}

// sliceAverages are what a window's customers are, on average and in all.
func sliceAverages(window string, within func(string) func(*Document, Block) []Term) []Definition {
	return []Definition{
		{
			Name: "customers", Label: "Active customers", Unit: Customers, Source: auditing, Formula: "r(c, X) > 0",
			Meaning: "Customers whose net revenue in the period was above zero.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Count: s.Customers}, true }),
		},
		{
			Name: "orders", Label: "Orders", Unit: Purchases, Source: auditing, Formula: "the different orders of the active",
			Meaning: "How often the active customers of the period bought.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Count: s.Orders}, s.OrdersRefused == nil }),
		},
		{
			Name: "revenue", Label: "Revenue of the active", Unit: Money, Source: auditing, Formula: "Σ r(c, X) over the active",
			Meaning: "What the active customers of the period spent, net of returns.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Amount: s.Revenue}, true }),
		},
		{
			Name: "orders_per_customer", Label: "Orders per customer", Unit: Multiple, Source: auditing, Formula: "orders ÷ active customers",
			Meaning: "How often an active customer of the period bought, on average.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Figure: s.OrdersPerCustomer}, true }),
			work: within("{orders} ÷ {customers}"),
		},
		{
			Name: "revenue_per_order", Label: "Revenue per order", Unit: Multiple, Source: auditing, Formula: "revenue ÷ orders",
			Meaning: "What an order of the period came to, on average, net of returns.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Figure: s.RevenuePerOrder}, true }),
			work: within("{revenue} ÷ {orders}"),
		},
		{
			Name: "revenue_per_customer", Label: "Revenue per customer", Unit: Multiple, Source: auditing, Formula: "revenue ÷ active customers",
			Meaning: "What an active customer of the period spent, on average.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Figure: s.RevenuePerCustomer}, true }),
			work: within("{revenue} ÷ {customers}"),
		},
		{
			Name: "profit_per_customer", Label: "Gross profit per customer", Unit: Multiple, Source: auditing, Formula: "gross profit ÷ active customers",
			Meaning: "What an active customer of the period earned us, on average, before the cost of serving them.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Figure: s.ProfitPerCustomer}, true }),
			work: within("{profit} ÷ {customers}"),
		},
		{
			Name: "gross_margin", Label: "Gross margin", Unit: Share, Source: auditing, Formula: "gross profit ÷ revenue",
			Meaning: "Gross profit as a share of revenue in the period: by the cost of each line, or by the margins of the settings.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Figure: s.GrossMargin}, true }),
			work: within("{profit} ÷ {revenue}"),
		},
		{
			Name: "one_order_share", Label: "Bought once", Unit: Share, Source: auditing, Formula: "active customers with one order ÷ all",
			Meaning: "The share of the active customers of the period who bought once in it.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Figure: s.OneOrder}, true }),
			work: within("{once} ÷ {customers}"),
		},
		{
			Name: "top_tenth_of_revenue", Label: "The top tenth’s revenue", Unit: Share, Source: auditing, Formula: "revenue of the first decile ÷ all",
			Meaning: "How much of the revenue of the period came from the tenth of customers who spent most.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Figure: s.TopTenth}, true }),
			work: within("{first_tenth_revenue} ÷ {revenue}"),
		},
		{
			Name: "top_tenth_of_profit", Label: "The top tenth’s profit", Unit: Share, Source: auditing, Formula: "gross profit of the first decile ÷ all",
			Meaning: "How much of the gross profit of the period came from the tenth of customers who earned us most.", value: sliced(window, func(s *Slice) (Value, bool) { return Value{Figure: s.TopTenthProfit}, true }),
			work: within("{first_tenth_profit} ÷ {profit}"),
		},
	}
}

// sliceParts are what the averages and shares are made of.
func sliceParts(window string, _ func(string) func(*Document, Block) []Term) []Definition {
	return []Definition{
		{
			Name: "profit", Label: "Gross profit", Unit: Money, Source: ours, Formula: "Σ over lines of revenue − cost, or of revenue × margin",
			Meaning: "What the lines of the active customers of the period earned, by the cost of each or by the margins of the settings.", value: sliced(window, profited),
		},
		{
			Name: "once", Label: "Bought once, customers", Unit: Customers, Source: auditing, Formula: "active customers with one order", Derived: true,
			Meaning: "How many of the active customers of the period bought once in it.", value: sliced(window, once),
		},
		{
			Name: "first_tenth_revenue", Label: "Revenue of the top tenth", Unit: Money, Source: auditing, Formula: "Σ r(c, X) over the first decile by spend", Derived: true,
			Meaning: "What the tenth of the active customers of the period spent who spent most.", value: sliced(window, firstTenth("spend")),
		},
		{
			Name: "first_tenth_profit", Label: "Profit of the top tenth", Unit: Money, Source: auditing, Formula: "Σ gross profit over the first decile by gross profit", Derived: true,
			Meaning: "What the tenth of the active customers of the period earned us who earned us most.", value: sliced(window, firstTenth("profit")),
		},
	}
}

var changeDefinitions = []Definition{
	{
		Name: "changes.customers", Label: "Change in customers", Unit: Share, Source: auditing, Formula: "active customers in P ÷ in Q − 1",
		Meaning: "How many more or fewer customers were active than in the comparison period.", value: changed("customers"),
		work: work("{slices.period.customers} ÷ {slices.comparison.customers} − 1"),
	},
	{
		Name: "changes.orders_per_customer", Label: "Change in orders each", Unit: Share, Source: auditing, Formula: "orders per customer in P ÷ in Q − 1",
		Meaning: "How much more or less often an active customer bought than in the comparison period.", value: changed("orders_per_customer"),
		work: work("{slices.period.orders_per_customer} ÷ {slices.comparison.orders_per_customer} − 1"),
	},
	{
		Name: "changes.revenue_per_order", Label: "Change in an order", Unit: Share, Source: auditing, Formula: "revenue per order in P ÷ in Q − 1",
		Meaning: "How much more or less an order came to than in the comparison period.", value: changed("revenue_per_order"),
		work: work("{slices.period.revenue_per_order} ÷ {slices.comparison.revenue_per_order} − 1"),
	},
	{
		Name: "changes.revenue", Label: "Change in their revenue", Unit: Share, Source: auditing, Formula: "(1 + customers) × (1 + orders each) × (1 + an order) − 1",
		Meaning: "How the revenue of active customers changed: by more or fewer customers, how often they bought, and what an order came to, multiplied.", value: changed("revenue"),
		work: work("{slices.period.revenue} ÷ {slices.comparison.revenue} − 1"),
	},
}

// sliced is a figure of one of the two periods.
func sliced(name string, of func(*Slice) (Value, bool)) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		s := d.Views.Slice(name)
		if s == nil {
			return Value{}, false
		}
		return of(s)
	}
}

func profited(s *Slice) (Value, bool) {
	if s.Profit == nil {
		return Value{}, false
	}
	return Value{Amount: *s.Profit}, true
}

// once counts those with one order.
func once(s *Slice) (Value, bool) {
	by := s.By("orders")
	if by == nil {
		return Value{}, s.Customers == 0 && s.OrdersRefused == nil
	}
	for _, b := range by.Bands {
		if b.Name == "1" {
			return Value{Count: b.Customers}, true
		}
	}
	return Value{}, true
}

func firstTenth(measure string) func(*Slice) (Value, bool) {
	return func(s *Slice) (Value, bool) {
		by := s.By(measure)
		if by == nil || len(by.Deciles) == 0 {
			return Value{}, false
		}
		if measure == "spend" {
			return Value{Amount: by.Deciles[0].Revenue}, true
		}
		if by.Deciles[0].Profit == nil {
			return Value{}, false
		}
		return Value{Amount: *by.Deciles[0].Profit}, true
	}
}

func changed(name string) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		f, ok := d.Views.Changes[name]
		return Value{Figure: f}, ok
	}
}
