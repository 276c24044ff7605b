package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// editor is the journey map as one visitor edits it.
type editor struct {
	v     *visit
	m     *journey.Map
	today calendar.Day
	names map[string]string // touchpoint → what it is called, unlike every other
	keys  map[string]string // and back, folded
}

// editor reads the map for a page.
func (s *Server) editor(v *visit) (*editor, error) {
	m, _, err := s.Office.Journey(v.r.Context())
	if err != nil {
		return nil, err
	}
	return v.editor(m), nil
}

// editor is one over a map, which may be about to be changed.
func (v *visit) editor(m *journey.Map) *editor {
	e := &editor{v: v, m: m, today: v.today(), names: map[string]string{}, keys: map[string]string{}}
	seen := map[string]int{}
	for _, t := range m.Touchpoints {
		seen[journey.Fold(t.Name)]++
	}
	for _, t := range m.Touchpoints {
		name := strings.TrimSpace(t.Name)
		if seen[journey.Fold(t.Name)] > 1 {
			name += " (" + t.Key + ")"
		}
		e.names[t.Key], e.keys[journey.Fold(name)] = name, t.Key
	}
	return e
}

// picked is the touchpoint that a text names: as the list has it, or by its key.
func (e *editor) picked(text string) (string, bool) {
	if key, ok := e.keys[journey.Fold(text)]; ok {
		return key, true
	}
	_, ok := e.m.Touchpoint(text)
	return text, ok
}

// called is what a touchpoint is called.
func (e *editor) called(key string) string { return orElse(e.names[key], key) }

// picks are the touchpoints that can be picked.
func (e *editor) picks() []string {
	var out []string
	for _, t := range e.m.Touchpoints {
		if t.Open(e.today) {
			out = append(out, e.names[t.Key])
		}
	}
	return out
}

// stages are all places of the map, as one choice of a journey and a stage.
func (e *editor) stages() []mapOption {
	var out []mapOption
	for _, j := range e.m.Journeys {
		for _, s := range j.Stages {
			out = append(out, mapOption{Value: j.Key + "/" + s.Key, Text: e.v.t("%s: %s", j.Name, s.Name)})
		}
	}
	return out
}

// holders are the departments that can hold something, with one that stands for none.
func (e *editor) holders(none string) []mapOption {
	out := []mapOption{{Text: none}}
	for _, d := range e.m.Departments {
		if d.Open(e.today) {
			out = append(out, mapOption{Value: d.Key, Text: d.Name, Data: true})
		}
	}
	return out
}

// reached are all touchpoints by journey and stage, to tick some.
func (e *editor) reached() []tickGroup {
	var out []tickGroup
	at := map[string]int{}
	for _, j := range e.m.Journeys {
		for _, s := range j.Stages {
			at[j.Key+"/"+s.Key] = len(out)
			out = append(out, tickGroup{Name: e.v.t("%s: %s", j.Name, s.Name)})
		}
	}
	for _, t := range e.m.Touchpoints {
		i, ok := at[t.Journey+"/"+t.Stage]
		if !ok || !t.Open(e.today) {
			continue
		}
		out[i].Boxes = append(out[i].Boxes, mapOption{Value: t.Key, Text: t.Name})
	}
	return slices.DeleteFunc(out, func(g tickGroup) bool { return len(g.Boxes) == 0 })
}

// offered tells whether a touchpoint can be ticked today.
func (e *editor) offered(key string) bool {
	t, ok := e.m.Touchpoint(key)
	if !ok || !t.Open(e.today) {
		return false
	}
	j, ok := e.m.Journey(t.Journey)
	if ok {
		_, ok = j.Stage(t.Stage)
	}
	return ok
}

// tickable are the touchpoints of a list that a form shows, and kept those that it does not: they have ended, and stay as they are.
func (e *editor) tickable(keys []string) (tickable, kept []string) {
	for _, key := range keys {
		if e.offered(key) {
			tickable = append(tickable, key)
		} else {
			kept = append(kept, key)
		}
	}
	return tickable, kept
}

// act is one form of a piece's page: what it asks, and what it does to the map.
type act[T any] struct {
	name                   string // the last part of its address; empty: the page's own form
	heading, about, button string
	fields                 func(e *editor, x T) []mapField
	texts                  func(e *editor, x T) map[string]string
	apply                  func(e *editor, key string, typed map[string]string) error
	noted                  string                    // what the audit log says was done
	fits                   func(e *editor, x T) bool // nil: always
	leads                  string                    // where it leads; empty: back to its page
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
	return v.goTo(orElse(a.leads, p.path(*x)+"?done=saved"))
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
