package main

import (
	"bytes"
	"context"
	"errors"
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

// statementFormats are what a sealed statement is printed as, and what the
// training asset is besides: its journal as plain-text accounting reads it.
var (
	statementNames   = append([]string{"customer"}, report.PartNames()...)
	statementFormats = []string{"text", "json", "csv", "xlsx", "html", "pdf"}
	partFormats      = []string{"text", "json"}
	formatsOf        = map[string][]string{"customer": statementFormats, "training": append(slices.Clone(partFormats), report.JournalFormats...)}
)

func (a *app) statementCommand() *cobra.Command {
	var f closeFlags
	var format, to string
	c := &cobra.Command{
		Use:     "statement customer|touchpoints|training|income|people --period P",
		Short:   "print a sealed statement; of training its journal too",
		Example: "  throughline statement touchpoints --period 2011-09\n  throughline statement training --period 2011-09 --format hledger\n  throughline statement customer --period 2011-09\n  throughline statement customer --period 2011-09 --format xlsx --to september.xlsx",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("statement needs the name of one statement: %s", strings.Join(statementNames, ", "))
			}
			if !slices.Contains(statementNames, args[0]) {
				return usage("there is no statement %q; there are: %s", args[0], strings.Join(statementNames, ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			formats, ok := formatsOf[args[0]]
			if !ok {
				formats = partFormats
			}
			if !slices.Contains(formats, format) {
				return usage("--format: %q is none of %s", format, strings.Join(formats, ", "))
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
				printed, err := printedAs(c.Context(), args[0], format, sealed.Document, heading)
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
	c.Flags().StringVar(&format, "format", "text", strings.Join(statementFormats, ", ")+"; of the others text and json, of training its journal too, as "+strings.Join(report.JournalFormats, ", "))
	c.Flags().StringVar(&to, "to", "", "file to write; it must not be there yet (default: standard output)")
	return c
}

// printedAs is a sealed document, or the part of it that is one statement, in a format.
func printedAs(ctx context.Context, name, format string, document []byte, h report.Heading) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch {
	case name == "training" && !slices.Contains(partFormats, format):
		return journalAs(format, document)
	case name != "customer" && format == "json":
		return report.PartJSON(name, document)
	case name != "customer":
		err = report.Part(&b, name, document, h)
		return b.Bytes(), err
	}
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

// journalAs is the journal of the training asset.
func journalAs(format string, document []byte) ([]byte, error) {
	var b bytes.Buffer
	err := report.Journal(&b, document, format)
	var none *report.NoJournal
	if errors.As(err, &none) {
		return nil, &books.Refusal{Where: "statement training", What: none.Refused, Do: "it opens with " + none.UnlockedBy}
	}
	return b.Bytes(), err
}
