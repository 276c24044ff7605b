package report

import (
	"fmt"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

// rates prints each rate on a line, its interval and its bounds below it, and
// as notes what an interval rests on and why a rate was refused.
func (d *document) rates(columns []*sealed.Statement) table {
	t := table{title: "RATES"}
	for _, l := range rateLines {
		if l.key == "earned_new_customers_bounds" || l.key == "earned_growth_rate_bounds" {
			continue // below their rates
		}
		across(&t, columns, row{label: l.label}, func(s *sealed.Statement) (cell, bool) {
			f, ok := s.Rates[l.key]
			if !ok {
				return cell{}, false
			}
			c := cell{share: headline(f)}
			if text := note(s, l.key, f); text != "" {
				c.mark = t.mark(text)
			}
			return c, true
		})
		for _, kind := range levels(columns, l.key) {
			across(&t, columns, row{label: "  " + kind}, func(s *sealed.Statement) (cell, bool) {
				e, ok := s.Rates[l.key].Estimate()
				if !ok || interval(e) != kind {
					return cell{}, false
				}
				return cell{share: between(e)}, true
			})
		}
		if bounds, ok := sealed.Bounded[l.key]; ok {
			across(&t, columns, row{label: "  bounds"}, func(s *sealed.Statement) (cell, bool) { return beside(s.Rates[l.key], s.Rates[bounds]) })
		}
	}
	if len(t.rows) == 0 {
		return t
	}
	base := table{}
	across(&base, columns, row{label: "A0: " + lower(activeLines[0].label)}, func(s *sealed.Statement) (cell, bool) {
		a, ok := s.Active["prior"]
		return cell{value: d.money(a)}, ok
	})
	if len(base.rows) > 0 {
		t.value = d.unit()
		t.rows = append(base.rows, t.rows...)
		t.after = append(t.after, "Shares are of A0; growth is of all prior revenue. Returning revenue counts as neither earned nor bought.")
	}
	return t
}

// mark numbers a note, once for all cells that share it.
func (t *table) mark(note string) string {
	i := slices.Index(t.notes, note)
	if i < 0 {
		i, t.notes = len(t.notes), append(t.notes, note)
	}
	return mark(i)
}

// headline is the figure itself: a value, or the ends where there is none.
func headline(f evidence.Figure) string {
	e, ok := f.Estimate()
	switch {
	case !ok:
		return "refused"
	case e.Value == nil:
		return between(e)
	}
	return percent(e.Value)
}

func between(e evidence.Estimate) string { return percent(e.Low) + " to " + percent(e.High) }

// interval names what stands below a value, if anything does.
func interval(e evidence.Estimate) string {
	switch {
	case e.Kind == evidence.KindExact || e.Value == nil:
		return ""
	case e.Kind == evidence.KindBounds:
		return "between"
	}
	return level(e.Level) + " " + string(e.Kind) + " interval"
}

// levels are the intervals that a rate has in any column.
func levels(columns []*sealed.Statement, key string) []string {
	var out []string
	for _, s := range columns {
		if e, ok := s.Rates[key].Estimate(); ok {
			if kind := interval(e); kind != "" && !slices.Contains(out, kind) {
				out = append(out, kind)
			}
		}
	}
	return out
}

// beside gives the bounds where they say more than the rate above them.
func beside(rate, bounds evidence.Figure) (cell, bool) {
	b, ok := bounds.Estimate()
	if !ok || b.Low.Cmp(b.High) == 0 {
		return cell{}, false
	}
	if e, ok := rate.Estimate(); ok && e.Kind == evidence.KindBounds && e.Low.Cmp(b.Low) == 0 && e.High.Cmp(b.High) == 0 {
		return cell{}, false
	}
	return cell{share: between(b)}, true
}

// note says what a figure that is not simply known rests on.
func note(s *sealed.Statement, key string, f evidence.Figure) string {
	if r, ok := f.Refusal(); ok {
		return sentence("refused: " + clean(r.Reason) + " — needs " + clean(r.Need))
	}
	e, ok := f.Estimate()
	switch {
	case !ok || e.Kind == evidence.KindExact:
		return ""
	case e.Kind == evidence.KindBounds && e.Value == nil && earned[key]:
		unknown, ok := s.Customers["new_unattributed"]
		if ok {
			return fmt.Sprintf("Bounds, not an interval: the origin of %s new customers is unknown. The low end holds if all of them were bought, the high end if all were earned.", plainCount(unknown))
		}
	case e.Kind == evidence.KindBounds:
		return sentence(fmt.Sprintf("bounds, not an interval (n = %s): %s", plainCount(e.N), clean(e.Method)))
	}
	return sentence(fmt.Sprintf("%s (n = %s)", clean(e.Method), plainCount(e.N)))
}
