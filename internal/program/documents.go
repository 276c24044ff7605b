package program

import (
	"context"
	"time"
)

// Document is a named text that people edit: "books.yaml", "notifications",
// "retention".
type Document struct {
	ID      int64
	Name    string
	Version int64 // 0: nobody has written it yet
	Text    string
	At      time.Time // of this version
	By      int64     // as in Change
}

// Documents keeps settings documents with their history.
type Documents interface {
	// Document is the newest version of a text; a name that nobody has written
	// has version 0 and no text.
	Document(ctx context.Context, name string) (Document, error)
	// Documents lists the newest version of each, by name.
	Documents(ctx context.Context) ([]Document, error)
	// SaveDocument keeps d.Text as the version after d.Version, by d.By at
	// d.At. It returns *Stale when d.Version is not the newest. A text that is
	// the same as before makes no version.
	SaveDocument(ctx context.Context, d Document) (Document, error)
	// DocumentAt is an older version of a text, or ErrNone.
	DocumentAt(ctx context.Context, name string, version int64) (Document, error)
}
