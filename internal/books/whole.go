package books

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/throughline/throughline/internal/snapshot"
)

// whole reads the parts that a statement will be computed from and refuses
// those that are gone or not what was written: a disk that forgot a bit, or a
// hand that exchanged two files, must not end in a seal.
func (h *Held) whole(ctx context.Context) error {
	var parts []snapshot.Part
	for _, book := range h.Config.Mapped() {
		parts = append(parts, h.Snapshot.Effective(book)...)
	}
	parts = append(parts, h.Snapshot.With("orders", snapshot.First)...)
	parts = append(parts, keyParts(h.Snapshot)...)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for _, p := range parts {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return h.check(p)
		})
	}
	return group.Wait()
}

// check compares one part with its digest; parts of an early release have none.
func (h *Held) check(p snapshot.Part) error {
	path := filepath.Join(h.Dir, p.Path)
	refuse := func(what string) error {
		return &Refusal{Where: path, What: "a stored part of " + p.Book + " " + what, Do: "restore the data folder from a backup, or import the sources again into an empty one"}
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return refuse("is missing")
	}
	if err != nil {
		return refuse("cannot be read: no permission")
	}
	defer f.Close()
	if p.Digest == [32]byte{} {
		return nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return refuse("cannot be read to its end")
	}
	if [32]byte(sum.Sum(nil)) != p.Digest {
		return refuse("is not what was written: a disk or a hand has changed it")
	}
	return nil
}
