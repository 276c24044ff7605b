// Package sqlite keeps the program's system of record in one SQLite file. It
// owns the driver, how the file is opened, its schema and what its errors mean
// in plain words; the statements are those of internal/store/relational.
//
// The invariant: whatever a call has acknowledged is on the disk, what is
// deleted is overwritten in the file, and a seal is never changed or deleted,
// which the database itself enforces.
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
	"time"

	"github.com/pressly/goose/v3"

	"github.com/throughline/throughline/internal/store/relational"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open store; Newer is returned when a later release has written it.
type (
	Store = relational.Store
	Newer = relational.Newer
)

// Open opens or creates the store at path and brings its schema up to date.
func Open(ctx context.Context, path string, options ...relational.Option) (*Store, error) {
	dialect, err := dialectOf(path)
	if err != nil {
		return nil, err
	}
	private(path)
	query := url.Values{
		"_pragma": {"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"},
		"_txlock": {"immediate"},
	}
	address := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	db.SetMaxIdleConns(8) // a connection costs a millisecond to make
	s := relational.New(db, dialect)
	// Two processes that make a fresh store meet in ways that the busy timeout
	// does not cover.
	err = s.Migrate(ctx, options...)
	for wait := time.Millisecond; busy(err) && wait < 4*time.Second; wait *= 2 {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(wait):
			err = s.Migrate(ctx, options...)
		}
	}
	if err != nil && readOnly(err, path) {
		return openReadOnly(ctx, path, dialect, errors.Join(err, db.Close()))
	}
	if err != nil {
		return nil, errors.Join(s.Plain(ctx, "open", err), db.Close())
	}
	return s, nil
}

// private keeps others than the owner and the group from reading a store,
// because it holds addresses and what passwords are checked against. SQLite
// gives its other files the same rights.
func private(path string) {
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = f.Close() //nolint:errcheck // nothing was written
		return
	}
	// Who may not make it or change its rights hears that from SQLite, or reads
	// an archive.
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o007 != 0 {
		_ = os.Chmod(path, info.Mode().Perm()&^0o007) //nolint:errcheck
	}
}

// openReadOnly opens a store in a folder that may not be written, for reading:
// sealed statements can be printed from an archive. It sees what was
// checkpointed; a folder that is being written elsewhere is not opened so.
func openReadOnly(ctx context.Context, path string, d relational.Dialect, cause error) (*Store, error) {
	address := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"mode": {"ro"}, "immutable": {"1"}}.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	s := relational.New(db, d)
	if db.PingContext(ctx) != nil {
		return nil, errors.Join(s.Plain(ctx, "open", cause), db.Close()) // cause says more than that reading fails too
	}
	return s, nil
}

func dialectOf(path string) (relational.Dialect, error) {
	folder, err := fs.Sub(migrations, "migrations")
	return relational.Dialect{
		Where: path, Goose: goose.DialectSQLite3, Migrations: folder,
		Taken: taken, Again: func(error) bool { return false }, Words: words(path),
		Columns: "SELECT name, pk FROM pragma_table_info(?)",
		Last:    last, SetLast: setLast, Compact: compact,
	}, err
}

// last is the number that AUTOINCREMENT gave last.
func last(ctx context.Context, q relational.Querier, table string) (n int64, err error) {
	err = q.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", table).Scan(&n)
	return n, err
}

// setLast has AUTOINCREMENT go on after n; other tables go on after their
// highest number by themselves.
func setLast(ctx context.Context, q relational.Querier, table string, n int64) error {
	if _, err := q.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = ?", table); err != nil {
		return err
	}
	_, err := q.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) SELECT name, ? FROM sqlite_master WHERE type = 'table' AND name = ? AND sql LIKE '%AUTOINCREMENT%'", n, table)
	return err
}

// compact writes the file anew and empties the log beside it. The temporary
// copy is kept in memory, so that no other file ever holds it.
func compact(ctx context.Context, db *sql.DB) (err error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	for _, statement := range []string{"PRAGMA temp_store = MEMORY", "VACUUM", "PRAGMA temp_store = DEFAULT"} {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	// Whoever reads an older state keeps it in the log until they have finished.
	var blocked, frames, moved int64
	for wait := 10 * time.Millisecond; wait < 5*time.Second; wait *= 2 {
		if err := c.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&blocked, &frames, &moved); err != nil {
			return err
		}
		if blocked == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
	return errRead
}

// errRead is returned when somebody reads the store for the whole while.
var errRead = errors.New("another process reads the store all the while, so that what was deleted may still lie in its log; run again when it has finished")
