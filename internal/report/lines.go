package report

// line is one figure of a statement: its name in the JSON and in words.
type line struct {
	key, label string
}

// The lines of each block, in the order in which they are printed.
var (
	revenueLines = []line{
		{"prior", "Prior revenue"},
		{"lost", "Lost customers"},
		{"contraction", "Retained who bought less"},
		{"expansion", "Retained who bought more"},
		{"returning", "Returning customers"},
		{"new_earned", "New customers, earned"},
		{"new_bought", "New customers, bought"},
		{"new_unattributed", "New customers, origin unknown"},
		{"other", "Other: inactive customers, net"},
		{"current", "Current revenue"},
		{"exchange", "Memo: exchange, not in the sum"},
	}
	customerLines = []line{
		{"opening", "Opening (comparison period)"},
		{"lost", "Lost customers"},
		{"retained", "Retained"},
		{"returning", "Returning customers"},
		{"new_earned", "New customers, earned"},
		{"new_bought", "New customers, bought"},
		{"new_unattributed", "New customers, origin unknown"},
		{"closing", "Closing (this period)"},
		{"new_since_comparison", "Memo: of the new, first bought between the two periods"},
	}
	activeLines = []line{
		{"prior", "Prior revenue of the active"},
		{"current", "Current revenue of the active"},
	}
	rateLines = []line{
		{"growth_rate", "Growth of revenue"},
		{"net_revenue_retention", "Net revenue retention (NRR)"},
		{"gross_revenue_retention", "Gross revenue retention (GRR)"},
		{"earned_new_customers", "New customers, earned (ENC)"},
		{"earned_new_customers_bounds", "New customers, earned: bounds"},
		{"bought_new_customers", "New customers, bought"},
		{"unattributed_new_customers", "New customers, origin unknown"},
		{"returning_customers", "Returning customers"},
		{"earned_growth_rate", "Earned growth (NRR + ENC - 1)"},
		{"earned_growth_rate_bounds", "Earned growth: bounds"},
		{"earned_growth_ratio", "Earned growth ÷ growth"},
	}
	coverageAmounts = []line{
		{"revenue_identified", "With a customer id"},
		{"revenue_unidentified", "Without a customer id"},
		{"revenue_excluded", "Excluded"},
		{"revenue", "Revenue read"},
		{"revenue_refused", "Refused, in no figure"},
	}
	coverageCounts = []line{
		{"lines_identified", "With a customer id"},
		{"lines_unidentified", "Without a customer id"},
		{"lines_excluded", "Excluded"},
		{"lines", "Lines read"},
		{"lines_refused", "Refused, in no figure"},
		{"lines_refused_undated", "Refused, date unreadable"},
		{"lines_rounded", "Rounded to six places"},
		{"history_months", "Months of history"},
	}
	accountLines = []line{
		{"ledger", "General ledger"},
		{"identified", "With a customer id"},
		{"unidentified", "Without a customer id"},
		{"excluded", "Excluded"},
		{"refused", "Refused"},
		{"difference", "Difference, unexplained"},
	}
)

// earned are the rates whose bounds come from unknown origins.
var earned = map[string]bool{
	"earned_new_customers": true, "earned_growth_rate": true, "earned_growth_ratio": true,
}
