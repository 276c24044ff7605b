// Package jobs keeps what is to be done later and has it done: it is the
// office's queue over River, with its own tables in a file of the data folder
// (SQLite) or in a schema of their own (PostgreSQL). It owns that a job
// survives the end of any process, that no two servers do the same job at
// once, when a fault is tried again, and the hands that call the office. It
// owns neither what a job does nor what is due when, which the office knows,
// and keeps no name and no address.
//
// A program opens it, gives it to the office as its queue, and starts it:
//
//	queue, err := jobs.Open(ctx, jobs.Options{Dir: data, Log: log, Now: time.Now, Chance: rand.Reader})
//	office.Queue = queue
//	err = queue.Start(ctx, office) // returns at once
//	…
//	err = queue.Stop(within)       // waits for the running act, or cancels it when within is over
//
// Without Start it only takes tasks, for another process to do.
//
// The invariant: a task that Ask has acknowledged is done, refused or failed
// at last, whatever ends in between. It may be begun again after it was done,
// when the process ended before it could say so; the office's acts are such
// that doing one twice is doing it once.
package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/throughline/throughline/internal/office"
)

// Options say where jobs are kept.
type Options struct {
	// Dir is the data folder. Jobs lie in its folder jobs unless Address is given.
	Dir string
	// Address is a PostgreSQL database, "postgres://…". The jobs have a schema
	// of their own in it.
	Address string
	// Schema is its name; empty: after the first schema of the search path, so
	// that two companies in one database have two.
	Schema string

	Log *slog.Logger // hears of faults, without names or values from the books; nil: nobody does
	Now func() time.Time
	// Chance names the process; nil: crypto/rand.
	Chance io.Reader

	// Wait is how long after a fault a job is tried again, by how often it was
	// begun; nil: half a minute and more for acts, a minute and more for letters.
	Wait func(k office.JobKind, attempt int) time.Duration
	// Every is how often the office is asked for what is due; 0: 20 seconds.
	Every time.Duration

	grace, markedAfter, poll time.Duration // 0: as below and in rescue.go; tests wait for less
}

// Office does the jobs.
type Office interface {
	// Carry does a job. An error is a fault, after which it is tried again.
	Carry(ctx context.Context, j office.Job, heard office.Heard) (office.Outcome, error)
	// Settle records how a job ended; it may be called twice.
	Settle(ctx context.Context, j office.Job, o office.Outcome) error
	// Begin asks for what is due on a schedule.
	Begin(ctx context.Context) error
	// Remind has people told of what is overdue.
	Remind(ctx context.Context) error
}

// client is what is used of a River client, whatever its database.
type client interface {
	Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	JobGet(ctx context.Context, id int64) (*rivertype.JobRow, error)
	JobList(ctx context.Context, params *river.JobListParams) (*river.JobListResult, error)
	JobUpdate(ctx context.Context, id int64, params *river.JobUpdateParams) (*rivertype.JobRow, error)
	JobDelete(ctx context.Context, id int64) (*rivertype.JobRow, error)
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// base is the database below: how processes know of each other, and the few
// things for which River has no call.
type base interface {
	// alone runs do while no other process of the store runs alone.
	alone(ctx context.Context, do func(context.Context) error) error
	// gone tells whether the process of that name has ended.
	gone(ctx context.Context, name string) (bool, error)
	// present tells whether this process is still known to be alive.
	present() bool
	// compact rewrites the tables, so that no byte of what was deleted is left.
	compact(ctx context.Context) error
	close() error
}

// Queue keeps jobs and has them done.
type Queue struct {
	options Options
	name    string // of this process among all that work on the store
	base    base
	schema  string
	river   client
	rows    riverdriver.Executor

	mu      sync.Mutex
	office  Office
	hands   map[int64]context.CancelCauseFunc // the jobs that this process is doing
	lost    map[int64]missing                 // by job
	stop    context.CancelFunc
	rounds  sync.WaitGroup
	stopped bool
}

var _ office.Queue = (*Queue)(nil)

// errLost cancels what a process does when it may be taken for dead, because
// another one may then do it.
var errLost = errors.New("the connection by which other servers know that this one is alive was lost")

// Open opens the queue and brings its tables up to date. It does nothing yet.
func Open(ctx context.Context, o Options) (*Queue, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Chance == nil {
		o.Chance = rand.Reader
	}
	if o.Every == 0 {
		o.Every = 20 * time.Second
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	o.grace, o.markedAfter, o.poll = cmp.Or(o.grace, grace), cmp.Or(o.markedAfter, markedAfter), cmp.Or(o.poll, time.Second)
	var name [8]byte
	if _, err := io.ReadFull(o.Chance, name[:]); err != nil {
		return nil, fmt.Errorf("name the process: %w", err)
	}
	q := &Queue{
		options: o, name: hex.EncodeToString(name[:]), hands: map[int64]context.CancelCauseFunc{},
		lost: map[int64]missing{},
	}
	open := q.openFile
	if o.Address != "" {
		open = q.openPostgres
	}
	if err := open(ctx); err != nil {
		return nil, fmt.Errorf("open the jobs: %w", err)
	}
	return q, nil
}

// Letters are sent beside the acts, which never run beside one another.
const (
	acts    = "acts"
	letters = "letters"
)

// keeping is how long a finished job can be looked at.
const keeping = 400 * 24 * time.Hour

// never is longer than any act: who does a job is known by being alive, not by
// how long it takes.
const never = 10 * 365 * 24 * time.Hour

// cooldown is how long a hand rests between two jobs.
const cooldown = 20 * time.Millisecond

// config is River's, for either database.
func (q *Queue) config(schema string) *river.Config {
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{queue: q})
	// Every midnight River rebuilds indexes by names that only PostgreSQL has; in a file it would log three errors a night.
	var reindex river.PeriodicSchedule
	if q.options.Address == "" {
		reindex = river.NeverSchedule()
	}
	return &river.Config{
		ReindexerSchedule: reindex,
		ID:                q.name, Schema: schema, Workers: workers, Logger: q.quiet(), RetryPolicy: policy{q.options.Wait, q.options.Now},
		Queues: map[string]river.QueueConfig{acts: {MaxWorkers: 1}, letters: {MaxWorkers: 1}}, FetchCooldown: cooldown, FetchPollInterval: q.options.poll,
		JobTimeout: -1, RescueStuckJobsAfter: never,
		CompletedJobRetentionPeriod: keeping, DiscardedJobRetentionPeriod: keeping, CancelledJobRetentionPeriod: keeping,
	}
}

// Start begins to do jobs and to look for what is due, and returns. The end of
// ctx ends nothing: only Stop does.
func (q *Queue) Start(ctx context.Context, o Office) error {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	q.mu.Lock()
	if q.office != nil {
		q.mu.Unlock()
		stop()
		return errors.New("start the jobs: they are running already")
	}
	q.office, q.stop = o, stop
	q.mu.Unlock()
	if err := q.rescue(ctx); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	if err := q.river.Start(ctx); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	q.round(ctx, q.options.Every, "look for what is due", o.Begin)
	q.round(ctx, min(time.Hour, 60*q.options.Every), "look for what is overdue", o.Remind)
	q.round(ctx, min(rescueEvery, q.options.Every), "look for jobs of servers that have ended", q.rescue)
	return nil
}

// round does something now and again and again until the queue is stopped.
func (q *Queue) round(ctx context.Context, every time.Duration, what string, do func(context.Context) error) {
	q.rounds.Go(func() {
		ticks := time.NewTicker(every)
		defer ticks.Stop()
		for {
			if err := q.attempt(ctx, do); err != nil && ctx.Err() == nil {
				q.options.Log.Error("could not "+what, "why", office.Bare(err.Error()))
			}
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
		}
	})
}

// attempt makes an error of a panic: what is looked for again and again must
// not end the server.
func (q *Queue) attempt(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do(ctx)
}

// Stop begins nothing more and waits for what runs. When within ends first,
// what runs is cancelled, which leaves everything as it was, and is begun again
// by the next server. A queue that was never started is closed.
func (q *Queue) Stop(within context.Context) error {
	q.mu.Lock()
	stop, stopped := q.stop, q.stopped
	q.stopped = true
	q.mu.Unlock()
	if stopped {
		return nil
	}
	var err error
	if stop != nil {
		err = q.river.Stop(within)
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			const patience = 30 * time.Second // an act gives up within it, or is given up
			last, cancel := context.WithTimeout(context.WithoutCancel(within), patience)
			defer cancel()
			err = q.river.StopAndCancel(last)
		}
		stop()
		q.rounds.Wait()
	}
	if err := errors.Join(err, q.base.close()); err != nil {
		return fmt.Errorf("stop the jobs: %w", err)
	}
	return nil
}
