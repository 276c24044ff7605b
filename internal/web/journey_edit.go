package web

import (
	"net/http"
	"strings"

	"github.com/throughline/throughline/journey"
)

// journeyEditView is where the map is edited from.
type journeyEditView struct {
	Why         []string // a file that was refused
	Done        bool
	Templates   []journey.Sample
	Empty       bool
	Journeys    []journeyLine
	Departments []departmentLine
	Places      []placeLine
	Retired     []endedLine
	Ended       []endedLine // departments
}

// journeyLine is a journey with its stages.
type journeyLine struct {
	Path, Name, Brand string
	Stages            []string
	Touchpoints       int
	Over              bool
}

// departmentLine is a department or contractor.
type departmentLine struct {
	Path, Name, Apart string
	Contractor        bool
	Touchpoints       int
}

// placeLine is a stage with its touchpoints.
type placeLine struct {
	Heading, Add string
	Rows         []touchpointLine
}

// touchpointLine is a touchpoint in the list.
type touchpointLine struct{ Path, Name, Owner, Department string }

// endedLine is what is no more.
type endedLine struct {
	Path, Name, When string
	Became           []door
}

var journeyEditPage = page[journeyEditView]("journey-edit.html")

func (s *Server) journeyEdit(v *visit) error { return s.showJourneyEdit(v, http.StatusOK) }

// showJourneyEdit answers with the page, and with why a file was refused.
func (s *Server) showJourneyEdit(v *visit, status int, why ...string) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	m := e.m
	view := journeyEditView{Why: why, Done: v.r.URL.Query().Get("done") == "taken", Templates: journey.Templates(), Empty: len(m.Touchpoints)+len(m.Journeys)+len(m.Departments) == 0}
	standing, held := map[string][]touchpointLine{}, map[string]int{}
	for _, t := range m.Touchpoints {
		if t.Retired != nil {
			view.Retired = append(view.Retired, e.endedTouchpoint(t))
		}
		if t.Over(e.today) {
			continue
		}
		holder := t.Department(e.today)
		held[holder]++
		place := t.Journey + "/" + t.Stage
		standing[place] = append(standing[place], touchpointLine{Path: touchpointEditPath(t.Key), Name: t.Name, Owner: t.Owner(e.today), Department: e.department(holder)})
	}
	for _, j := range m.Journeys {
		line := journeyLine{Path: journeyAddress(j.Key), Name: j.Name, Over: j.Retired != nil && *j.Retired <= e.today}
		if b, ok := m.Brand(j.Brand); ok {
			line.Brand = b.Name
		}
		for _, x := range j.Stages {
			rows := standing[j.Key+"/"+x.Key]
			line.Stages, line.Touchpoints = append(line.Stages, x.Name), line.Touchpoints+len(rows)
			if !line.Over {
				view.Places = append(view.Places, placeLine{Heading: v.t("%s: %s", j.Name, x.Name), Add: touchpointNewPath(j.Key, x.Key), Rows: rows})
			}
		}
		view.Journeys = append(view.Journeys, line)
	}
	for _, d := range m.Departments {
		if !d.Open(e.today) {
			view.Ended = append(view.Ended, e.endedDepartment(d))
			continue
		}
		view.Departments = append(view.Departments, departmentLine{Path: departmentAddress(d.Key), Name: d.Name, Contractor: d.Contractor, Apart: d.Apart, Touchpoints: held[d.Key]})
	}
	return journeyEditPage.render(v, status, title{Text: v.t("Edit the map")}, view)
}

func (e *editor) endedTouchpoint(t journey.Touchpoint) endedLine {
	line := endedLine{Path: touchpointEditPath(t.Key), Name: t.Name, When: e.v.t("from %s", e.v.locale.day(*t.Retired))}
	for _, key := range t.Into {
		line.Became = append(line.Became, door{Path: touchpointEditPath(key), Text: e.called(key)})
	}
	return line
}

func (e *editor) endedDepartment(d journey.Department) endedLine {
	line := endedLine{Path: departmentAddress(d.Key), Name: d.Name, When: e.v.t("from %s", e.v.locale.day(*d.Retired))}
	for _, key := range d.Into {
		line.Became = append(line.Became, door{Path: departmentAddress(key), Text: e.department(key)})
	}
	return line
}

// downloadJourney hands out the whole map as a file that can be read in again.
func (s *Server) downloadJourney(v *visit) error {
	m, _, err := s.Office.Journey(v.r.Context())
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := m.Write(&b); err != nil {
		return err
	}
	return v.file("journey.json", "application/json", b.String())
}

// downloadTouchpoints hands out the touchpoints as a table.
func (s *Server) downloadTouchpoints(v *visit) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := e.m.WriteTouchpoints(&b, e.today); err != nil {
		return err
	}
	return v.file("touchpoints.csv", "text/csv; charset=utf-8", b.String())
}

// downloadRoles hands out the roles as a table.
func (s *Server) downloadRoles(v *visit) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := e.m.WriteRoles(&b); err != nil {
		return err
	}
	return v.file("roles.csv", "text/csv; charset=utf-8", b.String())
}

// file hands out a file.
func (v *visit) file(name, kind, content string) error {
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "private, no-cache")
	if _, err := v.w.Write([]byte(content)); err != nil {
		return errAnswered // the visitor went away
	}
	return nil
}
