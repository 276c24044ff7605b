package web

import (
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"net/http"
	"slices"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/sealed"
)

// figureView is one figure: what it means, what it came to, how it was had, on what, and what it was before.
type figureView struct {
	Seal      sealLine
	Name      string // in the document
	Label     string
	Head      string // which statement
	Meaning   string
	Formula   string
	Working   string
	Source    string
	Derived   bool
	Value     bigView
	Facts     []noteRow
	Moved     []movedRow
	Question  *engine.Question
	NoQueries string // why the question is not shown
	Inputs    inputsView
	History   historyView
	Doors     []door
	Statement string
}

// bigView is a figure that opens a page: an estimate or a refusal, of the same size.
type bigView struct {
	Label, Value, Interval, N string
	Refused, Opens            string
	Note                      string // id of the definition; empty: it stands on the same page
}

// inputsView is what a seal was computed from.
type inputsView struct {
	Snapshot    string
	Fingerprint string
	Method      string
	Settings    []noteRow
	Books       []bookPrint
}

// bookPrint is what a seal knows of a book: how many of its rows counted, in how many months.
type bookPrint struct {
	Book         string
	Rows, Months string
	First, Last  string
}

// historyView is the same figure at earlier and later closes of the same kind.
type historyView struct {
	Unit string // for the picture: %, or nothing
	Zero string
	Rows []historyRow
	Axis axis
	Some bool // there is more than this one
}

// historyRow is the figure at one close.
type historyRow struct {
	Name, End           string
	Path                string
	This                bool
	Value, Interval     string
	Refused             string
	Y, Low, High        string // numbers for the picture
	BoundLow, BoundHigh string
	Said                string // the value as the picture says it; empty: by its own scale
	Strip               strip
}

var figurePage = page[figureView]("figure.html")

func (s *Server) figure(v *visit) error {
	h, heads, err := v.head()
	if errors.Is(err, program.ErrNone) {
		return v.noSeal()
	}
	if err != nil {
		return err
	}
	o, err := v.open(h)
	if err != nil {
		return err
	}
	block, name, ok := sealed.SplitName(v.r.PathValue("name"))
	f, has := o.doc.Figure(block, name)
	if !ok || !has {
		return v.noFigure()
	}
	o.lead = block
	view := o.figureView(f)
	view.Seal = v.sealLine(h)
	if view.History, err = v.history(h, heads, o, f); err != nil {
		return err
	}
	if err := v.questioned(h, f, &view); err != nil {
		return err
	}
	return figurePage.render(v, http.StatusOK, title{Text: view.Label, Pictures: view.History.Some}, view)
}

// figureView is what the document itself says of a figure.
func (o *opened) figureView(f sealed.Figure) figureView {
	view := figureView{
		Name: f.FullName(), Label: o.t(f.Label), Head: o.head(f.Block), Meaning: o.t(f.Meaning), Working: o.working(o.doc.Working(f.Block, f.Name)), Source: o.t(f.Source),
		Derived: f.Derived, Value: o.big(f), Facts: o.facts(f), Statement: statementPath(o.seal),
	}
	if f.Formula != "" {
		view.Formula = o.t(f.Formula)
	}
	view.Doors = append(view.Doors, o.doors(f)[1:]...) // the first leads here
	if b, ok := o.doc.Beside(f.Block); ok {
		if _, ok := o.doc.Figure(b, f.Name); ok {
			view.Doors = append(view.Doors, door{Path: figurePath(o.seal, b, f.Name), Text: o.t("The same, %s", o.head(b))})
		}
	}
	if r := o.doc.Restatement; r != nil {
		for _, m := range o.doc.Moved(f.Block, f.Name) {
			_, _, part, _ := sealed.LineOf(m.Line)
			if part != "method" && part != "n" && part != "kind" {
				view.Moved = append(view.Moved, o.moved(sealed.Told{Moved: m, Block: f.Block, Definition: f.Definition, Part: part}))
			}
		}
	}
	return view
}

// big is a figure as it opens a page.
func (o *opened) big(f sealed.Figure) bigView {
	if r, ok := f.Value.Figure.Refusal(); ok {
		return bigView{Label: o.t(f.Label), Value: o.t("Refused"), Refused: r.Reason, Opens: r.Need}
	}
	view := bigView{Label: o.t(f.Label), Value: o.value(f.Signed())}
	e, ok := f.Value.Figure.Estimate()
	switch {
	case !ok || e.Kind == evidence.KindExact:
		view.Interval = o.t("exact")
	case e.Value == nil:
		view.Interval = o.t("bounds, not an interval")
	default:
		view.Interval = o.sort(e) + " " + o.ends(f.Unit, e)
	}
	if ok {
		view.N = o.units(e.N, restsOn(f))
	}
	return view
}

// questioned adds what was asked of the books, and of which.
func (v *visit) questioned(h office.Head, f sealed.Figure, view *figureView) error {
	ctx := v.r.Context()
	line := f.Behind
	if line == engine.Referrers {
		line = "" // there is no one question of it
	}
	switch f.Definition.Block {
	case sealed.EquityBlock:
		line, view.NoQueries = "", v.t("It is foretold by models that are fitted to every customer’s history. What is asked of the books for them stands in the documentation of customer equity.")
	case sealed.ContractsBlock:
		view.NoQueries = v.t("It is foretold by models that are fitted to when contracts began and ended. What is asked of the books for them stands in the documentation of customer equity.")
	case sealed.TrainingBlock:
		view.NoQueries = v.t("It is counted course by course and month by month from the rows of people and trainings. How stands in the documentation of training.")
	case sealed.IncomeBlock:
		view.NoQueries = v.t("It is put together from the accounts of the general ledger and from other statements of the same close. How stands in the documentation of the income statement.")
	case sealed.WorkforceBlock:
		view.NoQueries = v.t("It is counted career by career from the rows of people, trainings and costs. How stands in the documentation of the people statement.")
	case sealed.ReferralsPeriod:
		view.NoQueries = v.t("It is put together from several questions, which walk along the chains of referrals. What they count stands in the documentation of referrals.")
	case sealed.PricesWhole:
		view.NoQueries = v.t("It is estimated from the sums of several questions. What they sum, and how it is estimated, stands in the documentation of prices.")
	case sealed.RecurringPeriod, sealed.RecurringWhole:
		view.NoQueries = v.t("It is put together from several questions, which follow every subscription from row to row. What they count stands in the documentation of subscriptions.")
	case sealed.LoyaltyWhole:
		view.NoQueries = v.t("It is put together from several questions, of lines and of answers. What they count stands in the documentation of loyalty.")
	case sealed.BehaviourBlock:
		view.NoQueries = v.t("It is put together from several questions, which follow every customer from one purchase day to the next. What they count stands in the documentation of behaviour.")
	case sealed.TouchpointWhole:
		view.NoQueries = v.t("It is put together from several questions, of contacts, answers and names. What they count stands in the documentation of touchpoints.")
	case sealed.Views:
		line = engine.Line(f.Block)
	case sealed.Period:
		if line == "" && (f.Unit == sealed.Share || f.Unit == sealed.Multiple || f.Unit == sealed.Customers) {
			line = engine.Opening // the rates are put together from what became of the customers
		}
	}
	if line != "" {
		q, err := v.server.Office.Question(ctx, h.ID, f.Block, line)
		switch {
		case errors.Is(err, office.ErrNoQuestion):
			view.NoQueries = v.t("The engine that answers here does not tell its questions.")
		case errors.Is(err, engine.ErrUnready):
			view.NoQueries = v.t("The question is told once what stands behind the statement has been worked out. Open the customers behind it to have that done.")
		case err != nil:
			return err
		default:
			view.Question = &q
		}
	}
	seal, err := v.server.Office.Sealed(ctx, h.ID)
	if err != nil {
		return err
	}
	view.Inputs, err = v.inputs(seal.Seal)
	return err
}

// inputs is what a seal was computed from, as its fingerprint covers it.
func (v *visit) inputs(s closing.Seal) (inputsView, error) {
	view := inputsView{Snapshot: count(s.Snapshot), Fingerprint: s.Fingerprint}
	var in closing.Inputs
	if err := json.Unmarshal(s.Inputs, &in); err != nil {
		return view, err
	}
	view.Method = in.Method
	for _, name := range slices.Sorted(maps.Keys(in.Settings)) {
		if in.Settings[name] != "" {
			view.Settings = append(view.Settings, noteRow{Name: name, Value: in.Settings[name]})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Books)) {
		book := bookPrint{Book: name}
		var rows int64
		months := slices.Sorted(maps.Keys(in.Books[name]))
		for _, m := range months {
			rows += in.Books[name][m].Rows
		}
		months = slices.DeleteFunc(months, func(m string) bool { return m == "" })
		book.Rows, book.Months = count(rows), count(len(months))
		if len(months) > 0 {
			book.First, book.Last = v.locale.spanName(months[0]), v.locale.spanName(months[len(months)-1])
		}
		view.Books = append(view.Books, book)
	}
	return view, nil
}

// mostHistory is how many closes of a kind are shown: three years of months.
const mostHistory = 36

// history is the same figure at the other closes of the same kind.
func (v *visit) history(h office.Head, heads []office.Head, o *opened, f sealed.Figure) (historyView, error) {
	series := office.Series(heads, h)
	if !slices.ContainsFunc(series, func(x office.Head) bool { return x.ID == h.ID }) {
		series = append(series, h) // it no longer stands, and is looked at all the same
	}
	if len(series) > mostHistory {
		series = series[len(series)-mostHistory:]
	}
	points, err := v.points(series)
	if err != nil {
		return historyView{}, err
	}
	return o.historyOf(points, f.Block, f.Name, h.ID), nil
}

// point is a close within a history.
type point struct {
	office.Head
	doc *sealed.Document
}

// historyOf tells a figure's history, the newest first in the table.
func (o *opened) historyOf(points []point, b sealed.Block, name string, this int64) historyView {
	d, _ := sealed.Define(sealed.Key(b, name))
	view := historyView{Zero: "0"}
	if d.Unit == sealed.Share {
		view.Unit = "%"
	}
	if name == "net_revenue_retention" || name == "gross_revenue_retention" {
		view.Zero = "100"
	}
	var values []float64
	figures := make([]sealed.Figure, len(points))
	for i, p := range points {
		f, ok := p.doc.Figure(b, name)
		if !ok {
			continue
		}
		figures[i] = f
		values = append(values, extent(f)...)
	}
	view.Axis = axisAround(values)
	for i := len(points) - 1; i >= 0; i-- {
		if figures[i].Name == "" {
			continue
		}
		view.Rows = append(view.Rows, o.historyRow(points[i], figures[i], view.Axis, this))
	}
	view.Some = len(view.Rows) > 1
	return view
}

func (o *opened) historyRow(p point, f sealed.Figure, a axis, this int64) historyRow {
	v := f.Value
	row := historyRow{
		Name: o.periodName(p.Kind, p.Period, p.Label), End: (p.Period.End - 1).String(), Path: figurePath(p.ID, f.Block, f.Name), This: p.ID == this,
		Value: o.value(v), Interval: o.interval(v),
	}
	scale := int64(1)
	if f.Unit == sealed.Share {
		scale = 100
	}
	number := func(r *big.Rat) string { return new(big.Rat).Mul(r, big.NewRat(scale, 1)).FloatString(4) }
	if r := v.Rat(); r != nil {
		row.Y = number(r)
		if f.Unit.Figured() {
			row.Said = row.Value
		}
	}
	e, ok := v.Figure.Estimate()
	if r, refused := v.Figure.Refusal(); refused {
		row.Refused, row.Strip = r.Reason, strip{Refused: true}
		return row
	}
	if ok && e.Kind != evidence.KindExact && e.Value != nil {
		row.Low, row.High = number(e.Low), number(e.High)
	}
	if ok && e.Value == nil {
		row.BoundLow, row.BoundHigh = number(e.Low), number(e.High)
	} else if b, has := p.bounds(f); has {
		row.BoundLow, row.BoundHigh = number(b.Low), number(b.High)
	}
	row.Strip = o.historyStrip(a, p, f)
	return row
}

// bounds are those beside a figure at another close.
func (p point) bounds(f sealed.Figure) (evidence.Estimate, bool) {
	other := opened{doc: p.doc}
	return other.bounds(f)
}

func (o *opened) historyStrip(a axis, p point, f sealed.Figure) strip {
	paint := "ink"
	e, ok := f.Value.Figure.Estimate()
	if ok && (f.Name == "earned_growth_rate" || f.Name == "earned_growth_ratio") {
		paint = paintBySign(e)
	}
	if !ok { // exact amounts and counts
		return strip{Dot: a.at(float(f.Value.Rat())), Fill: "f-ink"}
	}
	var bounds *evidence.Estimate
	if b, has := p.bounds(f); has {
		bounds = &b
	}
	s := a.strip(f.Value, bounds, 0, paint)
	if a.low > 0 || a.high < 0 {
		s.Zero = ""
	}
	return s
}

// extent is all that a figure's drawing must hold.
func extent(f sealed.Figure) []float64 {
	if e, ok := f.Value.Figure.Estimate(); ok {
		return []float64{float(e.Low), float(e.High)}
	}
	if r := f.Value.Rat(); r != nil {
		return []float64{float(r)}
	}
	return nil
}
