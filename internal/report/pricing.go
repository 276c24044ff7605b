package report

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// priceLine is a figure of prices with its name and what it is called.
type priceLine struct {
	key, label string
	figure     *evidence.Figure
}

// priceLines are the figures that are not of one product, in the order in which they are printed.
func priceLines(p *sealed.Prices) []priceLine {
	out := []priceLine{{"elasticity", "All products together", p.Elasticity}}
	for _, m := range sealed.ServiceMeasures {
		for _, s := range p.Service {
			if s.Name == m.Name {
				prefix := "by_service." + s.Name + "."
				out = append(out, priceLine{prefix + "well_served", m.Label + ": well-served", s.Well}, priceLine{prefix + "poorly_served", m.Label + ": poorly served", s.Poorly},
					priceLine{prefix + "difference", m.Label + ": well − poorly", s.Difference})
			}
		}
	}
	if h := p.Halves; h != nil {
		out = append(out, priceLine{"by_half.earlier", "Before " + h.Split.String(), h.Earlier}, priceLine{"by_half.later", "From " + h.Split.String() + " on", h.Later}, priceLine{"by_half.change", "Change", h.Change})
	}
	return out
}

const pricesSaid = "By how many per cent quantity moved where the list price moved by one, for the same customers; 95% intervals. What was observed is no proof that the price led to it. An interval that holds zero may be nothing."

// prices prints how quantities followed list prices, or why that is not known.
func (d *document) prices(p *page) {
	if d.Prices == nil {
		return
	}
	p.title("OBSERVED PRICE ELASTICITY")
	if d.Prices.Refused != "" {
		p.lock(d.Prices.Locked)
		return
	}
	for _, l := range priceLines(d.Prices) {
		if l.figure != nil {
			p.hang(l.label, elastic(*l.figure), headKeys+28)
		}
	}
	for _, x := range d.Prices.Products {
		if x.Elasticity != nil {
			p.hang("  "+sealed.ShortName(clean(x.Name)), elastic(*x.Elasticity), headKeys+28)
		}
	}
	p.hang("", pricesSaid, 0)
}

// elastic is an elasticity with its interval, or why it was refused.
func elastic(f evidence.Figure) string {
	if r, refused := f.Refusal(); refused {
		return sentence("refused: " + clean(r.Reason) + " — needs " + clean(r.Need))
	}
	e, ok := f.Estimate()
	if !ok || e.Value == nil {
		return ""
	}
	return twoPlaces(e.Value) + "  (" + twoPlaces(e.Low) + " to " + twoPlaces(e.High) + ")"
}

func twoPlaces(r *big.Rat) string {
	text := r.FloatString(2)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}

// pricePassage is the same on the page to print.
func (d *document) pricePassage() passage {
	p := passage{title: "Observed price elasticity", heads: []string{"", "elasticity", "95% interval"}}
	add := func(label string, f *evidence.Figure) {
		if f == nil {
			return
		}
		if why, refused := f.Refusal(); refused {
			p.rows = append(p.rows, []string{label + ": " + sentence("refused: "+clean(why.Reason)+" — needs "+clean(why.Need)), "", ""})
			return
		}
		if e, ok := f.Estimate(); ok && e.Value != nil {
			p.rows = append(p.rows, []string{label, twoPlaces(e.Value), twoPlaces(e.Low) + " to " + twoPlaces(e.High)})
		}
	}
	for _, l := range priceLines(d.Prices) {
		add(l.label, l.figure)
	}
	for _, x := range d.Prices.Products {
		add("  "+sealed.ShortName(clean(x.Name)), x.Elasticity)
	}
	p.said = []string{pricesSaid}
	return p
}

// priceRecords have the months looked at for their period.
func (d *document) priceRecords() []record {
	p := d.Prices
	if p == nil {
		return nil
	}
	at := record{statement: "price_elasticity"}
	if p.Refused != "" {
		at.kind, at.note = "refused", unlocked(p.Locked)
		return []record{at}
	}
	at.period = p.Window.String()
	out := []record{}
	number := func(line, unit string, n int64) {
		r := at
		r.line, r.value, r.kind, r.unit = line, strconv.FormatInt(n, 10), "exact", unit
		out = append(out, r)
	}
	amount := func(line string, a *money.Amount) {
		if a != nil {
			r := at
			r.line, r.value, r.kind, r.unit = line, a.Text(d.places()), "exact", string(d.Currency)
			out = append(out, r)
		}
	}
	number("rests_on.products", "products", p.Basis.Products)
	number("rests_on.product_months", "months", p.Basis.Months)
	number("rests_on.price_changes", "changes", p.Basis.Changes)
	for _, l := range priceLines(p) {
		if l.figure != nil {
			out = append(out, figure(at, l.key, *l.figure))
		}
	}
	for _, s := range p.Service {
		number("by_service."+s.Name+".well_served_customers", "customers", s.WellCustomers)
		number("by_service."+s.Name+".poorly_served_customers", "customers", s.PoorlyCustomers)
	}
	for _, x := range p.Products {
		prefix := "products." + member(x.Name) + "."
		if x.Elasticity != nil {
			out = append(out, figure(at, prefix+"elasticity", *x.Elasticity))
		}
		amount(prefix+"revenue", &x.Revenue)
		number(prefix+"customers", "customers", x.Customers)
		number(prefix+"months", "months", x.Months)
		number(prefix+"price_changes", "changes", x.Changes)
		amount(prefix+"first_price", x.First)
		amount(prefix+"last_price", x.Last)
	}
	number("rest.products", "products", p.Rest.Products)
	amount("rest.revenue", &p.Rest.Revenue)
	return out
}
