package report

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// profitColumns are the blocks of profit beside the statements' columns.
func (d *document) profitColumns(columns []*sealed.Statement) (out []*sealed.Profit, any bool) {
	for _, s := range columns {
		p := d.Profit
		if s == d.Trailing {
			p = d.ProfitTrailing
		}
		if p == nil || !p.Open() {
			p = &sealed.Profit{}
		} else {
			any = true
		}
		out = append(out, p)
	}
	return out, any
}

// profit are the tables of what customers left after what serving them took.
func (d *document) profit(columns []*sealed.Statement) []table {
	blocks, any := d.profitColumns(columns)
	if !any {
		return nil
	}
	tables := []table{d.profitFigures(blocks), d.profitSplit(blocks), d.profitTenths(blocks), d.profitCosts(blocks)}
	var out []table
	for _, t := range tables {
		if len(t.rows) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// lockedProfit prints why there is none.
func (d *document) lockedProfit(p *page) {
	if d.Profit != nil && d.Profit.Refused != "" {
		p.title("PROFIT AND COST TO SERVE")
		p.lock(d.Profit.Locked)
	}
}

// besideProfit makes a row of what each block has.
func besideProfit(t *table, blocks []*sealed.Profit, r row, of func(*sealed.Profit) (cell, bool)) {
	any := false
	for _, p := range blocks {
		c, ok := of(p)
		any = any || ok
		r.cells = append(r.cells, c)
	}
	if any {
		t.rows = append(t.rows, r)
	}
}

func (d *document) profitFigures(blocks []*sealed.Profit) table {
	t := table{title: "PROFIT AND COST TO SERVE", value: d.unit()}
	for _, def := range sealed.Definitions(sealed.ProfitPeriod) {
		besideProfit(&t, blocks, row{label: def.Label}, func(p *sealed.Profit) (cell, bool) {
			f, ok := p.Rates[def.Name]
			if !ok {
				return cell{}, false
			}
			c := d.profitCell(def.Unit, f)
			if text := note(&p.Statement, def.Name, f); text != "" {
				c.mark = t.mark(text)
			}
			return c, true
		})
	}
	return t
}

// profitCell is a figure: an amount in the column of amounts, all else across.
func (d *document) profitCell(unit sealed.Unit, f evidence.Figure) cell {
	e, ok := f.Estimate()
	say := func(r *big.Rat) string {
		switch unit {
		case sealed.Worth:
			return strings.TrimSpace(d.money(rounded(r)))
		case sealed.Spell:
			return r.FloatString(0)
		}
		return percent(r)
	}
	switch {
	case !ok:
		return cell{share: "refused"}
	case e.Value == nil, unit == sealed.Spell:
		text := say(e.Low) + " to " + say(e.High)
		if e.Value != nil {
			text = say(e.Value) + " (" + text + ")"
		}
		return cell{share: text}
	case unit == sealed.Worth:
		return cell{value: d.money(rounded(e.Value))}
	}
	return cell{share: say(e.Value)}
}

// rounded is a number as an amount of six places.
func rounded(r *big.Rat) money.Amount {
	a, err := money.Parse(r.FloatString(money.Scale))
	if err != nil {
		return money.Amount{} // more digits than any amount that a document holds
	}
	return a
}

var serveLines = []line{
	{"customers", "  Led to customers"}, {"unidentified", "  Callers without an id"}, {"excluded", "  Excluded customers"},
	{"without_contacts", "  Where nobody called"}, {"without_touchpoint", "  Of no touchpoint"},
}

func (d *document) profitSplit(blocks []*sealed.Profit) table {
	t := table{title: "WHERE THE COST TO SERVE WENT", value: d.unit(), unit: "of cost"}
	whole := func(p *sealed.Profit) (sum money.Amount) {
		for _, s := range p.Serve {
			if s.Amount != nil {
				sum = sum.Add(*s.Amount)
			}
		}
		return sum
	}
	for _, l := range serveLines {
		besideProfit(&t, blocks, row{label: l.label}, func(p *sealed.Profit) (cell, bool) {
			for _, s := range p.Serve {
				if s.Name == l.key && s.Amount != nil {
					return cell{value: d.money(*s.Amount), share: share(*s.Amount, whole(p))}, true
				}
			}
			return cell{}, false
		})
	}
	if len(t.rows) > 0 {
		besideProfit(&t, blocks, row{label: "Cost to serve", rules: totalBelow}, func(p *sealed.Profit) (cell, bool) {
			return cell{value: d.money(whole(p))}, len(p.Serve) > 0
		})
	}
	return t
}

func (d *document) profitTenths(blocks []*sealed.Profit) table {
	t := table{title: "TENTHS OF THE CUSTOMERS BY PROFIT", value: d.unit(), unit: "of profit"}
	whole := func(p *sealed.Profit) (sum money.Amount) {
		for _, g := range p.Deciles {
			sum = sum.Add(g.Profit)
		}
		return sum
	}
	for i := range 10 {
		label := "  Tenth " + strconv.Itoa(i+1)
		if i == 0 {
			label = "  First tenth, the most profitable"
		}
		besideProfit(&t, blocks, row{label: label}, func(p *sealed.Profit) (cell, bool) {
			if i >= len(p.Deciles) {
				return cell{}, false
			}
			profit := p.Deciles[i].Profit
			return cell{value: d.money(profit), share: share(profit, whole(p))}, true
		})
	}
	if len(t.rows) > 0 {
		besideProfit(&t, blocks, row{label: "Profit after cost to serve", rules: totalBelow}, func(p *sealed.Profit) (cell, bool) {
			return cell{value: d.money(whole(p))}, len(p.Deciles) > 0
		})
	}
	return t
}

var costLines = []line{
	{"serve", "To serve"}, {"acquire", "To win customers"}, {"retain", "To keep customers, led to nobody"}, {"train", "To train people, led to nobody"},
	{"hire", "To hire people, led to nobody"}, {"other", "Other, led to nobody"},
}

func (d *document) profitCosts(blocks []*sealed.Profit) table {
	t := table{title: "ALL THAT THE COSTS BOOK HOLDS", value: d.unit()}
	for _, l := range costLines {
		besideProfit(&t, blocks, row{label: l.label}, func(p *sealed.Profit) (cell, bool) {
			for _, k := range p.Costs {
				switch {
				case k.Name != l.key:
				case k.Amount != nil:
					c := cell{value: d.money(*k.Amount)}
					if k.Missing != "" {
						c.mark = t.mark("The costs book says nothing of " + clean(k.Missing) + ".")
					}
					return c, true
				case k.Refused != "":
					return cell{share: "refused", mark: t.mark(sentence("refused: " + clean(k.Refused) + " — needs " + clean(k.Need)))}, true
				}
			}
			return cell{}, false
		})
	}
	return t
}

// profitRecords are the rows of a block of profit.
func (d *document) profitRecords(name string, p *sealed.Profit) []record {
	if p == nil {
		return nil
	}
	at := record{statement: name, period: window(p.Period)}
	if p.Refused != "" {
		at.kind, at.note = "refused", unlocked(p.Locked)
		return []record{at}
	}
	var out []record
	units := map[sealed.Unit]string{sealed.Worth: string(d.Currency), sealed.Spell: "months", sealed.Share: "ratio"}
	for _, def := range sealed.Definitions(sealed.ProfitPeriod) {
		if f, ok := p.Rates[def.Name]; ok {
			r := figure(at, def.Name, f)
			r.unit = units[def.Unit]
			out = append(out, r)
		}
	}
	amount := func(line string, a money.Amount) {
		r := at
		r.line, r.value, r.kind, r.unit = line, a.Text(d.places()), "exact", string(d.Currency)
		out = append(out, r)
	}
	number := func(line string, n int64, unit string) {
		r := at
		r.line, r.value, r.kind, r.unit = line, strconv.FormatInt(n, 10), "exact", unit
		out = append(out, r)
	}
	number("customers", p.N, "customers")
	for _, origin := range []string{"earned", "bought", "unattributed"} {
		if n, ok := p.New[origin]; ok {
			number("new_customers."+origin, n, "customers")
		}
	}
	for _, k := range p.Known {
		number("known."+k.Name+".lines", k.Lines, "lines")
		amount("known."+k.Name+".revenue", k.Revenue)
		if k.Profit != nil {
			amount("known."+k.Name+".gross_profit", *k.Profit)
		}
	}
	for _, s := range p.Serve {
		if s.Amount != nil {
			amount("serve."+s.Name, *s.Amount)
		}
	}
	for _, t := range p.Touchpoints {
		if t.Cost != nil {
			amount("touchpoints."+t.Name+".cost", *t.Cost)
		}
		number("touchpoints."+t.Name+".contacts", t.Contacts, "contacts")
		number("touchpoints."+t.Name+".customers", t.Customers, "customers")
		amount("touchpoints."+t.Name+".assigned", t.Assigned)
		amount("touchpoints."+t.Name+".without_contacts", t.Idle)
	}
	for _, g := range p.Deciles {
		number("deciles."+g.Name+".customers", g.Customers, "customers")
		amount("deciles."+g.Name+".revenue", g.Revenue)
		amount("deciles."+g.Name+".gross_profit", g.Gross)
		amount("deciles."+g.Name+".cost_to_serve", g.Cost)
		amount("deciles."+g.Name+".profit", g.Profit)
	}
	for _, c := range p.Curve {
		number("curve."+c.Name+".customers", c.Customers, "customers")
		amount("curve."+c.Name+".profit", c.Profit)
	}
	for _, k := range p.Costs {
		switch {
		case k.Amount != nil:
			amount("costs."+k.Name, *k.Amount)
		case k.Refused != "":
			r := at
			r.line, r.kind, r.note = "costs."+k.Name, "refused", k.Refused+"; needs "+k.Need
			out = append(out, r)
		}
	}
	return out
}
