package sim

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Truth is what is so in a simulated world by construction: what a statement
// over its books should find, and what no books can hold. It is simulated
// like them.
type Truth struct {
	Simulated string         `json:"simulated"` // says so
	Company   string         `json:"company"`
	Seed      uint64         `json:"seed"`
	Currency  money.Currency `json:"currency"`
	Start     calendar.Day   `json:"start"`
	End       calendar.Day   `json:"end"`
	Files     []string       `json:"files"`

	Parameters map[string]any `json:"parameters"` // the world as used, by its keys

	Customers     CustomerTruth     `json:"customers"`
	Lines         LineTruth         `json:"lines"`
	Years         []YearTruth       `json:"years"`
	Referrals     ReferralTruth     `json:"referrals"`
	Service       ServiceTruth      `json:"service"`
	Training      TrainingTruth     `json:"training"`
	Voice         VoiceTruth        `json:"voice"`
	People        PeopleTruth       `json:"people"`
	Subscriptions SubscriptionTruth `json:"subscriptions"`
	Alignment     []AlignmentTruth  `json:"alignment"`
	Profit        ProfitTruth       `json:"profit"` // of all months
	Months        []MonthTruth      `json:"months"`
}

// CustomerTruth counts customers; merged ones once, excluded accounts apart.
type CustomerTruth struct {
	Initial   int64 `json:"initial"`
	Arrived   int64 `json:"arrived"`
	Excluded  int64 `json:"excluded_accounts"`
	Merged    int64 `json:"merged"`
	Alive     int64 `json:"alive_at_end"` // not dropped out
	NextYear  int64 `json:"orders_in_365_days_after_end"`
	Referred  int64 `json:"referred_by_a_customer"` // arrivals by referral whose referrer exists
	ByHappy   int64 `json:"referred_by_a_happy_customer"`
	Unknown   int64 `json:"origin_unknown"` // nobody asked
	GuessedAt int64 `json:"origin_inferred_wrongly"`
}

// LineTruth counts lines and sums their amounts. Late lines are in a file of
// their own and part of the other figures.
type LineTruth struct {
	Orders              int64        `json:"orders"` // returns are orders of their own
	Lines               int64        `json:"lines"`
	Unidentified        int64        `json:"unidentified"`
	Excluded            int64        `json:"excluded"`
	Returned            int64        `json:"returned"`
	Late                int64        `json:"late"`
	Foreign             int64        `json:"foreign"`
	Duplicated          int64        `json:"exported_twice"` // and counted once here
	Revenue             money.Amount `json:"revenue"`        // foreign lines at their day's rate
	Cost                money.Amount `json:"cost"`
	RevenueUnidentified money.Amount `json:"revenue_unidentified"`
	RevenueExcluded     money.Amount `json:"revenue_excluded"`
	LedgerDifference    money.Amount `json:"ledger_difference"`
}

// MonthTruth is one month: its lines, those who arrived in it and by what way,
// and the customer statement with every origin known, for the month and for
// the twelve months that end with it. A comparison is absent where its
// comparison period begins before the books.
type MonthTruth struct {
	Month                 calendar.Month          `json:"month"`
	Lines                 int64                   `json:"lines"`
	Revenue               money.Amount            `json:"revenue"`
	Arrived               map[string]int64        `json:"arrived"`                  // by true origin
	EarnedShareOfArrivals Ratio                   `json:"earned_share_of_arrivals"` // by count
	Active                int64                   `json:"customers_at_beginning"`   // who have bought and not dropped out
	Profit                ProfitTruth             `json:"profit"`
	Ledger                map[string]money.Amount `json:"ledger"`            // by account, as controls.csv has it
	Subscribed            money.Amount            `json:"subscribed_at_end"` // monthly amounts
	Contracts             int64                   `json:"contracts_at_end"`
	OfMonth               *Comparison             `json:"month_against_a_year_earlier,omitempty"`
	OfYear                *Comparison             `json:"trailing_year,omitempty"`
}

// Comparison is the customer statement as it would be if every origin were
// known: the definitions of package growth, over identified lines, net of
// returns, merged customers as one and without the excluded.
type Comparison struct {
	Opening   int64 `json:"opening"`
	Lost      int64 `json:"lost"`
	Retained  int64 `json:"retained"`
	Returning int64 `json:"returning"`
	NewEarned int64 `json:"new_earned"`
	NewBought int64 `json:"new_bought"`
	Closing   int64 `json:"closing"`

	RevenuePrior     money.Amount `json:"revenue_prior"`
	RevenueCurrent   money.Amount `json:"revenue_current"`
	ActivePrior      money.Amount `json:"active_revenue_prior"` // A0
	RevenueNewEarned money.Amount `json:"revenue_new_earned"`
	RevenueNewBought money.Amount `json:"revenue_new_bought"`
	RevenueReturning money.Amount `json:"revenue_returning"`

	Growth             Ratio `json:"growth_rate"`
	NetRetention       Ratio `json:"net_revenue_retention"`
	GrossRetention     Ratio `json:"gross_revenue_retention"`
	EarnedNewCustomers Ratio `json:"earned_new_customers"` // ÷ A0
	EarnedGrowth       Ratio `json:"earned_growth_rate"`
	EarnedShareOfNew   Ratio `json:"earned_share_of_new_revenue"`
}

// Ratio is a decimal of twelve places; empty, in JSON null, where its
// denominator is not above zero.
type Ratio string

// MarshalJSON writes a number or null.
func (r Ratio) MarshalJSON() ([]byte, error) {
	if r == "" {
		return []byte("null"), nil
	}
	return []byte(r), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Ratio) UnmarshalJSON(text []byte) error {
	if *r = Ratio(text); *r == "null" {
		*r = ""
	}
	return nil
}

func ratio(a, b *big.Rat) Ratio {
	if b.Sign() <= 0 {
		return ""
	}
	return Ratio(new(big.Rat).Quo(a, b).FloatString(12))
}
