package office

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

// Forgetful is the store, for taking people out.
type Forgetful interface {
	snapshot.Eraser
	program.Erasures
	program.Forgetting
	program.Portable
	access.Together
}

// Exporter writes all about somebody.
type Exporter interface {
	Export(ctx context.Context, v engine.View, who engine.Marked, to io.Writer) (map[string]int64, error)
}

// Memory is what an office needs to take people out, and to keep them out of
// later imports.
type Memory struct {
	People Forgetful
	Secret func() ([]byte, error) // under which forgotten markers are hashed
	Chance io.Reader              // for tombstones
	// Users lists the accounts, of which a person may have one.
	Users func(ctx context.Context) ([]access.User, error)
	// ForgetJobs takes words out of what was asked and reported.
	ForgetJobs func(ctx context.Context, words ...string) (int, error)
	// ForgetDerived removes what was derived of parts; it is made again.
	ForgetDerived func(ctx context.Context) error
}

// ErrNoMemory is returned where an office was opened without it.
var ErrNoMemory = errors.New("nobody can be erased here")

// Erased is a receipt with what a person should know beside it.
type Erased struct {
	program.Erasure
	Uploads  []string          // files of ours that held the person and were removed; our copy keeps their other rows
	Backups  []string          // backups of ours that hold the person still
	Mentions []program.Mention // settings and notes that somebody wrote the person into
	Left     []engine.Trace    // where a marker is found still, which is a defect
	Shared   int               // names and addresses that others have too, and keep
}

// Erase takes a customer, with all ids linked to theirs, or a person who works
// here out of the books, in every snapshot, out of uploaded files and out of the
// program store. Amounts and dates stay. What is sealed stays as it is, and its
// figures can still be computed.
func (o *Office) Erase(ctx context.Context, subject engine.Subject, id string, by int64, heard Heard) (out Erased, err error) {
	if o.People == nil {
		return out, ErrNoMemory
	}
	err = o.act(ctx, func(company Company, e Engine) error {
		x, err := o.eraser(e, heard)
		if err != nil {
			return err
		}
		who, err := x.Who(ctx, subject, id)
		if err != nil {
			return err
		}
		x.Keep = func(ctx context.Context, c snapshot.Erasure, r books.Erased) error {
			// Once it counts nobody can be found by this id any more, so that what
			// needs the person's words comes first and the rest is noted.
			if o.ForgetJobs != nil {
				if _, err := o.ForgetJobs(ctx, who.Provable()...); err != nil {
					return err
				}
			}
			if err := o.markErasing(ctx, r.Elsewhere); err != nil {
				return err
			}
			return o.holdingBackups(ctx, func() error {
				return o.People.Together(ctx, func(ctx context.Context) (err error) {
					if out.Erasure, err = o.receipt(ctx, c, r, by, id); err != nil {
						return err
					}
					return o.keepRemovals(ctx, company.Config, r.Elsewhere, by)
				})
			})
		}
		erased, err := x.Erase(ctx, subject, id)
		if err != nil {
			return err
		}
		out.Left, out.Shared = erased.Left, erased.Shared
		for _, path := range erased.Elsewhere {
			if o.isUpload(path) {
				out.Uploads = append(out.Uploads, path)
			}
		}
		return o.forget(ctx, who, &out)
	})
	return out, err
}

func (o *Office) eraser(e Engine, heard Heard) (*books.Eraser, error) {
	secret, err := o.Secret()
	return &books.Eraser{
		Manifest: o.People, Engine: e, Dir: o.Dir, Now: o.Now, Chance: o.Chance, Secret: secret, Progress: heard, Derived: o.ForgetDerived,
	}, err
}

// receipt makes an erasure count, with its receipt and the account that the
// person may have; it runs within one transaction.
func (o *Office) receipt(ctx context.Context, c snapshot.Erasure, r books.Erased, by int64, id string) (program.Erasure, error) {
	if err := o.People.Erase(ctx, c); err != nil {
		return program.Erasure{}, err
	}
	e := program.Erasure{At: o.Now().UTC().Truncate(time.Microsecond), By: by, Kind: string(r.Subject), Counts: r.Changed, Elsewhere: []string{}}
	if len(r.Tombstones) > 0 {
		e.Tombstone = r.Tombstones[0]
	}
	e.Counts["files"] = int64(r.Files)
	for _, path := range r.Elsewhere {
		if !o.isUpload(path) {
			e.Elsewhere = append(e.Elsewhere, path)
		}
	}
	backups, err := o.Backups()
	if err != nil {
		return e, err
	}
	e.Elsewhere = append(e.Elsewhere, backups...)
	if r.Subject == engine.APerson && o.Users != nil {
		users, err := o.Users(ctx)
		if err != nil {
			return e, err
		}
		for _, u := range users {
			if u.PersonID != id {
				continue
			}
			if _, err := o.People.ForgetUser(ctx, u.ID, by, e.At); err != nil {
				return e, err
			}
			e.Counts["accounts"]++
		}
	}
	return o.People.KeepErasure(ctx, e)
}

// forget takes the person out of what is not the books': uploads, jobs, what
// the last check quoted; and has the store's files written anew. It says where
// somebody has written the person by hand.
func (o *Office) forget(ctx context.Context, who engine.Marked, out *Erased) error {
	if err := o.removeUploads(out.Uploads); err != nil {
		return err
	}
	o.intake.tried.forget()
	if err := o.ForgetExamined(); err != nil {
		return err
	}
	if o.ForgetJobs != nil {
		if _, err := o.ForgetJobs(ctx, who.Provable()...); err != nil {
			return err
		}
	}
	if err := errors.Join(o.removeUnnamed(), o.People.Compact(ctx), o.unmarkErasing()); err != nil {
		return err
	}
	for _, words := range who.Provable() {
		found, err := o.People.Mentions(ctx, words)
		if err != nil {
			return err
		}
		out.Mentions = append(out.Mentions, found...)
	}
	var err error
	out.Backups, err = o.Backups()
	return err
}

// isUpload tells whether a source is a file that people gave us, which is ours
// to remove.
func (o *Office) isUpload(source string) bool {
	relative, err := filepath.Rel(o.FilesDir(), o.uploaded(source))
	return err == nil && filepath.IsLocal(relative)
}

// uploaded is where a source lies; sources are named from the settings' folder.
func (o *Office) uploaded(source string) string {
	if filepath.IsAbs(source) {
		return source
	}
	return filepath.Join(filepath.Dir(o.Config), source)
}

// Erasures lists all receipts, newest first.
func (o *Office) Erasures(ctx context.Context) ([]program.Erasure, error) {
	if o.People == nil {
		return nil, nil
	}
	return o.People.Erasures(ctx)
}

// Export writes every row of every book that is about somebody, as lines of
// JSON, from the books as they are now.
func (o *Office) Export(ctx context.Context, subject engine.Subject, id string, to io.Writer) (counts map[string]int64, err error) {
	if o.People == nil {
		return nil, ErrNoMemory
	}
	err = o.act(ctx, func(_ Company, e Engine) error {
		exporter, ok := e.(Exporter)
		if !ok {
			return errors.New("this engine exports nothing")
		}
		view, err := o.view(ctx)
		if err != nil {
			return err
		}
		who, err := e.Mark(ctx, view, subject, id)
		if err != nil {
			return err
		}
		counts, err = exporter.Export(ctx, view, who, to)
		return err
	})
	return counts, err
}

// remembered is whom an import must keep out.
func (o *Office) remembered(ctx context.Context) (engine.Memory, error) {
	if o.People == nil {
		return engine.Memory{}, nil
	}
	forgotten, err := o.People.Forgotten(ctx)
	if err != nil || len(forgotten) == 0 {
		return engine.Memory{}, err
	}
	secret, err := o.Secret()
	return engine.Memory{Secret: secret, Forgotten: forgotten}, err
}
