package web

import (
	"math/big"
	"net/http"
	"slices"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// subscriptionsView is the statement of the subscription trade.
type subscriptionsView struct {
	Seal     sealLine
	Pages    []door
	Finding  string
	Spans    string
	Currency string
	Lead     string // heads of the columns; Beside is empty where there is one
	Beside   string
	Columns  []door
	Refused  []lockedView
	Rates    []subscriptionRate
	Bridge   []subscriptionLine
	Cut      bool // the scale does not begin at zero
	Counts   []countTable
	Plans    []planRow
	Path     []pathRow
	Latest   []pathRow // the path from its end, as the table has it
	Starts   *cohortsView
	Deferred *deferredView
	CutShort int64
	Notes    []noteView
}

// subscriptionRate is a rate of the trade in both columns.
type subscriptionRate struct {
	Label       string
	Value       numView
	Why         string // of a refusal
	N           string
	Beside      numView
	Explanation string
}

// subscriptionLine is a line of the roll-forward, or a cause of one.
type subscriptionLine struct {
	Label, Class string
	Cause        bool
	Step         step
	Amount       numView
	Share        string
	Beside       numView
}

// countTable counts customers or subscriptions from opening to closing.
type countTable struct {
	Caption string
	Rows    []countLine
}

type countLine struct {
	Label, Class string
	Lead, Beside numView
}

// planRow is one plan in the column in front.
type planRow struct {
	Name                                      string
	Given                                     bool // the name is the company's own
	Opening, Began, Changed, Stopped, Closing string
	Customers, Subscriptions                  string
	Churn                                     numView
}

// pathRow is a span of the path; numbers are for the picture.
type pathRow struct {
	X, Label, Closing string
	Cells             []pathCell
	Customers         string
}

type pathCell struct{ Series, Text, Y string }

// deferredView is what is billed and not yet accrued.
type deferredView struct {
	Amount numView
	Rows   [][5]string
}

var subscriptionsPage = page[subscriptionsView]("statement-subscriptions.html")

// pathSeries are what the picture of the path stacks: gains above zero, losses below it.
var pathSeries = []struct{ name, label string }{
	{"new", "New"}, {"back", "Came back"}, {"expansion", "Expansion"}, {"contraction", "Contraction"}, {"paused", "Paused"}, {"churned", "Churned"},
}

func (s *Server) statementSubscriptions(v *visit, h office.Head, o *opened) error {
	view := o.subscriptions()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "subscriptions")
	return subscriptionsPage.render(v, http.StatusOK, title{Text: v.t("Subscriptions, %s", o.name), Pictures: true}, view)
}

// windows are the one in front and the one beside it, with their heads.
func (o *opened) recurringWindows() (lead, beside *sealed.RecurringWindow, heads [2]string) {
	r := o.doc.Recurring
	lead, heads[0] = r.InPeriod, o.name
	if !r.Trailing.Open() {
		return lead, nil, heads
	}
	beside, heads[1] = r.Trailing, o.head(sealed.Trailing)
	if o.lead == sealed.Trailing || !lead.Open() {
		lead, beside, heads[0], heads[1] = beside, lead, heads[1], heads[0]
	}
	if !beside.Open() {
		beside = nil
	}
	return lead, beside, heads
}

func (o *opened) subscriptions() subscriptionsView {
	view := subscriptionsView{Currency: string(o.currency)}
	r := o.doc.Recurring
	switch {
	case r == nil:
		view.Refused = []lockedView{{o.t("Subscriptions"), "this seal is of a release that did not state them", "closing the period again with --restate, once its books have changed"}}
		return view
	case !r.Open():
		view.Refused = []lockedView{{o.t("Subscriptions"), r.Refused, r.UnlockedBy}}
		return view
	}
	for _, w := range []struct {
		head string
		of   *sealed.RecurringWindow
	}{{o.name, r.InPeriod}, {o.head(sealed.Trailing), r.Trailing}} {
		if w.of != nil && w.of.Refused != "" {
			view.Refused = append(view.Refused, lockedView{w.head, w.of.Refused, w.of.UnlockedBy})
		}
	}
	lead, beside, heads := o.recurringWindows()
	if lead.Open() {
		view.Lead = heads[0]
		if beside != nil {
			view.Beside = heads[1]
			for _, b := range []sealed.Block{sealed.Trailing, sealed.Period} {
				view.Columns = append(view.Columns, door{Path: statementPath(o.seal) + "/subscriptions?of=" + string(b), Text: o.head(b), Current: o.head(b) == view.Lead})
			}
		}
		view.Spans = o.days(*lead.Period)
		view.Finding = o.recurringFinding(lead)
		view.Rates = o.recurringRates(lead, beside)
		view.Bridge, view.Cut = o.recurringBridge(lead, beside)
		view.Counts = o.recurringCounts(lead, beside)
		view.Plans = o.recurringPlans(lead)
	}
	view.Path = o.recurringPath()
	view.Latest = slices.Clone(view.Path)
	slices.Reverse(view.Latest)
	view.Starts = o.starts()
	view.Deferred = o.deferred(&view)
	view.CutShort = r.CutShort
	view.Notes = o.notes
	return view
}

// recurringNote makes the definition of a figure of subscriptions once.
func (o *opened) recurringNote(name string, of func(*sealed.RecurringWindow) (string, string)) string {
	id := noteID("subscriptions." + name)
	if slices.ContainsFunc(o.notes, func(n noteView) bool { return n.ID == id }) {
		return id
	}
	i := slices.IndexFunc(sealed.RecurringDefinitions, func(d sealed.Definition) bool { return d.Name == name })
	if i < 0 {
		return ""
	}
	d := sealed.RecurringDefinitions[i]
	n := noteView{ID: id, Label: o.t(d.Label), Meaning: o.t(d.Meaning), Formula: o.t(d.Formula), Source: o.t(d.Source), Line: d.Unit != sealed.Share && d.Unit != sealed.Multiple}
	if of != nil {
		lead, beside, heads := o.recurringWindows()
		for j, w := range []*sealed.RecurringWindow{lead, beside} {
			if !w.Open() {
				continue
			}
			value, working := of(w)
			part := notePart{Working: working, Rows: []noteRow{{o.t("Value"), value, false}}}
			if beside != nil {
				part.Head = heads[j]
			}
			n.Parts = append(n.Parts, part)
		}
	}
	o.notes = append(o.notes, n)
	return id
}

func (o *opened) recurringFinding(w *sealed.RecurringWindow) string {
	opening, closing := w.MRR["opening"], w.MRR["closing"]
	text := o.t("Monthly recurring revenue went from %s to %s.", o.cash(opening), o.cash(closing))
	if opening.Equal(closing) {
		text = o.t("Monthly recurring revenue stayed at %s.", o.cash(closing))
	}
	net, okNet := w.NetRetention.Estimate()
	gross, okGross := w.GrossRetention.Estimate()
	if okNet && okGross {
		text += " " + o.t("Of what the customers at opening paid, %s is left, and %s with what they added.", percent(gross.Value), percent(net.Value))
	}
	return text
}

func (o *opened) recurringRate(w *sealed.RecurringWindow, name string) (n numView, why, count string) {
	f := w.Rate(name)
	if r, ok := f.Refusal(); ok {
		return numView{Text: o.t("refused"), Refused: true}, r.Reason + ": " + r.Need, ""
	}
	e, ok := f.Estimate()
	if !ok {
		return numView{}, "", ""
	}
	n.Text = percent(e.Value)
	if name == "quick_ratio" {
		n.Text = multiple(e.Value)
	}
	return n, "", o.units(e.N, sealed.Customers)
}

// rateParts are what a rate is a quotient of, put in.
func (o *opened) rateParts(w *sealed.RecurringWindow, name string) string {
	at := w.AtOpening
	m := func(line string) money.Amount { return w.MRR[line] }
	switch name {
	case "net_revenue_retention":
		return o.cash(at["mrr_closing"]) + " ÷ " + o.cash(at["mrr_opening"])
	case "gross_revenue_retention":
		return o.cash(at["mrr_closing_capped"]) + " ÷ " + o.cash(at["mrr_opening"])
	case "logo_retention":
		return count(w.Customers["retained"]) + " ÷ " + count(w.Customers["opening"])
	case "logo_churn":
		return "1 − " + count(w.Customers["retained"]) + " ÷ " + count(w.Customers["opening"])
	case "quick_ratio":
		return o.cash(money.Sum(m("new"), m("reactivated"), m("resumed"), m("expansion"))) + " ÷ " + o.cash(money.Sum(m("churned"), m("paused"), m("contraction")))
	}
	return ""
}

func (o *opened) recurringRates(lead, beside *sealed.RecurringWindow) []subscriptionRate {
	var out []subscriptionRate
	for _, d := range sealed.RecurringDefinitions {
		if !slices.Contains(sealed.RecurringRates, d.Name) {
			continue
		}
		row := subscriptionRate{Label: o.t(d.Label), Explanation: o.t(d.Meaning)}
		row.Value, row.Why, row.N = o.recurringRate(lead, d.Name)
		row.Value.Note = o.recurringNote(d.Name, func(w *sealed.RecurringWindow) (string, string) {
			n, why, _ := o.recurringRate(w, d.Name)
			if why != "" {
				return why, ""
			}
			return o.t("%s, exact", n.Text), o.rateParts(w, d.Name)
		})
		if beside != nil {
			row.Beside, _, _ = o.recurringRate(beside, d.Name)
			row.Beside.Note = row.Value.Note
		}
		out = append(out, row)
	}
	return out
}

// recurringPaints are how the lines of the roll-forward are drawn.
var recurringPaints = map[string]string{
	"new": "f-petrol", "reactivated": "f-band s-petrol l1", "resumed": "f-band s-petrol l1", "expansion": "f-petrol", "contraction": "f-clay", "paused": "f-clay",
	"churned": "f-clay", "exchange": "f-ink", "other": "f-ink",
}

func (o *opened) recurringBridge(lead, beside *sealed.RecurringWindow) (lines []subscriptionLine, cut bool) {
	var falls []fall
	for _, line := range sealed.RecurringLines {
		a := lead.MRR[line]
		ends := line == "opening" || line == "closing"
		if (line == "exchange" || line == "other") && a.IsZero() && (beside == nil || beside.MRR[line].IsZero()) {
			continue
		}
		falls = append(falls, fall{amount: taken(line, a), paint: recurringPaints[line], total: ends})
		row := o.recurringLine("mrr."+line, line, ends, lead.MRR, beside)
		row.Class = map[string]string{"opening": "sub", "closing": "total"}[line]
		lines = append(lines, row)
		for _, cause := range sealed.RecurringCauses[line] {
			b := lead.Causes(line)[cause]
			if b.IsZero() && (beside == nil || beside.Causes(line)[cause].IsZero()) {
				continue
			}
			c := subscriptionLine{Label: o.cause(line, cause), Cause: true, Amount: numView{Text: o.gained(taken(line, b))}}
			if beside != nil {
				c.Beside = numView{Text: o.gained(taken(line, beside.Causes(line)[cause]))}
			}
			lines = append(lines, c)
		}
	}
	var steps []step
	steps, cut = waterfall(falls)
	i := 0
	for j := range lines {
		if !lines[j].Cause {
			lines[j].Step = steps[i]
			i++
		}
	}
	return lines, cut
}

func (o *opened) recurringLine(name, line string, ends bool, of map[string]money.Amount, beside *sealed.RecurringWindow) subscriptionLine {
	say := func(m map[string]money.Amount) string {
		if ends {
			return o.cash(m[line])
		}
		return o.gained(taken(line, m[line]))
	}
	row := subscriptionLine{Label: o.recurringLabel(name), Amount: numView{Text: say(of)}}
	row.Amount.Note = o.recurringNote(name, func(w *sealed.RecurringWindow) (string, string) { return o.t("%s, exact", say(w.MRR)), "" })
	if prior := of["opening"]; prior.Sign() > 0 && line != "opening" {
		a := taken(line, of[line])
		if line == "closing" {
			a = a.Sub(prior)
		}
		if row.Share = percent(new(big.Rat).Quo(a.Rat(), prior.Rat())); a.Sign() > 0 {
			row.Share = "+" + row.Share
		}
	}
	if beside != nil {
		row.Beside = numView{Text: say(beside.MRR), Note: row.Amount.Note}
	}
	return row
}

// taken is an amount as the statement adds it up.
func taken(line string, a money.Amount) money.Amount {
	if slices.Contains(sealed.RecurringSubtracted, line) {
		return a.Neg()
	}
	return a
}

// gained is an amount that is added up, with its sign.
func (o *opened) gained(a money.Amount) string {
	if a.Round(o.currency.Places()).Sign() > 0 {
		return "+" + o.cash(a)
	}
	return o.cash(a)
}

func (o *opened) recurringLabel(name string) string {
	for _, d := range sealed.RecurringDefinitions {
		if d.Name == name {
			return o.t(d.Label)
		}
	}
	return name
}

// cause is why a line moved, in words.
func (o *opened) cause(line, cause string) string {
	switch line + "." + cause {
	case "expansion.plan":
		return o.t("to a dearer plan")
	case "expansion.price":
		return o.t("a higher price")
	case "expansion.added":
		return o.t("another subscription")
	case "contraction.plan":
		return o.t("to a cheaper plan")
	case "contraction.price":
		return o.t("a lower price")
	case "contraction.dropped":
		return o.t("one of several dropped")
	case "churned.voluntary":
		return o.t("the customer left")
	case "churned.payment":
		return o.t("a payment failed")
	case "churned.other":
		return o.t("other reasons")
	}
	return o.t("no reason given")
}
