package snapshot

import (
	"context"

	"github.com/throughline/throughline/internal/engine"
)

// Replaced is a part from which somebody has been erased. It stays the part
// that it was, in every snapshot that it belongs to: its number, book, role,
// month and rows are the same; its path, size, digest and fingerprint are new.
// A part whose rows are no longer kept is replaced so, too, by one without rows.
type Replaced struct {
	Part int64
	With engine.Part
}

// ReplacedRefusals is a source whose refused rows named somebody.
type ReplacedRefusals struct {
	Source    int64
	RefusedIn string // the new file, relative to the data folder
}

// Erasure takes somebody, or months that are no longer kept, out of every
// snapshot at once. It is the one change that reaches back: what is gone must
// not stand in an old snapshot.
type Erasure struct {
	Base      int64 // the newest snapshot when the erasure was worked out
	Parts     []Replaced
	Refused   []ReplacedRefusals
	Forgotten []engine.Forgotten // kept, so that later imports do not bring the person back
}

// Whole is every part and source that any snapshot holds.
type Whole struct {
	Newest  int64
	Parts   []Part
	Sources []Source
}

// Eraser is the manifest, for erasures.
type Eraser interface {
	// Whole lists every part and source that any snapshot holds.
	Whole(ctx context.Context) (Whole, error)
	// Erase replaces parts and files of refused rows in all snapshots and keeps
	// the forgotten markers, whole or not at all. It returns ErrStale when a
	// snapshot was committed since the erasure's base.
	Erase(ctx context.Context, e Erasure) error
	// Forgotten lists the markers of everybody erased so far.
	Forgotten(ctx context.Context) ([]engine.Forgotten, error)
}
