package office

import (
	"encoding/json"

	"github.com/throughline/throughline/internal/program"
)

// RhythmBefore is a schedule as it was when a stale edit of it began; ok is
// false where the history does not say.
func RhythmBefore(stale *program.Stale) (r Rhythm, ok bool) {
	if len(stale.Meanwhile) == 0 {
		return r, false
	}
	var before struct {
		Spec Rhythm `json:"spec"`
	}
	if err := json.Unmarshal(stale.Meanwhile[0].Before, &before); err != nil {
		return r, false
	}
	return before.Spec, true
}
