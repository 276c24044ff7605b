package workforce

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/survival"
)

// trainedEarly compares, from the end of the first year on, those who completed a course of their role in it with those who did not. Whoever left
// in the first year is in neither group: otherwise training would be credited with the time that people had to stay in order to get it (a landmark:
// Anderson, Cain & Gelber 1983). The test and the hazard ratio compare people of one role; the shares that stay are of everybody.
func (w *world) trainedEarly() Comparison {
	c := Comparison{Name: "trained_in_first_year", Groups: []Stay{{Name: "not trained", Of: "group"}, {Name: "trained", Of: "group"}}}
	var rows [2]spells
	people := [2]map[int]bool{{}, {}}
	for i := range w.stays {
		s := &w.stays[i]
		x, ended, ok := w.employed(s)
		start, stop, risk := s.atRisk(&x)
		if !ok || !risk || stop <= year || s.Hired < w.courses {
			continue
		}
		g := 0
		if w.learntRole(s) {
			g = 1
		}
		rows[g].add(max(start, year), stop, ended, s.cluster, s.person, w.roleOn(s, s.Hired+366))
		people[g][s.person] = true
	}
	var all spells
	var group []int
	for g := range rows {
		h := held{people: int64(len(people[g]))}
		if n := int64(len(people[g])); n < w.in.minimum() {
			h.refusal = &evidence.Refusal{Reason: hiddenWhy, Need: hiddenNeed}
			c.Groups[g].Hidden = true
		} else {
			h = w.holdRows(rows[g].Spells, n)
			all.append(rows[g])
			for range rows[g].Stop {
				group = append(group, g)
			}
		}
		c.Groups[g].Retention[0] = evidence.Refuse("both groups are of those who stayed the first year", "a longer stay")
		c.Groups[g].Retention[1], c.Groups[g].Retention[2] = h.retention(w, 2), h.retention(w, 3)
		c.Groups[g].Expected = evidence.Refuse("both groups are of those who stayed the first year", "retention after it")
	}
	switch {
	case !w.has.records:
		w.refuseAll(&c, noRecords)
	default:
		w.contrast(&c, all, group)
		countBoth(&c, people)
	}
	return c
}

// holdRows is the curve of rows that are of no place.
func (w *world) holdRows(s survival.Spells, n int64) held {
	h := held{people: n}
	if !slices.Contains(s.Event, true) {
		h.refusal = &evidence.Refusal{Reason: "nobody left while the books knew them, so that nothing tells how long people stay", Need: "books over a longer time"}
		return h
	}
	curve, err := survival.KaplanMeier(s, survival.LogLog, level)
	if err != nil {
		r := refusalOf(err)
		h.refusal = &r
	}
	h.curve = curve
	return h
}

func (w *world) refuseAll(c *Comparison, why evidence.Refusal) {
	c.P = refuse(why)
	for i := range c.Groups {
		g := &c.Groups[i]
		g.Hazard, g.Expected = refuse(why), refuse(why)
		for j := range g.Retention {
			g.Retention[j] = refuse(why)
		}
	}
}

// countBoth puts the number of people into the hazard ratio of the second of two groups.
func countBoth(c *Comparison, people [2]map[int]bool) {
	if e, ok := c.Groups[1].Hazard.Estimate(); ok {
		c.Groups[1].Hazard = evidence.Confidence(e.Value, e.Low, e.High, e.Level, int64(len(people[0])+len(people[1])), e.Method)
	}
}

// learntRole tells whether somebody completed a course of their role in the first year of a stay.
func (w *world) learntRole(s *stay) bool {
	for i := range w.records[s.person] {
		r := w.records[s.person][i]
		if r.Kind == OfRole && r.done() && r.Completed >= s.Hired && float64(r.Completed-s.Hired) < year {
			return true
		}
	}
	return false
}

// managerLeft compares the days within half a year after one's manager left with all other days on which the manager is known, at the same
// length of stay and in one role. The same people are in both groups, at different times.
func (w *world) managerLeft() Comparison {
	c := Comparison{Name: "manager_left", Groups: []Stay{{Name: "all other time", Of: "group"}, {Name: fmt.Sprintf("within %d days after the manager left", shaken), Of: "group"}}}
	var rows [2]spells
	people := [2]map[int]bool{{}, {}}
	for i := range w.stays {
		w.shakenTime(&w.stays[i], &rows, &people)
	}
	for g := range c.Groups {
		for j := range c.Groups[g].Retention {
			c.Groups[g].Retention[j] = evidence.Refuse("the same people are in both groups, at different times", "the hazard ratio")
		}
		c.Groups[g].Expected = c.Groups[g].Retention[0]
	}
	if !w.has.manager {
		w.refuseAll(&c, noManager)
		return c
	}
	var all spells
	var group []int
	for g := range rows {
		if int64(len(people[g])) < w.in.minimum() {
			c.Groups[g].Hidden = true
			continue
		}
		all.append(rows[g])
		for range rows[g].Stop {
			group = append(group, g)
		}
	}
	w.contrast(&c, all, group)
	countBoth(&c, [2]map[int]bool{people[1], nil})
	return c
}

// shakenTime adds the time of a stay to the rows of the two groups: as soon as a manager leaves to whom somebody reports on that day, the next
// half a year is of the second.
func (w *world) shakenTime(s *stay, rows *[2]spells, people *[2]map[int]bool) {
	if s.unknown {
		return
	}
	var from, to calendar.Day = -Open, -Open // the half year that runs
	for j := range s.pieces {
		x := w.until(s.pieces[j])
		m, known := w.index[x.row.Manager]
		known = known && x.row.Manager != "" && x.row.Manager != x.row.Person
		cuts := []calendar.Day{x.from, x.to}
		if known {
			for _, spell := range w.careers[m].Spells {
				if x.from <= spell.Left && spell.Left < x.to {
					cuts = append(cuts, spell.Left+1, spell.Left+1+shaken)
				}
			}
		}
		cuts = append(cuts, to)
		slices.Sort(cuts)
		for i := 1; i < len(cuts); i++ {
			y := piece{from: max(cuts[i-1], x.from), to: min(cuts[i], x.to), row: x.row, employee: x.employee}
			if known && y.from > x.from && y.from <= x.to && w.leftOn(m, y.from-1) {
				from, to = y.from, y.from+shaken
			}
			inside := from <= y.from && y.from < to
			start, stop, ok := s.atRisk(&y)
			if y.from >= y.to || !ok || !known && !inside {
				continue
			}
			g := 0
			if inside {
				g = 1
			}
			last := j == len(s.pieces)-1 && y.to == x.to
			rows[g].add(start, stop, last && s.ended(), s.cluster, s.person, numbered(w.roles, y.row.Role))
			people[g][s.person] = true
		}
	}
}

// leftOn tells whether a day was the last of a person's spell.
func (w *world) leftOn(person int, d calendar.Day) bool {
	for _, s := range w.careers[person].Spells {
		if s.Left == d {
			return true
		}
	}
	return false
}
