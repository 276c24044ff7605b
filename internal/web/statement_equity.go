package web

import (
	"math/big"
	"net/http"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// equityView says what the customer base is worth, whether to believe it, and what changed.
type equityView struct {
	Seal     sealLine
	Pages    []door
	Finding  []string
	At       string
	Currency string
	Locked   []lockedView
	Figures  []bigView
	Together *togetherView
	Check    *equityCheckView
	Change   []equityChangeRow
	Changed  string // in a sentence
	Last     *lastWorthView
	Groups   []equityGroupView
	Top      []bigView
	Quiet    *quietView
	ToCome   []bigView
	Costly   string // where winning them may cost more than they bring
	Models   []equityModelRow
	Terms    []noteRow
	Notes    []noteView
}

// equityCheckView is the hold-out.
type equityCheckView struct {
	Span, Of string
	Verdict  string
	Warn     bool // the naive forecast came nearer
	Cohorts  []forecastRow
	Tenths   []forecastRow
	Parts    []forecastRow
	Widened  string
}

// forecastRow is what was foretold beside what came, drawn and told.
type forecastRow struct {
	Label, Customers      string
	Foretold, Came, Naive string
	Bar, Mark             string // foretold as a bar, what came as a mark, in per cent
	Total                 bool
}

// equityChangeRow is a line from opening to closing.
type equityChangeRow struct {
	Label    string
	Value    numView
	Interval string
	Total    bool
}

// equityGroupView are the parts of the base by one dimension.
type equityGroupView struct {
	ID, Title string
	Scale     valueScale
	Rows      []equityRow
}

// valueScale is the scale that values of parts are drawn on.
type valueScale struct {
	Ticks   []tick
	Said    string
	Refused string // why no value is told, in the document's words
}

// togetherView leads from the worth of orders to that under contract, where both are told.
type togetherView struct {
	Said string
	Door door
}

// equityRow is a part of the base.
type equityRow struct {
	Name                      string
	Own                       bool // the name is the books'
	Customers, Alive, Revenue string
	Value, Interval           string
	Strip                     strip
}

// equityModelRow is a fitted parameter.
type equityModelRow struct{ Model, Name, Value, SE string }

var equityPage = page[equityView]("equity.html")

func (s *Server) equity(v *visit, h office.Head, o *opened) error {
	view := o.equityView()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "equity")
	var err error
	if view.Quiet, err = s.quiet(v, h, o); err != nil {
		return err
	}
	if len(view.Change) > 0 {
		if view.Last, err = s.lastWorth(v, h, o); err != nil {
			return err
		}
	}
	view.Notes = o.notes
	return equityPage.render(v, http.StatusOK, title{Text: v.t("Customer equity, %s", view.Seal.Name)}, view)
}

func (o *opened) equityView() equityView {
	view := equityView{Finding: []string{o.t("What the customer base is worth")}, Currency: string(o.currency)}
	e := o.doc.Equity
	if !e.Open() {
		lock := lockedView{What: o.t("Customer equity"), Why: "this seal was made before the worth of the base was stated", Opens: "a close of a later period, or a restatement"}
		if e != nil {
			lock.Why, lock.Opens = e.Refused, e.UnlockedBy
		}
		view.Locked = []lockedView{lock}
		return view
	}
	b := sealed.EquityBlock
	o.lead = b
	view.At = o.day(e.LastDay)
	view.Finding = o.equityFinding(e)
	view.Figures = o.bigs(b, "base.value", "base.alive", "base.purchases_next_year", "base.revenue_next_year")
	view.Together = o.together(e)
	view.Check = o.equityCheckView(e.Check)
	view.Change, view.Changed = o.equityChange(e)
	for _, g := range e.Groups {
		view.Groups = append(view.Groups, o.equityGroup(g))
	}
	view.Top = o.bigs(b, "concentration.top_1.share", "concentration.top_10.share", "concentration.top_20.share")
	view.ToCome = o.bigs(b, "to_come.arrivals", "to_come.each", "to_come.value", "to_come.cost_each", "to_come.value_after_cost")
	view.Costly = o.costly(e.ToCome)
	view.Models, view.Terms = equityModels(e), o.equityTerms(e)
	view.Notes = o.notes
	return view
}

// costly says where customers to come may cost more to win than they bring.
func (o *opened) costly(c sealed.EquityToCome) string {
	e, ok := c.After.Estimate()
	switch {
	case !ok || e.Low.Sign() >= 0:
		return ""
	case e.High.Sign() < 0:
		return o.t("Winning them costs more than they bring.")
	}
	return o.t("It may be that winning them costs more than they bring: the interval reaches below nothing.")
}

// together is nil where the worth of orders or of contracts is not told.
func (o *opened) together(e *sealed.Equity) *togetherView {
	c := o.doc.Contracts
	if _, ok := e.Base.Value.Estimate(); !ok || !c.Open() {
		return nil
	}
	both, ok := c.WithOrders.Estimate()
	if !ok || both.Value == nil {
		return nil
	}
	say := func(x *big.Rat) string { return o.number(sealed.Expected, x, false) }
	return &togetherView{
		Said: o.t("With customers under contract it is about %s %s, between %s and %s.", say(both.Value), string(o.currency), say(both.Low), say(both.High)),
		Door: door{Path: statementPath(o.seal) + "/contracts", Text: o.t("Worth under contract")},
	}
}

// equityFinding is the page in two sentences.
func (o *opened) equityFinding(e *sealed.Equity) []string {
	value, ok := e.Base.Value.Estimate()
	if !ok {
		alive, known := e.Base.Alive.Estimate()
		if !known {
			return []string{o.t("What the customer base is worth")}
		}
		return []string{o.t("Of %s who ever bought, about %s are likely to be customers still.", count(e.Customers), o.number(sealed.Foretold, alive.Value, false))}
	}
	out := []string{o.t("Today’s customers are worth about %s %s, between %s and %s.", o.number(sealed.Expected, value.Value, false), string(o.currency),
		o.number(sealed.Expected, value.Low, false), o.number(sealed.Expected, value.High, false))}
	for _, t := range e.Top {
		if share, ok := t.Share.Estimate(); ok && t.Name == "top_10" {
			out = append(out, o.t("The most valuable tenth of everyone who ever bought holds %s of it.", percent(share.Value)))
		}
	}
	return out
}

func (o *opened) equityCheckView(c *sealed.EquityCheck) *equityCheckView {
	if c == nil {
		return nil
	}
	view := &equityCheckView{Span: o.days(c.HeldOut), Of: o.t("revenue, %s", string(o.currency)), Warn: c.NaiveBetter()}
	missed, naive := percent(evidence.Float(c.Missed)), percent(evidence.Float(c.NaiveMissed))
	if c.Of != "revenue" {
		view.Of = o.t("purchases")
	}
	view.Verdict = o.verdict(missed, naive, view.Warn)
	off := c.Purchases
	if c.Revenue != nil {
		off = *c.Revenue
	}
	view.Widened = o.t("What came was %s of what was foretold, with a standard error of %s by cohorts of coming. Every interval on this page is widened by that.",
		percent(evidence.Float(1+off.Mean)), percent(evidence.Float(off.SE)))
	all := c.Total
	all.Name = ""
	view.Cohorts = o.forecastRows(c, append(c.Cohorts[:len(c.Cohorts):len(c.Cohorts)], all))
	view.Tenths = o.forecastRows(c, c.Tenths)
	parts := slices.Clone(c.Parts)
	for i := range parts {
		parts[i].Name = o.stretch(parts[i].Name)
	}
	bought := *c
	bought.Of = "purchases" // what each part brought is not counted
	view.Parts = o.forecastRows(&bought, parts)
	return view
}

// verdict says how far a model was off beside the naive forecast.
func (o *opened) verdict(missed, naive string, naiveBetter bool) string {
	if naiveBetter {
		return o.t("The model missed what came by %s, the naive forecast by only %s. Do not steer by the model.", missed, naive)
	}
	return o.t("The model missed what came by %s, the naive forecast by %s.", missed, naive)
}

// stretch is a range of days in words.
func (o *opened) stretch(text string) string {
	from, to, ok := strings.Cut(text, "..")
	start, err := calendar.ParseDay(from)
	end, also := calendar.ParseDay(to)
	if !ok || err != nil || also != nil {
		return text
	}
	return o.days(calendar.Period{Start: start, End: end})
}

// forecastRows tell revenue, or purchases where spend is not known. Bars share one scale.
func (o *opened) forecastRows(c *sealed.EquityCheck, of []sealed.EquityForecast) []forecastRow {
	type three struct{ foretold, came, naive float64 }
	values := make([]three, len(of))
	most := 0.0
	for i, f := range of {
		v := three{f.PurchasesForetold, float64(f.Purchases), 0}
		if f.PurchasesNaive != nil {
			v.naive = float64(*f.PurchasesNaive)
		}
		if c.Of == "revenue" && f.RevenueForetold != nil && f.Revenue != nil && f.RevenueNaive != nil {
			v = three{*f.RevenueForetold, *f.Revenue, *f.RevenueNaive}
		}
		values[i] = v
		if f.Name != "" {
			most = max(most, v.foretold, v.came)
		}
	}
	say := func(x float64) string { return o.number(sealed.Foretold, evidence.Float(x), false) }
	var rows []forecastRow
	for i, f := range of {
		v := values[i]
		row := forecastRow{Label: f.Name, Customers: count(f.Customers), Foretold: say(v.foretold), Came: say(v.came), Naive: say(v.naive)}
		if f.Name == "" {
			row.Label, row.Total = o.t("All"), true
		} else {
			row.Bar, row.Mark = barAndMark(v.foretold, v.came, most)
		}
		rows = append(rows, row)
	}
	return rows
}

// barAndMark are the ends of two lengths on a scale up to most, in per cent; none where nothing is above zero.
func barAndMark(bar, mark, most float64) (string, string) {
	if !(most > 0) {
		return "", ""
	}
	return place(100 * max(0, bar) / most), place(100 * max(0, mark) / most)
}

func (o *opened) equityChange(e *sealed.Equity) (rows []equityChangeRow, said string) {
	if rows = o.changeRows(sealed.EquityBlock, e.Change); len(rows) > 0 {
		said = o.t("%s new customers came; %s who were likelier customers than not are so no longer.", count(e.New), count(e.Lost))
	}
	return rows, said
}

// changeRows are the lines from opening to closing; none where one of them is refused.
func (o *opened) changeRows(b sealed.Block, of []sealed.EquityMove) []equityChangeRow {
	var rows []equityChangeRow
	for _, m := range of {
		name := "change." + m.Name + ".value"
		row := equityChangeRow{Total: m.Name == "opening" || m.Name == "closing"}
		f, ok := o.doc.Figure(b, name)
		if !ok {
			continue
		}
		if _, refused := f.Value.Figure.Refusal(); refused {
			return nil
		}
		row.Label = o.t(f.Label)
		if row.Total {
			row.Value, _, _ = o.num(b, name)
		} else {
			row.Value, _, _ = o.line(b, name)
		}
		row.Interval = o.interval(f.Value)
		rows = append(rows, row)
	}
	return rows
}

// valueScale is the scale that holds all values with their intervals.
func (o *opened) valueScale(values []evidence.Figure) (axis, valueScale) {
	var scale valueScale
	var ends []float64
	for _, f := range values {
		if v, ok := f.Estimate(); ok {
			ends = append(ends, float(v.Low), float(v.High))
		} else if r, refused := f.Refusal(); refused {
			scale.Refused = r.Reason + ": " + r.Need
		}
	}
	a := axisOf(ends)
	scale.Ticks = []tick{{a.at(a.low), o.number(sealed.Expected, evidence.Float(a.low), false), "start"}, {"100", o.number(sealed.Expected, evidence.Float(a.high), false), "end"}}
	scale.Said = o.t("On a scale from %s to %s", scale.Ticks[0].Text, scale.Ticks[1].Text)
	return a, scale
}

// wayOfComing is how customers came, in words.
func (o *opened) wayOfComing(kind string) string {
	return map[string]string{"earned": o.t("By word of mouth"), "bought": o.t("By promotion or sales"), "unattributed": o.t("Nobody asked")}[kind]
}

func (o *opened) equityGroup(g sealed.EquityGroups) equityGroupView {
	values := make([]evidence.Figure, len(g.Groups))
	for i, p := range g.Groups {
		values[i] = p.Value
	}
	a, scale := o.valueScale(values)
	view := equityGroupView{ID: "by-" + g.Name, Title: o.t(sealed.EquityDimensions[g.Name]), Scale: scale}
	labels := g.Labels(o.t("Not known"), o.t("All others"))
	for i, p := range g.Groups {
		row := equityRow{Name: labels[i], Own: p.Name != "" && !p.Rest, Customers: count(p.Customers)}
		if g.Name == "acquisition" {
			row.Name, row.Own = o.wayOfComing(p.Name), false
		}
		figure := func(unit sealed.Unit, f evidence.Figure) sealed.Value { return sealed.Value{Unit: unit, Figure: f} }
		row.Alive, row.Revenue = o.value(figure(sealed.Foretold, p.Alive)), o.value(figure(sealed.Expected, p.Revenue))
		value := figure(sealed.Expected, p.Value)
		row.Value, row.Interval = o.value(value), o.interval(value)
		row.Strip = a.strip(value, nil, 0, "ink")
		view.Rows = append(view.Rows, row)
	}
	return view
}

func equityModels(e *sealed.Equity) []equityModelRow {
	var out []equityModelRow
	for _, m := range []sealed.EquityModel{e.Model, e.Spend} {
		for _, p := range m.Parameters {
			name := map[string]string{"pareto-nbd": "Pareto/NBD", "gamma-gamma": "gamma-gamma"}[m.Name]
			out = append(out, equityModelRow{name, p.Name, significant(p.Value), significant(p.SE)})
		}
	}
	return out
}

// significant is a number to four places that say something.
func significant(x float64) string { return new(big.Float).SetFloat64(x).Text('g', 4) }

// equityTerms are what the value rests on beside behaviour.
func (o *opened) equityTerms(e *sealed.Equity) []noteRow {
	var out []noteRow
	if e.Terms.Discount != nil {
		out = append(out, noteRow{Name: o.t("Discount rate a year"), Value: percent(evidence.Float(*e.Terms.Discount))})
	}
	for _, f := range []struct {
		name string
		is   evidence.Figure
	}{{o.t("Margin, over all"), e.Terms.Margin}, {o.t("What is left after returns"), e.Terms.Returns}} {
		if x, ok := f.is.Estimate(); ok {
			out = append(out, noteRow{Name: f.name, Value: percent(x.Value)})
		}
	}
	if x, ok := e.Spend.Correlation.Estimate(); ok {
		out = append(out, noteRow{Name: o.t("Correlation of spend and frequency"), Value: o.t("%s, between %s and %s", x.Value.FloatString(2), x.Low.FloatString(2), x.High.FloatString(2))})
	}
	return out
}
