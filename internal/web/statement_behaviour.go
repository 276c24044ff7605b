package web

import (
	"math/big"
	"net/http"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// behaviourView says whether customers buy as they used to.
type behaviourView struct {
	Seal    sealLine
	Pages   []door
	Finding []string
	Refused []lockedView
	Figures []bigView
	Year    []bigView
	Span    string // of the watched months
	Alarmed []alarmedView
	Earlier []alarmRow
	Series  []courseRow
	Years   string // of one false alarm a series
	Notes   []noteView
}

// alarmedView is a series with an alarm of the period: its months and the levels that it left and came to.
type alarmedView struct {
	ID, Label           string
	Alarms              []alarmRow
	Unit, Before, After string // for the picture
	Value, N            string // heads of the table
	Months              []alarmedMonth
}

type alarmedMonth struct {
	X, Label, Y, Value, N string
	Since, Seen           bool
}

// alarmRow is one alarm.
type alarmRow struct {
	Series, Method, Up, Since, Seen string
	Before, After, Change, Interval string
	Standing                        bool
}

// courseRow is one series and what it is held against.
type courseRow struct {
	Label, Level, Interval, Months, Season, Alarms string
	Refused                                        string // in the sealed document's words
}

var behaviourPage = page[behaviourView]("behaviour.html")

func (s *Server) behaviour(v *visit, h office.Head, o *opened) error {
	view := o.behaviourView()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "behaviour")
	return behaviourPage.render(v, http.StatusOK, title{Text: v.t("Behaviour, %s", view.Seal.Name), Pictures: len(view.Alarmed) > 0}, view)
}

func (o *opened) behaviourView() behaviourView {
	view := behaviourView{}
	b := o.doc.Behaviour
	if !b.Open() {
		locked := lockedView{What: o.t("Behaviour"), Why: "this close was sealed by a release that did not look at behaviour", Opens: "a restatement"}
		if b != nil {
			locked.Why, locked.Opens = b.Refused, b.UnlockedBy
		}
		view.Refused = []lockedView{locked}
		return view
	}
	view.Figures = o.bigs(sealed.BehaviourBlock, "alarms.in_period", "alarms.standing", "alarms_expected_by_chance", "alarms.series_watched")
	view.Year = o.bigs(sealed.BehaviourBlock, "year.frequency", "year.spend", "year.gap", "year.mix")
	view.Years = count(b.Years)
	if n := len(b.Months); n > 0 {
		view.Span = o.t("%s to %s", o.spanName(b.WatchedFrom), o.spanName(b.Months[n-1].Name))
	}
	for i, s := range b.Series {
		row := o.courseRow(s)
		alarmed := alarmedView{}
		for _, a := range s.Alarms {
			r := o.alarmRow(s, a)
			if !a.InPeriod {
				view.Earlier = append(view.Earlier, r)
				continue
			}
			if alarmed.ID == "" {
				alarmed = o.alarmed(s, a, i)
			}
			alarmed.Alarms = append(alarmed.Alarms, r)
		}
		if alarmed.ID != "" {
			view.Alarmed = append(view.Alarmed, alarmed)
		}
		view.Series = append(view.Series, row)
	}
	view.Finding = o.behaviourFinding(b)
	view.Notes = o.notes
	return view
}

// behaviourFinding sets what rang beside what rings by chance.
func (o *opened) behaviourFinding(b *sealed.Behaviour) []string {
	n, watched := b.Counts["in_period"], b.Counts["series_watched"]
	if watched == 0 {
		return []string{o.t("No series has a course to be held against yet, so no alarm can be raised. Below it is said why of each.")}
	}
	out := []string{o.tn(n, "%s alarm was raised in the period", "%s alarms were raised in the period", count(n)) + ", " + o.tn(watched, "on %s series that is watched.", "on %s series that are watched.", count(watched))}
	if e, ok := b.ByChance.Estimate(); ok && e.Value != nil {
		out = append(out, o.t("By chance alone there would be %s on the average.", multiple(e.Value)))
	}
	return out
}

// habitName is a measure as a page calls it.
func (o *opened) habitName(measure string) string {
	switch measure {
	case "frequency":
		return o.t("Purchase days per buying customer and month")
	case "spend":
		return o.t("Typical spend on a purchase day")
	case "gap":
		return o.t("Days until the next purchase")
	case "mix":
		return o.t("Revenue with other products")
	}
	return measure
}

func (o *opened) seriesName(s sealed.BehaviourSeries) string {
	switch s.Of {
	case "all":
		return o.t("%s: all customers", o.habitName(s.Measure))
	case "others":
		return o.t("%s: all other segments", o.habitName(s.Measure))
	}
	return o.t("%s: segment %s", o.habitName(s.Measure), s.Segment)
}

// measured is a value of a measure in its own unit.
func (o *opened) measured(measure string, r *big.Rat) string {
	switch measure {
	case "spend":
		return strings.Replace(decimal(r, o.currency.Places()), "-", minus, 1)
	case "gap":
		return decimal(r, 1)
	case "mix":
		return percent(r)
	}
	return decimal(r, 3)
}

// moved is a change with its sign, in per cent.
func moved(r *big.Rat) string {
	if r.Sign() > 0 {
		return "+" + percent(r)
	}
	return percent(r)
}

// followed is a level of a series: in its own unit, or the change on the same month a year earlier.
func (o *opened) followed(s sealed.BehaviourSeries, r *big.Rat) string {
	if s.Season && s.Measure != "mix" {
		return moved(new(big.Rat).Sub(r, big.NewRat(1, 1)))
	}
	return o.measured(s.Measure, r)
}

func (o *opened) alarmRow(s sealed.BehaviourSeries, a sealed.BehaviourAlarm) alarmRow {
	row := alarmRow{Series: o.seriesName(s), Since: o.spanName(a.Since), Seen: o.spanName(a.Signalled), Standing: a.Standing, Up: o.t("down"), Method: o.t("CUSUM against the months before")}
	if a.Direction == "up" {
		row.Up = o.t("up")
	}
	if a.Method == "self_starting" {
		row.Method = o.t("self-starting CUSUM")
	}
	level := func(f evidence.Figure) string {
		if e, ok := f.Estimate(); ok && e.Value != nil {
			return o.followed(s, e.Value)
		}
		return o.t("refused")
	}
	row.Before, row.After, row.Change = level(a.Before), level(a.After), o.t("refused")
	if e, ok := a.Change.Estimate(); ok && e.Value != nil {
		row.Change = moved(e.Value)
		row.Interval = o.t("%s to %s", moved(e.Low), moved(e.High))
	}
	return row
}

// alarmed is a series as a picture and the table that it enhances; the levels are those of its first alarm of the period.
func (o *opened) alarmed(s sealed.BehaviourSeries, a sealed.BehaviourAlarm, at int) alarmedView {
	view := alarmedView{ID: "series-" + count(int64(at)), Label: o.seriesName(s), N: map[string]string{
		"frequency": o.t("Customers who bought"), "spend": o.t("Purchase days"), "gap": o.t("Purchase days waited on"), "mix": o.t("Lines"),
	}[s.Measure], Value: o.habitName(s.Measure)}
	ratio := s.Season && s.Measure != "mix"
	if ratio {
		view.Value, view.Unit = o.t("Change on a year earlier"), "%"
	}
	if s.Measure == "mix" {
		view.Unit = "%"
	}
	y := func(r *big.Rat) string { return drawn(r, ratio, view.Unit) }
	if e, ok := a.Before.Estimate(); ok && e.Value != nil {
		view.Before = y(e.Value)
	}
	if e, ok := a.After.Estimate(); ok && e.Value != nil {
		view.After = y(e.Value)
	}
	since, places := false, o.monthDays()
	for _, p := range s.Points {
		since = (since || p.Name == a.Since) && (len(view.Months) == 0 || !ended(view.Months, o.spanName(a.Until)))
		month := alarmedMonth{X: places[p.Name], Label: o.spanName(p.Name), N: count(p.N), Since: since, Seen: p.Name == a.Signalled}
		value := p.Value.Rat
		if ratio {
			if p.Ratio == nil {
				continue
			}
			value = p.Ratio.Rat
		}
		month.Y, month.Value = y(value), o.followed(s, value)
		view.Months = append(view.Months, month)
	}
	return view
}

// drawn is a number as the picture reads it: a ratio as the change, and in per cent where that is the unit.
func drawn(r *big.Rat, ratio bool, unit string) string {
	x := new(big.Rat).Set(r)
	if ratio {
		x.Sub(x, big.NewRat(1, 1))
	}
	if unit == "%" {
		x.Mul(x, big.NewRat(100, 1))
	}
	return x.FloatString(6)
}

// ended tells whether the last month that stands is the one of that name.
func ended(months []alarmedMonth, name string) bool { return months[len(months)-1].Label == name }

// monthDays are the first days of the months by name.
func (o *opened) monthDays() map[string]string {
	out := map[string]string{}
	for _, m := range o.doc.Behaviour.Months {
		out[m.Name] = m.Start.String()
	}
	return out
}

func (o *opened) courseRow(s sealed.BehaviourSeries) courseRow {
	row := courseRow{Label: o.seriesName(s)}
	if r, refused := s.Level.Refusal(); refused {
		row.Refused = r.Reason + ": " + r.Need
		return row
	}
	e, ok := s.Level.Estimate()
	if !ok || e.Value == nil {
		return row
	}
	row.Level, row.Interval, row.Months = o.followed(s, e.Value), o.t("%s to %s", o.followed(s, e.Low), o.followed(s, e.High)), count(s.Baseline)
	row.Season = o.t("left in")
	if s.Season {
		row.Season = o.t("taken out")
	}
	row.Alarms = count(int64(len(s.Alarms)))
	return row
}
