// Package backup owns the file that a company's whole state is kept in and brought back from: the program store as one
// moment's stream, the parts of the books, the settings, the uploaded files and the server's key. It is taken while the
// server works. It decides neither when a backup is taken nor where it is kept, and it holds nothing that can be made
// again (what is derived of the parts).
//
// The file is a tar archive whose first member, backup.json, says what it is and whose last, sums.json, holds size and
// SHA-256 of all others, so that one that was cut short is known. It holds personal data and the server's key: keep it as
// you keep the data folder itself.
//
// The invariant: a backup that Take has acknowledged has been loaded once into an empty store, and a restore either
// leaves the whole state of the backup's moment or an empty folder.
package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

// Format is the version of the file's layout.
const Format = 1

// Head says what a backup is.
type Head struct {
	Format   int       `json:"format"`
	Company  string    `json:"company"`
	At       time.Time `json:"at"`
	Snapshot int64     `json:"snapshot"` // the newest; 0: nothing had been imported
}

// Sum is one member's size and digest.
type Sum struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Receipt says what a backup holds.
type Receipt struct {
	Head  Head
	Files int
	Bytes int64
}

// Store is what a backup is taken of and restored into.
type Store interface {
	program.Portable
	snapshot.Manifest
	Close() error
}

// Place is where one company's state lies.
type Place struct {
	Dir     string // the data folder
	Config  string // books.yaml
	Uploads string // the folder of uploaded files; it may not be there
	// Scratch opens an empty store in a folder, to try what was dumped.
	Scratch func(ctx context.Context, dir string) (Store, error)
}

// The members of the archive.
const (
	headName    = "backup.json"
	sumsName    = "sums.json"
	storeName   = "store.ndjson.gz"
	configName  = "books.yaml"
	keyName     = "server.key"
	partsName   = "parts"
	uploadsName = "files"
)

// Refusal is a backup that cannot be used, with what to do.
type Refusal struct{ What, Do string }

func (r *Refusal) Error() string {
	if r.Do == "" {
		return r.What
	}
	return r.What + "\n  → " + r.Do
}

var errCut = &Refusal{What: "this backup is cut short or was changed: its sums do not fit", Do: "take another one; this one would not bring everything back"}

func unreadable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &Refusal{What: fmt.Sprintf("this is no whole backup of Throughline: %v", err), Do: "name a file that `throughline backup` has written"}
}
