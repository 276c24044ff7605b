package closing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/workforce"
)

// peopleBlock are the statements of those who work here; each is one, or says
// what it lacks.
type peopleBlock struct {
	// Training is of the calendar months that the period stands for.
	Training any `json:"training_asset"`
	// Workforce is of the headline's window: the twelve months that end with a
	// month or quarter.
	Workforce any `json:"workforce"`
}

// people are the statements of those who work here.
func (c *Closer) people(ctx context.Context, ledger Ledger, state State, o Order, doc *document) (any, error) {
	if lock := c.noPeople(state); lock != nil {
		return *lock, nil
	}
	c.Progress("compute the statements of people up to " + o.Named.Text)
	// The months that a period stands for may end after it, and then what they
	// hold is asked for too.
	_, after := calendar.MonthsOf(o.Named.Period)
	books, err := ledger.Workforce(ctx, max(o.Named.Period.End, after.First()))
	if err != nil {
		return nil, err
	}
	var block peopleBlock
	if block.Training, err = c.training(state, o, books); err != nil {
		return nil, err
	}
	if w := c.courseNames(books); w != nil {
		doc.Warnings = append(doc.Warnings, *w)
	}
	books = until(books, o.Named.Period.End)
	if block.Workforce, err = c.workforce(ctx, ledger, state, o, books); err != nil {
		return nil, err
	}
	return block, nil
}

// courseNames warns of courses that the settings name and no record has: they
// may be misspelt, and change nothing.
func (c *Closer) courseNames(b workforce.Books) *Warning {
	known := map[string]bool{}
	for i := range b.Records {
		known[b.Records[i].Course] = true
	}
	unknown := map[string]bool{}
	named := func(course string) {
		if course != "" && !known[course] {
			unknown[course] = true
		}
	}
	p := c.Settings.Training
	for course := range p.Courses {
		named(course)
	}
	for _, r := range p.Reviews {
		named(r.Course)
	}
	for _, e := range p.Effects {
		named(e.Course)
	}
	names := sorted(unknown)
	if len(b.Records) == 0 || len(names) == 0 {
		return nil
	}
	for i, n := range names {
		names[i] = strconv.Quote(n)
	}
	if more := len(names) - 5; more > 0 {
		names = append(names[:5], fmt.Sprintf("%d more", more))
	}
	return &Warning{"course_names", "training in the settings names " + strings.Join(names, ", ") + ", as no course of the book trainings is written"}
}

// until is what is known before a day.
func until(b workforce.Books, day calendar.Day) workforce.Books {
	b.People = slices.DeleteFunc(slices.Clone(b.People), func(r workforce.Row) bool { return r.From >= day })
	b.Records = slices.DeleteFunc(slices.Clone(b.Records), func(r workforce.Record) bool { return r.Completed >= day })
	return b
}

// workforce is who works here, who stays, and whether hiring returns.
func (c *Closer) workforce(ctx context.Context, ledger Ledger, state State, o Order, books workforce.Books) (any, error) {
	if kept, dropped := state.Kept["people"]; dropped {
		return evidence.Locked{Refused: NoLonger("people", kept) + ", and careers are made of all that were", UnlockedBy: "keeping the rows of people"}, nil
	}
	in := workforce.Input{Period: o.Named.Period, MinimumGroup: c.Settings.MinimumGroup, ExitKinds: c.Settings.Exits, Currency: c.Settings.Currency}
	if p, _, ok, err := c.Settings.Calendar.TrailingYear(o.Named); err == nil && ok && o.Compared == nil {
		in.Period = p
	}
	var err error
	if books.Costs, err = c.costs(ctx, ledger, in.Period.End); err != nil {
		return nil, err
	}
	s, err := in.State(books)
	var refused evidence.Refusal
	if errors.As(err, &refused) {
		return evidence.Locked{Refused: refused.Reason, UnlockedBy: refused.Need}, nil
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// costs are those of the costs book by month, up to a day. What is stated for
// a longer time counts in its first month.
func (c *Closer) costs(ctx context.Context, ledger Ledger, until calendar.Day) ([]workforce.Cost, error) {
	all, err := ledger.Costs(ctx, c.named)
	if err != nil {
		return nil, err
	}
	var out []workforce.Cost
	for _, x := range all {
		if x.Fault == "" && x.Period.End <= until && (x.Kind == "hire" || x.Kind == "train") {
			out = append(out, workforce.Cost{Month: calendar.MonthOf(x.Period.Start), Kind: x.Kind, Amount: x.Amount})
		}
	}
	return out, nil
}

// withoutLines tells whether the books have no lines of customers, and are of those who work here or of what customers meet: what they hold
// is stated all the same.
func (c *Closer) withoutLines(state State) bool {
	for _, book := range lineBooks {
		if _, dropped := state.Kept[book]; dropped || len(state.Prints[book]) > 0 || len(state.Mapped[book]) > 0 {
			return false
		}
	}
	return len(state.Prints["people"]) > 0 || ofContacts(state)
}

// contactBooks are of what customers meet and say.
var contactBooks = []string{"interactions", "answers", "remarks", "measures"}

func ofContacts(state State) bool {
	return slices.ContainsFunc(contactBooks, func(book string) bool { return len(state.Prints[book]) > 0 })
}

// lockCustomers says of every statement of customers that there are none.
func (d *document) lockCustomers(state State) {
	lock := evidence.Locked{Refused: "the books are of people alone: there are no lines of customers", UnlockedBy: "the book orders, or subscriptions"}
	if ofContacts(state) {
		lock.Refused = "there are no lines of customers"
	}
	for _, block := range []*any{&d.Customer, &d.Cohorts, &d.Views, &d.Subscriptions, &d.Referrals, &d.Profit, &d.Equity, &d.Contracts, &d.Loyalty, &d.Behaviour, &d.Prices, &d.Touchpoints, &d.Covers} {
		*block = lock
	}
	d.GroupCohorts = []any{}
}

func (c *Closer) noPeople(state State) *evidence.Locked {
	if _, dropped := state.Kept["people"]; len(state.Prints["people"]) > 0 || dropped {
		return nil
	}
	return &evidence.Locked{Refused: "there is no book of people, so nothing is known of who works here", UnlockedBy: "the book people: person_id, valid_from, department, role, hired_on, left_on, annual_cost"}
}

// training is the training asset of the months that the period stands for.
func (c *Closer) training(state State, o Order, books workforce.Books) (any, error) {
	if lock := c.noTraining(state); lock != nil {
		return *lock, nil
	}
	in := learning.Input{Currency: c.Settings.Currency, Policies: c.Settings.Training, MinimumGroup: c.Settings.MinimumGroup, ExitKinds: c.Settings.Exits, YearBegins: int(c.Settings.Calendar.YearBegins())}
	if in.From, in.To = calendar.MonthsOf(o.Named.Period); in.From == in.To {
		return evidence.Locked{Refused: "the training asset is kept by the month, and the period holds the middle of none", UnlockedBy: "a period of a month or more"}, nil
	}
	s, err := in.State(books)
	var refused evidence.Refusal
	if errors.As(err, &refused) {
		return evidence.Locked{Refused: refused.Reason, UnlockedBy: refused.Need}, nil
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// noTraining says what the books lack to carry training.
func (c *Closer) noTraining(state State) *evidence.Locked {
	mapped := state.Mapped["trainings"]
	for _, book := range []string{"people", "trainings"} {
		if kept, dropped := state.Kept[book]; dropped {
			return &evidence.Locked{Refused: NoLonger(book, kept) + ", and the training asset is made of all that were", UnlockedBy: "keeping the rows of " + book + " for as long as skills last"}
		}
	}
	switch {
	case len(state.Prints["trainings"]) == 0:
		return &evidence.Locked{Refused: "there are no trainings, so nothing is known of what people were taught", UnlockedBy: "the book trainings: record_id, person_id, course, completed_at, hours, direct_cost, kind"}
	case !slices.Contains(mapped, "direct_cost") && !slices.Contains(mapped, "hours"):
		return &evidence.Locked{Refused: "trainings has neither direct_cost nor hours, so nothing is known of what training costs", UnlockedBy: "direct_cost or hours of trainings"}
	case !slices.Contains(mapped, "kind") && !c.kindsStated():
		return &evidence.Locked{Refused: "trainings has no kind, so what the law asks for cannot be told from what is an investment", UnlockedBy: "kind of trainings, or kind of courses in settings.training"}
	}
	return nil
}

// kindsStated tells whether the company says the kind of any course.
func (c *Closer) kindsStated() bool {
	for _, p := range c.Settings.Training.Courses {
		if p.Kind != "" {
			return true
		}
	}
	return false
}
