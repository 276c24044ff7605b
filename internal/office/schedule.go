package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// Timetable keeps the schedules and what they have begun.
type Timetable interface {
	program.Schedules
	program.Runs
}

// Schedule is something that is done again and again.
type Schedule struct {
	ID      int64
	Version int64   // 0: new
	Kind    JobKind // CloseJob, ImportJob or BackupJob
	Rhythm
	Due  time.Time // next; zero: off
	Next Turn      // what is due then
	At   time.Time // of this version
	By   int64     // who saved it: a user; 0: the program
}

// manyRuns is how many of a schedule's newest runs are looked at.
const manyRuns = 60

// ErrNoTimetable is returned where an office was opened without schedules.
var ErrNoTimetable = errors.New("there are no schedules here")

// Schedules lists all, by id.
func (o *Office) Schedules(ctx context.Context) ([]Schedule, error) {
	if o.Times == nil {
		return nil, ErrNoTimetable
	}
	kept, err := o.Times.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	var out []Schedule
	for _, k := range kept {
		if !scheduled(JobKind(k.Kind)) {
			continue
		}
		s, err := o.read(ctx, k)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Schedule is one of them, or program.ErrNone.
func (o *Office) Schedule(ctx context.Context, id int64) (Schedule, error) {
	if o.Times == nil {
		return Schedule{}, ErrNoTimetable
	}
	k, err := o.Times.Schedule(ctx, id)
	if err != nil {
		return Schedule{}, err
	}
	return o.read(ctx, k)
}

// Turns lists the newest runs of a schedule, newest first.
func (o *Office) Turns(ctx context.Context, schedule int64, limit int) ([]program.Run, error) {
	if o.Times == nil {
		return nil, ErrNoTimetable
	}
	return o.Times.Runs(ctx, schedule, limit)
}

func scheduled(k JobKind) bool { return k == CloseJob || k == ImportJob || k == BackupJob }

// read understands a kept schedule. What is due next is left out before the
// first run, when there is no calendar yet.
func (o *Office) read(ctx context.Context, k program.Schedule) (Schedule, error) {
	s := Schedule{ID: k.ID, Version: k.Version, Kind: JobKind(k.Kind), Due: k.Due, At: k.At, By: k.By}
	if err := strict(k.Spec, &s.Rhythm); err != nil {
		return s, fmt.Errorf("read schedule %d: %w", k.ID, err)
	}
	if s.Due.IsZero() {
		return s, nil
	}
	p, err := o.pace(ctx, s.Rhythm)
	if errors.Is(err, ErrNoCompany) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.Next, err = p.of(s.Due)
	return s, err
}

func (o *Office) pace(ctx context.Context, r Rhythm) (pace, error) {
	c, err := o.Company(ctx)
	if err != nil {
		return pace{}, err
	}
	cal, err := c.Config.NewCalendar()
	return pace{Rhythm: r, calendar: cal, zone: c.Location()}, err
}

// SaveSchedule keeps a new schedule, or the next version of one, by s.By. It
// returns *program.Stale when s.Version is not the newest. A new schedule looks
// ahead only; one that is moved keeps what it was waiting for, and when that is
// past by the new hour it is done at once.
func (o *Office) SaveSchedule(ctx context.Context, s Schedule) (Schedule, error) {
	if o.Times == nil {
		return s, ErrNoTimetable
	}
	if !scheduled(s.Kind) {
		return s, &books.Refusal{Where: "the schedule", What: fmt.Sprintf("%q is not done on a schedule", s.Kind), Do: "choose close, import or backup"}
	}
	if err := errors.Join(s.check(), checkTold(s.Tell)); err != nil {
		return s, err
	}
	if s.Kind != CloseJob && s.Every != Daily || s.Kind == CloseJob && s.Every == Daily {
		return s, &books.Refusal{Where: "the schedule", What: fmt.Sprintf("%s every %s is not possible", s.Kind, s.Every), Do: "close every month, quarter or year; import and back up every day"}
	}
	if err := o.checkUsers(ctx, s.Tell); err != nil {
		return s, err
	}
	p, err := o.pace(ctx, s.Rhythm)
	if err != nil {
		return s, err
	}
	s.Due, err = o.nextDue(ctx, s, p)
	if err != nil {
		return s, err
	}
	spec, err := json.Marshal(s.Rhythm)
	if err != nil {
		return s, fmt.Errorf("write the schedule: %w", err)
	}
	kept, err := o.Times.SaveSchedule(ctx, program.Schedule{
		ID: s.ID, Version: s.Version, Kind: string(s.Kind), Spec: spec, Due: s.Due, At: o.Now().UTC(), By: s.By,
	})
	if err != nil {
		return s, err
	}
	return o.read(ctx, kept)
}

// nextDue is when a schedule that is being saved is due next.
func (o *Office) nextDue(ctx context.Context, s Schedule, p pace) (time.Time, error) {
	if !s.On {
		return time.Time{}, nil
	}
	turn, err := p.first(o.Now())
	if err != nil {
		return time.Time{}, err
	}
	if s.ID == 0 {
		return turn.Due, nil
	}
	before, err := o.Schedule(ctx, s.ID)
	if err != nil {
		return time.Time{}, err
	}
	if before.Every != s.Every || before.Kind != s.Kind {
		return time.Time{}, &books.Refusal{Where: "the schedule", What: "what it does and how often cannot be changed, so that its history keeps its meaning", Do: "make a new schedule and remove this one"}
	}
	if !before.Due.IsZero() {
		// By its own old hour and days it says which period it waits for.
		old := p
		old.Rhythm = before.Rhythm
		waiting, err := old.of(before.Due)
		if err != nil {
			return time.Time{}, err
		}
		if turn, err = p.of(instant(waiting.End, 12, 0, p.zone)); err != nil {
			return time.Time{}, err
		}
	}
	return o.notYet(ctx, s.ID, p, turn)
}

// notYet is when the first turn from t on is due that has not begun.
func (o *Office) notYet(ctx context.Context, schedule int64, p pace, t Turn) (time.Time, error) {
	began, err := o.began(ctx, schedule, p)
	if err != nil {
		return time.Time{}, err
	}
	for began[t.End] {
		if t, err = p.next(t); err != nil {
			return time.Time{}, err
		}
	}
	return t.Due, nil
}

// began tells for which periods a schedule has begun, by their ends. To
// whatever day and hour it has been moved since, no period has two turns.
func (o *Office) began(ctx context.Context, schedule int64, p pace) (map[calendar.Day]bool, error) {
	runs, err := o.Times.Runs(ctx, schedule, manyRuns)
	if err != nil {
		return nil, err
	}
	ends := map[calendar.Day]bool{}
	for _, r := range runs {
		t, err := p.of(r.Due)
		if err != nil {
			return nil, err
		}
		ends[t.End] = true
	}
	return ends, nil
}

// RemoveSchedule removes it; its runs and its history stay.
func (o *Office) RemoveSchedule(ctx context.Context, s Schedule) error {
	if o.Times == nil {
		return ErrNoTimetable
	}
	return o.Times.RemoveSchedule(ctx, program.Schedule{ID: s.ID, Version: s.Version, Kind: string(s.Kind), At: o.Now().UTC(), By: s.By})
}

// checkTold refuses what no letter could be sent to.
func checkTold(tell []string) error {
	for _, to := range tell {
		if _, err := userOf(to); err == nil {
			continue
		}
		if err := checkAddress(to); err != nil {
			return &books.Refusal{Where: "the schedule", What: fmt.Sprintf("%q is neither a mail address nor a user", strings.ToValidUTF8(to, "\uFFFD")), Do: "write one such as finance@example.com"}
		}
	}
	return nil
}

// checkUsers refuses users who are not there: nobody would be told.
func (o *Office) checkUsers(ctx context.Context, tell []string) error {
	if o.Users == nil {
		return nil
	}
	users, err := o.Users(ctx)
	if err != nil {
		return err
	}
	for _, to := range tell {
		if id, err := userOf(to); err == nil && !slices.ContainsFunc(users, func(u access.User) bool { return u.ID == id }) {
			return &books.Refusal{Where: "the schedule", What: fmt.Sprintf("there is no user %d", id), Do: "write the number of somebody on the People page, or a mail address such as finance@example.com"}
		}
	}
	return nil
}
