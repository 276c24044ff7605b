package workforce

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/survival"
)

// held is the curve of those who stay at a place, or why there is none.
type held struct {
	at      int
	people  int64
	curve   *survival.Curve
	refusal *evidence.Refusal
}

// atRisk are the days of a piece on which somebody could have been seen leaving, in days since hiring; false: there are none. Before the books
// knew a stay it could not have ended without never being known, and without a day of hiring nobody knows how long it had been.
func (s *stay) atRisk(x *piece) (start, stop float64, ok bool) {
	from, to := max(x.from, s.Seen), x.to
	if !x.employee || s.unknown || from >= to {
		return 0, 0, false
	}
	return float64(from - s.Hired), float64(to - s.Hired), true
}

// until is a piece without what lies at or after the period's end.
func (w *world) until(x piece) piece {
	x.to = min(x.to, w.p.End)
	return x
}

// spells are rows at risk, in years since hiring, with the cluster, the person and the stratum of each.
type spells struct {
	survival.Spells
	cluster, person, stratum []int
}

func (r *spells) add(start, stop float64, event bool, cluster, person, stratum int) {
	r.Start, r.Stop, r.Event = append(r.Start, start/year), append(r.Stop, stop/year), append(r.Event, event)
	r.cluster, r.person, r.stratum = append(r.cluster, cluster), append(r.person, person), append(r.stratum, stratum)
}

func (r *spells) events() (n int) {
	for _, e := range r.Event {
		if e {
			n++
		}
	}
	return n
}

// timeAt gathers who is at risk at the places of a dimension, -1 being the company: a row for each unbroken time of a stay in one group.
func (w *world) timeAt(k int) []spells {
	groups := 1
	if k >= 0 {
		groups = len(w.names[k])
	}
	out := make([]spells, groups)
	group := func(x *piece) int {
		if k < 0 {
			return 0
		}
		return x.in[k]
	}
	for i := range w.stays {
		s := &w.stays[i]
		for j := 0; j < len(s.pieces); {
			x := w.until(s.pieces[j])
			g := group(&x)
			for j++; j < len(s.pieces) && s.pieces[j].employee == x.employee && group(&s.pieces[j]) == g; j++ {
				x.to = min(s.pieces[j].to, w.p.End)
			}
			if start, stop, ok := s.atRisk(&x); ok {
				out[g].add(start, stop, j == len(s.pieces) && s.ended(), s.cluster, s.person, 0)
			}
		}
	}
	return out
}

// measureStays estimates the curve of each place, and the years to which stays are counted.
func (w *world) measureStays() {
	for i := range w.stays {
		w.stays[i].cluster = w.clusterOf(&w.stays[i])
	}
	w.curves = make([]held, w.places)
	for k := -1; k < dimensions; k++ {
		rows := w.timeAt(k)
		w.time[1+k] = rows
		for g, at := range w.placesOf(k) {
			w.curves[at] = w.hold(at, rows[g].Spells)
		}
	}
	w.horizon = w.furthest()
}

func (w *world) hold(at int, s survival.Spells) held {
	h := held{at: at, people: w.size[ever][at]}
	refused := func(r evidence.Refusal) held {
		h.refusal = &r
		return h
	}
	switch {
	case w.hidden[ever][at]:
		return refused(evidence.Refusal{Reason: hiddenWhy, Need: hiddenNeed})
	case !w.has.left:
		return refused(noLeft)
	case len(s.Stop) == 0:
		return refused(evidence.Refusal{Reason: "nobody was under observation whose day of hiring is known", Need: "hired_on in people, and rows from well before the period’s end"})
	case !slices.Contains(s.Event, true):
		return refused(evidence.Refusal{Reason: "nobody left while the books knew them, so that nothing tells how long people stay", Need: "books over a longer time"})
	}
	curve, err := survival.KaplanMeier(s, survival.LogLog, level)
	if err != nil {
		return refused(refusalOf(err))
	}
	h.curve = curve
	return h
}

func refusalOf(err error) evidence.Refusal {
	var r evidence.Refusal
	if errors.As(err, &r) {
		return evidence.Refusal{Reason: "the time at risk allows no estimate", Need: "more people, seen for longer"} // its own words may count people
	}
	return evidence.Refusal{Reason: err.Error(), Need: "a report of this as a fault"}
}

// thin tells whether somebody left by time t while fewer people than the minimum were under observation: one step of the curve would then
// rest on nearly nobody, and be about them.
func (w *world) thin(c *survival.Curve, t float64) bool {
	for _, p := range c.Points {
		if p.Time <= t && p.Events > 0 && p.AtRisk < float64(w.in.minimum()) {
			return true
		}
	}
	return false
}

// furthest is the largest whole number of years, at most the horizon asked for, up to which enough people were under observation.
func (w *world) furthest() int {
	most := w.in.Horizon
	if most <= 0 {
		most = furthest
	}
	c := w.curves[whole].curve
	for ; most > 0 && c != nil; most-- {
		if p, err := c.At(float64(most)); err == nil && p.AtRisk >= float64(w.in.minimum()) && !w.thin(c, float64(most)) {
			return most
		}
	}
	return 0
}

var (
	tooThin     = evidence.Refusal{Reason: "somebody left after a stay of a length at which too few people were under observation", Need: "a larger group, or books over a longer time"}
	noneEarlier = evidence.Refusal{Reason: "nobody under observation left after so short a stay, which leaves no interval", Need: "a larger group, or books over a longer time"}
	tooShort    = evidence.Refusal{Reason: "so long stays were not under observation", Need: "books over a longer time"}
	allAreOut   = evidence.Refusal{Reason: "nobody under observation stayed so long, which leaves no interval", Need: "books over a longer time"}
)

// figure makes a figure of the curve unless it is refused; t is up to when it looks.
func (h held) figure(w *world, t float64, value func() (v, low, high float64), how string) evidence.Figure {
	if h.refusal != nil {
		return refuse(*h.refusal)
	}
	if w.thin(h.curve, t) {
		return refuse(tooThin)
	}
	v, low, high := value()
	for _, x := range []float64{v, low, high} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return refuse(allAreOut)
		}
	}
	return evidence.Confidence(evidence.Float(v), evidence.Float(low), evidence.Float(high), level, h.people, how)
}

// expected is the mean stay up to the horizon.
func (h held) expected(w *world) evidence.Figure {
	if h.refusal != nil {
		return refuse(*h.refusal)
	}
	tau := float64(w.horizon)
	m, err := h.curve.RestrictedMean(tau)
	if err != nil || w.horizon == 0 {
		return refuse(tooShort)
	}
	if m.SE == 0 {
		return refuse(noneEarlier) // an interval of no width would say that nobody will ever leave before
	}
	return h.figure(w, tau, func() (float64, float64, float64) {
		half := float64(z975 * m.SE)
		return m.Value, max(0, m.Value-half), min(tau, m.Value+half)
	}, fmt.Sprintf("mean years of a stay, counted up to %d; %s; Greenwood’s error", w.horizon, kaplanWords))
}

// median is the time by which half have left.
func (h held) median(w *world) evidence.Figure {
	if h.refusal != nil {
		return refuse(*h.refusal)
	}
	m := h.curve.Median()
	if math.IsInf(m.High, 1) || math.IsNaN(m.High) {
		return evidence.Refuse("fewer than half have surely left by the longest stay under observation", "books over a longer time")
	}
	return h.figure(w, m.High, func() (float64, float64, float64) { return m.Value, m.Low, m.High },
		"years by which half have left; "+kaplanWords+"; interval by Brookmeyer & Crowley (1982), log-log")
}

// retention is the share that stays t years.
func (h held) retention(w *world, t int) evidence.Figure {
	if h.refusal != nil {
		return refuse(*h.refusal)
	}
	p, err := h.curve.At(float64(t))
	switch {
	case err != nil:
		return refuse(tooShort)
	case p.Survival == 1:
		return refuse(noneEarlier)
	}
	return h.figure(w, float64(t), func() (float64, float64, float64) { return p.Survival, p.Low, p.High },
		fmt.Sprintf("share that stays %d years; %s; interval log-log", t, kaplanWords))
}

// clusterOf are those whose stays may end together: who has the same manager at the beginning of the stay, or else the same team; where
// neither is known, the person alone.
func (w *world) clusterOf(s *stay) int {
	r := s.pieces[0].row
	if m, ok := w.index[r.Manager]; ok && r.Manager != "" {
		return m
	}
	if r.Team != "" {
		return len(w.careers) + numbered(w.teams, r.Team)
	}
	return -1 - s.person
}

// numbered is the number of a name, which it gets when it is first asked for.
func numbered(of map[string]int, name string) int {
	n, ok := of[name]
	if !ok {
		n = len(of)
		of[name] = n
	}
	return n
}

// roleOn is the number of the role that a stay had on a day, among which comparisons are made.
func (w *world) roleOn(s *stay, day calendar.Day) int {
	return numbered(w.roles, s.At(day).Role)
}
