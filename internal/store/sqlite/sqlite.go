// Package sqlite is the program's system of record in one SQLite file: the
// manifest of the books' snapshots and the sealed statements. It keeps and
// returns; it computes nothing.
//
// The invariant: whatever a call has acknowledged is on the disk, and a seal
// is never changed or deleted, which the database itself enforces.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open system of record. It is safe for several goroutines and
// several processes.
type Store struct {
	db   *sql.DB
	path string
}

// Open opens or creates the store at path and brings its schema up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	query := url.Values{"_pragma": {"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}, "_txlock": {"immediate"}}
	address := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	s := &Store{db: db, path: path}
	// Two processes that make a fresh store meet in ways that the busy timeout
	// does not cover.
	err = s.migrate(ctx)
	for wait := time.Millisecond; busy(err) && wait < 4*time.Second; wait *= 2 {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(wait):
			err = s.migrate(ctx)
		}
	}
	if err != nil && readOnly(err, path) {
		return openReadOnly(ctx, path, errors.Join(err, db.Close()))
	}
	if err != nil {
		return nil, errors.Join(s.plain("open", err), db.Close())
	}
	return s, nil
}

// readOnly tells whether a store is there and only writing it is forbidden.
func readOnly(err error, path string) bool {
	text := err.Error()
	_, statErr := os.Stat(path)
	return statErr == nil && (strings.Contains(text, "readonly") || strings.Contains(text, "unable to open"))
}

// openReadOnly opens a store in a folder that may not be written, for reading:
// sealed statements can be printed from an archive. It sees what was
// checkpointed; a folder that is being written elsewhere is not opened so.
func openReadOnly(ctx context.Context, path string, cause error) (*Store, error) {
	address := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"mode": {"ro"}, "immutable": {"1"}}.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	s := &Store{db: db, path: path}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(s.plain("open", cause), db.Close())
	}
	return s, nil
}

func (s *Store) migrate(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return err
	}
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.db, folder)
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return &Newer{Path: s.path, Has: current, Knows: target}
	}
	if current < target {
		_, err = provider.Up(ctx)
	}
	return err
}

// busy tells whether another process holds the file, or has just changed its
// schema.
func busy(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "SQLITE_BUSY") || strings.Contains(text, "database is locked") || strings.Contains(text, "already exists")
}

// Newer is returned when a later release has written the store.
type Newer struct {
	Path       string
	Has, Knows int64
}

func (n *Newer) Error() string {
	return fmt.Sprintf("%s was written by a newer Throughline (schema %d, this one knows %d); use that release", n.Path, n.Has, n.Knows)
}

// Close closes the store.
func (s *Store) Close() error { return s.plain("close", s.db.Close()) }

// plain wraps an error once and puts the usual ones into words.
func (s *Store) plain(act string, err error) error {
	if err == nil {
		return nil
	}
	var newer *Newer
	text := err.Error()
	switch {
	case errors.As(err, &newer), errors.Is(err, context.Canceled):
		return err
	case busy(err):
		return fmt.Errorf("%s store: another process has held %s for too long; run again when it has finished", act, s.path)
	case strings.Contains(text, "disk is full"), strings.Contains(text, "SQLITE_FULL"), strings.Contains(text, "disk I/O error"):
		return fmt.Errorf("%s store: the disk that holds %s takes no more, or fails; nothing was changed, free some space and run again", act, s.path)
	case strings.Contains(text, "not a database"), strings.Contains(text, "malformed"):
		return fmt.Errorf("%s store: %s is damaged or no store of Throughline; restore it from a backup: %w", act, s.path, err)
	case strings.Contains(text, "readonly"), os.IsPermission(err), strings.Contains(text, "unable to open"):
		return fmt.Errorf("%s store: %s cannot be written; give yourself the right to, or name another folder with --data: %w", act, s.path, err)
	}
	return fmt.Errorf("%s store: %w", act, err)
}

// within runs do in one transaction that is committed whole or not at all.
func (s *Store) within(ctx context.Context, act string, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.plain(act, err)
	}
	if err := do(tx); err != nil {
		return errors.Join(s.plain(act, err), ignoreDone(tx.Rollback()))
	}
	return s.plain(act, tx.Commit())
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// each hands every row of a query to scan.
func each(ctx context.Context, q querier, scan func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func unstamp(text string) (time.Time, error) { return time.Parse(time.RFC3339Nano, text) }
