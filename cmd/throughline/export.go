package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
)

// exportFlags ask for a book's rows.
type exportFlags struct {
	book, format, period, to string
}

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export customer|person ID, or export --book NAME --to FILE",
		Short: "write all that the books hold about a person, or the rows of a book",
		Long: `About a customer or an employee, writes every row of every book as lines of JSON.
Of a book, writes the rows of our copy into one file: lines of JSON, CSV, Parquet
or a workbook, by month and in the order in which they are stored. Memory does not
grow with the rows, and the file is there whole or not at all.`,
		Example: "  throughline export customer C-1042\n  throughline export --book orders --format parquet --period 2024 --to orders-2024.parquet",
		Args: func(c *cobra.Command, args []string) error {
			if f.book == "" {
				return subjectArgs(c, args)
			}
			return f.check(args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(c.Context(), func(co *company) error {
				if f.book != "" {
					return a.exportBook(c.Context(), co, f)
				}
				return a.export(c.Context(), co, engine.Subject(args[0]), args[1], f.to)
			})
		},
	}
	c.Flags().StringVar(&f.to, "to", "", "file to write; it must not be there yet (default for a person: standard output)")
	c.Flags().StringVar(&f.book, "book", "", "the book whose rows are written")
	c.Flags().StringVar(&f.format, "format", "", "of a book: "+strings.Join(engine.ExportFormats, ", ")+" (default: by the file's name, else ndjson)")
	c.Flags().StringVar(&f.period, "period", "", "of a book: only rows of these days, as for close")
	return c
}

// check refuses a wrong call, and settles the format.
func (f *exportFlags) check(args []string) error {
	if len(args) > 0 {
		return usage("say either whom, or --book; not both")
	}
	if _, ok := fact.Find(f.book); !ok {
		var names []string
		for _, b := range fact.Books {
			names = append(names, b.Name)
		}
		return usage("--book: there is no book %q; the books are %s", f.book, strings.Join(names, ", "))
	}
	if f.to == "" {
		return usage("--to is missing; name the file that the rows are written to")
	}
	if f.format == "" {
		f.format = strings.TrimPrefix(strings.ToLower(filepath.Ext(f.to)), ".")
		if !slices.Contains(engine.ExportFormats, f.format) {
			f.format = engine.ExportFormats[0]
		}
	}
	if !slices.Contains(engine.ExportFormats, f.format) {
		return usage("--format: %q is none of %s", f.format, strings.Join(engine.ExportFormats, ", "))
	}
	return nil
}

func (a *app) exportBook(ctx context.Context, co *company, f exportFlags) error {
	x := engine.BookExport{Book: f.book, Format: f.format}
	if f.period != "" {
		cal, err := co.config.NewCalendar()
		if err != nil {
			return err
		}
		named, err := cal.Parse(f.period)
		if err != nil {
			return usage("--period: %v", err)
		}
		x.Period = &named.Period
	}
	p := a.watch(co)
	defer p.done()
	var out engine.Exported
	err := writtenAt(f.to, func(part string) (err error) {
		x.To = part
		out, err = co.office.ExportBook(ctx, x, p.report)
		return err
	})
	if err != nil {
		return err
	}
	if err := co.noted(ctx, "exported the book "+f.book, f.format); err != nil {
		return err
	}
	p.done()
	fmt.Fprintf(a.out, "%s: %d rows of %s\n", f.to, out.Rows, f.book)
	if out.Cut > 0 {
		fmt.Fprintf(a.err, "%d texts are longer than a cell holds and end with …; ndjson, csv and parquet hold them whole\n", out.Cut)
	}
	return nil
}

func (a *app) export(ctx context.Context, co *company, subject engine.Subject, id, to string) error {
	var counts map[string]int64
	fill := func(w io.Writer) (err error) {
		counts, err = co.office.Export(ctx, subject, id, w)
		return unknownPerson(err, subject, id)
	}
	var err error
	if to == "" {
		err = fill(a.out)
	} else {
		err = written(to, fill)
	}
	if err != nil {
		return err
	}
	if err := co.noted(ctx, "exported all about a "+string(subject), ""); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(a.err, "%s: %d rows\n", name, counts[name])
	}
	return nil
}

// written writes a new file whole or not at all.
func written(path string, fill func(io.Writer) error) error {
	return writtenAt(path, func(part string) error {
		f, err := os.OpenFile(part, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(fill(f), f.Close())
	})
}

// writtenAt has fill write into a file under another name, makes it durable
// and gives it its name; after an error or a kill no file has that name.
func writtenAt(path string, fill func(part string) error) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return &books.Refusal{Where: path, What: "cannot be written, because it is there already", Do: "name another file with --to, or move it away"}
	}
	part := path + ".part"
	reserved, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, os.ErrExist):
		return &books.Refusal{Where: part, What: "is there already, of another export or of one that was cut off", Do: "delete it if no other export is running"}
	case err != nil:
		return &books.Refusal{Where: path, What: "cannot be written", Do: "name a file in a folder that is there and that you may write, with --to"}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	if err := reserved.Close(); err != nil {
		return err
	}
	if err := fill(part); err != nil {
		return err
	}
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the names in a folder last.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
