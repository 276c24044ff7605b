package program

import (
	"context"
	"errors"
	"io"
)

// ErrNotEmpty is returned when a store to load into holds something.
var ErrNotEmpty = errors.New("the store holds something already; load into an empty one")

// Portable is a whole store as a stream, and what is needed to move, to
// restore and to forget.
type Portable interface {
	// Dump writes every row as of one moment as lines of JSON, while others go
	// on reading and writing.
	Dump(ctx context.Context, w io.Writer) error
	// Load reads what Dump of either kind of store wrote, whole or not at all.
	// It returns ErrNotEmpty unless the store is empty.
	Load(ctx context.Context, r io.Reader) error
	// Compact rewrites the store's files, so that no byte of what was deleted
	// or replaced is left in them.
	Compact(ctx context.Context) error
	// Mentions lists every row with a text that holds the words, whatever
	// their case.
	Mentions(ctx context.Context, words string) ([]Mention, error)
}

// Mention is a row of the store with the words in one of its texts.
type Mention struct {
	Table, Column string
	Row           string // its key
	Text          string
}
