package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// schedulesView is what is done again and again, and what became of it.
type schedulesView struct {
	Schedules []scheduleLine
	Kinds     []option
	MayChange bool
	None      bool // this server carries nothing out
}

// scheduleLine is one schedule in the list.
type scheduleLine struct {
	Path, What, When string
	On               bool
	Due, For         string
	Told             int
	Runs             []runLine
}

// runLine is one time that a schedule was carried out.
type runLine struct {
	At, Outcome, Note, Link string
	Done, Failed            bool
}

var schedulesPage = page[schedulesView]("schedules.html")

// fewRuns is how many runs the list shows of each schedule.
const fewRuns = 5

func (s *Server) schedules(v *visit) error {
	ctx := v.r.Context()
	view := schedulesView{MayChange: v.may(access.ChangeSettings)}
	all, err := s.Office.Schedules(ctx)
	if errors.Is(err, office.ErrNoTimetable) {
		view.None = true
	} else if err != nil {
		return err
	}
	for _, kind := range scheduleKinds {
		view.Kinds = append(view.Kinds, option{Value: string(kind), Text: v.scheduled(kind)})
	}
	for _, x := range all {
		line := scheduleLine{Path: schedulePath(x.ID), What: v.scheduled(x.Kind), When: v.rhythm(x.Rhythm), On: x.On, Told: len(x.Tell)}
		if x.On && !x.Due.IsZero() {
			line.Due, line.For = v.moment(x.Due), x.Next.Label
		}
		runs, err := s.Office.Turns(ctx, x.ID, fewRuns)
		if err != nil {
			return err
		}
		for _, r := range runs {
			line.Runs = append(line.Runs, v.runLine(r))
		}
		view.Schedules = append(view.Schedules, line)
	}
	return schedulesPage.render(v, http.StatusOK, title{Text: v.t("Schedules")}, view)
}

var scheduleKinds = []office.JobKind{office.CloseJob, office.ImportJob, office.BackupJob}

func schedulePath(id int64) string { return "/settings/schedules/" + strconv.FormatInt(id, 10) }

// scheduled says what a schedule does.
func (v *visit) scheduled(kind office.JobKind) string {
	switch kind {
	case office.CloseJob:
		return v.t("Close")
	case office.ImportJob:
		return v.t("Import")
	case office.BackupJob:
		return v.t("Back up")
	}
	return string(kind)
}

// rhythm says when something is done.
func (v *visit) rhythm(r office.Rhythm) string {
	if r.Every == office.Daily {
		return v.t("every day at %s", r.At)
	}
	if r.Working {
		return v.t("every %s, on working day %d after it, at %s", v.t(r.Every), r.Day, r.At)
	}
	return v.t("every %s, on day %d after it, at %s", v.t(r.Every), r.Day, r.At)
}

func (v *visit) runLine(r program.Run) runLine {
	line := runLine{At: v.moment(r.Began), Note: r.Note, Link: inside(r.Link), Done: r.Outcome == program.Done, Failed: r.Outcome == program.Failed || r.Outcome == program.Refused}
	if r.Link == "" {
		line.Link = ""
	}
	switch r.Outcome {
	case program.Running:
		line.Outcome = v.t("under way")
	case program.Done:
		line.Outcome = v.t("done")
	case program.Refused:
		line.Outcome = v.t("refused")
	case program.Failed:
		line.Outcome = v.t("failed")
	case program.Interrupted:
		line.Outcome = v.t("interrupted")
	}
	return line
}

// removeSchedule removes a schedule; what it did stays in the history.
func (s *Server) removeSchedule(v *visit) error {
	id, version, err := v.numbered("schedule")
	if err != nil {
		return v.noSchedule()
	}
	err = s.Office.RemoveSchedule(v.r.Context(), office.Schedule{ID: id, Version: version, By: v.user().ID})
	var stale *program.Stale
	switch {
	case errors.Is(err, program.ErrNone):
		return v.noSchedule()
	case errors.As(err, &stale):
		now, err := s.Office.Schedule(v.r.Context(), id)
		if err != nil {
			return err
		}
		return s.scheduleStale(v, now, stale, scheduleTexts(now))
	case err != nil:
		return err
	}
	if err := v.noted("schedule removed", "schedule "+strconv.FormatInt(id, 10)); err != nil {
		return err
	}
	return v.goTo("/settings/schedules")
}

// numbered reads the number in the address and the version in the form.
func (v *visit) numbered(name string) (id, version int64, err error) {
	if id, err = strconv.ParseInt(v.r.PathValue(name), 10, 64); err != nil {
		return 0, 0, err
	}
	version, err = strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
	return id, version, err
}

func (v *visit) noSchedule() error {
	return v.refuse(http.StatusNotFound, v.t("There is no such schedule"), v.t("It may have been removed meanwhile."), door{Path: "/settings/schedules", Text: v.t("All schedules")})
}
