package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// What is measured, as the report calls it.
const (
	bareQuery   = "bare group-by in DuckDB"
	coldClose   = "cold: `close` 2018 from Parquet, empty data folder"
	importOnly  = "`import` alone, empty data folder"
	firstClose  = "first `close` 2018 of imported books"
	warmClose   = "warm: `close --dry-run` 2018, cohort columns kept"
	otherClose  = "`close` 2017, never closed, cohort columns kept"
	sealedClose = "`close` 2018 again: the stored seal"
	monthClose  = "one more month: import it and `close` 2019-01"
	monthAgain  = "the same where 2018-12 was closed too"
	postgresRun = "bare group-by in PostgreSQL"
)

var measures = []string{bareQuery, coldClose, importOnly, firstClose, warmClose, otherClose, sealedClose, monthClose, monthAgain, postgresRun}

// bench is one benchmark on its way.
type bench struct {
	settings
	self, program string
	expected      map[window]answer
	took          map[string][]usage
	last          *usage // the bare query that ran last
	bytes         int64  // of Parquet
	postgres      *postgres
	done          int // rounds
	notes         []string
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

func (b *bench) path(names ...string) string {
	return filepath.Join(append([]string{b.dir}, names...)...)
}

const booksFile = `company: Simulated Ltd (simulated lines)
settings: {currency: GBP, timezone: UTC}
books:
  orders:
    from: lines/*.parquet
    columns: {customer_id: customer_id, ordered_at: ordered_at, amount: amount}
`

// prepare builds the program and makes the lines.
func (b *bench) prepare(ctx context.Context) (err error) {
	b.took, b.expected = map[string][]usage{}, map[window]answer{}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	for _, name := range []string{"lines", "next", "data", "scratch"} {
		if err := os.Mkdir(b.path(name), 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(b.path("books.yaml"), []byte(booksFile), 0o644); err != nil {
		return err
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	b.say("simulate %d lines of %d customers", b.lines, b.customers)
	if _, _, err := command(ctx, nil, b.self, b.engineArgs("generate", "--lines", fmt.Sprint(b.lines), "--customers", fmt.Sprint(b.customers),
		"--skew", strconv.FormatFloat(b.skew, 'g', -1, 64), "--dir", b.path("lines"), "--next", b.path("next"))...); err != nil {
		return err
	}
	if b.bytes, err = size(b.path("lines")); err != nil {
		return err
	}
	if b.does("postgres") {
		err = b.startPostgres(ctx)
	}
	return err
}

// build builds the program, unless one was named.
func (b *bench) build(ctx context.Context) error {
	if b.program != "" {
		return nil
	}
	b.program = b.path("throughline")
	b.say("build throughline")
	_, _, err := command(ctx, nil, "go", "build", "-trimpath", "-o", b.program, "github.com/throughline/throughline/cmd/throughline")
	return err
}

func (b *bench) engineArgs(verb string, args ...string) []string {
	return append([]string{verb, "--memory", b.memory, "--threads", fmt.Sprint(b.threads), "--scratch", b.path("scratch")}, args...)
}

func size(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// rounds measures everything once a round, so that a busy minute of the
// machine falls on all contenders.
func (b *bench) rounds(ctx context.Context) (err error) {
	if b.postgres != nil {
		defer func() { err = errors.Join(err, b.postgres.stop()) }()
	}
	eight := ""
	for i := range b.runs {
		b.say("round %d of %d", i+1, b.runs)
		for _, part := range []struct {
			name string
			run  func(context.Context) error
		}{
			{"cold", b.cold},
			{"warm", b.warm},
			{"month", func(ctx context.Context) error { return b.month(ctx, &eight) }},
			{"postgres", b.askPostgres},
		} {
			if !b.does(part.name) {
				continue
			}
			if err := b.bare(ctx, year2018, true); err != nil {
				return err
			}
			if err := part.run(ctx); err != nil {
				return err
			}
		}
		b.done = i + 1
		if err := b.save(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) record(name string, u usage) *usage {
	u.against = b.last
	b.took[name] = append(b.took[name], u)
	b.say("  %-55s wall %7.2f s  CPU %7.2f s  peak %5d MB", name, u.wall.Seconds(), u.cpu.Seconds(), u.peak>>20)
	return &u
}

// bare asks DuckDB itself and keeps its answer as the one to be met.
func (b *bench) bare(ctx context.Context, w window, counts bool) error {
	out, u, err := command(ctx, nil, b.self, b.engineArgs("bare", "--glob", b.path("lines", "*.parquet"), "--q0", w.Q0, "--q1", w.Q1, "--p0", w.P0, "--p1", w.P1)...)
	if err != nil {
		return err
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		return err
	}
	if counts {
		b.last = nil
		b.last = b.record(bareQuery, u)
	}
	if _, known := b.expected[w]; !known {
		b.expected[w] = a
	}
	return b.check(bareQuery, w, a)
}

func (b *bench) check(who string, w window, a answer) error {
	if d := b.expected[w].differs(a); d != "" {
		return fmt.Errorf("the answers differ, so no time counts: %s against %s in DuckDB, %s", d, who, w.P0)
	}
	return nil
}

// throughline runs a verb over a data folder.
func (b *bench) throughline(ctx context.Context, data string, args ...string) ([]byte, usage, error) {
	env := []string{"THROUGHLINE_MEMORY=" + b.memory, "THROUGHLINE_THREADS=" + fmt.Sprint(b.threads)}
	return command(ctx, env, b.program, append([]string{"--books", b.path("books.yaml"), "--data", data}, args...)...)
}

// closes measures a close and compares its own column with the bare answer
// for w, and its trailing year with that for y.
func (b *bench) closes(ctx context.Context, name, data string, w, y *window, args ...string) error {
	out, u, err := b.throughline(ctx, data, append([]string{"close", "--json"}, args...)...)
	if err != nil {
		return err
	}
	b.record(name, u)
	own, year, err := answers(out)
	if err != nil || w == nil {
		return err
	}
	if err := b.check(name, *w, own); err != nil || y == nil {
		return err
	}
	if year == nil {
		return fmt.Errorf("%s: the document has no trailing year", name)
	}
	return b.check(name+", trailing year", *y, *year)
}

// fresh makes an empty data folder that did not exist.
func (b *bench) fresh() (dir string, remove func() error, err error) {
	dir, err = os.MkdirTemp(b.path("data"), "books-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

func (b *bench) cold(ctx context.Context) error {
	data, remove, err := b.fresh()
	if err != nil {
		return err
	}
	return errors.Join(b.closes(ctx, coldClose, data, &year2018, nil, "--period", "2018"), remove())
}

func (b *bench) warm(ctx context.Context) (err error) {
	data, remove, err := b.fresh()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	_, u, err := b.throughline(ctx, data, "import")
	if err != nil {
		return err
	}
	b.record(importOnly, u)
	for _, c := range []struct {
		name string
		w    *window
		args []string
	}{
		{firstClose, &year2018, []string{"--period", "2018"}},
		{warmClose, &year2018, []string{"--period", "2018", "--dry-run"}},
		{otherClose, nil, []string{"--period", "2017"}},
		{sealedClose, &year2018, []string{"--period", "2018"}},
	} {
		if err := b.closes(ctx, c.name, data, c.w, nil, c.args...); err != nil {
			return err
		}
	}
	return nil
}

// month adds a month to a company whose eight years are closed. The data
// folder with those years is made in the first round and copied in each.
func (b *bench) month(ctx context.Context, eight *string) (err error) {
	if *eight == "" {
		if *eight, err = b.eightYears(ctx); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		name   string
		before []string
	}{{monthClose, nil}, {monthAgain, []string{"close", "--period", "2018-12"}}} {
		if err := b.oneMonth(ctx, *eight, c.name, c.before); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) eightYears(ctx context.Context) (string, error) {
	b.say("  close eight years, untimed")
	data, _, err := b.fresh()
	if err != nil {
		return "", err
	}
	for y := firstYear; y <= lastYear; y++ {
		if _, _, err := b.throughline(ctx, data, "close", "--period", fmt.Sprint(y)); err != nil {
			if y > firstYear {
				return "", err
			}
			// The year before the first has no lines, so the first may refuse.
			b.notes = append(b.notes, "the close of the first year refuses")
		}
	}
	return data, nil
}

func (b *bench) oneMonth(ctx context.Context, eight, name string, before []string) (err error) {
	data, remove, err := b.fresh()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := copyFolder(eight, data); err != nil {
		return err
	}
	if before != nil {
		if _, _, err := b.throughline(ctx, data, before...); err != nil {
			return err
		}
	}
	inside, outside := b.path("lines", nextMonth+".parquet"), b.path("next", nextMonth+".parquet")
	if err := os.Rename(outside, inside); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Rename(inside, outside)) }()
	for _, w := range []window{january, trailing} {
		if err := b.bare(ctx, w, false); err != nil {
			return err
		}
	}
	return b.closes(ctx, name, data, &january, &trailing, "--period", nextMonth)
}

// copyFolder copies a data folder; parts are never changed, so links do.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case filepath.Ext(path) == ".parquet":
			return os.Link(path, target)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}
