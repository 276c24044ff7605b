package report

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

const touchpointTitle = "Touchpoints"

// mostTouchpoints is how many the whole statement prints; the statement of touchpoints prints all.
const mostTouchpoints = 40

// touchpointFigures are how the figures of a touchpoint are called.
var touchpointFigures = map[string]string{
	"wait_mean": "seconds waited, mean", "wait_median": "seconds waited, middle", "wait_nine_tenths": "seconds waited, nine tenths within",
	"handle_mean": "seconds of handling, mean", "transfers": "hand-offs a contact", "reached": "not given up", "abandoned": "given up", "contained": "kept from a person",
	"resolved": "settled", "reopened": "came up again", "came_again": "kept from a person, came again", "nps": "net promoter score", "csat": "satisfied", "ces": "ease, mean",
}

// touchpointFigure is how a figure is called.
func touchpointFigure(name string) string {
	if label, ok := touchpointFigures[name]; ok {
		return label
	}
	if seconds, ok := strings.CutPrefix(name, "within_"); ok {
		return "served within " + seconds + " s"
	}
	for _, prefix := range []string{"top.", "measure."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return clean(rest)
		}
	}
	return clean(name)
}

// touchpointShare tells whether a figure is a share; the others are numbers.
func touchpointShare(name string) bool {
	switch name {
	case "wait_mean", "wait_median", "wait_nine_tenths", "handle_mean", "transfers", "nps", "ces":
		return false
	}
	return !strings.HasPrefix(name, "measure.") && !strings.HasPrefix(name, "ces.") && !strings.HasPrefix(name, "nps.")
}

// touchpointValue is a figure in its own unit, with its interval.
func touchpointValue(name string, f *evidence.Figure) (value, interval string) {
	if f == nil {
		return "", ""
	}
	e, ok := f.Estimate()
	if !ok {
		return "refused", ""
	}
	say := percent
	if !touchpointShare(name) {
		say = func(r *big.Rat) string { return plainNumber(r) }
	}
	if e.Value != nil {
		value = say(e.Value)
	}
	if e.Kind != evidence.KindExact {
		interval = say(e.Low) + " to " + say(e.High)
	}
	return value, interval
}

// plainNumber has one decimal, or two below ten.
func plainNumber(r *big.Rat) string {
	if new(big.Rat).Abs(r).Cmp(big.NewRat(10, 1)) < 0 {
		return r.FloatString(2)
	}
	return r.FloatString(1)
}

// touchpointPassages are the touchpoints in short: how each does, who was not reached, where customers came back less, what the map lacks.
func (d *document) touchpointPassages(most int) []passage {
	t := d.Touchpoints
	if t == nil {
		return nil
	}
	if !t.Open() {
		return []passage{{title: touchpointTitle, said: []string{sentence("refused: " + unlocked(t.Locked))}}}
	}
	out := []passage{d.touchpointTable(most)}
	for _, p := range []passage{d.unreachedPassage(most), d.lessPassage(most), d.gapsPassage()} {
		if len(p.rows)+len(p.said) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// worstFirst are the lines by state, those of one state in the order of the map.
func worstFirst(lines []sealed.Touchpoint) []*sealed.Touchpoint {
	out := make([]*sealed.Touchpoint, len(lines))
	for i := range lines {
		out[i] = &lines[i]
	}
	rank := func(t *sealed.Touchpoint) int {
		return slices.IndexFunc(sealed.TouchpointStates, func(w sealed.Word) bool { return w.Name == t.State })
	}
	slices.SortStableFunc(out, func(a, b *sealed.Touchpoint) int { return rank(a) - rank(b) })
	return out
}

func stateWord(state string) string {
	short := map[string]string{"well_below": "well below", "well_above": "well above", "few": "too few", "unjudged": "no standard"}
	if w, ok := short[state]; ok {
		return w
	}
	return clean(state)
}

func (d *document) touchpointTable(most int) passage {
	p := passage{title: touchpointTitle, heads: []string{"", "state", "by", "", "95% interval", "contacts"}, widths: []int{26, 12, 22, 10, 16, 10}}
	if c := d.Covers; c.Open() && c.Period != nil && c.Compared != nil {
		p.of = days(*c.Period) + ", compared with " + days(*c.Compared)
	}
	lines := worstFirst(d.Touchpoints.Lines)
	for i, t := range lines {
		if i == most {
			p.said = append(p.said, fmt.Sprintf("And %d more: throughline statement touchpoints prints them all.", len(lines)-most))
			break
		}
		value, interval := touchpointValue(t.Headline, t.Value)
		by := touchpointFigure(t.Headline)
		if width(by) > 20 {
			by = string([]rune(by)[:19]) + "…"
		}
		p.rows = append(p.rows, []string{clean(t.Title), stateWord(t.State), by, value, interval, plainCount(t.Contacts)})
	}
	if d.Covers.Open() && !d.Covers.Mapped {
		p.said = append(p.said, "Nobody has mapped where customers meet the company: these are the names that the books have.")
	}
	p.said = append(p.said, "A touchpoint is below its standard where the whole interval is, well below where it is by more than the standard allows for. Too few: fewer than 30 of what the standard counts, or most of them by a few customers.")
	return p
}

// unreachedPassage is who gave up or was kept away.
func (d *document) unreachedPassage(most int) passage {
	p := passage{title: "Who was not reached", heads: []string{"", "lost", "of given up", "lost, open", "nameless", "came again", "of kept", "again, open"}, widths: []int{23, 6, 12, 11, 9, 11, 9, 12}}
	var lines []*sealed.Touchpoint
	for i := range d.Touchpoints.Lines {
		if t := &d.Touchpoints.Lines[i]; slices.ContainsFunc(t.Unreached, func(l sealed.TouchpointLost) bool { return l.N+l.Open > 0 }) {
			lines = append(lines, t)
		}
	}
	lost := func(t *sealed.Touchpoint) (n int64) {
		for _, l := range t.Unreached {
			n += l.N
		}
		return n
	}
	slices.SortStableFunc(lines, func(a, b *sealed.Touchpoint) int { return int(min(1, max(-1, lost(b)-lost(a)))) })
	had, of, open := func(l sealed.TouchpointLost) int64 { return l.N }, func(l sealed.TouchpointLost) int64 { return l.Of }, func(l sealed.TouchpointLost) int64 { return l.Open }
	for i, t := range lines {
		if i == most {
			break
		}
		cells := []string{clean(t.Title)}
		for _, c := range []struct {
			name string
			of   func(sealed.TouchpointLost) int64
		}{{"lost_customers", had}, {"lost_customers", of}, {"lost_customers", open}, {"lost_nameless", had}, {"came_again", had}, {"came_again", of}, {"came_again", open}} {
			text := ""
			if l, ok := t.Lost(c.name); ok {
				text = plainCount(c.of(l))
			}
			cells = append(cells, text)
		}
		p.rows = append(p.rows, cells)
	}
	if len(p.rows) > 0 {
		p.said = []string{"Lost: customers who gave up and did not come through at any touchpoint within seven days. Came again: contacts that were kept from a person, whose customer came to one within seven days. Open, and not counted among the others: the period ends within these seven days, so that it is not known yet."}
	}
	return p
}

// gapsPassage is what the map does not cover.
func (d *document) gapsPassage() passage {
	c := d.Covers
	if !c.Open() {
		return passage{}
	}
	p := passage{title: "What the map does not cover", heads: []string{"", "number"}, widths: []int{80, 14}}
	for _, g := range c.Gaps() {
		if len(g.Items) > 0 {
			p.rows = append(p.rows, []string{g.Label, plainCount(int64(len(g.Items)))})
		}
	}
	for _, b := range c.Books {
		if b.Nowhere > 0 {
			p.rows = append(p.rows, []string{"Rows of " + b.Name + " whose name leads to no touchpoint", plainCount(b.Nowhere)})
		}
		if b.Unnamed > 0 {
			p.rows = append(p.rows, []string{"Rows of " + b.Name + " that name no touchpoint", plainCount(b.Unnamed)})
		}
	}
	if jobs := jobsSaid(c.JobsWithoutRole); jobs != "" {
		p.said = append(p.said, jobs)
	}
	for _, u := range c.Unknown {
		p.said = append(p.said, touchpointFigure(u.Name)+": "+sentence("refused: "+clean(u.Refused)+" — needs "+clean(u.Need)))
	}
	return p
}

func (d *document) touchpointLines() []sealed.Touchpoint {
	if !d.Touchpoints.Open() {
		return nil
	}
	return d.Touchpoints.Lines
}

// onePassages are all figures of one touchpoint, brand by brand.
func (d *document) onePassages(t *sealed.Touchpoint) []passage {
	var out []passage
	for _, b := range t.Brands {
		p := passage{title: clean(t.Title), of: fmt.Sprintf("%s contacts, %s name a customer", plainCount(b.Contacts), plainCount(b.Identified)), heads: []string{"", "", "95% interval", "n", "before", "change"}, widths: []int{34, 12, 18, 10, 10, 12}}
		switch {
		case b.Name != "":
			p.title += ", " + clean(sealed.Called(d.Covers.Brands, b.Name))
		case len(d.Covers.Brands) > 0:
			p.title += ", of no brand"
		}
		for _, f := range b.Figures {
			p.rows = append(p.rows, touchpointRow(f))
		}
		if r := b.PutRight; r != nil {
			for _, w := range r.Within {
				value, interval := touchpointValue("resolved", &w.Share)
				p.rows = append(p.rows, []string{"put right within " + daysWord(w.Name), value, interval, plainCount(r.Customers), "", ""})
			}
			p.said = append(p.said, halfPutRight(r.Median)...)
		}
		for _, s := range b.Standards {
			target := "at least " + touchpointGoal(s.Figure, s.AtLeast)
			if s.AtLeast == "" {
				target = "at most " + touchpointGoal(s.Figure, s.AtMost)
			}
			p.said = append(p.said, "Standard: "+touchpointFigure(s.Figure)+", "+target+": "+stateWord(s.State)+".")
		}
		out = append(out, p)
	}
	if len(t.Measures) > 0 {
		p := passage{title: clean(t.Title) + ", measured elsewhere", heads: []string{"", "", "95% interval", "n", "before", "change"}, widths: []int{34, 12, 18, 10, 10, 12}}
		for _, f := range t.Measures {
			p.rows = append(p.rows, touchpointRow(f))
		}
		out = append(out, p)
	}
	return out
}

// touchpointGoal is what a standard promises of a figure, as the figure is printed.
func touchpointGoal(figure, text string) string {
	if r, ok := new(big.Rat).SetString(text); ok && touchpointShare(figure) {
		return percent(r)
	}
	return clean(text)
}

// halfPutRight says after how many days half were put right, or why that is not told.
func halfPutRight(f evidence.Figure) []string {
	if why, refused := f.Refusal(); refused {
		return []string{sentence("days until half were put right: " + clean(why.Reason) + " — needs " + clean(why.Need))}
	}
	e, ok := f.Estimate()
	if !ok || e.Value == nil {
		return nil
	}
	return []string{fmt.Sprintf("Days until half were put right: %s; 95%% interval %s to %s.", e.Value.FloatString(0), e.Low.FloatString(0), e.High.FloatString(0))}
}

func touchpointRow(f sealed.TouchpointFigure) []string {
	value, interval := touchpointValue(f.Name, &f.Figure)
	n, before, change := "", "", ""
	if e, ok := f.Figure.Estimate(); ok {
		n = plainCount(e.N)
	}
	if f.Before != nil {
		was := evidence.Exact(f.Before.Rat, 0, "before")
		before, _ = touchpointValue(f.Name, &was)
	}
	if f.Change != nil {
		if e, ok := f.Change.Estimate(); ok && e.Value != nil {
			change, _ = touchpointValue(f.Name, f.Change)
			if touchpointShare(f.Name) {
				change = strings.TrimSuffix(points(e.Value), " pts")
			}
			if e.Low.Sign() <= 0 && e.High.Sign() >= 0 {
				change = "(" + change + ")" // may be nothing
			}
		}
	}
	return []string{touchpointFigure(f.Name), value, interval, n, before, change}
}

func daysWord(n string) string {
	if n == "1" {
		return "a day"
	}
	return clean(n) + " days"
}
