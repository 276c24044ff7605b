package report

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// roundly is a foretold number without its small change.
func roundly(r *big.Rat) string {
	a, err := money.Parse(r.FloatString(0))
	if err != nil {
		return r.FloatString(0)
	}
	return a.Grouped(0)
}

// foretold is a figure of the equity statement and its interval, or why it was refused.
func foretold(unit sealed.Unit, f evidence.Figure) (value, interval, why string) {
	say := roundly
	if unit == sealed.Share {
		say = percent
	}
	if r, refused := f.Refusal(); refused {
		return "refused", "", sentence("refused: " + clean(r.Reason) + " — needs " + clean(r.Need))
	}
	e, ok := f.Estimate()
	if !ok || e.Value == nil {
		return "", "", ""
	}
	if e.Kind != evidence.KindExact {
		interval = say(e.Low) + " to " + say(e.High)
	}
	return say(e.Value), interval, ""
}

var equityWidths = []int{46, 16, 30}

// equityPassages are what the base is worth, by part, and whether to believe it.
func (d *document) equityPassages() []passage {
	e := d.Equity
	if e == nil {
		return nil
	}
	if !e.Open() {
		return []passage{{title: "What the customer base is worth", said: []string{sentence("refused: " + unlocked(e.Locked))}}}
	}
	out := []passage{d.equityFigures()}
	for _, g := range e.Groups {
		out = append(out, d.equityGroups(g))
	}
	if e.Check != nil {
		out = append(out, d.equityCheck(e.Check))
	}
	return out
}

func (d *document) equityFigures() passage {
	p := passage{title: "What the customer base is worth", of: "at the end of " + d.Equity.LastDay.String(), heads: []string{"", d.unit(), "95% interval"}, widths: equityWidths}
	said := map[string]bool{}
	for _, def := range sealed.Definitions(sealed.EquityBlock) {
		f, ok := d.Figure(sealed.EquityBlock, def.Name)
		if !ok {
			continue
		}
		value, interval, why := foretold(def.Unit, f.Value.Figure)
		if e, ok := f.Value.Figure.Estimate(); ok && def.Unit == sealed.Worth {
			value = strings.TrimSpace(d.money(rounded(e.Value))) // it is counted, so its small change is told
		}
		p.rows = append(p.rows, []string{def.Label, value, interval})
		if why != "" && !said[why] {
			said[why] = true
			p.said = append(p.said, why)
		}
	}
	return p
}

func (d *document) equityGroups(g sealed.EquityGroups) passage {
	p := passage{title: "Worth by " + map[string]string{"segment": "segment", "entity": "brand or legal entity", "acquisition": "way of coming", "cohort": "year of the first purchase"}[g.Name],
		heads: []string{"", "customers", "likely still", d.unit(), "95% interval"}, widths: []int{26, 11, 13, 16, 26}}
	labels := g.Labels("Not known", "All others")
	for i, part := range g.Groups {
		name := clean(labels[i])
		alive, _, _ := foretold(sealed.Foretold, part.Alive)
		value, interval, _ := foretold(sealed.Expected, part.Value)
		p.rows = append(p.rows, []string{name, count(part.Customers), alive, value, interval})
	}
	return p
}

func (d *document) equityCheck(c *sealed.EquityCheck) passage {
	p := passage{title: "The same model, fitted to what was known before " + c.HeldOut.Start.String() + ", and what came after", widths: []int{26, 14, 14, 14, 14}}
	p.heads = []string{"first bought", "customers", "foretold", "came", "naive"}
	if c.Of == "revenue" {
		p.of = "revenue"
	} else {
		p.of = "purchases"
	}
	row := func(name string, f sealed.EquityForecast) {
		cells := []string{name, count(f.Customers)}
		if c.Of == "revenue" && f.RevenueForetold != nil && f.Revenue != nil && f.RevenueNaive != nil {
			for _, x := range []float64{*f.RevenueForetold, *f.Revenue, *f.RevenueNaive} {
				cells = append(cells, roundly(evidence.Float(x)))
			}
		} else if f.PurchasesNaive != nil {
			cells = append(cells, roundly(evidence.Float(f.PurchasesForetold)), count(f.Purchases), count(*f.PurchasesNaive))
		}
		p.rows = append(p.rows, cells)
	}
	for _, f := range c.Cohorts {
		row(clean(f.Name), f)
	}
	row("All", c.Total)
	p.said = append(p.said, "Naive: as in the same time before, first purchases left out. The model missed cohorts by "+percent(evidence.Float(c.Missed))+" of what came, the naive forecast by "+percent(evidence.Float(c.NaiveMissed))+".")
	if c.NaiveBetter() {
		p.said = append(p.said, "The naive forecast came nearer. Do not steer by the model.")
	}
	return p
}

// equityRecords are the rows of the equity statement.
func (d *document) equityRecords() []record {
	e := d.Equity
	if e == nil {
		return nil
	}
	at := record{statement: "equity", period: window(d.Period)}
	if !e.Open() {
		at.kind, at.note = "refused", unlocked(e.Locked)
		return []record{at}
	}
	var out []record
	add := func(line, unit string, f evidence.Figure) {
		if f.Err() != nil {
			return
		}
		r := figure(at, line, f)
		r.unit = unit
		out = append(out, r)
	}
	units := map[sealed.Unit]string{sealed.Expected: string(d.Currency), sealed.Worth: string(d.Currency), sealed.Share: "ratio", sealed.Foretold: "customers"}
	for _, def := range sealed.Definitions(sealed.EquityBlock) {
		if f, ok := d.Figure(sealed.EquityBlock, def.Name); ok {
			unit := units[def.Unit]
			if def.Name == "base.purchases_next_year" {
				unit = "purchases"
			}
			add(def.Name, unit, f.Value.Figure)
		}
	}
	exact := func(line, unit string, value string) {
		r := at
		r.line, r.value, r.kind, r.unit = line, value, "exact", unit
		out = append(out, r)
	}
	exact("customers", "customers", strconv.FormatInt(e.Customers, 10))
	exact("new_customers", "customers", strconv.FormatInt(e.New, 10))
	exact("lost_customers", "customers", strconv.FormatInt(e.Lost, 10))
	for _, g := range e.Groups {
		for _, part := range g.Groups {
			prefix := "groups." + g.Name + "." + equityLine(part) + "."
			exact(prefix+"customers", "customers", strconv.FormatInt(part.Customers, 10))
			add(prefix+"alive", "customers", part.Alive)
			add(prefix+"purchases_next_year", "purchases", part.Purchases)
			add(prefix+"revenue_next_year", string(d.Currency), part.Revenue)
			add(prefix+"value", string(d.Currency), part.Value)
		}
	}
	return append(out, d.checkRecords(at)...)
}

func equityLine(p sealed.EquityPart) string {
	if p.Rest {
		return "(all others)"
	}
	return member(p.Name)
}

// checkRecords are the hold-out: what was foretold, what came, and the naive forecast.
func (d *document) checkRecords(at record) []record {
	c := d.Equity.Check
	if c == nil {
		return nil
	}
	at.period, at.kind = c.HeldOut.String(), "text"
	var out []record
	add := func(line, unit string, value float64) {
		r := at
		r.line, r.unit, r.value, r.kind = line, unit, money.FormatRate(evidence.Float(value)), "exact"
		out = append(out, r)
	}
	add("check.missed", "ratio", c.Missed)
	add("check.naive_missed", "ratio", c.NaiveMissed)
	for _, list := range []struct {
		name string
		of   []sealed.EquityForecast
	}{{"total", []sealed.EquityForecast{c.Total}}, {"cohorts", c.Cohorts}, {"tenths", c.Tenths}, {"parts", c.Parts}} {
		for _, f := range list.of {
			prefix := "check." + list.name + "." + member(f.Name) + "."
			add(prefix+"purchases_foretold", "purchases", f.PurchasesForetold)
			add(prefix+"purchases", "purchases", float64(f.Purchases))
			if f.PurchasesNaive != nil {
				add(prefix+"purchases_naive", "purchases", float64(*f.PurchasesNaive))
			}
			for _, m := range []struct {
				key string
				x   *float64
			}{{"revenue_foretold", f.RevenueForetold}, {"revenue", f.Revenue}, {"revenue_naive", f.RevenueNaive}} {
				if m.x != nil {
					add(prefix+m.key, string(d.Currency), *m.x)
				}
			}
		}
	}
	return out
}
