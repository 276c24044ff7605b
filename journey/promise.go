package journey

import (
	"fmt"
	"slices"
	"strings"
)

// The promises that Throughline knows, and a brand's own.
const (
	Fun    = "fun"    // fun and friendly
	Luxury = "luxury" // nothing is too much
	Care   = "care"   // somebody minds
	Simple = "simple" // simple, easy, efficient
	Own    = "own"    // in its own words
)

// PromiseNames lists them.
func PromiseNames() []string { return []string{Fun, Luxury, Care, Simple, Own} }

func knownPromise(p string) bool { return slices.Contains(PromiseNames(), p) }

// Promise is what service means where it is made.
type Promise struct {
	Name, Title string
	Means       string // for customers and for those who serve, in a few sentences
	// Questions to ask of customers at touchpoints, of candidates and of those who work here.
	AtTouchpoints, AtInterviews, AtPulses []string

	standards map[PlaceKind]bid
}

// bid is a standard that a promise proposes for a kind of touchpoints.
type bid struct {
	notices string
	measure Measure
	target  Target
}

// Promises lists what the known promises mean; a brand's own is told by PromiseOf.
func Promises() []Promise {
	return []Promise{funAndFriendly(), nothingTooMuch(), somebodyMinds(), simpleAndEasy()}
}

// PromiseOf is what a brand's promise means, with its words where it has its own.
func PromiseOf(b Brand) (Promise, bool) {
	if b.Promise == Own {
		return inOwnWords(b.Words), strings.TrimSpace(b.Words) != ""
	}
	for _, p := range Promises() {
		if p.Name == b.Promise {
			return p, true
		}
	}
	return Promise{}, false
}

// Proposal is what a brand could set itself and ask, for people to edit. Nothing of it is in the map yet.
type Proposal struct {
	Means         string     `json:"means"`
	Standards     []Standard `json:"standards"`
	AtTouchpoints []string   `json:"touchpoint_questions"`
	AtInterviews  []string   `json:"interview_questions"`
	AtPulses      []string   `json:"pulse_questions"`
}

// Empty tells whether everything is there already.
func (p Proposal) Empty() bool {
	return len(p.Standards)+len(p.AtTouchpoints)+len(p.AtInterviews)+len(p.AtPulses) == 0
}

// Propose derives standards and questions from a brand's promise, for its touchpoints in the map: those of its journeys, and of the
// journeys of every brand, that have not ended. What kind of touchpoint one is, is read from its name, and else from what is said
// about it. It proposes no standard for a touchpoint that the brand measures by the same already, and no question that it asks already; the same brand
// and map give the same proposal.
func Propose(b Brand, m *Map) Proposal {
	out := Proposal{Standards: []Standard{}, AtTouchpoints: []string{}, AtInterviews: []string{}, AtPulses: []string{}}
	p, ok := PromiseOf(b)
	if !ok {
		return out
	}
	out.Means = p.Means
	out.AtTouchpoints, out.AtInterviews, out.AtPulses = fresh(p.AtTouchpoints, b.AtTouchpoints), fresh(p.AtInterviews, b.AtInterviews), fresh(p.AtPulses, b.AtPulses)
	places := map[PlaceKind][]string{}
	for _, t := range m.Touchpoints {
		if j, ok := m.Journey(t.Journey); t.Retired == nil && ok && j.Retired == nil && (j.Brand == "" || j.Brand == b.Key) {
			kind := t.Kind()
			places[kind] = append(places[kind], t.Key)
		}
	}
	taken := func(key string) bool {
		_, there := m.Standard(key)
		return there || slices.ContainsFunc(out.Standards, func(s Standard) bool { return s.Key == key })
	}
	for _, kind := range PlaceKinds {
		x, ok := p.standards[kind]
		if !ok {
			continue
		}
		s := Standard{Brand: b.Key, Notices: x.notices, Measure: x.measure, Target: x.target}
		for _, key := range places[kind] {
			if !m.measures(b.Key, key, x.measure) {
				s.Touchpoints = append(s.Touchpoints, key)
			}
		}
		if len(s.Touchpoints) > 0 {
			s.Key = KeyFor(fmt.Sprintf("%s %s", b.Key, kind), taken)
			out.Standards = append(out.Standards, s)
		}
	}
	return out
}

// measures tells whether a brand has set a touchpoint a standard of the measure that has not ended.
func (m *Map) measures(brand, touchpoint string, by Measure) bool {
	return slices.ContainsFunc(m.Standards, func(s Standard) bool {
		return s.Brand == brand && s.Until == nil && s.Measure == by && slices.Contains(s.Touchpoints, touchpoint)
	})
}

// fresh are the questions that are not asked yet.
func fresh(questions, asked []string) []string {
	out := []string{}
	for _, q := range questions {
		if !hasName(asked, q) {
			out = append(out, q)
		}
	}
	return out
}
