package report

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

const workforceTitle = "Who works here, and who stays"

// workDimensions are the dimensions in words.
var workDimensions = map[string]string{
	"department": "department", "role": "role", "location": "location", "entity": "brand or legal entity", "team": "team",
	"trained_in_first_year": "training in the first year", "manager_left": "whether the manager left",
}

// workforcePassages are who works here, who stays, and whether hiring returns. Of a hidden group the name alone is told.
func (d *document) workforcePassages() []passage {
	w := d.Workforce()
	if w == nil {
		return nil
	}
	if !w.Open() {
		return []passage{{title: workforceTitle, said: []string{sentence("refused: " + unlocked(w.Locked))}}}
	}
	out := []passage{d.workforceFigures(w)}
	for _, c := range w.By {
		if c.Name == "department" || c.Name == "role" {
			out = append(out, d.workforceGroups(w, c))
		}
	}
	for _, c := range w.Staying.By {
		out = append(out, d.workforceStaying(w, c))
	}
	for _, c := range []sealed.WorkSpread{w.Staying.Trained, w.Staying.ManagerLeft} {
		if _, tested := c.P.Estimate(); tested {
			out = append(out, d.workforceStaying(w, c))
		}
	}
	return out
}

// workSay prints a number of a unit.
func (d *document) workSay(unit sealed.Unit, r *big.Rat) string {
	switch unit {
	case sealed.Share:
		return percent(r)
	case sealed.Multiple:
		return strings.TrimRight(amountOf(r, 2), " ")
	case sealed.Worth:
		return amountOf(r, d.places())
	case sealed.Expected:
		return roundly(r)
	case sealed.Heads, sealed.Waiting:
		if r.IsInt() {
			return roundly(r)
		}
	}
	return amountOf(r, 1)
}

// amountOf is a number with so many places, and a plain minus.
func amountOf(r *big.Rat, places int) string {
	text := r.FloatString(places)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil && n != 0 {
		whole = plainInt(n)
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// plainInt is a grouped integer with a plain minus.
func plainInt(n int64) string {
	text := strings.TrimSpace(plainCount(max(n, -n)))
	if n < 0 {
		return "-" + text
	}
	return text
}

// workCells are a figure's value and interval, or that it was refused and why.
func (d *document) workCells(unit sealed.Unit, f evidence.Figure) (value, interval, why string) {
	if r, refused := f.Refusal(); refused {
		return "refused", "", sentence("refused: " + clean(r.Reason) + " — needs " + clean(r.Need))
	}
	e, ok := f.Estimate()
	if !ok {
		return "", "", ""
	}
	if e.Kind != evidence.KindExact {
		interval = d.workSay(unit, e.Low) + " to " + d.workSay(unit, e.High)
	}
	if e.Value == nil {
		return "bounds", interval, ""
	}
	return d.workSay(unit, e.Value), interval, ""
}

// of says the unit beside the name of a figure.
func workUnit(d *document, unit sealed.Unit) string {
	switch unit {
	case sealed.Years:
		return ", years"
	case sealed.Waiting:
		return ""
	case sealed.Worth, sealed.Expected:
		return ", " + d.unit()
	}
	return ""
}

func (d *document) workforceFigures(w *sealed.Workforce) passage {
	p := passage{title: workforceTitle, heads: []string{"", "the company", "95% interval"}, widths: equityWidths}
	if w.Period != nil {
		p.of = days(*w.Period)
	}
	said := map[string]bool{}
	tell := func(why string) {
		if why != "" && !said[why] {
			said[why] = true
			p.said = append(p.said, why)
		}
	}
	for _, f := range d.Figures(sealed.WorkforceBlock) {
		if f.Unit == sealed.OnPeople {
			n := f.Value.Count
			if f.Taken {
				n = -n
			}
			p.rows = append(p.rows, []string{f.Label, workCount(n), ""})
			continue
		}
		value, interval, why := d.workCells(f.Unit, f.Value.Figure)
		p.rows = append(p.rows, []string{f.Label + workUnit(d, f.Unit), value, interval})
		tell(why)
	}
	if r := w.Company.Roll; r != nil && r.Reason != "" {
		tell(sentence("refused: " + clean(r.Reason) + " — needs " + clean(r.Need)))
	}
	switch c := w.Contractors; {
	case c.Hidden:
		p.said = append(p.said, "Contractors' workers are too few to be told of.")
	case c.Roll.Told() && !c.Roll.Empty():
		x := c.Roll
		p.said = append(p.said, "Contractors' workers, apart: "+plainInt(x.Opening)+" when the period opened, "+plainInt(x.Hired)+" came, "+plainInt(x.CameOver)+" had been employees, "+plainInt(x.Left)+" left, "+plainInt(x.WentOver)+" became employees, "+plainInt(x.Closing)+" at the end.")
	}
	if words := w.NotRead; len(words) > 0 {
		var names []string
		for _, x := range words {
			names = append(names, clean(x.Name))
		}
		p.said = append(p.said, "Why some left was not understood: "+strings.Join(names, ", ")+".")
	}
	if said, ok := workReadings[w.Selection.Reading]; ok {
		p.said = append(p.said, said)
	}
	p.said = append(p.said, "Groups of people only: nobody is scored or told apart by name. What goes together need not be cause and effect.")
	return p
}

// workReadings are what the score of the interview says, as far as its interval does.
var workReadings = map[string]string{
	"higher_scores_go_with_staying": "Those with higher scores in the interview left less in their first year. It need not be because of what the score measures.",
	"higher_scores_go_with_leaving": "Those with higher scores in the interview left more in their first year. It need not be because of what the score measures.",
	"not_told_apart_from_none":      "Whether scores of the interview go with staying at all cannot be told from chance.",
	"not_known":                     "Whether the interview tells who stays is not known: too few hirings have a score.",
}

// workCount is a number of people; what is taken off is in parentheses.
func workCount(n int64) string {
	if n < 0 {
		return "(" + plainInt(-n) + ")"
	}
	return plainInt(n)
}

// workGroup is a group's name; who is hidden is told of by name alone.
func workGroup(name, of string) string {
	switch of {
	case "not_known":
		return "Not known"
	case "rest":
		return "All others"
	}
	return clean(name)
}

// withheld says of how few people nothing is told.
func withheld(minimum int64) string {
	return "Withheld: told of at least " + plainInt(minimum) + " people, and where no smaller group can be worked out."
}

func (d *document) workforceGroups(w *sealed.Workforce, c sealed.WorkCut) passage {
	p := passage{title: "People by " + workDimensions[c.Name], heads: []string{"", "opening", "hired", "moved", "left", "closing", "left, %", "95% interval"}, widths: []int{27, 9, 8, 8, 8, 9, 10, 16}}
	hidden := false
	for _, g := range c.Groups {
		row := []string{workGroup(g.Name, g.Of), "", "", "", "", "", "", ""}
		switch {
		case g.Hidden:
			row[1], hidden = "withheld", true
		case g.Roll.Told():
			x := g.Roll
			row[1], row[2], row[3], row[4], row[5] = workCount(x.Opening), workCount(x.Hired), workCount(x.CameOver-x.WentOver), workCount(-x.Left), workCount(x.Closing)
		}
		if !g.Hidden {
			row[6], row[7], _ = d.workCells(sealed.Share, g.Figures["turnover"])
		}
		p.rows = append(p.rows, row)
	}
	if hidden {
		p.said = append(p.said, withheld(w.Minimum))
	}
	return p
}

func (d *document) workforceStaying(w *sealed.Workforce, c sealed.WorkSpread) passage {
	p := passage{title: "Staying by " + workDimensions[c.Name], heads: []string{"", "1 year", "2 years", "3 years", "stay, years", "hazard ratio", "95% interval"}, widths: []int{28, 10, 10, 10, 12, 13, 13}}
	hidden := false
	var why []string
	for _, g := range c.Groups {
		row := []string{workGroup(g.Name, g.Of), "", "", "", "", "", ""}
		if g.Hidden {
			row[1], hidden = "withheld", true
			p.rows = append(p.rows, row)
			continue
		}
		for i, name := range sealed.WorkStayNames[:4] {
			unit := sealed.Share
			if i == 3 {
				unit = sealed.Years
			}
			row[1+i], _, why = d.workCell(unit, g.Figures[name], why)
		}
		if c.Held(g) {
			row[5] = "reference"
		} else {
			row[5], row[6], why = d.workCell(sealed.Multiple, g.Figures["hazard_ratio"], why)
		}
		p.rows = append(p.rows, row)
	}
	if p0, ok := c.P.Estimate(); ok {
		text := "Were all alike, groups would differ as much as these by chance " + chance(p0.Value)
		if a, ok := c.Adjusted.Estimate(); ok {
			text += ", or, for having looked at several comparisons, " + chance(a.Value)
		}
		p.said = append(p.said, text+".")
	}
	if c.Reference != "" {
		p.said = append(p.said, "Hazard ratio: how soon they leave against "+clean(c.Reference)+", at the same length of stay. Below 1 they stay longer.")
	}
	p.said = append(p.said, why...)
	if hidden {
		p.said = append(p.said, withheld(w.Minimum))
	}
	return p
}

// workCell is workCells that gathers why figures were refused, each reason once.
func (d *document) workCell(unit sealed.Unit, f evidence.Figure, so []string) (value, interval string, why []string) {
	value, interval, refused := d.workCells(unit, f)
	if refused != "" && !slices.Contains(so, refused) {
		so = append(so, refused)
	}
	return value, interval, so
}

// chance is a probability as so many times of a hundred.
func chance(r *big.Rat) string {
	if r.Cmp(big.NewRat(1, 1000)) < 0 {
		return "less than once in 1,000 times"
	}
	return amountOf(new(big.Rat).Mul(r, big.NewRat(100, 1)), 1) + " times in 100"
}

// workforceRecords are the rows of the statement of people, each by its path in the document. A hidden group has none.
func (d *document) workforceRecords() []record {
	w := d.Workforce()
	if w == nil {
		return nil
	}
	r := contractRows{at: record{statement: "people.workforce", period: window(d.Period)}, currency: string(d.Currency)}
	if !w.Open() {
		r.at.kind, r.at.note = "refused", unlocked(w.Locked)
		return []record{r.at}
	}
	r.at.period = window(w.Period)
	r.whole("minimum_group", "people", w.Minimum)
	r.workGroup("company.", w.Company)
	r.workGroup("contractors.", w.Contractors)
	for _, c := range w.By {
		for _, g := range c.Groups {
			r.workGroup("by."+c.Name+".groups."+workMember(g.Name, g.Of)+".", g)
		}
	}
	r.work("replacement.", []string{"hiring", "training", "total"}, w.Replacement)
	r.text("selection.reading", w.Selection.Reading)
	r.work("selection.", sealed.WorkSelectionNames, w.Selection.Figures)
	r.work("staying.company.", sealed.WorkStayNames, w.Staying.Company.Figures)
	for _, c := range w.Staying.By {
		r.workSpread("staying.by."+c.Name+".", c)
	}
	r.workSpread("staying.trained_in_first_year.", w.Staying.Trained)
	r.workSpread("staying.manager_left.", w.Staying.ManagerLeft)
	r.work("offers.", []string{"pay", "training", "training_worth_pay"}, w.Offers)
	return r.out
}

func workMember(name, of string) string {
	switch of {
	case "not_known":
		return "(not known)"
	case "rest":
		return "(all others)"
	}
	return member(name)
}

// workUnits are the units of the figures that are no ratio.
var workUnits = map[string]string{
	"headcount": "people", "tenure_mean": "years", "tenure_median": "years", "expected_stay": "years", "expected_stay_median": "years", "time_to_fill_median": "days", "time_to_fill_mean": "days",
	"training_hours_per_head": "hours", "span_median": "people", "span_mean": "people", "span_largest": "people",
	"training_cost_per_head": "", "hiring": "", "total": "", "spent": "", "early_leaving": "", "cost_per_stayer": "",
}

func (r *contractRows) work(prefix string, names []string, of sealed.WorkFigures) {
	for _, name := range names {
		unit, known := workUnits[name]
		switch {
		case known && unit == "", prefix == "replacement.":
			unit = r.currency
		case !known:
			unit = "ratio"
		}
		if f, ok := of[name]; ok {
			r.figure(prefix+name, unit, f)
		}
	}
}

func (r *contractRows) text(line, note string) {
	x := r.at
	x.line, x.kind, x.note = line, "text", note
	r.out = append(r.out, x)
}

func (r *contractRows) workGroup(prefix string, g sealed.WorkGroup) {
	if g.Hidden {
		r.text(prefix+"hidden", "true")
		return
	}
	switch x := g.Roll; {
	case x == nil:
	case x.Reason != "":
		r.figure(prefix+"roll_forward", "people", evidence.Refuse(x.Reason, x.Need))
	default:
		for i, n := range []int64{x.Opening, x.Hired, x.CameOver, x.Left, x.WentOver, x.Closing} {
			r.whole(prefix+"roll_forward."+[]string{"opening", "hired", "came_over", "left", "went_over", "closing"}[i], "people", n)
		}
	}
	r.work(prefix, sealed.WorkNames, g.Figures)
	for _, s := range g.Stages {
		r.figure(prefix+"trained_by_stage."+member(s.Name)+".figure", "ratio", s.Figure)
	}
}

func (r *contractRows) workSpread(prefix string, c sealed.WorkSpread) {
	r.figure(prefix+"p", "ratio", c.P)
	r.figure(prefix+"p_adjusted", "ratio", c.Adjusted)
	for _, g := range c.Groups {
		at := prefix + "groups." + workMember(g.Name, g.Of) + "."
		if g.Hidden {
			r.text(at+"hidden", "true")
			continue
		}
		r.work(at, sealed.WorkStayNames, g.Figures)
	}
}
