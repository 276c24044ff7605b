package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// touchpointView is one touchpoint: who holds it, what is promised, how it does, what customers said and did next.
type touchpointView struct {
	Judged     string // the standard by which the newest close judged it
	Seal       *sealLine
	Name       string
	About      string
	Journey    string
	Stage      string
	JourneyAt  string // address
	State      stateView
	Owner      string
	Department string
	At         string // the department's address
	Contractor bool
	Standards  []boundLine
	Ended      string
	Became     []door
	Was        []door
	Edit       string // address; empty: the visitor may not
	NoFigures  string // why nothing is measured
	Brands     []touchBrand
	Costs      []measureRow
	Measures   []measureRow
	Next       *nextView
	Trend      *trendView
	Words      wordsView
	Front      []stepLine
	Back       []stepLine
	HandsTo    []handLine
	HandedBy   []door
	Roles      []roleLine
	Trail      []trailLine
	Known      []knownLine
}

// stateView is a state as it is drawn and said.
type stateView struct{ Class, Glyph, Text string }

type stepLine struct{ Text, Department string }

type handLine struct {
	Door   door
	What   string
	Across string // the department that it goes to, where that is another
}

type roleLine struct {
	Door door
	Does string
	May  []string
}

// trailLine is who held it from when.
type trailLine struct{ From, What, Who string }

type knownLine struct{ Name, Days string }

var touchpointPage = page[touchpointView]("touchpoint.html")

func (s *Server) touchpoint(v *visit) error {
	m, _, err := s.Office.Journey(v.r.Context())
	if err != nil {
		return err
	}
	h, closed, err := s.journeySeal(v)
	if errors.Is(err, program.ErrNone) {
		return v.noSeal()
	}
	if err != nil {
		return err
	}
	day := v.today()
	if then := v.r.URL.Query().Get("seal"); then != "" && closed { // the map of that time with its figures
		if m, err = s.Office.JourneyAt(v.r.Context(), h.At); err != nil {
			return err
		}
		day = h.Period.End - 1
	}
	t, ok := m.Touchpoint(v.r.PathValue("key"))
	if !ok {
		return v.refuse(http.StatusNotFound, v.t("There is no such touchpoint"), v.t("The journey map has none of this key; the map lists all there are."))
	}
	view := v.touchpointOf(m, t, day)
	if v.may(access.ChangeJourney) {
		view.Edit = touchpointAddress(t.Key) + "/edit"
	}
	view.NoFigures = v.t("Nothing has been closed yet, so nothing is measured.")
	if closed {
		line := v.sealLine(h)
		view.Seal = &line
		o, err := v.open(h)
		if err != nil {
			return err
		}
		view.NoFigures = o.touchpointFigures(&view, m, t)
	}
	if err := s.touchpointLive(v, &view, m, t, day); err != nil {
		return err
	}
	return touchpointPage.render(v, http.StatusOK, title{Text: t.Name, Pictures: true}, view)
}

// touchpointOf is what the map says of a touchpoint.
func (v *visit) touchpointOf(m *journey.Map, t *journey.Touchpoint, day calendar.Day) touchpointView {
	view := touchpointView{Name: t.Name, About: t.About, Owner: t.Owner(day), State: v.locale.stateView(journey.Unmeasured), JourneyAt: "/journey?journey=" + url.QueryEscape(t.Journey)}
	if j, ok := m.Journey(t.Journey); ok {
		view.Journey = j.Name
		if st, ok := j.Stage(t.Stage); ok {
			view.Stage = st.Name
		}
	}
	if d, ok := m.Department(t.Department(day)); ok {
		view.Department, view.Contractor, view.At = d.Name, d.Contractor, departmentAddress(d.Key)
	}
	for _, st := range m.StandardsOf(t.Key, day) {
		line := boundLine{Notices: st.Notices, Target: v.locale.promise(*st), Path: "/promise/" + url.PathEscape(st.Brand)}
		if b, ok := m.Brand(st.Brand); ok && len(m.Brands) > 1 {
			line.Brand = b.Name
		}
		view.Standards = append(view.Standards, line)
	}
	v.touchpointEnds(&view, m, t, day)
	for _, st := range t.Steps {
		line := stepLine{Text: st.Text}
		if d, ok := m.Department(st.Department); ok {
			line.Department = d.Name
		}
		if st.Side == journey.Front {
			view.Front = append(view.Front, line)
		} else {
			view.Back = append(view.Back, line)
		}
	}
	v.touchpointHands(&view, m, t, day)
	for _, r := range m.Reach(t.Key, day) {
		line := roleLine{Door: door{Path: roleAddress(r.Key) + "/part", Text: r.Name}, Does: r.Does}
		for _, a := range r.May {
			line.May = append(line.May, v.mayDo(a))
		}
		view.Roles = append(view.Roles, line)
	}
	view.Trail, view.Known = v.trail(m, t), v.booksNames(t)
	return view
}

// mayDo is what a role may do, in words.
func (v *visit) mayDo(a journey.Authority) string {
	text := a.Means
	if a.UpTo != "" {
		text = v.t("%s, up to %s %s", text, grouped(a.UpTo), v.company.Currency)
	}
	if a.Within != "" {
		text = v.t("%s, %s", text, a.Within)
	}
	return text
}

// touchpointEnds says what became of a touchpoint, and of what it came.
func (v *visit) touchpointEnds(view *touchpointView, m *journey.Map, t *journey.Touchpoint, day calendar.Day) {
	if t.Retired != nil {
		text := v.t("It is no touchpoint since %s.", v.locale.day(*t.Retired))
		if t.Open(day) {
			text = v.t("It ends on %s.", v.locale.day(*t.Retired))
		}
		if t.Why != "" {
			text += " " + t.Why
		}
		view.Ended = text
	}
	if t.Since != nil {
		view.Ended = strings.TrimSpace(v.t("It is a touchpoint since %s.", v.locale.day(*t.Since)) + " " + view.Ended)
	}
	for _, key := range t.Into {
		if x, ok := m.Touchpoint(key); ok {
			view.Became = append(view.Became, door{Path: touchpointAddress(key), Text: x.Name})
		}
	}
	for _, key := range m.Before(t.Key) {
		if x, ok := m.Touchpoint(key); ok {
			view.Was = append(view.Was, door{Path: touchpointAddress(key), Text: x.Name})
		}
	}
}

// touchpointHands are the hand-offs to and from a touchpoint.
func (v *visit) touchpointHands(view *touchpointView, m *journey.Map, t *journey.Touchpoint, day calendar.Day) {
	for _, hand := range t.HandsTo {
		to, ok := m.Touchpoint(hand.To)
		if !ok || !to.Open(day) {
			continue
		}
		line := handLine{Door: door{Path: touchpointAddress(to.Key), Text: to.Name}, What: hand.What}
		if d, ok := m.Department(to.Department(day)); ok && d.Key != t.Department(day) {
			line.Across = d.Name
		}
		view.HandsTo = append(view.HandsTo, line)
	}
	for i := range m.Touchpoints {
		for _, hand := range m.Touchpoints[i].HandsTo {
			if hand.To == t.Key && m.Touchpoints[i].Open(day) {
				view.HandedBy = append(view.HandedBy, door{Path: touchpointAddress(m.Touchpoints[i].Key), Text: m.Touchpoints[i].Name})
			}
		}
	}
}

// trail is who held a touchpoint since when, newest first.
func (v *visit) trail(m *journey.Map, t *journey.Touchpoint) []trailLine {
	var out []trailLine
	add := func(what string, list []journey.Held, named func(string) string) {
		for i := len(list) - 1; i >= 0; i-- {
			line := trailLine{From: v.t("from the start"), What: what, Who: named(list[i].By)}
			if list[i].From != nil {
				line.From = v.t("since %s", v.locale.day(*list[i].From))
			}
			if line.Who == "" {
				line.Who = v.t("nobody")
			}
			out = append(out, line)
		}
	}
	add(v.t("Owner"), t.Owners, func(by string) string { return by })
	add(v.t("Department"), t.Departments, func(by string) string {
		if d, ok := m.Department(by); ok {
			return d.Name
		}
		return by
	})
	return out
}

// booksNames are the names by which the books know a touchpoint.
func (v *visit) booksNames(t *journey.Touchpoint) []knownLine {
	var out []knownLine
	for _, k := range t.KnownAs {
		line := knownLine{Name: k.Name}
		switch {
		case k.From != nil && k.Until != nil:
			line.Days = v.locale.days(calendar.Period{Start: *k.From, End: *k.Until})
		case k.From != nil:
			line.Days = v.t("since %s", v.locale.day(*k.From))
		case k.Until != nil:
			line.Days = v.t("until %s", v.locale.day(*k.Until-1))
		}
		out = append(out, line)
	}
	return out
}
