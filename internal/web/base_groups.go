package web

import (
	"math/big"
	"net/url"
	"slices"

	"github.com/throughline/throughline/internal/sealed"
)

// groupsView is by which groups cohorts can be looked at, and how those of one dimension compare.
type groupsView struct {
	Ways     []groupWay
	Compared *comparedView
	Refused  []lockedView
}

// groupWay is the groups of one dimension, after all customers.
type groupWay struct {
	Name  string
	Doors []groupDoor
}

// groupDoor leads to the cohorts of a group.
type groupDoor struct {
	door
	Name groupName
}

// groupName is how a group is called.
type groupName struct {
	Text  string
	Whole string // where the text is cut
	Own   bool   // the company's own name
	Word  bool   // our word for a group that has no name
}

// comparedView is how many of each group were still active, at each age.
type comparedView struct {
	Name, Unit, Meaning string
	Ages                []int
	Rows                []comparedRow
}

// comparedRow is one group, all its cohorts together.
type comparedRow struct {
	Name  groupName
	Size  string
	Lead  bool // whose cohorts are shown, for the picture
	Cells []cohortCell
	Empty int
}

// chooseGroup reads by which dimension groups are compared, and whose cohorts are shown.
func (o *opened) chooseGroup(c *chosen, q url.Values) {
	for _, d := range o.doc.GroupCohorts {
		kind := d.Kind(c.span)
		switch {
		case kind == nil:
			continue
		case c.of == "" || d.Name == q.Get("of"):
			c.of, c.group = d.Name, nil
		default:
			continue
		}
		if asked := q.Get("group"); q.Has("group") && d.Name == q.Get("of") && kind.Group(asked) != nil {
			c.group = &asked
		}
	}
}

// groupGrid is the dimension that is chosen by the spans that are, and the cohorts of the group that is.
func (o *opened) groupGrid(c chosen) (*sealed.GroupGrid, *sealed.CohortGrid) {
	for _, d := range o.doc.GroupCohorts {
		kind := d.Kind(c.span)
		if d.Name != c.of || kind == nil {
			continue
		}
		if c.group == nil {
			return kind, nil
		}
		if rows := kind.Group(*c.group); rows != nil {
			grid := d.Grid(kind, *rows, o.doc.Views)
			return kind, &grid
		}
	}
	return nil, nil
}

// chosenName is how the group that is chosen is called, among the others.
func (o *opened) chosenName(c chosen, kind *sealed.GroupGrid) groupName {
	_, names := o.cohortNames(c.of, "", kind)
	return names[slices.IndexFunc(kind.Groups, func(r sealed.GroupRows) bool { return r.Name == *c.group })]
}

func (o *opened) byLine(c chosen) bool {
	return slices.ContainsFunc(o.doc.GroupCohorts, func(d sealed.GroupCohorts) bool { return d.Name == c.of && d.ByLine() })
}

func (c chosen) ofCohort(name string) chosen { c.cohort = name; return c }

func (c chosen) ofGroup(dimension string, group *string) chosen {
	c.of, c.group, c.cohort = dimension, group, ""
	return c
}

func (o *opened) groupsView(c chosen) groupsView {
	var view groupsView
	for _, d := range o.doc.GroupCohorts {
		name := o.dimensionName(d.Name)
		kind := d.Kind(c.span)
		switch {
		case name == "":
			continue
		case d.Refused != "":
			view.Refused = append(view.Refused, lockedView{name, d.Refused, d.UnlockedBy})
			continue
		case kind == nil:
			continue // cohorts by these spans are refused, below
		}
		way := groupWay{Name: name}
		all, names := o.cohortNames(d.Name, o.t("all customers"), kind)
		way.Doors = append(way.Doors, groupDoor{door{Path: c.ofGroup(d.Name, nil).path(o.seal, "groups"), Current: c.of == d.Name && c.group == nil}, all})
		for i, g := range kind.Groups {
			current := c.of == d.Name && c.group != nil && *c.group == g.Name
			way.Doors = append(way.Doors, groupDoor{door{Path: c.ofGroup(d.Name, &g.Name).path(o.seal, "groups"), Current: current}, names[i]})
		}
		view.Ways = append(view.Ways, way)
		if d.Name == c.of {
			view.Compared = o.compareGroups(c, d, kind)
		}
	}
	return view
}

// compareGroups sets the groups of a dimension beside each other and beside all customers.
func (o *opened) compareGroups(c chosen, d sealed.GroupCohorts, kind *sealed.GroupGrid) *comparedView {
	view := &comparedView{Name: o.dimensionName(d.Name), Unit: o.ageName(c.span), Meaning: o.groupMeaning(d)}
	type row struct {
		name groupName
		lead bool
		ages []sealed.Alive
	}
	all, names := o.cohortNames(d.Name, o.t("All customers"), kind)
	rows := []row{{all, c.group == nil, o.doc.Views.Lately(c.span, kind.Spans).Ages()}}
	for i, g := range kind.Groups {
		rows = append(rows, row{names[i], c.group != nil && *c.group == g.Name, d.Grid(kind, g, o.doc.Views).Ages()})
	}
	kept := make([]sealed.Kept, len(rows))
	longest := 0
	for i, r := range rows {
		longest = max(longest, len(r.ages))
		for _, a := range r.ages {
			kept[i].Shares = append(kept[i].Shares, big.NewRat(a.Active, a.Began))
		}
	}
	if longest == 0 {
		return nil
	}
	low, high := heatEnds(kept)
	for i, r := range rows {
		out := comparedRow{Name: r.name, Lead: r.lead, Size: "0", Empty: longest - len(r.ages)}
		for age, share := range kept[i].Shares {
			hundred := new(big.Rat).Mul(share, big.NewRat(100, 1))
			out.Cells = append(out.Cells, cohortCell{
				Age: age, Text: hundred.FloatString(0), Y: hundred.FloatString(1), Class: heat(age, share, low, high),
				Count: o.t("%s of %s", count(r.ages[age].Active), count(r.ages[age].Began)),
			})
		}
		if len(r.ages) > 0 {
			out.Size = count(r.ages[0].Active)
		}
		view.Rows = append(view.Rows, out)
	}
	for age := range longest {
		view.Ages = append(view.Ages, age)
	}
	return view
}

// groupMeaning says in words whose cohorts these are.
func (o *opened) groupMeaning(d sealed.GroupCohorts) string {
	cohort := o.t("Of those active in the span of their first purchase, how many were active so many spans later; only cohorts that have come that far count.")
	switch {
	case d.ByLine():
		return o.t("Of all customers who were active in the span of their first purchase, from whichever entity, how many bought from this one so many spans later; only cohorts that have come that far count.") + " " +
			o.t("Entities are those of the lines: a customer is in each that they bought from, and active there by what they bought there, so customers do not add up to all and revenue does.")
	case d.Name == "entity":
		return cohort + " " + o.t("A customer is of the entity that the books give for them, whatever they bought.")
	case d.Name == "acquisition":
		return cohort + " " + o.t("A customer is of the way by which they came; who has several ids, of the earliest that is known.")
	}
	return cohort + " " + o.t("A customer is of the segment that the books give for them now, in all their spans; who has several ids, of the earliest that is known.")
}

func (l *locale) dimensionName(dimension string) string {
	switch dimension {
	case "segment":
		return l.t("By segment")
	case "entity":
		return l.t("By brand or legal entity")
	case "acquisition":
		return l.t("By how they came")
	}
	return ""
}

// cohortNames are how all customers and the groups of a dimension are called.
func (l *locale) cohortNames(dimension, all string, kind *sealed.GroupGrid) (groupName, []groupName) {
	names := make([]string, len(kind.Groups))
	others := make([]string, len(kind.Groups))
	for i, g := range kind.Groups {
		if names[i] = g.Name; g.Others {
			others[i] = l.t("all others")
		}
	}
	return l.groupNames(dimension, all, names, others)
}

// groupNames are how all customers and the groups of a dimension are called, each unlike every other: others holds our words
// for those that are all others, and is otherwise empty.
func (l *locale) groupNames(dimension, all string, names, others []string) (groupName, []groupName) {
	out := make([]groupName, len(names))
	var texts []string
	words := []string{all, l.t("not known")}
	for i, name := range names {
		switch {
		case others[i] != "":
			words = append(words, others[i])
		case name != "" && dimension == "acquisition":
			out[i].Own = !slices.Contains([]string{"referral", "reputation", "paid", "sales", "partner"}, name)
			texts = append(texts, l.viaName(name))
		case name != "":
			out[i].Own = true
			texts = append(texts, name)
		}
	}
	shown, said := sealed.Labels(texts, words)
	rest := said[2:]
	for i, name := range names {
		switch {
		case others[i] != "":
			out[i].Text, out[i].Word, rest = rest[0], true, rest[1:]
		case name == "":
			out[i].Text, out[i].Word = said[1], true
		default:
			if out[i].Text = shown[0]; shown[0] != texts[0] {
				out[i].Whole = texts[0]
			}
			shown, texts = shown[1:], texts[1:]
		}
	}
	return groupName{Text: said[0], Word: true}, out
}
