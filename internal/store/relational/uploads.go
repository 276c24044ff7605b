package relational

import (
	"context"

	"github.com/throughline/throughline/internal/program"
)

const uploadColumns = "id, name, size, received, digest, who, at, changed, state"

func readUpload(scan scanner) (u program.Upload, err error) {
	var at, changed string
	if err := scan(&u.ID, &u.Name, &u.Size, &u.Received, &u.Digest, &u.By, &at, &changed, &u.State); err != nil {
		return u, err
	}
	return u, moments([]string{at, changed}, &u.At, &u.Changed)
}

// BeginUpload keeps a new upload with nothing received.
func (s *Store) BeginUpload(ctx context.Context, u program.Upload) (program.Upload, error) {
	u.Received, u.Digest, u.State, u.Changed = 0, "", program.Receiving, u.At
	err := s.change(ctx, "begin an upload in", func(c conn) (err error) {
		u.ID, err = c.insert(ctx, "INSERT INTO upload (name, size, received, digest, who, at, changed, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			u.Name, u.Size, u.Received, u.Digest, u.By, stamped(u.At), stamped(u.Changed), u.State)
		return err
	})
	return u, err
}

// Upload is one upload, or program.ErrNone.
func (s *Store) Upload(ctx context.Context, id int64) (program.Upload, error) {
	u, found, err := first(ctx, s.ask(ctx), readUpload, "SELECT "+uploadColumns+" FROM upload WHERE id = ?", id)
	if err == nil && !found {
		return u, program.ErrNone
	}
	return u, s.plain(ctx, "read an upload in", err)
}

// Uploads lists those in one of the states, or all, newest first.
func (s *Store) Uploads(ctx context.Context, states ...program.UploadState) ([]program.Upload, error) {
	where, args := "", []any{}
	for _, state := range states {
		args = append(args, state)
	}
	if len(args) > 0 {
		where = " WHERE state IN (" + marks(len(args)) + ")"
	}
	out, err := all(ctx, s.ask(ctx), readUpload, "SELECT "+uploadColumns+" FROM upload"+where+" ORDER BY id DESC", args...)
	return out, s.plain(ctx, "read uploads in", err)
}

// MoveUpload moves an upload on from where it was.
func (s *Store) MoveUpload(ctx context.Context, from, u program.Upload) error {
	return s.change(ctx, "move an upload on in", func(c conn) error {
		n, err := c.exec(ctx, "UPDATE upload SET received = ?, digest = ?, state = ?, changed = ? WHERE id = ? AND state = ? AND received = ?",
			u.Received, u.Digest, u.State, stamped(u.Changed), from.ID, from.State, from.Received)
		if err == nil && n == 0 {
			return program.ErrMoved
		}
		return err
	})
}
