package sealed

import "github.com/throughline/throughline/internal/engine"

// bridgeDefinitions are the lines from one period's revenue to the other's, in the order in which the pages show them.
var bridgeDefinitions = []Definition{
	{
		Name: "revenue.prior", Label: "Revenue of the comparison period", Unit: Money, Source: winning, Behind: engine.Prior, Formula: "R0 = Σ r over all customers in Q",
		Meaning: "Net revenue of all identified customers in the comparison period.", value: revenue("prior"),
	},
	{
		Name: "revenue.lost", Label: "Lost with customers who left", Unit: Money, Source: winning, Behind: engine.Lost, Taken: true, Formula: "Σ r(c, Q) over the lost",
		Meaning: "What customers who left had spent in the comparison period.", value: revenue("lost"),
	},
	{
		Name: "revenue.contraction", Label: "Bought less", Unit: Money, Source: winning, Behind: engine.Contraction, Taken: true, Formula: "Σ max(r(c, Q) − r(c, P), 0) over the retained",
		Meaning: "By how much customers who stayed spent less than in the comparison period.", value: revenue("contraction"),
	},
	{
		Name: "revenue.expansion", Label: "Bought more", Unit: Money, Source: winning, Behind: engine.Expansion, Formula: "Σ max(r(c, P) − r(c, Q), 0) over the retained",
		Meaning: "By how much customers who stayed spent more than in the comparison period.", value: revenue("expansion"),
	},
	{
		Name: "revenue.returning", Label: "Returned", Unit: Money, Source: ours, Behind: engine.Returning, Formula: "Σ r(c, P) over the returning",
		Meaning: "What customers spent who had bought before, were away in the comparison period and came back.", value: revenue("returning"),
	},
	{
		Name: "revenue.new_earned", Label: "New, by word of mouth", Unit: Money, Source: winning, Behind: engine.NewEarned, Formula: "Σ r(c, P) over the new, earned",
		Meaning: "What new customers spent who came by referral or reputation.", value: revenue("new_earned"),
	},
	{
		Name: "revenue.new_unattributed", Label: "New, nobody asked", Unit: Money, Source: winning, Behind: engine.NewUnattributed, Formula: "Σ r(c, P) over the new, unattributed",
		Meaning: "What new customers spent whose origin nobody knows.", value: revenue("new_unattributed"),
	},
	{
		Name: "revenue.new_bought", Label: "New, by promotion or sales", Unit: Money, Source: winning, Behind: engine.NewBought, Formula: "Σ r(c, P) over the new, bought",
		Meaning: "What new customers spent who came by paid promotion, sales or a partner.", value: revenue("new_bought"),
	},
	{
		Name: "revenue.other", Label: "Other: net of returns", Unit: Money, Source: ours, Behind: engine.Other, Formula: "other = (R1 − A1) − (R0 − A0)",
		Meaning: "Net revenue of customers while they were not active, mostly returns of what was bought before, in this period less the comparison period.", value: revenue("other"),
		work: work("( {revenue.current} − {active_revenue.current} ) − ( {revenue.prior} − {active_revenue.prior} )"),
	},
	{
		Name: "revenue.current", Label: "Revenue of the period", Unit: Money, Source: winning, Behind: engine.Current,
		Formula: "R0 − lost − contraction + expansion + returning + new earned + new bought + new unattributed + other = R1",
		Meaning: "Net revenue of all identified customers in this period. Every unit of the change belongs to one line.", value: revenue("current"),
		work: work("{revenue.prior} − {revenue.lost} − {revenue.contraction} + {revenue.expansion} + {revenue.returning} + {revenue.new_earned} + {revenue.new_bought} + {revenue.new_unattributed} + {revenue.other}"),
	},
	{
		Name: "revenue.exchange", Label: "Memo: exchange, not in the sum", Unit: Money, Source: ours, Formula: "R1 less R1 at Q's average rates",
		Meaning: "How much of this period's revenue is only that rates of exchange moved. It is no line of the bridge.", value: revenue("exchange"),
	},
}

// customerDefinitions are the roll-forward.
var customerDefinitions = []Definition{
	{
		Name: "customers.opening", Label: "Active in the comparison period", Unit: Customers, Source: winning, Behind: engine.Opening, Formula: "r(c, Q) > 0",
		Meaning: "Customers whose net revenue in the comparison period was above zero.", value: customers("opening"), work: work("{customers.lost} + {customers.retained}"),
	},
	{
		Name: "customers.lost", Label: "Left", Unit: Customers, Source: winning, Behind: engine.Lost, Taken: true, Formula: "active in Q, not in P",
		Meaning: "Customers who were active in the comparison period and are not in this one. Some will return; a later statement shows how many did.", value: customers("lost"),
	},
	{
		Name: "customers.retained", Label: "Stayed", Unit: Customers, Source: winning, Behind: engine.Retained, Formula: "active in both",
		Meaning: "Customers who were active in both periods.", value: customers("retained"), work: work("{customers.opening} − {customers.lost}"),
	},
	{
		Name: "customers.returning", Label: "Returned", Unit: Customers, Source: ours, Behind: engine.Returning, Formula: "active in P, not in Q, and not new",
		Meaning: "Customers who had bought before, were away in the comparison period and came back.", value: customers("returning"),
	},
	{
		Name: "customers.new_earned", Label: "New, by word of mouth", Unit: Customers, Source: winning, Behind: engine.NewEarned, Formula: "active in P, not in Q, and first(c) is not before Q's end; earned",
		Meaning: "New customers who came by referral or reputation.", value: customers("new_earned"),
	},
	{
		Name: "customers.new_unattributed", Label: "New, nobody asked", Unit: Customers, Source: winning, Behind: engine.NewUnattributed,
		Formula: "active in P, not in Q, and first(c) is not before Q's end; unattributed",
		Meaning: "New customers whose origin nobody knows: they were not asked, or did not say.", value: customers("new_unattributed"),
	},
	{
		Name: "customers.new_bought", Label: "New, by promotion or sales", Unit: Customers, Source: winning, Behind: engine.NewBought,
		Formula: "active in P, not in Q, and first(c) is not before Q's end; bought",
		Meaning: "New customers who came by paid promotion, sales or a partner.", value: customers("new_bought"),
	},
	{
		Name: "customers.new", Label: "New", Unit: Customers, Source: winning, Behind: engine.NewCustomers, Derived: true, Formula: "active in P, not in Q, and first(c) is not before Q's end",
		Meaning: "Customers of this period who first bought after the comparison period.", value: sum("customers.new_earned", "customers.new_bought", "customers.new_unattributed"),
		work: work("{customers.new_earned} + {customers.new_bought} + {customers.new_unattributed}"),
	},
	{
		Name: "customers.came", Label: "Came", Unit: Customers, Source: ours, Derived: true, Formula: "new + returning",
		Meaning: "Customers who are active in this period and were not in the comparison period: the new ones and those who returned.",
		value:   sum("customers.returning", "customers.new_earned", "customers.new_bought", "customers.new_unattributed"),
		work:    work("{customers.returning} + {customers.new_earned} + {customers.new_bought} + {customers.new_unattributed}"),
	},
	{
		Name: "customers.closing", Label: "Active in the period", Unit: Customers, Source: winning, Behind: engine.Closing, Formula: "opening − lost + returning + new = closing",
		Meaning: "Customers whose net revenue in this period is above zero.", value: customers("closing"),
		work: work("{customers.opening} − {customers.lost} + {customers.returning} + {customers.new_earned} + {customers.new_bought} + {customers.new_unattributed}"),
	},
	{
		Name: "customers.new_since_comparison", Label: "Of the new, first bought between the two periods", Unit: Customers, Source: ours, Behind: engine.NewSince,
		Formula: "of the new, those who first bought between Q's end and P's start",
		Meaning: "New customers whose first purchase came after the comparison period and before this one.", value: customers("new_since_comparison"),
	},
}

var activeDefinitions = []Definition{
	{
		Name: "active_revenue.prior", Label: "Revenue then of those active then", Unit: Money, Source: winning, Behind: engine.Opening, Formula: "A0 = Σ r(c, Q) over those active in Q",
		Meaning: "Net revenue in the comparison period of the customers who were active in it. The rates are shares of it.", value: active("prior"),
	},
	{
		Name: "active_revenue.current", Label: "Revenue now of those active now", Unit: Money, Source: winning, Behind: engine.Closing, Formula: "A1 = Σ r(c, P) over those active in P",
		Meaning: "Net revenue in this period of the customers who are active in it.", value: active("current"),
	},
}

// coverageDefinitions are what the statement sees of the books.
var coverageDefinitions = []Definition{
	{
		Name: "coverage.revenue_identified", Label: "With a customer id", Unit: Money, Source: ours, Behind: engine.Current, Formula: "R1 = Σ r over all customers in P",
		Meaning: "Revenue of lines that carry a customer id. It is the revenue of the statement.", value: covered("revenue_identified"),
	},
	{
		Name: "coverage.revenue_unidentified", Label: "Without a customer id", Unit: Money, Source: ours, Behind: engine.Unidentified,
		Meaning: "Revenue of lines that carry no customer id: it is in the total, in no rate.", value: covered("revenue_unidentified"),
	},
	{
		Name: "coverage.revenue_excluded", Label: "Excluded: test, staff, inter-company", Unit: Money, Source: ours, Behind: engine.Excluded,
		Meaning: "Revenue of customers that the books say are not to be counted.", value: covered("revenue_excluded"),
	},
	{
		Name: "coverage.revenue", Label: "Read", Unit: Money, Source: ours, Formula: "identified + unidentified + excluded",
		Meaning: "Revenue of all lines of the period that could be read.", value: covered("revenue"),
		work: work("{coverage.revenue_identified} + {coverage.revenue_unidentified} + {coverage.revenue_excluded}"),
	},
	{
		Name: "coverage.revenue_refused", Label: "Refused, in no figure", Unit: Money, Source: ours,
		Meaning: "Amounts of refused rows of the period, as far as they could be read. They are in no figure.", value: covered("revenue_refused"),
	},
	{
		Name: "coverage.identified_share", Label: "Revenue with a customer id", Unit: Share, Source: ours, Derived: true, Formula: "identified ÷ (identified + unidentified)",
		Meaning: "How much of the revenue the statement can see: lines with a customer id, as a share of all that are to be counted.",
		value:   quotient([]string{"coverage.revenue_identified"}, []string{"coverage.revenue_identified", "coverage.revenue_unidentified"}),
		work:    work("{coverage.revenue_identified} ÷ ( {coverage.revenue_identified} + {coverage.revenue_unidentified} )"),
	},
	{
		Name: "coverage.unidentified_share", Label: "Revenue without a customer", Unit: Share, Source: ours, Derived: true, Behind: engine.Unidentified, Formula: "unidentified ÷ (identified + unidentified)",
		Meaning: "Lines that carry no customer id, as a share of the revenue of all lines that are to be counted. They are in no rate.",
		value:   quotient([]string{"coverage.revenue_unidentified"}, []string{"coverage.revenue_identified", "coverage.revenue_unidentified"}),
		work:    work("{coverage.revenue_unidentified} ÷ ( {coverage.revenue_identified} + {coverage.revenue_unidentified} )"),
	},
	{
		Name: "coverage.lines_identified", Label: "Lines with a customer id", Unit: Lines, Source: ours, Behind: engine.Current,
		Meaning: "Lines of the period that carry a customer id.", value: counted("lines_identified"),
	},
	{
		Name: "coverage.lines_unidentified", Label: "Lines without a customer id", Unit: Lines, Source: ours, Behind: engine.Unidentified,
		Meaning: "Lines of the period that carry no customer id.", value: counted("lines_unidentified"),
	},
	{
		Name: "coverage.lines_excluded", Label: "Excluded lines", Unit: Lines, Source: ours, Behind: engine.Excluded,
		Meaning: "Lines of customers that the books say are not to be counted.", value: counted("lines_excluded"),
	},
	{
		Name: "coverage.lines", Label: "Lines read", Unit: Lines, Source: ours, Formula: "identified + unidentified + excluded",
		Meaning: "Lines of the period that could be read.", value: counted("lines"),
		work: work("{coverage.lines_identified} + {coverage.lines_unidentified} + {coverage.lines_excluded}"),
	},
	{
		Name: "coverage.lines_refused", Label: "Refused lines, in no figure", Unit: Lines, Source: ours,
		Meaning: "Rows of the period that could not be read as lines. They are kept with their reasons.", value: counted("lines_refused"),
	},
	{
		Name: "coverage.lines_refused_undated", Label: "Refused lines without a readable date", Unit: Lines, Source: ours,
		Meaning: "Refused rows whose date could not be read: they may belong to the period.", value: counted("lines_refused_undated"),
	},
	{
		Name: "coverage.lines_rounded", Label: "Lines rounded to six places", Unit: Lines, Source: ours,
		Meaning: "Rows of any period whose amount had more than six places, or was rounded to the currency's when tax was taken out of it.", value: counted("lines_rounded"),
	},
	{
		Name: "coverage.history_months", Label: "Months of history", Unit: Months, Source: ours,
		Meaning: "Months from the first line of the books to the period's end.", value: counted("history_months"),
	},
}

// ledgerDefinitions are the general ledger set beside the books.
var ledgerDefinitions = []Definition{
	{
		Name: "coverage.reconciliation.ledger", Label: "General ledger", Unit: Money, Source: ours, Formula: "ledger = identified + unidentified + excluded + refused + difference",
		Meaning: "The revenue of the period by the general ledger's accounts.", value: account("ledger"),
		work: work("{coverage.revenue_identified} + {coverage.revenue_unidentified} + {coverage.revenue_excluded} + {coverage.revenue_refused} + {coverage.reconciliation.difference}"),
	},
	{
		Name: "coverage.reconciliation.difference", Label: "Difference, unexplained", Unit: Money, Source: ours, Formula: "ledger = identified + unidentified + excluded + refused + difference",
		Meaning: "What the general ledger holds and the books do not explain.", value: account("difference"),
		work: work("{coverage.reconciliation.ledger} − {coverage.revenue_identified} − {coverage.revenue_unidentified} − {coverage.revenue_excluded} − {coverage.revenue_refused}"),
	},
}
