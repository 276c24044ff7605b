package web

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
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
