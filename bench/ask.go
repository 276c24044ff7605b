package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// askedReport is what ask found.
type askedReport struct {
	Customers, Lines int64
	Prepared         []preparedIn
	Rate             float64
	Seconds          float64
	CPU              float64 // seconds a question, of the whole process
	Kinds            []askedKind
}

type preparedIn struct {
	What      string
	Wall, CPU float64
	Bytes     int64
}

type askedKind struct {
	Name           string
	N              int
	P50, P99, Most float64 // milliseconds
	// Work50 and Work99 are milliseconds of CPU of the same questions asked one
	// after another, which a busy machine does not change.
	Work50, Work99 float64
}

func (r askedReport) write(w io.Writer) {
	fmt.Fprintf(w, "\n%d customers, %d lines.\n\n| prepared once a snapshot or seal | wall s | CPU s | MB on disk |\n| --- | ---: | ---: | ---: |\n", r.Customers, r.Lines)
	for _, p := range r.Prepared {
		fmt.Fprintf(w, "| %s | %.0f | %.0f | %d |\n", p.What, p.Wall, p.CPU, p.Bytes>>20)
	}
	fmt.Fprintf(w, "\n%g questions a second, arriving at random, for %.0f s; %.1f ms of CPU a question.\n\n| question | n | p50 ms | p99 ms | most ms | CPU p50 ms, one at a time | CPU p99 ms |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n", r.Rate, r.Seconds, 1000*r.CPU)
	for _, k := range r.Kinds {
		fmt.Fprintf(w, "| %s | %d | %.0f | %.0f | %.0f | %.1f | %.1f |\n", k.Name, k.N, k.P50, k.P99, k.Most, k.Work50, k.Work99)
	}
}

// asker asks questions of one company's books.
type asker struct {
	reader *duckdb.Reader
	view   engine.View
	of     []engine.Statement
	known  []engine.Customer
	seer   engine.Seer
	chance *rand.Rand
}

// standing opens books that an earlier run imported: their data folder, the store, and the newest snapshot under their mapping.
func standing(ctx context.Context, dir string) (data string, store *sqlite.Store, config *books.Config, snap snapshot.Snapshot, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return dir, nil, nil, snap, err
	}
	data = filepath.Join(dir, "data", "books")
	if config, err = books.ReadConfig(filepath.Join(dir, "books.yaml")); err != nil {
		return data, nil, nil, snap, err
	}
	if store, err = sqlite.Open(ctx, filepath.Join(data, "throughline.db")); err != nil {
		return data, nil, nil, snap, err
	}
	if snap, err = store.Latest(ctx); err != nil {
		err = errors.Join(err, store.Close())
	}
	return data, store, config, snap, err
}

// ask runs the questions in a process of their own, so that its memory is
// theirs.
func ask(ctx context.Context, args []string, out io.Writer) (err error) {
	var dir string
	var rate float64
	var seconds, threads int
	f := flag.NewFlagSet("bench ask", flag.ContinueOnError)
	f.StringVar(&dir, "dir", "", "folder of the books")
	f.Float64Var(&rate, "rate", 20, "questions a second")
	f.IntVar(&seconds, "seconds", 60, "for how long")
	f.IntVar(&threads, "threads", runtime.NumCPU(), "threads of the engine")
	if err := f.Parse(args); err != nil {
		return err
	}
	data, store, config, snap, err := standing(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	seals, err := store.Seals(ctx)
	if err != nil {
		return err
	}
	a := asker{view: books.View(config, snap), seer: engine.Seer{Identified: true, Veil: engine.NewVeil([]byte("a secret of the benchmark"))}, chance: rand.New(rand.NewPCG(1, 2))}
	for _, s := range seals {
		period, year, err := books.Sealed(snap, s.Seal)
		if err != nil {
			return err
		}
		if a.of = append(a.of, period); year != nil {
			a.of = append(a.of, *year)
		}
	}
	if a.reader, err = duckdb.OpenReader(ctx, duckdb.ReaderOptions{Dir: data, Threads: threads}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.reader.Close()) }()
	report := askedReport{Rate: rate}
	if err := a.prepare(ctx, data, &report); err != nil {
		return err
	}
	if err := a.sample(ctx); err != nil {
		return err
	}
	if err := a.load(ctx, rate, time.Duration(seconds)*time.Second, &report); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(report)
}

// prepare has the index and the standings made and measures it.
func (a *asker) prepare(ctx context.Context, data string, report *askedReport) error {
	for _, parts := range a.view.Books {
		for _, p := range parts {
			report.Lines += p.Rows
		}
	}
	before, err := size(data)
	if err != nil {
		return err
	}
	measured := func(what string, do func() error) error {
		begin, cpu := time.Now(), processTime()
		if err := do(); err != nil {
			return err
		}
		after, err := size(data)
		report.Prepared = append(report.Prepared, preparedIn{what, time.Since(begin).Seconds(), (processTime() - cpu).Seconds(), after - before})
		before = after
		return err
	}
	if err := measured("customers, their timelines and search", func() error { return a.reader.Prepare(ctx, a.view) }); err != nil {
		return err
	}
	for _, s := range a.of {
		if err := measured("who is behind "+s.Period.String(), func() error { return a.reader.PrepareBehind(ctx, s) }); err != nil {
			return err
		}
	}
	found, err := a.reader.Search(ctx, a.view, engine.Search{Limit: 1, Seer: a.seer})
	report.Customers = found.Count
	return err
}

// sample gets to know customers from all over the books.
func (a *asker) sample(ctx context.Context) error {
	first, err := a.reader.Search(ctx, a.view, engine.Search{Limit: 1, Seer: a.seer})
	if err != nil {
		return err
	}
	for range 40 {
		found, err := a.reader.Search(ctx, a.view, engine.Search{Limit: 25, After: fmt.Sprintf("k%d", 1+a.chance.Int64N(first.Count)), Seer: a.seer})
		if err != nil {
			return err
		}
		a.known = append(a.known, found.Found...)
	}
	a.known = slices.DeleteFunc(a.known, func(c engine.Customer) bool { return c.Identity.Name == "" })
	if len(a.known) == 0 {
		return errors.New("no customer with a name was found")
	}
	return nil
}

// some is one of the customers that are known.
func (a *asker) some() engine.Customer { return a.known[a.chance.IntN(len(a.known))] }

// question is one to be asked, which errs when its answer is wrong.
type asking struct {
	name string
	ask  func(ctx context.Context) error
}

// draw draws a question: of ten, four of search, three of timelines, two of
// who is behind a line, one of the list.
func (a *asker) draw() asking {
	c := a.some()
	cut := func(text string, n int) string { return text[:min(n, len(text))] }
	first, last, _ := strings.Cut(c.Identity.Name, " ")
	switch a.chance.IntN(20) {
	case 0, 1:
		return asking{"search: an id", a.finds(c.Identity.ID, &c)}
	case 2:
		return asking{"search: how an id begins", a.finds(cut(c.Identity.ID, 6), nil)}
	case 3:
		return asking{"search: how an address begins", a.finds(cut(c.Identity.Email, 9), nil)}
	case 4, 5:
		return asking{"search: two words of a name", a.finds(first+" "+last, &c)}
	case 6:
		return asking{"search: how two words begin", a.finds(cut(first, 3)+" "+cut(last, 3), nil)}
	case 7:
		return asking{"search: one word of a name", a.finds(first, nil)}
	case 8, 9:
		return asking{"list of all, from anywhere", func(ctx context.Context) error {
			_, err := a.reader.Search(ctx, a.view, engine.Search{After: fmt.Sprintf("k%d", c.Key), Seer: a.seer})
			return err
		}}
	case 10, 11, 12, 13, 14, 15:
		return asking{"timeline of a customer", a.timeline(c)}
	default:
		line := engine.Lines[a.chance.IntN(len(engine.Lines)-2)]
		after := ""
		if a.chance.IntN(2) == 0 {
			after = fmt.Sprintf("r%d", a.chance.IntN(5000))
		}
		of := a.of[a.chance.IntN(len(a.of))]
		return asking{"who is behind a line, any page", func(ctx context.Context) error {
			_, err := a.reader.Behind(ctx, engine.Behind{Of: of, Line: line, Names: a.view, After: after, Seer: a.seer})
			return err
		}}
	}
}

// finds searches, and errs when the customer that was meant is not found.
func (a *asker) finds(text string, meant *engine.Customer) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		found, err := a.reader.Search(ctx, a.view, engine.Search{Text: text, Limit: 50, Seer: a.seer})
		if err != nil {
			return err
		}
		has := meant == nil && len(found.Found) > 0 || found.Count > 50
		for _, c := range found.Found {
			has = has || meant != nil && c.Key == meant.Key
		}
		if !has {
			return fmt.Errorf("search %q does not find who was meant", text)
		}
		return nil
	}
}

// timeline opens one, and errs when its lines are not those of the header.
func (a *asker) timeline(c engine.Customer) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		h, err := a.reader.Timeline(ctx, a.view, engine.Timeline{Key: c.Key, Limit: 200, Seer: a.seer})
		if err != nil {
			return err
		}
		lines := int64(0)
		for _, e := range h.Events {
			if e.Book == "orders" {
				lines++
			}
		}
		if h.Next == "" && lines != h.Customer.Lines {
			return fmt.Errorf("customer %d: %d lines in the timeline, %d in its header", c.Key, lines, h.Customer.Lines)
		}
		return nil
	}
}

// load asks at random moments, whether or not earlier questions have been
// answered; a time counts from the moment that the question was due.
func (a *asker) load(ctx context.Context, rate float64, during time.Duration, report *askedReport) error {
	worked := map[string][]float64{}
	for i := range 400 {
		q, cpu := a.draw(), processTime()
		if err := q.ask(ctx); err != nil {
			return err
		}
		if i >= 40 { // by then files and plans are open, as a server has them
			ms := float64((processTime() - cpu).Microseconds()) / 1000
			worked[q.name], worked["all"] = append(worked[q.name], ms), append(worked["all"], ms)
		}
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	took := map[string][]float64{}
	var errs []error
	begin, cpu := time.Now(), processTime()
	due := begin
	for n := 0; due.Sub(begin) < during && ctx.Err() == nil; n++ {
		time.Sleep(time.Until(due))
		q := a.draw()
		at := due
		wait.Go(func() {
			err := q.ask(ctx)
			ms := float64(time.Since(at).Microseconds()) / 1000
			mu.Lock()
			defer mu.Unlock()
			took[q.name] = append(took[q.name], ms)
			if err != nil {
				errs = append(errs, err)
			}
		})
		due = due.Add(time.Duration(a.chance.ExpFloat64() / rate * float64(time.Second)))
	}
	wait.Wait()
	if len(errs) > 0 {
		return fmt.Errorf("%d questions failed, so no time counts; the first: %w", len(errs), errs[0])
	}
	report.Seconds = time.Since(begin).Seconds()
	var all []float64
	for name, ms := range took {
		report.Kinds = append(report.Kinds, kindOf(name, ms, worked[name]))
		all = append(all, ms...)
	}
	slices.SortFunc(report.Kinds, func(a, b askedKind) int { return strings.Compare(a.Name, b.Name) })
	report.Kinds = append(report.Kinds, kindOf("all", all, worked["all"]))
	report.CPU = (processTime() - cpu).Seconds() / float64(len(all))
	return nil
}

func kindOf(name string, ms, worked []float64) askedKind {
	at := func(some []float64, p float64) float64 {
		if len(some) == 0 {
			return 0
		}
		return some[min(len(some)-1, int(p*float64(len(some))))]
	}
	slices.Sort(ms)
	slices.Sort(worked)
	return askedKind{Name: name, N: len(ms), P50: at(ms, 0.5), P99: at(ms, 0.99), Most: at(ms, 1), Work50: at(worked, 0.5), Work99: at(worked, 0.99)}
}
