package report

import (
	"strconv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

const contractsTitle = "Worth under contract"

// renewed is how often a contract renews, in words.
var renewed = map[string]string{"monthly": "every month", "quarterly": "every quarter", "annual": "every year"}

// contractsPassages are whether to believe it, what those under contract are worth, by part, and who renews.
func (d *document) contractsPassages() []passage {
	c := d.Contracts
	if c == nil {
		return nil
	}
	if !c.Open() {
		return []passage{{title: contractsTitle, said: []string{sentence("refused: " + unlocked(c.Locked))}}}
	}
	var out []passage
	if c.Check != nil {
		out = append(out, d.contractsCheck(c.Check))
	}
	out = append(out, d.contractsFigures())
	for _, r := range c.Renewals {
		out = append(out, d.contractsRenewal(r))
	}
	for _, g := range c.Groups {
		out = append(out, d.contractsGroups(g))
	}
	return out
}

func (d *document) contractsFigures() passage {
	p := passage{title: contractsTitle, of: "at the end of " + d.Contracts.LastDay.String(), heads: []string{"", d.unit(), "95% interval"}, widths: equityWidths}
	said := map[string]bool{}
	for _, f := range d.Figures(sealed.ContractsBlock) {
		var value, interval, why string
		switch f.Unit {
		case sealed.Customers:
			value = count(f.Value.Count)
		case sealed.Money:
			value = roundly(f.Value.Amount.Rat())
		default:
			value, interval, why = foretold(f.Unit, f.Value.Figure)
		}
		p.rows = append(p.rows, []string{f.Label, value, interval})
		if why != "" && !said[why] {
			said[why] = true
			p.said = append(p.said, why)
		}
	}
	return p
}

// contractsRenewal is who renews, and how many are left by it.
func (d *document) contractsRenewal(r sealed.ContractRenewal) passage {
	p := passage{title: "Contracts that renew " + renewed[r.Name], of: count(r.Customers) + " customers", widths: []int{26, 14, 18, 26},
		heads: []string{"renewal", "renew", "left of 100", "were each like the first"}}
	if r.Model.Refused != "" {
		p.said = append(p.said, sentence("refused: "+unlocked(r.Model.Locked)))
		return p
	}
	left := r.Left()
	for i, x := range r.Retention {
		p.rows = append(p.rows, []string{clean(x.Name), percent(evidence.Float(x.Share)), roundly(evidence.Float(100 * left[i].Share)), roundly(evidence.Float(100 * left[i].AsFirst))})
	}
	if r.Model.Name == "constant" {
		p.said = append(p.said, "By the books all are equally likely to renew: one rate serves for all renewals.")
	} else {
		p.said = append(p.said, "Renew: of those who are still there. Who leaves easily leaves first, so one rate for all renewals understates how many are left.")
	}
	return p
}

func (d *document) contractsGroups(g sealed.ContractGroups) passage {
	p := passage{title: "Worth under contract by " + map[string]string{"segment": "segment", "entity": "brand or legal entity", "acquisition": "way of coming", "cohort": "year in which it began", "renewal": "how often they renew"}[g.Name],
		heads: []string{"", "customers", "in a year", d.unit(), "95% interval"}, widths: []int{26, 11, 13, 16, 26}}
	labels := g.Labels("Not known", "All others")
	for i, part := range g.Groups {
		stay, _, _ := foretold(sealed.Foretold, part.Stay)
		value, interval, _ := foretold(sealed.Expected, part.Value)
		p.rows = append(p.rows, []string{clean(labels[i]), count(part.Customers), stay, value, interval})
	}
	return p
}

func (d *document) contractsCheck(c *sealed.ContractCheck) passage {
	p := passage{title: "Under contract: the same model, fitted to what was known before " + c.HeldOut.Start.String() + ", and what came after",
		widths: []int{16, 12, 12, 12, 15, 14, 14}, heads: []string{"began", "customers", "foretold", "stayed", "pay, foretold", "they pay", "naive"}}
	row := func(name string, f sealed.ContractForecast) {
		cells := []string{name, count(f.Customers), roundly(evidence.Float(f.StayForetold)), count(f.Stayed)}
		for _, x := range []*float64{f.MonthlyForetold, f.Monthly, f.MonthlyNaive} {
			if x == nil {
				cells = append(cells, "")
			} else {
				cells = append(cells, roundly(evidence.Float(*x)))
			}
		}
		p.rows = append(p.rows, cells)
	}
	for _, f := range c.Cohorts {
		row(clean(f.Name), f)
	}
	row("All", c.Total)
	missed := "Of those under contract then: who stayed, and what they pay a month at the end, in " + d.unit() + ". The model missed by " + percent(evidence.Float(c.Missed)) + " of what came"
	if c.NaiveMissed == nil {
		p.said = append(p.said, missed+"; there is no naive forecast to set beside it.")
		return p
	}
	p.said = append(p.said, missed+", the naive forecast that things go as in the same time before by "+percent(evidence.Float(*c.NaiveMissed))+".")
	if c.NaiveBetter() {
		p.said = append(p.said, "The naive forecast came nearer. Do not steer by the model.")
	}
	return p
}

// contractsRecords are the rows of the statement of contracts, each by its path in the document.
func (d *document) contractsRecords() []record {
	c := d.Contracts
	if c == nil {
		return nil
	}
	r := contractRows{at: record{statement: "contracts", period: window(d.Period)}, currency: string(d.Currency)}
	if !c.Open() {
		r.at.kind, r.at.note = "refused", unlocked(c.Locked)
		return []record{r.at}
	}
	r.count("customers", c.Customers)
	r.exact("monthly", r.currency, c.Monthly)
	units := map[sealed.Unit]string{sealed.Expected: r.currency, sealed.Share: "ratio", sealed.Foretold: "customers"}
	for _, f := range d.Figures(sealed.ContractsBlock) {
		switch f.Unit {
		case sealed.Customers:
			r.count(f.Name, f.Value.Count)
		case sealed.Money:
			r.number(f.Name, r.currency, money.FormatRate(f.Value.Amount.Rat()))
		default:
			r.figure(f.Name, units[f.Unit], f.Value.Figure)
		}
	}
	r.count("new_customers", c.New)
	r.count("lost_customers", c.Lost)
	r.renewals(c.Renewals)
	for _, g := range c.Groups {
		for _, part := range g.Groups {
			name := member(part.Name)
			if part.Rest {
				name = "(all others)"
			}
			prefix := "groups." + g.Name + ".groups." + name + "."
			r.count(prefix+"customers", part.Customers)
			r.exact(prefix+"monthly", r.currency, part.Monthly)
			r.figure(prefix+"stay", "customers", part.Stay)
			r.figure(prefix+"revenue_next_year", r.currency, part.Revenue)
			r.figure(prefix+"value", r.currency, part.Value)
		}
	}
	r.check(c.Check)
	return r.out
}

// contractRows gathers records of one statement.
type contractRows struct {
	at       record
	currency string
	out      []record
}

func (r *contractRows) number(line, unit, value string) {
	x := r.at
	x.line, x.unit, x.value, x.kind = line, unit, value, "exact"
	r.out = append(r.out, x)
}

func (r *contractRows) exact(line, unit string, value float64) {
	r.number(line, unit, money.FormatRate(evidence.Float(value)))
}

func (r *contractRows) count(line string, n int64) {
	r.number(line, "customers", strconv.FormatInt(n, 10))
}

func (r *contractRows) figure(line, unit string, f evidence.Figure) {
	if f.Err() != nil {
		return
	}
	x := figure(r.at, line, f)
	x.unit = unit
	r.out = append(r.out, x)
}

func (r *contractRows) renewals(of []sealed.ContractRenewal) {
	for _, k := range of {
		prefix := "renewals." + member(k.Name) + "."
		r.count(prefix+"customers", k.Customers)
		r.exact(prefix+"monthly", r.currency, k.Monthly)
		if k.Model.Refused != "" {
			x := r.at
			x.line, x.kind, x.note = prefix+"model", "refused", unlocked(k.Model.Locked)
			r.out = append(r.out, x)
		}
		for _, p := range k.Model.Parameters {
			r.exact(prefix+"model.parameters."+member(p.Name)+".value", "ratio", p.Value)
			r.exact(prefix+"model.parameters."+member(p.Name)+".se", "ratio", p.SE)
		}
		for _, x := range k.Retention {
			r.exact(prefix+"retention."+member(x.Name)+".share", "ratio", x.Share)
		}
	}
}

// check is the hold-out: what was foretold, what came, and the naive forecast.
func (r *contractRows) check(c *sealed.ContractCheck) {
	if c == nil {
		return
	}
	r.at.period = c.HeldOut.String()
	r.exact("check.missed", "ratio", c.Missed)
	if c.NaiveMissed != nil {
		r.exact("check.naive_missed", "ratio", *c.NaiveMissed)
	}
	row := func(prefix string, f sealed.ContractForecast) {
		r.count(prefix+"customers", f.Customers)
		r.exact(prefix+"stay_foretold", "customers", f.StayForetold)
		r.count(prefix+"stayed", f.Stayed)
		for _, m := range []struct {
			key string
			x   *float64
		}{{"monthly_foretold", f.MonthlyForetold}, {"monthly", f.Monthly}, {"monthly_naive", f.MonthlyNaive}} {
			if m.x != nil {
				r.exact(prefix+m.key, r.currency, *m.x)
			}
		}
	}
	row("check.total.", c.Total)
	for _, list := range []struct {
		name string
		of   []sealed.ContractForecast
	}{{"cohorts", c.Cohorts}, {"tenths", c.Tenths}, {"parts", c.Parts}} {
		for _, f := range list.of {
			row("check."+list.name+"."+member(f.Name)+".", f)
		}
	}
}
