package journey

import (
	"context"
	"fmt"
	"math/big"

	"github.com/throughline/throughline/calendar"
)

// Ledger answers the questions about touchpoints. Its answers are exact and do not depend on the order of rows. Customers are those
// of the statement: merged ids led to the one that stands; what the excluded did is left out. Days are local. No row is read that
// happened when the last span of the question had ended or later, so that an answer stays what it was; a customer's segment and
// entity are those that the books know.
type Ledger interface {
	// Touched counts contacts by span, touchpoint and brand.
	Touched(ctx context.Context, q Question) ([]Served, error)
	// Answered counts answers with a score by span, touchpoint, brand, question and scale.
	Answered(ctx context.Context, q Question) ([]Answered, error)
	// Named counts the rows of every book that names touchpoints by span, book, name and where it leads: the [MostNames] names of a
	// book with the most rows in all spans together, and all others together.
	Named(ctx context.Context, q Question) ([]Named, error)
	// Measured lists the figures of the book measures whose period lies in a span and that name a touchpoint, by touchpoint and
	// measure. A period leads by its first day.
	Measured(ctx context.Context, q Question) ([]Measured, error)
	// After counts what customers did after they passed a touchpoint, beside all others like them.
	After(ctx context.Context, q After) ([]Stratum, error)
}

// MostNames is how many names of a book are told apart.
const MostNames = 2000

// Question is what the ledger is asked of the map.
type Question struct {
	Spans    []calendar.Period // they may overlap
	Places   []Place           // names lead to touchpoints; what leads nowhere has the touchpoint ""
	Entities map[string]string // brand by folded entity of the customer; none: there is one brand
	Rest     string            // the brand of all others
	Within   []int64           // seconds of waiting that standards promise: some of Waits
	// Period gives the period of a name such as 2011-Q3, as rows of measures and costs have it; nil: these two books are left out, as
	// is a row whose name it refuses.
	Period func(name string) (calendar.Period, error)
}

// Until is the first day of which nothing is read.
func (q Question) Until() calendar.Day {
	end := calendar.Day(0)
	for i, s := range q.Spans {
		if i == 0 || s.End > end {
			end = s.End
		}
	}
	return end
}

// Part is what an answer is about.
type Part struct {
	Span              int // index of the question's spans
	Touchpoint, Brand string
}

// Rate counts contacts of which something is known, and those that have it. The sums are over customers, each contact without one
// standing for itself: of had², had · known and known², by which a rate's interval allows for customers who come again.
type Rate struct {
	Known, Had                     int64
	HadHad, HadKnown, KnownSquared int64
}

// Mean is a sum over rows that have a value, as exact decimals, with the sums over customers of sum², sum · n and n².
type Mean struct {
	N            int64
	Sum, Squares *big.Rat // of rows
	SumSum, SumN *big.Rat
	NN           int64
}

// Served is the contacts of one part. Waiting and handling times and hand-offs below nothing are not known.
//
// Who gave up was not served, however short they waited: within some seconds are the contacts whose wait is known to be no longer and
// that are not known as abandoned, of those whose wait is known or that are known as abandoned. Waits are of all whose wait is known.
type Served struct {
	Part
	Contacts   int64
	Identified int64 // contacts that name a customer
	Customers  int64 // of these, different ones
	First      calendar.Day
	Last       calendar.Day // days of the first and the last contact

	Waits     Mean
	Median    *big.Rat // seconds: the shortest wait than which at least half did not wait longer; nil: no wait is known
	Ninth     *big.Rat // the same of nine tenths
	Within    []Rate   // served within, beside Question.Within
	Handled   Mean
	Transfers Mean
	Abandoned Rate
	Contained Rate
	Resolved  Rate
	Reopened  Rate

	// The unreached. A contact comes through when it is known neither as abandoned nor as contained. One follows another when it is of
	// the same customer, at any touchpoint, in the same moment or later, and at most [ReachDays] days after it by the calendar. A
	// contact is open while these days are not over when its span ends: what did not follow may come yet. Of no span anything is read that
	// happened after it, so that each is followed as the others are.
	GaveUp       int64 // different customers who abandoned a contact
	Lost         int64 // of these, those of whom an abandoned contact was followed by none that came through
	LostOpen     int64 // of those who are not lost, those of whom an open one was followed by none yet
	LostNameless int64 // abandoned contacts that name nobody
	CameAgain    Rate  // contained contacts that name a customer and are not open; had: that one followed which was not contained
	Open         int64 // contained contacts that name a customer and are open
	Remedies     []Remedy
}

// ReachDays is within how many days who gave up must have come through to count as reached.
const ReachDays = 7

// Remedy counts customers by how long it took to put something right. A contact leaves something to be put right when it was abandoned,
// not resolved, or came up again (reopened); of several of one customer in a part, the first counts. It is put right by the first contact in the
// same moment or later, at any touchpoint, that was resolved and leaves nothing. Books that do not say what was resolved have no
// remedies.
type Remedy struct {
	Days  int   // from 0 up to MostRemedyDays, by the calendar
	Put   int64 // right after so many days
	Still int64 // not put right up to then, where the span ends or more is not asked
}

// MostRemedyDays is how long a remedy is waited for.
const MostRemedyDays = 60

// Answered is the answers with a score to one question of one part. Those on the scale are Low, Middle or High, by the rule of voice:
//
//   - nps is asked on 0-10 alone: 0 to 6 are low, 9 and 10 high; csat stands on 1-5 and ces on 1-7 unless the answer says otherwise;
//     another question needs a scale.
//   - Of ces what lies above the middle of the scale is high. Of csat and other questions the two highest answers are, of a scale of two or three
//     answers the highest, of a scale of more than eleven the highest fifth. The low mirror the high; fractions between are in the middle.
//
// All others are Unread: off the scale, on one in words, on none.
type Answered struct {
	Part
	Question, Scale   string // folded; the scale as it is written in answers, empty: that of the question
	N, Unread         int64  // N are those on the scale
	Customers         int64  // different ones of N
	Comments          int64  // of N, answers with words
	Low, Middle, High int64
	Unit              Mean // of −1, 0 and 1 for nps; of 1 for the top answers and 0 for others
	Score             Mean
}

// Named is how often a book names a touchpoint.
type Named struct {
	Span       int
	Book       string // interactions, answers, remarks, orders, measures, costs
	Name       string // as Fold has it; empty: the rows name none, or Others do
	Others     int64  // so many names that are not told apart; 0: only Name
	Touchpoint string // where the name leads; empty: nowhere
	Rows       int64
	Customers  int64 // different ones; 0 where the book has none
}

// Measured is a figure that another system measured.
type Measured struct {
	Span       int
	Touchpoint string
	Measure    string // as Fold has it
	Values     int64
	Mean       *big.Rat // weighted by n where every row has one above 0
	N          *big.Rat // their sum; nil: some row has none
	Shared     int64    // of Values, those whose name led to another touchpoint too within the row's period
}

// After is what the ledger is asked about what customers did next: those who passed a touchpoint in Passed, which is to have had a
// contact there, beside all who were customers when it ended, and whether they bought in Next. Spans are not asked.
type After struct {
	Question
	Passed, Next calendar.Period
	Subscribed   bool // active is a subscription that runs on the last day of Next, not net revenue above nothing in it
}

// Stratum counts customers who are alike when Passed ends. Who came later is in none.
type Stratum struct {
	Touchpoint string // empty: all customers, whether they passed or not
	Name       string // of the stratum: as Alike says it
	Customers  int64
	Again      int64  // of them active in Next
	Revenue    string // decimal text of six places, net, in Next
}

// Alike is what customers of a stratum have in common, known when Passed ends: their segment, one of the [MostSegments] with the most
// customers; their brand; and by the places of the bands, how many days ago they first came, how many purchases they have made, and how
// many days ago the last one was. A purchase is a day on which what was bought comes to more than nothing.
type Alike struct {
	Segment, Brand           string // segment empty: a smaller one, or none is known
	Tenure, Purchases, Since int
}

// MostSegments is how many segments are told apart.
const MostSegments = 20

// The bands end with these days and purchases; one more is beyond. Of Since yet another is of those who have not bought.
var (
	Tenures   = []int{90, 365, 1095}
	Purchases = []int{0, 1, 2, 5, 10}
	Since     = []int{7, 30, 90, 180, 365}
)

// String names the stratum, the same for the same customers.
func (a Alike) String() string {
	return fmt.Sprintf("%s|%s|%s|%s|%s", a.Segment, a.Brand, band(Tenures, a.Tenure), band(Purchases, a.Purchases), band(Since, a.Since))
}

// band is "≤90", ">1095", or "none".
func band(ends []int, i int) string {
	switch n := len(ends); {
	case i < n:
		return fmt.Sprintf("≤%d", ends[i])
	case i == n:
		return fmt.Sprintf(">%d", ends[n-1])
	}
	return "none"
}
