package web

import (
	"math/big"
	"net/http"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// incomeView is the income statement as the ledger reports it, and with people and customers as investments.
type incomeView struct {
	Seal      sealLine
	Pages     []door
	Finding   string
	Span      string
	Currency  string
	Locked    []lockedView
	Figures   []bigView
	Lines     []incomeRow
	Remarks   []remark
	Ledger    []besideRow
	Missing   []lockedView
	Assets    []carriedRow
	Customers []bigView
	Origins   []incomeRoll
	Lasting   string
	Cut       *cutView
	Notes     []noteView
}

// remark is a sentence about the statement; English ones are the sealed document's.
type remark struct{ Text, English string }

// incomeRow is a line in both views, or one of its accounts.
type incomeRow struct {
	Label                          string
	Own                            bool // the name is the ledger's
	Inner, Total                   bool
	Reported, Invested, Difference numView
}

// besideRow is what another book says of a line.
type besideRow struct {
	Line, Book, Ledger string
	Books, Left        numView
}

// carriedRow is how an asset of the second view changed.
type carriedRow struct {
	Label, Opening, Added, Used, Closing, Change string
}

// incomeRoll is the customer asset by how the customers came.
type incomeRoll struct {
	Label                              string
	Opening, Added, Amortised, Closing numView
	Total                              bool
}

// cutView is what a cut of the training budget by a third does to each view.
type cutView struct {
	Rows    []cutRow
	Ticks   []tick
	Scale   string
	Refused []lockedView
	Effect  *lockedView
}

// cutRow is that over some months. The drawing is in parts of what is saved.
type cutRow struct {
	Label              string
	Reported, Invested numView
	Interval           string
	Effect, Bounds     numView
	Strip              strip
}

var incomePage = page[incomeView]("income.html")

func (s *Server) income(v *visit, h office.Head, o *opened) error {
	view := o.incomeView()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "income")
	return incomePage.render(v, http.StatusOK, title{Text: v.t("Two income statements, %s", view.Seal.Name)}, view)
}

func (o *opened) incomeView() incomeView {
	view := incomeView{Currency: string(o.currency)}
	i := o.doc.Income
	if !i.Open() {
		lock := lockedView{What: o.t("Two income statements"), Why: "this seal was made before the two income statements were stated", Opens: "a close of a later period, or a restatement"}
		if i != nil {
			lock.Why, lock.Opens = i.Refused, i.UnlockedBy
		}
		view.Locked = []lockedView{lock}
		return view
	}
	b := sealed.IncomeBlock
	o.lead = b
	view.Span, view.Finding = o.monthSpan(i.First, i.Last), o.incomeFinding(i)
	view.Figures = o.bigs(b, "result.as_reported", "result.as_investments", "result.difference")
	for i, a := range []money.Amount{i.Result.Reported, i.Result.Invested, i.Result.Difference} {
		view.Figures[i].Value = o.rounded(a) // the table below has the cents
	}
	view.Lines = o.incomeLines(i)
	o.incomeRemarks(&view, i)
	o.incomeLedger(&view, i)
	o.incomeAssets(&view, i)
	view.Cut = o.incomeCut(i.Cut)
	view.Notes = o.notes
	return view
}

// incomeFinding is the page in two sentences.
func (o *opened) incomeFinding(i *sealed.Income) string {
	out := o.t("The ledger reports a result of %s %s. With people and customers as investments it is %s.", o.rounded(i.Result.Reported), string(o.currency), o.rounded(i.Result.Invested))
	switch d := i.Result.Difference; d.Sign() {
	case 1:
		out += " " + o.t("%s more was put into people and customers than of earlier spending was used up, left, or lost its use.", o.rounded(d))
	case -1:
		out += " " + o.t("The company lives on %s of skill and customers that it paid for earlier and has not renewed.", o.rounded(d.Neg()))
	}
	return out
}

// rounded is an amount without its small change, with a minus that is one.
func (o *opened) rounded(a money.Amount) string {
	return strings.Replace(a.Grouped(0), "-", minus, 1)
}

// incomeNames are the lines as they are called.
func (o *opened) incomeNames() map[string]string {
	return map[string]string{
		"revenue": o.t("Revenue"), "other_income": o.t("Other income"), "cost_of_sales": o.t("Cost of sales"), "staff": o.t("Staff"), "training": o.t("Training"),
		"training_charged": o.t("Training: used up, left with people, impaired"), "training_restated": o.t("Training: of earlier months, come to light"), "hiring": o.t("Hiring"), "acquisition": o.t("Winning customers"), "customers_charged": o.t("Customers: used up"),
		"serving": o.t("Serving customers"), "keeping": o.t("Keeping customers"), "other": o.t("Other costs"), "unnamed": o.t("Accounts that no line names"), "elsewhere": o.t("Carried, and not found in its line"),
	}
}

func (o *opened) incomeLines(i *sealed.Income) []incomeRow {
	names := o.incomeNames()
	dash := func(a money.Amount) numView {
		if a.IsZero() {
			return numView{Text: "–"}
		}
		return numView{Text: o.cash(a)}
	}
	var out []incomeRow
	for _, l := range i.Lines {
		out = append(out, incomeRow{Label: names[l.Name], Reported: dash(l.Reported), Invested: dash(l.Invested), Difference: dash(l.Difference)})
		if len(l.Accounts) == 1 && l.Name != "unnamed" {
			continue
		}
		for _, a := range l.Accounts {
			out = append(out, incomeRow{Label: a.Name, Own: true, Inner: true, Reported: numView{Text: o.cash(a.Amount)}})
		}
	}
	total := incomeRow{Label: o.t("Result"), Total: true}
	total.Reported, _, _ = o.num(sealed.IncomeBlock, "result.as_reported")
	total.Invested, _, _ = o.num(sealed.IncomeBlock, "result.as_investments")
	total.Difference, _, _ = o.num(sealed.IncomeBlock, "result.difference")
	return append(out, total)
}

// incomeRemarks are what a reader of the lines must know.
func (o *opened) incomeRemarks(view *incomeView, i *sealed.Income) {
	say := func(text string) { view.Remarks = append(view.Remarks, remark{Text: text}) }
	kinds := map[string]string{"training_direct_cost": o.t("the direct cost of training"), "training_paid_hours": o.t("the paid hours of training"), "customers": o.t("the cost of winning customers")}
	for _, c := range i.Carried {
		if !c.Elsewhere.IsZero() {
			say(o.t("Of %s, %s is carried, and its line has %s of it. The other %s must be an expense in some other line.", kinds[c.Name], o.cash(c.Carried), o.cash(c.FromLine), o.cash(c.Elsewhere)))
		}
	}
	for _, l := range i.Lines {
		for _, a := range l.Accounts {
			if a.Missing != "" {
				view.Remarks = append(view.Remarks, remark{o.t("An account has no figure for a part of the period:"), a.Name + ", " + a.Missing})
			}
		}
	}
	if !i.Aligned {
		say(o.t("The ledger is of the period; what is carried is of %s.", o.monthSpan(i.First, i.Last)))
	}
	if i.Training != nil && !i.Training.Open() {
		view.Missing = append(view.Missing, lockedView{What: o.t("Training stays an expense in both views"), Why: i.Training.Refused, Opens: i.Training.UnlockedBy})
	}
	if i.Customers != nil && !i.Customers.Open() {
		view.Missing = append(view.Missing, lockedView{What: o.t("Winning customers stays an expense in both views"), Why: i.Customers.Refused, Opens: i.Customers.UnlockedBy})
	}
}

// incomeLedger sets the other books beside the lines.
func (o *opened) incomeLedger(view *incomeView, i *sealed.Income) {
	books := map[string]string{
		"customer_statement": o.t("Lines of the customer statement"), "costs_acquire": o.t("Costs of kind acquire"), "costs_train": o.t("Costs of kind train"), "costs_hire": o.t("Costs of kind hire"),
		"costs_serve": o.t("Costs of kind serve"), "costs_retain": o.t("Costs of kind retain"), "costs_other": o.t("Costs of kind other"), "trainings": o.t("Direct cost of trainings"),
	}
	names := o.incomeNames()
	cell := func(f evidence.Figure) numView {
		if r, refused := f.Refusal(); refused {
			return numView{Text: o.t("refused"), Note: r.Reason, Refused: true}
		}
		if e, ok := f.Estimate(); ok && e.Value != nil {
			return numView{Text: o.number(sealed.Worth, e.Value, false)}
		}
		return numView{}
	}
	for _, r := range i.Reconciled {
		row := besideRow{Line: names[r.Line], Book: books[r.Name], Ledger: o.cash(r.Ledger), Books: cell(r.Books), Left: cell(r.Unexplained)}
		view.Ledger = append(view.Ledger, row)
	}
}

// incomeAssets are both assets, and the one of customers by how they came.
func (o *opened) incomeAssets(view *incomeView, i *sealed.Income) {
	if t := i.Training; t.Open() {
		used := money.Sum(t.Amortised, t.WrittenOff, t.Impaired)
		view.Assets = append(view.Assets, carriedRow{Label: o.t("Training, of everybody who works here"), Opening: o.cash(t.Opening), Added: o.cash(money.Sum(t.Direct, t.Hours, t.Restated)), Used: o.taken(used), Closing: o.cash(t.Closing), Change: o.cash(t.Closing.Sub(t.Opening))})
	}
	c := i.Customers
	if !c.Open() {
		return
	}
	view.Assets = append(view.Assets, carriedRow{Label: o.t("Customers, what winning them cost"), Opening: o.cash(c.Roll.Opening), Added: o.cash(c.Roll.Additions), Used: o.taken(c.Roll.Amortised), Closing: o.cash(c.Roll.Closing), Change: o.cash(c.Roll.Closing.Sub(c.Roll.Opening))})
	view.Customers = o.bigs(sealed.IncomeBlock, "customers.roll_forward.closing", "customers.roll_forward.additions", "customers.expected_months")
	origins := map[string]string{"earned": o.t("Earned: what acquire_earned names"), "bought": o.t("Bought: all other"), "not_told": o.t("Not told: the settings do not say which costs earn customers")}
	roll := func(label string, r sealed.IncomeRoll) incomeRoll {
		return incomeRoll{Label: label, Opening: numView{Text: o.cash(r.Opening)}, Added: numView{Text: o.cash(r.Additions)}, Amortised: numView{Text: o.taken(r.Amortised)}, Closing: numView{Text: o.cash(r.Closing)}}
	}
	for _, r := range c.By {
		view.Origins = append(view.Origins, roll(origins[r.Name], r))
	}
	all := roll(o.t("All"), c.Roll)
	all.Total = true
	for i, cell := range []*numView{&all.Opening, &all.Added, &all.Amortised, &all.Closing} {
		cell.Note = o.note(sealed.Key(sealed.IncomeBlock, "customers.roll_forward."+[]string{"opening", "additions", "amortised", "closing"}[i]))
	}
	view.Origins = append(view.Origins, all)
	view.Lasting = o.t("What was spent in a month is charged over %s months in the shares in which a new customer is expected to be one still. Who leaves is in the curve: nothing is written off besides. The curve is that of this close, for earlier months too; another close, with another curve, tells another opening.", count(int64(c.Horizon)))
	if c.Filling {
		view.Lasting += " " + o.t("The costs book begins in %s. What was spent before is not in the asset, so it is still filling up, and less is charged than would be.", o.spanName(c.Begin))
	}
}

// incomeCut is the table of the cut.
func (o *opened) incomeCut(c *sealed.IncomeCut) *cutView {
	if c == nil {
		return nil
	}
	if !c.Open() {
		return &cutView{Refused: []lockedView{{What: o.t("A third less training"), Why: c.Refused, Opens: c.UnlockedBy}}}
	}
	view := &cutView{}
	names := map[string]string{"quarter": o.t("This quarter"), "year": o.t("Four quarters"), "three_years": o.t("Three years")}
	a := cutAxis(c.Over)
	view.Ticks = a.shares()
	view.Scale = o.t("In parts of what is saved, on a scale from %s to %s", percent(evidence.Float(a.low)), percent(evidence.Float(a.high)))
	for i := range c.Over {
		x := &c.Over[i]
		prefix := "training_cut.over." + x.Name + "."
		row := cutRow{Label: names[x.Name]}
		var v sealed.Value
		row.Reported, _, _ = o.num(sealed.IncomeBlock, prefix+"as_reported")
		row.Invested, v, _ = o.num(sealed.IncomeBlock, prefix+"as_investments")
		row.Interval = o.interval(v)
		row.Effect, _, _ = o.num(sealed.IncomeBlock, prefix+"effect")
		row.Bounds, _, _ = o.num(sealed.IncomeBlock, prefix+"with_effect_bounds")
		row.Strip = cutStrip(a, x)
		view.Rows = append(view.Rows, row)
		if r, refused := x.Effect.Refusal(); refused {
			view.Effect = &lockedView{What: o.t("What the skill is missed for"), Why: r.Reason, Opens: r.Need}
		}
	}
	return view
}

// saved are the numbers of a row in parts of what is saved; none where nothing is.
func saved(x *sealed.IncomeOver, f evidence.Figure) (value *float64, low, high float64, ok bool) {
	whole, had := x.Reported.Estimate()
	e, told := f.Estimate()
	if !had || !told || whole.Value.Sign() <= 0 {
		return nil, 0, 0, false
	}
	of := func(r *big.Rat) float64 { return float(new(big.Rat).Quo(r, whole.Value)) }
	if e.Value != nil {
		v := of(e.Value)
		value = &v
	}
	return value, of(e.Low), of(e.High), true
}

func cutAxis(over []sealed.IncomeOver) axis {
	ends := []float64{1}
	for i := range over {
		for _, f := range []evidence.Figure{over[i].Invested, over[i].WithBounds} {
			if _, low, high, ok := saved(&over[i], f); ok {
				ends = append(ends, low, high)
			}
		}
	}
	return axisOf(ends)
}

// shares are ticks at nothing, half and all.
func (a axis) shares() []tick {
	var out []tick
	for _, x := range []float64{0, 0.5, 1} {
		t := tick{At: a.at(x), Text: decimal(evidence.Float(100*x), 0) + "%", Anchor: "middle"}
		switch share := a.share(x - a.low); {
		case share < 4:
			t.Anchor = "start"
		case share > 90:
			t.Anchor = "end"
		}
		out = append(out, t)
	}
	return out
}

// cutStrip draws the bounds as a box with the change before anything is missed within it.
func cutStrip(a axis, x *sealed.IncomeOver) strip {
	s := strip{Zero: a.at(0), Fill: "f-ink", Stroke: "s-ink"}
	value, low, high, ok := saved(x, x.Invested)
	if !ok {
		return strip{Refused: true, Zero: s.Zero}
	}
	if value != nil {
		s.Dot, s.From, s.To = a.at(*value), a.at(low), a.at(high)
	}
	if _, low, high, ok := saved(x, x.WithBounds); ok && high > low {
		s.Low, s.Width = a.at(low), place(a.share(high-low))
	}
	return s
}
