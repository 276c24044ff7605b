// Package behaviour owns the question whether customers behave as they used to: how often they buy, how much at a time, how
// soon again, and of what, month by month, for all and for each segment, and the alarms on these series. It owns what each
// measure counts, the course that a series is held against, the limits and how many alarms come by chance. It does not own
// rows, SQL, calendars, who a customer is, or the statistics of a series that left its course (package change), and it never
// says why one did: an alarm is an observation, not a cause.
//
// Sources: Page, Continuous inspection schemes, Biometrika 41 (1954); Hawkins, Self-starting cusum charts for location and
// scale, The Statistician 36 (1987); Hawkins & Olwell, Cumulative Sum Charts and Charting for Quality Improvement (1998);
// Jones, Champ & Rigdon, The run length distribution of the CUSUM with estimated parameters, Journal of Quality Technology 36
// (2004), on why a limit must be wider when the course is estimated.
//
// Invariant: what a month's value counts is over by that month's end, so a later month never changes it; books that reach
// further back do not either.
package behaviour

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// The bounds of what is looked at, and for how many days after a purchase day the next one is waited for.
const (
	MostMonths   = 60
	MostSegments = 12
	MostProducts = 20
	Follow       = 90
)

// Rest is the place of what is folded: the smaller segments together with customers of none, the smaller products together
// with lines of none.
const Rest = -1

// Question asks for months that follow each other, at most MostMonths. Mix asks for products as well.
type Question struct {
	Months []calendar.Period
	Mix    bool
}

// span is the whole of the months.
func (q Question) span() calendar.Period {
	return calendar.Period{Start: q.Months[0].Start, End: q.Months[len(q.Months)-1].End}
}

// Cell is what the customers of a segment did in a month.
//
// A purchase day is a day on which a customer has a line above zero; returns on it are left aside. Followed are the purchase
// days Follow days before the days of the month: whether and when another came is known on the month's days.
type Cell struct {
	Month, Segment int   // places; Segment may be Rest
	Visits         int64 // purchase days
	Buyers         int64 // customers with any
	Logs           int64 // over purchase days: millionths of the natural logarithm of what was bought on it, each rounded half away from zero
	Followed       int64
	Waits          int64 // over the followed: days until the next purchase day, Follow where none came by then
	Returned       int64 // of the followed, how many had another by then
}

// Sale is what a month's lines above zero of a product came to.
type Sale struct {
	Month, Segment, Product int // places; Rest where folded
	Lines                   int64
	Revenue                 money.Amount
}

// Tally is what a ledger counts. Segments are those with most purchase days in the months, Products those with the highest
// revenue of lines above zero, the largest first and equals by name. A ledger that knows no segments gives none, and all of
// its cells are of Rest.
type Tally struct {
	Segments, Products []string
	Cells              []Cell
	Sales              []Sale
}

// Ledger answers over the lines of orders with a customer id, after links, without the excluded, in the statement's currency.
// Days before the first month are not looked at.
type Ledger interface {
	Behaviour(ctx context.Context, q Question) (Tally, error)
}
