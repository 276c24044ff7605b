package sim

import (
	"math"
	"slices"

	"github.com/throughline/throughline/calendar"
)

// For how many days a passed course and a leader's leaving tell.
const (
	taughtDays = 365
	bereftDays = 180
)

// spell is a stretch of a stay, in days since 1970, in which the hazard of
// leaving is one number. Base is the hazard a day by the first year and the
// interview alone.
type spell struct {
	from, to       float64
	base           float64
	first          bool
	taught, bereft bool
}

// hazard is a spell's hazard of leaving, a day.
func (st *staff) hazard(x spell) float64 {
	h := x.base
	if x.taught {
		h *= exp(-st.Staff.Keeps)
	}
	if x.bereft {
		h *= st.Staff.ManagerChange
	}
	return h
}

type span struct{ from, to float64 }

// spells cuts a stay into spells, the last without an end.
func (st *staff) spells(p *person) []spell {
	hired := float64(p.hired)
	var taught, bereft []span
	for _, c := range p.courses {
		if c.skill() {
			on := float64(dayOfSeconds(c.at)) + 1
			taught = append(taught, span{on, on + taughtDays})
		}
	}
	if p.lead >= 0 {
		for _, i := range st.places[p.lead] {
			if left := st.people[i].left; left > p.hired && left < st.horizon() {
				bereft = append(bereft, span{float64(left), float64(left) + bereftDays})
			}
		}
	}
	cuts := []float64{hired, hired + 365}
	for _, x := range append(slices.Clone(taught), bereft...) {
		cuts = append(cuts, x.from, x.to)
	}
	slices.Sort(cuts)
	cuts = append(slices.Compact(cuts), math.Inf(1))
	var out []spell
	early := float64(st.Staff.Turnover*st.Staff.FirstYear) * exp(-float64(st.Staff.Validity*p.z())) / 365
	for i, from := range cuts[:len(cuts)-1] {
		covers := func(x span) bool { return x.from <= from && from < x.to }
		x := spell{from: from, to: cuts[i+1], base: st.Staff.Turnover / 365, taught: slices.ContainsFunc(taught, covers), bereft: slices.ContainsFunc(bereft, covers)}
		if x.first = from < hired+365; x.first {
			x.base = early
		}
		out = append(out, x)
	}
	return out
}

// tenure is the day of a stay at which its summed hazard comes to a number.
func (st *staff) tenure(p *person, left float64) float64 {
	for _, x := range st.spells(p) {
		h := st.hazard(x)
		if more := float64(h * (x.to - x.from)); left >= more && !math.IsInf(x.to, 1) {
			left -= more
			continue
		}
		if h == 0 {
			break
		}
		return x.from - float64(p.hired) + left/h
	}
	return math.Inf(1)
}

// exposure is what leaving was open to in one state: days, exits, the exits that
// the hazards make likely, and those that they would without the state's factor.
type exposure struct {
	days, likely, base float64
	exits              int64
}

func (e *exposure) add(st *staff, x spell, days float64, factor float64, left bool) {
	h := float64(st.hazard(x) * days)
	e.days += days
	e.likely += h
	if factor > 0 {
		e.base += h / factor
	}
	if left {
		e.exits++
	}
}

// exposures gathers them over the months of the books, by the first year, by
// whether a course tells and by whether a leader has left.
func (st *staff) exposures() (first, taught, bereft [2]exposure) {
	at := func(on bool) int {
		if on {
			return 1
		}
		return 0
	}
	for i := range st.people {
		p := &st.people[i]
		end := float64(p.hired) + p.tenure
		for _, x := range st.spells(p) {
			from, to := max(x.from, float64(st.Start)), min(x.to, end, float64(st.End))
			if from >= to {
				continue
			}
			left := to == end && p.left <= st.End
			first[at(x.first)].add(st, x, to-from, 1, left)
			taught[at(x.taught)].add(st, x, to-from, [2]float64{1, exp(-st.Staff.Keeps)}[at(x.taught)], left)
			bereft[at(x.bereft)].add(st, x, to-from, [2]float64{1, st.Staff.ManagerChange}[at(x.bereft)], left)
		}
	}
	return first, taught, bereft
}

// presentOn tells whether a stay holds on a day.
func (p *person) presentOn(day calendar.Day) bool { return p.hired <= day && day < p.left }
