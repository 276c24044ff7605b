package office

import (
	"context"
	"sync"

	"github.com/throughline/throughline/internal/engine"
)

// Erasing is an erasure that somebody waits for. It is held in memory alone,
// because a queue would keep whom it is about; a crash leaves the books as
// before or as after, and it is asked for again.
type Erasing struct {
	Running  bool
	Progress Progress
	Done     *Erased // the last one's outcome
	Err      error   // why the last one was not done
}

type erasures struct {
	mu  sync.Mutex
	now Erasing
	end sync.WaitGroup
}

// BeginErasing erases somebody while the caller goes on; one at a time. It
// returns false when another erasure is running. after hears of the outcome.
func (o *Office) BeginErasing(ctx context.Context, subject engine.Subject, id string, by int64, after func(context.Context, Erased) error) bool {
	o.erasing.mu.Lock()
	defer o.erasing.mu.Unlock()
	if o.erasing.now.Running {
		return false
	}
	o.erasing.now = Erasing{Running: true}
	o.erasing.end.Add(1)
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer o.erasing.end.Done()
		erased, err := o.Erase(ctx, subject, id, by, func(act string, done, total int64) {
			o.erasing.mu.Lock()
			defer o.erasing.mu.Unlock()
			o.erasing.now.Progress = Progress{Act: act, Done: done, Total: total}
		})
		if err == nil && after != nil {
			err = after(ctx, erased)
		}
		o.erasing.mu.Lock()
		defer o.erasing.mu.Unlock()
		o.erasing.now = Erasing{Err: err}
		if err == nil {
			o.erasing.now.Done = &erased
		}
	}()
	return true
}

// Erasing tells how far an erasure is, and how the last one ended.
func (o *Office) Erasing() Erasing {
	o.erasing.mu.Lock()
	defer o.erasing.mu.Unlock()
	return o.erasing.now
}

// Settled waits for a running erasure to end.
func (o *Office) Settled() { o.erasing.end.Wait() }
