package income

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Skill is what the training asset came to in the period, of employed people and contractors' workers together. Lacks says why there is none.
type Skill struct {
	Opening, Direct, Hours, Amortised, WrittenOff, Impaired, Closing money.Amount // Direct and Hours are added
	Restated                                                         money.Amount // what came to light in the period of months before it
	Filling                                                          bool         // what was taught before the books would still be carried
	Lacks                                                            *evidence.Refusal
}

// Booked is what another book says of a line, as a cost or as income above zero.
type Booked struct {
	Name   string
	Line   Line
	Amount evidence.Figure
}

// Input is what the statement is made of.
type Input struct {
	From, To calendar.Month // the months that the period stands for: the first and the one after the last
	Aligned  bool           // the period is these months to the day
	Currency money.Currency
	Mapping  Mapping
	Ledger   []Account
	Books    []Booked
	Skill    Skill
	Wins     Wins
	Cut      CutInput
}

// Row is a line of the statement: what it adds to the result in both views, so that costs are below zero.
type Row struct {
	Line               Line
	Reported, Invested money.Amount
	Accounts           []Account // what they add
}

// Difference is what the second view has more.
func (r Row) Difference() money.Amount { return r.Invested.Sub(r.Reported) }

// Reconciled sets what another book says beside a line; both are told as in the other book, above zero.
type Reconciled struct {
	Booked
	Ledger      money.Amount
	Unexplained evidence.Figure // ledger − book
}

// Taken says what was carried of a kind of cost, and out of which line it came. What its line does not have must be an expense in another one.
type Taken struct {
	Name            string // training_direct_cost, training_paid_hours, customers
	From            Line
	Carried         money.Amount
	Line, Elsewhere money.Amount // Carried = Line + Elsewhere
}

// Statement is the income statement in two views.
type Statement struct {
	Input
	Rows             []Row
	Result           Row // Line is empty
	Reconciled       []Reconciled
	Taken            []Taken
	Customers        *Customers // nil: refused
	CustomersLack    *evidence.Refusal
	SkillChange      money.Amount
	CustomersChanged money.Amount
	Cut              Cut
}

// State makes the statement. An error of evidence.Refusal says why the books do not allow it.
func (in Input) State() (Statement, error) {
	s := Statement{Input: in}
	if err := in.Mapping.Check(); err != nil {
		return s, evidence.Refusal{Reason: err.Error(), Need: "settings.income_statement of books.yaml"}
	}
	placed, refused := in.Mapping.place(in.Ledger)
	if refused != nil {
		return s, *refused
	}
	rows := map[Line]*Row{}
	for _, l := range order {
		r := &Row{Line: l, Accounts: placed[l]}
		slices.SortFunc(r.Accounts, func(a, b Account) int { return compare(a.Name, b.Name) })
		for _, a := range r.Accounts {
			r.Reported = r.Reported.Add(a.Amount)
		}
		r.Invested = r.Reported
		rows[l] = r
	}
	s.invest(rows)
	for _, l := range order {
		r := rows[l]
		s.Result.Reported, s.Result.Invested = s.Result.Reported.Add(r.Reported), s.Result.Invested.Add(r.Invested)
		if len(r.Accounts) > 0 || !r.Invested.IsZero() {
			s.Rows = append(s.Rows, *r)
		}
	}
	for _, b := range in.Books {
		s.Reconciled = append(s.Reconciled, reconcile(b, rows[b.Line].Reported))
	}
	s.Cut = in.Cut.state(in.Skill.Lacks)
	return s, s.holds()
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// invest puts the second view into the rows.
func (s *Statement) invest(rows map[Line]*Row) {
	if k := s.Skill; k.Lacks == nil {
		s.take(rows, "training_direct_cost", Training, k.Direct)
		s.take(rows, "training_paid_hours", Staff, k.Hours)
		rows[TrainingCharged].Invested = money.Sum(k.Amortised, k.WrittenOff, k.Impaired).Neg()
		rows[TrainingRestated].Invested = k.Restated
		s.SkillChange = k.Closing.Sub(k.Opening)
	}
	s.Customers, s.CustomersLack = s.Wins.state(s.From, s.To, s.Mapping.Horizon(), s.Currency)
	if c := s.Customers; c != nil {
		s.take(rows, "customers", Acquisition, c.Additions)
		rows[CustomersCharged].Invested = c.Amortised.Neg()
		s.CustomersChanged = c.Closing.Sub(c.Opening)
	}
}

// take takes what is carried out of its line, and never more than the cost that the line has; what is left over is an expense in some other
// line, which nobody knows, so it stands in a line of its own.
func (s *Statement) take(rows map[Line]*Row, name string, from Line, carried money.Amount) {
	t := Taken{Name: name, From: from, Carried: carried, Line: carried}
	line := rows[from]
	has := line.Invested.Neg() // a cost is below zero
	if has.Sign() < 0 {
		has = money.Amount{}
	}
	if carried.Cmp(has) > 0 {
		t.Line = has
	}
	t.Elsewhere = carried.Sub(t.Line)
	line.Invested = line.Invested.Add(t.Line)
	rows[Elsewhere].Invested = rows[Elsewhere].Invested.Add(t.Elsewhere)
	s.Taken = append(s.Taken, t)
}

func reconcile(b Booked, adds money.Amount) Reconciled {
	r := Reconciled{Booked: b, Ledger: adds.Neg()}
	if b.Line == Revenue {
		r.Ledger = adds
	}
	r.Unexplained = b.Amount.Affine(big.NewRat(-1, 1), r.Ledger.Rat(), "general ledger − book")
	return r
}

// holds checks the invariants.
func (s *Statement) holds() error {
	var accounts money.Amount
	for _, a := range s.Ledger {
		l := Unnamed
		for _, line := range Lines {
			if slices.Contains(s.Mapping.Accounts[line], a.Name) {
				l = line
			}
		}
		accounts = accounts.Add(s.Mapping.adds(l, a.Amount))
	}
	if !accounts.Equal(s.Result.Reported) {
		return fmt.Errorf("income statement: the accounts come to %s and the result to %s", accounts, s.Result.Reported)
	}
	if k := s.Skill; k.Lacks == nil {
		if sum := money.Sum(k.Opening, k.Restated, k.Direct, k.Hours, k.Amortised.Neg(), k.WrittenOff.Neg(), k.Impaired.Neg()); !sum.Equal(k.Closing) {
			return fmt.Errorf("income statement: the training asset comes to %s and closes with %s", sum, k.Closing)
		}
	}
	if change := s.SkillChange.Add(s.CustomersChanged); !s.Result.Difference().Equal(change) {
		return fmt.Errorf("income statement: the views differ by %s and the assets changed by %s", s.Result.Difference(), change)
	}
	return nil
}
