package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/relational"
)

// company is one open company: its settings, its store, and what can be done
// with its books.
type company struct {
	config *books.Config // nil: there is none yet
	path   string        // where it is, or will be
	dir    string
	store  *relational.Store
	office *office.Office
	gate   *access.Gate
}

// open reads books.yaml and opens the data folder, which it makes when needed.
func (a *app) open(ctx context.Context) (*company, error) {
	config, err := books.ReadConfig(a.books)
	if err != nil {
		return nil, err
	}
	path, dir, err := a.folder()
	if err != nil {
		return nil, err
	}
	c := &company{config: config, path: path, dir: dir}
	if c.store, err = a.openFolder(ctx, dir); err != nil {
		return nil, err
	}
	if err := c.own(ctx, a.renamed); err != nil {
		return nil, errors.Join(err, c.store.Close())
	}
	c.office = a.officeOver(c.store, path, dir)
	c.gate = &access.Gate{Store: c.store, Now: a.now, Chance: rand.Reader}
	return c, nil
}

// folder is where the settings and the data folder are, whether or not they
// are there.
func (a *app) folder() (config, dir string, err error) {
	if config, err = filepath.Abs(a.books); err != nil {
		return "", "", err
	}
	dir = a.data
	if dir == "" {
		dir = filepath.Join(filepath.Dir(config), ".throughline")
	}
	dir, err = filepath.Abs(dir)
	return config, dir, err
}

// openFolder opens the store of a data folder, which it makes when needed.
func (a *app) openFolder(ctx context.Context, dir string) (*relational.Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &books.Refusal{Where: dir, What: "cannot be made or written", Do: "name a data folder that you may write with --data"}
	}
	return a.openStore(ctx, dir)
}

// officeOver is the office over an open store. It has an engine while it acts,
// and neither a queue nor pages to answer.
func (a *app) officeOver(store *relational.Store, config, dir string) *office.Office {
	return &office.Office{
		Store: store, Config: config, Dir: dir, Now: a.now,
		Engine: func(ctx context.Context, zone string) (office.Engine, error) { return openEngine(ctx, dir, zone) },
		Things: store,
		Intake: office.Intake{Uploads: store, Documents: store},
		Memory: office.Memory{
			People: store, Secret: func() ([]byte, error) { return serverKey(dir) }, Chance: rand.Reader, Users: store.Users,
			ForgetDerived: func(context.Context) error { return os.RemoveAll(filepath.Join(dir, duckdb.DerivedFolder)) },
		},
	}
}

// openEngine opens an engine with what the environment grants it.
func openEngine(ctx context.Context, dir, zone string) (*duckdb.Engine, error) {
	granted, err := grantedToEngine()
	if err != nil {
		return nil, err
	}
	e, err := duckdb.Open(ctx, duckdb.Options{Dir: dir, MemoryLimit: granted.memory, Threads: granted.threads, TimeZone: zone})
	if errors.Is(err, os.ErrPermission) {
		err = &books.Refusal{Where: dir, What: "cannot be written", Do: "give yourself the right to write it, or name another data folder with --data"}
	}
	return e, err
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

// granted is what the environment lets an engine take; zero: as it likes.
type granted struct {
	memory  string
	threads int
}

var memorySize = regexp.MustCompile(`^[1-9][0-9]*(\.[0-9]+)? ?(MB|GB|TB|MiB|GiB|TiB)$`)

func grantedToEngine() (g granted, err error) {
	g.memory = os.Getenv("THROUGHLINE_MEMORY")
	if g.memory != "" && !memorySize.MatchString(g.memory) {
		return g, &books.Refusal{Where: "THROUGHLINE_MEMORY", What: strconv.Quote(g.memory) + " is not an amount of memory", Do: "set it to one such as 3GB or 800MB, or unset it"}
	}
	text := os.Getenv("THROUGHLINE_THREADS")
	if text == "" {
		return g, nil
	}
	if g.threads, err = strconv.Atoi(text); err != nil || g.threads < 1 {
		return g, &books.Refusal{Where: "THROUGHLINE_THREADS", What: strconv.Quote(text) + " is not a number of threads", Do: "set it to 1 or more, or unset it"}
	}
	return g, nil
}

// with opens the company, runs do and closes it again.
func (a *app) with(ctx context.Context, do func(*company) error) (err error) {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	return do(c)
}

// withState is with for what needs no books.yaml: users, uploads and the draft
// of the settings are there before it.
func (a *app) withState(ctx context.Context, do func(*company) error) (err error) {
	path, dir, err := a.folder()
	if err != nil {
		return err
	}
	_, err = os.Stat(path)
	_, noStore := os.Stat(filepath.Join(dir, storeFile))
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(noStore, fs.ErrNotExist) && a.storeAddress() == "" {
		return a.with(ctx, do)
	}
	c := &company{path: path, dir: dir}
	if c.store, err = a.openFolder(ctx, dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	c.office = a.officeOver(c.store, path, dir)
	return do(c)
}

// name is what the company is called; empty before anybody said.
func (c *company) name() string {
	if c.config == nil {
		return ""
	}
	return c.config.Company
}

// watch tells on standard error how far the company's office is, and what it
// has to say.
func (a *app) watch(c *company) *progress {
	p := newProgress(a.err, a.now)
	c.office.Warn = p.say
	return p
}

// noted writes an act of the command line into the audit log.
func (c *company) noted(ctx context.Context, what, object string) error {
	return c.gate.Record(ctx, access.Entry{What: what, Object: object})
}
