package web

import (
	"net/http"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// contractsView says whether to believe it, what customers under contract are worth, and who of them renews.
type contractsView struct {
	Seal     sealLine
	Pages    []door
	Finding  string
	At       string
	Currency string
	Locked   []lockedView
	Figures  []bigView
	Check    *contractsCheckView
	Renewals []renewalView
	Differ   bool // some kind of them does not renew at one rate
	Together []bigView
	Change   []equityChangeRow
	Changed  string // in a sentence
	Groups   []contractsGroupView
	Unjudged []bigView
	Models   []equityModelRow
	Terms    []noteRow
	Notes    []noteView
}

// contractsCheckView is the hold-out.
type contractsCheckView struct {
	Span, Verdict string
	Warn          bool // the naive forecast came nearer
	Naive         bool // there is one
	Cohorts       []stayRow
	Tenths        []stayRow
	Parts         []stayRow
	Widened       string
}

// stayRow is who was foretold to stay beside who did, and what they pay.
type stayRow struct {
	Label, Customers                    string
	Foretold, Stayed                    string
	MonthlyForetold, Monthly, NaiveText string
	Bar, Mark                           string // foretold as a bar, what came as a mark, in per cent
	Total                               bool
}

// renewalView is who renews of the contracts that do so every so many months.
type renewalView struct {
	ID, Title, Of string
	Why, Opens    string // why there is no model, in the document's words
	Said          string
	Rows          []retentionRow
}

// retentionRow is one renewal. The bar is what is left, the mark what would be were each renewal like the first.
type retentionRow struct{ Label, Share, Left, AsFirst, Bar, Mark string }

// contractsGroupView are the parts by one dimension.
type contractsGroupView struct {
	ID, Title string
	Scale     valueScale
	Rows      []contractsRow
}

// contractsRow is a part of those under contract.
type contractsRow struct {
	Name                              string
	Own                               bool // the name is the books'
	Customers, Monthly, Stay, Revenue string
	Value, Interval                   string
	Strip                             strip
}

var contractsPage = page[contractsView]("contracts.html")

func (s *Server) contracts(v *visit, h office.Head, o *opened) error {
	view := o.contractsView()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "contracts")
	return contractsPage.render(v, http.StatusOK, title{Text: v.t("Worth under contract, %s", view.Seal.Name)}, view)
}

func (o *opened) contractsView() contractsView {
	view := contractsView{Currency: string(o.currency)}
	c := o.doc.Contracts
	if !c.Open() {
		lock := lockedView{What: o.t("Worth under contract"), Why: "this seal was made before the worth of contracts was stated", Opens: "a close of a later period, or a restatement"}
		if c != nil {
			lock.Why, lock.Opens = c.Refused, c.UnlockedBy
		}
		view.Locked = []lockedView{lock}
		return view
	}
	b := sealed.ContractsBlock
	o.lead = b
	view.At, view.Finding = o.day(c.LastDay), o.contractsFinding(c)
	view.Check = o.contractsCheckView(c.Check)
	view.Figures = o.bigs(b, "base.value", "base.customers", "base.monthly", "base.stay", "base.revenue_next_year")
	for _, r := range c.Renewals {
		view.Renewals = append(view.Renewals, o.renewal(r))
		view.Differ = view.Differ || r.Model.Refused == "" && r.Model.Name != "constant"
	}
	view.Together = o.bigs(b, "with_orders")
	if view.Change = o.changeRows(b, c.Change); len(view.Change) > 0 {
		view.Changed = o.t("%s customers came under contract; %s left.", count(c.New), count(c.Lost))
	}
	for _, g := range c.Groups {
		view.Groups = append(view.Groups, o.contractsGroup(g))
	}
	if c.Unjudged.Customers > 0 {
		view.Unjudged = o.bigs(b, "unjudged.customers", "unjudged.monthly")
	}
	view.Models, view.Terms = contractsModels(c), o.contractsTerms(c)
	view.Notes = o.notes
	return view
}

// contractsFinding is the page in a sentence.
func (o *opened) contractsFinding(c *sealed.Contracts) string {
	stay, ok := c.Base.Stay.Estimate()
	if !ok {
		return o.t("%s customers are under contract.", count(c.Customers))
	}
	out := o.t("Of %s customers under contract, about %s will be there in a year.", count(c.Customers-c.Unjudged.Customers), o.number(sealed.Foretold, stay.Value, false))
	if value, ok := c.Base.Value.Estimate(); ok {
		out += " " + o.t("They are worth about %s %s, between %s and %s.", o.number(sealed.Expected, value.Value, false), string(o.currency),
			o.number(sealed.Expected, value.Low, false), o.number(sealed.Expected, value.High, false))
	}
	return out
}

func (o *opened) contractsCheckView(c *sealed.ContractCheck) *contractsCheckView {
	if c == nil {
		return nil
	}
	view := &contractsCheckView{Span: o.days(c.HeldOut), Warn: c.NaiveBetter(), Naive: c.NaiveMissed != nil}
	missed := percent(evidence.Float(c.Missed))
	switch {
	case !view.Naive:
		view.Verdict = o.t("The model missed what came by %s. There is no naive forecast to set beside it.", missed)
	default:
		view.Verdict = o.verdict(missed, percent(evidence.Float(*c.NaiveMissed)), view.Warn)
	}
	said := func(off sealed.EquityError) string {
		return o.t("%s of what was foretold, with a standard error of %s", percent(evidence.Float(1+off.Mean)), percent(evidence.Float(off.SE)))
	}
	view.Widened = o.t("Of customers stayed %s.", said(c.Customers))
	if c.Revenue != nil {
		view.Widened += " " + o.t("They pay %s.", said(*c.Revenue))
	}
	view.Widened += " " + o.t("Every interval on this page is widened by that.")
	all := c.Total
	all.Name = ""
	view.Cohorts = o.stayRows(append(slices.Clone(c.Cohorts), all))
	view.Tenths = o.stayRows(c.Tenths)
	parts := slices.Clone(c.Parts)
	for i := range parts {
		parts[i].Name = o.stretch(parts[i].Name)
	}
	view.Parts = o.stayRows(parts)
	return view
}

// stayRows are forecasts of who stays; one without a name is of all. Bars share one scale.
func (o *opened) stayRows(of []sealed.ContractForecast) []stayRow {
	most := 0.0
	for _, f := range of {
		if f.Name != "" {
			most = max(most, f.StayForetold, float64(f.Stayed))
		}
	}
	say := func(x float64) string { return o.number(sealed.Foretold, evidence.Float(x), false) }
	known := func(x *float64) string {
		if x == nil {
			return ""
		}
		return say(*x)
	}
	var rows []stayRow
	for _, f := range of {
		row := stayRow{Label: f.Name, Customers: count(f.Customers), Foretold: say(f.StayForetold), Stayed: count(f.Stayed),
			MonthlyForetold: known(f.MonthlyForetold), Monthly: known(f.Monthly), NaiveText: known(f.MonthlyNaive)}
		if f.Name == "" {
			row.Label, row.Total = o.t("All"), true
		} else {
			row.Bar, row.Mark = barAndMark(f.StayForetold, float64(f.Stayed), most)
		}
		rows = append(rows, row)
	}
	return rows
}

func (o *opened) renewal(r sealed.ContractRenewal) renewalView {
	titles := map[string]string{"monthly": o.t("Who renews every month"), "quarterly": o.t("Who renews every quarter"), "annual": o.t("Who renews every year")}
	view := renewalView{ID: "renew-" + r.Name, Title: titles[r.Name], Of: o.units(r.Customers, sealed.Customers)}
	if r.Model.Refused != "" {
		view.Why, view.Opens = r.Model.Refused, r.Model.UnlockedBy
		return view
	}
	for i, at := range r.Left() {
		row := retentionRow{Label: r.Retention[i].Name, Share: percent(evidence.Float(r.Retention[i].Share)),
			Left: o.number(sealed.Foretold, evidence.Float(100*at.Share), false), AsFirst: o.number(sealed.Foretold, evidence.Float(100*at.AsFirst), false)}
		row.Bar, row.Mark = barAndMark(at.Share, at.AsFirst, 1)
		view.Rows = append(view.Rows, row)
	}
	if n := len(view.Rows); n > 0 {
		view.Said = o.t("Of a hundred who begin, %s are left after renewal %s. Were each renewal like the first, it would be %s.", view.Rows[n-1].Left, view.Rows[n-1].Label, view.Rows[n-1].AsFirst)
	}
	if r.Model.Name == "constant" {
		view.Said = o.t("By the books all are equally likely to renew: one rate serves for all renewals.")
	}
	return view
}

func (o *opened) contractsGroup(g sealed.ContractGroups) contractsGroupView {
	values := make([]evidence.Figure, len(g.Groups))
	for i, p := range g.Groups {
		values[i] = p.Value
	}
	a, scale := o.valueScale(values)
	view := contractsGroupView{ID: "by-" + g.Name, Title: o.t(sealed.ContractsDimensions[g.Name]), Scale: scale}
	labels := g.Labels(o.t("Not known"), o.t("All others"))
	kinds := map[string]string{"monthly": o.t("Every month"), "quarterly": o.t("Every quarter"), "annual": o.t("Every year")}
	for i, p := range g.Groups {
		row := contractsRow{Name: labels[i], Own: p.Name != "" && !p.Rest, Customers: count(p.Customers), Monthly: o.number(sealed.Expected, evidence.Float(p.Monthly), false)}
		switch {
		case !row.Own:
		case g.Name == "acquisition":
			row.Name, row.Own = o.wayOfComing(p.Name), false
		case g.Name == "renewal" && kinds[p.Name] != "":
			row.Name, row.Own = kinds[p.Name], false
		}
		value := sealed.Value{Unit: sealed.Expected, Figure: p.Value}
		row.Stay, row.Revenue = o.value(sealed.Value{Unit: sealed.Foretold, Figure: p.Stay}), o.value(sealed.Value{Unit: sealed.Expected, Figure: p.Revenue})
		row.Value, row.Interval, row.Strip = o.value(value), o.interval(value), a.strip(value, nil, 0, "ink")
		view.Rows = append(view.Rows, row)
	}
	return view
}

func contractsModels(c *sealed.Contracts) []equityModelRow {
	var out []equityModelRow
	for _, r := range c.Renewals {
		name := map[string]string{"sbg": "sBG", "bdw": "BdW", "constant": "constant"}[r.Model.Name]
		for _, p := range r.Model.Parameters {
			out = append(out, equityModelRow{name + ", " + r.Name, p.Name, significant(p.Value), significant(p.SE)})
		}
	}
	return out
}

// contractsTerms are what the value rests on beside who renews.
func (o *opened) contractsTerms(c *sealed.Contracts) []noteRow {
	var out []noteRow
	if c.Terms.Discount != nil {
		out = append(out, noteRow{Name: o.t("Discount rate a year"), Value: percent(evidence.Float(*c.Terms.Discount))})
	}
	if x, ok := c.Terms.Margin.Estimate(); ok {
		out = append(out, noteRow{Name: o.t("Margin, over all"), Value: percent(x.Value)})
	}
	labels := marginLabels(c.Terms.Margins, o.t("Not known"), o.t("All others"))
	for i, m := range c.Terms.Margins {
		if x, ok := m.Margin.Estimate(); ok {
			out = append(out, noteRow{Name: o.t("Margin of %s", labels[i]), Value: percent(x.Value)})
		}
	}
	return out
}

func marginLabels(of []sealed.EquityMargin, notKnown, others string) []string {
	var like sealed.EquityGroups
	for _, m := range of {
		like.Groups = append(like.Groups, sealed.EquityPart{Name: m.Name, Rest: m.Rest})
	}
	return like.Labels(notKnown, others)
}
