package office

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// File is one file that people gave.
type File struct {
	Name  string
	Size  int64
	At    time.Time
	Books []string // of the draft; empty: none reads it
	Note  string   // what a look at it said
}

// Files lists the files that people gave, by name.
func (o *Office) Files(ctx context.Context) ([]File, error) {
	d, err := o.Draft(ctx)
	if err != nil {
		return nil, err
	}
	return o.files(d)
}

func (o *Office) files(d Draft) ([]File, error) {
	entries, err := os.ReadDir(o.FilesDir())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("look into the folder of files: %w", err)
	}
	readers, err := readers(d.Config)
	if err != nil {
		return nil, err
	}
	var out []File
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(o.FilesDir(), e.Name())
		out = append(out, File{Name: e.Name(), Size: info.Size(), At: info.ModTime(), Books: readers[filepath.Clean(path)], Note: d.Notes[e.Name()]})
	}
	return out, nil
}

// readers are the books that read each file.
func readers(c *books.Config) (map[string][]string, error) {
	out := map[string][]string{}
	for _, name := range c.Mapped() {
		from, joined, err := c.Files(name)
		if err != nil {
			return nil, err
		}
		for _, path := range append(from, joined...) {
			if path = filepath.Clean(path); !slices.Contains(out[path], name) {
				out[path] = append(out[path], name)
			}
		}
	}
	return out, nil
}

// ErrEngaged is returned where an act keeps the engine for longer than
// somebody at a page should wait.
var ErrEngaged = errors.New("the books are being imported or closed at this moment; look again when that has ended")

// patience is how long a page waits for an act to end.
const patience = 20 * time.Second

// look runs one look at files with an engine of its own. It changes nothing.
func (o *Office) look(ctx context.Context, zone string, do func(Engine) error) (err error) {
	waited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !o.acting.TryLock() {
		select {
		case <-waited.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return ErrEngaged
		case <-tick.C:
		}
	}
	defer o.acting.Unlock()
	e, err := o.Engine(ctx, zone)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return do(e)
}

// Looked is what a look at the files has proposed.
type Looked struct {
	Draft    Draft
	Books    []string // that were proposed or got more files
	Currency string   // that the files speak of, where it is not the company's
}

// Propose looks at the files that no book reads and proposes books for them.
func (o *Office) Propose(ctx context.Context, version, by int64) (Looked, error) {
	d, err := o.Draft(ctx)
	if err != nil {
		return Looked{}, err
	}
	files, err := o.files(d)
	if err != nil {
		return Looked{}, err
	}
	var only []string
	for _, f := range files {
		if len(f.Books) == 0 {
			only = append(only, filepath.Join(o.FilesDir(), f.Name))
		}
	}
	if len(only) == 0 {
		return Looked{Draft: d}, nil
	}
	return o.propose(ctx, version, by, proposing{only: only})
}

// Assign says which book a file is; empty: none. A file that has the columns
// which a mapped book uses is read with its other files, another one proposes
// a mapping of its own, which replaces the book's when that is wanted.
func (o *Office) Assign(ctx context.Context, version, by int64, a Assignment) (Looked, error) {
	if _, known := fact.Find(a.Book); !known && a.Book != "" {
		return Looked{}, &access.Refusal{Field: "book", What: "there is no such book", Do: "choose one of the list"}
	}
	path := filepath.Join(o.FilesDir(), a.File)
	if filepath.Base(a.File) != a.File || !exists(path) {
		return Looked{}, program.ErrNone
	}
	if a.Book == "" {
		d, err := o.change(ctx, version, by, edit{text: func(d Draft) ([]byte, error) {
			return books.Edit(o.Config, d.Text, o.note(), func(c *books.Config) error { return without(c, path, "") })
		}, notes: map[string]string{a.File: "in no book: so chosen"}})
		return Looked{Draft: d}, err
	}
	return o.propose(ctx, version, by, proposing{only: []string{path}, as: a.Book, replace: a.Replace})
}

// Assignment is a file with the book that a person says it is.
type Assignment struct {
	File    string
	Book    string // empty: none
	Replace bool   // its mapping takes the place of the one that the book has
}

// sheetsOf are the sheets that a proposed book names.
func sheetsOf(p *books.Proposal, book string) []string {
	for _, b := range p.Books {
		if b.Name == book {
			return b.Sheets
		}
	}
	return nil
}

// without takes a file out of every book that reads it, but for one, and for
// those that read other sheets of it than the ones that are named. Patterns
// that catch it are spelled out.
func without(c *books.Config, path, but string, sheets ...string) error {
	for _, name := range c.Mapped() {
		if name == but || len(sheets) > 0 && c.Books[name].Source.OtherSheets(sheets) {
			continue
		}
		from, _, err := c.Files(name)
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(from), func(p string) bool { return filepath.Clean(p) == filepath.Clean(path) })
		if len(kept) == len(from) {
			continue
		}
		m := c.Books[name]
		m.From = nil
		for _, p := range kept {
			m.From = append(m.From, c.Called(p))
		}
		if c.Books[name] = m; len(kept) == 0 {
			delete(c.Books, name)
		}
	}
	return nil
}

// proposing is what to propose for.
type proposing struct {
	only    []string
	as      string
	replace bool
}

func (o *Office) propose(ctx context.Context, version, by int64, p proposing) (out Looked, err error) {
	d, err := o.Draft(ctx)
	if err != nil {
		return out, err
	}
	var proposal *books.Proposal
	more := map[string][]string{} // files with the columns of a book that is mapped
	err = o.look(ctx, d.Config.Settings.TimeZone, func(e Engine) error {
		rest, err := o.fitting(ctx, d.Config, e, p, more)
		if err != nil || len(rest) == 0 {
			return err
		}
		proposal, err = (&books.Proposer{Dir: o.FilesDir(), To: o.Config, Engine: e, Only: rest, As: p.as}).Propose(ctx)
		var nothing *books.Refusal
		if errors.As(err, &nothing) && proposal != nil {
			err = nil // its files say why
		}
		return err
	})
	if err != nil {
		return out, err
	}
	if proposal == nil {
		proposal = &books.Proposal{}
	}
	notes := notesOf(proposal, d.Config)
	out.Draft, err = o.change(ctx, version, by, edit{notes: notes, text: func(d Draft) ([]byte, error) {
		var text []byte
		text, out.Books, err = o.proposed(d, proposal, more, p)
		return text, err
	}})
	if err == nil && proposal.Currency != out.Draft.Config.Settings.Currency {
		out.Currency = proposal.Currency
	}
	return out, err
}

// fitting parts the files that have all columns which a mapped book uses from
// the rest.
func (o *Office) fitting(ctx context.Context, c *books.Config, e Engine, p proposing, more map[string][]string) (rest []string, err error) {
	for _, path := range p.only {
		book := ""
		for _, name := range c.Mapped() {
			if p.replace || p.as != "" && p.as != name {
				continue
			}
			fits, err := c.Fits(ctx, e, name, path)
			if err != nil {
				return nil, err
			}
			if fits {
				book = name
				break
			}
		}
		if book == "" {
			rest = append(rest, path)
		} else {
			more[book] = append(more[book], path)
		}
	}
	return rest, nil
}

// proposed brings a proposal into the draft.
func (o *Office) proposed(d Draft, proposal *books.Proposal, more map[string][]string, p proposing) (text []byte, changed []string, err error) {
	text = d.Text
	if p.as != "" { // it is this book's, so it is no other's
		for _, path := range p.only {
			if text, err = books.Edit(o.Config, text, o.note(), func(c *books.Config) error { return without(c, path, p.as, sheetsOf(proposal, p.as)...) }); err != nil {
				return nil, nil, err
			}
		}
	}
	for _, b := range proposal.Books {
		_, mapped := d.Config.Books[b.Name]
		if mapped && p.as == "" {
			continue // its note says so
		}
		if mapped && !p.replace {
			return nil, nil, &books.Refusal{Where: strings.Join(b.Files, ", "), What: "has other columns than the files of " + b.Name + ", and a book has one mapping", Do: "give the files the same columns, or replace the book's mapping by one for this file"}
		}
		if text, err = books.AddBook(o.Config, text, b); err != nil {
			return nil, nil, err
		}
		changed = append(changed, b.Name)
	}
	if len(more) > 0 {
		text, err = books.Edit(o.Config, text, o.note(), func(c *books.Config) error {
			for name, paths := range more {
				m := c.Books[name]
				for _, path := range paths {
					if called := c.Called(path); !slices.Contains(m.From, called) {
						m.From = append(slices.Clone(m.From), called)
					}
				}
				c.Books[name] = m
			}
			return nil
		})
		changed = append(changed, slices.Collect(maps.Keys(more))...)
	}
	slices.Sort(changed)
	return text, changed, err
}

// notesOf are what a look said of each file.
func notesOf(p *books.Proposal, c *books.Config) map[string]string {
	notes := map[string]string{}
	for _, l := range p.Files {
		note := l.Note
		if _, mapped := c.Books[l.Book]; l.Book != "" && mapped {
			note = "looks like " + l.Book + ", but has other columns than the files of that book"
		} else if l.Book != "" && len(l.Sheets) > 0 {
			note = l.Book // its checks stand on the book's page
		}
		if len(l.Sheets) > 0 && note != "" {
			note = "sheet " + strings.Join(l.Sheets, ", ") + ": " + note
		}
		for _, f := range l.Files {
			if before := notes[f]; before != "" && note != "" {
				note = before + "; " + note
			} else if note == "" {
				note = before
			}
			notes[f] = note
		}
	}
	return notes
}

// Map replaces what a book's mapping says; it must be one of the draft.
func (o *Office) Map(ctx context.Context, version, by int64, book string, m books.Mapping) (Draft, error) {
	return o.edited(ctx, version, by, func(c *books.Config) error {
		if _, ok := c.Books[book]; !ok {
			return program.ErrNone
		}
		c.Books[book] = m
		return nil
	})
}

// Unmap takes a book out of the draft. Its files stay.
func (o *Office) Unmap(ctx context.Context, version, by int64, book string) (Draft, error) {
	return o.edited(ctx, version, by, func(c *books.Config) error { delete(c.Books, book); return nil })
}

// Decide says what rows of identical content in different files of a book are:
// "once" for the same rows, "keep" for rows each of its own.
func (o *Office) Decide(ctx context.Context, version, by int64, book, decision string) (Draft, error) {
	return o.edited(ctx, version, by, func(c *books.Config) error {
		m, ok := c.Books[book]
		if !ok {
			return program.ErrNone
		}
		m.Overlaps = decision
		c.Books[book] = m
		return nil
	})
}
