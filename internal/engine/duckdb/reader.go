package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/throughline/throughline/internal/engine"
)

// DerivedFolder holds, in a data folder, what is derived of parts. It can be
// deleted while nobody reads, and is made again.
const DerivedFolder = "derived"

// ReaderOptions bound what a reader may use.
type ReaderOptions struct {
	Dir         string // the data folder
	MemoryLimit string // of all questions together; empty: 1GB
	BuildMemory string // of what is being prepared, one at a time; empty: 1500MB
	Threads     int    // of what is being prepared; 0: one for each core
	Connections int    // questions at once; 0: 6
	TimeZone    string // the company's; empty: UTC
	// Veil gives customers with the same at stake an order that tells nothing of
	// their ids.
	Veil engine.Veil
	// Small is how many rows books may have for what is missing to be made
	// while somebody waits; 0: 2,000,000.
	Small int64
}

// Reader answers questions about single customers and the customers behind a
// figure, many at once, over the parts of any snapshot. It never writes a part;
// what it derives of parts lies in DATA/derived and is made again when it is
// not there.
type Reader struct {
	o       ReaderOptions
	db      *sql.DB
	scratch string
	derived derivations
	life    context.Context
	end     context.CancelFunc
	builds  sync.Mutex // held by what is being prepared
	mu      sync.Mutex
	indexes map[string]*index
	cut     int64 // how many rows a file of a list has
}

// OpenReader starts a reader over the data folder, which must exist.
func OpenReader(ctx context.Context, o ReaderOptions) (*Reader, error) {
	o = o.filled()
	if err := sweepScratch(o.Dir); err != nil {
		return nil, fmt.Errorf("open reader: %w", err)
	}
	scratch, err := os.MkdirTemp(o.Dir, fmt.Sprintf("scratch-%d-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("open reader: %w", err)
	}
	r := &Reader{o: o, scratch: scratch, derived: derivations{dir: filepath.Join(o.Dir, DerivedFolder)}, indexes: map[string]*index{}, cut: fileRows}
	r.life, r.end = context.WithCancel(context.WithoutCancel(ctx))
	if err := r.start(ctx); err != nil {
		return nil, fmt.Errorf("open reader: %w", closing(err, r.Close))
	}
	// What killed processes left half made.
	if _, err := r.derived.sweep(func(string) bool { return true }); err != nil {
		return nil, fmt.Errorf("open reader: %w", closing(err, r.Close))
	}
	return r, nil
}

func (o ReaderOptions) filled() ReaderOptions {
	if o.MemoryLimit == "" {
		o.MemoryLimit = "1GB"
	}
	if o.BuildMemory == "" {
		o.BuildMemory = "1500MB"
	}
	if o.Threads == 0 {
		o.Threads = runtime.NumCPU()
	}
	if o.Connections == 0 {
		o.Connections = 6
	}
	if o.TimeZone == "" {
		o.TimeZone = "UTC"
	}
	if o.Small == 0 {
		o.Small = 2_000_000
	}
	return o
}

func (r *Reader) start(ctx context.Context) (err error) {
	if r.db, err = sql.Open("duckdb", ""); err != nil {
		return err
	}
	r.db.SetMaxOpenConns(r.o.Connections)
	r.db.SetMaxIdleConns(r.o.Connections)
	return r.with(ctx, func(e *Engine) error {
		return e.set(ctx, []string{
			"SET GLOBAL preserve_insertion_order = true",
			// Parts and derived files never change under their names.
			"SET GLOBAL parquet_metadata_cache = true",
			"SET GLOBAL memory_limit = " + literal(r.o.MemoryLimit),
			// Questions are small and many: each runs on the one thread that asks it.
			"SET GLOBAL threads = 1",
			"SET GLOBAL temp_directory = " + literal(r.scratch),
			"SET GLOBAL TimeZone = " + literal(r.o.TimeZone),
		})
	})
}

// Close ends the reader and what it is preparing.
func (r *Reader) Close() error {
	r.end()
	r.builds.Lock() // what was being prepared has ended
	defer r.builds.Unlock()
	var err error
	if r.db != nil {
		err = r.db.Close()
	}
	return errors.Join(err, os.RemoveAll(r.scratch))
}

// with runs do on a connection of its own.
func (r *Reader) with(ctx context.Context, do func(e *Engine) error) (err error) {
	conn, err := r.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = closing(err, conn.Close) }()
	return do(&Engine{conn: conn, dir: r.o.Dir, scratch: r.scratch})
}

// building runs do on an engine of its own, apart from the questions, so that
// what is prepared takes no memory from them; one at a time.
func (r *Reader) building(ctx context.Context, do func(e *Engine) error) (err error) {
	r.builds.Lock()
	defer r.builds.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	e, err := Open(ctx, Options{Dir: r.o.Dir, MemoryLimit: r.o.BuildMemory, Threads: r.o.Threads, TimeZone: r.o.TimeZone})
	if err != nil {
		return err
	}
	defer func() { err = closing(err, e.Close) }()
	if err := e.set(ctx, []string{"SET preserve_insertion_order = true"}); err != nil {
		return err
	}
	return do(e)
}

func (e *Engine) set(ctx context.Context, settings []string) error {
	for _, s := range settings {
		if err := e.exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// rows counts the rows of a view's books.
func rows(v engine.View) (n int64) {
	for _, parts := range v.Books {
		n += counted(parts)
	}
	return n + counted(v.Keys)
}

func counted(parts []engine.Part) (n int64) {
	for _, p := range parts {
		n += p.Rows
	}
	return n
}

// Sweep removes what was derived of views and statements other than these.
func (r *Reader) Sweep(_ context.Context, views []engine.View, statements []engine.Statement) (removed int, err error) {
	var names []string
	for _, v := range views {
		names = append(append(names, indexName(v)), touchedNames(v)...)
	}
	for _, s := range statements {
		names = append(names, standingName(s))
	}
	r.mu.Lock()
	for name := range r.indexes {
		if !keeping(names)(name) {
			delete(r.indexes, name)
		}
	}
	r.mu.Unlock()
	return r.derived.sweep(keeping(names))
}

// mended turns the loss of a derived file, which somebody may have deleted by
// hand, into what it is: it will be made again.
func (r *Reader) mended(name string, err error) error {
	var failure *Failure
	lost := errors.Is(err, fs.ErrNotExist)
	if errors.As(err, &failure) {
		text := failure.Cause.Error()
		lost = strings.Contains(text, name) && (strings.Contains(text, "No such file") || strings.Contains(text, "No files found") || strings.Contains(text, "too small") || strings.Contains(text, "magic bytes"))
	}
	if !lost {
		return err
	}
	r.mu.Lock()
	delete(r.indexes, name)
	r.mu.Unlock()
	if _, err := r.derived.sweep(func(other string) bool { return other != name }); err != nil {
		return err
	}
	return engine.ErrUnready
}
