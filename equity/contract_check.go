package equity

import (
	"context"

	"github.com/throughline/throughline/calendar"
)

// ContractCheck is the hold-out of contracts: of those that ran at the cut, how many ran at the end, and what they paid a month. In its forecasts
// purchases are contracts, and revenue is a month's; the naive forecast is that of every unit as much is kept as in the lead. Parts tell
// how many were left at the end of each.
type ContractCheck struct {
	Check
	Naive bool // whether the books tell of the lead
}

// checkContracts compares what models fitted at the cut foretold with what came, of the kinds that they judge.
func checkContracts(ctx context.Context, ledger ContractLedger, q Question, at tenures, facts ContractFacts) (ContractCheck, error) {
	c := ContractCheck{Check: Check{Question: q, priced: true}, Naive: facts.Lead > 0}
	naive := 0.0
	if c.Naive {
		naive = facts.Kept / facts.Lead
	}
	models := betsOf(at, 0)
	cohorts, cells, parts := map[int]*Forecast{}, map[calendar.Month]*Forecast{}, make([]Forecast, quarters)
	var each []tenth
	err := ledger.Agreements(ctx, q, func(a Agreement) error {
		kind := models[a.Months]
		if a.Held == 0 || kind == nil {
			return nil
		}
		n := Passed(a.Began, q.Cut-1, a.Months)
		share := func(end calendar.Day) float64 { return kind.plain.stay(n, Passed(a.Began, end-1, a.Months)-n) }
		f := Forecast{Customers: a.Together, Purchases: float64(a.Together) * share(q.Until), Revenue: a.Cut * share(q.Until), NaiveRevenue: a.Cut * naive}
		if a.Held > quarters {
			f.Bought, f.Brought = a.Together, a.Is
		}
		for i, p := range q.Quarters() {
			parts[i].Customers += a.Together
			parts[i].Purchases += float64(a.Together) * share(p.End)
			if a.Held > i+1 {
				parts[i].Bought += a.Together
			}
		}
		year, _, _ := a.Began.Date()
		c.Total.join(f)
		of(cohorts, year).join(f)
		of(cells, q.cell(calendar.MonthOf(a.Began))).join(f)
		each = append(each, tenth{share(q.Until), f})
		return nil
	})
	if err != nil {
		return c, err
	}
	for _, year := range sorted(cohorts) {
		f := *cohorts[year]
		f.Name, f.place = yearName(year), year
		c.Cohorts = append(c.Cohorts, f)
	}
	for i, p := range q.Quarters() {
		parts[i].Name = p.String()
	}
	c.Parts, c.Tenths = parts, tenths(each, c.Total.Customers)
	c.judge(merged(cells))
	return c, nil
}

// merged joins neighbouring cells until enough is foretold of each, so that small books have cohorts too.
func merged(cells map[calendar.Month]*Forecast) map[calendar.Month]*Forecast {
	out := map[calendar.Month]*Forecast{}
	var open, last *Forecast
	for _, month := range sorted(cells) {
		if open == nil {
			open = &Forecast{}
			out[month] = open
		}
		open.join(*cells[month])
		if open.Purchases >= leastForetold {
			open, last = nil, open
		}
	}
	if open == nil || last == nil {
		return out
	}
	last.join(*open) // the remainder
	for month, f := range out {
		if f == open {
			delete(out, month)
		}
	}
	return out
}

func of[K comparable](m map[K]*Forecast, at K) *Forecast {
	if m[at] == nil {
		m[at] = &Forecast{}
	}
	return m[at]
}
