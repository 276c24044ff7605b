package sim

import (
	"strings"
	"testing"
)

// What a sim.yaml says wrongly is said with its line, key and what is wanted,
// and a key without a value is not taken for the default.
func TestAWorldsMistakesAreSaidInWords(t *testing.T) {
	for text, want := range map[string]string{
		"referrals:\n  contagion: many\n": "line 2: contagion: many is not a number, such as 0.5",
		"customers: lots\n":               "line 1: customers: lots is not a whole number",
		"referrals:\n  contagion: null\n": "line 2: contagion has no value",
		"referrals: {contagion: }\n":      "line 1: contagion has no value",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
