package sealed

// viewDefinitions are the figures of the views of the customer base.
var viewDefinitions = []Definition{
	{
		Block: Views, Name: "slices.period.customers", Label: "Active customers", Unit: Customers, Source: auditing, Formula: "r(c, X) > 0",
		Meaning: "Customers whose net revenue in the period was above zero.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Count: s.Customers}, true }),
	},
	{
		Block: Views, Name: "slices.period.orders", Label: "Orders", Unit: Purchases, Source: auditing, Formula: "the different orders of the active",
		Meaning: "How often the active customers of the period bought.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Count: s.Orders}, true }),
	},
	{
		Block: Views, Name: "slices.period.revenue", Label: "Revenue of the active", Unit: Money, Source: auditing, Formula: "Σ r(c, X) over the active",
		Meaning: "What the active customers of the period spent, net of returns.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Amount: s.Revenue}, true }),
	},
	{
		Block: Views, Name: "slices.period.orders_per_customer", Label: "Orders per customer", Unit: Multiple, Source: auditing, Formula: "orders ÷ active customers",
		Meaning: "How often an active customer of the period bought, on average.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Figure: s.OrdersPerCustomer}, true }),
		show: workIn(Views, "{slices.period.orders} ÷ {slices.period.customers}"),
	},
	{
		Block: Views, Name: "slices.period.revenue_per_order", Label: "Revenue per order", Unit: Multiple, Source: auditing, Formula: "revenue ÷ orders",
		Meaning: "What an order of the period came to, on average, net of returns.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Figure: s.RevenuePerOrder}, true }),
		show: workIn(Views, "{slices.period.revenue} ÷ {slices.period.orders}"),
	},
	{
		Block: Views, Name: "slices.period.revenue_per_customer", Label: "Revenue per customer", Unit: Multiple, Source: auditing, Formula: "revenue ÷ active customers",
		Meaning: "What an active customer of the period spent, on average.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Figure: s.RevenuePerCustomer}, true }),
		show: workIn(Views, "{slices.period.revenue} ÷ {slices.period.customers}"),
	},
	{
		Block: Views, Name: "slices.period.profit_per_customer", Label: "Gross profit per customer", Unit: Multiple, Source: auditing, Formula: "gross profit ÷ active customers",
		Meaning: "What an active customer of the period earned us, on average, before the cost of serving them.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Figure: s.ProfitPerCustomer}, true }),
		show: workIn(Views, "{slices.period.profit} ÷ {slices.period.customers}"),
	},
	{
		Block: Views, Name: "slices.period.gross_margin", Label: "Gross margin", Unit: Share, Source: auditing, Formula: "gross profit ÷ revenue",
		Meaning: "Gross profit as a share of revenue in the period: by the cost of each line, or by the margins of the settings.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Figure: s.GrossMargin}, true }),
		show: workIn(Views, "{slices.period.profit} ÷ {slices.period.revenue}"),
	},
	{
		Block: Views, Name: "slices.period.one_order_share", Label: "Bought once", Unit: Share, Source: auditing, Formula: "active customers with one order ÷ all",
		Meaning: "The share of the active customers of the period who bought once in it.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Figure: s.OneOrder}, true }),
		show: workIn(Views, "{slices.period.once} ÷ {slices.period.customers}"),
	},
	{
		Block: Views, Name: "slices.period.top_tenth_of_revenue", Label: "The top tenth’s revenue", Unit: Share, Source: auditing, Formula: "revenue of the first decile ÷ all",
		Meaning: "How much of the revenue of the period came from the tenth of customers who spent most.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Figure: s.TopTenth}, true }),
		show: workIn(Views, "{slices.period.first_tenth_revenue} ÷ {slices.period.revenue}"),
	},
	{
		Block: Views, Name: "slices.period.top_tenth_of_profit", Label: "The top tenth’s profit", Unit: Share, Source: auditing, Formula: "gross profit of the first decile ÷ all",
		Meaning: "How much of the gross profit of the period came from the tenth of customers who earned us most.", of: sliced("period", func(s *Slice) (Value, bool) { return Value{Figure: s.TopTenthProfit}, true }),
		show: workIn(Views, "{slices.period.first_tenth_profit} ÷ {slices.period.profit}"),
	},
	{
		Block: Views, Name: "slices.comparison.customers", Label: "Active customers, before", Unit: Customers, Source: auditing, Formula: "r(c, X) > 0",
		Meaning: "Customers whose net revenue in the comparison period was above zero.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Count: s.Customers}, true }),
	},
	{
		Block: Views, Name: "slices.comparison.orders", Label: "Orders, before", Unit: Purchases, Source: auditing, Formula: "the different orders of the active",
		Meaning: "How often the active customers of the comparison period bought.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Count: s.Orders}, true }),
	},
	{
		Block: Views, Name: "slices.comparison.revenue", Label: "Revenue of the active, before", Unit: Money, Source: auditing, Formula: "Σ r(c, X) over the active",
		Meaning: "What the active customers of the comparison period spent, net of returns.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Amount: s.Revenue}, true }),
	},
	{
		Block: Views, Name: "slices.comparison.orders_per_customer", Label: "Orders per customer, before", Unit: Multiple, Source: auditing, Formula: "orders ÷ active customers",
		Meaning: "How often an active customer of the comparison period bought, on average.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Figure: s.OrdersPerCustomer}, true }),
		show: workIn(Views, "{slices.comparison.orders} ÷ {slices.comparison.customers}"),
	},
	{
		Block: Views, Name: "slices.comparison.revenue_per_order", Label: "Revenue per order, before", Unit: Multiple, Source: auditing, Formula: "revenue ÷ orders",
		Meaning: "What an order of the comparison period came to, on average, net of returns.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Figure: s.RevenuePerOrder}, true }),
		show: workIn(Views, "{slices.comparison.revenue} ÷ {slices.comparison.orders}"),
	},
	{
		Block: Views, Name: "slices.comparison.revenue_per_customer", Label: "Revenue per customer, before", Unit: Multiple, Source: auditing, Formula: "revenue ÷ active customers",
		Meaning: "What an active customer of the comparison period spent, on average.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Figure: s.RevenuePerCustomer}, true }),
		show: workIn(Views, "{slices.comparison.revenue} ÷ {slices.comparison.customers}"),
	},
	{
		Block: Views, Name: "slices.comparison.profit_per_customer", Label: "Gross profit per customer, before", Unit: Multiple, Source: auditing, Formula: "gross profit ÷ active customers",
		Meaning: "What an active customer of the comparison period earned us, on average, before the cost of serving them.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Figure: s.ProfitPerCustomer}, true }),
		show: workIn(Views, "{slices.comparison.profit} ÷ {slices.comparison.customers}"),
	},
	{
		Block: Views, Name: "slices.comparison.gross_margin", Label: "Gross margin, before", Unit: Share, Source: auditing, Formula: "gross profit ÷ revenue",
		Meaning: "Gross profit as a share of revenue in the comparison period: by the cost of each line, or by the margins of the settings.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Figure: s.GrossMargin}, true }),
		show: workIn(Views, "{slices.comparison.profit} ÷ {slices.comparison.revenue}"),
	},
	{
		Block: Views, Name: "slices.comparison.one_order_share", Label: "Bought once, before", Unit: Share, Source: auditing, Formula: "active customers with one order ÷ all",
		Meaning: "The share of the active customers of the comparison period who bought once in it.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Figure: s.OneOrder}, true }),
		show: workIn(Views, "{slices.comparison.once} ÷ {slices.comparison.customers}"),
	},
	{
		Block: Views, Name: "slices.comparison.top_tenth_of_revenue", Label: "The top tenth’s revenue, before", Unit: Share, Source: auditing, Formula: "revenue of the first decile ÷ all",
		Meaning: "How much of the revenue of the comparison period came from the tenth of customers who spent most.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Figure: s.TopTenth}, true }),
		show: workIn(Views, "{slices.comparison.first_tenth_revenue} ÷ {slices.comparison.revenue}"),
	},
	{
		Block: Views, Name: "slices.comparison.top_tenth_of_profit", Label: "The top tenth’s profit, before", Unit: Share, Source: auditing, Formula: "gross profit of the first decile ÷ all",
		Meaning: "How much of the gross profit of the comparison period came from the tenth of customers who earned us most.", of: sliced("comparison", func(s *Slice) (Value, bool) { return Value{Figure: s.TopTenthProfit}, true }),
		show: workIn(Views, "{slices.comparison.first_tenth_profit} ÷ {slices.comparison.profit}"),
	},
	{
		Block: Views, Name: "changes.customers", Label: "Change in customers", Unit: Share, Source: auditing, Formula: "active customers in P ÷ in Q − 1",
		Meaning: "How many more or fewer customers were active than in the comparison period.", of: changed("customers"),
		show: workIn(Views, "{slices.period.customers} ÷ {slices.comparison.customers} − 1"),
	},
	{
		Block: Views, Name: "changes.orders_per_customer", Label: "Change in orders each", Unit: Share, Source: auditing, Formula: "orders per customer in P ÷ in Q − 1",
		Meaning: "How much more or less often an active customer bought than in the comparison period.", of: changed("orders_per_customer"),
		show: workIn(Views, "{slices.period.orders_per_customer} ÷ {slices.comparison.orders_per_customer} − 1"),
	},
	{
		Block: Views, Name: "changes.revenue_per_order", Label: "Change in an order", Unit: Share, Source: auditing, Formula: "revenue per order in P ÷ in Q − 1",
		Meaning: "How much more or less an order came to than in the comparison period.", of: changed("revenue_per_order"),
		show: workIn(Views, "{slices.period.revenue_per_order} ÷ {slices.comparison.revenue_per_order} − 1"),
	},
	{
		Block: Views, Name: "changes.revenue", Label: "Change in their revenue", Unit: Share, Source: auditing, Formula: "(1 + customers) × (1 + orders each) × (1 + an order) − 1",
		Meaning: "How the revenue of active customers changed: by more or fewer customers, how often they bought, and what an order came to, multiplied.", of: changed("revenue"),
		show: workIn(Views, "{slices.period.revenue} ÷ {slices.comparison.revenue} − 1"),
	},
	{
		Block: Views, Name: "slices.period.profit", Label: "Gross profit", Unit: Money, Source: ours, Formula: "Σ over lines of revenue − cost, or of revenue × margin",
		Meaning: "What the lines of the active customers of the period earned, by the cost of each or by the margins of the settings.", of: sliced("period", profited),
	},
	{
		Block: Views, Name: "slices.period.once", Label: "Bought once, customers", Unit: Customers, Source: auditing, Formula: "active customers with one order", Derived: true,
		Meaning: "How many of the active customers of the period bought once in it.", of: sliced("period", once),
	},
	{
		Block: Views, Name: "slices.period.first_tenth_revenue", Label: "Revenue of the top tenth", Unit: Money, Source: auditing, Formula: "Σ r(c, X) over the first decile by spend", Derived: true,
		Meaning: "What the tenth of the active customers of the period spent who spent most.", of: sliced("period", firstTenth("spend")),
	},
	{
		Block: Views, Name: "slices.period.first_tenth_profit", Label: "Profit of the top tenth", Unit: Money, Source: auditing, Formula: "Σ gross profit over the first decile by gross profit", Derived: true,
		Meaning: "What the tenth of the active customers of the period earned us who earned us most.", of: sliced("period", firstTenth("profit")),
	},
	{
		Block: Views, Name: "slices.comparison.profit", Label: "Gross profit, before", Unit: Money, Source: ours, Formula: "Σ over lines of revenue − cost, or of revenue × margin",
		Meaning: "What the lines of the active customers of the comparison period earned, by the cost of each or by the margins of the settings.", of: sliced("comparison", profited),
	},
	{
		Block: Views, Name: "slices.comparison.once", Label: "Bought once, customers, before", Unit: Customers, Source: auditing, Formula: "active customers with one order", Derived: true,
		Meaning: "How many of the active customers of the comparison period bought once in it.", of: sliced("comparison", once),
	},
	{
		Block: Views, Name: "slices.comparison.first_tenth_revenue", Label: "Revenue of the top tenth, before", Unit: Money, Source: auditing, Formula: "Σ r(c, X) over the first decile by spend", Derived: true,
		Meaning: "What the tenth of the active customers of the comparison period spent who spent most.", of: sliced("comparison", firstTenth("spend")),
	},
	{
		Block: Views, Name: "slices.comparison.first_tenth_profit", Label: "Profit of the top tenth, before", Unit: Money, Source: auditing, Formula: "Σ gross profit over the first decile by gross profit", Derived: true,
		Meaning: "What the tenth of the active customers of the comparison period earned us who earned us most.", of: sliced("comparison", firstTenth("profit")),
	},
}

// sliced is a figure of one of the two periods.
func sliced(name string, of func(*Slice) (Value, bool)) func(*Document) (Value, bool) {
	return func(d *Document) (Value, bool) {
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
		return Value{}, s.Customers == 0
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

func changed(name string) func(*Document) (Value, bool) {
	return func(d *Document) (Value, bool) {
		if !d.Views.Open() {
			return Value{}, false
		}
		f, ok := d.Views.Changes[name]
		return Value{Figure: f}, ok
	}
}
