package sealed

import (
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// TouchpointNext is what customers did next, beside others like them.
type TouchpointNext struct {
	Passers    int64           `json:"passers"`
	Again      int64           `json:"passers_again"`
	Matched    int64           `json:"matched"`
	Others     int64           `json:"others"`
	Difference evidence.Figure `json:"difference"`
	EValue     *Decimal        `json:"e_value"` // nil: refused, as the next three
	EnoughFor  *Decimal        `json:"e_value_of_interval"`
	Chance     *Decimal        `json:"chance"`          // of a difference as large if there is none
	Adjusted   *Decimal        `json:"chance_adjusted"` // counting that all touchpoints were looked at
	Revenue    evidence.Figure `json:"revenue_not_seen"`
	Grade      string          `json:"grade"` // C or D; empty: refused
}

// TouchpointComparisons are the memo on what customers did next.
type TouchpointComparisons struct {
	Passed   *calendar.Period  `json:"passed"`
	Next     *calendar.Period  `json:"next"`
	Compared int64             `json:"compared"`
	Clear    int64             `json:"clear"`
	Chance   *evidence.Figure  `json:"clear_by_chance"`
	Adjusted int64             `json:"clear_of_all"`
	Less     []TouchpointLess  `json:"came_back_less"`
	Refused  *evidence.Refusal `json:"not_asked"`
}

// TouchpointLess is a touchpoint after which customers came back less.
type TouchpointLess struct {
	Name    string          `json:"name"`
	Revenue evidence.Figure `json:"revenue_not_seen"`
	Grade   string          `json:"grade"`
	Nothing bool            `json:"may_be_nothing"`
}

// Uncompared is after how many touchpoints that customers passed what they did next is refused.
func (t *Touchpoints) Uncompared() (n int64) {
	if !t.Open() {
		return 0
	}
	for _, l := range t.Lines {
		if l.Next == nil {
			continue
		}
		if _, refused := l.Next.Difference.Refusal(); refused {
			n++
		}
	}
	return n
}
