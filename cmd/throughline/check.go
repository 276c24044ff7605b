package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
)

func (a *app) checkCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "check",
		Short: "import, and say what is in the books and what looks wrong",
		Long: `Imports what is new in the sources and says of every book what was read, what was
refused and why, how much names a customer, which days it covers and what looks
suspicious. It ends with status 1 when a close would be refused. docs/check.md
lists the patterns that it looks for.`,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), func(co *company) error { return a.check(c.Context(), co, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (a *app) check(ctx context.Context, co *company, asJSON bool) error {
	imported, err := a.bring(ctx, co, "", nil)
	if err != nil {
		return err
	}
	zone, err := calendar.LoadZone(co.config.Settings.TimeZone)
	if err != nil {
		return err
	}
	p := newProgress(a.err, a.now)
	defer p.done()
	held := &books.Held{Config: co.config, Snapshot: imported.Snapshot, Engine: co.engine, Dir: co.dir}
	found, err := (&books.Check{Held: held, Inspector: co.engine, Today: calendar.DayIn(a.now(), zone), Progress: p.report}).Run(ctx)
	if err != nil {
		return err
	}
	closer, err := a.closer(co, imported, p)
	if err != nil {
		return err
	}
	if err := refusals(ctx, closer, held, found); err != nil {
		return err
	}
	found.Next = nextAfterCheck(a.books, found)
	p.done()
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		err = e.Encode(found)
	} else {
		err = writeChecked(a.out, found, imported)
	}
	if err != nil || found.Allowed {
		return err
	}
	reasons := "1 reason"
	if n := len(found.Refusals); n > 1 {
		reasons = fmt.Sprintf("%d reasons", n)
	}
	return &closing.Refusal{What: "a close would be refused for " + reasons + ": " + firstLine(found.Refusals[0].What), Do: found.Refusals[0].Do}
}

// refusals asks the close itself what it would refuse.
func refusals(ctx context.Context, closer *closing.Closer, held *books.Held, found *books.Checked) error {
	until := found.Today + 1
	for _, b := range found.Books {
		if b.LastDay != nil {
			until = max(until, *b.LastDay+1)
		}
	}
	list, err := closer.Refusals(ctx, until)
	if err != nil {
		return err
	}
	for _, r := range list {
		found.Refusals = append(found.Refusals, books.Advice{What: r.What, Do: r.Do})
	}
	if len(list) == 0 {
		if err := answerable(ctx, held, found); err != nil {
			return err
		}
	}
	found.Allowed = len(found.Refusals) == 0
	return nil
}

// answerable tries the statement's simplest question on the last month that
// could be closed: rings of links or missing rates show there.
func answerable(ctx context.Context, held *books.Held, found *books.Checked) error {
	month, ok := lastMonth(found)
	if !ok {
		return nil
	}
	w := growth.Windows{
		Period:   calendar.Period{Start: month.First(), End: month.Next().First()},
		Compared: calendar.Period{Start: (month - 12).First(), End: (month - 11).First()},
	}
	ledger, err := held.Ledger(ctx, w.Period.End)
	if err == nil {
		_, err = ledger.Coverage(ctx, w)
	}
	var cannot *engine.Unanswerable
	if errors.As(err, &cannot) {
		found.Refusals = append(found.Refusals, books.Advice{What: cannot.What, Do: cannot.Do})
		return nil
	}
	return err
}

// lastMonth is the last month that the lines fill: the one before that of the
// newest line, unless that line stands on its month's last day.
func lastMonth(found *books.Checked) (calendar.Month, bool) {
	i := slices.IndexFunc(found.Books, func(b books.CheckedBook) bool {
		return (b.Book == "orders" || b.Book == "subscriptions") && b.LastDay != nil
	})
	if i < 0 {
		return 0, false
	}
	b := found.Books[i]
	newest := min(*b.LastDay, found.Today)
	month := calendar.MonthOf(newest)
	if newest+1 != month.Next().First() && month > calendar.MonthOf(*b.FirstDay) {
		month--
	}
	return month, true
}

// nextAfterCheck says what to run next.
func nextAfterCheck(file string, found *books.Checked) []string {
	flag := ""
	if file != "books.yaml" {
		flag = " --books " + shellQuoted(file)
	}
	if !found.Allowed {
		return []string{"throughline check" + flag}
	}
	month, ok := lastMonth(found)
	if !ok {
		return []string{}
	}
	i := slices.IndexFunc(found.Books, func(b books.CheckedBook) bool { return b.FirstDay != nil && b.Book == "orders" })
	if i >= 0 && slices.Contains(found.Books[i].Missing, month.String()) { // rows by quarter
		year, _, _ := found.Books[i].LastDay.Date()
		return []string{fmt.Sprintf("throughline close%s --period %d", flag, year)}
	}
	line := "throughline close" + flag + " --period " + month.String()
	if i >= 0 && calendar.MonthOf(*found.Books[i].FirstDay) > month-12 && calendar.MonthOf(*found.Books[i].FirstDay) < month {
		line += " --compare " + (month - 1).String()
	}
	return []string{line}
}
