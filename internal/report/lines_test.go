package report

import (
	"slices"
	"testing"

	"github.com/throughline/throughline/internal/sealed"
)

func TestEveryFigureOfADocumentHasWordsInPrint(t *testing.T) {
	for name, c := range map[string]struct {
		lines []line
		keys  []string
	}{
		"revenue": {revenueLines, sealed.RevenueLines}, "customers": {customerLines, sealed.CustomerLines}, "active revenue": {activeLines, sealed.ActiveLines},
		"rates": {rateLines, sealed.RateLines}, "covered": {coverageAmounts, sealed.CoverageAmounts}, "counted": {coverageCounts, sealed.CoverageCounts},
		"accounts": {accountLines, sealed.AccountLines}, "customers of referrals": {referralCustomers, sealed.ReferralCustomers},
		"revenue of referrals": {referralRevenue, sealed.ReferralRevenue}, "rates of referrals": {referralRates, sealed.ReferralRates}, "loss": {spreadLines, sealed.SpreadFigures}, "loyalty": {loyaltyLines, sealed.LoyaltyFigures},
		"behaviour": {behaviourMeasures, sealed.BehaviourMeasures}, "counts of behaviour": {behaviourCounts, sealed.BehaviourCounts},
	} {
		var printed []string
		for _, l := range c.lines {
			printed = append(printed, l.key)
		}
		for _, key := range c.keys {
			if !slices.Contains(printed, key) {
				t.Errorf("%s: %s has no label in print", name, key)
			}
		}
	}
}
