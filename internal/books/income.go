package books

import (
	"context"
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/income"
	"github.com/throughline/throughline/money"
)

// IncomeStatement says which accounts of the book controls make which line.
type IncomeStatement struct {
	Signs        string `yaml:"signs,omitempty"` // positive, result or ledger
	CustomerLife *int   `yaml:"customer_life_months,omitempty"`
	Revenue      List   `yaml:"revenue,omitempty"`
	OtherIncome  List   `yaml:"other_income,omitempty"`
	CostOfSales  List   `yaml:"cost_of_sales,omitempty"`
	Staff        List   `yaml:"staff,omitempty"`
	Training     List   `yaml:"training,omitempty"`
	Hiring       List   `yaml:"hiring,omitempty"`
	Acquisition  List   `yaml:"acquisition,omitempty"`
	Serving      List   `yaml:"serving,omitempty"`
	Keeping      List   `yaml:"keeping,omitempty"`
	Other        List   `yaml:"other,omitempty"`
}

// Income is the mapping of accounts that the settings state; it is empty where they state none.
func (s Settings) Income() (income.Mapping, error) {
	i := s.IncomeStatement
	if i == nil {
		return income.Mapping{}, nil
	}
	m := income.Mapping{Signs: income.Signs(i.Signs), Accounts: map[income.Line][]string{}}
	if i.CustomerLife != nil {
		if m.Life = *i.CustomerLife; m.Life < 1 {
			return m, fmt.Errorf("income_statement: customer_life_months: %d is not one of 1 to 600", m.Life)
		}
	}
	for line, accounts := range map[income.Line]List{
		income.Revenue: i.Revenue, income.OtherIncome: i.OtherIncome, income.CostOfSales: i.CostOfSales, income.Staff: i.Staff, income.Training: i.Training,
		income.Hiring: i.Hiring, income.Acquisition: i.Acquisition, income.Serving: i.Serving, income.Keeping: i.Keeping, income.Other: i.Other,
	} {
		if len(accounts) > 0 {
			m.Accounts[line] = accounts
		}
	}
	if m.Empty() {
		return m, fmt.Errorf("income_statement names no account")
	}
	return m, m.Check()
}

// GeneralLedger sums the figures of every account that lie wholly in the period. The figures of an account must cover the period without gaps;
// the first stretch that has none is said beside it.
func (h *Held) GeneralLedger(ctx context.Context, p calendar.Period) ([]closing.Control, error) {
	within, err := h.controls(ctx, p, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	var accounts []string
	for account := range within {
		accounts = append(accounts, account)
	}
	slices.Sort(accounts)
	var out []closing.Control
	for _, account := range accounts {
		total, gap, err := sum(account, within[account], p)
		if err != nil {
			return nil, err
		}
		c := closing.Control{Account: account, Amount: total}
		if gap != nil {
			c.Missing = gap.String()
		}
		out = append(out, c)
	}
	return out, nil
}

// controls are the figures of accounts that lie wholly in a period.
func (h *Held) controls(ctx context.Context, p calendar.Period, wanted func(account string) bool) (map[string][]figure, error) {
	var files []string
	for _, part := range h.parts("controls") {
		files = append(files, part.Path)
	}
	if len(files) == 0 {
		return nil, nil
	}
	rows, err := h.Engine.Records(ctx, files, []string{"account", "period", "amount"})
	if err != nil {
		return nil, err
	}
	cal, err := h.Config.NewCalendar()
	if err != nil {
		return nil, err
	}
	within := map[string][]figure{}
	for _, row := range rows {
		named, err := cal.Parse(row[1])
		if err != nil {
			return nil, &Refusal{Where: "controls", What: err.Error(), Do: "name the period as 2011, 2011-Q3, 2011-09, FY2011-P03 or 2011-01-01..2012-01-01"}
		}
		amount, err := money.Parse(row[2])
		if err != nil {
			return nil, fmt.Errorf("controls: %w", err)
		}
		if wanted(row[0]) && named.Start >= p.Start && named.End <= p.End {
			within[row[0]] = append(within[row[0]], figure{named.Period, amount})
		}
	}
	return within, nil
}

// sum adds an account's figures; gap is the first stretch that lacks one. Figures of the same period (entities) add up; those of overlapping
// periods would count twice.
func sum(account string, figures []figure, p calendar.Period) (total money.Amount, gap *calendar.Period, err error) {
	slices.SortFunc(figures, func(a, b figure) int { return int(a.Start - b.Start) })
	at := p.Start
	var last calendar.Period
	for _, f := range figures {
		switch {
		case f.Period == last:
		case f.Start < at:
			return total, nil, &Refusal{Where: "controls", What: fmt.Sprintf("account %s has figures of overlapping periods, %s and %s", account, last, f.Period), Do: "give months or quarters, not both"}
		default:
			if f.Start > at && gap == nil {
				gap = &calendar.Period{Start: at, End: f.Start}
			}
			at, last = f.End, f.Period
		}
		total = total.Add(f.amount)
	}
	if at < p.End && gap == nil {
		gap = &calendar.Period{Start: at, End: p.End}
	}
	return total, gap, nil
}
