package office

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// settingsName is the document that keeps every version of books.yaml. The
// file is what counts; the document is its history.
const settingsName = "books.yaml"

// Settled is books.yaml as it stood at one version.
type Settled struct {
	Version int64
	At      time.Time
	By      int64 // a user; 0: somebody with a text editor, or the program
	Config  *books.Config
	Text    []byte
}

// SettingsEdit is one change of books.yaml: key by key what it said before
// (Yours) and after (Their).
type SettingsEdit struct {
	Version int64
	At      time.Time
	By      int64
	Changed []books.Clash
}

// Settings reads books.yaml. A version that somebody wrote with a text editor
// is noticed and becomes part of the history.
func (o *Office) Settings(ctx context.Context) (Settled, error) {
	o.intake.settings.Lock()
	defer o.intake.settings.Unlock()
	return o.settled(ctx)
}

func (o *Office) settled(ctx context.Context) (Settled, error) {
	kept, err := o.finish(ctx)
	if err != nil {
		return Settled{}, err
	}
	text, err := os.ReadFile(o.Config)
	if errors.Is(err, os.ErrNotExist) {
		return Settled{Version: kept.Version}, ErrNoCompany
	}
	if err != nil {
		return Settled{}, fmt.Errorf("read settings: %w", err)
	}
	config, err := books.ParseConfig(o.Config, text)
	if err != nil {
		return Settled{}, err
	}
	if kept.Text != string(text) {
		kept.Name, kept.Text, kept.At, kept.By = settingsName, string(text), o.Now().UTC(), 0
		if kept, err = o.Documents.SaveDocument(ctx, kept); err != nil {
			return Settled{}, err
		}
	}
	return Settled{Version: kept.Version, At: kept.At, By: kept.By, Config: config, Text: text}, nil
}

// next is the coming books.yaml, from when it is written until it takes the
// place of the present one.
func (o *Office) next() string {
	return filepath.Join(filepath.Dir(o.Config), ".books.yaml.next")
}

// finish ends a change that a crash cut off: one that the history has is
// carried out, one that it has not is forgotten.
func (o *Office) finish(ctx context.Context) (program.Document, error) {
	kept, err := o.Documents.Document(ctx, settingsName)
	if err != nil {
		return kept, err
	}
	text, err := os.ReadFile(o.next())
	switch {
	case errors.Is(err, os.ErrNotExist):
		return kept, nil
	case err != nil:
		return kept, fmt.Errorf("read settings: %w", err)
	case kept.Version > 0 && string(text) == kept.Text:
		return kept, o.replace()
	}
	if err := os.Remove(o.next()); err != nil {
		return kept, fmt.Errorf("write settings: %w", err)
	}
	return kept, nil
}

// replace puts the coming books.yaml in the place of the present one.
func (o *Office) replace() error {
	to := o.Config
	if target, err := filepath.EvalSymlinks(to); err == nil {
		to = target
	}
	if err := os.Rename(o.next(), to); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return syncFolder(filepath.Dir(to))
}

// keep makes text the next version of books.yaml: written, then in the
// history, then in its place. It returns *program.Stale when the version is
// not the newest.
func (o *Office) keep(ctx context.Context, version, by int64, text []byte) error {
	config, err := books.ParseConfig(o.Config, text)
	if err != nil {
		return err
	}
	now, err := o.settled(ctx)
	if err != nil && !errors.Is(err, ErrNoCompany) {
		return err
	}
	if now.Version != version {
		return &program.Stale{Entity: program.Entity{Kind: program.KindDocument}, Read: version, Has: now.Version}
	}
	if bytes.Equal(now.Text, text) {
		return nil
	}
	if err := writeDurably(o.next(), text); err != nil {
		return err
	}
	d := program.Document{Name: settingsName, Version: version, Text: string(text), At: o.Now().UTC(), By: by}
	if _, err := o.Documents.SaveDocument(context.WithoutCancel(ctx), d); err != nil {
		return errors.Join(err, os.Remove(o.next()))
	}
	if err := o.replace(); err != nil {
		return err
	}
	return o.Store.SetCompany(context.WithoutCancel(ctx), config.Company)
}

// ChangeSettings changes books.yaml as it was at a version, and leaves every
// line that says nothing else as it was written. It returns *program.Stale
// when the version is not the newest, and a refusal when the books could not
// be read by what it would say.
func (o *Office) ChangeSettings(ctx context.Context, version, by int64, change func(*books.Config) error) error {
	o.intake.settings.Lock()
	defer o.intake.settings.Unlock()
	now, err := o.settled(ctx)
	if err != nil {
		return err
	}
	if now.Version != version {
		return &program.Stale{Entity: program.Entity{Kind: program.KindDocument}, Read: version, Has: now.Version}
	}
	text, err := books.Edit(o.Config, now.Text, o.note(), func(c *books.Config) error {
		was := c.Settings.CalendarFile
		if err := change(c); err != nil || c.Settings.CalendarFile == "" || c.Settings.CalendarFile == was {
			return err
		}
		return o.nameable("settings: calendar_file", c.Settings.CalendarFile)
	})
	if err != nil {
		return err
	}
	return o.keep(ctx, version, by, text)
}

// note stands behind every line that a page wrote. It names nobody; the
// history knows.
func (o *Office) note() string {
	return "set in the page on " + calendar.DayIn(o.Now(), time.UTC).String()
}

// SettingsAt is books.yaml as it was, or program.ErrNone.
func (o *Office) SettingsAt(ctx context.Context, version int64) (Settled, error) {
	d, err := o.Documents.DocumentAt(ctx, settingsName, version)
	if err != nil {
		return Settled{}, err
	}
	return o.settledAt(d)
}

func (o *Office) settledAt(d program.Document) (Settled, error) {
	config, err := books.ParseDraft(o.Config, []byte(d.Text))
	return Settled{Version: d.Version, At: d.At, By: d.By, Config: config, Text: []byte(d.Text)}, err
}

// SettingsHistory lists the newest changes of books.yaml, newest first.
func (o *Office) SettingsHistory(ctx context.Context, limit int) ([]SettingsEdit, error) {
	d, err := o.Documents.Document(ctx, settingsName)
	if err != nil || d.Version == 0 {
		return nil, err
	}
	var out []SettingsEdit
	for version := d.Version; version > 0 && len(out) < limit; version-- {
		before := program.Document{}
		if version > 1 {
			if before, err = o.Documents.DocumentAt(ctx, settingsName, version-1); errors.Is(err, program.ErrNone) {
				return out, nil // of an older store
			} else if err != nil {
				return nil, err
			}
		}
		edit := SettingsEdit{Version: version, At: d.At, By: d.By}
		if edit.Changed, err = books.Changed(o.Config, []byte(before.Text), []byte(d.Text)); err != nil {
			edit.Changed = nil // a hand wrote what cannot be read; the version is told all the same
		}
		out = append(out, edit)
		d = before
	}
	return slices.Clip(out), nil
}

// writeDurably writes a file whole.
func writeDurably(path string, text []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), errors.Join(err, os.Remove(path)))
	}
	return nil
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) (err error) {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
