package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

const (
	rescueEvery = 5 * time.Second
	// grace is how long it must seem that nobody does a job, where that is not
	// known for sure: longer than a process needs to notice that it has lost
	// the connection by which it is known to be alive.
	grace = 20 * time.Second
	// markedAfter is how long a job that this process has done may take to be
	// marked as done, on a disk that is busy.
	markedAfter = 2 * time.Minute
)

// rescue makes the running jobs of processes that have ended wait again. River
// itself knows only how long a job has been running, which says nothing about
// an act that may take seconds or hours.
func (q *Queue) rescue(ctx context.Context) error {
	running, err := q.river.JobList(ctx, river.NewJobListParams().States(rivertype.JobStateRunning).First(most))
	if err != nil {
		return err
	}
	if len(running.Jobs) == 0 {
		q.forgetLost(nil)
		return nil
	}
	// Alone, so that nobody takes a job over that somebody else has just taken
	// over and begun: what is read now is so until it is written.
	return q.base.alone(ctx, func(ctx context.Context) error {
		running, err := q.river.JobList(ctx, river.NewJobListParams().States(rivertype.JobStateRunning).First(most))
		if err != nil {
			return err
		}
		q.forgetLost(running.Jobs)
		var over []*rivertype.JobRow
		for _, row := range running.Jobs {
			left, err := q.left(ctx, row)
			if err != nil {
				return err
			}
			if left {
				over = append(over, row)
			}
		}
		return q.takeOver(ctx, over)
	})
}

// missing is a job in this process's name that it is not doing.
type missing struct {
	attempt int
	since   time.Time
}

// left tells whether nobody does a job that is marked as running.
func (q *Queue) left(ctx context.Context, row *rivertype.JobRow) (bool, error) {
	by := ""
	if n := len(row.AttemptedBy); n > 0 {
		by = row.AttemptedBy[n-1]
	}
	if by != q.name {
		gone, err := q.base.gone(ctx, by)
		return gone, err
	}
	// In this process's own name: it was done and could not be marked as done.
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, doing := q.hands[row.ID]; doing {
		delete(q.lost, row.ID)
		return false, nil
	}
	// River marks a job as running just before it begins, and as done just after.
	now, seen := q.options.Now(), q.lost[row.ID]
	if seen.attempt != row.Attempt {
		q.lost[row.ID] = missing{row.Attempt, now}
		return false, nil
	}
	return now.Sub(seen.since) >= q.options.markedAfter, nil
}

// forgetLost forgets jobs that are no longer running.
func (q *Queue) forgetLost(running []*rivertype.JobRow) {
	still := map[int64]bool{}
	for _, row := range running {
		still[row.ID] = true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for id := range q.lost {
		if !still[id] {
			delete(q.lost, id)
		}
	}
}

// takeOver makes jobs wait for a hand again. That they were begun is counted.
func (q *Queue) takeOver(ctx context.Context, rows []*rivertype.JobRow) error {
	if len(rows) == 0 {
		return nil
	}
	now := q.options.Now().UTC()
	p := &riverdriver.JobRescueManyParams{Schema: q.schema}
	for _, row := range rows {
		why, err := json.Marshal(rivertype.AttemptError{At: now, Attempt: row.Attempt, Error: "the process that did it has ended"})
		if err != nil {
			return err
		}
		p.ID, p.Error, p.FinalizedAt = append(p.ID, row.ID), append(p.Error, why), append(p.FinalizedAt, nil)
		p.ScheduledAt, p.State = append(p.ScheduledAt, row.ScheduledAt), append(p.State, string(rivertype.JobStateAvailable))
	}
	if _, err := q.rows.JobRescueMany(ctx, p); err != nil {
		return fmt.Errorf("take over %d jobs: %w", len(rows), err)
	}
	for _, row := range rows {
		q.options.Log.Warn("a job is begun again, because nobody does it any more", "job", row.ID, "begun", row.Attempt)
	}
	return nil
}
