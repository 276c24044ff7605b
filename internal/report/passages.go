package report

import (
	"strings"

	"github.com/throughline/throughline/internal/sealed"
)

// passage is a part of the page that does not stand in the columns of the two
// statements: a table of its own, and sentences.
type passage struct {
	title string
	heads []string
	rows  [][]string
	said  []string
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
	if d.Recurring != nil {
		locked("Subscriptions", d.Recurring.Locked)
	}
	out = append(out, d.basePassages()...)
	if r := d.Referrals; r != nil && r.Refused == "" && r.Losses != nil {
		out = append(out, d.lossPassage(r.Losses))
	}
	return out
}

// basePassages are the averages of both periods, and tenths by spend.
func (d *document) basePassages() []passage {
	v := d.Views
	now := v.Slice("period")
	if now == nil || v.Slice("comparison") == nil {
		return nil
	}
	p := passage{title: "Customer base", heads: []string{"", "period", "before"}}
	if v.Period != nil && v.Compared != nil {
		p.title += ": " + days(*v.Period) + ", compared with " + days(*v.Compared)
	}
	for _, l := range baseLines {
		a, why := d.baseValue("slices.period." + l.key)
		b, _ := d.baseValue("slices.comparison." + l.key)
		p.rows = append(p.rows, []string{l.label, a, b})
		if why != "" {
			p.said = append(p.said, "Refused: "+sentence(why))
		}
	}
	out := []passage{p}
	by := now.By("spend")
	if by == nil || len(by.Deciles) == 0 {
		return out
	}
	tenths := passage{title: "Tenths of the customers by spend", heads: []string{"tenth", "customers", "orders", "revenue", "share"}}
	for _, t := range by.Deciles {
		tenths.rows = append(tenths.rows, []string{t.Name, plainCount(t.Customers), plainCount(t.Orders), d.money(t.Revenue), share(t.Revenue, now.Revenue)})
	}
	return append(out, tenths)
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
		m.section(p.title, p.said...)
		return
	}
	m.put("<table><caption>%s</caption><thead><tr>", p.title)
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
