package relational

import (
	"context"
	"time"

	"github.com/throughline/throughline/internal/program"
)

// Claim says that somebody begins to work on a form.
func (s *Store) Claim(ctx context.Context, x program.Submission) (got program.Submission, ours bool, err error) {
	err = s.change(ctx, "note a form in", func(c conn) error {
		got, ours, err = x, true, nil
		n, err := c.exec(ctx, "INSERT INTO submission (key, who, at, location) VALUES (?, ?, ?, '') ON CONFLICT (key, who) DO NOTHING", x.Key, x.By, stamped(x.At))
		if err != nil || n == 1 {
			return err
		}
		var at string
		found, err := c.one(ctx, "SELECT at, location FROM submission WHERE key = ? AND who = ?", x.Key, x.By).into(&at, &got.Location)
		if err != nil {
			return err
		}
		if !found {
			return errAgain // it was released a moment ago
		}
		if got.At, err = moment(at); err != nil {
			return err
		}
		if got.Location != "" {
			ours = false
			return nil
		}
		if x.At.Sub(got.At) < program.Patience {
			return program.ErrUnfinished
		}
		// Of several who take over what was given up, one does.
		n, err = c.exec(ctx, "UPDATE submission SET at = ? WHERE key = ? AND who = ? AND at = ? AND location = ''", stamped(x.At), x.Key, x.By, at)
		if err == nil && n == 0 {
			return errAgain
		}
		got.At = x.At
		return err
	})
	return got, ours && err == nil, err
}

// Settle keeps where the outcome of a claimed form is shown.
func (s *Store) Settle(ctx context.Context, x program.Submission) error {
	return s.change(ctx, "note a form's outcome in", func(c conn) error {
		n, err := c.exec(ctx, "UPDATE submission SET location = ? WHERE key = ? AND who = ? AND location = ''", x.Location, x.Key, x.By)
		if err == nil && n == 0 {
			return program.ErrNone
		}
		return err
	})
}

// Release takes a claim back.
func (s *Store) Release(ctx context.Context, x program.Submission) error {
	return s.change(ctx, "release a form in", func(c conn) error {
		return c.run(ctx, "DELETE FROM submission WHERE key = ? AND who = ? AND location = ''", x.Key, x.By)
	})
}

// Sweep forgets submissions from before a moment.
func (s *Store) Sweep(ctx context.Context, before time.Time) error {
	return s.change(ctx, "forget forms in", func(c conn) error {
		return c.run(ctx, "DELETE FROM submission WHERE at < ?", stamped(before))
	})
}
