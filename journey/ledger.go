package journey

import (
	"context"
	"math/big"

	"github.com/throughline/throughline/calendar"
)

// Ledger answers the questions about touchpoints. Its answers are exact and do not depend on the order of rows. Customers are those
// of the statement: merged ids led to the one that stands; what the excluded did is left out. Days are local.
type Ledger interface {
	// Served counts contacts by span, touchpoint and brand.
	Served(ctx context.Context, q Question) ([]Served, error)
	// Answered counts answers with a score by span, touchpoint, brand, question and scale.
	Answered(ctx context.Context, q Question) ([]Answered, error)
	// Named counts the rows of every book that names touchpoints by span, book and name; the most frequent [MostNames] names of a
	// book, and all others together.
	Named(ctx context.Context, q Question) ([]Named, error)
	// Measured lists the figures of the book measures whose period lies in a span and that name a touchpoint.
	Measured(ctx context.Context, q Question) ([]Measured, error)
	// After counts what customers did after they passed a touchpoint, beside all others like them.
	After(ctx context.Context, q After) ([]Stratum, error)
}

// MostNames is how many names of a book are told apart.
const MostNames = 2000

// Question is what the ledger is asked of the map.
type Question struct {
	Spans    []calendar.Period
	Places   []Place           // names lead to touchpoints; what leads nowhere has the touchpoint ""
	Entities map[string]string // brand by folded entity of the customer; none: there is one brand
	Rest     string            // the brand of all others
	Within   []int64           // seconds of waiting that standards promise: some of Waits
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

// Served is the contacts of one part. Wait and handling times below nothing are not known.
type Served struct {
	Part
	Contacts   int64
	Identified int64 // contacts that name a customer
	Customers  int64 // of these, different ones
	First      calendar.Day
	Last       calendar.Day // days of the first and the last contact

	Waits     Mean
	Median    *big.Rat // seconds; nil: no wait is known
	Ninth     *big.Rat // nine tenths waited no longer
	Within    []Rate   // beside Question.Within
	Handled   Mean
	Transfers Mean
	Abandoned Rate
	Contained Rate
	Resolved  Rate
	Reopened  Rate

	// The unreached: contacts that were abandoned, and that were contained. Of the abandoned who name a customer, the different ones
	// who had no contact that was neither abandoned nor contained within [ReachDays] days after, at any touchpoint; of the contained,
	// those who came again within these days to one that was not.
	Lost         int64 // customers
	LostNameless int64 // abandoned contacts that name none
	CameAgain    int64 // contained contacts whose customer came again
	ContainedOf  int64 // contained contacts that name a customer
	Remedies     []Remedy
}

// ReachDays is within how many days who gave up must have come through to count as reached.
const ReachDays = 7

// Remedy counts customers who were left with something to be put right (a contact that was abandoned, not resolved or reopened) by
// after how many days they had a resolved contact at any touchpoint, or were last seen to have none.
type Remedy struct {
	Days  int // from 0 up to MostRemedyDays
	Put   int64
	Still int64 // not put right up to then, where the books end
}

// MostRemedyDays is how long a remedy is waited for.
const MostRemedyDays = 60

// Answered is the answers to one question of one part. Low, Middle and High are the three classes of voice for the question and
// scale; answers outside the scale are Unread.
type Answered struct {
	Part
	Question, Scale   string // folded; the scale as it is written in answers, empty: that of the question
	N, Unread         int64
	Customers         int64 // different ones who answered
	Comments          int64 // answers with words
	Low, Middle, High int64
	Unit              Mean // of −1, 0 and 1 for nps; of 1 for the top answers and 0 for others
	Score             Mean
}

// Named is how often a book names a touchpoint.
type Named struct {
	Span       int
	Book       string // interactions, answers, remarks, orders, measures, costs
	Name       string // as Fold has it; empty: the row names none
	Others     int64  // names that this row stands for beside; 0: only Name
	Touchpoint string // where the name leads; empty: nowhere
	Rows       int64
	Customers  int64 // different ones; 0 where the book has none
}

// Measured is a figure that another system measured.
type Measured struct {
	Span       int
	Touchpoint string
	Measure    string
	Values     int64
	Mean       *big.Rat // weighted by n where every row has one
	N          *big.Rat // their sum; nil: some row has none
}

// After is what the ledger is asked about what customers did next: those who passed a touchpoint in Passed, beside all others who
// were customers when it ended, and whether they bought in Next.
type After struct {
	Question
	Passed, Next calendar.Period
	Subscribed   bool // active is having a running subscription, not buying
}

// Stratum counts customers who are alike when Passed ends: of the same segment and brand, as long with the company, with as many
// purchases and as long since the last one, in bands.
type Stratum struct {
	Touchpoint string // empty: all customers, whether they passed or not
	Name       string // of the stratum
	Customers  int64
	Again      int64  // of them active in Next
	Revenue    string // decimal text, net, in Next
}
