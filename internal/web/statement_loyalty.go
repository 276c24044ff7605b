package web

import (
	"fmt"
	"math/big"
	"net/http"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// loyaltyView is who stays by who is satisfied.
type loyaltyView struct {
	Seal     sealLine
	Pages    []door
	Finding  []string
	Spans    string // which periods are compared, and when the answers are from
	Currency string
	Refused  []lockedView
	Figures  []bigView
	Heads    []string
	Table    []loyaltyRow
	Groups   []attitudeRow
	Value    string // why no group has one, in the sealed document's words
	Worth    bool   // some group is told what it is worth
	Shares   stripsView
	Moves    stripsView
	Silent   string // how those who answered differ from the others
	Captives []captiveView
	Ticks    []tick // of the shares of captives
	Scale    string
	Heard    []string
	Notes    []noteView
}

// loyaltyRow is everybody who did the same, by what they said.
type loyaltyRow struct {
	Label, Meaning, All string
	Cells               []loyaltyCell
	Apart               bool // neither loyal nor not: below the line
}

// loyaltyCell is one of its cells, darker the more of the row it is.
type loyaltyCell struct {
	Value        numView
	Share, Class string
}

// attitudeRow is one of the groups.
type attitudeRow struct {
	Label, Meaning           string
	Customers, Width, Paint  string
	Share                    numView
	Interval, Prior, Revenue string
	RevenueShare             numView
	Worth                    numView
	WorthEnds                string
}

// stripsView are figures on one scale.
type stripsView struct {
	Ticks []tick
	Scale string
	Rows  []spreadRow
}

// captiveView are the loyal by something that the books know of them.
type captiveView struct {
	Name string
	Rows []captiveRow
}

type captiveRow struct {
	Name                            groupName
	Loyal, Captive, Share, Interval string
	Strip                           strip
}

var loyaltyPage = page[loyaltyView]("loyalty.html")

func (s *Server) loyalty(v *visit, h office.Head, o *opened) error {
	view := o.loyaltyView()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "loyalty")
	return loyaltyPage.render(v, http.StatusOK, title{Text: v.t("Loyalty by satisfaction, %s", view.Seal.Name)}, view)
}

func (o *opened) loyaltyView() loyaltyView {
	view := loyaltyView{Currency: string(o.doc.Currency)}
	l := o.doc.Loyalty
	if !l.Open() {
		locked := lockedView{What: o.t("Loyalty by satisfaction"), Why: "this close was sealed by a release that did not look at loyalty by satisfaction", Opens: "a restatement"}
		if l != nil {
			locked.Why, locked.Opens = l.Refused, l.UnlockedBy
		}
		view.Refused = []lockedView{locked}
		return view
	}
	if l.Period != nil && l.Compared != nil {
		view.Spans = o.t("%s, compared with %s", o.days(*l.Period), o.days(*l.Compared))
	}
	view.Finding = o.loyaltyFinding(l)
	view.Figures = o.bigs(sealed.LoyaltyWhole, "captive_of_loyal", "stays_of_satisfied", "stays_of_unsatisfied", "stays_difference")
	view.Heads, view.Table = o.loyaltyTable(l)
	view.Groups = o.attitudes(l)
	for _, g := range l.Groups {
		if why, refused := g.Value.Refusal(); refused {
			view.Value = why.Reason + ": " + why.Need
		} else {
			view.Worth = true
		}
	}
	view.Shares = o.strips(false, "stays_of_satisfied", "stays_of_unsatisfied", "captive_of_loyal", "captive_of_loyal_bounds", "answered_share", "stays_of_answered", "stays_of_unanswered")
	view.Moves = o.strips(true, "stays_difference", "stays_difference_before", "still_active_difference", "answered_difference")
	view.Silent = o.silent(l)
	view.Captives, view.Ticks, view.Scale = o.captives(l)
	view.Heard = o.heard(l)
	view.Notes = o.notes
	return view
}

// loyaltyFinding is the page in two sentences.
func (o *opened) loyaltyFinding(l *sealed.Loyalty) []string {
	var out []string
	if e, ok := l.Figures["captive_of_loyal"].Estimate(); ok {
		out = append(out, o.t("Of the customers who stay and answered, %s are unsatisfied: something else keeps them.", percent(e.Value)))
	}
	a, okA := l.Figures["stays_of_satisfied"].Estimate()
	b, okB := l.Figures["stays_of_unsatisfied"].Estimate()
	d, okD := l.Figures["stays_difference"].Estimate()
	switch {
	case !okA || !okB || !okD:
	case d.Low.Sign() <= 0 && d.High.Sign() >= 0:
		out = append(out, o.t("%s of the satisfied stay and %s of the unsatisfied: too near to tell them apart.", percent(a.Value), percent(b.Value)))
	default:
		out = append(out, o.t("%s of the satisfied stay, and %s of the unsatisfied.", percent(a.Value), percent(b.Value)))
	}
	return out
}

func (o *opened) loyaltyTable(l *sealed.Loyalty) (heads []string, rows []loyaltyRow) {
	for _, g := range sealed.Grades {
		heads = append(heads, o.t(capital(g.Label)))
	}
	meanings := map[string]string{
		"stays": o.t("active in the period, with at least half of the revenue"), "falls_away": o.t("active in the period, with less than half of the revenue"),
		"gone": o.t("not active in the period"), "new_or_returning": o.t("not active before: whether they stay is not known yet"),
	}
	for _, b := range sealed.Behaviours {
		r := l.Row(b.Name)
		if r == nil {
			continue
		}
		row := loyaltyRow{Label: o.t(b.Label), Meaning: meanings[b.Name], All: count(r.Customers), Apart: b.Name == "new_or_returning"}
		for _, g := range sealed.Grades {
			cell := loyaltyCell{Class: "q0"}
			if c := l.Cell(b.Name, g.Name); c != nil {
				cell.Value = numView{Text: count(c.Customers)}
				if n, _, ok := o.num(sealed.LoyaltyWhole, "table."+b.Name+".cells."+g.Name+".customers"); ok {
					cell.Value = n
				}
				if r.Customers > 0 {
					cell.Share, cell.Class = percent(big.NewRat(c.Customers, r.Customers)), fmt.Sprintf("q%d", min(6, (6*c.Customers+r.Customers-1)/r.Customers))
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	return heads, rows
}

// capital is a label that begins a line.
func capital(label string) string {
	return map[string]string{"satisfied": "Satisfied", "neither": "Neither", "unsatisfied": "Unsatisfied", "not known": "Not known"}[label]
}

func (o *opened) attitudes(l *sealed.Loyalty) []attitudeRow {
	meanings := map[string]string{
		"devoted": o.t("stay, satisfied"), "captive": o.t("stay, unsatisfied"), "fickle": o.t("fall away or gone, satisfied"), "leaving": o.t("fall away or gone, unsatisfied"), "neither": o.t("neither satisfied nor unsatisfied"),
	}
	paints := map[string]string{"devoted": "petrol", "captive": "clay", "fickle": "petrol", "leaving": "clay", "neither": "ink2"}
	var out []attitudeRow
	for _, w := range sealed.Attitudes {
		g := l.Group(w.Name)
		if g == nil {
			continue
		}
		row := attitudeRow{Label: o.t(w.Label), Meaning: meanings[w.Name], Paint: "f-" + paints[w.Name], Customers: count(g.Customers), Prior: o.cash(g.Prior), Revenue: o.cash(g.LoyaltySums.Revenue), Width: "0"}
		row.Share, _, _ = o.num(sealed.LoyaltyWhole, "groups."+w.Name+".share")
		row.RevenueShare, _, _ = o.num(sealed.LoyaltyWhole, "groups."+w.Name+".revenue_share")
		worth := sealed.Value{Unit: sealed.Expected, Figure: g.Value}
		if row.Worth.Text, row.WorthEnds = o.value(worth), o.interval(worth); row.WorthEnds != "" {
			row.Worth, _, _ = o.num(sealed.LoyaltyWhole, "groups."+w.Name+".value")
		}
		if e, ok := g.Share.Estimate(); ok && e.Value != nil {
			row.Width = place(100 * float(e.Value))
			row.Interval = o.ends(sealed.Share, e)
		}
		out = append(out, row)
	}
	return out
}

// strips draws figures on one scale. Differences are signed, and those of satisfaction coloured where the whole interval lies
// on one side.
func (o *opened) strips(differ bool, names ...string) stripsView {
	var view stripsView
	var ends []float64
	for _, name := range names {
		if e, ok := o.doc.Loyalty.Figures[name].Estimate(); ok {
			ends = append(ends, float(e.Low), float(e.High))
		}
	}
	a := axisOf(ends)
	view.Ticks = []tick{{"0", percentAt(a.low), "start"}, {"100", percentAt(a.high), "end"}}
	if a.low < 0 && a.high > 0 {
		view.Ticks = []tick{view.Ticks[0], {a.at(0), "0", "middle"}, view.Ticks[1]}
	}
	view.Scale = o.t("On a scale from %s to %s", percentAt(a.low), percentAt(a.high))
	for i, name := range names {
		f, ok := o.doc.Figure(sealed.LoyaltyWhole, name)
		if !ok {
			continue
		}
		row := spreadRow{Label: o.t(f.Label), Head: i == 0, Interval: o.interval(f.Value)}
		row.Value, _, _ = o.num(sealed.LoyaltyWhole, name)
		if differ {
			row.Value, _, _ = o.line(sealed.LoyaltyWhole, name)
		}
		if why, refused := f.Value.Figure.Refusal(); refused {
			row.Refused = why.Reason + ": " + why.Need
			view.Rows = append(view.Rows, row)
			continue
		}
		e, _ := f.Value.Figure.Estimate()
		paint := "ink"
		if differ && name != "answered_difference" {
			switch {
			case e.Low.Sign() > 0:
				paint = "petrol"
			case e.High.Sign() < 0:
				paint = "clay"
			}
		}
		row.N, row.Strip = count(e.N), a.strip(f.Value, nil, 0, paint)
		view.Rows = append(view.Rows, row)
	}
	return view
}

// silent warns that who answers is not random, where the books show it.
func (o *opened) silent(l *sealed.Loyalty) string {
	share, ok := l.Figures["answered_share"].Estimate()
	a, okA := l.Figures["stays_of_answered"].Estimate()
	b, okB := l.Figures["stays_of_unanswered"].Estimate()
	d, okD := l.Figures["answered_difference"].Estimate()
	switch {
	case !ok:
		return ""
	case !okA || !okB || !okD:
		return o.t("%s of the customers answered.", percent(share.Value))
	case d.Low.Sign() > 0 || d.High.Sign() < 0:
		return o.t("%s of the customers answered. Of these %s stay, of the others %s: those who answered are not like the others, and speak for themselves alone.", percent(share.Value), percent(a.Value), percent(b.Value))
	}
	return o.t("%s of the customers answered. Of these %s stay, of the others %s: too near to tell them apart.", percent(share.Value), percent(a.Value), percent(b.Value))
}

// percentAt is an end of a scale.
func percentAt(x float64) string { return percent(new(big.Rat).SetFloat64(x)) }

// captives are the shares of captives by what is known of the loyal, all on one scale.
func (o *opened) captives(l *sealed.Loyalty) (out []captiveView, ticks []tick, scale string) {
	var ends []float64
	for _, s := range l.By {
		for _, x := range s.Levels {
			if e, ok := x.Share.Estimate(); ok {
				ends = append(ends, float(e.Low), float(e.High))
			}
		}
	}
	a := axisOf(ends)
	for _, w := range sealed.Holds {
		for _, s := range l.By {
			if s.Name != w.Name {
				continue
			}
			view := captiveView{Name: o.t(w.Label)}
			for i, label := range s.Labels(o.t("All others"), o.t("Not known, or none")) {
				x := s.Levels[i]
				row := captiveRow{Name: groupName{Text: label, Own: x.Of == "level", Word: x.Of != "level"}, Loyal: count(x.Loyal), Captive: count(x.Captive), Strip: strip{Refused: true, Zero: a.at(0)}}
				if row.Name.Own && label != x.Name {
					row.Name.Whole = x.Name
				}
				if e, ok := x.Share.Estimate(); ok && e.Value != nil {
					v := sealed.Value{Unit: sealed.Share, Figure: x.Share}
					row.Share, row.Interval, row.Strip = percent(e.Value), o.interval(v), a.strip(v, nil, 0, "ink")
				}
				view.Rows = append(view.Rows, row)
			}
			out = append(out, view)
		}
	}
	return out, []tick{{"0", percentAt(a.low), "start"}, {"100", percentAt(a.high), "end"}}, o.t("On a scale from %s to %s", percentAt(a.low), percentAt(a.high))
}

// heard says by which question the table is told, and what was left of the answers.
func (o *opened) heard(l *sealed.Loyalty) []string {
	var out []string
	if l.Answered != nil {
		out = append(out, o.t("Satisfied is told by one question alone, %s, which most customers answered, and by each customer’s last answer of %s.", l.Question, o.days(*l.Answered)))
	}
	for _, a := range l.Asked {
		if a.Name != l.Question && a.Customers > 0 {
			out = append(out, o.tn(a.Customers, "%s customer answered %s, which is not mixed in.", "%s customers answered %s, which is not mixed in.", count(a.Customers), a.Name))
		}
	}
	if n := l.Answers["not_read"]; n > 0 {
		out = append(out, o.tn(n, "%s answer has a score or scale that cannot be read.", "%s answers have a score or scale that cannot be read.", count(n)))
	}
	if n := l.Answers["without_customer"]; n > 0 {
		out = append(out, o.tn(n, "%s answer has no customer.", "%s answers have no customer.", count(n)))
	}
	return out
}
