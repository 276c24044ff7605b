package sealed

import (
	"encoding/json"
	"errors"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

// The figures of the referrals by the last part of their names, in the order in which reports have them.
var (
	ReferralCustomers = []string{
		"named", "brought", "in_rings", "by_excluded", "by_unknown", "by_self", "named_not_yet", "referrers", "referrers_active", "active", "new", "new_brought",
		"came_by_referral", "came_referrer_known", "brought_other_origin", "trees", "longest_chain",
	}
	ReferralRevenue = []string{"brought", "referrers", "referral", "referral_new", "earned_new"}
	ReferralRates   = []string{"brought_share_of_new", "referrer_known", "referral_share_of_earned", "top_tenth_share"}
)

// Referrals is who brought whom, and what they spend, of one period.
type Referrals struct {
	Locked
	Customers map[string]int64
	Revenue   map[string]money.Amount
	Rates     map[string]evidence.Figure
	Sent      []Named
	Depths    []Named
	Tenths    []Named
	Losses    *Losses // of the whole document; nil in the trailing year's
}

// Named is a row of a list, with what it has of numbers.
type Named struct {
	Name      string        `json:"name"`
	Customers *int64        `json:"customers"`
	Referrers *int64        `json:"referrers"`
	Active    *int64        `json:"active"`
	Revenue   *money.Amount `json:"revenue"`
	Chain     *money.Amount `json:"chain_revenue"`
}

// Losses is loss along the ties of referrals.
type Losses struct {
	Locked
	Windows   []Window   `json:"windows"`
	Relations []Relation `json:"relations"`
}

// Window is a period with a name: before, exposure, outcome.
type Window struct {
	Name  string       `json:"name"`
	Start calendar.Day `json:"start"`
	End   calendar.Day `json:"end"`
}

// Period is the window without its name.
func (w Window) Period() calendar.Period { return calendar.Period{Start: w.Start, End: w.End} }

// Relation is one relation with its figures by name: beyond_reversed, difference, reversed, shuffled.
type Relation struct {
	Name                                     string
	Figures                                  map[string]evidence.Figure
	Exposed, ExposedLost, Others, OthersLost *int64
}

// SpreadFigures are the figures of a relation.
var SpreadFigures = []string{"beyond_reversed", "difference", "reversed", "shuffled"}

// UnmarshalJSON reads the figures that have a name here and leaves the others.
func (r *Referrals) UnmarshalJSON(data []byte) error {
	var blocks map[string]json.RawMessage
	if err := json.Unmarshal(data, &blocks); err != nil {
		return err
	}
	var lists struct {
		Locked
		Sent   []Named `json:"by_number_brought"`
		Depths []Named `json:"depths"`
		Tenths []Named `json:"tenths"`
		Losses *Losses `json:"loss_spreading"`
	}
	if err := json.Unmarshal(data, &lists); err != nil {
		return err
	}
	*r = Referrals{Locked: lists.Locked, Sent: lists.Sent, Depths: lists.Depths, Tenths: lists.Tenths, Losses: lists.Losses}
	var errs [3]error
	r.Customers, errs[0] = within[int64](blocks, "customers", ReferralCustomers)
	r.Revenue, errs[1] = within[money.Amount](blocks, "revenue", ReferralRevenue)
	r.Rates, errs[2] = named[evidence.Figure](blocks, ReferralRates)
	return errors.Join(errs[:]...)
}

// UnmarshalJSON reads a relation.
func (r *Relation) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	var counts struct {
		Name        string `json:"name"`
		Exposed     *int64 `json:"exposed"`
		ExposedLost *int64 `json:"exposed_lost"`
		Others      *int64 `json:"others"`
		OthersLost  *int64 `json:"others_lost"`
	}
	if err := json.Unmarshal(data, &counts); err != nil {
		return err
	}
	*r = Relation{Name: counts.Name, Exposed: counts.Exposed, ExposedLost: counts.ExposedLost, Others: counts.Others, OthersLost: counts.OthersLost}
	var err error
	r.Figures, err = named[evidence.Figure](members, SpreadFigures)
	return err
}

// Open tells whether there are referrals with figures.
func (r *Referrals) Open() bool { return r != nil && r.Refused == "" }

// ReferralsOf is a block of referrals; nil where there is none.
func (d *Document) ReferralsOf(b Block) *Referrals {
	if b == ReferralsTrailing {
		return d.ReferralsTrailing
	}
	return d.Referrals
}

func referred[T any](key string, of func(*Referrals) map[string]T, value func(T) Value) func(*Document, Block) (Value, bool) {
	return func(d *Document, b Block) (Value, bool) {
		x, ok := of(d.ReferralsOf(b))[key]
		return value(x), ok
	}
}

func brought(key string) func(*Document, Block) (Value, bool) {
	return referred(key, func(r *Referrals) map[string]int64 { return r.Customers }, func(n int64) Value { return Value{Count: n} })
}

func broughtRevenue(key string) func(*Document, Block) (Value, bool) {
	return referred(key, func(r *Referrals) map[string]money.Amount { return r.Revenue }, func(a money.Amount) Value { return Value{Amount: a} })
}

func broughtRate(key string) func(*Document, Block) (Value, bool) {
	return referred(key, func(r *Referrals) map[string]evidence.Figure { return r.Rates }, func(f evidence.Figure) Value { return Value{Figure: f} })
}

func spread(relation, key string) func(*Document, Block) (Value, bool) {
	return func(d *Document, b Block) (Value, bool) {
		losses := d.ReferralsOf(b).Losses
		if losses == nil {
			return Value{}, false
		}
		for _, r := range losses.Relations {
			if r.Name == relation {
				f, ok := r.Figures[key]
				return Value{Figure: f}, ok
			}
		}
		return Value{}, false
	}
}

// referralDefinitions are the figures of referrals, with those of loss along ties.
var referralDefinitions = append([]Definition{
	{
		Name: "brought_share_of_new", Label: "New customers whom a customer brought", Unit: Share, Source: ours,
		Meaning: "How many of the new customers were brought by another customer. The lower bound counts those whose referrer is known, the upper one also all others who came by referral or whose origin nobody knows.",
		Formula: "new with a known referrer ÷ new, to these and the new by referral or of unknown origin ÷ new", value: broughtRate("brought_share_of_new"),
	},
	{
		Name: "referrer_known", Label: "Referrals whose referrer is known", Unit: Share, Source: ours,
		Meaning: "Of the customers who came by referral, how many name a referrer whom the books know. What is said of referrers and chains covers no more than that.",
		Formula: "acquired by referral with a known referrer ÷ acquired by referral", value: broughtRate("referrer_known"),
		work: work("{customers.came_referrer_known} ÷ {customers.came_by_referral}"),
	},
	{
		Name: "referral_share_of_earned", Label: "Referral in new revenue by word of mouth", Unit: Share, Source: ours,
		Meaning: "How much of the new customers’ revenue by word of mouth came by referral; the rest came by reputation.",
		Formula: "revenue of the new by referral ÷ of the new by referral or reputation", value: broughtRate("referral_share_of_earned"),
		work: work("{revenue.referral_new} ÷ {revenue.earned_new}"),
	},
	{
		Name: "top_tenth_share", Label: "Brought by the top tenth", Unit: Share, Source: ours, Behind: engine.Referrers,
		Meaning: "How much of the value brought comes from the tenth of referrers who brought most. The nearer to all of it, the fewer people the referrals depend on.",
		Formula: "revenue of customers whom the first tenth of referrers brought ÷ of all who were brought", value: broughtRate("top_tenth_share"),
	},
	{
		Name: "customers.brought", Label: "Customers whom a customer brought", Unit: Customers, Source: ours, Formula: "referred_by names another customer whom the books know, in no ring; first(c) before P’s end",
		Meaning: "Customers, ever, who name as their referrer another customer whom the books know.", value: brought("brought"),
	},
	{
		Name: "customers.referrers", Label: "Customers who brought somebody", Unit: Customers, Source: ours, Behind: engine.Referrers, Formula: "named by at least one of the brought",
		Meaning: "Customers, ever, whom at least one other customer names as referrer.", value: brought("referrers"),
	},
	{
		Name: "customers.new_brought", Label: "New, brought by a known customer", Unit: Customers, Source: ours, Formula: "new, with a known referrer",
		Meaning: "New customers of the period whose referrer is a customer whom the books know.", value: brought("new_brought"),
	},
	{
		Name: "customers.came_by_referral", Label: "Came by referral", Unit: Customers, Source: ours, Formula: "acquired_via is referral; first(c) before P’s end",
		Meaning: "Customers, ever, whose origin is referral, whether or not the referrer is known.", value: brought("came_by_referral"),
	},
	{
		Name: "customers.came_referrer_known", Label: "Came by referral, referrer known", Unit: Customers, Source: ours, Formula: "acquired_via is referral and the referrer is known",
		Meaning: "Customers, ever, whose origin is referral and whose referrer the books know.", value: brought("came_referrer_known"),
	},
	{
		Name: "revenue.brought", Label: "Value brought", Unit: Money, Source: ours, Behind: engine.Referrers, Formula: "Σ r(c, P) over the brought",
		Meaning: "What customers spent in the period whom another customer brought, directly or at any depth of a chain: everyone brought is counted once.", value: broughtRevenue("brought"),
	},
	{
		Name: "revenue.referrers", Label: "Revenue of referrers themselves", Unit: Money, Source: ours, Formula: "Σ r(c, P) over those who brought somebody",
		Meaning: "What customers spent themselves in the period who brought somebody.", value: broughtRevenue("referrers"),
	},
	{
		Name: "revenue.referral", Label: "Referral revenue", Unit: Money, Source: ours, Formula: "Σ r(c, P) over who came by referral",
		Meaning: "What customers spent in the period who came by referral, new and old, whether or not the referrer is known.", value: broughtRevenue("referral"),
	},
	{
		Name: "revenue.referral_new", Label: "Referral revenue of the new", Unit: Money, Source: ours, Formula: "Σ r(c, P) over the new who came by referral",
		Meaning: "What new customers spent in the period who came by referral. It is a part of what is earned by word of mouth.", value: broughtRevenue("referral_new"),
	},
	{
		Name: "revenue.earned_new", Label: "New, by word of mouth", Unit: Money, Source: winning, Formula: "Σ r(c, P) over the new, earned",
		Meaning: "What new customers spent who came by referral or reputation, each customer for itself.", value: broughtRevenue("earned_new"),
	},
}, spreadDefinitions()...)

// Relations are the relations of loss along ties, in the order of the document: their names and what they are called.
var Relations = []struct{ Name, Label, Of string }{
	{"brought_after_referrer_left", "Leaves after who brought them left", "customers who were brought, after who brought them left, against those whose referrer stayed"},
	{"brought_after_referrer_complained", "Leaves after who brought them complained", "customers who were brought, after who brought them complained, against those whose referrer was heard without complaint"},
	{"referrer_after_brought_left", "Leaves after one whom they brought left", "referrers, after one whom they brought left, against those of whose brought customers all stayed"},
	{"referrer_after_brought_complained", "Leaves after one whom they brought complained", "referrers, after one whom they brought complained, against those whose brought customers were heard without complaint"},
}

const clustered = "Greenland & Robins, Estimation of a common effect parameter from sparse follow-up data, Biometrics 41 (1985); Arellano, Computing robust standard errors for within-groups estimators, Oxford Bulletin of Economics and Statistics 49 (1987)"
const homophily = "Shalizi & Thomas, Homophily and contagion are generically confounded in observational social network studies, Sociological Methods & Research 40 (2011); Aral, Muchnik & Sundararajan, Distinguishing influence-based contagion from homophily-driven diffusion in dynamic networks, PNAS 106 (2009)"

func spreadDefinitions() []Definition {
	var out []Definition
	for _, r := range Relations {
		add := func(key, label, meaning, formula, source string) {
			out = append(out, Definition{
				Name: "loss_spreading.relations." + r.Name + "." + key, Label: r.Label + label, Unit: Share, Source: source,
				Meaning: meaning, Formula: formula, value: spread(r.Name, key),
			})
		}
		add("beyond_reversed", "", "How much more often customers leave: "+r.Of+", beyond the same difference in reversed time. It is an association along a tie and no proof that one led to the other; what is as strong both ways is hidden in it.",
			"difference − reversed", homophily)
		add("difference", ": difference", "How much more often customers leave: "+r.Of+", among customers of like age, revenue, purchases and lateness. People who are alike find each other, so it is there without any influence as well.",
			"Σ w(p1 − p0) ÷ Σ w over strata, w = n1 n0 ÷ (n1 + n0)", clustered)
		add("reversed", ": reversed in time", "The same difference with time reversed: what happened to the other end lies after the loss, and cannot have led to it. What is found here is likeness, or influence the other way.",
			"as the difference, with the outcome a window before the exposure", homophily)
		add("shuffled", ": shuffled", "Where the difference lies in 95 of 100 shuffles of the referrers among customers of the same stratum: what chance alone makes.",
			"0 ± 1.96 √(Σ n1 n0 y (n − y) ÷ (n² (n − 1))) ÷ Σ w", ours)
	}
	return out
}
