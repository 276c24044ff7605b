package workforce

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Record is a row of the book trainings: a course that somebody completed. Empty text and nil are not known.
type Record struct {
	ID, Person, Course string
	Completed          calendar.Day // at the company's clock
	Hours, Direct      *money.Amount
	Score              *money.Amount
	Passed             *bool
	Kind, Stage        string // as in the book's choices
}

// The choices of the book trainings that figures depend on.
const (
	OfRole     = "role"
	General    = "general"
	Compliance = "compliance"
	Interview  = "interview" // a stage: its score is that of the hiring
)

// Cost is what the book costs has for a month and a kind, in the reporting currency.
type Cost struct {
	Month  calendar.Month
	Kind   string // train, hire, …
	Amount money.Amount
}

// Books are the rows that people, their trainings and what was spent on them came to, each in an order of its own that does not depend on that
// of the files.
type Books struct {
	People   []Row
	Records  []Record
	Costs    []Cost
	Currency money.Currency
}

// Ledger hands over the books of people.
type Ledger interface {
	// Workforce is what is known of the days before until, without the costs.
	Workforce(ctx context.Context, until calendar.Day) (Books, error)
}
