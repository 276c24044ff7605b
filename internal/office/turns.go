package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

// Begin has everything done that is due. Any number of servers may call it at
// any time: each turn begins once. After a time without a server each missed
// turn is made up for, in order.
func (o *Office) Begin(ctx context.Context) error {
	if o.Times == nil || o.Queue == nil {
		return nil
	}
	all, err := o.Schedules(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range all {
		p, err := o.pace(ctx, s.Rhythm)
		if errors.Is(err, ErrNoCompany) {
			return nil
		}
		if err == nil && !s.Due.IsZero() && !s.Due.After(o.Now()) {
			err = o.begin(ctx, s, p)
		}
		if err == nil {
			err = o.resume(ctx, s, p)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("schedule %d: %w", s.ID, err))
		}
	}
	return errors.Join(errs...)
}

// begin begins every turn of a schedule that is due by now.
func (o *Office) begin(ctx context.Context, s Schedule, p pace) error {
	began, err := o.began(ctx, s.ID, p)
	if err != nil {
		return err
	}
	t, due := s.Next, s.Due
	for !due.After(o.Now()) {
		next, err := p.next(t)
		if err != nil {
			return err
		}
		if began[t.End] {
			return o.pass(ctx, s, p, t)
		}
		_, err = o.Times.BeginRun(ctx, program.Run{Schedule: s.ID, Due: due, Began: o.Now().UTC(), Outcome: program.Running}, next.Due)
		if errors.Is(err, program.ErrTaken) {
			return nil // by another server, which goes on
		}
		if err != nil {
			return err
		}
		t, due = next, next.Due
	}
	return nil
}

// pass moves a schedule on that waits for a period which has begun before,
// under another hour or time zone.
func (o *Office) pass(ctx context.Context, s Schedule, p pace, t Turn) error {
	due, err := o.notYet(ctx, s.ID, p, t)
	if err != nil {
		return err
	}
	kept, err := o.Times.Schedule(ctx, s.ID)
	if err != nil || !kept.Due.Equal(s.Due) || kept.Version != s.Version {
		return err // somebody else has moved it
	}
	kept.Due, kept.At, kept.By = due, o.Now().UTC(), 0
	_, err = o.Times.SaveSchedule(ctx, kept)
	return err
}

// resume asks for every turn that has begun and not ended. A turn is recorded
// before its job, so that a crash between the two, or a queue that was lost,
// loses nothing; the key makes asking twice asking once.
func (o *Office) resume(ctx context.Context, s Schedule, p pace) error {
	runs, err := o.Times.Runs(ctx, s.ID, manyRuns)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(runs) {
		if r.Outcome != program.Running {
			continue
		}
		t, err := p.of(r.Due)
		if err != nil {
			return err
		}
		t.Schedule, t.Due = s.ID, r.Due
		task, err := s.task(t)
		if err != nil {
			return err
		}
		if err := o.askTurn(ctx, task); err != nil {
			return err
		}
	}
	return nil
}

// askTurn asks for a turn's job. One that has ended and could not say so is
// recorded, and so is one that cannot even be asked for.
func (o *Office) askTurn(ctx context.Context, task Task) error {
	j, err := o.Ask(ctx, task)
	if refused, ok := Reason(err); ok {
		return o.endTurn(ctx, *task.Turn, refused)
	}
	if err == nil && slices.Contains([]JobState{Done, Refused, Failed}, j.State) {
		return o.endTurn(ctx, *task.Turn, j.Outcome)
	}
	return err
}

// task is what a schedule wants done at a turn.
func (s Schedule) task(t Turn) (Task, error) {
	task := Task{Kind: s.Kind}
	if s.Kind == CloseJob {
		var err error
		if task, err = Closing(s.order(t), 0); err != nil {
			return task, err
		}
	}
	task.Turn, task.Key = &t, fmt.Sprintf("schedule %d/%s", s.ID, t.Label)
	return task, nil
}

// Scheduled is the preparer of a close that nobody asked for by hand.
const Scheduled = "schedule"

func (s Schedule) order(t Turn) Order {
	return Order{Period: t.Label, Active: s.Active, Preparer: Scheduled}
}

// Late tells whether a turn began so long after its hour that something must
// have kept it.
func (t Turn) Late(began time.Time) bool { return began.Sub(t.Due) > 15*time.Minute }

// Remind has people told of closes that are overdue: the newest turn of a
// schedule, when its period has no seal some days after it was due.
func (o *Office) Remind(ctx context.Context) error {
	if o.Times == nil || o.Queue == nil {
		return nil
	}
	all, err := o.Schedules(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range all {
		t, overdue, err := o.overdue(ctx, s)
		if err == nil && overdue {
			err = o.notify(ctx, Notice{What: Overdue, Label: t.Label, Schedule: s.ID, Due: t.Due}, "overdue "+fmt.Sprint(s.ID)+"/"+t.Label)
		}
		if err != nil && !errors.Is(err, ErrNoCompany) {
			errs = append(errs, fmt.Errorf("schedule %d: %w", s.ID, err))
		}
	}
	return errors.Join(errs...)
}

// overdue tells whether the newest turn of a schedule of closes has no seal
// some days after it was due, or after it was made up for late.
func (o *Office) overdue(ctx context.Context, s Schedule) (t Turn, is bool, err error) {
	if s.Kind != CloseJob || !s.On || s.Overdue == 0 {
		return t, false, nil
	}
	p, err := o.pace(ctx, s.Rhythm)
	if err != nil {
		return t, false, err
	}
	runs, err := o.Times.Runs(ctx, s.ID, 1)
	if err != nil || len(runs) == 0 {
		return t, false, err
	}
	r := runs[0]
	if t, err = p.of(r.Due); err != nil || !s.pastDue(r, o.Now()) {
		return t, false, err
	}
	t.Due, t.Schedule = r.Due, s.ID
	_, sealed, err := o.Current(ctx, s.order(t))
	return t, err == nil && !sealed, err
}

// pastDue tells whether a run has ended and its time has passed, by which a
// close is to have a seal.
func (s Schedule) pastDue(r program.Run, now time.Time) bool {
	since := r.Due
	if r.Began.After(since) {
		since = r.Began
	}
	return s.Overdue > 0 && r.Outcome != program.Running && !now.Before(since.AddDate(0, 0, s.Overdue))
}

// Current is the seal that stands of what an order names, when there is one.
func (o *Office) Current(ctx context.Context, order Order) (closing.Seal, bool, error) {
	c, err := o.Company(ctx)
	if err != nil {
		return closing.Seal{}, false, err
	}
	closer, err := o.closer(c, snapshot.Snapshot{}, nil, nil)
	if err != nil {
		return closing.Seal{}, false, err
	}
	named, err := order.named(closer.Settings.Calendar)
	if err != nil {
		return closing.Seal{}, false, err
	}
	key, err := closer.Statement(named)
	if err != nil {
		return closing.Seal{}, false, err
	}
	return o.Store.Current(ctx, key)
}
