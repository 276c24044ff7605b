package report

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

const loyaltyTitle = "Loyalty by satisfaction"

// loyaltyLines are the figures of loyalty by satisfaction, in the order in which they are printed.
var loyaltyLines = []line{
	{"stays_of_satisfied", "Stay, of the satisfied"},
	{"stays_of_unsatisfied", "Stay, of the unsatisfied"},
	{"stays_difference", "Difference"},
	{"stays_difference_before", "Difference, asked before the period"},
	{"still_active_difference", "Difference in being active at all"},
	{"captive_of_loyal", "Captive, of the loyal who answered"},
	{"captive_of_loyal_bounds", "Captive, of all the loyal"},
	{"answered_share", "Answered"},
	{"stays_of_answered", "Stay, of who answered"},
	{"stays_of_unanswered", "Stay, of who did not answer"},
	{"answered_difference", "Difference, answered or not"},
}

// loyal prints who stays by who is satisfied, or why nobody knows.
func (d *document) loyal(p *page) {
	if d.Loyalty != nil && d.Loyalty.Refused != "" {
		p.title(strings.ToUpper(loyaltyTitle))
		p.lock(d.Loyalty.Locked)
	}
	for _, x := range d.loyaltyPassages() {
		p.passage(x)
	}
}

func (d *document) loyaltyPassages() []passage {
	l := d.Loyalty
	if !l.Open() {
		return nil
	}
	table := passage{title: loyaltyTitle, heads: []string{"customers", "satisfied", "neither", "unsatisfied", "not known", "all"}, widths: []int{26, 14, 14, 14, 14, 14}}
	if l.Period != nil && l.Compared != nil {
		table.of = days(*l.Period) + ", compared with " + days(*l.Compared)
	}
	for _, b := range sealed.Behaviours {
		row := l.Row(b.Name)
		if row == nil {
			continue
		}
		cells := []string{b.Label}
		for _, g := range sealed.Grades {
			text := ""
			if c := l.Cell(b.Name, g.Name); c != nil {
				text = plainCount(c.Customers)
			}
			cells = append(cells, text)
		}
		table.rows = append(table.rows, append(cells, plainCount(row.Customers)))
	}
	table.said = []string{"Customers who were active before the period stay when they are active in it with at least half of the revenue. Satisfied by the last answer to " + clean(l.Question) + answeredIn(l) + "."}
	out := []passage{table, d.attitudePassage(l)}
	if worth := d.attitudeWorths(l); len(worth.rows) > 0 {
		out = append(out, worth)
	}
	return append(append(out, loyaltyFigures(l)), captivePassages(l)...)
}

func answeredIn(l *sealed.Loyalty) string {
	if l.Answered == nil {
		return ""
	}
	return ", " + days(*l.Answered)
}

// attitudePassage is the four groups, and who is neither.
func (d *document) attitudePassage(l *sealed.Loyalty) passage {
	p := passage{title: "Groups of the customers who answered", heads: []string{"", "customers", "share", "95% interval", "revenue before", "revenue"}, widths: []int{12, 12, 10, 20, 21, 21}}
	for _, w := range sealed.Attitudes {
		g := l.Group(w.Name)
		if g == nil {
			continue
		}
		p.rows = append(p.rows, []string{w.Label, plainCount(g.Customers), headline(g.Share), ends(g.Share), d.money(g.Prior), d.money(g.Revenue)})
		if why, refused := g.Value.Refusal(); refused && len(p.said) == 0 {
			p.said = append(p.said, "Value: "+sentence("refused: "+clean(why.Reason)+" — needs "+clean(why.Need)))
		}
	}
	return p
}

// attitudeWorths is what each group is worth from here on, where any is told.
func (d *document) attitudeWorths(l *sealed.Loyalty) passage {
	p := passage{title: "What they are worth from here on", heads: []string{"", d.unit(), "95% interval"}, widths: equityWidths}
	told := false
	for _, w := range sealed.Attitudes {
		if g := l.Group(w.Name); g != nil && g.Value.Err() == nil {
			value, interval, _ := foretold(sealed.Expected, g.Value)
			p.rows = append(p.rows, []string{w.Label, value, interval})
			_, ok := g.Value.Estimate()
			told = told || ok
		}
	}
	if !told {
		return passage{}
	}
	p.said = []string{"By the models of customer equity; each interval is as wide in proportion as that of the whole base."}
	return p
}

// ends are those of an interval; empty where there is none.
func ends(f evidence.Figure) string {
	if e, ok := f.Estimate(); ok && e.Kind != evidence.KindExact && e.Value != nil {
		return between(e)
	}
	return ""
}

func loyaltyFigures(l *sealed.Loyalty) passage {
	p := passage{title: "Do the satisfied stay?", heads: []string{"", "", "95% interval", "n"}, widths: []int{40, 20, 22, 14}}
	for _, x := range loyaltyLines {
		f, ok := l.Figures[x.key]
		if !ok {
			continue
		}
		if why, refused := f.Refusal(); refused {
			p.rows = append(p.rows, []string{x.label, "refused", "", ""})
			p.said = append(p.said, x.label+": "+sentence("refused: "+clean(why.Reason)+" — needs "+clean(why.Need)))
			continue
		}
		e, _ := f.Estimate()
		if strings.HasSuffix(x.key, "_difference") || strings.HasSuffix(x.key, "_before") {
			value, interval, _ := spread(f)
			p.rows = append(p.rows, []string{x.label, value, interval, plainCount(e.N)})
			continue
		}
		p.rows = append(p.rows, []string{x.label, headline(f), ends(f), plainCount(e.N)})
	}
	p.said = append(p.said, "An association, and no proof that satisfaction keeps customers. Who answers is not random, and who has gone is asked less often.")
	return p
}

// captivePassages are captives by what the books know of them.
func captivePassages(l *sealed.Loyalty) []passage {
	var out []passage
	for _, w := range sealed.Holds {
		for _, s := range l.By {
			if s.Name != w.Name {
				continue
			}
			p := passage{title: "Captive, of the loyal: " + lower(w.Label), heads: []string{"", "stay and answered", "captive", "share", "95% interval"}, widths: []int{42, 18, 10, 10, 16}}
			for i, label := range s.Labels("all others", "not known, or none") {
				x := s.Levels[i]
				p.rows = append(p.rows, []string{clean(label), plainCount(x.Loyal), plainCount(x.Captive), headline(x.Share), ends(x.Share)})
			}
			out = append(out, p)
		}
	}
	return out
}

// loyaltyRecords are every figure of loyalty by satisfaction, a row each.
func (d *document) loyaltyRecords() []record {
	l := d.Loyalty
	if l == nil {
		return nil
	}
	at := record{statement: "loyalty", period: window(l.Period), compared: window(l.Compared)}
	if l.Refused != "" {
		at.kind, at.note = "refused", unlocked(l.Locked)
		return []record{at}
	}
	question := at
	question.line, question.kind, question.note = "question", "text", l.Question
	out := []record{question}
	for _, a := range l.Asked {
		out = append(out, numbered(at, "questions."+a.Name+".customers", a.Customers, "customers"))
	}
	for _, key := range []string{"given", "not_read", "without_customer"} {
		if n, ok := l.Answers[key]; ok {
			out = append(out, numbered(at, "answers."+key, n, "answers"))
		}
	}
	for _, row := range l.Table {
		in := "table." + row.Name + "."
		out = append(out, d.loyaltySums(at, in, row.LoyaltySums)...)
		for _, c := range row.Cells {
			out = append(out, d.loyaltySums(at, in+"cells."+c.Name+".", c)...)
		}
	}
	for _, g := range l.Groups {
		in := "groups." + g.Name + "."
		out = append(append(out, d.loyaltySums(at, in, g.LoyaltySums)...), figure(at, in+"share", g.Share), figure(at, in+"revenue_share", g.RevenueShare), figure(at, in+"value", g.Value))
	}
	for _, x := range loyaltyLines {
		if f, ok := l.Figures[x.key]; ok {
			out = append(out, figure(at, x.key, f))
		}
	}
	for _, s := range l.By {
		for _, x := range s.Levels {
			in := "captives_by." + s.Name + ".levels." + levelName(x) + "."
			out = append(out, numbered(at, in+"loyal", x.Loyal, "customers"), numbered(at, in+"captive", x.Captive, "customers"), figure(at, in+"share", x.Share))
		}
	}
	return out
}

// levelName is a level within the name of a line, each another's.
func levelName(l sealed.LoyaltyLevel) string {
	if l.Of == "level" && l.Name == "all others" {
		return strconv.Quote(l.Name)
	}
	return member(l.Name)
}

func (d *document) loyaltySums(at record, in string, s sealed.LoyaltySums) []record {
	return []record{numbered(at, in+"customers", s.Customers, "customers"), d.cash(at, in+"revenue", s.Revenue), d.cash(at, in+"prior_revenue", s.Prior)}
}
