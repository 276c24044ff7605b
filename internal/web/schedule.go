package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// scheduleView is the form of one schedule.
type scheduleView struct {
	ID, Version int64
	Kind, What  string
	Path        string
	Close       bool
	Fields      []settingField
	MayChange   bool
	Why, Do     string
	Stale       *meanwhile
	Due         string
}

var schedulePage = page[scheduleView]("schedule.html")

// newSchedule begins one of a kind.
func (s *Server) newSchedule(v *visit) error {
	kind := office.JobKind(v.r.URL.Query().Get("kind"))
	if !slices.Contains(scheduleKinds, kind) {
		return v.noSchedule()
	}
	x := office.Schedule{Kind: kind, Rhythm: office.Rhythm{On: true, Every: office.Daily, Day: 1, At: "04:00"}}
	if kind == office.CloseJob {
		x.Every, x.Working, x.Day, x.Rhythm.At, x.Overdue = string(calendar.Months), true, 3, "06:00", 5
	}
	return v.showSchedule(http.StatusOK, v.scheduleView(x), scheduleTexts(x))
}

func (s *Server) schedule(v *visit) error {
	id, err := strconv.ParseInt(v.r.PathValue("schedule"), 10, 64)
	if err != nil {
		return v.noSchedule()
	}
	x, err := s.Office.Schedule(v.r.Context(), id)
	if errors.Is(err, program.ErrNone) || errors.Is(err, office.ErrNoTimetable) {
		return v.noSchedule()
	}
	if err != nil {
		return err
	}
	return v.showSchedule(http.StatusOK, v.scheduleView(x), scheduleTexts(x))
}

func (v *visit) scheduleView(x office.Schedule) scheduleView {
	view := scheduleView{ID: x.ID, Version: x.Version, Kind: string(x.Kind), What: v.scheduled(x.Kind), Close: x.Kind == office.CloseJob, MayChange: v.may(access.ChangeSettings), Path: "/settings/schedules"}
	if x.ID != 0 {
		view.Path = schedulePath(x.ID)
	}
	if x.On && !x.Due.IsZero() {
		view.Due = v.moment(x.Due)
	}
	return view
}

// scheduleFields are the form's fields; those of a close alone are marked.
var scheduleFields = []struct {
	name, label, help, kind string
	options                 []string
	close                   bool
}{
	{"on", "Carry it out", "", "choice", []string{"yes", "no"}, false},
	{"every", "Every", "What it does and how often stay as they are; a new schedule can be another.", "choice", []string{
		string(calendar.Months), string(calendar.Quarters), string(calendar.Years), string(calendar.FiscalPeriods), string(calendar.FiscalQuarters), string(calendar.FiscalYears),
	}, true},
	{"day", "On day", "Counted from the first day after the period.", "text", nil, true},
	{"working", "Days that count", "", "choice", []string{"working days", "all days"}, true},
	{"at", "At", "In the company's time zone, such as 06:00.", "text", nil, false},
	{"holidays", "Further days that are not worked", "One a line, such as 2026-12-25.", "long", nil, true},
	{"tell", "Who is told", "Mail addresses, one a line. They are told when it is sealed, refused or has failed.", "long", nil, false},
	{"overdue", "Say that it is overdue after so many days", "0 for never.", "text", nil, true},
}

// scheduleTexts are a schedule's fields as the form has them.
func scheduleTexts(x office.Schedule) map[string]string {
	out := map[string]string{"on": "no", "every": x.Every, "day": strconv.Itoa(x.Day), "working": "all days", "at": x.Rhythm.At, "tell": strings.Join(x.Tell, "\n"), "overdue": strconv.Itoa(x.Overdue)}
	if x.On {
		out["on"] = "yes"
	}
	if x.Working {
		out["working"] = "working days"
	}
	var days []string
	for _, d := range x.Holidays {
		days = append(days, d.String())
	}
	out["holidays"] = strings.Join(days, "\n")
	return out
}

func (v *visit) showSchedule(status int, view scheduleView, values map[string]string) error {
	for _, f := range scheduleFields {
		if f.close && !view.Close {
			continue
		}
		field := settingField{Name: f.name, Label: v.t(f.label), Kind: f.kind, Value: values[f.name], Fixed: !view.MayChange || f.name == "every" && view.ID != 0}
		if f.help != "" {
			field.Help = v.t(f.help)
		}
		for _, o := range f.options {
			field.Options = append(field.Options, option{Value: o, Text: v.t(o), Chosen: o == values[f.name]})
		}
		view.Fields = append(view.Fields, field)
	}
	return schedulePage.render(v, status, title{Text: v.t("Schedule: %s", view.What)}, view)
}

// scheduleSent takes the form of a new schedule or of one that there is.
func (s *Server) scheduleSent(v *visit) error {
	ctx := v.r.Context()
	before := office.Schedule{Kind: office.JobKind(v.r.PostFormValue("kind")), Rhythm: office.Rhythm{Every: office.Daily, Day: 1}}
	if v.r.PathValue("schedule") != "" {
		id, version, err := v.numbered("schedule")
		if err != nil {
			return v.noSchedule()
		}
		if before, err = s.Office.Schedule(ctx, id); errors.Is(err, program.ErrNone) {
			return v.noSchedule()
		} else if err != nil {
			return err
		}
		before.Version = version
	}
	typed := v.scheduleTyped(before)
	var kept office.Schedule
	x, err := scheduleOf(before, typed)
	if err == nil {
		x.By = v.user().ID
		kept, err = s.Office.SaveSchedule(ctx, x)
	}
	var stale *program.Stale
	var refused *books.Refusal
	switch {
	case errors.As(err, &stale):
		now, err := s.Office.Schedule(ctx, x.ID)
		if err != nil {
			return err
		}
		return s.scheduleStale(v, now, stale, typed)
	case errors.As(err, &refused):
		view := v.scheduleView(before)
		view.Why, view.Do = refused.What, refused.Do
		return v.showSchedule(http.StatusUnprocessableEntity, view, typed)
	case err != nil:
		return err
	}
	if err := v.noted("schedule changed", fmt.Sprintf("schedule %d", kept.ID)); err != nil {
		return err
	}
	return v.goTo("/settings/schedules")
}

// scheduleTyped are the fields as they were sent; one that the form does not
// have is as it was.
func (v *visit) scheduleTyped(before office.Schedule) map[string]string {
	typed := scheduleTexts(before)
	for name := range typed {
		if v.r.PostForm.Has(name) {
			typed[name] = strings.TrimSpace(strings.ToValidUTF8(v.r.PostFormValue(name), "\uFFFD"))
		}
	}
	return typed
}

// scheduleOf reads the form's fields over what was there.
func scheduleOf(x office.Schedule, typed map[string]string) (office.Schedule, error) {
	refuse := func(what, do string, args ...any) (office.Schedule, error) {
		return x, &books.Refusal{Where: "the schedule", What: fmt.Sprintf(what, args...), Do: do}
	}
	x.On, x.Working, x.Rhythm.At, x.Tell, x.Holidays, x.Every = typed["on"] == "yes", typed["working"] == "working days", typed["at"], lines(typed["tell"]), nil, typed["every"]
	var err error
	if x.Day, err = strconv.Atoi(typed["day"]); err != nil {
		return refuse("%q is not a day after the period", "write a number such as 3", shown(typed["day"]))
	}
	if x.Overdue, err = strconv.Atoi(orElse(typed["overdue"], "0")); err != nil {
		return refuse("%q is not a number of days", "write a number such as 5, or 0 for never", shown(typed["overdue"]))
	}
	for _, text := range lines(typed["holidays"]) {
		d, err := calendar.ParseDay(text)
		if err != nil {
			return refuse("%q is not a day", "write it as 2026-12-25", shown(text))
		}
		x.Holidays = append(x.Holidays, d)
	}
	if x.Kind == office.CloseJob && x.Active == "" {
		x.Active = growth.Net
	}
	return x, nil
}

// scheduleStale shows what changed meanwhile beside what was typed.
func (s *Server) scheduleStale(v *visit, now office.Schedule, stale *program.Stale, typed map[string]string) error {
	was := now
	if before, ok := office.RhythmBefore(stale); ok {
		was.Rhythm = before
	}
	var fields []labelled
	for _, f := range scheduleFields {
		fields = append(fields, labelled{f.name, v.t(f.label)})
	}
	view := v.scheduleView(now)
	view.Stale = &meanwhile{By: s.changers(v, stale.Meanwhile)}
	view.Stale.Fields, typed = edited{was: scheduleTexts(was), is: scheduleTexts(now), typed: typed}.meet(fields)
	return v.showSchedule(http.StatusConflict, view, typed)
}
