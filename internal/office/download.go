package office

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
)

// ErrRowsGone is returned when an erasure, or the end of a retention, took rows
// out while they were written or sent: what is there may hold who was erased.
var ErrRowsGone = errors.New("somebody was erased, or old rows were dropped, while the rows were written; ask for them again")

// ErrManyDownloads is returned where as many downloads as the server makes at
// once take longer than somebody at a page should wait.
var ErrManyDownloads = errors.New("others are having rows written at this moment; ask again when theirs are done")

// manyDownloads is how many files of rows are made at once: each has an engine
// of its own.
const manyDownloads = 2

// slots bound how many do something at once.
type slots struct {
	once sync.Once
	free chan struct{}
}

// enter waits for a slot, for as long as a page waits.
func (s *slots) enter(ctx context.Context) (leave func(), err error) {
	s.once.Do(func() { s.free = make(chan struct{}, manyDownloads) })
	waited := time.NewTimer(patience)
	defer waited.Stop()
	select {
	case s.free <- struct{}{}:
		return func() { <-s.free }, nil
	case <-waited.C:
		return nil, ErrManyDownloads
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pin is the rows of a book in the snapshot that was the newest, beside whatever
// is imported meanwhile.
type pin struct {
	view  engine.View
	holds func(context.Context) error // ErrRowsGone once its parts are another's or none
}

func (o *Office) pin(ctx context.Context, book string) (pin, error) {
	c, err := o.Company(ctx)
	if err != nil {
		return pin{}, err
	}
	s, err := o.Store.Latest(ctx)
	if err != nil {
		return pin{}, err
	}
	view := books.View(c.Config, s)
	return pin{view: view, holds: func(ctx context.Context) error {
		if s.ID == 0 {
			return nil
		}
		now, err := o.Store.Snapshot(ctx, s.ID)
		if err != nil {
			return fmt.Errorf("see whether the rows still stand: %w", err)
		}
		then := books.View(c.Config, now)
		if !slices.EqualFunc(view.Books[book], then.Books[book], samePart) || !slices.EqualFunc(view.Keys, then.Keys, samePart) {
			return ErrRowsGone
		}
		return nil
	}}, nil
}

// samePart: a part never changes under its name.
func samePart(a, b engine.Part) bool { return a.Path == b.Path }

// Download is a file of rows that has no name any more.
type Download struct {
	file   *os.File
	at     pin
	looked time.Time
	now    func() time.Time
}

// How much is sent between looks at the clock, and how long what was seen
// counts.
const (
	sentAtOnce = 1 << 20
	lookAgain  = time.Second
)

// Size is how many bytes there are.
func (d *Download) Size() (int64, error) {
	info, err := d.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Send writes the file. It ends with ErrRowsGone when an erasure comes while a
// slow reader reads: the rest is not sent.
func (d *Download) Send(ctx context.Context, to io.Writer) error {
	for {
		if d.now().Sub(d.looked) > lookAgain {
			if err := d.at.holds(ctx); err != nil {
				return err
			}
			d.looked = d.now()
		}
		if _, err := io.CopyN(to, d.file, sentAtOnce); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Close drops the file.
func (d *Download) Close() error { return d.file.Close() }
