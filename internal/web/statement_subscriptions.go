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

// recurringBlocks are the window in front and the one beside it; empty where there is none.
func (o *opened) recurringBlocks() (lead, beside sealed.Block) {
	open := o.doc.Blocks(sealed.RecurringPeriod)
	if len(open) == 0 {
		return "", ""
	}
	lead = o.lead.In(sealed.RecurringPeriod)
	if !slices.Contains(open, lead) {
		lead = open[0]
	}
	if other, ok := o.doc.Beside(lead); ok {
		beside = other
	}
	return lead, beside
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
	if lead, beside := o.recurringBlocks(); lead != "" {
		w := o.doc.RecurringWindow(lead)
		view.Lead = o.head(lead)
		if beside != "" {
			view.Beside = o.head(beside)
			for _, b := range []sealed.Block{sealed.Trailing, sealed.Period} {
				view.Columns = append(view.Columns, door{Path: statementPath(o.seal) + "/subscriptions?of=" + string(b), Text: o.head(b), Current: o.head(b) == view.Lead})
			}
		}
		view.Spans = o.days(*w.Period)
		view.Finding = o.recurringFinding(w)
		view.Rates = o.recurringRates(lead, beside)
		view.Bridge, view.Cut = o.recurringBridge(lead, beside)
		view.Counts = o.recurringCounts(lead, beside)
		view.Plans = o.recurringPlans(w)
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

func (o *opened) recurringRates(lead, beside sealed.Block) []subscriptionRate {
	var out []subscriptionRate
	for _, name := range sealed.RecurringRates {
		f, ok := o.doc.Figure(lead, name)
		if !ok {
			continue
		}
		row := subscriptionRate{Label: o.t(f.Label), Explanation: o.t(f.Meaning)}
		row.Value, _, _ = o.num(lead, name)
		if why, refused := f.Value.Figure.Refusal(); refused {
			row.Why = why.Reason + ": " + why.Need
		}
		if e, ok := f.Value.Figure.Estimate(); ok {
			row.N = o.units(e.N, sealed.Customers)
		}
		row.Beside, _, _ = o.num(beside, name)
		out = append(out, row)
	}
	return out
}

// recurringPaints are how the lines of the roll-forward are drawn.
var recurringPaints = map[string]string{
	"new": "f-petrol", "reactivated": "f-band s-petrol l1", "resumed": "f-band s-petrol l1", "expansion": "f-petrol", "contraction": "f-clay", "paused": "f-clay",
	"churned": "f-clay", "exchange": "f-ink", "other": "f-ink",
}

func (o *opened) recurringBridge(lead, beside sealed.Block) (lines []subscriptionLine, cut bool) {
	w, other := o.doc.RecurringWindow(lead), &sealed.RecurringWindow{}
	if beside != "" {
		other = o.doc.RecurringWindow(beside)
	}
	var falls []fall
	for _, line := range sealed.RecurringLines {
		a := w.MRR[line]
		if (line == "exchange" || line == "other") && a.IsZero() && other.MRR[line].IsZero() {
			continue
		}
		falls = append(falls, fall{amount: taken(line, a), paint: recurringPaints[line], total: line == "opening" || line == "closing"})
		lines = append(lines, o.recurringLine(lead, beside, line))
		for _, cause := range sealed.RecurringCauses[line] {
			b := w.Causes(line)[cause]
			if b.IsZero() && other.Causes(line)[cause].IsZero() {
				continue
			}
			c := subscriptionLine{Label: o.cause(line, cause), Cause: true, Amount: numView{Text: o.gained(taken(line, b))}}
			if beside != "" {
				c.Beside = numView{Text: o.gained(taken(line, other.Causes(line)[cause]))}
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

func (o *opened) recurringLine(lead, beside sealed.Block, line string) subscriptionLine {
	name, say := "mrr."+line, o.line
	if line == "opening" || line == "closing" {
		say = o.num
	}
	d, _ := sealed.Define(sealed.Key(lead, name))
	row := subscriptionLine{Label: o.t(d.Label), Class: map[string]string{"opening": "sub", "closing": "total"}[line]}
	row.Amount, _, _ = say(lead, name)
	row.Beside, _, _ = say(beside, name)
	of := o.doc.RecurringWindow(lead).MRR
	if prior := of["opening"]; prior.Sign() > 0 && line != "opening" {
		a := taken(line, of[line])
		if line == "closing" {
			a = a.Sub(prior)
		}
		if row.Share = percent(new(big.Rat).Quo(a.Rat(), prior.Rat())); a.Sign() > 0 {
			row.Share = "+" + row.Share
		}
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
