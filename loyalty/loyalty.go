// Package loyalty owns the table of loyalty by satisfaction: what customers did, who had been active before the period, beside
// what they last said. It owns the definitions of staying and of being satisfied, the names of the four groups, the identities
// of the table, its intervals, and the JSON of all of it. It does not own rows or SQL: a [Ledger] answers with counts and exact
// sums.
//
// That loyalty is not satisfaction is Jones & Sasser, "Why Satisfied Customers Defect", Harvard Business Review
// November–December 1995: customers without a choice stay whatever they feel, and leave when they can. Dick & Basu,
// "Customer Loyalty: Toward an Integrated Conceptual Framework", Journal of the Academy of Marketing Science 22(2), 1994, set
// repeat patronage against attitude in the same four fields; theirs is the name spurious loyalty for what is captive here.
// What stands in the table is an association: who is satisfied may stay for another reason, and who answers is not random.
//
// The invariant: every customer who was active before the period is in exactly one cell of the table, and the cells come to
// their number and their revenue to the last place.
package loyalty

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Windows are the period and the one that it is compared with.
type Windows struct {
	Period, Compared calendar.Period
	AnyLine          bool // any line makes a customer active, not only net revenue above zero
}

// MostMonths is how old an answer may be at the period's end.
const MostMonths = 24

// Answers is the time within which an answer counts: from the comparison period's start, at most [MostMonths] back, to the
// period's end.
func (w Windows) Answers() calendar.Period {
	return calendar.Period{Start: max(w.Compared.Start, w.Period.End.AddMonths(-MostMonths)), End: w.Period.End}
}

// Ledger answers the questions about loyalty. Its answers are exact and do not depend on the order of rows. Customers are
// those of the statement: merged ids led to the one that stands, the excluded left out, at its grain.
type Ledger interface {
	// Loyalty counts customers by what they did and what they last said.
	Loyalty(ctx context.Context, w Windows) (Tally, error)
	// Held counts those who stayed and answered a question by what the books know of them, and of these the unsatisfied.
	Held(ctx context.Context, w Windows, q Question) ([]Level, error)
	// Lives hands over the opening customers who answered a question and bought by orders, in an order of its own. An error may be an
	// evidence.Refusal: the books do not tell what they bought.
	Lives(ctx context.Context, w Windows, q Question, visit func(Life) error) error
}

// Behaviour is what a customer did.
type Behaviour int

// What customers did. Those who were active in the comparison period stay when they are active in the period with at least
// half of the revenue (2 · r(P) ≥ r(Q)), fall away when they are active with less, and are gone otherwise. Customers who were
// not active then are apart: whether they stay is not known yet. Falling away as partial defection: Buckinx & Van den Poel,
// "Customer base analysis: partial defection of behaviourally loyal clients", European Journal of Operational Research 164
// (2005); that it is the half is our own.
const (
	Stays Behaviour = iota
	Falls
	Gone
	Apart
	behaviours
)

var behaviourNames = [behaviours]string{"stays", "falls_away", "gone", "new_or_returning"}

func (b Behaviour) String() string { return behaviourNames[b] }

// Grade is what an answer says.
type Grade int

// What answers say. Unasked is no answer that can be read; it is the zero value.
const (
	Unasked Grade = iota
	Unsatisfied
	Neither
	Satisfied
	grades
)

var gradeNames = [grades]string{"not_known", "unsatisfied", "neither", "satisfied"}

func (g Grade) String() string { return gradeNames[g] }

// Question is one of the questions by which satisfaction is told.
type Question string

// The questions, in the order in which one stands for the table where equally many customers answered several.
const (
	NPS  Question = "nps"
	CSAT Question = "csat"
	CES  Question = "ces"
)

// Questions are all of them.
var Questions = []Question{NPS, CSAT, CES}

// Tally is what a ledger tells of loyalty.
type Tally struct {
	Base  [behaviours]Sums // everybody who was active in one of the windows
	Cells []Cell           // those of them who answered, by question
	Heard []Heard          // answers within the time, by question
}

// Sums are customers with what they spent in the comparison period and in the period.
type Sums struct {
	Customers      int64
	Prior, Current money.Amount
}

func (s Sums) plus(o Sums) Sums {
	return Sums{s.Customers + o.Customers, s.Prior.Add(o.Prior), s.Current.Add(o.Current)}
}

// Cell is who did the same and said the same to one question: in their last answer by the period's end, and, before it
// began, in the last answer by then; Unasked when they had not answered by then.
type Cell struct {
	Question
	Behaviour
	Grade, Before Grade
	Sums
}

// Heard is how many answers there are to a question: all, and of these those without a customer, and those with one that no
// scale tells how to read.
type Heard struct {
	Question
	Answers, Nameless, Unread int64
}

// Dimension is something that the books know of a customer.
type Dimension string

// The dimensions by which captives are told from other loyal customers. Plan and Billing are those of subscriptions that run
// on the period's last day, and a customer with two plans is in both; Touchpoint is what the last answer was about; the
// others are the customer's own.
const (
	Segment     Dimension = "segment"
	Entity      Dimension = "entity"
	Acquisition Dimension = "acquisition"
	Plan        Dimension = "plan"
	Billing     Dimension = "billing"
	Touchpoint  Dimension = "touchpoint"
)

// Dimensions are all of them.
var Dimensions = []Dimension{Segment, Entity, Acquisition, Plan, Billing, Touchpoint}

// Level is the loyal who answered, and have something in common. Without a name it is not known, or there is none.
type Level struct {
	Dimension
	Name           string
	Rest           bool // all levels that are not shown, together; without a name
	Loyal, Captive int64
}

// What bounds the levels of a dimension: so many of those with the most loyal customers are shown, and none with fewer
// customers. A level without a name always is.
const (
	MostLevels = 10
	LeastLoyal = 10
)
