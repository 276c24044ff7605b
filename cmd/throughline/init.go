package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine/duckdb"
)

func (a *app) initCommand() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "init DIR",
		Short: "look at the files of a folder and propose a books.yaml",
		Long: `Looks at the csv, tsv, txt, gz, parquet, ndjson and xlsx files of a folder, and of the
folders in it, and writes DIR/books.yaml: which file is which book, which column
is which, how dates and numbers are written. Every guess says in a comment why
it was made. A books.yaml that exists is never overwritten.`,
		Example: "  throughline init exports\n  throughline init /mnt/exports --to company/books.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("init needs the one folder that holds the exported files")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.propose(c.Context(), args[0], to) },
	}
	c.Flags().StringVar(&to, "to", "", "write the proposal to this file (default DIR/books.yaml); paths in it are relative to its folder where they lie below, absolute elsewhere")
	return c
}

func (a *app) propose(ctx context.Context, dir, to string) (err error) {
	if to == "" {
		to = filepath.Join(dir, "books.yaml")
	}
	if _, err := os.Lstat(to); err == nil {
		// Said before looking, and once more by WriteNew when it writes.
		return &books.Refusal{Where: to, What: "exists already and is not overwritten", Do: "move it away, or write the proposal elsewhere with --to FILE and compare the two"}
	}
	scratch, err := os.MkdirTemp("", "throughline-init-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	e, err := duckdb.Open(ctx, duckdb.Options{Dir: scratch, MemoryLimit: os.Getenv("THROUGHLINE_MEMORY")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	p := &books.Proposer{Dir: dir, To: to, Engine: e}
	proposal, err := p.Propose(ctx)
	if proposal != nil {
		w := a.out
		if err != nil {
			w = a.err // a refusal leaves standard output empty
		}
		if err := printLooked(w, proposal.Files); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if err := books.WriteNew(to, proposal.Text); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\nwritten: %s. Read it once: every guess says why it was made.\nNext:\n", to)
	for _, line := range nextAfterInit(to, proposal.Year) {
		fmt.Fprintln(a.out, "  "+line)
	}
	return nil
}

// nextAfterInit are the two commands that follow a proposal.
func nextAfterInit(to string, year int) []string {
	flag := ""
	if to != "books.yaml" {
		flag = " --books " + books.ShellQuoted(to)
	}
	period := "P    (check says which period the lines fill)"
	if year > 0 {
		period = fmt.Sprint(year)
	}
	return []string{"throughline check" + flag, "throughline close" + flag + " --period " + period}
}

// printLooked says per file what was found.
func printLooked(out io.Writer, files []books.Looked) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "file\tbook\tcolumns mapped\trows looked at\t")
	for _, f := range files {
		name := f.Files[0]
		if len(f.Files) > 1 {
			name = fmt.Sprintf("%s and %d more", name, len(f.Files)-1)
		}
		if len(f.Sheets) > 0 {
			name += ", sheet"
			if len(f.Sheets) > 1 {
				name += "s"
			}
			name += " " + strings.Join(f.Sheets, ", ")
		}
		book, rows, columns := f.Book, fmt.Sprintf("first %d", f.Rows), fmt.Sprintf("%d of %d", f.Mapped, f.Of)
		if f.Whole {
			rows = fmt.Sprintf("all %d", f.Rows)
		}
		if book == "" {
			book, columns = "–", "–"
		}
		if f.Of == 0 {
			rows = "–"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", name, book, columns, rows, f.Note)
	}
	return w.Flush()
}
