package workforce

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/survival"
)

// Staying is who stays, of groups of people. What goes with staying need not be why.
type Staying struct {
	Horizon     int // years to which the expected stay is counted
	Company     Stay
	By          []Comparison // role, department, team
	Trained     Comparison   // from the first year on, by training in it
	ManagerLeft Comparison   // within half a year after one's manager left, against all other time
}

// Stay is how long people of one group stay.
type Stay struct {
	Name, Of  string
	Hidden    bool
	Retention [3]evidence.Figure // share that stays 1, 2 and 3 years
	Expected  evidence.Figure
	// Hazard is how soon people leave against those of the reference at the same length of stay.
	Hazard evidence.Figure
}

// Comparison sets groups beside each other.
type Comparison struct {
	Name      string
	Reference string // the group that the others' hazards are held to
	Groups    []Stay
	// P is the chance of groups as different, were all alike (log-rank), and Adjusted the same for having looked at all comparisons.
	P, Adjusted evidence.Figure
	p           float64
	tested      bool
}

const (
	perCovariate = 10  // people who left for each group compared (Peduzzi et al. 1995)
	perGroup     = 5   // people who left for each group of a log-rank test, on average
	fewClusters  = 20  // below it errors are clustered by person
	shaken       = 180 // days after one's manager left
)

var (
	noReference = evidence.Refusal{Reason: "it is what the others are held to", Need: "another group"}
	fewLeft     = evidence.Refusal{Reason: "too few people left for the groups compared", Need: fmt.Sprintf("%d who left for each group compared", perCovariate)}
	oneGroup    = evidence.Refusal{Reason: "there are no two groups that can be told", Need: "two groups of the smallest size that is told"}
)

func (w *world) staying() Staying {
	s := Staying{Horizon: w.horizon, Company: w.stayOf(whole, "", "group")}
	s.Company.Hazard = refuse(noReference)
	for _, k := range []int{byRole, byDepartment, byTeam} {
		if c, ok := w.compare(k); ok {
			s.By = append(s.By, c)
		}
	}
	s.Trained = w.trainedEarly()
	s.ManagerLeft = w.managerLeft()
	all := []*Comparison{&s.Trained, &s.ManagerLeft}
	for i := range s.By {
		all = append(all, &s.By[i])
	}
	adjust(all)
	return s
}

func (w *world) stayOf(at int, name, of string) Stay {
	h := w.curves[at]
	s := Stay{Name: name, Of: of, Hidden: w.hidden[ever][at], Expected: h.expected(w)}
	for i := range s.Retention {
		s.Retention[i] = h.retention(w, i+1)
	}
	return s
}

// compare sets the groups of a dimension beside each other; false: it has none.
func (w *world) compare(k int) (Comparison, bool) {
	if len(w.names[k]) == 1 {
		return Comparison{}, false
	}
	c := Comparison{Name: dimensionNames[k]}
	rows := w.time[1+k]
	var all spells
	var group []int
	for g, name := range w.names[k] {
		at := w.place(k, g)
		if w.size[ever][at] == 0 {
			continue
		}
		of := "group"
		switch {
		case g == w.rest[k]:
			of = "rest"
		case name == "":
			of = "not_known"
		}
		c.Groups = append(c.Groups, w.stayOf(at, name, of))
		if w.hidden[ever][at] {
			continue
		}
		all.append(rows[g])
		for range rows[g].Stop {
			group = append(group, len(c.Groups)-1)
		}
	}
	w.contrast(&c, all, group, w.largest(k, c.Groups))
	return c, true
}

// largest is the shown group of most people.
func (w *world) largest(k int, groups []Stay) int {
	best, most := -1, int64(0)
	for i, g := range groups {
		at := w.place(k, w.rest[k])
		if g.Of != "rest" {
			at = w.place(k, w.code[k][g.Name])
		}
		if n := w.size[ever][at]; !g.Hidden && n > most {
			best, most = i, n
		}
	}
	return best
}

func (r *spells) append(o spells) {
	r.Start, r.Stop, r.Event = append(r.Start, o.Start...), append(r.Stop, o.Stop...), append(r.Event, o.Event...)
	r.cluster, r.person, r.stratum = append(r.cluster, o.cluster...), append(r.person, o.person...), append(r.stratum, o.stratum...)
}

// contrast tests whether groups stay alike, and holds the hazard of each to that of the reference.
func (w *world) contrast(c *Comparison, rows spells, group []int, reference int) {
	shown, events := map[int]bool{}, 0
	for i, g := range group {
		shown[g] = true
		if rows.Event[i] {
			events++
		}
	}
	why := oneGroup
	if len(shown) > 1 && w.has.left {
		why = fewLeft
	}
	if !w.has.left {
		why = noLeft
	}
	c.P = refuse(why)
	for i := range c.Groups {
		c.Groups[i].Hazard = refuse(why)
		if c.Groups[i].Hidden {
			c.Groups[i].Hazard = evidence.Refuse(hiddenWhy, hiddenNeed)
		}
	}
	if len(shown) < 2 || events < max(perCovariate, perGroup*len(shown)) {
		return
	}
	c.Reference = c.Groups[reference].Name
	if test, err := survival.LogRank(rows.Spells, group, rows.stratum); err == nil {
		c.p, c.tested = test.P, true
		c.P = evidence.Exact(evidence.Float(test.P), int64(events), "log-rank test (Mantel 1966) of whether all groups shown leave alike at the same length of stay"+within(rows))
	} else {
		c.P = refuse(refusalOf(err))
	}
	w.hazards(c, rows, group, reference)
}

// hazards fits the model of one hazard ratio a group. A group with too few leavers has its own, which is not told, so that the reference stays
// what it is called; one that nobody left is not in the model.
func (w *world) hazards(c *Comparison, rows spells, group []int, reference int) {
	left := make([]int, len(c.Groups))
	for i, g := range group {
		if rows.Event[i] {
			left[g]++
		}
	}
	if left[reference] < perCovariate {
		return
	}
	rows, group = rows.only(func(i int) bool { return left[group[i]] > 0 }, group)
	model := survival.Cox{Spells: rows.Spells, Stratum: rows.stratum}
	words := clustered(&model, rows) + within(rows)
	for g := range c.Groups {
		if left[g] > 0 && g != reference {
			x := make([]float64, len(group))
			for i := range group {
				if group[i] == g {
					x[i] = 1
				}
			}
			model.Covariates = append(model.Covariates, survival.Covariate{Name: fmt.Sprint(g), Values: x})
		}
	}
	c.Groups[reference].Hazard = refuse(noReference)
	if len(model.Covariates) == 0 {
		return
	}
	fit, err := model.Fit()
	for g := range c.Groups {
		switch {
		case g == reference || c.Groups[g].Hidden || left[g] < perCovariate:
		case err != nil:
			c.Groups[g].Hazard = refuse(refusalOf(err))
		default:
			c.Groups[g].Hazard = hazard(fit, fmt.Sprint(g), w.peopleOf(c.Groups[g].Name, c.Name), words)
		}
	}
}

// within says in words whether people are compared within roles.
func within(r spells) string {
	for _, s := range r.stratum {
		if s != 0 {
			return ", within each role"
		}
	}
	return ""
}

// only are some of the rows.
func (r *spells) only(keep func(i int) bool, group []int) (spells, []int) {
	var out spells
	var of []int
	for i := range r.Stop {
		if keep(i) {
			out.Start, out.Stop, out.Event = append(out.Start, r.Start[i]), append(out.Stop, r.Stop[i]), append(out.Event, r.Event[i])
			out.cluster, out.person, out.stratum = append(out.cluster, r.cluster[i]), append(out.person, r.person[i]), append(out.stratum, r.stratum[i])
			of = append(of, group[i])
		}
	}
	return out, of
}

func (w *world) peopleOf(name, dimension string) int64 {
	for k, d := range dimensionNames {
		if d == dimension {
			if g, ok := w.code[k][name]; ok {
				return w.size[ever][w.place(k, g)]
			}
			return w.size[ever][w.place(k, w.rest[k])]
		}
	}
	return 0
}

// clustered asks a model for robust errors, and says of what.
func clustered(model *survival.Cox, rows spells) string {
	distinct := slices.Clone(rows.cluster)
	slices.Sort(distinct)
	if len(slices.Compact(distinct)) < fewClusters {
		model.Cluster = rows.person
		return coxWords + " clustered by person; there are too few managers or teams to cluster by"
	}
	model.Cluster = rows.cluster
	return coxWords + " clustered by the manager, or else the team or the person, at the beginning of the stay"
}

// hazard is a hazard ratio as a figure of n people.
func hazard(fit *survival.Fit, covariate string, n int64, words string) evidence.Figure {
	for _, c := range fit.Coefficients {
		if c.Covariate != covariate {
			continue
		}
		ratio, low, high, err := c.HazardRatio(level)
		if err != nil {
			return refuse(refusalOf(err))
		}
		return evidence.Confidence(evidence.Float(ratio), evidence.Float(low), evidence.Float(high), level, n, words)
	}
	return evidence.Refuse("the model has no such group", "a report of this as a fault")
}

// adjust makes of the chances of all comparisons those that count that all were looked at (Benjamini & Hochberg, JRSS B 57, 1995).
func adjust(all []*Comparison) {
	var tested []*Comparison
	for _, c := range all {
		c.Adjusted = c.P
		if c.tested {
			tested = append(tested, c)
		}
	}
	slices.SortStableFunc(tested, func(a, b *Comparison) int {
		switch {
		case a.p < b.p:
			return -1
		case a.p > b.p:
			return 1
		}
		return 0
	})
	least := 1.0
	for i := len(tested) - 1; i >= 0; i-- {
		least = min(least, tested[i].p*float64(len(tested))/float64(i+1))
		e, _ := tested[i].P.Estimate()
		tested[i].Adjusted = evidence.Exact(evidence.Float(least), e.N, fmt.Sprintf("adjusted for %d comparisons (Benjamini & Hochberg 1995)", len(tested)))
	}
}

// employed is the first and the last piece of the unbroken time from the beginning of a stay on in which somebody is an employee, cut at the
// period's end; false: there is none.
func (w *world) employed(s *stay) (x piece, ended, ok bool) {
	if !s.hire() {
		return piece{}, false, false
	}
	x = w.until(s.pieces[0])
	j := 1
	for ; j < len(s.pieces) && s.pieces[j].employee; j++ {
		x.to = min(s.pieces[j].to, w.p.End)
	}
	return x, j == len(s.pieces) && s.Left < Open, x.from < x.to
}

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
		w.contrast(&c, all, group, 0)
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
	w.contrast(&c, all, group, 0)
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
