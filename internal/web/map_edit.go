package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// act is one form of a piece's page: what it asks, and what it does to the map.
type act[T any] struct {
	name                   string // the last part of its address; empty: the page's own form
	heading, about, button string
	fields                 func(e *editor, x T) []mapField
	texts                  func(e *editor, x T) map[string]string
	apply                  func(e *editor, key string, typed map[string]string) error
	noted                  string                     // what the audit log says was done
	fits                   func(e *editor, x T) bool  // nil: always
	leads                  func(v *visit, x T) string // where it leads; nil: back to its page
}

// piece is how one kind of thing of the map is shown and changed.
type piece[T any] struct {
	kind   string
	value  string // of the address; empty: key
	find   func(m *journey.Map, key string) (*T, bool)
	path   func(x T) string
	acts   []act[T]
	facets func(e *editor, x T) []mapField // of the history, in addition to the first form's fields
	says   func(e *editor, x T) map[string]string
	show   func(v *visit, status int, e *editor, x T, p pieceView) error
	lost   func(v *visit) error // there is none
}

// pieceView is what the pages of all pieces have.
type pieceView struct {
	Path      string
	Forms     []mapForm
	Picks     []string // touchpoints to pick from
	Stale     *meanwhile
	Refused   *mapForm // the form that was refused
	History   []editLine
	MayChange bool
	Done      bool
}

func (p *piece[T]) named() string { return orElse(p.value, "key") }

// keyed is the piece that the address names.
func (p *piece[T]) keyed(s *Server, v *visit) (*editor, *T, error) {
	e, err := s.editor(v)
	if err != nil {
		return nil, nil, err
	}
	x, ok := p.find(e.m, v.r.PathValue(p.named()))
	if !ok {
		return nil, nil, errors.Join(p.lost(v), errAnswered)
	}
	return e, x, nil
}

// get answers with the page of a piece.
func (p *piece[T]) get(s *Server, v *visit) error {
	e, x, err := p.keyed(s, v)
	if err != nil {
		return err
	}
	return p.render(s, v, http.StatusOK, e, *x, sentForm{})
}

// sentForm is a form that was sent and not taken.
type sentForm struct {
	name    string
	version int64
	typed   map[string]string
	err     error
	stale   *meanwhile
}

// render answers with the page over the form that was not taken, if one was.
func (p *piece[T]) render(s *Server, v *visit, status int, e *editor, x T, sent sentForm) error {
	key := v.r.PathValue(p.named())
	version, err := s.Office.PieceVersion(v.r.Context(), p.kind, key)
	if err != nil {
		return err
	}
	view := pieceView{Path: p.path(x), Stale: sent.stale, Picks: e.picks(), MayChange: v.may(access.ChangeJourney), Done: v.r.URL.Query().Get("done") == "saved" && sent.typed == nil}
	for _, a := range p.acts {
		if !view.MayChange || a.fits != nil && !a.fits(e, x) {
			continue
		}
		form := mapForm{Name: a.name, Action: view.Path, Heading: v.t(a.heading), About: v.t(a.about), Button: v.t(a.button), Version: version, Act: a.name != ""}
		if a.about == "" {
			form.About = ""
		}
		if a.name != "" {
			form.Action = strings.TrimSuffix(view.Path, "/edit") + "/" + a.name
		}
		values := a.texts(e, x)
		if sent.typed != nil && sent.name == a.name {
			values, form.Version = sent.typed, sent.version
		}
		form.Fields = fill(formPrefix(a.name), a.fields(e, x), values)
		if sent.err != nil && sent.name == a.name {
			form.refuse(sent.err)
			view.Refused = &form
		}
		view.Forms = append(view.Forms, form)
	}
	if view.History, err = p.history(s, v, e, key); err != nil {
		return err
	}
	return p.show(v, status, e, x, view)
}

func formPrefix(name string) string {
	if name == "" {
		return ""
	}
	return name + "-"
}

// refuse puts a refusal beside the fields that it is about, and what is about none above the form.
func (f *mapForm) refuse(err error) {
	f.Wrong = true
	var wrong mistyped
	var refusal *office.JourneyRefusal
	var refused *journey.Refused
	switch {
	case errors.As(err, &wrong):
		for _, w := range wrong {
			i := slices.IndexFunc(f.Fields, func(x mapField) bool { return x.Name == w.field })
			if i < 0 {
				f.Problems = append(f.Problems, w.what)
				continue
			}
			if f.Fields[i].Wrong != "" {
				w.what = f.Fields[i].Wrong + "; " + w.what
			}
			f.Fields[i].Wrong = w.what
		}
	case errors.As(err, &refusal):
		for _, p := range refusal.Problems[:min(len(refusal.Problems), mostProblems)] {
			f.Problems = append(f.Problems, p.Error())
		}
	case errors.As(err, &refused):
		f.Problems = append(f.Problems, refused.Why)
	}
}

// mostProblems are listed of a refused change.
const mostProblems = 20

// post takes a form of the piece's page.
func (p *piece[T]) post(s *Server, v *visit, name string) error {
	e, x, err := p.keyed(s, v)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.acts, func(a act[T]) bool { return a.name == name })
	version, err := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
	if err != nil || i < 0 {
		return v.notWhole(p.path(*x))
	}
	a, key := p.acts[i], v.r.PathValue(p.named())
	sent := sentForm{name: name, version: version, typed: typedIn(a.fields(e, *x), v.r.PostForm)}
	change := func(version int64, typed map[string]string) error {
		_, err := s.Office.ChangeJourney(v.r.Context(), office.JourneyEdit{
			By: v.user().ID, Read: []office.Read{{Kind: p.kind, Key: key, Version: version}},
			Change: func(m *journey.Map) error { return a.apply(v.editor(m), key, typed) },
		})
		return err
	}
	sent.err = change(version, sent.typed)
	var stale *program.Stale
	if errors.As(sent.err, &stale) && stale.Entity.Kind == p.kind {
		now, next, met, err := p.meet(s, v, a, key, stale, sent.typed)
		if err != nil {
			return err
		}
		if now == nil {
			return p.lost(v)
		}
		if len(met.Fields) > 0 {
			return p.render(s, v, http.StatusConflict, now.e, *now.x, sentForm{name: name, version: now.version, typed: next, stale: met})
		}
		// What changed meanwhile stands in no field of this form, such as its place among others.
		sent.err = change(now.version, sent.typed)
	}
	if sent.err != nil {
		if !isRefusal(sent.err) {
			return sent.err
		}
		return p.render(s, v, http.StatusUnprocessableEntity, e, *x, sent)
	}
	if err := v.noted(a.noted, p.kind+" "+key); err != nil {
		return err
	}
	if a.leads != nil {
		return v.goTo(a.leads(v, *x))
	}
	return v.goTo(p.path(*x) + "?done=saved")
}

// isRefusal tells what the visitor can mend from a fault.
func isRefusal(err error) bool {
	var wrong mistyped
	var refusal *office.JourneyRefusal
	var refused *journey.Refused
	return errors.As(err, &wrong) || errors.As(err, &refusal) || errors.As(err, &refused)
}

// newer is a piece as it is now.
type newer[T any] struct {
	e       *editor
	x       *T
	version int64
}

// meet puts what was typed beside what changed meanwhile; nil when the piece is no more.
func (p *piece[T]) meet(s *Server, v *visit, a act[T], key string, stale *program.Stale, typed map[string]string) (*newer[T], map[string]string, *meanwhile, error) {
	e, err := s.editor(v)
	if err != nil {
		return nil, nil, nil, err
	}
	x, ok := p.find(e.m, key)
	if !ok {
		return nil, nil, nil, nil
	}
	version, err := s.Office.PieceVersion(v.r.Context(), p.kind, key)
	if err != nil {
		return nil, nil, nil, err
	}
	base := *x
	if len(stale.Meanwhile) > 0 && stale.Meanwhile[0].Before != nil {
		base = *new(T)
		if err := json.Unmarshal(stale.Meanwhile[0].Before, &base); err != nil {
			return nil, nil, nil, err
		}
	}
	fields := a.fields(e, *x)
	var labels []labelled
	for _, f := range fields {
		labels = append(labels, labelled{f.Name, f.Label})
	}
	met := &meanwhile{By: s.changers(v, stale.Meanwhile)}
	var next map[string]string
	met.Fields, next = edited{was: a.texts(e, base), is: a.texts(e, *x), typed: typed}.meet(labels)
	for i := range met.Fields {
		j := slices.IndexFunc(fields, func(f mapField) bool { return f.Label == met.Fields[i].Label })
		c := &met.Fields[i]
		c.Before, c.After, c.Yours = fields[j].say(v, c.Before), fields[j].say(v, c.After), fields[j].say(v, c.Yours)
	}
	return &newer[T]{e, x, version}, next, met, nil
}

// history are the changes of a piece in words, newest first.
func (p *piece[T]) history(s *Server, v *visit, e *editor, key string) ([]editLine, error) {
	if s.Office.Things == nil {
		return nil, nil
	}
	changes, err := s.Office.PieceChanges(v.r.Context(), p.kind, key)
	if err != nil {
		return nil, err
	}
	slices.Reverse(changes)
	var out []editLine
	for _, c := range changes[:min(len(changes), longHistory)] {
		line, err := p.line(s, v, e, c)
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

// line is one change in words.
func (p *piece[T]) line(s *Server, v *visit, e *editor, c program.Change) (editLine, error) {
	line := editLine{Who: s.whose(v, c.By), When: v.moment(c.At), First: c.Before == nil}
	var was, is T
	for _, x := range []struct {
		body json.RawMessage
		into *T
	}{{c.Before, &was}, {c.After, &is}} {
		if x.body == nil {
			continue
		}
		if err := json.Unmarshal(x.body, x.into); err != nil {
			return line, err
		}
	}
	before, after := p.says(e, was), p.says(e, is)
	for _, f := range p.facets(e, is) {
		b, a := f.say(v, before[f.Name]), f.say(v, after[f.Name])
		if c.Before == nil {
			b = ""
		}
		if b != a && (c.Before != nil || before[f.Name] != after[f.Name]) {
			line.Fields = append(line.Fields, changedField{Label: f.Label, Before: b, After: a})
		}
	}
	return line, nil
}
