package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/throughline/throughline/internal/books"
)

// erasingFile is there from before an erasure counts until nothing of it is
// left to do: removing uploaded files and what was derived, and writing the
// store anew. It names nobody.
const erasingFile = "erasing"

type erasingMark struct {
	After   int64    `json:"after"`   // the newest receipt before
	Uploads []string `json:"uploads"` // to remove once there is a newer one
}

func (o *Office) newestErasure(ctx context.Context) (int64, error) {
	all, err := o.People.Erasures(ctx)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return all[0].ID, nil
}

// markErasing notes what an erasure has to do after it counts.
func (o *Office) markErasing(ctx context.Context, sources []string) error {
	m := erasingMark{}
	var err error
	if m.After, err = o.newestErasure(ctx); err != nil {
		return err
	}
	for _, path := range sources {
		if o.isUpload(path) {
			m.Uploads = append(m.Uploads, path)
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("note an erasure: %w", err)
	}
	return errors.Join(writeDurably(filepath.Join(o.Dir, erasingFile), text), syncFolder(o.Dir))
}

// finishErasing does what an erasure that was cut short after it counted has
// left; of one that does not count it forgets the mark.
func (o *Office) finishErasing(ctx context.Context) (err error) {
	mark := filepath.Join(o.Dir, erasingFile)
	if o.People == nil {
		return nil
	}
	if _, err := os.Stat(mark); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	lock := flock.New(filepath.Join(o.Dir, "import.lock"))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return fmt.Errorf("lock %s: %w", o.Dir, err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	text, err := os.ReadFile(mark)
	if errors.Is(err, fs.ErrNotExist) { // another process was faster
		return nil
	}
	if err != nil {
		return fmt.Errorf("finish an erasure: %w", err)
	}
	var m erasingMark
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("finish an erasure: %w", err)
	}
	newest, err := o.newestErasure(ctx)
	if err != nil {
		return err
	}
	if newest > m.After {
		if err := o.removeUploads(m.Uploads); err != nil {
			return err
		}
		if err := (&books.Eraser{Manifest: o.People, Dir: o.Dir, Derived: o.ForgetDerived}).Finish(ctx); err != nil {
			return err
		}
		if err := errors.Join(o.ForgetExamined(), o.removeUnnamed(), o.People.Compact(ctx)); err != nil {
			return err
		}
	}
	return o.unmarkErasing()
}

func (o *Office) unmarkErasing() error {
	if err := os.Remove(filepath.Join(o.Dir, erasingFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("finish an erasure: %w", err)
	}
	return nil
}

// removeUploads removes files that people gave and that held whoever is erased.
func (o *Office) removeUploads(paths []string) error {
	for _, path := range paths {
		if err := os.Remove(o.uploaded(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the uploaded file %s: %w", path, err)
		}
	}
	return nil
}
