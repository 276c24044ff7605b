package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"runtime"
	"time"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine/duckdb"
)

// touched prepares what the journey's pages ask of books, in a process of its own: the counts and words of touchpoints, then who the customers are.
// The server finds it there. What is there already takes no time.
func touched(ctx context.Context, args []string, out io.Writer) (err error) {
	var dir string
	var threads int
	f := flag.NewFlagSet("bench touched", flag.ContinueOnError)
	f.StringVar(&dir, "dir", "", "folder of the books")
	f.IntVar(&threads, "threads", runtime.NumCPU(), "threads of the engine")
	if err := f.Parse(args); err != nil {
		return err
	}
	data, store, config, snap, err := standing(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	r, err := duckdb.OpenReader(ctx, duckdb.ReaderOptions{Dir: data, Threads: threads})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	view := books.View(config, snap)
	before, err := size(data)
	if err != nil {
		return err
	}
	var report []preparedIn
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"counts and words of touchpoints", func() error { return r.PrepareTouchpoints(ctx, view) }},
		{"customers, their timelines and search", func() error { return r.Prepare(ctx, view) }},
	} {
		begin, cpu := time.Now(), processTime()
		if err := step.do(); err != nil {
			return err
		}
		after, err := size(data)
		if err != nil {
			return err
		}
		report = append(report, preparedIn{step.what, time.Since(begin).Seconds(), (processTime() - cpu).Seconds(), after - before})
		before = after
	}
	return json.NewEncoder(out).Encode(report)
}
