package main

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/relational"
)

// company is one open company: its settings, its store and an engine.
type company struct {
	config *books.Config
	store  *relational.Store
	engine *duckdb.Engine
	dir    string
}

// open reads books.yaml and opens the data folder, which it makes when needed.
// Who wants the seals only needs no engine, and may only be able to read.
func (a *app) open(ctx context.Context, sealsOnly bool) (*company, error) {
	config, err := books.ReadConfig(a.books)
	if err != nil {
		return nil, err
	}
	dir := a.data
	if dir == "" {
		dir = filepath.Join(config.Dir(), ".throughline")
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &books.Refusal{Where: dir, What: "cannot be made or written", Do: "name a data folder that you may write with --data"}
	}
	c := &company{config: config, dir: dir}
	if c.store, err = a.openStore(ctx, dir); err != nil {
		return nil, err
	}
	if err := c.own(ctx, a.renamed); err != nil {
		return nil, errors.Join(err, c.close())
	}
	if sealsOnly {
		return c, nil
	}
	threads, err := threadsSetting()
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	memory, err := memorySetting()
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.engine, err = duckdb.Open(ctx, duckdb.Options{Dir: dir, MemoryLimit: memory, Threads: threads, TimeZone: config.Settings.TimeZone})
	if errors.Is(err, os.ErrPermission) {
		err = &books.Refusal{Where: dir, What: "cannot be written", Do: "give yourself the right to write it, or name another data folder with --data"}
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// own refuses a data folder that holds another company's books: two books.yaml
// over one folder would mix their rows.
func (c *company) own(ctx context.Context, renamed bool) error {
	name, err := c.store.Company(ctx)
	if err != nil || c.config.Company == "" || name == c.config.Company {
		return err
	}
	if name != "" && !renamed {
		return &books.Refusal{
			Where: c.dir, What: "holds the books of " + strconv.Quote(name) + ", and " + c.config.Path() + " is of " + strconv.Quote(c.config.Company),
			Do: "name another data folder with --data; if the company has a new name, say so once with `throughline import --renamed`",
		}
	}
	return c.store.SetCompany(ctx, c.config.Company)
}

var memorySize = regexp.MustCompile(`^[1-9][0-9]*(\.[0-9]+)? ?(MB|GB|TB|MiB|GiB|TiB)$`)

func memorySetting() (string, error) {
	text := os.Getenv("THROUGHLINE_MEMORY")
	if text != "" && !memorySize.MatchString(text) {
		return "", &books.Refusal{Where: "THROUGHLINE_MEMORY", What: strconv.Quote(text) + " is not an amount of memory", Do: "set it to one such as 3GB or 800MB, or unset it"}
	}
	return text, nil
}

func threadsSetting() (int, error) {
	text := os.Getenv("THROUGHLINE_THREADS")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, &books.Refusal{Where: "THROUGHLINE_THREADS", What: strconv.Quote(text) + " is not a number of threads", Do: "set it to 1 or more, or unset it"}
	}
	return n, nil
}

func (c *company) close() error {
	var errs []error
	if c.engine != nil {
		errs = append(errs, c.engine.Close())
	}
	if c.store != nil {
		errs = append(errs, c.store.Close())
	}
	return errors.Join(errs...)
}

// with opens the company, runs do and closes it again.
func (a *app) with(ctx context.Context, do func(*company) error) error {
	return a.opened(ctx, false, do)
}

// withSeals is with for what only looks at seals.
func (a *app) withSeals(ctx context.Context, do func(*company) error) error {
	return a.opened(ctx, true, do)
}

func (a *app) opened(ctx context.Context, sealsOnly bool, do func(*company) error) (err error) {
	c, err := a.open(ctx, sealsOnly)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return do(c)
}

// bring imports what is new or changed.
func (a *app) bring(ctx context.Context, c *company, only string, forget []string) (books.Report, error) {
	p := newProgress(a.err, a.now)
	defer p.done()
	forgotten, err := c.store.Forgotten(ctx)
	if err != nil {
		return books.Report{}, err
	}
	memory := engine.Memory{Forgotten: forgotten}
	if len(forgotten) > 0 {
		if memory.Secret, err = serverKey(c.dir); err != nil {
			return books.Report{}, err
		}
	}
	im := &books.Importer{
		Memory: memory,
		Config: c.config, Manifest: c.store, Engine: c.engine, Dir: c.dir, Now: a.now,
		Progress: p.report, Warn: p.say, Forget: forget,
	}
	report, err := im.Run(ctx, only)
	if err != nil {
		return report, err
	}
	o := &office.Office{
		Store: c.store, Config: c.config.Path(), Dir: c.dir, Now: a.now,
		Engine: func(context.Context, string) (office.Engine, error) { return kept{c.engine}, nil },
		Intake: office.Intake{Documents: c.store}, Memory: office.Memory{People: c.store, ForgetDerived: c.forgetDerived},
	}
	dropped, err := o.Retain(ctx, p.report)
	if err != nil || !dropped.Any() {
		return report, err
	}
	for _, line := range dropped.Lines() {
		p.say(line)
	}
	report.Snapshot, err = c.store.Snapshot(ctx, report.Snapshot.ID)
	return report, err
}

// forgetDerived removes what was derived of the parts.
func (c *company) forgetDerived(context.Context) error {
	return os.RemoveAll(filepath.Join(c.dir, duckdb.DerivedFolder))
}

// officeOf is the office over an open company, for verbs that act as its pages
// do.
func (a *app) officeOf(c *company) (*office.Office, error) {
	key, err := serverKey(c.dir)
	if err != nil {
		return nil, err
	}
	return &office.Office{
		Store: c.store, Config: c.config.Path(), Dir: c.dir, Now: a.now,
		Engine: func(context.Context, string) (office.Engine, error) { return kept{c.engine}, nil },
		Intake: office.Intake{Uploads: c.store, Documents: c.store},
		Memory: office.Memory{
			People: c.store, Secret: key, Chance: rand.Reader, Users: c.store.Users,
			ForgetDerived: c.forgetDerived,
		},
	}, nil
}

// kept is an engine that somebody else closes.
type kept struct{ *duckdb.Engine }

func (kept) Close() error { return nil }
