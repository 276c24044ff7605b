package report

import (
	"fmt"

	"github.com/throughline/throughline/internal/sealed"
)

// lessPassage is where customers came back less.
func (d *document) lessPassage(most int) passage {
	p := passage{title: "Where customers came back less", heads: []string{"", "difference", "95% interval", d.unit() + " not seen", "95% interval", "grade"}, widths: []int{22, 11, 18, 16, 22, 7}}
	if !d.Covers.Open() || d.Covers.Next == nil {
		return passage{}
	}
	next := d.Covers.Next
	if next.Refused != nil {
		p.heads = nil
		p.said = []string{sentence("refused: " + clean(next.Refused.Reason) + " — needs " + clean(next.Refused.Need))}
		return p
	}
	if next.Passed != nil && next.Next != nil {
		p.of = "who passed " + days(*next.Passed) + ", and bought " + days(*next.Next)
	}
	p.said = d.uncompared()
	if next.Compared == 0 {
		p.heads, p.widths = nil, nil
		return p
	}
	rows, more := d.lessRows(most)
	p.rows = rows
	chance, _ := touchpointValue("transfers", next.Chance)
	compared := fmt.Sprintf("Touchpoints compared: %d. With an interval that does not hold nothing, in either direction: %d; about %s would be by chance. Left when all that were compared are counted (Benjamini & Hochberg 1995): %d.", next.Compared, next.Clear, chance, next.Adjusted)
	if len(next.Less) == 0 {
		p.heads, p.widths = nil, nil
		nowhere := "After none of the touchpoints compared did customers come back less than others like them."
		if more > 0 {
			nowhere += fmt.Sprintf(" After %d they came back more, with an interval that does not hold nothing; that is no praise: who has any contact is more active than who has none.", more)
		}
		p.said = append([]string{nowhere, compared}, p.said...)
		return p
	}
	p.said = append([]string{
		"Customers who passed a touchpoint, less others of the same segment and brand, as long with us, who had bought as often and as lately. An association: who passes is not drawn by lot, and whoever has any contact is more alive than whoever has none. * may be nothing: the interval holds nothing.",
		compared,
	}, p.said...)
	return p
}

// lessRows are at most so many touchpoints after which customers came back less; more is after how many they came back more, with an interval that does not hold nothing.
func (d *document) lessRows(most int) (rows [][]string, more int64) {
	more = d.Covers.Next.Clear
	for i, l := range d.Covers.Next.Less {
		if !l.Nothing {
			more--
		}
		t := d.Touchpoints.Line(l.Name)
		if i >= most || t == nil || t.Next == nil {
			continue
		}
		value, interval, _ := spread(t.Next.Difference)
		money, ends, _ := foretold(sealed.Expected, l.Revenue)
		grade := l.Grade
		if l.Nothing {
			grade += " *"
		}
		rows = append(rows, []string{clean(t.Title), value, interval, money, ends, grade})
	}
	return rows, more
}

// uncompared says after how many touchpoints what customers did next is not compared; empty: after none.
func (d *document) uncompared() []string {
	n := d.Touchpoints.Uncompared()
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Touchpoints not compared: %d, because too few customers are alike, too few came back, or too few did not; of each the document says which, and what it needs.", n)}
}
