package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/journey"
	"github.com/throughline/throughline/sim"
)

type demoFlags struct {
	dir       string
	seed      uint64
	customers int64
	noServe   bool
}

func (a *app) demoCommand() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "simulate a company with known truth and close its books",
		Long: `Simulates a company whose true figures are known, closes its last month, prints
the customer statement, says where the books lie, and serves the pages on a free
port of this machine, with a one-time link that signs you in. Every row is
simulated and says so. Running it again with the same seed gives the same
company and the same seal.`,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.demo(c.Context(), f, c.Flags().Changed("customers"))
		},
	}
	c.Flags().StringVar(&f.dir, "dir", "throughline-demo", "folder for the simulated company")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the simulation; the same seed gives the same company")
	c.Flags().Int64Var(&f.customers, "customers", sim.Default().Customers, "customers that the company has had at the start")
	c.Flags().BoolVar(&f.noServe, "no-serve", false, "stop after the close")
	return c
}

func (a *app) demo(ctx context.Context, f demoFlags, sized bool) error {
	world := sim.Default()
	world.Seed = f.seed
	if sized {
		world.Customers = f.customers
		world.Merged = min(world.Merged, f.customers/2)
	}
	if err := a.simulate(ctx, world, f.dir); err != nil {
		return err
	}
	a.books = filepath.Join(f.dir, "books.yaml")
	period := calendar.MonthOf(world.End - 1).String()
	err := a.with(ctx, func(co *company) error {
		if err := mapDemo(ctx, co, world, f.dir); err != nil {
			return err
		}
		return a.closePeriod(ctx, co, closeFlags{period: period, active: "net", preparer: "demo"})
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, `
The company is simulated; what is true of it stands in %s.
  files     %s
  settings  %s
  books     %s (our copy and the seals)
Next: throughline check --books %[3]s
      throughline close --books %[3]s --period 2025
`, filepath.Join(f.dir, "truth.json"), f.dir, a.books, filepath.Join(f.dir, ".throughline"))
	if f.noServe {
		return nil
	}
	return a.serve(ctx, serveFlags{listen: "127.0.0.1:0", demo: true})
}

// mapDemo keeps the map of a simulated company, unless somebody has made one, and writes it beside its books.
func mapDemo(ctx context.Context, co *company, world sim.World, dir string) error {
	kept, _, err := co.office.Journey(ctx)
	if err != nil || len(kept.Touchpoints) > 0 {
		return err
	}
	made := world.Journey()
	var text bytes.Buffer
	if err := made.Write(&text); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "journey.json"), text.Bytes(), 0o600); err != nil {
		return &books.Refusal{Where: dir, What: "cannot be written", Do: "name another folder with --dir"}
	}
	_, err = co.office.ChangeJourney(ctx, office.JourneyEdit{Change: func(m *journey.Map) error {
		m.Take(made, false)
		return nil
	}})
	return err
}

// simulate writes the world into dir, unless the same one stands there whole.
func (a *app) simulate(ctx context.Context, world sim.World, dir string) error {
	if err := world.Check(); err != nil {
		return usage("%v", err)
	}
	before, err := worldIn(dir)
	switch {
	case err != nil:
		return err
	case before != nil && reflect.DeepEqual(*before, world):
		if _, err := os.Stat(filepath.Join(dir, "truth.json")); err == nil {
			return nil
		}
	case before != nil && exists(filepath.Join(dir, ".throughline")):
		return &books.Refusal{
			Where: dir, What: fmt.Sprintf("holds another simulated company (seed %d, %d customers) with its seals", before.Seed, before.Customers),
			Do: "name another folder with --dir, or remove this one",
		}
	}
	p := newProgress(a.err, a.now)
	defer p.done()
	if _, err := world.Write(ctx, dir, func(done, total int64) { p.report("simulate "+world.Company, done, total) }); err != nil {
		if errors.Is(err, context.Canceled) {
			return err
		}
		return &books.Refusal{Where: dir, What: err.Error()}
	}
	return nil
}

// worldIn reads the world that a folder was simulated from; nil when none was.
func worldIn(dir string) (*sim.World, error) {
	f, err := os.Open(filepath.Join(dir, "world.yaml"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &books.Refusal{Where: dir, What: "holds a world.yaml that cannot be read", Do: "name another folder with --dir"}
	}
	defer f.Close()
	w, err := sim.Read(f)
	if err != nil {
		return nil, &books.Refusal{Where: filepath.Join(dir, "world.yaml"), What: err.Error(), Do: "name another folder with --dir"}
	}
	return &w, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (a *app) simCommand() *cobra.Command {
	var world, dir string
	c := &cobra.Command{
		Use:   "sim --world FILE --dir DIR",
		Short: "write the files of a simulated company",
		RunE: func(c *cobra.Command, _ []string) error {
			if world == "" || dir == "" {
				return usage("sim needs --world, a file that describes the company, and --dir, the folder to write")
			}
			f, err := os.Open(world)
			if err != nil {
				return &books.Refusal{Where: world, What: "cannot be read", Do: "name the file that describes the company; docs/sim.md lists its keys"}
			}
			defer f.Close()
			w, err := sim.Read(f)
			if err != nil {
				return &books.Refusal{Where: world, What: err.Error(), Do: "docs/sim.md lists every key"}
			}
			if err := a.simulate(c.Context(), w, dir); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s, simulated, in %s\nNext: throughline close --books %s --period %s\n",
				w.Company, dir, filepath.Join(dir, "books.yaml"), calendar.MonthOf(w.End-1))
			return nil
		},
	}
	c.Flags().StringVar(&world, "world", "", "the file that describes the simulated company (docs/sim.md)")
	c.Flags().StringVar(&dir, "dir", "", "the folder to write the files into")
	return c
}
