package web

import (
	"net/http"
	"net/url"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// profitView says what customers left after what serving them took, and what it cost to win them.
type profitView struct {
	Seal    sealLine
	Pages   []door
	Finding string
	Columns []door // the same page with the other block in front
	Spans   string
	Locked  []lockedView // the books allow none of it

	Currency         string
	Opening, Winning []bigView
	Known            []profitRow
	Split            []profitRow
	Touchpoints      []touchRow
	Whale            *whaleView
	Groups           []groupRow
	Points           []groupRow // of the curve, where there are too few customers for tenths
	New              []profitRow
	Costs            []profitRow
	Notes            []noteView
}

// profitRow is a line of a table: a name, an amount and a count.
type profitRow struct {
	Label, Amount, Count, Note string
	Class                      string
	English                    bool // the note is the document's own words
}

// touchRow is what serving at one touchpoint cost.
type touchRow struct {
	Name, Cost, Driver, Units, Rate string
	Contacts, Customers             string
	Assigned, Idle                  string
	Untimed                         string // how many contacts have no handling time, where the others are why contacts count
}

// groupRow is a tenth of the customers, or one of few.
type groupRow struct {
	Name, Customers, Revenue, Gross, Cost, Profit string
	Least, Most, Share                            string
	Class                                         string
}

var profitPage = page[profitView]("profit.html")

func (s *Server) profit(v *visit, h office.Head, o *opened) error {
	view := o.profitView(sealed.Block(v.r.URL.Query().Get("of")))
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "profit")
	name := v.locale.periodName(h.Kind, h.Period, h.Label)
	return profitPage.render(v, http.StatusOK, title{Text: v.t("Profit and cost to serve, %s", name)}, view)
}

// profitView is the block that is asked for, or else the headline.
func (o *opened) profitView(asked sealed.Block) profitView {
	view := profitView{Finding: o.t("Profit and cost to serve"), Currency: string(o.currency)}
	blocks := o.doc.Blocks(sealed.ProfitPeriod)
	if len(blocks) == 0 {
		lock := lockedView{What: o.t("Profit and cost to serve"), Why: "this seal was made before profit was stated", Opens: "a close of a later period, or a restatement"}
		if p := o.doc.Profit; p != nil {
			lock.Why, lock.Opens = p.Refused, p.UnlockedBy
		}
		view.Locked = []lockedView{lock}
		return view
	}
	b := blocks[0]
	for _, other := range blocks {
		if other == asked {
			b = other
		}
	}
	for _, other := range blocks {
		if len(blocks) > 1 {
			view.Columns = append(view.Columns, door{Path: statementPath(o.seal) + "/profit?" + url.Values{"of": {string(other)}}.Encode(), Text: o.head(other), Current: other == b})
		}
	}
	p := o.doc.ProfitBlock(b)
	view.Spans = o.days(*p.Period)
	o.lead = b
	if text := o.profitFinding(p); text != "" {
		view.Finding = text
	}
	view.Opening = o.bigs(b, "gross_profit", "cost_assigned", "profit", "profit_per_customer")
	view.Winning = o.bigs(b, "acquisition_cost", "acquisition_cost_per_new", "acquisition_cost_per_bought", "acquisition_cost_per_earned", "payback_months")
	o.profitTables(&view, p)
	view.Whale = o.whale(p)
	view.Notes = o.notes
	return view
}

// bigs are figures that open a section, each with its definition.
func (o *opened) bigs(b sealed.Block, names ...string) []bigView {
	var out []bigView
	for _, name := range names {
		f, ok := o.doc.Figure(b, name)
		if !ok {
			continue
		}
		x := o.big(f)
		x.Note = o.note(sealed.Key(b, name))
		out = append(out, x)
	}
	return out
}

// profitFinding is the sentence that the curve bears out.
func (o *opened) profitFinding(p *sealed.Profit) string {
	losing, ok := p.Rates["losing_customers"].Estimate()
	losses, also := p.Rates["losses"].Estimate()
	switch {
	case !ok || !also || losing.Value == nil:
		return ""
	case losing.Value.Sign() == 0:
		return o.t("Every customer brings at least what serving them takes.")
	}
	taken := o.number(sealed.Worth, losses.Value.Neg(losses.Value), false)
	return o.t("%s of customers cost more than they bring, and take %s %s.", percent(losing.Value), taken, string(o.currency))
}

func (o *opened) profitTables(view *profitView, p *sealed.Profit) {
	for _, k := range p.Known {
		row := profitRow{Label: o.knownBy(k.Name), Amount: o.t("not known"), Count: o.cash(k.Revenue), Note: count(k.Lines)}
		if k.Profit != nil {
			row.Amount = o.cash(*k.Profit)
		}
		view.Known = append(view.Known, row)
	}
	var all money.Amount
	for _, s := range p.Serve {
		if s.Amount != nil {
			all = all.Add(*s.Amount)
			view.Split = append(view.Split, profitRow{Label: o.servedWho(s.Name), Amount: o.cash(*s.Amount)})
		}
	}
	if len(view.Split) > 0 {
		view.Split = append(view.Split, profitRow{Label: o.t("Cost to serve"), Amount: o.cash(all), Class: "total"})
	}
	for _, t := range p.Touchpoints {
		view.Touchpoints = append(view.Touchpoints, o.touched(t))
	}
	var sum money.Amount
	for _, g := range p.Deciles {
		sum = sum.Add(g.Profit)
		row := groupRow{
			Name: o.tenth(g.Name), Customers: count(g.Customers), Revenue: o.cash(g.Revenue), Gross: o.cash(g.Gross), Cost: o.cash(g.Cost), Profit: o.cash(g.Profit),
			Least: o.cash(g.Least), Most: o.cash(g.Most), Share: o.cash(sum),
		}
		if g.Profit.Sign() < 0 {
			row.Class = "against"
		}
		view.Groups = append(view.Groups, row)
	}
	if len(p.Deciles) == 0 {
		for _, c := range p.Curve {
			view.Points = append(view.Points, groupRow{Customers: count(c.Customers), Profit: o.cash(c.Profit), Share: o.shareText(c)})
		}
	}
	for _, n := range []struct{ name, text string }{{"earned", "Came by word of mouth"}, {"bought", "Came by promotion, sales or a partner"}, {"unattributed", "Nobody knows"}} {
		if p.New != nil {
			view.New = append(view.New, profitRow{Label: o.t(n.text), Count: count(p.New[n.name])})
		}
	}
	for _, c := range p.Costs {
		row := profitRow{Label: o.costKind(c.Name)}
		switch {
		case c.Refused != "":
			row.Amount, row.Note, row.English = o.t("refused"), c.Refused, true
		case c.Amount != nil:
			row.Amount = o.cash(*c.Amount)
			if c.Missing != "" {
				row.Note = o.t("The costs book says nothing of %s (the last day excluded).", c.Missing)
			}
		}
		view.Costs = append(view.Costs, row)
	}
}

func (o *opened) shareText(c sealed.ProfitPoint) string {
	if c.Share == nil {
		return ""
	}
	r, ok := rational(c.Share.String())
	if !ok {
		return c.Share.String()
	}
	return percent(r)
}

func (o *opened) touched(t sealed.ServedAt) touchRow {
	row := touchRow{Name: t.Name, Cost: o.t("none given"), Contacts: count(t.Contacts), Customers: count(t.Customers), Assigned: o.cash(t.Assigned), Idle: o.cash(t.Idle)}
	if t.Cost != nil {
		row.Cost = o.cash(*t.Cost)
	}
	units := t.Units.String()
	if r, ok := rational(units); ok {
		units = decimal(r, 0)
	}
	switch t.Driver {
	case "handle_seconds":
		row.Driver, row.Units = o.t("seconds of handling"), units
	case "contacts":
		row.Driver, row.Units = o.t("contacts"), units
		if t.Untimed > 0 && t.Untimed < t.Contacts {
			row.Untimed = o.tn(t.Untimed, "%s contact has no handling time", "%s contacts have no handling time", count(t.Untimed))
		}
	default:
		row.Driver = o.t("nobody called")
	}
	if t.Rate != nil {
		if r, ok := rational(*t.Rate); ok {
			row.Rate = decimal(r, max(4, o.currency.Places()))
		}
	}
	return row
}

func (o *opened) knownBy(name string) string {
	switch {
	case name == "cost":
		return o.t("A cost on the line")
	case name == "unknown":
		return o.t("Neither a cost nor a stated margin")
	case name == "margin default":
		return o.t("The stated margin of all others")
	case len(name) > 7:
		return o.t("The stated margin of %s", name[7:])
	}
	return name
}

func (o *opened) servedWho(name string) string {
	switch name {
	case "customers":
		return o.t("Led to customers")
	case "unidentified":
		return o.t("Spent on callers without an id")
	case "excluded":
		return o.t("Spent on excluded customers")
	case "without_contacts":
		return o.t("Where nobody called")
	case "without_touchpoint":
		return o.t("Of no touchpoint")
	}
	return name
}

func (o *opened) costKind(name string) string {
	switch name {
	case "serve":
		return o.t("To serve")
	case "acquire":
		return o.t("To win customers")
	case "retain":
		return o.t("To keep customers, led to nobody")
	case "train":
		return o.t("To train people, led to nobody")
	case "hire":
		return o.t("To hire people, led to nobody")
	case "other":
		return o.t("Other, led to nobody")
	}
	return name
}

func (o *opened) tenth(name string) string {
	switch name {
	case "1":
		return o.t("First tenth, the most profitable")
	case "10":
		return o.t("Last tenth")
	}
	return o.t("Tenth %s", name)
}
