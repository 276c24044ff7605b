package office

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/program"
)

// JobKind is what a job does. The names are kept with the jobs and with the
// schedules, so they are never changed.
type JobKind string

// The kinds of jobs.
const (
	ImportJob  JobKind = "import"
	CloseJob   JobKind = "close"   // its arguments are an Order
	PrepareJob JobKind = "prepare" // what the pages read, worked out ahead
	NotifyJob  JobKind = "notify"  // one letter to one person; its arguments are a Notice
	BackupJob  JobKind = "backup"
)

// Task is something that somebody or a schedule wants done as soon as a server
// has a hand free. It holds no name and no address, so that whoever keeps it
// keeps nothing to be forgotten but what an outcome quotes.
type Task struct {
	Kind      JobKind         `json:"kind"`
	Arguments json.RawMessage `json:"arguments"` // of the kind; empty: none
	By        int64           `json:"by"`        // a user; 0: a schedule or the program itself
	At        time.Time       `json:"at"`
	Turn      *Turn           `json:"turn"` // of the schedule that asks; nil: no schedule does
	Key       string          `json:"key"`  // tasks with the same key are one job; empty: this task is a job of its own
}

// JobState is how far a job is.
type JobState string

// The states of jobs. The last three are final.
const (
	Waiting JobState = "waiting" // for its turn, or after a fault to be tried again
	Working JobState = "running"
	Done    JobState = "done"
	Refused JobState = "refused" // the books did not allow it; trying again would change nothing
	Failed  JobState = "failed"  // a fault that did not go away
)

// Progress is what an act last reported; Done and Total are 0 where they are
// not known.
type Progress struct {
	Act   string `json:"act"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
}

// Outcome is how a job ended, in plain words.
type Outcome struct {
	State JobState `json:"state"`
	Text  string   `json:"text"`           // what came of it, or why not
	Do    string   `json:"do"`             // what to do, in the words of the command line; empty: nothing
	Kind  string   `json:"kind,omitempty"` // of a refusal: one of closing.Kinds, books.Kinds or engine.Kinds; empty: there is no other advice
	Book  string   `json:"book,omitempty"` // that the kind is about; empty: none
	Seal  int64    `json:"seal"`           // that a close returned; 0: none
	Link  string   `json:"link"`           // the page to open; empty: none
	// Document is what a dry run computed: nothing of it is sealed.
	Document string `json:"document,omitempty"`
}

// Job is a task with what became of it.
type Job struct {
	Task
	ID       int64
	State    JobState
	Attempt  int       // how often it was begun
	Again    time.Time // when it is tried again; zero unless it waits after a fault
	Began    time.Time // last; zero: not yet
	Ended    time.Time // zero: not yet
	Progress Progress
	Outcome  Outcome // of a job that waits after a fault: what the fault was
}

// Queue keeps tasks until they are done, across restarts and among any number
// of servers, and has each done by one of them at a time.
type Queue interface {
	// Ask keeps a task. One whose key was asked before, and not in vain, is the
	// earlier job.
	Ask(ctx context.Context, t Task) (Job, error)
	// Job is one job, or program.ErrNone.
	Job(ctx context.Context, id int64) (Job, error)
	// Jobs lists the newest, newest first. Letters are among them only when
	// they failed.
	Jobs(ctx context.Context, limit int) ([]Job, error)
}

// Hook does a job whose doing the office does not own.
type Hook func(ctx context.Context, j Job, heard Heard) (Outcome, error)

// Later is what an office needs to have things done later. What is left zero
// is not done.
type Later struct {
	Queue Queue
	Times Timetable
	Hooks map[JobKind]Hook
	Post  Post
	// Address is a user's mail address; empty: the user is no longer told.
	Address func(ctx context.Context, user int64) (string, error)
	// Page is the full address of a page; nil: letters name no page.
	Page func(path string) string
	// Say turns an English sentence of the letters into another language; nil:
	// it stays as it is.
	Say func(text string) string
}

// ErrNoQueue is returned where an office was opened without a queue.
var ErrNoQueue = errors.New("nothing can be done later here; start the server with `throughline serve`")

// Ask has something done later and returns at once.
func (o *Office) Ask(ctx context.Context, t Task) (Job, error) {
	if o.Queue == nil {
		return Job{}, ErrNoQueue
	}
	if err := o.allowed(ctx, t); err != nil {
		return Job{}, err
	}
	t.At = o.Now().UTC()
	return o.Queue.Ask(ctx, t)
}

// allowed refuses what could not be done whenever it is tried.
func (o *Office) allowed(ctx context.Context, t Task) error {
	switch t.Kind {
	case ImportJob, NotifyJob:
		return nil
	case CloseJob:
		c, err := o.Company(ctx)
		if err != nil {
			return err
		}
		cal, err := c.Config.NewCalendar()
		if err != nil {
			return err
		}
		order, err := t.order()
		if err != nil {
			return err
		}
		_, err = order.named(cal)
		return err
	}
	if o.Hooks[t.Kind] == nil {
		return fmt.Errorf("ask for %q: nothing here does that", t.Kind)
	}
	return nil
}

// Closing is the task of a close.
func Closing(order Order, by int64) (Task, error) {
	arguments, err := json.Marshal(order)
	if err != nil {
		return Task{}, fmt.Errorf("ask for a close: %w", err)
	}
	return Task{Kind: CloseJob, Arguments: arguments, By: by}, nil
}

func (t Task) order() (order Order, err error) {
	if err := strict(t.Arguments, &order); err != nil {
		return order, fmt.Errorf("read what to close: %w", err)
	}
	return order, nil
}

// strict reads JSON and refuses names that it does not know.
func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// Job is one job, or program.ErrNone.
func (o *Office) Job(ctx context.Context, id int64) (Job, error) {
	if o.Queue == nil {
		return Job{}, ErrNoQueue
	}
	return o.Queue.Job(ctx, id)
}

// Jobs lists the newest jobs, newest first.
func (o *Office) Jobs(ctx context.Context, limit int) ([]Job, error) {
	if o.Queue == nil {
		return nil, nil
	}
	return o.Queue.Jobs(ctx, limit)
}

// Carry does a job now. An error is a fault, after which it may be tried again:
// every act is done whole or not at all, and doing it twice is doing it once.
// That the books do not allow it is no error but an outcome.
func (o *Office) Carry(ctx context.Context, j Job, heard Heard) (Outcome, error) {
	outcome, err := o.carry(ctx, j, heard)
	if refused, ok := Reason(err); ok {
		return refused, nil
	}
	if err == nil && outcome.State == "" {
		outcome.State = Done
	}
	return outcome, err
}

func (o *Office) carry(ctx context.Context, j Job, heard Heard) (Outcome, error) {
	switch j.Kind {
	case ImportJob:
		report, err := o.importLater(ctx, j, heard)
		return Outcome{Text: imported(report), Link: "/books"}, err
	case CloseJob:
		return o.closeLater(ctx, j, heard)
	case NotifyJob:
		return o.deliver(ctx, j)
	}
	hook := o.Hooks[j.Kind]
	if hook == nil {
		return Outcome{State: Failed, Text: fmt.Sprintf("nothing here does %q", j.Kind), Do: "start the server in the version that asked for it"}, nil
	}
	return hook(ctx, j, heard)
}

func (o *Office) closeLater(ctx context.Context, j Job, heard Heard) (Outcome, error) {
	order, err := j.order()
	if err != nil {
		return Outcome{}, err
	}
	closed, err := o.Close(ctx, order, heard)
	if err != nil {
		return Outcome{}, err
	}
	text := order.Period + " is sealed"
	switch {
	case closed.Seal.ID == 0:
		text = order.Period + " was computed and not sealed"
	case closed.Seal.At.Before(j.At):
		text = order.Period + " was sealed already, and the seal stands"
	case closed.Seal.Restates != 0:
		text = order.Period + " is sealed again, as a restatement"
	}
	out := Outcome{Text: strings.Join(append([]string{text}, closed.Notes...), "\n"), Seal: closed.Seal.ID}
	if order.DryRun {
		out.Document = string(closed.Document)
	}
	if out.Seal == 0 {
		return out, nil
	}
	out.Link = fmt.Sprintf("/statement/%d", out.Seal)
	return out, o.ahead(ctx, out.Seal, j.By)
}

// imported says what an import did, and what was dropped after it.
func imported(r books.Report) string {
	return strings.Join(append([]string{read(r)}, r.Retained.Lines()...), "\n")
}

func read(r books.Report) string {
	if len(r.Read) == 0 && r.Dropped == 0 {
		return "nothing new in the sources"
	}
	text := fmt.Sprintf("%s read, %d unchanged", counted(len(r.Read), "source"), r.Kept)
	if r.Dropped > 0 {
		text += fmt.Sprintf(", %d forgotten", r.Dropped)
	}
	if len(r.Gone) > 0 {
		text += fmt.Sprintf(", %d no longer in place (our copy is kept)", len(r.Gone))
	}
	return text
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Reason takes a domain's refusal apart, as the outcome of what was refused.
func Reason(err error) (Outcome, bool) {
	var byClose *closing.Refusal
	var byBooks *books.Refusal
	var byEngine *engine.Unanswerable
	switch {
	case errors.As(err, &byClose):
		return Outcome{State: Refused, Text: byClose.What, Do: byClose.Do, Kind: byClose.Kind, Book: byClose.Book}, true
	case errors.As(err, &byBooks):
		return Outcome{State: Refused, Text: byBooks.Where + ": " + byBooks.What, Do: byBooks.Do, Kind: byBooks.Kind, Book: byBooks.Book}, true
	case errors.As(err, &byEngine):
		return Outcome{State: Refused, Text: byEngine.What, Do: byEngine.Do, Kind: byEngine.Kind}, true
	case errors.Is(err, ErrNoCompany):
		return Outcome{State: Refused, Text: ErrNoCompany.Error(), Do: "set up the company's books first"}, true
	}
	return Outcome{}, false
}

// Fault puts the fault of a job that is not tried again in plain words.
func Fault(err error) Outcome {
	out := Outcome{State: Failed, Text: clipped(err.Error()), Do: "ask for it again; if it fails again, the server's log says more"}
	switch {
	case DiskFull(err):
		out.Text, out.Do = "the disk that holds the data folder is full", "free some space, then ask for it again"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EROFS):
		out.Do = "give the server the right to read and write the data folder, then ask for it again"
	}
	return out
}

// DiskFull tells whether an act failed because a disk takes no more.
func DiskFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	text := strings.ToLower(err.Error()) // engines and stores say it in words
	return strings.Contains(text, "no space left") || strings.Contains(text, "disk is full")
}

const longest = 2000

// clipped keeps a long text from filling a page.
func clipped(text string) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + " …"
	}
	return text
}

// Settle records how a job ended with the schedule that asked for it, and has
// people told. Settling the same outcome twice changes nothing more.
func (o *Office) Settle(ctx context.Context, j Job, outcome Outcome) error {
	if outcome.Link == "" {
		outcome.Link = fmt.Sprintf("/runs/%d", j.ID)
	}
	if j.Turn != nil && o.Times != nil {
		if err := o.endTurn(ctx, *j.Turn, outcome); err != nil {
			return err
		}
	}
	return o.tell(ctx, j, outcome)
}

// endTurn writes the outcome beside the turn that began.
func (o *Office) endTurn(ctx context.Context, t Turn, outcome Outcome) error {
	runs, err := o.Times.Runs(ctx, t.Schedule, manyRuns)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if !r.Due.Equal(t.Due) || r.Outcome != program.Running {
			continue
		}
		r.Ended, r.Link, r.Note = o.Now().UTC(), outcome.Link, clipped(outcome.Text)
		if outcome.Do != "" && (outcome.Kind == "" || outcome.Link == "") { // the page of the run says it in its own words
			r.Note += "\n→ " + outcome.Do
		}
		r.Outcome = map[JobState]program.Outcome{Done: program.Done, Refused: program.Refused, Failed: program.Failed}[outcome.State]
		if err := o.Times.EndRun(ctx, r); !errors.Is(err, program.ErrNone) { // none: it has ended meanwhile
			return err
		}
	}
	return nil // a store from an older backup does not know this turn
}

// Turn is one time that a schedule is due: for the period that ended on the
// day before End.
type Turn struct {
	Schedule int64        `json:"schedule"`
	Label    string       `json:"label"` // the period's name
	End      calendar.Day `json:"end"`
	Due      time.Time    `json:"due"`
}
