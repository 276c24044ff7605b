package sim

import (
	"bytes"
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// The accounts of the general ledger, by which an income statement can be
// reconciled; costs are above zero. Subscriptions are in none of them.
const (
	accountRevenue     = "4000 Revenue"
	accountGoods       = "5000 Cost of sales"
	accountWages       = "6000 Wages"
	accountContractors = "6050 Contractors"
	accountTraining    = "6100 Training"
	accountHiring      = "6200 Hiring"
	accountAcquisition = "6300 Customer acquisition"
	accountServing     = "6400 Serving customers"
	accountKeeping     = "6450 Keeping customers"
	accountOther       = "6500 Other operating costs"
)

var accounts = []string{
	accountRevenue, accountGoods, accountWages, accountContractors, accountTraining, accountHiring, accountAcquisition, accountServing, accountKeeping, accountOther,
}

// ledger adds to each month what its accounts hold: the lines at the day's rates
// with the stated difference, the costs book, and pay.
func (c *company) ledger(months []MonthTruth) {
	wages, contractors := c.staff.wages()
	for m := range months {
		of := &months[m]
		p := of.Profit
		revenue := of.Revenue
		if of.Month == c.LedgerDifference.Month {
			revenue = revenue.Add(c.LedgerDifference.Amount)
		}
		of.Ledger = map[string]money.Amount{
			accountRevenue: revenue, accountGoods: p.Goods, accountWages: wages[m], accountContractors: contractors[m], accountTraining: p.Train, accountHiring: p.Hire,
			accountAcquisition: p.AcquireBought.Add(p.AcquireEarned), accountServing: p.Serve, accountKeeping: p.Retain, accountOther: p.Other,
		}
	}
}

// controls writes the general ledger: a row a month and account.
func (c *company) controls(b *bytes.Buffer, months []MonthTruth) {
	for _, m := range months {
		for _, account := range accounts {
			fmt.Fprintf(b, "%s,%s,%s\n", m.Month, account, m.Ledger[account].Text(c.Currency.Places()))
		}
	}
}

// wages are what people cost by month, the company's own and those of
// contractors: by each day present, the annual cost of the row of people that
// holds, over the days of the calendar year; rounded once a department and month.
func (st *staff) wages() (own, contractors []money.Amount) {
	type rate struct {
		month, department, level int
		pay                      int64
	}
	days := map[rate]int64{}
	for i := range st.people {
		p := &st.people[i]
		for day, until := max(p.hired, st.Start), min(p.left, st.End); day < until; {
			month := calendar.MonthOf(day)
			level := reached(p.roles, day)
			next := min(until, (month + 1).First())
			if level < len(p.roles) {
				next = min(next, p.roles[level])
			}
			days[rate{int(month - st.first()), p.department, min(level, 5), p.pay}] += int64(next - day)
			day = next
		}
	}
	sums := make([][]money.Amount, st.months())
	for m := range sums {
		sums[m] = make([]money.Amount, len(st.Departments))
	}
	for r, n := range days { // sums are exact, so that their order does not matter
		sum := &sums[r.month][r.department]
		*sum = sum.Add(times(st.cost(r.department, r.pay, r.level), n, 1))
	}
	own, contractors = make([]money.Amount, len(sums)), make([]money.Amount, len(sums))
	for m := range sums {
		year, _, _ := (st.first() + calendar.Month(m)).First().Date()
		whole := int64(calendar.DayOf(year+1, 1, 1) - calendar.DayOf(year, 1, 1))
		for d, sum := range sums[m] {
			to := &own[m]
			if st.Departments[d].Employer == "contractor" {
				to = &contractors[m]
			}
			*to = to.Add(times(sum, 1, whole).Round(st.Currency.Places()))
		}
	}
	return own, contractors
}
