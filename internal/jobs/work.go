package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/throughline/throughline/internal/office"
)

// Longest times: an act that takes longer hangs, and so does a letter.
const (
	longestAct    = 24 * time.Hour
	longestLetter = 2 * time.Minute
)

// worker is a hand of this process.
type worker struct {
	river.WorkerDefaults[task]
	queue *Queue
}

// Timeout is how long a job may take.
func (w *worker) Timeout(j *river.Job[task]) time.Duration {
	if j.Args.Task.Kind == office.NotifyJob {
		return longestLetter
	}
	return longestAct
}

// Work does a job and records how it ended.
func (w *worker) Work(ctx context.Context, row *river.Job[task]) error {
	q := w.queue
	ctx, done := q.take(ctx, row.ID)
	defer done()
	if !q.base.present() {
		return river.JobSnooze(5 * time.Second)
	}
	j, err := jobOf(row.JobRow)
	if err != nil {
		return err
	}
	if j.Attempt > row.MaxAttempts {
		return q.settle(ctx, row, j, office.Outcome{
			State: office.Failed, Text: fmt.Sprintf("it was begun %d times, and each time the program ended in the middle of it", j.Attempt-1),
			Do: "see in the server's log why it ended, perhaps for want of memory; then ask for it again",
		})
	}
	outcome, err := q.carry(ctx, j)
	switch {
	case err == nil:
		return q.settle(ctx, row, j, outcome)
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return river.JobSnooze(0) // the server stops; the next one begins it again
	}
	q.options.Log.Error("a job met a fault", "job", j.ID, "kind", string(j.Kind), "attempt", j.Attempt, "why", office.Bare(err.Error()))
	if j.Attempt >= row.MaxAttempts {
		return q.settle(ctx, row, j, office.Fault(err))
	}
	if err := river.RecordOutput(ctx, report{Outcome: office.Outcome{State: office.Waiting, Text: office.Fault(err).Text, Do: "nothing yet: it is tried again"}}); err != nil {
		return err
	}
	return errFault
}

// errFault is what River keeps and logs of a fault; the words are in the
// report.
var errFault = errors.New("a fault; the job's own report says which")

// settle hands the outcome to the office and keeps it. Until it is kept the
// job is not done, and is begun again.
func (q *Queue) settle(ctx context.Context, row *river.Job[task], j office.Job, o office.Outcome) error {
	// What is done is recorded, even when the server stops meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	err := q.attempt(ctx, func(ctx context.Context) error { return q.office.Settle(ctx, j, o) })
	switch {
	case err != nil && j.Attempt < row.MaxAttempts:
		q.options.Log.Error("the outcome of a job could not be recorded", "job", j.ID, "why", office.Bare(err.Error()))
		return errFault
	case err != nil: // what it did stands, and its report is kept all the same
		q.options.Log.Error("the outcome of a job could not be recorded", "job", j.ID, "why", office.Bare(err.Error()))
	}
	if err := river.RecordOutput(ctx, report{Progress: j.Progress, Outcome: o}); err != nil {
		return err
	}
	if o.State == office.Failed {
		return river.JobCancel(errFault)
	}
	return nil
}

// take notes that this process does a job, so that losing touch cancels it.
func (q *Queue) take(ctx context.Context, id int64) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	q.mu.Lock()
	q.hands[id] = cancel
	q.mu.Unlock()
	return ctx, func() {
		q.mu.Lock()
		delete(q.hands, id)
		q.mu.Unlock()
		cancel(nil)
	}
}

// letGo cancels everything that this process does.
func (q *Queue) letGo(cause error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, cancel := range q.hands {
		cancel(cause)
	}
}

// carry does a job while its progress is written down, and makes a fault of a panic.
func (q *Queue) carry(ctx context.Context, j office.Job) (outcome office.Outcome, err error) {
	p := &progress{queue: q, job: j.ID, changed: make(chan struct{}, 1)}
	end := p.write(ctx)
	defer end()
	defer func() {
		if caught := recover(); caught != nil {
			q.options.Log.Error("a job panicked", "job", j.ID, "kind", string(j.Kind), "stack", string(debug.Stack()))
			err = fmt.Errorf("a defect of the program: %v", caught)
		}
	}()
	return q.office.Carry(ctx, j, p.heard)
}

// progress writes what an act reports beside its job, once a second at most.
type progress struct {
	queue   *Queue
	job     int64
	changed chan struct{}

	mu   sync.Mutex
	last office.Progress
}

func (p *progress) heard(act string, done, total int64) {
	p.mu.Lock()
	p.last = office.Progress{Act: act, Done: done, Total: total}
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// write keeps writing until end is called.
func (p *progress) write(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var written sync.WaitGroup
	written.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-p.changed:
			}
			p.mu.Lock()
			last := p.last
			p.mu.Unlock()
			if _, err := p.queue.river.JobUpdate(ctx, p.job, &river.JobUpdateParams{Output: report{Progress: last}}); err != nil && ctx.Err() == nil {
				p.queue.options.Log.Warn("the progress of a job could not be kept", "job", p.job, "why", office.Bare(err.Error()))
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
		}
	})
	return func() {
		cancel()
		written.Wait()
	}
}

// quiet lets River's warnings through and nothing that it says of a single
// job, which is said above in words that may enter a log.
type quiet struct{ slog.Handler }

func (q *Queue) quiet() *slog.Logger { return slog.New(quiet{q.options.Log.Handler()}) }

// Enabled leaves out what River says while all is well.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// Handle leaves out records of single jobs' errors.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	of := false
	r.Attrs(func(a slog.Attr) bool {
		of = of || a.Key == "job_kind"
		return !of
	})
	if of {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

// WithAttrs keeps the rest quiet too.
func (q quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(a)} }

// WithGroup keeps the rest quiet too.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
