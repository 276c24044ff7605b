package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/office"
)

func (a *app) importCommand() *cobra.Command {
	var only string
	var forget []string
	c := &cobra.Command{
		Use:   "import",
		Short: "read what is new or changed in the sources into the books",
		RunE: func(c *cobra.Command, _ []string) error {
			if _, ok := fact.Find(only); only != "" && !ok {
				return usage("--book: there is no book %q", only)
			}
			return a.with(c.Context(), func(co *company) error {
				p := a.watch(co)
				defer p.done()
				report, err := co.office.Import(c.Context(), office.Wanted{Only: only, Forget: forget}, p.report)
				if err != nil {
					return err
				}
				p.done()
				if len(report.Read) > 0 || report.Dropped > 0 {
					if err := co.noted(c.Context(), "imported", fmt.Sprintf("snapshot %d", report.Snapshot.ID)); err != nil {
						return err
					}
				}
				for _, s := range report.Read {
					fmt.Fprintf(a.out, "%s: %s: %d rows", s.Book, printable(s.Path), s.Rows)
					if s.Refused > 0 {
						fmt.Fprintf(a.out, ", %d refused", s.Refused)
					}
					fmt.Fprintln(a.out)
				}
				fmt.Fprintf(a.out, "snapshot %d: %d sources read, %d unchanged\n", report.Snapshot.ID, len(report.Read), report.Kept)
				return nil
			})
		},
	}
	c.Flags().StringVar(&only, "book", "", "import only this book")
	c.Flags().StringArrayVar(&forget, "forget", nil, "drop the rows of a source that is gone from its place (may be given several times)")
	c.Flags().BoolVar(&a.renamed, "renamed", false, "the company in books.yaml has a new name; the books are the same")
	return c
}
