// Package learning owns the training asset: what a company spent on its people's skill, carried on the books as the skill lasts and as the
// people stay, instead of being an expense like carpet. It owns which training is capitalised and why the rest is not, the two policies by
// which it is amortised, write-offs, impairments and their order, the roll-forward and the journal of it, and what is expected to leave with
// people. It does not own who works here (package workforce), postings (package ledger), rows or SQL.
//
// It is a management account. IAS 38 (paragraph 15) and ASC 350 do not normally allow the recognition: a company does not control its people.
// Sources: Flamholtz, Human Resource Accounting (1974; 3rd edition 1999); Lev & Schwartz, The Accounting Review 46 (1971).
//
// A course is capitalised in the month in which it was completed, with its direct cost and the pay of the hours. The month of completion
// amortises in full. In each month the order is: what came over from another department, amortisation, impairment, and then, where the
// person leaves in the month, the write-off of the rest.
//
// The invariant, for every month, department, course, cohort and entity, to the last minor unit of the currency:
// opening + restated + additions + came over − went over − amortised − written off − impaired = closing;
// and over the life of each course: cost = amortised + written off + impaired + what is still carried.
package learning

import (
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Method is how what was capitalised is used up.
type Method string

const (
	// Individual spreads the cost evenly over the life. Who leaves takes the rest along: it is written off, and never also in the life.
	Individual Method = "individual"
	// Group spreads the cost of those who completed a course in a month over the life by the share of them who are expected to be here still.
	// Nothing is written off when one leaves.
	Group Method = "group"
)

// Policy is how a course is treated.
type Policy struct {
	Life       int    // months
	Method     Method // empty: Individual
	Capitalise bool
	Kind       string // role, general or compliance, where the company states it of a course; empty: as the records say
}

// Review is a life that is set anew at the beginning of a fiscal year, for what is carried then and what comes.
type Review struct {
	From   calendar.Month
	Kind   string // role or general; empty: of Course
	Course string
	Life   int
}

// Effect is what a course was measured to do, as the company states it: when the whole interval lies below what the course must bring to be
// worth its cost, what is carried of it is impaired, and later completions are an expense.
type Effect struct {
	Course               string
	Measured             calendar.Day
	Low, High, BreakEven money.Amount
	Source               string
}

// Policies are a company's, as it states them.
type Policies struct {
	Role, General Policy
	Courses       map[string]Policy
	Reviews       []Review
	Alike         [][]string // roles between which somebody who changes keeps what they learnt for the role
	Effects       []Effect
	Hours         money.Amount // that a year's pay is for; 0: not stated
}

// DefaultLife is the life of a skill in months, where a company states none.
const DefaultLife = 36

// Usual are the policies of a company that states none.
func Usual() Policies {
	p := Policy{Life: DefaultLife, Method: Individual, Capitalise: true}
	return Policies{Role: p, General: p}
}

// Of is the policy of a course of a kind.
func (p Policies) Of(course, kind string) Policy {
	if own, ok := p.Courses[course]; ok {
		return own
	}
	if kind == "role" {
		return p.Role
	}
	return p.General
}

// Reason is why training is not on the books.
type Reason string

// The reasons, in the order in which they are asked.
const (
	Unknown      Reason = "person_unknown"  // no row of the book people
	NotHired     Reason = "never_hired"     // a candidate, so far
	NotEmployed  Reason = "not_employed"    // completed after they had left
	Failed       Reason = "not_passed"      // failed or abandoned
	OfCompliance Reason = "compliance"      // what the law asks for is a cost of the day
	NoKind       Reason = "kind_not_given"  // it may be compliance
	ByPolicy     Reason = "by_policy"       // the company does not carry the course
	NoEffect     Reason = "no_effect"       // it was measured to bring less than it costs
	NoCost       Reason = "cost_not_known"  // neither a direct cost nor paid hours
	BelowZero    Reason = "cost_below_zero" // a cost that was taken back
	TooLarge     Reason = "cost_too_large"  // no cost of a course
)

// Reasons are all of them.
var Reasons = []Reason{Unknown, NotHired, NotEmployed, Failed, OfCompliance, NoKind, ByPolicy, NoEffect, NoCost, BelowZero, TooLarge}
