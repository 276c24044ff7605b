// Package workforce owns who works at a company: the careers that the rows of the book people come to, the figures of human capital that
// managers use (ISO 30414:2018 names most of them), who stays by role, team, training and manager, and whether the money that is spent on
// hiring returns. It owns the definitions and the JSON. It does not own rows or SQL (a [Ledger] hands the rows over), nor what training is
// worth (package learning), nor the statistics of staying (package survival).
//
// Figures are of groups. One of fewer people than the company's minimum is told by its name alone, and so is a second where the first could
// be worked out from the rest.
//
// The invariant: opening + hired + came over − left − went over = closing, for the whole company and for each department.
package workforce

import (
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Row is a row of the book people: what somebody was from a day on. Empty text and nil are not known.
type Row struct {
	Person           string
	From             calendar.Day // from which the row holds
	Department, Role string
	Hired, Left      *calendar.Day // Left is the last day employed
	Exit             string
	Team, Manager    string
	Location, Entity string
	AnnualCost       *money.Amount
	Employer, Kind   string        // as in the book's choices
	Opened, Offered  *calendar.Day // the vacancy, and what was offered for it
	Offer            string        // accepted, declined
	OfferedCost      *money.Amount // a year
	OfferedTraining  *money.Amount // hours in the first year
}

// The choices of the book people.
const (
	Candidate        = "candidate"
	Employee         = "employee"
	ContractorWorker = "contractor worker"
	ByContractor     = "contractor" // the employer
	Accepted         = "accepted"
	Declined         = "declined"
)

// Candidate tells whether the row is of somebody who is seen for a place and does not work here.
func (r *Row) Candidate() bool { return r.Kind == Candidate }

// Contractor tells whether the row is of somebody who works here and is employed elsewhere. The kind decides; where it is not given, the employer.
func (r *Row) Contractor() bool {
	return r.Kind == ContractorWorker || r.Kind == "" && r.Employer == ByContractor
}

// Open is the last day of who is still here.
const Open calendar.Day = 1 << 30

// Stretch is a time in which somebody was one thing: from its first day up to its end, which is not of it.
type Stretch struct {
	From, To calendar.Day
	*Row
}

// Spell is a time in which somebody was employed, from the day of hiring to the last day.
type Spell struct {
	Hired calendar.Day
	Left  calendar.Day // the last day employed, or Open
	// Seen is the first day that the books know of the spell: whoever was hired before it is known only because they had stayed until then.
	Seen      calendar.Day
	Exit      string
	Stretches []Stretch // follow one another from Hired to Left
}

// Here tells whether a day is of the spell.
func (s *Spell) Here(d calendar.Day) bool { return s.Hired <= d && d <= s.Left }

// At is what the person was on a day of the spell; before the books know them, what they were first seen as.
func (s *Spell) At(d calendar.Day) *Stretch {
	for i := len(s.Stretches) - 1; i > 0; i-- {
		if s.Stretches[i].From <= d {
			return &s.Stretches[i]
		}
	}
	return &s.Stretches[0]
}

// Career is all that the books know of one person.
type Career struct {
	Person string
	Spells []Spell // in their order; none overlaps another
	Sought []*Row  // as a candidate
}

// On is the spell that a day is of; nil: the person was not employed on it.
func (c *Career) On(d calendar.Day) *Spell {
	for i := len(c.Spells) - 1; i >= 0; i-- {
		if c.Spells[i].Here(d) {
			return &c.Spells[i]
		}
	}
	return nil
}

// After is the first spell that begins after a day; nil: none does.
func (c *Career) After(d calendar.Day) *Spell {
	for i := range c.Spells {
		if c.Spells[i].Hired > d {
			return &c.Spells[i]
		}
	}
	return nil
}
