// Command bench measures Throughline at size on simulated order lines, as
// whole processes: a close from Parquet to the sealed document, a close of
// imported books, one more month, against the same group-by bare in DuckDB
// and in PostgreSQL. It owns no figure of the product and is no test: what
// it prints depends on the machine. Run it with `go run ./bench`.
//
// The invariant: a time counts only when the answers agree; the customers,
// the revenue and what was kept of it must be equal everywhere, or it ends
// with status 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// settings are the flags.
type settings struct {
	lines, customers int64
	skew             float64
	dir              string
	keep             bool
	runs, threads    int
	memory           string
	only             string
	out              string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch args := os.Args[1:]; {
	case len(args) > 0 && args[0] == "generate":
		err = generate(ctx, args[1:])
	case len(args) > 0 && args[0] == "bare":
		err = bare(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "people":
		err = people(ctx, args[1:])
	case len(args) > 0 && args[0] == "ask":
		err = ask(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "drill":
		err = drill(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "export":
		err = export(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "whole":
		err = whole(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "company":
		err = companyOf(ctx, args[1:])
	case len(args) > 0 && args[0] == "questions":
		err = questions(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "copy":
		err = copied(ctx, args[1:])
	case len(args) > 0 && args[0] == "hazard":
		err = hazard(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "cox":
		err = cox(args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "lifetimes":
		err = lifetimes(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "fit":
		err = fitOne(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "journal":
		err = journal(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "post":
		err = post(args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "pages":
		err = pages(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "places":
		err = places(ctx, args[1:])
	case len(args) > 0 && args[0] == "touched":
		err = touched(ctx, args[1:], os.Stdout)
	case len(args) > 0 && args[0] == "journey":
		err = journeyPages(ctx, args[1:], os.Stdout)
	default:
		err = run(ctx, args, os.Stdout)
	}
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// parts of a benchmark that --only may name.
var parts = []string{"cold", "warm", "month", "postgres"}

func (s settings) does(part string) bool {
	return s.only == "" || slices.Contains(strings.Split(s.only, ","), part)
}

func read(args []string) (settings, error) {
	var s settings
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.Int64Var(&s.lines, "lines", 20_000_000, "order lines in the eight years")
	f.Int64Var(&s.customers, "customers", 0, "customers (default: a tenth of the lines)")
	f.Float64Var(&s.skew, "skew", 1, "1: lines fall evenly on customers; 2, 3, …: on ever fewer of them")
	f.StringVar(&s.dir, "dir", "", "folder to work in (default: a temporary one)")
	f.BoolVar(&s.keep, "keep", false, "leave the folder as it is at the end")
	f.IntVar(&s.runs, "runs", 3, "rounds; medians and ranges are over them")
	f.StringVar(&s.memory, "memory", "3GB", "memory limit of the engine, in throughline and bare alike")
	f.IntVar(&s.threads, "threads", runtime.NumCPU(), "threads of the engine")
	f.StringVar(&s.only, "only", "", "some of cold,warm,month,postgres (default: all)")
	f.StringVar(&s.out, "out", "", "also write the report, as Markdown, to this file")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if s.customers == 0 {
		s.customers = max(1, s.lines/10)
	}
	for _, p := range strings.Split(s.only, ",") {
		if p != "" && !slices.Contains(parts, p) {
			return s, fmt.Errorf("--only: %q is none of %s", p, strings.Join(parts, ", "))
		}
	}
	if f.NArg() > 0 || s.lines < 1000 || s.customers < 1 || s.customers > 99_999_999 || s.runs < 1 || s.threads < 1 || s.skew < 1 {
		return s, errors.New("usage: go run ./bench [--lines 1000 or more] [--runs 1 or more] [--threads 1 or more] [--skew 1 or more]; --help lists all")
	}
	return s, nil
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	s, err := read(args)
	if err != nil {
		return err
	}
	remove, err := s.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := s.enough(); err != nil {
		return err
	}
	b := &bench{settings: s}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	if err := b.rounds(ctx); err != nil {
		return err
	}
	var text strings.Builder
	b.report(&text)
	_, err = io.WriteString(out, text.String())
	return err
}

// save writes the report of the rounds so far, when a file was named.
func (b *bench) save() error {
	if b.out == "" {
		return nil
	}
	var text strings.Builder
	b.report(&text)
	return os.WriteFile(b.out, []byte(text.String()), 0o644)
}

// publish prints a report, and writes it to the file that was named.
func (s *settings) publish(report string, out io.Writer) error {
	if s.out != "" {
		if err := os.WriteFile(s.out, []byte(report), 0o644); err != nil {
			return err
		}
	}
	_, err := io.WriteString(out, report)
	return err
}

// folder makes the folder to work in and tells how to remove it.
func (s *settings) folder() (remove func() error, err error) {
	nothing := func() error { return nil }
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "throughline-bench-"); err != nil {
			return nil, err
		}
		// PostgreSQL runs as another user when this is root.
		if err := os.Chmod(s.dir, 0o755); err != nil {
			return nil, err
		}
		if s.keep {
			fmt.Fprintln(os.Stderr, "working in", s.dir)
			return nothing, nil
		}
		dir := s.dir
		return func() error { return os.RemoveAll(dir) }, nil
	}
	if s.dir, err = filepath.Abs(s.dir); err != nil {
		return nil, err
	}
	if entries, err := os.ReadDir(s.dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("--dir %s is not empty; name a new folder", s.dir)
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	if s.keep {
		return nothing, nil
	}
	dir := s.dir
	return func() error { return os.RemoveAll(dir) }, nil
}

// What a line takes on disk, rounded up: its Parquet, four copies of the books
// that stand at one time, and what the engine may spill; in PostgreSQL the
// CSV and the table. The base is WAL and small things.
const (
	diskBase     = 512 << 20
	diskLine     = 90
	diskPostgres = 140
	diskWAL      = 2 << 30
)

// booksIn has a folder with books: that of an earlier run, or a new one with room for what fill puts there. done removes what is not kept.
func (b *bench) booksIn(again string, room, fill func() error) (done func() error, err error) {
	if again != "" {
		b.dir, err = filepath.Abs(again)
		return func() error { return nil }, err
	}
	if done, err = b.folder(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{room, fill} {
		if err := step(); err != nil {
			return nil, errors.Join(err, done())
		}
	}
	return done, nil
}

// enough refuses when the disk is too small.
func (s *settings) enough() error {
	need := diskBase + s.lines*diskLine
	if s.does("postgres") {
		need += s.lines*diskPostgres + diskWAL
	}
	free, err := freeDisk(s.dir)
	if err != nil {
		return err
	}
	if free < need {
		return fmt.Errorf("%d lines need about %s of disk below %s, and %s are free: name another folder with --dir, or fewer --lines", s.lines, gigabytes(need), s.dir, gigabytes(free))
	}
	return nil
}

func gigabytes(n int64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }
