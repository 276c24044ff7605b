package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/journey"
)

// coverageMapView is what the journey map does not cover: gaps of the map itself as it is now, what a close found unmeasured and
// unheard, names in the books that lead nowhere, and who was not reached.
type coverageMapView struct {
	Seal      *sealLine
	Gaps      []gapView
	None      bool // there is no gap
	Unreached []lostRow
	Less      []lessRow
	LessSaid  []string
	Books     []leadBook
	Unmapped  []leadName // names that the close took for touchpoints, because there was no map
	Unknown   []noteRow
	NoClose   string
	MayChange bool
	Wrong     string
	Name      string        // of the name that was refused
	To        template.HTML // options: every touchpoint
	Empty     bool
}

// gapView is one kind of gap with what is in it.
type gapView struct {
	Said  string
	Items []door
	More  string
	Do    *door
}

// lessRow is a touchpoint after which customers came back less.
type lessRow struct {
	Door              door
	Revenue, Interval string
	Grade             string
	Refused           string
	Nothing           bool
}

// leadBook is where the names of a book lead.
type leadBook struct {
	Name, Rows, Share, Nowhere, Unnamed string
	Names                               []leadName
	Asides                              []leadName
}

// leadName is a name of a book that leads nowhere.
type leadName struct {
	Name, Shown, Rows, Customers, Others, Why string
	Taken                                     string // where it leads by the map as it is now
}

var coverageMapPage = page[coverageMapView]("journey-coverage.html")

// mostItems is how many of a gap are listed.
const mostItems = 12

func (s *Server) coverageMap(v *visit) error {
	return s.showCoverage(v, http.StatusOK, coverageMapView{})
}

func (s *Server) showCoverage(v *visit, status int, view coverageMapView) error {
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
	view.MayChange, view.Empty = v.may(access.ChangeJourney), len(m.Touchpoints) == 0
	view.Gaps = v.mapGaps(m, day)
	view.To = touchpointOptions(m, day)
	if !closed {
		view.NoClose = v.t("Nothing has been closed yet. A close tells which touchpoints nothing measures, which names in the books lead nowhere, and who was not reached.")
	} else if err := s.coveredBy(v, &view, h, m, day); err != nil {
		return err
	}
	view.None = len(view.Gaps) == 0
	return coverageMapPage.render(v, status, title{Text: v.t("What the map does not cover")}, view)
}

// touchpointOptions are the options of a choice among all touchpoints. They are written once a page: a page has a choice for each name that leads
// nowhere, and a map has hundreds of touchpoints.
func touchpointOptions(m *journey.Map, day calendar.Day) template.HTML {
	var b strings.Builder
	for i := range m.Touchpoints {
		if t := &m.Touchpoints[i]; t.Open(day) {
			fmt.Fprintf(&b, `<option value="%s" translate="no">%s</option>`, template.HTMLEscapeString(t.Key), template.HTMLEscapeString(t.Name))
		}
	}
	return template.HTML(b.String()) // escaped above
}

// coveredBy puts in what a close found.
func (s *Server) coveredBy(v *visit, view *coverageMapView, h office.Head, m *journey.Map, day calendar.Day) error {
	line := v.sealLine(h)
	view.Seal = &line
	o, err := v.open(h)
	if err != nil {
		return err
	}
	c := o.doc.Covers
	if !c.Open() {
		view.NoClose = v.t("This close was sealed by a release that did not look at touchpoints.")
		if c != nil {
			view.NoClose = c.Refused
		}
		return nil
	}
	still := func(items []sealed.TouchpointItem) []door {
		var out []door
		for _, x := range items {
			if t, ok := m.Touchpoint(x.Name); ok && t.Open(day) {
				out = append(out, door{Path: touchpointAddress(t.Key), Text: t.Name})
			}
		}
		return out
	}
	view.Gaps = append(view.Gaps, v.gaps(
		found{"One touchpoint that nothing measures", "%s touchpoints that nothing measures", still(c.WithoutMeasure), &door{Path: "/promise", Text: v.t("Choose a measure")}},
		found{"One touchpoint without a voice: no answer, no remark", "%s touchpoints without a voice: no answer, no remark", still(c.WithoutVoice), nil},
		found{"One touchpoint with fewer than 30 answers", "%s touchpoints with fewer than 30 answers", still(c.FewAnswers), nil},
		found{"One job in the book of people to which no role answers", "%s jobs in the book of people to which no role answers", v.unansweredJobs(m, c.JobsWithoutRole, day), &door{Path: "/roles", Text: v.t("Roles")}},
	)...)
	for _, x := range c.Unreached {
		view.Unreached = append(view.Unreached, o.lostRow(x))
	}
	for _, x := range c.Unknown {
		view.Unknown = append(view.Unknown, noteRow{Name: o.touchFigure(x.Name).label(), Value: x.Refused + ": " + x.Need, English: true})
	}
	if !c.Mapped {
		view.Unmapped = o.unmapped(m, h.Period.End-1)
	}
	for _, b := range c.Books {
		if !c.Mapped {
			break // each name was taken for a touchpoint of its own
		}
		view.Books = append(view.Books, o.leadBook(b, m, h.Period.End-1))
	}
	if c.Next != nil {
		view.Less, view.LessSaid = o.cameLess(c.Next, m)
	}
	return nil
}

// unansweredJobs are the jobs to which no role answers now either, each with the page on which one is drawn for it.
func (v *visit) unansweredJobs(m *journey.Map, jobs []sealed.TouchpointJob, day calendar.Day) []door {
	var out []door
	for _, j := range jobs {
		if _, ok := m.RoleOf(j.Department, j.Role, day); ok {
			continue
		}
		d := door{Text: j.Title}
		if j.People != nil {
			d.Text += " (" + count(*j.People) + ")"
		}
		by, there := m.DepartmentOf(j.Department, day)
		if !there && j.Department == "" {
			by, there = &journey.Department{}, true // the book names none, and neither does the role
		}
		if !there {
			d.Text += v.t(", a department that is not on the map")
		}
		switch {
		case !v.may(access.ChangeJourney):
		case there:
			d.Path = "/roles/new?" + url.Values{"name": {j.Role}, "known": {j.Role}, "department": {by.Key}}.Encode()
		default: // without its department a role would answer for all departments
			d.Path = "/journey/departments/new?" + url.Values{"name": {j.Department}}.Encode()
		}
		out = append(out, d)
	}
	return out
}

// found is a kind of gap with what was found.
type found struct {
	one, many string
	items     []door
	do        *door
}

// gaps leaves out what is not there.
func (v *visit) gaps(of ...found) []gapView {
	var out []gapView
	for _, f := range of {
		if len(f.items) == 0 {
			continue
		}
		g := gapView{Said: v.locale.tn(int64(len(f.items)), f.one, f.many, count(len(f.items))), Items: f.items}
		if v.may(access.ChangeJourney) {
			g.Do = f.do
		}
		if len(g.Items) > mostItems {
			g.Items, g.More = g.Items[:mostItems], v.t("and %s more", count(len(f.items)-mostItems))
		}
		out = append(out, g)
	}
	return out
}

// mapGaps are the gaps of the map itself, as it is now.
func (v *visit) mapGaps(m *journey.Map, day calendar.Day) []gapView {
	items := map[string][]door{}
	for _, g := range m.Lacks(day) {
		for _, x := range g.Items {
			items[g.Name] = append(items[g.Name], door{Path: gapPath(g.Name, x.Key), Text: x.Title})
		}
	}
	return v.gaps(
		found{"One department or contractor without a touchpoint", "%s departments or contractors without a touchpoint", items["departments_without_touchpoint"], &door{Path: "/journey/touchpoints/new", Text: v.t("Add a touchpoint")}},
		found{"One touchpoint that no department holds", "%s touchpoints that no department holds", items["without_department"], nil},
		found{"One touchpoint without an owner", "%s touchpoints without an owner", items["without_owner"], nil},
		found{"One touchpoint without a standard", "%s touchpoints without a standard", items["without_standard"], &door{Path: "/promise", Text: v.t("Propose standards")}},
		found{"One standard that binds no touchpoint", "%s standards that bind no touchpoint", items["standards_without_touchpoint"], &door{Path: "/promise", Text: v.t("What we promise")}},
		found{"One stage without a touchpoint", "%s stages without a touchpoint", items["stages_without_touchpoint"], nil},
		found{"One role without a line to the customer", "%s roles without a line to the customer", items["roles_without_line"], &door{Path: "/roles", Text: v.t("Roles")}},
		found{"One brand without customers: it names no entities, and another has all that no brand names", "%s brands without customers: they name no entities, and another has all that no brand names", items["brands_without_customers"], nil},
	)
}

// gapPath is the page of what is in a gap; empty: it has none of its own.
func gapPath(gap, key string) string {
	switch gap {
	case "departments_without_touchpoint":
		return departmentAddress(key)
	case "roles_without_line":
		return roleAddress(key)
	case "brands_without_customers":
		return brandAddress(key)
	case "without_department", "without_owner", "without_standard":
		return touchpointAddress(key)
	}
	return ""
}

// leadBook is where a book's names lead.
func (o *opened) leadBook(b sealed.TouchpointBook, m *journey.Map, on calendar.Day) leadBook {
	out := leadBook{Name: b.Name, Rows: count(b.Rows), Share: o.touchFigure("share").value(b.Share)}
	if b.Nowhere > 0 {
		out.Nowhere = count(b.Nowhere)
	}
	if b.Unnamed > 0 {
		out.Unnamed = count(b.Unnamed)
	}
	row := func(x sealed.TouchpointLead) leadName {
		n := leadName{Name: x.Name, Shown: x.Name, Rows: count(x.Rows)}
		if x.Customers > 0 {
			n.Customers = count(x.Customers)
		}
		if x.Others > 0 {
			n.Others = o.t("%s further names", count(x.Others))
		} else if t, ok := m.Lead(x.Name, on); ok {
			n.Taken = t.Name
		} else if i := slices.IndexFunc(m.Aside, func(a journey.Aside) bool { return journey.Same(a.Name, x.Name) }); i >= 0 {
			n.Why = m.Aside[i].Why
		}
		return n
	}
	for _, x := range b.Names {
		out.Names = append(out.Names, row(x))
	}
	for _, x := range b.Asides {
		out.Asides = append(out.Asides, row(x))
	}
	return out
}

// unmapped are the names of the books that a close without a map took for touchpoints.
func (o *opened) unmapped(m *journey.Map, on calendar.Day) []leadName {
	if !o.doc.Touchpoints.Open() {
		return nil
	}
	var out []leadName
	for _, l := range o.doc.Touchpoints.Lines {
		n := leadName{Name: l.Title, Shown: l.Title, Rows: count(l.Contacts)}
		if t, ok := m.Lead(l.Title, on); ok {
			n.Taken = t.Name
		}
		out = append(out, n)
	}
	return out
}

// cameLess are the touchpoints after which customers came back less.
func (o *opened) cameLess(c *sealed.TouchpointComparisons, m *journey.Map) (rows []lessRow, said []string) {
	if c.Refused != nil {
		return nil, []string{c.Refused.Reason + ": " + c.Refused.Need}
	}
	for _, x := range c.Less {
		title := x.Name
		if t, ok := m.Touchpoint(x.Name); ok {
			title = t.Name
		}
		money := o.cashRow("", sealed.Expected, x.Revenue)
		rows = append(rows, lessRow{Door: door{Path: touchpointAddress(x.Name), Text: title}, Revenue: money.Value, Interval: money.Interval, Grade: x.Grade, Refused: money.Refused, Nothing: x.Nothing})
	}
	if c.Passed != nil && c.Next != nil {
		said = append(said, o.t("Customers who passed in %s beside others like them, by whether they were active in %s.", o.days(*c.Passed), o.days(*c.Next)))
	}
	if c.Compared > 0 {
		text := o.tn(c.Compared, "One touchpoint was compared", "%s touchpoints were compared", count(c.Compared))
		if c.Chance != nil {
			text = o.t("%s; of intervals that do not hold nothing, %s would be there by chance alone, and %s are", text, o.touchFigure("transfers").value(*c.Chance), count(c.Clear))
		}
		said = append(said, text+".")
	}
	if len(rows) == 0 && c.Compared > 0 {
		said = append([]string{o.t("After none of them customers came back less than others like them.")}, said...)
	}
	if n := o.doc.Touchpoints.Uncompared(); n > 0 {
		said = append(said, o.tn(n, "One touchpoint was not compared, because too few customers are alike, too few came back, or too few did not; its page says which.", "%s touchpoints were not compared, because too few customers are alike, too few came back, or too few did not; their pages say which.", count(n)))
	}
	return rows, said
}

// nameLed lets a name of the books lead to a touchpoint, or sets it aside.
func (s *Server) nameLed(v *visit) error {
	name, to, why := v.r.PostFormValue("name"), v.r.PostFormValue("to"), v.r.PostFormValue("why")
	name = strings.ReplaceAll(name, "\r\n", "\n") // a browser sends a line break of a name so
	if to == "new" {
		return v.goTo("/journey/touchpoints/new?name=" + url.QueryEscape(name))
	}
	_, err := s.Office.ChangeJourney(v.r.Context(), office.JourneyEdit{By: v.user().ID, Change: func(m *journey.Map) error {
		if to == "aside" {
			return m.SetAside(name, why)
		}
		return m.Call(to, name, nil)
	}})
	var refused *journey.Refused
	var broken *office.JourneyRefusal
	switch {
	case errors.As(err, &refused), errors.As(err, &broken):
		return s.showCoverage(v, http.StatusUnprocessableEntity, coverageMapView{Wrong: err.Error(), Name: name})
	case err != nil:
		return err
	}
	if err := v.noted("journey changed", "a name in the books"); err != nil {
		return err
	}
	return v.goTo("/journey/coverage#books")
}
