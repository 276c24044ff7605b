package recurring

import (
	"encoding/json"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// printer writes money as exact decimal text with the currency's own places.
type printer struct{ places int }

func (p printer) text(a money.Amount) string { return a.Text(p.places) }

type movementsJSON struct {
	Opening     string `json:"opening"`
	New         string `json:"new"`
	Reactivated string `json:"reactivated"`
	Resumed     string `json:"resumed"`
	Expansion   string `json:"expansion"`
	Contraction string `json:"contraction"`
	Paused      string `json:"paused"`
	Churned     string `json:"churned"`
	Exchange    string `json:"exchange"`
	Other       string `json:"other"`
	Closing     string `json:"closing"`
}

func (p printer) movements(m Movements) movementsJSON {
	return movementsJSON{
		p.text(m.Opening), p.text(m.New), p.text(m.Reactivated), p.text(m.Resumed), p.text(m.Expansion), p.text(m.Contraction),
		p.text(m.Paused), p.text(m.Churned), p.text(m.Exchange), p.text(m.Other), p.text(m.Closing),
	}
}

type arrJSON struct {
	Opening string `json:"opening"`
	Closing string `json:"closing"`
}

// year is twelve times a month.
func year(a money.Amount) money.Amount {
	var sum money.Amount
	for range 12 {
		sum = sum.Add(a)
	}
	return sum
}

type customersJSON struct {
	Opening     int64 `json:"opening"`
	New         int64 `json:"new"`
	Reactivated int64 `json:"reactivated"`
	Resumed     int64 `json:"resumed"`
	Lost        int64 `json:"lost"`
	Paused      int64 `json:"paused"`
	Closing     int64 `json:"closing"`
	Retained    int64 `json:"retained"`
}

type subscriptionsJSON struct {
	Opening int64 `json:"opening"`
	Began   int64 `json:"began"`
	Resumed int64 `json:"resumed"`
	Paused  int64 `json:"paused"`
	Ended   int64 `json:"ended"`
	Closing int64 `json:"closing"`
}

type planJSON struct {
	Name          string          `json:"name"`
	Of            string          `json:"of"` // plan, not_given, or rest: all others together
	MRR           planMRRJSON     `json:"mrr"`
	Customers     endsJSON        `json:"customers"`
	Subscriptions planCountsJSON  `json:"subscriptions"`
	Churn         evidence.Figure `json:"churn_rate"`
}

type planMRRJSON struct {
	Opening  string `json:"opening"`
	Began    string `json:"began"`
	Resumed  string `json:"resumed"`
	Came     string `json:"came"`
	Went     string `json:"went"`
	Price    string `json:"price"`
	Paused   string `json:"paused"`
	Ended    string `json:"ended"`
	Exchange string `json:"exchange"`
	Closing  string `json:"closing"`
}

type endsJSON struct {
	Opening int64 `json:"opening"`
	Closing int64 `json:"closing"`
}

type planCountsJSON struct {
	Opening int64 `json:"opening"`
	Began   int64 `json:"began"`
	Ended   int64 `json:"ended"`
	Closing int64 `json:"closing"`
}

func (p printer) plan(l PlanLine) planJSON {
	j := planJSON{
		Name: l.Name, Of: "plan",
		MRR: planMRRJSON{
			p.text(l.Opening), p.text(l.Began), p.text(l.Resumed), p.text(l.Came), p.text(l.Went), p.text(l.Price), p.text(l.Paused), p.text(l.Ended),
			p.text(l.Exchange), p.text(l.Closing),
		},
		Customers:     endsJSON{l.CustomersOpening, l.CustomersClosing},
		Subscriptions: planCountsJSON{l.SubscriptionsOpening, l.SubscriptionsBegan, l.SubscriptionsEnded, l.SubscriptionsClosing},
		Churn:         l.Churn,
	}
	switch {
	case l.Rest:
		j.Name, j.Of = "all other plans", "rest"
	case l.Name == "":
		j.Name, j.Of = "no plan given", "not_given"
	}
	return j
}

// byReason prints what belongs to each reason.
func byReason[T any](of func(i int) T) map[Reason]T {
	out := map[Reason]T{}
	for i, r := range Reasons {
		out[r] = of(i)
	}
	return out
}

func (s Statement) window(w Window) any {
	if w.Lacks != nil {
		return evidence.Locked{Refused: w.Lacks.Reason, UnlockedBy: w.Lacks.Need}
	}
	p := printer{s.Currency.Places()}
	plans := []planJSON{}
	for _, l := range w.Plans {
		plans = append(plans, p.plan(l))
	}
	causes := func(c Causes, number string) map[string]string {
		return map[string]string{"plan": p.text(c.Plan), "price": p.text(c.Price), number: p.text(c.Number)}
	}
	return struct {
		Period         calendar.Period   `json:"period"`
		MRR            movementsJSON     `json:"mrr"`
		ARR            arrJSON           `json:"arr"`
		Expansion      map[string]string `json:"expansion"`
		Contraction    map[string]string `json:"contraction"`
		Churned        map[Reason]string `json:"churned"`
		Customers      customersJSON     `json:"customers"`
		LostFor        map[Reason]int64  `json:"customers_lost"`
		Subscriptions  subscriptionsJSON `json:"subscriptions"`
		Held           map[string]string `json:"customers_at_opening"`
		NetRetention   evidence.Figure   `json:"net_revenue_retention"`
		GrossRetention evidence.Figure   `json:"gross_revenue_retention"`
		LogoRetention  evidence.Figure   `json:"logo_retention"`
		LogoChurn      evidence.Figure   `json:"logo_churn"`
		MonthlyChurn   evidence.Figure   `json:"logo_churn_monthly"`
		QuickRatio     evidence.Figure   `json:"quick_ratio"`
		Plans          []planJSON        `json:"plans"`
	}{
		Period: w.Period, MRR: p.movements(w.MRR), ARR: arrJSON{p.text(year(w.MRR.Opening)), p.text(year(w.MRR.Closing))},
		Expansion: causes(w.Expansion, "added"), Contraction: causes(w.Contraction, "dropped"),
		Churned: byReason(func(i int) string { return p.text(w.Churned[i]) }), LostFor: byReason(func(i int) int64 { return w.LostFor[i] }),
		Customers: customersJSON(w.Customers), Subscriptions: subscriptionsJSON(w.Subscriptions),
		Held:         map[string]string{"mrr_opening": p.text(w.Held.Base), "mrr_closing": p.text(w.Held.Net), "mrr_closing_capped": p.text(w.Held.Gross)},
		NetRetention: w.NetRetention, GrossRetention: w.GrossRetention, LogoRetention: w.LogoRetention, LogoChurn: w.LogoChurn,
		MonthlyChurn: w.MonthlyLogoChurn, QuickRatio: w.QuickRatio, Plans: plans,
	}
}

// undeferred says why what is billed and not yet accrued is not known. What has
// accrued beyond its bills is no deferred revenue, and is not taken off any.
func (s Statement) undeferred() (evidence.Locked, bool) {
	var of, negative int64
	over := ""
	p := printer{s.Currency.Places()}
	for _, b := range s.Billed {
		of, negative = of+b.Subscriptions, negative+b.BelowZero
		if over == "" && b.Amount.Cmp(b.Accrued) < 0 {
			over = "more has accrued than was billed: " + b.Every + " bills come to " + p.text(b.Amount) + ", and " + p.text(b.Accrued) + " has accrued of them"
		}
	}
	switch {
	case s.Unbilled > 0:
		return evidence.Locked{
			Refused:    grouped(s.Unbilled) + " of " + grouped(s.Unbilled+of) + " subscriptions that run at the end do not say how they are billed",
			UnlockedBy: "billed of subscriptions (monthly, quarterly, annual), and billed_amount where a bill is not that many monthly amounts",
		}, true
	case negative > 0:
		return evidence.Locked{
			Refused:    grouped(negative) + " of " + grouped(of) + " subscriptions that run at the end have a billed_amount below zero",
			UnlockedBy: "billed_amount of what a bill comes to, not below zero",
		}, true
	case over != "":
		return evidence.Locked{Refused: over, UnlockedBy: "billed_amount of the whole stretch that a bill covers, or a monthly_amount that fits it"}, true
	}
	return evidence.Locked{}, false
}

// deferred is what is billed and not yet accrued, or why it is not known.
func (s Statement) deferred() any {
	if locked, no := s.undeferred(); no {
		return locked
	}
	p := printer{s.Currency.Places()}
	type every struct {
		Name          string `json:"name"`
		Subscriptions int64  `json:"subscriptions"`
		Billed        string `json:"billed"`
		Accrued       string `json:"accrued"`
		Deferred      string `json:"deferred"`
	}
	all, list := money.Amount{}, []every{}
	for _, b := range s.Billed {
		left := b.Amount.Sub(b.Accrued)
		all = all.Add(left)
		list = append(list, every{b.Every, b.Subscriptions, p.text(b.Amount), p.text(b.Accrued), p.text(left)})
	}
	return struct {
		Amount string  `json:"amount"`
		By     []every `json:"by_billing"`
	}{p.text(all), list}
}

type spanJSON struct {
	Name          string          `json:"name"`
	Period        calendar.Period `json:"period"`
	MRR           movementsJSON   `json:"mrr"`
	Customers     endsJSON        `json:"customers"`
	Subscriptions int64           `json:"subscriptions"`
}

type startJSON struct {
	Name string    `json:"name"`
	Ages []ageJSON `json:"ages"`
}

type ageJSON struct {
	Name          string `json:"name"` // the span at whose end it is
	Age           int    `json:"age"`
	Subscriptions int64  `json:"subscriptions"`
	MRR           string `json:"mrr"`
}

// MarshalJSON writes the block of a close: the period, the trailing year where
// there is one, the path, and the cohorts of subscriptions.
func (s Statement) MarshalJSON() ([]byte, error) {
	p := printer{s.Currency.Places()}
	path, starts := []spanJSON{}, []startJSON{}
	for _, span := range s.Path {
		path = append(path, spanJSON{span.Name, span.Period, p.movements(span.MRR), endsJSON{span.Customers.Opening, span.Customers.Closing}, span.Subscriptions})
	}
	for _, c := range s.Starts {
		j := startJSON{Name: c.Name}
		for age, a := range c.Ages {
			j.Ages = append(j.Ages, ageJSON{a.Span, age, a.Subscriptions, p.text(a.MRR)})
		}
		starts = append(starts, j)
	}
	var trailing any
	if len(s.Windows) > 1 {
		trailing = s.window(s.Windows[1])
	}
	return json.Marshal(struct {
		Window   any         `json:"in_period"`
		Trailing any         `json:"trailing_year,omitempty"`
		Deferred any         `json:"deferred"`
		CutShort int64       `json:"rows_cut_short"`
		Path     []spanJSON  `json:"path"`
		Starts   []startJSON `json:"starts"`
	}{s.window(s.Windows[0]), trailing, s.deferred(), s.CutShort, path, starts})
}

func grouped(n int64) string { return money.FromMicros(n * 1_000_000).Grouped(0) }
