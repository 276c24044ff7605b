package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite" // the driver
)

// folder is the base of a queue in a file: processes of one machine know of
// each other by locks on files, which end with the process however it ends.
type folder struct {
	db    *sql.DB
	dir   string
	alive *flock.Flock
}

const (
	turnFile = "alone.lock"
	aliveEnd = ".alive"
)

// openFile opens the jobs in the data folder.
func (q *Queue) openFile(ctx context.Context) error {
	dir := filepath.Join(q.options.Dir, "jobs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	query := url.Values{"_pragma": {"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)"}, "_txlock": {"immediate"}}
	address := url.URL{Scheme: "file", Path: filepath.Join(dir, "jobs.db"), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1) // as River's driver asks, which does not wait for a busy database
	f := &folder{db: db, dir: dir, alive: flock.New(filepath.Join(dir, q.name+aliveEnd))}
	driver := riversqlite.New(db)
	err = f.alone(ctx, func(ctx context.Context) error {
		if err := f.sweep(); err != nil {
			return err
		}
		if ok, err := f.alive.TryLock(); err != nil || !ok {
			return fmt.Errorf("lock %s: taken (%w)", f.alive.Path(), err)
		}
		migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: q.quiet()})
		if err != nil {
			return err
		}
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
	if err != nil {
		return errors.Join(err, f.close())
	}
	c, err := river.NewClient(driver, q.config(""))
	if err != nil {
		return errors.Join(err, f.close())
	}
	q.base, q.river, q.rows = f, c, driver.GetExecutor()
	return nil
}

// sweep removes the files of processes that have ended.
func (f *folder) sweep() error {
	files, err := filepath.Glob(filepath.Join(f.dir, "*"+aliveEnd))
	if err != nil {
		return err
	}
	for _, path := range files {
		if _, err := ended(path); err != nil {
			return err
		}
	}
	return nil
}

// ended tells whether nobody holds the lock of a file, which is removed then.
func ended(path string) (bool, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return true, nil
	} else if err != nil {
		return false, err
	}
	lock := flock.New(path)
	ok, err := lock.TryLock()
	if err != nil || !ok {
		return false, err
	}
	return true, errors.Join(os.Remove(path), lock.Unlock())
}

func (f *folder) alone(ctx context.Context, do func(context.Context) error) (err error) {
	lock := flock.New(filepath.Join(f.dir, turnFile))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("wait for other servers: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return do(ctx)
}

func (f *folder) gone(_ context.Context, name string) (bool, error) {
	if name == "" || strings.Trim(name, "0123456789abcdef") != "" {
		return true, nil // no process has such a name
	}
	return ended(filepath.Join(f.dir, name+aliveEnd))
}

func (f *folder) present() bool { return true } // the lock ends with the process and not before

// compact empties the log of the database too. A reader elsewhere may hold it
// for a moment.
func (f *folder) compact(ctx context.Context) error {
	if _, err := f.db.ExecContext(ctx, "VACUUM"); err != nil {
		return err
	}
	for range 100 {
		var busy, pages, moved int
		if err := f.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
			return err
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("the log of the database is being read all the time; try again later")
}

func (f *folder) close() error {
	err := f.db.Close()
	if f.alive.Locked() {
		err = errors.Join(err, os.Remove(f.alive.Path()), f.alive.Unlock())
	}
	return err
}
