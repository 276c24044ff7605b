package sealed

import (
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Recurring is the statement of the subscription trade as it was sealed.
type Recurring struct {
	Locked
	InPeriod *RecurringWindow `json:"in_period"`
	Trailing *RecurringWindow `json:"trailing_year"`
	Deferred *Deferred        `json:"deferred"`
	CutShort int64            `json:"rows_cut_short"`
	Path     []RecurringSpan  `json:"path"`
	Starts   []Start          `json:"starts"`
}

// Open tells whether there are figures.
func (r *Recurring) Open() bool { return r != nil && r.Refused == "" && r.InPeriod != nil }

// RecurringWindow is one window of it, its lines by the last part of their names.
type RecurringWindow struct {
	Locked
	Period         *calendar.Period        `json:"period"`
	MRR            map[string]money.Amount `json:"mrr"`
	ARR            map[string]money.Amount `json:"arr"`
	Expansion      map[string]money.Amount `json:"expansion"`
	Contraction    map[string]money.Amount `json:"contraction"`
	Churned        map[string]money.Amount `json:"churned"`
	Customers      map[string]int64        `json:"customers"`
	CustomersLost  map[string]int64        `json:"customers_lost"`
	Subscriptions  map[string]int64        `json:"subscriptions"`
	AtOpening      map[string]money.Amount `json:"customers_at_opening"`
	NetRetention   evidence.Figure         `json:"net_revenue_retention"`
	GrossRetention evidence.Figure         `json:"gross_revenue_retention"`
	LogoRetention  evidence.Figure         `json:"logo_retention"`
	LogoChurn      evidence.Figure         `json:"logo_churn"`
	MonthlyChurn   evidence.Figure         `json:"logo_churn_monthly"`
	QuickRatio     evidence.Figure         `json:"quick_ratio"`
	Plans          []RecurringPlan         `json:"plans"`
}

// Open tells whether the window has figures.
func (w *RecurringWindow) Open() bool { return w != nil && w.Refused == "" && w.Period != nil }

// Rate is the rate of that name.
func (w *RecurringWindow) Rate(name string) evidence.Figure {
	return map[string]evidence.Figure{
		"net_revenue_retention": w.NetRetention, "gross_revenue_retention": w.GrossRetention, "logo_retention": w.LogoRetention, "logo_churn": w.LogoChurn,
		"logo_churn_monthly": w.MonthlyChurn, "quick_ratio": w.QuickRatio,
	}[name]
}

// Causes are a window's lines by cause, where a line of the roll-forward is split.
func (w *RecurringWindow) Causes(line string) map[string]money.Amount {
	return map[string]map[string]money.Amount{"expansion": w.Expansion, "contraction": w.Contraction, "churned": w.Churned}[line]
}

// RecurringPlan is one plan in a window.
type RecurringPlan struct {
	Name          string                  `json:"name"`
	Of            string                  `json:"of"` // plan, not_given, rest
	MRR           map[string]money.Amount `json:"mrr"`
	Customers     map[string]int64        `json:"customers"`
	Subscriptions map[string]int64        `json:"subscriptions"`
	Churn         evidence.Figure         `json:"churn_rate"`
}

// RecurringSpan is one span of the path.
type RecurringSpan struct {
	Name          string                  `json:"name"`
	Period        calendar.Period         `json:"period"`
	MRR           map[string]money.Amount `json:"mrr"`
	Customers     map[string]int64        `json:"customers"`
	Subscriptions int64                   `json:"subscriptions"`
}

// Start is a cohort of subscriptions by the span in which they began.
type Start struct {
	Name string `json:"name"`
	Ages []struct {
		Name          string       `json:"name"`
		Age           int          `json:"age"`
		Subscriptions int64        `json:"subscriptions"`
		MRR           money.Amount `json:"mrr"`
	} `json:"ages"`
}

// Deferred is what was billed and has not accrued, or why that is not known.
type Deferred struct {
	Locked
	Amount *money.Amount `json:"amount"`
	By     []struct {
		Name          string       `json:"name"`
		Subscriptions int64        `json:"subscriptions"`
		Billed        money.Amount `json:"billed"`
		Accrued       money.Amount `json:"accrued"`
		Deferred      money.Amount `json:"deferred"`
	} `json:"by_billing"`
}

// The lines of the roll-forward in their order, those that are taken off, and the causes of each that has any.
var (
	RecurringLines      = []string{"opening", "new", "reactivated", "resumed", "expansion", "contraction", "paused", "churned", "exchange", "other", "closing"}
	RecurringSubtracted = []string{"contraction", "paused", "churned"}
	RecurringCauses     = map[string][]string{
		"expansion": {"plan", "price", "added"}, "contraction": {"plan", "price", "dropped"}, "churned": {"voluntary", "payment", "other", "not_given"},
	}
	RecurringCustomers     = []string{"opening", "new", "reactivated", "resumed", "lost", "paused", "closing"}
	RecurringSubscriptions = []string{"opening", "began", "resumed", "paused", "ended", "closing"}
	RecurringRates         = []string{"net_revenue_retention", "gross_revenue_retention", "logo_retention", "logo_churn", "logo_churn_monthly", "quick_ratio"}
)

// Where the definitions of the subscription trade come from.
const (
	standards = "SaaS Metrics Standards Board, Net Revenue Retention and Gross Revenue Retention (saasmetricsboard.com)"
	movements = "ChartMogul, Data Table and MRR Movements (help.chartmogul.com)"
	hamid     = "M. Hamid, Social Capital (2015), the SaaS quick ratio"
)

// Subscriptions is the unit of what counts them.
const Subscriptions Unit = "subscriptions"

// RecurringWindow is a window of the statement by its block; nil where there is none.
func (d *Document) RecurringWindow(b Block) *RecurringWindow {
	switch {
	case !d.Recurring.Open():
		return nil
	case b == RecurringTrailing:
		return d.Recurring.Trailing
	}
	return d.Recurring.InPeriod
}

// windowed is a value of a window.
func windowed(of func(*RecurringWindow) (Value, bool)) func(*Document, Block) (Value, bool) {
	return func(d *Document, b Block) (Value, bool) { return of(d.RecurringWindow(b)) }
}

func mrr(line string) func(*Document, Block) (Value, bool) {
	return windowed(func(w *RecurringWindow) (Value, bool) { a, ok := w.MRR[line]; return Value{Amount: a}, ok })
}

func logos(line string) func(*Document, Block) (Value, bool) {
	return windowed(func(w *RecurringWindow) (Value, bool) { n, ok := w.Customers[line]; return Value{Count: n}, ok })
}

// recurringRate is a rate, which documents that lack it have as neither an estimate nor a refusal.
func recurringRate(name string) func(*Document, Block) (Value, bool) {
	return windowed(func(w *RecurringWindow) (Value, bool) {
		f := w.Rate(name)
		_, estimated := f.Estimate()
		_, refused := f.Refusal()
		return Value{Figure: f}, estimated || refused
	})
}

// atOpening is the working of a rate of the customers at opening: what they have of what they had.
func atOpening(line string) func(*Document, Block) []Term {
	return func(d *Document, b Block) []Term {
		at := d.RecurringWindow(b).AtOpening
		return []Term{amountTerm(at[line]), {Sign: "÷"}, amountTerm(at["mrr_opening"])}
	}
}

func deferred(d *Document, _ Block) (Value, bool) {
	if d.Recurring.Deferred == nil || d.Recurring.Deferred.Amount == nil {
		return Value{}, false
	}
	return Value{Amount: *d.Recurring.Deferred.Amount}, true
}

// recurringDefinitions are the figures of a window of subscriptions.
var recurringDefinitions = []Definition{
	{
		Name: "mrr.opening", Label: "MRR at opening", Unit: Money, Source: movements, value: mrr("opening"), Formula: "Σ monthly_amount of the rows that ran on the day before the period",
		Meaning: "Monthly recurring revenue when the period began: what the subscriptions that ran then come to in a month. A row that starts on the period’s first day is a movement of the period.",
	},
	{
		Name: "mrr.new", Label: "New", Unit: Money, Source: movements, value: mrr("new"), Formula: "of customers who never had recurring revenue before that day",
		Meaning: "Recurring revenue of customers on the day on which they first had any.",
	},
	{
		Name: "mrr.reactivated", Label: "Reactivated", Unit: Money, Source: movements, value: mrr("reactivated"), Formula: "of customers who had none on the day before and some once, by other subscriptions than those that stopped",
		Meaning: "Recurring revenue of customers who had churned and came back with another subscription.",
	},
	{
		Name: "mrr.resumed", Label: "Resumed", Unit: Money, Source: ours, value: mrr("resumed"), Formula: "of subscriptions that begin again after a gap, of the same customer",
		Meaning: "Recurring revenue of subscriptions that had stopped and go on under the same number.",
	},
	{
		Name: "mrr.expansion", Label: "Expansion", Unit: Money, Source: movements, value: mrr("expansion"), Formula: "plan + price + added",
		Meaning: "What customers who stayed added: a change to a dearer plan, a higher price at the same plan, another subscription.",
	},
	{
		Name: "mrr.contraction", Label: "Contraction", Unit: Money, Source: movements, Taken: true, value: mrr("contraction"), Formula: "plan + price + dropped",
		Meaning: "What customers who stayed took off: a change to a cheaper plan, a lower price at the same plan, one of several subscriptions.",
	},
	{
		Name: "mrr.paused", Label: "Paused", Unit: Money, Source: ours, Taken: true, value: mrr("paused"), Formula: "of rows that end and say that they pause, or say nothing and go on later, as known at the period’s end",
		Meaning: "Recurring revenue of subscriptions that stopped for a while. A gap that is still open at the period’s end is a pause only when its end_reason says so.",
	},
	{
		Name: "mrr.churned", Label: "Churned", Unit: Money, Source: movements, Taken: true, value: mrr("churned"), Formula: "voluntary + payment + other + not given",
		Meaning: "Recurring revenue of customers on the day on which they ceased to have any, but what paused.",
	},
	{
		Name: "mrr.exchange", Label: "Exchange", Unit: Money, Source: ours, value: mrr("exchange"), Formula: "closing − all other lines; zero where every row is in the statement’s currency",
		Meaning: "What moves of exchange rates made of subscriptions that ran on. Each movement converts at the rate of its day, each end at that of the day before it.",
	},
	{
		Name: "mrr.other", Label: "Other: credits", Unit: Money, Source: ours, value: mrr("other"), Formula: "changes of customers without a paying row before and after",
		Meaning: "Rows with an amount below zero of customers who pay for nothing.",
	},
	{
		Name: "mrr.closing", Label: "MRR at closing", Unit: Money, Source: movements, value: mrr("closing"),
		work:    work("{mrr.opening} + {mrr.new} + {mrr.reactivated} + {mrr.resumed} + {mrr.expansion} − {mrr.contraction} − {mrr.paused} − {mrr.churned} + {mrr.exchange} + {mrr.other}"),
		Formula: "Σ monthly_amount of the rows that ran on the period’s last day",
		Meaning: "Monthly recurring revenue when the period ended.",
	},
	{
		Name: "arr.closing", Label: "ARR at closing", Unit: Money, Source: ours, value: windowed(func(w *RecurringWindow) (Value, bool) { a, ok := w.ARR["closing"]; return Value{Amount: a}, ok }), work: work("12 × {mrr.closing}"), Formula: "12 × MRR at closing",
		Meaning: "Annual recurring revenue: what a year like the last day comes to.",
	},
	{
		Name: "net_revenue_retention", Label: "Net revenue retention (NRR)", Unit: Share, Source: standards, value: recurringRate("net_revenue_retention"), work: atOpening("mrr_closing"), Formula: "closing MRR of the customers at opening ÷ their opening MRR",
		Meaning: "What the customers who had recurring revenue at opening have at closing, as a share of what they had. Those who left count with nothing, those who came new do not count.",
	},
	{
		Name: "gross_revenue_retention", Label: "Gross revenue retention (GRR)", Unit: Share, Source: standards, value: recurringRate("gross_revenue_retention"), work: atOpening("mrr_closing_capped"), Formula: "Σ min(closing MRR, opening MRR) over the customers at opening ÷ their opening MRR",
		Meaning: "As net retention, but no customer counts for more than it had at opening. It can only fall.",
	},
	{
		Name: "logo_retention", Label: "Logo retention", Unit: Share, Source: standards, value: recurringRate("logo_retention"), work: work("{customers.retained} ÷ {customers.opening}"), Formula: "customers at opening and at closing ÷ customers at opening",
		Meaning: "How many of the customers at opening have recurring revenue at closing.",
	},
	{
		Name: "logo_churn", Label: "Logo churn", Unit: Share, Source: standards, value: recurringRate("logo_churn"), work: work("1 − {customers.retained} ÷ {customers.opening}"), Formula: "1 − logo retention",
		Meaning: "How many of the customers at opening have none at closing, whether they churned or paused.",
	},
	{
		Name: "logo_churn_monthly", Label: "Logo churn, a month", Unit: Share, Source: ours, value: recurringRate("logo_churn_monthly"), Formula: "1 − logo retention^(1 ÷ months)",
		Meaning: "The share that, lost every month, comes to the logo churn of the period.",
	},
	{
		Name: "quick_ratio", Label: "Quick ratio", Unit: Multiple, Source: hamid, value: recurringRate("quick_ratio"), work: work("( {mrr.new} + {mrr.reactivated} + {mrr.resumed} + {mrr.expansion} ) ÷ ( {mrr.churned} + {mrr.paused} + {mrr.contraction} )"), Formula: "(new + reactivated + resumed + expansion) ÷ (churned + paused + contraction)",
		Meaning: "How much recurring revenue was gained for each one that was lost. Coming back counts as gained, a pause as lost.",
	},
	{
		Name: "customers.opening", Label: "Customers at opening", Unit: Customers, Source: movements, value: logos("opening"), Formula: "with a row above zero that ran on the day before the period",
		Meaning: "Customers who had recurring revenue when the period began.",
	},
	{
		Name: "customers.retained", Label: "Customers at opening and at closing", Unit: Customers, Source: movements, value: logos("retained"), Formula: "with recurring revenue on the day before the period and on its last",
		Meaning: "Customers who had recurring revenue when the period began and have some when it ends, whatever happened between.",
	},
	{
		Name: "customers.closing", Label: "Customers at closing", Unit: Customers, Source: movements, value: logos("closing"), Formula: "opening + new + reactivated + resumed − lost − paused",
		Meaning: "Customers who have recurring revenue when the period ends. Who left and came back within it stands in both lines.",
	},
	{
		Name: "subscriptions.closing", Label: "Subscriptions at closing", Unit: Subscriptions, Source: ours, value: windowed(func(w *RecurringWindow) (Value, bool) {
			n, ok := w.Subscriptions["closing"]
			return Value{Count: n}, ok
		}), Formula: "opening + began + resumed − paused − ended",
		Meaning: "Subscriptions with a monthly amount above zero that run when the period ends.",
	},
	{
		Name: "plans.churn_rate", Label: "Churn of a plan", Unit: Share, Source: ours, Formula: "MRR of the plan’s subscriptions that ended ÷ the plan’s opening MRR",
		Meaning: "Recurring revenue of the plan’s subscriptions that ended in the period, as a share of the plan’s at opening. What began within the period counts too, so it can pass 100%. A change to another plan and a pause are no end.",
	},
}

// deferredDefinitions are of the document as a whole: what is deferred at the end of both windows.
var deferredDefinitions = []Definition{
	{
		Name: "deferred.amount", Label: "Deferred revenue", Unit: Money, Source: ours, value: deferred, Formula: "billed for the stretch that runs at the end − accrued of it by day",
		Meaning: "What has been billed in advance and not yet accrued when the period ends, of the subscriptions that run then.",
	},
}
