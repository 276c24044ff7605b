// Package income owns the income statement in two views: as the general ledger reports it, and with people and customers as investments,
// where training and what winning customers cost are carried over the time that they serve. It owns which accounts make which line, how their
// signs are read, what is taken out of a line and what is charged instead, the asset that winning customers made, what the books say beside
// each line, and what a cut of the training budget does to both views. It does not own the training asset (package learning), how long
// customers stay (packages clv and equity), what costs are (package profit), rows or SQL: their answers arrive as amounts.
//
// The second view is a management account. IAS 38 (paragraphs 15, 63 and 64) and ASC 350 do not allow a trained workforce, customer lists and
// customer relationships that were made inside the company on the balance sheet; IFRS 15 (paragraphs 91 to 94) asks for the incremental costs
// of obtaining a contract to be carried, which is narrower: commissions, and not advertising.
//
// The invariants, to the last place: each line is the sum of its accounts; the result is the sum of all accounts; and
// result as investments − result as reported = change of the training asset + change of the customer asset.
package income

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Line is a line of the statement that accounts are mapped to.
type Line string

// The lines, in the order of the statement. Unnamed holds the accounts that no line names.
const (
	Revenue     Line = "revenue"
	OtherIncome Line = "other_income"
	CostOfSales Line = "cost_of_sales"
	Staff       Line = "staff"
	Training    Line = "training"
	Hiring      Line = "hiring"
	Acquisition Line = "acquisition"
	Serving     Line = "serving"
	Keeping     Line = "keeping"
	Other       Line = "other"
	Unnamed     Line = "unnamed"
)

// Lines are those that accounts can be mapped to.
var Lines = []Line{Revenue, OtherIncome, CostOfSales, Staff, Training, Hiring, Acquisition, Serving, Keeping, Other}

// The lines that only the second view has.
const (
	TrainingRestated Line = "training_restated" // what came to light of months before the period
	TrainingCharged  Line = "training_charged"  // amortised, left with people, impaired
	CustomersCharged Line = "customers_charged" // amortised
	Elsewhere        Line = "elsewhere"         // carried, and not found in the line that it should be in
)

// order is that of the statement.
var order = []Line{Revenue, OtherIncome, CostOfSales, Staff, Training, TrainingCharged, TrainingRestated, Hiring, Acquisition, CustomersCharged, Serving, Keeping, Other, Unnamed, Elsewhere}

// Signs say how the figures of the ledger are read.
type Signs string

// The ways of reading signs.
const (
	Positive Signs = "positive" // income and costs are both above zero; an account that no line names is read as a cost
	Result   Signs = "result"   // income is above zero, costs below
	Ledger   Signs = "ledger"   // debits are above zero and credits below: income is below zero, costs above
)

// DefaultLife is over how many months what winning a customer cost is spread at most, where a company states none.
const DefaultLife = 120

// mostLife bounds it.
const mostLife = 600

// Mapping is which accounts make which line, as a company states it.
type Mapping struct {
	Accounts map[Line][]string
	Signs    Signs // empty: Positive
	Life     int   // months over which customers are carried at most; 0: DefaultLife
}

// Empty tells whether nothing is stated.
func (m Mapping) Empty() bool {
	for _, l := range Lines {
		if len(m.Accounts[l]) > 0 {
			return false
		}
	}
	return true
}

// Check refuses a mapping that cannot be meant.
func (m Mapping) Check() error {
	switch m.Signs {
	case "", Positive, Result, Ledger:
	default:
		return fmt.Errorf("income_statement: signs: %q is not %s, %s or %s", m.Signs, Positive, Result, Ledger)
	}
	if m.Life < 0 || m.Life > mostLife {
		return fmt.Errorf("income_statement: customer_life_months: %d is not one of 1 to %d", m.Life, mostLife)
	}
	at := map[string]Line{}
	for _, l := range Lines {
		for _, account := range m.Accounts[l] {
			if account == "" {
				return fmt.Errorf("income_statement: %s names an account without a name", l)
			}
			if before, twice := at[account]; twice {
				return fmt.Errorf("income_statement: account %q is mapped twice, to %s and to %s", account, before, l)
			}
			at[account] = l
		}
	}
	return nil
}

// String tells the mapping whole, so that a changed one can be seen; empty where nothing is stated.
func (m Mapping) String() string {
	if m.Empty() {
		return ""
	}
	parts := []string{"signs " + string(m.signs()), fmt.Sprintf("customer_life_months %d", m.Horizon())}
	for _, l := range slices.Sorted(maps.Keys(m.Accounts)) {
		if names := slices.Sorted(slices.Values(m.Accounts[l])); len(names) > 0 {
			parts = append(parts, fmt.Sprintf("%s %q", l, names))
		}
	}
	return strings.Join(parts, "; ")
}

func (m Mapping) signs() Signs {
	if m.Signs == "" {
		return Positive
	}
	return m.Signs
}

// Horizon is over how many months what winning a customer cost is spread at most.
func (m Mapping) Horizon() int {
	if m.Life == 0 {
		return DefaultLife
	}
	return m.Life
}

// adds is what a figure of an account adds to the result.
func (m Mapping) adds(l Line, a money.Amount) money.Amount {
	switch {
	case m.signs() == Result:
		return a
	case m.signs() == Ledger:
		return a.Neg()
	case l == Revenue || l == OtherIncome:
		return a
	}
	return a.Neg()
}

// Account is a figure of the general ledger for the period. Missing is the part of the period that has none; empty: it is whole.
type Account struct {
	Name    string
	Amount  money.Amount
	Missing string
}

// place puts every account into its line. A mapped account that the ledger does not have for the whole period refuses the statement: a month
// that is not booked yet is none without costs.
func (m Mapping) place(ledger []Account) (map[Line][]Account, *evidence.Refusal) {
	at := map[string]Line{}
	for _, l := range Lines {
		for _, name := range m.Accounts[l] {
			at[name] = l
		}
	}
	out, found := map[Line][]Account{}, map[string]bool{}
	for _, a := range ledger {
		l, named := at[a.Name]
		if !named {
			l = Unnamed
		}
		if named && a.Missing != "" {
			return nil, &evidence.Refusal{Reason: fmt.Sprintf("controls has no figure of account %s for %s", a.Name, a.Missing), Need: "controls of the account for the whole period (amount 0 where there was nothing)"}
		}
		found[a.Name] = true
		out[l] = append(out[l], Account{a.Name, m.adds(l, a.Amount), a.Missing})
	}
	for _, name := range slices.Sorted(maps.Keys(at)) {
		if !found[name] {
			return nil, &evidence.Refusal{Reason: fmt.Sprintf("income_statement names account %s for %s, of which controls has no figure in the period", name, at[name]), Need: "controls of the account for the whole period (amount 0 where there was nothing), or a mapping without it"}
		}
	}
	return out, nil
}
