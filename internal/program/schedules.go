package program

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Schedule is something that is due again and again.
type Schedule struct {
	ID      int64
	Version int64           // 0: new
	Kind    string          // "close", "import", "backup", "retention"
	Spec    json.RawMessage // when and how, in its kind's words
	Due     time.Time       // next; zero: paused
	At      time.Time       // of this version
	By      int64           // as in Change
}

// Schedules keeps what is due when.
type Schedules interface {
	// Schedules lists all, by id.
	Schedules(ctx context.Context) ([]Schedule, error)
	// Schedule is one of them, or ErrNone.
	Schedule(ctx context.Context, id int64) (Schedule, error)
	// SaveSchedule keeps a new schedule (version 0) or the next version of one,
	// with its history. It returns *Stale when the version is not the newest.
	// That a run moves Due on is no edit and makes no version.
	SaveSchedule(ctx context.Context, s Schedule) (Schedule, error)
	// RemoveSchedule removes it; its runs and its history stay.
	RemoveSchedule(ctx context.Context, s Schedule) error
}

// Outcome is how a run ended.
type Outcome string

// The outcomes of runs.
const (
	Running     Outcome = "running"
	Done        Outcome = "done"
	Refused     Outcome = "refused"     // the books did not allow it; the note says what to do
	Failed      Outcome = "failed"      // a fault; the note says which
	Interrupted Outcome = "interrupted" // the process ended in the middle
)

// Run is one time that a schedule was carried out.
type Run struct {
	ID       int64
	Schedule int64
	Due      time.Time // for which moment
	Began    time.Time
	Ended    time.Time // zero while it runs
	Outcome  Outcome
	Note     string
	Link     string // what to open: the page of the seal, of the backup
}

// ErrTaken is returned when another process has begun the same run.
var ErrTaken = errors.New("another process carries this out already")

// Runs keeps what was carried out. Each due moment of a schedule runs once,
// whichever of several processes is first.
type Runs interface {
	// BeginRun keeps a run as running and makes the schedule due at next, in one
	// transaction. It returns ErrTaken when a run for r.Due has begun already.
	BeginRun(ctx context.Context, r Run, next time.Time) (Run, error)
	// EndRun keeps r.Ended, r.Outcome, r.Note and r.Link.
	EndRun(ctx context.Context, r Run) error
	// Runs lists the newest runs of a schedule, or of all when it is 0, newest first.
	Runs(ctx context.Context, schedule int64, limit int) ([]Run, error)
}
