package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/paper"
	"github.com/throughline/throughline/internal/report"
)

// statementFormats are what a sealed statement is printed as.
var statementFormats = []string{"text", "json", "csv", "xlsx", "html", "pdf"}

func (a *app) statementCommand() *cobra.Command {
	var f closeFlags
	var format, to string
	c := &cobra.Command{
		Use:     "statement customer --period P",
		Short:   "print a sealed statement",
		Example: "  throughline statement customer --period 2011-09\n  throughline statement customer --period 2011-09 --format xlsx --to september.xlsx",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("statement needs the name of one statement: customer")
			}
			if args[0] != "customer" {
				return usage("there is no statement %q; there is: customer", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if !slices.Contains(statementFormats, format) {
				return usage("--format: %q is none of %s", format, strings.Join(statementFormats, ", "))
			}
			if out, ok := a.out.(*os.File); ok && to == "" && (format == "xlsx" || format == "pdf") && term.IsTerminal(int(out.Fd())) {
				return usage("--format %s is not for a terminal; name a file with --to", format)
			}
			return a.with(c.Context(), func(co *company) error {
				sealed, err := a.sealed(c.Context(), co, f)
				if err != nil {
					return err
				}
				known, err := co.office.Company(c.Context())
				if err != nil {
					return err
				}
				heading := report.Heading{Company: co.config.Company, Label: sealed.Label, Simulated: known.Simulated}
				printed, err := printedAs(c.Context(), format, sealed.Document, heading)
				if err != nil {
					return err
				}
				if to == "" {
					_, err = a.out.Write(printed)
					return err
				}
				return written(to, func(w io.Writer) error {
					_, err := w.Write(printed)
					return err
				})
			})
		},
	}
	f.register(c)
	c.Flags().StringVar(&format, "format", "text", strings.Join(statementFormats, ", "))
	c.Flags().StringVar(&to, "to", "", "file to write; it must not be there yet (default: standard output)")
	return c
}

// printedAs is a sealed document in a format.
func printedAs(ctx context.Context, format string, document []byte, h report.Heading) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch format {
	case "json":
		return document, nil
	case "csv":
		err = report.CSV(&b, document)
	case "xlsx":
		err = report.XLSX(&b, document, h)
	case "html":
		err = report.HTML(&b, document, h)
	case "pdf":
		var path string
		if path, err = paper.Find(os.Getenv("THROUGHLINE_CHROMIUM")); err != nil {
			return nil, &books.Refusal{Where: "--format pdf", What: err.Error(), Do: paper.Need}
		}
		if err = report.HTML(&b, document, h); err != nil {
			return nil, err
		}
		return paper.Print(ctx, path, b.Bytes())
	default:
		err = report.Text(&b, document, h)
	}
	return b.Bytes(), err
}
