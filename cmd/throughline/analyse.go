package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// An instrument computes one document from named columns of one file. Each
// stands in a file of its own, analyse_NAME.go, and in the list below.
type instrument interface {
	// help is the instrument's name, a line, a paragraph and an example.
	help() cobra.Command
	// register adds the flags.
	register(*pflag.FlagSet)
	// columns checks the flags and says what to read; what is wrong with
	// them is a usage error. No file has been opened yet.
	columns() ([]column, error)
	// compute is called when the columns hold the file's rows. A refusal is
	// an error; it need not name the file.
	compute(ctx context.Context, from rows) (finding, error)
}

// A finding is what an instrument found: it encodes as the document of the
// contract, and prints as text that can be read aloud.
type finding interface{ text(w io.Writer) error }

// instruments are made anew for each command line, in the order of the help.
func instruments() []instrument {
	return []instrument{
		&lifetimes{},
		&spend{},
		&contract{},
		&panel{},
		&changes{},
		&survivalCurves{},
		&hazard{},
		&scores{},
	}
}

func (a *app) analyseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "analyse INSTRUMENT FILE",
		Short: "run one instrument on a plain file, without books",
		Long: `Runs one instrument on a plain CSV, TSV, NDJSON, workbook or Parquet file (also
gzip). Flags name the file's columns; no books and no data folder are needed.
docs/analyse.md says of each instrument what it computes and after whom.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no instrument %q; there are %s", args[0], strings.Join(instrumentNames(), ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, i := range instruments() {
		c.AddCommand(a.instrumentCommand(i))
	}
	return c
}

func instrumentNames() []string {
	var names []string
	for _, i := range instruments() {
		c := i.help()
		names = append(names, c.Name())
	}
	return names
}

func (a *app) instrumentCommand(i instrument) *cobra.Command {
	c := i.help()
	asJSON := false
	c.Use += " FILE"
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("analyse %s reads one file, but was given %d", c.Name(), len(args))
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.analyse(c.Context(), i, args[0], asJSON)
	}
	i.register(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return &c
}

func (a *app) analyse(ctx context.Context, i instrument, path string, asJSON bool) error {
	columns, err := i.columns()
	if err != nil {
		return err
	}
	read, err := readColumns(ctx, path, columns)
	if err != nil {
		return err
	}
	found, err := i.compute(ctx, read)
	if err != nil {
		return refusalOf(path, err)
	}
	for _, note := range read.notes() {
		fmt.Fprintln(a.err, note)
	}
	if !asJSON {
		return found.text(a.out)
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(found)
}
