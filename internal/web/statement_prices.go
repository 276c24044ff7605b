package web

import (
	"math"
	"math/big"
	"net/http"
	"strconv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// pricesView says how quantities followed list prices.
type pricesView struct {
	Seal     sealLine
	Pages    []door
	Finding  []string
	Currency string
	Refused  []lockedView
	Window   string
	Basis    string
	Watch    string
	Figures  []bigView
	Ticks    []tick
	Scale    string
	Groups   []priceGroup
	Products []priceRow
	Rest     string
	Notes    []noteView
}

// priceGroup is figures that are looked at together.
type priceGroup struct {
	Label, Counts string
	Rows          []priceRow
}

// priceRow is one elasticity.
type priceRow struct {
	Label                     string
	Value                     numView
	Strip                     strip
	Interval, N               string
	Head                      bool
	Refused                   string // in the sealed document's words
	Prices, Changes, Customer string // of a product
}

var pricesPage = page[pricesView]("prices.html")

func (s *Server) prices(v *visit, h office.Head, o *opened) error {
	view := o.pricesView()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "prices")
	return pricesPage.render(v, http.StatusOK, title{Text: v.t("Prices, %s", view.Seal.Name)}, view)
}

func (o *opened) pricesView() pricesView {
	view := pricesView{Currency: string(o.doc.Currency)}
	p := o.doc.Prices
	if !p.Open() {
		locked := lockedView{What: o.t("Observed price elasticity"), Why: "this close was sealed by a release that did not look at prices", Opens: "a restatement"}
		if p != nil {
			locked.Why, locked.Opens = p.Refused, p.UnlockedBy
		}
		view.Refused = []lockedView{locked}
		return view
	}
	view.Window = o.days(p.Window)
	view.Basis = o.t("%s price changes of %s products over %s months", count(p.Basis.Changes), count(p.Basis.Products), count(monthsOf(p)))
	if p.Watch != nil {
		view.Watch = o.t("Who was served how is looked at in the twelve months before %s; what they bought, from then on.", o.day(p.Watch.Start))
	}
	view.Finding = o.priceFinding(p)
	view.Figures = o.bigs(sealed.PricesWhole, "elasticity", "by_service.resolved.difference", "by_service.nps.difference", "by_half.change")
	a := priceAxis(p)
	view.Ticks = a.numbers()
	view.Scale = o.t("On a scale from %s to %s", multiple(new(big.Rat).SetFloat64(a.low)), multiple(new(big.Rat).SetFloat64(a.high)))
	view.Groups = o.priceGroups(a, p)
	for _, x := range p.Products {
		view.Products = append(view.Products, o.priceProduct(a, x))
	}
	if p.Rest.Products > 0 {
		view.Rest = o.tn(p.Rest.Products, "%s smaller product with a revenue of %s %s is not looked at.", "%s smaller products with a revenue of %s %s are not looked at.", count(p.Rest.Products), o.cash(p.Rest.Revenue), string(o.doc.Currency))
	}
	view.Notes = o.notes
	return view
}

// monthsOf is how many months the window has.
func monthsOf(p *sealed.Prices) int64 {
	y0, m0, _ := p.Window.Start.Date()
	y1, m1, _ := p.Window.End.Date()
	return int64((y1-y0)*12 + int(m1) - int(m0))
}

// priceFinding is the page in sentences.
func (o *opened) priceFinding(p *sealed.Prices) []string {
	if p.Elasticity == nil {
		return nil
	}
	e, ok := p.Elasticity.Estimate()
	if !ok || e.Value == nil {
		return []string{o.t("How customers took price changes cannot be told from these books.")}
	}
	size := multiple(new(big.Rat).Abs(e.Value))
	var out []string
	if e.Value.Sign() > 0 {
		out = append(out, o.t("Where a list price rose by 1%%, the same customers bought %s%% more.", size))
	} else {
		out = append(out, o.t("Where a list price rose by 1%%, the same customers bought %s%% less.", size))
	}
	if e.Low.Sign() <= 0 && e.High.Sign() >= 0 {
		return append(out, o.t("The interval holds zero: it may be nothing."))
	}
	if e.Low.Cmp(big.NewRat(-1, 1)) > 0 && e.High.Sign() < 0 {
		return append(out, o.t("The whole interval is above −1: what was lost in quantity was less than what the price brought."))
	}
	if e.High.Cmp(big.NewRat(-1, 1)) < 0 {
		return append(out, o.t("The whole interval is below −1: what was lost in quantity was more than what the price brought."))
	}
	return out
}

// The drawing holds elasticities that are of use; what goes beyond ends at its edge, and the numbers beside it say how far it goes.
const lowestDrawn, highestDrawn = -6, 4

func priceAxis(p *sealed.Prices) axis {
	var ends []float64
	add := func(f *evidence.Figure) {
		if f == nil {
			return
		}
		if e, ok := f.Estimate(); ok {
			ends = append(ends, max(float(e.Low), lowestDrawn), min(float(e.High), highestDrawn))
		}
	}
	add(p.Elasticity)
	for _, s := range p.Service {
		add(s.Well)
		add(s.Poorly)
		add(s.Difference)
	}
	if p.Halves != nil {
		add(p.Halves.Earlier)
		add(p.Halves.Later)
		add(p.Halves.Change)
	}
	for _, x := range p.Products {
		add(x.Elasticity)
	}
	return axisOf(ends)
}

// numbers are four or five ticks at round numbers.
func (a axis) numbers() []tick {
	step := niceStep((a.high - a.low) / 5)
	var out []tick
	for k := math.Ceil(a.low/step - 1e-9); k*step <= a.high+step*1e-9; k++ {
		text := strconv.FormatFloat(k*step, 'f', -1, 64)
		if k < 0 {
			text = minus + text[1:]
		}
		t := tick{At: a.at(k * step), Text: text, Anchor: "middle"}
		switch share := a.share(k*step - a.low); {
		case share < 4:
			t.Anchor = "start"
		case share > 96:
			t.Anchor = "end"
		}
		out = append(out, t)
	}
	return out
}

func (o *opened) priceGroups(a axis, p *sealed.Prices) []priceGroup {
	groups := []priceGroup{{Label: o.t("All customers"), Counts: o.t("all products together"), Rows: o.priceRows(a, pair{"elasticity", o.t("Elasticity"), true})}}
	for _, m := range sealed.ServiceMeasures {
		for _, s := range p.Service {
			if s.Name != m.Name {
				continue
			}
			prefix := "by_service." + m.Name + "."
			g := priceGroup{Label: o.t(m.Label), Rows: o.priceRows(a, pair{prefix + "difference", o.t("Difference: above zero, the well-served mind less"), true},
				pair{prefix + "well_served", o.t("The well-served"), false}, pair{prefix + "poorly_served", o.t("The poorly served"), false})}
			if s.WellCustomers+s.PoorlyCustomers > 0 {
				g.Counts = o.t("%s customers of a product were well served, %s poorly; of others it is not known", count(s.WellCustomers), count(s.PoorlyCustomers))
			}
			groups = append(groups, g)
		}
	}
	if h := p.Halves; h != nil {
		groups = append(groups, priceGroup{Label: o.t("In time"), Rows: o.priceRows(a, pair{"by_half.change", o.t("Change: below zero, customers mind more"), true},
			pair{"by_half.earlier", o.t("Before %s", o.day(h.Split)), false}, pair{"by_half.later", o.t("From %s on", o.day(h.Split)), false})})
	}
	return groups
}

// pair is a figure's name with what it is called on the page.
type pair struct {
	name, label string
	head        bool
}

// priceRows are figures; where all are refused for one reason, it is said once.
func (o *opened) priceRows(a axis, of ...pair) []priceRow {
	var out []priceRow
	for i, x := range of {
		f, ok := o.doc.Figure(sealed.PricesWhole, x.name)
		if !ok {
			continue
		}
		row := o.priceRow(a, x.label, f.Value)
		row.Value, _, _ = o.num(sealed.PricesWhole, x.name)
		row.Head = x.head
		if i > 0 && row.Refused != "" && len(out) > 0 && out[0].Refused == row.Refused {
			continue
		}
		out = append(out, row)
	}
	return out
}

func (o *opened) priceRow(a axis, label string, v sealed.Value) priceRow {
	row := priceRow{Label: label, Interval: o.interval(v), Value: numView{Text: o.value(v)}}
	if why, refused := v.Figure.Refusal(); refused {
		row.Value.Refused, row.Refused = true, why.Reason+": "+why.Need
		row.Strip = strip{Refused: true, Zero: a.at(0)}
		return row
	}
	e, _ := v.Figure.Estimate()
	row.N = count(e.N)
	row.Strip = a.strip(v, nil, 0, "ink")
	if float(e.Low) < a.low {
		row.Strip.From = "0"
	}
	if float(e.High) > a.high {
		row.Strip.To = "100"
	}
	if x := float(e.Value); x < a.low || x > a.high {
		row.Strip.Dot = ""
	}
	return row
}

func (o *opened) priceProduct(a axis, x sealed.PriceProduct) priceRow {
	row := priceRow{Label: x.Name}
	if x.Elasticity != nil {
		row = o.priceRow(a, x.Name, sealed.Value{Figure: *x.Elasticity, Unit: sealed.Multiple})
	}
	row.Customer, row.Changes = count(x.Customers), count(x.Changes)
	if x.First != nil && x.Last != nil {
		row.Prices = o.t("%s to %s", o.cash(*x.First), o.cash(*x.Last))
	}
	return row
}
