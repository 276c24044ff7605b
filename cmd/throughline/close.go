package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/report"
)

type closeFlags struct {
	period, compare, active, preparer string
	restate, dryRun, json             bool
}

func (a *app) closeCommand() *cobra.Command {
	var f closeFlags
	c := &cobra.Command{
		Use:   "close --period P",
		Short: "import, compute and seal the statements of a period",
		Long: `Imports what is new in the sources, computes the statements that the books allow
for the period and seals them. Closing again prints the stored seal, byte for
byte; when the books have changed since, it says what changed and refuses until
--restate seals a restatement beside the first seal.`,
		Example: "  throughline close --period 2011-09\n  throughline close --period 2010-06-01..2010-12-01 --compare 2009-12-01..2010-06-01 --json",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), func(co *company) error { return a.closePeriod(c.Context(), co, f) })
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.period, "period", "", "what to close: 2011, 2011-Q3, 2011-09, FY2011-P03 or 2011-01-01..2012-01-01 (end excluded)")
	flags.StringVar(&f.compare, "compare", "", "the comparison period (default: the same period a year earlier)")
	flags.StringVar(&f.active, "active", "net", "who counts as active: net (net revenue above zero) or any-line (any line at all, as in some published figures)")
	flags.StringVar(&f.preparer, "preparer", "", "who prepares the close (default: the system's user name)")
	flags.BoolVar(&f.restate, "restate", false, "seal a restatement when the books have changed since the seal")
	flags.BoolVar(&f.dryRun, "dry-run", false, "compute and print, seal nothing")
	flags.BoolVar(&f.json, "json", false, "print the document as JSON")
	return c
}

// named reads the period and comparison flags; what is wrong with them is a
// wrong call.
func (f closeFlags) named(config *books.Config) (calendar.Named, error) {
	cal, err := config.NewCalendar()
	if err != nil {
		return calendar.Named{}, err
	}
	if f.period == "" {
		return calendar.Named{}, usage("--period is missing; name one, such as --period 2011-09")
	}
	if f.active != string(growth.Net) && f.active != string(growth.AnyLine) {
		return calendar.Named{}, usage("--active: %q is neither net nor any-line", f.active)
	}
	named, err := cal.Parse(f.period)
	if err != nil {
		return named, usage("--period: %v", err)
	}
	if f.compare == "" {
		return named, nil
	}
	if _, err := cal.Parse(f.compare); err != nil {
		return named, usage("--compare: %v", err)
	}
	return named, nil
}

func (a *app) closePeriod(ctx context.Context, co *company, f closeFlags) error {
	named, err := f.named(co.config)
	if err != nil {
		return err
	}
	p := a.watch(co)
	defer p.done()
	order := f.order()
	order.Preparer = preparer(f.preparer)
	if !f.dryRun {
		if err := co.noted(ctx, "close asked", "period "+named.Text); err != nil {
			return err
		}
	}
	outcome, err := co.office.Close(ctx, order, p.report)
	if err != nil {
		return err
	}
	p.done()
	for _, note := range outcome.Notes {
		fmt.Fprintln(a.err, note)
	}
	if f.json {
		_, err := a.out.Write(outcome.Document)
		return err
	}
	return report.Text(a.out, outcome.Document, report.Heading{Company: co.config.Company, Label: named.Text})
}

// order is what the flags ask the office for.
func (f closeFlags) order() office.Order {
	return office.Order{Period: f.period, Compare: f.compare, Active: growth.Active(f.active), Restate: f.restate, DryRun: f.dryRun}
}

// preparer is who closes, as far as the system knows.
func preparer(given string) string {
	if given != "" {
		return given
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return os.Getenv("USER")
}

// register adds the flags that find a seal.
func (f *closeFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.period, "period", "", "the closed period")
	c.Flags().StringVar(&f.compare, "compare", "", "the comparison period, when it was not a year earlier")
	c.Flags().StringVar(&f.active, "active", "net", "the definition of active that was closed with: net or any-line")
}

// sealed finds the seal of a period that stands.
func (a *app) sealed(ctx context.Context, co *company, f closeFlags) (closing.Seal, error) {
	named, err := f.named(co.config)
	if err != nil {
		return closing.Seal{}, err
	}
	s, ok, err := co.office.Current(ctx, f.order())
	if err != nil {
		return s, err
	}
	if !ok {
		again := "throughline close --period " + named.Text
		if f.compare != "" {
			again += " --compare " + f.compare
		}
		if f.active != string(growth.Net) {
			again += " --active " + f.active
		}
		return s, &closing.Refusal{What: named.Text + " has not been closed with this comparison and definition", Do: "close it with `" + again + "`; `throughline closes` lists what has been closed"}
	}
	return s, nil
}

func (a *app) reviewCommand() *cobra.Command {
	var f closeFlags
	var reviewer, note string
	c := &cobra.Command{
		Use:   "review --period P --reviewer NAME",
		Short: "record that a second person has looked at a sealed close",
		RunE: func(c *cobra.Command, _ []string) error {
			if strings.TrimSpace(reviewer) == "" {
				return usage("review needs --reviewer, the name of a person other than the preparer")
			}
			return a.with(c.Context(), func(co *company) error { return a.review(c.Context(), co, f, reviewer, note) })
		},
	}
	f.register(c)
	c.Flags().StringVar(&reviewer, "reviewer", "", "who reviews")
	c.Flags().StringVar(&note, "note", "", "what the reviewer wants to be on record")
	return c
}
