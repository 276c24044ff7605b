package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// task is an office's task as River keeps it. Its JSON is in the store of
// every company, so names may be added and not changed.
type task struct {
	Key  string      `json:"key" river:"unique"`
	Task office.Task `json:"task"`
}

// Kind is River's name of all jobs; what they do is in the task.
func (task) Kind() string { return "task" }

// tries is how often a job is begun before it has failed: some three quarters
// of an hour for an act, two days for a letter.
func tries(k office.JobKind) int {
	if k == office.NotifyJob {
		return 10
	}
	return 5
}

// wait is how long after a fault a job is tried again.
func wait(k office.JobKind, attempt int) time.Duration {
	steps := []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}
	if k == office.NotifyJob {
		steps = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour}
	}
	return steps[min(max(attempt, 1), len(steps))-1]
}

// policy tells River when a job is tried again, from the moment at which it
// failed, since it may have taken hours until then.
type policy struct {
	wait func(office.JobKind, int) time.Duration
	now  func() time.Time
}

// NextRetry is when.
func (p policy) NextRetry(row *rivertype.JobRow) time.Time {
	var t task
	if err := json.Unmarshal(row.EncodedArgs, &t); err != nil {
		return time.Time{} // River's own policy takes over
	}
	return p.now().Add(p.wait(t.Task.Kind, row.Attempt))
}

// Ask keeps a task for whichever server has a hand free.
func (q *Queue) Ask(ctx context.Context, t office.Task) (office.Job, error) {
	opts := &river.InsertOpts{Queue: acts, MaxAttempts: tries(t.Kind), Priority: priority(t.Kind)}
	if t.Kind == office.NotifyJob {
		opts.Queue = letters
	}
	if t.Key != "" {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true}
	}
	kept, err := q.river.Insert(ctx, task{Key: t.Key, Task: t}, opts)
	if err != nil {
		return office.Job{}, fmt.Errorf("ask for %s: %w", t.Kind, err)
	}
	return jobOf(kept.Job)
}

// priority lets people's acts go before what is worked out ahead.
func priority(k office.JobKind) int {
	switch k {
	case office.PrepareJob:
		return 3
	case office.BackupJob:
		return 2
	}
	return 1
}

// Job is one job, or program.ErrNone.
func (q *Queue) Job(ctx context.Context, id int64) (office.Job, error) {
	row, err := q.river.JobGet(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return office.Job{}, fmt.Errorf("read job %d: %w", id, program.ErrNone)
	}
	if err != nil {
		return office.Job{}, fmt.Errorf("read job %d: %w", id, err)
	}
	return jobOf(row)
}

// most is how many jobs River lists at once.
const most = 10_000

// Jobs lists the newest, newest first: all acts, and letters that failed.
func (q *Queue) Jobs(ctx context.Context, limit int) ([]office.Job, error) {
	limit = min(max(limit, 1), most)
	newest := func() *river.JobListParams {
		return river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(limit)
	}
	done, err := q.list(ctx, newest().Queues(acts))
	if err != nil {
		return nil, err
	}
	failed, err := q.list(ctx, newest().Queues(letters).States(rivertype.JobStateDiscarded, rivertype.JobStateCancelled))
	if err != nil {
		return nil, err
	}
	all := append(done, failed...)
	slices.SortFunc(all, func(a, b office.Job) int { return int(b.ID - a.ID) })
	return all[:min(limit, len(all))], nil
}

func (q *Queue) list(ctx context.Context, p *river.JobListParams) ([]office.Job, error) {
	found, err := q.river.JobList(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	var out []office.Job
	for _, row := range found.Jobs {
		j, err := jobOf(row)
		if err != nil {
			return nil, err
		}
		out = append(out, j)
	}
	return out, nil
}

// report is what is kept beside a job while it runs and after: always all of
// it, because River merges.
type report struct {
	Progress office.Progress `json:"progress"`
	Outcome  office.Outcome  `json:"outcome"`
}

// jobOf reads a row.
func jobOf(row *rivertype.JobRow) (office.Job, error) {
	var t task
	if err := json.Unmarshal(row.EncodedArgs, &t); err != nil {
		return office.Job{}, fmt.Errorf("read job %d: %w", row.ID, err)
	}
	var r report
	if output := row.Output(); len(output) > 0 {
		if err := json.Unmarshal(output, &r); err != nil {
			return office.Job{}, fmt.Errorf("read what job %d reported: %w", row.ID, err)
		}
	}
	j := office.Job{Task: t.Task, ID: row.ID, Attempt: row.Attempt, Progress: r.Progress, Outcome: r.Outcome}
	if row.AttemptedAt != nil {
		j.Began = row.AttemptedAt.UTC()
	}
	if row.FinalizedAt != nil {
		j.Ended = row.FinalizedAt.UTC()
	}
	j.State = stateOf(row, r)
	if j.State == office.Waiting && j.Attempt > 0 {
		j.Again = row.ScheduledAt.UTC()
	}
	return j, nil
}

func stateOf(row *rivertype.JobRow, r report) office.JobState {
	switch row.State {
	case rivertype.JobStateRunning:
		return office.Working
	case rivertype.JobStateCompleted:
		if r.Outcome.State != "" {
			return r.Outcome.State
		}
		return office.Done
	case rivertype.JobStateDiscarded, rivertype.JobStateCancelled:
		return office.Failed
	}
	return office.Waiting
}
