package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// formPart begins the names of what plain forms send.
const formPart = "form-"

// ReceiveUpload takes a whole file from a plain form, whose size nobody knows
// before its end.
func (o *Office) ReceiveUpload(ctx context.Context, by int64, given string, file io.Reader) (program.Upload, error) {
	name, err := FileName(given)
	if err != nil {
		return program.Upload{}, err
	}
	if err := o.RecoverUploads(ctx); err != nil {
		return program.Upload{}, err
	}
	if err := os.MkdirAll(o.incoming(), 0o700); err != nil {
		return program.Upload{}, o.notWritten(given, err)
	}
	f, err := os.CreateTemp(o.incoming(), formPart+"*.part")
	if err != nil {
		return program.Upload{}, o.notWritten(given, err)
	}
	size, digest, err := o.fill(f, file, given)
	if err != nil {
		return program.Upload{}, errors.Join(err, os.Remove(f.Name()))
	}
	after := context.WithoutCancel(ctx)
	o.intake.files.Lock()
	defer o.intake.files.Unlock()
	u := program.Upload{Name: name, Size: size, By: by, At: o.Now().UTC()}
	if has, err := o.same(after, u, digest); err != nil || has != "" {
		if has != "" {
			err = &Twice{Name: name, Has: has}
		}
		return u, errors.Join(err, os.Remove(f.Name()))
	}
	if u.Name, err = o.freeName(after, name); err == nil {
		u, err = o.Uploads.BeginUpload(after, u)
	}
	if err != nil {
		return u, errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), o.part(u)); err != nil {
		return u, errors.Join(o.notWritten(given, err), o.giveUp(after, u))
	}
	done := u
	done.Received, done.Digest, done.State = size, digest, program.Complete
	if err := errors.Join(syncFolder(o.incoming()), o.Uploads.MoveUpload(after, u, done)); err != nil {
		return u, err
	}
	return done, o.land(done)
}

// fill writes what comes and makes it durable.
func (o *Office) fill(f *os.File, file io.Reader, given string) (size int64, digest string, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	most := o.largest()
	if free, known := o.free(); known {
		most = min(most, max(free-reservedBytes, 0))
	}
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(file, most+1))
	if err != nil {
		return size, "", o.notWritten(given, err)
	}
	if size > most {
		return size, "", o.acceptable(given, max(size, most+1))
	}
	if err := o.acceptable(given, size); err != nil {
		return size, "", err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync()); err != nil {
		return size, "", o.notWritten(given, err)
	}
	return size, hex.EncodeToString(sum.Sum(nil)), nil
}

// DiscardUpload gives an unfinished upload up and deletes what has arrived.
func (o *Office) DiscardUpload(ctx context.Context, u program.Upload) error {
	if !o.claim(u.ID) {
		return ErrWriting
	}
	defer o.release(u.ID)
	return o.giveUp(ctx, u)
}

// giveUp notes first that an upload is given up and deletes its bytes then.
func (o *Office) giveUp(ctx context.Context, u program.Upload) error {
	to := u
	to.State, to.Changed = program.Discarded, o.Now().UTC()
	if err := o.Uploads.MoveUpload(context.WithoutCancel(ctx), u, to); err != nil {
		return err
	}
	if err := os.Remove(o.part(u)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return o.notWritten(u.Name, err)
	}
	return nil
}

// RecoverUploads ends what a crash cut off, gives up what nobody has gone on
// with for a week, and sweeps what no upload owns. It may be called at any
// time.
func (o *Office) RecoverUploads(ctx context.Context) error {
	o.intake.files.Lock()
	defer o.intake.files.Unlock()
	all, err := o.Uploads.Uploads(ctx, program.Receiving, program.Complete)
	if err != nil {
		return err
	}
	owned := map[string]bool{}
	for _, u := range all {
		owned[o.part(u)] = true
		if err := o.recover(ctx, u); err != nil {
			return err
		}
	}
	return o.sweepIncoming(owned)
}

// recover does what is left to be done for one upload. What is refused stays
// as it is and keeps nobody else waiting.
func (o *Office) recover(ctx context.Context, u program.Upload) (err error) {
	there, age := exists(o.part(u)), o.Now().Sub(u.Changed)
	switch {
	case o.intake.writing[u.ID]:
	case u.State == program.Complete && there:
		err = o.land(u)
	case u.State == program.Receiving && there && u.Received == u.Size:
		var digest string
		if digest, err = digestOf(o.part(u)); err == nil {
			_, err = o.settleUpload(ctx, u, digest, "")
		}
	case u.State == program.Receiving && (!there && age > beginPatience || age > uploadPatience):
		err = o.giveUp(ctx, u)
	}
	var refused *books.Refusal
	var twice *Twice
	if errors.As(err, &refused) || errors.As(err, &twice) {
		return nil
	}
	return err
}

// sweepIncoming deletes parts that no upload owns. Those of forms are owned by
// a request for as long as it may last.
func (o *Office) sweepIncoming(owned map[string]bool) error {
	entries, err := os.ReadDir(o.incoming())
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("sweep unfinished uploads: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(o.incoming(), e.Name())
		info, err := e.Info()
		if err != nil || owned[path] || strings.HasPrefix(e.Name(), formPart) && o.Now().Sub(info.ModTime()) < formPatience {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("sweep unfinished uploads: %w", err)
		}
	}
	return nil
}

// RemoveFile deletes a file that people gave, when no book reads it.
func (o *Office) RemoveFile(ctx context.Context, name string) error {
	files, err := o.Files(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Name != name {
			continue
		}
		if len(f.Books) > 0 {
			return &books.Refusal{Where: name, What: "is read for the book " + strings.Join(f.Books, " and "), Do: "take it out of the book first"}
		}
		return o.remove(ctx, name)
	}
	return program.ErrNone
}

func (o *Office) remove(ctx context.Context, name string) error {
	o.intake.files.Lock()
	defer o.intake.files.Unlock()
	all, err := o.Uploads.Uploads(ctx, program.Complete, program.Taken)
	if err != nil {
		return err
	}
	path := filepath.Join(o.FilesDir(), name)
	for _, u := range all {
		for _, place := range o.places(u) {
			if place != path {
				continue
			}
			to := u
			to.State, to.Changed = program.Discarded, o.Now().UTC()
			if err := o.Uploads.MoveUpload(ctx, u, to); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(path); err != nil {
		return o.notWritten(name, err)
	}
	return syncFolder(o.FilesDir())
}
