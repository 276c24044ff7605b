package office

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// draftName is the document in which a coming books.yaml is worked on.
const draftName = "books.yaml draft"

// Draft is a books.yaml that is being worked on. Nothing is imported by it
// before it is published.
type Draft struct {
	Version int64
	At      time.Time
	By      int64
	Text    []byte
	Config  *books.Config
	Notes   map[string]string // by the name of a file: what a look at it said
	// Changed is what it says otherwise than books.yaml.
	Changed []books.Clash
	// Clashes is what it and books.yaml have been made to say differently
	// meanwhile. While there are any it cannot be published.
	Clashes []books.Clash
	base    []byte // the books.yaml that it began from
}

// draftText is how a draft is kept.
type draftText struct {
	Base  string            `json:"base"`
	Text  string            `json:"text"`
	Notes map[string]string `json:"notes,omitempty"`
}

// Clashing is an edit that others have made impossible meanwhile: what it
// wants, and what is there now.
type Clashing struct{ Clashes []books.Clash }

func (c *Clashing) Error() string {
	return fmt.Sprintf("%s was changed meanwhile; nothing was saved", counted(len(c.Clashes), "setting"))
}

// Draft reads the draft. What was changed in books.yaml since it began is
// brought into it.
func (o *Office) Draft(ctx context.Context) (Draft, error) {
	o.intake.settings.Lock()
	defer o.intake.settings.Unlock()
	return o.draft(ctx)
}

func (o *Office) draft(ctx context.Context) (Draft, error) {
	if _, err := o.finish(ctx); err != nil {
		return Draft{}, err
	}
	kept, err := o.Documents.Document(ctx, draftName)
	if err != nil {
		return Draft{}, err
	}
	current, err := os.ReadFile(o.Config)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return Draft{}, fmt.Errorf("read settings: %w", err)
	}
	d, err := o.opened(kept)
	if err != nil {
		return d, err
	}
	if err := d.follow(o.Config, o.note(), current); err != nil {
		return d, err
	}
	if d.Config, err = books.ParseDraft(o.Config, d.Text); err != nil {
		return d, err
	}
	d.Changed, err = books.Changed(o.Config, current, d.Text)
	return d, err
}

// opened reads a kept draft.
func (o *Office) opened(kept program.Document) (Draft, error) {
	d := Draft{Version: kept.Version, At: kept.At, By: kept.By, Notes: map[string]string{}}
	if kept.Text == "" {
		return d, nil
	}
	var t draftText
	if err := json.Unmarshal([]byte(kept.Text), &t); err != nil {
		return d, fmt.Errorf("read the draft of the settings: %w", err)
	}
	d.Text, d.base = []byte(t.Text), []byte(t.Base)
	maps.Copy(d.Notes, t.Notes)
	return d, nil
}

// follow brings in what was changed in books.yaml since the draft began.
func (d *Draft) follow(path, note string, current []byte) error {
	switch {
	case bytes.Equal(d.base, current), bytes.Equal(d.Text, current):
	case bytes.Equal(d.Text, d.base):
		d.Text = current
	default:
		merged, clashes, err := books.Merge(path, note, d.base, d.Text, current)
		if err != nil {
			return err
		}
		if d.Clashes = clashes; len(clashes) > 0 {
			return nil
		}
		d.Text = merged
	}
	d.base = current
	return nil
}

// newDraft begins a books.yaml of nothing.
const newDraft = "# Written by the pages of Throughline, and yours to edit: docs/books.md lists every key.\n"

// edit is a change of a draft's text and of its notes.
type edit struct {
	text  func(Draft) ([]byte, error)
	notes map[string]string // by file; empty: the note goes
}

// change saves an edit that somebody made looking at a version of the draft.
// What others changed meanwhile stays; where both changed the same it is
// refused as *Clashing.
func (o *Office) change(ctx context.Context, version, by int64, e edit) (Draft, error) {
	o.intake.settings.Lock()
	defer o.intake.settings.Unlock()
	now, err := o.draft(ctx)
	if err != nil {
		return now, err
	}
	if len(now.Text) == 0 {
		now.Text = []byte(newDraft)
	}
	looked := now
	if version != now.Version {
		if looked, err = o.draftAt(ctx, version, now); err != nil {
			return now, err
		}
	}
	text, err := e.text(looked)
	if err != nil {
		return now, err
	}
	if version != now.Version {
		var clashes []books.Clash
		if text, clashes, err = books.Merge(o.Config, o.note(), looked.Text, text, now.Text); err != nil {
			return now, err
		}
		if len(clashes) > 0 {
			return now, &Clashing{clashes}
		}
	}
	now.Text = text
	maps.Copy(now.Notes, e.notes)
	maps.DeleteFunc(now.Notes, func(_, note string) bool { return note == "" })
	return o.saveDraft(ctx, by, now)
}

// draftAt is the draft as somebody looked at it.
func (o *Office) draftAt(ctx context.Context, version int64, now Draft) (Draft, error) {
	if version == 0 { // books.yaml itself, before anybody had begun a draft
		d := now
		d.Text = now.base
		d.Version = 0
		var err error
		d.Config, err = books.ParseDraft(o.Config, d.Text)
		return d, err
	}
	kept, err := o.Documents.DocumentAt(ctx, draftName, version)
	if err != nil {
		return Draft{}, err
	}
	d, err := o.opened(kept)
	if err != nil {
		return d, err
	}
	if err := d.follow(o.Config, o.note(), now.base); err != nil {
		return d, err
	}
	d.Config, err = books.ParseDraft(o.Config, d.Text)
	return d, err
}

func (o *Office) saveDraft(ctx context.Context, by int64, d Draft) (Draft, error) {
	text, err := json.Marshal(draftText{Base: string(d.base), Text: string(d.Text), Notes: d.Notes})
	if err != nil {
		return d, fmt.Errorf("keep the draft of the settings: %w", err)
	}
	kept, err := o.Documents.SaveDocument(ctx, program.Document{Name: draftName, Version: d.Version, Text: string(text), At: o.Now().UTC(), By: by})
	if err != nil {
		return d, err
	}
	d.Version, d.At, d.By = kept.Version, kept.At, kept.By
	if d.Config, err = books.ParseDraft(o.Config, d.Text); err != nil {
		return d, err
	}
	d.Changed, err = books.Changed(o.Config, d.base, d.Text)
	return d, err
}

// edited is an edit of what the draft says, key by key.
func (o *Office) edited(ctx context.Context, version, by int64, do func(*books.Config) error) (Draft, error) {
	return o.change(ctx, version, by, edit{text: func(d Draft) ([]byte, error) { return books.Edit(o.Config, d.Text, o.note(), do) }})
}

// Publish makes the draft the company's books.yaml. It returns *program.Stale
// when somebody has changed the draft since the version that was looked at,
// and *Clashing when somebody has changed books.yaml to say something else.
func (o *Office) Publish(ctx context.Context, version, by int64) error {
	o.intake.settings.Lock()
	defer o.intake.settings.Unlock()
	d, err := o.draft(ctx)
	if err != nil {
		return err
	}
	if d.Version != version {
		return &program.Stale{Entity: program.Entity{Kind: program.KindDocument}, Read: version, Has: d.Version}
	}
	if len(d.Clashes) > 0 {
		return &Clashing{d.Clashes}
	}
	now, err := o.settled(ctx)
	if err != nil && !errors.Is(err, ErrNoCompany) {
		return err
	}
	if err := o.keep(ctx, now.Version, by, d.Text); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if d.base = d.Text; len(d.Changed) > 0 || version == 0 {
		if d, err = o.saveDraft(ctx, by, d); err != nil {
			return err
		}
	}
	return o.take(ctx, d.Config)
}

// Abandon gives the draft up for books.yaml as it is.
func (o *Office) Abandon(ctx context.Context, version, by int64) (Draft, error) {
	o.intake.settings.Lock()
	defer o.intake.settings.Unlock()
	d, err := o.draft(ctx)
	if err != nil {
		return d, err
	}
	if d.Version != version {
		return d, &program.Stale{Entity: program.Entity{Kind: program.KindDocument}, Read: version, Has: d.Version}
	}
	current, err := os.ReadFile(o.Config)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return d, fmt.Errorf("read settings: %w", err)
	}
	d.Text, d.base, d.Clashes = current, current, nil
	return o.saveDraft(ctx, by, d)
}

// take notes which files have become sources of books.
func (o *Office) take(ctx context.Context, c *books.Config) error {
	var sources []string
	for _, name := range c.Mapped() {
		from, joined, err := c.Files(name)
		if err != nil {
			return err
		}
		for _, path := range append(from, joined...) {
			sources = append(sources, filepath.Clean(path))
		}
	}
	all, err := o.Uploads.Uploads(ctx, program.Complete)
	if err != nil {
		return err
	}
	for _, u := range all {
		for _, place := range o.places(u) {
			if !slices.Contains(sources, filepath.Clean(place)) || !exists(place) {
				continue
			}
			taken := u
			taken.State, taken.Changed = program.Taken, o.Now().UTC()
			if err := o.Uploads.MoveUpload(ctx, u, taken); err != nil && !errors.Is(err, program.ErrMoved) {
				return err
			}
			break
		}
	}
	return nil
}
