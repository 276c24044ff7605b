package sealed

// viewDefinitions are the figures of the views of the customer base.
var viewDefinitions = []Definition{
	{
		Block: Views, Name: "slices.period.customers", Label: "Active customers", Unit: Customers, Source: auditing, Formula: "r(c, X) > 0",
		Meaning: "Customers whose net revenue in the period was above zero.", of: sliced("period", func(s *Slice) Value { return Value{Count: s.Customers} }),
	},
	{
		Block: Views, Name: "slices.period.orders", Label: "Orders", Unit: Purchases, Source: auditing, Formula: "the different orders of the active",
		Meaning: "How often the active customers of the period bought.", of: sliced("period", func(s *Slice) Value { return Value{Count: s.Orders} }),
	},
	{
		Block: Views, Name: "slices.period.revenue", Label: "Revenue of the active", Unit: Money, Source: auditing, Formula: "Σ r(c, X) over the active",
		Meaning: "What the active customers of the period spent, net of returns.", of: sliced("period", func(s *Slice) Value { return Value{Amount: s.Revenue} }),
	},
	{
		Block: Views, Name: "slices.period.orders_per_customer", Label: "Orders per customer", Unit: Multiple, Source: auditing, Formula: "orders ÷ active customers",
		Meaning: "How often an active customer of the period bought, on average.", of: sliced("period", func(s *Slice) Value { return Value{Figure: s.OrdersPerCustomer} }),
	},
	{
		Block: Views, Name: "slices.period.revenue_per_order", Label: "Revenue per order", Unit: Multiple, Source: auditing, Formula: "revenue ÷ orders",
		Meaning: "What an order of the period came to, on average, net of returns.", of: sliced("period", func(s *Slice) Value { return Value{Figure: s.RevenuePerOrder} }),
	},
	{
		Block: Views, Name: "slices.period.revenue_per_customer", Label: "Revenue per customer", Unit: Multiple, Source: auditing, Formula: "revenue ÷ active customers",
		Meaning: "What an active customer of the period spent, on average.", of: sliced("period", func(s *Slice) Value { return Value{Figure: s.RevenuePerCustomer} }),
	},
	{
		Block: Views, Name: "slices.period.profit_per_customer", Label: "Gross profit per customer", Unit: Multiple, Source: auditing, Formula: "gross profit ÷ active customers",
		Meaning: "What an active customer of the period earned us, on average, before the cost of serving them.", of: sliced("period", func(s *Slice) Value { return Value{Figure: s.ProfitPerCustomer} }),
	},
	{
		Block: Views, Name: "slices.period.gross_margin", Label: "Gross margin", Unit: Share, Source: auditing, Formula: "gross profit ÷ revenue",
		Meaning: "Gross profit as a share of revenue in the period: by the cost of each line, or by the margins of the settings.", of: sliced("period", func(s *Slice) Value { return Value{Figure: s.GrossMargin} }),
	},
	{
		Block: Views, Name: "slices.period.one_order_share", Label: "Bought once", Unit: Share, Source: auditing, Formula: "active customers with one order ÷ all",
		Meaning: "The share of the active customers of the period who bought once in it.", of: sliced("period", func(s *Slice) Value { return Value{Figure: s.OneOrder} }),
	},
	{
		Block: Views, Name: "slices.period.top_tenth_of_revenue", Label: "The top tenth’s revenue", Unit: Share, Source: auditing, Formula: "revenue of the first decile ÷ all",
		Meaning: "How much of the revenue of the period came from the tenth of customers who spent most.", of: sliced("period", func(s *Slice) Value { return Value{Figure: s.TopTenth} }),
	},
	{
		Block: Views, Name: "slices.period.top_tenth_of_profit", Label: "The top tenth’s profit", Unit: Share, Source: auditing, Formula: "gross profit of the first decile ÷ all",
		Meaning: "How much of the gross profit of the period came from the tenth of customers who earned us most.", of: sliced("period", func(s *Slice) Value { return Value{Figure: s.TopTenthProfit} }),
	},
	{
		Block: Views, Name: "slices.comparison.customers", Label: "Active customers, before", Unit: Customers, Source: auditing, Formula: "r(c, X) > 0",
		Meaning: "Customers whose net revenue in the comparison period was above zero.", of: sliced("comparison", func(s *Slice) Value { return Value{Count: s.Customers} }),
	},
	{
		Block: Views, Name: "slices.comparison.orders", Label: "Orders, before", Unit: Purchases, Source: auditing, Formula: "the different orders of the active",
		Meaning: "How often the active customers of the comparison period bought.", of: sliced("comparison", func(s *Slice) Value { return Value{Count: s.Orders} }),
	},
	{
		Block: Views, Name: "slices.comparison.revenue", Label: "Revenue of the active, before", Unit: Money, Source: auditing, Formula: "Σ r(c, X) over the active",
		Meaning: "What the active customers of the comparison period spent, net of returns.", of: sliced("comparison", func(s *Slice) Value { return Value{Amount: s.Revenue} }),
	},
	{
		Block: Views, Name: "slices.comparison.orders_per_customer", Label: "Orders per customer, before", Unit: Multiple, Source: auditing, Formula: "orders ÷ active customers",
		Meaning: "How often an active customer of the comparison period bought, on average.", of: sliced("comparison", func(s *Slice) Value { return Value{Figure: s.OrdersPerCustomer} }),
	},
	{
		Block: Views, Name: "slices.comparison.revenue_per_order", Label: "Revenue per order, before", Unit: Multiple, Source: auditing, Formula: "revenue ÷ orders",
		Meaning: "What an order of the comparison period came to, on average, net of returns.", of: sliced("comparison", func(s *Slice) Value { return Value{Figure: s.RevenuePerOrder} }),
	},
	{
		Block: Views, Name: "slices.comparison.revenue_per_customer", Label: "Revenue per customer, before", Unit: Multiple, Source: auditing, Formula: "revenue ÷ active customers",
		Meaning: "What an active customer of the comparison period spent, on average.", of: sliced("comparison", func(s *Slice) Value { return Value{Figure: s.RevenuePerCustomer} }),
	},
	{
		Block: Views, Name: "slices.comparison.profit_per_customer", Label: "Gross profit per customer, before", Unit: Multiple, Source: auditing, Formula: "gross profit ÷ active customers",
		Meaning: "What an active customer of the comparison period earned us, on average, before the cost of serving them.", of: sliced("comparison", func(s *Slice) Value { return Value{Figure: s.ProfitPerCustomer} }),
	},
	{
		Block: Views, Name: "slices.comparison.gross_margin", Label: "Gross margin, before", Unit: Share, Source: auditing, Formula: "gross profit ÷ revenue",
		Meaning: "Gross profit as a share of revenue in the comparison period: by the cost of each line, or by the margins of the settings.", of: sliced("comparison", func(s *Slice) Value { return Value{Figure: s.GrossMargin} }),
	},
	{
		Block: Views, Name: "slices.comparison.one_order_share", Label: "Bought once, before", Unit: Share, Source: auditing, Formula: "active customers with one order ÷ all",
		Meaning: "The share of the active customers of the comparison period who bought once in it.", of: sliced("comparison", func(s *Slice) Value { return Value{Figure: s.OneOrder} }),
	},
	{
		Block: Views, Name: "slices.comparison.top_tenth_of_revenue", Label: "The top tenth’s revenue, before", Unit: Share, Source: auditing, Formula: "revenue of the first decile ÷ all",
		Meaning: "How much of the revenue of the comparison period came from the tenth of customers who spent most.", of: sliced("comparison", func(s *Slice) Value { return Value{Figure: s.TopTenth} }),
	},
	{
		Block: Views, Name: "slices.comparison.top_tenth_of_profit", Label: "The top tenth’s profit, before", Unit: Share, Source: auditing, Formula: "gross profit of the first decile ÷ all",
		Meaning: "How much of the gross profit of the comparison period came from the tenth of customers who earned us most.", of: sliced("comparison", func(s *Slice) Value { return Value{Figure: s.TopTenthProfit} }),
	},
	{
		Block: Views, Name: "changes.customers", Label: "Change in customers", Unit: Share, Source: auditing, Formula: "active customers in P ÷ in Q − 1",
		Meaning: "How many more or fewer customers were active than in the comparison period.", of: changed("customers"),
	},
	{
		Block: Views, Name: "changes.orders_per_customer", Label: "Change in orders each", Unit: Share, Source: auditing, Formula: "orders per customer in P ÷ in Q − 1",
		Meaning: "How much more or less often an active customer bought than in the comparison period.", of: changed("orders_per_customer"),
	},
	{
		Block: Views, Name: "changes.revenue_per_order", Label: "Change in an order", Unit: Share, Source: auditing, Formula: "revenue per order in P ÷ in Q − 1",
		Meaning: "How much more or less an order came to than in the comparison period.", of: changed("revenue_per_order"),
	},
	{
		Block: Views, Name: "changes.revenue", Label: "Change in their revenue", Unit: Share, Source: auditing, Formula: "(1 + customers) × (1 + orders each) × (1 + an order) − 1",
		Meaning: "How the revenue of active customers changed: by more or fewer customers, how often they bought, and what an order came to, multiplied.", of: changed("revenue"),
	},
}

// sliced is a figure of one of the two periods.
func sliced(name string, of func(*Slice) Value) func(*Document) (Value, bool) {
	return func(d *Document) (Value, bool) {
		s := d.Views.Slice(name)
		if s == nil {
			return Value{}, false
		}
		v := of(s)
		return v, v.Figure.Err() == nil || v.Figure == (Value{}.Figure)
	}
}

func changed(name string) func(*Document) (Value, bool) {
	return func(d *Document) (Value, bool) {
		if !d.Views.Open() {
			return Value{}, false
		}
		f, ok := d.Views.Changes[name]
		return Value{Figure: f}, ok
	}
}
