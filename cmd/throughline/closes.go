package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/closing"
)

func (a *app) review(ctx context.Context, co *company, f closeFlags, reviewer, note string) error {
	seal, err := a.sealed(ctx, co, f)
	if err != nil {
		return err
	}
	err = co.office.Review(ctx, seal, closing.Review{Reviewer: reviewer, Note: note})
	switch {
	case errors.Is(err, closing.ErrOwnReview), errors.Is(err, closing.ErrReviewed):
		return &closing.Refusal{What: err.Error()}
	case err != nil:
		return err
	}
	if err := co.noted(ctx, "close reviewed", fmt.Sprintf("seal %d", seal.ID)); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s, sealed %s by %s, reviewed by %s\n", seal.Label, seal.At.Format(time.RFC3339), seal.Preparer, reviewer)
	return nil
}

func (a *app) closesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "closes",
		Short: "list what has been sealed, restated and reviewed",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), func(co *company) error {
				seals, err := co.office.Seals(c.Context())
				if err != nil {
					return err
				}
				return a.list(seals)
			})
		},
	}
}

func (a *app) list(seals []closing.Sealed) error {
	if len(seals) == 0 {
		return &closing.Refusal{What: "nothing has been closed yet", Do: "close a period with `throughline close --period P`"}
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "seal\tperiod\tsealed\tprepared by\treviewed by\t")
	for _, s := range seals {
		reviewed, state := "not yet", ""
		if s.Review != nil {
			reviewed = s.Review.Reviewer
		}
		if s.Restates != 0 {
			state = fmt.Sprintf("restates seal %d", s.Restates)
		}
		if s.RestatedBy != 0 {
			state += fmt.Sprintf(" restated by seal %d", s.RestatedBy)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Label, s.At.Format("2006-01-02 15:04 MST"), s.Preparer, reviewed, state)
	}
	return w.Flush()
}
