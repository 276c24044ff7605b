package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/journey"
)

// mypartView is how a job reaches a customer: its line, the touchpoints that it reaches with their state, what customers said of them, what
// the role may do on its own, and how fast things were put right.
type mypartView struct {
	Own      bool // it is the visitor's own page
	Heading  string
	Role     string
	Of       string // department
	Line     []sightStep
	Words    wordsView
	States   []reachRow
	Recent   string // which days the live column is of
	Period   string // of the close
	May      []string
	Unknown  string // why there is no line
	Choose   []door // roles to look at
	More     door
	Edit     string
	Standing *sealLine
	NoStates string // why the close says nothing of touchpoints
}

// sightStep is a stop on the line.
type sightStep struct {
	Kind  string
	Say   string
	Doors []door
	Class string
}

// reachRow is a touchpoint that the role reaches.
type reachRow struct {
	Door            door
	Label           string
	Now, Interval   string
	Lately, Between string
	Promised        string
	State           stateView
	Through         bool
	Refused         string
	Fast            string
	judged          string // the standard by which it was judged
}

var mypartPage = page[mypartView]("mypart.html")

// liveDays is how many days the live column looks back, and wordDays how many the words.
const (
	liveDays = 28
	wordDays = 7
)

func (s *Server) mypart(v *visit) error {
	m, _, err := s.Office.Journey(v.r.Context())
	if err != nil {
		return err
	}
	view := mypartView{Own: true, More: door{Path: "/roles", Text: v.t("All roles")}}
	post, known, err := s.Office.Employee(v.r.Context(), v.user().PersonID, v.today())
	if err != nil && !errors.Is(err, office.ErrNoCompany) {
		return err
	}
	switch {
	case v.user().PersonID == "":
		view.Unknown = v.t("Who you are in the book of people has not been set. Whoever manages the users can do it on your page; until then look at any role.")
	case !known:
		view.Unknown = v.t("The book of people does not know you yet, or no longer.")
	case post.Begins != nil:
		view.Unknown = v.t("By the book of people you begin here on %s.", v.locale.day(*post.Begins))
	case post.Left != nil:
		view.Unknown = v.t("By the book of people you do not work here any more.")
	default:
		view.Role, view.Of = post.Role, post.Department
		r, ok := m.RoleOf(post.Department, post.Role, v.today())
		if ok {
			return s.showPart(v, view, m, r)
		}
		view.Unknown = v.t("Nobody has drawn a line from your role to the customer yet. You know it best: tell whoever keeps the map.")
	}
	for i := range m.Roles {
		if len(view.Choose) < mostItems && len(m.Roles[i].Touchpoints) > 0 {
			view.Choose = append(view.Choose, door{Path: roleAddress(m.Roles[i].Key) + "/part", Text: m.Roles[i].Name})
		}
	}
	view.Heading = v.t("How does your job reach a customer?")
	return mypartPage.render(v, http.StatusOK, title{Text: v.t("My part")}, view)
}

// rolePart is the same page for any role.
func (s *Server) rolePart(v *visit) error {
	m, _, err := s.Office.Journey(v.r.Context())
	if err != nil {
		return err
	}
	r, ok := m.Role(v.r.PathValue("key"))
	if !ok {
		return v.refuse(http.StatusNotFound, v.t("There is no such role"), v.t("The journey map has none of this key; the page Roles lists all there are."))
	}
	return s.showPart(v, mypartView{More: door{Path: "/roles", Text: v.t("All roles")}}, m, r)
}

func (s *Server) showPart(v *visit, view mypartView, m *journey.Map, r *journey.Role) error {
	view.Role = r.Name
	if d, ok := m.Department(r.In(v.today())); ok {
		view.Of = d.Name
	}
	if v.may(access.ChangeJourney) {
		view.Edit = roleAddress(r.Key)
	}
	sight := m.Sight(r, v.today())
	view.Heading = v.lineOfSight(r)
	view.Line = v.sightSteps(r, sight)
	for _, a := range r.May {
		view.May = append(view.May, v.mayDo(a))
	}
	if len(sight.Reaches) == 0 {
		view.Unknown = v.t("No touchpoint is named that this role reaches, so the line ends before the customer.")
	}
	if err := s.reached(v, &view, m, sight); err != nil {
		return err
	}
	if err := s.partLive(v, &view, m, sight); err != nil {
		return err
	}
	return mypartPage.render(v, http.StatusOK, title{Text: v.t("My part")}, view)
}

// lineOfSight is the whole line as one sentence.
func (v *visit) lineOfSight(r *journey.Role) string {
	switch {
	case r.Does != "" && r.SoThat != "" && strings.HasPrefix(r.Notices, "that "):
		return v.t("I %s, so that %s, so that the customer notices %s.", ending(r.Does), ending(r.SoThat), ending(r.Notices))
	case r.Does != "" && r.SoThat != "" && r.Notices != "":
		return v.t("I %s, so that %s, so that the customer notices: %s.", ending(r.Does), ending(r.SoThat), ending(r.Notices))
	case r.Does != "" && r.SoThat != "":
		return v.t("I %s, so that %s.", ending(r.Does), ending(r.SoThat))
	case r.Does != "":
		return v.t("I %s.", ending(r.Does))
	}
	return r.Name
}

// ending is a sentence without its own end.
func ending(text string) string { return strings.TrimRight(strings.TrimSpace(text), ".") }

// sightSteps are the stops: what I do, so that, the touchpoints, the stages, the promise, what the customer notices.
func (v *visit) sightSteps(r *journey.Role, s journey.Sight) []sightStep {
	var out []sightStep
	add := func(kind, say, class string, doors ...door) {
		if say != "" || len(doors) > 0 {
			out = append(out, sightStep{Kind: kind, Say: say, Doors: doors, Class: class})
		}
	}
	touchpoints := func(list []*journey.Touchpoint) []door {
		var doors []door
		for _, t := range list {
			doors = append(doors, door{Path: touchpointAddress(t.Key), Text: t.Name})
		}
		return doors
	}
	add(v.t("What I do"), r.Does, "done")
	add(v.t("so that"), r.SoThat, "")
	add(v.t("Touchpoints I reach"), "", "", touchpoints(s.Reaches)...)
	add(v.t("and through them"), "", "", touchpoints(s.Through)...)
	var stages, promises []string
	for _, st := range s.Stages {
		stages = append(stages, st.Name)
	}
	for _, b := range s.Brands {
		promises = append(promises, b.Name+": "+b.Words)
	}
	add(v.t("Stage"), strings.Join(stages, ", "), "")
	add(v.t("What we promise"), strings.Join(promises, "; "), "")
	add(v.t("What the customer notices"), r.Notices, "gift")
	return out
}

// reached puts in what the newest close says of the touchpoints.
func (s *Server) reached(v *visit, view *mypartView, m *journey.Map, sight journey.Sight) error {
	h, closed, err := s.journeySeal(v)
	if err != nil {
		return err
	}
	rows := func(list []*journey.Touchpoint, through bool) {
		for _, t := range list {
			measure, _ := followed(m, t, "", v.today())
			view.States = append(view.States, reachRow{Door: door{Path: touchpointAddress(t.Key), Text: t.Name}, Label: v.locale.touchFigure(measure.Name()).label(), Through: through, State: v.locale.stateView(journey.Unmeasured)})
		}
	}
	rows(sight.Reaches, false)
	rows(sight.Through, true)
	if !closed {
		return nil
	}
	o, err := v.open(h)
	if err != nil {
		return err
	}
	line := v.sealLine(h)
	view.Standing, view.Period = &line, line.Name
	view.NoStates = o.noTouchpoints()
	for i, t := range slices.Concat(sight.Reaches, sight.Through) {
		if l := o.doc.Touchpoints.Line(t.Key); l != nil {
			o.reachRow(&view.States[i], l)
		}
	}
	return nil
}

// partLive puts in the last weeks and the words, of what the books hold now.
func (s *Server) partLive(v *visit, view *mypartView, m *journey.Map, sight journey.Sight) error {
	live, err := s.Office.Live(v.r.Context())
	if err != nil {
		return ignoreNoBooks(err)
	}
	last, ok := live.Reach()
	if !ok {
		return nil
	}
	lately := calendar.Period{Start: last + 1 - liveDays, End: last + 1}
	view.Recent = v.locale.days(lately)
	touchpoints := slices.Concat(sight.Reaches, sight.Through)
	courses, err := live.Courses(v.r.Context(), touchpoints, []calendar.Period{lately})
	if errors.Is(err, engine.ErrUnready) {
		view.Recent = ""
		return s.unready(v, err)
	}
	if err != nil {
		return err
	}
	for i, t := range touchpoints {
		row := &view.States[i]
		measure, standard := followed(m, t, row.judged, last)
		x, f := courses[i][0].Figure(measure), v.locale.touchFigure(measure.Name())
		if f.label() != row.Label && row.Now+row.Refused != "" {
			continue // the close judged it by what the map no longer promises
		}
		row.Label = f.label()
		if _, ok := x.Estimate(); ok {
			row.Lately, row.Between = f.value(x), f.interval(x)
		}
		if standard != nil {
			row.Promised = f.promised(standard.Target.AtLeast, standard.Target.AtMost)
		}
	}
	return s.partWords(v, view, m, sight, live, last)
}

// ownReach tells whether the visitor's own job reaches a touchpoint: then its words are theirs to read, without who said them.
func (s *Server) ownReach(v *visit, m *journey.Map, t *journey.Touchpoint) (bool, error) {
	if !v.may(access.OwnPart) || v.user().PersonID == "" {
		return false, nil
	}
	post, known, err := s.Office.Employee(v.r.Context(), v.user().PersonID, v.today())
	if err != nil || !known || post.Begins != nil || post.Left != nil {
		return false, ignoreNoBooks(err)
	}
	r, ok := m.RoleOf(post.Department, post.Role, v.today())
	return ok && slices.Contains(r.Touchpoints, t.Key), nil
}

// partWords are this week's words about the touchpoints that a role reaches. Whoever does a job may read what was said of it; who said it
// stays under a pseudonym.
func (s *Server) partWords(v *visit, view *mypartView, m *journey.Map, sight journey.Sight, live office.Live, last calendar.Day) error {
	if !v.may(access.ReadCustomers) && !view.Own {
		view.Words = wordsView{Heading: v.t("What customers said"), None: v.t("Their words are for those who do this job, and for who may see customers.")}
		return nil
	}
	seer := v.seer()
	seer.Identified = true
	var err error
	view.Words, err = v.wordsBy(live, m, sight.Reaches, calendar.Period{Start: last + 1 - wordDays, End: last + 1}, shownWords, seer)
	view.Words.Heading = v.t("What customers said this week")
	return s.unready(v, err)
}
