package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// exportOf are the formats that are measured, each as DuckDB writes and reads it.
var exportOf = []struct{ format, options, reader string }{
	{"ndjson", "FORMAT json", "read_json(%s, format = 'newline_delimited', columns = {customer_id: 'VARCHAR', amount: 'DECIMAL(18,6)'})"},
	{"parquet", "FORMAT parquet, COMPRESSION zstd", "read_parquet(%s)"},
}

// export measures the rows of a book as a file, as whole processes, beside a
// bare COPY of the same lines: time and resident memory. The rows and what they
// sum to must be those of the lines.
func export(ctx context.Context, args []string, out io.Writer) (err error) {
	b := &bench{}
	f := flag.NewFlagSet("bench export", flag.ContinueOnError)
	f.Int64Var(&b.lines, "lines", 50_000_000, "order lines in the eight years")
	f.StringVar(&b.dir, "dir", "", "folder to work in (default: a temporary one)")
	f.BoolVar(&b.keep, "keep", false, "leave the folder as it is at the end")
	f.StringVar(&b.program, "program", "", "a throughline that is built already (default: it is built)")
	f.StringVar(&b.out, "out", "", "also write the report, as Markdown, to this file")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 || b.lines < 1000 {
		return errors.New("usage: go run ./bench export [--lines 1000 or more]; --help lists all")
	}
	b.customers, b.skew, b.memory, b.threads, b.only = max(1, b.lines/10), 1, "3GB", runtime.NumCPU(), "cold"
	remove, err := b.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := b.enough(); err != nil {
		return err
	}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	b.say("import")
	state := []string{"--books", b.path("books.yaml"), "--data", b.path("data")}
	if _, _, err := command(ctx, nil, b.program, append([]string{"import"}, state...)...); err != nil {
		return err
	}
	var report strings.Builder
	fmt.Fprintf(&report, "%d lines of %d customers; %s; %s\n\n| format | export | peak | bare COPY | peak | time, as a multiple | file |\n| --- | --- | --- | --- | --- | --- | --- |\n",
		b.lines, b.customers, machine(), time.Now().UTC().Format(time.DateOnly))
	for _, x := range exportOf {
		to := b.path("export." + x.format)
		b.say("export %s", x.format)
		_, ours, err := command(ctx, nil, b.program, append([]string{"export", "--book", "orders", "--format", x.format, "--to", to}, state...)...)
		if err != nil {
			return err
		}
		bytes, err := size(to)
		if err != nil {
			return err
		}
		bareTo := b.path("bare." + x.format)
		_, bare, err := command(ctx, nil, b.self, b.engineArgs("copy", "--from", b.path("lines", "*.parquet"), "--to", bareTo, "--options", x.options)...)
		if err != nil {
			return err
		}
		if err := b.sameRows(ctx, fmt.Sprintf(x.reader, literal(to))); err != nil {
			return fmt.Errorf("%s: %w", x.format, err)
		}
		fmt.Fprintf(&report, "| %s | %.1f s | %d MB | %.1f s | %d MB | %.2f | %s |\n", x.format, ours.wall.Seconds(), ours.peak>>20, bare.wall.Seconds(), bare.peak>>20,
			ours.wall.Seconds()/bare.wall.Seconds(), gigabytes(bytes))
		if err := errors.Join(os.Remove(to), os.Remove(bareTo)); err != nil {
			return err
		}
	}
	return b.publish(report.String(), out)
}

// sameRows holds what was exported to the lines: how many, of how many
// customers, and their sum.
func (b *bench) sameRows(ctx context.Context, exported string) error {
	e := engineFlags{memory: b.memory, threads: b.threads, scratch: b.path("scratch")}
	return e.engine(ctx, false, func(conn *sql.Conn) error {
		var said [2]string
		for i, from := range []string{"read_parquet(" + literal(filepath.Join(b.path("lines"), "*.parquet")) + ")", exported} {
			query := "SELECT concat(count(*), ' lines of ', approx_count_distinct(customer_id), ' customers, ', CAST(sum(amount) AS DECIMAL(38,2))) FROM " + from
			if err := conn.QueryRowContext(ctx, query).Scan(&said[i]); err != nil {
				return err
			}
		}
		if said[0] != said[1] {
			return fmt.Errorf("the lines are %s, and exported are %s", said[0], said[1])
		}
		return nil
	})
}

// copied is a bare COPY of lines.
func copied(ctx context.Context, args []string) error {
	var e engineFlags
	var from, to, options string
	f := flag.NewFlagSet("bench copy", flag.ContinueOnError)
	e.register(f)
	f.StringVar(&from, "from", "", "the Parquet files")
	f.StringVar(&to, "to", "", "the file to write")
	f.StringVar(&options, "options", "", "of COPY")
	if err := f.Parse(args); err != nil {
		return err
	}
	return e.engine(ctx, true, func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, "COPY (FROM read_parquet("+literal(from)+")) TO "+literal(to)+" ("+options+")")
		return err
	})
}
