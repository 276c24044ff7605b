// Command throughline closes a company's customer books.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/snapshot"
)

// Exit statuses of the contract.
const (
	exitDone    = 0
	exitRefused = 1
	exitUsage   = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// app is what every verb shares.
type app struct {
	out, err io.Writer
	books    string // the books.yaml
	data     string // the data folder; empty: .throughline beside the books file
	store    string // address of a PostgreSQL store; empty: SQLite in the data folder
	renamed  bool   // the company has a new name
	now      func() time.Time
}

// sink remembers that something could not be printed, so that no verb that
// prints has to.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil && s.err == nil {
		s.err = err
	}
	return n, err
}

// usageError is a wrong call, as against a refused input.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	written := &sink{w: out}
	a := &app{out: written, err: errOut, now: time.Now}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(written)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil && written.err != nil {
		err = fmt.Errorf("what was done stands, but it could not be printed: %w", written.err)
	}
	var wrong usageError
	var defect *duckdb.Failure
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		fmt.Fprintf(errOut, "throughline: %s\n  → `throughline %s--help` shows how\n", printable(err.Error()), verb(root, args))
		return exitUsage
	case errors.Is(err, context.Canceled) || ctx.Err() != nil:
		fmt.Fprintln(errOut, "throughline: stopped; the books and seals are as they were before")
	case errors.Is(err, snapshot.ErrStale):
		fmt.Fprintf(errOut, "throughline: %s\n  → run again\n", printable(err.Error()))
	case errors.As(err, &defect):
		fmt.Fprintf(errOut, "throughline: %s\n  → THROUGHLINE_DEBUG=1 shows the engine's own words\n", printable(err.Error()))
	default:
		fmt.Fprintf(errOut, "throughline: %s\n", printable(err.Error()))
	}
	return exitRefused
}

// printable keeps a name or value from a file from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return '�'
		}
		return r
	}, text)
}

// verb is the verb that was called, such as "token create", when there is one
// of that name.
func verb(root *cobra.Command, args []string) string {
	if c, _, err := root.Find(args); err == nil && c != root {
		return path(c) + " "
	}
	return ""
}

// path is a verb with those that it stands below.
func path(c *cobra.Command) string {
	return strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "throughline",
		Short: "close a company's customer books",
		Long: `Throughline closes a company's customer books the way finance closes its money
books: it reads your order lines, says who came, stayed, returned and left, how
much of the growth was earned, and seals the statement so that it never changes.`,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no verb %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().StringVar(&a.books, "books", "books.yaml", "the file that describes the books")
	root.PersistentFlags().StringVar(&a.data, "data", "", "folder for the books' copy and the seals (default .throughline beside the books file)")
	root.PersistentFlags().StringVar(&a.store, "store", "", "PostgreSQL database of the program store, such as postgres://user@host/database (default: SQLite in the data folder)")
	for _, c := range []*cobra.Command{a.initCommand(), a.checkCommand(), a.importCommand(), a.closeCommand(), a.statementCommand(), a.reviewCommand(), a.closesCommand(), a.demoCommand(), a.serveCommand(), a.backupCommand(), a.restoreCommand(), a.eraseCommand(), a.exportCommand(), a.simCommand(), a.userCommand(), a.tokenCommand(), a.auditCommand(), a.analyseCommand(), a.journeyCommand()} {
		if c.Args == nil {
			c.Args = noArguments
		}
		root.AddCommand(c)
	}
	return root
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no argument, but was given %q", path(c), args[0])
	}
	return nil
}
