package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// journeyView is the map of where customers meet the company: stages across, departments down.
type journeyView struct {
	Seal      *sealLine // nil: nothing has been closed
	Heading   string
	Lead      []string
	Empty     []door // nothing is drawn yet: what to do
	Journeys  []door
	Views     []door
	Key       []keyItem
	Stages    []mapStage
	Rows      []mapRow
	List      []listStage // the same as a list
	AsList    bool
	Name      string // of the journey
	Shown     string // the journey's key
	Fit       int    // per cent at which it prints on one page
	MayChange bool
	Was       string // the map stands as it was then; empty: as it is now
	Query     string // what the links of tiles carry on
	NoStates  string // why no tile has a state
}

// keyItem explains a state's colour and sign.
type keyItem struct{ Class, Glyph, Text string }

// mapStage is a column.
type mapStage struct {
	Key, Name, About string
	First, Last      bool
}

// mapRow is a department with what it holds, by stage.
type mapRow struct {
	Key, Name, Path string
	Contractor      bool
	Nameless        bool // nobody has said who holds these
	Cells           []gridCell
	None            bool // no touchpoint is recorded
}

type gridCell struct {
	Stage string
	Tiles []tile
}

// listStage is a stage with its touchpoints.
type listStage struct {
	Name  string
	Tiles []tile
}

// tile is a touchpoint on the map.
type tile struct {
	Key, Name, Path   string
	Class, Glyph      string
	Value, Said       string
	Version           int64
	Department, Owner string // of the list
	Worst             bool
}

// tileState is what a close says of a touchpoint.
type tileState struct {
	State journey.State
	Value string // "71 of 70 · n 312"
	Worst bool   // among those that cost most
}

var journeyPage = page[journeyView]("journey.html")

// stateLook is how a state is drawn and called.
var stateLook = map[journey.State]struct{ class, glyph, text string }{
	journey.WellBelow:  {"n3", "n3", "well below its standard"},
	journey.Below:      {"n1", "n1", "below"},
	journey.At:         {"d0", "d0", "at standard"},
	journey.Above:      {"p1", "p1", "above"},
	journey.WellAbove:  {"p3", "p3", "well above"},
	journey.Few:        {"few", "few", "too few to judge"},
	journey.Unmeasured: {"no", "no", "not measured"},
	journey.Unjudged:   {"un", "no", "measured, without a standard"},
}

func (s *Server) journey(v *visit) error {
	h, closed, err := s.journeySeal(v)
	if errors.Is(err, program.ErrNone) {
		return v.noSeal()
	}
	if err != nil {
		return err
	}
	view := journeyView{MayChange: v.may(access.ChangeJourney), AsList: v.r.URL.Query().Get("view") == "list"}
	m, _, err := s.Office.Journey(v.r.Context())
	if err != nil {
		return err
	}
	day := v.today()
	states := map[string]tileState{}
	if closed {
		line := v.sealLine(h)
		view.Seal = &line
		if v.r.URL.Query().Get("seal") != "" {
			then, err := s.Office.JourneyAt(v.r.Context(), h.At)
			if err != nil {
				return err
			}
			m, day, view.Was, view.MayChange, view.Query = then, h.Period.End-1, v.t("when this was sealed, %s", line.At), false, "?seal="+v.r.URL.Query().Get("seal")
		}
		o, err := v.open(h)
		if err != nil {
			return err
		}
		states, view.NoStates = o.tileStates(), o.noTouchpoints()
	}
	if asked := v.r.URL.Query().Get("at"); asked != "" {
		on, err := calendar.ParseDay(asked)
		if err != nil || on > day {
			return v.refuse(http.StatusBadRequest, v.t("No map is known of that day"), v.t("Name a day that has been, such as 2026-09-30."))
		}
		then, err := s.Office.JourneyAt(v.r.Context(), endOf(on, v.company.Location()))
		if err != nil {
			return err
		}
		m, day, view.Was, view.MayChange, view.Seal = then, on, v.t("on the evening of %s", v.locale.day(on)), false, nil
		states, view.NoStates = map[string]tileState{}, v.t("A map of an earlier day is drawn without states; the map of a close has them.")
	}
	if err := s.drawJourney(v, &view, m, day, states); err != nil {
		return err
	}
	return journeyPage.render(v, http.StatusOK, title{Text: v.t("Journey")}, view)
}

// endOf is the last moment of a day.
func endOf(day calendar.Day, zone *time.Location) time.Time {
	year, month, d := day.Date()
	return time.Date(year, month, d+1, 0, 0, 0, 0, zone).Add(-time.Second)
}

// noTouchpoints says why a close has no states; empty: it has.
func (o *opened) noTouchpoints() string {
	switch {
	case o.doc.Touchpoints == nil:
		return o.t("This close was sealed by a release that did not look at touchpoints; close the period again, or a later one, to see how they do.")
	case !o.doc.Touchpoints.Open():
		return o.doc.Touchpoints.Refused + "; " + o.doc.Touchpoints.UnlockedBy
	}
	return ""
}

// journeySeal is the close whose states the map shows: the newest, or the one that is asked for.
func (s *Server) journeySeal(v *visit) (office.Head, bool, error) {
	heads, err := s.Office.Heads(v.r.Context())
	if err != nil {
		return office.Head{}, false, err
	}
	asked := v.r.URL.Query().Get("seal")
	if asked == "" {
		h, ok := office.Newest(heads)
		return h, ok, nil
	}
	id, err := strconv.ParseInt(asked, 10, 64)
	i := slices.IndexFunc(heads, func(h office.Head) bool { return h.ID == id })
	if err != nil || i < 0 {
		return office.Head{}, false, program.ErrNone
	}
	return heads[i], true, nil
}

func (v *visit) today() calendar.Day {
	return calendar.DayIn(v.server.Now(), calendar.ZoneOrUTC(v.company.TimeZone))
}

func (s *Server) drawJourney(v *visit, view *journeyView, m *journey.Map, day calendar.Day, states map[string]tileState) error {
	shown := shownJourney(m, v.r.URL.Query().Get("journey"), day)
	if shown == nil {
		view.Heading = v.t("Where customers meet us has not been drawn yet")
		view.Empty = v.journeyBegins()
		return nil
	}
	view.Name, view.Shown = shown.Name, shown.Key
	view.headings(v, m, shown, day, states)
	view.choices(v, m, shown, day)
	for i, st := range shown.Stages {
		view.Stages = append(view.Stages, mapStage{Key: st.Key, Name: st.Name, About: st.About, First: i == 0, Last: i == len(shown.Stages)-1})
	}
	for _, state := range journey.States {
		look := stateLook[state]
		view.Key = append(view.Key, keyItem{look.class, look.glyph, v.t(look.text)})
	}
	tiles, err := s.tiles(v.r.Context(), v, m, shown, day, states, view.Query)
	if err != nil {
		return err
	}
	view.Rows = mapRows(v, m, shown, day, tiles)
	view.Fit = fit(view.Rows, len(shown.Stages))
	if view.AsList {
		view.List = listed(m, shown, tiles)
	}
	return nil
}

func (v *visit) journeyBegins() []door {
	if !v.may(access.ChangeJourney) {
		return nil
	}
	return []door{{Path: "/journey/edit", Text: v.t("Begin with a template, a file or a first touchpoint")}, {Path: "/journey/coverage", Text: v.t("See which names the books have")}}
}

// shownJourney is the one that is asked for, otherwise the first.
func shownJourney(m *journey.Map, key string, day calendar.Day) *journey.Journey {
	if j, ok := m.Journey(key); ok && key != "" {
		return j
	}
	for i := range m.Journeys {
		if m.Journeys[i].Retired == nil || day < *m.Journeys[i].Retired {
			return &m.Journeys[i]
		}
	}
	return nil
}

// headings says in a sentence what the map bears out.
func (view *journeyView) headings(v *visit, m *journey.Map, shown *journey.Journey, day calendar.Day, states map[string]tileState) {
	places, bad, judged := 0, 0, 0
	holders := map[string]bool{}
	for _, t := range m.Touchpoints {
		if t.Journey != shown.Key || !t.Open(day) {
			continue
		}
		places++
		if d := t.Department(day); d != "" {
			holders[d] = true
		}
		switch states[t.Key].State {
		case journey.WellBelow, journey.Below:
			bad++
			judged++
		case journey.At, journey.Above, journey.WellAbove:
			judged++
		}
	}
	view.Heading = v.locale.tn(int64(places), "Customers meet us in one place.", "Customers meet us in %s places.", count(places)) + " "
	switch {
	case judged == 0:
		view.Heading += v.t("None of them is judged yet.")
	case bad == 0:
		view.Heading += v.locale.tn(int64(judged), "The one that is judged does not fall below what we promise.", "None of the %s that are judged falls below what we promise.", count(judged))
	default:
		view.Heading += v.locale.tn(int64(bad), "One falls below what we promise.", "%s fall below what we promise.", count(bad))
	}
	view.Lead = append(view.Lead, v.t("Departments and contractors that hold them: %s.", count(len(holders))))
}

// choices are the journeys, the two ways to look, and earlier closes.
func (view *journeyView) choices(v *visit, m *journey.Map, shown *journey.Journey, day calendar.Day) {
	if len(m.Journeys) > 1 {
		for _, j := range m.Journeys {
			if j.Retired == nil || day < *j.Retired || j.Key == shown.Key {
				view.Journeys = append(view.Journeys, door{Path: v.journeyPath("journey", j.Key), Text: j.Name, Current: j.Key == shown.Key})
			}
		}
	}
	view.Views = []door{
		{Path: v.journeyPath("view", ""), Text: v.t("Map"), Current: !view.AsList},
		{Path: v.journeyPath("view", "list"), Text: v.t("List"), Current: view.AsList},
	}
}

// journeyPath is this page's address with one part of the query changed.
func (v *visit) journeyPath(name, value string) string {
	q := url.Values{}
	for _, kept := range []string{"journey", "view", "seal"} {
		if x := v.r.URL.Query().Get(kept); x != "" {
			q.Set(kept, x)
		}
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return "/journey"
	}
	return "/journey?" + q.Encode()
}
