package referral

import (
	"encoding/json"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// MarshalJSON writes the block of a close: counts, money as exact decimal text, figures, and lists whose elements are named.
func (s Statement) MarshalJSON() ([]byte, error) {
	text := func(a money.Amount) string { return a.Text(s.Currency.Places()) }
	type sent struct {
		Name      string `json:"name"`
		Referrers *int64 `json:"referrers,omitempty"`
		Active    int64  `json:"active"`
	}
	type depth struct {
		Name      string `json:"name"`
		Customers int64  `json:"customers"`
		Revenue   string `json:"revenue"`
	}
	type tenth struct {
		Name      string `json:"name"`
		Referrers int64  `json:"referrers"`
		Revenue   string `json:"revenue"`
		Chain     string `json:"chain_revenue"`
	}
	sents, depths, tenths := make([]sent, 1, 4), make([]depth, 0, len(s.Depths)), make([]tenth, 0, len(s.Tenths))
	nobody := s.Active
	for i, c := range s.Sent {
		nobody -= c.Active
		sents = append(sents, sent{[]string{"1", "2", "3+"}[i], &c.Referrers, c.Active})
	}
	sents[0] = sent{Name: "0", Active: nobody}
	for _, d := range s.Depths {
		name := strconv.FormatInt(d.Depth, 10)
		if d.Depth == DeepestShown {
			name += "+"
		}
		depths = append(depths, depth{name, d.Customers, text(d.Revenue)})
	}
	for _, t := range s.Tenths {
		tenths = append(tenths, tenth{strconv.FormatInt(t.Tenth, 10), t.Referrers, text(t.Revenue), text(t.Chain)})
	}
	return json.Marshal(struct {
		Period        calendar.Period   `json:"period"`
		Compared      calendar.Period   `json:"compared_with"`
		Customers     map[string]int64  `json:"customers"`
		Revenue       map[string]string `json:"revenue"`
		BroughtShare  evidence.Figure   `json:"brought_share_of_new"`
		Known         evidence.Figure   `json:"referrer_known"`
		ReferralShare evidence.Figure   `json:"referral_share_of_earned"`
		TopTenth      evidence.Figure   `json:"top_tenth_share"`
		Sent          []sent            `json:"by_number_brought"`
		Depths        []depth           `json:"depths"`
		Tenths        []tenth           `json:"tenths"`
		Losses        any               `json:"loss_spreading,omitempty"`
	}{
		s.Period, s.Compared,
		map[string]int64{
			"named": s.Named(), "brought": s.Brought, "in_rings": s.InRings, "by_excluded": s.ByExcluded, "by_unknown": s.ByUnknown, "by_self": s.BySelf, "named_not_yet": s.NotYet,
			"referrers": s.Referring(), "referrers_active": s.Active - nobody, "active": s.Active, "new": s.New, "new_brought": s.NewBrought,
			"came_by_referral": s.Came, "came_referrer_known": s.CameKnown, "brought_other_origin": s.OtherOrigin, "trees": s.Trees, "longest_chain": s.Longest,
		},
		map[string]string{
			"brought": text(s.BroughtRevenue), "referrers": text(s.Referrers), "referral": text(s.ReferralRevenue), "referral_new": text(s.ReferralNew), "earned_new": text(s.EarnedNew),
		},
		s.BroughtShare, s.Known, s.ReferralShare, s.TopTenth, sents, depths, tenths, s.Losses,
	})
}

// MarshalJSON writes a relation with its figures and the counts that they rest on.
func (s Spread) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name       string          `json:"name"`
		Beyond     evidence.Figure `json:"beyond_reversed"`
		Difference evidence.Figure `json:"difference"`
		Reversed   evidence.Figure `json:"reversed"`
		Shuffled   evidence.Figure `json:"shuffled"`
		Counts
	}{s.Relation.String(), s.Beyond, s.Difference, s.Reversed, s.Shuffled, s.Counts})
}

// MarshalJSON writes the windows and the relations.
func (l Losses) MarshalJSON() ([]byte, error) {
	var windows [3]struct {
		Name  string       `json:"name"`
		Start calendar.Day `json:"start"`
		End   calendar.Day `json:"end"`
	}
	for i, p := range l.Spans {
		windows[i].Name, windows[i].Start, windows[i].End = []string{"before", "exposure", "outcome"}[i], p.Start, p.End
	}
	return json.Marshal(struct {
		Windows   any      `json:"windows"`
		Relations []Spread `json:"relations"`
	}{windows, l.Relations})
}
