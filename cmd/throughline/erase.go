package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
)

// subjectArgs reads "customer ID" or "person ID".
func subjectArgs(_ *cobra.Command, args []string) error {
	if len(args) != 2 || args[0] != string(engine.ACustomer) && args[0] != string(engine.APerson) || args[1] == "" {
		return usage("say whom: customer CUSTOMER-ID or person PERSON-ID, as the books have it")
	}
	return nil
}

func (a *app) eraseCommand() *cobra.Command {
	var yes, asJSON bool
	c := &cobra.Command{
		Use:   "erase customer|person ID",
		Short: "take a customer or an employee out of everything we hold",
		Long: `Takes a person out of the books in every snapshot, out of uploaded files, of the
program store and of what was derived: ids become a random tombstone, names,
addresses and texts go, amounts and dates stay, and sealed figures stay as they
are. Later imports keep the person out. It cannot be undone, so it asks for
--yes. The receipt says what was changed, and lists the sources that are not
ours to change and the backups that hold the person still.`,
		Args: subjectArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if !yes {
				return usage("erasing cannot be undone; say so with --yes")
			}
			return a.with(c.Context(), func(co *company) error {
				return a.erase(c.Context(), co, engine.Subject(args[0]), args[1], asJSON)
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "erase; it cannot be undone")
	c.Flags().BoolVar(&asJSON, "json", false, "print the receipt as JSON")
	return c
}

func (a *app) erase(ctx context.Context, co *company, subject engine.Subject, id string, asJSON bool) (err error) {
	queue, err := jobs.Open(ctx, jobs.Options{Dir: co.dir, Address: a.storeAddress(), Now: a.now, Chance: rand.Reader})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, queue.Stop(ctx)) }()
	co.office.ForgetJobs = queue.Forget
	p := a.watch(co)
	defer p.done()
	erased, err := co.office.Erase(ctx, subject, id, 0, p.report)
	if err != nil {
		return unknownPerson(err, subject, id)
	}
	if err := co.noted(ctx, "erased a "+string(subject), fmt.Sprintf("erasure %d", erased.ID)); err != nil {
		return err
	}
	p.done()
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		return e.Encode(receipt(erased))
	}
	return a.printErased(erased)
}

func unknownPerson(err error, subject engine.Subject, id string) error {
	if errors.Is(err, engine.ErrUnknown) {
		return &books.Refusal{Where: string(subject) + " " + id, What: "is in none of our books", Do: "give the id as the books have it; `throughline export` finds the same"}
	}
	return err
}

// receiptBlock is a receipt as scripts read it.
type receiptBlock struct {
	ID        int64            `json:"id"`
	At        string           `json:"at"`
	Kind      string           `json:"kind"`
	Tombstone string           `json:"tombstone"`
	Changed   map[string]int64 `json:"changed"`
	Removed   []string         `json:"removed_uploads"`
	Elsewhere []string         `json:"elsewhere"`
	Written   []string         `json:"written_by_hand"`
	Left      []string         `json:"left"`
}

func receipt(e office.Erased) receiptBlock {
	r := receiptBlock{
		ID: e.ID, At: e.At.UTC().Format("2006-01-02T15:04:05Z07:00"), Kind: e.Kind, Tombstone: e.Tombstone, Changed: e.Counts,
		Removed: append([]string{}, e.Uploads...), Elsewhere: append([]string{}, e.Elsewhere...), Written: []string{},
		Left: append([]string{}, engine.TracedFiles(e.Left)...),
	}
	for _, m := range e.Mentions {
		r.Written = append(r.Written, fmt.Sprintf("%s.%s, row %s", m.Table, m.Column, m.Row))
	}
	return r
}

func (a *app) printErased(e office.Erased) error {
	r := receipt(e)
	fmt.Fprintf(a.out, "erased: receipt %d of %s; in place of the id stands %s\n", r.ID, r.At, r.Tombstone)
	for _, name := range slices.Sorted(maps.Keys(r.Changed)) {
		fmt.Fprintf(a.out, "  %-32s %d\n", name, r.Changed[name])
	}
	for _, list := range []struct {
		head  string
		items []string
	}{
		{"removed, because they held the person; our copy keeps their other rows:", r.Removed},
		{"these hold the person still and are not ours to change; change or delete them:", r.Elsewhere},
		{"somebody wrote the person into these by hand:", r.Written},
		{"A DEFECT: a marker of the person is left in:", r.Left},
	} {
		if len(list.items) > 0 {
			fmt.Fprintf(a.out, "%s\n", list.head)
		}
		for _, item := range list.items {
			fmt.Fprintf(a.out, "  %s\n", printable(item))
		}
	}
	if len(r.Left) > 0 {
		return errors.New("something of the person is left; please report it")
	}
	return nil
}
