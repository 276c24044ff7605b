package equity

// place is where a group of a dimension stands, and what it is called.
type place struct {
	at   int
	name string // empty: not known
	rest bool   // all others
}

// named are the parts of a base with the names of its groups.
type named[P any] struct {
	segments, entities []string
	parts              map[group]P
	all                func(P) bool // whether a part is the whole base
}

// places are the groups of a dimension that have a part, in the order in which they are told; none where the books do not tell of it.
func (n named[P]) places(d Dimension) []place {
	var out []place
	add := func(p place) {
		if _, ok := n.parts[group{d, p.at}]; ok {
			out = append(out, p)
		}
	}
	switch d {
	case Segment, Entity:
		names := n.segments
		if d == Entity {
			names = n.entities
		}
		if len(names) == 0 || len(names) == 1 && names[0] == "" {
			return nil
		}
		for i, name := range names {
			add(place{i, name, false})
		}
		add(place{Rest, "", true})
	case Acquisition:
		if p, ok := n.parts[group{d, unattributed}]; ok && n.all(p) {
			return nil
		}
		for i, name := range []string{"earned", "bought", "unattributed"} {
			add(place{i, name, false})
		}
	case Cohort:
		years := map[int]bool{}
		for g := range n.parts {
			if g.of == Cohort {
				years[g.at] = true
			}
		}
		for _, year := range sorted(years) {
			add(place{year, yearName(year), false})
		}
	case Renewal:
		for _, months := range Renewals {
			add(place{months, renewalNames[months], false})
		}
	}
	return out
}
