package growth

import (
	"encoding/json"

	"github.com/throughline/throughline/money"
)

// Reconciled sets the general ledger's figure beside what the books hold:
// ledger = identified + unidentified + excluded + refused + difference. Several
// revenue accounts are one figure: nothing says which line belongs to which.
type Reconciled struct {
	Account    string // or accounts, joined by " + "
	Ledger     money.Amount
	Coverage   Coverage
	Currency   money.Currency
	Difference money.Amount
}

// Reconcile works out the difference that is left unexplained.
func Reconcile(account string, ledger money.Amount, c Coverage, currency money.Currency) Reconciled {
	explained := money.Sum(c.RevenueIdentified, c.RevenueUnidentified, c.RevenueExcluded, c.RevenueRefused)
	return Reconciled{Account: account, Ledger: ledger, Coverage: c, Currency: currency, Difference: ledger.Sub(explained)}
}

// MarshalJSON writes the line as exact decimal text.
func (r Reconciled) MarshalJSON() ([]byte, error) {
	places := r.Currency.Places()
	return json.Marshal(struct {
		Account      string `json:"account"`
		Ledger       string `json:"ledger"`
		Identified   string `json:"identified"`
		Unidentified string `json:"unidentified"`
		Excluded     string `json:"excluded"`
		Refused      string `json:"refused"`
		Difference   string `json:"difference"`
	}{
		r.Account, r.Ledger.Text(places), r.Coverage.RevenueIdentified.Text(places), r.Coverage.RevenueUnidentified.Text(places),
		r.Coverage.RevenueExcluded.Text(places), r.Coverage.RevenueRefused.Text(places), r.Difference.Text(places),
	})
}
