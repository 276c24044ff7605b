package web

import (
	"math"
	"math/big"
	"net/url"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

// workTable are the groups of one dimension.
type workTable struct {
	Ways    []door // the dimensions
	Of      string
	Ticks   []tick
	Scale   string
	Rows    []workRow
	All     *workRow
	Hidden  hiddenView
	Reasons []reason // why figures in the table were refused
	by      string
}

// hiddenView are the groups of which nothing is told but their names.
type hiddenView struct {
	Names []groupName
	Wide  int    // columns beside the name
	Said  string // of how few nothing is told
}

// reason is why figures were refused, in the document's words.
type reason struct{ Why, Opens string }

// workRow is one group.
type workRow struct {
	Name                                 groupName
	Opening, Hired, Moved, Left, Closing string
	Share                                numView
	Interval                             string
	Strip                                strip
	Choice, First                        numView
	More                                 []numView // in the order of the second table's heads
}

// stayTable is how long the groups of one dimension stay, with the comparisons that are of all people.
type stayTable struct {
	Ways   []door
	By     *spreadView
	Beside []spreadView // trained, and the manager
}

// spreadView sets groups beside each other.
type spreadView struct {
	ID, Title, Of, Said string
	Against             groupName
	Refused             []lockedView // the whole comparison
	Years               []string     // heads of the shares that stay; those that no group is told are left out
	Stays               bool         // the expected stay is told
	Ticks               []tick
	Scale               string
	Rows                []stayingRow
	Test                string
	Hidden              hiddenView
	Reasons             []reason
}

// stayingRow is one group.
type stayingRow struct {
	Name          groupName
	Held          bool
	Years         []numView
	Stay          numView
	StayEnds      string
	Ratio         numView
	Interval, Say string
	Strip         strip
}

// workDimension is a dimension in words.
func (o *opened) workDimension(name string) string {
	return map[string]string{"department": o.t("Department"), "role": o.t("Role"), "location": o.t("Location"), "entity": o.t("Brand or legal entity"), "team": o.t("Team")}[name]
}

// workGroupName is a group's own name, or our word for one that has none.
func (o *opened) workGroupName(name, of string) groupName {
	switch of {
	case "not_known":
		return groupName{Text: o.t("Not known"), Word: true}
	case "rest":
		return groupName{Text: o.t("All others"), Word: true}
	}
	return groupName{Text: name, Own: true}
}

// workWays are links to the dimensions; the page is otherwise the same.
func (o *opened) workWays(now string, of []string, part string) []door {
	return choices(now, of, func(x string) string {
		return statementPath(o.seal) + "/people?" + url.Values{"by": {x}}.Encode() + "#" + part
	}, o.workDimension)
}

// chosenOf is what was asked for where there is such a thing, otherwise the first.
func chosenOf(asked string, of []string) string {
	if slices.Contains(of, asked) || len(of) == 0 {
		return asked
	}
	return of[0]
}

func ofHundred(r *big.Rat) *big.Rat { return new(big.Rat).Mul(r, hundred) }

// because keeps why figures were refused, each reason once.
func because(out []reason, f evidence.Figure) []reason {
	if r, refused := f.Refusal(); refused && !slices.Contains(out, reason{r.Reason, r.Need}) {
		return append(out, reason{r.Reason, r.Need})
	}
	return out
}

// withheld adds a group of which nothing is told.
func (o *opened) withheld(view *hiddenView, name groupName, minimum int64) {
	view.Names = append(view.Names, name)
	view.Said = o.t("Withheld: told of at least %s people, and where no smaller group can be worked out from the others.", count(minimum))
}

// cell is a figure in a table, and keeps why it was refused.
func (o *opened) cell(unit sealed.Unit, f evidence.Figure, why *[]reason) numView {
	*why = because(*why, f)
	_, refused := f.Refusal()
	return numView{Text: o.value(sealed.Value{Unit: unit, Figure: f}), Refused: refused}
}

func (o *opened) workTable(w *sealed.Workforce, by string) *workTable {
	var names []string
	for _, c := range w.By {
		if o.workDimension(c.Name) != "" && len(c.Groups) > 0 {
			names = append(names, c.Name)
		}
	}
	by = chosenOf(by, names)
	i := slices.IndexFunc(w.By, func(c sealed.WorkCut) bool { return c.Name == by })
	if i < 0 || len(names) == 0 {
		return nil
	}
	table := &workTable{Ways: o.workWays(by, names, "groups"), Of: o.workDimension(by), Hidden: hiddenView{Wide: 10}, by: by}
	groups := append(slices.Clone(w.By[i].Groups), w.Company)
	var ends []float64
	for _, g := range groups {
		if e, ok := g.Figures["turnover"].Estimate(); ok {
			ends = append(ends, float(e.Low), float(e.High))
		}
	}
	a := axisOf(ends)
	table.Ticks = []tick{{"0", percentAt(a.low), "start"}, {"100", percentAt(a.high), "end"}}
	table.Scale = o.t("On a scale from %s to %s", percentAt(a.low), percentAt(a.high))
	for j, g := range groups {
		if g.Hidden {
			o.withheld(&table.Hidden, o.workGroupName(g.Name, g.Of), w.Minimum)
			continue
		}
		row := o.workRow(a, g, &table.Reasons)
		if j == len(groups)-1 {
			row.Name = groupName{Text: o.t("The company")}
			table.All = &row
			continue
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func (o *opened) workRow(a axis, g sealed.WorkGroup, why *[]reason) workRow {
	row := workRow{Name: o.workGroupName(g.Name, g.Of)}
	if r := g.Roll; r.Told() {
		row.Opening, row.Hired, row.Left, row.Closing = count(r.Opening), count(r.Hired), count(-r.Left), count(r.Closing)
		row.Moved = count(r.CameOver - r.WentOver)
	} else if r != nil {
		*why = because(*why, evidence.Refuse(r.Reason, r.Need))
	}
	say := func(unit sealed.Unit, name string) numView { return o.cell(unit, g.Figures[name], why) }
	v := sealed.Value{Unit: sealed.Share, Figure: g.Figures["turnover"]}
	row.Share, row.Interval, row.Strip = say(sealed.Share, "turnover"), o.interval(v), a.strip(v, nil, 0, "ink")
	row.Choice, row.First = say(sealed.Share, "voluntary_turnover"), say(sealed.Share, "first_year_turnover")
	row.More = []numView{
		say(sealed.Years, "tenure_median"), say(sealed.Share, "filled_from_within"), say(sealed.Waiting, "time_to_fill_median"), say(sealed.Share, "offers_accepted"),
		say(sealed.Hours, "training_hours_per_head"), say(sealed.Worth, "training_cost_per_head"), say(sealed.Share, "trained"), say(sealed.Heads, "span_median"),
	}
	return row
}

func (o *opened) stayTable(w *sealed.Workforce, by string) *stayTable {
	var names []string
	for _, c := range w.Staying.By {
		if o.workDimension(c.Name) != "" {
			names = append(names, c.Name)
		}
	}
	view := &stayTable{}
	if len(names) > 0 {
		by = chosenOf(by, names)
		view.Ways = o.workWays(by, names, "stay")
		for _, c := range w.Staying.By {
			if c.Name == by {
				x := o.spread(w, c, nil)
				x.ID, x.Of, x.Title = "stay-by", o.workDimension(by), o.t("How long they stay")
				view.By = &x
			}
		}
	}
	for _, x := range []struct {
		id, title, said string
		of              sealed.WorkSpread
		names           []string
	}{
		{"trained", o.t("Trained in the first year"), o.t("Those who completed a course for their role in their first year beside those who did not, of one role, and from the end of the first year on: otherwise training would be credited with the time that people had to stay in order to be trained."),
			w.Staying.Trained, []string{o.t("Not trained in the first year"), o.t("Trained in the first year")}},
		{"manager", o.t("When the manager leaves"), o.t("The half year after the last day of somebody’s manager beside all other time, of people of one role. The same people are in both, at different times."),
			w.Staying.ManagerLeft, []string{o.t("All other time"), o.t("In the half year after the manager left")}},
	} {
		s := o.spread(w, x.of, x.names)
		s.ID, s.Title, s.Said, s.Of = x.id, x.title, x.said, o.t("Group")
		view.Beside = append(view.Beside, s)
	}
	return view
}

// spread sets groups beside each other; names are in place of those of the document.
func (o *opened) spread(w *sealed.Workforce, c sealed.WorkSpread, names []string) spreadView {
	var view spreadView
	if r, refused := c.P.Refusal(); refused && names != nil {
		view.Refused = []lockedView{{Why: r.Reason, Opens: r.Need}}
		return view
	}
	name := func(i int) groupName {
		if i < len(names) {
			return groupName{Text: names[i]}
		}
		return o.workGroupName(c.Groups[i].Name, c.Groups[i].Of)
	}
	view.Against = groupName{Text: o.t("the average of all groups")}
	m := math.Log(1.5)
	for i, g := range c.Groups {
		if c.Held(g) {
			view.Against = name(i)
		}
		if e, ok := g.Figures["hazard_ratio"].Estimate(); ok {
			m = max(m, math.Abs(math.Log(float(e.Low))), math.Abs(math.Log(float(e.High))))
		}
	}
	m = min(m, math.Log(10))
	a := axis{-m, m}
	view.Ticks = []tick{{"0", o.t("later"), "start"}, {"50", "1", "middle"}, {"100", o.t("sooner"), "end"}}
	shown := map[string]bool{}
	for i, x := range sealed.WorkStayNames[:4] {
		shown[x] = names == nil || slices.ContainsFunc(c.Groups, func(g sealed.WorkStay) bool { _, told := g.Figures[x].Estimate(); return told })
		if shown[x] && i < 3 {
			view.Years = append(view.Years, []string{o.t("1 year"), o.t("2 years"), o.t("3 years")}[i])
		}
	}
	view.Stays, view.Hidden.Wide = shown["expected_stay"], 4+len(view.Years)
	if view.Stays {
		view.Hidden.Wide += 2
	}
	view.Scale = o.t("Drawn from later to sooner, with no difference in the middle")
	for i, g := range c.Groups {
		if g.Hidden {
			o.withheld(&view.Hidden, name(i), w.Minimum)
			continue
		}
		row := o.stayingRow(a, g, c.Held(g), shown, &view.Reasons)
		row.Name = name(i)
		view.Rows = append(view.Rows, row)
	}
	view.Test = o.tested(c)
	return view
}

func (o *opened) stayingRow(a axis, g sealed.WorkStay, held bool, shown map[string]bool, why *[]reason) stayingRow {
	row := stayingRow{Held: held}
	for _, name := range sealed.WorkStayNames[:3] {
		if shown[name] {
			row.Years = append(row.Years, o.cell(sealed.Share, g.Figures[name], why))
		}
	}
	if shown["expected_stay"] {
		stay := sealed.Value{Unit: sealed.Years, Figure: g.Figures["expected_stay"]}
		row.Stay, row.StayEnds = o.cell(sealed.Years, stay.Figure, why), o.interval(stay)
	}
	if held {
		return row
	}
	f := g.Figures["hazard_ratio"]
	row.Ratio = o.cell(sealed.Multiple, f, why)
	e, ok := f.Estimate()
	if !ok || e.Value == nil {
		row.Strip = strip{Refused: true, Zero: "50"}
		return row
	}
	row.Interval = o.interval(sealed.Value{Unit: sealed.Multiple, Figure: f})
	one, paint := big.NewRat(1, 1), "ink"
	switch {
	case e.Low.Cmp(one) > 0:
		row.Say, paint = o.t("leave sooner"), "clay"
	case e.High.Cmp(one) < 0:
		row.Say, paint = o.t("leave later"), "petrol"
	default:
		row.Say = o.t("may be nothing")
	}
	at := func(r *big.Rat) string { return a.at(math.Log(max(float(r), 1e-9))) }
	row.Strip = strip{Zero: "50", Dot: at(e.Value), From: at(e.Low), To: at(e.High), Fill: "f-" + paint, Stroke: "s-" + paint}
	return row
}

// tested says how surely the groups differ at all.
func (o *opened) tested(c sealed.WorkSpread) string {
	p, ok := c.P.Estimate()
	if !ok || p.Value == nil {
		return ""
	}
	out := o.t("Log-rank test: were all groups alike, they would differ as much as these by chance in %s of cases.", o.chance(p.Value))
	if a, ok := c.Adjusted.Estimate(); ok && a.Value != nil {
		out += " " + o.t("As several comparisons were looked at, take it as %s.", o.chance(a.Value))
	}
	return out
}

// chance is a probability in per cent; one that rounds to nothing is less than what is said.
func (o *opened) chance(r *big.Rat) string {
	if r.Cmp(big.NewRat(1, 1000)) < 0 {
		return o.t("less than %s", "0.1%")
	}
	return percent(r)
}
