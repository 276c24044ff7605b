package workforce

import (
	"fmt"

	"github.com/throughline/throughline/evidence"
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
	Reference string // what hazards are held to: the first of two groups, or the average of more
	Groups    []Stay
	// P is the chance of groups as different, were all alike (log-rank), and Adjusted the same for having looked at all comparisons.
	P, Adjusted evidence.Figure
	p           float64
	tested      bool
}

const (
	perCovariate = 10  // people who left for each group compared (Peduzzi et al. 1995)
	perGroup     = 5   // people who left for each group of a log-rank test, on average
	fewClusters  = 20  // below it, in all or of a group compared, errors are clustered by person
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
	w.contrast(&c, all, group)
	return c, true
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
