package referral

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/money"
)

// Referrer is a customer who brought somebody.
type Referrer struct {
	ID      string
	Brought int64        // customers, directly
	Depth   int64        // steps of the longest chain below
	Direct  money.Amount // revenue in the period of those whom they brought
	Chain   money.Amount // and of everyone below
	Own     money.Amount
}

// Referrers are all who brought somebody by the period's end, the most value
// brought first: the second method against which an engine's list is held.
func Referrers(b Books, w Windows) []Referrer {
	m := b.open(w.Period.End)
	now := m.spent(w.Period)
	var out []Referrer
	for id, brought := range m.sent {
		r := Referrer{ID: id, Brought: int64(len(brought)), Own: now[id].revenue}
		for _, c := range brought {
			r.Direct = r.Direct.Add(now[c].revenue)
		}
		for level := brought; len(level) > 0; r.Depth++ {
			var next []string
			for _, c := range level {
				r.Chain = r.Chain.Add(now[c].revenue)
				next = append(next, m.sent[c]...)
			}
			level = next
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Referrer) int {
		return cmp.Or(b.Direct.Abs().Cmp(a.Direct.Abs()), cmp.Compare(a.ID, b.ID))
	})
	return out
}
