package report

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/sealed"
)

// groupsOf name the dimensions.
var groupsOf = map[string]string{"segment": "segment", "entity": "brand or legal entity", "acquisition": "how they came"}

// groupPassages are how many of each group were still active at each age, by the
// spans of the cohorts, and why there are no groups.
func (d *document) groupPassages() []passage {
	var out []passage
	none := passage{title: "Cohorts by group"}
	for _, g := range d.GroupCohorts {
		of := cmp.Or(groupsOf[g.Name], clean(g.Name))
		if g.Refused != "" {
			none.said = append(none.said, "By "+of+": "+sentence("refused: "+unlocked(g.Locked)))
			continue
		}
		if d.Cohorts == nil || d.Views == nil {
			continue
		}
		if kind := g.Kind(d.Cohorts.Kind); kind != nil {
			out = append(out, d.groupPassage(g, kind, of))
		}
	}
	if len(none.said) > 0 {
		out = append(out, none)
	}
	return out
}

func (d *document) groupPassage(g sealed.GroupCohorts, kind *sealed.GroupGrid, of string) passage {
	p := passage{title: "Cohorts by " + of, of: "per cent still active, by age in " + kind.Name + "s", heads: []string{"", "customers"}, widths: []int{22, 10}}
	row := func(name string, ages []sealed.Alive) {
		cells := []string{clean(name), "0"}
		for i, a := range ages {
			if i == 0 {
				cells[1] = plainCount(a.Active)
			}
			cells = append(cells, new(big.Rat).Mul(big.NewRat(a.Active, a.Began), big.NewRat(100, 1)).FloatString(0))
		}
		p.rows = append(p.rows, cells)
	}
	all, names := groupLabels(kind.Groups)
	row(all, d.Views.Lately(kind.Name, kind.Spans).Ages())
	p.widths[0] = max(p.widths[0], width(all)+1)
	for i, r := range kind.Groups {
		row(names[i], g.Grid(kind, r, d.Views).Ages())
		p.widths[0] = max(p.widths[0], width(clean(names[i]))+1)
	}
	for age := range kind.Spans {
		p.heads, p.widths = append(p.heads, strconv.Itoa(age)), append(p.widths, 4)
	}
	p.said = []string{"Of those active in the span of their first purchase; at each age the cohorts that have come that far."}
	if g.ByLine() {
		p.said = []string{
			"Of all customers active in the span of their first purchase, from whichever entity: how many per cent bought from this one at each age; the cohorts that have come that far.",
			"Entities are those of lines: a customer is in each that they bought from, so customers do not add up to all.",
		}
	}
	return p
}

// groupLabels name all customers and the groups, each unlike the others: our own words and the books' may be the same.
func groupLabels(groups []sealed.GroupRows) (all string, out []string) {
	var names []string
	for _, g := range groups {
		if g.Name != "" && !g.Others {
			names = append(names, clean(g.Name))
		}
	}
	shown, said := sealed.Labels(names, []string{"All customers", "not known", "all others"})
	for _, g := range groups {
		switch {
		case g.Others:
			out = append(out, said[2])
		case g.Name == "":
			out = append(out, said[1])
		default:
			out, shown = append(out, shown[0]), shown[1:]
		}
	}
	return said[0], out
}

// member is a group's name within the name of a line, of which each is another's: between quotes, as Go writes them, where it
// has a dot, or could be taken for what is said of the unknown.
func member(name string) string {
	switch {
	case name == "":
		return "(not known)"
	case strings.ContainsAny(name, `."\`) || strings.HasPrefix(name, "(") || clean(name) != name:
		return strconv.Quote(name)
	}
	return name
}

// groupCohortRecords are every cell of the groups' cohorts.
func (d *document) groupCohortRecords() []record {
	var out []record
	for _, g := range d.GroupCohorts {
		if g.Refused != "" {
			out = append(out, record{statement: "cohorts_by_group", line: g.Name, kind: "refused", note: unlocked(g.Locked)})
			continue
		}
		for _, k := range g.Kinds {
			in := g.Name + "." + k.Name + "."
			if k.Refused != "" {
				out = append(out, d.gridRecords("cohorts_by_group", in, sealed.CohortGrid{Locked: k.Locked})...)
				continue
			}
			for _, r := range k.Groups {
				out = append(out, d.gridRecords("cohorts_by_group", in+member(r.Name)+".", k.Grid(r))...)
			}
		}
	}
	return out
}
