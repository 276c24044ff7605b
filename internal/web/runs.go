package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// runsView is what was done lately by whoever asked for it.
type runsView struct{ Runs []jobLine }

// jobLine is one job in a list and on its own page.
type jobLine struct {
	Path, What, Who  string
	Asked, Began     string
	Ended            string
	State            string
	Done, Bad        bool
	Working, Waiting bool
	Text             string
	advice
	Withheld        bool // what came of it may quote the books, and is not for the visitor's role
	Act             string
	Progress, Total int64
	Again           string // when it is tried again after a fault
	Link            string
	Attempt         int
	Scheduled       string // the period, when a schedule asked
}

// runView is one job.
type runView struct {
	Heading string
	Job     jobLine
}

var (
	runsPage = page[runsView]("runs.html")
	runPage  = page[runView]("run.html")
)

// manyJobs is how many jobs the list holds.
const manyJobs = 50

func (s *Server) runs(v *visit) error {
	jobs, err := s.Office.Jobs(v.r.Context(), manyJobs)
	if err != nil {
		return err
	}
	view := runsView{}
	for _, j := range jobs {
		view.Runs = append(view.Runs, s.jobLine(v, j))
	}
	return runsPage.render(v, http.StatusOK, title{Text: v.t("What was done")}, view)
}

func (s *Server) run(v *visit) error {
	id, err := strconv.ParseInt(v.r.PathValue("job"), 10, 64)
	if err != nil {
		return v.noRun()
	}
	j, err := s.Office.Job(v.r.Context(), id)
	if errors.Is(err, program.ErrNone) || errors.Is(err, office.ErrNoQueue) {
		return v.noRun()
	}
	if err != nil {
		return err
	}
	view := runView{Job: s.jobLine(v, j)}
	view.Heading = view.Job.What + ": " + view.Job.State
	head := title{Text: view.Heading}
	if view.Job.Working || view.Job.Waiting {
		head.Refresh = waitSeconds
	}
	return runPage.render(v, http.StatusOK, head, view)
}

func (v *visit) noRun() error {
	return v.refuse(http.StatusNotFound, v.t("There is no such run"), v.t("What was done is kept for about a year."), door{Path: "/runs", Text: v.t("What was done")})
}

// runPath leads to what becomes of a job.
func runPath(job office.Job) string { return "/runs/" + strconv.FormatInt(job.ID, 10) }

func (s *Server) jobLine(v *visit, j office.Job) jobLine {
	line := jobLine{
		Path: runPath(j), What: v.jobKind(j.Kind), Who: s.whose(v, j.By), Asked: v.moment(j.At), Act: j.Progress.Act, Progress: j.Progress.Done, Total: j.Progress.Total, Attempt: j.Attempt,
		Text: j.Outcome.Text, advice: v.advise(j.Outcome, orderOfJob(j)),
	}
	if j.By == 0 {
		line.Who = v.t("by the program")
	}
	if !j.Began.IsZero() {
		line.Began = v.moment(j.Began)
	}
	if !j.Ended.IsZero() {
		line.Ended = v.moment(j.Ended)
	}
	if !j.Again.IsZero() {
		line.Again = v.moment(j.Again)
	}
	if j.Turn != nil {
		line.Scheduled, line.Who = j.Turn.Label, v.t("by schedule")
	}
	if j.Outcome.Link != "" && j.Outcome.Link != line.Path {
		line.Link = inside(j.Outcome.Link)
	}
	switch j.State {
	case office.Waiting:
		line.State, line.Waiting = v.t("waits for its turn"), true
	case office.Working:
		line.State, line.Working = v.t("under way"), true
	case office.Done:
		line.State, line.Done = v.t("done"), true
	case office.Refused:
		line.State, line.Bad = v.t("refused"), true
	case office.Failed:
		line.State, line.Bad = v.t("failed"), true
	}
	if line.Bad && !v.may(access.ReadCustomers) && !v.may(access.ChangeBooks) {
		line.Text, line.Withheld = "", true
		if !line.Own { // it may quote the books too
			line.Do = ""
		}
	}
	return line
}

// jobKind says what a job does.
func (v *visit) jobKind(k office.JobKind) string {
	switch k {
	case office.CloseJob:
		return v.t("Close")
	case office.ImportJob:
		return v.t("Import")
	case office.PrepareJob:
		return v.t("Working out what pages show")
	case office.SampleJob:
		return v.t("Simulate a company")
	case office.SampleRemoveJob:
		return v.t("Remove the simulated company")
	case office.BackupJob:
		return v.t("Backup")
	case office.NotifyJob:
		return v.t("Letter")
	}
	return v.t("Work")
}
