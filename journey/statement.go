package journey

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Input is what a touchpoint statement is made from.
type Input struct {
	Map      *Map
	Found    bool // nobody mapped anything: the touchpoints are the names that the books have
	Period   calendar.Period
	Compared calendar.Period
	Currency money.Currency
	NoBefore bool // rows of the comparison period are no longer kept
	// Costs are what serving cost by name of the books; NoCosts says why it is not known.
	Costs   []Cost
	NoCosts *evidence.Refusal
	// Jobs are those of the last day, as [People] tells them; People of 0 is not known. MinimumGroup is of how many people of one their number
	// is told, below 2 of [FewestTold].
	Jobs         []Job
	MinimumGroup int64
	// Passed and Next are the windows of what customers did next; NoNext says why it is not asked.
	Passed, Next calendar.Period
	NoNext       *evidence.Refusal
	Subscribed   bool // customers are active by running subscriptions
	// PeriodOf is the period of a name, as the book measures has them; nil: that book is left out.
	PeriodOf func(name string) (calendar.Period, error)
}

// Cost is what serving at one name of the books cost in the period.
type Cost struct {
	Name     string
	Amount   money.Amount
	Contacts int64
}

// Statement is the touchpoint statement: a line for every touchpoint that was one on a day of the period, in the order of the map, and
// what the map does not cover.
type Statement struct {
	Lines    []Line
	Coverage Coverage
}

// Line is one touchpoint, as it was on the period's last day, or on its own last one.
type Line struct {
	Key        string `json:"name"`
	Title      string `json:"title"`
	Journey    string `json:"journey"`    // a key
	Stage      string `json:"stage"`      // a key of the journey
	Department string `json:"department"` // a key; empty: nobody's
	Owner      string `json:"owner"`
	Ended      *Ended `json:"ended,omitempty"`
	Verdict           // of the brand that does worst
	Brand      string `json:"brand"` // that brand
	Volume
	Brands   []Branded        `json:"brands"`
	Rows     []Counted        `json:"rows"` // of each book that names it, in the period
	Measures []Shown          `json:"measures,omitempty"`
	Next     *Next            `json:"next,omitempty"`
	Cost     *evidence.Figure `json:"cost_to_serve,omitempty"`
	Each     *evidence.Figure `json:"cost_per_contact,omitempty"`
}

// Ended says that a touchpoint was one no more from a day of the period on.
type Ended struct {
	On   calendar.Day `json:"on"`
	Into []string     `json:"into,omitempty"`
	Why  string       `json:"why,omitempty"`
}

// Verdict is a state with what it was judged by.
type Verdict struct {
	State    State            `json:"state"`
	Standard string           `json:"standard"` // a key; empty: none
	Headline string           `json:"headline"` // the figure's name; empty: nothing is measured
	Value    *evidence.Figure `json:"-"`        // of the headline
}

// Volume is how much a touchpoint had to do in the period. What gave up, and what was kept from a person, stands where the books know it of
// some contact.
type Volume struct {
	Contacts   int64  `json:"contacts"`
	Before     int64  `json:"contacts_before"` // in the comparison period
	Identified int64  `json:"identified"`      // contacts that name a customer
	Known      int64  `json:"identified_before"`
	Customers  int64  `json:"customers"`
	Unreached  []Lost `json:"unreached"`
}

// The names of the unreached.
const (
	LostCustomers = "lost_customers" // gave up, and did not come through within ReachDays
	LostNameless  = "lost_nameless"  // contacts that were given up and name nobody
	CameAgain     = "came_again"     // contained contacts whose customer came again
)

// Lost are people or contacts that were not reached. Of is of how many it is known: customers who gave up, abandoned contacts, or contained ones that
// name a customer. Open are those besides of whom it is not known yet, because the period ends within [ReachDays] days, and nothing after it is
// read. Before is of the comparison period, which is followed up to its own end in the same way.
type Lost struct {
	Name   string `json:"name"`
	N      int64  `json:"n"`
	Of     int64  `json:"of"`
	Open   int64  `json:"open"`
	Before *int64 `json:"before,omitempty"`
}

// Branded is what the customers of one brand met at a touchpoint.
type Branded struct {
	Brand string `json:"name"` // a key; empty: of no brand
	Verdict
	Volume
	Standards []Judged  `json:"standards"`
	Figures   []Shown   `json:"figures"`
	Scores    []Scored  `json:"scores,omitempty"`
	PutRight  *PutRight `json:"put_right,omitempty"`
}

// Judged is a standard with how it is kept.
type Judged struct {
	Key     string `json:"name"`
	Figure  string `json:"figure"` // the name of what it is measured by
	AtLeast string `json:"at_least,omitempty"`
	AtMost  string `json:"at_most,omitempty"`
	State   State  `json:"state"`
}

// Shown is a figure of the period beside what it was.
type Shown struct {
	Name   string           `json:"name"`
	Figure evidence.Figure  `json:"figure"`
	Bounds *evidence.Figure `json:"bounds,omitempty"` // of all contacts, where a fifth or more are not known
	Before json.Number      `json:"before,omitempty"` // its value in the comparison period
	Change *Interval        `json:"change,omitempty"` // the interval of figure − before

	rests float64 // how many independent contacts or answers would say as much, from 1 to their number
}

// Scored is the answers to one question.
type Scored struct {
	Name      string `json:"name"`               // as its figure is called
	Question  string `json:"question,omitempty"` // empty: its name
	Scale     string `json:"scale,omitempty"`
	N         int64  `json:"n"`
	Unread    int64  `json:"unread,omitempty"`
	Customers int64  `json:"customers"`
	Comments  int64  `json:"comments,omitempty"`
	Low       int64  `json:"low"`
	Middle    int64  `json:"middle"`
	High      int64  `json:"high"`
}

// Counted is a number with a name.
type Counted struct {
	Name string `json:"name"`
	N    int64  `json:"n"`
}

// answers are what the ledger said.
type answers struct {
	served   []Served
	answered []Answered
	named    []Named
	measured []Measured
	strata   []Stratum
}

// State asks a ledger and makes the statement. An error says that the ledger failed.
func (in Input) State(ctx context.Context, ledger Ledger) (Statement, error) {
	q := in.question()
	var a answers
	var err error
	if a.served, err = ledger.Touched(ctx, q); err != nil {
		return Statement{}, err
	}
	if a.answered, err = ledger.Answered(ctx, q); err != nil {
		return Statement{}, err
	}
	if a.named, err = ledger.Named(ctx, q); err != nil {
		return Statement{}, err
	}
	if a.measured, err = ledger.Measured(ctx, q); err != nil {
		return Statement{}, err
	}
	if in.NoNext == nil {
		next := q
		next.Spans = []calendar.Period{in.Passed, in.Next}
		if a.strata, err = ledger.After(ctx, After{Question: next, Passed: in.Passed, Next: in.Next, Subscribed: in.Subscribed}); err != nil {
			return Statement{}, err
		}
	}
	if in.NoBefore {
		a.forget()
	}
	return in.state(a), nil
}

// forget leaves out the comparison period, of which a part would pass for the whole.
func (a *answers) forget() {
	a.served = slices.DeleteFunc(a.served, func(s Served) bool { return s.Span > 0 })
	a.answered = slices.DeleteFunc(a.answered, func(s Answered) bool { return s.Span > 0 })
	a.measured = slices.DeleteFunc(a.measured, func(m Measured) bool { return m.Span > 0 })
}

// last is the day on which the map is looked at.
func (in Input) last() calendar.Day { return in.Period.End - 1 }

// question is what a ledger is asked of the map: the period first, then the comparison.
func (in Input) question() Question {
	q := Question{Spans: []calendar.Period{in.Period, in.Compared}, Places: in.Map.Places(), Entities: map[string]string{}, Period: in.PeriodOf}
	for _, b := range in.Map.Brands {
		for _, e := range b.Entities {
			q.Entities[Fold(e)] = b.Key
		}
	}
	if b, ok := in.Map.Rest(in.last()); ok {
		q.Rest = b.Key
	}
	promised := map[int64]bool{}
	for _, s := range in.Map.Standards {
		if s.Measure.Kind == Within {
			promised[s.Measure.Seconds] = true
		}
	}
	for _, seconds := range Waits {
		if promised[seconds] {
			q.Within = append(q.Within, seconds)
		}
	}
	return q
}
