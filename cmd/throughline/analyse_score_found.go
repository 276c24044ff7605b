package main

import (
	"fmt"
	"io"
	"math"

	"github.com/throughline/throughline/voice"
)

// scoreFound is the document of analyse score.
type scoreFound struct {
	Instrument  string            `json:"instrument"`
	Question    string            `json:"question"`
	Scale       string            `json:"scale"`
	N           int64             `json:"n"`
	Groups      []scoreGroup      `json:"groups"`
	Overall     *scoreGroup       `json:"overall,omitempty"`
	Raking      *rakingFound      `json:"raking,omitempty"`
	Bounds      any               `json:"bounds,omitempty"`
	Differences []scoreDifference `json:"differences,omitempty"`

	asked     voice.Question
	by        string
	customers bool
	weighted  bool
}

// scoreGroup is what a group answered. The interval of nps is the adjusted one; Wald's and the adjusted score stand beside it.
type scoreGroup struct {
	Group     string       `json:"group"`
	Value     real         `json:"value"`
	N         int64        `json:"n"`
	SE        real         `json:"se"`
	Low       real         `json:"low"`
	High      real         `json:"high"`
	Shares    object       `json:"shares"`
	Customers int64        `json:"customers,omitempty"`
	Effective real         `json:"effective"`
	Weights   *weightFound `json:"weights,omitempty"`
	SampleSE  *real        `json:"se_n1,omitempty"`
	Adjusted  *par         `json:"adjusted,omitempty"`
	Wald      *ends        `json:"wald,omitempty"`
	Top       *measure     `json:"top_share,omitempty"`
	Mean      *measure     `json:"mean,omitempty"`
}

type ends struct {
	Low  real `json:"low"`
	High real `json:"high"`
}

// measure is another number of the same answers.
type measure struct {
	par
	ends
}

// weightFound is what the weights cost: Kish's effective number, and the answers over it.
type weightFound struct {
	Effective    real `json:"kish_effective"`
	DesignEffect real `json:"design_effect"`
}

type rakingFound struct {
	Margins []string `json:"margins"`
	Rounds  int      `json:"rounds"`
	Error   real     `json:"error"`
	Trimmed int      `json:"trimmed"`
	Least   real     `json:"least_weight"`
	Most    real     `json:"largest_weight"`
}

type scoreDifference struct {
	Group     string `json:"group"`
	Against   string `json:"against"`
	Value     real   `json:"value"`
	SE        real   `json:"se"`
	Low       real   `json:"low"`
	High      real   `json:"high"`
	Statistic real   `json:"statistic"`
	DF        *real  `json:"df,omitempty"` // none: normal
	P         real   `json:"p"`
}

func newScoreFound(s *scores, r *voice.Reading) *scoreFound {
	d := &scoreFound{Instrument: "score", Question: s.question.Key, Scale: s.question.Scale.String(), asked: s.question, by: s.byName, customers: s.customer != nil,
		weighted: s.weight != nil || len(s.targets) > 0, Groups: []scoreGroup{}}
	if len(s.targets) == 0 {
		return d
	}
	d.Raking = &rakingFound{Rounds: r.Rounds, Error: num(r.Error), Trimmed: r.Trimmed}
	for _, t := range s.targets {
		d.Raking.Margins = append(d.Raking.Margins, t.column)
	}
	least, most, mean := math.Inf(1), 0.0, 0.0
	for _, w := range r.Weights {
		least, most, mean = min(least, w), max(most, w), mean+w/float64(len(r.Weights))
	}
	d.Raking.Least, d.Raking.Most = num(least/mean), num(most/mean)
	return d
}

func (d *scoreFound) add(name string, r voice.Result) { d.Groups = append(d.Groups, d.group(name, r)) }

func (d *scoreFound) group(name string, r voice.Result) scoreGroup {
	m := r.Headline()
	top, middle, bottom := d.asked.Sides()
	g := scoreGroup{Group: name, Value: num(m.Value), N: r.Answers, Customers: r.Customers, Effective: num(m.Effective),
		Shares: object{{top, num(r.Top)}, {middle, num(r.Middle)}, {bottom, num(r.Bottom)}}}
	whole := measured(m)
	g.SE, g.Low, g.High = whole.SE, whole.Low, whole.High
	if m.Refused != "" {
		g.Effective = noNumber(m.Refused)
	}
	if d.weighted {
		g.Weights = &weightFound{num(r.Kish), num(r.DesignEffect)}
	}
	other := func(m voice.Measured) *measure {
		x := measured(m)
		return &x
	}
	switch d.asked.Measure {
	case voice.Net:
		p := r.Points
		g.Adjusted, g.Wald = &par{num(p.Adjusted), num(p.AdjustedSE)}, &ends{num(p.WaldLow), num(p.WaldHigh)}
		if !d.weighted && !d.customers {
			n1 := num(p.SampleSE)
			if r.Answers < 2 {
				n1 = noNumber("one answer has no spread")
			}
			g.SampleSE = &n1
		}
	case voice.Share:
		g.Mean = other(r.Mean)
	default:
		g.Top = other(r.Share)
	}
	return g
}

// measured is a value, and its error and ends or why there are none.
func measured(m voice.Measured) measure {
	if m.Refused != "" {
		no := noNumber(m.Refused)
		return measure{par{num(m.Value), no}, ends{no, no}}
	}
	return measure{parOf(m.Value, m.SE), ends{num(m.Low), num(m.High)}}
}

// conclude adds what is of all answers.
func (d *scoreFound) conclude(s *scores, all voice.Result) {
	d.N = all.Answers
	if d.by != "" {
		g := d.group("all", all)
		d.Overall = &g
	}
	if s.sent == 0 {
		return
	}
	f := all.Counts.ShareBounds(s.sent)
	if d.asked.Measure == voice.Net {
		f = all.Counts.NPSBounds(s.sent)
	}
	e, ok := f.Estimate()
	if !ok {
		r, _ := f.Refusal()
		d.Bounds = noNumber(r.Reason)
		return
	}
	low, _ := e.Low.Float64()
	high, _ := e.High.Float64()
	d.Bounds = ends{num(low), num(high)}
}

func differenceOf(group, against string, x voice.Difference, err error) scoreDifference {
	if err != nil {
		why := noNumber(err.Error())
		return scoreDifference{Group: group, Against: against, Value: why, SE: why, Low: why, High: why, Statistic: why, P: why}
	}
	d := scoreDifference{Group: group, Against: against, Value: num(x.Value), SE: num(x.SE), Low: num(x.Low), High: num(x.High), Statistic: num(x.Statistic), P: num(x.P)}
	if !math.IsInf(x.DF, 1) {
		df := num(x.DF)
		d.DF = &df
	}
	if math.IsNaN(x.P) {
		d.Statistic = noNumber("all answered alike, which leaves no error")
		d.P = d.Statistic
	}
	return d
}

func (d *scoreFound) text(w io.Writer) error {
	fmt.Fprintf(w, "%s: %s on the scale %s.\n\n", d.title(), counted(int(d.N), "answer"), d.Scale)
	top, middle, bottom := d.asked.Sides()
	g := grid{heads: []string{"group", "answers", d.head(), "from", "to", top, middle, bottom}}
	if d.customers {
		g.heads = append(g.heads, "customers")
	}
	rows := d.Groups
	if d.Overall != nil {
		rows = append(rows[:len(rows):len(rows)], *d.Overall)
	}
	for _, x := range rows {
		cells := []any{x.Group, x.N, d.shown(x.Value), d.shown(x.Low), d.shown(x.High), percent(x.Shares[0]), percent(x.Shares[1]), percent(x.Shares[2])}
		if d.customers {
			cells = append(cells, x.Customers)
		}
		g.add(cells...)
	}
	if err := g.print(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nfrom and to hold 95 percent, by %s.\n", map[voice.Measure]string{voice.Net: "the adjusted Wald interval", voice.Share: "Wilson's interval", voice.Mean: "Student's t, cut at the ends of the scale"}[d.asked.Measure])
	d.notes(w, rows)
	return d.compared(w)
}

// title is the question in words.
func (d *scoreFound) title() string {
	switch d.Question {
	case "nps":
		return "Net Promoter Score, in points from -100 to 100"
	case "csat":
		return "Satisfaction, the share of the satisfied"
	case "ces":
		return "Effort, the mean answer (more is easier)"
	}
	return printable(d.Question) + ", the mean answer"
}

func (d *scoreFound) head() string {
	return map[voice.Measure]string{voice.Net: "score", voice.Share: "share", voice.Mean: "mean"}[d.asked.Measure]
}

// shown is a value to the digits that can be read aloud: points to one place, shares in percent, means to two places.
func (d *scoreFound) shown(x real) string {
	switch {
	case x.refused != "":
		return x.String()
	case d.asked.Measure == voice.Net:
		return fmt.Sprintf("%.1f", x.value+0)
	case d.asked.Measure == voice.Share:
		return fmt.Sprintf("%.1f%%", 100*x.value)
	}
	return fmt.Sprintf("%.2f", x.value)
}

func percent(e entry) string {
	x, ok := e.value.(real)
	if !ok || x.refused != "" {
		return "–"
	}
	return fmt.Sprintf("%.1f%%", 100*x.value)
}

// notes say what else the numbers rest on.
func (d *scoreFound) notes(w io.Writer, rows []scoreGroup) {
	last := rows[len(rows)-1]
	if d.customers && last.Effective.refused == "" {
		fmt.Fprintf(w, "Answers of one customer are alike: the %s count for as much as %.1f of different customers.\n", counted(int(last.N), "answer"), last.Effective.value)
	}
	if last.Weights != nil {
		fmt.Fprintf(w, "The weights cost answers: the %s are worth %.1f of equal weight (Kish).\n", counted(int(last.N), "answer"), last.Weights.Effective.value)
	}
	if r := d.Raking; r != nil {
		fmt.Fprintf(w, "Weighted to the margins in %s; weights run from %.2f to %.2f times their mean", counted(r.Rounds, "round"), r.Least.value, r.Most.value)
		if r.Trimmed > 0 {
			fmt.Fprintf(w, ", %s cut", counted(r.Trimmed, "weight"))
		}
		fmt.Fprintln(w, ".")
	}
	switch b := d.Bounds.(type) {
	case ends:
		fmt.Fprintf(w, "Whatever those would say who did not answer, it lies between %s and %s.\n", d.shown(b.Low), d.shown(b.High))
	case real:
		fmt.Fprintf(w, "What silence could hide: refused: %s.\n", b.refused)
	}
	for _, x := range rows {
		if x.Low.refused != "" {
			fmt.Fprintf(w, "%s has no interval: %s.\n", printable(x.Group), x.Low.refused)
		}
	}
}

// compared is the table of differences.
func (d *scoreFound) compared(w io.Writer) error {
	if len(d.Differences) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\nCompared with %s:\n\n", printable(d.Differences[0].Against))
	g := grid{heads: []string{"group", map[voice.Measure]string{voice.Net: "points higher", voice.Share: "points of 100 higher", voice.Mean: "higher by"}[d.asked.Measure], "from", "to", "p"}}
	points := func(x real) string {
		if d.asked.Measure == voice.Share && x.refused == "" {
			return fmt.Sprintf("%.1f", 100*x.value)
		}
		return d.shown(x)
	}
	for _, x := range d.Differences {
		g.add(x.Group, points(x.Value), points(x.Low), points(x.High), x.P)
	}
	if err := g.print(w); err != nil {
		return err
	}
	if n := len(d.Differences); n > 1 {
		fmt.Fprintf(w, "\nOf %d comparisons one in twenty is below p 0.05 by chance.\n", n)
	}
	return nil
}
