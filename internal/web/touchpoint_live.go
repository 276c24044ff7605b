package web

import (
	"errors"
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/journey"
)

// trendView is a touchpoint's headline month by month, as the books are now.
type trendView struct {
	Said, Label, Source string
	Standard            string // as the picture has it; empty: none
	Less                bool   // less is better
	History             historyView
}

// wordsView is what customers said about some touchpoints.
type wordsView struct {
	Heading, Said string
	Rows          []saidRow
	None          string
}

// saidRow is what a customer said.
type saidRow struct {
	Text, Who, When, Where string
	Left, For              bool // an answer against, or for; neither: nothing tells
	Path                   string
	Language               string
}

// trendMonths is how far back a touchpoint's page looks, and shownWords how much of what was said it shows.
const (
	trendMonths = 24
	shownWords  = 8
	wordMonths  = 3
)

// touchpointLive puts in what the books say now: the months and the words. What has to be prepared first is prepared meanwhile.
func (s *Server) touchpointLive(v *visit, view *touchpointView, m *journey.Map, t *journey.Touchpoint, day calendar.Day) error {
	live, err := s.Office.Live(v.r.Context())
	if err != nil {
		return ignoreNoBooks(err)
	}
	last, ok := live.Reach()
	if !ok {
		return nil
	}
	if err := v.trend(live, view, m, t, last); err != nil {
		return s.unready(v, err)
	}
	from := calendar.MonthOf(last).First().AddMonths(1 - wordMonths)
	seer := v.seer()
	if !seer.Identified {
		if seer.Identified, err = s.ownReach(v, m, t); err != nil {
			return err
		}
	}
	view.Words, err = v.wordsBy(live, m, []*journey.Touchpoint{t}, calendar.Period{Start: from, End: last + 1}, shownWords, seer)
	view.Words.Heading = v.t("What customers said")
	return s.unready(v, err)
}

// ignoreNoBooks lets a page stand before there are books.
func ignoreNoBooks(err error) error {
	if errors.Is(err, office.ErrNoCompany) {
		return nil
	}
	return err
}

// unready has what is missing prepared, so that the page shows it the next time.
func (s *Server) unready(v *visit, err error) error {
	if !errors.Is(err, engine.ErrUnready) {
		return err
	}
	if _, err := s.Office.PrepareBooks(v.r.Context(), v.user().ID); err != nil && !errors.Is(err, office.ErrNoQueue) {
		return err
	}
	return nil
}

// monthsUpTo are the months that end with that of a day.
func monthsUpTo(last calendar.Day, n int) []calendar.Period {
	out := make([]calendar.Period, n)
	month := calendar.MonthOf(last)
	for i := range out {
		m := month - calendar.Month(n-1-i)
		out[i] = calendar.Period{Start: m.First(), End: m.Next().First()}
	}
	return out
}

// trend is the headline month by month.
func (v *visit) trend(live office.Live, view *touchpointView, m *journey.Map, t *journey.Touchpoint, last calendar.Day) error {
	measure, standard := followed(m, t, view.Judged, last)
	if measure.Kind == journey.ByHand {
		return nil
	}
	months := monthsUpTo(last, trendMonths)
	course, err := live.Course(v.r.Context(), t, months)
	if err != nil {
		return err
	}
	f := v.locale.touchFigure(measure.Name())
	var figures []evidence.Figure
	var values []float64
	some := 0
	for i := range course {
		x := course[i].Figure(measure)
		figures = append(figures, x)
		if e, ok := x.Estimate(); ok && e.Value != nil {
			some++
			for _, r := range []*big.Rat{e.Value, e.Low, e.High} {
				if r != nil {
					values = append(values, float(r))
				}
			}
		}
	}
	if some < 2 {
		return nil
	}
	a := axisOf(values)
	trend := &trendView{Label: f.label(), Source: v.t("The books as they are now, up to %s; each contact or answer stands for itself.", v.locale.day(last))}
	trend.Said = v.t("%s, of all brands together.", f.label())
	trend.History = historyView{Zero: "0", Axis: a, Some: true}
	if standard != nil {
		trend.Standard, trend.Less = f.standard(standard.Target)
		trend.History.Zero = trend.Standard
		trend.Said = v.t("%s, of all brands together; what is promised is dashed.", v.locale.promise(*standard))
	}
	if f.scale() == "share" {
		trend.History.Unit = "%"
	}
	for i, x := range figures {
		trend.History.Rows = append(trend.History.Rows, v.trendRow(f, a, months[i], x))
	}
	view.Trend = trend
	return nil
}

// followed is what a touchpoint is followed by, and the standard that promises it: the one by which the newest close judged it (judged), while it holds;
// otherwise its first, otherwise how many are satisfied, which nothing promises.
func followed(m *journey.Map, t *journey.Touchpoint, judged string, on calendar.Day) (journey.Measure, *journey.Standard) {
	if s, ok := m.Standard(judged); ok && s.Binds(t.Key, on) {
		return s.Measure, s
	}
	if s, ok := m.Headline(t.Key, on); ok {
		return s.Measure, s
	}
	return journey.Measure{Kind: journey.CSAT}, nil
}

// trendRow is a month.
func (v *visit) trendRow(f touchFigure, a axis, p calendar.Period, x evidence.Figure) historyRow {
	row := historyRow{Name: v.locale.monthText(calendar.MonthOf(p.Start)), End: p.End.String(), This: true, Value: f.value(x), Interval: f.interval(x)}
	e, ok := x.Estimate()
	if !ok || e.Value == nil {
		why, _ := x.Refusal()
		row.Refused, row.Value = why.Reason, ""
		return row
	}
	scale := f.drawn()
	number := func(r *big.Rat) string {
		if r == nil {
			return ""
		}
		return new(big.Rat).Mul(r, scale).FloatString(4)
	}
	row.Y, row.Low, row.High = number(e.Value), number(e.Low), number(e.High)
	row.Said = row.Value
	return row
}

// wordsBy are the newest words about touchpoints as somebody sees them. Who said them is named by who may see customers alone.
func (v *visit) wordsBy(live office.Live, m *journey.Map, touchpoints []*journey.Touchpoint, p calendar.Period, limit int, seer engine.Seer) (wordsView, error) {
	var view wordsView
	var names []string
	for _, t := range touchpoints {
		names = append(names, t.BookNames()...)
	}
	found, err := live.Said(v.r.Context(), engine.TouchpointWords{Names: names, Period: p, Limit: 2 * limit, Seer: seer})
	if err != nil {
		return view, err
	}
	withheld := 0
	said := map[saidRow]bool{} // what somebody wrote is often in the books twice, as a remark and beside a score
	for _, x := range found {
		t, ok := m.Lead(x.Name, x.Day)
		if !ok {
			continue
		}
		if x.Withheld {
			withheld++
			continue
		}
		if len(view.Rows) == limit {
			continue
		}
		row := v.saidRow(x, t, len(touchpoints) > 1)
		same := saidRow{Text: row.Text, Who: row.Who, When: row.When, Where: row.Where}
		if row.Who != "" && said[same] {
			continue
		}
		said[same] = true
		view.Rows = append(view.Rows, row)
	}
	switch {
	case len(view.Rows) == 0 && withheld > 0:
		view.None = v.t("Customers said something here; their words are not for your role.")
	case len(view.Rows) == 0:
		view.None = v.t("Nobody said anything here in %s.", v.locale.days(p))
	default:
		view.Said = v.t("The newest from %s.", v.locale.days(p))
	}
	return view, nil
}

// saidRow is what somebody said. Against is an answer in the lowest class of its question.
func (v *visit) saidRow(x engine.Said, t *journey.Touchpoint, several bool) saidRow {
	row := saidRow{Text: x.Text, When: v.locale.day(x.Day), Language: x.Language}
	row.Left, row.For = sides(x)
	if several {
		row.Where = t.Name
	}
	if x.Customer != nil {
		seen := *x.Customer
		if !v.may(access.ReadCustomers) {
			seen.Identity = nil
		}
		c := v.called(seen)
		row.Who = c.Text
		if v.may(access.ReadRows) {
			row.Path = c.Path
		}
	}
	return row
}

// sides tells an answer that speaks against a touchpoint, or for it, where its question is one whose scale everybody knows.
func sides(x engine.Said) (against, inFavour bool) {
	ends := map[string][2]int64{string(journey.NPS): {6, 9}, string(journey.CSAT): {2, 4}}
	e, known := ends[x.Question]
	if x.Score == nil || !known || x.Scale != "" && x.Scale != "1-5" && x.Scale != "0-10" {
		return false, false
	}
	return x.Score.Cmp(big.NewRat(e[0], 1)) <= 0, x.Score.Cmp(big.NewRat(e[1], 1)) >= 0
}
