package growth

import (
	"encoding/json"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// MarshalJSON writes the customer block of a close in the contract's shape:
// money as exact decimal text with at least the currency's own places.
func (s Statement) MarshalJSON() ([]byte, error) {
	places := s.Currency.Places()
	text := func(a money.Amount) string { return a.Text(places) }
	c, b := s.Coverage, s.Revenue
	type coverage struct {
		Coverage
		Revenue             string `json:"revenue"`
		RevenueIdentified   string `json:"revenue_identified"`
		RevenueUnidentified string `json:"revenue_unidentified"`
		RevenueExcluded     string `json:"revenue_excluded"`
		RevenueRefused      string `json:"revenue_refused"`
		Reconciliation      any    `json:"reconciliation"`
	}
	type revenue struct {
		Prior           string `json:"prior"`
		Lost            string `json:"lost"`
		Contraction     string `json:"contraction"`
		Expansion       string `json:"expansion"`
		Returning       string `json:"returning"`
		NewEarned       string `json:"new_earned"`
		NewBought       string `json:"new_bought"`
		NewUnattributed string `json:"new_unattributed"`
		Exchange        string `json:"exchange"`
		Other           string `json:"other"`
		Current         string `json:"current"`
	}
	type active struct {
		Prior   string `json:"prior"`
		Current string `json:"current"`
	}
	var reconciliation any = s.Reconciliation
	if s.ReconciliationLacks != nil {
		reconciliation = s.ReconciliationLacks
	}
	return json.Marshal(struct {
		Coverage           coverage        `json:"coverage"`
		Customers          RollForward     `json:"customers"`
		Revenue            revenue         `json:"revenue"`
		Active             active          `json:"active_revenue"`
		Growth             evidence.Figure `json:"growth_rate"`
		NetRetention       evidence.Figure `json:"net_revenue_retention"`
		GrossRetention     evidence.Figure `json:"gross_revenue_retention"`
		EarnedNew          evidence.Figure `json:"earned_new_customers"`
		EarnedNewBounds    evidence.Figure `json:"earned_new_customers_bounds"`
		BoughtNew          evidence.Figure `json:"bought_new_customers"`
		UnattributedNew    evidence.Figure `json:"unattributed_new_customers"`
		ReturningShare     evidence.Figure `json:"returning_customers"`
		EarnedGrowth       evidence.Figure `json:"earned_growth_rate"`
		EarnedGrowthBounds evidence.Figure `json:"earned_growth_rate_bounds"`
		EarnedGrowthRatio  evidence.Figure `json:"earned_growth_ratio"`
	}{
		Coverage: coverage{
			Coverage: c, Revenue: text(c.Revenue), RevenueIdentified: text(c.RevenueIdentified), RevenueUnidentified: text(c.RevenueUnidentified),
			RevenueExcluded: text(c.RevenueExcluded), RevenueRefused: text(c.RevenueRefused), Reconciliation: reconciliation,
		},
		Customers: s.Customers,
		Revenue: revenue{
			Prior: text(b.Prior), Lost: text(b.Lost), Contraction: text(b.Contraction), Expansion: text(b.Expansion), Returning: text(b.Returning),
			NewEarned: text(b.NewEarned), NewBought: text(b.NewBought), NewUnattributed: text(b.NewUnattributed),
			Exchange: text(b.Exchange), Other: text(b.Other), Current: text(b.Current),
		},
		Active: active{text(s.ActivePrior), text(s.ActiveCurrent)},
		Growth: s.Growth, NetRetention: s.NetRetention, GrossRetention: s.GrossRetention,
		EarnedNew: s.EarnedNew, EarnedNewBounds: s.EarnedNewBounds, BoughtNew: s.BoughtNew, UnattributedNew: s.UnattributedNew,
		ReturningShare: s.ReturningShare, EarnedGrowth: s.EarnedGrowth, EarnedGrowthBounds: s.EarnedGrowthBounds, EarnedGrowthRatio: s.EarnedGrowthRatio,
	})
}
