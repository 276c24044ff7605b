package recurring_test

import (
	"testing"

	"github.com/throughline/throughline/recurring"
)

// What docs/subscriptions.md says of reasons, by hand.
func TestReasonsAreFoldedByTheirWords(t *testing.T) {
	for given, want := range map[string]recurring.Reason{
		"": recurring.NotGiven, " \t\u00a0": recurring.NotGiven,
		"Paused by customer": recurring.Pause, "PAUSE_REQUESTED": recurring.Pause, "on  hold": recurring.Pause, "freeze": recurring.Pause,
		"did not pause": recurring.Other, "didn’t pause": recurring.Other, "never asked to pause": recurring.Other, "un-paused": recurring.Other,
		"freezer broke": recurring.Other, "menopause app": recurring.Other, "scorecard": recurring.Other, "discarded": recurring.Other,
		"unrequested": recurring.Other, "removed by admin": recurring.Other, "décard": recurring.Other,
		"card declined": recurring.Payment, "payment_failed": recurring.Payment, "Involuntary": recurring.Payment, "in-voluntary": recurring.Payment,
		"non-payment": recurring.Payment, "no payment received": recurring.Payment, "bill not paid": recurring.Payment,
		"Voluntary": recurring.Voluntary, "no longer needed": recurring.Voluntary, "not needed any more": recurring.Voluntary, "too expensive": recurring.Voluntary,
		"did not pause, too expensive": recurring.Voluntary, "not paused,not requested": recurring.Other, "competitor's offer": recurring.Voluntary,
		"the dog ate it": recurring.Other, "nothing": recurring.Other,
	} {
		if got := recurring.Fold(given); got != want {
			t.Errorf("%q is %s, want %s", given, got, want)
		}
	}
}
