package equity

import (
	"context"
	"fmt"
	"math"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/evidence"
)

// A contract is an uninterrupted stretch of days on which a customer has recurring revenue; who comes back begins another. It is renewed every
// month, quarter or year, as the first of its rows is billed. When it ends, it ends at a renewal: one that ends between two counts at the later.
//
// What customers under contract are worth is margin × what they pay a month × the months that are still to accrue: those of the running term, and
// of every term after it as far as the contract is renewed (Fader & Hardie, Marketing Science 29(1), 2010). Amounts are taken as they stand
// today; how they moved is in the error of the hold-out.

// Renewals are the months between renewals of the kinds of contract, in the order in which they are told.
var Renewals = [...]int{1, 3, 12}

// renewalNames name the kinds.
var renewalNames = map[int]string{1: "monthly", 3: "quarterly", 12: "annual"}

// Passed counts the renewals of a contract up to and with a day: full months since it began, by the number between renewals.
func Passed(began, day calendar.Day, months int) int {
	full := int(calendar.MonthOf(day) - calendar.MonthOf(began))
	if began.AddMonths(full) > day {
		full--
	}
	return full / months
}

// LostAt is the renewal at which a contract ended: the first on the day of its end or after it.
func LostAt(began, ended calendar.Day, months int) int {
	n := Passed(began, ended, months)
	if began.AddMonths(n*months) == ended {
		return n
	}
	return n + 1
}

// Agreement is what is known of contracts that have it in common. Amounts are of all of them together, a month.
type Agreement struct {
	Months          int // between renewals
	Began           calendar.Day
	Segment, Entity int // places among the names, or Rest
	Via             string
	Opened, Runs    bool    // ran on the day before the opening, and before the end
	Held            int     // 0: did not run on the day before the cut; n: ended in the n-th part of the held-out time; quarters+1: runs
	Was, Cut, Is    float64 // on these days: opening, cut, end
	Together        int64
}

// Ending counts contracts by when they began and at which renewal they ended; 0: they run at the end.
type Ending struct {
	Months   int
	Began    calendar.Day
	Lost     int
	Together int64
}

// ContractFacts are what the books say beside single contracts.
type ContractFacts struct {
	Segments, Entities []string    // the largest, by customers
	Earned             [2][]Earned // of the years up to the opening and the end, of what accrued
	Lead, Kept         float64     // a month: of the contracts that ran when the lead began, then and at the cut
}

// ContractLedger answers the questions about contracts. Its answers do not depend on the order of rows, and come in an order of their own.
type ContractLedger interface {
	// FirstEnded is the day on which the first contract ended, before a midnight; false: none had.
	FirstEnded(ctx context.Context, until calendar.Day) (calendar.Day, bool, error)
	// ContractFacts are the facts beside the contracts.
	ContractFacts(ctx context.Context, q Question) (ContractFacts, error)
	// Agreements hands over every contract that ran on the day before the opening, the cut or the end.
	Agreements(ctx context.Context, q Question, visit func(Agreement) error) error
	// Endings hands over every contract that began before the end.
	Endings(ctx context.Context, q Question, visit func(Ending) error) error
}

// dues is what the parameters of a model of renewals tell.
type dues struct {
	// stay is the share that is left after n+k renewals, of those who were after n.
	stay func(n, k int) float64
	// residual is how many terms who has renewed n times will still pay for, from the next renewal on, discounted to that day.
	residual func(n int) float64
}

// tenure is a fitted model of renewals.
type tenure struct {
	Name          string // sbg, bdw, constant
	Names         []string
	Values        []float64
	SE            []float64
	log           [][]float64 // covariance of the logarithms of the parameters
	LogLikelihood float64
	Contracts     float64 // fitted to
	Left          float64
	dues          func(values []float64, discount float64) dues // discount a term
}

func sbgDues(v []float64, discount float64) dues {
	m := clv.SBG{Alpha: v[0], Beta: v[1]}
	return dues{func(n, k int) float64 { return ratio(m.Survival(float64(n+k)), m.Survival(float64(n))) }, func(n int) float64 { return m.Residual(n, discount) }}
}

// leastDiscount is the discount a term from which on the sum of a BdW is short enough to be worked out: some 0.12 % a year of monthly terms.
const leastDiscount = 1e-4

// bdwTable is for how many renewals residuals are worked out from each other.
const bdwTable = 1024

func bdwDues(v []float64, discount float64) dues {
	m := clv.BdW{Alpha: v[0], Beta: v[1], C: v[2]}
	// A residual is a long sum where the discount is small, so one is summed and the others follow from it: R(n) = r(n+1)·(1 + R(n+1)/(1+d)).
	var table []float64
	residual := func(n int) float64 {
		switch {
		case discount < leastDiscount:
			return math.NaN()
		case n >= bdwTable:
			return m.Residual(n, discount)
		}
		if table == nil {
			table = make([]float64, bdwTable+1)
			if last := m.Residual(bdwTable, discount); m.Survival(bdwTable) > 0 {
				table[bdwTable] = last
			} // else nobody is left by then
			for i := bdwTable - 1; i >= 0; i-- {
				if left := m.Survival(float64(i)); left > 0 {
					table[i] = m.Survival(float64(i+1)) / left * (1 + table[i+1]/(1+discount))
				}
			}
		}
		return table[n]
	}
	return dues{func(n, k int) float64 { return ratio(m.Survival(float64(n+k)), m.Survival(float64(n))) }, residual}
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// ContractInput is what a statement of contracts is made of beside the books.
type ContractInput struct {
	Opened, Until calendar.Day
	Discount      *float64 // a year
}

// question is what is asked, given when the first contract ended: before it the books do not tell who left.
func (in ContractInput) question(began calendar.Day) (Question, error) {
	q, err := Input{Opened: in.Opened, Until: in.Until, Began: began, Discount: in.Discount}.Question()
	if err != nil {
		return q, evidence.Refusal{
			Reason: fmt.Sprintf("the first contract that the books tell of ended on %s, too near the end to fit a model on one part and check it on the other", began),
			Need:   fmt.Sprintf("%d days in which contracts end", leastDays),
		}
	}
	return q, nil
}
