package web

import (
	"errors"
	"net/http"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// maker is the page by which a piece is made.
type maker struct {
	path                   string
	heading, about, button string
	kind                   string
	fields                 func(e *editor) []mapField
	texts                  func(e *editor) map[string]string
	make                   func(e *editor, typed map[string]string) (key string, err error)
	made                   func(key string) string // where it leads
	noted                  string
	back                   door
}

// makerView is the form of something new.
type makerView struct {
	Heading, About string
	Back           door
	Form           mapForm
	Picks          []string
}

var makerPage = page[makerView]("map-new.html")

func (n maker) get(s *Server, v *visit) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	return n.render(v, http.StatusOK, e, n.texts(e), nil)
}

func (n maker) render(v *visit, status int, e *editor, values map[string]string, err error) error {
	view := makerView{Heading: v.t(n.heading), About: v.t(n.about), Back: door{Path: n.back.Path, Text: v.t(n.back.Text)}, Picks: e.picks()}
	view.Form = mapForm{Action: n.path, Button: v.t(n.button), Fields: fill("", n.fields(e), values)}
	if err != nil {
		view.Form.refuse(err)
	}
	return makerPage.render(v, status, title{Text: view.Heading}, view)
}

func (n maker) post(s *Server, v *visit) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	typed := typedIn(n.fields(e), v.r.PostForm)
	var key string
	_, err = s.Office.ChangeJourney(v.r.Context(), office.JourneyEdit{By: v.user().ID, Change: func(m *journey.Map) (err error) {
		key, err = n.make(v.editor(m), typed)
		return err
	}})
	var stale *program.Stale
	switch {
	case errors.As(err, &stale):
		return n.render(v, http.StatusConflict, e, typed, &journey.Refused{Why: v.t("Somebody else has changed the map at the same moment. Nothing was saved; send it again.")})
	case err != nil && isRefusal(err):
		return n.render(v, http.StatusUnprocessableEntity, e, typed, err)
	case err != nil:
		return err
	}
	if err := v.noted(n.noted, n.kind+" "+key); err != nil {
		return err
	}
	return v.goTo(n.made(key))
}

// fresh makes a key that nothing of its kind has, and that is no word of an address.
func fresh(name string, taken func(string) bool) string {
	return journey.KeyFor(name, func(k string) bool { return k == "new" || taken(k) })
}
