package relational

import (
	"context"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

var _ snapshot.Eraser = (*Store)(nil)

// Whole lists every part and source that any snapshot holds.
func (s *Store) Whole(ctx context.Context) (w snapshot.Whole, err error) {
	err = s.look(ctx, "read", func(c conn) error {
		if w.Newest, err = latest(ctx, c); err != nil {
			return err
		}
		if w.Sources, err = all(ctx, c, readSource, "SELECT "+sourceColumns+" FROM source ORDER BY book, id"); err != nil {
			return err
		}
		w.Parts, err = all(ctx, c, readPart, "SELECT "+partColumns+" FROM part ORDER BY book, month, id")
		return err
	})
	return w, err
}

// Erase replaces parts and files of refused rows in all snapshots and keeps
// the forgotten markers, whole or not at all.
func (s *Store) Erase(ctx context.Context, e snapshot.Erasure) error {
	return s.change(ctx, "erase from", func(c conn) error {
		if err := c.alone(ctx, "snapshot"); err != nil {
			return err
		}
		last, err := latest(ctx, c)
		if err != nil {
			return err
		}
		if last != e.Base {
			return snapshot.ErrStale
		}
		for _, p := range e.Parts {
			with := p.With
			err := some(snapshot.ErrStale)(c.exec(ctx, "UPDATE part SET path = ?, bytes = ?, sum = ?, digest = ?, rows = ?, first_day = ?, last_day = ? WHERE id = ? AND (rows = ? OR ? = 0)",
				with.Path, with.Bytes, with.Fingerprint.Sum[:], with.Digest[:], with.Rows, with.First, with.Last, p.Part, with.Rows, with.Rows))
			if err != nil {
				return err
			}
		}
		for _, r := range e.Refused {
			if err := some(snapshot.ErrStale)(c.exec(ctx, "UPDATE source SET refused_in = ? WHERE id = ?", r.RefusedIn, r.Source)); err != nil {
				return err
			}
		}
		return c.remember(ctx, e.Forgotten)
	})
}

// remember keeps markers; one that is kept already stays as it is.
func (c conn) remember(ctx context.Context, list []engine.Forgotten) error {
	for _, f := range list {
		err := c.run(ctx, "INSERT INTO forgotten (subject, kind, hash, tombstone, words) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, hash) DO NOTHING",
			f.Subject, f.Kind, f.Hash[:], f.Tombstone, f.Words)
		if err != nil {
			return err
		}
	}
	return nil
}

// Forgotten lists the markers of everybody erased so far.
func (s *Store) Forgotten(ctx context.Context) ([]engine.Forgotten, error) {
	out, err := all(ctx, s.ask(ctx), func(scan scanner) (f engine.Forgotten, err error) {
		var hash []byte
		err = scan(&f.Subject, &f.Kind, &hash, &f.Tombstone, &f.Words)
		copy(f.Hash[:], hash)
		return f, err
	}, "SELECT subject, kind, hash, tombstone, words FROM forgotten ORDER BY id")
	return out, s.plain(ctx, "read who is forgotten in", err)
}
