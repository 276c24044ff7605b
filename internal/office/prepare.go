package office

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/internal/snapshot"
)

// preparation says what a prepare job works out ahead.
type preparation struct {
	Seal int64 `json:"seal"` // who is behind its lines; 0: the books as they are now
}

// PrepareSeal has the customers behind a seal's lines worked out.
func (o *Office) PrepareSeal(ctx context.Context, seal, by int64) (Job, error) {
	return o.prepare(ctx, preparation{Seal: seal}, by, fmt.Sprintf("prepare seal %d", seal))
}

// PrepareBooks has everything worked out that pages read of the books as they
// are now. Asking for the same books again is asking once.
func (o *Office) PrepareBooks(ctx context.Context, by int64) (Job, error) {
	s, err := o.Store.Latest(ctx)
	if err != nil {
		return Job{}, err
	}
	digest, err := o.settingsDigest()
	if err != nil {
		return Job{}, err
	}
	return o.prepare(ctx, preparation{}, by, fmt.Sprintf("prepare books %d %s", s.ID, digest))
}

// askAgain is for how long a preparation that was asked for is not asked for
// again, so that a page which asks by itself does not begin what fails over
// and over.
const askAgain = 5 * time.Minute

// askedLately are the preparations that this process has asked for, by key.
type askedLately struct {
	mu   sync.Mutex
	jobs map[string]lately
}

type lately struct {
	job int64
	at  time.Time
}

// prepare asks for what a page has found missing. A job that was done before,
// and whose work is missing all the same, is asked for anew.
func (o *Office) prepare(ctx context.Context, p preparation, by int64, key string) (Job, error) {
	if o.Queue == nil {
		return Job{}, ErrNoQueue
	}
	arguments, err := json.Marshal(p)
	if err != nil {
		return Job{}, fmt.Errorf("ask for a preparation: %w", err)
	}
	now := o.Now()
	o.asked.mu.Lock()
	defer o.asked.mu.Unlock()
	if last, ok := o.asked.jobs[key]; ok && now.Sub(last.at) < askAgain {
		return o.Queue.Job(ctx, last.job)
	}
	task := Task{Kind: PrepareJob, Arguments: arguments, By: by, Key: key}
	job, err := o.Ask(ctx, task)
	if err == nil && (job.State == Done || job.State == Refused) {
		task.Key = fmt.Sprintf("%s after %d", key, now.Unix())
		job, err = o.Ask(ctx, task)
	}
	if err != nil {
		return job, err
	}
	for k, l := range o.asked.jobs {
		if now.Sub(l.at) >= askAgain {
			delete(o.asked.jobs, k)
		}
	}
	if o.asked.jobs == nil {
		o.asked.jobs = map[string]lately{}
	}
	o.asked.jobs[key] = lately{job.ID, now}
	return job, nil
}

// PrepareLater does a prepare job; it is the hook of its kind.
func (o *Office) PrepareLater(ctx context.Context, j Job, heard Heard) (Outcome, error) {
	var p preparation
	if err := strict(j.Arguments, &p); err != nil {
		return Outcome{}, fmt.Errorf("read what to prepare: %w", err)
	}
	if heard == nil {
		heard = func(string, int64, int64) {}
	}
	if p.Seal != 0 {
		err := o.prepareSeal(ctx, p.Seal, heard)
		return Outcome{Text: "who is behind the lines is worked out", Link: fmt.Sprintf("/statement/%d", p.Seal)}, err
	}
	if err := o.prepareBooks(ctx, heard); err != nil {
		return Outcome{}, err
	}
	return Outcome{Text: "the books have been looked at", Link: "/books"}, nil
}

// prepareSeal works out who is behind the lines of a seal's statements.
func (o *Office) prepareSeal(ctx context.Context, seal int64, heard Heard) error {
	opened, err := o.seals.open(ctx, o, seal)
	if err != nil {
		return err
	}
	for i, block := range []sealed.Block{sealed.Trailing, sealed.Period} {
		of, ok := opened.statements[block]
		if !ok || opened.gone[block] != nil {
			continue
		}
		heard("who is behind the lines", int64(i), 2)
		if err := o.Customers.PrepareBehind(ctx, of); err != nil {
			return err
		}
	}
	return o.prepareView(ctx, heard)
}

// prepareView makes what finds customers in the books as they are now.
func (o *Office) prepareView(ctx context.Context, heard Heard) error {
	view, err := o.view(ctx)
	if err != nil {
		return err
	}
	heard("customers and their timelines", 0, 0)
	return o.Customers.Prepare(ctx, view)
}

// prepareBooks checks the books as they are and keeps what was found, and
// makes what finds customers in them. It imports nothing.
func (o *Office) prepareBooks(ctx context.Context, heard Heard) error {
	var snap snapshot.Snapshot
	e := Examined{At: o.Now().UTC()}
	err := o.act(ctx, func(c Company, columnar Engine) (err error) {
		if snap, err = o.Store.Latest(ctx); err != nil {
			return err
		}
		if e.Settings, err = o.settingsDigest(); err != nil {
			return err
		}
		closer, err := o.closerNow(ctx, c, snap, columnar, heard)
		if err != nil {
			return err
		}
		held := &books.Held{Config: c.Config, Snapshot: snap, Engine: columnar, Dir: o.Dir}
		e.Found, err = Examine(ctx, closer, &books.Check{Held: held, Inspector: columnar, Today: calendar.DayIn(o.Now(), c.Location()), Progress: books.Progress(heard)})
		return err
	})
	if err != nil {
		return err
	}
	if err := o.keepExamined(e); err != nil {
		return err
	}
	if err := o.prepareView(ctx, heard); err != nil {
		return err
	}
	return o.tidy(ctx)
}

// ahead has what pages will ask for worked out before anybody does: of the
// books as they are now, and of a new seal, where there is one.
func (o *Office) ahead(ctx context.Context, seal, by int64) error {
	if o.Queue == nil || o.Hooks[PrepareJob] == nil {
		return nil
	}
	if seal != 0 {
		if _, err := o.PrepareSeal(ctx, seal, by); err != nil {
			return err
		}
	}
	_, err := o.PrepareBooks(ctx, by)
	return err
}

// Sweeper is what an engine may know besides: what was derived of other views
// and statements than these can go, since it is made again when it is asked for.
type Sweeper interface {
	Sweep(ctx context.Context, views []engine.View, statements []engine.Statement) (removed int, err error)
}

// heldReady is how many seals stay ready to be opened to their customers: a
// year of months.
const heldReady = 12

// tidy removes what was derived for books and seals that few will open again.
func (o *Office) tidy(ctx context.Context) error {
	sweeper, ok := o.Customers.(Sweeper)
	if !ok {
		return nil
	}
	view, err := o.view(ctx)
	if err != nil {
		return err
	}
	heads, err := o.Heads(ctx)
	if err != nil {
		return err
	}
	statements := o.seals.opened()
	left := heldReady
	for i := len(heads) - 1; i >= 0 && left > 0; i-- {
		if !heads[i].Stands() {
			continue
		}
		left--
		kept, err := o.openSeal(ctx, heads[i].ID)
		if err != nil {
			return err
		}
		for _, of := range kept.statements {
			statements = append(statements, of)
		}
	}
	_, err = sweeper.Sweep(ctx, []engine.View{view}, statements)
	return err
}
