package recurring

import (
	"context"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Ledger answers the statement's question over the books. Its answers are
// exact and do not depend on the order of rows. Where the books do not allow
// an answer the error is a [Lack].
type Ledger interface {
	Recurring(ctx context.Context, q Question) (Tally, error)
}

// Question is what is asked: windows that all end on the same day, and the
// spans of a path, in their order and without gaps, that end no later.
type Question struct {
	Windows []calendar.Period
	Path    []calendar.Period
}

// Until is the day on which the windows end, itself excluded. Nothing that
// begins on it or later is known to the answer.
func (q Question) Until() calendar.Day { return q.Windows[0].End }

// Cuts are the days at whose midnights something begins or ends, in order;
// the spans of a [Tally] lie between them.
func (q Question) Cuts() []calendar.Day { return cuts(append(slices.Clone(q.Path), q.Windows...)) }

// WindowCuts are those of the windows alone.
func (q Question) WindowCuts() []calendar.Day { return cuts(q.Windows) }

func cuts(of []calendar.Period) []calendar.Day {
	var out []calendar.Day
	for _, p := range of {
		out = append(out, p.Start, p.End)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Lack says why the books do not allow an answer, and what would.
type Lack struct{ Reason, Need string }

func (l *Lack) Error() string { return l.Reason }

// State is what a day's changes made of a customer.
type State string

// A customer has recurring revenue on a day when a row with a monthly amount
// above zero runs. Idle are those without it before and after: free plans and
// credits.
const (
	New    State = "new"    // never had any before
	Back   State = "back"   // had some once, and none on the day before
	Left   State = "left"   // had some on the day before, and none now
	Stayed State = "stayed" // had and has
	Idle   State = "idle"
)

// Cell sums over the days on which something changed for a customer, of one
// span, state and kind. Amounts are in the statement's currency at the rate of
// the day. All but Up, Down and the sums of ends are of signed amounts: credits
// have negative ones.
type Cell struct {
	Span  int // index among the spans between the question's cuts
	State State
	// Swapped: a subscription began and another ended that day.
	Swapped bool
	// Resumed: a subscription came back that day that had stopped.
	Resumed bool
	// Reason is the first of Reasons for which a paying subscription ended
	// that day; empty: none ended, those that stopped paused.
	Reason Reason
	Days   int64 // how many customers' days

	PlanUp, PlanDown   money.Amount // rows that followed at another plan
	PriceUp, PriceDown money.Amount // rows that followed at the same plan
	Up, Down           money.Amount // what began less what ended, by the sign of that of a customer's day
	Began              money.Amount // subscriptions that began
	Ended              [4]money.Amount
	Back               money.Amount // subscriptions that came back
	Paused             money.Amount
}

// Delta is what the changes moved: after less before.
func (c Cell) Delta() money.Amount {
	sum := money.Sum(c.PlanUp, c.PlanDown.Neg(), c.PriceUp, c.PriceDown.Neg(), c.Began, c.Back, c.Paused.Neg())
	for _, e := range c.Ended {
		sum = sum.Sub(e)
	}
	return sum
}

// Stock is what ran on the day before a cut, of the subscriptions that began
// first in one span of the path.
type Stock struct {
	Cut           int // index among the question's cuts
	First         int // index among the path's spans; −1: before or after them
	Subscriptions int64
	MRR           money.Amount
}

// Held is what became of the customers between a window's ends.
type Held struct {
	Window                     int   // index among the question's windows
	Opening, Retained, Closing int64 // customers with recurring revenue
	// Base is the recurring revenue at opening of those for whom it came to
	// more than zero, credits taken off; Net is theirs at closing, and Gross
	// that with each customer's capped by its own at opening and not below
	// zero.
	Base, Net, Gross money.Amount
}

// Plan sums what the rows of one plan did in one span between the windows'
// cuts. Name is empty for rows without a plan; Rest stands for those beyond
// the largest.
type Plan struct {
	Name string
	Rest bool
	Span int // index among the spans between the windows' cuts

	Began, Back, Came, Went, Price, Paused, Ended money.Amount
	SubscriptionsBegan, SubscriptionsEnded        int64
}

// PlanStock is what ran of one plan on the day before one of the windows'
// cuts.
type PlanStock struct {
	Name                     string
	Rest                     bool
	Cut                      int // index among the windows' cuts
	Customers, Subscriptions int64
	MRR                      money.Amount
}

// Turns counts paying subscriptions that began, came back, paused and ended in
// a span between the question's cuts.
type Turns struct {
	Span                          int
	Began, Resumed, Paused, Ended int64
}

// Billed sums the rows that run at the end and say how they are billed: what
// the bill of the current stretch came to, and what of it has accrued.
type Billed struct {
	Every         string // monthly, quarterly, annual
	Subscriptions int64
	BelowZero     int64        // of them, with a billed_amount below zero
	Amount        money.Amount // billed for the current stretch
	Accrued       money.Amount // of it, up to the end
}

// Tally is the answer: bounded by spans, plans and reasons.
type Tally struct {
	From       calendar.Day // the first cut from which it holds; earlier spans are left out
	Foreign    bool         // whether a row is in another currency
	Cells      []Cell
	Stocks     []Stock
	Turns      []Turns
	Held       []Held
	Plans      []Plan
	PlanStocks []PlanStock
	Billed     []Billed
	Unbilled   int64 // paying rows that run at the end and do not say how they are billed
	CutShort   int64 // rows that had not ended when the next row of their subscription began
}
