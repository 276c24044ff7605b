package report

import (
	"strings"

	"github.com/throughline/throughline/internal/sealed"
)

// passage is a part of the page that does not stand in the columns of the two
// statements: a table of its own, and sentences.
type passage struct {
	title, of string // of: what the title leaves open, such as which periods
	heads     []string
	widths    []int // of the columns of text; where there are none, text has it in another way
	rows      [][]string
	said      []string
}

func (p passage) caption(title string) string {
	if p.of != "" {
		title += ": " + p.of
	}
	return title
}

// passages are the parts of the page beside the customer statement.
func (d *document) passages() []passage {
	var out []passage
	locked := func(title string, l sealed.Locked) {
		if l.Refused != "" {
			out = append(out, passage{title: title, said: []string{sentence("refused: " + unlocked(l))}})
		}
	}
	if d.Views != nil {
		locked("Customer base", d.Views.Locked)
	}
	if d.Referrals != nil {
		locked("Referrals", d.Referrals.Locked)
	}
	if d.Profit != nil {
		locked("Profit and cost to serve", d.Profit.Locked)
	}
	if d.Prices != nil {
		locked("Observed price elasticity", d.Prices.Locked)
	}
	if d.Recurring != nil {
		locked("Subscriptions", d.Recurring.Locked)
	}
	if d.Loyalty != nil {
		locked(loyaltyTitle, d.Loyalty.Locked)
	}
	out = append(out, d.basePassages()...)
	out = append(out, d.groupPassages()...)
	out = append(out, d.equityPassages()...)
	out = append(out, d.contractsPassages()...)
	out = append(out, d.loyaltyPassages()...)
	if r := d.Referrals; r != nil && r.Refused == "" && r.Losses != nil {
		out = append(out, d.lossPassage(r.Losses))
	}
	out = append(out, d.behaviourPassages()...)
	if d.Prices.Open() {
		out = append(out, d.pricePassage())
	}
	out = append(out, d.touchpointPassages(mostTouchpoints)...)
	out = append(out, d.trainingPassages()...)
	out = append(out, d.incomePassages()...)
	out = append(out, d.workforcePassages()...)
	return out
}

// lossPassage is loss along the ties of referrals.
func (d *document) lossPassage(l *sealed.Losses) passage {
	p := passage{title: "Loss along the ties of referrals", heads: []string{"", "points", "95% interval"}}
	if l.Refused != "" {
		p.heads, p.said = nil, []string{sentence("refused: " + unlocked(l.Locked))}
		return p
	}
	for _, known := range sealed.Relations {
		for _, r := range l.Relations {
			if r.Name != known.Name {
				continue
			}
			p.rows = append(p.rows, []string{known.Label, "", ""})
			if why, refused := r.Figures["difference"].Refusal(); refused {
				p.rows = append(p.rows, []string{"  " + sentence("refused: "+clean(why.Reason)+" — needs "+clean(why.Need)), "", ""})
				continue
			}
			for _, line := range spreadLines {
				value, interval, why := spread(r.Figures[line.key])
				switch {
				case why != "":
					p.rows = append(p.rows, []string{"  " + line.label + ": " + why, "", ""})
				case value != "":
					p.rows = append(p.rows, []string{"  " + line.label, value, interval})
				}
			}
		}
	}
	p.said = append(p.said, "An association along a tie is no proof that one led to the other. In points of the share that leaves; 95% intervals.")
	return p
}

// passage is a table with its sentences.
func (m *markup) passage(p passage) {
	if len(p.rows) == 0 {
		m.section(p.caption(p.title), p.said...)
		return
	}
	m.put("<table><caption>%s</caption><thead><tr>", p.caption(p.title))
	for _, h := range p.heads {
		m.put("<th scope=\"col\">%s</th>", h)
	}
	m.put("</tr></thead><tbody>\n")
	for _, row := range p.rows {
		m.put("<tr>")
		for i, c := range row {
			if i == 0 {
				class := ""
				if strings.HasPrefix(c, " ") {
					class = "in"
				}
				m.put("<th scope=\"row\" class=\"%s\">%s</th>", class, c)
				continue
			}
			m.put("<td>%s</td>", c)
		}
		m.put("</tr>\n")
	}
	m.put("</tbody></table>\n")
	for _, text := range p.said {
		m.put("<p class=\"said\">%s</p>\n", text)
	}
}

// passage prints the same as text: the first column to the left, the others to
// the right. A name that is too long has a line of its own.
func (p *page) passage(x passage) {
	p.title(x.caption(strings.ToUpper(x.title)))
	line := func(cells []string) {
		if width(cells[0]) >= x.widths[0] {
			p.print("%s", cells[0])
			cells = append([]string{""}, cells[1:]...)
		}
		text := left(cells[0], x.widths[0])
		for i, c := range cells[1:] {
			text += right(c, x.widths[i+1])
		}
		p.print("%s", text)
	}
	if len(x.rows) > 0 {
		line(x.heads)
	}
	for _, r := range x.rows {
		line(r)
	}
	for _, text := range x.said {
		p.hang("", text, 0)
	}
}
