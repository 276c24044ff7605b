package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/behaviour"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/journey"
	"github.com/throughline/throughline/loyalty"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/pricing"
	"github.com/throughline/throughline/profit"
	"github.com/throughline/throughline/recurring"
	"github.com/throughline/throughline/referral"
	"github.com/throughline/throughline/workforce"
)

// askedOnce is what one question of a close took in all.
type askedOnce struct {
	Name      string
	Times     int
	Wall, CPU float64 // seconds
}

// watchedClose is what a close took: by block of the document, with all that it asks and computes, and by question. A question that hands
// over rows includes what is done with them.
type watchedClose struct {
	Blocks    []block
	Questions []askedOnce
}

// questions closes a period of books that are imported, without sealing, and
// tells what each block and each question took.
func questions(ctx context.Context, args []string, out io.Writer) (err error) {
	var dir, period, memory, profile, document string
	var threads int
	f := flag.NewFlagSet("bench questions", flag.ContinueOnError)
	f.StringVar(&dir, "dir", "", "folder of the books")
	f.StringVar(&period, "period", "2018", "period to close")
	f.StringVar(&memory, "memory", "3GB", "memory limit")
	f.IntVar(&threads, "threads", runtime.NumCPU(), "threads")
	f.StringVar(&profile, "profile", "", "write where the CPU time of our own code goes to this file, for go tool pprof")
	f.StringVar(&document, "document", "", "write the document to this file")
	if err := f.Parse(args); err != nil {
		return err
	}
	data, store, config, snap, err := standing(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	cal, err := config.NewCalendar()
	if err != nil {
		return err
	}
	named, err := cal.Parse(period)
	if err != nil {
		return err
	}
	engine, err := duckdb.Open(ctx, duckdb.Options{Dir: data, MemoryLimit: memory, Threads: threads})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	watched := &watchedBooks{Held: &books.Held{Config: config, Snapshot: snap, Engine: engine, Dir: data}, took: map[string]*askedOnce{}}
	blocks := &blockWatch{}
	closer, err := closerOf(config, cal)
	if err != nil {
		return err
	}
	closer.Books, closer.Seals, closer.Now, closer.Progress = watched, store, time.Now, blocks.begin
	stop, err := profiled(profile)
	if err != nil {
		return err
	}
	blocks.begin("open and check the books")
	closed, err := closer.Close(ctx, closing.Order{Named: named, DryRun: true})
	blocks.end()
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	if document != "" {
		if err := os.WriteFile(document, closed.Document, 0o644); err != nil {
			return err
		}
	}
	told := watchedClose{Blocks: blocks.done, Questions: []askedOnce{}}
	for _, name := range watched.order {
		told.Questions = append(told.Questions, *watched.took[name])
	}
	return json.NewEncoder(out).Encode(told)
}

// closerOf closes by a company's settings, as the program itself does.
func closerOf(config *books.Config, cal *calendar.Calendar) (*closing.Closer, error) {
	s := config.Settings
	margins, err := s.Margins()
	if err != nil {
		return nil, err
	}
	training, err := config.TrainingPolicies()
	if err != nil {
		return nil, err
	}
	exits, err := s.Exits()
	return &closing.Closer{Settings: closing.Settings{
		Currency: money.Currency(s.Currency), TimeZone: s.TimeZone, Grain: s.Grain, Basis: s.StatementBasis, Returns: s.ReturnsCounted, Orders: s.OrdersCounted,
		Margins: margins, Discount: s.Discount(), Reconcile: s.ReconcileAccounts, AcquireEarned: s.AcquireEarned, Threshold: s.Threshold(), Calendar: cal,
		Training: training, MinimumGroup: s.MinimumGroup, Exits: exits,
	}}, err
}

// watchedBooks hands out a ledger whose questions are measured.
type watchedBooks struct {
	*books.Held
	took  map[string]*askedOnce
	order []string
}

func (w *watchedBooks) Ledger(ctx context.Context, asOf calendar.Day) (closing.Ledger, error) {
	return measuredOf(w, "open", func() (closing.Ledger, error) {
		l, err := w.Held.Ledger(ctx, asOf)
		return &watchedLedger{l, w}, err
	})
}

// measuredOf measures what returns an answer and an error, and says so at once, because one that never ends would say nothing.
func measuredOf[T any](w *watchedBooks, name string, do func() (T, error)) (T, error) {
	begin, cpu := time.Now(), processTime()
	answer, err := do()
	t := w.took[name]
	if t == nil {
		t = &askedOnce{Name: name}
		w.took[name], w.order = t, append(w.order, name)
	}
	fmt.Fprintf(os.Stderr, "%s %s: %.1f s\n", time.Now().Format("15:04:05"), name, time.Since(begin).Seconds())
	t.Times++
	t.Wall, t.CPU = t.Wall+time.Since(begin).Seconds(), t.CPU+(processTime()-cpu).Seconds()
	return answer, err
}

// measured measures what returns an error alone.
func measured(w *watchedBooks, name string, do func() error) error {
	_, err := measuredOf(w, name, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

type watchedLedger struct {
	closing.Ledger
	w *watchedBooks
}

func (l *watchedLedger) Tally(ctx context.Context, w growth.Windows, a growth.Active) (cells []growth.Cell, exchange money.Amount, err error) {
	cells, err = measuredOf(l.w, "Tally", func() (c []growth.Cell, err error) {
		c, exchange, err = l.Ledger.Tally(ctx, w, a)
		return c, err
	})
	return cells, exchange, err
}

func (l *watchedLedger) Coverage(ctx context.Context, w growth.Windows) (growth.Coverage, error) {
	return measuredOf(l.w, "Coverage", func() (growth.Coverage, error) { return l.Ledger.Coverage(ctx, w) })
}

func (l *watchedLedger) Cohorts(ctx context.Context, c base.Cut) ([]base.Cell, error) {
	return measuredOf(l.w, "Cohorts", func() ([]base.Cell, error) { return l.Ledger.Cohorts(ctx, c) })
}

func (l *watchedLedger) Bands(ctx context.Context, w base.Windows) ([]base.Band, error) {
	return measuredOf(l.w, "Bands (and audit)", func() ([]base.Band, error) { return l.Ledger.Bands(ctx, w) })
}

func (l *watchedLedger) Deciles(ctx context.Context, w base.Windows) ([]base.Decile, error) {
	return measuredOf(l.w, "Deciles", func() ([]base.Decile, error) { return l.Ledger.Deciles(ctx, w) })
}

func (l *watchedLedger) Moves(ctx context.Context, w base.Windows) ([]base.Move, error) {
	return measuredOf(l.w, "Moves", func() ([]base.Move, error) { return l.Ledger.Moves(ctx, w) })
}

func (l *watchedLedger) Groups(ctx context.Context, w base.Windows) ([]base.Group, error) {
	return measuredOf(l.w, "Groups", func() ([]base.Group, error) { return l.Ledger.Groups(ctx, w) })
}

func (l *watchedLedger) Recurring(ctx context.Context, q recurring.Question) (recurring.Tally, error) {
	return measuredOf(l.w, "Recurring", func() (recurring.Tally, error) { return l.Ledger.Recurring(ctx, q) })
}

func (l *watchedLedger) Referrals(ctx context.Context, w referral.Windows, any bool) (referral.Tally, error) {
	return measuredOf(l.w, "Referrals", func() (referral.Tally, error) { return l.Ledger.Referrals(ctx, w, any) })
}

func (l *watchedLedger) Spreading(ctx context.Context, s referral.Spans, any bool) (referral.Faced, error) {
	return measuredOf(l.w, "Spreading", func() (referral.Faced, error) { return l.Ledger.Spreading(ctx, s, any) })
}

func (l *watchedLedger) Demand(ctx context.Context, w pricing.Window) (pricing.Demand, error) {
	return measuredOf(l.w, "Demand", func() (pricing.Demand, error) { return l.Ledger.Demand(ctx, w) })
}

func (l *watchedLedger) Served(ctx context.Context, w pricing.Watch, products []string) (pricing.Served, error) {
	return measuredOf(l.w, "Served", func() (pricing.Served, error) { return l.Ledger.Served(ctx, w, products) })
}

func (l *watchedLedger) Costs(ctx context.Context, named func(string) (calendar.Period, error)) ([]profit.Cost, error) {
	return measuredOf(l.w, "Costs", func() ([]profit.Cost, error) { return l.Ledger.Costs(ctx, named) })
}

func (l *watchedLedger) GrossProfit(ctx context.Context, p calendar.Period) ([]profit.Known, error) {
	return measuredOf(l.w, "GrossProfit", func() ([]profit.Known, error) { return l.Ledger.GrossProfit(ctx, p) })
}

func (l *watchedLedger) Contacts(ctx context.Context, spans []calendar.Period) (profit.Contacts, error) {
	return measuredOf(l.w, "Contacts", func() (profit.Contacts, error) { return l.Ledger.Contacts(ctx, spans) })
}

func (l *watchedLedger) Ranking(ctx context.Context, q profit.Question) ([]profit.Hundredth, error) {
	return measuredOf(l.w, "Ranking", func() ([]profit.Hundredth, error) { return l.Ledger.Ranking(ctx, q) })
}

func (l *watchedLedger) Acquired(ctx context.Context, spans []calendar.Period, any bool) ([]profit.Cohort, error) {
	return measuredOf(l.w, "Acquired", func() ([]profit.Cohort, error) { return l.Ledger.Acquired(ctx, spans, any) })
}

func (l *watchedLedger) Holdings(ctx context.Context, q equity.Question) (equity.Facts, error) {
	return measuredOf(l.w, "Holdings (and history)", func() (equity.Facts, error) { return l.Ledger.Holdings(ctx, q) })
}

func (l *watchedLedger) Histories(ctx context.Context, q equity.Question, visit func(equity.Customer) error) error {
	return measured(l.w, "Histories", func() error { return l.Ledger.Histories(ctx, q, visit) })
}

func (l *watchedLedger) HeldOut(ctx context.Context, q equity.Question, visit func(equity.HeldOut) error) error {
	return measured(l.w, "HeldOut", func() error { return l.Ledger.HeldOut(ctx, q, visit) })
}

func (l *watchedLedger) Loyalty(ctx context.Context, w loyalty.Windows) (loyalty.Tally, error) {
	return measuredOf(l.w, "Loyalty", func() (loyalty.Tally, error) { return l.Ledger.Loyalty(ctx, w) })
}

func (l *watchedLedger) Held(ctx context.Context, w loyalty.Windows, q loyalty.Question) ([]loyalty.Level, error) {
	return measuredOf(l.w, "Held", func() ([]loyalty.Level, error) { return l.Ledger.Held(ctx, w, q) })
}

func (l *watchedLedger) Behaviour(ctx context.Context, q behaviour.Question) (behaviour.Tally, error) {
	return measuredOf(l.w, "Behaviour", func() (behaviour.Tally, error) { return l.Ledger.Behaviour(ctx, q) })
}

func (l *watchedLedger) UnusedMargins(ctx context.Context, until calendar.Day) ([]string, error) {
	return measuredOf(l.w, "UnusedMargins", func() ([]string, error) { return l.Ledger.UnusedMargins(ctx, until) })
}

func (l *watchedLedger) Workforce(ctx context.Context, until calendar.Day) (workforce.Books, error) {
	return measuredOf(l.w, "Workforce", func() (workforce.Books, error) { return l.Ledger.Workforce(ctx, until) })
}

func (l *watchedLedger) Touched(ctx context.Context, q journey.Question) ([]journey.Served, error) {
	return measuredOf(l.w, "Touched", func() ([]journey.Served, error) { return l.Ledger.Touched(ctx, q) })
}

func (l *watchedLedger) Answered(ctx context.Context, q journey.Question) ([]journey.Answered, error) {
	return measuredOf(l.w, "Answered", func() ([]journey.Answered, error) { return l.Ledger.Answered(ctx, q) })
}

func (l *watchedLedger) Named(ctx context.Context, q journey.Question) ([]journey.Named, error) {
	return measuredOf(l.w, "Named", func() ([]journey.Named, error) { return l.Ledger.Named(ctx, q) })
}

func (l *watchedLedger) Measured(ctx context.Context, q journey.Question) ([]journey.Measured, error) {
	return measuredOf(l.w, "Measured", func() ([]journey.Measured, error) { return l.Ledger.Measured(ctx, q) })
}

func (l *watchedLedger) After(ctx context.Context, q journey.After) ([]journey.Stratum, error) {
	return measuredOf(l.w, "After", func() ([]journey.Stratum, error) { return l.Ledger.After(ctx, q) })
}
