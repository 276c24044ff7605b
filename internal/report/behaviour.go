package report

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// The lines of how customers buy, in the order in which they are printed.
var (
	behaviourMeasures = []line{
		{"frequency", "Purchase days per buying customer and month"},
		{"spend", "Typical spend on a purchase day"},
		{"gap", "Days until the next purchase, 90 at most"},
		{"mix", "Revenue that moved to other products"},
	}
	behaviourCounts = []line{
		{"in_period", "Alarms raised in the period"},
		{"standing", "Of these, standing against chance"},
		{"earlier", "Alarms raised before the period"},
		{"series_watched", "Series watched"},
		{"series_refused", "Series that have no course"},
	}
)

// behaviourPassages are how customers buy, and the alarms on it.
func (d *document) behaviourPassages() []passage {
	b := d.Behaviour
	if b == nil {
		return nil
	}
	p := passage{title: "Behaviour", heads: []string{"", "", ""}, widths: []int{48, 12, 20}}
	if b.Refused != "" {
		p.said = []string{sentence("refused: " + unlocked(b.Locked))}
		return []passage{p}
	}
	if n := len(b.Months); n > 0 {
		p.of = clean(b.WatchedFrom) + " to " + clean(b.Months[n-1].Name)
	}
	for _, l := range behaviourMeasures {
		text := "refused"
		if e, ok := b.Year[l.key].Estimate(); ok && e.Value != nil {
			text = d.behaved(l.key, e.Value)
		}
		p.rows = append(p.rows, []string{l.label, text, ""})
	}
	for _, l := range behaviourCounts {
		if n, ok := b.Counts[l.key]; ok {
			p.rows = append(p.rows, []string{l.label, strconv.FormatInt(n, 10), ""})
		}
	}
	if e, ok := b.ByChance.Estimate(); ok && e.Value != nil {
		p.rows = append(p.rows, []string{"Alarms expected in the period by chance", e.Value.FloatString(1), ""})
	}
	return append([]passage{p}, d.alarmPassages()...)
}

// behaved is a value of a measure in its own unit.
func (d *document) behaved(measure string, r *big.Rat) string {
	switch measure {
	case "spend":
		return r.FloatString(d.places())
	case "mix":
		return percent(r)
	case "gap":
		return r.FloatString(1)
	}
	return r.FloatString(2)
}

// alarmPassages are the alarms of the period, and after them the history.
func (d *document) alarmPassages() []passage {
	now := passage{title: "Alarms of the period", heads: []string{"", "change", "95% interval"}, widths: []int{48, 12, 20}, said: []string{
		"An alarm is an observation, not a cause. When a change came is chosen because it looks greatest from there, so it is told greater than it is. * would also ring if all series together gave one false alarm in ten years.",
	}}
	before := passage{title: "Alarms raised before the period", heads: now.heads, widths: now.widths}
	for _, s := range d.Behaviour.Series {
		for _, a := range s.Alarms {
			into := &before
			if a.InPeriod {
				into = &now
			}
			into.rows = append(into.rows, alarmRows(s, a)...)
		}
	}
	var out []passage
	for _, p := range []passage{now, before} {
		if len(p.rows) > 0 {
			out = append(out, p)
		}
	}
	return out
}

func alarmRows(s sealed.BehaviourSeries, a sealed.BehaviourAlarm) [][]string {
	standing := ""
	if a.Standing {
		standing = " *"
	}
	method := map[string]string{"cusum": "CUSUM", "self_starting": "self-starting"}[a.Method]
	say := percent
	if s.Measure == "mix" {
		say = points
	}
	value, interval := "refused", ""
	if e, ok := a.Change.Estimate(); ok && e.Value != nil {
		value, interval = say(e.Value), say(e.Low)+" to "+say(e.High)
	}
	return [][]string{
		{clean(s.Name) + standing, value, interval},
		{fmt.Sprintf("  %s since %s, seen %s (%s)", clean(a.Direction), clean(a.Since), clean(a.Signalled), method), "", ""},
	}
}

// behaviourRecords are all series with their months and alarms.
func (d *document) behaviourRecords() []record {
	b := d.Behaviour
	if b == nil {
		return nil
	}
	at := record{statement: "behaviour", period: window(d.Period)}
	if b.Refused != "" {
		at.kind, at.note = "refused", unlocked(b.Locked)
		return []record{at}
	}
	var out []record
	for _, l := range behaviourCounts {
		if n, ok := b.Counts[l.key]; ok {
			r := at
			r.line, r.value, r.kind, r.unit = "alarms."+l.key, strconv.FormatInt(n, 10), "exact", map[bool]string{true: "series", false: "alarms"}[l.key == "series_watched" || l.key == "series_refused"]
			out = append(out, r)
		}
	}
	out = append(out, told(at, at.period, "alarms_expected_by_chance", "alarms", b.ByChance)...)
	for _, l := range behaviourMeasures {
		out = append(out, told(at, at.period, "year."+l.key, d.measuredIn(l.key), b.Year[l.key])...)
	}
	for _, s := range b.Series {
		out = append(out, d.seriesRecords(at, s)...)
	}
	return out
}

// measuredIn is the unit of a measure.
func (d *document) measuredIn(measure string) string {
	return map[string]string{"frequency": "days", "spend": string(d.Currency), "gap": "days", "mix": "ratio"}[measure]
}

// told is the row of a figure; none where there is none.
func told(at record, period, line, unit string, f evidence.Figure) []record {
	if f == (evidence.Figure{}) {
		return nil
	}
	r := figure(at, line, f)
	r.period = period
	if _, refused := f.Refusal(); !refused {
		r.unit = unit
	}
	return []record{r}
}

func (d *document) seriesRecords(at record, s sealed.BehaviourSeries) []record {
	prefix, unit := "series."+member(s.Name)+".", d.measuredIn(s.Measure)
	if s.Season && s.Measure != "mix" {
		unit = "ratio to a year earlier"
	}
	out := told(at, at.period, prefix+"level", unit, s.Level)
	for _, x := range s.Points {
		r := at
		r.period, r.line, r.kind, r.n, r.unit = x.Name, prefix+"points."+x.Name+".value", "exact", strconv.FormatInt(x.N, 10), d.measuredIn(s.Measure)
		if x.Value.Rat != nil {
			r.value = money.FormatRate(x.Value.Rat)
			out = append(out, r)
		}
	}
	for _, a := range s.Alarms {
		name, span := prefix+"alarms."+a.Name+".", a.Since+" to "+a.Until
		out = append(out, told(at, span, name+"before", unit, a.Before)...)
		out = append(out, told(at, span, name+"after", unit, a.After)...)
		out = append(out, told(at, span, name+"change", "ratio", a.Change)...)
	}
	return out
}
