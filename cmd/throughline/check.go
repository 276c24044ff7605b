package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
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
	p := a.watch(co)
	defer p.done()
	found, imported, err := co.office.Check(ctx, p.report)
	if err != nil {
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

// nextAfterCheck says what to run next.
func nextAfterCheck(file string, found *books.Checked) []string {
	flag := ""
	if file != "books.yaml" {
		flag = " --books " + books.ShellQuoted(file)
	}
	if !found.Allowed {
		return []string{"throughline check" + flag}
	}
	next, ok := office.NextClose(found)
	if !ok {
		return []string{}
	}
	line := "throughline close" + flag + " --period " + next.Period
	if next.Compare != "" {
		line += " --compare " + next.Compare
	}
	return []string{line}
}
