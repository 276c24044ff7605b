package web

import (
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// home leads to where the visitor's work is: the first run before there are books, the room afterwards.
func (s *Server) home(v *visit) error {
	if !v.founded {
		return v.goTo("/start")
	}
	return v.goTo("/room")
}

// roomView is the Customer Room's first wall: who came, who left, what was earned, and what moved since the last close.
type roomView struct {
	Seal  *sealLine // nil: nothing has been closed
	Empty []door    // what to do then
	Body  template.HTML
	Fresh *freshView
	// Undone is what schedules could not do, and Lately what was sealed of late.
	Undone, Lately []happened
}

// freshView says how far the books reach.
type freshView struct {
	Text string
	Late bool
	Door *door
}

// wallView is the sealed part of the room.
type wallView struct {
	Headline []string
	Lead     string
	Figures  []bigView
	Span     string // the year, or the period
	Came     *sideView
	Left     *sideView
	Each     string // how many people a dot is
	N        string
	Earned   earnedGrowthView
	History  historyView
	Label    string // of the history's figure
	Changes  *changesView
	Path     string
	Locked   []lockedView // there is no customer statement
	People   *peopleInstead
	Notes    []noteView
}

// sideView is a crowd with its number.
type sideView struct {
	Number numView
	Crowd  crowd
	Doors  []door
}

// earnedGrowthView is earned growth on a line with no change.
type earnedGrowthView struct {
	Strip     strip
	Ticks     []tick
	Value     string
	LowText   tick
	HighText  tick
	Said      string
	Refused   string
	Opens     string
	Retention numView
	New       numView
	Rate      numView
	Paint     string
}

// changesView is what is not as it was at the close before.
type changesView struct {
	Before   string
	Path     string
	Rows     []moveRow
	Warnings []warningView
	Still    bool // nothing moved beyond what the figures leave open
}

// moveRow is a figure at two closes.
type moveRow struct {
	Label                 string
	Before, After, Change string
	Beyond                bool
}

var (
	roomPage = page[roomView]("room.html")
	roomWall = page[wallView]("room-wall.html")
)

func (s *Server) room(v *visit) error {
	heads, err := s.Office.Heads(v.r.Context())
	if err != nil {
		return err
	}
	h, ok := office.Newest(heads)
	if !ok {
		return roomPage.render(v, http.StatusOK, title{Text: v.t("Customer Room")}, roomView{Empty: v.firstSteps()})
	}
	o, err := v.open(h)
	if err != nil {
		return err
	}
	series := office.Series(heads, h)
	if len(series) > mostHistory {
		series = series[len(series)-mostHistory:]
	}
	points, err := v.points(series)
	if err != nil {
		return err
	}
	key := bodyKey{page: "room", seal: h.ID, lang: v.locale.lang, lead: o.lead, rows: o.rows, of: seriesKey(series)}
	body, err := s.bodies.once(key, func() (template.HTML, error) { return roomWall.main(v, o.wall(h, points)) })
	if err != nil {
		return err
	}
	line := v.sealLine(h)
	view := roomView{Seal: &line, Body: body}
	if err := v.lately(&view, heads, h); err != nil {
		return err
	}
	if v.may(access.ReadBooks) {
		if view.Fresh, err = v.howFresh(); err != nil {
			return err
		}
	}
	return roomPage.render(v, http.StatusOK, title{Text: v.t("Customer Room, %s", line.Name), Pictures: len(points) > 1}, view)
}

// firstSteps are what to do before there is a first close.
func (v *visit) firstSteps() []door {
	var out []door
	if v.may(access.ChangeBooks) && !v.founded {
		out = append(out, door{Path: "/start", Text: v.t("Set up the books")})
	}
	if v.may(access.Close) && v.founded {
		out = append(out, door{Path: "/closes", Text: v.t("Close a period")})
	}
	if v.may(access.ReadBooks) {
		out = append(out, door{Path: "/books", Text: v.t("Look at the books")})
	}
	return out
}

// points are the documents of a series.
func (v *visit) points(series []office.Head) ([]point, error) {
	out := make([]point, 0, len(series))
	for _, h := range series {
		doc, err := v.server.Office.Document(v.r.Context(), h.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, point{h, doc})
	}
	return out, nil
}

// seriesKey names the seals that a rendered part shows besides its own.
func seriesKey(series []office.Head) string {
	var b strings.Builder
	for _, h := range series {
		b.WriteString(statementPath(h.ID))
	}
	return b.String()
}

// wall is the sealed part of the room.
func (o *opened) wall(h office.Head, points []point) wallView {
	view := wallView{Lead: o.head(o.lead), Path: statementPath(o.seal), Headline: o.headline(o.lead)}
	if s := o.doc.Statement(o.lead); !s.Open() {
		if view.Locked, view.People = o.locked(), o.peopleInstead(); view.People != nil {
			view.Notes = o.notes
			return view
		}
	}
	if s := o.doc.Statement(o.lead); s != nil && s.Period != nil {
		view.Span = o.days(*s.Period)
	}
	for _, name := range []string{"earned_growth_rate", "net_revenue_retention"} {
		if f, ok := o.doc.Figure(o.lead, name); ok {
			big := o.big(f)
			big.Note = o.note(name)
			view.Figures = append(view.Figures, big)
		}
	}
	o.crowds(&view)
	view.Earned = o.earnedGrowth()
	if d, ok := sealed.Define("earned_growth_rate"); ok {
		view.Label = o.t(d.Label)
	}
	view.History = o.historyOf(points, o.lead, "earned_growth_rate", h.ID)
	for i, p := range points {
		if p.ID == h.ID && i > 0 {
			view.Changes = o.changes(points[i-1])
		}
	}
	view.Notes = o.notes
	return view
}

// crowds are those who came and those who left, on one measure.
func (o *opened) crowds(view *wallView) {
	came, ok := o.doc.Figure(o.lead, "customers.came")
	left, also := o.doc.Figure(o.lead, "customers.lost")
	if !ok || !also {
		return
	}
	each := dotsFor(max(came.Value.Count, left.Value.Count))
	view.Each = o.tn(each, "One dot is one customer.", "One dot is %s customers.", count(each))
	view.Came = o.side("customers.came", each, []crowdPart{
		{"customers.new_earned", "s-petrol", false, "%s by word of mouth"}, {"customers.returning", "s-petrol", true, "%s returned"},
		{"customers.new_unattributed", "s-ink3", true, "%s nobody asked"}, {"customers.new_bought", "s-bought", false, "%s by promotion or sales"},
	}, o.t("%s customers came.", count(came.Value.Count)))
	view.Left = o.side("customers.lost", each, []crowdPart{{"customers.lost", "s-clay", false, "%s left"}}, o.t("%s customers left.", count(left.Value.Count)))
	if o.rows {
		view.Came.Doors = []door{{Path: behindPath(o.seal, o.lead, engine.NewCustomers), Text: o.t("Everyone who is new")}, {Path: behindPath(o.seal, o.lead, engine.Returning), Text: o.t("Everyone who returned")}}
		view.Left.Doors = []door{{Path: behindPath(o.seal, o.lead, engine.Lost), Text: o.t("Everyone who left")}}
	}
	closing, opening := o.doc.Statement(o.lead).Customers["closing"], left.Value.Count
	view.N = o.units(closing+opening, sealed.Customers)
}

// crowdPart is one hue of a crowd.
type crowdPart struct {
	name, stroke string
	ring         bool
	text         string
}

// side places people as dots, a group after the other. A group of anybody has a dot.
func (o *opened) side(name string, each int64, parts []crowdPart, said string) *sideView {
	view := &sideView{}
	view.Number, _, _ = o.num(o.lead, name)
	view.Number.Text = strings.TrimPrefix(view.Number.Text, minus)
	placed := 0
	for _, p := range parts {
		f, ok := o.doc.Figure(o.lead, p.name)
		if !ok || f.Value.Count <= 0 {
			continue
		}
		n := int(max((f.Value.Count+each/2)/each, 1))
		text := o.t(p.text, count(f.Value.Count))
		view.Crowd.Groups = append(view.Crowd.Groups, crowdGroup{Path: dots(placed, n), Stroke: p.stroke, Ring: p.ring, Text: text})
		said += " " + text + "."
		placed += n
	}
	view.Crowd.Label = said
	view.Crowd.Height = place(crowdFirst*2 + crowdStep*float64(max(placed-1, 0)/crowdRow))
	return view
}

// earnedGrowth draws earned growth on its own scale.
func (o *opened) earnedGrowth() earnedGrowthView {
	var view earnedGrowthView
	view.Rate, _, _ = o.num(o.lead, "earned_growth_rate")
	view.Retention, _, _ = o.num(o.lead, "net_revenue_retention")
	view.New, _, _ = o.num(o.lead, "earned_new_customers")
	f, ok := o.doc.Figure(o.lead, "earned_growth_rate")
	if !ok {
		return view
	}
	if r, refused := f.Value.Figure.Refusal(); refused {
		view.Refused, view.Opens = r.Reason, r.Need
		return view
	}
	e, _ := f.Value.Figure.Estimate()
	ends := []float64{float(e.Low), float(e.High)}
	b, bounded := o.bounds(f)
	if bounded {
		ends = append(ends, float(b.Low), float(b.High))
	} else {
		b = e
	}
	a := axisOf(ends)
	view.Paint = paintBySign(e)
	view.Strip = a.strip(f.Value, &b, 0, view.Paint)
	view.Ticks = a.rates()
	view.LowText, view.HighText = a.beside(float(b.Low), points(b.Low), true), a.beside(float(b.High), points(b.High), false)
	view.Said = o.t("Earned growth rate: between %s and %s per cent.", points(b.Low), points(b.High))
	if e.Value != nil {
		view.Value = percent(e.Value)
		view.Said += " " + o.t("Estimate %s, %s %s.", percent(e.Value), o.sort(e), o.ends(sealed.Share, e))
	}
	return view
}

// changes are what moved from one close to the next.
func (o *opened) changes(before point) *changesView {
	view := &changesView{Before: o.periodName(before.Kind, before.Period, before.Label), Path: statementPath(before.ID), Still: true}
	for _, m := range sealed.Moves(before.doc, o.doc) {
		if strings.HasPrefix(m.After.Name, "coverage.re") && m.Before.Value.Amount.IsZero() && m.After.Value.Amount.IsZero() {
			continue // nothing refused and nothing unexplained, then and now
		}
		row := moveRow{Label: o.within(m.After.Definition), Before: o.value(m.Before.Signed()), After: o.value(m.After.Signed()), Beyond: m.Beyond}
		if m.After.Taken {
			row.Before, row.After = o.value(m.Before.Value), o.value(m.After.Value)
		}
		if m.Change != nil {
			row.Change = o.difference(m.After.Unit, m.Change)
		}
		view.Rows = append(view.Rows, row)
		view.Still = view.Still && !m.Beyond
	}
	_, two := o.doc.Beside(o.lead)
	for _, w := range sealed.NewWarnings(before.doc, o.doc) {
		x := warningView{Name: o.warningName(w.Code), Text: warned(w)}
		if two {
			x.Column = o.head(w.Block())
		}
		view.Warnings = append(view.Warnings, x)
	}
	return view
}

// freshness keeps what the books reach for a minute: who opens the room need not wait for the manifest.
type freshness struct {
	mu   sync.Mutex
	at   time.Time
	last calendar.Day
	ok   bool
	late bool
}

// freshFor is how long the books' reach is taken as read.
const freshFor = time.Minute

func (v *visit) howFresh() (*freshView, error) {
	s := v.server
	s.freshness.mu.Lock()
	defer s.freshness.mu.Unlock()
	if f := &s.freshness; f.at.IsZero() || s.Now().Sub(f.at) > freshFor || s.Now().Before(f.at) {
		shelf, err := s.Office.Shelf(v.r.Context())
		if err != nil {
			return nil, err
		}
		f.last, f.ok = shelf.Reach()
		f.late = false
		for _, book := range []string{"orders", "subscriptions"} {
			if b, ok := shelf.Freshness(book); ok {
				f.late = f.late || b.Late
			}
		}
		f.at = s.Now()
	}
	if !s.freshness.ok {
		return nil, nil
	}
	view := &freshView{Text: v.t("The books reach %s.", v.locale.day(s.freshness.last)), Late: s.freshness.late, Door: &door{Path: "/books", Text: v.t("The books")}}
	if view.Late {
		view.Text += " " + v.t("New rows are later than usual.")
	}
	return view, nil
}
