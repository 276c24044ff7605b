// Package duckdb is the columnar engine over the books: an in-memory DuckDB
// that reads the Parquet parts a snapshot lists and never owns a file that
// another process might want, so that a close and a running server work side
// by side. It stages sources, writes parts and answers questions; which parts
// belong to a snapshot is the manifest's business, and what the answers mean
// is the statement's.
//
// The invariant: no part is ever changed after it has been renamed into place.
package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"

	_ "github.com/duckdb/duckdb-go/v2" // the driver
)

// Options bound what an engine may use.
type Options struct {
	Dir         string // the data folder: parts are named relative to it
	MemoryLimit string // DuckDB's notation, such as "3GB"; empty: 3GB
	Threads     int    // 0: one for each core
	TimeZone    string // the company's time zone; empty: UTC
}

// Engine is one in-memory database with one connection: temporary tables are
// the connection's, so everything happens on it, one thing at a time.
type Engine struct {
	db      *sql.DB
	conn    *sql.Conn
	dir     string
	scratch string
	tables  atomic.Int64
}

// Open starts an engine over the data folder, which must exist.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if o.MemoryLimit == "" {
		o.MemoryLimit = "3GB"
	}
	if o.Threads == 0 {
		o.Threads = runtime.NumCPU()
	}
	if o.TimeZone == "" {
		o.TimeZone = "UTC"
	}
	if err := sweepScratch(o.Dir); err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	scratch, err := os.MkdirTemp(o.Dir, fmt.Sprintf("scratch-%d-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	e := &Engine{dir: o.Dir, scratch: scratch}
	if err := e.start(ctx, o); err != nil {
		return nil, fmt.Errorf("open engine: %w", closing(err, e.Close))
	}
	return e, nil
}

// sweepScratch removes the scratch space of engines that were killed: of
// processes that are no more. One whose number was given anew stays until that
// process ends, too.
func sweepScratch(dir string) error {
	found, err := filepath.Glob(filepath.Join(dir, "scratch-*"))
	if err != nil {
		return err
	}
	for _, path := range found {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(path), "scratch-%d-", &pid); err != nil || alive(pid) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) start(ctx context.Context, o Options) (err error) {
	if e.db, err = sql.Open("duckdb", ""); err != nil {
		return err
	}
	if e.conn, err = e.db.Conn(ctx); err != nil {
		return err
	}
	settings := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET preserve_insertion_order = false",
		"SET enable_progress_bar = false",
		"SET memory_limit = " + literal(o.MemoryLimit),
		fmt.Sprintf("SET threads = %d", o.Threads),
		"SET temp_directory = " + literal(e.scratch),
		"SET TimeZone = " + literal(o.TimeZone),
	}
	for _, s := range settings {
		if err := e.exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the engine and removes its scratch space.
func (e *Engine) Close() error {
	var err error
	if e.conn != nil {
		err = closing(err, e.conn.Close)
	}
	if e.db != nil {
		err = closing(err, e.db.Close)
	}
	if rmErr := os.RemoveAll(e.scratch); err == nil {
		err = rmErr
	}
	return err
}

// closing runs a close and keeps the first error.
func closing(err error, close func() error) error {
	if closeErr := close(); err == nil {
		return closeErr
	}
	return err
}

func (e *Engine) exec(ctx context.Context, query string) error {
	_, err := e.conn.ExecContext(ctx, query)
	return e.plain(err, query)
}

// each runs a query and hands every row to scan.
func (e *Engine) each(ctx context.Context, query string, scan func(*sql.Rows) error) (err error) {
	rows, err := e.conn.QueryContext(ctx, query)
	if err != nil {
		return e.plain(err, query)
	}
	defer func() { err = closing(err, rows.Close) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return e.plain(rows.Err(), query)
}

// one scans the single row of a query.
func (e *Engine) one(ctx context.Context, query string, into ...any) error {
	return e.plain(e.conn.QueryRowContext(ctx, query).Scan(into...), query)
}

// Failure is an engine's own error. Users never see the driver's text; it is
// kept for the log.
type Failure struct {
	Act   string
	Cause error
	Query string
}

func (f *Failure) Error() string { return f.Act }

// Unwrap gives the driver's error.
func (f *Failure) Unwrap() error { return f.Cause }

// plain turns a driver's error into words of ours.
func (e *Engine) plain(err error, query string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	act := "the engine could not answer (this is a defect of Throughline, please report it)"
	switch {
	case strings.Contains(text, "Interrupt"), strings.Contains(text, "context canceled"):
		return context.Canceled
	case strings.Contains(text, "No space left"), strings.Contains(text, "max_temp_directory_size"): // what it may set aside, by what was free
		act = "no space left on the disk that holds " + e.dir + "; nothing was changed, free some space and run again"
	case strings.Contains(text, "Out of Memory"):
		act = "not enough memory; give the engine more with THROUGHLINE_MEMORY, or close other programs"
	case strings.Contains(text, "Permission denied"):
		act = "no permission to read or write a file below " + e.dir
	case strings.Contains(text, "No such file"), strings.Contains(text, "No files found"):
		act = "a stored part is missing below " + e.dir + "; restore the folder from a backup, or import again into an empty one"
	case strings.Contains(text, "not a parquet"), strings.Contains(text, "No magic bytes"), strings.Contains(text, "too small to be a Parquet"):
		act = "a file is not Parquet, or is cut short"
	case strings.Contains(text, "decompress"), strings.Contains(text, "TProtocolException"), strings.Contains(text, "Parquet file"), strings.Contains(text, "corrupt"):
		act = "a Parquet file is damaged; if it is a source, export it again; if it is a stored part below " + e.dir + ", restore the folder from a backup"
	}
	if os.Getenv("THROUGHLINE_DEBUG") != "" {
		act += "\n" + text + "\n" + query
	}
	return &Failure{Act: act, Cause: err, Query: query}
}

// literal quotes text as an SQL string.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// quoted quotes a name as an SQL identifier.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// fresh names a temporary table that nothing else uses.
func (e *Engine) fresh(prefix string) string {
	return fmt.Sprintf("%s_%d", prefix, e.tables.Add(1))
}

// files renders absolute part paths as a list for read_parquet.
func (e *Engine) files(paths []string) string {
	texts := make([]string, len(paths))
	for i, p := range paths {
		texts[i] = literal(filepath.Join(e.dir, p))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
