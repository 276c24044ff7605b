package sim

import (
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// spent is a row of costs.
type spent struct {
	month      int
	department string
	kind       string
	touchpoint string
	amount     money.Amount
}

// Where acquisition is booked: not at touchpoints of service.
const (
	advertising = "advertising"
	programme   = "referral programme"
)

// costs works out what the company spent, month by month, and the profit.
func (c *company) costs() ([]spent, []ProfitTruth) {
	var rows []spent
	profits := make([]ProfitTruth, c.months())
	trained, hired := c.staff.spentOnCourses(c.months()), c.staff.hires(c.months())
	for m := range c.months() {
		sum, p := &c.tally.months[m], &profits[m]
		p.Revenue, p.Goods = sum.revenue.amount(), sum.cost.amount()
		add := func(department, kind, touchpoint string, to *money.Amount, amount money.Amount) {
			if amount = amount.Round(c.Currency.Places()); amount.IsZero() {
				return
			}
			rows = append(rows, spent{m, department, kind, touchpoint, amount})
			*to = to.Add(amount)
		}
		for i, t := range c.Touchpoints {
			add(t.Department, "serve", t.Name, &p.Serve, t.cost(sum.places[i]))
		}
		bought, brought := int64(0), sum.arrived[0]
		for via, n := range sum.arrived {
			if !earned(via) {
				bought += n
			}
		}
		add(c.department("marketing"), "acquire", advertising, &p.AcquireBought, times(c.Spending.PerBought, bought, 1))
		add(c.department("marketing"), "acquire", programme, &p.AcquireEarned, times(c.Spending.PerReferred, brought, 1))
		for d, n := range trained[m] {
			add(c.Departments[d].Name, "train", "", &p.Train, times(c.staff.directCost(), n, 1))
		}
		for d, n := range hired[m] {
			add(c.Departments[d].Name, "hire", "", &p.Hire, times(c.Spending.PerHire, n, 1))
		}
		add(c.department("service"), "retain", "", &p.Retain, times(c.Spending.Retain, c.tally.alive[m], 1))
		add(c.department("finance"), "other", "", &p.Other, c.Spending.Fixed)
		p.settle()
	}
	return rows, profits
}

// cost is what a touchpoint cost in a month.
func (t Touchpoint) cost(p placeSum) money.Amount {
	return times(t.CostPerHour, p.handle, 3600).Add(times(t.CostPerContact, p.contacts, 1))
}

// times is a·n/d, to a millionth.
func times(a money.Amount, n, d int64) money.Amount {
	product := new(big.Int).Mul(a.Big(), big.NewInt(n))
	half := big.NewInt(d / 2)
	return money.FromBig(product.Add(product, half).Quo(product, big.NewInt(d)))
}

// department is the one of that name, or else the first.
func (w World) department(name string) string {
	if len(w.Departments) == 0 {
		return "company"
	}
	if !slices.ContainsFunc(w.Departments, func(d Department) bool { return d.Name == name }) {
		return w.Departments[0].Name
	}
	return name
}

// spentOnCourses counts courses by month and department.
func (st *staff) spentOnCourses(months int) [][]int64 {
	return st.count(months, func(p *person, on func(calendar.Day)) {
		for _, c := range p.courses {
			on(dayOfSeconds(c.at))
		}
	})
}

// hires counts who was hired by month and department.
func (st *staff) hires(months int) [][]int64 {
	return st.count(months, func(p *person, on func(calendar.Day)) { on(p.hired) })
}

// count counts days of people by month and department.
func (st *staff) count(months int, of func(p *person, on func(calendar.Day))) [][]int64 {
	n := make([][]int64, months)
	for m := range n {
		n[m] = make([]int64, len(st.Departments))
	}
	for i := range st.people {
		p := &st.people[i]
		of(p, func(day calendar.Day) {
			if m := int(calendar.MonthOf(day) - st.first()); m >= 0 && m < months {
				n[m][p.department]++
			}
		})
	}
	return n
}

// monthly is the monthly amount of a plan.
func (w World) monthly(plan int) money.Amount {
	return times(w.Subscriptions.Monthly, plans[plan].times, 1).Round(w.Currency.Places())
}
