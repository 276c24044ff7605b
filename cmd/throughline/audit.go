package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/access"
)

type auditFlags struct {
	heads  []string
	last   int
	asJSON bool
}

func (a *app) auditCommand() *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit",
		Short: "verify the audit log and print its head",
		Long: `Reads the whole audit log, holds every entry to the one before it, and prints
the head: the number and the hash of the last entry. Keep heads elsewhere; with
--head the log is held to one that was kept, which proves that nothing up to
there was changed or cut off.`,
		RunE: func(c *cobra.Command, _ []string) error { return a.audit(c, f) },
	}
	c.Flags().StringArrayVar(&f.heads, "head", nil, "a head that was kept, NUMBER:HASH; may stand several times")
	c.Flags().IntVar(&f.last, "last", 0, "print so many of the newest entries too")
	c.Flags().BoolVar(&f.asJSON, "json", false, "one JSON document")
	return c
}

// auditDocument is what `audit --json` prints.
type auditDocument struct {
	Entries int64           `json:"entries"`
	Head    string          `json:"head"`
	Last    []entryDocument `json:"last,omitempty"`
}

type entryDocument struct {
	N      int64           `json:"n"`
	At     time.Time       `json:"at"`
	Who    int64           `json:"who"`
	What   string          `json:"what"`
	Object string          `json:"object"`
	Detail json.RawMessage `json:"detail,omitempty"`
}

func (a *app) audit(c *cobra.Command, f auditFlags) error {
	if f.last < 0 {
		return usage("--last %d is less than none", f.last)
	}
	var kept []access.Head
	for _, text := range f.heads {
		h, err := access.ParseHead(text)
		if err != nil {
			return usage("--head: %v", err)
		}
		kept = append(kept, h)
	}
	return a.withGate(c.Context(), false, func(g *access.Gate) error {
		head, err := g.Verify(c.Context(), kept...)
		if err != nil {
			return err
		}
		var last []access.Entry
		if f.last > 0 {
			if last, err = g.Trail(c.Context(), access.Trail{Limit: f.last}); err != nil {
				return err
			}
			slices.Reverse(last)
		}
		if f.asJSON {
			return a.printAuditJSON(head, last)
		}
		return a.printAudit(head, last, len(kept))
	})
}

func (a *app) printAudit(head access.Head, last []access.Entry, kept int) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	if len(last) > 0 {
		fmt.Fprintln(w, "entry\ttime\twho\twhat\tobject\tdetail")
	}
	for _, e := range last {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", e.N, e.At.Format("2006-01-02 15:04:05 MST"), whoever(e.Who), printable(e.What), printable(e.Object), printable(string(e.Detail)))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if head.N == 0 {
		fmt.Fprintln(a.err, "the audit log is empty")
		return nil
	}
	fmt.Fprintf(a.err, "%d entries, each of which follows the one before it", head.N)
	if kept > 0 {
		fmt.Fprint(a.err, "; nothing up to what was kept was changed or cut off")
	}
	fmt.Fprintln(a.err, "\nkeep this head elsewhere:")
	fmt.Fprintln(a.out, head)
	return nil
}

// whoever names who did something by number.
func whoever(id int64) string {
	if id == 0 {
		return "nobody signed in"
	}
	return fmt.Sprintf("user %d", id)
}

func (a *app) printAuditJSON(head access.Head, last []access.Entry) error {
	d := auditDocument{Entries: head.N, Head: head.String()}
	if head.N == 0 {
		d.Head = ""
	}
	for _, e := range last {
		d.Last = append(d.Last, entryDocument{e.N, e.At, e.Who, e.What, e.Object, e.Detail})
	}
	return printJSON(a.out, d)
}
