package office

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// removedName is the document that says from which sources erasures took a
// file. It knows them by their numbers, because the name of a file may tell who
// was in it.
const removedName = "files removed by erasures"

// Removed is returned for a book that cannot be read anew, because an erasure
// removed its files. Our copy of it stands.
type Removed struct{ Files []string }

func (r *Removed) Error() string {
	return strings.Join(r.Files, ", ") + " was removed by an erasure, because it held the person who was erased"
}

// removals are the sources from which erasures took a file.
func (o *Office) removals(ctx context.Context) (map[int64]books.Removal, error) {
	if o.Documents == nil {
		return nil, nil
	}
	d, err := o.Documents.Document(ctx, removedName)
	if err != nil {
		return nil, err
	}
	return removalsOf(d)
}

func removalsOf(d program.Document) (map[int64]books.Removal, error) {
	out := map[int64]books.Removal{}
	if d.Text == "" {
		return out, nil
	}
	if err := strict([]byte(d.Text), &out); err != nil {
		return nil, fmt.Errorf("read what erasures removed: %w", err)
	}
	return out, nil
}

// keepRemovals notes which sources lose their file with the person.
func (o *Office) keepRemovals(ctx context.Context, c *books.Config, sources []string, by int64) error {
	if o.Documents == nil {
		return nil
	}
	var uploads []string
	for _, path := range sources {
		if o.isUpload(path) && exists(o.uploaded(path)) { // one that is gone already was not removed by this
			uploads = append(uploads, path)
		}
	}
	if len(uploads) == 0 {
		return nil
	}
	s, err := o.Store.Latest(ctx)
	if err != nil {
		return err
	}
	more, err := c.Removals(s, uploads)
	if err != nil {
		return err
	}
	d, err := o.Documents.Document(ctx, removedName)
	if err != nil {
		return err
	}
	known, err := removalsOf(d)
	if err != nil {
		return err
	}
	for id, r := range more {
		had := known[id] // it may have lost another file before
		if r.File = r.File || had.File; r.Mapping == "" {
			r.Mapping, r.TimeZone = had.Mapping, had.TimeZone
		}
		known[id] = r
	}
	text, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("note what an erasure removes: %w", err)
	}
	_, err = o.Documents.SaveDocument(ctx, program.Document{Name: removedName, Version: d.Version, Text: string(text), At: o.Now().UTC(), By: by})
	return err
}

// removed lists the files for want of which a book cannot be read anew, because
// erasures removed them.
func (o *Office) removed(ctx context.Context, c *books.Config, book string) ([]string, error) {
	known, err := o.removals(ctx)
	if err != nil || len(known) == 0 {
		return nil, err
	}
	s, err := o.Store.Latest(ctx)
	if err != nil {
		return nil, err
	}
	return c.Removed(book, s, known)
}
