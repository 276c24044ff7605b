package program

import (
	"context"
	"time"
)

// Erasure is the receipt of one erasure. It does not say who it was.
type Erasure struct {
	ID        int64
	At        time.Time
	By        string
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
