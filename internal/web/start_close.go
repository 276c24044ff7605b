package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// startCloseView proposes what to close first, or says why nothing can be
// closed yet.
type startCloseView struct {
	Steps    []stop
	Periods  []periodOption
	Refusals []refusalLine
	Findings []findingLine
	Rows     int64
	MayClose bool
	Nothing  bool // there are no lines
	Closed   bool // something has been closed before
	Why      string
	advice
}

// periodOption is a period that may be closed.
type periodOption struct {
	Value, Label, Compared string
	Chosen                 bool
}

// refusalLine is a reason for which a close is refused, with the way to mend it.
type refusalLine struct {
	What []string
	advice
}

var startClosePage = page[startCloseView]("start-close.html")

// startClose waits for the import and the look at the books, and proposes what
// to close. With the close's own job it ends on the statement.
func (s *Server) startClose(v *visit) error {
	job, err := s.jobAsked(v)
	switch {
	case errors.Is(err, program.ErrNone):
	case err != nil:
		return err
	case job.State == office.Done && job.Kind == office.CloseJob && job.Outcome.Seal != 0:
		return v.goTo("/statement/" + strconv.FormatInt(job.Outcome.Seal, 10))
	case job.State == office.Refused && job.Kind == office.CloseJob:
		return s.showStartClose(v, http.StatusOK, startCloseView{Why: job.Outcome.Text, advice: v.advise(job.Outcome, orderOfJob(job))})
	case job.State != office.Done:
		view := waitView{Steps: v.stepsAt(3), Heading: v.t("The files are being read"), Back: door{Path: "/start/books", Text: v.t("Books")}}
		if job.Kind == office.CloseJob {
			view.Heading = v.t("The period is being closed")
		}
		return v.wait(view, job)
	}
	return s.showStartClose(v, http.StatusOK, startCloseView{})
}

func (s *Server) showStartClose(v *visit, status int, view startCloseView) error {
	ctx := v.r.Context()
	shelf, err := s.Office.Shelf(ctx)
	if errors.Is(err, office.ErrNoCompany) {
		return v.goTo("/start/books")
	}
	if err != nil {
		return err
	}
	if !shelf.Current {
		return s.examine(v, view)
	}
	view.Steps, view.MayClose = v.stepsAt(3), v.may(access.Close)
	found := shelf.Examined.Found
	for _, b := range found.Books {
		view.Rows += b.Rows
		for _, f := range b.Findings {
			view.Findings = append(view.Findings, v.finding(b.Book, f))
		}
	}
	for _, r := range found.Refusals {
		view.Refusals = append(view.Refusals, v.refusalLine(r))
	}
	cal, err := v.company.Config.NewCalendar()
	if err != nil {
		return err
	}
	chosen := false
	proposed := office.Periods(found)
	view.Nothing = len(proposed) == 0 && len(view.Refusals) == 0
	for _, p := range proposed {
		line := periodOption{Value: p.Order.Period + " " + p.Order.Compare, Label: v.periodName(p.Order.Period), Compared: v.t("compared with the same period a year earlier")}
		if !p.Year {
			line.Compared = v.t("compared with %s, since the lines do not reach back a year", v.periodName(p.Order.Compare))
		}
		if p.Ends != nil {
			line.Compared = v.t("the lines end on %s", v.locale.day(*p.Ends)) + "; " + line.Compared
		}
		if named, err := cal.Parse(p.Order.Period); err == nil && !v.over(named.Period) {
			line.Compared = v.notOver(named) + "; " + line.Compared
		} else if !chosen {
			line.Chosen, chosen = true, true
		}
		view.Periods = append(view.Periods, line)
	}
	heads, err := s.Office.Heads(ctx)
	if err != nil {
		return err
	}
	view.Closed = len(heads) > 0
	return startClosePage.render(v, status, title{Text: v.t("The first close")}, view)
}

// examine has the books looked at and waits for it.
func (s *Server) examine(v *visit, view startCloseView) error {
	job, err := s.Office.PrepareBooks(v.r.Context(), v.user().ID)
	if err != nil {
		return err
	}
	wait := waitView{Steps: v.stepsAt(3), Heading: v.t("The books are being looked at"), Back: door{Path: "/start/books", Text: v.t("Books")}}
	if job.State == office.Done {
		job.State = office.Working // it has just ended, and the page will see it
	}
	return v.wait(wait, job)
}

// refusalLine leads each reason to where it can be mended.
func (v *visit) refusalLine(r books.Advice) refusalLine {
	out := refusalLine{What: strings.Split(r.What, "\n"), advice: v.advise(office.Outcome{Do: r.Do, Kind: r.Kind, Book: r.Book}, office.Order{})}
	if len(out.Doors) == 0 && v.may(access.ChangeBooks) {
		out.Doors = []door{{Path: "/start/books", Text: v.t("The books")}}
	}
	return out
}

// periodName says a month as it is said, and another period by its name.
func (v *visit) periodName(period string) string {
	if day, err := calendar.ParseDay(period + "-01"); err == nil {
		return v.locale.monthText(calendar.MonthOf(day))
	}
	return period
}

// preparer names who closes, in a way that can be forgotten.
func (v *visit) preparer() string { return object("user", v.user().ID) }

// closeSent asks for the first close.
func (s *Server) closeSent(v *visit) error {
	period, compare, _ := strings.Cut(valid(v.r.PostFormValue("period")), " ")
	if other := valid(v.r.PostFormValue("other")); other != "" {
		period, compare = other, ""
	}
	order := office.Order{Period: period, Compare: compare, Preparer: v.preparer()}
	task, err := office.Closing(order, v.user().ID)
	if err != nil {
		return err
	}
	job, err := s.Office.Ask(v.r.Context(), task)
	if refused, ok := office.Reason(err); ok {
		return s.showStartClose(v, http.StatusUnprocessableEntity, startCloseView{Why: refused.Text, advice: v.advise(refused, order)})
	}
	if err != nil {
		return err
	}
	return v.goTo("/start/close?job=" + strconv.FormatInt(job.ID, 10))
}
