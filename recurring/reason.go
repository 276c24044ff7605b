package recurring

import "strings"

// Reason is why a subscription ended, folded to the few that a statement
// tells apart.
type Reason string

// The reasons, and that a subscription only paused.
const (
	Voluntary Reason = "voluntary" // the customer said so
	Payment   Reason = "payment"   // a payment failed: involuntary
	Other     Reason = "other"     // something else was given
	NotGiven  Reason = "not_given"
	Pause     Reason = "pause" // it is to go on
)

// Reasons are those of churn, in the order of their amounts in a [Cell].
var Reasons = [4]Reason{Voluntary, Payment, Other, NotGiven}

// Words fold a given end_reason: it is of the first reason one of whose words
// it holds, whatever the case. What holds none is [Other]; an empty one is
// [NotGiven]. The order matters: involuntary holds voluntary.
var Words = []struct {
	Reason Reason
	Words  []string
}{
	{Pause, []string{"pause", "pausing", "on hold", "suspend", "freeze", "frozen", "seasonal"}},
	{Payment, []string{"payment", "involuntary", "declined", "dunning", "delinquent", "unpaid", "overdue", "past due", "card", "chargeback", "insolven", "bankrupt"}},
	{Voluntary, []string{"voluntary", "cancel", "customer", "request", "competitor", "switched", "price", "expensive", "budget", "no longer need", "not needed", "unused", "missing feature", "quality", "dissatisf", "moved"}},
}

// Fold folds a reason as it was given.
func Fold(given string) Reason {
	text := strings.ToLower(strings.TrimSpace(given))
	if text == "" {
		return NotGiven
	}
	for _, f := range Words {
		for _, w := range f.Words {
			if strings.Contains(text, w) {
				return f.Reason
			}
		}
	}
	return Other
}
