package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// journeyImportView is what a file or a template would change of the map, before anything is.
type journeyImportView struct {
	Name     string // of the file, or the template's title
	Template string // empty: it is a file
	Content  string // of a file, in base64
	Whole    bool
	Table    bool // a table takes nothing away
	Version  int64
	Again    bool // the map has changed since it was looked at
	Added    []importCount
	Changed  []mapChange
	Gone     []mapChange
	More     int // changes that are not listed
	Same     bool
}

// importCount is how many of a kind are added, with the first of them.
type importCount struct {
	Kind  string
	Count int
	First []string
}

var journeyImportPage = page[journeyImportView]("journey-import.html")

// How much a file of the map may have, and a form that hands it back.
const (
	mapSize     = 8 << 20
	mapFormSize = 12 << 20
)

// importListed is how many changes a preview lists, and namesListed how many names of a kind.
const (
	importListed = 100
	namesListed  = 12
)

// brought is what somebody brings to the map.
type brought struct {
	name, template string
	content        []byte
	whole          bool
}

// table tells a table (CSV) from a map (JSON).
func (b brought) table() bool {
	return b.template == "" && !bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(b.content, []byte("\ufeff"))), []byte("{"))
}

// change is what it does to the map.
func (b brought) change(e *editor) func(*journey.Map) error {
	return func(m *journey.Map) error {
		if b.table() {
			return m.MergeTable(bytes.NewReader(b.content), e.today)
		}
		var other journey.Map
		var err error
		if b.template != "" {
			other, err = journey.Template(b.template)
		} else {
			other, err = journey.Read(bytes.NewReader(b.content))
		}
		if err != nil {
			return err
		}
		m.Take(other, b.whole)
		return nil
	}
}

// broughtIn reads the form: a template's name, a file, or a file that was looked at and is handed back.
func (v *visit) broughtIn() (brought, error) {
	var out brought
	if err := v.r.ParseMultipartForm(mapFormSize); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return out, err
		}
		return out, errors.Join(errIllegible, err)
	}
	out.template, out.whole, out.name = v.r.FormValue("template"), v.r.FormValue("whole") != "", shown(v.r.FormValue("name"))
	if out.template != "" {
		i := slices.IndexFunc(journey.Templates(), func(s journey.Sample) bool { return s.Name == out.template })
		if i >= 0 {
			out.name = journey.Templates()[i].Title
		}
		return out, nil
	}
	if text := v.r.FormValue("content"); text != "" {
		content, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return out, errors.Join(errIllegible, err)
		}
		out.content = content
		return out, nil
	}
	file, head, err := v.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return out, nil
	}
	if err != nil {
		return out, errors.Join(errIllegible, err)
	}
	out.name = shown(path.Base(strings.ReplaceAll(head.Filename, `\`, "/")))
	out.content, err = io.ReadAll(io.LimitReader(file, mapSize+1))
	return out, errors.Join(err, file.Close())
}

// journeyImport shows what a file or a template would change.
func (s *Server) journeyImport(v *visit) error {
	b, err := v.broughtIn()
	if err != nil {
		return err
	}
	switch {
	case b.template == "" && len(b.content) == 0:
		return s.showJourneyEdit(v, http.StatusUnprocessableEntity, v.t("No file was chosen, or it is empty."))
	case len(b.content) > mapSize:
		return s.showJourneyEdit(v, http.StatusUnprocessableEntity, v.t("%s is larger than %d MB, the most that this page takes.", b.name, mapSize>>20))
	}
	return s.previewed(v, http.StatusOK, b, false)
}

// previewed answers with what would change.
func (s *Server) previewed(v *visit, status int, b brought, again bool) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	changes, version, err := s.Office.TryJourney(v.r.Context(), b.change(e))
	if why, refused := unreadMap(err); refused {
		return s.showJourneyEdit(v, http.StatusUnprocessableEntity, why...)
	}
	if err != nil {
		return err
	}
	view := journeyImportView{Name: b.name, Template: b.template, Whole: b.whole, Table: b.table(), Version: version, Again: again, Same: len(changes) == 0}
	if b.template == "" {
		view.Content = base64.StdEncoding.EncodeToString(b.content)
	}
	if err := view.list(s, v, e, changes); err != nil {
		return err
	}
	return journeyImportPage.render(v, status, title{Text: v.t("What would change")}, view)
}

// list sorts changes by what they do.
func (l *journeyImportView) list(s *Server, v *visit, e *editor, changes []program.Change) error {
	for _, c := range changes {
		if c.Before == nil {
			line, err := s.mapChange(v, e, c)
			if err != nil {
				return err
			}
			l.add(line)
			continue
		}
		if len(l.Changed)+len(l.Gone) >= importListed {
			l.More++
			continue
		}
		line, err := s.mapChange(v, e, c)
		if err != nil {
			return err
		}
		if line.Gone {
			l.Gone = append(l.Gone, line)
		} else {
			l.Changed = append(l.Changed, line)
		}
	}
	return nil
}

func (l *journeyImportView) add(line mapChange) {
	i := slices.IndexFunc(l.Added, func(a importCount) bool { return a.Kind == line.Kind })
	if i < 0 {
		i, l.Added = len(l.Added), append(l.Added, importCount{Kind: line.Kind})
	}
	if a := &l.Added[i]; len(a.First) < namesListed {
		a.First = append(a.First, line.Name)
	}
	l.Added[i].Count++
}

// unreadMap tells what is wrong with a file of the map.
func unreadMap(err error) (why []string, refused bool) {
	var misread *journey.Misread
	var rules *office.JourneyRefusal
	var no *journey.Refused
	switch {
	case errors.As(err, &misread):
		return []string{misread.Error()}, true
	case errors.As(err, &no):
		return []string{no.Why}, true
	case errors.As(err, &rules):
		for _, p := range rules.Problems[:min(len(rules.Problems), mostProblems)] {
			why = append(why, p.Error())
		}
		return why, true
	}
	return nil, false
}

// journeyTaken takes what was looked at. When the map has changed since, it is shown again.
func (s *Server) journeyTaken(v *visit) error {
	b, err := v.broughtIn()
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(v.r.FormValue("version"), 10, 64)
	if err != nil || b.template == "" && len(b.content) == 0 {
		return v.notWhole("/journey/edit")
	}
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	_, err = s.Office.ChangeJourney(v.r.Context(), office.JourneyEdit{By: v.user().ID, Seen: &version, Change: b.change(e)})
	var stale *program.Stale
	if errors.Is(err, office.ErrMapChanged) || errors.As(err, &stale) {
		// Pressed twice, the first time has taken it: all that is in it is on the map.
		if left, _, err := s.Office.TryJourney(v.r.Context(), b.change(e)); err == nil && len(left) == 0 {
			return v.goTo("/journey/edit?done=taken")
		}
		return s.previewed(v, http.StatusConflict, b, true)
	}
	if why, refused := unreadMap(err); refused {
		return s.showJourneyEdit(v, http.StatusUnprocessableEntity, why...)
	}
	if err != nil {
		return err
	}
	if err := v.noted("map read in", orElse(b.template, "a file")); err != nil {
		return err
	}
	return v.goTo("/journey/edit?done=taken")
}
