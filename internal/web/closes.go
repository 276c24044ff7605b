package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
)

// closesView is every seal, what is due, and the form by which a period is closed.
type closesView struct {
	Rows     []closeRow
	Due      []dueRow
	Form     closeForm
	MayClose bool
	Fresh    string // how far the lines reach; empty: unknown
}

// closeRow is one seal.
type closeRow struct {
	Path, Seal           string
	Name, Compared       string
	Definition           string // when it is not the usual one
	At                   string
	By                   string
	Review               string // empty: nobody yet
	Stands               bool
	Early                string // the period was not over when it was sealed; empty: it was
	RestatedBy, Restates string // paths
	Fingerprint          string
}

// dueRow is a close that the schedule will make.
type dueRow struct {
	Period, At, Path string
	Told             int
}

// closeForm is a close as it is asked for, with what was typed.
type closeForm struct {
	Period, Compare string
	AnyLine, Dry    bool
	Proposed        []proposal
	Awaited         string // the period that comes next, of which no line has arrived; empty: none
	Why             string // it was refused
	advice
}

// proposal is a period that could be closed next.
type proposal struct {
	Text, Name, Why string
	Open            bool // it is not over by the calendar
}

var closesPage = page[closesView]("closes.html")

// closePath is the page of a seal: who prepared and reviewed it, and what became of it.
func closePath(seal int64) string { return "/closes/" + strconv.FormatInt(seal, 10) }

func (s *Server) closes(v *visit) error {
	q := v.r.URL.Query()
	return s.showCloses(v, http.StatusOK, closeForm{Period: valid(q.Get("period")), Compare: valid(q.Get("compare")), AnyLine: q.Get("active") == string(growth.AnyLine)})
}

// showCloses shows all seals; the form has what was typed, or what comes next.
func (s *Server) showCloses(v *visit, status int, form closeForm) error {
	ctx := v.r.Context()
	heads, err := s.Office.Heads(ctx)
	if err != nil {
		return err
	}
	view := closesView{MayClose: v.may(access.Close), Form: form}
	names := map[string]string{}
	for _, h := range newestFirst(heads) {
		view.Rows = append(view.Rows, v.closeRow(h, names))
	}
	if view.MayClose && v.founded {
		shelf, err := s.Office.Shelf(ctx)
		if err != nil {
			return err
		}
		if last, ok := shelf.Reach(); ok {
			view.Fresh = v.locale.day(last)
		}
		if err := v.propose(&view.Form, heads, shelf); err != nil {
			return err
		}
		// A period that is not over is named by who wants it, never by the form.
		if i := slices.IndexFunc(view.Form.Proposed, func(p proposal) bool { return !p.Open }); form.Period == "" && i >= 0 {
			view.Form.Period = view.Form.Proposed[i].Text
		}
	}
	if view.Due, err = v.due(ctx); err != nil {
		return err
	}
	return closesPage.render(v, status, title{Text: v.t("Closes")}, view)
}

// newestFirst puts the period that ended last first, and of one period the seal that stands.
func newestFirst(heads []office.Head) []office.Head {
	out := slices.Clone(heads)
	slices.SortStableFunc(out, func(a, b office.Head) int {
		switch {
		case a.Period.End != b.Period.End:
			return int(b.Period.End - a.Period.End)
		case a.Period.Start != b.Period.Start:
			return int(b.Period.Start - a.Period.Start)
		}
		return b.At.Compare(a.At)
	})
	return out
}

// closeRow is one seal; names keeps who was looked up already.
func (v *visit) closeRow(h office.Head, names map[string]string) closeRow {
	line := v.sealHead(h)
	name := func(of string) string {
		if _, ok := names[of]; !ok {
			names[of] = v.whoever(of)
		}
		return names[of]
	}
	row := closeRow{
		Path: line.Path, Seal: line.Closes, Name: line.Name, Compared: line.Compared, At: line.At, By: name(h.Preparer), Stands: h.Stands(), Early: line.Early, Fingerprint: h.Fingerprint,
	}
	if h.Active == growth.AnyLine {
		row.Definition = v.t("by any line")
	}
	if h.Review != nil {
		row.Review = name(h.Review.Reviewer)
	}
	if h.RestatedBy != 0 {
		row.RestatedBy = statementPath(h.RestatedBy)
	}
	if h.Restates != 0 {
		row.Restates = statementPath(h.Restates)
	}
	return row
}

// whoever is somebody as a seal names them. A seal never changes, so who closes by a page is a number in it, which says
// nothing any more once the person is forgotten.
func (v *visit) whoever(name string) string {
	if id, ok := strings.CutPrefix(name, "user "); ok {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			return v.server.whose(v, n)
		}
	}
	return orNobody(v.locale, name)
}

// due lists the closes that the schedules will make.
func (v *visit) due(ctx context.Context) ([]dueRow, error) {
	schedules, err := v.server.Office.Schedules(ctx)
	if errors.Is(err, office.ErrNoTimetable) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []dueRow
	for _, x := range schedules {
		if x.Kind != office.CloseJob || x.Due.IsZero() {
			continue
		}
		out = append(out, dueRow{Period: x.Next.Label, At: v.moment(x.Due), Path: "/settings/schedules", Told: len(x.Tell)})
	}
	return out, nil
}

// propose names the periods that follow what is sealed, of every kind that is closed already, as far as the lines reach;
// before the first close those that the books allow.
func (v *visit) propose(form *closeForm, heads []office.Head, shelf office.Shelf) error {
	cal, err := v.company.Config.NewCalendar()
	if err != nil {
		return err
	}
	reach, ok := shelf.Reach()
	if !ok {
		return nil
	}
	var out []proposal
	for _, kind := range []calendar.Kind{calendar.Months, calendar.FiscalPeriods, calendar.Quarters, calendar.FiscalQuarters, calendar.Years, calendar.FiscalYears} {
		last, closed := lastOf(heads, kind)
		if !closed {
			continue
		}
		next, err := cal.At(kind, last)
		if err != nil {
			continue // a calendar file that does not reach so far
		}
		if reach < next.Start {
			if form.Awaited == "" {
				form.Awaited = v.proposal(next, "").Name
			}
			continue
		}
		why := v.t("follows the last close")
		if reach < next.End-1 {
			why = v.t("the lines reach only to %s of it", v.locale.day(reach))
		}
		out = append(out, v.proposal(next, why))
	}
	if len(heads) == 0 && shelf.Examined != nil && shelf.Examined.Found != nil {
		for _, p := range office.Periods(shelf.Examined.Found) {
			if named, err := cal.Parse(p.Order.Period); err == nil {
				out = append(out, v.proposal(named, v.t("whole in the books")))
			}
		}
	}
	if len(out) == 0 && len(heads) == 0 {
		if month, err := cal.At(calendar.Months, calendar.MonthOf(reach+1).First()-1); err == nil {
			out = append(out, v.proposal(month, v.t("the last whole month in the books")))
		}
	}
	form.Proposed = out
	return nil
}

// proposal is a period that could be closed; that it is not over is said before anything else.
func (v *visit) proposal(named calendar.Named, why string) proposal {
	p := proposal{Text: named.Text, Name: v.locale.periodName(named.Kind, named.Period, named.Text), Why: why}
	if !v.over(named.Period) {
		p.Open, p.Why = true, v.notOver(named)
	}
	return p
}

func (v *visit) notOver(named calendar.Named) string {
	return v.t("it is not over before %s, and a close would hold only what has happened so far", v.locale.day(named.End))
}

// over tells whether a period is over by the calendar.
func (v *visit) over(p calendar.Period) bool {
	return closing.Over(p, v.server.Now(), v.company.Location())
}

// lastOf is the day after the last period of a kind that was over when it was sealed. Others are to be closed again: where
// there are only such, it is the day on which the first of them begins.
func lastOf(heads []office.Head, kind calendar.Kind) (day calendar.Day, ok bool) {
	early, some := calendar.Day(0), false
	for _, h := range heads {
		switch {
		case h.Kind != kind:
		case !h.Early:
			day, ok = max(day, h.Period.End), true
		case !some || h.Period.Start < early:
			early, some = h.Period.Start, true
		}
	}
	if !ok {
		return early, some
	}
	return day, ok
}

// closeAsked has a period closed, restated, or only computed. A close that is soon done leads straight to its statement.
func (s *Server) closeAsked(v *visit) error {
	act := v.r.PostFormValue("act")
	form := closeForm{Period: valid(v.r.PostFormValue("period")), Compare: valid(v.r.PostFormValue("compare")), AnyLine: v.r.PostFormValue("active") == string(growth.AnyLine), Dry: act == "dry"}
	if strings.TrimSpace(form.Period) == "" {
		form.Why, form.Do = "no period is named", "name one, such as 2026-09, 2026-Q3 or 2026"
		return s.showCloses(v, http.StatusUnprocessableEntity, form)
	}
	order := office.Order{Period: strings.TrimSpace(form.Period), Compare: strings.TrimSpace(form.Compare), Active: growth.Net, Restate: act == "restate", DryRun: form.Dry, Preparer: object("user", v.user().ID)}
	if form.AnyLine {
		order.Active = growth.AnyLine
	}
	task, err := office.Closing(order, v.user().ID)
	if err != nil {
		return err
	}
	job, err := s.Office.Ask(v.r.Context(), task)
	var refused *closing.Refusal
	switch {
	case errors.As(err, &refused):
		reason, _ := office.Reason(err)
		form.Why, form.advice = reason.Text, v.advise(reason, order)
		return s.showCloses(v, http.StatusUnprocessableEntity, form)
	case errors.Is(err, office.ErrNoQueue):
		form.Why, form.Do = "nothing can be closed by this server", "start it with `throughline serve`"
		return s.showCloses(v, http.StatusUnprocessableEntity, form)
	case err != nil:
		return err
	}
	if err := s.Gate.Record(v.r.Context(), access.Entry{Who: v.user().ID, What: "close asked", Object: "period " + order.Period}); err != nil {
		return err
	}
	if job, err = s.soon(v.r.Context(), job); err != nil {
		return err
	}
	switch {
	case order.DryRun:
		return v.goTo(trialPath(job.ID))
	case job.State == office.Done && job.Outcome.Seal != 0:
		return v.goTo(statementPath(job.Outcome.Seal))
	}
	return v.goTo(runPath(job))
}

// A close of small books is done while its sender waits.
const (
	waitFor   = 1500 * time.Millisecond
	waitEvery = 75 * time.Millisecond
)

// soon waits a little for a job to end.
func (s *Server) soon(ctx context.Context, job office.Job) (office.Job, error) {
	ending, cancel := context.WithTimeout(ctx, waitFor)
	defer cancel()
	tick := time.NewTicker(waitEvery)
	defer tick.Stop()
	for job.State == office.Waiting || job.State == office.Working {
		select {
		case <-ending.Done():
			return job, ctx.Err()
		case <-tick.C:
		}
		var err error
		if job, err = s.Office.Job(ctx, job.ID); err != nil {
			return job, err
		}
	}
	return job, nil
}
