// Package program owns the words for what the program itself keeps: the
// history of every change, settings documents, the things of the program that
// people edit one by one, uploads, schedules and their runs, receipts of
// erasures, the outcomes of submitted forms, and the whole as a stream. It stores nothing; a store keeps the rows. Who people are and
// what they may do is not here but in internal/access, and the bytes of an
// upload lie in a file elsewhere.
//
// The invariant: whatever can be edited has a version that grows by one with
// every change, and each change stands in the history, written in the same
// transaction.
package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrNone is returned when what was asked for by its id is not there.
var ErrNone = errors.New("there is none with this number")

// Entity is something that is edited: a document, a schedule, a user, an item.
type Entity struct {
	Kind string
	ID   int64
}

// The kinds of entities that this package knows. Those of items are named by
// the domains that own them.
const (
	KindDocument = "document"
	KindSchedule = "schedule"
	KindUser     = "user"
)

// Change is one entry of the history.
type Change struct {
	ID      int64
	Entity  Entity
	Version int64 // that the change made
	At      time.Time
	By      int64           // a user; 0: the command line or a schedule
	Before  json.RawMessage // nil: it was made
	After   json.RawMessage // nil: it was removed
}

// Stale is returned when an edit began from a version that is no longer the
// newest. Nothing was changed.
type Stale struct {
	Entity    Entity
	Key       string   // of an item; else empty
	Read, Has int64    // versions: the edit's, and the newest
	Meanwhile []Change // from the one after Read, oldest first
}

func (s *Stale) Error() string {
	what := s.Entity.Kind
	if s.Key != "" {
		what += fmt.Sprintf(" (%s)", s.Key)
	}
	return fmt.Sprintf("this %s was changed meanwhile (you began with version %d, it is now version %d); look at what changed and save again", what, s.Read, s.Has)
}

// History is the record of every change. It is written by whatever saves an
// entity, in the same transaction.
type History interface {
	// Changes lists an entity's changes with versions above after, oldest first.
	Changes(ctx context.Context, e Entity, after int64) ([]Change, error)
	// Recent lists the newest changes of everything with ids below before,
	// newest first; before 0 means from the newest.
	Recent(ctx context.Context, before int64, limit int) ([]Change, error)
}
