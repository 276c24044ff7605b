// Package profit owns what customers leave a company after what serving them took: their gross profit, the cost to serve
// led to each of them, how profit is spread over them, and what it costs to win one and how soon that is paid back. It owns
// the definitions and their identities; it asks its questions through the port [Ledger] and knows neither rows nor SQL.
//
// Cost to serve follows time-driven activity-based costing (Kaplan & Anderson, "Time-Driven Activity-Based Costing",
// Harvard Business Review 82(11), November 2004): a touchpoint's cost over the time, or the contacts, that it spent gives a
// rate, and a customer costs the rate times their own. It departs from the paper in one thing, which the books cannot give:
// the rate is over what was used, not over practical capacity, so that idle time is carried by those who were served.
//
// The invariant: the serve costs of a period are what is led to customers, unidentified callers and excluded ones, and what
// lies at touchpoints without contacts or without a touchpoint, to the last place.
package profit

import (
	"context"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Ledger answers the questions of profit over the books. Its answers are exact and do not depend on the order of rows.
type Ledger interface {
	// Costs sums the rows of the costs book that say the same of themselves, in the statement's currency at the rate of the
	// last day of their period that has one; named reads a period's name.
	Costs(ctx context.Context, named func(string) (calendar.Period, error)) ([]Cost, error)
	// GrossProfit sums the period's lines of identified customers by how their profit is known.
	GrossProfit(ctx context.Context, p calendar.Period) ([]Known, error)
	// Contacts counts the interactions of spans that are ordered and do not overlap.
	Contacts(ctx context.Context, spans []calendar.Period) (Contacts, error)
	// Ranking puts the customers with a line or a contact in the question's period in order of profit and sums hundredths of them.
	Ranking(ctx context.Context, q Question) ([]Hundredth, error)
	// Acquired sums the customers who are new in spans that are ordered and follow each other, by span and origin.
	Acquired(ctx context.Context, spans []calendar.Period, anyLine bool) ([]Cohort, error)
}

// Names answers about the names that the margins are stated for.
type Names interface {
	// UnusedMargins lists the names of stated margins, but for the default, that
	// neither a product or plan of a line before a day nor a segment of a customer
	// has, in order: misspelt ones, which would otherwise be silent.
	UnusedMargins(ctx context.Context, until calendar.Day) ([]string, error)
}

// Cost is what departments spent on one thing in one period.
type Cost struct {
	Named      string // the period as the book names it
	Period     calendar.Period
	Department string
	Kind       string // acquire, serve, train, retain, other
	Touchpoint string // empty: none
	Amount     money.Amount
	Rows       int64
	Fault      string // why the row counts nowhere; empty: it counts
}

// Known are lines whose profit is known in one way: "cost" on the line, "margin NAME" by a stated margin, or "" not at all.
type Known struct {
	By      string
	Lines   int64
	Revenue money.Amount
	Profit  money.Amount
	Sizes   money.Amount // Σ |profit|
}

// Contacts are the interactions of some spans.
type Contacts struct {
	Cells  []Contact
	Served map[string]int64 // identified customers by touchpoint
}

// Contact are the interactions of a touchpoint in a span with one kind of caller.
type Contact struct {
	Touchpoint string
	Span       int
	Who        string // identified, unidentified, excluded
	Contacts   int64
	Timed      int64    // of them, with handle_seconds that are not negative
	Seconds    *big.Int // millionths of seconds
}

// Question asks for the order of profit: what one contact, and one millionth of a second, cost at a touchpoint in a span,
// in units of which 10^Scale are a millionth of the currency.
type Question struct {
	Period calendar.Period
	Spans  []calendar.Period
	Prices []Price
	Scale  int
}

// Price is what a contact or a millionth of a second cost; one of them is zero.
type Price struct {
	Touchpoint              string
	Span                    int
	PerContact, PerMicrosec *big.Int
}

// Hundredth is one in a hundred of the customers in order of profit, the highest first; of equals, who brought more revenue
// and more gross profit. The customer of rank r of N, from 0, is in hundredth ⌊100·r/N⌋. Profits are in units of the question.
type Hundredth struct {
	Place          int
	Customers      int64
	Revenue, Gross money.Amount
	Profit         *big.Int
	Least, Most    *big.Int
	Gaining        int64    // customers with profit above zero
	Gains          *big.Int // their profit
	Losing         int64
	Losses         *big.Int // negative
}

// Cohort are customers who were new in one span and came the same way: acquired_via, or empty.
type Cohort struct {
	First     int
	Via       string
	Customers int64
	// Sums[m] is their gross profit from the beginning to the end of span m, Squares[m] the sum over customers of its square,
	// in squared millionths.
	Sums    []money.Amount
	Squares []*big.Int
}
