package program

import (
	"context"
	"time"
)

// Erasure is the receipt of one erasure. It does not say who it was.
type Erasure struct {
	ID        int64
	At        time.Time
	By        int64            // as in Change
	Kind      string           // "customer" or "person"
	Tombstone string           // random; stands where the identity stood
	Counts    map[string]int64 // what was changed: rows by book, files, texts
	Elsewhere []string         // sources that hold the person still and are not ours to change
}

// Erasures keeps receipts; they are final.
type Erasures interface {
	// KeepErasure keeps a receipt for good.
	KeepErasure(ctx context.Context, e Erasure) (Erasure, error)
	// Erasures lists all receipts, newest first.
	Erasures(ctx context.Context) ([]Erasure, error)
}

// Forgetting takes out of the store who a user was.
type Forgetting interface {
	// ForgetUser empties the user's address, name and person id in the row and
	// in its whole history, disables the account, and takes away everything by
	// which it could be signed in to or recognised. The number stays, so that
	// the audit log and the history keep their meaning. It counts what was
	// changed, by table; Compact must follow before the bytes are gone.
	ForgetUser(ctx context.Context, id, by int64, at time.Time) (map[string]int64, error)
}
