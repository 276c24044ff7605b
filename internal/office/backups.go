package office

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// backupsFolder is where scheduled backups, and those before an upgrade, lie.
const backupsFolder = "backups"

// Backups lists the backups in the data folder, which an erasure cannot reach
// into; they are to be deleted.
func (o *Office) Backups() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(o.Dir, backupsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for backups: %w", err)
	}
	var out []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			out = append(out, filepath.Join(o.Dir, backupsFolder, e.Name()))
		}
	}
	slices.Sort(out)
	return out, nil
}

// removeUnnamed removes what backups have left that were cut short or are
// being taken: it holds whoever was erased, and no receipt lists it. One that
// is being taken is begun again.
func (o *Office) removeUnnamed() error {
	for _, pattern := range []string{".backup-*", ".store-*"} {
		found, err := filepath.Glob(filepath.Join(o.Dir, backupsFolder, pattern))
		if err != nil {
			return fmt.Errorf("look for backups: %w", err)
		}
		for _, path := range found {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove an unfinished backup: %w", err)
			}
		}
	}
	return nil
}

// ErrErasedMeanwhile is returned when somebody was erased while a backup was
// taken: it may hold them, and the receipt does not know of it.
var ErrErasedMeanwhile = errors.New("somebody was erased while the backup was taken")

// BackupMark is the moment in the line of erasures at which a backup begins.
func (o *Office) BackupMark(ctx context.Context) (int64, error) { return o.newestErasure(ctx) }

// NameBackup has a backup that was begun at a mark take its name, unless
// somebody was erased since: ErrErasedMeanwhile. While it runs no erasure
// counts, so that each receipt lists every backup in our folder that has a
// name and holds the person.
func (o *Office) NameBackup(ctx context.Context, mark int64, name func() error) error {
	return o.holdingBackups(ctx, func() error {
		newest, err := o.newestErasure(ctx)
		switch {
		case err != nil:
			return err
		case newest != mark:
			return ErrErasedMeanwhile
		}
		return name()
	})
}

// holdingBackups keeps backups from taking names, and erasures from counting,
// in every process over this data folder.
func (o *Office) holdingBackups(ctx context.Context, do func() error) (err error) {
	lock := flock.New(filepath.Join(o.Dir, "backups.lock"))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("lock %s: %w", o.Dir, err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return do()
}
