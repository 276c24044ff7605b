package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// baseLines are the averages of the customer base, in the order in which they
// are printed.
var baseLines = []line{
	{"customers", "Active customers"},
	{"orders", "Orders"},
	{"revenue", "Revenue of the active"},
	{"orders_per_customer", "Orders per customer"},
	{"revenue_per_order", "Revenue per order"},
	{"revenue_per_customer", "Revenue per customer"},
	{"profit_per_customer", "Gross profit per customer"},
	{"gross_margin", "Gross margin"},
	{"one_order_share", "Bought once"},
	{"top_tenth_of_revenue", "Share of revenue: top tenth"},
	{"top_tenth_of_profit", "Share of profit: top tenth"},
}

// basePassages are how different the customers are: averages of both periods,
// and tenths by spend.
func (d *document) basePassages() []passage {
	v := d.Views
	now := v.Slice("period")
	if now == nil || v.Slice("comparison") == nil {
		return nil
	}
	p := passage{title: "Customer base", heads: []string{"", "period", "before"}, widths: []int{44, 18, 18}}
	if v.Period != nil && v.Compared != nil {
		p.of = days(*v.Period) + ", compared with " + days(*v.Compared)
	}
	for _, l := range baseLines {
		if l.key == "orders" && v.NoOrders() != nil {
			p.rows = append(p.rows, []string{l.label, "refused", "refused"})
			continue // why is said of their averages
		}
		a, why := d.baseValue("slices.period." + l.key)
		b, _ := d.baseValue("slices.comparison." + l.key)
		p.rows = append(p.rows, []string{l.label, a, b})
		if said := "Refused: " + sentence(why); why != "" && !slices.Contains(p.said, said) {
			p.said = append(p.said, said)
		}
	}
	out := []passage{p}
	by := now.By("spend")
	if by == nil || len(by.Deciles) == 0 {
		return out
	}
	orders := func(n int64) string {
		if v.NoOrders() != nil {
			return "refused"
		}
		return plainCount(n)
	}
	tenths := passage{title: "Tenths of the customers by spend", heads: []string{"tenth", "customers", "orders", "revenue", "share"}, widths: []int{16, 14, 14, 20, 10}}
	for _, t := range by.Deciles {
		tenths.rows = append(tenths.rows, []string{t.Name, plainCount(t.Customers), orders(t.Orders), d.money(t.Revenue), share(t.Revenue, now.Revenue)})
	}
	return append(out, tenths)
}

// baseValue is a figure as text, and why it was refused.
func (d *document) baseValue(name string) (text, why string) {
	f, ok := d.Figure(sealed.Views, name)
	if !ok {
		return "", ""
	}
	switch f.Unit {
	case sealed.Money:
		return d.money(f.Value.Amount), ""
	case sealed.Customers, sealed.Purchases:
		return plainCount(f.Value.Count), ""
	}
	if r, refused := f.Value.Figure.Refusal(); refused {
		return "refused", clean(r.Reason) + " — needs " + clean(r.Need)
	}
	r := f.Value.Rat()
	if r == nil {
		return "", ""
	}
	if f.Unit == sealed.Share {
		return percent(r), ""
	}
	a, err := money.Parse(r.FloatString(2))
	if err != nil {
		return r.FloatString(2), ""
	}
	return a.Grouped(2), ""
}

// viewRecords are every figure of the views, a row each.
func (d *document) viewRecords() []record {
	v := d.Views
	if v == nil {
		return nil
	}
	at := record{statement: "views", period: window(v.Period), compared: window(v.Compared)}
	if v.Refused != "" {
		at.kind, at.note = "refused", unlocked(v.Locked)
		return []record{at}
	}
	var out []record
	for _, s := range v.Slices {
		in := "slices." + s.Name + "."
		out = append(out, d.sums(at, in, s.Sums)...)
		if why := s.OrdersRefused; why != nil {
			out = append(out, figure(at, in+"orders", evidence.Refuse(why.Reason, why.Need)))
		}
		for _, l := range baseLines[3:] {
			if f, ok := d.Figure(sealed.Views, in+l.key); ok {
				out = append(out, figure(at, in+l.key, f.Value.Figure))
			}
		}
		for _, r := range s.Ranked {
			for _, b := range r.Bands {
				out = append(out, d.sums(at, in+"by."+r.Name+".bands."+b.Name+".", b.Sums)...)
			}
			for _, t := range r.Deciles {
				out = append(out, d.sums(at, in+"by."+r.Name+".deciles."+t.Name+".", t.Sums)...)
			}
		}
	}
	for _, name := range []string{"customers", "orders_per_customer", "revenue_per_order", "revenue"} {
		if f, ok := v.Changes[name]; ok {
			out = append(out, figure(at, "changes."+name, f))
		}
	}
	for _, m := range v.Moves {
		for _, x := range m.Moves {
			out = append(out, numbered(at, fmt.Sprintf("moves.%s.%d to %d.customers", m.Name, x.From, x.To), x.Customers, "customers"))
		}
	}
	for _, g := range v.Groups {
		for _, x := range g.Groups {
			out = append(out, d.groupRecords(at, "groups."+g.Name+"."+member(x.Name)+".", x)...)
		}
	}
	for _, g := range v.Grids {
		out = append(out, d.gridRecords("views", "cohorts."+g.Name+".", g)...)
	}
	return out
}

func numbered(at record, name string, n int64, unit string) record {
	at.line, at.value, at.kind, at.unit = name, strconv.FormatInt(n, 10), "exact", unit
	return at
}

func (d *document) cash(at record, name string, a money.Amount) record {
	at.line, at.value, at.kind, at.unit = name, a.Text(d.places()), "exact", string(d.Currency)
	return at
}

func (d *document) sums(at record, in string, s sealed.Sums) []record {
	out := []record{numbered(at, in+"customers", s.Customers, "customers")}
	if d.Views.NoOrders() == nil {
		out = append(out, numbered(at, in+"orders", s.Orders, "orders"))
	}
	out = append(out, d.cash(at, in+"revenue", s.Revenue))
	if s.Profit != nil {
		out = append(out, d.cash(at, in+"profit", *s.Profit))
	}
	return out
}

func (d *document) groupRecords(at record, in string, g sealed.Group) []record {
	var out []record
	for _, x := range []struct {
		name string
		n    int64
	}{{"opening", g.Opening}, {"retained", g.Retained}, {"new", g.New}, {"closing", g.Closing}} {
		out = append(out, numbered(at, in+x.name, x.n, "customers"))
	}
	out = append(out, d.sums(at, in+"comparison.", g.Was)...)
	out = append(out, d.sums(at, in+"period.", g.Is)...)
	for _, x := range []struct {
		name string
		f    evidence.Figure
	}{{"net_revenue_retention", g.NetRetention}, {"gross_revenue_retention", g.GrossRetention}} {
		out = append(out, figure(at, in+x.name, x.f))
	}
	return out
}

// gridRecords have the span for their period, as those of cohorts.
func (d *document) gridRecords(statement, in string, g sealed.CohortGrid) []record {
	at := record{statement: statement}
	if g.Refused != "" {
		at.line, at.kind, at.note = strings.TrimSuffix(in, "."), "refused", unlocked(g.Locked)
		return []record{at}
	}
	var out []record
	for _, row := range g.Rows {
		first := len(g.Spans) - len(row.Active)
		for i := range row.Active {
			at.period, at.note = g.Spans[first+i], ""
			if row.Name != sealed.Before {
				at.note = "age " + strconv.Itoa(i)
			}
			sums := sealed.Sums{Customers: row.Active[i], Orders: row.Orders[i], Revenue: row.Revenue[i], Profit: row.Profit[i]}
			out = append(out, d.sums(at, in+row.Name+".", sums)...)
		}
	}
	return out
}
