package web

import (
	"math/big"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/journey"
)

// boundLine is a standard of the touchpoint.
type boundLine struct {
	Brand   string
	Notices string
	Target  string
	State   *stateView
	Path    string
}

// touchBrand is what the customers of one brand met.
type touchBrand struct {
	Name      string // empty: there is one
	State     stateView
	Big       []bigView
	Rows      []measureRow
	Scores    []scoreRow
	Unreached []lostRow
	PutRight  []measureRow
	Fast      string
}

// measureRow is a figure beside what it was.
type measureRow struct {
	Label, Value, Interval, N string
	Before, Change            string
	Refused, Opens            string
	Bounds                    string
	Head                      bool
}

// scoreRow is the answers to a question by what they say.
type scoreRow struct {
	Question                string
	Low, Middle, High       string
	N, Customers, Comments  string
	LowAt, MiddleAt, HighAt string // widths in per cent
	HighFrom                string
}

// lostRow are people or contacts that were not reached.
type lostRow struct{ Text, N, Of, Share, Before, Open string }

// nextView is what customers did next beside others like them.
type nextView struct {
	Grade   string
	Figures []measureRow
	Windows string
	Refused string
	Opens   string
}

// stateView is a state in the reader's words.
func (l *locale) stateView(state journey.State) stateView {
	look, ok := stateLook[state]
	if !ok {
		look = stateLook[journey.Unmeasured]
	}
	return stateView{Class: look.class, Glyph: look.glyph, Text: l.t(look.text)}
}

// touchpointFigures puts in what a close says of a touchpoint, or tells why it says nothing.
func (o *opened) touchpointFigures(view *touchpointView, m *journey.Map, t *journey.Touchpoint) string {
	if o.doc.Touchpoints == nil {
		return o.t("This close was sealed by a release that did not look at touchpoints.")
	}
	if !o.doc.Touchpoints.Open() {
		return o.doc.Touchpoints.Refused + "; " + o.doc.Touchpoints.UnlockedBy
	}
	l := o.doc.Touchpoints.Line(t.Key)
	if l == nil {
		return o.t("It was no touchpoint yet when this was sealed.")
	}
	view.State, view.Judged = o.stateView(journey.State(l.State)), l.Standard
	o.standardStates(view, m, l)
	for i := range l.Brands {
		view.Brands = append(view.Brands, o.touchBrand(&l.Brands[i], m, len(l.Brands) > 1))
	}
	for _, x := range l.Measures {
		view.Measures = append(view.Measures, o.measureRow(x, ""))
	}
	for _, c := range []struct {
		label  string
		figure *evidence.Figure
	}{{"Cost to serve", l.Cost}, {"Cost of a contact", l.Each}} {
		if c.figure != nil {
			view.Costs = append(view.Costs, o.costRow(o.t(c.label), *c.figure))
		}
	}
	view.Next = o.nextView(l.Next)
	if len(l.Brands) == 0 && len(l.Measures) == 0 {
		return o.t("Nothing in the books of this period names it.")
	}
	return ""
}

// standardStates puts each standard's own state beside it.
func (o *opened) standardStates(view *touchpointView, m *journey.Map, l *sealed.Touchpoint) {
	states := map[string]stateView{} // by what a standard is called on the page
	for _, b := range l.Brands {
		for _, st := range b.Standards {
			if x, ok := m.Standard(st.Name); ok {
				states[x.Notices+o.promise(*x)] = o.stateView(journey.State(st.State))
			}
		}
	}
	for i := range view.Standards {
		if st, ok := states[view.Standards[i].Notices+view.Standards[i].Target]; ok {
			view.Standards[i].State = &st
		}
	}
}

// touchBrand lays out what one brand's customers met.
func (o *opened) touchBrand(b *sealed.TouchpointBrand, m *journey.Map, several bool) touchBrand {
	out := touchBrand{State: o.stateView(journey.State(b.State))}
	if several {
		out.Name = o.t("No brand")
		if x, ok := m.Brand(b.Name); ok {
			out.Name = x.Name
		}
	}
	if b.Value != nil && b.Headline != "" {
		out.Big = append(out.Big, o.touchBig(o.touchFigure(b.Headline), *b.Value))
	}
	if b.Contacts > 0 {
		out.Big = append(out.Big, bigView{Label: o.t("Contacts"), Value: count(b.Contacts), Interval: o.t("exact; %s the year before", count(b.Before))},
			bigView{Label: o.t("Customers"), Value: count(b.Customers), Interval: o.t("exact")})
	}
	for _, x := range b.Figures {
		out.Rows = append(out.Rows, o.measureRow(x, b.Headline))
	}
	for _, x := range b.Scores {
		out.Scores = append(out.Scores, o.scoreRow(x))
	}
	for _, x := range b.Unreached {
		out.Unreached = append(out.Unreached, o.lostRow(x))
	}
	if b.PutRight != nil {
		out.Fast, out.PutRight = o.putRight(b.PutRight)
	}
	return out
}

func (o *opened) touchBig(f touchFigure, x evidence.Figure) bigView {
	view := bigView{Label: f.label(), Value: f.value(x), Interval: f.interval(x)}
	if e, ok := x.Estimate(); ok {
		view.N = count(e.N)
		if e.Kind == evidence.KindConfidence {
			view.Interval = o.t("95%% interval %s", view.Interval)
		}
	}
	if why, refused := x.Refusal(); refused {
		view.Value, view.Refused, view.Opens = o.t("Not yet"), why.Reason, why.Need
	}
	return view
}

func (o *opened) measureRow(x sealed.TouchpointFigure, headline string) measureRow {
	f := o.touchFigure(x.Name)
	row := measureRow{Label: f.label(), Value: f.value(x.Figure), Interval: f.interval(x.Figure), Head: x.Name == headline}
	if e, ok := x.Figure.Estimate(); ok {
		row.N = count(e.N)
	}
	if why, refused := x.Figure.Refusal(); refused {
		row.Value, row.Refused, row.Opens = "", why.Reason, why.Need
	}
	if x.Before != nil {
		row.Before = f.number(x.Before.Rat, false)
	}
	if x.Change != nil {
		row.Change = f.interval(*x.Change)
	}
	if x.Bounds != nil {
		row.Bounds = f.value(*x.Bounds)
	}
	return row
}

func (o *opened) costRow(label string, x evidence.Figure) measureRow {
	row := o.cashRow(label, sealed.Worth, x)
	if e, ok := x.Estimate(); ok {
		row.N = count(e.N)
	}
	return row
}

// cashRow is an amount of money with what stands beside it, or why there is none.
func (o *opened) cashRow(label string, unit sealed.Unit, x evidence.Figure) measureRow {
	e, ok := x.Estimate()
	if !ok || e.Value == nil {
		why, _ := x.Refusal()
		return measureRow{Label: label, Refused: why.Reason, Opens: why.Need}
	}
	row := measureRow{Label: label, Value: o.number(unit, e.Value, false), Interval: o.t("exact")}
	if e.Kind != evidence.KindExact {
		row.Interval = o.ends(unit, e)
	}
	return row
}

// scoreRow draws answers as one bar: those against, those between, those for.
func (o *opened) scoreRow(x sealed.TouchpointScore) scoreRow {
	row := scoreRow{Question: o.touchFigure(x.Name).label(), Low: count(x.Low), Middle: count(x.Middle), High: count(x.High), N: count(x.N), Customers: count(x.Customers), Comments: count(x.Comments)}
	if x.N > 0 {
		share := func(n int64) string { return place(100 * float64(n) / float64(x.N)) }
		row.LowAt, row.MiddleAt, row.HighAt, row.HighFrom = share(x.Low), share(x.Middle), share(x.High), share(x.Low+x.Middle)
	}
	return row
}

func (o *opened) lostRow(x sealed.TouchpointLost) lostRow {
	row := lostRow{N: count(x.N), Of: count(x.Of), Text: x.Name}
	for _, w := range sealed.Unreached {
		if w.Name == x.Name {
			row.Text = o.t(w.Label)
		}
	}
	if x.Of > 0 {
		row.Share = percent(big.NewRat(x.N, x.Of))
	}
	if x.Before != nil {
		row.Before = count(*x.Before)
	}
	if x.Open > 0 {
		row.Open = o.t("%s more are not known yet", count(x.Open))
	}
	return row
}

// putRight is how fast things were put right.
func (o *opened) putRight(p *sealed.TouchpointPutRight) (said string, rows []measureRow) {
	days := func(x evidence.Figure, label string) measureRow {
		row := measureRow{Label: label}
		e, ok := x.Estimate()
		if !ok || e.Value == nil {
			why, _ := x.Refusal()
			row.Refused, row.Opens = why.Reason, why.Need
			return row
		}
		row.Value, row.N = decimal(e.Value, 0), count(e.N)
		return row
	}
	rows = append(rows, days(p.Median, o.t("Days until half were put right")))
	for _, w := range p.Within {
		f := o.touchFigure("put_right")
		row := measureRow{Label: o.daysText("Put right within %s", w.Name), Value: f.value(w.Share), Interval: f.interval(w.Share)}
		if why, refused := w.Share.Refusal(); refused {
			row.Value, row.Refused, row.Opens = "", why.Reason, why.Need
		}
		rows = append(rows, row)
	}
	return o.tn(p.Customers, "One customer was left with something to be put right.", "%s customers were left with something to be put right.", count(p.Customers)), rows
}

// daysText is a sentence with a number of days in it.
func (o *opened) daysText(text, days string) string {
	if days == "1" {
		return o.t(text, o.t("one day"))
	}
	return o.t(text, o.t("%s days", days))
}

// apartRow is by how many points more of those who passed came back than of others like them.
func (o *opened) apartRow(n *sealed.TouchpointNext) measureRow {
	row := measureRow{Label: o.t("Came back more often than others like them (below zero: less often)"), N: count(n.Matched), Head: true}
	if why, refused := n.Difference.Refusal(); refused {
		row.Refused, row.Opens = why.Reason, why.Need
	}
	if e, ok := n.Difference.Estimate(); ok && e.Value != nil {
		row.Value, row.Interval = o.t("%s points", apart(e.Value)), o.t("%s to %s", apart(e.Low), apart(e.High))
	}
	return row
}

// nextView is what customers did next.
func (o *opened) nextView(n *sealed.TouchpointNext) *nextView {
	c := o.doc.Covers
	if n == nil {
		if c.Open() && c.Next != nil && c.Next.Refused != nil {
			return &nextView{Refused: c.Next.Refused.Reason, Opens: c.Next.Refused.Need}
		}
		return nil
	}
	view := &nextView{Grade: n.Grade}
	view.Figures = append(view.Figures, o.apartRow(n))
	if _, refused := n.Difference.Refusal(); !refused { // the money is refused for the same reason
		view.Figures = append(view.Figures, o.cashRow(o.t("Revenue beyond that of others like them"), sealed.Expected, n.Revenue.Affine(big.NewRat(-1, 1), new(big.Rat), "the other way round")))
	}
	ratio := func(r *big.Rat) string { return decimal(r, 2) }
	for _, x := range []struct {
		label  string
		number *sealed.Decimal
		print  func(*big.Rat) string
	}{
		{"How strong something unseen must be to make this difference (E-value)", n.EValue, ratio}, {"The same, to bring the interval to nothing", n.EnoughFor, ratio},
		{"Chance of a difference as large if there is none", n.Chance, o.chance}, {"The same, since all touchpoints were looked at", n.Adjusted, o.chance},
	} {
		if x.number != nil {
			view.Figures = append(view.Figures, measureRow{Label: o.t(x.label), Value: x.print(x.number.Rat)})
		}
	}
	if c.Open() && c.Next != nil && c.Next.Passed != nil && c.Next.Next != nil {
		view.Windows = o.t("Of the %s customers who passed here in %s, %s were active in %s. For %s of the %s there are others like them, %s in all.", count(n.Passers), o.days(*c.Next.Passed), count(n.Again), o.days(*c.Next.Next), count(n.Matched), count(n.Passers), count(n.Others))
	}
	return view
}

// reachRow says how a touchpoint does that a role reaches.
func (o *opened) reachRow(row *reachRow, l *sealed.Touchpoint) {
	row.State, row.judged = o.stateView(journey.State(l.State)), l.Standard
	if l.Value == nil || l.Headline == "" {
		return
	}
	f := o.touchFigure(l.Headline)
	row.Label = f.label()
	if _, ok := l.Value.Estimate(); ok {
		row.Now, row.Interval = f.value(*l.Value), f.interval(*l.Value)
	} else if why, refused := l.Value.Refusal(); refused {
		row.Refused = why.Reason
	}
	b := l.Part(l.Brand)
	if b == nil {
		return
	}
	for _, st := range b.Standards {
		if st.Name == l.Standard {
			row.Promised = f.promised(st.AtLeast, st.AtMost)
		}
	}
	if b.PutRight == nil {
		return
	}
	for _, w := range b.PutRight.Within {
		if _, ok := w.Share.Estimate(); ok && w.Name == "7" {
			row.Fast = o.t("%s within a week (%s)", f.as("put_right").value(w.Share), f.as("put_right").interval(w.Share))
		}
	}
}
